"""What a profile might still say: how far it is, and soft hints that stop nobody from sending."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handover.access import REQUIRED_SECTIONS
from handover.models.catalogue import SECTION_OF, Heading

# A heading without any part, and why it is worth a word.
WORTH_A_WORD = {
    Heading.MOTIVATION: (
        _("Nobody has written what motivates"),
        _("The first task at a new place can then be one that is wanted."),
    ),
    Heading.EXPERIENCE: (
        _("Nobody has written where it was tried"),
        _("What went well somewhere can be gone on from."),
    ),
    Heading.AVOID: (
        _("Nobody has written what to avoid"),
        _("A new place otherwise finds out by doing it."),
    ),
    Heading.NETWORK: (
        _("Nobody has written who stands close"),
        _("Whom to call matters on the first bad day."),
    ),
    Heading.PRACTICAL: (
        _("Nobody has written how the day is managed"),
        _("Transport and fixed appointments decide which hours are possible."),
    ),
}


@dataclass(frozen=True)
class Hint:
    """Something soft, with the heading to write it under."""

    heading: Heading
    what: str
    why: str


def hints(parts, sections) -> list[Hint]:
    """What nobody has written in these sections, and what says not how it is known."""
    written = {part.heading for part in parts}
    found = [
        Hint(heading, *words)
        for heading, words in WORTH_A_WORD.items()
        if SECTION_OF[heading] in sections and heading not in written
    ]
    unfounded = [part for part in parts if part.has_level and not (part.evidence or part.seen)]
    if unfounded:
        what = ngettext(
            "%(number)s part does not say how it is known",
            "%(number)s parts do not say how it is known",
            len(unfounded),
        ) % {"number": len(unfounded)}
        why = _("What was seen somewhere can be asked about and tried again.")
        found.append(Hint(Heading(unfounded[0].heading), what, why))
    return found


def completeness(parts, sections) -> tuple[int, int]:
    """How many are done of the parts, and of the sections that need one."""
    there = {part.section for part in parts}
    wanted = [section for section in REQUIRED_SECTIONS if section in sections]
    lacking = [section for section in wanted if section not in there]
    return sum(not part.missing() for part in parts), len(parts) + len(lacking)
