"""Doors for the worker: an id in, load, one call."""

import logging

from celery import shared_task
from django.utils import timezone

from handover.models import Attachment, PartnershipKnowledge, remind

log = logging.getLogger(__name__)


@shared_task
def sweep_knowledge() -> None:
    """Count again what the work list holds."""
    _recompute(PartnershipKnowledge.work_list())


@shared_task
def recount_knowledge() -> None:
    """Count everything again: a consent that was given or ran out, and days that have passed."""
    _recompute(PartnershipKnowledge.counted())


def _recompute(partnerships):
    for partnership_id in partnerships.values_list("pk", flat=True):
        try:
            PartnershipKnowledge.recompute(partnership_id)
        except Exception:  # it stays on the work list, and the others get their turn
            log.exception("The parts of partnership %s could not be counted.", partnership_id)


@shared_task
def remind_receivers() -> None:
    """Remind those at whom a handover has waited too long; once a week at most."""
    remind(timezone.localdate())


@shared_task
def sweep_files() -> None:
    """Delete the files that no row names, and report the rows whose file is missing."""
    swept, missing = Attachment.sweep()
    log.info("%s files without a row were deleted.", swept)
    if missing:
        log.warning("%s files are missing: %s", len(missing), ", ".join(map(str, missing)))
