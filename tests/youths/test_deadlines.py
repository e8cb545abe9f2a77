"""Deadlines: planned from facts, moved while open, never once done; closed outside, escalated."""

from datetime import timedelta

import pytest
from django.db import InternalError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from handover.models import DocumentStep, HandoverDecision
from partnerships.access import Role
from partnerships.models import Membership
from partnerships.working_days import Unit, due_on
from tests.factories import (
    HandoverProfileFactory,
    IndicatorFactory,
    PartFactory,
    PartnershipFactory,
    RatingFactory,
    RatingRoundFactory,
    YouthFactory,
    days,
    member,
)
from youths.deadlines import RULES
from youths.models import Consent, Deadline, DeadlineRefused, Notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def of(youth, kind) -> Deadline:
    return Deadline.objects.get(youth=youth, kind=kind)


def sent(team):
    profile = HandoverProfileFactory(youth=team.youth)
    for section in ("direction", "competences", "support"):
        PartFactory(profile=profile, section=section, written_by=team.school)
    profile.send(by=team.school)
    return profile


class TestPlanning:
    def test_puts_in_what_the_facts_give(self, team):
        RatingRoundFactory(programme=team.programme)
        assert Deadline.plan() > 0
        kinds = set(Deadline.objects.values_list("kind", flat=True))
        assert kinds == {
            "document_start", "conversation", "agreement",
            "round_youth", "round_school", "round_caseworker",
        }  # fmt: skip
        begin = of(team.youth, "document_start")
        assert begin.due_on == due_on(team.youth.stu_ends_on, 12, Unit.MONTHS, before=True)

    def test_twice_changes_nothing(self, team):
        sent(team)
        Deadline.plan()
        before = list(Deadline.objects.values())
        assert Deadline.plan() == 0
        assert list(Deadline.objects.values()) == before

    @pytest.mark.parametrize("n", [1, 3])
    def test_takes_the_same_statements_for_one_and_for_three(
        self, team, django_assert_num_queries, n
    ):
        YouthFactory.create_batch(n - 1, partnership=team.partnership)
        with django_assert_num_queries(2 + 2 * len(RULES) + 2):
            Deadline.plan()
