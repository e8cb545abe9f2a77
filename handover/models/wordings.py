"""Own wordings that the profiles of many young people share: what the catalogue may lack."""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from handover.models.catalogue import CatalogueEntry, DismissedWording, wording_index
from handover.models.profiles import Part

ENOUGH = 3  # young people; a wording of fewer might tell of whom it was written


@dataclass(frozen=True)
class OfferedWording:
    """A wording, in how many young people's profiles it stands, and mostly under which heading."""

    index: str
    words: str
    heading: str
    youths: int

    @transaction.atomic
    def take(self, *, by) -> CatalogueEntry:
        """Into the catalogue, out of use until somebody has put the English words to it."""
        last = CatalogueEntry.objects.order_by("position").last()
        return CatalogueEntry.objects.create(
            heading=self.heading,
            da=self.words,
            en=self.words,
            is_active=False,
            position=last.position + 1 if last else 1,
        )

    def dismiss(self, *, by) -> None:
        """The catalogue does not want it; saying so twice is said once."""
        DismissedWording.objects.get_or_create(index=self.index)


def offered_wordings() -> list[OfferedWording]:
    """Own wordings for the catalogue, the most used first; never of whom they were written."""
    known = {
        wording_index(words)
        for pair in CatalogueEntry.objects.values_list("da", "en")
        for words in pair
    }
    standing = Part.objects.filter(withdrawn_at=None).exclude(wording_index="")
    used = dict(
        standing.exclude(wording_index__in=known)
        .exclude(wording_index__in=DismissedWording.objects.values("index"))
        .order_by()
        .values("wording_index")
        .annotate(youths=Count("profile__youth", distinct=True))
        .filter(youths__gte=ENOUGH)
        .values_list("wording_index", "youths")
    )
    spellings, headings = {}, {}
    for part in standing.filter(wording_index__in=used):
        spellings.setdefault(part.wording_index, Counter())[part.label.strip()] += 1
        headings.setdefault(part.wording_index, Counter())[part.heading] += 1
    found = [
        OfferedWording(
            index=index,
            words=_most_used(spellings[index]),
            heading=_most_used(headings[index]),
            youths=youths,
        )
        for index, youths in used.items()
    ]
    return sorted(found, key=lambda one: (-one.youths, one.words))


def _most_used(counter) -> str:
    return min(counter, key=lambda one: (-counter[one], one))
