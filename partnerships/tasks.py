"""Doors for the worker: load, one call."""

import logging

from celery import shared_task

from partnerships.access import repair_grants

log = logging.getLogger(__name__)


@shared_task
def check_grants() -> None:
    """Compare guardian's rows with the table, put right what differs, and report it."""
    if differing := repair_grants():
        log.warning("The grants of %s differed: %s", len(differing), ", ".join(differing))
