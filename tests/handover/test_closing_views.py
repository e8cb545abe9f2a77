"""Answering the whole and recording the first meeting, on their pages."""

import re

import pytest
from django.urls import reverse

from handover.decision_forms import AgreementForm
from handover.models import EarlierRecord, HandoverDecision, Meeting, MeetingAgreement
from tests.factories import days
from tests.handover.test_decisions import answered, decide
from tests.handover.test_meetings import as_it_stands, by_school, by_youth, held, planned
from tests.handover.test_profiles import sent
from youths.models import AccessEvent, Notice

pytestmark = pytest.mark.django_db


def url(name, pk):
    return reverse(f"handover:{name}", args=[pk])


def rows(*agreements):
    """What the rows of agreements send."""
    data = {"form-TOTAL_FORMS": "3", "form-INITIAL_FORMS": "0"}
    for n, agreement in enumerate(agreements):
        data |= {f"form-{n}-{name}": value for name, value in agreement.items()}
    return data


class TestDecide:
    def test_is_chosen_confirmed_and_shown_to_all_three(self, team, sign_in):
        answered(team)
        client, address = sign_in(team.caseworker), url("decide", team.youth.pk)
        confirm = client.post(address, {"kind": "accepted", "text": "Tak for det hele."})
        assert confirm.status_code == 200
        assert "Tak for det hele." in confirm.text
        assert team.school.name in confirm.text  # who is told
        assert not HandoverDecision.objects.exists()
        given = {"kind": "accepted", "text": "Tak for det hele.", "version": 1, "confirmed": 1}
        assert client.post(address, given).status_code == 302
        for person in (team.caseworker, team.school, team.young):
            assert "Tak for det hele." in sign_in(person).get(url("received", team.youth.pk)).text
        assert "Accepted" in sign_in(team.school).get(reverse("case", args=[team.youth.pk])).text
        home = sign_in(team.school).get(reverse("home")).text
        assert f"has accepted the handover of {team.youth.name}" in home

    def test_a_reply_is_news_to_the_receiver_with_the_way_to_it(self, team, sign_in):
        part = sent(team).sent_parts.first()
        part.answer(by=team.caseworker, kind="question", text="?").give_reply(
            by=team.school, text="Efter frokost."
        )
        client = sign_in(team.caseworker)
        home = client.get(reverse("home")).text
        assert (
            f"{team.partnership.school.name} has replied to a question about {team.youth.name}"
            in home
        )
        assert "Efter frokost." not in home
        assert "Efter frokost." in client.get(Notice.objects.get(kind="replied").path).text
        assert "has replied" not in sign_in(team.school).get(reverse("home")).text

    def test_is_no_news_once_it_is_seen(self, team, sign_in):
        decide(team, answered(team))
        notice, client = Notice.objects.get(kind="accepted"), sign_in(team.school)
        seen = reverse("youths:notice_seen", args=[notice.pk])
        assert sign_in(team.caseworker).post(seen).status_code == 404
        assert client.post(seen).status_code == 302
        assert "has accepted" not in client.get(reverse("home")).text

    def test_cannot_accept_before_every_part_is_answered(self, team, sign_in):
        sent(team)
        response = sign_in(team.caseworker).post(
            url("decide", team.youth.pk), {"kind": "accepted", "text": "Det haster"}
        )
        assert response.status_code == 422
        assert "Not yet" in response.text
        assert "Det haster" in response.text

    @pytest.mark.parametrize(
        ("kind", "said"),
        [
            ("returned", {}),
            ("declined", {"text": "Nej"}),
            ("declined", {"declined_because": "other"}),
        ],
    )
    def test_asks_for_the_words_that_it_needs(self, team, sign_in, kind, said):
        sent(team)
        given = {"kind": kind, "version": 1, "confirmed": 1} | said
        response = sign_in(team.caseworker).post(url("decide", team.youth.pk), given)
        assert response.status_code == 422
        assert not HandoverDecision.objects.exists()

    def test_says_what_is_missing_where_the_school_writes(self, team, sign_in):
        sent(team)
        given = {
            "kind": "returned",
            "version": 1,
            "confirmed": 1,
            "missing_support": "Hvad gør I om morgenen?",
        }
        assert sign_in(team.caseworker).post(url("decide", team.youth.pk), given).status_code == 302
        assert (
            "Hvad gør I om morgenen?" in sign_in(team.school).get(url("write", team.youth.pk)).text
        )

    def test_for_an_older_version_is_a_conflict_and_keeps_the_text(self, team, sign_in):
        profile = answered(team)
        profile.parts.get(section="support").write(by=team.school, revision=1, text="Nyt")
        profile.send(by=team.school)
        given = {"kind": "with_questions", "version": 1, "confirmed": 1, "text": "Hov"}
        response = sign_in(team.caseworker).post(url("decide", team.youth.pk), given)
        assert response.status_code == 409
        assert "newer version" in response.text
        assert "Hov" in response.text

    def test_is_refused_to_who_only_reads_and_not_there_for_others(self, team, other_team, sign_in):
        answered(team)
        given = {"kind": "accepted", "version": 1, "confirmed": 1}
        for person, status in (
            (team.school, 403),
            (team.young, 403),
            (other_team.caseworker, 404),
            (team.employer, 404),
            (team.lead, 404),
        ):
            assert sign_in(person).post(url("decide", team.youth.pk), given).status_code == status
        assert not HandoverDecision.objects.exists()


