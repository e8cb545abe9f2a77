"""Two questions, their replies, the acceptance, the first meeting with its agreements."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories import HandoverProfileFactory, PartFactory, Team, days
from youths.models import Notice

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    """A handover of three parts that was sent."""
    made = Team()
    made.profile = HandoverProfileFactory(youth=made.youth)
    for section in ("direction", "competences", "support"):
        PartFactory(section=section, profile=made.profile, written_by=made.school)
    made.profile.send(by=made.school)
    return made


def answer(page, part, kind, text=""):
    """Answer one part where it is read."""
    page.goto(f"{page.received}?part={part.pk}")
    form = page.locator(f"#part-{part.pk} form[action*='/answer/']")
    form.locator(f"input[value={kind}]").press("Space")
    form.locator("textarea").fill(text)
    form.locator("button[type=submit]").click()
    page.wait_for_load_state()


def test_from_two_questions_to_the_first_meeting(signed_in, site, team, look):
    school, caseworker = signed_in(team.school), signed_in(team.caseworker)
    caseworker.received = f"{site}{reverse('handover:received', args=[team.youth.pk])}"
    first, second, third = team.profile.sent_parts.all()

    # The job centre asks about two parts.
    answer(caseworker, first, "understood")
    for part in (second, third):
        answer(caseworker, part, "question", "Gælder det også om morgenen?")
    caseworker.goto(f"{caseworker.received}#whole")
    expect(caseworker.locator("#whole .vv-status").first).to_contain_text(
        team.partnership.school.name
    )

    # The school sees them on its first page, and replies.
    for _part in (second, third):
        school.goto(f"{site}/")
        school.locator("a.vv-line[href*='#part-']").first.click()
        form = school.locator("form[action*='/reply/']").first
        form.locator("textarea").fill("Ja, mest da.")
        form.locator("button[type=submit]").click()
        school.wait_for_load_state()

    # The job centre is told, reads it, and accepts the whole.
    caseworker.goto(f"{site}/")
    news = caseworker.locator("section[aria-labelledby=h-news] li")
    expect(news).to_have_count(2)
    look(caseworker)
    news.first.locator("a").click()
    expect(caseworker.locator("main")).to_contain_text("Ja, mest da.")
    for part in (second, third):
        answer(caseworker, part, "understood")
    caseworker.goto(f"{site}/")
    caseworker.locator("a.vv-line[href$='#whole']").click()
    look(caseworker)
    # By keyboard alone: to the choice, to the button, and to the button of the next page.
    caseworker.locator("#whole input[value=accepted]").focus()
    caseworker.keyboard.press("Space")
    caseworker.keyboard.press("Tab")
    caseworker.keyboard.press("Tab")
    caseworker.keyboard.press("Enter")
    caseworker.wait_for_url("**/decide/")
    look(caseworker)
    caseworker.locator("main form button[type=submit]").press("Enter")
    caseworker.wait_for_url("**#whole")

    # The first meeting is planned for today, and recorded with two agreements.
    meeting = f"{site}{reverse('handover:meeting', args=[team.youth.pk])}"
    caseworker.goto(meeting)
    caseworker.locator("[name=planned_on]").fill(days(0).isoformat())
    caseworker.locator("button[value=plan]").click()
    caseworker.goto(meeting)
    for name in (team.school.name, team.caseworker.name):
        caseworker.get_by_role("checkbox", name=name).press("Space")
    caseworker.locator("input[name=youth_present][value=yes]").press("Space")
    for n, who, what in ((0, str(team.school.pk), "Sende kortet"), (1, "youth", "Prøve bussen")):
        row = f"[name=form-{n}-"
        caseworker.locator(f"{row}what]").fill(what)
        caseworker.locator(f"{row}who]").select_option(who)
        caseworker.locator(f"{row}due_on]").fill(days(5 + n).isoformat())
    look(caseworker)
    caseworker.locator("button[value=record]").click()
    caseworker.wait_for_url("**#meeting")
    expect(caseworker.locator("#meeting li[id^=agreement]")).to_have_count(2)

    # Everybody's first page says what became of it, and what was promised.
    school.goto(f"{site}/")
    expect(school.locator("section[aria-labelledby=h-news] li")).to_have_count(1)
    expect(school.locator(".vv-lines")).to_contain_text("Sende kortet")
    young = signed_in(team.young)
    expect(young.locator("main")).to_contain_text("Prøve bussen")
    kinds = set(Notice.objects.filter(recipient=team.school).values_list("kind", flat=True))
    assert kinds == {"question", "accepted"}

    # A wrong word is corrected, and what stood there can be read.
    caseworker.locator("#meeting a[href$='/correct/']").click()
    caseworker.locator("[name=form-0-what]").fill("Sende to kort")
    look(caseworker)
    caseworker.locator("button[value=record]").click()
    caseworker.wait_for_url("**#meeting")
    expect(caseworker.locator("#meeting li[id^=agreement]").first).to_contain_text("Sende to kort")
    before = caseworker.locator("#meeting > details")
    before.locator("summary").press("Enter")
    expect(before).to_contain_text("Sende kortet")
    look(caseworker)
