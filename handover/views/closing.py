"""How a handover closes, on the page where it is read: the answer to the whole, the meeting."""

from handover.access import SECTIONS
from handover.decision_forms import WholeForm
from handover.models import (
    DECIDING,
    PLANNING,
    HandoverDecision,
    MissingKnowledge,
    meeting_of,
    standing_of,
)
from handover.views.meetings import noted_by
from youths.access import codenames_for


def closing(user, youth, summary, whole=None) -> dict:
    """What this person sees of the answer to the whole and of the first meeting.

    `whole` is the form with what was chosen and cannot be.
    """
    held = codenames_for(user, youth)
    agreed = meeting_of(user, youth)
    standing = standing_of(youth, summary, planned=bool(agreed and agreed.meeting.held_on))
    noted_by(user, held, agreed.agreements if agreed else [])
    may_decide = DECIDING in held and standing.can_change
    return {
        "standing": standing,
        "missing_knowledge": _missing(user, youth, standing.decision),
        "whole": whole or (WholeForm(youth=youth, summary=summary) if may_decide else None),
        "whole_refused": whole is not None,
        "agreed": agreed,
        "may_plan": PLANNING in held,
    }


def answered_whole(user, youth, profile) -> dict:
    """The newest answer to the whole, for who writes."""
    decision = None
    if profile and profile.version:
        decision = profile.decisions.select_related("decided_by").first()
    return {"decision": decision, "missing_knowledge": _missing(user, youth, decision)}


def _missing(user, youth, decision) -> list:
    """What is missing by section, in the order of the sections, as far as the person reads them."""
    if decision is None or decision.kind != HandoverDecision.Kind.RETURNED:
        return []
    rows = MissingKnowledge.objects.visible_to(user, youth).filter(decision=decision)
    return sorted(rows, key=lambda row: SECTIONS.index(row.section))
