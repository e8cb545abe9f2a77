"""Where a programme stands: how many are closer, out of how many, and what is still open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evaluation.progress import Result, SeenBy

FEWEST_TO_FORECAST = 10  # youths judged; from fewer a share says little


@dataclass(frozen=True)
class Targets:
    """How many youths are to be referred, and of them at least so many closer."""

    referred_target: int
    closer_target: int

    @classmethod
    def share_of(cls, partnership) -> "Targets":
        """A partnership's places, and the programme's share of them, rounded up."""
        programme = partnership.programme
        share = partnership.places * programme.closer_target
        return cls(partnership.places, -(-share // (programme.referred_target or 1)))


@dataclass(frozen=True)
class Standing:
    """Counts by result, added up, against the programme's two targets.

    Who leaves stays in the denominator, and so does a place that nobody has been referred to.
    `certain`, `possible` and `awaited` are as in `evaluation.models.figures.Counts`; `seen_by`
    says whose voices see that somebody has come closer.
    """

    closer: int
    unchanged: int
    further: int
    too_early: int
    no_data: int
    certain: int
    possible: int
    awaited: int
    seen_by: Mapping[str, int]
    referred_target: int
    closer_target: int

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, int]], programme) -> "Standing":
        """Add up rows of counts, each a mapping with a number for every Result.

        Against the targets of a programme, or of a partnership (`share_of`).
        """
        rows = list(rows)
        names = (*Result.values, "certain", "possible", "awaited")
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
    def no(self) -> int:
        """Judged, and not closer."""
        return self.unchanged + self.further

    @property
    def judged(self) -> int:
        """Of whom something can be said."""
        return self.closer + self.no

    @property
    def unknown(self) -> int:
        """Youths and places of whom nothing can be said yet."""
        return self.too_early + self.no_data + self.unfilled

    @property
    def forecast(self) -> int | None:
        """How many will be closer if those of whom nothing can be said yet fare like the others,
        and nobody changes; None where too few are judged to say, or nothing is unknown.
        """
        if self.judged < FEWEST_TO_FORECAST or not self.unknown:
            return None
        return self.closer + round(self.unknown * self.closer / self.judged)

    @property
    def open(self) -> int:
        """Youths and places of which it is not settled yet."""
        return self.high - self.low

    @property
    def missing(self) -> int:
        """How many more must come closer to reach the target."""
        return max(self.closer_target - self.closer, 0)
