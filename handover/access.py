"""Which sections of a handover profile a person writes and reads, for one young person."""

from django.utils.translation import gettext_lazy as _

from partnerships.access import Section, Verb
from youths.access import codenames_for

# The sections of a profile, in the order in which they are written and read.
SECTIONS = (
    Section.DIRECTION,
    Section.COMPETENCES,
    Section.SUPPORT,
    Section.HEALTH,
    Section.NETWORK,
)
# Without a part in each of these a profile is not worth sending.
REQUIRED_SECTIONS = (Section.DIRECTION, Section.COMPETENCES, Section.SUPPORT)
# Sections whose parts say how much support is needed.
LEVELLED_SECTIONS = (Section.COMPETENCES, Section.SUPPORT)

WHY_REQUIRED = {
    Section.DIRECTION: _("The course is planned from what the young person wants."),
    Section.COMPETENCES: _("The job centre looks for work that uses what the young person can do."),
    Section.SUPPORT: _("What works is what is lost first, and is hardest to find again."),
}


def sections_for(user, youth, verb: str = Verb.VIEW) -> list[str]:
    """The profile's sections in which the person holds a verb for this young person."""
    held = codenames_for(user, youth)
    return [section for section in SECTIONS if f"{verb}_{section}" in held]
