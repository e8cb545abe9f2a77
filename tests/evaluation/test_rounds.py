"""Rounds that open by themselves, and who is reminded of them."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail

from evaluation.models import Rating, RatingRound
from evaluation.models.rounds import months_after
from evaluation.tasks import open_rounds, remind_raters
from tests.factories import IndicatorFactory, ProgrammeFactory, RatingRoundFactory, Team, days
from youths.models import Delivery, Notice

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 2)


@pytest.fixture
def team():
    """A team of a programme that runs through 2026, on a Monday without holidays near."""
    with time_machine.travel(MONDAY, tick=False):
        team = Team()
        team.programme.starts_on, team.programme.ends_on = date(2026, 1, 1), date(2026, 12, 31)
        team.programme.round_interval_months, team.programme.round_open_days = 3, 28
        team.programme.round_reminder_days = 5
        team.programme.save()
        yield team


def numbers(programme) -> list:
    return list(programme.rounds.values_list("number", "opens_on", "closes_on"))


# -- Opening -----------------------------------------------------------------------------------


def test_the_first_opens_when_somebody_has_a_place(team):
    open_rounds()
    open_rounds()  # twice is once

    assert numbers(team.programme) == [(1, MONDAY, MONDAY + timedelta(days=27))]


def test_a_programme_without_youths_waits():
    programme = ProgrammeFactory(starts_on=days(-9), ends_on=days(99))
    open_rounds()
    assert not programme.rounds.exists()


@pytest.mark.parametrize(
    ("today", "opened"),
    [(date(2026, 6, 1), False), (date(2026, 6, 2), True), (date(2026, 6, 20), True)],
)
def test_the_next_opens_three_months_after_the_last_or_as_soon_as_a_worker_runs(
    team, today, opened
):
    open_rounds()
    with time_machine.travel(today, tick=False):
        open_rounds()
    assert len(numbers(team.programme)) == 1 + opened


def test_a_round_ends_with_the_programme_and_none_opens_after_it(team):
    team.programme.ends_on = MONDAY + timedelta(days=10)
    team.programme.save()
    open_rounds()
    assert numbers(team.programme) == [(1, MONDAY, team.programme.ends_on)]
    with time_machine.travel(date(2026, 9, 1), tick=False):
        open_rounds()
    assert RatingRound.objects.filter(programme=team.programme).count() == 1


def test_a_round_that_an_administrator_keeps_open_is_not_doubled(team):
    RatingRoundFactory(
        programme=team.programme, number=4, opens_on=date(2025, 11, 1), closes_on=date(2026, 4, 1)
    )
    open_rounds()
    assert len(numbers(team.programme)) == 1


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 10, 31), 3, date(2027, 1, 31)),
        (date(2026, 1, 15), 12, date(2027, 1, 15)),
    ],
)
def test_so_many_months_later(day, months, expected):
    assert months_after(day, months) == expected


# -- Reminding ---------------------------------------------------------------------------------


def reminded() -> set:
    return set(Notice.objects.filter(kind="rate").values_list("recipient", flat=True))


@pytest.fixture
def closing(team):
    """A round that closes on the Monday after: five working days are left."""
    return RatingRoundFactory(
        programme=team.programme,
        number=1,
        opens_on=MONDAY - timedelta(days=20),
        closes_on=MONDAY + timedelta(days=7),
    )


def test_whoever_has_not_rated_is_reminded_before_it_closes(team, closing):
    remind_raters()
    assert reminded() == {team.school.pk, team.caseworker.pk, team.young.pk}


def test_with_more_working_days_left_nobody_is(team, closing):
    closing.closes_on += timedelta(days=1)
    closing.save()
    remind_raters()
    assert reminded() == set()


def test_holidays_are_no_working_days(team, closing):
    """From Monday before Easter to Wednesday after it are five."""
    closing.opens_on, closing.closes_on = date(2026, 3, 20), date(2026, 4, 8)
    closing.save()
    with time_machine.travel(date(2026, 3, 29), tick=False):
        remind_raters()
    assert reminded() != set()


def test_whoever_has_rated_is_not(team, closing):
    indicator = IndicatorFactory(code="direction")
    for voice, by in (("school", team.school), ("youth", team.young)):
        Rating.give(by=by, youth=team.youth, voice=voice, answers={indicator: (3, "")})
    remind_raters()
    assert reminded() == {team.caseworker.pk}


def test_never_more_than_one_a_week(team, closing):
    for day in range(7):
        with time_machine.travel(MONDAY + timedelta(days=day), tick=False):
            remind_raters()
    assert Notice.objects.filter(kind="rate", recipient=team.school).count() == 1
    with time_machine.travel(MONDAY + timedelta(days=7), tick=False):
        remind_raters()
    assert Notice.objects.filter(kind="rate", recipient=team.school).count() == 2


def test_who_has_left_is_not_waited_for(team, closing):
    team.youth.left_on, team.youth.left_because = MONDAY, "moved"
    team.youth.save()
    remind_raters()
    assert reminded() == set()


def test_the_mail_names_nobody(team, closing):
    remind_raters()
    Delivery.send_all()
    assert len(mail.outbox) == 3
    for sent in mail.outbox:
        assert team.youth.first_name not in f"{sent.subject} {sent.body}"
        assert "/" in sent.body
