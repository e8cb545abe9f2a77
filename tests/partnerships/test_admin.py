"""The administration: a superuser keeps it all, a programme's administrator the own programme."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from handover.models import AccommodationPhrase, CatalogueEntry, FfbSubtheme
from partnerships.access import Role, grant_differences, partnership_ids
from partnerships.models import Membership, Organisation, Partnership, Programme, User
from tests.factories import (
    HASHED,
    PASSWORD,
    MembershipFactory,
    OrganisationFactory,
    PartnershipFactory,
    UserFactory,
    days,
    employer_of,
    member,
)
from youths.models import ConsentText

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("english"),
    pytest.mark.ignore_template_errors,  # Django's own templates are not strict
]

OWN = ("programme", "organisation", "partnership", "user", "membership")


def url(model, page="changelist", *args):
    return reverse(f"admin:partnerships_{model}_{page}", args=args)


def fresh(user) -> User:
    """The person with the next request: nothing remembered."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def superuser(sign_in) -> Client:
    return sign_in(UserFactory(is_staff=True, is_superuser=True))


@pytest.fixture
def administrator(team):
    return member(team.partnership, Role.ADMIN, user__is_staff=True)


@pytest.fixture
def keeper(administrator, sign_in) -> Client:
    """The administrator of the team's programme, signed in."""
    return sign_in(administrator)


def things(team) -> dict:
    """One of each of a team's things that the administration keeps, by model."""
    return {
        "programme": team.programme,
        "organisation": team.partnership.school,
        "partnership": team.partnership,
        "user": team.school,
        "membership": team.school.memberships.get(),
    }


def form_of(response) -> dict:
    """What a browser would send back from a page of the administration, unchanged."""
    sent = {}
    page = response.context["adminform"].form
    forms = [page]
    for formset in response.context["inline_admin_formsets"]:
        sent |= {
            f"{formset.formset.prefix}-{name}": value
            for name, value in formset.formset.management_form.initial.items()
        }
        forms += formset.formset.forms
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False and bound.name != "password":
                sent[bound.html_name] = getattr(value, "pk", value)
    return sent


def save(client, address, **changed):
    """Open a page of the administration, change some of it, and save."""
    return client.post(address, form_of(client.get(address)) | changed)


def faults(response) -> str:
    """Everything that the page says is wrong; the page must be there."""
    assert response.status_code == 200
    return str(response.context["errors"])


class TestPages:
    @pytest.mark.parametrize("model", OWN)
    def test_open_for_a_superuser(self, superuser, team, model):
        for address in (
            url(model),
            url(model, "add"),
            url(model, "change", things(team)[model].pk),
            url(model, "history", things(team)[model].pk),
            url(model) + "?q=%C3%A6r",
        ):
            assert superuser.get(address).status_code == 200, address

    @pytest.mark.parametrize("model", OWN)
    def test_open_for_the_programmes_administrator(self, keeper, team, model):
        for address in (
            url(model),
            url(model, "change", things(team)[model].pk),
            url(model) + "?q=%C3%A6r",
        ):
            assert keeper.get(address).status_code == 200, address
        add = keeper.get(url(model, "add")).status_code
        assert add == (403 if model == "programme" else 200)

    def test_of_everything_registered_open_for_both(self, superuser, keeper):
        assert superuser.get(reverse("admin:index")).status_code == 200
        assert keeper.get(reverse("admin:index")).status_code == 200
        for model in admin.site._registry:
            address = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
            assert superuser.get(address).status_code == 200, address
            assert keeper.get(address).status_code == 200, address

    def test_of_the_people_of_a_team_are_closed_to_it(self, team, sign_in):
        for person in team.people().values():
            person.is_staff = True  # the door alone opens no room
            person.save()
            for model in OWN:
                assert sign_in(person).get(url(model)).status_code == 403

    def test_keep_no_case(self):
        about_all = ConsentText, AccommodationPhrase, CatalogueEntry, FfbSubtheme
        registered = {model._meta.app_label for model in admin.site._registry}
        assert registered <= {"partnerships", "evaluation", "youths", "handover"}
        for label in ("youths", "handover"):
            for model in apps.get_app_config(label).get_models():
                # What one says yes to, the library and the catalogue are the same for all.
                assert admin.site.is_registered(model) == (model in about_all)
        for name in ("Rating", "YouthProgress", "Snapshot", "PartnershipProgress"):
            assert not admin.site.is_registered(apps.get_model("evaluation", name))

    def test_carry_the_same_headers_as_every_page(self, superuser):
        response = superuser.get(url("partnership"))
        assert "unsafe" not in response["Content-Security-Policy"]
        assert response["Cache-Control"] == "no-store"

    def test_are_entered_by_the_same_sign_in(self, client):
        response = client.get(reverse("admin:index"), follow=True)
        assert response.redirect_chain[-1][0].startswith(reverse("account_login"))

    @pytest.mark.parametrize("model", OWN)
    def test_delete_nothing(self, superuser, keeper, team, model):
        address = url(model, "delete", things(team)[model].pk)
        assert superuser.post(address, {"post": "yes"}).status_code == 403
        assert keeper.post(address, {"post": "yes"}).status_code == 403
        data = {"action": "delete_selected", "_selected_action": things(team)[model].pk}
        superuser.post(url(model), data | {"post": "yes"})
        assert type(things(team)[model]).objects.filter(pk=things(team)[model].pk).exists()


