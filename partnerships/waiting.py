"""A line of the home page: what waits on a person, since when, and where to do it."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone


@dataclass(frozen=True)
class Waiting:
    """What to do in words, why or about what, since when, and the page where it is done.

    `youth_id` where it is about one young person, so that the case page can show its own;
    `section` where words of it stand in the line, so that the read log can name it. `due_on`
    where it is promised for a day.
    """

    what: str
    why: str
    since: datetime
    url: str
    youth_id: object = None
    section: str = ""
    due_on: date | None = None

    @property
    def is_late(self) -> bool:
        return self.due_on is not None and self.due_on < timezone.localdate()

    @property
    def days_off(self) -> int:
        """How many days the promised day lies ahead, or has passed."""
        return abs((self.due_on - timezone.localdate()).days)

    @property
    def place(self) -> tuple:
        """In a list: what is late first; then what is due by its day, and the rest by its age."""
        due = self.due_on and timezone.make_aware(datetime.combine(self.due_on, time.min))
        return not self.is_late, due or self.since
