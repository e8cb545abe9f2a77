"""A company gives feedback by a link on a phone; the young person answers it."""

import pytest
from playwright.sync_api import expect

from tests.factories import Team, approved_job
from youths.models import PlacementFeedback

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    return Team()


def test_feedback_by_a_link_and_its_answer(team, site, signed_in, new_context, look):
    approved_job(team.youth, by=team.school, placement=team.placement, approved="Vis det først")
    name = team.youth.first_name

    caseworker = signed_in(team.caseworker)
    caseworker.goto(f"{site}/youths/placements/{team.placement.pk}/")
    caseworker.get_by_role("link", name="Skriv hvornår").click()
    look(caseworker)
    caseworker.get_by_label("Dag").fill("2099-12-01")
    caseworker.get_by_role("button", name="Gem").click()
    expect(caseworker.get_by_role("alert")).to_contain_text("Skriv både dag og klokkeslæt")
    caseworker.get_by_label("Klokkeslæt").fill("10:30")
    caseworker.get_by_role("button", name="Gem").click()
    look(caseworker)
    caseworker.get_by_role("link", name="Link til virksomheden").click()
    look(caseworker)
    caseworker.get_by_role("button", name="Vis et link").click()
    token = caseworker.get_by_label("Link", exact=True).input_value().partition("?link=")[2]
    look(caseworker)

    phone = new_context().new_page()
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.goto(f"{site}/youths/placements/link/?link={token}")
    expect(phone.get_by_role("heading", level=1)).to_have_text("En praktik eller et job hos jer")
    look(phone)
    phone.get_by_role("button", name="Åbn siden").click()
    expect(phone.get_by_role("alert")).to_contain_text("Sig, hvis den er")
    look(phone)
    phone.get_by_label("Min eller min arbejdsplads").check()
    phone.get_by_role("button", name="Åbn siden").click()
    for text in (name, "Lave dressing", "Vis det først", team.caseworker.name, "10:30"):
        expect(phone.get_by_text(text).first).to_be_visible()
    look(phone)

    phone.get_by_role("link", name="Giv tilbagemelding").click()
    look(phone)
    phone.get_by_label("Hvad går godt?").fill("God til salat")
    phone.get_by_role("button", name="Send tilbagemeldingen").click()
    expect(phone.get_by_label("Hvad går godt?")).to_have_value("God til salat")
    look(phone)
    phone.get_by_label("Hvad er værd at øve?").fill("At spørge")
    phone.get_by_label("Hvor mange timer").fill("12")
    phone.get_by_label("Måske").check()
    phone.get_by_label("Dit navn").fill("Bente")
    phone.get_by_role("button", name="Send tilbagemeldingen").click()
    expect(phone.get_by_text("Din tilbagemelding er sendt")).to_be_visible()
    look(phone)

    forwarded = new_context().new_page()
    forwarded.goto(f"{site}/youths/placements/link/?link={token}")
    expect(forwarded.get_by_role("heading", level=1)).to_have_text("Linket er åbnet et andet sted")
    look(forwarded)

    young = signed_in(team.young)
    young.get_by_role("link", name="Læs, hvad").click()
    look(young)
    young.get_by_label("Jeg ser det anderledes").check()
    young.get_by_role("button", name="Gem mit svar").click()
    expect(young.get_by_role("alert")).to_contain_text("Skriv, hvordan du ser det")
    look(young)
    young.get_by_label("Hvordan ser du det?").fill("Jeg spurgte jo")
    young.get_by_role("button", name="Gem mit svar").click()
    look(young)

    phone.reload()
    expect(phone.get_by_text("Jeg spurgte jo")).to_be_visible()
    given = PlacementFeedback.objects.get()
    assert (given.well, given.again, given.answer) == ("God til salat", "maybe", "disagrees")


def test_a_company_in_the_register(team, site, signed_in, look):
    page = signed_in(team.caseworker)
    page.get_by_role("link", name="Virksomheder").first.click()
    look(page)
    page.get_by_role("link", name="Tilføj en virksomhed").click()
    page.get_by_label("CVR-nummer").fill("12345678")
    page.get_by_label("navn", exact=False).first.fill("Café Nyt")
    page.get_by_role("button", name="Gem").click()
    expect(page.get_by_role("alert")).to_contain_text("Det er ikke et CVR-nummer")
    look(page)
    page.get_by_label("CVR-nummer").fill("12345674")
    page.get_by_role("button", name="Gem").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Café Nyt")
    look(page)
    page.get_by_role("link", name="Tilføj en kontaktperson").click()
    look(page)
    page.get_by_label("navn", exact=False).first.fill("Bente Kjær")
    page.get_by_label("telefon", exact=False).first.fill("10203040")
    page.get_by_role("button", name="Gem").click()
    expect(page.get_by_text("Bente Kjær")).to_be_visible()


def test_a_yes_to_the_agreement_by_a_link_by_keyboard_alone(
    team, site, signed_in, new_context, look
):
    team.placement.write_agreement(by=team.caseworker)
    caseworker = signed_in(team.caseworker)
    agreement = f"{site}/youths/placements/{team.placement.pk}/agreement/"
    caseworker.goto(agreement)
    look(caseworker)
    caseworker.get_by_role("link", name="Link, så virksomheden kan sige ja").click()
    caseworker.get_by_role("button", name="Vis et link").click()
    token = caseworker.get_by_label("Link", exact=True).input_value().partition("?link=")[2]
    look(caseworker)

    phone = new_context().new_page()
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.goto(f"{site}/youths/placements/link/?link={token}")
    phone.get_by_label("Min eller min arbejdsplads").press("Space")
    phone.get_by_role("button", name="Åbn siden").press("Enter")
    expect(phone.get_by_text("Lave dressing").first).to_be_visible()
    look(phone)
    phone.get_by_label("Dit navn").press("Enter")
    expect(phone.get_by_label("Dit navn")).to_have_attribute("aria-invalid", "true")
    look(phone)
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.get_by_label("Dit navn").fill("Bente Kjær")
    phone.get_by_label("Dit navn").press("Enter")
    expect(phone.get_by_role("status").first).to_contain_text("Jeres ja er gemt")
    look(phone)
    caseworker.goto(agreement)
    expect(caseworker.get_by_text("Bente Kjær").first).to_be_visible()
