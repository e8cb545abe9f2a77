"""Who may do what: the table, guardian's rows, and "which rows?" for one person."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from guardian.models import GroupObjectPermission, UserObjectPermission

from partnerships.access import (
    GRANTS,
    PARTNERSHIP_PERMISSIONS,
    PLACEMENT_GRANTS,
    YOUTH_GRANTS,
    Role,
    acting_in,
    administers,
    codenames,
    codenames_on,
    grant_differences,
    partnership_ids,
    partnerships_with,
    placement_ids,
    reads_along,
    relations,
    roles,
    sync_grants,
    sync_groups,
)
from partnerships.models import (
    Membership,
    Partnership,
    PartnershipGroupPermission,
    PartnershipUserPermission,
    Status,
    User,
)
from tests.factories import (
    MembershipFactory,
    PartnershipFactory,
    PlacementFactory,
    Team,
    UserFactory,
    days,
    employer_of,
    member,
)
from youths.models import PlacementGroupPermission, PlacementUserPermission

pytestmark = pytest.mark.django_db


def fresh(user) -> User:
    """The person with the next request: nothing remembered."""
    return User.objects.get(pk=user.pk)


# Written by hand from the table of sections in the architecture and the rule that each party
# gets only its slice; not computed from GRANTS.
SIGNED = {
    "school": """
        view_agreement change_agreement view_code view_counts view_identity
        view_referral answer_referral
        view_words change_words
        view_direction change_direction view_competences change_competences
        view_support change_support view_health change_health view_network change_network
        view_job_profile change_job_profile
        view_course step_course view_ratings change_ratings
        view_sharing change_sharing view_reads
    """,
    "caseworker": """
        view_agreement change_agreement view_code view_counts view_identity change_identity
        view_cpr change_cpr
        view_referral change_referral
        view_words view_direction answer_direction view_competences answer_competences
        view_support answer_support view_health answer_health view_network answer_network
        view_job_profile change_job_profile
        view_course change_course step_course view_ratings change_ratings
        view_sharing view_reads
    """,
    "employer": "",
    "lead": "view_agreement view_code view_counts",
    "evaluator": "view_agreement view_code view_counts",
    "admin": "view_agreement change_agreement",
    "controller": "",
}
# A verb that only those of a role hold whose membership says so.
PERSONAL = {("signed", "school"): "override_health"}
# Before both have signed there is the agreement and nothing else.
BEFORE = {
    "school": "view_agreement change_agreement",
    "caseworker": "view_agreement change_agreement",
    "employer": "",
    "lead": "view_agreement",
    "evaluator": "view_agreement",
    "admin": "view_agreement change_agreement",
    "controller": "",
}
# After the end the parties may read the agreement, and the programme keeps its counts.
ENDED = {
    "school": "view_agreement",
    "caseworker": "view_agreement",
    "employer": "",
    "lead": "view_agreement view_code view_counts",
    "evaluator": "view_agreement view_code view_counts",
    "admin": "view_agreement",
    "controller": "",
}
TABLE = {"draft": BEFORE, "negotiating": BEFORE, "signed": SIGNED, "ended": ENDED}


def table_cells():
    return [(status, role) for status in TABLE for role in TABLE[status]]


class TestTable:
    def test_has_every_role_and_status(self):
        assert set(TABLE) == set(Status.values)
        assert all(set(by_role) == set(Role.values) for by_role in TABLE.values())

    @pytest.mark.parametrize(("status", "role"), table_cells())
    def test_gives_a_role_in_a_status_what_is_written_here(self, status, role):
        personal = PERSONAL.get((status, role), "")
        assert codenames(role, status) == {*TABLE[status][role].split(), *personal.split()}

    @pytest.mark.parametrize(("status", "role"), table_cells())
    def test_is_what_a_person_of_that_role_holds(self, status, role):
        partnership = PartnershipFactory(signed=True)
        if role == Role.EMPLOYER:
            user = employer_of(PlacementFactory(youth__partnership=partnership))
        elif role == Role.CONTROLLER:
            user = MembershipFactory(role=role, organisation=partnership.school).user
        else:
            user = member(partnership, role)
        partnership.status = status
        partnership.save()
        assert codenames_on(user, partnership.pk) == set(TABLE[status][role].split())

    @pytest.mark.parametrize("status", Status.values)
    def test_gives_a_personal_verb_to_those_alone_whose_membership_says_so(self, status):
        partnership = PartnershipFactory(signed=True)
        named = member(partnership, Role.SCHOOL, may_override=True)
        partnership.status = status
        partnership.save()
        expected = PERSONAL.get((status, "school"), "")
        assert codenames_on(named, partnership.pk) == {
            *TABLE[status]["school"].split(),
            *expected.split(),
        }

    def test_gives_an_employer_two_codenames_on_one_placement(self):
        assert PLACEMENT_GRANTS == {"employer": {"job_profile": ("view",), "placement": ("view",)}}
        assert "employer" not in GRANTS

    def test_lets_the_young_person_read_all_and_write_words_and_ratings(self):
        assert set(YOUTH_GRANTS) == {
            "view_identity",
            "view_words",
            "change_words",
            "view_direction",
            "view_competences",
            "view_support",
            "view_health",
            "view_network",
            "view_job_profile",
            "approve_job_profile",
            "view_course",
            "step_course",
            "view_ratings",
            "change_ratings",
            "view_cpr",
            "view_sharing",
            "change_sharing",
            "view_reads",
        }

    @pytest.mark.parametrize("role", ["lead", "evaluator", "admin", "employer"])
    def test_names_a_youth_to_nobody_outside_school_and_municipality(self, role):
        for status in Status.values:
            assert "view_identity" not in codenames(role, status)

    def test_has_a_permission_row_for_each_codename(self):
        held = set(
            Permission.objects.filter(
                content_type__app_label="partnerships", content_type__model="partnership"
            ).values_list("codename", flat=True)
        )
        assert held == {codename for codename, _label in PARTNERSHIP_PERMISSIONS}


class TestSyncGrants:
    def test_again_changes_nothing(self):
        partnership = PartnershipFactory(signed=True)
        before = list(PartnershipGroupPermission.objects.order_by("pk").values_list("pk"))
        assert sync_grants(partnership) is False
        assert list(PartnershipGroupPermission.objects.order_by("pk").values_list("pk")) == before

    def test_puts_back_what_is_missing(self):
        partnership = PartnershipFactory(signed=True)
        school = member(partnership, Role.SCHOOL)
        gone = PartnershipGroupPermission.objects.filter(permission__codename="view_health")
        gone.delete()
        assert "view_health" not in codenames_on(school, partnership.pk)
        missing, surplus = grant_differences(partnership)
        assert {codename for _group, codename in missing} == {"view_health"}
        assert surplus == set()
        assert sync_grants(partnership) is True
        assert "view_health" in codenames_on(fresh(school), partnership.pk)

    def test_takes_away_what_is_too_much(self):
        partnership = PartnershipFactory(signed=True)
        lead = member(partnership, Role.LEAD)
        planted = PartnershipGroupPermission.objects.create(
            content_object=partnership,
            group=lead.groups.get(),
            permission=Permission.objects.get(codename="view_health"),
        )
        stranger = Group.objects.create(name="planted")
        PartnershipGroupPermission.objects.create(
            content_object=partnership, group=stranger, permission=planted.permission
        )
        assert "view_health" in codenames_on(lead, partnership.pk)
        assert {codename for _g, codename in grant_differences(partnership)[1]} == {"view_health"}
        assert sync_grants(partnership) is True
        assert "view_health" not in codenames_on(fresh(lead), partnership.pk)
        assert grant_differences(partnership) == (set(), set())

    def test_follows_the_state_in_the_database_not_the_object_at_hand(self):
        partnership = PartnershipFactory(signed=True)
        stale = Partnership.objects.get(pk=partnership.pk)
        partnership.end(by=UserFactory())
        sync_grants(stale)
        assert grant_differences(Partnership.objects.get(pk=partnership.pk)) == (set(), set())

    def test_moves_the_programmes_roles_with_the_partnership(self):
        partnership, elsewhere = PartnershipFactory(signed=True), PartnershipFactory()
        lead, other = member(partnership, Role.LEAD), member(elsewhere, Role.LEAD)
        partnership.programme = elsewhere.programme
        partnership.save()
        assert partnership_ids(lead, "view_counts") == []
        assert partnership_ids(other, "view_counts") == [partnership.pk]

    def test_of_a_placement_stops_when_it_has_ended(self):
        placement = PlacementFactory()
        assert PlacementGroupPermission.objects.filter(content_object=placement).count() == 2
        placement.end(by=UserFactory())
        assert not PlacementGroupPermission.objects.filter(content_object=placement).exists()

    def test_of_a_placement_follows_the_employer(self):
        placement, other = PlacementFactory(), PlacementFactory()
        first = employer_of(placement)
        placement.employer = other.employer
        placement.save()
        assert placement_ids(first) == []
        assert set(placement_ids(employer_of(placement))) == {placement.pk, other.pk}


@pytest.mark.django_db(transaction=True)
def test_sync_grants_at_the_same_moment_leaves_what_the_table_says(at_once):
    partnership = PartnershipFactory(signed=True)
    PartnershipGroupPermission.objects.filter(permission__codename__startswith="view").delete()
    changed = at_once(*[lambda: sync_grants(partnership)] * 2)
    assert sorted(changed) == [False, True]
    assert grant_differences(partnership) == (set(), set())


class TestOnlyGroupsAreGranted:
    def test_in_the_whole_of_a_team(self, team):
        team.partnership.end(by=team.lead)
        assert PartnershipGroupPermission.objects.exists()
        assert not PartnershipUserPermission.objects.exists()
        assert not PlacementUserPermission.objects.exists()
        assert not GroupObjectPermission.objects.exists()
        assert not UserObjectPermission.objects.exists()
        assert not Permission.objects.exclude(group=None).exists()
        assert not Permission.objects.exclude(user=None).exists()

    @pytest.mark.breaks_grants
    def test_a_permission_of_the_person_alone_counts_for_nothing(self, team):
        """Not even a planted one: a membership must stand behind it."""
        stranger = UserFactory()
        permission = Permission.objects.get(codename="view_identity")
        PartnershipUserPermission.objects.create(
            content_object=team.partnership, user=stranger, permission=permission
        )
        stranger.user_permissions.add(permission)
        assert partnership_ids(stranger, "view_identity") == []
        assert codenames_on(stranger, team.partnership.pk) == set()

    def test_a_group_without_a_membership_counts_for_nothing(self, team):
        stranger = UserFactory()
        stranger.groups.set(team.school.groups.all())
        assert partnership_ids(stranger, "view_identity") == []
        assert codenames_on(stranger, team.partnership.pk) == set()

    def test_another_partnerships_group_counts_for_nothing(self, team, other_team):
        team.school.groups.add(*other_team.school.groups.all())
        assert partnership_ids(team.school, "view_identity") == [team.partnership.pk]
        assert codenames_on(team.school, other_team.partnership.pk) == set()


class TestWhichPartnerships:
    """`partnership_ids` of one who may, one who may only read, and everybody who may not."""

    def test_of_a_member(self, team, other_team):
        assert partnership_ids(team.school, "change_competences") == [team.partnership.pk]
        assert partnership_ids(team.caseworker, "change_competences") == []
        assert partnership_ids(team.caseworker, "view_competences") == [team.partnership.pk]

    def test_of_a_programme_are_all_of_it(self, team, other_team):
        second = PartnershipFactory(signed=True, programme=team.programme)
        assert set(partnership_ids(team.lead, "view_counts")) == {team.partnership.pk, second.pk}

    def test_of_who_has_left_yesterday(self, team):
        Membership.objects.filter(user=team.school).update(ends_on=days(-1))
        assert team.school.groups.exists()  # the date alone stops it, no job has to run
        assert partnership_ids(fresh(team.school), "view_identity") == []

    def test_of_who_leaves_today_until_midnight(self, team, time_machine):
        Membership.objects.filter(user=team.school).update(ends_on=days(0))
        assert partnership_ids(fresh(team.school), "view_identity") == [team.partnership.pk]
        time_machine.move_to(f"{days(1)}T00:01:00+01:00")
        assert partnership_ids(fresh(team.school), "view_identity") == []

    def test_of_who_begins_tomorrow(self, team, time_machine):
        user = member(team.partnership, Role.SCHOOL, starts_on=days(1))
        assert partnership_ids(user, "view_agreement") == []
        time_machine.move_to(f"{days(1)}T08:00:00+01:00")
        assert partnership_ids(fresh(user), "view_agreement") == [team.partnership.pk]

    def test_of_a_deactivated_person(self, team):
        team.school.is_active = False
        team.school.save()
        assert partnership_ids(fresh(team.school), "view_agreement") == []

    def test_of_a_person_whose_membership_was_deleted(self, team):
        team.school.memberships.get().delete()
        assert not team.school.groups.exists()
        assert partnership_ids(fresh(team.school), "view_agreement") == []

    def test_after_the_end(self, team):
        team.partnership.end(by=team.lead)
        school, lead = fresh(team.school), fresh(team.lead)
        assert partnership_ids(school, "view_identity") == []
        assert partnership_ids(school, "view_agreement") == [team.partnership.pk]
        assert partnership_ids(lead, "view_counts") == [team.partnership.pk]

    def test_of_a_draft(self):
        partnership = PartnershipFactory()
        school = member(partnership, Role.SCHOOL)
        assert partnership_ids(school, "change_agreement") == [partnership.pk]
        assert partnership_ids(school, "view_identity") == []

    def test_of_a_superuser_without_a_team(self, team):
        user = UserFactory(is_staff=True, is_superuser=True)
        for codename, _label in PARTNERSHIP_PERMISSIONS:
            assert partnership_ids(user, codename) == []
        assert placement_ids(user) == []
        assert codenames_on(user, team.partnership.pk) == set()

    def test_of_a_superuser_in_a_team_are_those_of_the_team(self, team, other_team):
        user = member(team.partnership, Role.CASEWORKER)
        user.is_superuser = True
        user.save()
        assert partnership_ids(user, "view_identity") == [team.partnership.pk]
        assert partnership_ids(user, "change_competences") == []

    def test_of_a_young_person_and_of_nobody(self, team):
        assert partnership_ids(team.young, "view_agreement") == []
        assert codenames_on(team.young, team.partnership.pk) == set()
        assert codenames_on(team.school, None) == set()

    def test_are_asked_for_once_in_a_request(self, team, django_assert_num_queries):
        user = fresh(team.school)
        with django_assert_num_queries(2):  # the memberships, and all that they give
            partnership_ids(user, "view_identity")
        with django_assert_num_queries(0):
            assert partnership_ids(user, "view_identity") == [team.partnership.pk]
            assert partnership_ids(user, "change_course") == []
            assert "view_health" in codenames_on(user, team.partnership.pk)


def filtered(user, codename) -> list:
    """The ids that a filter by `partnerships_with` leaves, of the person's next request."""
    rows = Partnership.objects.filter(pk__in=partnerships_with(fresh(user), codename))
    return sorted(rows.values_list("pk", flat=True))


