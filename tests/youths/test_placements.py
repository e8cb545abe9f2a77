"""A placement from its limits to its end: agreement of three sides, hours, prolong, pause, end."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from partnerships.access import Role
from partnerships.models import PlacementLimit
from tests.factories import (
    OrganisationFactory,
    PlacementFactory,
    Team,
    YouthFactory,
    days,
    goal_of,
    member,
)
from tests.handover.test_views import page
from tests.vivirkr.test_pages import whats
from vivirkr.waiting import waiting_on
from youths.ladder import Pause, monday_of
from youths.models import (
    AccessEvent,
    AgreementConfirmation,
    AgreementReplaced,
    Delivery,
    HoursStep,
    Notice,
    Placement,
    PlacementAgreement,
    PlacementEnding,
    PlacementEvent,
    PlacementRefused,
    Sitting,
    WorkedWeek,
    hours_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SIDES = ("youth", "caseworker", "company")


def url(name, placement):
    return reverse(name if name == "placement" else f"youths:{name}", args=[placement.pk])


def again(placement) -> Placement:
    return Placement.objects.get(pk=placement.pk)


def kinds(placement) -> list[str]:
    return [event.kind for event in placement.events.all()]


def person_of(team, side):
    return {"youth": team.young, "caseworker": team.caseworker, "company": team.employer}[side]


def confirm(agreement, side, by=None):
    how = "signed_in" if by else "link"
    return agreement.confirm(side=side, by=by, name=by.name if by else "Bente", how=how)


@pytest.fixture
def agreement(team):
    return team.placement.write_agreement(by=team.caseworker)


@pytest.fixture
def limit(team):
    return PlacementLimit.objects.create(
        programme=team.programme, kind="practice", max_weeks=13, max_hours=20, source="Håndbogen"
    )


@pytest.fixture
def typed(team):
    return {
        "employer": OrganisationFactory(employer=True).pk,
        "kind": "practice",
        "starts_on": "2026-03-02",
        "ends_on": "2026-05-31",  # thirteen weeks to the day
        "weekly_hours": "12",
        "weekdays": ["3", "1"],
        "tasks": "Rydde op",
        "support_person": "Bente,\nleder køkkenet",
        "contact": team.caseworker.pk,
    }


class TestLimit:
    def test_is_the_programmes_own(self, team, limit, other_team):
        other = PlacementFactory(youth=other_team.youth, contact=other_team.caseworker)
        assert team.placement.limit == limit
        assert other.limit is None
        assert Placement(youth=team.youth, kind="ordinary").limit is None

    @pytest.mark.parametrize(
        ("first", "last"),
        [
            (date(2026, 3, 2), date(2026, 5, 31)),
            (date(2026, 12, 7), date(2027, 3, 7)),  # over the turn of a year of 53 weeks
            (date(2028, 1, 31), date(2028, 4, 30)),  # over a leap day
        ],
    )
    def test_counts_calendar_weeks(self, limit, first, last):
        assert limit.last_day(first) == last
        said = {"starts_on": first, "weekly_hours": Decimal(12)}
        assert limit.refusals(ends_on=last, **said) == {}
        refused = limit.refusals(ends_on=last + timedelta(days=1), **said)
        assert set(refused) == {"ends_on"}
        assert "at most 13 weeks" in refused["ends_on"]
        assert refused["ends_on"].endswith("(Håndbogen)")

    def test_of_hours_is_on_both_sides(self, limit):
        limit.min_hours = Decimal("2.5")
        said = {"starts_on": days(0), "ends_on": days(1)}
        for hours, words in ((2, "at least 2.5 hours"), (21, "at most 20 hours")):
            refused = limit.refusals(weekly_hours=Decimal(hours), **said)
            assert words in refused["weekly_hours"]

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"kind": "practice", "max_weeks": 5}, "one_limit_for_each_kind_of_placement"),
            ({"kind": "subsidy"}, "a_limit_of_placements_limits_something"),
            ({"kind": "subsidy", "max_weeks": 0}, "a_limit_of_placements_limits_something"),
            (
                {"kind": "subsidy", "min_hours": 9, "max_hours": 8},
                "hours_at_least_are_not_above_hours_at_most",
            ),
        ],
    )
    def test_is_whole(self, team, limit, fields, name):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            PlacementLimit.objects.create(programme=team.programme, **fields)

    def test_is_kept_in_the_administration(self, team, limit, sign_in):
        admin = member(team.partnership, Role.ADMIN, user__is_staff=True)
        address = reverse("admin:partnerships_programme_change", args=[team.programme.pk])
        assert "placement_limits-0-max_weeks" in page(sign_in(admin).get(address))

    def test_is_said_at_its_field_and_nothing_is_lost(self, team, limit, typed, sign_in):
        address = reverse("youths:add_placement", args=[team.youth.pk])
        client = sign_in(team.caseworker)
        for field, value in (("ends_on", "2026-06-01"), ("weekly_hours", "20.5")):
            response = client.post(address, typed | {field: value})
            assert response.status_code == 422
            (said,) = response.context["form"].errors[field]
            assert "Håndbogen" in said
            assert "Rydde op" in page(response)
        assert client.post(address, typed).status_code == 302


class TestForm:
    def test_keeps_days_support_person_and_goals(self, team, typed, sign_in):
        goal = goal_of(team.youth, words="Stå for salatbaren")
        dropped = goal_of(team.youth, words="Andet")
        dropped.drop(by=team.caseworker, reason="Flyttet")
        address = reverse("youths:add_placement", args=[team.youth.pk])
        client = sign_in(team.caseworker)
        assert client.post(address, typed | {"goals": [dropped.pk]}).status_code == 422
        assert client.post(address, typed | {"goals": [goal.pk]}).status_code == 302
        made = Placement.objects.get(employer=typed["employer"])
        assert made.weekdays == "13"
        assert made.support_person == "Bente, leder køkkenet"
        assert list(made.goals.all()) == [goal]
        words = made.agreement.words
        for said in ("Monday, Wednesday", "Bente", "Stå for salatbaren", "Rydde op", "12"):
            assert said in words

    @pytest.mark.django_db(transaction=True)
    def test_sent_twice_at_the_same_moment_is_one_placement(self, team, typed, sign_in, at_once):
        address = reverse("youths:add_placement", args=[team.youth.pk])
        clients = [sign_in(team.caseworker) for _ in range(2)]
        answers = at_once(*(partial(client.post, address, typed) for client in clients))
        assert [answer.status_code for answer in answers] == [302, 302]
        assert Placement.objects.filter(employer=typed["employer"]).count() == 1

    def test_a_goal_that_was_dropped_is_no_longer_shown(self, team, sign_in):
        goal = goal_of(team.youth, words="Stå for salatbaren")
        team.placement.goals.add(goal)
        company, address = sign_in(team.employer), url("placement", team.placement)
        assert "salatbaren" in page(company.get(address))
        goal.drop(by=team.caseworker, reason="Flyttet")
        assert "salatbaren" not in page(company.get(address))

    @pytest.mark.parametrize("stored", ["31", "8", "11"])
    def test_days_stand_in_order(self, team, stored):
        with (
            pytest.raises(IntegrityError, match="working_days_stand_in_order"),
            transaction.atomic(),
        ):
            Placement.objects.update(weekdays=stored)

    def test_changed_is_a_new_text_and_unchanged_is_the_same(self, team, typed, sign_in):
        client = sign_in(team.caseworker)
        goal = goal_of(team.youth, words="Stå for salatbaren")
        typed["goals"] = [goal.pk]
        client.post(reverse("youths:add_placement", args=[team.youth.pk]), typed)
        made = Placement.objects.get(employer=typed["employer"])
        address = url("change_placement", made)
        assert 'value="12.0"' in page(client.get(address))
        assert client.post(address, typed | {"number": 1}).status_code == 302
        assert again(made).agreement.number == 1
        client.post(address, typed | {"number": 1, "weekly_hours": "14"})
        assert again(made).agreement.number == 2
        event = made.events.get()
        assert (event.kind, event.hours_before, event.hours) == ("hours", 12, 14)

    def test_saved_over_somebody_else_loses_nothing(self, team, typed, sign_in, agreement):
        client, address = sign_in(team.caseworker), url("change_placement", team.placement)
        assert client.post(address, typed | {"number": 1}).status_code == 302
        mine = typed | {"number": 1, "tasks": "Noget andet"}
        response = client.post(address, mine)
        assert response.status_code == 409
        assert "Noget andet" in page(response)
        assert "Rydde op" in page(response)
        assert client.post(address, mine | {"number": 2}).status_code == 302
        assert again(team.placement).tasks == "Noget andet"

    def test_of_one_that_has_ended_is_refused(self, team, typed, sign_in, agreement):
        team.placement.end(by=team.caseworker)
        response = sign_in(team.caseworker).post(
            url("change_placement", team.placement), typed | {"number": 1}
        )
        assert response.status_code == 409
        assert "has ended already" in page(response)


class TestAgreement:
    def test_of_the_same_words_is_the_same(self, team, agreement):
        assert team.placement.write_agreement(by=team.school) == agreement
        assert agreement.number == 1

    def test_is_confirmed_by_each_side_once(self, team, agreement):
        for side in SIDES:
            first = confirm(agreement, side, person_of(team, side))
            assert confirm(agreement, side) == first
        assert again(team.placement).agreement.waits_for == []
        assert Notice.objects.filter(kind="agreed", recipient=team.school).count() == 1

    def test_behind_a_link_is_confirmed_by_a_name(self, team, agreement):
        said = confirm(agreement, "company")
        assert (said.by, said.name, said.how) == (None, "Bente", "link")

    def test_changed_asks_all_three_again(self, team, agreement):
        for side in SIDES:
            confirm(agreement, side, person_of(team, side))
        team.placement.prolong(by=team.caseworker, ends_on=days(70), reason="more_time")
        newest = again(team.placement).agreement
        assert newest.number == 2
        assert newest.waits_for == list(SIDES)
        with pytest.raises(AgreementReplaced) as replaced:
            confirm(agreement, "company")
        assert replaced.value.newest == newest
        assert agreement.confirmations.count() == 3  # as it was

    def test_of_a_placement_that_has_ended_is_not_confirmed(self, team, agreement):
        team.placement.end(by=team.caseworker)
        with pytest.raises(PlacementRefused, match="has ended"):
            confirm(agreement, "company")

    def test_stays_as_it_stood(self, team, agreement):
        said = agreement.words
        Placement.objects.filter(pk=team.placement.pk).update(tasks="Noget helt andet")
        assert PlacementAgreement.objects.get().words == said

    def test_is_asked_about_by_mail_without_content(self, team, agreement):
        assert {n.recipient for n in Notice.objects.filter(kind="agree")} == {team.young}
        Delivery.send_all()
        (sent,) = mail.outbox
        assert "agreement of a placement waits" in sent.subject
        for hidden in (team.youth.first_name, team.placement.employer.name, "Rydde op"):
            assert hidden not in sent.body

    @pytest.mark.parametrize(
        "model", [PlacementAgreement, AgreementConfirmation, PlacementEvent, PlacementEnding]
    )
    @pytest.mark.parametrize("what", ["update", "delete"])
    def test_and_what_became_of_it_is_not_rewritten(self, team, agreement, model, what):
        confirm(agreement, "company")
        team.placement.end(by=team.caseworker)
        team.placement.say_why(side="youth", reason="tasks", by=team.caseworker)
        rows = model.objects.filter(pk=model.objects.first().pk)
        changed = {PlacementAgreement: {"number": 9}, AgreementConfirmation: {"how": "signed_in"}}
        act = {
            "update": lambda: rows.update(**changed.get(model, {"reason": "other"})),
            "delete": lambda: rows._raw_delete("default"),
        }[what]
        with pytest.raises(DatabaseError, match="history of a placement"), transaction.atomic():
            act()

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"name": ""}, "who_confirms_has_a_name"),
            ({"how": "signed_in"}, "only_behind_a_link_nobody_is_signed_in"),
        ],
    )
    def test_of_somebody(self, agreement, fields, name):
        said = {"side": "company", "how": "link", "name": "Bente"} | fields
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            agreement.confirmations.create(**said)


class TestAgreementPage:
    @pytest.mark.parametrize("side", SIDES)
    def test_each_side_reads_the_text_and_says_yes(self, team, agreement, sign_in, side):
        client, address = sign_in(person_of(team, side)), url("agreement", team.placement)
        assert "Lave dressing" in page(client.get(address))
        assert client.post(address, {"number": 1}).status_code == 302
        said = agreement.confirmations.get()
        assert (said.side, said.by, said.how) == (side, person_of(team, side), "signed_in")
        assert "Yes, this is what" not in page(client.get(address))

    def test_an_older_text_is_refused_and_the_new_one_shown(self, team, agreement, sign_in):
        team.placement.prolong(by=team.caseworker, ends_on=days(70), reason="more_time")
        client, address = sign_in(team.employer), url("agreement", team.placement)
        for number in (1, "", "x", 99999, "²"):
            response = client.post(address, {"number": number})
            assert response.status_code == 409
            assert "Read it again" in page(response)
            assert "version 2" in page(response)
        assert not AgreementConfirmation.objects.exists()

    def test_the_school_helps_where_it_sits_together(self, team, agreement, sign_in):
        client, address = sign_in(team.school), url("agreement", team.placement)
        assert "Sit together" in page(client.get(address))
        assert client.post(address, {"number": 1}).status_code == 409
        Sitting.start(by=team.school, youth=team.youth, pen="youth")
        assert client.post(address, {"number": 1}).status_code == 302
        said = agreement.confirmations.get()
        assert (said.side, said.how, said.name) == ("youth", "together", team.youth.first_name)
        assert said.by == team.school

    def test_a_sitting_with_somebody_else_is_none(self, team, agreement, sign_in):
        other = YouthFactory(partnership=team.partnership)
        Sitting.start(by=team.school, youth=other, pen="youth")
        response = sign_in(team.school).post(url("agreement", team.placement), {"number": 1})
        assert response.status_code == 409

    def test_an_outsider_finds_nothing(self, team, other_team, agreement, sign_in):
        for user in (other_team.caseworker, other_team.employer, other_team.young, team.lead):
            for name in ("agreement", "weeks", "change_placement", "end_placement"):
                assert sign_in(user).post(url(name, team.placement)).status_code == 404
        assert not AgreementConfirmation.objects.exists()

    def test_a_company_whose_placement_has_ended_finds_nothing(self, team, agreement, sign_in):
        team.placement.end(by=team.caseworker)
        for name in ("agreement", "weeks", "placement"):
            assert sign_in(team.employer).get(url(name, team.placement)).status_code == 404

    @pytest.mark.parametrize(
        "name",
        [
            "change_placement",
            "prolong_placement",
            "pause_placement",
            "end_placement",
            "plan_hours",
            "step_hours",
        ],
    )
    def test_only_the_caseworker_changes_it(self, team, agreement, sign_in, name):
        for user in (team.school, team.young, team.employer):
            assert sign_in(user).post(url(name, team.placement)).status_code == 403

    def test_each_reading_is_noted(self, team, agreement, sign_in):
        for name in ("agreement", "weeks"):
            sign_in(team.employer).get(url(name, team.placement))
        events = AccessEvent.objects.filter(user_id=team.employer.pk)
        assert [event.sections for event in events] == ["placement", "placement"]


class TestHours:
    @pytest.fixture
    def placement(self, team):
        made = PlacementFactory(
            youth=team.youth, contact=team.caseworker, weekly_hours=8,
            starts_on=monday_of(days(-70)), employer=team.placement.employer,
        )  # fmt: skip
        HoursStep.plan(
            by=team.caseworker, placement=made, steps=[(Decimal(10), 2), (Decimal(12), 3)]
        )
        return again(made)

    def told(self, team, placement, *hours):
        """The weeks before this one, the last of them the week before."""
        this = monday_of(days(0))
        for n, worked in enumerate(hours):
            WorkedWeek.record(
                by=team.caseworker,
                placement=placement,
                monday=this - timedelta(weeks=len(hours) - n),
                actual_hours=Decimal(worked),
            )
        return hours_of(again(placement))

    def test_go_up_after_steady_weeks_when_somebody_says_so(self, team, placement):
        hours = self.told(team, placement, 5, 8)
        assert (hours.steady, hours.above, hours.below, hours.may_go_up) == (1, 10, None, False)
        assert hours.left == 1
        hours = self.told(team, placement, 5, 8, 8)
        assert hours.may_go_up
        placement.step(by=team.caseworker, hours=Decimal(10))
        placement.step(by=team.caseworker, hours=Decimal(10))
        hours = hours_of(again(placement))
        assert (hours.steady, hours.above, hours.below) == (0, 12, 8)
        assert kinds(placement) == ["step"]
        assert again(placement).agreement.number == 1  # it is agreed already

    def test_go_down_as_well_and_nobody_skips_a_step(self, team, placement):
        with pytest.raises(PlacementRefused, match="no next step"):
            placement.step(by=team.caseworker, hours=Decimal(12))
        for hours in (10, 12, 10, 8):
            placement.step(by=team.caseworker, hours=Decimal(hours))
        assert again(placement).rungs_around() == (None, 10)
        assert again(placement).first_rung == 8

    def test_change_with_the_next_whole_week(self, team, placement):
        this = monday_of(days(0))
        with time_machine.travel(
            timezone.make_aware(datetime.combine(this + timedelta(days=1), datetime.min.time())),
            tick=False,
        ):
            again(placement).step(by=team.caseworker, hours=Decimal(10))
            lines = {line.monday: line.planned for line in hours_of(again(placement)).lines}
        assert lines[this] == 8
        assert lines[this + timedelta(days=7)] == 10

    def test_of_a_week_are_kept_as_they_were_planned_then(self, team, placement):
        self.told(team, placement, 8)
        placement.step(by=team.caseworker, hours=Decimal(10))
        monday = monday_of(days(0)) - timedelta(weeks=1)
        row = WorkedWeek.record(
            by=team.employer, placement=placement, monday=monday, actual_hours=Decimal(7)
        )
        assert (row.planned_hours, row.actual_hours, row.recorded_by) == (8, 7, team.employer)
        assert WorkedWeek.objects.count() == 1

    @pytest.mark.parametrize("off", [-11, 1])
    def test_outside_of_the_placement_or_ahead_are_refused(self, team, placement, off):
        monday = monday_of(days(0)) + timedelta(weeks=off)
        with pytest.raises(PlacementRefused, match="that has begun"):
            WorkedWeek.record(by=team.school, placement=placement, monday=monday, actual_hours=8)

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"monday": days(0) - timedelta(days=days(0).weekday() - 1)}, "named_by_its_monday"),
            ({"actual_hours": -1}, "between_0_and_60"),
            ({"unoffered_hours": 4}, "did_not_have_have_a_cause"),
            ({"unoffered_because": "closed"}, "did_not_have_have_a_cause"),
        ],
    )
    def test_are_whole(self, team, placement, fields, name):
        said = {"monday": monday_of(days(0)), "planned_hours": 8, "actual_hours": 8}
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            placement.weeks.create(recorded_by=team.school, **said | fields)

    @pytest.mark.parametrize(
        ("steps", "said"),
        [
            ([(Decimal(8), 2)], "more hours than the one before"),
            ([(Decimal(12), 2), (Decimal(10), 2)], "more hours than the one before"),
            ([(Decimal(21), 2)], "at most 20 hours"),
        ],
    )
    def test_of_the_steps_go_up_within_the_limit(self, team, placement, limit, steps, said):
        with pytest.raises(PlacementRefused, match=said):
            HoursStep.plan(by=team.caseworker, placement=placement, steps=steps)
        assert placement.steps.count() == 2

    def test_on_a_ladder_are_not_overwritten_by_who_changes_something_else(
        self, team, placement, typed, sign_in
    ):
        client, address = sign_in(team.caseworker), url("change_placement", placement)
        assert "weekly_hours" not in client.get(address).context["form"].fields
        placement.step(by=team.caseworker, hours=Decimal(10))
        assert client.post(address, typed | {"number": 1}).status_code == 302
        assert again(placement).weekly_hours == 10
        assert again(placement).agreement.number == 2

    @pytest.mark.parametrize(
        ("first", "now", "numbers"),
        [
            (date(2026, 12, 21), date(2027, 1, 12), [52, 53, 1, 2, 3]),
            (date(2028, 2, 21), date(2028, 3, 1), [8, 9, 10]),  # with a leap day
        ],
    )
    def test_are_told_over_the_turn_of_the_year_and_a_leap_day(self, team, first, now, numbers):
        moment = timezone.make_aware(datetime.combine(now, datetime.min.time()))
        with time_machine.travel(moment, tick=False):
            made = PlacementFactory(
                youth=team.youth, contact=team.caseworker, weekly_hours=8, starts_on=first,
                ends_on=first + timedelta(days=90),
            )  # fmt: skip
            begun = [first + timedelta(weeks=n) for n in range(len(numbers) - 1)]
            for monday in begun:
                WorkedWeek.record(
                    by=team.school, placement=made, monday=monday, actual_hours=Decimal(8)
                )
            hours = hours_of(again(made))
        assert [line.number for line in hours.lines] == numbers
        assert hours.steady == len(begun)

    def test_of_the_steps_are_part_of_the_agreement(self, team, placement):
        assert "8, 10 after 2 steady weeks, 12 after 3" in placement.agreement.words
        HoursStep.plan(by=team.caseworker, placement=placement, steps=[])
        assert again(placement).agreement.number == 2

    def test_are_planned_on_a_page(self, team, placement, sign_in):
        client, address = sign_in(team.caseworker), url("plan_hours", placement)
        assert 'value="10.0"' in page(client.get(address))
        for bad, at in (
            ({"hours_1": "10"}, "weeks_1"),
            ({"weeks_1": "3"}, "hours_1"),
            ({"hours_1": "38", "weeks_1": "3"}, "hours_1"),
            ({"hours_1": "10", "weeks_1": "0"}, "weeks_1"),
            ({"hours_1": "7", "weeks_1": "1"}, "__all__"),
        ):
            response = client.post(address, bad)
            assert response.status_code == 422
            assert at in response.context["form"].errors
        assert client.post(address, {"hours_2": "9.5", "weeks_2": "4"}).status_code == 302
        assert [(s.weekly_hours, s.after_weeks) for s in placement.steps.all()] == [
            (Decimal("9.5"), 4)
        ]

    def test_are_stepped_by_a_button(self, team, placement, sign_in):
        client = sign_in(team.caseworker)
        client.post(url("step_hours", placement), {"to": "up"})
        assert again(placement).weekly_hours == 10
        client.post(url("step_hours", placement), {"to": "down"})
        assert again(placement).weekly_hours == 8
        seen = page(client.post(url("step_hours", placement), {"to": "down"}, follow=True))
        assert "no next step" in seen

    def test_a_week_is_recorded_by_the_company_the_team_and_the_young_person(
        self, team, placement, sign_in
    ):
        monday = monday_of(days(0)) - timedelta(weeks=1)
        for user in (team.employer, team.school, team.caseworker, team.young):
            client = sign_in(user)
            seen = page(client.get(url("weeks", placement)))
            assert 'value="8.0"' in seen  # two clicks: as planned, save
            assert (
                client.post(
                    url("weeks", placement), {"monday": monday, "actual_hours": "7"}
                ).status_code
                == 302
            )
            assert placement.weeks.get().recorded_by == user

    def test_a_company_neither_says_nor_reads_why_somebody_was_away(self, team, placement, sign_in):
        monday = monday_of(days(0)) - timedelta(weeks=1)
        said = {"monday": monday, "actual_hours": "5", "missed_because": "ill"}
        sign_in(team.school).post(url("weeks", placement), said)
        company = sign_in(team.employer)
        for name in ("weeks", "placement"):
            assert "Ill" not in page(company.get(url(name, placement)))
            assert "Ill" in page(sign_in(team.young).get(url(name, placement)))
        company.post(
            url("weeks", placement),
            {"monday": monday, "actual_hours": "6", "missed_because": "other"},
        )
        row = placement.weeks.get()
        assert (row.actual_hours, row.missed_because) == (6, "ill")

    def test_a_fault_is_said_at_its_field(self, team, placement, sign_in):
        client, monday = sign_in(team.school), monday_of(days(0))
        good = {"monday": monday, "actual_hours": "5"}
        for bad, at in (
            ({"monday": monday + timedelta(days=7)}, "monday"),
            ({"monday": "x"}, "monday"),
            ({"actual_hours": "61"}, "actual_hours"),
            ({"actual_hours": ""}, "actual_hours"),
            ({"unoffered_because": "closed"}, "unoffered_hours"),
            ({"unoffered_hours": "3"}, "unoffered_because"),
        ):
            response = client.post(url("weeks", placement), good | bad)
            assert response.status_code == 422
            assert at in response.context["form"].errors
        closed = {"unoffered_because": "closed", "unoffered_hours": "3"}
        assert client.post(url("weeks", placement), good | closed).status_code == 302

    def test_of_one_that_has_not_begun_ask_for_nothing(self, team, sign_in):
        to_come = PlacementFactory(youth=team.youth, contact=team.caseworker, starts_on=days(9))
        seen = page(sign_in(team.caseworker).get(url("weeks", to_come)))
        assert "Save the week" not in seen
        assert page(sign_in(team.caseworker).get(url("placement", to_come)))


class TestProlong:
    def test_moves_the_last_day_and_is_kept(self, team):
        team.placement.prolong(by=team.caseworker, ends_on=days(70), reason="more_time")
        team.placement.prolong(by=team.caseworker, ends_on=days(70), reason="more_time")
        assert again(team.placement).ends_on == days(70)
        event = team.placement.events.get()
        assert (event.kind, event.on, event.reason) == ("prolonged", days(70), "more_time")
        assert event.made_by == team.caseworker

    def test_stays_within_the_limit_of_the_whole(self, team, limit, sign_in):
        client, address = sign_in(team.caseworker), url("prolong_placement", team.placement)
        last = limit.last_day(team.placement.starts_on)
        for day, said in ((last + timedelta(days=1), "at most 13 weeks"), (days(59), "later day")):
            response = client.post(address, {"ends_on": day, "reason": "more_time"})
            assert response.status_code == 422
            assert said in response.context["form"].errors["ends_on"][0]
        assert client.post(address, {"ends_on": last}).status_code == 422
        assert client.post(address, {"ends_on": last, "reason": "more_time"}).status_code == 302
        assert again(team.placement).ends_on == last

    def test_of_one_that_has_ended_is_refused(self, team, sign_in):
        team.placement.end(by=team.caseworker)
        response = sign_in(team.caseworker).post(
            url("prolong_placement", team.placement), {"ends_on": days(70), "reason": "more_time"}
        )
        assert response.status_code == 409


class TestPause:
    def test_begins_ends_and_begins_again(self, team):
        placement, by = team.placement, team.caseworker
        for _twice in range(2):
            placement.put_on_pause(by=by, first=days(-3), last=days(3), reason="holiday")
        assert placement.pause == Pause(days(-3), days(3))
        with pytest.raises(PlacementRefused, match="End it first"):
            placement.put_on_pause(by=by, first=days(5), reason="holiday")
        for _twice in range(2):
            placement.resume(by=by)
        assert placement.pauses == [Pause(days(-3), days(-1))]
        assert placement.pause is None
        assert kinds(placement) == ["paused", "resumed"]
        placement.put_on_pause(by=by, first=days(0), reason="company")
        assert placement.pause == Pause(days(0), None)

    def test_taken_back_before_it_begins_was_none(self, team):
        team.placement.put_on_pause(by=team.caseworker, first=days(3), reason="holiday")
        team.placement.resume(by=team.caseworker)
        assert team.placement.pauses == []

    def test_leaves_the_company_what_it_reads(self, team, sign_in):
        team.placement.put_on_pause(by=team.caseworker, first=days(0), reason="holiday")
        seen = page(sign_in(team.employer).get(url("placement", team.placement)))
        assert "On pause" in seen

    @pytest.mark.parametrize(
        ("first", "last", "at"),
        [(-11, None, "first"), (61, None, "first"), (3, 2, "last")],
    )
    def test_lies_within_the_placement(self, team, sign_in, first, last, at):
        said = {"first": days(first), "last": days(last) if last else "", "reason": "holiday"}
        response = sign_in(team.caseworker).post(url("pause_placement", team.placement), said)
        assert response.status_code == 422
        assert at in response.context["form"].errors

    def test_is_ended_on_the_page(self, team, sign_in):
        client, address = sign_in(team.caseworker), url("pause_placement", team.placement)
        client.post(address, {"first": days(0), "last": "", "reason": "holiday"})
        assert "End the pause" in page(client.get(url("placement", team.placement)))
        client.post(address, {"act": "resume"})
        assert again(team.placement).pause is None

    def test_ends_after_it_starts(self, team):
        with (
            pytest.raises(IntegrityError, match="a_pause_ends_after_it_starts"),
            transaction.atomic(),
        ):
            team.placement.note(
                "paused", by=team.caseworker, on=days(3), until=days(2), reason="holiday"
            )

    @pytest.mark.parametrize(
        ("kind", "name"),
        [("hours", "other_hours_say_which"), ("prolonged", "who_prolongs_or_pauses_says_why")],
    )
    def test_and_other_events_are_whole(self, team, kind, name):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            team.placement.note(kind, by=team.caseworker, on=days(3))


class TestEnd:
    ENDED = {
        "youth-reason": "hours", "youth-words": "For lange dage", "youth-again": "maybe",
        "company-reason": "", "company-words": "", "company-again": "",
    }  # fmt: skip

    def test_is_told_by_both_sides_one_after_the_other(self, team, sign_in):
        client, address = sign_in(team.caseworker), url("end_placement", team.placement)
        assert client.post(address, self.ENDED).status_code == 302
        assert again(team.placement).ended_on == days(0)
        assert team.placement.endings.get().words == "For lange dage"
        assert "For lange dage" in page(sign_in(team.young).get(url("placement", team.placement)))
        said = {"company-reason": "no_room", "company-words": "Gerne igen", "company-again": "yes"}
        assert client.post(address, said).status_code == 302
        assert {(e.side, e.reason) for e in team.placement.endings.all()} == {
            ("youth", "hours"),
            ("company", "no_room"),
        }
        assert "Both sides have said why" in page(client.get(address))

    def test_is_said_once_by_a_side(self, team):
        with pytest.raises(PlacementRefused, match="not ended yet"):
            team.placement.say_why(side="company", reason="tasks", name="Bente")
        team.placement.end(by=team.caseworker)
        first = team.placement.say_why(side="company", reason="tasks", name="Bente")
        assert team.placement.say_why(side="company", reason="hours", name="Ole") == first

    def test_without_a_reason_is_refused_and_nothing_is_lost(self, team, sign_in):
        client, address = sign_in(team.caseworker), url("end_placement", team.placement)
        response = client.post(address, self.ENDED | {"youth-reason": ""})
        assert response.status_code == 422
        assert "For lange dage" in page(response)
        response = client.post(address, self.ENDED | {"company-words": "Gerne igen"})
        assert response.status_code == 422
        assert "reason" in response.context["for_company"].errors
        assert again(team.placement).ended_on is None

    def test_is_told_to_the_team(self, team):
        team.placement.end(by=team.caseworker)
        told = {n.recipient for n in Notice.objects.filter(kind="placement")}
        assert told == {team.school, team.young}


class TestWorkList:
    def test_asks_each_side_for_its_yes(self, team, agreement):
        asked = f"Say yes to the agreement of {team.youth.name} with {team.placement.employer.name}"
        assert asked in whats(team.caseworker)
        own = f"Read what is agreed with {team.placement.employer.name}"
        assert own in whats(team.young)
        for side in SIDES:
            confirm(agreement, side, person_of(team, side))
        assert asked not in whats(team.caseworker)
        assert own not in whats(team.young)

    def test_asks_the_school_to_read_it_with_who_has_no_sign_in(self, team, agreement):
        asked = f"Read the agreement with {team.youth.name} about {team.placement.employer.name}"
        assert asked not in whats(team.school)
        team.youth.account = None
        team.youth.save()
        assert asked in whats(team.school)

    def test_says_when_the_next_step_is_possible_and_the_end_near(self, team):
        placement = team.placement
        HoursStep.plan(by=team.caseworker, placement=placement, steps=[(Decimal(14), 1)])
        step = f"{team.youth.name} can go up to 14 hours"
        assert step not in whats(team.caseworker)
        monday = monday_of(days(-7))
        WorkedWeek.record(
            by=team.school, placement=placement, monday=monday, actual_hours=Decimal(12)
        )
        assert step in whats(team.caseworker)
        ends = f"Say what comes after the placement of {team.youth.name}"
        assert ends not in whats(team.caseworker)
        Placement.objects.filter(pk=placement.pk).update(ends_on=days(14))
        assert ends in [row.what for row in waiting_on(team.caseworker, team.youth)]

    def test_is_empty_once_it_has_ended_or_the_youth_has_left(self, team, agreement):
        before = len(waiting_on(team.caseworker))
        team.placement.end(by=team.school)
        assert len(waiting_on(team.caseworker)) == before - 1
        assert not any("agree" in what for what in whats(team.caseworker))

    def test_a_company_sees_in_its_list_that_it_is_asked(self, team, agreement, sign_in):
        client, address = sign_in(team.employer), reverse("youths:placements")
        assert "waits for your yes" in page(client.get(address))
        confirm(agreement, "company")
        assert "waits for your yes" not in page(client.get(address))


class TestCost:
    @pytest.mark.parametrize("rows", [1, 3])
    def test_of_the_page_is_the_same_however_long_it_has_run(
        self, team, sign_in, agreement, django_assert_num_queries, rows
    ):
        for n in range(rows):
            placement, by = team.placement, team.caseworker
            WorkedWeek.record(
                by=by, placement=placement, monday=monday_of(days(-7 * n + 4 - 7)), actual_hours=8
            ) if n < 2 else None
            placement.goals.add(goal_of(team.youth, words=f"Mål {n}"))
            placement.prolong(by=by, ends_on=days(70 + n), reason="more_time")
            confirm(again(placement).agreement, SIDES[n])
        HoursStep.plan(
            by=by, placement=placement, steps=[(Decimal(14 + n), 1) for n in range(rows)]
        )
        client = sign_in(team.caseworker)
        with django_assert_num_queries(18):
            seen = page(client.get(url("placement", team.placement)))
        assert seen.count("Mål ") == rows


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_two_confirmations_of_a_side_are_one(self, transactional_db, at_once):
        team = Team()
        agreement = team.placement.write_agreement(by=team.caseworker)
        found = at_once(*(lambda: confirm(agreement, "company") for _ in range(4)))
        assert set(found) == {AgreementConfirmation.objects.get()}

    def test_a_confirmation_and_a_change_are_of_one_text(self, transactional_db, at_once):
        team = Team()
        agreement = team.placement.write_agreement(by=team.caseworker)
        confirmed, _changed = at_once(
            lambda: confirm(agreement, "company"),
            lambda: again(team.placement).prolong(
                by=team.caseworker, ends_on=days(70), reason="more_time"
            ),
        )
        newest = again(team.placement).agreement
        assert newest.number == 2
        assert newest.waits_for == list(SIDES)
        assert isinstance(confirmed, AgreementReplaced) or confirmed.agreement == agreement

    def test_two_recordings_of_a_week_are_one_row(self, transactional_db, at_once):
        team = Team()
        monday = monday_of(days(0))
        at_once(
            *(
                lambda hours=hours: WorkedWeek.record(
                    by=team.school, placement=team.placement, monday=monday, actual_hours=hours
                )
                for hours in (5, 6, 7)
            )
        )
        assert WorkedWeek.objects.count() == 1

    def test_two_steps_up_are_one(self, transactional_db, at_once):
        team = Team()
        HoursStep.plan(
            by=team.caseworker, placement=team.placement,
            steps=[(Decimal(14), 1), (Decimal(16), 1)],
        )  # fmt: skip
        at_once(*(lambda: again(team.placement).step(by=team.caseworker, hours=Decimal(14)),) * 2)
        assert again(team.placement).weekly_hours == 14
        assert PlacementEvent.objects.count() == 1
