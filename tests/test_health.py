"""/healthz names what is wrong, says nothing secret, and never keeps its caller waiting."""

import socket
import time

import pytest
from celery.beat import PersistentScheduler
from django.conf import settings as django_settings
from django.db import connections

from vivirkr import health
from vivirkr.celery import app

SECONDS = 2


@pytest.fixture
def silent_port():
    """A server that takes the call and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def signs_of_life():
    with health._client() as client:
        client.delete(*health.KEYS.values())
        yield client
        client.delete(*health.KEYS.values())


@pytest.mark.django_db(transaction=True)
@pytest.mark.alone
class TestHealthz:
    def test_all_well(self, client, signs_of_life):
        health.SignOfLife("worker")()
        health.SignOfLife("beat")()
        response = client.get("/healthz")
        assert response.json() == dict.fromkeys(["database", "redis", "worker", "beat"], "ok")
        assert response.status_code == 200

    def test_worker_and_beat_silent(self, client, signs_of_life):
        response = client.get("/healthz")
        assert response.status_code == 503
        assert response.json()["database"] == response.json()["redis"] == "ok"
        assert response.json()["worker"] == "no sign of life for 30 s"
        assert response.json()["beat"] == "no sign of life for 30 s"

    def test_sign_of_life_expires(self, signs_of_life):
        health.SignOfLife("beat")()
        assert 0 < signs_of_life.ttl(health.KEYS["beat"]) <= health.SILENCE

    def test_nobody_is_signed_in_and_no_session_is_opened(self, client, signs_of_life):
        response = client.get("/healthz")
        assert not response.cookies

    def test_only_reading(self, client):
        assert client.post("/healthz").status_code == 405


@pytest.mark.django_db(transaction=True)
class TestRedisAway:
    def test_refusing(self, client, settings):
        settings.REDIS_URL = "redis://:hunter2@127.0.0.1:1/0"
        response = client.get("/healthz")
        assert response.status_code == 503
        assert response.json() == {
            "database": "ok",
            "redis": "failed: ConnectionError",
            "worker": "unknown",
            "beat": "unknown",
        }

    @pytest.mark.alone
    def test_silent(self, client, settings, silent_port):
        settings.REDIS_URL = f"redis://:hunter2@127.0.0.1:{silent_port}/0"
        started = time.monotonic()
        response = client.get("/healthz")
        assert time.monotonic() - started < SECONDS
        assert response.status_code == 503
        assert response.json()["database"] == "ok"
        assert response.json()["redis"] != "ok"
        assert b"hunter2" not in response.content

    def test_sign_of_life_neither_fails_nor_waits(self, settings, silent_port):
        settings.REDIS_URL = f"redis://127.0.0.1:{silent_port}/0"
        started = time.monotonic()
        health.SignOfLife("worker")()
        assert time.monotonic() - started < SECONDS

    def test_beat_goes_on(self, settings, tmp_path, monkeypatch):
        """Redis refuses; a due message is dropped and the next tick comes."""
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        monkeypatch.setattr(app.conf, "broker_write_url", settings.REDIS_URL)
        scheduler = health.Scheduler(app=app, schedule_filename=str(tmp_path / "beat"))
        try:
            entry = scheduler.schedule["sweep"]
            entry.last_run_at = entry.last_run_at.replace(year=2000)
            started = time.monotonic()
            scheduler.tick()
            assert 0 <= scheduler.tick() <= health.PAUSE
            assert time.monotonic() - started < 10
        finally:
            PersistentScheduler.close(scheduler)


class TestDatabaseAway:
    @pytest.mark.alone
    @pytest.mark.breaks_grants  # with the database away there is nothing to compare
    @pytest.mark.django_db(transaction=True)
    def test_silent(self, client, silent_port, monkeypatch):
        address = {"HOST": "127.0.0.1", "PORT": silent_port, "PASSWORD": "hunter2"}
        for name, value in address.items():
            monkeypatch.setitem(connections.settings["default"], name, value)
        started = time.monotonic()
        response = client.get("/healthz")
        assert time.monotonic() - started < SECONDS
        assert response.status_code == 503
        assert response.json()["database"] == "no answer in 1.5 s"
        assert response.json()["redis"] == "ok"

    def test_reason_holds_no_secret(self):
        def refused():
            raise OSError("connection to postgresql://vivirkr:hunter2@db failed")

        assert health.ask({"database": refused}, 1)["database"] == "failed: OSError"


def test_scheduler_is_the_one_of_the_settings():
    assert django_settings.CELERY_BEAT_SCHEDULER == "vivirkr.health.Scheduler"
