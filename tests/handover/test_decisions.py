"""The answer to a handover as a whole: when it may be given, who waits, who is told."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from handover.models import (
    CoursePlanned,
    HandoverDecision,
    HandoverProfile,
    HandoverRefused,
    Meeting,
    MissingKnowledge,
    NewerVersion,
    NotAllAnswered,
    Stalled,
    decisions_waiting_on,
    profile_summary,
    remind,
    stalled,
    standing_of,
)
from handover.tasks import remind_receivers
from partnerships.access import Role
from partnerships.models import User
from partnerships.working_days import working_days
from tests.factories import (
    HandoverProfileFactory,
    PartFactory,
    YouthFactory,
    days,
    member,
)
from tests.handover.test_profiles import sent, standing
from youths.models import Consent, Delivery, Notice
from youths.tasks import mail_notices

pytestmark = pytest.mark.django_db

# In a month without holidays.
FRIDAY = timezone.datetime(2026, 9, 4, 12, tzinfo=timezone.get_default_timezone())


def answered(team, *sections):
    """A handover of which every delivered part is understood."""
    profile = sent(team, *sections)
    for part in profile.sent_parts.current().disclosed():
        part.answer(by=team.caseworker, kind="understood")
    return profile


def decide(team, profile, kind="accepted", **said):
    said.setdefault("version", profile.version)
    return HandoverDecision.give(by=team.caseworker, profile=profile, kind=kind, **said)


def state(team, profile=None):
    return standing_of(team.youth, profile_summary(team.caseworker, team.youth))


def fresh(user):
    """The person with the next request: nothing remembered."""
    return User.objects.get(pk=user.pk)


def waiting(user):
    return [row.what for row in decisions_waiting_on(fresh(user))]


class TestAccepting:
    def test_when_every_part_is_answered(self, team):
        decision = decide(team, answered(team), text="Tak.")
        assert (decision.kind, decision.version, decision.text) == ("accepted", 1, "Tak.")
        assert state(team).turn == ""

    def test_not_while_a_part_waits(self, team):
        with pytest.raises(NotAllAnswered):
            decide(team, sent(team))

    def test_not_while_a_question_is_open(self, team):
        profile = answered(team)
        question = standing(profile).answer(by=team.caseworker, kind="question", text="?")
        with pytest.raises(NotAllAnswered):
            decide(team, profile)
        question.give_reply(by=team.school, text="Ja.")
        with pytest.raises(NotAllAnswered):  # the reply is to be read first
            decide(team, profile)
        standing(profile).answer(by=team.caseworker, kind="understood")
        assert decide(team, profile).accepts

    def test_with_questions_while_one_is_open(self, team):
        profile = answered(team)
        standing(profile).answer(by=team.caseworker, kind="question", text="?")
        assert decide(team, profile, "with_questions").accepts

    def test_a_part_that_is_held_back_need_not_be_answered(self, team):
        assert decide(team, answered(team, "health")).accepts

    def test_after_a_yes_that_part_has_to_be(self, team):
        profile = answered(team, "health")
        Consent.give(by=team.young, youth=team.youth, section="health")
        with pytest.raises(NotAllAnswered):
            decide(team, profile)

    def test_not_a_draft(self, team):
        profile = HandoverProfileFactory(youth=team.youth)
        with pytest.raises(HandoverRefused):
            decide(team, profile, version=0)

    def test_not_for_who_has_left(self, team):
        profile = answered(team)
        team.youth.left_on, team.youth.left_because = days(-1), "moved"
        team.youth.save()
        with pytest.raises(HandoverRefused):
            decide(team, profile)


class TestReturning:
    def test_says_what_is_missing_by_section(self, team):
        decision = decide(
            team, sent(team), "returned", missing={"support": "Hvad virker?", "network": "Hvem?"}
        )
        rows = MissingKnowledge.objects.visible_to(team.school, team.youth)
        assert {row.section: row.text for row in rows} == {
            "support": "Hvad virker?",
            "network": "Hvem?",
        }
        assert decision.missing.count() == 2

    def test_not_without_saying_what(self, team):
        with pytest.raises(HandoverRefused):
            decide(team, sent(team), "returned")

    def test_a_new_version_waits_for_a_new_answer(self, team):
        profile = answered(team)
        decide(team, profile, "returned", missing={"support": "Mere"})
        assert (state(team).turn, waiting(team.caseworker)) == ("sender", [])
        profile.parts.get(section="support").write(by=team.school, revision=1, text="Mere")
        profile.send(by=team.school)
        assert state(team).turn == "receiver"
        standing(profile, "support").answer(by=team.caseworker, kind="understood")
        assert waiting(team.caseworker) == [f"Answer the whole handover of {team.youth.name}"]

    def test_a_new_version_after_an_acceptance_waits_for_none(self, team):
        profile = answered(team)
        decide(team, profile)
        profile.parts.get(section="support").write(by=team.school, revision=1, text="Mere")
        profile.send(by=team.school)
        assert (state(team).turn, waiting(team.caseworker)) == ("", [])

    def test_what_is_missing_follows_the_consent(self, team):
        profile = sent(team, "health")
        Consent.give(by=team.young, youth=team.youth, section="health")
        decide(team, profile, "returned", missing={"health": "Hvad hjælper?"})
        seen = MissingKnowledge.objects.visible_to
        assert seen(team.caseworker, team.youth).count() == 1
        Consent.objects.get().withdraw(by=team.young)
        assert seen(team.caseworker, team.youth).count() == 0
        assert seen(team.school, team.youth).count() == seen(team.young, team.youth).count() == 1


class TestDeclining:
    def test_with_a_reason_and_words(self, team):
        decision = decide(
            team, sent(team), "declined", declined_because="another_offer", text="Er i gang."
        )
        assert decision.get_declined_because_display() == "Another offer is under way already"

    @pytest.mark.parametrize(
        "said", [{}, {"declined_because": "other"}, {"text": "Nej"}, {"text": "  "}]
    )
    def test_not_with_less(self, team, said):
        with pytest.raises(HandoverRefused):
            decide(team, sent(team), "declined", **said)

    def test_the_database_wants_both(self, team):
        profile = sent(team)
        with pytest.raises(IntegrityError), transaction.atomic():
            HandoverDecision.objects.create(
                profile=profile, number=1, version=1, kind="declined", decided_by=team.caseworker
            )


class TestChanging:
    def test_is_kept_and_the_newest_counts(self, team):
        profile = answered(team)
        decide(team, profile, "returned", missing={"support": "Mere"})
        newest = decide(team, profile)
        assert [d.kind for d in profile.decisions.all()] == ["accepted", "returned"]
        assert HandoverDecision.objects.newest().get() == newest

    def test_the_same_twice_is_said_once(self, team):
        profile = sent(team)
        first = decide(team, profile, "returned", missing={"support": "Mere"})
        assert decide(team, profile, "returned", missing={"support": "Mere"}) == first
        assert Notice.objects.filter(kind="returned").count() == 1

    def test_not_for_another_version_than_was_read(self, team):
        profile = answered(team)
        profile.parts.get(section="support").write(by=team.school, revision=1, text="Mere")
        profile.send(by=team.school)
        with pytest.raises(NewerVersion):
            decide(team, profile, "with_questions", version=1)

    def test_not_once_the_first_meeting_was_held(self, team):
        profile = answered(team)
        decide(team, profile)
        meeting = Meeting.plan(by=team.caseworker, profile=profile, on=days(0))
        decide(team, profile, "with_questions", text="Et øjeblik")
        decide(team, profile)
        meeting.record(
            by=team.caseworker, held_on=days(0), people=[], youth_present=True, agreements=[]
        )
        with pytest.raises(CoursePlanned):
            decide(team, profile, "declined", declined_because="other", text="Nej")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_both_kept_in_order(team, at_once):
    profile = answered(team)
    other = member(team.partnership, Role.CASEWORKER)
    found = at_once(
        lambda: decide(team, profile),
        lambda: HandoverDecision.give(
            by=other, profile=profile, version=1, kind="with_questions", text="Et øjeblik"
        ),
    )
    assert {decision.number for decision in found} == {1, 2}


class TestWaiting:
    def test_on_the_caseworker_once_every_part_is_answered(self, team):
        sent(team)
        assert waiting(team.caseworker) == []
        for part in team.youth.profile.sent_parts.all():
            part.answer(by=team.caseworker, kind="understood")
        assert waiting(team.caseworker) == [f"Answer the whole handover of {team.youth.name}"]
        decide(team, team.youth.profile)
        assert waiting(team.caseworker) == []

    def test_on_the_school_while_a_question_is_open(self, team):
        profile = answered(team)
        standing(profile).answer(by=team.caseworker, kind="question", text="?")
        assert waiting(team.caseworker) == []
        assert state(team).turn == "sender"

    def test_on_the_school_when_it_was_returned(self, team):
        profile = answered(team)
        decide(team, profile, "returned", missing={"support": "Mere"})
        assert waiting(team.school) == [f"Complete the handover of {team.youth.name}"]
        profile.parts.get(section="support").write(by=team.school, revision=1, text="Mere")
        assert waiting(team.school) == []  # now the changes wait to be sent

    def test_working_days_from_the_first_version_without_an_answer(self, team):
        with time_machine.travel(FRIDAY, tick=False):
            answered(team)
        with time_machine.travel(FRIDAY + timedelta(days=10), tick=False):
            assert state(team).days == 6

    def test_from_the_last_reply_on_when_a_question_came_back(self, team):
        with time_machine.travel(FRIDAY):
            profile = answered(team)
            question = standing(profile).answer(by=team.caseworker, kind="question", text="?")
        with time_machine.travel(FRIDAY + timedelta(days=17), tick=False):
            assert (state(team).turn, state(team).days) == ("sender", 11)
            question.give_reply(by=team.school, text="Ja.")
            assert (state(team).turn, state(team).days) == ("receiver", 0)
            [row] = HandoverProfile.objects.waiting_on(fresh(team.caseworker))
            assert row.since == timezone.now()
            standing(profile).answer(by=team.caseworker, kind="understood")
            [row] = decisions_waiting_on(fresh(team.caseworker))
            assert row.since == state(team).since == timezone.now()

    @pytest.mark.parametrize("kind", ["returned", "declined"])
    def test_with_the_receiver_nothing_waits_once_it_is_refused(self, team, kind):
        said = {"missing": {"support": "Mere"}}
        if kind == "declined":
            said = {"declined_because": "other", "text": "Nej"}
        with time_machine.travel(FRIDAY, tick=False):
            profile = sent(team)
            decide(team, profile, kind, **said)
            assert HandoverProfile.objects.waiting_on(fresh(team.caseworker)) == []
            summary = profile_summary(team.caseworker, team.youth)
            assert (summary.unanswered, summary.waiting_since) == (3, None)
        with time_machine.travel(FRIDAY + timedelta(days=17), tick=False):
            profile.parts.get(section="support").write(by=team.school, revision=1, text="Mere")
            profile.send(by=team.school)
            [row] = HandoverProfile.objects.waiting_on(fresh(team.caseworker))
            assert row.since == state(team).since == timezone.now()
            assert row.why.startswith("3 parts")  # also those that stood in the first version

    def test_of_a_refusal_that_became_a_yes_the_parts_wait_again(self, team):
        profile = sent(team)
        decide(team, profile, "returned", missing={"support": "Mere"})
        decide(team, profile, "with_questions", text="Vi begynder")
        [row] = HandoverProfile.objects.waiting_on(fresh(team.caseworker))
        assert row.since == profile.versions.get().sent_at

    def test_what_was_held_back_comes_with_the_yes(self, team):
        with time_machine.travel(FRIDAY, tick=False):
            answered(team, "health")
        consent = Consent.give(by=team.young, youth=team.youth, section="health")
        [row] = HandoverProfile.objects.waiting_on(fresh(team.caseworker))
        assert row.since == consent.given_at

    def test_on_nobody_else(self, team, other_team):
        answered(team)
        for person in (team.young, team.employer, team.lead, *other_team.people().values()):
            assert waiting(person) == []

    @pytest.mark.parametrize("rows", [1, 3])
    def test_asks_as_often_for_three_as_for_one(self, team, django_assert_num_queries, rows):
        for _ in range(rows):
            profile = HandoverProfileFactory(youth=YouthFactory(partnership=team.partnership))
            for section in ("direction", "competences", "support"):
                PartFactory(profile=profile, section=section)
            profile.send(by=team.school)
            for part in profile.sent_parts.all():
                part.answer(by=team.caseworker, kind="understood")
        person = User.objects.get(pk=team.caseworker.pk)
        with django_assert_num_queries(3):  # memberships, grants, rows
            assert len(decisions_waiting_on(person)) == rows


class TestTelling:
    def test_the_receiver_that_a_version_has_arrived(self, team):
        sent(team)
        notice = Notice.objects.get()
        assert (notice.recipient, notice.kind) == (team.caseworker, "arrived")

    def test_the_sender_every_outcome(self, team):
        profile = answered(team)
        standing(profile).answer(by=team.caseworker, kind="question", text="?")
        standing(profile).answer(by=team.caseworker, kind="cannot_use", text="Nej")
        decide(team, profile, "returned", missing={"support": "Mere"})
        decide(team, profile)
        told = Notice.objects.filter(recipient=team.school).values_list("kind", flat=True)
        assert list(told) == ["question", "cannot_use", "returned", "accepted"]

    def test_the_receiver_that_a_question_has_its_reply(self, team):
        question = standing(sent(team)).answer(by=team.caseworker, kind="question", text="?")
        for _ in range(2):
            question.give_reply(by=team.school, text="Ja.")
        assert Notice.objects.get(kind="replied").recipient == team.caseworker
        [news] = Notice.objects.news_for(fresh(team.caseworker))
        assert news.kind == "replied"

    def test_not_that_one_has_that_is_held_back_by_now(self, team):
        profile = sent(team, "health")
        consent = Consent.give(by=team.young, youth=team.youth, section="health")
        question = standing(profile, "health").answer(by=team.caseworker, kind="question", text="?")
        consent.withdraw(by=team.young)
        question.give_reply(by=team.school, text="Ja.")
        assert not Notice.objects.filter(kind="replied").exists()

    def test_by_a_mail_that_says_nothing_of_anybody(self, team):
        decide(team, sent(team), "returned", text="Hemmeligt", missing={"support": "Fortroligt"})
        mail_notices()
        mail_notices()
        assert [m.to for m in mail.outbox] == [[team.caseworker.email], [team.school.email]]
        for message in mail.outbox:
            said = message.subject + message.body + str(message.extra_headers)
            for secret in (team.youth.name, team.youth.first_name, team.youth.code,
                           "Hemmeligt", "Fortroligt", str(team.partnership.school)):  # fmt: skip
                assert secret not in said
            assert f"/handover/{team.youth.pk}/" in message.body
        ids = {message.extra_headers["Message-ID"] for message in mail.outbox}
        assert len(ids) == 2

    def test_a_mail_that_fails_stays_on_the_work_list(self, team, settings):
        sent(team)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        mail_notices()
        assert Notice.objects.unsent().count() == 1

    def test_two_workers_send_one_mail(self, team):
        sent(team)
        one = Delivery.gather(Notice.objects.get().recipient_id)
        assert [Delivery.send(one.pk), Delivery.send(one.pk)] == [True, False]

    def test_nobody_who_has_left_the_team(self, team):
        sent(team)
        team.caseworker.memberships.update(ends_on=days(-1))
        assert not Notice.objects.unsent().exists()

    def test_the_same_once(self, team):
        for _ in range(2):
            Notice.tell(people={team.school.pk}, kind="accepted", about="x", path="/")
        assert Notice.objects.count() == 1


class TestReminding:
    """Ten working days without an answer, two weeks in a month without holidays."""

    def sent_on(self, team, moment):
        with time_machine.travel(moment, tick=False):
            profile = sent(team)
            for row in (team.caseworker, team.school):
                row.memberships.update(starts_on=moment.date(), ends_on=None)
        return profile

    def reminded(self, moment):
        with time_machine.travel(moment, tick=False):
            remind_receivers()
        return Notice.objects.filter(kind="reminder").count()

    def test_after_ten_working_days_and_once_a_week(self, team):
        self.sent_on(team, FRIDAY)
        found = [self.reminded(FRIDAY + timedelta(days=n)) for n in (13, 14, 15, 20, 21)]
        assert found == [0, 1, 1, 1, 2]

    def test_one_mail_however_many_wait(self, team):
        self.sent_on(team, FRIDAY)
        with time_machine.travel(FRIDAY, tick=False):
            second = HandoverProfileFactory(youth=YouthFactory(partnership=team.partnership))
            for section in ("direction", "competences", "support"):
                PartFactory(profile=second, section=section)
            second.send(by=team.school)
        assert self.reminded(FRIDAY + timedelta(days=20)) == 1

    def test_running_twice_changes_nothing(self, team):
        self.sent_on(team, FRIDAY)
        later = FRIDAY + timedelta(days=20)
        assert [self.reminded(later), self.reminded(later)] == [1, 1]

    def test_not_once_it_is_answered(self, team):
        profile = self.sent_on(team, FRIDAY)
        with time_machine.travel(FRIDAY, tick=False):
            for part in profile.sent_parts.all():
                part.answer(by=team.caseworker, kind="understood")
            decide(team, profile)
        assert self.reminded(FRIDAY + timedelta(days=40)) == 0

    def test_not_while_the_school_has_to_reply(self, team):
        profile = self.sent_on(team, FRIDAY)
        with time_machine.travel(FRIDAY, tick=False):
            for part in profile.sent_parts.all():
                part.answer(by=team.caseworker, kind="question", text="?")
        assert self.reminded(FRIDAY + timedelta(days=40)) == 0

    def test_from_the_reply_on_when_the_school_was_late(self, team):
        """The days that a question lay with the school are not the receiver's."""
        profile = self.sent_on(team, FRIDAY)
        with time_machine.travel(FRIDAY, tick=False):
            for part in profile.sent_parts.all():
                answer = part.answer(by=team.caseworker, kind="question", text="?")
        replied = FRIDAY + timedelta(days=21)
        with time_machine.travel(replied, tick=False):
            answer.give_reply(by=team.school, text="Ja.")
        found = [self.reminded(replied + timedelta(days=n)) for n in (0, 7, 13, 14)]
        assert found == [0, 0, 0, 1]

    def test_to_decide_from_the_reply_on(self, team):
        profile = self.sent_on(team, FRIDAY)
        with time_machine.travel(FRIDAY, tick=False):
            for part in profile.sent_parts.all():
                answer = part.answer(by=team.caseworker, kind="question", text="?")
                replied = FRIDAY + timedelta(days=21)
                with time_machine.travel(replied, tick=False):
                    answer.give_reply(by=team.school, text="Ja.")
                    part.answer(by=team.caseworker, kind="understood")
        assert waiting(team.caseworker) == [f"Answer the whole handover of {team.youth.name}"]
        found = [self.reminded(replied + timedelta(days=n)) for n in (0, 13, 14)]
        assert found == [0, 0, 1]

    def test_from_the_next_version_on_when_it_was_returned(self, team):
        profile = self.sent_on(team, FRIDAY)
        with time_machine.travel(FRIDAY, tick=False):
            decide(team, profile, "returned", missing={"support": "Mere"})
        again = FRIDAY + timedelta(days=28)
        assert self.reminded(again) == 0
        with time_machine.travel(again, tick=False):
            profile.parts.get(section="support").write(by=team.school, revision=1, text="Mere")
            profile.send(by=team.school)
        found = [self.reminded(again + timedelta(days=n)) for n in (0, 13, 14)]
        assert found == [0, 0, 1]

    def test_by_the_programmes_own_number(self, team):
        self.sent_on(team, FRIDAY)
        team.programme.handover_reminder_days = 3
        team.programme.save()
        assert self.reminded(FRIDAY + timedelta(days=5)) == 1

    def test_two_queries_more_for_no_handover(self, team, django_assert_max_num_queries):
        for _ in range(3):
            profile = HandoverProfileFactory(youth=YouthFactory(partnership=team.partnership))
            for section in ("direction", "competences", "support"):
                PartFactory(profile=profile, section=section)
            profile.send(by=team.school)
        with django_assert_max_num_queries(6):
            remind(days(60))


