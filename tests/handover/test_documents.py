"""The ressourcepapir: its two dates, what is noted, what is issued, and who is reminded when."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from handover.models import DocumentStep, HandoverRefused, deadlines, document_plan
from tests.factories import (
    HandoverProfileFactory,
    PartFactory,
    YouthFactory,
    account_of,
    days,
)
from youths.models import AccessEvent, StuEndRefused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

Kind = DocumentStep.Kind
SECTIONS = ("direction", "competences", "support")


@pytest.fixture
def profile(team):
    profile = HandoverProfileFactory(youth=team.youth)
    for section in SECTIONS:
        PartFactory(profile=profile, section=section, written_by=team.school)
    return profile


@pytest.fixture
def sent(team, profile):
    profile.send(by=team.school)
    return profile


def url(team):
    return reverse("handover:document", args=[team.youth.pk])


def ends(team, on):
    team.youth.stu_ends_on = on
    team.youth.save()


def start(team, on=None):
    return DocumentStep.start(by=team.school, youth=team.youth, on=on or days(-30))


def hold(team, on=None, took_part="Mor og jobcenteret"):
    on = on or days(-10)
    return DocumentStep.hold_conversation(
        by=team.school, youth=team.youth, on=on, took_part=took_part
    )


class TestDates:
    def test_are_counted_back_in_months_by_the_settings_of_the_programme(self, team):
        team.programme.document_start_months, team.programme.conversation_months = 10, 2
        team.programme.save()
        team.youth.partnership.refresh_from_db()
        ends(team, days(0).replace(year=2030, month=4, day=30))
        assert [str(day) for day in document_plan(team.youth).values()] == [
            "2029-06-29",  # the 30th is a Saturday
            "2030-02-28",
        ]

    def test_move_with_the_end_of_stu_while_open_and_never_once_done(self, team):
        before = document_plan(team.youth)
        start(team)
        team.youth.move_stu_end(by=team.caseworker, on=days(900))
        begun, conversation = deadlines(team.school, team.youth)
        assert (begun.due_on, begun.done.on) == (before[Kind.STARTED], days(-30))
        assert conversation.due_on == document_plan(team.youth)[Kind.CONVERSATION]
        assert conversation.due_on > before[Kind.CONVERSATION]

    def test_stay_where_they_were_when_the_day_is_corrected_later(self, team):
        due_on = start(team).due_on
        team.youth.move_stu_end(by=team.caseworker, on=days(900))
        assert start(team, days(-29)).due_on == due_on

    def test_stu_cannot_end_before_birth(self, team):
        with pytest.raises(StuEndRefused):
            team.youth.move_stu_end(by=team.caseworker, on=team.youth.birth_date)
        assert team.youth.stu_ends_on == days(500)


class TestNoting:
    def test_twice_is_once_and_the_newest_counts(self, team):
        assert start(team) == start(team)
        start(team, days(-20))
        assert deadlines(team.school, team.youth)[0].done.on == days(-20)
        assert DocumentStep.objects.count() == 2

    @pytest.mark.parametrize("on", [1, 4000])
    def test_refuses_a_day_that_has_not_come(self, team, on):
        with pytest.raises(HandoverRefused, match="has not come"):
            start(team, days(on))
        start(team)
        with pytest.raises(HandoverRefused, match="has not come"):
            hold(team, days(on))

    def test_refuses_the_slip_of_a_century(self, team):
        with pytest.raises(HandoverRefused, match="Check the year"):
            start(team, days(0).replace(year=1926, day=1))

    def test_refuses_a_conversation_before_the_start(self, team):
        with pytest.raises(HandoverRefused, match="Note first"):
            hold(team)
        start(team)
        with pytest.raises(HandoverRefused, match="cannot have been before"):
            hold(team, days(-31))

    def test_refuses_a_start_after_the_conversation(self, team):
        start(team)
        hold(team)
        with pytest.raises(HandoverRefused, match="after that"):
            start(team, days(-9))

    @pytest.mark.parametrize("nobody", ["", "  \n"])
    def test_refuses_a_conversation_with_nobody(self, team, nobody):
        start(team)
        with pytest.raises(HandoverRefused, match="who took part"):
            hold(team, took_part=nobody)

    @pytest.mark.parametrize(
        ("fields", "constraint"),
        [
            ({"kind": "issued", "name": "x"}, "what_is_issued_is_a_version_under_a_name"),
            ({"kind": "started", "name": "x"}, "what_is_issued_is_a_version_under_a_name"),
            ({"kind": "conversation"}, "a_conversation_says_who_took_part"),
            ({"kind": "started", "took_part": "x"}, "a_conversation_says_who_took_part"),
        ],
    )
    def test_is_kept_whole_by_the_database(self, team, profile, fields, constraint):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            DocumentStep.objects.create(
                profile=profile, on=days(0), due_on=days(0), noted_by=team.school, **fields
            )


class TestIssuing:
    def issue(self, team):
        return DocumentStep.issue(by=team.school, youth=team.youth)

    def test_needs_a_start_and_something_that_was_sent(self, team, profile):
        with pytest.raises(HandoverRefused, match="Note first"):
            self.issue(team)
        start(team)
        with pytest.raises(HandoverRefused, match="Send the handover first"):
            self.issue(team)

    def test_takes_the_version_that_was_sent_last_under_the_name_of_today(self, team, sent):
        start(team)
        issued = self.issue(team)
        assert (issued.version.number, issued.name, issued.on) == (1, "Ressourcepapir", days(0))
        assert self.issue(team) == issued
        PartFactory(profile=sent, written_by=team.school)
        sent.send(by=team.school)
        assert self.issue(team).version.number == 2
        with pytest.raises(IntegrityError, match="issued_once"), transaction.atomic():
            DocumentStep.objects.create(
                profile=sent, kind="issued", version=issued.version, name="x",
                on=days(0), due_on=days(0), noted_by=team.school,
            )  # fmt: skip


class TestReminder:
    def waiting(self, team, user=None, youth=None):
        return DocumentStep.objects.waiting_on(user or team.school, youth)

    @pytest.mark.parametrize(("left", "reminded"), [(61, False), (60, True), (0, True), (-9, True)])
    def test_comes_in_good_time_and_stays(self, team, left, reminded):
        ends(team, days(500))
        latest = document_plan(team.youth)[Kind.STARTED]
        with time_machine.travel(latest - timedelta(days=left)):
            rows = self.waiting(team)
        assert bool(rows) is reminded
        if rows:
            assert rows[0].what == f"Begin the Ressourcepapir of {team.youth.name}"
            assert rows[0].url == url(team)
            assert "12 months before STU ends" in rows[0].why

    def test_goes_on_to_the_conversation_and_then_away(self, team):
        ends(team, days(100))
        start(team)
        (row,) = self.waiting(team)
        assert row.what == f"Hold the conversation about the Ressourcepapir of {team.youth.name}"
        hold(team)
        assert self.waiting(team) == []

    def test_ends_with_stu_and_with_the_course(self, team):
        ends(team, days(0))
        assert self.waiting(team)
        ends(team, days(-1))
        assert not self.waiting(team)
        team.youth.left_on, team.youth.left_because = days(-1), "moved"
        ends(team, days(100))
        assert not self.waiting(team)

    def test_comes_anew_when_stu_is_moved(self, team):
        ends(team, days(100))
        start(team)
        team.youth.move_stu_end(by=team.caseworker, on=days(400))
        assert not self.waiting(team)

    def test_is_the_schools_alone(self, team, other_team):
        ends(team, days(100))
        for user in (team.caseworker, team.young, team.lead, other_team.school):
            assert self.waiting(team, user) == []

    def test_stands_on_the_first_page_and_on_the_case(self, team, sign_in):
        ends(team, days(100))
        client = sign_in(team.school)
        for page in (reverse("home"), reverse("case", args=[team.youth.pk])):
            assert "Begin the Ressourcepapir of" in client.get(page).content.decode()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_costs_the_same_for_three_as_for_one(self, team, django_assert_num_queries, rows):
        ends(team, days(100))
        for _ in range(rows - 1):
            YouthFactory(partnership=team.partnership, stu_ends_on=days(100))
        self.waiting(team)  # what is held is asked once a request
        with django_assert_num_queries(1):
            assert len(self.waiting(team)) == rows


class TestPage:
    def post(self, client, team, act, **fields):
        return client.post(url(team), {"act": act, **fields})

    def test_notes_all_three_for_the_school(self, team, sent, sign_in):
        client = sign_in(team.school)
        for act, fields in (
            ("started", {"on": days(-30)}),
            ("conversation", {"on": days(-3), "took_part": "Mor"}),
            ("issued", {}),
        ):
            assert self.post(client, team, act, **fields).status_code == 302
        page = client.get(url(team)).content.decode()
        assert all(words in page for words in ("Begun", "Mor", "Ressourcepapir, version 1"))

    @pytest.mark.parametrize("role", ["caseworker", "young"])
    def test_is_read_by_the_others_and_not_written(self, team, sent, sign_in, role):
        start(team)
        hold(team)
        client = sign_in(getattr(team, role))
        page = client.get(url(team)).content.decode()
        assert "Mor og jobcenteret" in page
        assert "<textarea" not in page
        assert self.post(client, team, "started", on=days(-1)).status_code == 403

    @pytest.mark.parametrize("role", ["caseworker", "young"])
    def test_tells_others_the_dates_alone_before_anything_is_sent(
        self, team, profile, sign_in, role
    ):
        start(team)
        hold(team)
        page = sign_in(getattr(team, role)).get(url(team)).content.decode()
        assert "12 months before STU ends" in page
        assert "Mor og jobcenteret" not in page

    def test_is_nobody_elses(self, team, other_team, sign_in):
        for user in (other_team.school, other_team.caseworker, team.employer, team.lead):
            assert sign_in(user).get(url(team)).status_code == 404

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"on": ""}, "Write the day."),
            ({"on": "32-13-9"}, "Enter a valid date"),
            ({"on": "2999-01-01"}, "That day has not come yet."),
            ({"on": "0001-01-01"}, "Check the year."),
        ],
    )
    def test_says_at_the_field_what_is_wrong(self, team, sign_in, fields, words):
        response = self.post(sign_in(team.school), team, "started", **fields)
        assert response.status_code == 422
        assert words in response.content.decode()

    def test_loses_nothing_that_was_typed(self, team, sign_in):
        start(team)
        response = self.post(
            sign_in(team.school), team, "conversation", on=days(5), took_part="Mor & bror"
        )
        assert response.status_code == 422
        assert "Mor &amp; bror" in response.content.decode()
        assert DocumentStep.objects.count() == 1

    def test_does_not_know_another_act(self, team, sign_in):
        assert self.post(sign_in(team.school), team, "burn").status_code == 404

    def test_refuses_to_issue_what_was_not_sent(self, team, sign_in):
        start(team)
        response = self.post(sign_in(team.school), team, "issued")
        assert response.status_code == 409
        assert "Send the handover first" in response.content.decode()

    def test_is_noted_in_the_log(self, team, sign_in):
        sign_in(team.caseworker).get(url(team))
        assert AccessEvent.objects.get().sections == "identity,direction"

    @pytest.mark.parametrize("rows", [1, 3])
    def test_costs_the_same_for_three_as_for_one(
        self, team, sent, sign_in, django_assert_num_queries, rows
    ):
        start(team)
        DocumentStep.issue(by=team.school, youth=team.youth)
        for n in range(rows - 1):
            PartFactory(profile=sent, written_by=team.school)
            sent.send(by=team.school)
            DocumentStep.issue(by=team.school, youth=team.youth)
            start(team, days(-20 + n))
        client = sign_in(team.school)
        with django_assert_num_queries(12):
            client.get(url(team))


class TestMovingTheEnd:
    def url(self, team):
        return reverse("youths:stu_end", args=[team.youth.pk])

    def test_is_the_municipalitys(self, team, other_team, sign_in):
        response = sign_in(team.caseworker).post(self.url(team), {"stu_ends_on": days(700)})
        assert response.status_code == 302
        team.youth.refresh_from_db()
        assert team.youth.stu_ends_on == days(700)
        assert sign_in(team.school).get(self.url(team)).status_code == 403
        assert sign_in(other_team.caseworker).get(self.url(team)).status_code == 404

    @pytest.mark.parametrize("on", ["", "x", "1900-01-01"])
    def test_refuses_what_is_no_day_for_it(self, team, sign_in, on):
        response = sign_in(team.caseworker).post(self.url(team), {"stu_ends_on": on})
        assert response.status_code == 422
        team.youth.refresh_from_db()
        assert team.youth.stu_ends_on == days(500)


def test_a_young_person_reads_it_once_the_draft_is_shown(team, profile, sign_in):
    start(team)
    hold(team)
    profile.show_to_youth(by=team.school)
    young = team.youth.account or account_of(team.youth)
    assert "Mor og jobcenteret" in sign_in(young).get(url(team)).content.decode()
