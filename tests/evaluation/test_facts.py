"""What is observed, what professionals conclude, how it ended: verbs, pages, whose turn it is."""

import pytest
from django.urls import reverse

from evaluation.models import (
    Assessment,
    Definition,
    FactRefused,
    ObservedFact,
    Outcome,
    PartnershipProgress,
    rating_summary,
)
from evaluation.progress import Rule, Sign
from evaluation.tasks import sweep
from partnerships.models import OutcomeClass
from tests.factories import IndicatorFactory, RatingFactory, RatingRoundFactory, YouthFactory, days
from vivirkr.waiting import waiting_on
from youths.models import AccessEvent, Youth

pytestmark = pytest.mark.django_db

REASON = "Hun ringede selv til chefen"


@pytest.fixture
def work(team):
    return OutcomeClass.objects.create(programme=team.programme, position=1, name="I arbejde")


@pytest.fixture
def over(team):
    """STU ended more than a year ago."""
    team.youth.stu_ends_on = days(-400)
    team.youth.enrolled_on = days(-900)
    team.youth.birth_date = days(-22 * 365)
    team.youth.save()
    return team.youth


def page(youth):
    return reverse("evaluation:facts", args=[youth.pk])


# -- Outcomes ----------------------------------------------------------------------------------


def test_the_end_is_what_the_figures_count(team, over, work):
    Outcome.record(by=team.caseworker, youth=over, moment="end", outcome=work, seen_on=days(-400))
    sweep()

    over.refresh_from_db()
    assert (over.outcome, over.outcome_on) == (work, days(-400))
    row = PartnershipProgress.objects.get(partnership=team.partnership)
    assert row.outcomes == {str(work.pk): 1}


def test_a_correction_keeps_what_stood_there(team, over, work):
    other = OutcomeClass.objects.create(programme=team.programme, position=2, name="I uddannelse")
    for outcome in (work, other):
        Outcome.record(by=team.school, youth=over, moment="end", outcome=outcome, seen_on=days(-9))

    assert over.outcomes.count() == 2
    assert [o.outcome for o in Outcome.objects.filter(youth=over).latest()] == [other]
    assert Youth.objects.get(pk=over.pk).outcome == other


@pytest.mark.parametrize(
    ("moment", "ago"),
    [("end", -1), ("end", 901), ("after", 100)],
    ids=["to come", "before", "soon"],
)
def test_a_day_that_cannot_be_is_refused(team, over, work, moment, ago):
    with pytest.raises(FactRefused):
        Outcome.record(by=team.school, youth=over, moment=moment, outcome=work, seen_on=days(-ago))


def test_an_outcome_of_another_programme_is_refused(team, other_team, over):
    foreign = OutcomeClass.objects.create(programme=other_team.programme, position=1, name="X")
    with pytest.raises(FactRefused):
        Outcome.record(by=team.school, youth=over, moment="end", outcome=foreign, seen_on=days(-1))


def test_both_moments_are_asked_for_when_they_are_due(team, over, work, english):
    def asked():
        return [row.what for row in waiting_on(team.caseworker) if row.url == page(over)]

    assert sorted(asked()) == [
        f"Record how STU ended for {over.name}",
        f"Record where {over.name} is 12 months after STU",
    ]
    Outcome.record(by=team.school, youth=over, moment="end", outcome=work, seen_on=days(-400))
    assert asked() == [f"Record where {over.name} is 12 months after STU"]
    Outcome.record(by=team.school, youth=over, moment="after", outcome=work, seen_on=days(-30))
    assert asked() == []


# -- Assessments -------------------------------------------------------------------------------


def test_an_assessment_is_asked_for_where_the_definition_does(team, english):
    RatingRoundFactory(programme=team.programme)

    def asked():
        return [row for row in waiting_on(team.school) if "come closer" in row.what]

    assert asked() == []
    Definition.objects.create(
        programme=team.programme, partnership=team.partnership, version=1,
        stored_rule=Rule((Sign("direction"),), assessment=True).as_stored, in_force_from=days(-99),
    )  # fmt: skip
    assert [row.url for row in asked()] == [page(team.youth)]
    Assessment.give(by=team.school, youth=team.youth, closer=True, reason=REASON)
    assert asked() == []


def test_the_reason_names_who_gave_it(team, sign_in):
    Assessment.give(by=team.school, youth=team.youth, closer=False, reason=REASON)
    for role in ("school", "caseworker", "young"):
        for name in ("facts", "ratings"):
            text = (
                sign_in(getattr(team, role))
                .get(reverse(f"evaluation:{name}", args=[team.youth.pk]))
                .text
            )
            assert REASON in text
            assert team.school.name in text


# -- The page ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [("school", 200), ("caseworker", 200), ("young", 200), ("lead", 404), ("evaluator", 404),
     ("employer", 404)],
)  # fmt: skip
def test_who_sees_it(team, sign_in, role, status):
    assert sign_in(getattr(team, role)).get(page(team.youth)).status_code == status


