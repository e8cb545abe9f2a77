"""What holds for every page."""

from urllib.parse import urlencode

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import connection
from django.shortcuts import render, resolve_url
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRefresh


class SignInRequired(LoginRequiredMiddleware):
    """Every page asks for a sign-in, unless its view says otherwise; nothing typed is lost to it.

    A form that is sent after the sign-in has ended gets a page that still holds the texts (401),
    instead of a redirect that would throw them away. A part of a page that asks for itself again
    has the whole page ask instead: it would be swapped for the form of the sign-in.
    """

    def handle_no_permission(self, request, view_func):
        if request.htmx and request.method == "GET":
            return HttpResponseClientRefresh()
        texts = {
            name: text
            for name, text in request.POST.items()
            if text.strip() and name != "csrfmiddlewaretoken"
        }
        if not texts:
            return super().handle_no_permission(request, view_func)
        back = urlencode({"next": request.path}, safe="/")
        sign_in = f"{resolve_url(self.get_login_url(view_func))}?{back}"
        context = {"texts": texts, "sign_in": sign_in}
        return render(request, "signed_out.html", context, status=401)


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
