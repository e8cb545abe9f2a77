"""Deadlines counted in working days: Monday to Friday, Danish holidays left out."""

from datetime import timedelta

import holidays


def working_days(first, last) -> int:
    """How many working days lie after the day `first`, up to and with `last`; 0 at least."""
    off = holidays.country_holidays("DK", years=range(first.year, last.year + 1))
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(day.weekday() < 5 and day not in off for day in days)
