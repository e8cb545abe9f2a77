"""A job profile: the company reads exactly the words that the young person has approved."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from handover.models import Accommodation
from tests.factories import PartFactory, Team

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])

FIRST, SECOND = "Får én opgave ad gangen.", "Får to opgaver ad gangen."


@pytest.fixture
def team(transactional_db):
    """A young person in a placement, with a sentence to choose from and a need behind it."""
    made = Team()
    part = PartFactory(
        profile__youth=made.youth, section="support", text="Går i stå", written_by=made.school
    )
    Accommodation.add(by=made.school, youth=made.youth, text=FIRST, part=part)
    return made


def test_a_company_reads_what_is_approved_and_nothing_else(signed_in, site, team, look):
    caseworker, company = signed_in(team.caseworker), signed_in(team.employer)
    placement = f"{site}{reverse('placement', args=[team.placement.pk])}"

    def company_reads(*words, never=()):
        company.goto(placement)
        page = company.locator("main")
        for text in words:
            expect(page).to_contain_text(text)
        for text in (*never, "Går i stå"):
            expect(page).not_to_contain_text(text)

    # Composed from what is known; the company sees nothing of it.
    caseworker.goto(f"{site}{reverse('handover:jobs', args=[team.youth.pk])}")
    caseworker.locator("[name=placement]").select_option(str(team.placement.pk))
    caseworker.locator("main form button[type=submit]").click()
    caseworker.wait_for_url("**/handover/jobs/*/")
    job = caseworker.url
    caseworker.get_by_role("checkbox", name=FIRST).press("Space")
    caseworker.locator("button[value=pick]").click()
    caseworker.locator("[name=can]").fill("Jeg dækker op")
    look(caseworker)
    company_reads(never=[FIRST, "Jeg dækker op"])
    caseworker.locator("button[value=ask]").click()
    caseworker.wait_for_url("**/jobs/")
    company_reads(never=[FIRST, "Jeg dækker op"])

    # The young person reads exactly that, and says yes by keyboard.
    young = signed_in(team.young)
    young.locator("main a[href$='/answer/']").first.click()
    for text in (FIRST, "Jeg dækker op"):
        expect(young.locator("main")).to_contain_text(text)
    look(young)
    young.locator("button[value=yes]").focus()
    young.keyboard.press("Enter")
    expect(young.locator("button[value=yes]")).to_have_count(0)
    company_reads(FIRST, "Jeg dækker op")
    look(company)

    # A word is changed: the company goes on with what was approved, and that is said plainly.
    caseworker.goto(job)
    caseworker.locator("[name=works]").fill(SECOND)
    caseworker.locator("button[value=save]").click()
    expect(caseworker.locator("#still-read")).to_contain_text(team.placement.employer.name)
    look(caseworker)
    company_reads(FIRST, never=[SECOND])
    caseworker.locator("button[value=ask]").click()
    caseworker.wait_for_url("**/jobs/")
    look(caseworker)
    company_reads(FIRST, never=[SECOND])
    young.goto(f"{site}/")
    young.locator("main a[href$='/answer/']").first.click()
    expect(young.locator("main")).to_contain_text(SECOND)

    # Taken back: nothing is read from the company's next page on.
    young.locator("button[value=take_back]").press("Enter")
    expect(young.locator("button[value=take_back]")).to_have_count(0)
    company_reads(never=[FIRST, SECOND, "Jeg dækker op"])
    young.locator("button[value=yes]").press("Enter")
    expect(young.locator("button[value=yes]")).to_have_count(0)
    company_reads(SECOND, "Jeg dækker op", never=[FIRST])
