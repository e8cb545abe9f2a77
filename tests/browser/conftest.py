"""A real browser, before a real web server and a real worker, on the test's own database."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.stack import database_url

ROOT = Path(settings.BASE_DIR)
AXE = ROOT / "node_modules/axe-core/axe.min.js"
WIDTHS = (1280, 390)
# WCAG 2.0 to 2.2, levels A and AA.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def pytest_collection_modifyitems(items):
    """Everything here needs the browser."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    flags = [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses root otherwise
    return {
        **browser_type_launch_args,
        "executable_path": os.environ["VIVIRKR_CHROMIUM"],
        "args": flags,
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "da-DK", "viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def environment(transactional_db):
    """What a process of the stack needs to work on this test's database."""
    return surroundings()


def surroundings() -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "vivirkr.settings",
        "WEB_CONCURRENCY": "1",
    }


def process(command, environment):
    """Run a part of the stack until the test is over."""
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
    )


def stop(running):
    running.terminate()
    try:
        running.wait(20)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


class WebServer:
    """One for all tests of a process: starting it takes longer than most of them."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.running = process(
            ["gunicorn", "--preload", "vivirkr.wsgi"], surroundings() | {"PORT": str(port)}
        )
        _wait_for(f"{self.address}/accounts/login/", self.running)

    def renew(self, seconds=20):
        """Have it work in a new process, which remembers nothing of the tests before."""
        old = self._workers()
        self.running.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + seconds
        while old & (now := self._workers()) or not now:
            assert time.monotonic() < deadline, "the web server has not been renewed"
            time.sleep(0.02)

    def _workers(self) -> set[str]:
        pid = self.running.pid
        return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


@pytest.fixture(scope="session")
def web_server(django_db_setup):
    server = WebServer()
    yield server
    stop(server.running)


@pytest.fixture
def site(environment, web_server, browser):
    """The address of the web server."""
    web_server.renew()
    yield web_server.address
    for context in browser.contexts:  # a page that asks on by itself would hold the database
        context.close()


def _wait_for(url, running, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert running.poll() is None, "the web server has stopped"
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the web server did not answer")


@pytest.fixture
def worker(environment):
    """A Celery worker on this test's database."""
    running = process(
        ["celery", "--app", "vivirkr", "worker", "--pool", "solo"],
        environment,
    )
    yield running
    stop(running)


@pytest.fixture
def look():
    """Call with a page: it is well at both widths, for axe and without sideways scroll."""

    def at_both_widths(page):
        page.wait_for_load_state()  # a page just come to may not have its first element yet
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{page.url} is {wide} px wide at {width} px"
            if not page.evaluate("'axe' in window"):
                page.evaluate(AXE.read_text())
            found = page.evaluate(
                "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
                ".then(r => r.violations.map("
                "v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', ')))",
                RULES,
            )
            assert found == [], f"{page.url} at {width} px: {found}"
        page.set_viewport_size({"width": 1280, "height": 900})

    return at_both_widths


@pytest.fixture
def signed_in(new_context, site):
    """Call with a person: a page of a browser in which that person is signed in, at the front page.

    By a session that stands in the database: the form of the sign-in has tests of its own.
    """

    def page_of(user):
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context = new_context()
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"{page.url}: {error}"))
        page.goto(f"{site}/")
        return page

    return page_of
