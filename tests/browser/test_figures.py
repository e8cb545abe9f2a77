"""The leader walks from every figure to its rows, and the counts agree on page, list and file."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from evaluation.tasks import take_snapshots
from tests.factories import (
    IndicatorFactory,
    PartnershipFactory,
    RatingFactory,
    RatingRoundFactory,
    Team,
    YouthFactory,
    days,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    """Twelve youths in two partnerships: of every result, some waited for, one who has stopped."""
    team = Team()
    direction = IndicatorFactory(code="direction", position=1)
    rounds = [
        RatingRoundFactory(programme=team.programme, number=number, ago=ago)
        for number, ago in ((1, 3), (2, 0))
    ]
    other = PartnershipFactory(programme=team.programme, signed=True)
    PartnershipFactory(programme=team.programme)

    def rated(youth, *steps, voices=("youth", "school")):
        for in_round, step in zip(rounds, steps, strict=False):
            for voice in voices:
                RatingFactory(
                    youth=youth, round=in_round, indicator=direction, voice=voice, step=step
                )

    for steps in ((2, 4), (2, 3), (3, 3), (4, 2), (3,)):
        rated(YouthFactory(partnership=other), *steps)
    rated(YouthFactory(partnership=other), 2, 4, voices=("youth", "school", "caseworker"))
    rated(team.youth, 1, 5)
    for _ in range(3):
        YouthFactory(partnership=team.partnership)
    YouthFactory(partnership=team.partnership, left_on=days(-2), left_because="moved")
    take_snapshots()
    return team


def count_in(text: str) -> int:
    """The first number of a line; the words say one where it is one."""
    numbers = [word for word in text.replace("\n", " ").split() if word.isdigit()]
    return int(numbers[0]) if numbers else 1


def test_every_figure_leads_to_its_rows(team, site, signed_in, look):
    page = signed_in(team.lead)
    page.goto(site + reverse("evaluation:dashboard", args=[team.programme.pk]))
    page.locator("#attention .vv-attention").wait_for()
    look(page)

    figures = page.evaluate(
        """() => [...document.querySelectorAll(
              '.vv-key a, #figure-closer, #figure-awaited, .vv-split a, .vv-attention a')]
            .filter(a => /youths|attention/.test(a.href))
            .map(a => [a.href, (a.closest('.vv-split > li') || a).innerText])"""
    )
    assert len(figures) > 15
    for url, text in figures:
        page.goto(url)
        said = (
            count_in(page.locator("h1").inner_text().partition(":")[0])
            if "/youths/" in url
            else page.locator("main tbody tr").count()
        )
        assert said == count_in(text.rpartition("\n")[2] or text), (url, text)
        rows = page.locator("main tbody tr").count()
        empty = page.locator("main tbody td[colspan]").count()
        assert rows - empty == said, url
        if "/youths/" in url and said:
            file = page.request.get(f"{url}{'&' if '?' in url else '?'}format=csv")
            lines = list(csv.reader(StringIO(file.body().decode("utf-8-sig")), delimiter=";"))
            assert len(lines) - 1 == said, url
    look(page)


def test_whoever_works_in_it_walks_by_keyboard_from_the_bullet_to_a_name(
    team, site, signed_in, look
):
    page = signed_in(team.school)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site + reverse("evaluation:progress", args=[team.partnership.pk]))
    look(page)
    begun = timezone.now()
    link = page.locator(".vv-key a").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**result=certain**")
    name = page.locator("#counted tbody a").first
    name.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/evaluation/youths/**")
    assert timezone.now() - begun < timedelta(minutes=1)
    assert team.youth.first_name in page.locator("main").inner_text()