class TestWhichPartnershipsInAFilter:
    """`partnerships_with` is `partnership_ids`, whoever asks and however it is answered."""

    @pytest.mark.parametrize("codename", ["view_agreement", "change_agreement", "view_counts"])
    def test_is_the_same_for_everybody(self, team, other_team, codename):
        PartnershipFactory(programme=team.programme)  # a draft: no counts
        PartnershipFactory(programme=team.programme, signed=True).end(by=team.school)
        administrator = member(team.partnership, Role.ADMIN)
        expected = {"view_agreement": 3, "change_agreement": 0, "view_counts": 2}
        assert len(filtered(team.lead, codename)) == expected[codename]
        for user in (*team.people().values(), administrator, UserFactory()):
            assert filtered(user, codename) == partnership_ids(fresh(user), codename)

    def test_of_a_former_lead_are_none(self, team):
        assert filtered(member(team.partnership, Role.LEAD, ends_on=days(-1)), "view_counts") == []

    def test_of_a_lead_whose_time_has_passed_though_still_in_the_group(self, team):
        team.lead.memberships.update(ends_on=days(-1))  # the groups say otherwise
        assert fresh(team.lead).groups.exists()
        assert filtered(team.lead, "view_counts") == []

    def test_of_a_lead_who_is_not_in_the_group_are_none(self, team):
        team.lead.groups.clear()
        assert filtered(team.lead, "view_counts") == []

    def test_of_one_who_may_no_longer_sign_in_are_none(self, team):
        User.objects.filter(pk=team.lead.pk).update(is_active=False)
        assert filtered(team.lead, "view_counts") == []

    def test_are_those_of_the_relation_acted_in(self, team, other_team):
        both = member(team.partnership, Role.LEAD)
        MembershipFactory(
            user=both,
            role=Role.EVALUATOR,
            programme=other_team.programme,
            organisation=other_team.programme.owner,
        )
        assert len(relations(fresh(both))) == 2
        person = fresh(both)
        for relation in relations(person):
            twin = acting_in(person, relation)
            programme = relation[0].programme
            found = Partnership.objects.filter(pk__in=partnerships_with(twin, "view_counts"))
            assert {p.programme for p in found} == {programme}

    def test_of_a_lead_are_not_fetched(self, team, django_assert_num_queries):
        lead = fresh(team.lead)
        roles(lead)
        with django_assert_num_queries(3):  # the groups, the permission, the rows
            list(Partnership.objects.filter(pk__in=partnerships_with(lead, "view_counts")))


