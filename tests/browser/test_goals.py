"""A goal in the young person's words: written, resting on the handover, and taken step by step.

What an agreement and an accommodation rest on, too: by keyboard, and when it changes.
"""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from handover.models import Accommodation, Meeting, PartUse
from tests.browser.test_use import numbers
from tests.factories import HandoverProfileFactory, PartFactory, Team, days, goal_of
from tests.handover.test_use import correct, standing
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
    page.get_by_role("radio").nth(1).press("Space")
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
    page.get_by_role("radio").nth(1).press("Space")
    page.locator("[name=reason]").fill("Hun har fået kørekort")
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/goals/*/")
    young.goto(f"{site}{reverse('youths:goals', args=[team.youth.pk])}")
    expect(young.get_by_text("Hun har fået kørekort")).to_be_visible()
    look(young)


def test_a_correction_asks_to_check_the_goal_and_somebody_confirms(signed_in, site, team, look):
    page, part = signed_in(team.caseworker), standing(team.profile)
    goal = goal_of(team.youth, by=team.caseworker)
    there = f"{site}{reverse('youths:goal', args=[goal.pk])}"

    # Linked by keyboard alone.
    page.goto(there)
    button = page.locator(f"form[action*='{part.pk}/use/'] button")
    expect(button).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("#parts-used form[action*='/undo/']")).to_have_count(1)

    correct(team, part.part)
    page.goto(there)
    flag = page.locator("#parts-used .vv-status--late, #parts-used .vv-status--wait")
    expect(flag).to_be_visible()
    look(page)
    page.locator("#parts-used a[href$='#check-again']").click()
    expect(page.locator("#check-again")).to_contain_text(goal.words)
    look(page)
    page.locator("#check-again button").click()
    expect(page.locator("#check-again")).to_have_count(0)
    page.goto(there)
    expect(page.locator("#parts-used form[action*='/undo/']")).to_have_count(1)
    expect(flag).to_have_count(0)
    assert numbers(page, site, team)[3] == 1


def test_an_agreement_and_an_accommodation_rest_on_parts(signed_in, site, team, look):
    page, part = signed_in(team.caseworker), standing(team.profile)
    for copy in team.profile.sent_parts.all():
        copy.answer(by=team.caseworker, kind="understood")
    meeting = Meeting.objects.create(
        profile=team.profile, planned_on=days(0), planned_by=team.caseworker
    )
    Meeting.objects.update(held_on=days(0), youth_present=True, recorded_at=timezone.now())
    for what in ("Vise ruten på et kort", "Ringe til værkføreren"):
        meeting.agreements.create(what=what, who="youth", due_on=days(5))
    page.goto(f"{site}{reverse('handover:received', args=[team.youth.pk])}#meeting")
    for row in range(2):
        page.locator("[id^=agreement] > div > details > summary").nth(row).press("Enter")
        expect(page.locator(f"#meeting form[action*='{part.pk}/use/']")).to_have_count(row + 1)
    look(page)
    page.locator(f"#meeting form[action*='{part.pk}/use/'] button").first.click()
    page.wait_for_url("**#agreement-*")
    expect(page.locator("#meeting summary").first).to_contain_text("Bygger på en del")
    assert numbers(page, site, team)[3] == 1
    look(page)

    # The school has phrased what a workplace does; the job centre says that it builds on the need.
    Accommodation.add(by=team.school, youth=team.youth, part=part.part, text="Får ruten på et kort")
    page.goto(f"{site}{reverse('handover:accommodations', args=[team.youth.pk])}")
    look(page)
    page.locator(f"form[action*='{part.pk}/use/'] button").click()
    page.wait_for_url("**#accommodation-*")
    expect(page.locator("form[action*='/undo/']")).to_have_count(1)
    look(page)
    assert PartUse.objects.count() == 2