class TestAnotherProgramme:
    """Is out of reach of a programme's administrator."""

    @pytest.mark.parametrize("model", ["programme", "partnership", "user", "membership"])
    def test_is_in_no_list(self, keeper, team, other_team, model):
        rows = keeper.get(url(model)).context["cl"].queryset
        assert things(team)[model] in rows
        assert things(other_team)[model] not in rows

    @pytest.mark.parametrize("model", ["programme", "partnership", "user", "membership"])
    @pytest.mark.parametrize("act", ["change", "history", "delete"])
    def test_cannot_be_opened(self, keeper, other_team, model, act):
        response = keeper.get(url(model, act, things(other_team)[model].pk))
        assert response.status_code in (302, 403, 404)
        assert response.get("Location", "/admin/") == "/admin/"

    def test_cannot_be_saved(self, keeper, team, other_team):
        foreign, own = other_team.partnership, team.partnership
        data = form_of(keeper.get(url("partnership", "change", own.pk)))
        keeper.post(url("partnership", "change", foreign.pk), data | {"places": 99})
        foreign.refresh_from_db()
        assert foreign.places == 10

    def test_is_no_choice_for_a_partnership(self, keeper, team, other_team):
        response = save(
            keeper,
            url("partnership", "change", team.partnership.pk),
            programme=other_team.programme.pk,
        )
        assert "is not one of the available choices" in faults(response)

    @pytest.mark.parametrize("name", ["partnership", "programme"])
    def test_is_no_choice_for_a_membership(self, keeper, other_team, name):
        role = {"partnership": "school", "programme": "lead"}[name]
        response = keeper.post(
            url("membership", "add"),
            {
                "user": UserFactory().pk,
                "organisation": other_team.partnership.school_id,
                "role": role,
                name: getattr(other_team, name).pk,
                "starts_on": days(0),
            },
        )
        assert "is not one of the available choices" in faults(response)

    def test_lends_no_people(self, keeper, team, other_team):
        response = keeper.post(
            url("membership", "add"),
            {
                "user": other_team.school.pk,
                "organisation": team.partnership.school_id,
                "role": "school",
                "partnership": team.partnership.pk,
                "starts_on": days(0),
            },
        )
        assert "is not one of the available choices" in faults(response)
        assert other_team.school.memberships.count() == 1

    def test_gives_its_companies_to_nobody_here(self, keeper, team, other_team):
        """A company's person sees placements of every programme: that is no programme's to give."""
        response = keeper.post(
            url("membership", "add"),
            {
                "user": UserFactory().pk,
                "organisation": other_team.placement.employer_id,
                "role": "employer",
                "starts_on": days(0),
            },
        )
        assert "employer is not one of the available choices" in faults(response)

    def test_is_in_no_suggestion(self, keeper, team, other_team):
        found = keeper.get(
            reverse("admin:autocomplete"),
            {"app_label": "partnerships", "model_name": "membership", "field_name": "user"},
        ).json()["results"]
        ids = {row["id"] for row in found}
        assert str(team.school.pk) in ids
        assert str(other_team.school.pk) not in ids

    def test_is_not_ones_own_by_working_there(self, keeper, administrator, other_team):
        """Being a colleague elsewhere gives nothing in the administration."""
        MembershipFactory(
            user=administrator,
            role="school",
            partnership=other_team.partnership,
            organisation=other_team.partnership.school,
        )
        for model in ("partnership", "membership", "user"):
            rows = keeper.get(url(model)).context["cl"].queryset
            assert things(other_team)[model] not in rows

    def test_cannot_be_ended_from_the_list(self, keeper, other_team):
        data = {"action": "end", "_selected_action": other_team.partnership.pk}
        keeper.post(url("partnership"), data)
        other_team.partnership.refresh_from_db()
        assert other_team.partnership.status == "signed"

    def test_keeps_a_person_of_two_programmes_for_itself(self, keeper, team, other_team):
        """Somebody who is also elsewhere is seen in the team, and kept by neither alone."""
        MembershipFactory(
            user=team.school,
            role="school",
            partnership=other_team.partnership,
            organisation=other_team.partnership.school,
        )
        assert keeper.get(url("user", "change", team.school.pk)).status_code == 302
        address = url("partnership", "change", team.partnership.pk)
        assert save(keeper, address, places=12).status_code == 302
        team.partnership.refresh_from_db()
        assert team.partnership.places == 12


