"""The bridging timetable: read, closed as done outside, and moved with the end of STU."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories import HandoverProfileFactory, PartFactory, Team, days
from youths.models import Deadline

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    made = Team()
    profile = HandoverProfileFactory(youth=made.youth)
    for section in ("direction", "competences", "support"):
        PartFactory(section=section, profile=profile, written_by=made.school)
    profile.send(by=made.school)
    Deadline.plan()
    return made


def test_a_timetable_is_read_a_deadline_closed_and_the_end_moved(signed_in, site, team, look):
    there = f"{site}{reverse('youths:timetable', args=[team.youth.pk])}"
    begin = team.youth.deadlines.get(kind="document_start")

    # The school closes one that was met outside; without words it does not.
    page = signed_in(team.school)
    page.goto(there)
    look(page)
    page.locator(f".vv-timeline a[href*='{begin.pk}']").click()
    page.locator("button[value=close]").click()
    expect(page.locator("main")).to_contain_text("Skriv, hvor og hvordan det blev gjort.")
    look(page)
    page.locator("[name=because]").fill("Begyndt på papir i skolens mappe")
    page.locator("button[value=close]").click()
    expect(page.locator("main")).to_contain_text("Begyndt på papir i skolens mappe")
    expect(page.locator("button[value=reopen]")).to_be_visible()
    look(page)
    page.goto(f"{site}{reverse('youths:deadlines')}")
    expect(page.locator("main tbody tr").first).to_be_visible()
    look(page)

    # The municipality sees what would move, and moves it.
    page = signed_in(team.caseworker)
    page.goto(f"{site}{reverse('youths:stu_end', args=[team.youth.pk])}")
    ends = page.locator("[name=stu_ends_on]")
    ends.fill((days(500) + timedelta(days=200)).isoformat())
    page.locator("button[value=look]").click()
    expect(page.locator("#moving li")).to_have_count(1)
    expect(page.locator("#staying li")).to_have_count(1)
    look(page)
    before = team.youth.deadlines.get(kind="conversation").due_on
    page.locator("main button[type=submit]:not([value])").click()
    page.wait_for_url(f"**{reverse('case', args=[team.youth.pk])}")
    assert team.youth.deadlines.get(kind="conversation").due_on > before
    assert team.youth.deadlines.get(kind="document_start").due_on == begin.due_on

    # The young person reads the same in plain words.
    page = signed_in(team.young)
    page.goto(there)
    expect(page.locator(".vv-timeline .is-done")).to_have_count(1)
    look(page)
