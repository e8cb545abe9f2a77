"""A second version, in a browser: what is new since one last read, and what changed in words."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories import Team
from tests.handover.test_profiles import sent
from tests.handover.test_versions import rewrite

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


def test_from_the_news_to_the_words(transactional_db, signed_in, site, look):
    team = Team()
    profile = sent(team)
    caseworker, school = signed_in(team.caseworker), signed_in(team.school)
    received = f"{site}{reverse('handover:received', args=[team.youth.pk])}"
    caseworker.goto(received)
    expect(caseworker.locator("#news")).to_have_count(0)

    part = rewrite(profile, works="Vis det to gange.")
    school.goto(f"{site}{reverse('handover:send', args=[team.youth.pk])}")
    part.refresh_from_db()
    part.write(by=team.school, revision=part.revision, works="Vis det tre gange.")
    school.locator("main form button[type=submit]").click()
    expect(school.locator("[role=alert]")).to_be_visible()  # not what was read
    look(school)
    school.locator("main form button[type=submit]").click()
    expect(school).to_have_url(f"{site}{reverse('case', args=[team.youth.pk])}")

    caseworker.goto(received)
    expect(caseworker.locator("#news")).to_contain_text(part.label)
    expect(caseworker.locator(".vv-new")).to_have_count(1)
    look(caseworker)
    caseworker.locator("#news a[href*='/changes/']").click()
    expect(caseworker.locator(".vv-diff del")).to_contain_text("én gang")
    expect(caseworker.locator(".vv-diff ins")).to_contain_text("tre gange")
    look(caseworker)
    caseworker.goto(f"{site}{reverse('handover:versions', args=[team.youth.pk])}")
    look(caseworker)
    caseworker.locator("a[href$='/versions/1/']").click()
    expect(caseworker.locator("main")).to_contain_text("Vis det én gang.")
    look(caseworker)
