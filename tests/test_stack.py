"""`make run` as a person meets it: everybody signs in, and nothing is left behind or lost."""

import contextlib
import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from scripts import processes, run, servers
from scripts.bootstrap import ROOT

pytestmark = [pytest.mark.stack, pytest.mark.alone]

PATIENCE = 240  # seconds; the other tests run beside it
# Whose first page is another than the list of what waits
FIRST_PAGES = {
    "virksomhed@demo.vivirkr.dk": "/youths/placements/",
    "ledelse@demo.vivirkr.dk": "/evaluation/programmes/",
    "evaluator@demo.vivirkr.dk": "/evaluation/programmes/",
    "admin@demo.vivirkr.dk": "/admin/",
    "dataansvarlig@demo.vivirkr.dk": "/youths/reviews/",
    "dataansvarlig.pgu@demo.vivirkr.dk": "/youths/reviews/",
}
# What `make test` gives to the tests must not reach a stack that has servers of its own.
OURS = re.compile("DATABASE_URL|REDIS_URL|CELERY_|DJANGO_|VIVIRKR_|PYTEST")


class Stack:
    """One `make run` with a data folder of its own."""

    def __init__(self, local):
        self.local = local
        self.folder = servers.within_reach(local / "run")
        self.log = local / "log"

    def start(self):
        environment = {name: text for name, text in os.environ.items() if not OURS.match(name)}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            wanted = probe.getsockname()[1]
        environment |= {"VIVIRKR_LOCAL_DIR": str(self.local), "PORT": str(wanted)}
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scripts.run"],
                cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while "Ctrl-C stops it." not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()[-5000:]
            assert time.monotonic() < deadline, self.log.read_text()[-5000:]
            time.sleep(0.2)
        self.address = re.search(r"runs at (\S+)/$", self.log.read_text(), re.MULTILINE).group(1)
        self.port = urllib.parse.urlsplit(self.address).port

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)

    def kill(self):
        """kill -9 for all of it at once."""
        for pid in [self.process.pid, *processes.leftovers(self.folder)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def is_gone(self):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", self.port))
        return not processes.leftovers(self.folder)

    def browser(self):
        jar = http.cookiejar.CookieJar()
        return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def sign_in(self, browser, email):
        """The page that the person lands on, as (path without ids, status)."""
        page = browser.open(f"{self.address}/accounts/login/", timeout=30).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)
        form = {"login": email, "password": run.PASSWORD, "csrfmiddlewaretoken": token}
        answer = browser.open(
            f"{self.address}/accounts/login/", urllib.parse.urlencode(form).encode(), timeout=30
        )
        path = urllib.parse.urlsplit(answer.url).path
        return re.sub(r"[0-9a-f-]{36}/$", "", path), answer.status


@pytest.fixture
def stack():
    local = Path(tempfile.mkdtemp(prefix="vivirkr-stack-"))
    local.chmod(0o755)  # the database's account passes through
    stack = Stack(local)
    try:
        stack.start()
        yield stack
    finally:
        stack.kill()
        shutil.rmtree(local, ignore_errors=True)


def test_everybody_signs_in_and_nothing_is_left_behind(stack):
    answer, well = run.health(stack.address)
    assert well, answer
    landed = {email: stack.sign_in(stack.browser(), email) for email in run.PEOPLE}
    assert landed == {email: (FIRST_PAGES.get(email, "/"), 200) for email in run.PEOPLE}
    assert stack.stop() == 0
    assert stack.is_gone()


def test_sessions_outlive_a_kill(stack):
    """Whoever signed in before the kill is still signed in: data and secret are still there."""
    browser = stack.browser()
    assert stack.sign_in(browser, "koordinator@demo.vivirkr.dk") == ("/", 200)
    stack.kill()
    stack.start()
    page = browser.open(f"{stack.address}/", timeout=30)
    assert urllib.parse.urlsplit(page.url).path == "/"
    assert stack.stop() == 0
    assert stack.is_gone()
