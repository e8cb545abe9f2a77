"""Two answers to what "closer" means, laid side by side: the same, near, or different."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from evaluation.progress import Fact, Rule

PROFESSIONALS = {
    0: gettext_lazy("none of them has to"),
    1: gettext_lazy("at least one of them"),
    2: gettext_lazy("both of them"),
}


class Mark(TextChoices):
    SAME = "same", gettext_lazy("Same")
    NEAR = "near", gettext_lazy("Near")
    DIFFERENT = "different", gettext_lazy("Different")


@dataclass(frozen=True)
class Line:
    """One thing that a definition says: the field of the form, and each side's value in words."""

    field: str
    label: str
    school: str
    municipality: str
    mark: Mark


def lines(school: Rule, municipality: Rule, names: Mapping[str, str]) -> list[Line]:
    """A line for each thing that a rule says. `names` are all indicators' short names by code."""
    found = [
        _line(
            f"rise_{code}",
            _("“%(what)s”") % {"what": name},
            *(rule.rises.get(code, 0) for rule in (school, municipality)),
            words=rise_in_words,
            mark=_by_distance,
        )
        for code, name in names.items()
    ]
    pairs = (
        ("own_voice", _("The young person must see it"), yes_or_no, _by_equality),
        (
            "professionals",
            _("School and job centre must see it"),
            lambda value: str(PROFESSIONALS[value]),
            _by_distance,
        ),
        ("rounds", _("From how many rounds"), rounds_in_words, _by_distance),
        ("facts", _("Facts that stand for what professionals see"), facts_in_words, _by_overlap),
        ("assessment", _("A professional's own assessment, with a reason"), yes_or_no,
         _by_equality),
    )  # fmt: skip
    for field, label, words, mark in pairs:
        values = (getattr(rule, field) for rule in (school, municipality))
        found.append(_line(field, label, *values, words=words, mark=mark))
    return found


def _line(field, label, school, municipality, *, words, mark) -> Line:
    return Line(field, label, words(school), words(municipality), mark(school, municipality))


def _by_equality(one, other) -> Mark:
    return Mark.SAME if one == other else Mark.DIFFERENT


def _by_distance(one: int, other: int) -> Mark:
    """Near where both count it and are one apart; whether it counts at all is a difference."""
    if one == other:
        return Mark.SAME
    return Mark.NEAR if one and other and abs(one - other) == 1 else Mark.DIFFERENT


def _by_overlap(one, other) -> Mark:
    if set(one) == set(other):
        return Mark.SAME
    return Mark.NEAR if set(one) & set(other) else Mark.DIFFERENT


def rise_in_words(steps: int) -> str:
    if not steps:
        return _("does not count")
    return ngettext("%(n)s step up", "%(n)s steps up", steps) % {"n": steps}


def rounds_in_words(rounds: int) -> str:
    return ngettext("%(n)s round", "%(n)s rounds", rounds) % {"n": rounds}


def yes_or_no(value: bool) -> str:
    return _("yes") if value else _("no")


def facts_in_words(facts) -> str:
    return ", ".join(str(Fact(fact).label) for fact in facts) or _("none")
