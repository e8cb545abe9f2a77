"""What a process of the stack needs to work beside a test."""

import subprocess
import time
from urllib.parse import quote

import redis
from django.db import connection

from scripts import servers

PATIENCE = 60  # seconds; the other tests run beside these


def database_url() -> str:
    """The address of this test's own database."""
    database = connection.settings_dict
    login = quote(database["USER"], safe="")
    if database["PASSWORD"]:
        login += f":{quote(database['PASSWORD'], safe='')}"
    port = f":{database['PORT']}" if database["PORT"] else ""
    host = quote(database["HOST"], safe="")
    return f"postgresql://{login}@{host}{port}/{database['NAME']}"


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
