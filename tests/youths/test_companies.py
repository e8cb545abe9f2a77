"""The register of companies: its rules, who keeps it, and that its history names nobody."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from partnerships.models import Branch, NetworkPlace, Organisation, check_cvr, is_cvr
from tests.factories import (
    OrganisationFactory,
    PartnershipFactory,
    PlacementFactory,
    YouthFactory,
    days,
    member,
)
from youths.models import AccessEvent, PlacesOffered

pytestmark = pytest.mark.django_db

LIST = reverse("youths:companies")
ADD = reverse("youths:add_company")
CVR = "12345674"
TYPED = {"cvr": CVR, "name": "Café Nyt", "phone": "1", "email": "", "considerations": "Ro"}


@pytest.fixture
def company(team):
    return team.placement.employer


def page_of(company):
    return reverse("youths:company", args=[company.pk])


def part_of(company, what, *row):
    name = "youths:company_part" if row else "youths:add_company_part"
    return reverse(name, args=[company.pk, what, *row])


# -- The number --------------------------------------------------------------------------------


@pytest.mark.parametrize("cvr", ["12345674", "25313763", "10150817"])
def test_a_number_of_the_right_form(cvr):
    check_cvr(cvr)


@pytest.mark.parametrize("cvr", ["12345678", "00000000", "25313764", "01234569"])
def test_a_number_of_the_wrong_form(cvr):
    with pytest.raises(ValidationError):
        check_cvr(cvr)


@given(st.from_regex(r"[1-9][0-9]{7}", fullmatch=True), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_found(cvr, at, by):
    other = cvr[:at] + str((int(cvr[at]) + by) % 10) + cvr[at + 1 :]
    assert not (is_cvr(cvr) and is_cvr(other))


# -- Who keeps it ------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["school", "caseworker"])
def test_the_team_reads_and_writes_the_register_of_its_municipality(team, company, sign_in, role):
    client = sign_in(getattr(team, role))
    assert company.name in client.get(LIST).text

    assert (
        client.post(ADD, TYPED | {"municipality": team.partnership.municipality_id}).status_code
        == 302
    )
    made = Organisation.objects.get(cvr=CVR)
    assert list(made.known_to.all()) == [team.partnership.municipality]
    assert made.kind == "employer"
    changed = client.post(
        reverse("youths:change_company", args=[made.pk]), TYPED | {"considerations": "Korte dage"}
    )
    assert changed.status_code == 302
    assert "Korte dage" in client.get(page_of(made)).text


def test_nobody_else_does(team, other_team, company, sign_in):
    for who in (team.young, team.employer, team.lead, team.evaluator):
        assert sign_in(who).get(LIST).status_code == 403
        assert sign_in(who).get(page_of(company)).status_code == 403
        assert sign_in(who).post(ADD, TYPED).status_code == 403
    client = sign_in(other_team.caseworker)
    assert company.name not in client.get(LIST).text
    assert client.get(page_of(company)).status_code == 404
    assert client.post(part_of(company, "contact"), {"name": "X", "phone": "1"}).status_code == 404


def test_nothing_is_kept_for_a_municipality_that_one_does_not_work_with(team, other_team, sign_in):
    theirs = other_team.partnership.municipality_id
    wrong = sign_in(team.caseworker).post(ADD, TYPED | {"municipality": theirs})
    assert wrong.status_code == 422
    assert not Organisation.objects.filter(cvr=CVR).exists()


def test_the_register_is_closed_with_the_agreement(team, company, sign_in):
    team.partnership.end(by=team.caseworker)
    assert sign_in(team.caseworker).get(page_of(company)).status_code == 404


# -- Twice -------------------------------------------------------------------------------------


def test_a_company_that_is_here_already_joins_the_register(team, sign_in, english):
    elsewhere = OrganisationFactory(employer=True, cvr=CVR, name="Café Gammel")
    client = sign_in(team.caseworker)

    client.post(ADD, TYPED | {"municipality": team.partnership.municipality_id})

    elsewhere.refresh_from_db()
    assert (elsewhere.name, elsewhere.considerations) == ("Café Gammel", "")
    assert Organisation.objects.filter(cvr=CVR).count() == 1
    assert "was here already" in client.get(page_of(elsewhere)).text


def test_another_company_of_the_same_name_is_asked_about(team, company, sign_in, english):
    client = sign_in(team.caseworker)
    typed = TYPED | {"name": company.name.upper(), "municipality": team.partnership.municipality_id}

    asked = client.post(ADD, typed)
    assert asked.status_code == 422
    assert "Is it the same?" in asked.text
    assert CVR in asked.text

    assert client.post(ADD, typed | {"is_another": "on"}).status_code == 302


def test_a_wrong_number_says_so_and_keeps_what_was_typed(team, sign_in, english):
    wrong = sign_in(team.caseworker).post(
        ADD, TYPED | {"cvr": "12345678", "considerations": "Helt stille"}
    )
    assert wrong.status_code == 422
    assert "Check the digits" in wrong.text
    assert "Helt stille" in wrong.text


# -- Its parts ---------------------------------------------------------------------------------


PARTS = {
    "contact": {"name": "Bente Kjær", "title": "Køkkenleder", "phone": "10203040"},
    "branch": {"name": "Havnen", "address": "Kajen 1", "p_number": "1234567890"},
    "places": {"kind": "practice", "number": "2", "since": days(0).strftime("%d.%m.%Y")},
}


@pytest.mark.parametrize("what", PARTS)
def test_a_part_is_added_changed_and_taken_away(company, team, sign_in, what):
    client = sign_in(team.school)
    assert client.post(part_of(company, what), {}).status_code == 422
    assert client.post(part_of(company, what), PARTS[what]).status_code == 302
    rows = {
        "contact": company.contacts,
        "branch": company.branches,
        "places": company.places_offered,
    }
    row = rows[what].get()
    assert client.get(part_of(company, what, row.pk)).status_code == 200
    assert part_of(company, what, row.pk) in client.get(page_of(company)).text

    client.post(part_of(company, what, row.pk), {"act": "remove"})
    assert not rows[what].exists()


def test_a_contact_can_be_reached(company, team, sign_in, english):
    said = sign_in(team.school).post(part_of(company, "contact"), {"name": "Bente"})
    assert said.status_code == 422
    assert "Write a telephone number or an e-mail address." in said.text


def test_a_network_is_of_a_partnership_that_one_works_in(company, team, other_team, sign_in):
    client = sign_in(team.caseworker)
    theirs = client.post(part_of(company, "network"), {"partnership": other_team.partnership.pk})
    assert theirs.status_code == 422
    said = {"partnership": team.partnership.pk, "note": "Tager en hver sommer"}
    assert client.post(part_of(company, "network"), said).status_code == 302
    assert client.post(part_of(company, "network"), said).status_code == 422  # once
    assert "Tager en hver sommer" in client.get(page_of(company)).text

    hidden = NetworkPlace.objects.create(company=company, partnership=other_team.partnership)
    assert client.get(part_of(company, "network", hidden.pk)).status_code == 404


def test_no_other_part_and_none_of_another_company(company, team, sign_in):
    client = sign_in(team.caseworker)
    assert client.get(part_of(company, "secrets")).status_code == 404
    theirs = OrganisationFactory(employer=True).contacts.create(name="X", phone="1")
    assert client.get(part_of(company, "contact", theirs.pk)).status_code == 404


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda c: c.contacts.create(name="X"), "a_contact_can_be_reached"),
        (lambda c: [Branch.objects.create(company=c, name="X", address="Y", p_number="1" * 10)
                    for _ in range(2)], "one_branch_per_p_number"),
        (lambda c: PlacesOffered.objects.create(company=c, kind="practice", number=0),
         "at_least_one_place_is_offered"),
        (lambda c: PlacesOffered.objects.create(company=c, kind="practice", until=days(-1)),
         "an_offer_ends_after_it_starts"),
    ],
)  # fmt: skip
def test_the_database_keeps(company, make, name):
    with pytest.raises(IntegrityError, match=name):
        make(company)


def test_the_list_is_searched(company, team, sign_in):
    offering = OrganisationFactory(employer=True, name="Gartneriet", cvr=CVR)
    offering.known_to.add(team.partnership.municipality)
    PlacesOffered.objects.create(company=offering, kind="small_job")
    PlacesOffered.objects.create(company=company, kind="small_job", since=days(-9), until=days(-1))
    NetworkPlace.objects.create(company=offering, partnership=team.partnership)
    client = sign_in(team.school)
    for asked in ({"q": "gartn"}, {"q": "1234 5674"}, {"kind": "small_job"},
                  {"network": team.partnership.pk}):  # fmt: skip
        shown = client.get(LIST, asked).text
        assert "Gartneriet" in shown
        assert page_of(company) not in shown
    assert page_of(offering) in client.get(reverse("youths:list"), {"q": "gartn"}).text


@pytest.mark.parametrize("n", [1, 3])
def test_as_many_queries_however_long_the_list(team, sign_in, n, django_assert_num_queries):
    for _ in range(n):
        one = OrganisationFactory(employer=True)
        one.known_to.add(team.partnership.municipality)
        one.contacts.create(name="Bente", phone="1")
        PlacesOffered.objects.create(company=one, kind="practice")
    client = sign_in(team.school)
    client.get(LIST)
    with django_assert_num_queries(12):
        client.get(LIST)


# -- Its history -------------------------------------------------------------------------------


def test_the_history_names_those_whom_one_works_with_alone(team, company, sign_in):
    sister = PartnershipFactory(
        signed=True, programme=team.programme, municipality=team.partnership.municipality
    )
    theirs = PlacementFactory(
        youth=YouthFactory(partnership=sister), employer=company, kind="small_job"
    )
    elsewhere = PlacementFactory(employer=company, kind="flex_job")

    shown = sign_in(team.caseworker).get(page_of(company)).text

    assert team.youth.name in shown
    assert sister.school.name in shown
    for secret in (theirs.youth.name, theirs.youth.code,
                   str(theirs.pk), elsewhere.youth.name,
                   elsewhere.youth.partnership.school.name):  # fmt: skip
        assert secret not in shown
    [line] = AccessEvent.objects.all()
    assert (line.youth_id, line.channel, line.sections) == (
        team.youth.pk, "list", "identity,course"
    )  # fmt: skip


def test_who_has_had_a_placement_is_in_the_register(team, company):
    assert team.partnership.municipality in company.known_to.all()


# -- The entry point and the way from a placement ------------------------------------------------


def test_the_municipality_says_whom_companies_call(team, sign_in, english):
    entry = reverse("youths:entry_point")
    client = sign_in(team.caseworker)
    assert client.post(entry, {"entry_name": "Virksomhedsservice"}).status_code == 422
    said = {"entry_name": "Virksomhedsservice", "entry_phone": "87654321", "entry_hours": "9-14"}
    assert client.post(entry, said).status_code == 302

    for who in (team.school, team.caseworker):
        assert "87654321" in sign_in(who).get(LIST).text
    assert sign_in(team.school).post(entry, said).status_code == 403


def test_a_company_is_made_on_the_way_to_a_placement(team, sign_in):
    client = sign_in(team.caseworker)
    placing = reverse("youths:add_placement", args=[team.youth.pk])
    add = f"{ADD}?for={team.youth.pk}"
    assert add in client.get(placing).text

    made = client.post(add, TYPED | {"municipality": team.partnership.municipality_id})

    company = Organisation.objects.get(cvr=CVR)
    assert made["Location"] == f"{placing}?company={company.pk}"
    assert f'value="{company.pk}" selected' in client.get(made["Location"]).text


@pytest.mark.parametrize("nonsense", ["x", "", "00000000-0000-0000-0000-000000000000"])
def test_nonsense_in_the_address_leads_to_the_company(team, sign_in, nonsense):
    client = sign_in(team.caseworker)
    typed = TYPED | {"municipality": team.partnership.municipality_id}
    assert client.post(f"{ADD}?for={nonsense}", typed)["Location"] == page_of(
        Organisation.objects.get(cvr=CVR)
    )


def test_a_school_of_several_municipalities_says_which(team, sign_in):
    second = PartnershipFactory(signed=True, school=team.partnership.school)
    both = member(team.partnership, "school")
    member(second, "school", user=both)
    page = sign_in(both).get(ADD).text
    assert second.municipality.name in page
    assert team.partnership.municipality.name in page
