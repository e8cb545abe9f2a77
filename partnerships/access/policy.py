"""Who sees what, rendered from the two tables: for the page and for docs/access.md."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from partnerships.access.table import (
    CONDITIONS,
    EMERGENCY_GRANTS,
    GRANTS,
    NARROWABLE,
    OWN_GRANTS,
    PERSONAL_VERBS,
    PLACEMENT_GRANTS,
    SECTIONS_BY_STATUS,
    YOUTH,
    Condition,
    Role,
    Section,
    Verb,
    codenames,
)


@dataclass(frozen=True)
class Cell:
    """What one role does with one section, and when; without verbs it never sees it."""

    viewer: str
    verbs: tuple[str, ...]
    when: tuple[str, ...]

    def __bool__(self):
        return bool(self.verbs)


@dataclass(frozen=True)
class Row:
    section: str
    may_be_narrowed: bool
    cells: list[Cell]


def viewers() -> dict[str, str]:
    """Everybody who may see something, by code, in the order of the page."""
    return {
        Role.SCHOOL: Role.SCHOOL.label,
        Role.CASEWORKER: Role.CASEWORKER.label,
        Role.EMPLOYER: Role.EMPLOYER.label,
        YOUTH: _("The young person, about themself"),
        Role.LEAD: Role.LEAD.label,
        Role.EVALUATOR: Role.EVALUATOR.label,
        Role.ADMIN: Role.ADMIN.label,
        "emergency": _("Administrator, in an emergency"),
    }


def _cell(viewer: str, name: str, section) -> Cell:
    conditions = CONDITIONS.get((viewer, section), ())
    if viewer == "emergency":
        verbs = (Verb.VIEW,) if f"{Verb.VIEW}_{section}" in EMERGENCY_GRANTS else ()
        conditions = CONDITIONS.get((Role.CASEWORKER, section), ())
    else:
        table = {**GRANTS, **PLACEMENT_GRANTS, **OWN_GRANTS}
        verbs = table.get(viewer, {}).get(section, ())
    said = [
        _("%(verb)s, if named for it") % {"verb": verb.label} if verb in PERSONAL_VERBS
        else str(verb.label)
        for verb in verbs
    ]  # fmt: skip
    when = tuple(str(Condition(c).label) for c in conditions) if verbs else ()
    return Cell(str(name), tuple(said), when)


def sections() -> list[Row]:
    """A row for each section, of a partnership that both have signed."""
    return [
        Row(
            str(section.label),
            section in NARROWABLE,
            [_cell(viewer, name, section) for viewer, name in viewers().items()],
        )
        for section in Section
    ]


def by_status() -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """What a role reads in each other state of the partnership: (status, [(role, sections)])."""
    return [
        (
            status,
            [
                (str(role.label), [str(s.label) for s in Section if f"view_{s}" in held])
                for role in GRANTS
                for held in [codenames(role, status)]
            ],
        )
        for status in SECTIONS_BY_STATUS
        if status != "signed"
    ]
