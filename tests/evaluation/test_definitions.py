"""Definitions in versions: which one judges a round, and that both ways of judging agree."""

from datetime import timedelta
from random import Random

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from evaluation.models import (
    Assessment,
    Definition,
    FactRefused,
    ObservedFact,
    PartnershipProgress,
    Rating,
    Reconciliation,
    YouthProgress,
    judged_anew,
    judged_by_the_database,
)
from evaluation.models.rounds import MOST_ROUNDS
from evaluation.progress import DEFAULT_RULE, Rule, Sign, Voice
from evaluation.tasks import sweep
from evaluation.wording import rule_in_words
from tests.factories import (
    IndicatorFactory,
    PartnershipFactory,
    RatingFactory,
    RatingRoundFactory,
    YouthFactory,
    days,
)

pytestmark = pytest.mark.django_db

TWO_STEPS = Rule((Sign("direction", 2),))


@pytest.fixture
def direction():
    return IndicatorFactory(code="direction", position=1)


@pytest.fixture
def rounds(team):
    """Three that are closed, and one that is open."""
    return [
        RatingRoundFactory(programme=team.programme, number=number, ago=ago)
        for number, ago in ((1, 9), (2, 6), (3, 3), (4, 0))
    ]


def define(partnership, day, rule=TWO_STEPS, version=1) -> Definition:
    return Definition.objects.create(
        programme=partnership.programme,
        partnership=partnership,
        version=version,
        stored_rule=rule.as_stored,
        in_force_from=day,
    )


def rate(youth, direction, in_round, step, *voices):
    for voice in voices or ("youth", "school"):
        RatingFactory(youth=youth, round=in_round, indicator=direction, voice=voice, step=step)


def result_of(team) -> tuple[str, int]:
    row = PartnershipProgress.recompute(team.partnership.pk)
    assert Reconciliation.run().differing == []
    assert row.stale_since is None
    judged = YouthProgress.objects.select_related("definition").get(youth=team.youth)
    return judged.result, judged.definition.version, judged.definition.partnership_id is not None


def test_until_a_partnership_has_its_own_it_is_judged_by_the_programmes(team, rounds, direction):
    rate(team.youth, direction, rounds[0], 2)
    rate(team.youth, direction, rounds[1], 3)

    assert result_of(team) == ("closer", 1, False)
    assert Definition.objects.get().rule == DEFAULT_RULE


def test_what_was_judged_by_one_version_stays_judged_by_it(team, rounds, direction):
    """A definition that asks for two steps is signed after the third round had opened."""
    rate(team.youth, direction, rounds[0], 2)
    rate(team.youth, direction, rounds[2], 3)
    assert result_of(team) == ("closer", 1, False)

    define(team.partnership, days(-40))

    assert result_of(team) == ("closer", 1, False)


def test_the_first_round_that_opens_under_a_version_is_judged_by_it(team, rounds, direction):
    rate(team.youth, direction, rounds[0], 2)
    rate(team.youth, direction, rounds[2], 3)
    define(team.partnership, days(-40))

    rate(team.youth, direction, rounds[3], 3)
    assert result_of(team) == ("unchanged", 1, True)

    Rating.objects.filter(round=rounds[3]).update(step=4)
    assert result_of(team) == ("closer", 1, True)


def test_a_corrected_answer_of_an_old_round_is_judged_by_the_old_version(team, rounds, direction):
    define(team.partnership, days(-40))
    rate(team.youth, direction, rounds[0], 2)
    rate(team.youth, direction, rounds[2], 2)
    assert result_of(team) == ("unchanged", 1, False)

    Rating.objects.filter(round=rounds[2]).update(step=3)

    assert result_of(team) == ("closer", 1, False)


def test_what_is_not_signed_judges_nothing(team, rounds, direction):
    define(team.partnership, None)
    rate(team.youth, direction, rounds[0], 2)
    rate(team.youth, direction, rounds[3], 3)

    assert result_of(team) == ("closer", 1, False)


def test_a_definition_is_the_partnerships_own_business(team, rounds, direction):
    define(PartnershipFactory(programme=team.programme, signed=True), days(-400))
    rate(team.youth, direction, rounds[0], 2)
    rate(team.youth, direction, rounds[3], 3)

    assert result_of(team) == ("closer", 1, False)


def test_each_version_is_there_once(team):
    define(team.partnership, days(-1))

    with pytest.raises(IntegrityError, match="one_definition_of_each_version"):
        define(team.partnership, days(0))


def test_rounds_of_another_programme_do_not_count(team, other_team, rounds, direction):
    rate(team.youth, direction, rounds[1], 2)
    rate(
        team.youth, direction,
        RatingRoundFactory(programme=other_team.programme, number=9), 5,
    )  # fmt: skip

    assert result_of(team)[0] == "too_early"


