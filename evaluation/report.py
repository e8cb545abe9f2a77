"""The figures of a half-year's report, from the tables of one frozen cut and nothing else.

Texts are in the current language. The reader is outside every partnership: docs/adr/0025.
"""

import json
from collections import Counter
from datetime import date

from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from evaluation import masking
from evaluation.development import drawn
from evaluation.models import Criterion
from evaluation.packages import rows_of
from evaluation.progress import Fact, Result, Rule, SeenBy, Voice
from evaluation.standing import Standing, Targets
from evaluation.views.programmes import SEGMENTS, segment
from evaluation.wording import rule_in_words
from partnerships.models import Status

MONTHS = 12  # of the development


def figures(data: dict, starts_on: date, ends_on: date) -> dict:
    """All that the report shows."""
    tables = {name: rows_of(table) for name, table in data["tables"].items()}
    (programme,) = tables["programme"]
    targets = Targets(programme["referred_target"], programme["closer_target"])
    counts = _counts(tables["youths"])
    standing = Standing.of([counts], targets)
    rounds = {
        row["round"]: row
        for row in tables["rounds"]
        if starts_on <= parse_date(row["opens_on"]) <= ends_on
    }
    return {
        "about": data["about"],
        "programme": programme,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "standing": standing,
        "segments": [segment(standing, lambda **chosen: "", *one) for one in SEGMENTS],
        "seen_by": [(whose.label, standing.seen_by[whose]) for whose in SeenBy],
        "period": _period(tables, rounds, starts_on, ends_on),
        "voices": _voices(tables["ratings"], rounds),
        "facts": _facts(tables["facts"], starts_on, ends_on),
        "partnerships": _partnerships(tables, targets),
        "development": _development(tables["development"], targets),
        "criteria": [
            (Criterion.Counts(row["counts"]).label, row["name"], row["count"], row["target"])
            for row in tables["criteria"]
        ],
        "outcomes": _outcomes(tables),
        "definitions": _definitions(tables),
        "indicators": _indicators(tables["indicators"]),
        "least": masking.LEAST,
    }


def _counts(youths) -> dict:
    """The same sums as `evaluation.models.figures.count`, of rows of the cut."""
    results, seen_by = Counter(r["result"] for r in youths), Counter(r["seen_by"] for r in youths)
    return {
        "referred": len(youths),
        **{result: results[result] for result in Result.values},
        **{f"seen_by_{whose}": seen_by[whose] for whose in SeenBy.values},
        "certain": sum(row["certain"] for row in youths),
        "possible": sum(row["possible"] for row in youths),
        "awaited": sum(row["awaited"] > 0 for row in youths),
    }


def _in(month: str, starts_on, ends_on) -> bool:
    return f"{starts_on:%Y-%m}" <= month <= f"{ends_on:%Y-%m}"


def _period(tables, rounds, starts_on, ends_on) -> list[tuple[str, object]]:
    """What has happened in the half-year."""

    def youths(month):
        return sum(_in(row[month], starts_on, ends_on) for row in tables["youths"])

    outcomes = sum(_in(row["seen_month"], starts_on, ends_on) for row in tables["outcomes"])
    return [
        (_("Youths referred"), youths("enrolled_month")),
        (_("Youths who left the course"), masking.few(youths("left_month"))),
        (_("Rounds of rating that opened"), len(rounds)),
        (_("Answers in them"), sum(row["round"] in rounds for row in tables["ratings"])),
        (_("Outcomes recorded"), masking.few(outcomes)),
    ]


def _voices(ratings, rounds) -> list[dict]:
    """Of each voice how many answers the half-year's rounds have, and how many are assessed."""
    of_voice = {voice: [] for voice in Voice.values}
    for row in ratings:
        if row["round"] in rounds:
            of_voice[row["voice"]].append(row["step"])
    return [
        {
            "label": voice.label,
            "answers": len(of_voice[voice]),
            "assessed": sum(step is not None for step in of_voice[voice]),
        }
        for voice in Voice
    ]


def _facts(facts, starts_on, ends_on) -> list[tuple[str, int | None]]:
    """How many young people each kind was observed of for the first time in the half-year."""
    found = {
        (row["fact"], row["pseudonym"])
        for row in facts
        if _in(row["began_month"], starts_on, ends_on)
    }
    people = Counter(fact for fact, _who in found)
    return [(fact.label, masking.few(people[fact.value])) for fact in Fact]


def _partnerships(tables, targets) -> list[dict]:
    """Of each partnership its places, and in a band how many are closer."""
    referred = Counter(row["partnership"] for row in tables["youths"])
    closer = Counter(
        row["partnership"] for row in tables["youths"] if row["result"] == Result.CLOSER
    )
    rows = sorted(tables["partnerships"], key=lambda row: (row["school"], row["municipality"]))
    bands = [masking.band(closer[r["partnership"]], referred[r["partnership"]]) for r in rows]
    hidden = masking.given_away(
        sum(closer.values()), sum(low for low, _high in bands), sum(high for _low, high in bands)
    )
    return [
        {
            "school": row["school"],
            "municipality": row["municipality"],
            "status": Status(row["status"]).label,
            "places": row["places"],
            "referred": referred[row["partnership"]],
            "low": low,
            "high": high,
            "told": not hidden and (low, high) != (0, referred[row["partnership"]]),
        }
        for row, (low, high) in zip(rows, bands, strict=True)
    ]


def _development(rows, targets) -> dict:
    """The last figures of each month up to the cut."""
    found = [
        (parse_date(row["taken_on"]), row, (row["rule_version"], row["definitions"]))
        for row in rows[-MONTHS:]
    ]
    return drawn(found, targets)


def _outcomes(tables) -> list[tuple[str, int | None]]:
    """How the courses ended, by class; few persons are not told, nor what would give them away."""
    ended = Counter(row["outcome"] for row in tables["youths"])
    counts = {row["outcome"]: ended[row["outcome"]] for row in tables["outcome_classes"]}
    told = masking.few_hidden(counts, len(tables["youths"]))
    return [(row["name"], told[row["outcome"]]) for row in tables["outcome_classes"]]


def _definitions(tables) -> list[dict]:
    """Every version of every definition in words, made from the rule itself."""
    language = get_language()[:2]
    names = {
        row["indicator"]: row["name"]
        for row in tables["indicators"]
        if row["audience"] == "professional" and row["language"] == language
    }
    whose = {
        row["partnership"]: f"{row['school']} · {row['municipality']}"
        for row in tables["partnerships"]
    }
    found = [
        {
            "whose": whose.get(row["partnership"], ""),
            "version": row["version"],
            "in_force_from": parse_date(row["in_force_from"]),
            "rule": rule_in_words(Rule.from_stored(json.loads(row["rule"])), names),
        }
        for row in tables["definitions"]
    ]
    return sorted(found, key=lambda one: (one["whose"], one["version"]))


def _indicators(rows) -> list[dict]:
    """What is asked, and the words of the five steps, as professionals read them."""
    language = get_language()[:2]
    told = [
        row for row in rows if row["audience"] == "professional" and row["language"] == language
    ]
    return [{**row, "steps": [row[f"step_{n}"] for n in range(1, 6)]} for row in told]
