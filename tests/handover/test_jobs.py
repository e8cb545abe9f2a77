"""Sending and answering while Redis is gone: done at once, and everybody is told once it is back.

What has to be told is a row, and the message to a worker only a nudge (docs/adr/0005).
"""

import email
import time
from email.policy import default

import pytest
from celery import current_app
from django.urls import reverse

from handover.models import HandoverDecision, HandoverProfile
from tests.broker import PATIENCE, running_worker, until
from tests.handover.test_profiles import complete
from tests.handover.test_sending import previewed
from youths.models import Notice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]

AT_ONCE = 2  # seconds for a page; a broker that is waited for takes longer


def test_without_redis_all_is_done_at_once_and_the_mails_follow(team, sign_in, broker, tmp_path):
    complete(team)
    school, caseworker = sign_in(team.school), sign_in(team.caseworker)
    broker.stop()

    at_once(school, "send", team, previewed(school, team))
    assert HandoverProfile.objects.get().version == 1
    part = team.youth.profile.sent_parts.first()
    answer = {"kind": "question", "text": "Hvornår?"}
    at_once(caseworker, "answer", part, answer)
    reply = {"text": "Om morgenen."}
    at_once(school, "reply", part.answers.get(), reply)
    decision = {"kind": "with_questions", "version": 1, "confirmed": 1}
    at_once(caseworker, "decide", team, decision)
    assert HandoverDecision.objects.get().accepts
    kinds = ["arrived", "question", "replied", "with_questions"]
    assert list(Notice.objects.unsent().values_list("kind", flat=True)) == kinds

    broker.start()
    with running_worker(broker, VIVIRKR_LOCAL_DIR=str(tmp_path)):
        current_app.send_task("youths.tasks.mail_notices", retry=False)  # as every minute
        until(PATIENCE, lambda: not Notice.objects.unsent().exists())
        current_app.send_task("youths.tasks.mail_notices", retry=False)
    told = [m["To"] for m in mails(tmp_path)]
    # Two things each, in one mail.
    assert sorted(told) == sorted([team.caseworker.email, team.school.email])


def at_once(client, route, thing, said):
    """Sent from the page, and there is the answer before anybody waits."""
    pk = getattr(thing, "youth", thing).pk
    start = time.monotonic()
    assert client.post(reverse(f"handover:{route}", args=[pk]), said).status_code == 302
    assert time.monotonic() - start < AT_ONCE


def mails(folder) -> list:
    """What the worker has sent: without a mail server, files in a folder."""
    found = []
    for path in (folder / "mail").iterdir():
        for text in path.read_bytes().split(b"-" * 79):
            if text.strip():
                found.append(email.message_from_bytes(text.strip(), policy=default))
    return found
