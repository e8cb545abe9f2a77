"""Three voices side by side for one young person, as a page shows them.

Their difference is information, not noise: it is said in words, and nobody's answer is averaged.
"""

from dataclasses import dataclass

from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from evaluation.models.facts import Assessment, ObservedFact, Outcome
from evaluation.models.figures import PartnershipProgress, YouthProgress
from evaluation.models.indicators import Indicator, IndicatorText
from evaluation.models.own_rounds import OwnRound
from evaluation.models.ratings import Rating, WhyNot, voice_of
from evaluation.models.rounds import RatingRound
from evaluation.progress import DEFAULT_RULE, Result, SeenBy, Voice
from evaluation.wording import changes_in_words, rule_in_words

_ONLY = {
    Voice.YOUTH: gettext_lazy("Only the young person has rated"),
    Voice.SCHOOL: gettext_lazy("Only the school has rated"),
    Voice.CASEWORKER: gettext_lazy("Only the job centre has rated"),
}
_NOT_RATED = {
    Voice.YOUTH: gettext_lazy("the young person has not rated"),
    Voice.SCHOOL: gettext_lazy("the school has not rated"),
    Voice.CASEWORKER: gettext_lazy("the job centre has not rated"),
}


_APART = [
    gettext_lazy("Agree"),
    gettext_lazy("One step"),
    gettext_lazy("Two steps"),
    gettext_lazy("Three steps"),
    gettext_lazy("Four steps"),
]


def difference_in_words(steps: dict[str, int | None]) -> tuple[str, bool]:
    """How far the voices are apart, and whether it is worth asking about (two steps or more)."""
    rated = {voice: step for voice, step in steps.items() if step is not None}
    if not rated:
        return _("Nobody has rated"), False
    if len(rated) == 1:
        return str(_ONLY[next(iter(rated))]), False
    apart = max(rated.values()) - min(rated.values())
    missing = [str(_NOT_RATED[voice]) for voice in steps if voice not in rated]
    return ", ".join([str(_APART[apart]), *missing]), apart >= 2


@dataclass(frozen=True)
class Line:
    """One indicator: in the latest round as dots, over the rounds as a trajectory and a table."""

    name: str
    question: str
    anchors: list[str]  # the words of the five steps, the lowest first
    points: list[dict]  # a round each: label, and a step or None by voice
    difference: str
    ask: bool
    counted: bool

    @property
    def latest(self) -> dict:
        return self.points[-1]

    @property
    def figures(self) -> list[tuple[str, list]]:
        """The rows of the table: a voice and its step in every round."""
        return [(voice.label, [point[voice.value] for point in self.points]) for voice in Voice]


@dataclass(frozen=True)
class EarlierWords:
    """Words that are not asked any more, and whose answers were given to them, in which rounds."""

    question: str
    anchors: list[str]
    whose: str
    rounds: list[int]


@dataclass(frozen=True)
class SmallStep:
    voice: str
    text: str
    about: str
    by: str  # empty where the young person answered by a link
    at: object

    @property
    def whose(self) -> str:
        return Voice(self.voice).label


@dataclass(frozen=True)
class Summary:
    """What the panel "closer to the labour market" shows of one young person."""

    name: str
    round: RatingRound | None  # the latest with an answer
    rounds: list[RatingRound]
    lines: list[Line]
    small_steps: list[SmallStep]
    earlier_words: list[EarlierWords]
    easier: list[OwnRound]  # where the young person said what is, the newest first
    not_assessed: list[SmallStep]  # in the latest round, with the reason as the text
    result: str
    seen_by: str
    because: list[str]
    facts: list[str]
    observed: list  # facts that stand, with their days, the newest first
    assessment: object | None  # the newest
    outcomes: list  # the newest of each moment
    rule: list[str]
    rule_version: int | None  # of the definition
    computed_at: object
    stale: bool

    @property
    def counted(self) -> list[Line]:
        return [line for line in self.lines if line.counted]

    @property
    def own_steps(self) -> list[SmallStep]:
        return [step for step in self.small_steps if step.voice == Voice.YOUTH]

    @property
    def others_steps(self) -> list[SmallStep]:
        return [step for step in self.small_steps if step.voice != Voice.YOUTH]


# Plain columns: a youth with years of rounds has hundreds of answers.
_ANSWER = (
    "indicator_id",
    "round_id",
    "round__number",
    "round__opens_on",
    "voice",
    "step",
    "small_step",
    "why_not",
    "wording",
    "rated_by__name",
    "rated_at",
)