# -- Both ways of judging ----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_the_database_and_the_plain_way_judge_alike(team, seed):
    random = Random(seed)  # noqa: S311
    indicators = [
        IndicatorFactory(code=code, position=n)
        for n, code in enumerate(("direction", "belief", "attendance"), start=1)
    ]
    rounds = [
        RatingRoundFactory(programme=team.programme, number=number, ago=ago)
        for number, ago in ((1, 12), (31, 9), (32, 6), (MOST_ROUNDS, 3 * random.randint(0, 1)))
    ]
    youths = [team.youth, *(YouthFactory(partnership=team.partnership) for _ in range(4))]
    youths[1].left_on, youths[1].left_because = days(-2), "moved"
    youths[1].save()
    for youth in youths[:-1]:
        for in_round in rounds:
            for indicator in indicators:
                for voice in Voice.values:
                    if random.random() < 0.6:
                        RatingFactory(
                            youth=youth, round=in_round, indicator=indicator, voice=voice,
                            step=random.choice([None, 1, 2, 3, 4, 5]),
                        )  # fmt: skip
    ObservedFact.record(by=team.caseworker, youth=youths[2], kind="job", began_on=days(-3))
    Assessment.give(by=team.school, youth=youths[3], closer=True, reason="Møder hver dag.")
    define(
        team.partnership, days(-300),
        Rule((Sign("belief", 2), Sign("attendance")), facts=("job",), assessment=seed % 2 == 0),
    )  # fmt: skip

    by_the_database = judged_by_the_database(team.partnership)
    anew = judged_anew(team.partnership, in_round=by_the_database.open_round)

    assert by_the_database.columns == anew.columns
    assert by_the_database.inputs == anew.inputs


def test_what_is_the_same_keeps_its_row_as_it_was(team, rounds, direction):
    other = YouthFactory(partnership=team.partnership)
    for youth in (team.youth, other):
        rate(youth, direction, rounds[0], 2)
        rate(youth, direction, rounds[2], 3)
    PartnershipProgress.recompute(team.partnership.pk)
    before = dict(YouthProgress.objects.values_list("youth", "computed_at"))

    Rating.objects.filter(youth=other, round=rounds[2]).update(step=1)
    PartnershipProgress.recompute(team.partnership.pk)

    after = dict(YouthProgress.objects.values_list("youth", "computed_at"))
    assert after[team.youth.pk] == before[team.youth.pk]
    assert after[other.pk] > before[other.pk]


def test_the_fingerprint_follows_whatever_is_judged(team, rounds, direction):
    rate(team.youth, direction, rounds[0], 2)
    seen = {PartnershipProgress.recompute(team.partnership.pk).inputs}

    Rating.objects.update(step=3)
    seen.add(PartnershipProgress.recompute(team.partnership.pk).inputs)
    ObservedFact.record(by=team.caseworker, youth=team.youth, kind="job", began_on=days(-3))
    seen.add(PartnershipProgress.recompute(team.partnership.pk).inputs)
    Assessment.give(by=team.school, youth=team.youth, closer=True, reason="Det går.")
    seen.add(PartnershipProgress.recompute(team.partnership.pk).inputs)
    define(team.partnership, days(-999))
    seen.add(PartnershipProgress.recompute(team.partnership.pk).inputs)

    assert len(seen) == 5
    assert PartnershipProgress.recompute(team.partnership.pk).inputs in seen


def test_a_round_that_opens_or_closes_puts_the_figures_on_the_work_list(
    team, rounds, direction, time_machine
):
    sweep()
    assert not PartnershipProgress.work_list().exists()

    time_machine.move_to(timezone.now() + timedelta(days=11))

    assert PartnershipProgress.work_list().get() == team.partnership
    sweep()
    assert PartnershipProgress.objects.get().open_round is None
    assert not PartnershipProgress.work_list().exists()


def test_the_range_is_what_the_open_round_leaves(team, rounds, direction):
    rate(team.youth, direction, rounds[0], 2, "youth", "school", "caseworker")
    rate(team.youth, direction, rounds[2], 4, "youth", "school", "caseworker")

    row = PartnershipProgress.recompute(team.partnership.pk)
    assert (row.certain, row.closer, row.possible) == (0, 1, 1)

    rate(team.youth, direction, rounds[3], 4, "youth", "school", "caseworker")
    row = PartnershipProgress.recompute(team.partnership.pk)
    assert (row.certain, row.closer, row.possible) == (1, 1, 1)


# -- Facts and assessments ---------------------------------------------------------------------


def test_a_fact_makes_the_figures_stale_and_can_be_taken_back(team):
    sweep()
    fact = ObservedFact.record(
        by=team.caseworker, youth=team.youth, kind="paid_hours", began_on=days(-9), weekly_hours=12
    )
    assert PartnershipProgress.work_list().get() == team.partnership
    sweep()

    fact.take_back(by=team.caseworker)
    fact.take_back(by=team.school)  # twice is once

    assert fact.taken_back_by == team.caseworker
    assert PartnershipProgress.work_list().get() == team.partnership
    assert not ObservedFact.objects.standing().exists()


def test_a_plan_is_no_fact(team):
    with pytest.raises(FactRefused):
        ObservedFact.record(by=team.caseworker, youth=team.youth, kind="job", began_on=days(1))


@pytest.mark.parametrize("reason", ["", "  "])
def test_an_assessment_says_why(team, reason):
    with pytest.raises(FactRefused):
        Assessment.give(by=team.school, youth=team.youth, closer=True, reason=reason)
    with pytest.raises(IntegrityError, match="has_a_reason"), transaction.atomic():
        Assessment.objects.create(youth=team.youth, closer=True, reason="", assessed_by=team.school)


# -- In words ----------------------------------------------------------------------------------


def test_the_rule_is_said_by_the_object_that_judges():
    from django.utils.translation import override

    rule = Rule((Sign("direction", 2), Sign("belief")), facts=("job",), assessment=True)
    with override("en"):
        words = " ".join(rule_in_words(rule, {"direction": "Direction"}))

    assert "“Direction” (2 steps) or “belief” (one step)" in words
    assert "one of these stands too: a job." in words
    assert "with a reason" in words
    assert "fewer than 2 rounds" in words
