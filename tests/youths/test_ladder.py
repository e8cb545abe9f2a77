"""The arithmetic of the hours ladder: steady weeks, gaps, pauses, the turn of the year."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from youths.ladder import (
    Change,
    Pause,
    Week,
    is_paused,
    monday_of,
    mondays,
    planned_in,
    rungs_around,
    steady_weeks,
)

FIRST = date(2026, 12, 7)  # a Monday, with the turn of a year of 53 weeks ahead
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def weeks(told, first=FIRST):
    """One letter a week: s steady, l less, c the company had no hours, - not recorded."""
    made = {
        "s": (8, 8, 0),
        "l": (8, 5, 0),
        "c": (8, 0, 8),
        "h": (10, 10, 0),
    }
    return [
        Week(first + timedelta(weeks=n), *map(Decimal, made[letter]))
        for n, letter in enumerate(told)
        if letter != "-"
    ]


class TestWeeks:
    @given(first=DAYS, length=st.integers(0, 800))
    def test_cover_each_day_once(self, first, length):
        last = first + timedelta(days=length)
        found = mondays(first, last)
        assert all(day.isoweekday() == 1 for day in found)
        assert found == sorted(set(found))
        for day in (first, last):
            assert monday_of(day) in found
        names = {(first + timedelta(days=n)).isocalendar()[:2] for n in range(length + 1)}
        assert [day.isocalendar()[:2] for day in found] == sorted(names)

    @pytest.mark.parametrize(
        ("first", "last", "numbers"),
        [
            (date(2026, 12, 21), date(2027, 1, 10), [52, 53, 1]),  # a year of 53 weeks
            (date(2024, 12, 23), date(2025, 1, 5), [52, 1]),  # 30 December is in week 1
            (date(2024, 2, 26), date(2024, 3, 3), [9]),  # with a leap day in it
            (date(2024, 2, 29), date(2024, 2, 29), [9]),
        ],
    )
    def test_over_the_turn_of_the_year_and_a_leap_day(self, first, last, numbers):
        assert [day.isocalendar().week for day in mondays(first, last)] == numbers


class TestSteadyWeeks:
    @pytest.mark.parametrize(
        ("told", "steady"),
        [
            ("", 0),
            ("sss", 3),
            ("ssl", 0),
            ("sls", 1),
            ("s-s", 2),  # nobody has recorded the week between
            ("scs", 2),  # the company had no hours
            ("c", 0),
            ("hhs", 1),  # higher hours before: it begins anew after a fall
            ("ssh", 0),
        ],
    )
    def test_are_counted_back_from_the_newest(self, told, steady):
        assert steady_weeks(weeks(told), Decimal(8)) == steady

    def test_go_on_over_the_turn_of_the_year(self):
        rows = weeks("ssssss")
        assert {row.monday.year for row in rows} == {2026, 2027}
        assert steady_weeks(rows, Decimal(8)) == 6

    def test_a_week_that_was_less_in_a_pause_says_nothing(self):
        rows = weeks("sls")
        assert steady_weeks(rows, Decimal(8), [Pause(rows[1].monday, rows[1].monday)]) == 2

    @given(told=st.text("slc-", max_size=20))
    def test_gaps_and_closed_weeks_change_nothing(self, told):
        without = told.replace("-", "").replace("c", "")
        assert steady_weeks(weeks(told), Decimal(8)) == steady_weeks(weeks(without), Decimal(8))

    @given(told=st.text("slc-", max_size=20), first=DAYS)
    def test_are_the_same_whenever_it_is(self, told, first):
        moved = weeks(told, monday_of(first))
        assert steady_weeks(moved, Decimal(8)) == steady_weeks(weeks(told), Decimal(8))

    @given(told=st.text("slc-h", max_size=20))
    def test_one_more_steady_week_is_one_more_and_one_that_was_less_begins_anew(self, told):
        before = steady_weeks(weeks(told), Decimal(8))
        assert steady_weeks(weeks(told + "s"), Decimal(8)) == before + 1
        assert steady_weeks(weeks(told + "l"), Decimal(8)) == 0

    @given(order=st.permutations(weeks("slssc-s")))
    def test_do_not_depend_on_the_order_in_which_they_come(self, order):
        assert steady_weeks(order, Decimal(8)) == 3


class TestPause:
    @given(first=DAYS, length=st.integers(0, 60), day=DAYS)
    def test_has_a_day_in_the_week(self, first, length, day):
        last, monday = first + timedelta(days=length), monday_of(day)
        days = {monday + timedelta(days=n) for n in range(7)}
        within = any(first <= one <= last for one in days)
        assert is_paused(monday, [Pause(first, last)]) is within
        assert is_paused(monday, [Pause(first)]) is any(first <= one for one in days)


class TestPlannedHours:
    def test_change_from_the_first_whole_week_on(self):
        tuesday = FIRST + timedelta(days=1)
        changes = [Change(tuesday, Decimal(8), Decimal(10))]
        planned = [
            planned_in(day, changes, Decimal(10)) for day in mondays(FIRST, FIRST + timedelta(7))
        ]
        assert planned == [8, 10]
        assert planned_in(FIRST, [], Decimal(12)) == 12

    @pytest.mark.parametrize(
        ("hours", "around"), [(8, (None, 10)), (9, (8, 10)), (10, (8, 12)), (12, (10, None))]
    )
    def test_have_a_rung_below_and_one_above(self, hours, around):
        assert rungs_around(map(Decimal, (8, 10, 12)), Decimal(hours)) == around
