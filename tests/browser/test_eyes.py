"""Through their eyes, in a browser: one click from the case, at both widths, by keyboard."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.vivirkr.test_eyes import Case

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


def test_each_party_in_one_click(transactional_db, signed_in, site, look):
    case = Case()
    case.send()
    case.say_yes()
    page = signed_in(case.school)
    for name, route, thing in (
        ("case", "case", case.youth),
        ("handover", "handover:received", case.youth),
        ("placement", "placement", case.placement),
    ):
        page.goto(f"{site}{reverse(route, args=[thing.pk])}")
        page.locator(".vv-eyes summary").click()
        look(page)
        page.locator(f".vv-eyes a[href*='/eyes/young/?page={name}']").click()
        expect(page.locator(".vv-seen")).to_contain_text(case.youth.code)
        for whose in ("young", "school", "caseworker", "employer", "lead"):
            page.locator(f".vv-switch a[href*='/eyes/{whose}/']").click()
            expect(page.locator(f".vv-switch a[href*='/eyes/{whose}/']")).to_have_attribute(
                "aria-current", "true"
            )
            expect(page.locator(".vv-frame")).to_be_visible()
            look(page)
        page.locator(".vv-seen .vv-acts > a").click()
        expect(page).to_have_url(f"{site}{reverse(route, args=[thing.pk])}")
