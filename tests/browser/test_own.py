"""A young person answers a round by a link, on a phone, with the keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from evaluation.models import OwnRound, Rating
from tests.factories import IndicatorFactory, RatingRoundFactory, Team

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    return Team()


def test_a_round_by_a_link_on_a_phone_by_keyboard(team, site, signed_in, new_context, look):
    for position, code in enumerate(["direction", "belief"], start=1):
        IndicatorFactory(code=code, position=position)
    RatingRoundFactory(programme=team.programme)

    school = signed_in(team.school)
    school.goto(f"{site}/evaluation/youths/{team.youth.pk}/")
    school.get_by_role("link", name="Giv et link").click()
    look(school)
    school.get_by_role("button", name="Lav et link").click()
    address = school.get_by_label("Link", exact=True).input_value()
    look(school)
    token = re.search(r"\?link=(.*)", address)[1]

    phone = new_context().new_page()
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.goto(f"{site}/evaluation/link/?link={token}")
    expect(phone.get_by_role("heading", level=1)).to_contain_text(team.youth.first_name)
    look(phone)
    phone.set_viewport_size({"width": 390, "height": 844})

    def press_until(label, key="Tab"):
        """Go on by the keyboard until the element with this name has the focus."""
        for _ in range(60):
            if label in (phone.evaluate("document.activeElement.labels?.[0]?.innerText") or "") or (
                label == phone.evaluate("document.activeElement.innerText.trim()")
            ):
                return
            phone.keyboard.press(key)
        raise AssertionError(f"{label} is not reached by {key}")

    press_until("Det er min egen")
    phone.keyboard.press("Space")
    press_until("Begynd")
    phone.keyboard.press("Enter")

    expect(phone.get_by_text("1 af 3")).to_be_visible()
    look(phone)
    phone.set_viewport_size({"width": 390, "height": 844})
    press_until("Trin 1")
    for _ in range(3):
        phone.keyboard.press("ArrowDown")
    press_until("Næste")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("2 af 3")).to_be_visible()
    press_until("Trin 1")
    phone.keyboard.press("Space")
    press_until("Næste")
    phone.keyboard.press("Enter")

    expect(phone.get_by_role("heading", name="Hvad er blevet lettere?")).to_be_visible()
    look(phone)
    phone.set_viewport_size({"width": 390, "height": 844})
    press_until("Med dine egne ord")
    phone.keyboard.type("At komme op om morgenen")
    press_until("Nej, jeg svarede alene")
    phone.keyboard.press("Space")
    press_until("Færdig")
    phone.keyboard.press("Enter")

    expect(phone.get_by_text("Linket er brugt")).to_be_visible()
    look(phone)
    assert list(Rating.objects.order_by("indicator__position").values_list("step", flat=True)) == [
        4,
        1,
    ]
    assert OwnRound.objects.get().easier == "At komme op om morgenen"
    # Back in the browser's history there is nothing left.
    phone.goto(f"{site}/evaluation/link/1/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Linket virker ikke mere")
    look(phone)

    school.goto(f"{site}/evaluation/youths/{team.youth.pk}/")
    expect(school.get_by_text("At komme op om morgenen")).to_be_visible()
    expect(school.get_by_text("Svarede alene.")).to_be_visible()


def test_together_on_the_schools_screen(team, site, signed_in, look):
    IndicatorFactory(code="direction", position=1)
    RatingRoundFactory(programme=team.programme)
    page = signed_in(team.school)
    page.goto(f"{site}/evaluation/youths/{team.youth.pk}/")
    page.get_by_role("link", name=f"Svar sammen med {team.youth.first_name}").click()
    look(page)
    page.get_by_role("radio", name="trykker og skriver").check()
    page.get_by_role("button", name="Begynd sammen").click()

    expect(page.get_by_role("region", name="I sidder sammen")).to_be_visible()
    page.get_by_role("radio", name="Trin 5").check()
    page.get_by_role("button", name="Næste").click()
    look(page)
    page.get_by_label("Med dine egne ord").fill("Bussen")
    page.get_by_role("button", name="Færdig").click()
    look(page)

    noted = OwnRound.objects.get()
    assert (noted.how, noted.easier) == ("together", "Bussen")
