"""Whether the figures are up to date, and what the nightly check found."""

from datetime import timedelta

import pytest
from celery import current_app
from django.urls import reverse
from django.utils import timezone

from evaluation.models import PartnershipProgress, Reconciliation, YouthProgress
from evaluation.tasks import reconcile, sweep, take_snapshots
from tests.factories import PartnershipFactory, YouthFactory

pytestmark = pytest.mark.django_db


def page(programme):
    return reverse("evaluation:status", args=[programme.pk])


def test_says_what_is_computed_and_what_waits(team, sign_in):
    sweep()
    PartnershipProgress.objects.filter(partnership=team.partnership).update(
        stale_since=timezone.now()
    )
    state = sign_in(team.lead).get(page(team.programme)).context["state"]

    assert (state["computed"], state["waiting"]) == (1, 1)
    assert state["waits_since"]


def test_what_waits_is_what_a_sweep_would_compute(team, other_team, sign_in):
    sweep()
    YouthFactory(partnership=team.partnership)  # no message tells of it
    PartnershipFactory(programme=team.programme, signed=True)
    PartnershipFactory(programme=other_team.programme, signed=True)

    assert sign_in(team.lead).get(page(team.programme)).context["state"]["waiting"] == 2


def test_says_when_a_worker_and_the_clock_were_last_at_it(team, sign_in, english, time_machine):
    def said():
        signs = sign_in(team.lead).get(page(team.programme)).context["signs_of_life"]
        return {str(who): last and last.is_recent for who, last in signs}

    assert said() == {"The worker": None, "The clock": None}
    sweep(by_beat=True)
    assert said() == {"The worker": True, "The clock": True}
    time_machine.move_to(timezone.now() + timedelta(minutes=6))
    sweep()
    assert said() == {"The worker": True, "The clock": False}
    assert "Last at" in sign_in(team.lead).get(page(team.programme)).text


def test_all_are_computed_anew_by_a_job(
    team, other_team, sign_in, english, monkeypatch, django_capture_on_commit_callbacks
):
    sweep()
    sent = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, **others: sent.append((name, others["args"]))
    )
    with django_capture_on_commit_callbacks(execute=True):
        answer = sign_in(team.evaluator).post(page(team.programme), follow=True)

    assert "All figures are being computed anew." in answer.text
    assert answer.context["state"]["waiting"] == 1
    assert sent == [("evaluation.tasks.sweep", [])]
    stale = PartnershipProgress.objects.filter(stale_since__isnull=False)
    assert [one.partnership for one in stale] == [team.partnership]
    sweep()
    assert not stale.all().exists()


def test_asking_twice_keeps_since_when_they_wait(team, sign_in):
    sweep()
    client = sign_in(team.lead)
    client.post(page(team.programme))
    before = PartnershipProgress.objects.get(partnership=team.partnership).stale_since
    client.post(page(team.programme))
    after = PartnershipProgress.objects.get(partnership=team.partnership).stale_since
    assert after == before is not None


def test_says_which_figures_differed_and_not_what_they_were(team, other_team, sign_in, english):
    take_snapshots()
    PartnershipProgress.objects.filter(partnership=team.partnership).update(
        no_data=0, closer=1, certain=1, possible=1
    )
    YouthProgress.objects.filter(youth=team.youth).update(result="closer")

    reconcile()

    report = Reconciliation.objects.get()
    pk = str(team.partnership.pk)
    assert report.differing == [pk]
    assert report.differences[pk] == {
        "closer": [1, 0], "no_data": [0, 1], "certain": [1, 0], "youths": [0, 1],
    }  # fmt: skip
    response = sign_in(team.lead).get(page(team.programme))
    [(partnership, words)] = response.context["nights"][0]["differing"]
    assert partnership == team.partnership
    assert words == ["closer", "no data", "certain", "the judgement of single youths"]
    assert response.context["nights"][0]["checked"] == 1
    assert report.checked == 2
    assert "They wait to be computed anew." in response.text
    sweep()
    assert "They were computed anew." in sign_in(team.lead).get(page(team.programme)).text
    theirs = sign_in(other_team.lead).get(page(other_team.programme))
    assert theirs.context["nights"][0]["differing"] == []
    assert str(team.partnership) not in theirs.text


def test_another_night_finds_nothing(team, sign_in, english):
    sweep()
    reconcile()
    assert "Nothing" in sign_in(team.evaluator).get(page(team.programme)).text
    assert Reconciliation.objects.get().differences == {}


def test_before_the_first_night_it_says_so(team, sign_in, english):
    assert "tonight" in sign_in(team.lead).get(page(team.programme)).text


@pytest.mark.parametrize("role", ["school", "caseworker", "employer", "young"])
def test_it_is_the_leaderships(team, sign_in, role):
    assert sign_in(getattr(team, role)).get(page(team.programme)).status_code == 404
    assert sign_in(getattr(team, role)).post(page(team.programme)).status_code == 404


def test_another_programmes_leadership_cannot_ask_for_it(team, other_team, sign_in):
    sweep()
    assert sign_in(other_team.lead).post(page(team.programme)).status_code == 404
    assert not PartnershipProgress.objects.filter(stale_since__isnull=False).exists()


def test_a_comparison_of_before_says_nothing_of_how_many(team, sign_in):
    Reconciliation.objects.create(checked=7)
    assert sign_in(team.lead).get(page(team.programme)).context["nights"][0]["checked"] is None


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_with_one_and_with_three(team, sign_in, django_assert_num_queries, count):
    for _ in range(count):
        PartnershipFactory(programme=team.programme, signed=True)
        sweep()
        PartnershipProgress.objects.update(referred=9, no_data=9, possible=9, seen_by_unknown=9)
        Reconciliation.run()
        sweep()
    client = sign_in(team.lead)
    with django_assert_num_queries(14):
        client.get(page(team.programme))


def test_the_clock_says_that_it_is_the_clock(settings):
    assert settings.CELERY_BEAT_SCHEDULE["sweep"]["kwargs"] == {"by_beat": True}
