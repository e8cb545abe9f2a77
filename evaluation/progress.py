"""The rule of progress, version 1: a pure function from answers to a judgement.

Source: the evaluator's essence of "closer to the labour market": the young person finds a
direction that makes sense, and experiences having the competences for a concrete job.

For each voice and each of the two counted indicators, the voice's first assessed step is compared
with its latest. A voice that has assessed an indicator only once says nothing about change.

closer        the youth's own voice and at least one professional voice rose on direction or on
              belief in own competences, and none of the three voices fell on both
further away  at least two voices fell on both
too early     answers from fewer than two rounds
no data       no assessed answer at all
unchanged     everything else
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

RULE_VERSION = 1

DIRECTION = "direction"
BELIEF = "belief"
COUNTED = (DIRECTION, BELIEF)


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


@dataclass(frozen=True)
class Answer:
    """One step (1 to 5, or None for not assessed) by one voice on one indicator in one round."""

    voice: str
    indicator: str
    round: int
    step: int | None


@dataclass(frozen=True)
class Change:
    """A voice's first and latest step on a counted indicator."""

    voice: str
    indicator: str
    first: int
    latest: int

    @property
    def rose(self) -> bool:
        return self.latest > self.first

    @property
    def fell(self) -> bool:
        return self.latest < self.first


@dataclass(frozen=True)
class Judgement:
    """The result, the changes it rests on, and the version of the rule."""

    result: Result
    changes: tuple[Change, ...]
    rule_version: int = RULE_VERSION

    @property
    def as_stored(self) -> list[list]:
        """The changes as they are kept: [[voice, indicator, first, latest], ...]."""
        return [[c.voice, c.indicator, c.first, c.latest] for c in self.changes]


def judge(answers: Iterable[Answer]) -> Judgement:
    """Judge one young person by all answers given about them, in whatever order they came."""
    assessed = [a for a in answers if a.step is not None]
    changes = _changes(assessed)
    rounds = {a.round for a in assessed}
    if not rounds:
        result = Result.NO_DATA
    elif len(rounds) < 2:
        result = Result.TOO_EARLY
    else:
        result = _result(changes)
    return Judgement(result, changes)


def _changes(assessed: list[Answer]) -> tuple[Change, ...]:
    found = []
    for voice in Voice:
        for indicator in COUNTED:
            steps = sorted(
                (a.round, a.step) for a in assessed if (a.voice, a.indicator) == (voice, indicator)
            )
            if len(steps) > 1:
                found.append(Change(voice.value, indicator, steps[0][1], steps[-1][1]))
    return tuple(found)


def _result(changes: tuple[Change, ...]) -> Result:
    rose = {c.voice for c in changes if c.rose}
    falls = Counter(c.voice for c in changes if c.fell)
    fell_on_both = {voice for voice, falls_of in falls.items() if falls_of == len(COUNTED)}
    if Voice.YOUTH in rose and rose & set(PROFESSIONALS) and not fell_on_both:
        return Result.CLOSER
    if len(fell_on_both) >= 2:
        return Result.FURTHER
    return Result.UNCHANGED
