"""Writing a handover, sending it, reading and answering it."""

from handover.views.reading import answer, received, received_page
from handover.views.writing import add, part, remove, reply, send, write

__all__ = ["add", "answer", "part", "received", "received_page", "remove", "reply", "send", "write"]
