"""Cuts and reports end to end: a real worker, one that is killed, and two at once."""

import pytest
from django.db import connection, connections, transaction

from evaluation.models import Cut, PseudonymKey, Report, half_years
from evaluation.models.making import one_moment
from evaluation.tasks import make_cut, sweep_cuts
from tests.broker import PATIENCE, kill_all, running_worker, until
from tests.factories import IndicatorFactory
from youths.models import AccessEvent

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "read_log"]),
    pytest.mark.alone,
]


@pytest.fixture(autouse=True)
def indicators(transactional_db):
    return [IndicatorFactory(code=code) for code in ("direction", "belief")]


def freeze(team, name="Forår"):
    return Cut.freeze(by=team.evaluator, programme=team.programme, name=name)


@pytest.mark.pango
def test_a_worker_freezes_and_reports_as_soon_as_it_is_asked(team, broker):
    with running_worker(broker):
        cut = freeze(team)
        until(PATIENCE, Cut.objects.filter(state="done").exists)
        cut.refresh_from_db()
        starts_on, _ends_on = half_years(cut)[0]
        Report.ask(by=team.lead, cut=cut, starts_on=starts_on, language="da")
        until(PATIENCE, Report.objects.filter(state="done").exists)
    assert Report.objects.get().opened().startswith(b"%PDF")


def test_what_a_killed_worker_left_is_taken_up_again(team, broker):
    cut = freeze(team)

    def state():
        return Cut.objects.values_list("state", flat=True).get()

    with transaction.atomic():
        with connection.cursor() as cursor:  # the worker stands still in the middle of its task
            cursor.execute("LOCK TABLE evaluation_pseudonymkey IN ACCESS EXCLUSIVE MODE")
        with running_worker(broker) as worker:
            until(PATIENCE, lambda: state() == "running")
            sweep_cuts()  # somebody is at it
            kill_all(worker)
    until(PATIENCE, lambda: (sweep_cuts(), state())[1] == "done")
    cut.refresh_from_db()
    assert cut.attempts == 2


def test_a_cut_is_asked_for_while_the_broker_is_away(team, broker):
    broker.stop()
    cut = freeze(team)
    sweep_cuts()
    cut.refresh_from_db()
    assert cut.is_done


def test_who_makes_it_keeps_others_away(team):
    cut = freeze(team)
    number = cut.pk.int & (2**63 - 1)
    with connections["read_log"].cursor() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [number])
        make_cut(str(cut.pk))
        cut.refresh_from_db()
        assert (cut.state, cut.attempts) == ("waiting", 0)
        other.execute("SELECT pg_advisory_unlock(%s)", [number])
    make_cut(str(cut.pk))
    cut.refresh_from_db()
    assert cut.is_done


def test_everything_in_a_cut_is_of_one_moment(team):
    with one_moment():
        before = AccessEvent.objects.using("default").count()
        AccessEvent.record(team.evaluator, [team.youth], ["ratings"])
        assert AccessEvent.objects.using("default").count() == before
    assert AccessEvent.objects.using("default").count() == before + 1


def test_the_secret_is_one_where_two_need_the_first_at_once(team, at_once):
    one, two = at_once(*[lambda: PseudonymKey.of(team.programme).key] * 2)
    assert one == two
    assert isinstance(one, str)
