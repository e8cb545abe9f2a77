"""The first joint meeting and its agreements."""

import functools

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from handover.models import (
    AgreementDone,
    CorrectedMeanwhile,
    EarlierRecord,
    HandoverRefused,
    Meeting,
    MeetingAgreement,
    MeetingHeld,
    NotAccepted,
    meeting_of,
    meetings_waiting_on,
)
from partnerships.access import Role
from partnerships.models import Narrowing, User
from tests.factories import YouthFactory, days, member
from tests.handover.test_decisions import answered, decide
from vivirkr.waiting import waiting_on
from youths.models import Notice

pytestmark = pytest.mark.django_db

AGREED = {"Om lidt": 9, "I går": -1, "I dag": 0, "Forgangen": -2}


def fresh(user):
    return User.objects.get(pk=user.pk)


def waiting(user):
    return [row.what for row in meetings_waiting_on(fresh(user))]


def planned(team, on=0):
    profile = answered(team)
    decide(team, profile)
    return Meeting.plan(by=team.caseworker, profile=profile, on=days(on))


def held(team, *agreements, **fields):
    meeting = planned(team)
    fields = {"youth_present": True, "people": [team.school, team.caseworker]} | fields
    meeting.record(by=team.caseworker, held_on=days(0), agreements=agreements, **fields)
    return meeting


def by_school(team, what="Sende kortet"):
    return {"what": what, "who": "school", "person": team.school, "due_on": days(7)}


def by_youth(what="Prøve bussen"):
    return {"what": what, "who": "youth", "due_on": days(3)}


class TestPlanning:
    def test_only_after_an_acceptance(self, team):
        profile = answered(team)
        with pytest.raises(NotAccepted):
            Meeting.plan(by=team.caseworker, profile=profile, on=days(3))
        decide(team, profile, "returned", missing={"support": "Mere"})
        with pytest.raises(NotAccepted):
            Meeting.plan(by=team.caseworker, profile=profile, on=days(3))

    def test_another_day_as_long_as_it_was_not_held(self, team):
        meeting = planned(team)
        moved = Meeting.plan(by=team.caseworker, profile=meeting.profile, on=days(5))
        assert (moved.pk, moved.planned_on) == (meeting.pk, days(5))
        assert Meeting.objects.count() == 1

    def test_once_it_was_held_it_is_the_next_one(self, team):
        first = held(team)
        following = Meeting.plan(by=team.caseworker, profile=first.profile, on=days(5))
        assert (first.is_first, following.is_first) == (True, False)
        assert following == Meeting.plan(by=team.caseworker, profile=first.profile, on=days(6))

    @pytest.mark.parametrize("second", [{"is_first": True, "held_on": 0}, {"is_first": False}])
    def test_the_database_has_one_first_and_one_ahead(self, team, second):
        meeting = planned(team)
        said = {"recorded_at": timezone.now(), "youth_present": True} if "held_on" in second else {}
        with pytest.raises(IntegrityError), transaction.atomic():
            Meeting.objects.create(
                profile=meeting.profile,
                planned_on=days(3),
                planned_by=team.caseworker,
                is_first=second["is_first"],
                held_on=days(0) if said else None,
                **said,
            )


class TestRecording:
    def test_who_was_there_and_what_was_agreed(self, team):
        meeting = held(team, by_school(team), by_youth(), others="Mor", next_on=days(30))
        shown = meeting_of(team.caseworker, team.youth)
        assert shown.meeting == meeting
        assert set(shown.people) == {team.school, team.caseworker}
        assert [a.what for a in shown.agreements] == ["Prøve bussen", "Sende kortet"]
        assert shown.meeting.others == "Mor"

    def test_once(self, team):
        meeting = held(team)
        with pytest.raises(MeetingHeld):
            meeting.record(
                by=team.caseworker, held_on=days(0), people=[], youth_present=True, agreements=[]
            )

    @pytest.mark.parametrize(
        "said", [{"held_on": 1}, {"youth_present": False}, {"youth_present": False, "why": " "}]
    )
    def test_not_ahead_of_time_nor_without_a_reason(self, team, said):
        meeting = planned(team)
        with pytest.raises(HandoverRefused):
            meeting.record(
                by=team.caseworker,
                held_on=days(said.get("held_on", 0)),
                people=[],
                youth_present=said.get("youth_present", True),
                why_absent=said.get("why", ""),
                agreements=[],
            )

    def test_not_once_the_acceptance_is_taken_back(self, team):
        meeting = planned(team)
        decide(team, meeting.profile, "declined", declined_because="other", text="Nej")
        with pytest.raises(NotAccepted):
            meeting.record(
                by=team.caseworker, held_on=days(0), people=[], youth_present=True, agreements=[]
            )

    @pytest.mark.parametrize("wrong", [{"who": "other"}, {"who": "school"}, {"what": ""}])
    def test_the_database_wants_what_and_who(self, team, wrong):
        fields = {"what": "Noget", "who": "youth", "due_on": days(1), "meeting": held(team)}
        with pytest.raises(IntegrityError), transaction.atomic():
            MeetingAgreement.objects.create(**fields | wrong)


