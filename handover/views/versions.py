"""Every version of a handover as it was sent, and what each changed."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from handover.models import HandoverVersion, SentPart, changes, with_reactions
from handover.views.chapters import in_chapters, in_order, with_files
from partnerships.access import Section
from youths.access import is_own
from youths.models import AccessEvent, HeldBack, Youth


@require_safe
def versions(request, youth_id):
    """Each sending: when, by whom, and what was new, changed or taken away in it."""
    youth = Youth.objects.get_for(request.user, youth_id, "view_direction")
    sent = list(_sent(youth))
    copies = list(SentPart.objects.visible_to(request.user, youth)) if sent else []
    for one in sent:
        found = changes(copies, one.number - 1, one.number)
        one.changes = {
            kind: [change.part for change in found if change.kind == kind]
            for kind in ("new", "changed", "gone")
        }
    _note(request.user, youth, copies)
    return render(request, "handover/versions.html", _around(request, youth) | {"versions": sent})


@require_safe
def version(request, youth_id, number):
    """The parts that stood in one version, word for word; consent as it is today."""
    youth = Youth.objects.get_for(request.user, youth_id, "view_direction")
    this, last = _one(youth, number)
    standing = SentPart.objects.visible_to(request.user, youth).standing_in(number)
    parts = in_order(standing.select_related("written_by"))
    with_reactions(request.user, youth, parts)
    with_files(parts)
    chapters = in_chapters(parts)
    _note(request.user, youth, parts)
    return render(
        request,
        "handover/version.html",
        _around(request, youth)
        | {
            "version": this,
            "last": last,
            "chapters": chapters,
            "held_back": held_back_in(youth, number, chapters),
        },
    )


@require_safe
def changed(request, youth_id, number):
    """What is new, changed and taken away from an earlier version, the one before if not said."""
    youth = Youth.objects.get_for(request.user, youth_id, "view_direction")
    this, last = _one(youth, number)
    asked = request.GET.get("since", "")
    since = int(asked) if asked.isdecimal() and len(asked) < 6 else number - 1
    since = since if since < number else number - 1
    copies = list(SentPart.objects.visible_to(request.user, youth).select_related("written_by"))
    found = changes(copies, since, number)
    with_reactions(request.user, youth, [change.part for change in found])
    with_files([change.after for change in found if change.after])
    _note(request.user, youth, [change.part for change in found])
    return render(
        request,
        "handover/changed.html",
        _around(request, youth) | {"version": this, "last": last, "since": since, "changes": found},
    )


def _sent(youth):
    return HandoverVersion.objects.filter(profile__youth=youth).select_related("sent_by")


def _one(youth, number):
    """The version of that number, and the last one; not found where there is none."""
    sent = list(_sent(youth))
    this = next((one for one in sent if one.number == number), None)
    if this is None:
        raise Http404
    return this, sent[0]


def held_back_in(youth, number, chapters):
    """Of a version's sections that this person does not read: how many parts, and why."""
    found, shown = {}, {chapter.section for chapter in chapters}
    rows = SentPart.objects.filter(profile__youth=youth).standing_in(number).with_state()
    for section, why in rows.order_by().values_list("section", "held"):
        if why and section not in shown:
            found.setdefault((section, why), []).append(section)
    return [HeldBack(section, why, len(rows)) for (section, why), rows in found.items()]


def _note(user, youth, parts):
    sections = dict.fromkeys(one.section for one in in_order(parts))
    AccessEvent.record(user, [youth], [Section.IDENTITY, *sections])


def _around(request, youth):
    return {
        "youth": youth,
        "own": is_own(request.user, youth),
        "school": youth.partnership.school,
        "municipality": youth.partnership.municipality,
    }
