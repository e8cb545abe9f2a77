"""The course: phases, efforts, when nothing is directed at a job, and the pages."""

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from partnerships.models import Phase
from tests.factories import PlacementFactory, days, goal_of
from tests.youths.test_referrals import propose
from youths.models import CourseRefused, Effort, PhaseEntry, Youth, quiet_since

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def second(team):
    return Phase.objects.create(programme=team.programme, position=2, name="Jobrettet indsats")


@pytest.fixture
def effort(team):
    return recommended(team)


def recommended(team, **said):
    said = {"lane": "job", "words": "Mentor"} | said
    return Effort.recommend(by=team.caseworker, youth=team.youth, **said)


def url(name, thing):
    return reverse(f"youths:{name}", args=[thing.pk])


class TestPhases:
    def test_the_course_comes_into_a_phase_and_back(self, team, second):
        first = team.youth.phase
        PhaseEntry.enter(by=team.caseworker, youth=team.youth, phase=second, on=days(-1))
        PhaseEntry.enter(by=team.caseworker, youth=team.youth, phase=first, on=days(0))
        assert [e.phase for e in team.youth.phase_entries.all()] == [second, first]
        assert Youth.objects.get(pk=team.youth.pk).phase == first

    def test_where_it_is_already_nothing_happens(self, team):
        phase = team.youth.phase
        assert not PhaseEntry.enter(by=team.caseworker, youth=team.youth, phase=phase, on=days(0))
        assert not team.youth.phase_entries.exists()

    def test_acceptance_is_into_the_first(self, team):
        referral = propose(team)
        referral.accept(by=team.school)
        entry = referral.youth.phase_entries.get()
        assert (entry.phase, entry.began_on) == (team.phase, days(0))

    def test_not_ahead_of_time_nor_before_the_one_it_is_in(self, team, second):
        third = Phase.objects.create(programme=team.programme, position=3, name="Job")
        PhaseEntry.enter(by=team.caseworker, youth=team.youth, phase=second, on=days(-1))
        for on in (days(1), days(-2)):
            with pytest.raises(CourseRefused):
                PhaseEntry.enter(by=team.caseworker, youth=team.youth, phase=third, on=on)
        assert team.youth.phase_entries.count() == 1

    def test_not_into_one_of_another_programme(self, team, other_team):
        phase = Phase.objects.create(programme=other_team.programme, position=7, name="Andet")
        if other_team.programme == team.programme:
            pytest.fail("the two teams share a programme: this shows nothing")
        with pytest.raises(CourseRefused):
            PhaseEntry.enter(by=team.caseworker, youth=team.youth, phase=phase, on=days(0))


class TestEfforts:
    def test_recommended_begun_ended(self, team, effort):
        assert effort.is_recommended
        for _ in range(2):
            effort.start(on=days(0))
        assert effort.is_under_way
        for _ in range(2):
            effort.end(on=days(0), because="Godt")
        assert (effort.is_under_way, effort.because) == (False, "Godt")

    def test_the_same_words_while_it_stands_are_one(self, team, effort):
        assert recommended(team, words=" Mentor\n") == effort
        effort.set_aside(because="Ingen plads")
        assert recommended(team) != effort

    def test_is_set_aside_for_a_reason_as_long_as_it_was_not_begun(self, effort):
        with pytest.raises(CourseRefused):
            effort.set_aside(because=" ")
        effort.start(on=days(0))
        with pytest.raises(CourseRefused):
            effort.set_aside(because="Ingen plads")

    @pytest.mark.parametrize("on", [1, -4000])
    def test_begins_within_the_course_and_not_ahead(self, effort, on):
        with pytest.raises(CourseRefused):
            effort.start(on=days(on))

    def test_does_not_end_before_it_began_nor_without(self, effort):
        with pytest.raises(CourseRefused):
            effort.end(on=days(0))
        effort.start(on=days(0))
        with pytest.raises(CourseRefused):
            effort.end(on=days(-1))

    def test_not_for_somebody_elses_goal_nor_without_words(self, team, other_team):
        with pytest.raises(CourseRefused):
            recommended(team, goal=goal_of(other_team.youth))
        with pytest.raises(CourseRefused):
            recommended(team, words=" ")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"words": ""},
            {"started_on": 0, "ended_on": -1},
            {"set_aside_at": True},
            {"set_aside_at": True, "because": "Nej", "started_on": 0},
        ],
    )
    def test_the_database_wants_words_order_and_a_reason(self, effort, wrong):
        for name, value in wrong.items():
            value = days(value) if name.endswith("_on") else value
            setattr(effort, name, timezone.now() if value is True else value)
        with pytest.raises(IntegrityError), transaction.atomic():
            effort.save()