class TestPeople:
    def test_are_made_by_the_programmes_administrator(self, keeper):
        response = keeper.post(
            url("user", "add"),
            {
                "email": "NY@skole.example",
                "name": "Ny Lærer",
                "usable_password": "true",
                "password1": PASSWORD,
                "password2": PASSWORD,
                "is_staff": "on",
                "is_superuser": "on",
            },
        )
        assert response.status_code == 302
        made = User.objects.get(email="ny@skole.example")
        assert (made.is_staff, made.is_superuser) == (False, False)
        assert made.check_password(PASSWORD)

    def test_twice_with_one_address_is_said(self, keeper):
        UserFactory(email="ny@skole.example")
        response = keeper.post(
            url("user", "add"),
            {
                "email": "Ny@Skole.example",
                "name": "Ny",
                "usable_password": "true",
                "password1": PASSWORD,
                "password2": PASSWORD,
            },
        )
        assert "Somebody with this e-mail address is here already." in faults(response)

    @pytest.mark.parametrize("power", ["is_staff", "is_superuser"])
    def test_are_given_no_power_by_a_programmes_administrator(
        self, keeper, administrator, team, power
    ):
        for person in (team.school, administrator):
            before = getattr(person, power)
            response = save(keeper, url("user", "change", person.pk), **{power: "on"}, name="Nyt")
            assert response.status_code == 302
            person = fresh(person)
            assert (getattr(person, power), person.name) == (before, "Nyt")

    def test_are_given_power_by_a_superuser(self, superuser, team):
        assert (
            save(superuser, url("user", "change", team.school.pk), is_staff="on").status_code == 302
        )
        assert fresh(team.school).is_staff

    def test_with_an_address_in_capitals_are_saved_in_small_letters(self, keeper, team):
        save(keeper, url("user", "change", team.school.pk), email="Nyt@Skole.example")
        assert fresh(team.school).email == "nyt@skole.example"

    def test_elsewhere_keep_their_password(self, keeper, superuser, team, other_team):
        root = UserFactory(is_staff=True, is_superuser=True)
        for person in (other_team.school, other_team.young, team.young, root):
            address = reverse("admin:auth_user_password_change", args=[person.pk])
            new = {"password1": "helt-nyt-kodeord-1", "password2": "helt-nyt-kodeord-1"}
            assert keeper.get(address).status_code == 404
            assert keeper.post(address, new | {"usable_password": "true"}).status_code == 404
            assert fresh(person).password == HASHED()

    def test_of_the_own_team_get_a_new_password(self, keeper, team):
        address = reverse("admin:auth_user_password_change", args=[team.school.pk])
        new = {"password1": "helt-nyt-kodeord-1", "password2": "helt-nyt-kodeord-1"}
        keeper.post(address, new | {"usable_password": "true"})
        assert fresh(team.school).check_password("helt-nyt-kodeord-1")

    def test_who_are_young_people_or_superusers_are_not_in_the_list(self, keeper, team, other_team):
        root = UserFactory(is_staff=True, is_superuser=True)
        nobody_yet = UserFactory()
        rows = keeper.get(url("user")).context["cl"].queryset
        assert nobody_yet in rows
        for person in (team.young, other_team.young, root, team.employer):
            assert person not in rows

    def test_of_an_ended_partnership_can_still_be_closed(self, keeper, team):
        team.partnership.end(by=team.lead)
        address = url("user", "change", team.school.pk)
        assert keeper.get(address).status_code == 200

    def test_lose_all_when_their_account_is_closed(self, keeper, team):
        address = url("user", "change", team.caseworker.pk)
        data = form_of(keeper.get(address))
        del data["is_active"]
        assert keeper.post(address, data).status_code == 302
        assert partnership_ids(fresh(team.caseworker), "view_identity") == []

    def test_leave_no_name_in_the_log_of_changes(self, superuser, team):
        save(superuser, url("user", "change", team.school.pk), phone="12345678")
        assert LogEntry.objects.get().object_repr == str(team.school.pk)