def as_it_stands(meeting) -> dict:
    """What the page of the correction sends when nothing is changed."""
    rows = meeting.agreements.filter(done_at=None).select_related("person")
    names = ("pk", *MeetingAgreement.FIELDS)
    return {
        "number": meeting.number,
        "held_on": meeting.held_on,
        "people": list(meeting.people.all()),
        "youth_present": meeting.youth_present,
        "agreements": [{name: getattr(row, name) for name in names} for row in rows],
    }


class TestCorrecting:
    def test_keeps_what_stood_there_with_who_wrote_it_and_when(self, team):
        meeting = held(team, by_school(team), by_youth(), others="Mor")
        first_at, colleague = meeting.recorded_at, member(team.partnership, Role.CASEWORKER)
        said = as_it_stands(meeting)
        card = said["agreements"][1]
        said["agreements"] = [card | {"what": "Sende to kort"}, by_youth("Ringe")]
        meeting.correct(by=colleague, **said | {"others": "Far", "people": [team.school]})
        shown = meeting_of(team.young, team.youth)
        assert (shown.meeting.others, shown.people) == ("Far", [team.school])
        assert shown.meeting.recorded_by == colleague
        assert [row.what for row in shown.agreements] == ["Ringe", "Sende to kort"]
        assert shown.agreements[1].pk == card["pk"]  # the same one, corrected
        [before] = shown.earlier
        assert (before.number, before.others) == (1, "Mor")
        assert (before.recorded_by, before.recorded_at) == (team.caseworker, first_at)
        assert set(before.people.all()) == {team.school, team.caseworker}
        assert [row.what for row in before.agreements.all()] == ["Prøve bussen", "Sende kortet"]
        assert waiting(team.school) == [f"Agreed about {team.youth.name}: Sende to kort"]

    def test_tells_the_school_once(self, team):
        meeting = held(team, by_school(team))
        said = as_it_stands(meeting) | {"others": "Far"}
        for _ in range(2):
            meeting.correct(by=team.caseworker, **said)
        assert meeting.earlier.count() == 1
        assert Notice.objects.get(kind="corrected").recipient == team.school

    def test_of_nothing_is_none(self, team):
        meeting = held(team, by_school(team))
        meeting.correct(by=team.caseworker, **as_it_stands(meeting))
        assert (meeting.number, meeting.earlier.count()) == (1, 0)

    def test_of_another_record_than_was_read_is_refused(self, team):
        meeting = held(team, by_school(team))
        said = as_it_stands(meeting)
        meeting.correct(by=team.caseworker, **said | {"others": "Far"})
        with pytest.raises(CorrectedMeanwhile):
            meeting.correct(by=team.caseworker, **said | {"others": "Mor"})
        assert Meeting.objects.get().others == "Far"

    def test_leaves_what_is_done_as_it_was_agreed(self, team):
        meeting = held(team, by_school(team), by_youth())
        said = as_it_stands(meeting)
        [bus, card] = said["agreements"]
        meeting.agreements.get(pk=bus["pk"]).mark_done(by=team.young)
        with pytest.raises(AgreementDone):
            meeting.correct(
                by=team.caseworker, **said | {"agreements": [bus | {"what": "Gå"}, card]}
            )
        assert not EarlierRecord.objects.exists()
        meeting.correct(by=team.caseworker, **said | {"agreements": []})
        assert [row.what for row in meeting.agreements.all()] == ["Prøve bussen"]

    @pytest.mark.parametrize("wrong", [{"held_on": 1}, {"youth_present": False}])
    def test_says_no_less_than_the_first(self, team, wrong):
        meeting = held(team)
        wrong = wrong | ({"held_on": days(1)} if "held_on" in wrong else {})
        with pytest.raises(HandoverRefused):
            meeting.correct(by=team.caseworker, **as_it_stands(meeting) | wrong)
        assert not EarlierRecord.objects.exists()

    def test_not_before_it_was_held(self, team):
        meeting = planned(team)
        with pytest.raises(HandoverRefused):
            meeting.correct(by=team.caseworker, **as_it_stands(meeting) | {"held_on": days(0)})

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_are_one_correction_and_one_refusal(self, team, at_once):
        meeting = held(team, by_school(team))
        said = as_it_stands(meeting)
        both = [Meeting.objects.get() for _ in range(2)]
        found = at_once(
            *(
                functools.partial(one.correct, by=team.caseworker, **said | {"others": words})
                for one, words in zip(both, ("Far", "Mor"), strict=True)
            )
        )
        assert {type(one) for one in found} == {type(None), CorrectedMeanwhile}
        assert EarlierRecord.objects.count() == 1