def rating_summary(user, youth) -> Summary:
    """The three voices about one young person; empty for who may not see the ratings.

    Asks the database eight times, whatever the number of rounds and answers.
    """
    ratings = list(
        Rating.objects.visible_to(user)
        .filter(youth=youth)
        .order_by("round__number", "indicator__position")
        .values_list(*_ANSWER, named=True)
    )
    rounds = [
        RatingRound(pk=pk, number=number, opens_on=opens_on)
        for pk, number, opens_on in dict.fromkeys(
            (r.round_id, r.round__number, r.round__opens_on) for r in ratings
        )
    ]
    indicators = Indicator.objects.told_to(voice_of(user))
    names = {indicator.code: indicator.text.name for indicator in indicators}
    names_by_id = {indicator.pk: indicator.text.name for indicator in indicators}
    steps = {(r.indicator_id, r.round_id, r.voice): r.step for r in ratings}
    figures = PartnershipProgress.objects.filter(partnership=youth.partnership_id)
    progress = (
        YouthProgress.objects.filter(youth=youth)
        .select_related("definition")
        .annotate(stale_since=F("partnership__progress__stale_since"))
        .first()
        if ratings
        else None
    )
    rule = progress.definition.rule if progress and progress.definition else DEFAULT_RULE
    lines = [_line(one, rounds, steps, rule) for one in indicators] if rounds else []
    stale_since = (
        progress.stale_since if progress else figures.values_list("stale_since", flat=True).first()
    )
    return Summary(
        name=youth.first_name,
        round=rounds[-1] if rounds else None,
        rounds=rounds,
        lines=lines,
        small_steps=[
            SmallStep(r.voice, r.small_step, names_by_id[r.indicator_id], r.rated_by__name or "",
                      r.rated_at)
            for r in ratings
            if r.small_step and r.round_id == rounds[-1].pk and r.indicator_id in names_by_id
        ],
        earlier_words=_earlier_words(ratings, indicators),
        easier=[
            one
            for one in OwnRound.objects.visible_to(user)
            .filter(youth=youth)
            .select_related("round", "sitting__led_by")
            .order_by("-round__number")
            if one.easier or one.presence
        ],
        not_assessed=[
            SmallStep(r.voice, WhyNot(r.why_not).label, names_by_id[r.indicator_id],
                      r.rated_by__name or "", r.rated_at)
            for r in ratings
            if r.why_not and r.round_id == rounds[-1].pk and r.indicator_id in names_by_id
        ],
        result=Result(progress.result).label if progress else "",
        seen_by=SeenBy(progress.seen_by).label if progress else "",
        because=_because(progress, rule, names) if progress else [],
        facts=[fact.label for fact in progress.stored_facts] if progress else [],
        observed=list(
            ObservedFact.objects.visible_to(user)
            .filter(youth=youth)
            .standing()
            .select_related("recorded_by")
        ),
        assessment=Assessment.objects.visible_to(user)
        .filter(youth=youth)
        .select_related("assessed_by")
        .first(),
        outcomes=list(
            Outcome.objects.visible_to(user)
            .filter(youth=youth)
            .latest()
            .select_related("outcome", "recorded_by")
        ),
        rule=rule_in_words(rule, names) if progress else [],
        rule_version=progress.definition.version if progress and progress.definition else None,
        computed_at=progress.computed_at if progress else None,
        stale=stale_since is not None,
    )  # fmt: skip


def _because(progress, rule, names) -> list[str]:
    """What the result rests on, in words; where nothing can be said yet, what is missing."""
    changes = changes_in_words(progress.stored_changes, names)
    if progress.result == Result.NO_DATA:
        return [_("Nobody has assessed anything yet.")]
    if progress.result == Result.TOO_EARLY:
        return [
            ngettext(
                "The definition asks for answers from %(n)s round.",
                "The definition asks for answers from %(n)s rounds.",
                rule.rounds,
            )
            % {"n": rule.rounds},
            *changes,
        ]
    return changes


def _earlier_words(ratings, indicators) -> list[EarlierWords]:
    """The wordings that some of these answers were given to and that are asked no more."""
    ended = {one.pk: one.ended for one in indicators}
    answered = {}
    for r in ratings:
        text = ended.get(r.indicator_id, {}).get((IndicatorText.Audience.of(r.voice), r.wording))
        if text is not None:
            answered.setdefault((text, r.voice), set()).add(r.round__number)
    return [
        EarlierWords(
            question=text.question,
            anchors=[words for _step, words in text.steps],
            whose=Voice(voice).label,
            rounds=sorted(rounds),
        )
        for (text, voice), rounds in answered.items()
    ]


def _line(indicator, rounds, steps, rule) -> Line:
    points = [
        {
            "label": date_format(in_round.opens_on, "M"),
            **{voice.value: steps.get((indicator.pk, in_round.pk, voice.value)) for voice in Voice},
        }
        for in_round in rounds
    ]
    difference, ask = difference_in_words({voice.value: points[-1][voice.value] for voice in Voice})
    return Line(
        name=indicator.text.name,
        question=indicator.text.question,
        anchors=[words for _step, words in indicator.text.steps],
        points=points,
        difference=difference,
        ask=ask,
        counted=indicator.code in rule.rises,
    )