class TestMembership:
    def good(self, team, **changed):
        return {
            "user": UserFactory().pk,
            "organisation": team.partnership.school_id,
            "role": "school",
            "partnership": team.partnership.pk,
            "starts_on": days(0),
        } | changed

    def test_gives_its_groups_on_saving(self, keeper, team):
        data = self.good(team)
        assert keeper.post(url("membership", "add"), data).status_code == 302
        user = User.objects.get(pk=data["user"])
        assert partnership_ids(user, "change_health") == [team.partnership.pk]

    def test_takes_them_on_ending(self, keeper, team):
        membership = team.caseworker.memberships.get()
        save(keeper, url("membership", "change", membership.pk), ends_on=days(-1))
        assert not fresh(team.caseworker).groups.exists()

    def test_for_another_person_moves_the_groups(self, superuser, team):
        """The one whom a membership is taken from loses what it gave."""
        membership, other = team.caseworker.memberships.get(), UserFactory()
        assert (
            save(superuser, url("membership", "change", membership.pk), user=other.pk).status_code
            == 302
        )
        assert not fresh(team.caseworker).groups.exists()
        assert fresh(other).groups.count() == 1

    @pytest.mark.parametrize("role", ["lead", "evaluator", "admin", "employer"])
    def test_of_a_role_that_belongs_elsewhere_is_said(self, superuser, team, role):
        response = superuser.post(url("membership", "add"), self.good(team, role=role))
        assert "School staff and caseworkers belong to a partnership" in faults(response)

    def test_of_the_wrong_organisation_is_said(self, superuser, team):
        response = superuser.post(
            url("membership", "add"),
            self.good(team, organisation=team.partnership.municipality_id),
        )
        assert "This organisation is not that side of the partnership." in faults(response)

    def test_that_ends_before_it_starts_is_said(self, superuser, team):
        response = superuser.post(url("membership", "add"), self.good(team, ends_on=days(-1)))
        assert "The last day is before the first." in faults(response)

    def add_row(self, client, team, **row):
        address = url("partnership", "change", team.partnership.pk)
        data = form_of(client.get(address))
        number = int(data["memberships-TOTAL_FORMS"])
        data |= {
            f"memberships-{number}-{name}": value
            for name, value in (
                {
                    "user": UserFactory().pk,
                    "organisation": team.partnership.school_id,
                    "role": "school",
                    "starts_on": days(0),
                }
                | row
            ).items()
        }
        return client.post(address, data | {"memberships-TOTAL_FORMS": number + 1})

    def test_nobody_gives_themself_one(self, keeper, administrator, superuser, team):
        refused = self.add_row(keeper, team, user=administrator.pk)
        assert "You cannot give yourself a place in a team." in faults(refused)
        typed = self.good(team, user=administrator.pk)
        refused = keeper.post(url("membership", "add"), typed)
        assert "You cannot give yourself a place in a team." in faults(refused)
        assert not team.partnership.memberships.filter(user=administrator).exists()

    def test_is_added_on_the_partnerships_page(self, keeper, team):
        assert self.add_row(keeper, team).status_code == 302
        assert team.partnership.memberships.count() == 3

    @pytest.mark.parametrize("role", ["lead", "evaluator", "admin", "employer"])
    def test_of_a_role_that_belongs_elsewhere_is_no_choice_there(self, keeper, team, role):
        response = self.add_row(keeper, team, role=role)
        assert f"{role} is not one of the available choices" in faults(response)

    def test_of_the_wrong_organisation_or_period_is_said_there(self, keeper, team):
        wrong_side = self.add_row(keeper, team, organisation=team.partnership.municipality_id)
        assert "This organisation is not that side of the partnership." in faults(wrong_side)
        reversed_dates = self.add_row(keeper, team, ends_on=days(-3))
        assert "The last day is before the first." in faults(reversed_dates)

    def test_on_the_persons_page_is_for_the_own_programme_only(self, keeper, team, other_team):
        address = url("user", "change", team.school.pk)
        data = form_of(keeper.get(address)) | {
            "memberships-TOTAL_FORMS": 2,
            "memberships-1-organisation": other_team.partnership.school_id,
            "memberships-1-role": "school",
            "memberships-1-partnership": other_team.partnership.pk,
            "memberships-1-starts_on": days(0),
        }
        assert "is not one of the available choices" in faults(keeper.post(address, data))
        data |= {
            "memberships-1-organisation": other_team.placement.employer_id,
            "memberships-1-role": "employer",
            "memberships-1-partnership": "",
        }
        assert "employer is not one of the available choices" in faults(keeper.post(address, data))


