"""The words in these tests are the source's own, English, whatever the catalogues say."""

import pytest
from django.test import Client
from django.utils import translation


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def sign_in():
    def client_of(user, **kwargs) -> Client:
        client = Client(headers={"accept-language": "en"}, **kwargs)
        client.force_login(user)
        return client

    return client_of
