"""Whose record an address names: the one place that leads from a route's parameter to a youth."""

from django.db.models import Q

from partnerships.access import acting_in, memberships, relations
from partnerships.models import Partnership, Programme
from youths.models import Placement, Youth

# The parameter of a route, and the way to the thing's own id from the youth.
OF_A_YOUTH = {
    "youth_id": "pk",
    "referral_id": "referrals__pk",
    "placement_id": "placements__pk",
    "link_id": "placements__links__pk",
    "feedback_id": "placements__feedback__pk",
    "opening_id": "emergencies__pk",
    "part_id": "profile__parts__pk",
    "attachment_id": "profile__parts__attachments__pk",
    "sent_part_id": "profile__sent_parts__pk",
    "step_id": "profile__document_steps__pk",
    "use_id": "profile__sent_parts__uses__pk",
    "answer_id": "profile__sent_parts__answers__pk",
    "job_profile_id": "job_profiles__pk",
    "consent_id": "consents__pk",
    "request_id": "section_requests__pk",
    "deadline_id": "deadlines__pk",
    "notice_id": "notices__pk",
    "agreement_id": "profile__meetings__agreements__pk",
    "meeting_id": "profile__meetings__pk",
    "point_id": "profile__meetings__points__pk",
    "effort_id": "efforts__pk",
    "goal_id": "goals__pk",
    "small_step_id": "goals__steps__pk",
    "fact_id": "observed_facts__pk",
    "own_round_id": "own_rounds__pk",
}
# Parameters that name nothing of a single youth. A test fails on one that is in neither.
NOT_OF_A_YOUTH = {"partnership_id", "programme_id", "number", "sample_id", "section", "whose"}
NOT_OF_A_YOUTH |= {"kind", "register", "entry_id", "cut_id", "file_name", "report_id"}
NOT_OF_A_YOUTH |= {"import_id", "company_id", "what", "row_id"}


def youth_of(kwargs) -> Youth | None:
    """The youth whose thing a route's parameters name; None without one, or where it isn't there.

    Says nothing about who may see it.
    """
    named = {OF_A_YOUTH[name]: value for name, value in kwargs.items() if name in OF_A_YOUTH}
    return Youth.objects.filter(Q(**named)).first() if named else None


def seen_from(user, kwargs) -> list | None:
    """Another relation of the person from which the thing that a route names can be seen."""
    mine = relations(user)
    if len(mine) < 2:
        return None
    youth = youth_of(kwargs)
    for relation in mine:
        if relation is memberships(user):
            continue
        twin = acting_in(user, relation)
        seen = (
            youth and Youth.objects.visible_to(twin).filter(pk=youth.pk),
            "placement_id" in kwargs
            and Placement.objects.visible_to(twin).filter(pk=kwargs["placement_id"]),
            "partnership_id" in kwargs
            and Partnership.objects.visible_to(twin).filter(pk=kwargs["partnership_id"]),
            "programme_id" in kwargs
            and Programme.objects.visible_to(twin).filter(pk=kwargs["programme_id"]),
        )
        if any(rows.exists() for rows in seen if rows):
            return relation
    return None
