"""Signing in and out, a forgotten password, too many tries: what allauth does in our look."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.views.defaults import server_error

from partnerships.models import User
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

LOOK = '<body class="vv'


def sign_in_with(client, email, password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": email, "password": password, **extra})


def page(response) -> str:
    return response.content.decode()


def test_signing_in_goes_on_to_where_one_was_going(client):
    user = UserFactory()
    response = sign_in_with(client, user.email, next="/youths/?q=x")
    assert response.url == "/youths/?q=x"
    assert client.session.get_expire_at_browser_close()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_signing_in_never_goes_on_to_another_site(client, elsewhere):
    response = sign_in_with(client, UserFactory().email, next=elsewhere)
    assert response.url == reverse("home")


def test_a_wrong_password_and_an_unknown_address_sound_the_same(client):
    known = page(sign_in_with(client, UserFactory().email, "forkert-kodeord"))
    unknown = page(sign_in_with(client, "ukendt@skole.example", "forkert-kodeord"))
    said = "The email address and/or password you specified are not correct."
    assert said in known
    assert said in unknown
    assert LOOK in known


def test_a_closed_account_is_told_so_in_our_look(client):
    response = sign_in_with(client, UserFactory(is_active=False).email)
    assert response.url == reverse("account_inactive")
    assert LOOK in page(client.get(response.url))
    assert client.get(reverse("home")).status_code == 302


@pytest.mark.parametrize("text", ["x" * 100_000, "a\x00b", "<script>alert(1)</script>", "👩‍🍳", ""])
def test_any_text_in_the_sign_in_is_answered(client, text):
    for data in ({"login": text, "password": PASSWORD}, {"login": "a@b.example", "password": text}):
        response = client.post(reverse("account_login"), data)
        assert response.status_code == 200
        assert "<script>alert" not in page(response)


def test_signing_up_is_closed(client):
    response = client.get(reverse("account_signup"))
    assert response.status_code == 200
    assert LOOK in page(response)
    assert 'name="password1"' not in page(response)


def test_nobody_changes_their_address_in_an_open_session(sign_in):
    """With another address one could ask for a new password."""
    user = UserFactory()
    url = reverse("account_email")
    for act in ("action_add", "action_primary"):
        data = {act: "", "email": "other@x.example"}
        assert sign_in(user).post(url, data).status_code == 405
    assert sign_in(user).get(url).status_code == 404
    assert not EmailAddress.objects.exists()


def test_signing_out_takes_a_click_and_ends_all(sign_in):
    client = sign_in(UserFactory())
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.get(reverse("home")).status_code == 200
    assert client.post(reverse("account_logout")).url == reverse("account_login")
    assert client.get(reverse("home")).status_code == 302


class TestForgottenPassword:
    def ask(self, client, email):
        return client.post(reverse("account_reset_password"), {"email": email})

    def test_leads_by_mail_to_a_new_one(self, client):
        user = UserFactory(name="KANARIE Navn")
        assert self.ask(client, user.email).url == reverse("account_reset_password_done")
        (letter,) = mail.outbox
        assert letter.to == [user.email]
        assert "KANARIE" not in letter.body + letter.subject
        link = re.search(r"https?://[^/]+(/\S+)", letter.body)[1]
        form = client.get(link, follow=True)
        assert form.status_code == 200
        new = {"password1": "et-helt-nyt-kodeord-2", "password2": "et-helt-nyt-kodeord-2"}
        client.post(form.request["PATH_INFO"], new)
        assert User.objects.get(pk=user.pk).check_password("et-helt-nyt-kodeord-2")
        assert page(Client().get(link, follow=True)).count("<form") < page(form).count("<form")

    def test_says_the_same_to_who_is_not_here(self, client):
        response = self.ask(client, "ukendt@skole.example")
        assert response.url == reverse("account_reset_password_done")

    def test_is_asked_for_too_often_in_our_look(self, client):
        user = UserFactory()
        answers = [self.ask(client, user.email) for _ in range(6)]
        assert answers[-1].status_code == 429
        assert LOOK in page(answers[-1])
        assert "Too many tries in a short time" in page(answers[-1])
        assert "default-src 'none'" in answers[-1]["Content-Security-Policy"]

    def test_with_a_new_password_that_is_too_short_is_said(self, sign_in):
        user = UserFactory()
        response = sign_in(user).post(
            reverse("account_change_password"),
            {"oldpassword": PASSWORD, "password1": "kort", "password2": "kort"},
        )
        assert "at least 12 characters" in page(response)
        assert User.objects.get(pk=user.pk).check_password(PASSWORD)


@pytest.mark.parametrize(
    "url",
    ["/findes-ikke/", "/youths/00000000-0000-0000-0000-000000000000/", "/youths/x/"],
)
def test_what_is_not_here_is_said_in_our_look(team, sign_in, url):
    response = sign_in(team.school).get(url)
    assert response.status_code in (403, 404)
    assert LOOK in page(response)
    assert "Traceback" not in page(response)


def test_an_error_is_said_in_our_look(rf):
    response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert LOOK in page(response)


def test_a_form_from_another_site_is_refused_in_our_look(team):
    client = Client(enforce_csrf_checks=True)
    client.force_login(team.young)
    response = client.post(
        reverse("youths:words", args=[team.youth.pk]), {"kind": "words", "text": "x"}
    )
    assert response.status_code == 403
    assert LOOK in page(response)
    assert not team.youth.words.exists()
