"""Deadlines counted in working days: Monday to Friday, Danish holidays left out."""

import functools
from datetime import timedelta

import holidays
from django.utils import timezone


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
