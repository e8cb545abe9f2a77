"""The check that runs after every test (tests/conftest.py) finds what it is there for."""

import pytest
from django.contrib.auth.models import Group, Permission
from guardian.shortcuts import assign_perm

from partnerships.models import PartnershipGroupPermission, PartnershipUserPermission
from tests.conftest import differing_grants, standing_grants
from tests.factories import UserFactory
from youths.models import PlacementGroupPermission

pytestmark = [pytest.mark.django_db, pytest.mark.breaks_grants]


def some_permission(codename="view_health"):
    return Permission.objects.get(codename=codename)


def test_nothing_is_wrong_with_a_team(team):
    assert standing_grants() == differing_grants() == {}


def test_a_grant_that_lacks_or_is_too_much_is_found(team):
    PartnershipGroupPermission.objects.filter(permission__codename="view_health").delete()
    PlacementGroupPermission.objects.update(group=Group.objects.create(name="somebody"))
    assert set(differing_grants()) == {
        f"partnership {team.partnership.pk}",
        f"placement {team.placement.pk}",
    }


@pytest.mark.parametrize("whom", ["person", "group"])
def test_a_right_to_a_whole_model_is_found(whom):
    if whom == "person":
        UserFactory().user_permissions.add(some_permission())
        assert standing_grants() == {"partnerships_user_user_permissions": 1}
    else:
        Group.objects.create(name="all").permissions.add(some_permission())
        assert standing_grants() == {"auth_group_permissions": 1}


def test_a_row_for_a_single_person_is_found(team):
    PartnershipUserPermission.objects.create(
        content_object=team.partnership, user=team.lead, permission=some_permission()
    )
    assert standing_grants() == {"partnerships_partnershipuserpermission": 1}


@pytest.mark.parametrize("whom", ["user", "group"])
def test_a_row_in_guardians_generic_tables_is_found(team, whom):
    holder = team.lead if whom == "user" else Group.objects.create(name="all")
    permission = Permission.objects.get(codename="view_programme")
    assign_perm(permission, holder, team.programme)
    assert standing_grants() == {f"guardian_{whom}objectpermission": 1}
