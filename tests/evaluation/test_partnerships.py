"""Where the own partnership stands, with everybody's name."""

import pytest
from django.urls import reverse

from evaluation.models import Snapshot
from evaluation.standing import Standing, Targets
from evaluation.tasks import sweep, take_snapshots
from tests.factories import (
    IndicatorFactory,
    RatingFactory,
    RatingRoundFactory,
    YouthFactory,
)
from youths.models import AccessEvent

pytestmark = pytest.mark.django_db


def page(partnership, **filters):
    return reverse("evaluation:progress", args=[partnership.pk]), filters


@pytest.fixture
def closer(team):
    """The team's youth is closer, another has no data, and the figures are computed."""
    direction = IndicatorFactory(code="direction")
    for number, ago, step in ((1, 3, 2), (2, 0, 4)):
        in_round = RatingRoundFactory(programme=team.programme, number=number, ago=ago)
        for voice in ("youth", "school"):
            RatingFactory(
                youth=team.youth, round=in_round, indicator=direction, voice=voice, step=step
            )
    other = YouthFactory(partnership=team.partnership)
    take_snapshots()
    return other


@pytest.mark.parametrize("role", ["school", "caseworker"])
def test_who_works_in_it_sees_every_number_and_every_name(team, closer, sign_in, role):
    response = sign_in(getattr(team, role)).get(*page(team.partnership))

    standing = response.context["standing"]
    assert (standing.closer, standing.no_data, standing.total) == (1, 1, team.partnership.places)
    assert team.youth.name in response.text
    assert closer.name in response.text
    assert {event.youth_id for event in AccessEvent.objects.all()} == {team.youth.pk, closer.pk}


@pytest.mark.parametrize(
    ("role", "status"), [("lead", 403), ("evaluator", 403), ("employer", 404), ("young", 404)]
)
def test_nobody_else_does(team, closer, sign_in, role, status):
    assert sign_in(getattr(team, role)).get(*page(team.partnership)).status_code == status


def test_another_partnership_is_not_found(team, other_team, closer, sign_in):
    assert sign_in(other_team.school).get(*page(team.partnership)).status_code == 404


def test_every_figure_leads_to_exactly_as_many_rows(team, closer, sign_in):
    client = sign_in(team.school)
    context = client.get(*page(team.partnership)).context
    figures = [(count, url) for _label, count, url in context["seen_by"]]
    figures += [(part["count"], part["url"]) for part in context["segments"] if "url" in part]
    figures.append((context["standing"].awaited, context["awaited_url"]))

    assert len(figures) == 11
    for count, url in figures:
        found = client.get(page(team.partnership)[0] + url.partition("#")[0])
        assert found.context["table"].paginator.count == count, url


def test_a_filter_that_means_nothing_is_not_found(team, closer, sign_in):
    assert sign_in(team.school).get(*page(team.partnership, result="x")).status_code == 404


@pytest.mark.parametrize("sort", ["name", "-result", "seen_by", "code", "changes"])
def test_it_is_sorted_by_what_is_shown(team, closer, sign_in, sort):
    response = sign_in(team.school).get(*page(team.partnership, sort=sort))
    assert response.status_code == 200
    assert len(response.context["table"].rows) == 2


def test_before_anything_is_computed_it_says_so(team, sign_in):
    response = sign_in(team.school).get(*page(team.partnership))

    assert "vv-empty" in response.text


def test_the_trend_is_of_this_partnership_alone(team, other_team, closer, sign_in):
    sweep()
    trend = sign_in(team.school).get(*page(team.partnership)).context["trend"]

    assert [point["referred"] for point in trend["points"]] == [2]
    assert Snapshot.objects.count() == 2


def test_a_share_of_the_target_is_rounded_up(team):
    """35 of 40 is 8.75 of 10 places."""
    team.programme.referred_target, team.programme.closer_target = 40, 35
    team.partnership.places, team.partnership.programme = 10, team.programme

    assert Targets.share_of(team.partnership) == Targets(10, 9)


def forecast(**counts):
    row = dict.fromkeys(Snapshot.FIELDS, 0) | counts
    return Standing.of([row], Targets(40, 35)).forecast


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"closer": 9}, None),  # too few judged
        ({"closer": 9, "unchanged": 3}, 30),  # 28 unknown, of whom three in four
        ({"closer": 30, "further": 10}, None),  # nothing is unknown
        ({"closer": 20, "too_early": 10, "no_data": 10}, 40),
        ({"unchanged": 10, "no_data": 30}, 0),
    ],
)
def test_a_forecast_lets_the_unknown_fare_like_the_judged(counts, expected):
    assert forecast(**counts) == expected


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_with_one_and_with_three(team, sign_in, django_assert_num_queries, count):
    for _ in range(count - 1):
        YouthFactory(partnership=team.partnership)
    take_snapshots()
    client = sign_in(team.school)
    with django_assert_num_queries(16):
        client.get(*page(team.partnership))