class TestPartnership:
    def good(self, team, **changed):
        return {
            "programme": team.programme.pk,
            "school": team.partnership.school_id,
            "municipality": team.partnership.municipality_id,
            "places": 10,
            "starts_on": team.partnership.starts_on,
            "ends_on": team.partnership.ends_on,
            "memberships-TOTAL_FORMS": 0,
            "memberships-INITIAL_FORMS": 0,
            "narrowings-TOTAL_FORMS": 0,
            "narrowings-INITIAL_FORMS": 0,
        } | changed

    def test_is_made_as_a_draft_with_its_grants(self, keeper, administrator, team):
        response = keeper.post(url("partnership", "add"), self.good(team, status="signed"))
        assert response.status_code == 302
        made = Partnership.objects.exclude(pk=team.partnership.pk).get()
        assert made.status == "draft"
        assert grant_differences(made) == (set(), set())
        assert made.pk in partnership_ids(fresh(administrator), "change_agreement")

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"starts_on": "2026-05-01", "ends_on": "2026-05-01"}, "The last day must come after"),
            ({"places": 0}, "greater than or equal to 1"),
            ({"places": -1}, "greater than or equal to"),
            ({"places": 99999}, "less than or equal to"),
            ({"places": "ti"}, "Enter a whole number."),
            ({"starts_on": ""}, "This field is required."),
            ({"programme": ""}, "This field is required."),
            ({"quality_agreement": "x" * 201}, "at most 200 characters"),
            ({"purpose": "a\x00b"}, "Null characters are not allowed."),
        ],
    )
    def test_with_a_fault_is_said(self, keeper, team, changed, said):
        response = keeper.post(url("partnership", "add"), self.good(team, **changed))
        assert said in faults(response)

    def test_between_organisations_of_another_kind_is_said(self, superuser, team):
        data = self.good(team, school=team.partnership.municipality_id)
        response = superuser.post(url("partnership", "add"), data)
        assert "available choices" in faults(response) or "another kind" in faults(response)

    def test_that_is_signed_and_moved_over_another_is_said(self, superuser, team):
        first = team.partnership
        second = PartnershipFactory(
            signed=True,
            programme=first.programme,
            school=first.school,
            municipality=first.municipality,
            starts_on=days(301),
            ends_on=days(500),
        )
        response = save(superuser, url("partnership", "change", second.pk), starts_on=days(200))
        assert "These two have a signed partnership in this period already." in faults(response)

    def test_that_has_ended_is_read_only(self, keeper, superuser, team):
        team.partnership.end(by=team.lead)
        address = url("partnership", "change", team.partnership.pk)
        for client in (keeper, superuser):
            assert client.get(address).status_code == 200
            assert client.post(address, self.good(team, places=99)).status_code == 403
        team.partnership.refresh_from_db()
        assert team.partnership.places == 10

    def test_is_opened_for_signing_and_ended_from_the_list(self, keeper, team):
        draft = PartnershipFactory(programme=team.programme)

        def act(action, partnership):
            data = {"action": action, "_selected_action": partnership.pk}
            page = keeper.post(url("partnership"), data, follow=True)
            partnership.refresh_from_db()
            return partnership.status, page.content.decode()

        assert act("open_negotiation", draft)[0] == "negotiating"
        status, page = act("open_negotiation", draft)  # a second click
        assert status == "negotiating"
        assert "Only a draft can be opened for signing." in page
        status, page = act("end", draft)
        assert status == "negotiating"
        assert "Only a signed partnership can be ended." in page
        assert act("end", team.partnership)[0] == "ended"
        assert partnership_ids(fresh(team.school), "view_identity") == []
        assert "Only a signed partnership can be ended." in act("end", team.partnership)[1]

    def test_signatures_are_shown_and_not_written(self, superuser, team):
        address = url("partnership", "change", team.partnership.pk)
        before = team.partnership.school_signed_at
        save(superuser, address, school_signed_at="2020-01-01", status="draft")
        team.partnership.refresh_from_db()
        assert (team.partnership.school_signed_at, team.partnership.status) == (before, "signed")


