"""A fact is recorded, the worker recomputes, and what the result rests on says so."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from evaluation.models import Definition
from evaluation.progress import Rule, Sign
from tests.factories import IndicatorFactory, RatingFactory, RatingRoundFactory, Team, days

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    """The young person sees a step up, and no professional does: a job stands for that."""
    team = Team()
    direction = IndicatorFactory(code="direction")
    for number, ago, step in ((1, 3, 2), (2, 0, 4)):
        in_round = RatingRoundFactory(programme=team.programme, number=number, ago=ago)
        for voice, said in (("youth", step), ("school", 3)):
            RatingFactory(
                youth=team.youth, round=in_round, indicator=direction, voice=voice, step=said
            )
    Definition.objects.create(
        programme=team.programme, partnership=team.partnership, version=1, in_force_from=days(-300),
        stored_rule=Rule((Sign("direction"),), facts=("job",)).as_stored,
    )  # fmt: skip
    return team


def test_a_job_is_recorded_and_counts(team, site, worker, signed_in, look):
    page = signed_in(team.caseworker)
    ratings = site + reverse("evaluation:ratings", args=[team.youth.pk])
    page.goto(ratings)
    page.get_by_role("link", name="Arbejde og uddannelse").click()
    look(page)
    page.locator("summary", has_text="Notér noget").focus()
    page.keyboard.press("Enter")
    page.locator("#id_kind").select_option("job")
    page.locator("#id_began_on").fill(str(days(-5)))
    page.locator("#id_weekly_hours").fill("12,5")
    page.locator("button[value=fact]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#facts-title + ul")).to_contain_text("12,5")

    for _ in range(40):
        page.goto(ratings)
        if page.locator("h3.h4", has_text="Tættere").count():
            break
        page.wait_for_timeout(250)
    expect(page.locator("main")).to_contain_text("Et job")
    look(page)