class TestMeeting:
    def test_is_planned_then_recorded_with_its_agreements(self, team, sign_in):
        decide(team, answered(team))
        client, address = sign_in(team.caseworker), url("meeting", team.youth.pk)
        assert client.post(address, {"act": "plan", "planned_on": days(0)}).status_code == 302
        given = {
            "act": "record",
            "held_on": days(0),
            "people": [team.school.pk, team.caseworker.pk],
            "youth_present": "no",
            "why_absent": "Syg",
            "others": "Mor",
        } | rows(
            {"what": "Sende kortet", "who": team.school.pk, "due_on": days(3)},
            {"what": "Prøve bussen", "who": "youth", "due_on": days(5)},
        )
        assert client.post(address, given).status_code == 302
        assert [(a.what, a.who, a.person) for a in MeetingAgreement.objects.all()] == [
            ("Sende kortet", "school", team.school),
            ("Prøve bussen", "youth", None),
        ]
        for person in (team.caseworker, team.school, team.young):
            page = sign_in(person).get(url("received", team.youth.pk)).text
            for words in ("Sende kortet", "Prøve bussen", "Syg", "Mor"):
                assert words in page
        sections = AccessEvent.objects.filter(user_id=team.school.pk).first().codes
        assert "course" in sections

    def test_another_row_keeps_what_was_typed(self, team, sign_in):
        planned(team)
        given = {"act": "more", "others": "Mor"} | rows({"what": "Ringe"})
        response = sign_in(team.caseworker).post(url("meeting", team.youth.pk), given)
        assert response.status_code == 200
        assert 'value="Ringe"' in response.text
        assert 'value="Mor"' in response.text
        assert "form-3-what" in response.text
        assert "form-error" not in response.text

    @pytest.mark.parametrize(
        "wrong",
        [
            {"held_on": "i går"},
            {"held_on": days(1)},
            {"youth_present": "no"},
            {"people": []},
            {"form-0-what": "Ringe"},
            {"form-0-what": "Ringe", "form-0-who": "other", "form-0-due_on": days(1)},
            {"form-0-what": "Ringe", "form-0-who": "0" * 36, "form-0-due_on": days(1)},
            {"form-TOTAL_FORMS": "mange"},
        ],
    )
    def test_bad_input_is_said_and_nothing_is_stored(self, team, sign_in, wrong):
        planned(team)
        given = {
            "act": "record",
            "held_on": days(0),
            "people": [team.school.pk],
            "youth_present": "yes",
        }
        response = sign_in(team.caseworker).post(
            url("meeting", team.youth.pk), given | rows() | wrong
        )
        assert response.status_code == 422
        assert Meeting.objects.get().held_on is None

    def test_not_before_it_is_accepted(self, team, sign_in):
        sent(team)
        client, address = sign_in(team.caseworker), url("meeting", team.youth.pk)
        assert "not accepted yet" in client.get(address).text
        given = {"act": "plan", "planned_on": days(3)}
        assert client.post(address, given).status_code == 409

    def test_is_the_caseworkers(self, team, other_team, sign_in):
        planned(team)
        for person, status in (
            (team.school, 403),
            (team.young, 403),
            (other_team.caseworker, 404),
            (team.lead, 404),
        ):
            assert sign_in(person).get(url("meeting", team.youth.pk)).status_code == status


def correction(team) -> dict:
    """The form as it stands on the page of the correction."""
    meeting = Meeting.objects.get()
    rows_of_it = AgreementForm.typed(list(meeting.agreements.filter(done_at=None)))
    return {
        "act": "record",
        "number": meeting.number,
        "held_on": meeting.held_on,
        "people": [person.pk for person in meeting.people.all()],
        "youth_present": "yes",
    } | rows_of_it


def correcting():
    return url("correct_meeting", Meeting.objects.get().pk)


