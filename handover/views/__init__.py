"""A handover written, sent, read, answered, closed; its use; what a company reads of it."""

from handover.views.accommodations import accommodations
from handover.views.arranging import copy, earlier, move
from handover.views.deciding import decide
from handover.views.documents import document, issued_page
from handover.views.feedback import feedback, feedback_year
from handover.views.files import file, files, remove_file
from handover.views.jobs import job, job_answer, jobs
from handover.views.meetings import (
    agreement_done,
    correct_meeting,
    meeting,
    meetings,
    withdraw_point,
)
from handover.views.reading import answer, received, received_page
from handover.views.requests import ask, request
from handover.views.use import (
    agreement_parts,
    check_again,
    goal_parts,
    knowledge,
    opened,
    placement_parts,
    undo_use,
    use,
)
from handover.views.versions import changed, version, versions
from handover.views.writing import add, draft_page, part, remove, reply, send, write
from handover.views.young import carry, mine, own_profile, react, show

__all__ = [
    "accommodations",
    "add",
    "agreement_done",
    "agreement_parts",
    "answer",
    "ask",
    "carry",
    "changed",
    "check_again",
    "copy",
    "correct_meeting",
    "decide",
    "document",
    "draft_page",
    "earlier",
    "feedback",
    "feedback_year",
    "file",
    "files",
    "goal_parts",
    "issued_page",
    "job",
    "job_answer",
    "jobs",
    "knowledge",
    "meeting",
    "meetings",
    "mine",
    "move",
    "opened",
    "own_profile",
    "part",
    "placement_parts",
    "react",
    "received",
    "received_page",
    "remove",
    "remove_file",
    "reply",
    "request",
    "send",
    "show",
    "undo_use",
    "use",
    "version",
    "versions",
    "withdraw_point",
    "write",
]
