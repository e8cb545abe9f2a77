"""Writing, sending, reading and answering a handover; its use; what a company reads."""

from handover.views.accommodations import accommodations
from handover.views.arranging import copy, earlier, move
from handover.views.documents import document, issued_page
from handover.views.jobs import job, job_answer, jobs
from handover.views.reading import answer, received, received_page
from handover.views.requests import ask, request
from handover.views.use import check_again, knowledge, opened, placement_parts, undo_use, use
from handover.views.versions import changed, version, versions
from handover.views.writing import add, draft_page, part, remove, reply, send, write
from handover.views.young import carry, mine, own_profile, react, show

__all__ = [
    "accommodations",
    "add",
    "answer",
    "ask",
    "carry",
    "changed",
    "check_again",
    "copy",
    "document",
    "draft_page",
    "earlier",
    "issued_page",
    "job",
    "job_answer",
    "jobs",
    "knowledge",
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
    "reply",
    "request",
    "send",
    "show",
    "undo_use",
    "use",
    "version",
    "versions",
    "write",
]
