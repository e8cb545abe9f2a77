"""What is drawn of a course, week by week."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from youths.lanes import WEEKS_AHEAD, WEEKS_BEFORE, Stretch, lanes

ORDER = ("job", "skills")
TODAY = date(2025, 1, 1)  # a Wednesday, in the first week of the year
DAYS = st.dates(date(2023, 6, 1), date(2026, 6, 1))


def drawn(*stretches, began_on=date(2024, 1, 1), today=TODAY):
    return lanes(stretches, began_on=began_on, today=today, order=ORDER)


def bars(found):
    return [bar for _code, row in found.rows for bar in row]


def test_twenty_weeks_back_and_six_ahead():
    found = drawn()
    assert found.first == date(2024, 8, 12)
    assert found.weeks == WEEKS_BEFORE + 1 + WEEKS_AHEAD
    assert found.rows == [("job", []), ("skills", [])]


def test_a_course_that_is_younger_begins_with_it():
    assert drawn(began_on=date(2024, 12, 20)).first == date(2024, 12, 16)
    assert drawn(began_on=TODAY).weeks == 1 + WEEKS_AHEAD


def test_a_stretch_across_the_year_is_as_long_as_its_days():
    [bar] = bars(drawn(Stretch("job", "Køkken", "effort", date(2024, 12, 30), date(2025, 1, 5))))
    assert (bar.start, bar.length, bar.goes_on) == (20, 1, False)


def test_what_has_no_end_is_drawn_until_today():
    [bar] = bars(drawn(Stretch("job", "Køkken", "goal", TODAY - timedelta(days=6))))
    assert (bar.length, bar.goes_on) == (1, True)


def test_what_was_over_before_is_left_out():
    assert bars(drawn(Stretch("job", "Før", "effort", date(2024, 2, 1), date(2024, 8, 11)))) == []


def test_months_stand_where_they_begin():
    months = dict(drawn().months)
    assert months[date(2024, 9, 1)] == 20 / 7
    assert date(2025, 1, 1) in months


@given(st.lists(st.tuples(DAYS, st.none() | st.integers(0, 900)), max_size=6), DAYS, DAYS)
def test_nothing_is_drawn_outside_and_everything_in_its_lane(rows, began_on, today):
    began_on = min(began_on, today)
    stretches = [
        Stretch(ORDER[n % 2], str(n), "effort", day, length and day + timedelta(days=length))
        for n, (day, length) in enumerate(rows)
    ]
    found = drawn(*stretches, began_on=began_on, today=today)
    assert found.first.weekday() == 0
    assert 0 < found.today < found.weeks
    assert [code for code, _row in found.rows] == list(ORDER)
    for code, row in found.rows:
        for bar in row:
            assert bar.stretch.lane == code
            assert 0 <= bar.start < bar.start + bar.length <= found.weeks + 1e-9
