"""Where a programme stands: how many are closer, out of how many, and what is still open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evaluation.progress import Result, SeenBy


@dataclass(frozen=True)
class Standing:
    """Counts by result, added up, against the programme's two targets.

    Who leaves stays in the denominator, and so does a place that nobody has been referred to.
    `certain` and `possible` are as in `evaluation.models.figures.Counts`; `seen_by` says whose
    voices see that somebody has come closer.
    """

    closer: int
    unchanged: int
    further: int
    too_early: int
    no_data: int
    certain: int
    possible: int
    seen_by: Mapping[str, int]
    referred_target: int
    closer_target: int

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, int]], programme) -> "Standing":
        """Add up rows of counts, each a mapping with a number for every Result."""
        rows = list(rows)
        names = (*Result.values, "certain", "possible")
        return cls(
            **{name: sum(row[name] for row in rows) for name in names},
            seen_by={
                whose: sum(row[f"seen_by_{whose}"] for row in rows) for whose in SeenBy.values
            },
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
        """So many are closer whatever the answers say that are still to come."""
        return self.certain

    @property
    def high(self) -> int:
        """So many, if everything that is still open turns out for the better."""
        return self.possible + self.unfilled

    @property
    def probable(self) -> int:
        """Closer by what has been said, while answers of the open round are still to come."""
        return self.closer - self.certain

    @property
    def open(self) -> int:
        """Youths and places of which it is not settled yet."""
        return self.high - self.low

    @property
    def missing(self) -> int:
        """How many more must come closer to reach the target."""
        return max(self.closer_target - self.closer, 0)
