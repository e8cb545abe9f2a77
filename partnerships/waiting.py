"""A line of the home page: what waits on a person, since when, and where to do it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Waiting:
    """What to do in words, why or about what, since when, and the page where it is done.

    `youth_id` where it is about one young person, so that the case page can show its own;
    `section` where words of it stand in the line, so that the read log can name it.
    """

    what: str
    why: str
    since: datetime
    url: str
    youth_id: object = None
    section: str = ""
