"""What is new to the receiver since they last read: one list, and marks at the parts."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover.models import HandoverVersion, SentPart, changes, last_read
from handover.views.chapters import reading_url
from partnerships.access import Section
from youths.models import Consent, LegalBasis


@dataclass(frozen=True)
class News:
    """One thing that came since: when, about what, and where to read it."""

    at: datetime
    title: str
    text: str
    url: str


def whats_new(user, youth, summary, parts, *, receives: bool) -> dict:
    """For the page: `read`, what this person read last and when, and `news`, the newest first.

    `parts` are those that stand and that the person sees, with their threads. Each gets `tag`,
    what is new about it in a word or two, and `since`, the version it has changed from. Only
    who receives is told by what they read; others see what the last version brought.
    """
    read = last_read(user, youth) if receives else None
    for one in parts:
        one.tag, one.since = "", None
        if read is None and one.first_version == summary.version > 1:
            one.tag = _("New in version %(number)s") % {"number": summary.version}
    if read is None:
        return {"read": None, "news": []}
    found = [
        *_sent(user, youth, summary, read, parts),
        *_shared(youth, read, parts),
        *_replies(youth, read, parts),
    ]
    return {"read": read, "news": sorted(found, key=lambda item: item.at, reverse=True)}


def _sent(user, youth, summary, read, parts):
    """Parts that are new or changed since the version that was read, and those taken away."""
    if summary.version == read.version:
        return
    on_page = {one.part_id: one for one in parts}
    sent_at = dict(
        HandoverVersion.objects.filter(profile__youth=youth).values_list("number", "sent_at")
    )
    copies = list(SentPart.objects.visible_to(user, youth))
    for change in changes(copies, read.version, summary.version):
        if change.kind == "gone":
            at, text = sent_at[change.before.last_version + 1], _("taken away by the school")
            url = reverse("handover:version", args=[youth.pk, read.version])
            yield News(at, change.part.title, text, f"{url}#part-{change.part.part_id}")
            continue
        one, number = on_page.get(change.part.part_id), change.after.first_version
        if one is None:  # sent while this page was made: it comes with the next look
            continue
        if change.kind == "new":
            one.tag, text = _("New"), _("new in version %(number)s")
        else:
            one.tag, one.since, text = (
                _("Changed"),
                read.version,
                _("changed in version %(number)s"),
            )
        yield News(sent_at[number], one.title, text % {"number": number}, reading_url(youth, one))


def _shared(youth, read, parts):
    """Sections whose parts were sent before, and that stand on the page only now."""
    opened = {}
    for one in parts:
        if one.first_version <= read.version and one.section not in read.sections:
            one.tag = one.tag or _("New to you")
            opened.setdefault(one.section, []).append(one)
    for section, those in opened.items():
        text = ngettext(
            "%(number)s part is not held back any more",
            "%(number)s parts are not held back any more",
            len(those),
        )
        title, url = Section(section).label, f"#section-{section}"
        at = _open_since(youth, section, read)
        yield News(at, title, text % {"number": len(those)}, url)


def _open_since(youth, section, read) -> datetime:
    """When the yes was given, or the legal basis named; that an agreement changed has no date."""
    of = {"youth": youth, "section": section, "organisation": youth.partnership.municipality_id}
    given = Consent.objects.in_force().filter(**of).values_list("given_at", flat=True)
    named = LegalBasis.objects.in_force().filter(**of).values_list("decided_at", flat=True)
    return max([*given, *named], default=read.at)


def _replies(youth, read, parts):
    for one in parts:
        for entry in one.thread:
            entry.is_new = bool(entry.replied_at and entry.replied_at > read.at)
            if entry.is_new:
                one.tag = one.tag or _("New reply")
                text = _("%(name)s has replied to the question") % {"name": entry.replied_by.name}
                yield News(entry.replied_at, one.title, text, reading_url(youth, one))
