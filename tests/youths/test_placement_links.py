"""A company's link to one placement: who gives it, what it opens, and how it ends."""

import re
import threading
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partnerships.models import CompanyContact
from tests.factories import PASSWORD, PlacementFactory, approved_job, days
from tests.test_matrix import PUBLIC
from youths.models import AccessEvent, PlacementFeedback, PlacementLink, PlacementRefused

pytestmark = pytest.mark.django_db

LINK = reverse("youths:link")
SAID = {"well": "Hun er god til salat", "practise": "At spørge", "again": "yes",
        "weekly_hours": "12", "giver_name": "Bente"}  # fmt: skip


@pytest.fixture
def token(team):
    return PlacementLink.give(by=team.caseworker, placement=team.placement)[1]


def giving(team):
    return reverse("youths:placement_link", args=[team.placement.pk])


def open_by(token, device="mine", client=None) -> tuple[Client, str]:
    """A browser in which the link was opened, and the page that it opens."""
    client = client or Client()
    answer = client.post(LINK, {"link": token, "device": device})
    assert answer.status_code == 302
    return client, answer["Location"]


# -- Given -------------------------------------------------------------------------------------


def test_the_next_meeting_has_a_day_and_a_time(team, sign_in, english):
    client, page = sign_in(team.school), reverse("youths:next_meeting", args=[team.placement.pk])
    half = client.post(page, {"day": "01.12.2099", "at": ""})
    assert half.status_code == 422
    assert "Write both a day and a time" in half.text
    assert "01.12.2099" in half.text
    assert client.post(page, {"day": "01.12.2099", "at": "10:30"}).status_code == 302
    placement = reverse("placement", args=[team.placement.pk])
    assert "10:30" in sign_in(team.employer).get(placement).text
    assert "10:30" in sign_in(team.caseworker).get(page).text
    sign_in(team.caseworker).post(page, {"day": "", "at": ""})
    assert "Next meeting" not in sign_in(team.employer).get(placement).text
    for who, status in ((team.young, 403), (team.employer, 404), (team.lead, 404)):
        assert sign_in(who).get(page).status_code == status


@pytest.mark.parametrize("role", ["school", "caseworker"])
def test_the_team_makes_a_link_and_sees_it_once(team, sign_in, english, role):
    client = sign_in(getattr(team, role))
    assert "Show a link to hand over" in client.get(giving(team)).text

    made = client.post(giving(team), {"act": "show"})

    token = re.search(r"/link/\?link=([\w-]+)", made.text)[1]
    assert PlacementLink.objects.named(token).placement == team.placement
    assert token not in client.get(giving(team)).text
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(l)::text FROM youths_placementlink l")
        assert token not in cursor.fetchone()[0]

    client.post(giving(team), {"act": "end"})
    assert PlacementLink.objects.named(token) is None


def test_nobody_else_gives_a_link(team, other_team, sign_in):
    for who, status in (
        (team.young, 403), (team.employer, 404), (team.lead, 404), (other_team.caseworker, 404)
    ):  # fmt: skip
        assert sign_in(who).post(giving(team), {"act": "show"}).status_code == status
    assert not PlacementLink.objects.exists()


def test_no_link_to_a_placement_that_does_not_run(team):
    for past in ({"starts_on": days(3)}, {"starts_on": days(-9), "ends_on": days(-1)}):
        placement = PlacementFactory(youth=team.youth, **past)
        with pytest.raises(PlacementRefused):
            PlacementLink.give(by=team.caseworker, placement=placement)
    team.placement.end(by=team.caseworker)
    with pytest.raises(PlacementRefused):
        PlacementLink.give(by=team.caseworker, placement=team.placement)


def test_one_link_to_a_placement_at_a_time(team, token):
    _link, newer = PlacementLink.give(by=team.school, placement=team.placement)

    assert PlacementLink.objects.named(token) is None
    assert PlacementLink.objects.named(newer)
    with pytest.raises(IntegrityError, match="one_link_to_a_placement_at_a_time"):
        PlacementLink.objects.create(
            placement=team.placement, made_by=team.school, token_hash="x", expires_at=timezone.now()
        )


