"""Mails: when they go, one for all that is due, none twice, and an address that nobody is at."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from partnerships.models import User
from tests.factories import UserFactory
from vivirkr.views.posted import posted
from youths.models import Delivery, Notice
from youths.models.notices import COOLDOWN, morning
from youths.tasks import mail_notices

pytestmark = pytest.mark.django_db

# A Wednesday, ten in the morning, in Denmark.
WEDNESDAY = timezone.datetime(2026, 9, 2, 10, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def clock():
    with time_machine.travel(WEDNESDAY, tick=False) as traveller:
        yield traveller


def tell(person, kind="returned", about="1"):
    Notice.tell(people={person.pk}, kind=kind, about=about, path="/somewhere/")


def later(clock, **by):
    clock.shift(timedelta(**by))
    mail_notices()
    return len(mail.outbox)


def choose(person, rhythm):
    User.objects.filter(pk=person.pk).update(mail_rhythm=rhythm)


def test_at_once_what_waits_and_the_rest_in_the_morning(team, clock):
    tell(team.school, "accepted")
    assert later(clock, minutes=1) == 0
    tell(team.school, "returned")
    assert later(clock, minutes=1) == 1  # everything goes along
    [message] = mail.outbox
    assert message.subject == "2 ting i ViVirk'R"
    assert "- En overdragelse er godkendt" in message.body
    assert team.youth.name not in message.body

    tell(team.school, "accepted", about="2")
    assert later(clock, hours=12) == 1
    assert later(clock, hours=9) == 2


def test_between_two_mails_at_once_there_is_a_pause(team, clock):
    tell(team.school)
    assert later(clock, minutes=0) == 1
    for about in ("2", "3"):
        tell(team.school, about=about)
    assert later(clock, minutes=14) == 1
    assert later(clock, minutes=2) == 2
    assert Notice.objects.filter(sent_at=None).count() == 0
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize(("rhythm", "hours"), [("daily", 21), ("weekly", 24 * 5 - 3)])
def test_gathered_until_the_morning(team, clock, rhythm, hours):
    choose(team.school, rhythm)
    tell(team.school)
    tell(team.school, "accepted")

    assert later(clock, hours=hours - 1) == 0
    assert later(clock, hours=1) == 1
    assert later(clock, hours=1) == 1


@pytest.mark.parametrize(
    ("rhythm", "at", "went"),
    [
        ("daily", "2026-09-02T07:00", "2026-09-02"),
        ("daily", "2026-09-02T06:59", "2026-09-01"),
        ("weekly", "2026-09-02T12:00", "2026-08-31"),
        ("weekly", "2026-08-31T06:59", "2026-08-24"),
        ("weekly", "2027-01-01T00:00", "2026-12-28"),  # across the year
        ("daily", "2026-03-29T07:30", "2026-03-29"),  # the clock goes forward
        ("daily", "2026-10-25T06:30", "2026-10-24"),  # and back
        ("daily", "2028-02-29T08:00", "2028-02-29"),
    ],
)
def test_mornings(rhythm, at, went):
    zone = timezone.get_default_timezone()
    found = morning(rhythm, timezone.datetime.fromisoformat(at).replace(tzinfo=zone))

    assert timezone.localtime(found).strftime("%Y-%m-%d %H:%M") == f"{went} 07:00"


def test_a_mail_server_that_is_down_for_an_hour_loses_and_doubles_nothing(team, clock, settings):
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for n in range(60):
        if n % 20 == 0:
            tell(team.school, about=str(n))
        assert later(clock, minutes=1) == 0
    under_way = Delivery.objects.get()

    settings.EMAIL_BACKEND = working
    assert later(clock, minutes=1) == 1
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<delivery-{under_way.pk}@")
    assert later(clock, minutes=16) == 2  # what came while it was down
    assert later(clock, hours=24) == 2
    assert not Notice.objects.unsent().exists()


def test_two_workers_send_one_mail(team, clock):
    tell(team.school)
    first, second = Delivery.gather(team.school.pk), Delivery.gather(team.school.pk)

    assert first == second
    assert [Delivery.send(first.pk), Delivery.send(first.pk)] == [True, False]
    assert len(mail.outbox) == 1


def test_one_mail_is_under_way_to_a_person(team):
    Delivery.objects.create(recipient=team.school, key="a")
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(recipient=team.school, key="b")


def test_who_has_left_meanwhile_gets_none(team, clock):
    Notice.tell(people={team.school.pk}, kind="returned", about="1", path="/", youth=team.youth)
    one = Delivery.gather(team.school.pk)
    team.school.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))

    assert Delivery.send(one.pk) is False
    assert not Delivery.objects.exists()
    assert mail.outbox == []


class Refuses(EmailBackend):
    """A mail server that says with a code that nobody is there."""

    code = 550

    def send_messages(self, messages):
        raise SMTPRecipientsRefused({to: (self.code, b"no") for m in messages for to in m.to})


def test_an_address_that_nobody_is_at_is_shown_and_put_right(
    team, clock, settings, sign_in, monkeypatch, english
):
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Refuses"
    tell(team.young)
    monkeypatch.setattr(Refuses, "code", 451)  # try again later
    later(clock, minutes=1)
    assert not User.objects.get(pk=team.young.pk).is_out_of_reach
    monkeypatch.setattr(Refuses, "code", 550)
    later(clock, minutes=1)
    assert User.objects.get(pk=team.young.pk).is_out_of_reach
    assert not Notice.objects.unsent().exists()

    client = sign_in(team.caseworker)
    told = f"Put the e-mail address of {team.youth.name} right"
    assert told in client.get("/").text
    page = reverse("youths:account", args=[team.youth.pk])
    assert "no mail gets through" in client.get(page).text
    client.post(page, {"email": "Ny@skole.dk"})
    assert User.objects.get(pk=team.young.pk).email == "ny@skole.dk"
    assert told not in client.get("/").text
    settings.EMAIL_BACKEND = working
    assert later(clock, minutes=1) == 1
    assert mail.outbox[0].to == ["ny@skole.dk"]
    # An address that works is nobody's to change but by the administration.
    assert client.post(page, {"email": "anden@skole.dk"}).status_code == 422


def test_a_person_chooses_when(team, sign_in):
    client = sign_in(team.school)
    page = reverse("mails")

    assert client.post(page, {}).status_code == 422
    assert client.post(page, {"mail_rhythm": "hourly"}).status_code == 422
    assert client.post(page, {"mail_rhythm": "weekly"}).status_code == 302
    assert User.objects.get(pk=team.school.pk).mail_rhythm == "weekly"
    assert client.get(page).context["form"]["mail_rhythm"].value() == "weekly"


def test_a_developer_reads_the_mails_of_the_folder(team, tmp_path, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    request = RequestFactory().get("/mails/sent/")
    request.user = UserFactory()
    assert team.school.email not in posted(request).content.decode()
    tell(team.school)
    mail_notices()

    page = posted(request).content.decode()

    assert team.school.email in page
    assert "/somewhere/" in page


class TestEveryNoticeIsSentOnce(TestCase):
    """Whatever comes when, and however often the server fails: one mail a notice, none lost."""

    @settings(max_examples=25, deadline=None)
    @given(
        events=st.lists(
            st.tuples(
                st.sampled_from(["returned", "accepted", "rate", "down", "up"]),
                st.integers(min_value=1, max_value=2000),
            ),
            max_size=12,
        ),
        rhythm=st.sampled_from(["now", "daily", "weekly"]),
    )
    def test(self, events, rhythm):
        person = UserFactory()
        choose(person, rhythm)
        mail.outbox = []
        told, working = 0, True
        with time_machine.travel(WEDNESDAY, tick=False) as clock:
            for n, (what, minutes) in enumerate(events):
                if what in ("down", "up"):
                    working = what == "up"
                else:
                    tell(person, what, about=str(n))
                    told += 1
                clock.shift(timedelta(minutes=minutes))
                if working:
                    mail_notices()
                else:  # gathered, and the worker dies before it is sent
                    Delivery.gather(person.pk)
            for _ in range(3):  # three weeks
                clock.shift(timedelta(days=7))
                mail_notices()
                clock.shift(COOLDOWN + timedelta(minutes=1))
                mail_notices()
        assert Notice.objects.filter(sent_at__isnull=False).count() == told
        assert len(mail.outbox) == Delivery.objects.filter(sent_at__isnull=False).count()
        ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
        assert len(set(ids)) == len(ids)
