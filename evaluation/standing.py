"""Where a programme stands: how many are closer, out of how many, and what is still open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evaluation.progress import Result


@dataclass(frozen=True)
class Standing:
    """Counts by result, added up, against the programme's two targets.

    Who leaves stays in the denominator, and so does a place that nobody has been referred to.
    """

    closer: int
    unchanged: int
    further: int
    too_early: int
    no_data: int
    referred_target: int
    closer_target: int

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, int]], programme) -> "Standing":
        """Add up rows of counts, each a mapping with a number for every Result."""
        rows = list(rows)
        return cls(
            **{result.value: sum(row[result.value] for row in rows) for result in Result},
            referred_target=programme.referred_target,
            closer_target=programme.closer_target,
        )

    @property
    def referred(self) -> int:
        return self.closer + self.unchanged + self.further + self.too_early + self.no_data

    @property
    def unfilled(self) -> int:
        return max(self.referred_target - self.referred, 0)

    @property
    def total(self) -> int:
        """The denominator: the youths to be referred, or those who were, if they are more."""
        return self.referred + self.unfilled

    @property
    def low(self) -> int:
        """So many are closer even if nobody else comes closer."""
        return self.closer

    @property
    def high(self) -> int:
        """So many, if everybody of whom nothing can be said yet turns out to be closer."""
        return self.closer + self.open

    @property
    def open(self) -> int:
        return self.too_early + self.no_data + self.unfilled

    @property
    def missing(self) -> int:
        """How many more must come closer to reach the target."""
        return max(self.closer_target - self.closer, 0)
