"""A placement from its job profile to the company's yes, and its hours up the ladder and down."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from partnerships.models import PlacementLimit
from tests.factories import Team, approved_job, days, goal_of
from youths.ladder import monday_of
from youths.models import HoursStep, Placement, WorkedWeek

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    made = Team()
    goal_of(made.youth, words="Stå for salatbaren")
    PlacementLimit.objects.create(programme=made.programme, kind="practice", max_weeks=13)
    return made


def test_a_placement_from_the_job_profile_to_the_companys_yes(signed_in, site, team, look):
    caseworker, company = signed_in(team.caseworker), signed_in(team.employer)
    employer = team.placement.employer
    team.placement.end(by=team.caseworker)

    # Thirteen weeks at most: one day too many is said at the field, and nothing is lost.
    caseworker.goto(f"{site}{reverse('youths:add_placement', args=[team.youth.pk])}")
    caseworker.locator("[name=employer]").select_option(str(employer.pk))
    caseworker.locator("[name=kind]").select_option("practice")
    caseworker.locator("[name=starts_on]").fill(str(days(0)))
    caseworker.locator("[name=ends_on]").fill(str(days(91)))
    caseworker.locator("[name=weekly_hours]").fill("8")
    caseworker.locator("[name=weekdays]").nth(1).check()
    caseworker.locator("[name=tasks]").fill("Lave dressing")
    caseworker.locator("[name=support_person]").fill("Bente, leder køkkenet")
    caseworker.locator("[name=contact]").select_option(str(team.caseworker.pk))
    caseworker.get_by_role("checkbox", name="Stå for salatbaren").press("Space")
    caseworker.locator("main button[type=submit]").click()
    expect(caseworker.locator("#id_ends_on_error, #error_1_id_ends_on").first).to_contain_text("13")
    expect(caseworker.locator("[name=tasks]")).to_have_value("Lave dressing")
    look(caseworker)
    caseworker.locator("[name=ends_on]").fill(str(days(90)))
    caseworker.locator("main button[type=submit]").click()
    caseworker.wait_for_url(f"**/youths/{team.youth.pk}/")
    placement = Placement.objects.get(ended_on=None)
    approved_job(team.youth, by=team.caseworker, approved="Vis det én gang", placement=placement)

    # The company reads what it needs, and says yes by keyboard; its own slice and no more.
    company.goto(f"{site}{reverse('youths:placements')}")
    look(company)
    company.locator(f"a[href*='{placement.pk}']").click()
    main = company.locator("main")
    for text in ("Vis det én gang", "Lave dressing", "Stå for salatbaren", "Bente"):
        expect(main).to_contain_text(text)
    expect(main.locator("a[href$='/change/'], a[href$='/end/']")).to_have_count(0)
    look(company)
    main.locator("a[href$='/agreement/']").click()
    expect(main).to_contain_text("Stå for salatbaren")
    look(company)
    main.locator("form button[type=submit]").focus()
    company.keyboard.press("Enter")
    expect(main.locator("form")).to_have_count(0)

    # The young person and the job centre say yes to the same text.
    for user in (team.young, team.caseworker):
        page = signed_in(user)
        page.locator(f"a[href$='{placement.pk}/agreement/']").first.click()
        look(page)
        page.locator("main form button[type=submit]").click()
        expect(page.locator("main form")).to_have_count(0)
    assert placement.agreement.waits_for == []

    # Prolonged: not beyond the limit, and a changed text asks anew.
    caseworker.goto(f"{site}{reverse('youths:pause_placement', args=[placement.pk])}")
    look(caseworker)
    caseworker.goto(f"{site}{reverse('youths:end_placement', args=[placement.pk])}")
    look(caseworker)
    caseworker.goto(f"{site}{reverse('youths:prolong_placement', args=[placement.pk])}")
    caseworker.locator("[name=ends_on]").fill(str(days(91)))
    caseworker.get_by_role("radio").first.press("Space")
    caseworker.locator("main button[type=submit]").click()
    expect(caseworker.locator(".form-error")).to_contain_text("13")
    look(caseworker)
    caseworker.goto(f"{site}{reverse('youths:change_placement', args=[placement.pk])}")
    look(caseworker)
    caseworker.locator("[name=tasks]").fill("Lave dressing\nDække op")
    caseworker.locator("main button[type=submit]").click()
    caseworker.wait_for_url(f"**/{placement.pk}/")
    company.goto(f"{site}{reverse('youths:agreement', args=[placement.pk])}")
    expect(main.locator("form")).to_have_count(1)
    expect(main).to_contain_text("Dække op")


def test_the_hours_go_up_the_ladder_and_down_again(signed_in, site, team, look):
    placement = team.placement
    Placement.objects.update(starts_on=monday_of(days(-35)), weekly_hours=8)
    this = monday_of(days(0))
    HoursStep.plan(by=team.caseworker, placement=placement, steps=[(Decimal(10), 2)])
    for ago, worked in ((4, 5), (3, 8)):
        WorkedWeek.record(
            by=team.school, placement=placement, monday=this - timedelta(weeks=ago),
            actual_hours=Decimal(worked),
        )  # fmt: skip
    there = f"{site}{reverse('placement', args=[placement.pk])}"

    # Two clicks at the company: the week as it was planned, saved.
    company = signed_in(team.employer)
    company.set_viewport_size({"width": 390, "height": 844})
    company.goto(there)
    company.locator("#hours a[href$='/weeks/']").click()
    expect(company.locator("[name=actual_hours]")).to_have_value("8.0")
    look(company)
    company.locator("main form button[type=submit]").click()
    company.wait_for_url("**/#hours")
    assert WorkedWeek.objects.count() == 3

    # Two steady weeks: the step is suggested, and taken by somebody.
    caseworker = signed_in(team.caseworker)
    expect(caseworker.locator(f"main a[href$='{placement.pk}/#hours']").first).to_be_visible()
    caseworker.goto(there)
    look(caseworker)
    caseworker.locator("button[value=up]").click()
    caseworker.wait_for_url("**/#hours")
    assert Placement.objects.get().weekly_hours == 10

    # Down again looks as up: a button, and no other colour.
    expect(caseworker.locator("button[value=down]")).to_be_visible()
    caseworker.locator("button[value=down]").press("Enter")
    caseworker.wait_for_url("**/#hours")
    assert Placement.objects.get().weekly_hours == 8
    look(caseworker)
    expect(caseworker.locator("#hours .vv-status--late, #hours .vv-status--failed")).to_have_count(
        0
    )

    # The plan on a page of its own.
    caseworker.locator("#hours a[href$='/hours/']").click()
    look(caseworker)
    caseworker.locator("[name=hours_2]").fill("12")
    caseworker.locator("main form button[type=submit]").click()
    expect(caseworker.locator(".form-error")).to_have_count(1)
    caseworker.locator("[name=weeks_2]").fill("3")
    caseworker.locator("main form button[type=submit]").click()
    caseworker.wait_for_url(f"**/{placement.pk}/")
    assert placement.steps.count() == 2
