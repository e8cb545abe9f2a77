"""Recomputing touches what has changed and nothing else."""

import pytest
from django.db import connection
from django.utils import timezone

from evaluation.models import PartnershipProgress, Rating, YouthProgress
from evaluation.tasks import recompute, sweep
from tests.factories import (
    IndicatorFactory,
    PartnershipFactory,
    RatingFactory,
    RatingRoundFactory,
    YouthFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(team):
    """Two partnerships of one programme with two youths each, rated in two rounds; computed."""
    direction = IndicatorFactory(code="direction", position=1)
    uncounted = IndicatorFactory(code="attendance", position=3)
    rounds = [
        RatingRoundFactory(programme=team.programme, number=n, ago=ago)
        for n, ago in ((1, 6), (2, 3), (3, 0))
    ]
    other = PartnershipFactory(programme=team.programme, signed=True)
    youths = [
        team.youth,
        YouthFactory(partnership=team.partnership),
        YouthFactory(partnership=other),
        YouthFactory(partnership=other),
    ]
    for youth in youths:
        for in_round, step in zip(rounds[1:], (2, 3), strict=True):
            for voice in ("youth", "school"):
                for indicator in (direction, uncounted):
                    RatingFactory(
                        youth=youth, round=in_round, indicator=indicator, voice=voice, step=step
                    )
    sweep()
    team.rounds, team.direction, team.uncounted, team.youths = rounds, direction, uncounted, youths
    return team


def versions(model, key) -> dict:
    """By key, the transaction that wrote each row last, and where it lies."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, xmin::text, ctid::text FROM {model._meta.db_table}")  # noqa: S608
        return {pk: where for pk, *where in cursor.fetchall()}


def written(before, after) -> set:
    return {pk for pk in before.keys() | after.keys() if before.get(pk) != after.get(pk)}


def backdated(house):
    for voice in ("youth", "school"):
        RatingFactory(
            youth=house.youth, round=house.rounds[0], indicator=house.direction, voice=voice, step=5
        )


def corrected(house):
    Rating.objects.filter(
        youth=house.youth, round=house.rounds[1], indicator=house.direction
    ).update(step=5)


@pytest.mark.parametrize("change", [backdated, corrected])
def test_a_backdated_or_corrected_rating_recomputes_what_it_touches_and_nothing_else(house, change):
    figures = versions(PartnershipProgress, "partnership_id")
    rows = versions(YouthProgress, "youth_id")
    assert PartnershipProgress.objects.get(partnership=house.partnership).closer == 2

    change(house)
    PartnershipProgress.mark_stale(house.partnership.pk)
    sweep()

    own = PartnershipProgress.objects.get(partnership=house.partnership)
    assert (own.closer, own.referred, own.stale_since) == (1, 2, None)
    assert written(figures, versions(PartnershipProgress, "partnership_id")) == {
        house.partnership.pk
    }
    assert written(rows, versions(YouthProgress, "youth_id")) == {house.youth.pk}
    assert house.youth.progress.changes[0] == ["youth", "direction", 5, 3]


def test_a_rating_of_a_sign_that_does_not_count_rewrites_no_youth(house):
    rows = versions(YouthProgress, "youth_id")

    Rating.objects.filter(youth=house.youth, indicator=house.uncounted).update(step=1)
    PartnershipProgress.recompute(house.partnership.pk)

    assert versions(YouthProgress, "youth_id") == rows


def test_recomputing_twice_writes_no_youth_and_the_same_figures(house):
    rows = versions(YouthProgress, "youth_id")
    before = PartnershipProgress.objects.get(partnership=house.partnership)

    again = PartnershipProgress.recompute(house.partnership.pk)

    assert versions(YouthProgress, "youth_id") == rows
    assert again.counts() == before.counts()
    assert (again.inputs, again.outcomes) == (before.inputs, before.outcomes)


def test_a_message_that_comes_twice_computes_once(house):
    PartnershipProgress.mark_stale(house.partnership.pk)
    recompute(str(house.partnership.pk))
    figures = versions(PartnershipProgress, "partnership_id")

    recompute(str(house.partnership.pk))

    assert versions(PartnershipProgress, "partnership_id") == figures


def test_who_works_off_a_list_leaves_out_what_was_done_since(house):
    listed_at = timezone.now()
    PartnershipProgress.mark_stale(house.partnership.pk)
    assert PartnershipProgress.recompute(house.partnership.pk, listed_at=listed_at)

    assert PartnershipProgress.recompute(house.partnership.pk, listed_at=listed_at) is None

    PartnershipProgress.mark_stale(house.partnership.pk)
    assert PartnershipProgress.recompute(house.partnership.pk, listed_at=listed_at)


def test_a_row_that_was_changed_by_hand_is_written_anew(house):
    YouthProgress.objects.filter(youth=house.youth).update(facts=["job"], result="further")

    PartnershipProgress.recompute(house.partnership.pk)

    row = YouthProgress.objects.get(youth=house.youth)
    assert (row.facts, row.result) == ([], "closer")
