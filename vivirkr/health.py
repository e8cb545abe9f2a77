"""Whether the parts are alive: `/healthz`, and the signs of life it reads.

Worker and beat have no door to knock on, so each keeps a key in Redis that expires by itself.
A container asks about itself with `python -m vivirkr.health web`, `worker` or `beat`.
"""

import logging
import sys
import threading
import time
import urllib.request
from queue import Empty, Queue

import redis
from celery.beat import PersistentScheduler
from celery.signals import heartbeat_sent, worker_ready
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)

DEADLINE = 1.5  # seconds; whoever asks gives up after two
SILENCE = 30  # seconds without a sign of life, then a process counts as dead
PAUSE = 5  # seconds between two signs of life
KEYS = {"worker": "vivirkr:alive:worker", "beat": "vivirkr:alive:beat"}


@login_not_required
@transaction.non_atomic_requests
@never_cache
@require_safe
def healthz(request):
    """Each part as "ok" or a reason; 200 where all are ok, 503 otherwise, within two seconds."""
    parts = ask({"database": _database, "redis": _redis}, DEADLINE)
    status = 200 if set(parts.values()) == {"ok"} else 503
    return JsonResponse(parts, status=status)


def ask(checks, deadline):
    """Run `checks` side by side; one that hangs is left behind with its thread.

    A check returns a dict of answers. The reason for a failure is the error's class alone, since
    its text may hold an address or a password.
    """
    parts = dict.fromkeys(["database", "redis", *KEYS], "unknown")
    answers = Queue()

    def answer(name, check):
        try:
            answers.put({name: "ok", **check()})
        except Exception as error:
            logger.warning("%s: %s", name, type(error).__name__)
            answers.put({name: f"failed: {type(error).__name__}"})

    for name, check in checks.items():
        parts[name] = f"no answer in {deadline} s"
        threading.Thread(target=answer, args=(name, check), daemon=True).start()
    give_up_at = time.monotonic() + deadline
    for _ in checks:
        try:
            parts |= answers.get(timeout=max(0, give_up_at - time.monotonic()))
        except Empty:
            break
    return parts


def _database():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()
    return {}


def _redis():
    with _client() as client:
        seen = client.mget(KEYS.values())
    silent = f"no sign of life for {SILENCE} s"
    return {name: "ok" if value else silent for name, value in zip(KEYS, seen, strict=True)}


def _client():
    # A unix socket's address is spelled in one way by Celery and in another by redis.
    address = settings.REDIS_URL.replace("redis+socket://", "unix://", 1)
    return redis.Redis.from_url(address, socket_connect_timeout=1, socket_timeout=1)


# -- Signs of life -------------------------------------------------------------------------


class SignOfLife:
    """Keeps one process's key alive; neither fails nor waits long where Redis is away."""

    def __init__(self, name):
        self.name = name
        self.next_at = 0.0

    def __call__(self, **kwargs):
        if time.monotonic() < self.next_at:
            return
        try:
            with _client() as client:
                client.set(KEYS[self.name], 1, ex=SILENCE)
        except redis.RedisError as error:
            logger.warning("No sign of life from the %s: %s", self.name, type(error).__name__)
        self.next_at = time.monotonic() + PAUSE


worker_is_alive = SignOfLife("worker")
worker_ready.connect(worker_is_alive)
heartbeat_sent.connect(worker_is_alive)
beat_is_alive = SignOfLife("beat")


class Scheduler(PersistentScheduler):
    """Beat that shows it is alive, and that outlives Redis."""

    max_interval = PAUSE

    def tick(self, *args, **kwargs):
        beat_is_alive()
        return super().tick(*args, **kwargs)

    def _ensure_connected(self):
        # Celery's own waits here until Redis is back, and dies when it has waited too often. Each
        # message connects for itself; one that is lost is sent again by the next sweep.
        return self.connection


# -- Containers ----------------------------------------------------------------------------


def _is_well(part):
    if part != "web":
        return _redis()[part] == "ok"
    host = settings.ALLOWED_HOSTS[0].lstrip(".")
    request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=3) as response:  # noqa: S310  our own server
        return response.status == 200


if __name__ == "__main__":
    sys.exit(not _is_well(sys.argv[1]))