class TestWhichPlacements:
    def test_are_those_of_the_own_company(self, team, other_team):
        assert placement_ids(team.employer) == [team.placement.pk]
        assert placement_ids(team.caseworker) == []

    def test_none_once_the_person_has_left_the_company(self, team):
        Membership.objects.filter(user=team.employer).update(ends_on=days(-1))
        assert placement_ids(fresh(team.employer)) == []


class TestMembership:
    def test_gives_one_group_and_takes_it_again(self, team):
        groups = {g.name for g in team.school.groups.all()}
        assert groups == {f"partnership {team.partnership.pk} school"}
        membership = team.school.memberships.get()
        membership.ends_on = days(-1)
        membership.save()
        assert not team.school.groups.exists()

    def test_that_is_still_to_come_has_its_group_already(self, team):
        user = member(team.partnership, Role.SCHOOL, starts_on=days(7))
        assert user.groups.count() == 1
        assert roles(user) == set()

    def test_sync_groups_removes_a_planted_group(self, team):
        team.school.groups.add(Group.objects.create(name="planted"))
        sync_groups(team.school)
        assert {g.name for g in team.school.groups.all()} == {
            f"partnership {team.partnership.pk} school"
        }

    def test_in_two_organisations_gives_what_the_one_acted_for_gives(self, team, other_team):
        MembershipFactory(
            user=team.school,
            role=Role.CASEWORKER,
            partnership=other_team.partnership,
            organisation=other_team.partnership.municipality,
        )
        user = fresh(team.school)
        assert partnership_ids(user, "change_competences") == [team.partnership.pk]
        assert partnership_ids(user, "change_course") == []
        user.act_as(user.memberships.get(role=Role.CASEWORKER))
        user = fresh(team.school)
        assert partnership_ids(user, "change_competences") == []
        assert partnership_ids(user, "change_course") == [other_team.partnership.pk]

    def test_in_two_partnerships_of_one_organisation_is_one_relation(self, team):
        second = PartnershipFactory(signed=True, municipality=team.partnership.municipality)
        MembershipFactory(
            user=team.caseworker,
            role=Role.CASEWORKER,
            partnership=second,
            organisation=second.municipality,
        )
        user = fresh(team.caseworker)
        assert len(relations(user)) == 1
        assert set(partnership_ids(user, "change_course")) == {team.partnership.pk, second.pk}

    def test_a_choice_that_is_over_falls_back_to_the_oldest(self, team, other_team):
        later = MembershipFactory(
            user=team.school,
            role=Role.CASEWORKER,
            partnership=other_team.partnership,
            organisation=other_team.partnership.municipality,
        )
        team.school.act_as(later)
        later.ends_on = days(-1)
        later.save()
        assert roles(fresh(team.school)) == {Role.SCHOOL}

    def test_somebody_elses_membership_is_no_choice(self, team, other_team):
        team.school.act_as(other_team.caseworker.memberships.get())
        assert roles(fresh(team.school)) == {Role.SCHOOL}