# -- Mailed ------------------------------------------------------------------------------------


@pytest.fixture
def mailed(team):
    team.placement.employer.email = "hej@cafe.example"
    team.placement.employer.save()
    return PlacementLink.give(
        by=team.caseworker, placement=team.placement, mail_to="hej@cafe.example"
    )


def test_a_link_is_mailed_to_an_address_of_the_company_alone(team, sign_in, english):
    client, company = sign_in(team.caseworker), team.placement.employer
    assert "Send a link" not in client.get(giving(team)).text
    CompanyContact.objects.create(company=company, name="Bente Kjær", email="bente@cafe.example")
    assert "Bente Kjær, bente@cafe.example" in client.get(giving(team)).text

    wrong = client.post(giving(team), {"act": "mail", "mail_to": "nogen@andre.example"})
    assert wrong.status_code == 422
    assert not PlacementLink.objects.exists()

    sent = client.post(giving(team), {"act": "mail", "mail_to": "bente@cafe.example"})
    assert sent.status_code == 302
    assert PlacementLink.objects.get().mail_to == "bente@cafe.example"
    page = client.get(giving(team)).text
    assert "on its way to bente@cafe.example" in page
    assert "?link=" not in page


def test_the_mail_holds_the_link_and_nothing_of_anybody(team, mailed):
    link, token = mailed
    PlacementLink.mail_all()

    [message] = mail.outbox
    assert f"?link={token}" in message.body
    assert message.to == ["hej@cafe.example"]
    assert message.extra_headers["Message-ID"].startswith(f"<link-{link.pk}@")
    whole = f"{message.subject}\n{message.body}"
    for secret in (team.youth.first_name, team.youth.code, team.placement.task_lines[0],
                   team.placement.employer.name, team.caseworker.name):  # fmt: skip
        assert secret not in whole


