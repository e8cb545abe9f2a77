"""All that the youths of a partnership are judged by, and the judgements.

In two ways: added up by the database, for every day's work; and answer by answer, for the nightly
check of it. Nothing here is stored.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from django.apps import apps
from django.contrib.postgres.aggregates import BitOr, BoolOr
from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from evaluation.models.definitions import Definition, in_force_on
from evaluation.models.indicators import Indicator, IndicatorText
from evaluation.models.rounds import MOST_ROUNDS, RatingRound
from evaluation.progress import HIGHEST, Answer, Change, Evidence, Judgement, Rule, Voice, judge
from youths.models import Youth

# A round's number and a step in one number, so that the least and the greatest of them hold the
# first and the latest step.
_ROUND = HIGHEST + 1
_TIMES = MOST_ROUNDS + 1


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


@dataclass
class _Said:
    """What was said about one young person, of the signs that may count."""

    changes: list[Change] = field(default_factory=list)
    rounds: frozenset[int] = frozenset()  # in which any sign at all was assessed
    given: set[tuple[str, str]] = field(default_factory=set)  # (voice, sign) in the open round


def judged_by_the_database(partnership, rule: Rule | None = None) -> Judged:
    """Judge from first and latest steps that one aggregate of the database finds.

    By the definitions in force, or all by a rule that is only tried.
    """
    open_round = (
        RatingRound.objects.open()
        .filter(programme=partnership.programme_id)
        .values_list("number", flat=True)
        .first()
    )

    youths, programme = _referred(partnership, timezone.now()), partnership.programme_id

    def said(signs) -> dict[str, _Said]:
        at = F("ratings__round__number")
        step = at * _ROUND + F("ratings__step")
        answered = BoolOr(Q(ratings__round__number=open_round)) if open_round else Value(False)
        packed = Coalesce(Min(step) % _ROUND, 0) * _ROUND + Coalesce(Max(step) % _ROUND, 0)
        packed = packed * _TIMES + Count("ratings__step")
        packed = packed * 2 + Cast(answered, IntegerField())
        rows = (
            # Rounds of the own programme alone: those of another have numbers of their own.
            youths.filter(ratings__round__programme=programme, ratings__indicator__in=signs)
            # Thousands of rows of few kinds: as text they are read fastest, and each kind once.
            .values_list("code", "ratings__voice", "ratings__indicator")
            .annotate(found=Cast(packed, TextField()))
        )
        found = defaultdict(_Said)
        for code, voice, sign, text in rows:
            change, given = _read(voice, signs[sign], text)
            one = found[code]
            if change:
                one.changes.append(change)
            if given:
                one.given.add(given)
        for code, numbers in _rounds(youths):
            found[code].rounds = _numbers(numbers)
        return found

    return _judged(partnership, said, open_round, timezone.now(), tried=rule)


@lru_cache(maxsize=100_000)
def _read(voice, sign, text) -> tuple[Change | None, tuple[str, str] | None]:
    """The change, where anything was assessed, and what was answered in the open round."""
    number, answered = divmod(int(text), 2)
    steps, times = divmod(number, _TIMES)
    change = Change(voice, sign, *divmod(steps, _ROUND), times) if times else None
    return change, (voice, sign) if answered else None


def _rounds(youths):
    """Rows of a youth and the rounds in which any sign was assessed, as the bits of a number.

    Of every other sign nothing else matters, so that one answer of each round is looked up.
    """
    of_programme = "partnership__programme__rounds"
    bit = Cast(1, BigIntegerField()).bitleftshift(F(f"{of_programme}__number"))  # 1 has 32 bits
    assessed = apps.get_model("evaluation", "Rating").objects.filter(
        youth=OuterRef("pk"), round=OuterRef(of_programme), step__isnull=False
    )
    return youths.filter(Exists(assessed)).values_list("code").annotate(numbers=BitOr(bit))


@lru_cache(maxsize=1000)
def _numbers(bits: int) -> frozenset[int]:
    return frozenset(n for n in range(bits.bit_length()) if bits >> n & 1)


def judged_anew(partnership, *, in_round: int | None, at=None) -> Judged:
    """Judge answer by answer, with the range that a round left open: slow and plain.

    By what was known at a moment, or now.
    """
    at = at or timezone.now()

    def said(signs) -> dict[str, _Said]:
        answers, found = defaultdict(list), defaultdict(_Said)
        rated = _referred(partnership, at).filter(
            ratings__round__programme=partnership.programme_id, ratings__rated_at__lte=at
        )
        for code, voice, sign, number, step in rated.values_list(
            "code", "ratings__voice", "ratings__indicator__code", "ratings__round__number",
            "ratings__step",
        ):  # fmt: skip
            answers[code].append(Answer(voice, sign, number, step))
            if number == in_round:
                found[code].given.add((voice, sign))
        for code, given in answers.items():
            evidence = Evidence.of(given)
            found[code].changes, found[code].rounds = list(evidence.changes), evidence.rounds
        return found

    return _judged(partnership, said, in_round, at)


def _referred(partnership, at):
    accepted = Youth.objects.referred().filter(enrolled_on__lte=timezone.localdate(at))
    return accepted.filter(partnership=partnership.pk).order_by()


def _judged(partnership, said, open_round, at, tried=None) -> Judged:
    """Judge each by the definition of the latest round in which anybody assessed something.

    `said` finds what was said of signs, {id: code}, by the code of the young person.
    """
    day = timezone.localdate(at)
    chain = Definition.chain(partnership)
    opens_on = dict(
        RatingRound.objects.filter(programme=partnership.programme_id).values_list(
            "number", "opens_on"
        )
    )
    newest = in_force_on(chain, day)
    # By the latest round, what judges: a definition, its rule, what it asks for.
    asked = _asked() if open_round else set()
    judges = {}
    for number in (None, *opens_on):
        definition = in_force_on(chain, opens_on[number]) if number is not None else newest
        rule = tried or definition.rule
        counted = frozenset((voice, sign) for voice, sign in asked if sign in rule.rises)
        judges[number] = definition, rule, counted
    codes = {sign for _definition, rule, _counted in judges.values() for sign in rule.rises}
    everything = said(dict(Indicator.objects.filter(code__in=codes).values_list("pk", "code")))
    facts, assessments = facts_of(partnership, at), assessments_of(partnership, at)
    by_youth, definitions, inputs, nothing = {}, {}, hashlib.sha256(), _Said()
    for pk, code, left_on in sorted(
        _referred(partnership, at).values_list("pk", "code", "left_on")
    ):
        one = everything.get(code, nothing)
        left = left_on is not None and left_on <= day
        definition, rule, counted = judges[max(one.rounds, default=None)]
        found = Evidence(
            # In one order, whatever the database's.
            changes=tuple(sorted(c for c in one.changes if c.indicator in rule.rises)),
            rounds=one.rounds,
            facts=frozenset(facts.get(pk, ())),
            assessment=assessments.get(pk),
            missing=frozenset() if left else counted - one.given,
            open_round=open_round,
            left=left,
        )
        by_youth[pk], definitions[pk] = judge(found, rule), definition
        inputs.update(repr((str(pk), str(definition.pk), found.as_hashed)).encode())
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
