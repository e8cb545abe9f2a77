"""What the tables of a cut are made of: every variable in words, made from the choices themselves.

Variable names and values are English codes, the same for every reader; what they mean stands in
Danish and in English. In the files of SPSS a choice is the number of its place among the values.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from evaluation.progress import Fact, Result, SeenBy, Voice

LANGUAGES = ("da", "en")
AGES = {
    "under_18": _("Under 18"),
    "18_20": _("18 to 20"),
    "21_24": _("21 to 24"),
    "25_over": _("25 or older"),
}
YES = {0: _("No"), 1: _("Yes")}
WHOSE = {"programme": _("The programme's"), "partnership": _("The partnership's own")}


@dataclass(frozen=True)
class Column:
    """A variable. `values` are its choices in words; of a name, those that the data brings."""

    name: str
    label: str | Promise
    values: Mapping | str | None = None
    number: bool = False


def words(choices) -> dict:
    return {choice.value: choice.label for choice in choices}


def tables(choices: Mapping) -> dict[str, list[Column]]:
    """Every table by name. The models' choices by column are handed in: models import this."""
    pseudonym = Column("pseudonym", _("The young person's pseudonym in this programme"))
    partnership = Column("partnership", _("Partnership"), "partnership")
    definition = Column("definition", _("Definition of closer"), "definition")
    outcome = Column("outcome", _("Outcome"), "outcome", number=True)
    return {
        "ratings": [
            pseudonym,
            partnership,
            Column("round", _("Number of the round"), number=True),
            Column("round_opened", _("Day on which the round opened")),
            Column("voice", _("Whose voice"), words(Voice)),
            Column("indicator", _("Indicator"), "indicator"),
            Column("step", _("Step from 1 to 5; empty is not assessed"), number=True),
            Column("why_not", _("Why it was not assessed"), words(choices["why_not"])),
            Column("wording", _("Version of the words that were answered"), number=True),
            Column("rated_month", _("Month of the answer")),
        ],
        "own_rounds": [
            pseudonym,
            partnership,
            Column("round", _("Number of the round"), number=True),
            Column("how", _("How the young person answered"), words(choices["how"])),
            Column(
                "pen", _("Who held the pen, where the school sat beside"), words(choices["pen"])
            ),
            Column(
                "helper", _("Who helped, as the young person says it"), words(choices["helper"])
            ),
            Column("said_easier", _("Said what has become easier"), YES, number=True),
        ],
        "youths": [
            pseudonym,
            partnership,
            Column("enrolled_month", _("Month of the acceptance")),
            Column("age", _("Age when accepted"), AGES),
            Column("stu_ends_year", _("Year in which STU ends"), number=True),
            Column("left", _("Has left the course"), YES, number=True),
            Column("left_month", _("Month of leaving")),
            Column("rounds", _("Rounds with an assessed answer"), number=True),
            Column("result", _("Result"), words(Result)),
            Column("seen_by", _("Who sees that the young person has come closer"), words(SeenBy)),
            Column("certain", _("Closer, whatever the open round says"), YES, number=True),
            Column("possible", _("Closer, or could still be"), YES, number=True),
            Column("awaited", _("Voices that the open round waits for"), number=True),
            outcome,
            definition,
            Column("rule_version", _("Version of the arithmetic"), number=True),
        ],
        "facts": [
            pseudonym,
            partnership,
            Column("fact", _("What was observed"), words(Fact)),
            Column("began_month", _("Month of the first day")),
            Column("ended_month", _("Month of the last day")),
            Column("weekly_hours", _("Hours a week"), number=True),
        ],
        "assessments": [
            pseudonym,
            partnership,
            Column("closer", _("A professional concludes: closer"), YES, number=True),
            Column("assessed_month", _("Month of the conclusion")),
        ],
        "outcomes": [
            pseudonym,
            partnership,
            Column("moment", _("When"), words(choices["moment"])),
            outcome,
            Column("seen_month", _("Month of the outcome")),
        ],
        "partnerships": [
            partnership,
            Column("school", _("School")),
            Column("municipality", _("Municipality")),
            Column("places", _("Places"), number=True),
            Column("status", _("Agreement"), words(choices["status"])),
            Column("starts_on", _("First day")),
            Column("ends_on", _("Last day")),
        ],
        "rounds": [
            Column("round", _("Number of the round"), number=True),
            Column("opens_on", _("Day on which the round opened")),
            Column("closes_on", _("Last day")),
        ],
        "indicators": [
            Column("indicator", _("Indicator"), "indicator"),
            Column("position", _("Order"), number=True),
            Column("audience", _("Who is asked"), words(choices["audience"])),
            Column("language", _("Language")),
            Column("version", _("Version of the words"), number=True),
            Column("asked", _("Is asked"), YES, number=True),
            Column("name", _("Short name")),
            Column("question", _("Question")),
            *(Column(f"step_{n}", _("The words of a step")) for n in range(1, 6)),
        ],
        "definitions": [
            definition,
            Column("whose", _("Whose definition"), WHOSE),
            partnership,
            Column("version", _("Version"), number=True),
            Column("in_force_from", _("Rounds that open on this day or later are judged by it")),
            Column("rule", _("The rule as the machine reads it")),
            Column("words_da", _("The rule in words, in Danish")),
            Column("words_en", _("The rule in words, in English")),
        ],
        "development": [
            Column("taken_on", _("Day of the figures")),
            *(Column(name, label, number=True) for name, label in COUNTS.items()),
            Column("rule_version", _("Version of the arithmetic"), number=True),
            Column("definitions", _("Definitions that new rounds were judged by")),
        ],
        "criteria": [
            Column("counts", _("What counts"), words(choices["counts"])),
            Column("name", _("In the programme's words")),
            Column("target", _("Target"), number=True),
            Column("count", _("Reached"), number=True),
        ],
        "outcome_classes": [outcome, Column("name", _("Name"))],
        "programme": [
            Column("name", _("Name")),
            Column("owner", _("Owner")),
            Column("starts_on", _("First day")),
            Column("ends_on", _("Last day")),
            Column("referred_target", _("Youths to be referred"), number=True),
            Column("closer_target", _("Of whom at least closer"), number=True),
            Column("course_type", _("Name of the course")),
        ],
    }


COUNTS = {
    "referred": _("Youths referred"),
    **words(Result),
    "certain": _("Closer, certain"),
    "possible": _("Closer, or could still be"),
    "awaited": _("Youths whom the open round waits for"),
    **{f"seen_by_{whose.value}": whose.label for whose in SeenBy},
}
# Those of one young person each: written for SPSS, Stata and R as well.
OF_PEOPLE = ("ratings", "own_rounds", "youths", "facts", "assessments", "outcomes")


def in_both(text) -> list[str]:
    """A text in Danish and in English."""
    found = []
    for language in LANGUAGES:
        with translation.override(language):
            found.append(str(text))
    return found


def values_of(column: Column, brought: Mapping) -> Mapping:
    """The choices of a column, those that the data brings included: value to words."""
    if isinstance(column.values, str):
        return brought[column.values]
    return column.values or {}


def codebook(described: Mapping[str, list[Column]], brought: Mapping) -> list[list]:
    """A line for each variable, and one for each of its values, with headings."""
    lines = [["table", "variable", "value", "number_in_sav", "danish", "english"]]
    for table, columns in described.items():
        for column in columns:
            lines.append([table, column.name, "", "", *in_both(column.label)])
            for at, (value, said) in enumerate(values_of(column, brought).items(), start=1):
                number = value if column.number else at
                both = said if isinstance(said, list) else in_both(said)
                lines.append([table, column.name, value, number, *both])
    return lines
