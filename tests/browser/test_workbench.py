"""The evaluator freezes the data, takes it, and has a report made, by keyboard; a worker makes."""

import pyreadstat
import pytest
from django.urls import reverse

from evaluation.models import Cut, Report
from tests.factories import IndicatorFactory, RatingFactory, RatingRoundFactory, Team

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    team = Team()
    direction = IndicatorFactory(code="direction", position=1)
    for number, ago, step in ((1, 3, 2), (2, 0, 4)):
        current = RatingRoundFactory(programme=team.programme, number=number, ago=ago)
        for voice in ("youth", "school"):
            RatingFactory(
                youth=team.youth, round=current, indicator=direction, voice=voice, step=step
            )
    return team


@pytest.mark.pango
def test_data_are_frozen_taken_and_reported_on(
    team, site, environment, request, signed_in, look, tmp_path
):
    page = signed_in(team.evaluator)
    page.goto(site + reverse("evaluation:workbench", args=[team.programme.pk]))
    look(page)
    page.locator("#id_name").fill("Halvårsrapport")
    page.locator("main form button[type=submit]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cuts/*/")
    page.locator("#making").get_by_text("Venter på sin tur").wait_for()
    look(page)
    request.getfixturevalue("worker")
    page.get_by_role("heading", name="Filerne").wait_for(timeout=60_000)
    page.locator("main summary").click()
    look(page)

    with page.expect_download() as saving:
        page.get_by_role("link", name="ratings.sav").click()
    saving.value.save_as(tmp_path / "ratings.sav")
    _found, meta = pyreadstat.read_sav(tmp_path / "ratings.sav", output_format="dict")
    assert meta.number_rows == 4

    page.get_by_role("button", name="Lav rapporten").click()
    page.wait_for_url("**/reports/*/")
    page.get_by_role("link", name="Gem rapporten som PDF").wait_for(timeout=60_000)
    look(page)
    with page.expect_download() as saving:
        page.get_by_role("link", name="Gem rapporten som PDF").click()
    saving.value.save_as(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes() == Report.objects.get().opened()

    page.goto(site + reverse("evaluation:workbench", args=[team.programme.pk]))
    look(page)
    page.goto(site + reverse("evaluation:quotes", args=[team.programme.pk]))
    look(page)
    page.goto(site + reverse("evaluation:cut", args=[Cut.objects.get().pk]))
    look(page)
