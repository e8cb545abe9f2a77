"""What holds for every page."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import connection
from django.shortcuts import render, resolve_url
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRefresh

from vivirkr.things import seen_from, youth_of
from youths.models import AccessEvent, Channel


class SignInRequired(LoginRequiredMiddleware):
    """Every page asks for a sign-in, unless its view says otherwise; nothing typed is lost to it.

    A form that is sent after the sign-in has ended gets a page that still holds the texts (401),
    instead of a redirect that would throw them away. A part of a page that asks for itself again
    has the whole page ask instead: it would be swapped for the form of the sign-in.
    """

    def handle_no_permission(self, request, view_func):
        if request.htmx and request.method == "GET":
            return HttpResponseClientRefresh()
        texts = _typed(request)
        if not texts:
            return super().handle_no_permission(request, view_func)
        back = urlencode({"next": request.path}, safe="/")
        sign_in = f"{resolve_url(self.get_login_url(view_func))}?{back}"
        context = {"texts": texts, "sign_in": sign_in}
        return render(request, "signed_out.html", context, status=401)


class OffersTheOtherRelation:
    """A page that only another relation of the same person may see says so, and offers to switch.

    A link in a mail leads there; and a form that was open while its owner switched keeps its texts.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        match = request.resolver_match
        if response.status_code != 404 or not match or not request.user.is_authenticated:
            return response
        other = seen_from(request.user, match.kwargs)
        if other is None:
            return response
        context = {"membership": other[0], "texts": _typed(request), "next": _back(request)}
        return render(request, "home/other_relation.html", context, status=404)


def _typed(request) -> dict:
    """The texts of a form, by field: what must not be lost."""
    return {
        name: text
        for name, text in request.POST.items()
        if text.strip() and name != "csrfmiddlewaretoken"
    }


def _back(request) -> str:
    """Where to go on after the switch: the page itself, if it can be asked for."""
    return request.get_full_path() if request.method in ("GET", "HEAD") else ""


class SignedInPagesAreNotStored:
    """No browser and no proxy keeps a page that a signed-in person has seen.

    Nor the one that gives somebody whose sign-in has ended the own texts back.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated or response.status_code == 401:
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store"
        return response


class WroteWhileReading(Exception):
    """A page that only reads tried to write."""


READING = ("SELECT", "DECLARE", "SAVEPOINT", "RELEASE", "ROLLBACK")
# allauth counts a HEAD of the sign-in as a try, and its counters stand in the cache's own table.
COUNTERS = f'"{settings.CACHES["default"]["LOCATION"]}"'


def _refuse_writing(execute, sql, params, many, context):
    if not sql.lstrip(" (").upper().startswith(READING) and COUNTERS not in sql:
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


class RefusalsAreLogged:
    """A signed-in person who asks for a thing of a youth and does not get it is noted.

    The innermost of all: the request's own transaction is over, and an answer that another
    middleware gave in the view's place is no refusal. When the line cannot be written, the answer
    is an error.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if (
            response.status_code in (403, 404)
            and getattr(request, "reached_its_view", False)
            and request.user.is_authenticated
            and (youth := youth_of(request.resolver_match.kwargs))
        ):
            route = request.resolver_match.view_name
            AccessEvent.record(request.user, [youth], [], Channel.REFUSED, detail=route)
        return response

    def process_view(self, request, view, args, kwargs):
        request.reached_its_view = True
