"""What holds for every page."""

from django.db import connection
from django.utils.cache import add_never_cache_headers


class SignedInPagesAreNotStored:
    """No browser and no proxy keeps a page that a signed-in person has seen."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store"
        return response


class WroteWhileReading(Exception):
    """A page that only reads tried to write."""


READING = ("SELECT", "DECLARE", "SAVEPOINT", "RELEASE", "ROLLBACK")


def _refuse_writing(execute, sql, params, many, context):
    if not sql.lstrip(" (").upper().startswith(READING):
        raise WroteWhileReading(sql.split(None, 1)[0])
    return execute(sql, params, many, context)


class ReadingDoesNotWrite:
    """GET and HEAD cannot write; the read log has a connection of its own and still can.

    The session stands outside: its middleware saves it after this one is done.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with connection.execute_wrapper(_refuse_writing):
            return self.get_response(request)
