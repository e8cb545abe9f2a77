"""What holds for every page: reading cannot write, nothing is stored, headers, languages."""

from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection, transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from tests.factories import PASSWORD, UserFactory
from tests.test_matrix import PATTERNS, assert_safe
from vivirkr.middleware import ReadingDoesNotWrite, WroteWhileReading

pytestmark = pytest.mark.django_db


def writing_view(request):
    UserFactory()


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_page_that_reads_cannot_write(rf, method):
    with pytest.raises(WroteWhileReading, match="INSERT"), transaction.atomic():
        ReadingDoesNotWrite(writing_view)(getattr(rf, method)("/"))
    assert not get_user_model().objects.exists()


def test_a_page_that_is_posted_to_can_write(rf):
    ReadingDoesNotWrite(writing_view)(rf.post("/"))
    assert get_user_model().objects.count() == 1


def test_the_wrapper_is_gone_after_the_page(rf):
    with pytest.raises(WroteWhileReading), transaction.atomic():
        ReadingDoesNotWrite(writing_view)(rf.get("/"))
    assert connection.execute_wrappers == []


@pytest.mark.parametrize("route", ["account_login", "account_reset_password", "privacy"])
def test_only_asking_for_the_head_of_a_page_is_answered(client, route):
    assert client.head(reverse(route)).status_code == 200


def test_signed_in_pages_are_not_stored(team, sign_in):
    assert sign_in(team.school).get(reverse("home"))["Cache-Control"] == "no-store"


def every_address() -> list[str]:
    """An address of each route that there is, allauth's and the administration's as well."""
    found = []
    for name, pattern in all_routes():
        wanted = pattern.pattern.regex.groupindex
        found.append(reverse(name, kwargs={key: VALUES.get(key, uuid4()) for key in wanted}))
    return found


VALUES = {
    **{
        "number": 1,
        "consent_id": 1,
        "notice_id": 1,
        "section": "health",
        "whose": "caseworker",
        "kind": "agreements",
        "register": "model_parts",
        "what": "contact",
        "row_id": 1,
    },
    # Of the administration and of allauth.
    **{"content_type_id": 1, "app_label": "partnerships"},
    **{"uidb36": "1", "key": "1-a"},
}


def all_routes(patterns=None, prefix=""):
    for entry in patterns or get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from all_routes(entry.url_patterns, inner)
        elif entry.name:  # the administration's last one takes all that is left, without a name
            yield f"{prefix}{entry.name}", entry


def test_every_answer_has_the_security_headers(team, sign_in):
    """Of every route, seen or refused, and of an address that is none."""
    superuser = UserFactory(is_staff=True, is_superuser=True)
    addresses = [*every_address(), "/admin/nothing/", "/nothing/"]
    assert len(addresses) > len(PATTERNS) + 30
    for user in (None, team.school, superuser):
        for url in addresses:
            for method in ("get", "post"):
                client = Client() if user is None else sign_in(user)
                response = getattr(client, method)(url)
                assert response.status_code != 500, url  # without a worker healthz is unwell
                signed_in = user is not None and response.wsgi_request.user.is_authenticated
                assert_safe(response, signed_in=signed_in)


@pytest.mark.parametrize("status", [400, 403, 500])
def test_so_has_an_answer_to_what_went_wrong(team, sign_in, monkeypatch, status):
    def fails(*args, **kwargs):
        raise {400: SuspiciousOperation, 403: PermissionDenied, 500: RuntimeError}[status]

    monkeypatch.setattr("vivirkr.views.cases.case_page", fails)
    client = sign_in(team.school, raise_request_exception=False)
    response = client.get(reverse("case", args=[team.youth.pk]))
    assert response.status_code == status
    assert_safe(response, signed_in=True)


def test_danish_is_the_default_and_english_a_choice(client):
    login = reverse("account_login")
    assert '<html lang="da">' in client.get(login).content.decode()
    client.post(reverse("set_language"), {"language": "en", "next": login})
    assert '<html lang="en">' in client.get(login).content.decode()


class TestCookies:
    def test_of_sign_in_and_language_are_out_of_reach_of_scripts(self, client):
        user = UserFactory()
        client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        client.post(reverse("set_language"), {"language": "en"})
        for name in ("sessionid", "django_language"):
            assert client.cookies[name]["httponly"]

    def test_travel_by_https_alone(self, settings):
        kinds = ("SESSION", "CSRF", "LANGUAGE")
        assert {getattr(settings, f"{kind}_COOKIE_SECURE") for kind in kinds} == {settings.HTTPS}

    def test_of_the_forms_token_is_out_of_reach_too(self, client):
        client.get(reverse("account_login"))
        cookie = client.cookies["csrftoken"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_nobody_signs_up(client):
    response = client.post(
        reverse("account_signup"), {"email": "ny@example.org", "password1": PASSWORD}
    )
    assert response.status_code == 200
    assert not get_user_model().objects.exists()


def test_an_email_in_capitals_signs_in(client):
    user = UserFactory()
    answer = client.post(
        reverse("account_login"), {"login": user.email.upper(), "password": PASSWORD}
    )
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize("person", [{"is_active": False}, {}])
def test_wrong_password_and_closed_account_do_not_sign_in(client, person):
    user = UserFactory(**person)
    password = "forkert-kodeord" if user.is_active else PASSWORD
    client.post(reverse("account_login"), {"login": user.email, "password": password})
    assert "_auth_user_id" not in client.session


def test_too_many_wrong_passwords_have_to_wait(client):
    user = UserFactory()
    answers = {
        client.post(
            reverse("account_login"), {"login": user.email, "password": f"forkert-{n}"}
        ).content
        for n in range(7)
    }
    right = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert len(answers) > 1  # another message from some try on
    assert right.status_code != 302


class TestSignedOut:
    def test_a_form_sent_after_the_end_of_the_sign_in_gets_its_text_back(self, team):
        url = reverse("youths:words", args=[team.youth.pk])
        response = Client().post(url, {"kind": "words", "text": "<b>Jeg vil & kan</b>"})
        assert response.status_code == 401
        assert response["Cache-Control"] == "no-store"
        page = response.content.decode()
        assert "&lt;b&gt;Jeg vil &amp; kan&lt;/b&gt;" in page
        assert f"{reverse('account_login')}?next={url}" in page
        assert not team.youth.words.exists()

    def test_a_page_that_is_read_leads_to_the_sign_in(self, team):
        url = reverse("case", args=[team.youth.pk])
        response = Client().get(url)
        assert response.status_code == 302
        assert response.url == f"{reverse('account_login')}?next={url}"
