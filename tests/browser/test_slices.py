"""The pages of who sees what: at both widths, for axe, as whoever uses them."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from partnerships.access import Role
from partnerships.models import Narrowing
from tests.factories import (
    HandoverProfileFactory,
    MembershipFactory,
    PartFactory,
    Team,
    days,
    member,
)
from youths.models import Consent, CprNumber, EmergencyOpening, LegalBasis

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    made = Team()
    profile = HandoverProfileFactory(youth=made.youth)
    for section in ("direction", "competences", "support", "health"):
        PartFactory(profile=profile, section=section, written_by=made.school)
    profile.send(by=made.school)
    Narrowing.objects.create(
        partnership=made.partnership, role="school", section="network", reason="Aftalt i maj"
    )
    made.admin = member(made.partnership, Role.ADMIN)
    made.admin.is_staff = True
    made.admin.save()
    return made


def visit(page, site, look, *addresses):
    for address in addresses:
        answer = page.goto(f"{site}{address}")
        assert answer.status == 200, address
        look(page)


def test_an_emergency_from_the_code_to_the_team(team, signed_in, site, look):
    admin = signed_in(team.admin)
    visit(admin, site, look, reverse("partnerships:policy"), reverse("youths:emergencies"))
    admin.locator("main button[type=submit]").click()  # nothing written yet
    expect(admin.locator("main [role=alert], main .alert").first).to_be_visible()
    look(admin)
    admin.locator("input[name=code]").fill(team.youth.code)
    admin.locator("textarea[name=reason]").fill("Ingen i teamet kan nås.")
    admin.locator("textarea[name=reason]").press("Tab")
    with admin.expect_navigation():
        admin.keyboard.press("Enter")
    opening = EmergencyOpening.objects.get()
    expect(admin).to_have_url(f"{site}{reverse('youths:emergency', args=[opening.pk])}")
    look(admin)
    visit(admin, site, look, reverse("case", args=[team.youth.pk]))
    school = signed_in(team.school)
    told = reverse("youths:emergency", args=[opening.pk])
    expect(school.locator(f"a[href='{told}']")).to_have_count(1)
    visit(school, site, look, told)
    school.locator("button[value=seen]").click()
    expect(school.locator("button[value=seen]")).to_have_count(0)


def test_consent_is_given_taken_back_and_overridden(team, signed_in, site, look):
    team.school.memberships.update(may_override=True)
    team.school.memberships.get().save()
    sharing = reverse("youths:sharing", args=[team.youth.pk])
    school, young = signed_in(team.school), signed_in(team.young)
    visit(
        school, site, look,
        sharing,
        reverse("handover:send", args=[team.youth.pk]),
        reverse("youths:record_consent", args=[team.youth.pk, "health"]),
        reverse("legal_basis", args=[team.youth.pk, "health"]),
    )  # fmt: skip
    visit(young, site, look, sharing)
    with young.expect_navigation():
        young.locator("button[value=yes]").click()
    consent = Consent.objects.get()
    look(young)
    visit(young, site, look, reverse("withdraw", args=[team.youth.pk, consent.pk]))
    young.locator("main form button[type=submit]").last.click()
    expect(young).to_have_url(f"{site}{sharing}")
    consent.refresh_from_db()
    assert consent.withdrawn_at
    ground = team.programme.grounds.create(position=1, name="Myndighedens grund")
    LegalBasis.name(
        by=team.school, youth=team.youth, section="health", ground=ground,
        reason="Nødvendigt for praktikken.", expires_on=days(30),
    )  # fmt: skip
    visit(school, site, look, sharing, reverse("legal_basis", args=[team.youth.pk, "health"]))
    visit(young, site, look, sharing)


def test_cpr_is_shown_on_request(team, signed_in, site, look):
    cpr = reverse("youths:cpr", args=[team.youth.pk])
    number = team.youth.birth_date.strftime("%d%m%y") + "4234"
    caseworker = signed_in(team.caseworker)
    visit(caseworker, site, look, cpr)
    caseworker.locator("input[name=number]").fill(number)
    with caseworker.expect_navigation():
        caseworker.locator("input[name=number]").press("Enter")
    assert CprNumber.objects.get().youth == team.youth
    visit(caseworker, site, look, cpr)
    assert number[-4:] not in caseworker.locator("main").inner_text()
    caseworker.locator("form:has(input[value=show]) button").click()
    expect(caseworker.locator("main")).to_contain_text(number[-4:])
    look(caseworker)


def test_for_whom_one_acts(team, signed_in, site, look):
    other = Team()
    MembershipFactory(
        user=team.school,
        role="caseworker",
        partnership=other.partnership,
        organisation=other.partnership.municipality,
    )
    page = signed_in(team.school)
    visit(page, site, look, reverse("acting"), reverse("home"))
    answer = page.goto(f"{site}{reverse('case', args=[other.youth.pk])}")
    assert answer.status == 404
    look(page)
    page.locator("main form button[type=submit]").click()
    expect(page.locator("main h1")).to_contain_text(other.youth.name)
