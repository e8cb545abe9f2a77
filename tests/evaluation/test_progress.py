"""The arithmetic of progress, on youths judged by hand from the text of the rule."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.progress import (
    DEFAULT_RULE,
    PROFESSIONALS,
    Answer,
    Evidence,
    Fact,
    Result,
    Rule,
    SeenBy,
    Sign,
    Voice,
    judge,
)

HERE = Path(__file__).parent
with (HERE / "progress_cases.csv").open(encoding="utf-8") as file:
    CASES = list(csv.DictReader(file))
with (HERE / "definition_cases.csv").open(encoding="utf-8") as file:
    DEFINITION_CASES = list(csv.DictReader(file))

COUNTED = tuple(DEFAULT_RULE.rises)
answers = st.builds(
    Answer,
    voice=st.sampled_from(Voice.values),
    indicator=st.sampled_from([*COUNTED, "attendance"]),
    round=st.integers(1, 5),
    step=st.none() | st.integers(1, 5),
)
# As in the database: one answer per voice, indicator and round.
given_answers = st.lists(answers, max_size=40, unique_by=lambda a: (a.voice, a.indicator, a.round))
rules = st.builds(
    Rule,
    signs=st.lists(
        st.builds(Sign, st.sampled_from([*COUNTED, "attendance"]), st.integers(1, 4)),
        min_size=1,
        max_size=3,
        unique_by=lambda sign: sign.indicator,
    ).map(tuple),
    own_voice=st.booleans(),
    professionals=st.integers(0, 2),
    rounds=st.integers(1, 4),
    facts=st.lists(st.sampled_from(Fact.values), max_size=2, unique=True).map(tuple),
    assessment=st.booleans(),
)
facts = st.frozensets(st.sampled_from(Fact.values), max_size=2)
assessments = st.none() | st.booleans()
OPEN = 6  # a round after all others


def answers_of(case):
    return [
        Answer(*column.split("_"), number, None if step == "-" else int(step))
        for column in case
        if "_" in column and column.split("_")[0] in Voice.values
        for number, step in enumerate(case[column].split(), start=1)
    ]


def judged(case, rule=DEFAULT_RULE, **others):
    return judge(Evidence.of(answers_of(case), **others), rule)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['case']} {case['because']}")
def test_a_youth_is_judged_as_by_hand(case):
    assert judged(case).result == case["expected"]


def test_at_least_forty_youths_and_every_result_were_worked_by_hand():
    assert len(CASES) >= 40
    assert {case["expected"] for case in CASES} == set(Result.values)


def rule_of(case) -> Rule:
    """Of a line of the spreadsheet: `signs` such as "direction:1 belief:2"."""
    return Rule(
        signs=tuple(
            Sign(code, int(rise))
            for code, rise in (sign.split(":") for sign in case["signs"].split())
        ),
        own_voice=case["own"] == "yes",
        professionals=int(case["professionals"]),
        rounds=int(case["rounds"]),
        facts=tuple(case["counted"].split()),
        assessment=case["asks"] == "yes",
    )


@pytest.mark.parametrize(
    "case", DEFINITION_CASES, ids=lambda case: f"{case['case']} {case['because']}"
)
def test_another_definition_judges_as_by_hand(case):
    judgement = judged(
        case,
        rule_of(case),
        facts=frozenset(case["facts"].split()),
        assessment={"": None, "closer": True, "not": False}[case["assessed"]],
    )

    assert (judgement.result, judgement.seen_by) == (case["expected"], case["seen"])


def test_the_judgement_names_the_changes_it_rests_on():
    judgement = judged({"youth_direction": "2 - 4", "school_belief": "3 3", "x": ""})

    assert judgement.as_stored == [["youth", "direction", 2, 4], ["school", "belief", 3, 3]]


def test_a_rule_is_the_same_after_it_was_stored():
    rule = Rule((Sign("direction", 2), Sign("belief")), False, 2, 3, ("job",), True)

    assert Rule.from_stored(rule.as_stored) == rule


@given(given_answers, rules, facts, assessments, st.randoms())
def test_the_order_of_arrival_does_not_matter(rated, rule, known, assessment, random):
    shuffled = list(rated)
    random.shuffle(shuffled)
    others = {"facts": known, "assessment": assessment}

    assert judge(Evidence.of(shuffled, **others), rule) == judge(Evidence.of(rated, **others), rule)


@given(given_answers, given_answers)
def test_answers_that_are_not_assessed_change_nothing(rated, others):
    taken = {(a.voice, a.indicator, a.round) for a in rated}
    unassessed = [
        replace(a, step=None) for a in others if (a.voice, a.indicator, a.round) not in taken
    ]

    assert judge(Evidence.of(rated + unassessed)) == judge(Evidence.of(rated))


@given(given_answers)
def test_closer_needs_a_rise_of_the_youth_and_further_two_falls_on_both(rated):
    """Restated from the changes alone, so that the two exclude each other."""
    judgement = judge(Evidence.of(rated))
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
        assert judgement.seen_by == SeenBy.BOTH
    known = judgement.result not in ("no_data", "too_early")
    assert (judgement.result == Result.FURTHER) == (known and len(fallen) >= 2)


@given(given_answers, rules)
def test_what_is_not_counted_never_makes_a_change(rated, rule):
    counted = [a for a in rated if a.indicator in rule.rises]

    assert judge(Evidence.of(rated), rule).changes == judge(Evidence.of(counted), rule).changes


@given(given_answers, rules, facts, assessments)
def test_whom_the_rule_asks_has_said_so(rated, rule, known, assessment):
    judgement = judge(Evidence.of(rated, facts=known, assessment=assessment), rule)

    if judgement.result == Result.CLOSER:
        assert judgement.seen_by not in (SeenBy.NEITHER, SeenBy.UNKNOWN)
        if rule.own_voice:
            assert judgement.seen_by in (SeenBy.BOTH, SeenBy.YOUTH)
        if rule.professionals or rule.assessment:
            assert judgement.seen_by in (SeenBy.BOTH, SeenBy.PROFESSIONALS)
        if rule.assessment:
            assert assessment is True
    unknown = judgement.result in ("no_data", "too_early")
    assert unknown == (judgement.seen_by == SeenBy.UNKNOWN)


@given(given_answers, rules, facts, assessments, st.data())
def test_the_range_holds_whatever_is_still_to_come(rated, rule, known, assessment, data):
    """Some of the answers of an open round are given; the others come, or do not, in any step."""
    keys = [(voice.value, sign) for voice in Voice for sign in rule.rises]
    given_now = data.draw(st.sets(st.sampled_from(keys)))
    now = [Answer(*key, OPEN, data.draw(st.none() | st.integers(1, 5))) for key in given_now]
    missing = frozenset(keys) - given_now
    before = judge(
        Evidence.of(
            rated + now, facts=known, assessment=assessment, missing=missing, open_round=OPEN
        ),
        rule,
    )

    arrived = data.draw(st.sets(st.sampled_from(sorted(missing)))) if missing else set()
    later = [Answer(*key, OPEN, data.draw(st.none() | st.integers(1, 5))) for key in arrived]
    after = judge(
        Evidence.of(
            rated + now + later,
            facts=known,
            assessment=assessment,
            missing=missing - arrived,
            open_round=OPEN,
        ),
        rule,
    )

    if before.certain:
        assert after.result == Result.CLOSER
        assert after.certain
    if not before.possible:
        assert after.result != Result.CLOSER
        assert not after.possible
    assert not before.certain or before.result == Result.CLOSER
    assert before.possible or before.result != Result.CLOSER


@given(given_answers, rules)
def test_who_has_left_is_closer_or_will_not_be(rated, rule):
    judgement = judge(Evidence.of(rated, left=True), rule)

    assert judgement.possible == (judgement.result == Result.CLOSER)
    assert judgement.certain == judgement.possible


def test_the_professionals_are_the_other_two_voices():
    assert {Voice.YOUTH, *PROFESSIONALS} == set(Voice)
