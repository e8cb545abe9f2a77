"""The meetings after the first: agenda, record, the next day; on their page."""

from io import BytesIO

import pytest
from django.urls import reverse
from pypdf import PdfReader

from handover.models import (
    HandoverRefused,
    Meeting,
    MeetingHeld,
    MeetingPoint,
    meetings_of,
    meetings_waiting_on,
)
from partnerships.models import User
from tests.factories import days
from tests.handover.test_meetings import as_it_stands, by_school, by_youth, held, planned

pytestmark = pytest.mark.django_db


def url(team):
    return reverse("handover:meetings", args=[team.youth.pk])


def following(team, on=7, **fields):
    """The first was held, and the next one is planned by its record."""
    held(team, by_school(team), by_youth(), next_on=days(on), **fields)
    return Meeting.objects.ahead()


def waiting(user):
    return [row.what for row in meetings_waiting_on(User.objects.get(pk=user.pk))]


class TestTheNext:
    def test_is_planned_by_the_record_and_moves_with_its_correction(self, team):
        ahead = following(team)
        assert (ahead.planned_on, ahead.is_first) == (days(7), False)
        first = Meeting.objects.held().get()
        first.correct(by=team.caseworker, **as_it_stands(first) | {"next_on": days(9)})
        ahead.refresh_from_db()
        assert ahead.planned_on == days(9)

    def test_stays_where_it_is_when_something_else_is_corrected(self, team):
        ahead = following(team)
        Meeting.plan(by=team.caseworker, profile=ahead.profile, on=days(3))
        first = Meeting.objects.held().get()
        said = as_it_stands(first) | {"next_on": days(7), "others": "Mor"}
        first.correct(by=team.caseworker, **said)
        ahead.refresh_from_db()
        assert ahead.planned_on == days(3)

    def test_is_not_moved_by_a_record_that_is_not_the_last(self, team):
        ahead, first = following(team, on=0), Meeting.objects.held().get()
        ahead.record(
            by=team.caseworker,
            held_on=days(0),
            people=[],
            youth_present=True,
            agreements=[],
            next_on=days(20),
        )
        first.correct(by=team.caseworker, **as_it_stands(first) | {"next_on": days(2)})
        assert Meeting.objects.ahead().planned_on == days(20)

    def test_waits_on_the_caseworker_on_its_day(self, team):
        following(team, on=0)
        assert waiting(team.caseworker) == [f"Record the meeting with {team.youth.name}"]

    def test_its_agreements_wait_like_those_of_the_first(self, team):
        ahead = following(team, on=0)
        ahead.record(
            by=team.caseworker,
            held_on=days(0),
            people=[],
            youth_present=True,
            agreements=[by_school(team, "Ringe til kroen")],
            minutes="Bussen gik godt.",
        )
        assert f"Agreed about {team.youth.name}: Ringe til kroen" in waiting(team.school)
        newest, first = meetings_of(team.young, team.youth)
        assert (newest.meeting.minutes, first.meeting.is_first) == ("Bussen gik godt.", True)


class TestAgenda:
    def test_the_young_persons_points_come_first(self, team):
        meeting = planned(team)
        meeting.add_point(by=team.caseworker, of="caseworker", words="Økonomi")
        meeting.add_point(by=team.school, of="youth", words="Bussen")
        points = list(meeting.points.standing())
        assert [point.words for point in points] == ["Bussen", "Økonomi"]
        assert points[0].said_by_another

    def test_the_same_words_twice_are_one_point(self, team):
        meeting = planned(team)
        for _ in range(2):
            meeting.add_point(by=team.young, of="youth", words=" Bussen  ")
        assert meeting.points.get().words == "Bussen"

    def test_not_empty_and_not_once_it_was_held(self, team):
        with pytest.raises(HandoverRefused):
            planned(team).add_point(by=team.young, of="youth", words=" ")
        meeting = Meeting.objects.get()
        point = meeting.add_point(by=team.young, of="youth", words="Bussen")
        meeting.record(
            by=team.caseworker, held_on=days(0), people=[], youth_present=True, agreements=[]
        )
        with pytest.raises(MeetingHeld):
            meeting.add_point(by=team.young, of="youth", words="Mere")
        with pytest.raises(MeetingHeld):
            point.withdraw()

    def test_the_young_person_is_asked_until_there_is_a_point(self, team):
        meeting = planned(team, on=14)
        assert waiting(team.young) == ["What do you want to speak about?"]
        assert waiting(team.school) == []
        meeting.add_point(by=team.young, of="youth", words="Bussen")
        assert waiting(team.young) == []

    def test_not_long_before(self, team):
        planned(team, on=15)
        assert waiting(team.young) == []

    def test_the_school_asks_for_who_has_no_sign_in(self, team):
        planned(team, on=3)
        team.youth.account = None
        team.youth.save()
        assert waiting(team.school) == [f"Ask {team.youth.name} what to speak about"]
        assert waiting(team.caseworker) == []


