"""What every test has: both database connections, people who sign in, and grants that stay equal
to the table."""

import gc
import pickle
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from threading import Barrier

import pytest
import time_machine
from django.apps import apps
from django.conf import settings as project
from django.db import connection, connections
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.test import Client
from django.utils import timezone
from whitenoise.base import WhiteNoise

from handover.models import AccommodationPhrase
from partnerships.access import grant_differences
from tests.broker import Broker, forget_connections
from tests.factories import Team
from vivirkr import pdf
from youths.models import ConsentText

# Minutes each, so they begin first: else one core waits at the end for another's last file.
LONGEST = ["test_canaries.py", "test_visibility.py", "test_matrix.py"]


def pytest_collection_modifyitems(items):
    """The read log has a connection of its own, so a test with the database gets both."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
    for item in items:
        if mark := item.get_closest_marker("django_db"):
            item.add_marker(
                pytest.mark.django_db(**{"databases": ["default", "read_log"], **mark.kwargs}),
                append=False,
            )


def pytest_collection_finish():
    """What is loaded by now stays, so the garbage collector need not go through it ever again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_runtest_setup(item):
    if item.get_closest_marker("pango") and not pdf.is_possible():
        pytest.skip("THIS MACHINE CANNOT MAKE PDFS; make run says what to install")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """After every test that has the database: the grants are those of the table, and no others.

    Those that break grants on purpose say so with the mark `breaks_grants`.
    """
    result = yield
    marked = {mark.name for mark in item.iter_markers()}
    has_database = "django_db" in marked or "db" in item.fixturenames
    if has_database and "breaks_grants" not in marked and not connection.needs_rollback:
        assert standing_grants() == {}
        assert differing_grants() == {}
    return result


# Where nobody may ever have anything: guardian's generic tables, rows for single people, and
# Django's own right to a whole model.
EMPTY_TABLES = (
    "guardian_userobjectpermission",
    "guardian_groupobjectpermission",
    "partnerships_partnershipuserpermission",
    "youths_placementuserpermission",
    "auth_group_permissions",
    "partnerships_user_user_permissions",
)


def standing_grants() -> dict[str, int]:
    """Rows in tables of grants that must stay empty, by table: one query."""
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in EMPTY_TABLES)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return {table: n for table, n in zip(EMPTY_TABLES, cursor.fetchone(), strict=True) if n}


def differing_grants() -> dict[str, tuple]:
    """Partnerships and placements whose grants are not those of the table."""
    objects = [
        obj
        for label in ("partnerships.Partnership", "youths.Placement")
        for obj in apps.get_model(label)._base_manager.all()
    ]
    found = {f"{obj._meta.model_name} {obj.pk}": grant_differences(obj) for obj in objects}
    return {name: both for name, both in found.items() if any(both)}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let go of every session before the test database is dropped.

    The read log has a connection of its own, and a process that a test has killed may still hold
    one for a moment.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # Tests that commit are cleaned up by TRUNCATE, which the read log refuses; see its test.
        cursor.execute(
            "ALTER TABLE youths_accessevent DISABLE TRIGGER the_read_log_is_never_emptied"
        )
    yield
    connections["read_log"].close()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@receiver(post_migrate)
def what_the_migrations_wrote(app_config, using, **kwargs):
    """Tests that commit are cleaned up by TRUNCATE, which takes it away."""
    if using != "default":
        return
    KEPT.clear()  # the permissions may have other ids now
    if app_config.label == "youths":
        ConsentText.objects.get_or_create(number=1, defaults={"text_da": "Ja.", "text_en": "Yes."})
    there = AccommodationPhrase._meta.db_table in connection.introspection.table_names()
    if app_config.label == "handover" and there and not AccommodationPhrase.objects.exists():
        import_module("handover.migrations.0005_accommodations").fill_the_library(apps, None)


@pytest.fixture(scope="session", autouse=True)
def static_files_are_looked_up_once():
    """Each client of a test starts the whole middleware, whose WhiteNoise reads every static file
    anew: a third of the work of all tests together."""
    look_up, found = WhiteNoise.update_files_dictionary, {}

    def once(whitenoise, root, prefix):
        if (root, prefix) not in found:
            look_up(whitenoise, root, prefix)
            found[root, prefix] = dict(whitenoise.files)
        whitenoise.files.update(found[root, prefix])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoise, "update_files_dictionary", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def files_of_the_tests_alone(tmp_path_factory):
    """What is attached lies in a folder that goes with the tests."""
    project.FILES_DIR = tmp_path_factory.mktemp("files")


@pytest.fixture(scope="session", autouse=True)
def own_broker():
    """A Redis for each process of the tests and what it starts, so that they run side by side."""
    # Below the system's folder for temporary files: a socket's path must be short.
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        broker = Broker(Path(folder))
        patch.setenv("REDIS_URL", broker.url)
        patch.setenv("CELERY_BROKER_URL", broker.url)  # goes before the settings that are read
        patch.setattr(project, "REDIS_URL", broker.url)
        broker.start()
        yield broker
        broker.stop()


# Teams by the name of the fixture: the day, the rows by table as JSON, and the objects.
KEPT = {}


def kept_team(name) -> Team:
    """A team, made by the factories once and from then on written again: a table an INSERT.

    Half the tests begin with one, and making it took a third of their time. It is made anew
    where the clock is set or what is written is committed.
    """
    if not connection.in_atomic_block or time_machine.escape_hatch.is_travelling():
        return Team()
    day, rows, made = KEPT.get(name, (None, {}, b""))
    if day == timezone.localdate():
        inserts = [
            f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s)"  # noqa: S608
            for table in rows
        ]
        with connection.cursor() as cursor:
            cursor.execute("; ".join(inserts), list(rows.values()))
        return pickle.loads(made)  # noqa: S301  our own
    before, made = all_rows(), Team()
    rows = {table: text for table, text in all_rows().items() if text != before[table]}
    if not any(before[table] for table in rows):  # else they would not be the team's alone
        KEPT[name] = timezone.localdate(), rows, pickle.dumps(made)
    return made


def all_rows() -> dict[str, str | None]:
    """Each table's rows as JSON; None where there is none.

    Without the read log: who looks at it here keeps its other connection from changing it.
    """
    tables = [t for t in connection.introspection.table_names() if t != "youths_accessevent"]
    texts = ", ".join(f'(SELECT json_agg(t)::text FROM "{table}" t)' for table in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {texts}")
        return dict(zip(tables, cursor.fetchone(), strict=True))


@pytest.fixture
def team(db):
    return kept_team("team")


@pytest.fixture
def other_team(db):
    """Another signed partnership of another programme, to look from outside."""
    return kept_team("other_team")


@pytest.fixture
def sign_in():
    """Call with a person: a client that is signed in as that person."""

    def client_of(user, **kwargs) -> Client:
        client = Client(**kwargs)
        client.force_login(user)
        return client

    return client_of


@pytest.fixture
def english(settings):
    """The words in a test are the source's own, whatever the catalogues say."""
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def at_once():
    """Call with functions: runs them at the same moment, each on connections of its own.

    Returns what each returned, or the exception that it raised. Needs a test whose data is
    committed, `django_db(transaction=True)`.
    """

    def run(*functions):
        barrier = Barrier(len(functions))

        def one(function):
            try:
                barrier.wait(timeout=10)
                return function()
            except Exception as error:
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(one, functions))

    return run


@pytest.fixture
def broker(own_broker):
    """The broker of this process and its workers, empty and running."""
    own_broker.stop()
    own_broker.start()
    forget_connections()
    yield own_broker
    own_broker.start()
    forget_connections()
