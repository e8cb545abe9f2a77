"""The jobs end to end: real workers, a Redis that goes away, processes that are killed.

The work list is a query and the message only a nudge, so nothing here may lose a figure.
"""

import os
import signal
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection, transaction
from django.urls import reverse

from evaluation.models import (
    PartnershipProgress,
    Rating,
    Reconciliation,
    Snapshot,
    YouthProgress,
    count,
    figures,
    judged_anew,
)
from evaluation.tasks import sweep
from tests.broker import PATIENCE, kill_all, running_worker, until
from tests.factories import (
    IndicatorFactory,
    PartnershipFactory,
    RatingFactory,
    RatingRoundFactory,
    YouthFactory,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]


@pytest.fixture
def two_rounds(team):
    """An earlier round in which youth and school said 2, and the open one."""
    direction = IndicatorFactory(code="direction", position=1)
    IndicatorFactory(code="belief", position=2)
    earlier = RatingRoundFactory(programme=team.programme, number=1, ago=3)
    current = RatingRoundFactory(programme=team.programme, number=2)
    for voice in ("youth", "school"):
        RatingFactory(youth=team.youth, round=earlier, indicator=direction, voice=voice, step=2)
    RatingFactory(youth=team.youth, round=current, indicator=direction, voice="youth", step=4)
    sweep()
    return current


def rate(team, sign_in, current, step=4):
    """The school saves its ratings on the page; the youth is closer when the step is 4."""
    answer = sign_in(team.school).post(
        reverse("evaluation:rate", args=[team.youth.pk]),
        {
            "begun_in": current.pk,
            "seen_at": "",
            "step_direction": step,
            "step_belief": "none",
            "why_belief": "not_seen",
        },
    )
    assert answer.status_code == 302


def closer(team):
    return PartnershipProgress.objects.get(partnership=team.partnership).closer


def stale(team):
    return PartnershipProgress.objects.get(partnership=team.partnership).stale_since is not None


@contextmanager
def figures_held(team):
    """Hold the row of the figures, so that a worker stands still in the middle of its task."""
    with transaction.atomic():
        PartnershipProgress.objects.select_for_update(of=("self",)).get(
            partnership=team.partnership
        )
        yield


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else it is as old as the transaction
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0


# -- With a worker -----------------------------------------------------------------------------


def test_a_saved_rating_changes_the_figure_on_the_dashboard_within_five_seconds(
    team, two_rounds, sign_in, broker
):
    lead = sign_in(team.lead)
    address = reverse("evaluation:dashboard", args=[team.programme.pk])
    with running_worker(broker):
        assert lead.get(address).context["standing"].closer == 0
        rate(team, sign_in, two_rounds)
        until(5, lambda: lead.get(address).context["standing"].closer == 1)


def test_the_sweep_of_a_worker_finds_a_youth_whom_no_message_told_of(team, two_rounds, broker):
    YouthFactory(partnership=team.partnership)
    with running_worker(broker):
        current_app.send_task("evaluation.tasks.sweep", retry=False)
        until(
            PATIENCE,
            lambda: PartnershipProgress.objects.get(partnership=team.partnership).referred == 2,
        )


def test_the_nightly_jobs_run_in_a_worker(team, two_rounds, broker):
    PartnershipProgress.objects.update(closer=1, unchanged=0, too_early=0)  # planted
    with running_worker(broker):
        current_app.send_task("evaluation.tasks.reconcile", retry=False)
        until(PATIENCE, Reconciliation.objects.exists)
        assert Reconciliation.objects.get().differing == [str(team.partnership.pk)]
        current_app.send_task("evaluation.tasks.take_snapshots", retry=False)
        until(PATIENCE, Snapshot.objects.exists)
    assert closer(team) == Snapshot.objects.get().closer == 0


# -- Redis goes away ---------------------------------------------------------------------------


def test_without_redis_saving_is_as_quick_and_the_sweep_catches_up(
    team, two_rounds, sign_in, broker
):
    def seconds_to_save(step):
        start = time.monotonic()
        rate(team, sign_in, two_rounds, step)
        return time.monotonic() - start

    with_redis = max(seconds_to_save(step) for step in (1, 2, 1))
    broker.stop()
    without = max(seconds_to_save(step) for step in (2, 3, 4))
    assert without < with_redis + 1
    assert (
        Rating.objects.get(voice="school", round=two_rounds, indicator__code="direction").step == 4
    )
    assert stale(team)
    assert closer(team) == 0

    broker.start()
    with running_worker(broker):
        current_app.send_task("evaluation.tasks.sweep", retry=False)
        until(PATIENCE, lambda: closer(team) == 1)


def test_a_message_lost_with_redis_is_no_figure_lost(team, two_rounds, sign_in, broker):
    rate(team, sign_in, two_rounds)
    broker.stop()  # with the nudge in it
    broker.start()

    with running_worker(broker):
        current_app.send_task("evaluation.tasks.sweep", retry=False)
        until(PATIENCE, lambda: closer(team) == 1)


