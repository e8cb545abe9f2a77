"""What every test has: both database connections, plain static files, people who sign in."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections
from django.test import Client

from tests.factories import Team


def pytest_collection_modifyitems(items):
    """The read log has a connection of its own, so a test with the database gets both."""
    for item in items:
        if mark := item.get_closest_marker("django_db"):
            item.add_marker(
                pytest.mark.django_db(**{"databases": ["default", "read_log"], **mark.kwargs}),
                append=False,
            )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let go of every session before the test database is dropped.

    The read log has a connection of its own, and a process that a test has killed may still hold
    one for a moment.
    """
    yield
    connections["read_log"].close()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def team(db):
    return Team()


@pytest.fixture
def other_team(db):
    """Another signed partnership of another programme, to look from outside."""
    return Team()


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
