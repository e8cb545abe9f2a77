"""Working days, counted back, and the day by which something is due."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from partnerships.working_days import Unit, days_ago, due_on, is_working_day, working_days


@pytest.mark.parametrize(
    ("n", "expected"),
    [(0, date(2026, 4, 8)), (1, date(2026, 4, 7)), (2, date(2026, 4, 6)), (3, date(2026, 3, 31))],
)
def test_so_many_working_days_ago(n, expected):
    """Wednesday after Easter 2026: Maundy Thursday to Easter Monday are off."""
    assert days_ago(n, date(2026, 4, 8)) == expected


@pytest.mark.parametrize(
    ("base", "months", "expected"),
    [
        (date(2029, 2, 28), 12, date(2028, 2, 28)),
        (date(2028, 2, 29), 12, date(2027, 2, 26)),  # 28 February 2027 is a Sunday
        (date(2028, 2, 29), 48, date(2024, 2, 29)),
        (date(2027, 5, 31), 3, date(2027, 2, 26)),  # no 31 February; the 28th is a Sunday
        (date(2027, 4, 1), 3, date(2026, 12, 31)),  # New Year's Day, and across the year
        (date(2027, 6, 30), 3, date(2027, 3, 30)),
        (date(2027, 6, 28), 3, date(2027, 3, 24)),  # Easter Sunday: back beyond Maundy Thursday
        (date(2027, 3, 26), 3, date(2026, 12, 24)),  # second day of Christmas, a Saturday
        (date(2026, 8, 1), 3, date(2026, 5, 1)),  # Great Prayer Day, abolished from 2024
        (date(2023, 8, 5), 3, date(2023, 5, 4)),  # Great Prayer Day, still one
    ],
)
def test_so_many_months_before_is_never_later(base, months, expected):
    assert due_on(base, months, Unit.MONTHS, before=True) == expected


@pytest.mark.parametrize(
    ("base", "number", "unit", "expected"),
    [
        (date(2026, 12, 23), 2, Unit.WORKING_DAYS, date(2026, 12, 28)),
        (date(2026, 12, 30), 2, Unit.WORKING_DAYS, date(2027, 1, 4)),
        (date(2026, 3, 31), 3, Unit.WORKING_DAYS, date(2026, 4, 8)),  # across Easter
        (date(2026, 4, 4), 0, Unit.WORKING_DAYS, date(2026, 4, 7)),
        (date(2026, 10, 26), 60, Unit.DAYS, date(2026, 12, 28)),  # the first day of Christmas
        (date(2024, 2, 28), 1, Unit.DAYS, date(2024, 2, 29)),
    ],
)
def test_so_long_after_is_never_shorter(base, number, unit, expected):
    assert due_on(base, number, unit, before=False) == expected


DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@given(DAYS, st.integers(0, 48), st.sampled_from(Unit), st.booleans())
def test_is_always_a_working_day_on_the_right_side(base, number, unit, before):
    due = due_on(base, number, unit, before=before)
    step = -1 if before else 1
    exact = {
        Unit.MONTHS: base + relativedelta(months=step * number),
        Unit.DAYS: base + timedelta(days=step * number),
        Unit.WORKING_DAYS: base,
    }[unit]
    assert is_working_day(due)
    assert due <= exact if before else due >= exact
    if unit != Unit.WORKING_DAYS:  # and no nearer one would do
        first, last = sorted((due, exact))
        between = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        assert not [day for day in between if day != due and is_working_day(day)]


@given(DAYS, st.integers(0, 60))
def test_working_days_after_agree_with_counting_them(base, number):
    due = due_on(base, number, Unit.WORKING_DAYS, before=False)
    if number:
        assert working_days(base, due) == number


@given(DAYS, DAYS, st.integers(0, 24), st.sampled_from(Unit), st.booleans())
def test_a_later_base_is_never_due_earlier(one, other, number, unit, before):
    first, last = sorted((one, other))
    assert due_on(first, number, unit, before=before) <= due_on(last, number, unit, before=before)