class TestPage:
    def test_a_point_from_each_side(self, team, sign_in):
        planned(team, on=3)
        assert sign_in(team.young).post(url(team), {"words": "Bussen"}).status_code == 302
        given = {"words": "Hjælp til transport", "of": "school"}
        assert sign_in(team.school).post(url(team), given).status_code == 302
        page = sign_in(team.caseworker).get(url(team)).text
        assert page.index("Bussen") < page.index("Hjælp til transport")
        rows = MeetingPoint.objects.standing().values_list("of", "added_by")
        assert list(rows) == [("youth", team.young.pk), ("school", team.school.pk)]

    @pytest.mark.parametrize(
        "wrong", [{"words": ""}, {"of": ""}, {"of": "caseworker"}, {"words": "x" * 301}]
    )
    def test_bad_input_is_said_and_what_was_typed_stays(self, team, sign_in, wrong):
        planned(team, on=3)
        given = {"words": "Hjælp til transport", "of": "school"} | wrong
        response = sign_in(team.school).post(url(team), given)
        assert response.status_code == 422
        assert given["words"] in response.text
        assert not MeetingPoint.objects.exists()

    def test_a_point_for_no_meeting_keeps_its_words(self, team, sign_in):
        held(team)
        response = sign_in(team.young).post(url(team), {"words": "Bussen"})
        assert response.status_code == 409
        assert "Bussen" in response.text

    def test_is_taken_off_by_who_wrote_it_or_who_plans(self, team, other_team, sign_in):
        meeting = planned(team, on=3)
        point = meeting.add_point(by=team.young, of="youth", words="Bussen")
        off = reverse("handover:withdraw_point", args=[point.pk])
        assert sign_in(other_team.caseworker).post(off).status_code == 404
        assert sign_in(team.school).post(off).status_code == 403
        assert meeting.points.standing().exists()
        for _ in range(2):
            assert sign_in(team.young).post(off)["Location"] == url(team) + "#agenda"
        assert not meeting.points.standing().exists()
        other = meeting.add_point(by=team.school, of="school", words="Kortet")
        sign_in(team.caseworker).post(reverse("handover:withdraw_point", args=[other.pk]))
        assert not meeting.points.standing().exists()

    def test_the_second_meeting_is_planned_recorded_and_corrected(self, team, sign_in):
        held(team)
        client = sign_in(team.caseworker)
        plan = reverse("handover:meeting", args=[team.youth.pk])
        assert client.post(plan, {"act": "plan", "planned_on": days(0)}).status_code == 302
        given = {
            "act": "record",
            "held_on": days(0),
            "people": [team.school.pk],
            "youth_present": "yes",
            "minutes": "Bussen gik godt.",
            "form-TOTAL_FORMS": 0,
            "form-INITIAL_FORMS": 0,
        }
        there = client.post(plan, given)["Location"]
        meeting = Meeting.objects.get(is_first=False)
        assert there == url(team) + f"#meeting-{meeting.pk}"
        assert "Bussen gik godt." in sign_in(team.young).get(url(team)).text
        correct = reverse("handover:correct_meeting", args=[meeting.pk])
        given |= {"number": 1, "minutes": "Bussen gik skidt."}
        assert client.post(correct, given)["Location"] == there
        page = sign_in(team.school).get(url(team)).text
        assert "Bussen gik skidt." in page
        assert "Bussen gik godt." in page

    def test_recorded_twice_is_recorded_once(self, team, sign_in):
        planned(team)
        given = {
            "act": "record",
            "held_on": days(0),
            "people": [team.school.pk],
            "youth_present": "yes",
            "form-TOTAL_FORMS": 0,
            "form-INITIAL_FORMS": 0,
        }
        client, address = (
            sign_in(team.caseworker),
            reverse("handover:meeting", args=[team.youth.pk]),
        )
        there = [client.post(address, given)["Location"] for _ in range(2)]
        assert there[0] == there[1] == Meeting.objects.get().path

    def test_without_any_it_says_so(self, team, sign_in):
        page = sign_in(team.school).get(url(team)).text
        assert "No meeting is planned." in page

    @pytest.mark.parametrize("number", [1, 3])
    def test_asks_as_often_for_three_meetings_as_for_one(
        self, team, sign_in, django_assert_num_queries, number
    ):
        meeting = planned(team)
        for n in range(number):
            meeting.add_point(by=team.young, of="youth", words=f"Nr. {n}")
            meeting.record(
                by=team.caseworker,
                held_on=days(0),
                people=[team.school],
                youth_present=True,
                agreements=[by_school(team, f"Nr. {n}")],
                next_on=days(0),
            )
            meeting = Meeting.objects.ahead()
            meeting.add_point(by=team.school, of="school", words=f"Nr. {n}")
        client = sign_in(team.school)
        client.get(url(team))
        with django_assert_num_queries(15):
            client.get(url(team))


def test_the_file_of_the_case_has_later_meetings(team, sign_in):
    ahead = following(team, on=0)
    ahead.record(
        by=team.caseworker,
        held_on=days(0),
        people=[],
        youth_present=True,
        agreements=[],
        minutes="Bussen gik godt.",
    )
    response = sign_in(team.young).get(reverse("case_pdf", args=[team.youth.pk]))
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(response.content)).pages)
    assert "Bussen gik godt." in text
