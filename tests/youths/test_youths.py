"""The young person, the own words, consent and placements: rules, states, who sees."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.http import Http404

from partnerships.models import Membership, User
from tests.factories import (
    MembershipFactory,
    PlacementFactory,
    UserFactory,
    YouthFactory,
    account_of,
    days,
    employer_of,
)
from youths.access import codenames_for
from youths.models import (
    AccessEvent,
    Consent,
    ConsentRefused,
    OwnWords,
    Placement,
    PlacementRefused,
    Youth,
    check_age,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def fresh(user) -> User:
    """The person with the next request: nothing remembered."""
    return User.objects.get(pk=user.pk)


class TestAge:
    """On 1 March 2026."""

    @pytest.fixture(autouse=True)
    def on_the_first_of_march(self, time_machine):
        time_machine.move_to("2026-03-01T12:00:00+01:00")

    @pytest.mark.parametrize("born", ["2011-03-01", "1995-03-02", "2005-06-30"])
    def test_from_15_to_30_is_allowed(self, born):
        check_age(date.fromisoformat(born))

    @pytest.mark.parametrize("born", ["2011-03-02", "1995-03-01", "1905-03-01", "2026-03-01"])
    def test_14_and_31_are_refused_in_words(self, born):
        with pytest.raises(ValidationError, match="must be between 15 and 30 years old"):
            check_age(date.fromisoformat(born))

    def test_of_somebody_born_on_a_leap_day(self):
        assert YouthFactory.build(birth_date=date.fromisoformat("2008-02-29")).age == 18

    def test_on_the_day_before_a_birthday(self, time_machine):
        youth = YouthFactory.build(birth_date=date.fromisoformat("2008-03-02"))
        assert youth.age == 17
        time_machine.move_to("2026-03-01T23:30:00+00:00")  # half past midnight in Denmark
        assert youth.age == 18


class TestWhatTheDatabaseHolds:
    def test_an_accepted_youth_has_a_partnership(self, team):
        with pytest.raises(IntegrityError, match="an_accepted_youth"), transaction.atomic():
            Youth.objects.filter(pk=team.youth.pk).update(partnership=None)

    def test_stu_ends_after_birth(self, team):
        team.youth.stu_ends_on = team.youth.birth_date
        with pytest.raises(ValidationError, match="STU cannot end before the birth date"):
            team.youth.full_clean()
        with pytest.raises(IntegrityError, match="stu_ends_after_birth"), transaction.atomic():
            team.youth.save()

    @pytest.mark.parametrize("left", [{"left_on": days(0)}, {"left_because": "moved"}])
    def test_who_left_did_so_for_a_reason(self, team, left):
        with pytest.raises(IntegrityError, match="who_left_did_so"), transaction.atomic():
            Youth.objects.filter(pk=team.youth.pk).update(**left)


class TestGetFor:
    def test_the_own_people(self, team):
        for user in (team.school, team.caseworker, team.young):
            assert Youth.objects.get_for(user, team.youth.pk) == team.youth

    def test_everybody_else_finds_nothing(self, team, other_team):
        outsiders = [team.lead, team.evaluator, team.employer, *other_team.people().values()]
        outsiders.append(UserFactory(is_superuser=True, is_staff=True))
        for user in outsiders:
            with pytest.raises(Http404):
                Youth.objects.get_for(user, team.youth.pk)
        assert not AccessEvent.objects.filter(youth_id=team.youth.pk).exists()

    def test_refuses_what_the_person_may_not(self, team):
        with pytest.raises(PermissionDenied):
            Youth.objects.get_for(team.caseworker, team.youth.pk, "change_health")

    def test_a_young_person_finds_only_the_own_record(self, team):
        friend = YouthFactory(partnership=team.partnership)
        account_of(friend)
        with pytest.raises(Http404):
            Youth.objects.get_for(team.young, friend.pk)

    def test_after_the_end_finds_nothing(self, team):
        team.partnership.end(by=team.lead)
        for user in (team.school, team.caseworker):
            with pytest.raises(Http404):
                Youth.objects.get_for(fresh(user), team.youth.pk)
        assert Youth.objects.get_for(fresh(team.young), team.youth.pk) == team.youth

    def test_somebody_who_works_here_reads_no_own_record_of_before(self, team):
        """Who acts for an organisation has the rights of the relation, never a union."""
        MembershipFactory(
            user=team.young,
            role="lead",
            programme=team.programme,
            organisation=team.programme.owner,
        )
        assert codenames_for(fresh(team.young), team.youth) == {
            "view_agreement",
            "view_code",
            "view_counts",
        }


class TestWhoIsReferred:
    def test_counts_who_left_and_not_who_waits(self, team):
        waits = YouthFactory(partnership=team.partnership, enrolled_on=None)
        left = YouthFactory(
            partnership=team.partnership, left_on=days(-1), left_because="own_choice"
        )
        assert set(Youth.objects.referred()) == {team.youth, left}
        assert set(Youth.objects.active()) == {team.youth}
        assert waits in Youth.objects.visible_to(team.school)


def test_names_sort_in_danish_order(team):
    for name in ("Zenia", "Åse", "Ærø", "Anna", "Ørsted", "Aage", "anton"):
        YouthFactory(partnership=team.partnership, name=name)
    names = Youth.objects.exclude(pk=team.youth.pk).values_list("name", flat=True)
    assert list(names) == ["Anna", "anton", "Zenia", "Ærø", "Ørsted", "Aage", "Åse"]


class TestOwnWords:
    def test_are_the_newest_first(self, team):
        first, second = (
            OwnWords.objects.create(
                youth=team.youth, text=text, how="said", taken_down_by=team.school
            )
            for text in ("Før", "Nu")
        )
        assert list(team.youth.words.all()) == [second, first]

    def test_are_not_empty(self, team):
        with pytest.raises(IntegrityError, match="words_are_not_empty"), transaction.atomic():
            OwnWords.objects.create(
                youth=team.youth, text="", how="said", taken_down_by=team.school
            )

    def test_are_read_by_the_own_people_only(self, team, other_team):
        OwnWords.objects.create(youth=team.youth, text="Jeg", how="wrote", taken_down_by=team.young)
        for user in (team.school, team.caseworker, team.young):
            assert OwnWords.objects.visible_to(user).count() == 1
        for user in (team.lead, team.evaluator, team.employer, other_team.school):
            assert not OwnWords.objects.visible_to(user).exists()


class TestConsent:
    def give(self, team) -> Consent:
        return Consent.give(by=team.young, youth=team.youth, section="health")

    def covered(self, team, **changed):
        wanted = {
            "youth": team.youth,
            "organisation": team.partnership.municipality,
            "section": "health",
        }
        return Consent.objects.in_force().filter(**(wanted | changed)).exists()

    def test_covers_one_section_for_the_own_municipality(self, team, other_team):
        assert not self.covered(team)
        consent = self.give(team)
        assert consent.recorded_by == team.young
        assert self.covered(team)
        assert not self.covered(team, section="network")
        assert not self.covered(team, organisation=other_team.partnership.municipality)
        assert not self.covered(team, youth=other_team.youth)

    def test_twice_is_one(self, team):
        assert self.give(team) == self.give(team)
        assert Consent.objects.count() == 1

    def test_withdrawn_covers_nothing_and_can_be_given_again(self, team):
        first = self.give(team)
        first.withdraw(by=team.young)
        assert not self.covered(team)
        second = self.give(team)
        assert second != first
        assert self.covered(team)
        assert Consent.objects.count() == 2  # what was said stands

    def test_withdrawn_twice_is_refused(self, team):
        consent = self.give(team)
        stale = Consent.objects.get(pk=consent.pk)
        consent.withdraw(by=team.young)
        with pytest.raises(ConsentRefused, match="withdrawn already"):
            stale.withdraw(by=team.young)

    def test_is_not_asked_for_where_it_is_not_needed(self, team):
        with pytest.raises(ConsentRefused, match="needs no consent"):
            Consent.give(by=team.young, youth=team.youth, section="competences")

    @pytest.mark.django_db(transaction=True)
    def test_given_twice_at_the_same_moment_is_one(self, team, at_once):
        given = at_once(*[lambda: self.give(team).pk] * 2)
        assert given[0] == given[1]
        assert Consent.objects.count() == 1


class TestPlacement:
    @pytest.mark.breaks_grants  # the dates alone must do, whatever the grants say
    @pytest.mark.parametrize(
        ("changed", "seen"),
        [
            ({}, True),
            ({"starts_on": days(0)}, True),
            ({"ends_on": days(0)}, True),
            ({"starts_on": days(1)}, False),
            ({"ends_on": days(-1)}, False),
            ({"ended_on": days(0)}, False),
            ({"ended_on": days(-1)}, False),
        ],
    )
    def test_is_seen_by_its_company_while_it_runs(self, team, changed, seen):
        Placement.objects.filter(pk=team.placement.pk).update(**changed)
        found = Placement.objects.visible_to(fresh(team.employer))
        assert list(found) == ([team.placement] if seen else [])
        team.placement.refresh_from_db()
        assert team.placement.is_running is seen

    @pytest.mark.breaks_grants
    def test_is_seen_by_the_case_whether_it_runs_or_not(self, team):
        Placement.objects.filter(pk=team.placement.pk).update(ended_on=days(-1))
        for user in (team.school, team.caseworker, team.young):
            assert list(Placement.objects.visible_to(user)) == [team.placement]

    def test_is_seen_by_nobody_else(self, team, other_team):
        for user in (team.lead, team.evaluator, other_team.employer, other_team.caseworker):
            assert team.placement not in Placement.objects.visible_to(user)

    def test_of_the_same_company_for_somebody_else_is_that_companys(self, team, other_team):
        """A company in two programmes sees both of its placements, and nobody else's."""
        second = PlacementFactory(youth=other_team.youth, employer=team.placement.employer)
        assert set(Placement.objects.visible_to(team.employer)) == {team.placement, second}

    def test_stops_with_the_partnership(self, team):
        team.partnership.end(by=team.lead)
        assert not Placement.objects.visible_to(fresh(team.employer)).exists()

    def test_stops_with_the_persons_time_at_the_company(self, team):
        Membership.objects.filter(user=team.employer).update(ends_on=days(-1))
        assert not Placement.objects.visible_to(fresh(team.employer)).exists()

    def test_ended_twice_is_refused(self, team):
        stale = Placement.objects.get(pk=team.placement.pk)
        team.placement.end(by=team.caseworker)
        with pytest.raises(PlacementRefused, match="has ended already"):
            stale.end(by=team.caseworker)

    def test_ended_is_over_with_the_next_request(self, team, sign_in):
        client, url = sign_in(team.employer), f"/youths/placements/{team.placement.pk}/"
        assert client.get(url).status_code == 200
        team.placement.end(by=team.caseworker)
        assert client.get(url).status_code == 404
        assert team.youth.first_name not in client.get("/youths/placements/").content.decode()

    def test_that_ends_before_it_starts_is_refused(self, team):
        with pytest.raises(IntegrityError, match="a_placement_ends_after"), transaction.atomic():
            PlacementFactory(youth=team.youth, starts_on=days(2), ends_on=days(1))

    @pytest.mark.parametrize("hours", ["0.9", "37.1"])
    def test_has_between_1_and_37_hours(self, team, hours):
        with pytest.raises(IntegrityError, match="weekly_hours_are"), transaction.atomic():
            PlacementFactory(youth=team.youth, weekly_hours=hours)

    def test_shows_its_tasks_line_by_line(self):
        placement = Placement(tasks=" Rydde op \n\n\r\n Lave dressing")
        assert placement.task_lines == ["Rydde op", "Lave dressing"]

    def test_of_a_company_is_not_given_by_the_company_role_alone(self, team):
        """An employer's group of another company opens nothing here."""
        elsewhere = employer_of(PlacementFactory())
        assert team.placement not in Placement.objects.visible_to(elsewhere)