class TestWaiting:
    def test_to_plan_then_to_record(self, team):
        profile = answered(team)
        assert waiting(team.caseworker) == []
        decide(team, profile)
        name = team.youth.name
        assert waiting(team.caseworker) == [f"Plan the first meeting with {name}"]
        Meeting.plan(by=team.caseworker, profile=profile, on=days(2))
        assert waiting(team.caseworker) == []
        meeting = Meeting.plan(by=team.caseworker, profile=profile, on=days(0))
        assert waiting(team.caseworker) == [f"Record the first meeting with {name}"]
        meeting.record(
            by=team.caseworker, held_on=days(0), people=[], youth_present=True, agreements=[]
        )
        assert waiting(team.caseworker) == []

    def test_an_agreement_on_who_is_named_until_it_is_done(self, team):
        colleague = member(team.partnership, Role.SCHOOL)
        meeting = held(team, by_school(team))
        assert waiting(team.school) == [f"Agreed about {team.youth.name}: Sende kortet"]
        assert waiting(colleague) == waiting(team.young) == []
        meeting.agreements.get().mark_done(by=team.school)
        assert waiting(team.school) == []

    def test_what_is_late_stands_first_then_by_the_day_it_is_due(self, team):
        held(team, *(by_school(team, what) | {"due_on": days(n)} for what, n in AGREED.items()))
        YouthFactory(partnership=team.partnership)  # whose handover is to be written
        rows = waiting_on(fresh(team.school))
        name, others = team.youth.name, [row for row in rows if row.due_on is None]
        assert others
        assert [(row.what, row.is_late) for row in rows] == [
            (f"Agreed about {name}: Forgangen", True),
            (f"Agreed about {name}: I går", True),
            *((row.what, False) for row in others),
            (f"Agreed about {name}: I dag", False),
            (f"Agreed about {name}: Om lidt", False),
        ]

    def test_late_is_said_on_the_first_page_and_in_the_case(self, team, sign_in):
        held(team, by_school(team) | {"due_on": days(-1)})
        client = sign_in(team.school)
        for url in (reverse("home"), reverse("case", args=[team.youth.pk])):
            assert ">Late<" in client.get(url).text

    def test_the_first_page_says_how_many_days_are_left_or_over(self, team, sign_in):
        held(team, *(by_school(team, what) | {"due_on": days(n)} for what, n in AGREED.items()))
        page = " ".join(sign_in(team.school).get(reverse("home")).text.split())
        for said in ("<b>2</b> days late", "<b>1</b> day late", "<b>0</b> days left"):
            assert said in page
        assert "<b>9</b> days left" in page

    def test_on_the_colleagues_when_who_was_named_has_left(self, team):
        colleague = member(team.partnership, Role.SCHOOL)
        held(team, by_school(team))
        team.school.memberships.update(ends_on=days(-1))
        assert len(waiting(colleague)) == 1

    def test_the_young_persons_own_in_plain_words(self, team):
        held(team, by_youth())
        assert waiting(team.young) == ["You said you would: Prøve bussen"]

    def test_on_nobody_else(self, team, other_team):
        held(team, by_school(team), by_youth())
        for person in (team.caseworker, team.employer, team.lead, *other_team.people().values()):
            assert waiting(person) == []

    @pytest.mark.parametrize("rows", [1, 3])
    def test_asks_as_often_for_three_as_for_one(self, team, django_assert_num_queries, rows):
        held(team, *[by_school(team, f"Nr. {n}") for n in range(rows)])
        person = fresh(team.school)
        with django_assert_num_queries(4):  # memberships, grants, rows, whom to ask for points
            assert len(meetings_waiting_on(person)) == rows


class TestDone:
    def test_twice_by_the_same_is_once(self, team):
        agreement = held(team, by_school(team)).agreements.get()
        agreement.mark_done(by=team.school)
        first = agreement.done_at
        agreement.mark_done(by=team.school)
        assert agreement.done_at == first

    def test_by_another_is_told(self, team):
        agreement = held(team, by_school(team)).agreements.get()
        agreement.mark_done(by=team.school)
        with pytest.raises(AgreementDone):
            agreement.mark_done(by=team.caseworker)


def test_is_read_with_the_course(team, other_team):
    held(team, by_school(team))
    for person in (team.school, team.caseworker, team.young):
        assert meeting_of(fresh(person), team.youth)
    for person in (team.employer, team.lead, team.evaluator, *other_team.people().values()):
        assert meeting_of(fresh(person), team.youth) is None
    Narrowing.objects.create(
        partnership=team.partnership, role="school", section="course", reason="Aftalt"
    )
    assert meeting_of(fresh(team.school), team.youth) is None
    assert waiting(team.school) == []
