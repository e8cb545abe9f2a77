"""Whose turn it is, and the case page's few lines."""

from datetime import timedelta

import pytest
from django.utils import timezone

from handover.models import HandoverProfile, HandoverVersion, profile_summary
from partnerships.access import Role
from partnerships.models import User
from tests.factories import HandoverProfileFactory, PartFactory, YouthFactory, days, member
from tests.handover.test_profiles import complete, sent, standing
from youths.models import Consent, HeldBack

pytestmark = pytest.mark.django_db


def waiting(user):
    return [(row.what, row.youth_id) for row in HandoverProfile.objects.waiting_on(user)]


def fresh(user):
    """The person with the next request: nothing remembered."""
    return User.objects.get(pk=user.pk)


class TestWaitingOnTheSchool:
    def test_a_youth_without_a_handover(self, team):
        assert waiting(team.school) == [(f"Write the handover of {team.youth.name}", team.youth.pk)]

    def test_since_the_youth_was_accepted(self, team):
        (row,) = HandoverProfile.objects.waiting_on(team.school)
        assert timezone.localdate(row.since) == team.youth.enrolled_on

    def test_a_draft(self, team):
        complete(team)
        assert waiting(team.school) == [
            (f"Finish and send the handover of {team.youth.name}", team.youth.pk)
        ]

    def test_nothing_once_it_is_sent(self, team):
        sent(team)
        assert waiting(team.school) == []

    def test_a_change_that_was_not_sent(self, team):
        part = sent(team).parts.first()
        part.write(by=team.school, revision=1, text="Nyt")
        (row,) = HandoverProfile.objects.waiting_on(team.school)
        assert row.what == f"Send the changes to the handover of {team.youth.name}"
        assert row.since == part.written_at

    def test_a_question_until_it_has_its_reply(self, team):
        answer = standing(sent(team)).answer(by=team.caseworker, kind="question", text="?")
        (row,) = HandoverProfile.objects.waiting_on(team.school)
        assert row.what == f"Reply to a question about {team.youth.name}"
        assert (row.since, row.youth_id) == (answer.answered_at, team.youth.pk)
        answer.give_reply(by=team.school, text="Ja.")
        assert waiting(team.school) == []

    def test_nothing_of_who_has_left(self, team):
        answer = standing(sent(team)).answer(by=team.caseworker, kind="question", text="?")
        assert answer
        team.youth.left_on, team.youth.left_because = days(-1), "moved"
        team.youth.save()
        assert waiting(team.school) == []


class TestWaitingOnTheCaseworker:
    def test_nothing_of_a_draft(self, team):
        complete(team)
        assert waiting(team.caseworker) == []

    def test_what_was_sent_since_the_version_that_brought_it(self, team):
        profile = sent(team)
        first = timezone.now() - timedelta(days=17)
        HandoverVersion.objects.update(sent_at=first)
        profile.parts.get(section="support").write(by=team.school, revision=1, text="Nyt")
        profile.send(by=team.school)
        (row,) = HandoverProfile.objects.waiting_on(team.caseworker)
        assert row.what == f"Answer the handover of {team.youth.name}"
        assert row.why.startswith("3 parts from")
        assert row.since == first

    def test_only_what_is_disclosed(self, team):
        profile = sent(team, "health")
        for part in profile.sent_parts.disclosed():
            part.answer(by=team.caseworker, kind="understood")
        assert waiting(team.caseworker) == []
        Consent.give(by=team.young, youth=team.youth, section="health")
        assert len(waiting(team.caseworker)) == 1

    def test_a_question_that_came_back(self, team):
        profile = sent(team)
        for part in profile.sent_parts.all():
            answer = part.answer(by=team.caseworker, kind="question", text="?")
        assert waiting(team.caseworker) == []
        answer.give_reply(by=team.school, text="Ja.")
        (row,) = HandoverProfile.objects.waiting_on(team.caseworker)
        assert row.why.startswith("1 part from")


def test_nothing_waits_on_anybody_else(team, other_team):
    sent(team)
    for person in (team.young, team.employer, team.lead, team.evaluator):
        assert waiting(person) == []
    for person in other_team.people().values():
        assert team.youth.pk not in {youth for _what, youth in waiting(person)}


@pytest.mark.parametrize(("role", "queries"), [(Role.SCHOOL, 5), (Role.CASEWORKER, 5)])
@pytest.mark.parametrize("rows", [1, 3])
def test_waiting_asks_as_often_for_three_as_for_one(
    team, django_assert_num_queries, role, queries, rows
):
    person = member(team.partnership, role)
    for n in range(rows):
        youth = YouthFactory(partnership=team.partnership)
        profile = HandoverProfileFactory(youth=youth)
        for section in ("direction", "competences", "support"):
            PartFactory(profile=profile, section=section)
        profile.send(by=team.school)
        for part in profile.sent_parts.all()[:2]:
            part.answer(by=team.caseworker, kind="question", text=f"{n}?")
    HandoverProfile.objects.waiting_on(fresh(person))  # fills what lives as long as the process
    with django_assert_num_queries(queries):
        assert len(HandoverProfile.objects.waiting_on(fresh(person))) >= rows


class TestSummary:
    def test_is_none_before_anything_is_sent(self, team):
        complete(team)
        for person in (team.school, team.caseworker, team.young):
            assert profile_summary(person, team.youth) is None

    def test_is_none_to_an_outsider(self, team, other_team):
        sent(team)
        for person in (*other_team.people().values(), team.lead, team.employer, team.evaluator):
            assert profile_summary(person, team.youth) is None

    def test_counts_what_reaches_the_municipality_alike_for_all_three(self, team):
        profile = sent(team, "health", "network")
        standing(profile).answer(by=team.caseworker, kind="question", text="?")
        for person in (team.school, team.caseworker, team.young):
            summary = profile_summary(person, team.youth)
            assert (summary.version, summary.sent_by) == (1, team.school)
            assert (summary.delivered, summary.answered, summary.unanswered) == (4, 1, 3)
            assert summary.open_questions == 1
            assert summary.held_back == [HeldBack("health", "unasked", 1)]
            assert summary.held_back_number == summary.held_back_in("health").number == 1

    def test_gives_the_same_line_of_the_work_list_as_the_home_page(self, team):
        sent(team)
        rows = HandoverProfile.objects.waiting_on(team.caseworker)
        summary = profile_summary(team.caseworker, team.youth)
        assert rows
        assert rows == HandoverProfile.objects.waiting_on(team.caseworker, team.youth, summary)

    def test_waits_for_nothing_when_all_is_answered(self, team):
        profile = sent(team)
        for part in profile.sent_parts.all():
            part.answer(by=team.caseworker, kind="understood")
        assert profile_summary(team.caseworker, team.youth).waiting_since is None

    def test_does_not_count_a_question_about_what_is_now_held_back(self, team):
        profile = sent(team, "health")
        consent = Consent.give(by=team.young, youth=team.youth, section="health")
        standing(profile, "health").answer(by=team.caseworker, kind="question", text="?")
        consent.withdraw(by=team.young)
        assert profile_summary(team.caseworker, team.youth).open_questions == 0
        assert profile_summary(team.school, team.youth).open_questions == 1