class TestQuiet:
    """Nothing directed at a job for as many weeks as the programme says."""

    @pytest.fixture(autouse=True)
    def long_ago(self, team):
        Youth.objects.filter(pk=team.youth.pk).update(enrolled_on=days(-300))
        team.youth.refresh_from_db()
        team.youth.placements.all().delete()

    def test_since_the_acceptance(self, team):
        assert quiet_since(team.youth) == days(-300)

    def test_an_effort_under_way_is_something(self, team, effort):
        assert quiet_since(team.youth)  # recommended alone is nothing
        effort.start(on=days(-200))
        assert quiet_since(team.youth) is None

    @pytest.mark.parametrize(("ended", "since"), [(-55, None), (-56, -56)])
    def test_and_eight_weeks_after_it(self, team, effort, ended, since):
        effort.start(on=days(-200))
        effort.end(on=days(ended))
        assert quiet_since(team.youth) == (since and days(since))

    def test_of_another_lane_is_not(self, team):
        recommended(team, lane="health").start(on=days(-3))
        assert quiet_since(team.youth) == days(-300)

    def test_a_placement_is_until_its_last_day(self, team):
        PlacementFactory(youth=team.youth, starts_on=days(-100), ends_on=days(-60))
        assert quiet_since(team.youth) == days(-60)
        PlacementFactory(youth=team.youth, starts_on=days(-10), ends_on=days(60))
        assert quiet_since(team.youth) is None

    def test_one_that_is_planned_is_not_yet(self, team):
        PlacementFactory(youth=team.youth, starts_on=days(3), ends_on=days(60))
        assert quiet_since(team.youth) == days(-300)

    def test_a_goal_is_when_something_happens_with_it(self, team):
        with time_machine.travel(timezone.now() - timezone.timedelta(days=70)):
            goal = goal_of(team.youth, by=team.caseworker, lane="job")
        assert quiet_since(team.youth) == days(-70)
        goal.add_step(by=team.caseworker, words="Ringe", owner="youth")
        assert quiet_since(team.youth) is None

    def test_the_weeks_are_the_programmes(self, team):
        team.programme.job_quiet_weeks = 50
        team.programme.save()
        assert quiet_since(Youth.objects.get(pk=team.youth.pk)) is None


class TestPages:
    def test_the_course_for_everybody_who_reads_it(self, team, sign_in, effort):
        recommended(team, words="Kursus", lane="skills").start(on=days(0))
        goal_of(team.youth, by=team.caseworker, words="Jeg tager bussen")
        for person in (team.caseworker, team.school, team.young):
            page = sign_in(person).get(url("course", team.youth)).text
            for words in ("Mentor", "Kursus", "Jeg tager bussen", "Afklaring"):
                assert words in page

    def test_says_gently_when_nothing_is_directed_at_a_job(self, team, sign_in):
        Youth.objects.filter(pk=team.youth.pk).update(enrolled_on=days(-300))
        team.youth.placements.all().delete()
        assert "could a small piece of work" in sign_in(team.school).get(
            url("course", team.youth)
        ).text  # fmt: skip
        assert "Talk about it" in sign_in(team.young).get(url("course", team.youth)).text

    def test_a_phase_is_entered(self, team, second, sign_in):
        client = sign_in(team.caseworker)
        given = {"phase": second.pk, "on": days(0)}
        assert client.post(url("enter_phase", team.youth), given).status_code == 302
        assert "Jobrettet indsats" in client.get(reverse("case", args=[team.youth.pk])).text
        bad = {"phase": team.phase.pk, "on": days(4)}
        assert client.post(url("enter_phase", team.youth), bad).status_code == 422

    def test_the_school_recommends_and_the_caseworker_begins(self, team, sign_in):
        given = {"words": "Mentor", "lane": "job", "goal": ""}
        assert sign_in(team.school).post(url("recommend", team.youth), given).status_code == 302
        effort = Effort.objects.get()
        assert effort.recommended_by == team.school
        assert sign_in(team.school).get(url("effort", effort)).status_code == 403
        client = sign_in(team.caseworker)
        given = {"act": "start", "on": days(0)}
        assert client.post(url("effort", effort), given).status_code == 302
        assert client.post(url("effort", effort), {"act": "set_aside"}).status_code == 409
        given = {"act": "end", "on": days(0), "because": "Godt"}
        assert client.post(url("effort", effort), given).status_code == 302
        assert "Godt" in sign_in(team.young).get(url("course", team.youth)).text

    @pytest.mark.parametrize("wrong", [{"words": ""}, {"lane": "x"}, {"goal": "x"}])
    def test_bad_input_is_said_and_what_was_typed_stays(self, team, sign_in, wrong):
        given = {"words": "Mentor", "lane": "job", "goal": ""} | wrong
        response = sign_in(team.school).post(url("recommend", team.youth), given)
        assert response.status_code == 422
        assert given["words"] in response.text
        assert not Effort.objects.exists()

    def test_the_young_person_reads_and_does_not_recommend(self, team, sign_in, effort):
        client = sign_in(team.young)
        assert client.get(url("recommend", team.youth)).status_code == 403
        assert url("effort", effort) not in client.get(url("course", team.youth)).text

    @pytest.mark.parametrize("number", [1, 3])
    def test_asks_as_often_for_three_as_for_one(
        self, team, sign_in, django_assert_num_queries, number
    ):
        for n in range(number):
            recommended(team, words=f"Nr. {n}", goal=goal_of(team.youth, words=f"Nr. {n}"))
            recommended(team, words=f"Under {n}").start(on=days(0))
        client = sign_in(team.caseworker)
        client.get(url("course", team.youth))
        with django_assert_num_queries(16):
            client.get(url("course", team.youth))
