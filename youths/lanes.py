"""What is done in each lane of the course, week by week: arithmetic alone."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

WEEKS_BEFORE, WEEKS_AHEAD = 20, 6
WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Stretch:
    """Something of a lane: from `begins` to `ends`, or for as long as is drawn."""

    lane: str
    words: str
    kind: str  # effort, goal or placement
    begins: date
    ends: date | None = None
    url: str = ""


@dataclass(frozen=True)
class Bar:
    """A stretch as it is drawn: where it begins and how long it is, in weeks of the drawing."""

    stretch: Stretch
    start: float
    length: float
    goes_on: bool


@dataclass(frozen=True)
class Lanes:
    """A drawing: its first Monday, how many weeks it shows, where today is, the lanes with bars."""

    first: date
    weeks: int
    today: float
    rows: list[tuple[str, list[Bar]]]

    @property
    def months(self) -> list[tuple[date, float]]:
        """The first day of each month in it, and where it is, in weeks."""
        days = (self.first + timedelta(days=n) for n in range(7 * self.weeks))
        return [(day, _weeks(day - self.first)) for day in days if day.day == 1]


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def lanes(stretches, *, began_on: date, today: date, order) -> Lanes:
    """The last twenty weeks, or since the course began, and six ahead.

    `order` are the lanes' codes as they come below each other; each is there, with or without
    bars. What was over before the drawing begins is left out.
    """
    first = max(monday(began_on), monday(today) - WEEKS_BEFORE * WEEK)
    weeks = (monday(today) - first) // WEEK + 1 + WEEKS_AHEAD
    end = first + weeks * WEEK
    by_lane = {code: [] for code in order}
    for lane, found in groupby(sorted(stretches, key=lambda s: s.lane), lambda s: s.lane):
        for stretch in sorted(found, key=lambda s: (s.begins, s.words)):
            bar = _bar(stretch, first, end, today)
            if bar is not None:
                by_lane[lane].append(bar)
    return Lanes(first, weeks, _weeks(today - first) + 0.5 / 7, list(by_lane.items()))


def _bar(stretch, first, end, today) -> Bar | None:
    """A day counts from its morning to its evening, so that one day is a seventh of a week."""
    until = min((stretch.ends or today) + timedelta(days=1), end)
    begins = max(stretch.begins, first)
    if until <= begins:
        return None
    return Bar(stretch, _weeks(begins - first), _weeks(until - begins), stretch.ends is None)


def _weeks(gap: timedelta) -> float:
    return gap.days / 7
