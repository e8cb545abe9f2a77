"""The caseworker gives feedback by keyboard on a phone; the school meets it where it writes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from handover.models import Feedback
from tests.factories import Team
from tests.handover.test_feedback import accepted

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    made = Team()
    made.profile = accepted(made, ago=61)
    return made


def tab_to(page, target, at_most=60):
    """By the Tab key alone, as somebody does who has no mouse."""
    for _ in range(at_most):
        if target.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the Tab key does not come there")


def test_is_given_in_a_minute_and_read_where_the_next_version_is_written(
    team, site, signed_in, look
):
    page = signed_in(team.caseworker)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site)
    begun = timezone.now()
    tab_to(page, page.locator(f"main a[href$='{team.youth.pk}/feedback/']").first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/feedback/")
    form = page.locator("main form")
    parts = {part.section: part for part in team.profile.sent_parts.all()}
    # What is chosen so far is where a group is entered: the arrow goes on to the first choice.
    for section, presses in (("direction", 1), ("support", 2)):
        group = f"input[name=part_{parts[section].pk}]"
        tab_to(page, form.locator(f"{group}:checked"))
        for _ in range(presses):
            page.keyboard.press("ArrowRight")
    tab_to(page, form.locator("[name=missing_need]"))
    page.keyboard.press("Space")
    tab_to(page, form.locator("[name=words_need]"))
    page.keyboard.type("Hvornår er der brug for en pause?")
    tab_to(page, form.locator("button[type=submit]"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/#feedback")
    assert timezone.now() - begun < timedelta(minutes=1)
    look(page)
    kinds = dict(Feedback.objects.get().marks.values_list("sent_part__section", "kind"))
    assert kinds == {"direction": "helpful", "support": "outdated", "competences": ""}
    page.goto(f"{site}{reverse('handover:feedback', args=[team.youth.pk])}")
    look(page)
    # Nothing is said: the summary of what is wrong takes focus, and what is chosen stays.
    page.locator("[name=words_need]").fill("")
    page.locator("[name=missing_need]").press("Space")
    for part in parts.values():
        page.locator(f"input[name=part_{part.pk}][value='']").press("Space")
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".alert-error, .form-error, [role=alert]").first).to_be_visible()
    look(page)

    school = signed_in(team.school)
    school.goto(site)
    expect(school.locator(f"main a[href*='{team.youth.pk}/#feedback']")).to_be_visible()
    write = f"{site}{reverse('handover:write', args=[team.youth.pk])}?section=support"
    school.goto(write)
    row = school.locator(f"#part-{parts['support'].part_id}")
    expect(row).to_contain_text("forældet")
    expect(school.locator(".vv-missed")).to_contain_text("brug for en pause?")
    look(school)
    row.locator("a.button").click()
    expect(school.locator(".vv-part--open")).to_contain_text("forældet")
    look(school)
    school.locator(
        "header a[href='/handover/feedback/']:visible, nav a[href='/handover/feedback/']:visible"
    ).first.click()
    expect(school.locator("main table")).to_be_visible()
    look(school)
    school.locator("main a[href*='heading=need']").click()
    expect(school.locator("main")).to_contain_text("brug for en pause?")
    look(school)
