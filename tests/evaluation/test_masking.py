"""Bands of at least five, and what a sum beside them gives away."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.masking import LEAST, band, few_hidden, given_away

counts = st.integers(0, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(counts)
def test_a_count_lies_in_its_band(cell):
    count, of = cell
    low, high = band(*cell)
    assert 0 <= low <= count <= high <= of


@given(counts)
def test_a_band_holds_at_least_five_numbers_or_all_that_there_are(cell):
    low, high = band(*cell)
    assert high - low + 1 >= min(LEAST, cell[1] + 1)


@given(counts)
def test_every_number_of_a_band_has_that_band(cell):
    low, high = band(*cell)
    assert {band(n, cell[1]) for n in range(low, high + 1)} == {(low, high)}


def shown(cells):
    """What is told: the sum, and each band, or all that is possible."""
    bands = [band(*cell) for cell in cells]
    total = sum(count for count, _of in cells)
    ends = sum(low for low, _high in bands), sum(high for _low, high in bands)
    if given_away(total, *ends):
        return total, tuple((0, of) for _count, of in cells)
    return total, tuple(bands)


@given(
    st.lists(counts, min_size=2, max_size=6).filter(
        lambda cells: sum(of > 0 for _count, of in cells) > 1
    )
)
def test_no_subtraction_from_the_sum_leaves_one_number(cells):
    """Each count may still be two numbers at least, unless all or nobody is closer.

    A programme with a single partnership that has youths tells its count by the sum alone.
    """
    total, bands = shown(cells)
    if total in (0, sum(of for _count, of in cells)):
        return
    lowest, highest = sum(low for low, _high in bands), sum(high for _low, high in bands)
    for low, high in bands:
        least = max(low, total - (highest - high))
        most = min(high, total - (lowest - low))
        assert most > least or high == low == 0


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [((10, 10, 10, 10), 2), ((10, 10, 10), 2), ((10, 7, 10), 6), ((10, 10), 2)],
)
def test_who_turns_the_written_rule_round_learns_a_number_in_few_cases(sizes, expected):
    """That nothing is told tells, too: docs/adr/0025 says how often one number is left."""
    tables = {}
    for closer in product(*(range(of + 1) for of in sizes)):
        tables.setdefault(shown(list(zip(closer, sizes, strict=True))), []).append(closer)
    known = [
        closer
        for (total, _bands), alike in tables.items()
        for closer in alike
        if total not in (0, sum(sizes))
        and min(len(set(cell)) for cell in zip(*alike, strict=True)) == 1
    ]
    assert len(known) == expected


parts = st.lists(st.integers(0, 12), min_size=1, max_size=5)


@given(parts, st.integers(0, 12))
def test_no_part_of_few_persons_is_told_or_given_away(counts, others):
    counts = dict(enumerate(counts))
    told = few_hidden(counts, sum(counts.values()) + others)
    hidden = [n for part, n in counts.items() if told[part] is None]
    assert all(told[part] in (None, n) for part, n in counts.items())
    assert not [n for n in told.values() if n and n < LEAST]
    # Whoever subtracts what is told finds at least five persons, in more than one part.
    left = sum(hidden) + (others if others < LEAST else 0)
    everybody = sum(1 for n in counts.values() if n) + bool(others)
    if hidden and everybody > 1 and sum(counts.values()) + others >= 2 * LEAST:
        assert left >= LEAST or others >= LEAST


def test_a_single_part_of_few_takes_the_next_smallest_with_it():
    assert few_hidden({"job": 2, "school": 9, "course": 6}, 17) == {
        "job": None,
        "school": 9,
        "course": None,
    }
    assert few_hidden({"job": 0, "school": 9, "course": 6}, 15) == {
        "job": 0,
        "school": 9,
        "course": 6,
    }
