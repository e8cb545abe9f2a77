"""Progress of one young person: a pure function from a rule and answers to a judgement.

Source: the evaluator's essence of "closer to the labour market": the young person finds a
direction that makes sense, and experiences having the competences for a concrete job. What that
means in practice each partnership settles for itself: a `Rule`, of which `DEFAULT_RULE` is the
programme's own until then.

For each voice and each sign that the rule counts, the voice's first assessed step is compared
with its latest. A voice that has assessed an indicator only once says nothing about change.

closer        those whom the rule asks have seen it, and none of the three voices fell on all signs
further away  at least two voices fell on all signs
too early     answers from fewer rounds than the rule asks for
no data       no assessed answer at all
unchanged     everything else
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

# The version of this arithmetic. Figures by an older one are computed anew; what a partnership
# means by "closer" has versions of its own (evaluation/models/definitions.py).
RULE_VERSION = 2

DIRECTION = "direction"
BELIEF = "belief"
LOWEST, HIGHEST = 1, 5


class Voice(TextChoices):
    YOUTH = "youth", _("The young person")
    SCHOOL = "school", _("School")
    CASEWORKER = "caseworker", _("Job centre")


PROFESSIONALS = (Voice.SCHOOL, Voice.CASEWORKER)


class Result(TextChoices):
    CLOSER = "closer", _("Closer")
    UNCHANGED = "unchanged", _("Unchanged")
    FURTHER = "further", _("Further away")
    TOO_EARLY = "too_early", _("Too early to say")
    NO_DATA = "no_data", _("No data")


UNKNOWN = (Result.TOO_EARLY, Result.NO_DATA)


class SeenBy(TextChoices):
    """Whose voices say that a young person has come closer: it adds up to all referred."""

    BOTH = "both", _("The young person and professionals")
    YOUTH = "youth", _("Only the young person")
    PROFESSIONALS = "professionals", _("Only professionals")
    NEITHER = "neither", _("Neither")
    UNKNOWN = "unknown", _("Not known yet")


class Fact(TextChoices):
    """What can be observed, whatever anybody rates."""

    PRACTICE = "practice", _("A practice placement was completed")
    PAID_HOURS = "paid_hours", _("Paid hours")
    JOB = "job", _("A job")
    EDUCATION = "education", _("An education")


@dataclass(frozen=True)
class Sign:
    """An indicator that counts, and how many steps up are a change."""

    indicator: str
    rise: int = 1


@dataclass(frozen=True)
class Rule:
    """What a partnership means by "closer", for a machine. In words: evaluation/wording.py.

    signs          rising on any one of them is a change for the better
    own_voice      whether the young person must see it
    professionals  how many of the two professional voices must see it, 0 to 2
    rounds         from how many rounds there must be answers
    facts          of which any one stands for what the professionals see
    assessment     whether a professional must also have said so, with a reason
    """

    signs: tuple[Sign, ...]
    own_voice: bool = True
    professionals: int = 1
    rounds: int = 2
    facts: tuple[str, ...] = ()
    assessment: bool = False

    @classmethod
    def from_stored(cls, stored: dict) -> "Rule":
        signs = tuple(Sign(indicator, rise) for indicator, rise in stored["signs"])
        return cls(**{**stored, "signs": signs, "facts": tuple(stored["facts"])})

    @property
    def as_stored(self) -> dict:
        return {
            "signs": [[sign.indicator, sign.rise] for sign in self.signs],
            "own_voice": self.own_voice,
            "professionals": self.professionals,
            "rounds": self.rounds,
            "facts": list(self.facts),
            "assessment": self.assessment,
        }

    @cached_property
    def rises(self) -> dict[str, int]:
        return {sign.indicator: sign.rise for sign in self.signs}


DEFAULT_RULE = Rule(signs=(Sign(DIRECTION), Sign(BELIEF)))


@dataclass(frozen=True)
class Answer:
    """One step (1 to 5, or None for not assessed) by one voice on one indicator in one round."""

    voice: str
    indicator: str
    round: int
    step: int | None


class Change(NamedTuple):
    """A voice's first and latest assessed step on an indicator; the same where there is one only.

    `times` is how many rounds it was assessed in.
    """

    voice: str
    indicator: str
    first: int
    latest: int
    times: int = 2

    @property
    def rose(self) -> bool:
        return self.latest > self.first

    @property
    def fell(self) -> bool:
        return self.latest < self.first


@dataclass(frozen=True)
class Evidence:
    """All that one young person is judged by.

    `changes` of every voice and indicator that was assessed; `rounds` in which anything was;
    `facts` and the newest professional `assessment` (closer or not; None where there is none);
    `missing`, the (voice, indicator) that the open round still waits for; and whether the young
    person has `left`, so that nothing more will be said.
    """

    changes: tuple[Change, ...] = ()
    rounds: frozenset[int] = frozenset()
    facts: frozenset[str] = frozenset()
    assessment: bool | None = None
    missing: frozenset[tuple[str, str]] = frozenset()
    open_round: int | None = None
    left: bool = False

    @property
    def as_hashed(self) -> tuple:
        """All of it in one order, to tell whether it is the same."""
        unordered = (map(tuple, self.changes), self.rounds, self.facts, self.missing)
        return *map(sorted, unordered), self.assessment, self.open_round, self.left

    @classmethod
    def of(cls, answers: Iterable[Answer], **others) -> "Evidence":
        """From single answers, in whatever order they came."""
        steps = defaultdict(list)
        for answer in answers:
            if answer.step is not None:
                steps[answer.voice, answer.indicator].append((answer.round, answer.step))
        changes = tuple(
            Change(voice, indicator, min(given)[1], max(given)[1], len(given))
            for (voice, indicator), given in steps.items()
        )
        rounds = frozenset(number for given in steps.values() for number, _step in given)
        return cls(changes, rounds, **others)

    def answered(self, step: int) -> "Evidence":
        """As if every answer that the open round waits for were this step."""
        if not self.missing:
            return self
        known = {(change.voice, change.indicator): change for change in self.changes}
        for key in self.missing:
            was = known.get(key, Change(*key, step, step, times=0))
            known[key] = was._replace(latest=step, times=was.times + 1)
        rounds = self.rounds | {self.open_round}
        return replace(self, changes=tuple(known.values()), rounds=rounds, missing=frozenset())


@dataclass(frozen=True)
class Judgement:
    """The result, who sees it, and the changes and facts it rests on.

    `certain` where it is closer and no answer that the open round waits for can change that;
    `possible` where it is, where such an answer or a missing assessment could make it so, and
    where nothing is known yet; not for who has left.
    """

    result: Result
    seen_by: SeenBy
    changes: tuple[Change, ...] = ()
    facts: tuple[str, ...] = ()
    certain: bool = False
    possible: bool = False
    awaits: tuple[str, ...] = ()

    @property
    def as_stored(self) -> list[list]:
        """The changes as they are kept: [[voice, indicator, first, latest], ...]."""
        return [[c.voice, c.indicator, c.first, c.latest] for c in self.changes]


def judge(evidence: Evidence, rule: Rule = DEFAULT_RULE) -> Judgement:
    """Judge one young person by a rule."""
    changes = _counted(evidence, rule)
    result, seen_by = _result(evidence, changes, rule)
    closer = result == Result.CLOSER
    # Rising and falling follow the latest step alone, so the extremes bound all that may come.
    certain = closer and (not evidence.missing or _is_closer(evidence.answered(LOWEST), rule))
    possible = closer or (not evidence.left and (result in UNKNOWN or _may_be(evidence, rule)))
    missing = {voice for voice, _indicator in evidence.missing}
    return Judgement(
        result=result,
        seen_by=seen_by,
        changes=changes,
        facts=tuple(fact for fact in rule.facts if fact in evidence.facts),
        certain=certain,
        possible=possible,
        awaits=tuple(v.value for v in Voice if v in missing) if possible and not certain else (),
    )


def _is_closer(evidence: Evidence, rule: Rule) -> bool:
    return _result(evidence, _counted(evidence, rule), rule)[0] == Result.CLOSER


def _may_be(evidence: Evidence, rule: Rule) -> bool:
    """Whether the best that may still be said would make it closer."""
    if not evidence.missing and not (rule.assessment and evidence.assessment is None):
        return False  # nothing is to come that the result does not know
    best = evidence.answered(HIGHEST)
    if best.assessment is None:
        best = replace(best, assessment=True)
    return _is_closer(best, rule)


def _counted(evidence: Evidence, rule: Rule) -> tuple[Change, ...]:
    """The changes that the rule asks about, in the order of voices and signs."""
    known = {(c.voice, c.indicator): c for c in evidence.changes if c.times > 1}
    keys = ((voice.value, sign.indicator) for voice in Voice for sign in rule.signs)
    return tuple(known[key] for key in keys if key in known)


def _result(evidence: Evidence, changes, rule: Rule) -> tuple[Result, SeenBy]:
    if not evidence.rounds:
        return Result.NO_DATA, SeenBy.UNKNOWN
    if len(evidence.rounds) < rule.rounds:
        return Result.TOO_EARLY, SeenBy.UNKNOWN
    rose = {c.voice for c in changes if c.latest - c.first >= rule.rises[c.indicator]}
    falls = Counter(c.voice for c in changes if c.fell)
    fell = {voice for voice, times in falls.items() if times == len(rule.signs)}
    own = Voice.YOUTH in rose and Voice.YOUTH not in fell
    seen = len(rose & set(PROFESSIONALS)) >= max(rule.professionals, 1)
    observed = bool(evidence.facts & set(rule.facts))
    assessed = evidence.assessment is True or not rule.assessment
    theirs = (seen or observed) and assessed and not fell & set(PROFESSIONALS)
    asked = ((own, rule.own_voice), (theirs, rule.professionals or rule.assessment))
    if (own or theirs) and all(said for said, needed in asked if needed) and not fell:
        return Result.CLOSER, _seen_by(own, theirs)
    return (Result.FURTHER if len(fell) >= 2 else Result.UNCHANGED), _seen_by(own, theirs)


def _seen_by(own: bool, theirs: bool) -> SeenBy:
    if own:
        return SeenBy.BOTH if theirs else SeenBy.YOUTH
    return SeenBy.PROFESSIONALS if theirs else SeenBy.NEITHER