def test_a_worker_outlives_redis(team, two_rounds, sign_in, broker):
    with running_worker(broker) as worker:
        broker.stop()
        rate(team, sign_in, two_rounds, 3)
        broker.start()

        def nudged():
            rate(team, sign_in, two_rounds, 4)
            time.sleep(0.5)
            return closer(team) == 1

        until(15, nudged)
        assert worker.poll() is None


# -- Processes die -----------------------------------------------------------------------------


def test_a_worker_killed_in_mid_task_loses_nothing(team, two_rounds, sign_in, broker):
    rate(team, sign_in, two_rounds)
    with figures_held(team), running_worker(broker) as worker:
        until(PATIENCE, somebody_waits)
        kill_all(worker)
    assert stale(team)
    assert closer(team) == 0

    with running_worker(broker):
        current_app.send_task("evaluation.tasks.sweep", retry=False)
        until(PATIENCE, lambda: closer(team) == 1 and not stale(team))


def test_a_child_killed_in_mid_task_has_its_task_done_by_the_next(
    team, two_rounds, sign_in, broker
):
    rate(team, sign_in, two_rounds)
    with ExitStack() as holding:
        holding.enter_context(figures_held(team))
        with running_worker(broker, pool="prefork") as worker:
            until(PATIENCE, somebody_waits)
            children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
            os.kill(int(children[-1]), signal.SIGKILL)
            until(PATIENCE, lambda: not Path(f"/proc/{children[-1]}").exists())
            holding.close()
            until(PATIENCE, lambda: closer(team) == 1 and not stale(team))


# -- Twice, and at once ------------------------------------------------------------------------


def test_a_task_that_runs_twice_changes_nothing(team, two_rounds, sign_in, broker):
    rate(team, sign_in, two_rounds)
    with running_worker(broker):
        until(PATIENCE, lambda: closer(team) == 1)
        before = PartnershipProgress.objects.values().get(), list(YouthProgress.objects.values())
        for _ in range(2):
            current_app.send_task(
                "evaluation.tasks.recompute", args=[str(team.partnership.pk)], retry=False
            )
        current_app.send_task("evaluation.tasks.reconcile", retry=False)  # the last in the line
        until(PATIENCE, Reconciliation.objects.exists)
    after = PartnershipProgress.objects.values().get(), list(YouthProgress.objects.values())
    assert after == before


def test_eight_recompute_while_ratings_arrive_and_the_last_state_stays_without_a_deadlock(
    team, two_rounds, broker, at_once
):
    """Eight recompute one partnership over and over while four answer, two of them in one voice."""
    direction = two_rounds.ratings.first().indicator
    belief = IndicatorFactory(code="belief")
    colleague = YouthFactory(partnership=team.partnership)

    def compute():
        for _ in range(8):
            PartnershipProgress.recompute(team.partnership.pk)

    def answer(youth, voice, *indicators):
        for step in (1, 2, 3, 4, 5, 4):
            answers = dict.fromkeys(indicators, (step, ""))
            Rating.give(by=team.school, youth=youth, voice=voice, answers=answers)

    results = at_once(
        *[compute] * 8,
        partial(answer, team.youth, "school", direction, belief),
        partial(answer, team.youth, "school", belief, direction),
        partial(answer, team.youth, "caseworker", belief, direction),
        partial(answer, colleague, "school", direction, belief),
    )

    assert results == [None] * 12
    sweep()
    stored = PartnershipProgress.objects.get()
    fresh = judged_anew(team.partnership, in_round=stored.open_round)
    assert stored.counts() == count(fresh.by_youth.values())
    assert closer(team) == 1
    assert not stale(team)
    assert Reconciliation.run().differing == []


def test_sweeps_at_once_share_the_work_list(team, two_rounds, broker, at_once, monkeypatch):
    """Each partnership is computed once, whichever of four gets it."""
    others = [PartnershipFactory(programme=team.programme, signed=True) for _ in range(9)]
    PartnershipProgress.mark_stale(team.partnership.pk)
    computed = []
    judge = figures.judged_by_the_database

    def noted(partnership):
        computed.append(partnership.pk)
        time.sleep(0.02)
        return judge(partnership)

    monkeypatch.setattr(figures, "judged_by_the_database", noted)

    assert at_once(*[sweep] * 4) == [None] * 4

    assert sorted(computed) == sorted([team.partnership.pk, *(one.pk for one in others)])
    assert not PartnershipProgress.work_list().exists()


def test_a_sweep_leaves_out_what_another_is_at(team, two_rounds, broker, at_once):
    PartnershipProgress.mark_stale(team.partnership.pk)

    with figures_held(team):
        assert at_once(sweep) == [None]  # it does not wait

    assert stale(team)
