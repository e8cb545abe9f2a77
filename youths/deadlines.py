"""What a kind of deadline is. Whoever lists deadlines knows that there are kinds; which ones there
are lies in rooms above.

The project's own app registers them as it starts (vivirkr/apps.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from partnerships.access import Role
from partnerships.working_days import Unit, due_on

YOUNG = "youth"
TEAM = (Role.SCHOOL, Role.CASEWORKER)


@dataclass(frozen=True)
class Rule:
    """One kind of deadline: the facts that it is planned from, and who owes it.

    what: what is to be done, with %(document)s for the programme's handover document.
    plain: the same as the young person is told.
    owed_by: Role.SCHOOL, Role.CASEWORKER, or YOUNG; several owe it together.
    codename: without which nobody knows of it.
    unit, before: how `span` is counted from the base date.
    facts: gives a queryset with a row for each thing that stands, annotated with `about`, a key
        that stays; `of_youth` and `of_partnership`; `base`, a date; `span`, a setting of the
        programme; and `done`, the day on which it was done, or null.
    page: the address where it is done, of a deadline.
    closable: whether it can be closed because it was done outside.
    counts_from_stu_end: whether it moves with the end of STU.
    known_to: gives the young people of whom a person may know whether it is done;
        without it, whoever knows of it.
    """

    what: Promise
    plain: Promise
    owed_by: tuple[str, ...]
    codename: str
    unit: Unit
    before: bool
    facts: Callable
    page: Callable
    closable: bool = False
    counts_from_stu_end: bool = False
    known_to: Callable | None = None

    @property
    def section(self) -> str:
        return self.codename.partition("_")[2]

    def due_on(self, base: date, span: int) -> date:
        return due_on(base, span, self.unit, before=self.before)


RULES: dict[str, Rule] = {}


def owed_by(side: str) -> list[str]:
    """The kinds that a side owes, alone or with others."""
    return [kind for kind, rule in RULES.items() if side in rule.owed_by]