class TestAdministers:
    def test_needs_both_the_role_and_the_door(self, team):
        admin = member(team.partnership, Role.ADMIN)
        assert not administers(admin)
        admin.is_staff = True
        assert administers(admin)
        team.school.is_staff = True
        assert not administers(team.school)

    def test_not_once_the_time_is_over(self, team):
        admin = member(team.partnership, Role.ADMIN, ends_on=days(-1))
        admin.is_staff = True
        assert not administers(admin)


def test_leaving_works_on_the_next_request(team, sign_in):
    client: Client = sign_in(team.caseworker)
    case = reverse("youths:words", args=[team.youth.pk])
    assert client.get(case).status_code == 200
    membership = team.caseworker.memberships.get()
    membership.ends_on = days(-1)
    membership.save()
    assert client.get(case).status_code == 404


def test_two_teams_share_nothing():
    one, two = Team(), Team()
    for role, person in one.people().items():
        assert two.partnership.pk not in partnership_ids(person, "view_agreement"), role


class TestReadingAlong:
    """After the last day, until another: what is read, and nothing else."""

    def end(self, user, **dates):
        row = user.memberships.first()
        row.ends_on, row.reads_until = dates["ends"], dates["reads"]
        row.save()

    @pytest.mark.parametrize("role", ["school", "caseworker"])
    def test_holds_what_is_read(self, team, role):
        user = getattr(team, role)
        before = codenames_on(fresh(user), team.partnership.pk)
        self.end(user, ends=days(-1), reads=days(0))
        held = codenames_on(fresh(user), team.partnership.pk)
        assert held == {code for code in before if code.startswith("view_")}
        assert reads_along(fresh(user))
        assert roles(fresh(user)) == {role}

    def test_until_the_day(self, team):
        self.end(team.school, ends=days(-2), reads=days(-1))
        assert relations(fresh(team.school)) == []
        assert codenames_on(fresh(team.school), team.partnership.pk) == set()

    def test_on_the_last_day_everything_is_as_before(self, team):
        self.end(team.school, ends=days(0), reads=days(5))
        assert "change_words" in codenames_on(fresh(team.school), team.partnership.pk)
        assert not reads_along(fresh(team.school))

    def test_is_a_relation_of_its_own_after_those_in_force(self, team, sign_in):
        own, school = team.partnership, team.partnership.school
        sister = PartnershipFactory(signed=True, programme=team.programme, school=school)
        self.end(team.school, ends=days(-1), reads=days(5))
        MembershipFactory(user=team.school, role="school", organisation=school, partnership=sister)
        assert partnership_ids(fresh(team.school), "view_identity") == [sister.pk]
        assert sign_in(team.school).get(reverse("acting")).status_code == 200
        over = team.school.memberships.get(partnership=own)
        fresh(team.school).act_as(over)
        assert partnership_ids(fresh(team.school), "view_identity") == [own.pk]
        assert partnership_ids(fresh(team.school), "change_words") == []

    @pytest.mark.parametrize(
        ("role", "ends", "reads"),
        [("school", None, 5), ("school", -1, -2), ("lead", -1, 5)],
    )
    def test_of_nobody_else(self, team, role, ends, reads):
        row = getattr(team, role).memberships.get()
        row.ends_on, row.reads_until = ends and days(ends), days(reads)
        with pytest.raises(IntegrityError, match="who_reads_along_has_left_a_team"):
            row.save()
