"""Goals of the course and their small steps: verbs, history, who may, what is owed, the pages."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from handover.models import HandoverRefused, PartUse, profile_summary
from partnerships.access import Role
from partnerships.models import Narrowing
from tests.factories import days, goal_of, member
from tests.handover.test_profiles import sent, standing
from tests.handover.test_use import correct
from tests.handover.test_views import page
from tests.vivirkr.test_pages import whats
from vivirkr.waiting import waiting_on
from youths.models import (
    AccessEvent,
    Goal,
    GoalChanged,
    GoalEvent,
    GoalRefused,
    SmallStep,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WORDS = "Jeg tager selv bussen"
GOAL = {"words": WORDS, "lane": "skills", "owner": "youth", "due_on": ""}
STEP = {"words": "Køre turen sammen", "owner": "school", "due_on": ""}


@pytest.fixture
def goal(team):
    return goal_of(team.youth, by=team.caseworker, words=WORDS)


def url(name, thing):
    return reverse(f"youths:{name}", args=[thing.pk])


def kinds(goal) -> list[str]:
    return [event.kind for event in goal.events.all()]


def said(**changed):
    return {"words": WORDS, "lane": "job", "owner": "youth"} | changed


class TestGoal:
    def test_set_twice_is_one_goal(self, team, goal):
        assert goal_of(team.youth, by=team.caseworker, words=f" {WORDS}\n ") == goal
        assert kinds(goal) == ["set"]

    def test_without_words_is_refused(self, team):
        with pytest.raises(GoalRefused, match="few words"):
            goal_of(team.youth, words=" \n ")

    def test_what_stood_before_stays_in_the_history(self, team, goal):
        goal.change(by=team.caseworker, revision=1, **said(words="Nyt", due_on=days(3)))
        assert (goal.words, goal.revision, goal.due_on) == ("Nyt", 2, days(3))
        assert [event.words for event in goal.events.all()] == [WORDS, "Nyt"]

    def test_the_same_saved_again_changes_nothing(self, team, goal):
        goal.change(by=team.caseworker, revision=1, **said())
        assert goal.revision == 1
        assert kinds(goal) == ["set"]

    def test_saved_over_somebody_else_says_who_and_what(self, team, goal):
        goal.change(by=team.caseworker, revision=1, **said(words="Først"))
        with pytest.raises(GoalChanged) as refusal:
            goal.change(by=team.caseworker, revision=1, **said(words="Sidst"))
        assert (refusal.value.goal.words, refusal.value.by) == ("Først", team.caseworker.name)

    def test_is_reached_once(self, team, goal):
        goal.reach(by=team.caseworker)
        goal.reach(by=team.caseworker)
        assert goal.state == "reached"
        assert kinds(goal) == ["set", "reached"]

    def test_is_dropped_for_a_reason_that_outlives_taking_it_up_again(self, team, goal):
        with pytest.raises(GoalRefused):
            goal.drop(by=team.caseworker, reason=" ")
        goal.drop(by=team.caseworker, reason="Flyttet")
        with pytest.raises(GoalRefused, match="closed"):
            goal.reach(by=team.caseworker)
        goal.take_up(by=team.caseworker)
        goal.take_up(by=team.caseworker)
        assert (goal.state, goal.dropped_because) == ("open", "")
        assert kinds(goal) == ["set", "dropped", "taken_up"]
        assert goal.events.get(kind="dropped").reason == "Flyttet"

    def test_that_is_closed_takes_no_change_and_no_step(self, team, goal):
        step = goal.add_step(by=team.young, words="Et", owner="youth")
        goal.reach(by=team.caseworker)
        for refused in (
            lambda: goal.change(by=team.caseworker, revision=1, **said(words="x")),
            lambda: goal.add_step(by=team.young, words="To", owner="youth"),
            lambda: step.tick(by=team.young),
            lambda: step.withdraw(by=team.young),
        ):
            with pytest.raises(GoalRefused, match="closed"):
                refused()

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"state": "reached"}, "a_goal_that_is_not_open_was_closed"),
            ({"state": "dropped", "closed_at": timezone.now()}, "a_goal_is_dropped_for_a_reason"),
            ({"words": ""}, "a_goal_has_words"),
        ],
    )
    def test_the_database_keeps_promises(self, goal, fields, name):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Goal.objects.filter(pk=goal.pk).update(**fields)

    def test_nobody_is_named_for_the_young_person(self, team, goal):
        with pytest.raises(IntegrityError, match="who_is_named_for_a_goal_is_of_a_team"):
            Goal.objects.filter(pk=goal.pk).update(owner_person=team.school)

    @pytest.mark.parametrize("what", ["update", "delete"])
    def test_its_history_is_not_rewritten(self, goal, what):
        events = GoalEvent.objects.filter(goal=goal)
        with pytest.raises(DatabaseError, match="history of a goal"), transaction.atomic():
            events.update(kind="reached") if what == "update" else events._raw_delete("default")


class TestSmallStep:
    def test_is_ticked_and_unticked_and_both_are_kept(self, team, goal):
        step = goal.add_step(by=team.caseworker, words="Et", owner="youth")
        assert goal.add_step(by=team.young, words="Et ", owner="school") == step
        step.tick(by=team.young)
        step.tick(by=team.school)
        assert step.done_by == team.young
        step.untick(by=team.young)
        assert (step.done_at, step.done_by) == (None, None)
        assert kinds(goal) == ["set", "step_added", "step_done", "step_undone"]

    def test_taken_off_the_list_stays_in_the_history(self, team, goal):
        step = goal.add_step(by=team.young, words="Et", owner="youth")
        step.withdraw(by=team.young)
        step.withdraw(by=team.young)
        with pytest.raises(GoalRefused, match="taken off"):
            step.tick(by=team.young)
        assert goal.events.get(kind="step_withdrawn").words == "Et"

    def test_the_database_keeps_promises(self, team, goal):
        step = goal.add_step(by=team.young, words="Et", owner="youth")
        for fields, name in (
            ({"words": ""}, "a_small_step_has_words"),
            ({"done_at": timezone.now()}, "a_small_step_is_done_by_somebody"),
            ({"owner_person": team.school}, "who_is_named_for_a_small_step_is_of_a_team"),
        ):
            with pytest.raises(IntegrityError, match=name), transaction.atomic():
                SmallStep.objects.filter(pk=step.pk).update(**fields)


class TestWhoMay:
    def test_the_caseworker_writes_goals_and_others_read_them(self, team, other_team, sign_in):
        add = url("add_goal", team.youth)
        for user, status in (
            (team.school, 403),
            (team.young, 403),
            (team.employer, 404),
            (team.lead, 404),
            (other_team.caseworker, 404),
            (team.caseworker, 302),
        ):
            assert sign_in(user).post(add, GOAL).status_code == status
        goal = Goal.objects.get()
        for user in (team.school, team.young, team.caseworker):
            assert WORDS in page(sign_in(user).get(url("goal", goal)))
        for user in (team.employer, team.lead, team.evaluator, other_team.school):
            assert sign_in(user).get(url("goal", goal)).status_code == 404
        for name in ("change_goal", "close_goal"):
            for user in (team.school, team.young):
                assert sign_in(user).post(url(name, goal), GOAL).status_code == 403

    def test_school_and_young_person_add_and_tick_small_steps(self, team, goal, sign_in):
        for user in (team.school, team.young, team.caseworker):
            words = f"Skridt af {user.name}"
            answer = sign_in(user).post(url("goal", goal), STEP | {"words": words})
            assert answer.status_code == 302
            step = SmallStep.objects.get(added_by=user)
            sign_in(user).post(url("step", step), {"act": "done"})
            step.refresh_from_db()
            assert step.done_by == user
            sign_in(user).post(url("step", step), {"act": "undone"})
            step.refresh_from_db()
            assert step.done_at is None

    def test_a_company_and_an_outsider_tick_nothing(self, team, other_team, goal, sign_in):
        step = goal.add_step(by=team.young, words="Et", owner="youth")
        for user in (team.employer, team.lead, other_team.school):
            assert sign_in(user).post(url("step", step), {"act": "done"}).status_code == 404
            assert sign_in(user).post(url("goal", goal), STEP).status_code == 404

    def test_a_step_is_taken_off_by_its_writer_or_the_caseworker(self, team, goal, sign_in):
        step = goal.add_step(by=team.young, words="Et", owner="youth")
        for user, status in ((team.school, 403), (team.young, 302)):
            answer = sign_in(user).post(url("step", step), {"act": "withdraw"})
            assert answer.status_code == status
        other = goal.add_step(by=team.young, words="To", owner="youth")
        sign_in(team.caseworker).post(url("step", other), {"act": "withdraw"})
        assert not goal.steps.standing().exists()

    def test_an_agreement_that_takes_the_course_away_takes_the_goals(self, team, goal, sign_in):
        Narrowing.objects.create(
            partnership=team.partnership, role=Role.SCHOOL, section="course", reason="x"
        )
        team.partnership.save()
        client = sign_in(team.school)
        assert client.get(url("goal", goal)).status_code == 403
        assert WORDS not in page(client.get(reverse("case", args=[team.youth.pk])))

    def test_reading_it_is_written_in_the_read_log(self, team, goal, sign_in):
        sign_in(team.school).get(url("goal", goal))
        assert AccessEvent.objects.get().sections == "identity,course"


class TestForms:
    def test_what_was_typed_comes_back_with_what_is_wrong(self, team, sign_in):
        client = sign_in(team.caseworker)
        for wrong, message in (
            ({"words": " "}, "Write the goal."),
            ({"words": "x" * 301}, "300"),
            ({"words": "x\0"}, "Null characters"),
            ({"lane": ""}, "Choose what the goal is about."),
            ({"owner": "lead"}, "Select a valid choice"),
            ({"owner": str(team.lead.pk)}, "Select a valid choice"),
            ({"due_on": "0026-01-01"}, "Choose a day from today on"),
            ({"due_on": f"{days(-1)}"}, "Choose a day from today on"),
            ({"due_on": "31.02.2027"}, "valid date"),
        ):
            answer = client.post(url("add_goal", team.youth), GOAL | wrong)
            assert answer.status_code == 422, wrong
            assert message in page(answer)
            assert not Goal.objects.exists()
            if "words" not in wrong:
                assert WORDS in page(answer)

    def test_a_named_person_is_of_their_side(self, team, sign_in):
        goal = GOAL | {"owner": str(team.school.pk), "due_on": f"{days(5)}"}
        sign_in(team.caseworker).post(url("add_goal", team.youth), goal)
        made = Goal.objects.get()
        assert (made.owner, made.owner_person, made.due_on) == ("school", team.school, days(5))

    def test_a_named_person_who_has_left_stays_until_another_is_chosen(self, team, sign_in):
        made = goal_of(team.youth, owner="school", owner_person=team.school, due_on=days(2))
        Goal.objects.filter(pk=made.pk).update(due_on=days(-9))
        team.school.memberships.update(ends_on=days(-1))
        client, there = sign_in(team.caseworker), url("change_goal", made)
        assert f'value="{team.school.pk}" selected' in page(client.get(there))
        kept = GOAL | {"owner": str(team.school.pk), "due_on": f"{days(-9)}", "revision": 1}
        assert client.post(there, kept | {"words": "Nyt"}).status_code == 302
        made.refresh_from_db()
        assert (made.words, made.owner, made.owner_person) == ("Nyt", "school", team.school)

    def test_two_who_write_at_once_see_both_texts(self, team, goal, sign_in):
        second = member(team.partnership, "caseworker")
        there = url("change_goal", goal)
        first = GOAL | {"words": "Først gemt", "revision": 1}
        assert sign_in(team.caseworker).post(there, first).status_code == 302
        client, mine = sign_in(second), GOAL | {"words": "Mit forslag", "revision": 1}
        answer = client.post(there, mine)
        assert answer.status_code == 409
        for text in ("Først gemt", "Mit forslag", team.caseworker.name):
            assert text in page(answer)
        assert 'name="revision" value="2"' in page(answer)
        assert client.post(there, mine | {"revision": 2}).status_code == 302
        goal.refresh_from_db()
        assert goal.words == "Mit forslag"
        assert "Først gemt" in [event.words for event in goal.events.all()]

    @pytest.mark.parametrize("revision", ["", "0", "-1", "x", "9" * 30])
    def test_a_revision_of_nobodys_making_saves_nothing(self, team, goal, sign_in, revision):
        answer = sign_in(team.caseworker).post(
            url("change_goal", goal), GOAL | {"words": "Nyt", "revision": revision}
        )
        assert answer.status_code in (409, 422)
        assert "Nyt" in page(answer)
        goal.refresh_from_db()
        assert goal.words == WORDS

    def test_dropping_asks_for_the_reason(self, team, goal, sign_in):
        client, there = sign_in(team.caseworker), url("close_goal", goal)
        answer = client.post(there, {"state": "dropped"})
        assert answer.status_code == 422
        assert "Write why the goal is dropped." in page(answer)
        assert client.post(there, {"state": "dropped", "reason": "Flyttet"}).status_code == 302
        assert "Flyttet" in page(sign_in(team.young).get(url("goal", goal)))
        refused = client.post(there, {"state": "reached", "reason": "Skrevet her"})
        assert refused.status_code == 409
        assert "Skrevet her" in page(refused)
        assert client.post(there, {"act": "take_up"}).status_code == 302
        goal.refresh_from_db()
        assert goal.is_open

    def test_a_step_on_a_goal_that_was_closed_meanwhile_keeps_what_was_typed(
        self, team, goal, sign_in
    ):
        goal.reach(by=team.caseworker)
        answer = sign_in(team.young).post(url("goal", goal), STEP)
        assert answer.status_code == 409
        assert STEP["words"] in page(answer)

    def test_a_step_with_nothing_in_it_is_refused_by_the_field(self, team, goal, sign_in):
        answer = sign_in(team.young).post(url("goal", goal), STEP | {"words": ""})
        assert answer.status_code == 422
        assert "Write the small step." in page(answer)

    @pytest.mark.parametrize("act", ["", "x", "delete"])
    def test_an_act_of_nobodys_making_is_not_found(self, team, goal, sign_in, act):
        step = goal.add_step(by=team.young, words="Et", owner="youth")
        assert sign_in(team.young).post(url("step", step), {"act": act}).status_code == 404

    def test_what_is_not_there_is_not_found(self, team, sign_in):
        client = sign_in(team.caseworker)
        for name in ("goal", "change_goal", "close_goal"):
            assert client.get(reverse(f"youths:{name}", args=[uuid.uuid4()])).status_code == 404
        assert client.post(reverse("youths:step", args=[uuid.uuid4()])).status_code == 404


class TestOwed:
    @pytest.mark.parametrize(
        ("owner", "whose"),
        [("youth", "young"), ("school", "school"), ("caseworker", "caseworker")],
    )
    def test_is_on_the_work_list_of_its_owner_when_it_is_due(self, team, owner, whose):
        goal = goal_of(team.youth, owner=owner, due_on=days(0))
        step = goal.add_step(by=team.school, words="I dag", owner=owner, due_on=days(0))
        goal.add_step(by=team.school, words="I morgen", owner=owner, due_on=days(1))
        goal.add_step(by=team.school, words="Uden dag", owner=owner)
        for role in ("young", "school", "caseworker"):
            rows = [r for r in waiting_on(getattr(team, role)) if r.url == url("goal", goal)]
            assert len(rows) == (2 if role == whose else 0)
        step.tick(by=team.school)
        goal.reach(by=team.caseworker)
        rows = waiting_on(getattr(team, whose))
        assert url("goal", goal) not in [row.url for row in rows]

    def test_of_a_named_person_is_theirs_alone_until_they_leave(self, team):
        other = member(team.partnership, "school")
        goal = goal_of(team.youth, owner="school", owner_person=other, due_on=days(-1))
        assert url("goal", goal) in [row.url for row in waiting_on(other)]
        assert url("goal", goal) not in [row.url for row in waiting_on(team.school)]
        other.memberships.update(ends_on=days(-1))
        assert url("goal", goal) in [row.url for row in waiting_on(team.school)]

    def test_says_the_words_to_the_young_person_alone(self, team):
        for owner in ("youth", "school"):
            goal_of(team.youth, words=f"Ord {owner}", owner=owner, due_on=days(0))
        assert "Ord youth" in whats(team.young)
        assert "Ord school" not in str(whats(team.school))
        assert f"See to a goal of {team.youth.name}" in whats(team.school)

    def test_is_over_for_who_has_left_the_course(self, team):
        goal_of(team.youth, owner="caseworker", due_on=days(0))
        team.youth.left_on, team.youth.left_because = days(0), "moved"
        team.youth.save()
        assert "See to a goal" not in str(whats(team.caseworker))


class TestParts:
    def test_are_linked_and_undone_in_one_press_and_move_the_meter(self, team, goal, sign_in):
        part = standing(sent(team))
        client = sign_in(team.caseworker)
        there = reverse("handover:goal_parts", args=[goal.pk])
        assert part.label in page(client.get(there))
        use = reverse("handover:use", args=[part.pk])
        answer = client.post(use, {"goal": goal.pk, "from": "target"})
        assert answer.url == url("goal", goal) + "#parts-used"
        assert [n for _step, n in profile_summary(team.caseworker, team.youth).meter][-1] == 1
        received = page(client.get(reverse("handover:received", args=[team.youth.pk])))
        assert url("goal", goal) in received
        undo = reverse("handover:undo_use", args=[PartUse.objects.get().pk])
        assert client.post(undo, {"from": "target"}).url == url("goal", goal) + "#parts-used"
        assert not PartUse.objects.exists()

    def test_once_for_a_goal_and_once_in_a_placement(self, team, goal):
        part = standing(sent(team))
        made = [
            PartUse.make(by=team.caseworker, sent_part=part, **to)
            for to in ({"goal": goal}, {"goal": goal}, {"placement": team.placement})
        ]
        assert made[0] == made[1] != made[2]
        with pytest.raises(IntegrityError, match="a_use_has_exactly_one_target"):
            PartUse.objects.filter(pk=made[0].pk).update(placement=team.placement)

    def test_of_another_youths_goal_are_refused(self, team, other_team, sign_in):
        part, other = standing(sent(team)), goal_of(other_team.youth)
        with pytest.raises(HandoverRefused, match="another young person"):
            PartUse.make(by=team.caseworker, sent_part=part, goal=other)
        use = reverse("handover:use", args=[part.pk])
        for wrong in (other.pk, "", "x"):
            assert sign_in(team.caseworker).post(use, {"goal": wrong}).status_code == 404

    def test_are_read_by_school_and_young_person_and_nobody_else(
        self, team, other_team, goal, sign_in
    ):
        part = standing(sent(team))
        PartUse.make(by=team.caseworker, sent_part=part, goal=goal)
        there = reverse("handover:goal_parts", args=[goal.pk])
        for user in (team.school, team.young):
            body = page(sign_in(user).get(there))
            assert part.label in body
            assert "/use/" not in body
            use = reverse("handover:use", args=[part.pk])
            assert sign_in(user).post(use, {"goal": goal.pk}).status_code == 403
        for user in (team.employer, team.lead, other_team.caseworker):
            assert sign_in(user).get(there).status_code == 404

    def test_that_change_ask_to_be_checked_again(self, team, goal, sign_in):
        profile = sent(team)
        part = standing(profile)
        PartUse.make(by=team.caseworker, sent_part=part, goal=goal)
        correct(team, part.part)
        client = sign_in(team.caseworker)
        there = reverse("handover:goal_parts", args=[goal.pk])
        assert "Check again" in page(client.get(there))
        received = page(client.get(reverse("handover:received", args=[team.youth.pk])))
        assert WORDS in received[received.index('id="check-again"') :]
        check = reverse("handover:check_again", args=[part.pk])
        assert client.post(check, {"version": 2}).status_code == 302
        assert "Check again" not in page(client.get(there))
        assert PartUse.objects.get().sent_part == standing(profile)


class TestPages:
    def fill(self, team, rows):
        for n in range(rows):
            goal = goal_of(team.youth, words=f"Mål {n}", owner="school", owner_person=team.school)
            for m in range(rows):
                step = goal.add_step(
                    by=team.school, words=f"Skridt {m}", owner="caseworker", due_on=days(0)
                )
                if m:
                    step.tick(by=team.school)
        return goal

    @pytest.mark.parametrize("rows", [1, 3])
    @pytest.mark.parametrize(
        ("name", "queries"), [("goals", 9), ("goal", 12), ("parts", 10), ("case", 45), ("home", 34)]
    )
    def test_cost_the_same_for_three_as_for_one(
        self, team, sign_in, django_assert_num_queries, name, queries, rows
    ):
        sent(team)
        goal = self.fill(team, rows)
        there = {
            "goals": url("goals", team.youth),
            "goal": url("goal", goal),
            "parts": reverse("handover:goal_parts", args=[goal.pk]),
            "case": reverse("case", args=[team.youth.pk]),
            "home": reverse("home"),
        }[name]
        client = sign_in(team.caseworker)
        with django_assert_num_queries(queries):
            assert client.get(there).status_code == 200

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_young_persons_first_page_costs_the_same(
        self, team, sign_in, django_assert_num_queries, rows
    ):
        self.fill(team, rows)
        client = sign_in(team.young)
        with django_assert_num_queries(27):
            assert "Mål 0" in page(client.get(reverse("home")))

    def test_the_young_person_ticks_on_the_first_page(self, team, goal, sign_in):
        step = goal.add_step(by=team.school, words="Ring til chefen", owner="youth")
        client = sign_in(team.young)
        home = page(client.get(reverse("home")))
        assert "Ring til chefen" in home
        answer = client.post(url("step", step), {"act": "done", "from": "home"})
        assert answer.url == reverse("home") + "#goals"
        assert "Ring til chefen" not in page(client.get(reverse("home")))

    def test_the_case_shows_goals_with_their_steps_and_who_sees_to_them(self, team, sign_in):
        goal = goal_of(team.youth, words=WORDS, due_on=days(9))
        goal.add_step(by=team.school, words="Køre sammen", owner="school")
        goal_of(team.youth, words="Nået mål").reach(by=team.caseworker)
        body = page(sign_in(team.school).get(reverse("case", args=[team.youth.pk])))
        for text in (WORDS, "Køre sammen", team.partnership.school.name, "One goal is reached"):
            assert text in body
        assert "Nået mål" not in body
        assert url("add_goal", team.youth) not in body

    def test_the_history_says_who_did_what(self, team, goal, sign_in):
        goal.change(by=team.caseworker, revision=1, **said(words="Nyt mål"))
        body = page(sign_in(team.young).get(url("goal", goal)))
        assert WORDS in body
        assert "Goal changed" in body

    def test_late_is_said_so(self, team, goal, sign_in):
        Goal.objects.filter(pk=goal.pk).update(due_on=timezone.localdate() - timedelta(days=1))
        assert "was due" in page(sign_in(team.school).get(url("goals", team.youth)))
