"""Feedback on a placement: when it is asked for, who gives it, reads it, and answers it."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import PlacementFactory, YouthFactory, days, employer_of
from vivirkr.waiting import waiting_on
from youths.models import (
    AccessEvent,
    Notice,
    Placement,
    PlacementFeedback,
    PlacementRefused,
    Sitting,
    feedback_completion,
    feedback_due,
)

pytestmark = pytest.mark.django_db

SAID = {"well": "God til salat", "practise": "At spørge", "again": "yes", "weekly_hours": 12}


def give(placement, by, **said):
    return PlacementFeedback.give(by=by, placement=placement, giver_name=by.name, **SAID | said)


@pytest.fixture
def feedback(team):
    return give(team.placement, team.employer)


def giving(placement):
    return reverse("youths:placement_feedback", args=[placement.pk])


def answering(feedback):
    return reverse("youths:answer_feedback", args=[feedback.pk])


# -- Asked for ---------------------------------------------------------------------------------


def rounds(placement) -> list[int | None]:
    """On which round a placement is asked for feedback today, if nobody has given any."""
    return list(
        feedback_due(Placement.objects.filter(pk=placement.pk)).values_list("round", flat=True)
    )


@pytest.mark.parametrize(
    ("starts", "ends", "due"),
    [
        (-20, 60, []),  # not yet: 21 days after the first day
        (-21, 60, [1]),
        (-60, 15, [1]),
        (-60, 14, [2]),  # 14 days before the last
        (-60, 0, [2]),
        (-60, -1, []),  # over
        (0, 5, [2]),  # too short for both
        (1, 5, []),
    ],
)
def test_it_is_asked_for_on_two_days(team, starts, ends, due):
    placement = PlacementFactory(youth=team.youth, starts_on=days(starts), ends_on=days(ends))
    assert rounds(placement) == due


def test_the_programme_sets_the_days(team):
    team.programme.placement_feedback_days = 5
    team.programme.save()
    assert rounds(team.placement) == [1]


def test_what_is_given_is_not_asked_for_again_until_the_next_round(team):
    placement = PlacementFactory(youth=team.youth, starts_on=days(-21), ends_on=days(60))
    first = give(placement, team.employer)
    assert (first.round, rounds(placement)) == (1, [])
    again = give(placement, team.employer, well="Bedre endnu")
    assert again.round is None

    with time_machine.travel(timezone.now() + timedelta(days=46)):
        assert rounds(placement) == [2]
        assert give(placement, team.employer, well="Rigtig godt").round == 2
        assert rounds(placement) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    starts=st.integers(-90, 30),
    length=st.integers(0, 120),
    ended=st.none() | st.integers(0, 120),
)
def test_what_is_asked_for_is_counted(team, starts, length, ended):
    """Counted once more by hand, day by day."""
    placement = team.placement
    first, last = days(starts), days(starts + length)
    over = None if ended is None or ended > length else days(starts + ended)
    placement.starts_on, placement.ends_on = first, last
    placement.ended_on = over if over and over <= days(0) else None
    placement.save()  # with what the company may open of it
    begun, ending = first + timedelta(days=21), max(first, last - timedelta(days=14))
    until = min(days(0), placement.ended_on or days(0))
    wanted = {1} if begun <= until and begun < ending else set()
    wanted |= {2} if ending <= until else set()

    asked, _given = feedback_completion(team.partnership)

    assert asked == len(wanted)
    if placement.is_running:
        assert rounds(placement) == ([max(wanted)] if wanted else [])


def test_completion_counts_rounds(team):
    assert feedback_completion(team.partnership) == (0, 0)
    placement = PlacementFactory(youth=team.youth, starts_on=days(-60), ends_on=days(5))
    assert feedback_completion(team.partnership) == (2, 0)
    give(placement, team.employer)
    give(placement, team.employer, well="Og mere")
    assert feedback_completion(team.partnership) == (2, 1)


# -- Waiting -----------------------------------------------------------------------------------


def what_waits(user) -> str:
    return "\n".join(row.what for row in waiting_on(user))


def test_the_caseworker_asks_a_company_without_a_sign_in(team, english):
    placement = PlacementFactory(youth=team.youth, starts_on=days(-30))
    asked = f"Ask {placement.employer.name} for feedback on {team.youth.name}"
    assert asked in what_waits(team.caseworker)
    assert asked not in what_waits(team.school)

    employer_of(placement)
    assert asked not in what_waits(team.caseworker)


def test_a_company_with_a_sign_in_sees_that_it_is_asked(team, sign_in, english):
    client = sign_in(team.employer)
    page = reverse("youths:placements")
    assert "Give feedback" not in client.get(page).text
    Placement.objects.update(starts_on=days(-30))
    assert "Give feedback" in client.get(page).text
    give(team.placement, team.employer)
    assert "Give feedback" not in client.get(page).text


def test_the_young_person_is_asked_what_they_think(team, feedback, english):
    asked = f"Read what {team.placement.employer.name} says about how it is going"
    assert asked in what_waits(team.young)
    assert team.placement.employer.name not in what_waits(team.school)

    feedback.reply(by=team.young, answer="agrees")
    assert asked not in what_waits(team.young)


def test_without_a_sign_in_the_school_sits_beside(team, english):
    alone = PlacementFactory(youth=YouthFactory(partnership=team.partnership))
    give(alone, employer_of(alone))
    asked = f"Read the feedback of {alone.employer.name} with {alone.youth.name}"
    assert asked in what_waits(team.school)
    assert asked not in what_waits(team.caseworker)


def test_the_team_is_told_when_it_arrives_and_when_it_is_seen_differently(
    team, feedback, sign_in, english
):
    def told():
        rows = Notice.objects.filter(kind__in=("company", "differently"))
        return sorted((n.kind, n.recipient.name) for n in rows.select_related("recipient"))

    team_names = sorted([team.school.name, team.caseworker.name])
    assert told() == [("company", name) for name in team_names]
    feedback.reply(by=team.young, answer="agrees")
    assert len(told()) == 2
    feedback.reply(by=team.young, answer="disagrees", comment="Jeg spurgte jo")
    assert told()[2:] == [("differently", name) for name in team_names]
    home = sign_in(team.school).get("/").text
    assert f"A company has given feedback on the placement of {team.youth.name}" in home


# -- Given -------------------------------------------------------------------------------------


def test_a_company_gives_feedback_on_its_sign_in(team, sign_in, english):
    client = sign_in(team.employer)
    assert "no diagnosis" in client.get(giving(team.placement)).text

    wrong = client.post(giving(team.placement), SAID | {"well": "", "practise": "At spørge"})
    assert wrong.status_code == 422
    assert "At spørge" in wrong.text
    assert client.post(giving(team.placement), SAID).status_code == 302

    given = PlacementFeedback.objects.get()
    assert (given.given_by, given.giver_name, given.link) == (
        team.employer, team.employer.name, None
    )  # fmt: skip


def test_nobody_else_gives_it(team, other_team, sign_in):
    for who, status in (
        (team.caseworker, 403), (team.young, 403), (team.lead, 404), (other_team.employer, 404)
    ):  # fmt: skip
        assert sign_in(who).post(giving(team.placement), SAID).status_code == status
    assert not PlacementFeedback.objects.exists()


def test_nothing_is_given_of_a_placement_that_is_over(team):
    team.placement.end(by=team.caseworker)
    Placement.objects.update(ended_on=days(-1))
    with pytest.raises(PlacementRefused):
        give(team.placement, team.employer)


def test_the_same_once_more_is_one_feedback(team, feedback):
    assert give(team.placement, team.employer) == feedback


# -- Answered ----------------------------------------------------------------------------------


def test_the_young_person_sees_it_differently(team, feedback, sign_in, english):
    client = sign_in(team.young)
    page = client.get(answering(feedback)).text
    assert "God til salat" in page

    silent = client.post(answering(feedback), {"answer": "disagrees", "comment": " "})
    assert silent.status_code == 422
    none = client.post(answering(feedback), {"comment": "Jeg spurgte jo"})
    assert none.status_code == 422
    assert "Jeg spurgte jo" in none.text
    said = {"answer": "disagrees", "comment": "Jeg spurgte jo"}
    assert client.post(answering(feedback), said).status_code == 302

    placement = reverse("placement", args=[team.placement.pk])
    for who in (team.young, team.school, team.caseworker, team.employer):
        shown = sign_in(who).get(placement).text
        assert "God til salat" in shown
        assert "Jeg spurgte jo" in shown
    assert "Jeg spurgte jo" in client.get(answering(feedback)).text


def test_an_answer_can_be_changed(team, feedback):
    feedback.reply(by=team.young, answer="disagrees", comment="Nej")
    feedback.reply(by=team.young, answer="agrees", comment="Nej")
    assert (feedback.answer, feedback.comment) == ("agrees", "")
    with pytest.raises(PlacementRefused):
        feedback.reply(by=team.young, answer="disagrees", comment=" ")


def test_the_school_sits_beside(team, feedback, sign_in):
    client = sign_in(team.school)
    assert "/together/" in client.get(answering(feedback))["Location"]
    late = client.post(answering(feedback), {"answer": "disagrees", "comment": "Sagt sent"})
    assert late.status_code == 409
    assert "Sagt sent" in late.text

    sitting = Sitting.start(by=team.school, youth=team.youth, pen="staff")
    assert client.get(answering(feedback)).status_code == 200
    client.post(answering(feedback), {"answer": "agrees"})
    feedback.refresh_from_db()
    assert (feedback.answer, feedback.sitting) == ("agrees", sitting)


def test_nobody_else_answers(team, other_team, feedback, sign_in):
    for who, status in (
        (team.caseworker, 403), (team.employer, 404), (team.lead, 404), (other_team.young, 404)
    ):  # fmt: skip
        assert sign_in(who).post(answering(feedback), {"answer": "agrees"}).status_code == status
    assert PlacementFeedback.objects.get().answer == ""


def test_who_reads_it(team, other_team, feedback):
    for who in (team.school, team.caseworker, team.young, team.employer):
        assert list(PlacementFeedback.objects.visible_to(who)) == [feedback]
    for who in (team.lead, team.evaluator, other_team.school, other_team.employer):
        assert not PlacementFeedback.objects.visible_to(who).exists()
    team.placement.end(by=team.caseworker)
    assert not PlacementFeedback.objects.visible_to(team.employer).exists()
    assert PlacementFeedback.objects.visible_to(team.school).exists()


def test_reading_and_answering_is_noted(team, feedback, sign_in):
    sign_in(team.school).get(reverse("placement", args=[team.placement.pk]))
    sign_in(team.employer).get(giving(team.placement))
    sign_in(team.young).get(answering(feedback))
    assert sorted(AccessEvent.objects.values_list("role", "sections")) == [
        ("employer", "placement"), ("school", "placement"),
    ]  # fmt: skip


@pytest.mark.parametrize("n", [1, 3])
def test_as_many_queries_however_much_was_said(team, sign_in, n, django_assert_num_queries):
    for at in range(n):
        give(team.placement, team.employer, well=f"Nummer {at}")
    client = sign_in(team.school)
    client.get(reverse("placement", args=[team.placement.pk]))
    with django_assert_num_queries(17):
        client.get(reverse("placement", args=[team.placement.pk]))


# -- Rules of the database ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"given_by": None}, "feedback_is_given_on_a_sign_in_or_by_a_link"),
        ({"well": ""}, "feedback_says_what_goes_well"),
        ({"weekly_hours": 38}, "hours_of_feedback_are_between_0_and_37"),
        ({"answer": "disagrees", "answered_at": timezone.now()}, "who_sees_it_differently"),
        ({"answer": "agrees", "comment": "Nej"}, "who_sees_it_differently"),
    ],
)
def test_the_database_keeps(team, wrong, name):
    right = {"given_by": team.employer, "giver_name": "B", **SAID}
    with pytest.raises(IntegrityError, match=name):
        PlacementFeedback.objects.create(placement=team.placement, **right | wrong)


def test_a_round_is_answered_once(team):
    right = {"given_by": team.employer, "giver_name": "B", "round": 1, **SAID}
    PlacementFeedback.objects.create(placement=team.placement, **right)
    with pytest.raises(IntegrityError, match="a_round_of_a_placement_is_answered_once"):
        PlacementFeedback.objects.create(placement=team.placement, **right)
