"""Doors for the worker: an id in, load, one call.

Nothing depends on a message arriving: what needs doing is a fact in PostgreSQL, and `sweep()`,
called in a shell or by a benchmark as well as by beat, does all of it.
"""

import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from evaluation.models import (
    Cut,
    LastSweep,
    PartnershipProgress,
    ProgrammeSnapshot,
    RatingRound,
    Reconciliation,
    Snapshot,
    remind,
)
from partnerships.models import Programme

log = logging.getLogger(__name__)


@shared_task
def recompute(partnership_id: str) -> None:
    """Recompute one partnership's figures, if they still need it: many nudges, one computation."""
    if PartnershipProgress.work_list().filter(pk=partnership_id).exists():
        PartnershipProgress.recompute(partnership_id)


@shared_task
def sweep(by_beat: bool = False) -> None:
    """Recompute whatever the work list holds, also what no message told of.

    Several at once share it: each goes through it in an order of its own and leaves out what
    another is at or has done.
    """
    listed_at = timezone.now()
    listed = PartnershipProgress.work_list().order_by("?").values_list("pk", flat=True)
    for partnership_id in listed:
        try:
            PartnershipProgress.recompute(partnership_id, listed_at=listed_at)
        except SoftTimeLimitExceeded:  # the next one goes on where this one stops
            raise
        except Exception:  # it stays on the work list, and the others get their turn
            log.exception("The figures of partnership %s could not be computed.", partnership_id)
    LastSweep.note(by_beat=by_beat)


@shared_task
def take_snapshots() -> None:
    """Keep today's figures of every partnership, and their sums of every programme."""
    sweep()
    computed = PartnershipProgress.objects.filter(computed_at__isnull=False)
    for partnership_id in computed.values_list("partnership_id", flat=True):
        Snapshot.take(partnership_id)
    for programme_id in Programme.objects.values_list("pk", flat=True):
        ProgrammeSnapshot.take(programme_id, timezone.localdate())


@shared_task
def reconcile() -> None:
    """Compare all stored figures with a fresh computation and report."""
    report = Reconciliation.run()
    if report.differing:
        log.warning("Figures of %s of %s partnerships differed: %s",
                    len(report.differing), report.checked, ", ".join(report.differing))  # fmt: skip
    else:
        log.info("Figures of all %s partnerships agree.", report.checked)


@shared_task
def open_rounds() -> None:
    """Open the next round of every programme where it is due."""
    for programme_id in Programme.objects.values_list("pk", flat=True):
        try:
            RatingRound.open_next(programme_id)
        except Exception:  # the others get theirs
            log.exception("The next round of programme %s could not be opened.", programme_id)


@shared_task
def remind_raters() -> None:
    """Remind everybody whose voice is missing in a round that closes soon."""
    remind(timezone.localdate())


@shared_task
def make_cut(cut_id: str) -> None:
    """Freeze what somebody asked for, unless it is frozen already."""
    Cut.make(cut_id, Cut.build)


@shared_task
def sweep_cuts() -> None:
    """Freeze whatever still waits, also what no message told of and what a worker died on."""
    for cut_id in Cut.objects.unfinished().values_list("pk", flat=True):
        Cut.make(cut_id, Cut.build)
