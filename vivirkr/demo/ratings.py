"""Ratings in three voices over 18 months, and the figures as they stood month by month."""

from collections import defaultdict
from datetime import datetime, time, timedelta

from django.utils import timezone

from evaluation.models import (
    Indicator,
    IndicatorText,
    OwnRound,
    PartnershipProgress,
    ProgrammeSnapshot,
    Rating,
    RatingRound,
    Snapshot,
    count,
    judged_anew,
)
from evaluation.progress import BELIEF, DEFAULT_RULE, DIRECTION, Voice
from vivirkr.demo.dates import at, month_end, texts
from vivirkr.demo.programme import ROUNDS, opened
from youths.models import Sitting

SMALL_STEPS, EASIER = texts("voices")["small_steps"], texts("voices")["easier"]
MONTHS = 18  # of snapshots

# First and latest step by youth, school and job centre. Where the voices differ, it is said why.
COURSES = {
    # closer
    "steady": {DIRECTION: ((2, 4), (2, 4), (2, 3)), BELIEF: ((2, 3), (3, 4), (2, 3))},
    "brave": {DIRECTION: ((1, 4), (2, 4), (1, 3)), BELIEF: ((2, 4), (2, 4), (2, 4))},
    # the job centre sees no change yet
    "own_way": {DIRECTION: ((2, 5), (2, 3), (3, 3)), BELIEF: ((3, 4), (3, 3), (2, 2))},
    # the direction was there from the start, the belief came
    "late_belief": {DIRECTION: ((3, 3), (3, 3), (2, 3)), BELIEF: ((1, 3), (2, 3), (2, 2))},
    # the school thinks that the direction has become less clear
    "doubting_school": {DIRECTION: ((2, 4), (3, 2), (2, 3)), BELIEF: ((2, 3), (3, 3), (2, 3))},
    # unchanged: only the young person sees it
    "alone": {DIRECTION: ((2, 4), (3, 3), (2, 2)), BELIEF: ((2, 3), (3, 3), (3, 3))},
    # unchanged: only the professionals see it
    "unseen": {DIRECTION: ((3, 3), (2, 4), (2, 3)), BELIEF: ((2, 1), (2, 3), (2, 3))},
    # further away
    "harder": {DIRECTION: ((4, 2), (3, 2), (3, 3)), BELIEF: ((3, 2), (3, 1), (2, 2))},
    # too early: one round only
    "first": {DIRECTION: ((2, 2), (3, 3), (2, 2)), BELIEF: ((2, 2), (3, 3), (2, 2))},
}
# What the indicators that are not counted do meanwhile.
DRIFT = {"harder": -1, "alone": 0}


