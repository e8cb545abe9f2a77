"""The meter moves: scrolled, acknowledged, used; a correction asks the receiver to look again."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from handover.models import PartOpening, PartUse
from tests.factories import HandoverProfileFactory, PartFactory, Team
from tests.handover.test_use import correct, standing

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    """A handover that was sent, too long for one screen."""
    made = Team()
    profile = HandoverProfileFactory(youth=made.youth)
    for section in ("direction", "competences", "support"):
        PartFactory(
            section=section,
            profile=profile,
            written_by=made.school,
            text="Set i køkkenet. " * (150 if section == "direction" else 1),
        )
    profile.send(by=made.school)
    made.profile = profile
    return made


def numbers(page, site, team):
    page.goto(f"{site}{reverse('case', args=[team.youth.pk])}")
    return [int(text) for text in page.locator(".vv-meter td b").all_inner_texts()]


def test_the_meter_moves_and_a_correction_ripples(signed_in, site, team, look):
    page = signed_in(team.caseworker)
    assert numbers(page, site, team) == [3, 0, 0, 0]
    received = f"{site}{reverse('handover:received', args=[team.youth.pk])}"
    part = standing(team.profile)
    placement = f"{site}{reverse('placement', args=[team.placement.pk])}"

    # Scrolled into view, and told by the page itself.
    page.goto(received)
    with page.expect_request("**/opened/"):
        page.locator(f"#part-{part.pk}").evaluate("part => part.scrollIntoView()")
    for _ in range(100):  # a beacon is sent without anybody waiting for its answer
        if PartOpening.objects.filter(sent_part=part).exists():
            break
        page.wait_for_timeout(100)
    assert numbers(page, site, team)[1] > 0
    page.goto(received)
    assert PartOpening.objects.filter(sent_part=part).exists()
    look(page)

    # Acknowledged.
    page.goto(f"{received}?part={part.pk}")
    form = page.locator(f"#part-{part.pk} form[action*='/answer/']")
    form.locator("input[value=understood]").press("Space")
    form.locator("button[type=submit]").click()
    found = numbers(page, site, team)
    assert found[2:] == [1, 0]

    # Used: one press where the placement is.
    page.goto(placement)
    button = page.locator(f"form[action*='{part.pk}/use/'] button")
    expect(button).to_be_visible()
    look(page)
    button.click()
    expect(page.locator("#parts-used form[action*='/undo/']")).to_have_count(1)
    look(page)
    assert numbers(page, site, team)[2:] == [1, 1]

    # The school corrects; what was built on it is flagged until the caseworker has looked.
    correct(team, part.part)
    page.goto(site)
    line = page.get_by_text(part.label).first
    expect(line).to_be_visible()
    look(page)
    page.goto(placement)
    expect(page.locator("#parts-used .vv-status--wait")).to_be_visible()
    page.goto(received)
    expect(page.locator("#check-again")).to_be_visible()
    look(page)
    page.locator("#check-again button").click()
    expect(page.locator("#check-again")).to_have_count(0)
    assert PartUse.objects.with_flag().filter(check_again=True).count() == 0
    assert numbers(page, site, team)[3] == 1


def test_a_section_alone_counts_without_javascript(browser, signed_in, site, team, look):
    page = signed_in(team.caseworker)
    plain = browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    ).new_page()
    plain.goto(f"{site}{reverse('handover:received', args=[team.youth.pk])}")
    plain.locator("#section-support form[action$='/opened/'] button").click()
    expect(plain.locator("#section-support")).to_be_visible()
    expect(plain.locator("#section-competences")).to_have_count(0)
    assert PartOpening.objects.get().sent_part == standing(team.profile)
    plain.goto(f"{site}{reverse('placement', args=[team.placement.pk])}")
    plain.locator("#parts-used a").click()
    plain.locator(f"form[action*='{standing(team.profile).pk}/use/'] button").click()
    assert PartUse.objects.count() == 1
    plain.context.close()
    page.goto(f"{site}{reverse('handover:received', args=[team.youth.pk])}?section=support")
    look(page)
