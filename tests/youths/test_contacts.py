"""One contact at any moment: who it is, how the baton passes, and what threatens."""

import os
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from partnerships.models import Membership, User
from tests.factories import (
    PartnershipFactory,
    Team,
    UserFactory,
    YouthFactory,
    days,
    member,
)
from youths.models import (
    Contact,
    ContactChange,
    ContactChanged,
    ContactRefused,
    Gap,
    Notice,
    Referral,
    SuccessorsMissing,
    Youth,
    youths_with,
)
from youths.tasks import pass_batons

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("CONTACT_EXAMPLES", "10"))


def check_now():
    """What the database checks when a transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def refused_at_the_end():
    """What is done in here would leave somebody without a contact, or with one too many."""
    try:
        with transaction.atomic():
            yield
            check_now()
    except IntegrityError as refusal:
        assert "everybody in the course has one contact" in str(refusal)  # noqa: PT017
    else:
        pytest.fail("The database took it.")


def now_of(youth) -> User:
    return youth.contacts.open().get().person


def ask(team, to=None, **fields):
    given = {
        "by": team.school,
        "youth": team.youth,
        "to": to or team.caseworker,
        "note": "Ring før ti.",
        "overlap_until": days(14),
    }
    return ContactChange.ask(**given | fields)


def leave(person, *, on, **fields):
    given = {"by": UserFactory(), "successors": {}, "note": "Ring før ti."}
    Contact.leave(memberships=person.memberships.all(), on=on, **given | fields)


class TestOneAtAnyMoment:
    def test_who_accepts_is_the_contact(self, team):
        youth = YouthFactory(partnership=team.partnership, enrolled_on=None)
        referral = Referral.objects.create(
            youth=youth, partnership=team.partnership, reason="Fordi", proposed_by=team.caseworker
        )
        assert not youth.contacts.exists()
        referral.accept(by=team.school)
        check_now()
        assert now_of(youth) == team.school

    def test_whoever_is_in_the_course_has_one(self, team):
        with refused_at_the_end():
            team.youth.contacts.update(ended_at=timezone.now())
        with refused_at_the_end():
            team.youth.contacts.all().delete()

    def test_nobody_else_has_one(self, team):
        proposed = YouthFactory(partnership=team.partnership, enrolled_on=None)
        with refused_at_the_end():
            Contact.objects.create(youth=proposed, person=team.school)

    def test_nobody_is_accepted_without(self, team):
        proposed = YouthFactory(partnership=team.partnership, enrolled_on=None)
        with refused_at_the_end():
            Youth.objects.filter(pk=proposed.pk).update(enrolled_on=days(0))

    def test_two_at_once_are_refused(self, team):
        with pytest.raises(IntegrityError, match="one_contact_at_a_time"), transaction.atomic():
            Contact.objects.create(youth=team.youth, person=team.caseworker)

    def test_times_do_not_overlap(self, team):
        before = timezone.now() - timedelta(days=200)
        with pytest.raises(IntegrityError, match="one_contact_at_a_time"), transaction.atomic():
            Contact.objects.create(
                youth=team.youth,
                person=team.caseworker,
                began_at=before,
                ended_at=timezone.now() - timedelta(days=80),
            )

    def test_it_ends_with_the_course(self, team):
        change = ask(team)
        team.youth.left_on, team.youth.left_because = days(0), "moved"
        team.youth.save()
        check_now()
        change.refresh_from_db()
        assert not team.youth.contacts.open().exists()
        assert change.withdrawn_at is not None

    def test_who_comes_back_needs_one(self, team):
        rows = Youth.objects.filter(pk=team.youth.pk)
        rows.update(left_on=days(0), left_because="moved")
        with refused_at_the_end():
            rows.update(left_on=None, left_because="")


class TestTheBaton:
    def test_stays_until_they_have_met(self, team):
        change = ask(team)
        assert now_of(team.youth) == team.school
        change.record_meeting(by=team.caseworker, on=days(0))
        check_now()
        assert now_of(team.youth) == team.caseworker
        before, after = team.youth.contacts.order_by("began_at")
        assert before.ended_at == after.began_at == change.passed_at
        change.record_meeting(by=team.caseworker, on=days(0))  # twice is once
        assert team.youth.contacts.count() == 2

    @pytest.mark.parametrize("on", [-1, 1])
    def test_not_before_asked_and_not_tomorrow(self, team, on):
        change = ask(team)
        with pytest.raises(ContactRefused):
            change.record_meeting(by=team.caseworker, on=days(on))
        assert now_of(team.youth) == team.school

    def test_only_the_next_contact_says_so(self, team):
        with pytest.raises(ContactRefused):
            ask(team).record_meeting(by=team.school, on=days(0))

    def test_asking_the_same_twice_is_once(self, team):
        assert ask(team) == ask(team)
        assert Notice.objects.filter(kind="contact_asked", recipient=team.caseworker).count() == 1

    def test_another_takes_the_place_of_the_one_that_was_read(self, team):
        first, other = ask(team), member(team.partnership, "school")
        with pytest.raises(ContactChanged):
            ask(team, other)
        second = ask(team, other, instead_of=first)
        first.refresh_from_db()
        assert first.withdrawn_at is not None
        assert team.youth.contact_changes.open().get() == second
        with pytest.raises(ContactRefused):
            first.record_meeting(by=team.caseworker, on=days(0))

    def test_taken_back(self, team):
        change = ask(team)
        change.withdraw(by=team.school)
        change.withdraw(by=team.school)
        assert now_of(team.youth) == team.school
        with pytest.raises(ContactRefused):
            change.record_meeting(by=team.caseworker, on=days(0))

    def test_not_taken_back_once_passed(self, team):
        change = ask(team)
        change.record_meeting(by=team.caseworker, on=days(0))
        with pytest.raises(ContactRefused):
            change.withdraw(by=team.school)

    def test_refused(self, team, other_team):
        for fields in (
            {"to": team.school},  # is it already
            {"to": other_team.school},
            {"to": team.lead},
            {"to": team.young},
            {"note": "  "},
            {"overlap_until": days(-1)},
            {"youth": YouthFactory(partnership=team.partnership, enrolled_on=None)},
        ):
            with pytest.raises(ContactRefused):
                ask(team, **fields)
        assert not ContactChange.objects.exists()

    def test_the_former_is_told(self, team):
        ask(team).record_meeting(by=team.caseworker, on=days(0))
        assert Notice.objects.filter(kind="contact_passed", recipient=team.school).exists()

    @pytest.mark.django_db(transaction=True)
    def test_two_who_ask_at_once(self, at_once):
        team = Team()
        other = member(team.partnership, "school")
        done = at_once(lambda: ask(team), lambda: ask(team, other))
        assert sorted(type(one).__name__ for one in done) == ["ContactChange", "ContactChanged"]
        assert team.youth.contact_changes.open().count() == 1


class TestLeaving:
    def test_not_without_successors(self, team):
        with pytest.raises(SuccessorsMissing) as refusal:
            leave(team.school, on=days(0))
        assert refusal.value.youths == [team.youth]
        assert team.school.memberships.get().ends_on is None

    def test_who_is_named_waits_and_the_leaver_stays_the_contact_meanwhile(self, team):
        leave(
            team.school,
            on=days(0),
            reads_until=days(10),
            successors={team.youth.pk: team.caseworker},
        )
        assert team.school.memberships.get().reads_until == days(10)
        assert now_of(team.youth) == team.school
        with time_machine.travel(timezone.now() + timedelta(days=10)):
            ContactChange.pass_overdue()
            assert now_of(team.youth) == team.school  # still reads along
        with time_machine.travel(timezone.now() + timedelta(days=11)):
            ContactChange.pass_overdue()
            ContactChange.pass_overdue()
            assert now_of(team.youth) == team.caseworker
            assert gaps(team.youth) == {Gap.UNMET}
            change = team.youth.contact_changes.get()
            change.record_meeting(by=team.caseworker, on=timezone.localdate())
            assert gaps(team.youth) == set()
            assert team.youth.contacts.count() == 2

    def test_gone_at_once(self, team):
        leave(team.school, on=days(-1), successors={team.youth.pk: team.caseworker})
        check_now()
        assert now_of(team.youth) == team.caseworker
        assert gaps(team.youth) == {Gap.UNMET}
        assert Notice.objects.filter(kind="contact_unmet", recipient=team.caseworker).exists()

    def test_deactivated(self, team):
        ask(team)
        User.objects.filter(pk=team.school.pk).update(is_active=False)
        pass_batons()
        assert now_of(team.youth) == team.caseworker

    def test_the_next_contact_leaves_too(self, team):
        other = member(team.partnership, "school")
        first = ask(team)
        with pytest.raises(SuccessorsMissing):
            leave(team.caseworker, on=days(0))
        leave(team.caseworker, on=days(0), successors={team.youth.pk: other})
        first.refresh_from_db()
        assert first.withdrawn_at is not None
        assert team.youth.contact_changes.open().get().to_person == other

    def test_the_contact_stays_where_the_next_one_leaves(self, team):
        ask(team)
        leave(team.caseworker, on=days(0), successors={team.youth.pk: team.school})
        assert not team.youth.contact_changes.open().exists()
        assert now_of(team.youth) == team.school

    def test_who_is_followed_needs_no_other(self, team):
        change = ask(team)
        leave(team.school, on=days(0))
        assert team.youth.contact_changes.open().get() == change

    def test_is_not_taken_back(self, team):
        leave(team.school, on=days(5), successors={team.youth.pk: team.caseworker})
        with pytest.raises(ContactRefused):
            team.youth.contact_changes.get().withdraw(by=team.school)

    def test_the_last_day_is_after_the_first_and_before_the_last_of_reading(self, team):
        named = {team.youth.pk: team.caseworker}
        for fields in ({"on": days(-500)}, {"on": days(5), "reads_until": days(4)}):
            with pytest.raises(ContactRefused), transaction.atomic():
                leave(team.school, successors=named, **fields)


def gaps(youth) -> set:
    programme = youth.partnership.programme
    return {gap for gap in Gap if youths_with(programme, gap).filter(pk=youth.pk).exists()}


class TestGaps:
    def test_none(self, team, other_team):
        assert gaps(team.youth) == set()

    @pytest.mark.parametrize(("ends", "found"), [(29, {Gap.LEAVING}), (31, set())])
    def test_the_contact_leaves(self, team, ends, found):
        Membership.objects.filter(user=team.school).update(ends_on=days(ends))
        assert gaps(team.youth) == found

    def test_unless_somebody_stays_who_follows(self, team):
        Membership.objects.filter(user=team.school).update(ends_on=days(3))
        ask(team)
        assert gaps(team.youth) == set()
        Membership.objects.filter(user=team.caseworker).update(ends_on=days(3))
        assert gaps(team.youth) == {Gap.LEAVING}

    def test_the_next_one_has_not_met_for_two_weeks(self, team):
        change = ask(team)
        ContactChange.objects.update(asked_at=timezone.now() - timedelta(days=13))
        assert gaps(team.youth) == set()
        ContactChange.objects.update(asked_at=timezone.now() - timedelta(days=15))
        assert gaps(team.youth) == {Gap.SLOW}
        change.record_meeting(by=team.caseworker, on=days(0))
        assert gaps(team.youth) == set()

    def test_no_mail_gets_through(self, team):
        User.objects.filter(pk=team.school.pk).update(refused_address=team.school.email)
        assert gaps(team.youth) == {Gap.UNREACHED}


class Machine(RuleBasedStateMachine):
    """A team of four, and young people who come and go, while days pass."""

    some = st.integers(min_value=0, max_value=59)

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.clock = time_machine.travel(timezone.now(), tick=True)
        self.traveller = self.clock.start()
        self.partnership = PartnershipFactory(signed=True)
        self.people = [
            member(self.partnership, role) for role in ("school", "caseworker", "school", "school")
        ]
        self.by = UserFactory()
        self.add(0)

    def teardown(self):
        self.clock.stop()
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def _youth(self, which):
        rows = list(Youth.objects.filter(partnership=self.partnership).order_by("code"))
        return rows[which % len(rows)]

    @rule(which=some)
    def add(self, which):
        """Proposed, and accepted by whoever."""
        if Youth.objects.filter(partnership=self.partnership).count() < 3:
            youth = YouthFactory(partnership=self.partnership, enrolled_on=None)
            made = Referral.objects.create(
                youth=youth, partnership=self.partnership, reason="Fordi", proposed_by=self.by
            )
            made.accept(by=self.people[which % 4])

    @rule(which=some)
    def leave_the_course(self, which):
        youth = self._youth(which)
        youth.left_on, youth.left_because = timezone.localdate(), "moved"
        youth.save()

    @rule(which=some, to=some, overlap=st.integers(-1, 20), replace=st.booleans())
    def ask(self, which, to, overlap, replace):
        youth = self._youth(which)
        before = youth.contact_changes.open().first()
        self._try(
            lambda: ContactChange.ask(
                by=self.by,
                youth=youth,
                to=self.people[to % 4],
                note="Ring",
                overlap_until=timezone.localdate() + timedelta(days=overlap),
                instead_of=before if replace else None,
            )
        )

    @rule(which=some)
    def take_back(self, which):
        if change := self._youth(which).contact_changes.first():
            self._try(lambda: change.withdraw(by=self.by))

    @rule(which=some, who=some, ago=st.integers(-1, 5))
    def meet(self, which, who, ago):
        if change := self._youth(which).contact_changes.first():
            by = change.to_person if who % 4 else self.people[who % 4]
            on = timezone.localdate() - timedelta(days=ago)
            self._try(lambda: change.record_meeting(by=by, on=on))

    @rule(who=some, to=some, on=st.integers(-2, 5), reads=st.integers(0, 9), named=st.booleans())
    def leave_the_team(self, who, to, on, reads, named):
        person = self.people[who % 4]
        today = timezone.localdate()
        self._try(
            lambda: Contact.leave(
                by=self.by,
                memberships=person.memberships.active(),
                on=today + timedelta(days=on),
                reads_until=today + timedelta(days=on + reads) if reads else None,
                successors=dict.fromkeys(
                    Youth.objects.values_list("pk", flat=True), self.people[to % 4]
                )
                if named
                else {},
                note="Ring",
            )
        )

    @rule(who=some)
    def end_a_membership_behind_its_back(self, who):
        self.people[who % 4].memberships.update(ends_on=timezone.localdate())

    @rule(who=some)
    def let_in_again(self, who):
        self.people[who % 4].memberships.update(ends_on=None, reads_until=None)

    @rule(n=st.integers(1, 20))
    def days_pass(self, n):
        self.traveller.shift(timedelta(days=n))
        ContactChange.pass_overdue()

    def _try(self, act):
        """What is refused changes nothing."""
        before = self._state()
        try:
            with transaction.atomic():
                act()
        except ContactRefused:
            assert self._state() == before

    @staticmethod
    def _state():
        return (
            list(Contact.objects.order_by("pk").values()),
            list(ContactChange.objects.order_by("pk").values()),
            list(Membership.objects.order_by("pk").values()),
        )

    @invariant()
    def everybody_in_the_course_has_one_contact(self):
        check_now()
        for youth in Youth.objects.filter(partnership=self.partnership):
            active = youth.enrolled_on is not None and youth.left_on is None
            contacts = list(youth.contacts.order_by("began_at", "pk"))
            assert [c.ended_at is None for c in contacts].count(True) == int(active)
            # One follows on the other: no moment without, and none with two.
            for before, after in pairwise(contacts):
                assert before.ended_at == after.began_at
            assert youth.contact_changes.open().count() <= int(active)

    @invariant()
    def whoever_is_gone_has_been_followed(self):
        """Where somebody was named who is there, the baton is theirs as soon as it can be."""
        ContactChange.pass_overdue()
        assert not ContactChange.objects.overdue().exists()


def test_no_state_of_a_young_person_in_the_course_is_without_one_contact():
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            derandomize="CONTACT_EXAMPLES" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )


@pytest.mark.django_db(transaction=True)
def test_whoever_is_in_the_course_already_is_given_a_contact():
    """The oldest of the school's team, else who accepted; nobody who has left the course."""
    team = Team()
    older = member(team.partnership, "school", starts_on=days(-300))
    member(team.partnership, "caseworker", starts_on=days(-400))
    member(team.partnership, "school", starts_on=days(-500), ends_on=days(-1))
    lonely = YouthFactory()
    left = YouthFactory(partnership=team.partnership, left_on=days(0), left_because="moved")
    proposed = YouthFactory(partnership=team.partnership, enrolled_on=None)
    try:
        call_command("migrate", "youths", "0015", verbosity=0)
    finally:
        call_command("migrate", "youths", verbosity=0)
    assert now_of(team.youth) == older
    assert now_of(lonely) == lonely.referrals.get().proposed_by
    assert not left.contacts.exists()
    assert not proposed.contacts.exists()
