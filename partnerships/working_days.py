"""Days by which something is due. Working days are Monday to Friday, Danish holidays left out."""

import functools
from datetime import date, timedelta

import holidays
from dateutil.relativedelta import relativedelta
from django.db import models
from django.utils import timezone


class Unit(models.TextChoices):
    """What a deadline is counted in."""

    MONTHS = "months"
    DAYS = "days"
    WORKING_DAYS = "working_days"


def due_on(base: date, number: int, unit: str, *, before: bool) -> date:
    """The working day by which something is due, so many months or days before or after `base`.

    What is due at the latest so long before moves back to a working day, so that it is never
    later than the rule allows; what is given so long moves forward, so that it is never shorter.
    """
    step = -1 if before else 1
    if unit == Unit.MONTHS:
        day = base + relativedelta(months=step * number)
    else:
        day = base + timedelta(days=step * number if unit == Unit.DAYS else 0)
    left = number if unit == Unit.WORKING_DAYS else 0
    while left or not is_working_day(day):
        day += timedelta(days=step)
        left -= bool(left) and is_working_day(day)
    return day


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _holidays(day.year, day.year)


def working_days(first, last) -> int:
    """How many working days lie after the day `first`, up to and with `last`; 0 at least."""
    off = _holidays(first.year, last.year)
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(day.weekday() < 5 and day not in off for day in days)


def days_since(moment, today=None) -> int:
    """How many working days lie between a moment and today."""
    return working_days(timezone.localdate(moment), today or timezone.localdate())


def days_ago(n: int, today=None):
    """The latest day after which `n` working days have gone by, today included."""
    day = today = today or timezone.localdate()
    while working_days(day, today) < n:
        day -= timedelta(days=1)
    return day


@functools.cache
def _holidays(first: int, last: int):
    """Those of Denmark in these years."""
    return holidays.country_holidays("DK", years=range(first, last + 1))
