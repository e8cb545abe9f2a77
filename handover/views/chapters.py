"""What stands on the pages of writing and of reading: chapters, and the answers to each part."""

from dataclasses import dataclass, field

from django.db.models import Prefetch, prefetch_related_objects
from django.urls import reverse

from handover.forms import ReplyForm
from handover.models import HEADINGS, Attachment, Heading, Part, PartAnswer
from partnerships.access import Section
from youths.models import HeldBack, OwnWords


@dataclass
class Group:
    """The parts under one heading of a chapter, and what its receiver missed there."""

    heading: Heading
    parts: list
    missed: list


@dataclass
class Chapter:
    """One section on a page: its parts, and how far it is, as a shape and in words."""

    section: str
    url: str
    parts: list = field(default_factory=list)
    shape: str = "open"
    state: str = ""
    held_back: HeldBack | None = None
    missed: dict = field(default_factory=dict)  # by heading: what the receiver has missed

    @property
    def title(self):
        return Section(self.section).label

    @property
    def groups(self) -> list[Group]:
        """The parts by heading, those without any included; each with its place."""
        found = []
        for heading in HEADINGS[self.section]:
            parts = [part for part in self.parts if part.heading == heading]
            for number, part in enumerate(parts, start=1):
                part.number, part.total = number, len(parts)
            found.append(Group(heading, parts, self.missed.get(heading, [])))
        return found


def with_files(parts):
    """Give each part the files beside it: those of the working text, or those that were sent."""
    rows = Attachment.objects.order_by("added_at", "pk")
    if parts and isinstance(parts[0], Part):
        rows = rows.standing()
    prefetch_related_objects(parts, Prefetch("attachments", rows, to_attr="files"))


def with_threads(parts, replies):
    """Give each part its answers, to all versions of it, and a form to those that wait."""
    with_files(parts)
    answers = PartAnswer.objects.filter(
        sent_part__part__in=[getattr(p, "part_id", p.pk) for p in parts]
    ).select_related("answered_by", "replied_by", "sent_part")
    waiting = set(answers.open_questions().values_list("pk", flat=True))
    threads = {}
    for one in answers:
        one.is_new = False
        one.form = replies.get(one.pk) or (
            ReplyForm(auto_id=f"id_{one.pk}_%s") if one.pk in waiting else None
        )
        threads.setdefault(one.sent_part.part_id, []).append(one)
    for one in parts:
        one.thread = threads.get(getattr(one, "part_id", one.pk), [])
        one.newest = one.thread[-1] if one.thread else None
        one.asked = any(entry.pk in waiting for entry in one.thread)
        one.said = any(entry.text for entry in one.thread)


def reading_url(youth, sent):
    """Where a part is read, and answered by those who answer."""
    url = reverse("handover:received", args=[youth.pk])
    return f"{url}?part={sent.pk}#part-{sent.pk}"


def in_order(sent_parts):
    return sorted(sent_parts, key=lambda p: Heading.values.index(p.heading))


def in_chapters(parts) -> list[Chapter]:
    """A chapter for each section that has a part, in the order of the parts."""
    found = {}
    for one in parts:
        found.setdefault(one.section, Chapter(one.section, "")).parts.append(one)
    return list(found.values())


def last_words(user, youth) -> OwnWords | None:
    """What the young person said last in own words, else of the direction, for who may read it."""
    rows = OwnWords.objects.visible_to(user).filter(youth=youth).exclude(kind=OwnWords.Kind.WISHES)
    newest = rows.order_by("kind", "-said_at", "-pk").distinct("kind")
    return max(newest, key=lambda one: one.kind == OwnWords.Kind.WORDS, default=None)
