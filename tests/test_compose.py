"""docker-compose.yml is held against the settings, since no Docker engine runs here."""

import importlib.util
import re

import pytest
import yaml
from django.conf import settings

ROOT = settings.BASE_DIR
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
IMAGES = {"postgres": "postgres:17", "redis": "redis:7"}
OURS = sorted(SERVICES.keys() - IMAGES.keys())
# A call without a default: the start stops where the variable is missing.
READ = dict(re.findall(r'env\.\w+\("([A-Z_]+)"(,?)', (ROOT / "vivirkr/settings.py").read_text()))
REQUIRED = {name for name, default in READ.items() if not default}
# Behind the proxy DEBUG stays off and HTTPS on, which are the settings' own defaults.
LEFT_ALONE = {"DJANGO_DEBUG", "DJANGO_HTTPS"}


def test_settings_are_all_known():
    assert {"DJANGO_SECRET_KEY", "DATABASE_URL", "REDIS_URL"} <= REQUIRED
    assert READ.keys() >= LEFT_ALONE


def test_services_are_those_of_the_architecture():
    assert OURS == ["beat", "migrate", "web", "worker"]
    assert {name: SERVICES[name]["image"] for name in IMAGES} == IMAGES


@pytest.mark.parametrize("name", OURS)
def test_service_is_given_what_the_settings_read_and_nothing_else(name):
    given = SERVICES[name]["environment"].keys()
    assert given >= REQUIRED
    assert given <= READ.keys() - LEFT_ALONE


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_watched_and_looked_after(name):
    service = SERVICES[name]
    assert service["init"] is True
    if name == "migrate":
        assert service["restart"] == "no"
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] == "CMD"


def test_secret_comes_from_outside():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("KEY|PASSWORD|EMAIL_URL", name):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?[^}]+\}", value), name
            # A password within an address
            assert re.fullmatch(r"[^@]*:\$\{[A-Z_]+:\?[^}]+\}@.*|[^@]*|\$\{.*\}", value), name


def test_processes_wait_for_the_migrations():
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "redis": {"condition": "service_healthy"},
        }
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_address_names_a_service():
    environment = SERVICES["web"]["environment"]
    assert "@postgres:5432/vivirkr" in environment["DATABASE_URL"]
    assert environment["REDIS_URL"] == "redis://redis:6379/0"
    assert SERVICES["postgres"]["environment"]["POSTGRES_DB"] == "vivirkr"
    assert SERVICES["postgres"]["environment"]["POSTGRES_USER"] == "vivirkr"


def test_command_names_real_modules():
    assert SERVICES["web"]["command"][-1] == "vivirkr.wsgi"
    for name in ("worker", "beat"):
        assert SERVICES[name]["command"][:3] == ["celery", "--app=vivirkr", name]
        assert SERVICES[name]["healthcheck"]["test"][1:] == ["python", "-m", "vivirkr.health", name]
    for module in ("vivirkr.wsgi", "vivirkr.health", "vivirkr.celery"):
        assert importlib.util.find_spec(module)
    assert (ROOT / "manage.py").exists()


def test_queue_is_kept_and_never_thrown_away():
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_data_is_in_a_named_volume():
    used = {v.split(":")[0] for s in SERVICES.values() for v in s.get("volumes", [])}
    assert used == COMPOSE["volumes"].keys()


def test_image_runs_without_root():
    dockerfile = (ROOT / "Dockerfile").read_text()
    last_stage = dockerfile.rpartition("\nFROM ")[2]
    assert re.search(r"^USER vivirkr$", last_stage, re.MULTILINE)
