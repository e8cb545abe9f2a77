"""Doors for the worker: an id in, load, one call."""

import logging

from celery import shared_task

from evaluation.models import PartnershipProgress, Reconciliation, Snapshot

log = logging.getLogger(__name__)


@shared_task
def recompute(partnership_id: str) -> None:
    """Recompute one partnership's figures. The message is only a nudge; see `sweep`."""
    PartnershipProgress.recompute(partnership_id)


@shared_task
def sweep() -> None:
    """Recompute whatever the work list holds, also what no message told of."""
    for partnership_id in PartnershipProgress.work_list().values_list("pk", flat=True):
        PartnershipProgress.recompute(partnership_id)


@shared_task
def take_snapshots() -> None:
    """Keep today's figures of every partnership."""
    sweep()
    for progress in PartnershipProgress.objects.all():
        Snapshot.take(progress)


@shared_task
def reconcile() -> None:
    """Compare all stored figures with a fresh computation and report."""
    report = Reconciliation.run()
    if report.differing:
        log.warning("Figures of %s of %s partnerships differed: %s",
                    len(report.differing), report.checked, ", ".join(report.differing))  # fmt: skip
    else:
        log.info("Figures of all %s partnerships agree.", report.checked)
