"""Whether the figures are up to date, and what the nightly check found."""

import pytest
from django.urls import reverse
from django.utils import timezone

from evaluation.models import PartnershipProgress, Reconciliation, YouthProgress
from evaluation.tasks import reconcile, sweep, take_snapshots
from tests.factories import PartnershipFactory

pytestmark = pytest.mark.django_db


def page(programme):
    return reverse("evaluation:status", args=[programme.pk])


def test_says_what_is_computed_and_what_waits(team, sign_in):
    sweep()
    PartnershipProgress.objects.filter(partnership=team.partnership).update(
        stale_since=timezone.now()
    )
    state = sign_in(team.lead).get(page(team.programme)).context["state"]

    assert (state["computed"], state["stale"]) == (1, 1)
    assert state["waits_since"]


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


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_with_one_and_with_three(team, sign_in, django_assert_num_queries, count):
    for _ in range(count):
        PartnershipFactory(programme=team.programme, signed=True)
        sweep()
        PartnershipProgress.objects.update(referred=9, no_data=9, possible=9, seen_by_unknown=9)
        Reconciliation.run()
        sweep()
    client = sign_in(team.lead)
    with django_assert_num_queries(12):
        client.get(page(team.programme))
