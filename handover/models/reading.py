"""What somebody last read of a young person's handover: asked of the read log (docs/adr/0017)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from youths.models import AccessEvent, Channel

# How a line of the log says that the page of a handover was open, and with which version.
PAGE = "handover:received"
# Whoever comes back to the page within two hours is still reading it, part by part.
SITTING = timedelta(hours=2)


@dataclass(frozen=True)
class LastRead:
    """When, which version, and the sections of it that stood on the page."""

    at: datetime
    version: int
    sections: frozenset


def note_of(version: int) -> str:
    """The detail of a line of the log."""
    return f"{PAGE} {version}"


def last_read(user, youth) -> LastRead | None:
    """The end of this person's last sitting; in the first of all, its beginning.

    None for whoever opens the page for the first time, and for the young person, whose own look
    is not noted.
    """
    mine = AccessEvent.objects.about(youth).filter(
        user_id=user.pk, channel=Channel.PAGE, detail__startswith=f"{PAGE} "
    )
    again = mine.filter(at__gt=OuterRef("at"), at__lte=OuterRef("at") + SITTING)
    over = mine.filter(~Exists(again), at__lt=timezone.now() - SITTING)
    last = over.order_by("-at").first() or mine.order_by("at").first()
    if last is None:
        return None
    return LastRead(last.at, int(last.detail.removeprefix(PAGE)), frozenset(last.codes))
