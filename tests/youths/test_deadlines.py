"""Deadlines: planned from facts, moved while open, never once done; closed outside, escalated."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.urls import reverse
from django.utils import timezone

from handover.models import DocumentStep, Feedback, HandoverDecision
from partnerships.access import Role
from partnerships.models import Membership, Programme
from partnerships.working_days import Unit, due_on
from tests.factories import (
    HandoverProfileFactory,
    IndicatorFactory,
    PartFactory,
    PartnershipFactory,
    RatingFactory,
    RatingRoundFactory,
    YouthFactory,
    account_of,
    days,
    member,
)
from vivirkr.waiting import waiting_on
from youths.deadlines import RULES
from youths.models import AccessEvent, Consent, Deadline, DeadlineRefused, Notice
from youths.tasks import sweep_deadlines

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

KINDS = {
    "document_start", "conversation", "handover_answer", "feedback_first", "feedback_second",
    "consent", "agreement", "round_youth", "round_school", "round_caseworker",
}  # fmt: skip


def of(youth, kind) -> Deadline:
    return Deadline.objects.get(youth=youth, kind=kind)


def late(youth, kind="document_start", by=20) -> Deadline:
    """An open deadline that passed so many days ago."""
    Deadline.plan()
    Deadline.objects.filter(youth=youth, kind=kind).update(due_on=days(-by))
    return of(youth, kind)


def send(team):
    profile = HandoverProfileFactory(youth=team.youth)
    for section in ("direction", "competences", "support"):
        PartFactory(profile=profile, section=section, written_by=team.school)
    profile.send(by=team.school)
    return profile


def decide(team, profile, **fields):
    kind = {"kind": "with_questions", "text": "Hvornår?"} | fields
    version = profile.versions.first().number
    return HandoverDecision.give(by=team.caseworker, profile=profile, version=version, **kind)


@pytest.fixture
def consent(team):
    young = team.youth.account or account_of(team.youth)
    return Consent.give(by=young, youth=team.youth, section="health")


class TestPlanning:
    def test_every_room_has_said_what_is_due_in_it(self):
        assert set(RULES) == KINDS

    def test_puts_in_what_the_facts_give(self, team):
        RatingRoundFactory(programme=team.programme, ago=3)
        RatingRoundFactory(programme=team.programme)
        Deadline.plan()
        found = Deadline.objects.values_list("kind", flat=True)
        assert sorted(found) == [
            "agreement", "conversation", "document_start",
            "round_caseworker", "round_school", "round_youth",
        ]  # fmt: skip
        begin = of(team.youth, "document_start")
        assert begin.due_on == due_on(team.youth.stu_ends_on, 12, Unit.MONTHS, before=True)

    def test_twice_changes_nothing(self, team, consent):
        decide(team, send(team))
        Deadline.plan()
        before = list(Deadline.objects.values())
        assert Deadline.plan() == 0
        assert list(Deadline.objects.values()) == before

    @pytest.mark.parametrize("n", [1, 3])
    def test_takes_the_same_statements_for_one_and_for_three(
        self, team, django_assert_num_queries, n
    ):
        YouthFactory.create_batch(n - 1, partnership=team.partnership)
        with django_assert_num_queries(2 + 2 * len(RULES) + 2):
            Deadline.plan()

    def test_leaves_out_who_left_and_whose_partnership_has_ended(self, team):
        Deadline.plan()
        team.youth.left_on, team.youth.left_because = days(-1), "moved"
        team.youth.save()
        ended = YouthFactory()
        ended.partnership.end(by=team.caseworker)
        Deadline.plan()
        assert not Deadline.objects.filter(youth__in=[team.youth, ended]).exists()

    def test_of_one_young_person_touches_nobody_else(self, team):
        other = YouthFactory(partnership=team.partnership)
        Deadline.plan(youths=[team.youth.pk])
        assert team.youth.deadlines.count() == 2
        assert other.deadlines.count() == 0

    def test_follows_a_rule_of_the_programme(self, team):
        Deadline.plan()
        Programme.objects.update(document_start_months=9)
        Deadline.plan()
        begin = of(team.youth, "document_start")
        assert begin.due_on == due_on(team.youth.stu_ends_on, 9, Unit.MONTHS, before=True)


class TestSweep:
    def test_does_all_and_takes_out_what_an_ended_partnership_left_open(self, team, other_team):
        sweep_deadlines()
        for youth in (team.youth, other_team.youth):
            assert youth.deadlines.filter(kind="conversation", done_on=None).exists()
        DocumentStep.start(by=team.school, youth=team.youth, on=days(-3))
        team.partnership.end(by=team.caseworker)
        sweep_deadlines()
        assert [row.kind for row in team.partnership.deadlines.all()] == ["document_start"]
        assert other_team.youth.deadlines.filter(kind="conversation").exists()

    def test_one_that_fails_leaves_the_others_their_turn(
        self, team, other_team, monkeypatch, caplog
    ):
        plan = Deadline.plan.__func__

        def fail_for_one(cls, *, youths=None, partnership=None):
            if partnership == team.partnership.pk:
                raise RuntimeError
            return plan(cls, youths=youths, partnership=partnership)

        monkeypatch.setattr(Deadline, "plan", classmethod(fail_for_one))
        sweep_deadlines()
        assert not team.youth.deadlines.exists()
        assert other_team.youth.deadlines.exists()
        assert str(team.partnership.pk) in caplog.text

    def test_tells_who_leads_of_what_is_long_late(self, team):
        Programme.objects.update(document_start_months=24)
        sweep_deadlines()
        assert Notice.objects.filter(kind="escalated", recipient=team.school).exists()


class TestMoving:
    def test_the_end_of_stu_moves_what_is_open_and_never_what_is_done(self, team):
        Deadline.plan()
        DocumentStep.start(by=team.school, youth=team.youth, on=days(-3))
        begun = of(team.youth, "document_start")
        open_before = of(team.youth, "conversation").due_on
        team.youth.move_stu_end(by=team.caseworker, on=days(900))
        assert of(team.youth, "document_start").due_on == begun.due_on
        moved = of(team.youth, "conversation")
        assert moved.due_on == due_on(days(900), 3, Unit.MONTHS, before=True) > open_before

    def test_a_corrected_day_is_taken_over_and_the_due_day_stands(self, team):
        DocumentStep.start(by=team.school, youth=team.youth, on=days(-3))
        due = of(team.youth, "document_start").due_on
        team.youth.move_stu_end(by=team.caseworker, on=days(900))
        DocumentStep.start(by=team.school, youth=team.youth, on=days(-7))
        begun = of(team.youth, "document_start")
        assert (begun.done_on, begun.due_on) == (days(-7), due)

    @pytest.mark.parametrize("change", [{"due_on": days(1)}, {"span": 2}, {"done_on": None}])
    def test_the_database_refuses_to_move_what_is_done(self, team, change):
        DocumentStep.start(by=team.school, youth=team.youth, on=days(-3))
        rows = Deadline.objects.filter(pk=of(team.youth, "document_start").pk)
        with pytest.raises(InternalError, match="is not moved"), transaction.atomic():
            rows.update(**change)
        with pytest.raises(InternalError, match="is not moved"), transaction.atomic():
            rows.delete()


class TestKinds:
    def test_a_consent_is_asked_about_again_by_its_last_day(self, team, consent):
        Deadline.plan()
        row = of(team.youth, "consent")
        assert row.due_on == due_on(consent.expires_on, 0, Unit.DAYS, before=True)
        assert row.done_on is None

    def test_a_consent_is_done_once_it_was_answered_anew(self, team, consent):
        Consent.objects.filter(pk=consent.pk).update(replaced_at=timezone.now())
        Deadline.plan()
        assert of(team.youth, "consent").done_on == days(0)

    def test_a_consent_that_was_taken_back_is_nobodys_to_ask_about(self, team, consent):
        Deadline.plan()
        consent.withdraw(by=consent.recorded_by)
        Deadline.plan()
        assert not team.youth.deadlines.filter(kind="consent").exists()

    def test_each_turn_of_the_receiver_has_its_own_answer(self, team):
        profile = send(team)
        Deadline.plan()
        first = of(team.youth, "handover_answer")
        assert first.due_on == due_on(days(0), 15, Unit.WORKING_DAYS, before=False)
        decide(team, profile, kind="returned", text="", missing={"support": "Hvad virker?"})
        Deadline.plan()
        assert of(team.youth, "handover_answer").done_on == days(0)
        PartFactory(profile=profile, written_by=team.school)
        profile.send(by=team.school)
        Deadline.plan()
        turns = team.youth.deadlines.filter(kind="handover_answer")
        assert sorted(row.done_on is None for row in turns) == [False, True]

    def test_a_newer_version_before_the_answer_opens_no_other_turn(self, team):
        profile = send(team)
        PartFactory(profile=profile, written_by=team.school)
        profile.send(by=team.school)
        Deadline.plan()
        assert team.youth.deadlines.filter(kind="handover_answer").count() == 1

    def test_feedback_is_due_so_many_days_after_the_acceptance(self, team):
        profile = send(team)
        decide(team, profile)
        Deadline.plan()
        for kind, n in (("feedback_first", 60), ("feedback_second", 180)):
            assert of(team.youth, kind).due_on == due_on(days(0), n, Unit.DAYS, before=False)
        Feedback.objects.create(
            profile=profile, round=1, number=1, version=1, given_by=team.caseworker
        )
        Deadline.plan()
        assert of(team.youth, "feedback_first").done_on == days(0)
        assert of(team.youth, "feedback_second").done_on is None

    def test_each_voice_owes_its_answer_in_the_open_round(self, team):
        current = RatingRoundFactory(programme=team.programme)
        RatingFactory(youth=team.youth, round=current, indicator=IndicatorFactory(), voice="school")
        Deadline.plan()
        assert of(team.youth, "round_school").done_on == days(0)
        assert of(team.youth, "round_youth").done_on is None
        assert of(team.youth, "round_youth").due_on <= current.closes_on

    def test_an_agreement_is_followed_by_the_next_one(self, team):
        Deadline.plan()
        row = Deadline.objects.get(kind="agreement")
        assert row.due_on == due_on(team.partnership.ends_on, 3, Unit.MONTHS, before=True)
        PartnershipFactory(
            signed=True,
            programme=team.programme,
            school=team.partnership.school,
            municipality=team.partnership.municipality,
            starts_on=team.partnership.ends_on + timedelta(days=1),
            ends_on=team.partnership.ends_on + timedelta(days=300),
        )
        Deadline.plan()
        row.refresh_from_db()
        assert row.done_on == days(0)


class TestDoneOutside:
    def close(self, team, row, because="Aftalt på mødet", on=None):
        row.close(by=team.school, because=because, on=on or days(-1))

    def test_closes_it_and_the_line_on_the_work_list_goes(self, team):
        team.youth.stu_ends_on = days(200)
        team.youth.save()
        Deadline.plan()
        before = [line.what for line in waiting_on(team.school)]
        row = of(team.youth, "document_start")
        self.close(team, row)
        assert (row.done_on, row.closed_by) == (days(-1), team.school)
        after = [line.what for line in waiting_on(team.school)]
        begin = f"Begin the Ressourcepapir of {team.youth.name}"
        assert begin in before
        assert begin not in after

    def test_stays_where_it_was_when_the_end_of_stu_moves(self, team):
        Deadline.plan()
        row = of(team.youth, "document_start")
        self.close(team, row)
        team.youth.move_stu_end(by=team.caseworker, on=days(900))
        assert of(team.youth, "document_start").due_on == row.due_on

    def test_twice_is_once_and_another_word_is_refused(self, team):
        Deadline.plan()
        row = of(team.youth, "document_start")
        self.close(team, row)
        at = row.closed_at
        self.close(team, row)
        assert of(team.youth, "document_start").closed_at == at
        with pytest.raises(DeadlineRefused, match="meanwhile"):
            self.close(team, row, "Noget andet")

    @pytest.mark.parametrize(
        ("because", "on", "refusal"),
        [("", -1, "Write where"), (" \n", -1, "Write where"), ("Ja", 1, "has not come")],
    )
    def test_needs_words_and_a_day_that_has_come(self, team, because, on, refusal):
        Deadline.plan()
        with pytest.raises(DeadlineRefused, match=refusal):
            self.close(team, of(team.youth, "document_start"), because, days(on))

    def test_is_refused_where_only_the_act_itself_counts(self, team):
        send(team)
        Deadline.plan()
        with pytest.raises(DeadlineRefused, match="in the system"):
            self.close(team, of(team.youth, "handover_answer"))

    def test_reopened_it_is_where_the_facts_say_today(self, team):
        Deadline.plan()
        row = of(team.youth, "document_start")
        self.close(team, row)
        team.youth.move_stu_end(by=team.caseworker, on=days(900))
        row.reopen(by=team.school)
        again = of(team.youth, "document_start")
        assert (again.done_on, again.closed_because) == (None, "")
        assert again.due_on == due_on(days(900), 12, Unit.MONTHS, before=True)

    def test_what_was_done_here_is_not_opened_again(self, team):
        DocumentStep.start(by=team.school, youth=team.youth, on=days(-3))
        with pytest.raises(DeadlineRefused, match="Only what was done outside"):
            of(team.youth, "document_start").reopen(by=team.school)

    @pytest.mark.parametrize("half", [{"closed_at": timezone.now()}, {"closed_by": "school"}])
    def test_is_kept_whole_by_the_database(self, team, half):
        Deadline.plan()
        half = {k: team.school if v == "school" else v for k, v in half.items()}
        rows = Deadline.objects.filter(pk=of(team.youth, "document_start").pk)
        with pytest.raises(IntegrityError, match="says_who_says_so"), transaction.atomic():
            rows.update(**half)


class TestEscalation:
    def told(self):
        rows = Notice.objects.filter(kind="escalated")
        return set(rows.values_list("recipient", flat=True))

    def leads(self, user):
        Membership.objects.filter(user=user).update(leads_team=True)

    def test_tells_who_leads_the_side_that_owes_it_once(self, team):
        leader = member(team.partnership, Role.SCHOOL)
        self.leads(leader)
        self.leads(team.caseworker)
        late(team.youth)
        Deadline.escalate()
        Deadline.escalate()
        assert self.told() == {leader.pk}
        assert Notice.objects.filter(kind="escalated").count() == 1

    def test_tells_the_whole_side_where_nobody_leads_it(self, team):
        colleague = member(team.partnership, Role.SCHOOL)
        late(team.youth)
        Deadline.escalate()
        assert self.told() == {team.school.pk, colleague.pk}

    def test_waits_as_many_working_days_as_the_programme_says(self, team):
        row = late(team.youth)
        Programme.objects.update(escalation_days=60)
        Deadline.escalate()
        row.refresh_from_db()
        assert row.escalated_at is None
        assert self.told() == set()

    def test_leaves_out_what_is_done_and_what_only_the_young_person_owes(self, team):
        RatingRoundFactory(programme=team.programme)
        late(team.youth, "round_youth")
        late(team.youth).close(by=team.school, because="Ja", on=days(0))
        Deadline.escalate()
        assert self.told() == set()

    def test_is_told_again_once_it_was_moved_and_has_passed_again(self, team):
        late(team.youth)
        Deadline.escalate()
        team.youth.move_stu_end(by=team.caseworker, on=days(900))
        assert of(team.youth, "document_start").escalated_at is None
        late(team.youth, by=21)
        Deadline.escalate()
        assert Notice.objects.filter(kind="escalated", recipient=team.school).count() == 2

    def test_stands_as_one_line_on_the_work_list_of_who_leads(self, team):
        leader = member(team.partnership, Role.SCHOOL)
        self.leads(leader)
        late(team.youth)
        late(team.youth, "conversation")
        Deadline.escalate()
        lines = [line.what for line in waiting_on(leader)]
        assert lines.count("See to 2 deadlines of your team that have passed") == 1
        for other in (team.school, team.caseworker):
            assert not [w for w in waiting_on(other) if "of your team" in w.what]


class TestWhoKnows:
    def kinds(self, user):
        return set(Deadline.objects.visible_to(user).values_list("kind", flat=True))

    def test_the_three_parties_and_nobody_else(self, team, other_team, consent):
        Deadline.plan()
        mine = {"document_start", "conversation", "consent"}
        assert self.kinds(team.school) == self.kinds(team.caseworker) == mine | {"agreement"}
        assert self.kinds(team.young) == mine
        assert self.kinds(team.employer) == set()
        assert self.kinds(team.lead) == {"agreement"}
        found = Deadline.objects.visible_to(other_team.school)
        assert not found.filter(youth=team.youth).exists()

    def test_a_section_that_the_agreement_takes_away_takes_its_deadlines(self, team):
        RatingRoundFactory(programme=team.programme)
        Deadline.plan()
        team.partnership.narrowings.create(role="caseworker", section="ratings", reason="Aftalt")
        again = type(team.caseworker).objects.get(pk=team.caseworker.pk)
        assert not {k for k in self.kinds(again) if k.startswith("round")}
        assert {k for k in self.kinds(team.school) if k.startswith("round")}

    def test_how_the_paper_stands_is_the_schools_own_until_it_is_sent(self, team):
        DocumentStep.start(by=team.school, youth=team.youth, on=days(-3))

        def known(user):
            rows = Deadline.objects.visible_to(user)
            return rows.get(youth=team.youth, kind="document_start").known

        assert known(team.school)
        assert not known(team.caseworker)
        assert not known(team.young)
        for section in ("direction", "competences", "support"):
            profile = team.youth.profile
            PartFactory(profile=profile, section=section, written_by=team.school)
        profile.send(by=team.school)
        assert known(team.caseworker)
        assert known(team.young)


class TestPages:
    def timetable(self, team):
        return reverse("youths:timetable", args=[team.youth.pk])

    def page(self, sign_in, user, url):
        return sign_in(user).get(url).content.decode()

    def test_the_timetable_is_read_by_all_three(self, team, other_team, sign_in):
        Deadline.plan()
        for user in (team.school, team.caseworker):
            page = self.page(sign_in, user, self.timetable(team))
            assert "Hold the conversation about the Ressourcepapir" in page
            assert "12 months before STU ends" in page
        assert "You talk with the school" in self.page(sign_in, team.young, self.timetable(team))
        assert sign_in(team.employer).get(self.timetable(team)).status_code == 404
        assert sign_in(other_team.school).get(self.timetable(team)).status_code == 404

    def test_before_the_sending_the_caseworker_reads_the_day_and_not_how_it_stands(
        self, team, sign_in
    ):
        late(team.youth)
        page = self.page(sign_in, team.caseworker, self.timetable(team))
        assert "once the school has sent it" in page
        assert "days late" not in page
        assert "20 days late" in self.page(sign_in, team.school, self.timetable(team))

    def test_the_timetable_notes_in_the_log_what_it_shows(self, team, consent, sign_in):
        Deadline.plan()
        sign_in(team.school).get(self.timetable(team))
        assert AccessEvent.objects.get().sections == "identity,sharing"

    @pytest.mark.parametrize("n", [1, 3])
    def test_the_timetable_costs_the_same_for_one_and_for_three(
        self, team, sign_in, django_assert_num_queries, n
    ):
        Deadline.plan()
        for row in range(n):
            Deadline.objects.create(
                kind="consent", about=str(row), youth=team.youth, partnership=team.partnership,
                base_on=days(9), span=0, due_on=days(9),
            )  # fmt: skip
        client = sign_in(team.school)
        with django_assert_num_queries(9):
            client.get(self.timetable(team))

    @pytest.mark.parametrize("n", [1, 3])
    def test_the_list_costs_the_same_for_one_and_for_three(
        self, team, sign_in, django_assert_num_queries, n
    ):
        YouthFactory.create_batch(n - 1, partnership=team.partnership)
        Deadline.plan()
        client = sign_in(team.school)
        with django_assert_num_queries(8):
            client.get(reverse("youths:deadlines"))

    @pytest.mark.parametrize(
        ("show", "shown"),
        [("", {"late", "soon", "far"}), ("late", {"late"}), ("soon", {"late", "soon"}),
         ("mine", {"late", "soon", "far"}), ("escalated", {"late"})],
    )  # fmt: skip
    def test_the_list_is_narrowed(self, team, sign_in, show, shown):
        ends = {"late": days(-9), "soon": days(20), "far": days(90)}
        for name, on in ends.items():
            Deadline.objects.create(
                kind="consent", about=name, youth=YouthFactory(
                    partnership=team.partnership, name=f"Zz{name}"
                ), partnership=team.partnership, base_on=on, span=0, due_on=on,
                escalated_at=timezone.now() if name == "late" else None,
            )  # fmt: skip
        page = self.page(sign_in, team.school, reverse("youths:deadlines") + f"?show={show}")
        assert {name for name in ends if f"Zz{name}" in page} == shown

    def test_the_list_is_for_a_team(self, team, sign_in):
        for user in (team.young, team.employer, team.lead, team.evaluator):
            assert sign_in(user).get(reverse("youths:deadlines")).status_code == 403
        unknown = reverse("youths:deadlines") + "?show=x"
        assert sign_in(team.school).get(unknown).status_code == 404

    def test_who_owes_it_closes_it_and_the_others_read_why(self, team, sign_in):
        Deadline.plan()
        url = reverse("youths:deadline", args=[of(team.youth, "document_start").pk])
        said = {"act": "close", "on": str(days(-1)), "because": "Aftalt i telefonen"}
        for user, status in ((team.caseworker, 403), (team.young, 403), (team.employer, 404)):
            assert sign_in(user).post(url, said).status_code == status
        empty = sign_in(team.school).post(url, said | {"because": ""})
        assert empty.status_code == 422
        assert sign_in(team.school).post(url, said).status_code == 302
        page = self.page(sign_in, team.school, url)
        assert "Aftalt i telefonen" in page
        assert team.school.name in page
        again = sign_in(team.school).post(url, said | {"because": "Noget andet"})
        assert again.status_code == 409
        assert "Noget andet" in again.content.decode()
        assert sign_in(team.school).post(url, {"act": "reopen"}).status_code == 302
        assert of(team.youth, "document_start").done_on is None

    def test_an_agreement_is_closed_by_either_party_and_by_nobody_else(self, team, sign_in):
        Deadline.plan()
        url = reverse("youths:deadline", args=[Deadline.objects.get(kind="agreement").pk])
        said = {"on": str(days(0)), "because": "Den fortsætter et år"}
        assert sign_in(team.young).get(url).status_code == 404
        assert sign_in(team.lead).post(url, said).status_code == 403
        assert sign_in(team.caseworker).post(url, said).status_code == 302
        assert "Den fortsætter et år" in self.page(sign_in, team.school, url)

    def test_moving_the_end_of_stu_says_before_what_moves_and_what_stays(self, team, sign_in):
        DocumentStep.start(by=team.school, youth=team.youth, on=days(-3))
        profile = team.youth.profile
        for section in ("direction", "competences", "support"):
            PartFactory(profile=profile, section=section, written_by=team.school)
        profile.send(by=team.school)
        url = reverse("youths:stu_end", args=[team.youth.pk])
        looked = sign_in(team.caseworker).post(url, {"stu_ends_on": str(days(900)), "act": "look"})
        page = looked.content.decode()
        assert looked.status_code == 200
        moving, staying = page.partition('id="staying"')[::2]
        assert "Hold the conversation" in moving
        assert " to " in moving.partition('id="moving"')[2]
        assert "Begin the Ressourcepapir" in staying
        team.youth.refresh_from_db()
        assert team.youth.stu_ends_on == days(500)

    def test_the_file_is_the_timetable(self, team, sign_in):
        Deadline.plan()
        response = sign_in(team.school).get(reverse("timetable_pdf", args=[team.youth.pk]))
        assert response["Content-Type"] == "application/pdf"
        assert AccessEvent.objects.get().channel == "export"

    def test_the_work_list_says_when_an_agreement_runs_out(self, team):
        team.partnership.ends_on = days(100)
        team.partnership.save()
        Deadline.plan()
        for user in (team.school, team.caseworker):
            assert [w for w in waiting_on(user) if "what follows the agreement" in w.what]
        row = Deadline.objects.get(kind="agreement")
        row.close(by=team.school, because="Den fortsætter", on=days(0))
        assert not [w for w in waiting_on(team.school) if "what follows" in w.what]
