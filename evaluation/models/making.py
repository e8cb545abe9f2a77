"""What a worker makes once and nothing changes afterwards: a frozen cut, a report.

The row is the fact: whatever is not finished waits in the database, and the message to the worker
only nudges. Whoever makes it holds a lock of the session meanwhile, which ends with the process,
so that what a killed worker left is taken up again and two never make the same.
"""

import hashlib
import logging
import uuid
from contextlib import contextmanager

from celery import current_app
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.encryption import EncryptedTextField, decrypt_file, encrypt_file, new_file_key
from partnerships.models import User

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3


class CannotBeMade(Exception):
    """Trying again would not help."""


class State(models.TextChoices):
    WAITING = "waiting", _("Waits for its turn")
    RUNNING = "running", _("Being made")
    DONE = "done", _("Ready")
    FAILED = "failed", _("Could not be made")


UNFINISHED = (State.WAITING, State.RUNNING)
# The word and the shape of the status line by state.
SHAPES = {
    State.WAITING: "open",
    State.RUNNING: "part",
    State.DONE: "done",
    State.FAILED: "failed",
}


class MakingQuerySet(models.QuerySet):
    def unfinished(self):
        return self.filter(state__in=UNFINISHED)

    def light(self):
        """Without the content, which may be large."""
        return self.defer("content", "key")


class Making(models.Model):
    """Asked for by somebody, made by a worker, kept as it was made.

    The content lies encrypted under a key of its own, so that its bytes stay the same also where
    the keys of the installation change; a trigger refuses any other change of what is done.
    """

    TASK = ""  # the name of the task that makes one

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(default=0)  # per cent
    attempts = models.PositiveSmallIntegerField(default=0)
    key = EncryptedTextField(blank=True, default="")
    content = models.BinaryField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True)  # of the content
    size = models.PositiveIntegerField(default=0)  # of the content, in bytes
    made_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.state} {self.pk}"

    @property
    def shape(self) -> str:
        return SHAPES[self.state]

    @property
    def is_done(self) -> bool:
        return self.state == State.DONE

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def has_failed(self) -> bool:
        return self.state == State.FAILED

    def opened(self) -> bytes:
        """What was made. Raises CannotOpen where somebody has changed it."""
        return decrypt_file(bytes(self.content), key=self.key, pk=self.pk)

    def nudge(self) -> None:
        """Tell a worker once this transaction stands; a message that gets lost costs time only."""

        def send():
            current_app.send_task(self.TASK, args=[str(self.pk)], retry=False, ignore_result=True)

        transaction.on_commit(send, robust=True)

    def tell(self, progress: int) -> None:
        """How far it has come, for who waits."""
        type(self).objects.filter(pk=self.pk).update(progress=progress)

    @classmethod
    def make(cls, pk, build) -> None:
        """Make it by `build(row)`, which returns its bytes, and the fields that come of it.

        Nothing happens where it is made already or somebody is at it. What fails is tried again
        by the next sweep, three times in all; a process that dies on it counts as well.
        """
        with _alone(pk) as alone:
            if not alone:
                return
            rows = cls.objects.filter(pk=pk)
            rows.unfinished().filter(attempts__gte=MOST_ATTEMPTS).update(state=State.FAILED)
            begun = rows.unfinished().update(
                state=State.RUNNING, progress=0, attempts=F("attempts") + 1
            )
            if not begun:
                return
            try:
                one = rows.light().get()
                content, fields = build(one)
                one._finish(content, fields)
            except Exception as error:  # whatever it was, who waits is told
                log.exception("%s %s could not be made.", cls.__name__, pk)
                over = isinstance(error, CannotBeMade) or one.attempts >= MOST_ATTEMPTS
                rows.unfinished().update(state=State.FAILED if over else State.WAITING)

    def _finish(self, content: bytes, fields: dict) -> None:
        key = new_file_key()
        self.state, self.progress, self.made_at = State.DONE, 100, timezone.now()
        self.key, self.content = key, encrypt_file(content, key=key, pk=self.pk)
        self.sha256, self.size = hashlib.sha256(content).hexdigest(), len(content)
        for name, value in fields.items():
            setattr(self, name, value)
        self.save()

    @transaction.atomic
    def try_again(self) -> None:
        """Once more, after it could not be made; otherwise nothing."""
        failed = type(self).objects.filter(pk=self.pk, state=State.FAILED)
        if failed.update(state=State.WAITING, attempts=0, progress=0):
            self.nudge()


def kept(name: str) -> list:
    """The constraints of a table of what is made."""
    return [
        models.CheckConstraint(
            condition=(
                Q(state="done", content__isnull=False, made_at__isnull=False) & ~Q(sha256="")
            )
            | (~Q(state="done") & Q(content=None, made_at=None, sha256="")),
            name=f"{name}_is_done_when_it_has_its_content",
        ),
        models.CheckConstraint(
            condition=Q(progress__lte=100), name=f"{name}_is_made_to_100_per_cent_at_most"
        ),
    ]


@contextmanager
def _alone(pk):
    """Whether nobody else is at it; the lock ends with the block, or with the process."""
    number = pk.int if isinstance(pk, uuid.UUID) else uuid.UUID(str(pk)).int
    number &= 2**63 - 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        alone = cursor.fetchone()[0]
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


@contextmanager
def one_moment():
    """All that is read inside is of one moment, whatever is written meanwhile."""
    inside = connection.in_atomic_block
    with transaction.atomic():
        if not inside:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
