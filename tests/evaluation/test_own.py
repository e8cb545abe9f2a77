"""The young person's own round: by a link, together with the school, and what is easier now."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from evaluation.models import OwnRound, Rating, RatingRefused, RoundLink, rating_summary
from partnerships.models import Narrowing
from tests.factories import IndicatorFactory, RatingFactory, RatingRoundFactory, YouthFactory
from tests.test_matrix import PUBLIC
from youths.models import AccessEvent, Sitting

pytestmark = pytest.mark.django_db

LINK = reverse("evaluation:link")


@pytest.fixture
def current(team):
    for position, code in enumerate(["direction", "belief"], start=1):
        IndicatorFactory(code=code, position=position)
    return RatingRoundFactory(programme=team.programme)


@pytest.fixture
def token(team, current):
    return RoundLink.give(by=team.school, youth=team.youth)[1]


def at(number):
    return reverse("evaluation:by_link", args=[number])


def own(youth, number):
    return reverse("evaluation:own", args=[youth.pk, number])


def begin(token, device="shared") -> Client:
    client = Client()
    response = client.post(LINK, {"link": token, "device": device})
    assert (response.status_code, response["Location"]) == (302, at(1))
    return client


# -- A link ------------------------------------------------------------------------------------


def test_the_school_makes_a_link_and_sees_it_once(team, current, sign_in, english):
    client = sign_in(team.school)
    page = reverse("evaluation:give_link", args=[team.youth.pk])
    assert "Make a link" in client.get(page).text

    made = client.post(page, {"act": "make"})

    token = re.search(r"/link/\?link=([\w-]+)", made.text)[1]
    assert RoundLink.objects.named(token).youth == team.youth
    assert token not in client.get(page).text
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(l)::text FROM evaluation_roundlink l")
        assert token not in cursor.fetchone()[0]

    client.post(page, {"act": "end"})
    assert RoundLink.objects.named(token) is None
    assert Client().get(LINK, {"link": token}).status_code == 404


def test_reading_a_link_changes_nothing(team, token):
    """The scanner of a mail server reads it first, and more than once."""
    for _ in range(3):
        page = Client().get(LINK, {"link": token})
        assert page.status_code == 200
    assert team.youth.first_name in page.text
    assert team.youth.name not in page.text
    assert "no-store" in page["Cache-Control"]
    assert not OwnRound.objects.exists()

    begin(token)


def test_a_link_is_for_one_browser(team, token):
    first = begin(token)

    assert first.get(at(1)).status_code == 200
    assert Client().get(LINK, {"link": token}).status_code == 404
    assert Client().post(LINK, {"link": token, "device": "mine"}).status_code == 404
    assert Client().get(at(1)).status_code == 404


def test_a_young_person_answers_by_a_link(team, current, token, english):
    client = begin(token)
    client.post(at(1), {"step": "4", "small_step": "Tog bussen", "go": "next"})
    client.post(at(2), {"step": "none", "go": "next"})

    asked = client.post(at(3), {"easier": "At sige nej", "go": "next"})
    assert asked.status_code == 422
    assert "At sige nej" in asked.text
    done = client.post(at(3), {"easier": "At sige nej", "helper": "home", "go": "next"})

    assert done.status_code == 200
    assert "The link is used up" in done.text
    rows = Rating.objects.order_by("indicator__position").values_list("step", "voice", "rated_by")
    assert list(rows) == [(4, "youth", None), (None, "youth", None)]
    noted = OwnRound.objects.get()
    assert (noted.how, noted.helper, noted.easier, noted.may_be_quoted) == (
        "link", "home", "At sige nej", False,
    )  # fmt: skip
    assert noted.finished_at
    assert client.get(at(1)).status_code == 404
    assert not AccessEvent.objects.exists()
    [one] = rating_summary(team.caseworker, team.youth).easier
    assert one.presence == "Somebody helped: from home."


def test_a_break_keeps_what_was_answered(team, token):
    client = begin(token, device="mine")
    client.post(at(1), {"step": "4", "go": "later"})
    assert client.session.get_expiry_age() > 60 * 60 * 24

    later = client.post(at(3), {"easier": "Halvt", "go": "later"})

    assert later["Location"] == at(3)
    assert OwnRound.objects.get().finished_at is None
    assert "checked" in client.get(at(1)).text


def test_a_link_shows_nothing_that_was_answered_before_it(team, current, token):
    RatingFactory(
        youth=team.youth, round=current, indicator_id=Rating.indicator.field.related_model
        .objects.first().pk, step=5, small_step="Kun til skolen", rated_by=team.young,
    )  # fmt: skip
    OwnRound.end_with(
        youth=team.youth, easier="Også kun til skolen", may_be_quoted=False, helper="", done=True
    )
    client = begin(token)

    shown = client.get(at(1)).text + client.get(at(3)).text
    assert "un til skolen" not in shown
    assert 'value="5" checked' not in shown


def test_a_link_ends_with_the_round_with_a_new_one_and_with_the_course(team, current, token):
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        assert RoundLink.objects.named(token) is None
    _link, newer = RoundLink.give(by=team.school, youth=team.youth)
    assert RoundLink.objects.named(token) is None
    assert RoundLink.objects.named(newer)

    client = begin(newer)
    RoundLink.take_back(team.youth)
    lost = client.post(at(1), {"step": "3", "small_step": "Det her skrev jeg", "go": "next"})
    assert lost.status_code == 404
    assert "Det her skrev jeg" in lost.text
    assert not Rating.objects.exists()

    team.youth.left_on, team.youth.left_because = timezone.localdate(), "moved"
    team.youth.save()
    with pytest.raises(RatingRefused):
        RoundLink.give(by=team.school, youth=team.youth)


def test_a_link_that_nobody_began_by_ends_with_the_agreement(team, token):
    team.partnership.end(by=team.school)

    assert RoundLink.objects.named(token) is None
    assert Client().post(LINK, {"link": token, "device": "mine"}).status_code == 404


def test_a_link_ends_with_the_agreement_in_the_middle(team, token):
    client = begin(token)
    assert client.get(at(1)).status_code == 200
    team.partnership.end(by=team.school)

    lost = client.post(at(1), {"step": "3", "small_step": "For sent", "go": "next"})
    assert lost.status_code == 404
    assert "For sent" in lost.text
    assert not Rating.objects.exists()


def test_no_link_from_whom_the_agreement_keeps_from_the_ratings(team, current, sign_in):
    Narrowing.objects.create(partnership=team.partnership, role="school", section="ratings")
    page = reverse("evaluation:give_link", args=[team.youth.pk])

    assert sign_in(team.school).post(page, {"act": "make"}).status_code == 403
    assert not RoundLink.objects.exists()


def test_who_holds_a_link_is_nobody_elsewhere(team, token):
    client = begin(token)

    for path in (
        reverse("home"),
        reverse("case", args=[team.youth.pk]),
        reverse("evaluation:ratings", args=[team.youth.pk]),
        own(team.youth, 1),
    ):
        assert client.get(path).status_code == 302
        assert "/accounts/login/" in client.get(path)["Location"]
    assert {"evaluation:link", "evaluation:by_link"} <= PUBLIC


@pytest.mark.parametrize("role", ["school", "young", "employer"])
def test_nobody_answers_by_a_link_while_signed_in(team, token, sign_in, role):
    client = sign_in(getattr(team, role))

    assert client.get(LINK, {"link": token}).status_code == 409
    assert client.post(LINK, {"link": token, "device": "mine"}).status_code == 409
    assert RoundLink.objects.named(token)


def test_guessing_links_is_slowed_down(team, token):
    client = Client(REMOTE_ADDR="192.0.2.7")

    answers = [client.get(LINK, {"link": f"x{n}"}).status_code for n in range(32)]

    assert answers == [404] * 30 + [429] * 2


@pytest.mark.parametrize("broken", ["", "æ" * 5000, "\0", "' or 1=1"])
def test_nonsense_opens_nothing(current, broken):
    assert Client().get(LINK, {"link": broken}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_who_begin_at_once_one_gets_in(team, token):
    answers, ready = [], threading.Barrier(2)

    def press():
        ready.wait()
        answers.append(Client().post(LINK, {"link": token, "device": "shared"}).status_code)
        connections.close_all()

    both = [threading.Thread(target=press) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(answers) == [302, 404]


# -- Together ----------------------------------------------------------------------------------


def test_the_school_answers_together_with_the_young_person(team, current, sign_in, english):
    client = sign_in(team.school)
    asked = client.get(own(team.youth, 1))
    assert asked["Location"].endswith("/together/?to=questions")
    begun = client.post(asked["Location"], {"pen": "staff"})
    assert begun["Location"] == own(team.youth, 1)

    page = client.get(own(team.youth, 1))
    assert "You sit together" in page.text
    client.post(own(team.youth, 1), {"step": "3", "go": "next"})
    client.post(own(team.youth, 3), {"easier": "Bussen", "may_be_quoted": "on", "go": "next"})

    noted = OwnRound.objects.get()
    assert (noted.how, noted.easier, noted.may_be_quoted) == ("together", "Bussen", True)
    by = team.school.name
    assert noted.presence == f"Answered together with {by}, who wrote it down."
    assert client.get(own(team.youth, 4)).status_code == 200
    told = sign_in(team.young).get(reverse("evaluation:ratings", args=[team.youth.pk])).text
    assert f"together with {by}" in told
    # Whoever goes on alone afterwards does not undo that somebody was there.
    OwnRound.answer(by=team.young, youth=team.youth, answers={})
    assert OwnRound.objects.get().how == "together"


def test_when_the_time_together_is_over_nothing_typed_is_lost(team, current, sign_in):
    client = sign_in(team.school)
    Sitting.start(by=team.school, youth=team.youth, pen="youth")
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        client.force_login(team.school)
        late = client.post(own(team.youth, 1), {"step": "3", "small_step": "Sagt sent"})

    assert late.status_code == 409
    assert "Sagt sent" in late.text
    assert not Rating.objects.exists()


# -- What is easier now ------------------------------------------------------------------------


def test_words_may_be_quoted_only_when_there_are_words(team, current, sign_in):
    client = sign_in(team.young)
    client.post(own(team.youth, 3), {"easier": "  ", "may_be_quoted": "on", "helper": "nobody"})
    assert OwnRound.objects.get().may_be_quoted is False

    client.post(own(team.youth, 3), {"easier": "Ja", "may_be_quoted": "on", "helper": "nobody"})
    assert OwnRound.objects.get().may_be_quoted is True
    client.post(own(team.youth, 3), {"easier": "Ja", "helper": "nobody"})
    assert OwnRound.objects.get().may_be_quoted is False


def test_too_long_a_text_stays(team, current, sign_in):
    text = "ø" * 601

    response = sign_in(team.young).post(
        own(team.youth, 3), {"easier": text, "helper": "nobody", "go": "next"}
    )

    assert response.status_code == 422
    assert text in response.text


def test_the_school_is_told_who_needs_help_to_answer(team, current, sign_in, english):
    alone = YouthFactory(partnership=team.partnership, account=None)

    home = sign_in(team.school).get("/").text

    assert f"Help {alone.name} to answer the questions" in home
    assert f"Help {team.youth.name} to answer" not in home
    assert f"Help {alone.name}" not in sign_in(team.caseworker).get("/").text


@pytest.mark.parametrize("role", ["young", "school"])
def test_a_yes_to_being_quoted_is_taken_back_at_any_time(team, current, sign_in, role):
    noted = OwnRound.end_with(
        youth=team.youth, easier="Bussen", may_be_quoted=True, helper="", done=True
    )
    RatingFactory(youth=team.youth, round=current, rated_by=team.young)
    take_back = reverse("evaluation:take_back_quote", args=[noted.pk])
    client = sign_in(getattr(team, role))

    with time_machine.travel(timezone.now() + timedelta(days=200)):  # the round is long over
        client.force_login(getattr(team, role))
        page = reverse("evaluation:ratings", args=[team.youth.pk])
        assert take_back in client.get(page).text
        assert client.post(take_back)["Location"] == page
        assert take_back not in client.get(page).text
    noted.refresh_from_db()
    assert (noted.may_be_quoted, noted.easier) == (False, "Bussen")


def test_nobody_else_takes_it_back(team, other_team, current, sign_in):
    noted = OwnRound.end_with(
        youth=team.youth, easier="Bussen", may_be_quoted=True, helper="", done=True
    )
    take_back = reverse("evaluation:take_back_quote", args=[noted.pk])

    assert sign_in(team.caseworker).post(take_back).status_code == 403
    assert take_back not in sign_in(team.caseworker).get(
        reverse("evaluation:ratings", args=[team.youth.pk])
    ).text  # fmt: skip
    for who in (other_team.school, other_team.young, team.lead, team.evaluator, team.employer):
        assert sign_in(who).post(take_back).status_code == 404
    assert OwnRound.objects.get().may_be_quoted
