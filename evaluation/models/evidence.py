"""All that the youths of a partnership are judged by, and the judgements.

In two ways: added up by the database, for every day's work; and answer by answer, for the nightly
check of it. Nothing here is stored.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.contrib.postgres.aggregates import BitOr, BoolOr
from django.db.models import BigIntegerField, F, Max, Min, Q
from django.db.models.functions import Cast
from django.utils import timezone

from evaluation.models.definitions import Definition, in_force_on
from evaluation.models.indicators import IndicatorText
from evaluation.models.rounds import RatingRound
from evaluation.progress import HIGHEST, Answer, Change, Evidence, Judgement, Rule, Voice, judge
from youths.models import Youth

# A round's number and a step in one number, so that the least and the greatest of them hold the
# first and the latest step.
_ROUND = HIGHEST + 1


@dataclass(frozen=True)
class Judged:
    """The judgement of every referred youth of a partnership, dropouts included, by id."""

    by_youth: dict[object, Judgement]
    definitions: dict[object, Definition]  # that each was judged by
    newest: Definition  # that rounds which open now are judged by
    open_round: int | None
    inputs: str  # SHA-256 of the evidence and the rules

    @cached_property
    def columns(self) -> dict:
        """By youth, what is stored: the columns `YouthProgress.JUDGED`."""
        return {
            pk: {
                "result": judgement.result.value,
                "seen_by": judgement.seen_by.value,
                "certain": judgement.certain,
                "possible": judgement.possible,
                "changes": judgement.as_stored,
                "facts": list(judgement.facts),
                "awaits": list(judgement.awaits),
                "definition_id": self.definitions[pk].pk,
            }
            for pk, judgement in self.by_youth.items()
        }


def judged_by_the_database(partnership, rule: Rule | None = None) -> Judged:
    """Judge from first and latest steps that one aggregate of the database finds.

    By the definitions in force, or all by a rule that is only tried.
    """
    today = timezone.localdate()
    rounds = RatingRound.objects.filter(programme=partnership.programme_id)
    now = rounds.filter(opens_on__lte=today, closes_on__gte=today)
    open_round = now.values_list("number", flat=True).first()
    # Rounds of the own programme alone: those of another have numbers of their own.
    ours = Q(ratings__round__programme=partnership.programme_id)
    assessed = ours & Q(ratings__step__isnull=False)
    at = F("ratings__round__number")
    bit = Cast(1, BigIntegerField()).bitleftshift(at)  # PostgreSQL's own 1 has 32 bits
    rows = (
        _referred(partnership, timezone.now())
        .values_list("pk", "ratings__voice", "ratings__indicator__code")
        .annotate(
            first=Min(at * _ROUND + F("ratings__step"), filter=assessed),
            latest=Max(at * _ROUND + F("ratings__step"), filter=assessed),
            numbers=BitOr(bit, filter=assessed),
            now=BoolOr(ours & Q(ratings__round__number=open_round or 0)),
        )
    )
    changes, seen, given = defaultdict(list), defaultdict(int), defaultdict(set)
    for pk, voice, indicator, first, latest, numbers, answered in rows:
        if numbers:
            step = (first % _ROUND, latest % _ROUND)
            changes[pk].append(Change(voice, indicator, *step, numbers.bit_count()))
            seen[pk] |= numbers
        if answered:
            given[pk].add((voice, indicator))

    def evidence(pk, **others):
        numbers = frozenset(n for n in range(seen[pk].bit_length()) if seen[pk] >> n & 1)
        # In one order, whatever the database's.
        return Evidence(tuple(sorted(changes[pk], key=_by_voice)), numbers, **others)

    return _judged(partnership, evidence, given, open_round, timezone.now(), tried=rule)


def judged_anew(partnership, *, in_round: int | None, at=None) -> Judged:
    """Judge answer by answer, with the range that a round left open: slow and plain.

    By what was known at a moment, or now.
    """
    at = at or timezone.now()
    answers, given = defaultdict(list), defaultdict(set)
    rated = _referred(partnership, at).filter(
        ratings__round__programme=partnership.programme_id, ratings__rated_at__lte=at
    )
    for pk, voice, indicator, number, step in rated.values_list(
        "pk", "ratings__voice", "ratings__indicator__code", "ratings__round__number",
        "ratings__step",
    ):  # fmt: skip
        answers[pk].append(Answer(voice, indicator, number, step))
        if number == in_round:
            given[pk].add((voice, indicator))

    def evidence(pk, **others):
        found = Evidence.of(answers[pk], **others)
        return Evidence(tuple(sorted(found.changes, key=_by_voice)), found.rounds, **others)

    return _judged(partnership, evidence, given, in_round, at)


def _by_voice(change) -> tuple[str, str]:
    return change.voice, change.indicator


def _referred(partnership, at):
    accepted = Youth.objects.referred().filter(enrolled_on__lte=timezone.localdate(at))
    return accepted.filter(partnership=partnership.pk).order_by()


def _judged(partnership, evidence, given, open_round, at, tried=None) -> Judged:
    """Judge each by the definition of the latest round in which anybody assessed something."""
    day = timezone.localdate(at)
    chain = Definition.chain(partnership)
    opens_on = dict(
        RatingRound.objects.filter(programme=partnership.programme_id).values_list(
            "number", "opens_on"
        )
    )
    newest = in_force_on(chain, day)
    asked = _asked() if open_round else set()
    facts, assessments = facts_of(partnership, at), assessments_of(partnership, at)
    by_youth, definitions, inputs = {}, {}, hashlib.sha256()
    for pk, left_on in sorted(_referred(partnership, at).values_list("pk", "left_on")):
        left = left_on is not None and left_on <= day
        rounds = evidence(pk).rounds
        definition = in_force_on(chain, opens_on[max(rounds)]) if rounds else newest
        rule = tried or definition.rule
        counted = {(voice, sign) for voice, sign in asked if sign in rule.rises}
        found = evidence(
            pk,
            facts=frozenset(facts.get(pk, ())),
            assessment=assessments.get(pk),
            missing=frozenset() if left else frozenset(counted - given[pk]),
            open_round=open_round,
            left=left,
        )
        by_youth[pk], definitions[pk] = judge(found, rule), definition
        inputs.update(repr((pk, definition.pk, found.as_hashed)).encode())
    return Judged(by_youth, definitions, newest, open_round, inputs.hexdigest())


def _asked() -> set[tuple[str, str]]:
    """Every (voice, indicator) that is asked at all."""
    audiences = set(
        IndicatorText.objects.current().values_list("audience", "indicator__code").distinct()
    )
    return {
        (voice.value, code)
        for voice in Voice
        for audience, code in audiences
        if audience == IndicatorText.Audience.of(voice)
    }


def facts_of(partnership, at) -> dict[object, set[str]]:
    """Kinds of facts by youth: what was recorded by then and not taken back."""
    rows = _referred(partnership, at).filter(
        observed_facts__recorded_at__lte=at, observed_facts__taken_back_at=None
    )
    found = defaultdict(set)
    for pk, kind in rows.values_list("pk", "observed_facts__kind").distinct():
        found[pk].add(kind)
    return found


def assessments_of(partnership, at) -> dict[object, bool]:
    """By youth, what a professional had said last by then: closer or not."""
    rows = _referred(partnership, at).filter(assessments__assessed_at__lte=at)
    rows = rows.order_by("assessments__assessed_at", "assessments__pk")
    return dict(rows.values_list("pk", "assessments__closer"))
