"""Doors for the worker: an id in, load, one call."""

import logging

from celery import shared_task

from youths.models import (
    ContactChange,
    Deadline,
    Delivery,
    EmergencyNotice,
    Import,
    PlacementLink,
    ReadSample,
)

log = logging.getLogger(__name__)


@shared_task
def mail_emergencies() -> None:
    """Mail everybody who has yet to be told that a case was opened in an emergency."""
    for pk in EmergencyNotice.work_list().values_list("pk", flat=True):
        try:
            EmergencyNotice.mail(pk)
        except Exception:  # it stays on the work list, and the others get their mail
            log.exception("The mail of notice %s could not be sent.", pk)


@shared_task
def mail_notices() -> None:
    """Mail everybody who has yet to be told of something."""
    Delivery.send_all()


@shared_task
def sweep_deadlines() -> None:
    """Bring every deadline in step with the facts, and tell who leads of what is long late."""
    Deadline.sweep()
    Deadline.escalate()


@shared_task
def mail_links() -> None:
    """Mail every company's link that was to be mailed and is not yet."""
    PlacementLink.mail_all()


@shared_task
def draw_samples() -> None:
    """Draw the samples of the read log that are due: each organisation, each month that is over."""
    for organisation_id, month in ReadSample.work_list():
        ReadSample.draw(organisation_id, month)


@shared_task
def run_import(import_id: str) -> None:
    """Refer the rows of an import, from where it stands."""
    try:
        Import.run(import_id)
    except Exception as fault:  # it stays on the work list
        # Without the error's own words, which may be those of a row.
        log.error("Import %s was interrupted: %s", import_id, type(fault).__name__)


@shared_task
def sweep_imports() -> None:
    """Go on with whatever import stands still, also after a worker or a message was lost."""
    for import_id in Import.work_list().values_list("pk", flat=True):
        run_import(str(import_id))


@shared_task
def purge_imports() -> None:
    """Forget what stood in files that were handed in long ago."""
    Import.purge()


@shared_task
def pass_batons() -> None:
    """Where a contact is gone and somebody was named, they are the contact."""
    ContactChange.pass_overdue()
