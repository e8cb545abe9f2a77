"""Writing a handover, sending it, reading and answering it; accommodations."""

from handover.views.accommodations import accommodations
from handover.views.reading import answer, received, received_page
from handover.views.requests import ask, request
from handover.views.versions import changed, version, versions
from handover.views.writing import add, part, remove, reply, send, write
from handover.views.young import carry, mine, react, show

__all__ = [
    "accommodations",
    "add",
    "answer",
    "ask",
    "carry",
    "changed",
    "mine",
    "part",
    "react",
    "received",
    "received_page",
    "remove",
    "reply",
    "request",
    "send",
    "show",
    "version",
    "versions",
    "write",
]
