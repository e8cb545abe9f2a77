"""The rule of progress, on youths judged by hand from its text."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.progress import COUNTED, RULE_VERSION, Answer, Result, Voice, judge

with (Path(__file__).parent / "progress_cases.csv").open(encoding="utf-8") as file:
    CASES = list(csv.DictReader(file))

answers = st.builds(
    Answer,
    voice=st.sampled_from(Voice.values),
    indicator=st.sampled_from([*COUNTED, "attendance"]),
    round=st.integers(1, 5),
    step=st.none() | st.integers(1, 5),
)
# As in the database: one answer per voice, indicator and round.
given_answers = st.lists(answers, max_size=40, unique_by=lambda a: (a.voice, a.indicator, a.round))


def answers_of(case):
    return [
        Answer(*column.split("_"), number, None if step == "-" else int(step))
        for column in case
        if "_" in column
        for number, step in enumerate(case[column].split(), start=1)
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['case']} {case['because']}")
def test_a_youth_is_judged_as_by_hand(case):
    assert judge(answers_of(case)).result == case["expected"]


def test_at_least_forty_youths_and_every_result_were_worked_by_hand():
    assert len(CASES) >= 40
    assert {case["expected"] for case in CASES} == set(Result.values)


def test_the_judgement_names_the_changes_it_rests_on():
    judgement = judge(answers_of({"youth_direction": "2 - 4", "school_belief": "3 3", "x": ""}))

    assert judgement.as_stored == [["youth", "direction", 2, 4], ["school", "belief", 3, 3]]
    assert judgement.rule_version == RULE_VERSION


@given(given_answers, st.randoms())
def test_the_order_of_arrival_does_not_matter(rated, random):
    shuffled = list(rated)
    random.shuffle(shuffled)

    assert judge(shuffled) == judge(rated)


@given(given_answers, given_answers)
def test_answers_that_are_not_assessed_change_nothing(rated, others):
    taken = {(a.voice, a.indicator, a.round) for a in rated}
    unassessed = [
        Answer(a.voice, a.indicator, a.round, None)
        for a in others
        if (a.voice, a.indicator, a.round) not in taken
    ]

    assert judge(rated + unassessed) == judge(rated)


@given(given_answers)
def test_closer_needs_a_rise_of_the_youth_and_further_two_falls_on_both(rated):
    """Restated from the changes alone, so that the two exclude each other."""
    judgement = judge(rated)
    risen = {change.voice for change in judgement.changes if change.rose}
    fallen = [
        voice
        for voice in Voice.values
        if sum(change.fell for change in judgement.changes if change.voice == voice) == 2
    ]

    if judgement.result == Result.CLOSER:
        assert "youth" in risen
        assert len(risen) > 1
        assert not fallen
    assert (judgement.result == Result.FURTHER) == (len(fallen) >= 2)


@given(given_answers)
def test_what_is_not_counted_never_makes_a_change(rated):
    counted = [a for a in rated if a.indicator in COUNTED]

    assert judge(rated).changes == judge(counted).changes
