"""The one page of the administration on which somebody leaves, and is followed."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from partnerships.models import Membership, User
from tests.factories import PartnershipFactory, UserFactory, YouthFactory, days, member
from youths.models import ContactChange

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("english"),
    pytest.mark.ignore_template_errors,  # Django's own templates are not strict
]


@pytest.fixture
def admin(team):
    made = member(team.partnership, "admin")
    made.is_staff = True
    made.save()
    return made


def page_of(person):
    return reverse("admin:leave", args=[person.pk])


def form(**fields):
    given = {"on": days(0), "reads_until": days(14), "note": "Se aftalen.", "everybody": ""}
    return given | fields


class TestPage:
    def test_lists_the_young_people_by_code_alone(self, team, admin, sign_in):
        text = sign_in(admin).get(page_of(team.school)).text
        assert team.youth.code in text
        assert team.youth.name not in text

    def test_one_for_all_and_another_for_one(self, team, admin, sign_in):
        more = YouthFactory.create_batch(2, partnership=team.partnership)
        other = member(team.partnership, "school")
        fields = {f"youth_{more[0].pk}": other.pk, "everybody": team.caseworker.pk}
        answer = sign_in(admin).post(page_of(team.school), form(**fields))
        assert answer.status_code == 302
        named = dict(ContactChange.objects.open().values_list("youth", "to_person"))
        assert named == {
            team.youth.pk: team.caseworker.pk,
            more[0].pk: other.pk,
            more[1].pk: team.caseworker.pk,
        }
        row = team.school.memberships.get()
        assert (row.ends_on, row.reads_until) == (days(0), days(14))

    def test_not_without_somebody_for_each(self, team, admin, sign_in):
        answer = sign_in(admin).post(page_of(team.school), form())
        assert answer.status_code == 422
        assert "Say who follows." in answer.text
        assert "Se aftalen." in answer.text
        assert team.school.memberships.get().ends_on is None

    @pytest.mark.parametrize(
        "fields", [{"note": ""}, {"on": ""}, {"reads_until": days(-1)}, {"on": days(-999)}]
    )
    def test_refused(self, team, admin, sign_in, fields):
        given = form(**{"everybody": team.caseworker.pk} | fields)
        assert sign_in(admin).post(page_of(team.school), given).status_code == 422
        assert not ContactChange.objects.exists()

    def test_not_to_somebody_of_another_team(self, team, other_team, admin, sign_in):
        given = form(everybody=other_team.school.pk)
        assert sign_in(admin).post(page_of(team.school), given).status_code == 422

    def test_who_is_nobodys_contact_just_leaves(self, team, admin, sign_in):
        given = {"on": days(0), "reads_until": ""}
        assert sign_in(admin).post(page_of(team.caseworker), given).status_code == 302
        assert team.caseworker.memberships.get().ends_on == days(0)

    def test_of_who_may_not_sign_in_any_more(self, team, admin, sign_in):
        User.objects.filter(pk=team.school.pk).update(is_active=False)
        answer = sign_in(admin).post(page_of(team.school), form(everybody=team.caseworker.pk))
        assert answer.status_code == 302
        assert team.youth.contacts.open().get().person == team.caseworker

    def test_two_teams_at_once(self, team, admin, sign_in):
        sister = PartnershipFactory(signed=True, programme=team.programme)
        Membership.objects.create(
            user=team.school, role="school", partnership=sister, organisation=sister.school
        )
        youth, there = YouthFactory(partnership=sister), member(sister, "caseworker")
        fields = {f"youth_{youth.pk}": there.pk, f"youth_{team.youth.pk}": team.caseworker.pk}
        answer = sign_in(admin).post(page_of(team.school), form(**fields))
        assert answer.status_code == 302
        assert youth.contact_changes.get().to_person == there
        assert not team.school.memberships.filter(ends_on=None).exists()

    def test_only_who_administers_the_programme(self, team, other_team, admin, sign_in):
        elsewhere = member(other_team.partnership, "admin")
        elsewhere.is_staff = True
        elsewhere.save()
        assert sign_in(elsewhere).get(page_of(team.school)).status_code == 404
        assert sign_in(team.school).get(page_of(team.school)).status_code == 302
        assert sign_in(admin).get(page_of(other_team.school)).status_code == 404
        root = UserFactory(is_staff=True, is_superuser=True)
        assert sign_in(root).get(page_of(other_team.school)).status_code == 200

    @pytest.mark.parametrize("n", [1, 3])
    def test_as_many_queries_however_many(self, team, admin, sign_in, django_assert_num_queries, n):
        YouthFactory.create_batch(n - 1, partnership=team.partnership)
        client = sign_in(admin)
        client.get(page_of(team.school))
        with django_assert_num_queries(11):
            client.get(page_of(team.school))


class TestDirectEdit:
    """What the administration saves goes through `clean`, which leads to the page."""

    def refused(self, row, **fields):
        for name, value in fields.items():
            setattr(row, name, value)
        with pytest.raises(ValidationError) as refusal:
            row.full_clean()
        return str(refusal.value)

    def test_an_end_is_refused(self, team):
        said = self.refused(team.school.memberships.get(), ends_on=days(0))
        assert page_of(team.school) in said

    def test_another_person_or_team_is_refused(self, team):
        other = PartnershipFactory(signed=True, school=team.partnership.school)
        self.refused(team.school.memberships.get(), user=UserFactory())
        self.refused(team.school.memberships.get(), partnership=other)

    def test_deactivating_is_refused(self, team):
        assert page_of(team.school) in self.refused(team.school, is_active=False)

    def test_allowed_once_somebody_is_named(self, team):
        ContactChange.ask(
            by=team.school, youth=team.youth, to=team.caseworker, note="Se aftalen.",
            overlap_until=days(3),
        )  # fmt: skip
        row = team.school.memberships.get()
        row.ends_on = days(0)
        row.full_clean()
        team.school.is_active = False
        team.school.full_clean()

    def test_the_next_one_cannot_leave_either(self, team):
        ContactChange.ask(
            by=team.school, youth=team.youth, to=team.caseworker, note="Se aftalen.",
            overlap_until=days(3),
        )  # fmt: skip
        self.refused(team.caseworker.memberships.get(), ends_on=days(0))

    def test_who_is_nobodys_contact(self, team):
        row = team.caseworker.memberships.get()
        row.ends_on = days(0)
        row.full_clean()

    def test_in_the_administration_it_is_said_with_the_way_on(self, team, admin, sign_in):
        row = team.school.memberships.get()
        url = reverse("admin:partnerships_membership_change", args=[row.pk])
        given = {
            "user": team.school.pk, "organisation": row.organisation_id, "role": "school",
            "partnership": row.partnership_id, "programme": "", "title": "",
            "starts_on": row.starts_on, "ends_on": days(0), "reads_until": "",
        }  # fmt: skip
        answer = sign_in(admin).post(url, given)
        assert answer.status_code == 200
        assert page_of(team.school) in answer.text
        assert team.school.memberships.get().ends_on is None
        person = sign_in(admin).get(
            reverse("admin:partnerships_user_change", args=[team.school.pk])
        )
        assert page_of(team.school) in person.text
        assert User.objects.get(pk=team.school.pk).is_active
