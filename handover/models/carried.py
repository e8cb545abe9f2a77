"""The few things that the young person carries on the first page, in an order of their own."""

from dataclasses import dataclass, field

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from handover.models.answers import SentPart
from handover.models.profiles import Part
from handover.models.texts import HandoverRefused, PartText
from partnerships.access import Section
from partnerships.models import User
from youths.models import OwnWords, Sitting, Youth

AT_MOST = 5
# What can be carried of a profile: what the young person can do, and what works.
CARRIED_SECTIONS = (Section.COMPETENCES, Section.SUPPORT)


class TooMany(HandoverRefused):
    """There are five already."""


class Carried(models.Model):
    """One of them: a saying, or a part. The text stays where it is, and so does who may read it."""

    AT_MOST = AT_MOST

    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="carried")
    position = models.PositiveSmallIntegerField()
    words = models.ForeignKey(OwnWords, on_delete=models.PROTECT, null=True, related_name="+")
    # A draft that was never sent may be deleted; then there is nothing to carry.
    part = models.ForeignKey(Part, on_delete=models.CASCADE, null=True, related_name="+")
    chosen_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField(default=timezone.now)
    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["youth", "position"], name="one_thing_in_each_place_of_the_first_page"
            ),
            models.UniqueConstraint(fields=["youth", "words"], name="words_are_carried_once"),
            models.UniqueConstraint(fields=["youth", "part"], name="a_part_is_carried_once"),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=AT_MOST),
                name="five_things_are_carried_at_most",
                violation_error_message=gettext_lazy("You can carry five things at most."),
            ),
            models.CheckConstraint(
                condition=Q(words__isnull=False, part=None) | Q(words=None, part__isnull=False),
                name="what_is_carried_is_a_saying_or_a_part",
            ),
        ]

    def __str__(self):
        return f"{self.position} {self.pk}"

    @property
    def key(self) -> str:
        return f"part-{self.part_id}" if self.part_id else f"words-{self.words_id}"

    @classmethod
    @transaction.atomic
    def change(cls, *, by, youth, act: str, key: str, sitting=None) -> None:
        """Take something along, put it back, or move it up or down; the same twice is once.

        `key` names something of `to_carry`; what cannot be seen cannot be taken. Raises TooMany
        at the sixth.
        """
        Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)
        rows = list(cls.objects.filter(youth=youth))
        keys = [row.key for row in rows]
        if act == "add" and key not in keys:
            if len(rows) >= AT_MOST:
                raise TooMany(_("You have chosen five things. Put one back first."))
            kind, _dash, pk = key.partition("-")
            rows.append(cls(youth=youth, chosen_by=by, sitting=sitting, **{f"{kind}_id": pk}))
        elif act == "remove":
            rows = [row for row in rows if row.key != key]
        elif act in ("up", "down") and key in keys:
            at = keys.index(key)
            to = max(at - 1, 0) if act == "up" else at + 1
            rows.insert(to, rows.pop(at))
        else:
            return
        cls.objects.filter(youth=youth).delete()
        for position, row in enumerate(rows, start=1):
            row.pk, row.position = None, position
        cls.objects.bulk_create(rows)


@dataclass
class Thing:
    """What is carried, or may be, as a page shows it to one person."""

    key: str
    section: str
    title: str
    text: str
    words: OwnWords | None = None
    is_draft: bool = False
    place: int = field(default=0)  # on the first page; 0 is not there


def carried_things(user, youth) -> list[Thing]:
    """The things on the first page that this person may read, in the young person's order."""
    rows = list(Carried.objects.filter(youth=youth))
    if not rows:
        return []
    found = {
        thing.key: thing
        for thing in (
            *_sayings(user, youth, pk__in=[row.words_id for row in rows if row.words_id]),
            *_parts(user, youth, [row.part_id for row in rows if row.part_id]),
        )
    }
    for row in rows:
        if row.key in found:
            found[row.key].place = row.position
    return [found[row.key] for row in rows if row.key in found]


def to_carry(user, youth) -> list[Thing]:
    """Everything that the young person can choose from: own words, and what works."""
    sayings = list(_sayings(user, youth))
    return [*sayings, *_parts(user, youth)]


def _sayings(user, youth, **which):
    rows = OwnWords.objects.visible_to(user).filter(youth=youth, **which)
    for one in rows.select_related("taken_down_by"):
        yield Thing(f"words-{one.pk}", Section.WORDS, one.get_kind_display(), one.text, one)


def _parts(user, youth, pks=None):
    """As they were sent, and those that are still a draft to who reads it."""
    sent = SentPart.objects.visible_to(user, youth).current().filter(section__in=CARRIED_SECTIONS)
    drafts = Part.objects.visible_to(user, youth).filter(section__in=CARRIED_SECTIONS).written()
    if pks is None:  # to choose from: what the young person reads
        drafts = drafts.shown()
    else:
        sent, drafts = sent.filter(part__in=pks), drafts.filter(pk__in=pks)
    texts: dict[object, PartText] = {one.part_id: one for one in sent}
    for one in drafts:
        texts.setdefault(one.pk, one)
    for pk, one in texts.items():
        text = one.works if one.section == Section.SUPPORT and one.works else one.text
        yield Thing(f"part-{pk}", one.section, str(one.title), text, is_draft=isinstance(one, Part))