def test_working_days_leave_out_danish_holidays():
    day = timezone.datetime
    assert working_days(day(2026, 4, 1).date(), day(2026, 4, 7).date()) == 1  # Easter
    assert working_days(day(2026, 9, 4).date(), day(2026, 9, 18).date()) == 10
    assert working_days(day(2026, 9, 4).date(), day(2026, 9, 4).date()) == 0


# -- What has come to a halt -------------------------------------------------------------------


def halted(team) -> list[str]:
    return [why.value for why in Stalled if team.youth in stalled(team.programme, why)]


def test_a_handover_comes_to_a_halt_at_each_hand_it_passes(team):
    team.youth.stu_ends_on = timezone.localdate() + timedelta(days=80)
    team.youth.save()
    assert halted(team) == ["unsent"]
    profile = answered(team, "direction")
    assert halted(team) == []
    long_after = timezone.now() + timedelta(days=40)
    with time_machine.travel(long_after):
        assert halted(team) == ["unanswered"]

    decide(team, profile, "returned", missing={"support": "Hvad hjælper"})
    assert halted(team) == []
    with time_machine.travel(long_after):
        assert halted(team) == ["returned"]

    decide(team, profile, "accepted")
    assert halted(team) == []
    with time_machine.travel(long_after):
        assert halted(team) == ["unmet"]
        team.youth.left_on, team.youth.left_because = timezone.localdate(), "moved"
        team.youth.save()
        assert halted(team) == []


def test_a_halt_elsewhere_is_not_told(team, other_team):
    other_team.youth.stu_ends_on = timezone.localdate() + timedelta(days=10)
    other_team.youth.save()

    assert not stalled(team.programme, Stalled.UNSENT).filter(pk=other_team.youth.pk).exists()
    assert stalled(other_team.programme, Stalled.UNSENT).get() == other_team.youth
