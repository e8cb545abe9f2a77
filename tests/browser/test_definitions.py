"""From two blind answers to a definition that both have signed, by keyboard, on a phone, too."""

import pytest
from django.urls import reverse

from evaluation.models import Definition
from tests.factories import IndicatorFactory, Team, days

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])

SCHOOL, MUNICIPALITY = "Når de selv siger hvad de vil", "Når de møder hver dag"


@pytest.fixture
def team(transactional_db):
    for n, code in enumerate(("direction", "belief")):
        IndicatorFactory(code=code, position=n)
    return Team()


def press(page, button):
    button.focus()
    page.keyboard.press("Enter")


def answered(page, address, words, look):
    """A side's answer: saved while it is typed, then handed in."""
    page.goto(address)
    look(page)
    page.get_by_role("link", name="Skriv jeres svar").focus()
    page.keyboard.press("Enter")
    page.locator("#id_own_words").focus()
    page.keyboard.type(words)
    page.locator(".vv-savebar [data-when=saved]").wait_for(state="visible")
    look(page)
    press(page, page.get_by_role("button", name="Aflever"))
    page.wait_for_url("**/definition/")


def test_from_blind_answers_to_signatures(team, site, signed_in, look):
    school, municipality = signed_in(team.school), signed_in(team.caseworker)
    municipality.set_viewport_size({"width": 390, "height": 844})
    address = site + reverse("evaluation:definition", args=[team.partnership.pk])
    school.goto(address)
    press(school, school.get_by_role("button", name="Begynd en ny version"))
    school.wait_for_url("**/answer/")
    answered(school, address, SCHOOL, look)
    municipality.goto(address)
    assert SCHOOL not in municipality.content()

    answered(municipality, address, MUNICIPALITY, look)

    for page, theirs in ((school, MUNICIPALITY), (municipality, SCHOOL)):
        page.goto(address)
        assert theirs in page.locator("main").inner_text()
        look(page)
    press(school, school.get_by_role("link", name="Bliv enige linje for linje"))
    school.wait_for_url("**/settle/")
    look(school)
    school.locator("#id_met_on").fill(str(days(-1)))
    school.locator("#id_present").fill("Begge parter")
    press(school, school.get_by_role("button", name="Gem det, I blev enige om"))
    school.locator(".form-error-message, .error-summary, [role=alert]").first.wait_for()
    assert school.locator("#id_present").input_value() == "Begge parter"
    school.locator("#id_minutes").fill("Vi var enige om det meste")
    press(school, school.get_by_role("button", name="Gem det, I blev enige om"))
    school.wait_for_url("**/definition/")
    for page in (school, municipality):
        page.goto(address)
        press(page, page.get_by_role("link", name="Læs og underskriv"))
        page.wait_for_url("**/sign/")
        look(page)
        press(page, page.locator("main form button[type=submit]"))
        page.wait_for_url("**/definition/")
    look(municipality)
    (made,) = Definition.objects.filter(partnership=team.partnership)
    assert made.in_force_from == days(0)
    assert "Gælder nu" in municipality.locator("main").inner_text()
