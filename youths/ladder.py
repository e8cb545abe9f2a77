"""The arithmetic of the hours ladder: weeks that count, weeks that say nothing, the next step.

Weeks are ISO weeks, named by their Monday: so a year has 52 or 53, and one week may lie in two
years. A step comes after so many weeks that were steady. Going down is as ordinary as going up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Week:
    """What was planned and what was worked; `unoffered` are hours that the company did not have."""

    monday: date
    planned: Decimal
    actual: Decimal
    unoffered: Decimal = Decimal(0)

    @property
    def is_steady(self) -> bool:
        return self.actual >= self.planned

    @property
    def says_nothing(self) -> bool:
        """All that was missing was missing on the company's side."""
        return not self.is_steady and self.actual + self.unoffered >= self.planned


@dataclass(frozen=True)
class Pause:
    """From its first day on; without a last day it is not over yet."""

    first: date
    last: date | None = None


@dataclass(frozen=True)
class Change:
    """From a day on other hours are planned."""

    on: date
    before: Decimal
    after: Decimal


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def mondays(first: date, last: date) -> list[date]:
    """Every week that has a day in the period, in order."""
    start = monday_of(first)
    return [start + n * WEEK for n in range((monday_of(last) - start) // WEEK + 1)]


def is_paused(monday: date, pauses: Iterable[Pause]) -> bool:
    """Whether a pause has a day of this week."""
    sunday = monday + timedelta(days=6)
    return any(
        pause.first <= sunday and (pause.last is None or pause.last >= monday) for pause in pauses
    )


def planned_in(monday: date, changes: Sequence[Change], now: Decimal) -> Decimal:
    """The hours that were planned in a week: a change counts from the first whole week on.

    `changes` in the order in which they were made; `now` are the hours where nothing changed.
    """
    hours = changes[0].before if changes else now
    for change in changes:
        if change.on <= monday:
            hours = change.after
    return hours


def steady_weeks(weeks: Iterable[Week], hours: Decimal, pauses: Iterable[Pause] = ()) -> int:
    """How many weeks in a row were steady at these hours, counted back from the newest.

    A week in a pause, one that nobody has recorded, and one in which the company had no hours say
    nothing: they neither count nor break the row. Other hours end it.
    """
    pauses, found = list(pauses), 0
    for week in sorted(weeks, key=lambda week: week.monday, reverse=True):
        if week.planned != hours:
            break
        if week.is_steady:
            found += 1
        elif not (week.says_nothing or is_paused(week.monday, pauses)):
            break
    return found


def rungs_around(rungs: Iterable[Decimal], hours: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """The next rung below and the next one above these hours; None where there is none."""
    rungs = list(rungs)
    below = [rung for rung in rungs if rung < hours]
    above = [rung for rung in rungs if rung > hours]
    return max(below, default=None), min(above, default=None)
