"""A young person's own sign-in: given by the municipality, the password chosen by the youth."""

import pytest
from django.core import mail
from django.urls import reverse

from tests.factories import UserFactory, YouthFactory
from youths.models import AccountRefused, Youth

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def youth(team):
    return YouthFactory(partnership=team.partnership)


@pytest.fixture
def post(team, youth, sign_in):
    client = sign_in(team.caseworker)
    return lambda email: client.post(reverse("youths:account", args=[youth.pk]), {"email": email})


def test_the_youth_chooses_a_password_by_mail(post, youth, client, settings):
    assert post("Ny.Ung@Eksempel.example").url == reverse("case", args=[youth.pk])
    youth.refresh_from_db()
    assert youth.account.email == "ny.ung@eksempel.example"
    assert not youth.account.has_usable_password()
    client.post(reverse("account_reset_password"), {"email": "ny.ung@eksempel.example"})
    assert [message.to for message in mail.outbox] == [["ny.ung@eksempel.example"]]
    assert youth.name not in mail.outbox[0].subject + mail.outbox[0].body


@pytest.mark.parametrize(
    ("email", "message"),
    [
        ("", "This field is required."),
        ("ikke en adresse", "Enter a valid email address."),
        ("x" * 250 + "@a.dk", "at most 254 characters"),
        ("a\x00@b.dk", "Null characters are not allowed."),
    ],
)
def test_a_fault_is_said_at_the_field(post, youth, email, message):
    response = post(email)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert Youth.objects.get(pk=youth.pk).account is None


def test_an_address_of_somebody_else_is_refused(post, youth):
    other = UserFactory()
    response = post(other.email.upper())
    assert response.status_code == 422
    assert "is here already" in response.content.decode()
    assert Youth.objects.get(pk=youth.pk).account is None


def test_nobody_gets_a_second_one(team, youth):
    youth.give_account(by=team.caseworker, email="en@eksempel.example")
    with pytest.raises(AccountRefused):
        youth.give_account(by=team.caseworker, email="to@eksempel.example")