class Ratings:
    """Makes every voice's answers of one run."""

    def __init__(self, people, programme):
        self.people, self.random = people, people.fake.random
        self.rounds = {r.number: r for r in RatingRound.objects.filter(programme=programme)}
        self.indicators = list(Indicator.objects.all())
        self.asked_of = {
            audience: set(
                IndicatorText.objects.filter(audience=audience).values_list("indicator", flat=True)
            )
            for audience in IndicatorText.Audience.values
        }
        self.spoken = defaultdict(set)  # small steps of one youth, so that none comes twice
        self.own = []  # (case, number, days ago) of each round that a young person answered

    def create(self, cases) -> None:
        Rating.objects.bulk_create(
            rating for case in cases if case.story.course for rating in self._of(case)
        )
        OwnRound.objects.bulk_create([self._own_round(*one) for one in self.own])

    def _of(self, case):
        story = case.story
        left = story.left[0] if story.left else 0
        numbers = [n for n in range(1, ROUNDS + 1) if story.accepted >= opened(n) > left]
        for place, voice in enumerate(Voice):
            mine = [n for n in numbers if not (n == ROUNDS and voice in story.due)]
            # Now and then a round passes without an answer, never the first or the latest.
            mine = [n for n in mine if n in (mine[0], mine[-1]) or self.random.random() > 0.12]
            when = {n: self._day(n, left) for n in mine}
            if voice == Voice.YOUTH:
                self.own += [(case, n, when[n]) for n in mine]
            for indicator in self.indicators:
                if indicator.pk not in self.asked_of[IndicatorText.Audience.of(voice)]:
                    continue
                first, latest = self._ends(case, indicator.code, place)
                for turn, number in enumerate(mine):
                    yield self._rating(
                        case, indicator, voice, number, when[number],
                        self._step(indicator, first, latest, turn, len(mine)),
                    )  # fmt: skip

    def _day(self, number, left) -> int:
        """Some day while the round was open; nobody rates after having left, or today."""
        latest = max(opened(number) - 14, left, 0) + 1
        return self.random.randint(latest, max(opened(number) - 3, latest))

    def _ends(self, case, code, place) -> tuple[int, int]:
        course = case.story.course
        if code in DEFAULT_RULE.rises:
            return COURSES[course][code][place]
        first = self.random.randint(2, 3)
        drift = DRIFT.get(course, self.random.randint(0, 2))
        return first, min(max(first + drift, 1), 5)

    def _step(self, indicator, first, latest, turn, of) -> int | None:
        if 0 < turn < of - 1 and self.random.random() < 0.1:
            return None
        if indicator.code not in DEFAULT_RULE.rises and self.random.random() < 0.06:
            return None
        return round(first + (latest - first) * turn / max(of - 1, 1))

    def _rating(self, case, indicator, voice, number, ago, step) -> Rating:
        team = case.story.partnership
        coordinator = self.people.by[team, "coordinator"]
        by = {
            Voice.YOUTH: case.youth.account or coordinator,
            Voice.SCHOOL: coordinator,
            Voice.CASEWORKER: self.people.caseworker(team, ago),
        }[voice]
        return Rating(
            youth=case.youth,
            round=self.rounds[number],
            indicator=indicator,
            voice=voice,
            step=step,
            small_step=self._small_step(case, indicator, voice) if step else "",
            rated_by=by,
            rated_at=at(ago, 9 + ago % 6, 5 * indicator.position),
        )

    def _small_step(self, case, indicator, voice) -> str:
        """In about every third answer; the same is never said twice about one young person."""
        if DRIFT.get(case.story.course, 1) < 0 or self.random.random() > 0.35:
            return ""
        audience = IndicatorText.Audience.of(voice)
        spoken = self.spoken[case.youth.pk]
        left = [s for s in SMALL_STEPS[indicator.code].get(audience, ()) if s not in spoken]
        if not left:
            return ""
        chosen = self.random.choice(left)
        spoken.add(chosen)
        return chosen

    def _own_round(self, case, number, ago) -> OwnRound:
        """On the own sign-in, mostly alone; without one, beside the coordinator."""
        youth, coordinator = case.youth, self.people.by[case.story.partnership, "coordinator"]
        then, sitting = at(ago, 9 + ago % 6), None
        if youth.account is None:
            end = then + timedelta(minutes=25)
            sitting = Sitting.objects.create(
                youth=youth, led_by=coordinator, pen=self.random.choice(Sitting.Pen.values),
                started_at=then, closes_at=end, ended_at=end,
            )  # fmt: skip
        said = DRIFT.get(case.story.course, 1) >= 0 and self.random.random() < 0.5
        return OwnRound(
            youth=youth,
            round=self.rounds[number],
            how=OwnRound.How.TOGETHER if sitting else OwnRound.How.OWN,
            sitting=sitting,
            helper="" if sitting else self.random.choice(["nobody", "nobody", "school", "home"]),
            easier=EASIER[(number + youth.birth_date.day) % len(EASIER)] if said else "",
            may_be_quoted=said and self.random.random() < 0.6,
            finished_at=then,
        )


def take_snapshots(partnerships) -> None:
    """The figures on the first of each month, judged by the rule from what was known then."""
    for partnership in partnerships:
        firsts = [month_end(months) + timedelta(days=1) for months in range(-MONTHS - 1, 0)]
        Snapshot.objects.bulk_create(
            snapshot
            for taken_on in firsts
            if taken_on < timezone.localdate()
            if (snapshot := _snapshot(partnership, taken_on))
        )
    taken = Snapshot.objects.filter(partnership__in=partnerships).order_by()
    for programme, day in set(taken.values_list("partnership__programme", "taken_on")):
        ProgrammeSnapshot.take(programme, day)


def _snapshot(partnership, taken_on) -> Snapshot | None:
    computed_at = timezone.make_aware(datetime.combine(taken_on, time(2)))
    rounds = RatingRound.objects.filter(programme=partnership.programme_id)
    now = rounds.filter(opens_on__lte=taken_on, closes_on__gte=taken_on)
    number = now.values_list("number", flat=True).first()
    judged = judged_anew(partnership, in_round=number, at=computed_at)
    if not judged.by_youth:
        return None
    return Snapshot(
        partnership=partnership,
        taken_on=taken_on,
        inputs=judged.inputs,
        definition=judged.newest,
        computed_at=computed_at,
        **count(judged.by_youth.values()),
    )


def compute(partnerships) -> None:
    """The figures as they stand now, so that no page waits for the worker."""
    for partnership in partnerships:
        if partnership.is_signed:
            PartnershipProgress.recompute(partnership.pk)
