"""Nothing typed is lost: saving while writing, two at once, an ended sign-in, no connection."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from handover.models import Part
from tests.factories import PartFactory, Team, member

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def part(transactional_db):
    team = Team()
    made = PartFactory(profile__youth=team.youth, section="support", written_by=team.school)
    made.team = team
    return made


@pytest.fixture
def opened(site, signed_in, part):
    """The part's page before the person of the school."""
    page = signed_in(part.team.school)
    page.goto(f"{site}{reverse('handover:part', args=[part.pk])}")
    return page


def shown(page, state):
    expect(page.locator(f"[data-when={state}]")).to_be_visible(timeout=10_000)


def press_save(page):
    page.locator(".vv-savebar button[type=submit]").click()


def text_of(part):
    return Part.objects.get(pk=part.pk).text


def test_what_is_typed_is_saved_and_the_focus_stays(opened, part, look):
    opened.locator("[name=text]").fill("Skrevet i ro. 👩‍🍳")
    shown(opened, "saved")
    assert text_of(part) == "Skrevet i ro. 👩‍🍳"
    expect(opened.locator("[name=text]")).to_be_focused()
    expect(opened.locator("[name=revision]")).to_have_value("2")
    look(opened)


def test_save_pressed_before_the_typing_was_saved_takes_all_of_it(opened, part):
    opened.locator("[name=text]").fill("Begyndt")
    opened.wait_for_timeout(950)  # the first save is about to leave
    opened.locator("[name=text]").fill("Begyndt og færdig")
    press_save(opened)
    opened.wait_for_url("**/write/**")
    assert text_of(part) == "Begyndt og færdig"


def test_two_at_once_see_both_texts_and_choose(opened, part, look):
    colleague = member(part.team.partnership, "school")
    Part.objects.get(pk=part.pk).write(by=colleague, revision=1, text="Kollegaens")
    opened.locator("[name=text]").fill("Mit")
    shown(opened, "conflict")
    assert text_of(part) == "Kollegaens"
    press_save(opened)
    expect(opened.locator(".vv-conflict")).to_be_focused()
    expect(opened.locator(".vv-conflict")).to_contain_text("Kollegaens")
    expect(opened.locator("[name=text]")).to_have_value("Mit")
    look(opened)
    press_save(opened)
    opened.wait_for_url("**/write/**")
    assert text_of(part) == "Mit"


def test_an_ended_sign_in_keeps_the_text_and_saves_it_after_the_next(site, opened, part, look):
    opened.context.clear_cookies(name="sessionid")
    opened.locator("[name=text]").fill("Skrevet for sent")
    press_save(opened)
    shown(opened, "signed-out")
    expect(opened.locator("[name=text]")).to_have_value("Skrevet for sent")
    look(opened)
    with opened.context.expect_page() as tab:
        opened.locator("[data-when=signed-out] a").click()
    tab.value.locator("input[name=login]").fill(part.team.school.email)
    tab.value.locator("input[name=password]").fill("et-meget-langt-kodeord")
    tab.value.locator("main button[type=submit]").click()
    tab.value.wait_for_url(lambda url: "/accounts/login/" not in url)
    shown(opened, "saved")
    assert text_of(part) == "Skrevet for sent"


def test_without_javascript_the_button_saves(site, signed_in, part, browser):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(signed_in(part.team.school).context.cookies())
    page = context.new_page()
    page.goto(f"{site}{reverse('handover:part', args=[part.pk])}")
    page.locator("[name=text]").fill("Uden script")
    press_save(page)
    page.wait_for_url("**/write/**")
    assert text_of(part) == "Uden script"
    context.close()


def test_a_lost_connection_says_so_keeps_the_text_and_tries_again(opened, part):
    opened.context.set_offline(True)
    opened.locator("[name=text]").fill("Skrevet i toget")
    shown(opened, "failed")
    opened.locator("[name=text]").fill("Skrevet i toget og videre")
    opened.context.set_offline(False)
    shown(opened, "saved")
    assert text_of(part) == "Skrevet i toget og videre"


def test_two_tabs_of_one_person_meet_as_two_people_do(site, opened, part):
    other = opened.context.new_page()
    other.goto(opened.url)
    other.locator("[name=text]").fill("I den anden fane")
    shown(other, "saved")
    opened.locator("[name=works]").fill("I den første")
    shown(opened, "conflict")
    expect(opened.locator("[name=works]")).to_have_value("I den første")
    other.close()


def test_a_part_is_moved_by_keyboard_in_place(site, opened, part, look):
    PartFactory(profile=part.profile, section="support", label="Den næste", position=99)
    opened.goto(f"{site}{reverse('handover:write', args=[part.team.youth.pk])}?section=support")
    opened.locator(f"#down-{part.pk}").focus()
    opened.keyboard.press("Enter")
    expect(opened.locator("#moved")).to_contain_text("2")
    expect(opened.locator(f"#down-{part.pk}")).to_be_focused()
    expect(opened.locator("#parts article").first).to_contain_text("Den næste")
    assert list(part.profile.parts.all())[-1] == part
    look(opened)


def test_the_beginning_of_a_sentence_goes_where_the_cursor_is(opened, part):
    opened.locator("[name=text]").fill("")
    opened.locator("[data-phrases] summary").click()
    button = opened.locator("[data-phrases] button").first
    words = button.inner_text()
    button.click()
    expect(opened.locator("[name=text]")).to_have_value(words)
    expect(opened.locator("[name=text]")).to_be_focused()
    shown(opened, "saved")
    assert text_of(part) == words