def test_another_partnership_does_not(team, other_team, sign_in):
    assert sign_in(other_team.school).get(page(team.youth)).status_code == 404


def test_the_young_person_reads_and_does_not_write(team, sign_in):
    fact = ObservedFact.record(by=team.school, youth=team.youth, kind="job", began_on=days(-3))
    client = sign_in(team.young)
    assert 'name="act"' not in client.get(page(team.youth)).text
    assert client.post(page(team.youth), {"act": "fact"}).status_code == 403
    url = reverse("evaluation:take_back", args=[fact.pk])
    assert client.post(url).status_code == 403
    assert fact.taken_back_at is None


def test_everything_is_recorded_on_the_page(team, work, sign_in):
    client, url = sign_in(team.caseworker), page(team.youth)
    sent = [
        {"act": "fact", "kind": "paid_hours", "began_on": days(-20), "weekly_hours": "7,5"},
        {"act": "assessment", "closer": "yes", "reason": REASON},
        {"act": "outcome", "moment": "end", "outcome": work.pk, "seen_on": days(-1)},
    ]
    for data in sent:
        assert client.post(url, data).status_code == 302
    assert ObservedFact.objects.get().weekly_hours == 7.5
    assert Assessment.objects.get().closer
    assert Outcome.objects.get().outcome == work
    assert {event.youth_id for event in AccessEvent.objects.all()} == {team.youth.pk}


@pytest.mark.parametrize(
    ("data", "status", "kept"),
    [
        ({"act": "fact", "kind": "job", "began_on": days(2)}, 409, str(days(2))),
        ({"act": "fact", "kind": "job", "began_on": days(-2), "ended_on": days(-9)}, 422, "job"),
        ({"act": "fact", "kind": "job", "began_on": days(-2), "weekly_hours": "90"}, 422, "90"),
        ({"act": "assessment", "closer": "yes", "reason": " "}, 422, ""),
        ({"act": "assessment", "reason": REASON}, 422, REASON),
        ({"act": "outcome", "moment": "after", "seen_on": days(-1)}, 422, ""),
        ({"act": "nothing"}, 422, ""),
    ],
)
def test_bad_input_is_told_by_the_field_and_stays(team, work, sign_in, data, status, kept):
    response = sign_in(team.school).post(page(team.youth), data)
    assert response.status_code == status
    assert kept in response.text
    assert not ObservedFact.objects.exists()


def test_a_fact_is_taken_back_and_stays_readable(team, sign_in, english):
    fact = ObservedFact.record(by=team.school, youth=team.youth, kind="job", began_on=days(-3))
    url = reverse("evaluation:take_back", args=[fact.pk])
    client = sign_in(team.caseworker)
    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 302
    assert client.post(url).status_code == 302  # twice is once
    assert "<del>" in client.get(page(team.youth)).text
    assert rating_summary(team.school, team.youth).observed == []


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_with_one_and_with_three(
    team, work, sign_in, django_assert_num_queries, count
):
    for _ in range(count):
        ObservedFact.record(by=team.school, youth=team.youth, kind="job", began_on=days(-3))
        Assessment.give(by=team.school, youth=team.youth, closer=True, reason=REASON)
        Outcome.record(by=team.school, youth=team.youth, moment="end", outcome=work,
                       seen_on=days(0))  # fmt: skip
    client = sign_in(team.school)
    with django_assert_num_queries(11):
        client.get(page(team.youth))


@pytest.mark.parametrize("count", [1, 3])
def test_what_waits_costs_the_same_with_one_and_with_three(
    team, over, sign_in, django_assert_num_queries, count
):
    RatingRoundFactory(programme=team.programme)
    for _ in range(count - 1):
        YouthFactory(partnership=team.partnership)
    Definition.objects.create(
        programme=team.programme, partnership=team.partnership, version=1,
        stored_rule=Rule((Sign("direction"),), assessment=True).as_stored, in_force_from=days(-99),
    )  # fmt: skip
    with django_assert_num_queries(32):
        waiting_on(team.school)


# -- In words ----------------------------------------------------------------------------------


def test_what_is_missing_is_said_where_nothing_can_be_said(team, english):
    direction = IndicatorFactory(code="direction")
    current = RatingRoundFactory(programme=team.programme)
    sweep()
    RatingFactory(youth=team.youth, round=current, indicator=direction, voice="school", step=None)
    sweep()
    assert rating_summary(team.school, team.youth).because == ["Nobody has assessed anything yet."]
    RatingFactory(youth=team.youth, round=current, indicator=direction, voice="youth", step=2)
    sweep()
    PartnershipProgress.recompute(team.partnership.pk)
    assert rating_summary(team.school, team.youth).because == [
        "The definition asks for answers from 2 rounds."
    ]
