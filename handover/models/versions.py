"""What happened to the parts from one version to another, and what stood in each."""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from handover import differences
from handover.models.answers import SentPart

# How a field is named where the part is read; others by their own name.
NAMES = {
    "entry": _("From the catalogue"),
    "label": _("Own words"),
    "level": _("Level"),
    "text": _("What has been seen"),
    "works": _("What works"),
    "evidence": _("How it is known"),
    "source": _("Source"),
}
# Exchanged as a whole, and how each is read.
IN_WORDS = {
    "heading": lambda part: part.get_heading_display(),
    "entry": lambda part: part.entry.words if part.entry else "",
    "level": lambda part: part.level_in_words,
    "seen_from": lambda part: date_format(part.seen_from) if part.seen_from else "",
    "seen_to": lambda part: date_format(part.seen_to) if part.seen_to else "",
    "source": lambda part: part.get_source_display(),
}


@dataclass(frozen=True)
class Change:
    """A part that is not the same in two versions: new without `before`, gone without `after`."""

    before: SentPart | None
    after: SentPart | None

    @property
    def kind(self) -> str:
        return "changed" if self.before and self.after else "new" if self.after else "gone"

    @property
    def part(self) -> SentPart:
        return self.after or self.before

    def fields(self) -> list[dict]:
        """Field by field what differs: `name`, and `words` as pairs of kind and text."""
        found = []
        for field in (SentPart._meta.get_field(name) for name in SentPart.FIELDS):
            before, after = getattr(self.before, field.attname), getattr(self.after, field.attname)
            if before == after or field.name == "section":  # the heading says which
                continue
            if in_words := IN_WORDS.get(field.name):
                pair = [(differences.REMOVED, self.before), (differences.ADDED, self.after)]
                shown = [(kind, words) for kind, part in pair if (words := str(in_words(part)))]
            else:
                shown = differences.words(before, after)
            name = NAMES.get(field.name) or capfirst(field.verbose_name)
            found.append({"name": name, "words": shown})
        return found


def _differ(before, after) -> bool:
    """A part may be written anew and back again: then its two copies say the same."""
    if before and after:
        return before.pk != after.pk and before.differs_from(after)
    return True


def changes(copies, since: int, number: int) -> list[Change]:
    """What is new, changed or gone from version `since` to version `number`, in that order.

    `copies` are all that the reader may see of what was sent, whatever the version.
    """
    before = {copy.part_id: copy for copy in copies if copy.stands_in(since)}
    after = {copy.part_id: copy for copy in copies if copy.stands_in(number)}
    found = [
        Change(before.get(key), after.get(key))
        for key in {**after, **before}
        if _differ(before.get(key), after.get(key))
    ]
    return sorted(found, key=lambda change: ("new", "changed", "gone").index(change.kind))
