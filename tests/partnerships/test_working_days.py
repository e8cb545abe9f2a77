"""Working days, counted back."""

from datetime import date

import pytest

from partnerships.working_days import days_ago


@pytest.mark.parametrize(
    ("n", "expected"),
    [(0, date(2026, 4, 8)), (1, date(2026, 4, 7)), (2, date(2026, 4, 6)), (3, date(2026, 3, 31))],
)
def test_so_many_working_days_ago(n, expected):
    """Wednesday after Easter 2026: Maundy Thursday to Easter Monday are off."""
    assert days_ago(n, date(2026, 4, 8)) == expected
