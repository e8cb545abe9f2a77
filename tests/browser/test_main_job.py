"""The main job, by the people who do it: from referral to "n of 35"."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from evaluation.models import PartnershipProgress, Rating
from evaluation.progress import BELIEF, DIRECTION
from tests.factories import (
    PASSWORD,
    IndicatorFactory,
    RatingFactory,
    RatingRoundFactory,
    Team,
    UserFactory,
)
from youths.models import Youth

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    """A signed partnership with a round that is open, and one three months ago."""
    made = Team()
    made.earlier = RatingRoundFactory(programme=made.programme, number=1, ago=3)
    RatingRoundFactory(programme=made.programme, number=2)
    for position, code in enumerate((DIRECTION, BELIEF), start=1):
        IndicatorFactory(code=code, position=position)
    return made


def check(page, name, value):
    """Choose a card or step as by keyboard: the input is covered by what it looks like."""
    page.locator(f"input[name='{name}'][value='{value}']").press("Space")


def refer(page, site, team, look):
    """The caseworker refers a young person."""
    page.goto(f"{site}{reverse('partnership', args=[team.partnership.pk])}")
    look(page)
    page.locator("a[href*='/refer/']").first.click()
    look(page)
    page.locator("[name=name]").fill("Ægir Ømand")
    page.locator("[name=birth_date]").fill("2006-03-04")
    page.locator("[name=stu_ends_on]").fill("2027-06-30")
    page.locator("[name=reason]").fill("Vil gerne arbejde i et køkken. 👩‍🍳")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("h1")).to_contain_text("Ægir Ømand")
    look(page)
    return Youth.objects.get(name="Ægir Ømand")


def accept(page, site, look):
    """The school finds the referral on its home page and accepts it."""
    page.goto(site)
    look(page)
    page.get_by_text("Ægir Ømand").first.click()
    check(page, "decision", "accept")
    look(page)
    page.locator("button[name=act][value=answer]").click()
    expect(page.locator("h1")).to_contain_text("Ægir Ømand")
    look(page)


PARTS = {
    "direction": {"label": "Køkken", "text": "Vil gerne lave mad til mange."},
    "competences": {"label": "Følger en opskrift", "text": "Set i værkstedet.", "level": "4"},
    "support": {
        "label": "Nye opgaver",
        "text": "Går i stå, når alle trin kommer på én gang.",
        "works": "Vis det én gang, og giv et kort.",
        "level": "3",
    },
}


def hand_over(page, site, youth, look):
    """The school writes a part in each section that is needed, and sends."""
    for section, texts in PARTS.items():
        page.goto(f"{site}{reverse('handover:write', args=[youth.pk])}?section={section}")
        look(page)
        page.locator("form[action*='/add/'] button[type=submit]").first.click()
        for name, text in texts.items():
            if name == "level":
                check(page, "level", text)
            else:
                page.locator(f"[name={name}]").fill(text)
        # Saved on the server about a second after the last key, without pressing anything.
        expect(page.locator("[data-when=saved]")).to_be_visible(timeout=10_000)
        look(page)
    page.goto(f"{site}{reverse('handover:send', args=[youth.pk])}")
    look(page)
    page.locator("main form button[type=submit]").click()
    expect(page.locator("h1")).to_contain_text("Ægir Ømand")


def answer(page, site, youth, look):
    """The caseworker answers part by part."""
    url = f"{site}{reverse('handover:received', args=[youth.pk])}"
    page.goto(url)
    look(page)
    for _part in PARTS:
        form = page.locator("form[action*='/answer/']").first
        form.locator("input[value=understood]").press("Space")
        form.locator("button[type=submit]").click()
    page.goto(url)
    expect(page.locator("form[action*='/answer/']")).to_have_count(0)
    look(page)


def rate(page, site, youth, look):
    """A professional gives both indicators a step up."""
    page.goto(f"{site}{reverse('evaluation:rate', args=[youth.pk])}")
    look(page)
    for radio in page.locator("input[type=radio][value='4']").all():
        radio.press("Space")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**{reverse('evaluation:ratings', args=[youth.pk])}**")
    look(page)


def rate_own(page, site, youth, look):
    """The young person answers one question a screen."""
    page.goto(f"{site}{reverse('evaluation:own', args=[youth.pk, 1])}")
    for _question in (DIRECTION, BELIEF):
        page.locator("input[type=radio][value='4']").first.press("Space")
        look(page)
        page.locator("main form button[type=submit]").first.click()
    look(page)


def give_sign_in(page, site, youth, look):
    """The caseworker gives the young person a sign-in; the password is chosen by mail."""
    page.goto(f"{site}{reverse('case', args=[youth.pk])}")
    page.locator("a[href*='/account/']").click()
    look(page)
    page.locator("[name=email]").fill("aegir@eksempel.example")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("h1")).to_contain_text("Ægir Ømand")
    youth.refresh_from_db()
    youth.account.set_password(PASSWORD)
    youth.account.save()
    return youth.account


def test_from_referral_to_the_leaders_figure(signed_in, site, team, worker, look):
    caseworker, school = signed_in(team.caseworker), signed_in(team.school)
    lead = signed_in(team.lead)
    youth = refer(caseworker, site, team, look)
    accept(school, site, look)
    hand_over(school, site, youth, look)
    answer(caseworker, site, youth, look)
    young = signed_in(give_sign_in(caseworker, site, youth, look))
    # All three have answered low three months ago.
    for voice in ("youth", "school", "caseworker"):
        for code in (DIRECTION, BELIEF):
            RatingFactory(
                youth=youth,
                round=team.earlier,
                indicator=IndicatorFactory(code=code),
                voice=voice,
                step=2,
                rated_by=UserFactory(),
            )
    PartnershipProgress.recompute(team.partnership.pk)
    dashboard = f"{site}{reverse('evaluation:dashboard', args=[team.programme.pk])}"
    lead.goto(dashboard)
    figure = lead.locator("#figure-closer")
    expect(figure).to_have_text(re.compile(r"^\s*0\b"))
    look(lead)
    rate(school, site, youth, look)
    rate_own(young, site, youth, look)
    # The worker recomputes; the leader's open page follows within five seconds.
    expect(figure).to_have_text(re.compile(r"^\s*1\b"), timeout=10_000)
    rate(caseworker, site, youth, look)
    assert Rating.objects.filter(youth=youth).count() == 12
    figure.click()
    expect(lead.locator("main")).to_contain_text(youth.code)
    expect(lead.locator("main")).not_to_contain_text("Ægir")
    look(lead)
    look(young)
