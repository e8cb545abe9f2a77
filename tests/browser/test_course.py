"""The course: a point for the agenda on a phone, the next meeting recorded, an effort begun."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from handover.models import Meeting
from tests.factories import Team, days
from tests.handover.test_meetings import held
from youths.models import Effort

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    return Team()


def test_from_the_young_persons_point_to_the_next_meeting(signed_in, site, team, look):
    held(team, next_on=days(0))
    meetings = f"{site}{reverse('handover:meetings', args=[team.youth.pk])}"

    # By keyboard alone, on a phone.
    young = signed_in(team.young)
    young.set_viewport_size({"width": 390, "height": 844})
    young.goto(f"{site}/")
    young.locator("a[href$='#agenda']").first.press("Enter")
    young.wait_for_url("**/meetings/#agenda")
    young.locator("[name=words]").press("Enter")  # nothing written yet
    expect(young.locator("[name=words]")).to_have_attribute("aria-invalid", "true")
    look(young)
    young.set_viewport_size({"width": 390, "height": 844})
    young.locator("[name=words]").fill("Bussen om vinteren")
    young.locator("[name=words]").press("Enter")
    expect(young.locator("#agenda li")).to_contain_text("Bussen om vinteren")

    page = signed_in(team.caseworker)
    page.goto(meetings)
    look(page)
    page.locator("#agenda .vv-panel__head a").click()
    expect(page.get_by_text("Bussen om vinteren")).to_be_visible()
    look(page)
    page.locator("[name=people]").first.press("Space")
    page.locator("[name=youth_present]").first.press("Space")
    page.locator("[name=minutes]").fill("Vi finder en lygte.")
    page.locator("[name=next_on]").fill(days(30).isoformat())
    page.locator("[name=form-0-what]").fill("Købe en lygte")
    page.locator("[name=form-0-who]").select_option("youth")
    page.locator("[name=form-0-due_on]").fill(days(7).isoformat())
    page.locator("button[value=record]").click()
    page.wait_for_url("**/meetings/#meeting-*")
    look(page)
    assert Meeting.objects.ahead().planned_on == days(30)
    young.goto(meetings)
    expect(young.get_by_text("Vi finder en lygte.")).to_be_visible()
    young.locator("form[action*='/agreements/'] button").click()
    expect(young.locator(".vv-status--done")).to_be_visible()


def test_the_school_recommends_an_effort_and_the_caseworker_begins_it(signed_in, site, team, look):
    course = f"{site}{reverse('youths:course', args=[team.youth.pk])}"
    school = signed_in(team.school)
    school.goto(course)
    look(school)
    school.locator("#efforts .vv-panel__head a").click()
    school.locator("[name=words]").fill("Mentor på arbejdet")
    school.locator("main button[type=submit]").click()  # a lane is missing
    expect(school.locator("[name=words]")).to_have_value("Mentor på arbejdet")
    look(school)
    school.get_by_role("radio").first.press("Space")
    school.locator("main button[type=submit]").click()
    school.wait_for_url("**/course/#efforts")

    page = signed_in(team.caseworker)
    page.goto(course)
    page.locator("#efforts li a.button").click()
    look(page)
    page.locator("button[value=start]").click()
    page.wait_for_url("**/course/#efforts")
    assert Effort.objects.get().is_under_way
    expect(page.locator(".vv-lane--effort").first).to_be_visible()
    look(page)