class TestReadLog:
    def events(self, team):
        return AccessEvent.objects.filter(youth_id=team.youth.pk)

    def test_says_who_for_whom_what_and_how(self, team):
        AccessEvent.record(team.school, [team.youth], ["identity", "health"])
        event = self.events(team).get()
        assert event.user_id == team.school.pk
        assert event.organisation_id == team.partnership.school_id
        assert (event.sections, event.channel) == ("identity,health", "page")

    def test_says_for_whom_and_as_what(self, team, other_team):
        """Somebody in two teams reads for the organisation that they act for."""
        second = MembershipFactory(
            user=team.school,
            role="caseworker",
            partnership=other_team.partnership,
            organisation=other_team.partnership.municipality,
        )
        AccessEvent.record(fresh(team.school), [team.youth], ["identity"])
        team.school.act_as(second)
        AccessEvent.record(fresh(team.school), [other_team.youth], ["identity"])
        mine, theirs = self.events(team).get(), self.events(other_team).get()
        assert (mine.organisation_id, mine.role) == (team.partnership.school_id, "school")
        assert theirs.organisation_id == other_team.partnership.municipality_id
        assert theirs.role == "caseworker"

    def test_leaves_out_the_young_persons_own_reading(self, team):
        AccessEvent.record(team.young, [team.youth], ["identity"])
        assert not self.events(team).exists()

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE youths_accessevent SET channel = 'page'",
            "DELETE FROM youths_accessevent",
        ],
    )
    def test_is_append_only_in_the_database(self, team, sql):
        AccessEvent.record(team.school, [team.youth], ["identity"])
        with (
            pytest.raises(DatabaseError, match="the read log is append-only"),
            transaction.atomic("read_log"),
            connections["read_log"].cursor() as cursor,
        ):
            cursor.execute(sql)
        assert self.events(team).count() == 1

    def test_is_append_only_through_the_model(self, team):
        AccessEvent.record(team.school, [team.youth], ["identity"])
        event = self.events(team).get()
        event.channel = "refused"
        for write in (event.save, event.delete):
            with (
                pytest.raises(DatabaseError, match="append-only"),
                transaction.atomic("read_log"),
            ):
                write()
        assert self.events(team).get().channel == "page"

    @pytest.mark.django_db(transaction=True)
    def test_stands_when_the_request_is_rolled_back(self, team):
        def request():
            with transaction.atomic():
                AccessEvent.record(team.school, [team.youth], ["identity"])
                Youth.objects.filter(pk=team.youth.pk).update(phone="12345678")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            request()
        assert Youth.objects.get(pk=team.youth.pk).phone == ""
        assert self.events(team).count() == 1

    def test_is_written_by_its_own_connection(self):
        assert AccessEvent.objects.all().db == "read_log"
        assert Youth.objects.all().db == "default"