def test_a_mail_server_that_is_down_gets_the_mail_once_it_is_up(mailed, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Down"
    PlacementLink.mail_all()
    assert PlacementLink.objects.to_mail().count() == 1

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    PlacementLink.mail_all()
    PlacementLink.mail_all()
    assert len(mail.outbox) == 1
    assert f"?link={mailed[1]}" in mail.outbox[0].body
    assert not PlacementLink.objects.to_mail().exists()


class Down(EmailBackend):
    def send_messages(self, messages):
        raise SMTPException


class Refuses(EmailBackend):
    def send_messages(self, messages):
        raise SMTPRecipientsRefused({messages[0].to[0]: (550, b"nobody")})


def test_an_address_that_is_refused_for_good_is_told_to_the_team(
    team, mailed, settings, sign_in, english
):
    settings.EMAIL_BACKEND = f"{__name__}.Refuses"
    PlacementLink.mail_all()

    assert not PlacementLink.objects.to_mail().exists()
    assert "nobody is at hej@cafe.example" in sign_in(team.school).get(giving(team)).text


def test_a_link_that_was_taken_back_is_not_mailed_any_more(team, mailed):
    PlacementLink.take_back(team.placement)
    PlacementLink.mail_all()
    assert not mail.outbox


def test_a_link_is_not_mailed_once_the_secret_of_the_server_has_changed(mailed, settings):
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "en-anden"
    settings.SECRET_KEY_FALLBACKS = [old]
    assert mailed[0].token == mailed[1]
    settings.SECRET_KEY_FALLBACKS = []
    PlacementLink.mail_all()

    assert not mail.outbox
    assert PlacementLink.objects.get().refused_at


# -- Opened ------------------------------------------------------------------------------------


def test_reading_a_link_changes_nothing_and_names_nobody(team, token):
    """The scanner of a mail server reads it first, and more than once."""
    before = PlacementLink.objects.values().get()
    for _ in range(3):
        page = Client().get(LINK, {"link": token})
        assert page.status_code == 200
        assert Client().head(LINK, {"link": token}).status_code == 200
    assert team.youth.first_name not in page.text
    assert "no-store" in page["Cache-Control"]
    assert PlacementLink.objects.values().get() == before
    assert not AccessEvent.objects.exists()

    open_by(token)


def test_it_opens_what_a_company_reads_and_nothing_more(team, token, english):
    approved_job(team.youth, by=team.school, placement=team.placement, approved="Vis det først")
    team.placement.meet_next(by=team.caseworker, at=timezone.now() + timedelta(days=5))
    client, page = open_by(token)

    shown = client.get(page)

    assert shown.status_code == 200
    for text in (team.youth.first_name, "Lave dressing", "Vis det først", team.caseworker.name,
                 "Next meeting"):  # fmt: skip
        assert text in shown.text
    for secret in (team.youth.name, team.youth.code, str(team.youth.pk)):
        assert secret not in shown.text
    assert "no-store" in shown["Cache-Control"]
    line = AccessEvent.objects.get()
    assert (line.user_id, line.link_id, line.organisation_id, line.role, line.channel) == (
        None, PlacementLink.objects.get().pk, team.placement.employer_id, "employer", "page",
    )  # fmt: skip
    assert line.sections == "placement,job_profile"
    assert client.post(page).status_code == 204
    assert AccessEvent.objects.first().channel == "print"


def test_the_young_person_sees_that_a_link_was_read(team, token, sign_in, english):
    client, page = open_by(token)
    client.get(page)
    for who in (team.young, team.caseworker):
        log = sign_in(who).get(reverse("youths:readers", args=[team.youth.pk]))
        assert "Whoever holds the company's link" in log.text.replace("&#x27;", "'")
        assert team.placement.employer.name in log.text


def test_a_link_is_for_the_browser_that_opened_it_first(team, token, english):
    first, page = open_by(token)

    forwarded = Client().get(LINK, {"link": token})
    assert forwarded.status_code == 409
    assert "opened elsewhere" in forwarded.text
    assert team.placement.employer.name not in forwarded.text
    assert Client().post(LINK, {"link": token, "device": "mine"}).status_code == 409
    assert Client().get(page).status_code == 404
    # And there it opens once more, from the mail as well.
    assert first.get(LINK, {"link": token})["Location"] == page
    assert first.get(page).status_code == 200


def test_it_is_still_open_weeks_later_on_the_companys_own_device(token):
    client, page = open_by(token)
    assert client.session.get_expiry_age() > 60 * 60 * 24 * 30
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        assert client.get(page).status_code == 200


def test_a_shared_device_forgets(token):
    client, page = open_by(token, device="shared")
    assert client.session.get_expire_at_browser_close()

    gone = client.post(page, {"act": "forget"})
    assert gone.status_code == 200
    assert client.get(page).status_code == 404


def test_two_placements_in_one_browser(team, token):
    client, page = open_by(token)
    other = PlacementFactory(employer=team.placement.employer)
    _client, second = open_by(
        PlacementLink.give(by=team.caseworker, placement=other)[1], client=client
    )

    assert client.get(page).status_code == client.get(second).status_code == 200
    assert other.youth.first_name in client.get(second).text


def test_who_holds_a_link_is_nobody_elsewhere(team, token):
    client, _page = open_by(token)
    theirs = PlacementFactory(employer=team.placement.employer)
    other = PlacementLink.give(by=team.caseworker, placement=theirs)[0]

    assert client.get(reverse("by_link", args=[other.pk])).status_code == 404
    for path in (
        reverse("home"),
        reverse("youths:placements"),
        reverse("placement", args=[team.placement.pk]),
        reverse("case", args=[team.youth.pk]),
    ):
        assert "/accounts/login/" in client.get(path)["Location"]
    assert {"youths:link", "youths:link_feedback", "by_link"} <= PUBLIC


def test_a_sign_in_in_that_browser_lasts_no_longer_for_it(team, token):
    client, page = open_by(token)
    client.post(reverse("account_login"), {"login": team.school.email, "password": PASSWORD})

    assert client.session["_auth_user_id"] == str(team.school.pk)
    assert client.session.get_expire_at_browser_close()
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("role", ["school", "young", "employer"])
def test_nobody_opens_a_link_while_signed_in(team, token, sign_in, role):
    client = sign_in(getattr(team, role))

    assert client.get(LINK, {"link": token}).status_code == 409
    assert client.post(LINK, {"link": token, "device": "mine"}).status_code == 409
    assert PlacementLink.objects.get().begun_at is None


def test_guessing_links_is_slowed_down(token):
    client = Client(REMOTE_ADDR="192.0.2.9")

    answers = [client.get(LINK, {"link": f"x{n}"}).status_code for n in range(32)]

    assert answers == [404] * 30 + [429] * 2


@pytest.mark.parametrize("broken", ["", "æ" * 5000, "\0", "' or 1=1"])
def test_nonsense_opens_nothing(token, broken):
    assert Client().get(LINK, {"link": broken}).status_code == 404


def test_whose_device_it_is_has_to_be_said(token):
    assert Client().post(LINK, {"link": token}).status_code == 422
    assert PlacementLink.objects.get().begun_at is None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_it_at_once_one_gets_in(team, token):
    answers, ready = [], threading.Barrier(2)

    def press():
        ready.wait()
        answers.append(Client().post(LINK, {"link": token, "device": "mine"}).status_code)
        connections.close_all()

    both = [threading.Thread(target=press) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(answers) == [302, 409]


# -- The end -----------------------------------------------------------------------------------


def taken_back(team):
    PlacementLink.take_back(team.placement)


def replaced(team):
    PlacementLink.give(by=team.caseworker, placement=team.placement)


def placement_ended(team):
    team.placement.end(by=team.caseworker)


def agreement_ended(team):
    team.partnership.end(by=team.caseworker)


def run_out(team):
    PlacementLink.objects.update(expires_at=timezone.now())


@pytest.mark.parametrize("over", [taken_back, replaced, placement_ended, agreement_ended, run_out])
def test_it_is_over_with_the_next_request_and_nothing_typed_is_lost(team, token, over):
    client, page = open_by(token)
    over(team)

    assert client.get(page).status_code == 404
    assert team.youth.first_name not in client.get(page).text
    assert client.get(LINK, {"link": token}).status_code == 404
    lost = client.post(f"{page}feedback/", SAID)
    assert lost.status_code == 404
    assert "Hun er god til salat" in lost.text
    assert not PlacementFeedback.objects.exists()


def test_it_is_over_after_the_last_day(token):
    client, page = open_by(token)
    with time_machine.travel(timezone.now() + timedelta(days=61)):
        assert client.get(page).status_code == 404
        assert Client().get(LINK, {"link": token}).status_code == 404


# -- Feedback ----------------------------------------------------------------------------------


def test_feedback_by_a_link(team, token, english):
    client, page = open_by(token)

    wrong = client.post(f"{page}feedback/", SAID | {"weekly_hours": "x", "giver_name": ""})
    assert wrong.status_code == 422
    assert "Hun er god til salat" in wrong.text
    for _ in range(2):  # a double click
        assert client.post(f"{page}feedback/", SAID)["Location"] == page

    given = PlacementFeedback.objects.get()
    assert (given.well, given.practise, given.again, given.weekly_hours, given.giver_name) == (
        "Hun er god til salat", "At spørge", "yes", 12, "Bente",
    )  # fmt: skip
    assert (given.given_by, given.link) == (None, PlacementLink.objects.get())
    assert "Hun er god til salat" in client.get(page).text