class TestOrganisation:
    @pytest.mark.parametrize(
        ("data", "said"),
        [
            ({"kind": "employer"}, "An employer needs its CVR number, eight digits."),
            ({"kind": "employer", "cvr": "1"}, "A CVR number has eight digits."),
            ({"kind": "municipality"}, "A municipality needs its four-digit code."),
            ({"kind": "school", "name": ""}, "This field is required."),
            ({"kind": "school", "name": "x" * 121}, "at most 120 characters"),
            ({"kind": "school", "email": "x"}, "Enter a valid email address."),
            ({"kind": "cloud"}, "is not one of the available choices"),
        ],
    )
    def test_with_a_fault_is_said(self, keeper, data, said):
        response = keeper.post(url("organisation", "add"), {"name": "Ny"} | data)
        assert said in faults(response)
        assert not Organisation.objects.filter(name="Ny").exists()

    def test_twice_is_said(self, keeper):
        OrganisationFactory(employer=True, cvr="12345674")
        data = {"name": "Ny", "kind": "employer", "cvr": "12345674"}
        response = keeper.post(url("organisation", "add"), data)
        assert "A company with this CVR number is here already." in faults(response)

    def test_of_the_own_programme_is_changed(self, keeper, team):
        address = url("organisation", "change", team.partnership.school_id)
        assert save(keeper, address, name="Nyt navn").status_code == 302
        team.partnership.school.refresh_from_db()
        assert team.partnership.school.name == "Nyt navn"

    @pytest.mark.parametrize("party", ["school", "municipality", "owner"])
    def test_of_another_programme_is_read_and_not_changed(
        self, keeper, superuser, team, other_team, party
    ):
        """Nor is one that is a party both here and there."""
        if party == "owner":
            organisation = other_team.programme.owner
        else:
            organisation = getattr(other_team.partnership, party)
            PartnershipFactory(programme=team.programme, **{party: organisation})
        address = url("organisation", "change", organisation.pk)
        assert keeper.get(address).status_code == 200
        assert keeper.post(address, {"name": "Kapret", "kind": "school"}).status_code == 403
        assert save(superuser, address, name="Nyt navn").status_code == 302


class TestProgramme:
    def test_with_a_fault_is_said(self, keeper, team):
        address = url("programme", "change", team.programme.pk)
        response = save(keeper, address, closer_target=41)
        assert "No more can come closer than are referred." in faults(response)
        response = save(keeper, address, ends_on=team.programme.starts_on)
        assert "The last day must come after the first." in faults(response)

    def test_with_two_phases_in_one_place_is_said(self, keeper, team):
        address = url("programme", "change", team.programme.pk)
        response = save(
            keeper,
            address,
            **{"phases-TOTAL_FORMS": 2, "phases-1-position": 1, "phases-1-name": "Endnu en"},
        )
        assert response.status_code == 200
        assert team.programme.phases.count() == 1

    def test_has_its_own_targets_and_names(self, keeper, team):
        address = url("programme", "change", team.programme.pk)
        assert save(keeper, address, closer_target=30, course_type="Jobforløb").status_code == 302
        programme = Programme.objects.get(pk=team.programme.pk)
        assert (programme.closer_target, programme.course_type) == (30, "Jobforløb")


def test_an_employers_person_is_kept_by_a_superuser(superuser, team):
    person = employer_of(team.placement)
    assert superuser.get(url("user", "change", person.pk)).status_code == 200
    membership = Membership.objects.get(user=person)
    assert superuser.get(url("membership", "change", membership.pk)).status_code == 200
