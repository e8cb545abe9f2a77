"""A list is referred by a real worker that is killed in the middle, and by the next."""

import pytest
from celery import current_app
from django.db import transaction

from tests.broker import PATIENCE, kill_all, running_worker, until
from tests.evaluation.test_jobs import somebody_waits
from tests.factories import Team
from tests.youths.test_imports import check, people, row
from youths.models import CprNumber, Import, ImportRow, Youth

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]


def finished(made):
    return Import.objects.get(pk=made.pk).state == "done"


@pytest.fixture
def made(db):
    team = Team()
    return check(team, *[row(n, f"N{n}", cpr=f"110306-400{n}") for n in range(2, 7)])


def test_a_worker_killed_in_the_middle_of_a_row_refers_nobody_twice(made, broker):
    made.start(by=made.made_by)
    with transaction.atomic(), running_worker(broker) as worker:
        # Whoever refers the third stands still when the row itself is written.
        ImportRow.objects.select_for_update().get(of=made, number=4)
        until(PATIENCE, somebody_waits)
        kill_all(worker)
    made.refresh_from_db()
    assert (made.state, made.done_rows) == ("running", 2)
    assert not Youth.objects.filter(name="N4").exists()

    broker.stop()  # with the message in it
    broker.start()
    with running_worker(broker):
        for task in ("sweep_imports", "sweep_imports"):
            current_app.send_task(f"youths.tasks.{task}", retry=False)
        until(PATIENCE, lambda: finished(made))
    assert sorted(youth.name for youth in people(made)) == [f"N{n}" for n in range(2, 7)]
    assert Youth.objects.filter(name__startswith="N").count() == 5
    assert CprNumber.objects.filter(youth__in=people(made)).count() == 5


def test_the_message_is_enough(made, broker):
    with running_worker(broker):
        made.start(by=made.made_by)
        until(PATIENCE, lambda: finished(made))
    assert made.counts()["in"] == 5


def test_a_broker_that_is_gone_costs_time_and_nobody(made, broker):
    broker.stop()
    made.start(by=made.made_by)
    broker.start()
    with running_worker(broker):
        current_app.send_task("youths.tasks.sweep_imports", retry=False)
        until(PATIENCE, lambda: finished(made))
    assert made.counts()["in"] == 5
