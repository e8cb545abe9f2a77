"""What needs the leadership's attention, and exactly its rows."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from evaluation.models import Definition
from evaluation.progress import DEFAULT_RULE
from evaluation.tasks import sweep
from tests.factories import (
    IndicatorFactory,
    PartnershipFactory,
    RatingFactory,
    RatingRoundFactory,
    YouthFactory,
    days,
)
from youths.models import Deadline, Referral

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(team, sign_in):
    client = sign_in(team.lead)
    return lambda: client.get(reverse("evaluation:attention", args=[team.programme.pk]))


def lines(response) -> dict:
    return {line.url: line.text for line in response.context["lines"]}


def test_each_line_leads_to_exactly_its_rows(team, sign_in, page, english):
    direction = IndicatorFactory(code="direction")
    over = RatingRoundFactory(programme=team.programme, number=1, ago=3)
    RatingRoundFactory(programme=team.programme, number=2)
    RatingFactory(youth=team.youth, round=over, indicator=direction, voice="school", step=2)
    YouthFactory(partnership=team.partnership, enrolled_on=days(-300), stu_ends_on=days(60))
    YouthFactory(partnership=team.partnership, left_on=days(-1), left_because="moved")
    PartnershipFactory(programme=team.programme)
    Referral.objects.create(
        youth=YouthFactory(partnership=team.partnership, enrolled_on=None),
        partnership=team.partnership,
        proposed_by=team.caseworker,
        proposed_at=timezone.now() - timedelta(days=40),
        reason="Ja",
    )
    sweep()
    Deadline.plan()
    Deadline.objects.filter(youth=team.youth).update(due_on=days(-1))

    response = page()

    assert list(lines(response).values()) == [
        "2 youths need a rating",
        "Nobody has said anything about 1 youth in the last round",
        "STU ends within three months, and no handover is sent: 1",
        "Agreements that are not signed: 1",
        "Partnerships without a signed definition: 1",
        "Partnerships where a referral waits too long: 1",
        "Partnerships with deadlines that have passed: 1",
    ]
    client = sign_in(team.lead)
    for url, text in lines(response).items():
        context = client.get(url).context
        found = context["count"] if "count" in context else context["page"].paginator.count
        assert str(found) in text
    [(_label, stopped, url)] = response.context["stopped"]
    assert stopped == client.get(url).context["count"] == 1


def test_nothing_waits(team, page):
    Definition.objects.create(
        programme=team.programme,
        partnership=team.partnership,
        version=1,
        stored_rule=DEFAULT_RULE.as_stored,
        in_force_from=days(-1),
    )
    team.youth.left_on, team.youth.left_because = days(-1), "completed"
    team.youth.save()
    sweep()

    assert page().context["lines"] == []


def test_a_kind_that_is_not_there_is_not_found(team, sign_in):
    url = reverse("evaluation:attention_rows", args=[team.programme.pk, "nothing"])
    assert sign_in(team.lead).get(url).status_code == 404


@pytest.mark.parametrize("role", ["school", "caseworker", "employer", "young"])
def test_it_is_the_leaderships(team, sign_in, role):
    client = sign_in(getattr(team, role))
    for name, args in (("attention", []), ("attention_rows", ["agreements"])):
        url = reverse(f"evaluation:{name}", args=[team.programme.pk, *args])
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_with_one_and_with_three(team, sign_in, django_assert_num_queries, count):
    for _ in range(count):
        PartnershipFactory(programme=team.programme)
    sweep()
    client = sign_in(team.lead)
    with django_assert_num_queries(24):
        client.get(reverse("evaluation:attention", args=[team.programme.pk]))
    with django_assert_num_queries(10):
        client.get(reverse("evaluation:attention_rows", args=[team.programme.pk, "agreements"]))
