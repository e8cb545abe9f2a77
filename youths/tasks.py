"""Doors for the worker: an id in, load, one call."""

import logging

from celery import shared_task

from youths.models import EmergencyNotice, Notice, ReadSample

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
    Notice.send_all()


@shared_task
def draw_samples() -> None:
    """Draw the samples of the read log that are due: each organisation, each month that is over."""
    for organisation_id, month in ReadSample.work_list():
        ReadSample.draw(organisation_id, month)
