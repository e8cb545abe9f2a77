"""A goal in the young person's words: written, resting on the handover, and taken step by step."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.test_use import numbers
from tests.factories import HandoverProfileFactory, PartFactory, Team
from tests.handover.test_use import standing
from youths.models import Goal, SmallStep

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    made = Team()
    made.profile = HandoverProfileFactory(youth=made.youth)
    for section in ("direction", "competences", "support"):
        PartFactory(section=section, profile=made.profile, written_by=made.school)
    made.profile.send(by=made.school)
    return made


def test_a_goal_is_written_rests_on_a_part_and_is_taken_in_steps(signed_in, site, team, look):
    page = signed_in(team.caseworker)
    assert numbers(page, site, team)[3] == 0
    page.locator(f"main a[href='{reverse('youths:add_goal', args=[team.youth.pk])}']").click()
    look(page)

    # Too little is said so, and what was written stays.
    page.locator("[name=words]").fill("Jeg tager selv bussen på arbejde")
    page.locator("main button[type=submit]").click()
    expect(page.locator("[name=words]")).to_have_value("Jeg tager selv bussen på arbejde")
    look(page)
    page.get_by_role("radio").nth(1).check(force=True)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/goals/*/")

    # One press links a part, and the meter moves.
    part = standing(team.profile)
    use = page.locator(f"form[action*='{part.pk}/use/'] button")
    expect(use).to_be_visible()
    look(page)
    use.click()
    expect(page.locator("#parts-used form[action*='/undo/']")).to_have_count(1)
    look(page)
    assert numbers(page, site, team)[3] == 1
    look(page)
    goal = Goal.objects.get()
    there = f"{site}{reverse('youths:goal', args=[goal.pk])}"
    page.goto(there)
    page.locator("form:not([action*='/steps/']) [name=words]").fill("Køre turen sammen")
    page.locator("form:has([name=words]) button[type=submit]").click()
    expect(page.locator("form[action*='/steps/']")).to_have_count(1)

    # The young person ticks it on a phone.
    young = signed_in(team.young)
    young.set_viewport_size({"width": 390, "height": 844})
    young.goto(f"{site}/")
    expect(young.get_by_text("Køre turen sammen").first).to_be_visible()
    look(young)
    young.set_viewport_size({"width": 390, "height": 844})
    young.goto(there)
    look(young)
    young.set_viewport_size({"width": 390, "height": 844})
    young.goto(f"{site}/")
    young.locator("#goals button[value=done]").click()
    young.wait_for_url("**/#goals")
    step = SmallStep.objects.get()
    assert step.done_by == team.young
    page.goto(there)
    expect(page.locator("#steps .is-done")).to_contain_text("Køre turen sammen")

    # Dropped, with the reason that the young person reads.
    page.locator("a[href$='/close/']").click()
    look(page)
    page.get_by_role("radio").nth(1).check(force=True)
    page.locator("[name=reason]").fill("Hun har fået kørekort")
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/goals/*/")
    young.goto(f"{site}{reverse('youths:goals', args=[team.youth.pk])}")
    expect(young.get_by_text("Hun har fået kørekort")).to_be_visible()
    look(young)