class TestCorrecting:
    def test_shows_what_stands_and_then_both(self, team, sign_in):
        held(team, by_school(team), by_youth(), others="Mor")
        client, address = sign_in(team.caseworker), correcting()
        page = client.get(address).text
        for words in ("Sende kortet", "Prøve bussen", 'value="Mor"'):
            assert words in page
        given = correction(team) | {"others": "Far", "form-0-what": "Gå turen"}
        assert client.post(address, given).status_code == 302
        for person in (team.caseworker, team.school, team.young):
            page = sign_in(person).get(url("received", team.youth.pk)).text
            for words in ("Gå turen", "Prøve bussen", "Far", "Mor", "before it was corrected"):
                assert words in page

    def test_of_an_older_record_is_a_conflict_that_shows_both(self, team, sign_in):
        held(team, by_school(team))
        client, address = sign_in(team.caseworker), correcting()
        old = correction(team)
        assert client.post(address, old | {"others": "Far"}).status_code == 302
        response = client.post(address, old | {"others": "Mor"})
        assert response.status_code == 409
        for words in ("Far", 'value="Mor"', "Somebody has corrected"):
            assert words in response.text
        again = old | {"others": "Mor", "number": response.context["number"]}
        assert client.post(address, again).status_code == 302

    def test_names_who_took_part_and_has_left_the_team(self, team, sign_in):
        held(team, by_school(team))
        team.school.memberships.update(ends_on=days(-1))
        client, address = sign_in(team.caseworker), correcting()
        assert team.school.name in client.get(address).text
        given = correction(team) | {"others": "Far"}
        assert client.post(address, given).status_code == 302
        assert team.school in Meeting.objects.get().people.all()

    @pytest.mark.parametrize(
        ("wrong", "status"),
        [
            ({"held_on": "i går"}, 422),
            ({"form-0-who": "0" * 36}, 422),
            ({"form-0-pk": "x"}, 422),
            ({"number": "x", "others": "Far"}, 409),
            ({"number": "", "others": "Far"}, 409),
            ({"act": "other"}, 422),
        ],
    )
    def test_bad_input_is_said_and_nothing_is_stored(self, team, sign_in, wrong, status):
        held(team, by_school(team))
        client, address = sign_in(team.caseworker), correcting()
        assert client.post(address, correction(team) | wrong).status_code == status
        assert not EarlierRecord.objects.exists()

    def test_is_the_caseworkers_and_not_there_before_it_was_held(self, team, other_team, sign_in):
        planned(team)
        address = correcting()
        assert sign_in(team.caseworker).get(address).status_code == 404
        Meeting.objects.get().record(
            by=team.caseworker, held_on=days(0), people=[], youth_present=True, agreements=[]
        )
        for person, status in (
            (team.caseworker, 200),
            (team.school, 403),
            (team.young, 403),
            (other_team.caseworker, 404),
            (team.lead, 404),
        ):
            assert sign_in(person).get(address).status_code == status


class TestDone:
    def test_by_who_is_named_or_the_caseworker(self, team, other_team, sign_in):
        meeting = held(team, by_school(team), by_youth(), by_youth("Ringe"))
        by_what = {a.what: a for a in meeting.agreements.all()}
        bus, ring, card = (by_what[w] for w in ("Prøve bussen", "Ringe", "Sende kortet"))
        for person, agreement, status in (
            (team.young, card, 403),
            (team.school, bus, 403),
            (other_team.school, card, 404),
            (team.lead, card, 404),
            (team.young, bus, 302),
            (team.school, card, 302),
            (team.school, card, 302),  # pressed twice
            (team.caseworker, ring, 302),
        ):
            response = sign_in(person).post(url("agreement_done", agreement.pk))
            assert response.status_code == status, (person, agreement.what)
        assert not meeting.agreements.filter(done_at=None).exists()

    def test_has_a_button_for_those_alone(self, team, sign_in):
        held(team, by_school(team), by_youth())
        buttons = {
            role: len(
                re.findall(
                    r"/agreements/.*/done/",
                    sign_in(getattr(team, role)).get(url("received", team.youth.pk)).text,
                )
            )
            for role in ("school", "caseworker", "young")
        }
        assert buttons == {"school": 1, "caseworker": 2, "young": 1}


@pytest.mark.parametrize("number", [1, 3])
def test_asks_as_often_for_three_agreements_as_for_one(
    team, sign_in, django_assert_num_queries, number
):
    held(team, *[by_school(team, f"Nr. {n}") for n in range(number)])
    client = sign_in(team.school)
    client.get(url("received", team.youth.pk))
    with django_assert_num_queries(28):
        client.get(url("received", team.youth.pk))


@pytest.mark.parametrize("number", [1, 3])
def test_asks_as_often_for_three_corrections_as_for_one(
    team, sign_in, django_assert_num_queries, number
):
    meeting = held(team, by_school(team))
    for n in range(number):
        said = as_it_stands(meeting) | {"others": f"Nr. {n}"}
        meeting.correct(by=team.caseworker, **said)
    client = sign_in(team.school)
    client.get(url("received", team.youth.pk))
    with django_assert_num_queries(31):  # the records, who was there, what was agreed
        client.get(url("received", team.youth.pk))
