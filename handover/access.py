"""Which sections of a handover profile a person writes and reads, for one young person."""

from collections import defaultdict

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partnerships.access import Section, Verb, memberships, partnership_ids
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

# Who holds this writes the profile, and who holds that asks for sections and answers it.
WRITING = "change_direction"
ASKING = "answer_direction"


def sections_for(user, youth, verb: str = Verb.VIEW) -> list[str]:
    """The profile's sections in which the person holds a verb for this young person."""
    held = codenames_for(user, youth)
    return [section for section in SECTIONS if f"{verb}_{section}" in held]


def within_reach(user, verb: str, prefix: str = "") -> Q:
    """Parts, whosever they are, in whose section the person holds a verb on the partnership.

    `prefix` leads from the row to the part. A handful of ids for each section, asked once a
    request; sections with the same partnerships, which is nearly always all, share a condition.
    """
    by_partnerships = defaultdict(list)
    for section in SECTIONS if memberships(user) else ():
        by_partnerships[tuple(partnership_ids(user, f"{verb}_{section}"))].append(section)
    found = Q(pk__in=[])
    for ids, sections in by_partnerships.items():
        found |= Q(
            **{
                f"{prefix}section__in": sections,
                f"{prefix}profile__youth__partnership__in": ids,
                f"{prefix}profile__youth__left_on": None,
            }
        )
    return found
