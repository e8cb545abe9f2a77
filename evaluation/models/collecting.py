"""All of a programme that a cut holds, read from the database: rows without names.

What could point to one person is coarse: months for days, an age in bands, no text that anybody
wrote. Rows are in the order of the pseudonyms, which says nothing.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone, translation

from evaluation import codebook
from evaluation.models.criteria import Criterion, Entry
from evaluation.models.definitions import Definition
from evaluation.models.evidence import judged_by_the_database
from evaluation.models.facts import Assessment, ObservedFact, Outcome
from evaluation.models.figures import count
from evaluation.models.indicators import IndicatorText
from evaluation.models.own_rounds import OwnRound
from evaluation.models.ratings import Rating, WhyNot
from evaluation.models.snapshots import ProgrammeSnapshot
from evaluation.progress import RULE_VERSION, Result
from evaluation.wording import rule_in_words
from partnerships.models import Status
from youths.models import Sitting, Youth
from youths.models.youths import age_on

DESCRIBED = codebook.tables(
    {
        "why_not": WhyNot,
        "moment": Outcome.Moment,
        "status": Status,
        "audience": IndicatorText.Audience,
        "counts": Criterion.Counts,
        "how": OwnRound.How,
        "helper": OwnRound.Helper,
        "pen": Sitting.Pen,
    }
)


@dataclass(frozen=True)
class Collected:
    tables: dict[str, list[list]]  # rows by table, in the order of the columns of DESCRIBED
    youths: list  # ids of those who are in it


def collect(programme, pseudonym: Callable, at) -> Collected:
    """Every table of a programme as it is now; for one moment, inside a transaction for it."""
    partnerships = list(programme.partnerships.with_parties().order_by("pk"))
    codes = {one.pk: f"P{pseudonym(one)[:6]}" for one in partnerships}
    judged, definitions, newest = {}, {}, set()
    for one in partnerships:
        if one.status in (Status.SIGNED, Status.ENDED):
            found = judged_by_the_database(one)
            judged |= found.by_youth
            definitions |= found.definitions
            newest.add(found.newest.pk)
    people = {
        youth.pk: _Person(pseudonym(youth), codes[youth.partnership_id], youth)
        for youth in Youth.objects.filter(pk__in=judged).select_related("outcome")
    }
    if len({person.pseudonym for person in people.values()}) < len(people):
        raise ValueError("two young people with one pseudonym")
    known = Definition.objects.in_force().filter(programme=programme)
    keys = {one.pk: _key(one, codes) for one in known}
    ratings, rounds = _ratings(programme, people)
    names = _names()
    tables = {
        "ratings": ratings,
        "own_rounds": _own_rounds(programme, people),
        "youths": [
            _youth(person, judged[pk], keys[definitions[pk].pk], rounds.get(pk, 0))
            for pk, person in people.items()
        ],
        "facts": _facts(people),
        "assessments": _assessments(people),
        "outcomes": _outcomes(people),
        "partnerships": [_partnership(one, codes[one.pk]) for one in partnerships],
        "rounds": [
            [one.number, _day(one.opens_on), _day(one.closes_on)] for one in programme.rounds.all()
        ],
        "indicators": _indicators(),
        "definitions": [_definition(one, keys[one.pk], codes, names) for one in known],
        "development": _development(programme, at, count(judged.values()), keys, newest),
        "criteria": _criteria(programme, count(judged.values())),
        "outcome_classes": [[one.position, one.name] for one in programme.outcomes.all()],
        "programme": [_programme(programme)],
    }
    for name in codebook.OF_PEOPLE:
        tables[name].sort(key=lambda row: [str(cell) for cell in row])
    tables["partnerships"].sort()
    return Collected(tables, list(people))


@dataclass(frozen=True)
class _Person:
    pseudonym: str
    partnership: str
    youth: Youth

    @property
    def who(self) -> list:
        return [self.pseudonym, self.partnership]


def _day(day) -> str:
    return day.isoformat() if day else ""


def _month(day) -> str:
    return f"{day:%Y-%m}" if day else ""


def _month_of(moment) -> str:
    return _month(timezone.localdate(moment))


def age_band(age: int) -> str:
    bands = ((18, "under_18"), (21, "18_20"), (25, "21_24"))
    return next((name for below, name in bands if age < below), "25_over")


def _key(definition, codes) -> str:
    """What a version of a definition is called: of its partnership, or of the programme."""
    return f"{codes.get(definition.partnership_id, 'programme')}-{definition.version}"


def _ratings(programme, people) -> tuple[list, dict]:
    """The rows, and by youth in how many rounds something was assessed."""
    rows, assessed = [], {}
    answers = Rating.objects.filter(round__programme=programme, youth__in=people)
    for youth, number, opens_on, voice, code, step, why_not, wording, at in answers.values_list(
        "youth", "round__number", "round__opens_on", "voice", "indicator__code", "step", "why_not",
        "wording", "rated_at",
    ):  # fmt: skip
        rows.append(
            [*people[youth].who, number, _day(opens_on), voice, code, step, why_not, wording,
             _month_of(at)]
        )  # fmt: skip
        if step is not None:
            assessed.setdefault(youth, set()).add(number)
    return rows, {pk: len(numbers) for pk, numbers in assessed.items()}


def _own_rounds(programme, people) -> list:
    """Who was there when the young people answered; what they said is no data, but a quote."""
    found = OwnRound.objects.filter(round__programme=programme, youth__in=people)
    rows = found.annotate(said=~Q(easier="")).values_list(
        "youth", "round__number", "how", "sitting__pen", "helper", "said"
    )
    return [
        [*people[youth].who, number, how, pen or "", helper, int(said)]
        for youth, number, how, pen, helper, said in rows
    ]


def _youth(person, judgement, definition, rounds) -> list:
    youth = person.youth
    return [
        *person.who,
        _month(youth.enrolled_on),
        age_band(age_on(youth.birth_date, youth.enrolled_on)),
        youth.stu_ends_on.year,
        int(youth.left_on is not None),
        _month(youth.left_on),
        rounds,
        judgement.result.value,
        judgement.seen_by.value,
        int(judgement.certain),
        int(judgement.possible),
        len(judgement.awaits),
        youth.outcome.position if youth.outcome else None,
        definition,
        RULE_VERSION,
    ]


def _facts(people) -> list:
    return [
        [*people[one.youth_id].who, one.kind, _month(one.began_on), _month(one.ended_on),
         None if one.weekly_hours is None else float(one.weekly_hours)]
        for one in ObservedFact.objects.standing().filter(youth__in=people)
    ]  # fmt: skip


def _assessments(people) -> list:
    given = Assessment.objects.filter(youth__in=people)
    return [
        [*people[youth].who, int(closer), _month_of(at)]
        for youth, closer, at in given.values_list("youth", "closer", "assessed_at")
    ]


def _outcomes(people) -> list:
    found = Outcome.objects.filter(youth__in=people).latest().select_related("outcome")
    return [
        [*people[one.youth_id].who, one.moment, one.outcome.position, _month(one.seen_on)]
        for one in found
    ]


def _partnership(one, code) -> list:
    return [
        code, one.school.name, one.municipality.name, one.places, one.status, _day(one.starts_on),
        _day(one.ends_on),
    ]  # fmt: skip


def _indicators() -> list:
    texts = IndicatorText.objects.select_related("indicator").order_by(
        "indicator__position", "audience", "language", "version"
    )
    return [
        [one.indicator.code, one.indicator.position, one.audience, one.language, one.version,
         int(one.ended_at is None), one.name, one.question, *(said for _step, said in one.steps)]
        for one in texts
    ]  # fmt: skip


def _names() -> dict[str, dict[str, str]]:
    """Short names of the indicators by language and code."""
    found = {language: {} for language in codebook.LANGUAGES}
    texts = IndicatorText.objects.filter(audience=IndicatorText.Audience.PROFESSIONAL)
    texts = texts.order_by("version")  # the newest comes last and stays
    for language, code, name in texts.values_list("language", "indicator__code", "name"):
        found[language][code] = name
    return found


def _definition(one, key, codes, names) -> list:
    said = []
    for language in codebook.LANGUAGES:
        with translation.override(language):
            said.append(" ".join(rule_in_words(one.rule, names[language])))
    return [
        key,
        "partnership" if one.partnership_id else "programme",
        codes.get(one.partnership_id, ""),
        one.version,
        _day(one.in_force_from),
        json.dumps(one.stored_rule, sort_keys=True),
        *said,
    ]


def _development(programme, at, counts, keys, newest) -> list:
    """The last figures of each month before, and those of the cut itself."""

    def row(day, counts, version, judged_by):
        known = sorted(keys[pk] for pk in judged_by if pk in keys)
        return [_day(day), *(counts[name] for name in codebook.COUNTS), version, " ".join(known)]

    keys = {str(pk): key for pk, key in keys.items()}
    today = timezone.localdate(at)
    before = ProgrammeSnapshot.objects.filter(
        programme=programme, taken_on__lt=today.replace(day=1)
    )
    rows = [
        row(one.taken_on, one.counts(), one.rule_version, one.judged_by) for one in before.months()
    ]
    return [*rows, row(today, counts, RULE_VERSION, map(str, newest))]


def _criteria(programme, counts) -> list:
    reached = Entry.objects.filter(programme=programme).counted() | {
        Criterion.Counts.REFERRED.value: counts["referred"],
        Criterion.Counts.CLOSER.value: counts[Result.CLOSER.value],
    }
    return [
        [one.counts, one.name, one.wanted, reached[one.counts]]
        for one in programme.criteria.select_related("programme")
    ]


def _programme(programme) -> list:
    return [
        programme.name, programme.owner.name, _day(programme.starts_on), _day(programme.ends_on),
        programme.referred_target, programme.closer_target, programme.course_type,
    ]  # fmt: skip
