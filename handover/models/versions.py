"""What happened to the parts from one version to another, and what stood in each."""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from handover import differences
from handover.models.answers import SentPart
from handover.models.texts import PartText

# How a field is named where the part is read; others by their own name.
NAMES = {
    "level": _("Level"),
    "text": _("What has been seen"),
    "works": _("What works"),
    "evidence": _("How it is known"),
    "source": _("Source"),
}
IN_WORDS = {"level": "level_in_words", "source": "get_source_display"}


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
        for name in PartText.FIELDS:
            before, after = getattr(self.before, name), getattr(self.after, name)
            if before == after:
                continue
            if name in IN_WORDS:  # steps and choices are exchanged as a whole
                pair = [(differences.REMOVED, self.before), (differences.ADDED, self.after)]
                shown = [(kind, _in_words(part, name)) for kind, part in pair]
            else:
                shown = differences.words(before, after)
            field = SentPart._meta.get_field(name)
            found.append({"name": NAMES.get(name) or capfirst(field.verbose_name), "words": shown})
        return found


def _in_words(part, name) -> str:
    shown = getattr(part, IN_WORDS[name])
    return str(shown() if callable(shown) else shown)


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
