"""A Redis of one's own and workers beside a test: both can be taken away."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import redis
from celery import current_app
from django.conf import settings
from kombu import pools

from scripts import servers
from tests.stack import database_url

PATIENCE = 60  # seconds; the other tests run beside these


class Broker:
    """A Redis of one's own that can go away and come back empty, as one without a disk does."""

    def __init__(self, folder):
        self.folder, self.socket = folder, folder / "redis"
        self.url = f"redis+socket://{self.socket}"
        self.process = None

    def start(self):
        if self.process:
            return
        command = [servers._find_redis(), "--port", "0", "--unixsocket", str(self.socket)]
        command += ["--dir", str(self.folder), "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            until(PATIENCE, lambda: self._answers(client))

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    @staticmethod
    def _answers(client):
        try:
            return client.ping()
        except redis.ConnectionError:
            return False


def until(seconds, true):
    """Wait until it is true, and say how long that took; fails after so many seconds."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - start


@contextmanager
def running_worker(broker, *, pool="solo", **environment):
    """A Celery worker on the test database, ready; killed in the end with all its processes."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        **environment,
    }
    command = [sys.executable, "-m", "celery", "--app", "vivirkr", "worker", "--pool", pool]
    command += ["--concurrency", "1", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    log = broker.folder / "worker.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=settings.BASE_DIR,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        until(PATIENCE, lambda: " ready." in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        kill_all(process)


def kill_all(process):
    """The worker and its children, as a machine that dies kills them."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def forget_connections():
    pools.reset()
    current_app._pool = current_app.amqp._producer_pool = None
