"""The school shows the draft, the young person says what does not fit, the school reads it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories import PartFactory, Team

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def part(transactional_db):
    team = Team()
    made = PartFactory(profile__youth=team.youth, section="support", written_by=team.school)
    PartFactory(profile=made.profile, section="competences", written_by=team.school)
    made.team = team
    return made


def test_a_draft_is_shown_and_answered(part, site, signed_in, look):
    team = part.team
    school, young = signed_in(team.school), signed_in(team.young)
    write = f"{site}{reverse('handover:write', args=[team.youth.pk])}?section=support"

    school.goto(write)
    school.locator("a[href$='/show/']").click()
    look(school)
    school.locator("main button[value=show]").click()
    school.wait_for_url("**/write/**")

    young.goto(f"{site}/")
    young.locator("main a[href$='/mine/']").first.click()
    look(young)
    young.locator(f"a[href='{reverse('handover:react', args=[part.pk])}']").click()
    look(young)
    # Too little is said so, and what was chosen stays.
    young.get_by_role("radio").nth(1).check()
    young.locator("button[value=next]").click()
    expect(young.locator(".form-error [name=text], .form-error textarea")).to_be_visible()
    expect(young.get_by_role("radio").nth(1)).to_be_checked()
    look(young)
    young.locator("[name=text]").fill("Det er ikke lyden. Det er, når alle vil noget.")
    young.locator("button[value=next]").click()
    young.wait_for_url("**/parts/*/mine/")
    young.get_by_role("radio").nth(0).press("Space")
    young.locator("button[value=next]").click()
    young.wait_for_url(f"**{reverse('handover:mine', args=[team.youth.pk])}")
    look(young)

    school.goto(write)
    beside = school.locator(f"#part-{part.pk} .vv-said")
    expect(beside).to_contain_text("Det er ikke lyden.")
    look(school)
    # Another text is asked about again.
    school.goto(f"{site}{reverse('handover:part', args=[part.pk])}")
    expect(school.locator(".vv-said")).to_contain_text("Det er ikke lyden.")
    school.locator("[name=text]").fill("Skrevet om")
    school.locator(".vv-savebar button[type=submit]").click()
    school.wait_for_url("**/write/**")
    expect(beside.locator("b").first).to_be_visible()
    young.goto(f"{site}{reverse('handover:react', args=[part.pk])}")
    expect(young.locator(".vv-note--wait")).to_be_visible()
    look(young)


def test_five_things_and_wishes_beside_each_other(part, site, signed_in, look):
    """On the coordinator's device: together, and never longer than they want to."""
    team = part.team
    part.profile.show_to_youth(by=team.school)
    page = signed_in(team.school)
    page.goto(f"{site}{reverse('youths:together', args=[team.youth.pk])}")
    look(page)
    page.get_by_role("radio").nth(0).press("Space")
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/mine/")
    expect(page.locator(".vv-seen")).to_be_visible()
    page.goto(f"{site}{reverse('youths:wishes', args=[team.youth.pk])}")
    look(page)
    page.get_by_role("checkbox").nth(0).press("Space")
    page.locator("main form button[type=submit]").click()
    page.goto(f"{site}{reverse('handover:carry', args=[team.youth.pk])}")
    look(page)
    for _thing in range(2):
        page.locator("button[value^=add]").first.click()
    expect(page.locator("ol.vv-carry > li")).to_have_count(2)
    page.locator("button[value^=up]").first.click()
    look(page)
    page.goto(f"{site}{reverse('case', args=[team.youth.pk])}")
    expect(page.locator(".vv-carried li")).to_have_count(2)
    look(page)
    page.goto(f"{site}{reverse('handover:mine', args=[team.youth.pk])}")
    page.locator(".vv-seen button").click()
    page.wait_for_url(f"**{reverse('case', args=[team.youth.pk])}")
