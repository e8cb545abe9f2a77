"""Rating one young person, and the three voices side by side."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from evaluation.models import Rating, RatingRound, rating_summary
from evaluation.tasks import sweep
from partnerships.access import GRANTS, PLACEMENT_GRANTS, Role, Section
from tests.factories import (
    IndicatorFactory,
    RatingFactory,
    RatingRoundFactory,
    YouthFactory,
    days,
    member,
)
from youths.models import AccessEvent

pytestmark = pytest.mark.django_db

LONG = "æ" * 100_000


@pytest.fixture
def indicators(db):
    return [
        IndicatorFactory(code=code, position=n)
        for n, code in enumerate(["direction", "belief", "attendance"], start=1)
    ]


@pytest.fixture
def current(team, indicators):
    return RatingRoundFactory(programme=team.programme, number=2)


def url(name, youth, *args):
    return reverse(f"evaluation:{name}", args=[youth.pk, *args])


def sheet(current, **answers):
    """What the page of a professional sends; every step is 3 unless told otherwise."""
    steps = {f"step_{code}": "3" for code in ("direction", "belief", "attendance")}
    return {"begun_in": current.pk, "seen_at": "", **steps, **answers}


# -- Who may ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "ratings", "rate", "own"),
    [
        ("school", 200, 200, 302),
        ("caseworker", 200, 200, 403),
        ("young", 200, 403, 200),
        ("employer", 404, 404, 404),
        ("lead", 404, 404, 404),
        ("evaluator", 404, 404, 404),
    ],
)
def test_each_voice_has_its_own_page(team, current, sign_in, role, ratings, rate, own):
    client = sign_in(getattr(team, role))

    assert client.get(url("ratings", team.youth)).status_code == ratings
    assert client.get(url("rate", team.youth)).status_code == rate
    assert client.post(url("rate", team.youth), {}).status_code == {200: 422}.get(rate, rate)
    assert client.get(url("own", team.youth, 1)).status_code == own
    sent = client.post(url("own", team.youth, 1), {}).status_code
    assert sent == {200: 422, 302: 409}.get(own, own)


@pytest.mark.parametrize("role", ["school", "caseworker", "young"])
def test_another_partnerships_youth_is_not_found(team, other_team, current, sign_in, role):
    client = sign_in(getattr(other_team, role))

    assert client.get(url("ratings", team.youth)).status_code == 404
    assert client.post(url("rate", team.youth), sheet(current)).status_code == 404
    assert client.post(url("own", team.youth, 1), {"step": "3"}).status_code == 404
    assert not Rating.objects.exists()


def test_a_youth_who_is_not_accepted_yet_is_not_rated(team, current, sign_in):
    waiting = YouthFactory(partnership=team.partnership, enrolled_on=None)

    assert sign_in(team.school).get(url("rate", waiting)).status_code == 404


def test_opening_the_ratings_is_written_in_the_read_log(team, current, sign_in):
    sign_in(team.caseworker).get(url("ratings", team.youth))
    sign_in(team.young).get(url("ratings", team.youth))

    event = AccessEvent.objects.get(youth_id=team.youth.pk)
    assert (event.user_id, event.sections) == (team.caseworker.pk, "identity,ratings")


# -- A professional rates --------------------------------------------------------------------


@pytest.mark.parametrize(("role", "voice"), [("school", "school"), ("caseworker", "caseworker")])
def test_a_professional_answers_every_question_on_one_page(team, current, sign_in, role, voice):
    client = sign_in(getattr(team, role))
    data = sheet(current, step_belief="none", why_belief="not_seen",
                 small_direction="Spurgte selv om hjælp 🌱 <b>")  # fmt: skip

    response = client.post(url("rate", team.youth), data, follow=True)

    assert response.redirect_chain == [(url("ratings", team.youth), 302)]
    assert list(
        Rating.objects.order_by("indicator__position").values_list("voice", "step", "small_step")
    ) == [(voice, 3, "Spurgte selv om hjælp 🌱 <b>"), (voice, None, ""), (voice, 3, "")]
    assert "Spurgte selv om hjælp 🌱 &lt;b&gt;" in response.text


def test_what_is_not_assessed_has_a_reason_that_everybody_reads(team, current, sign_in, english):
    client = sign_in(team.school)
    data = sheet(current, step_belief="none", small_direction="Bliver stående")

    response = client.post(url("rate", team.youth), data)

    assert response.status_code == 422
    assert response.context["form"].errors == {"why_belief": ["Say why it is not assessed."]}
    assert "Bliver stående" in response.text
    assert not Rating.objects.exists()

    client.post(url("rate", team.youth), data | {"why_belief": "not_seen"})

    assert Rating.objects.get(indicator__code="belief").why_not == "not_seen"
    said = "“belief en” was not assessed by School: “I have not seen it”."
    assert said in sign_in(team.young).get(url("ratings", team.youth)).text
    # A step that comes later takes the reason away, whatever the form still holds.
    later = sheet(current, step_belief="4", why_belief="not_seen")
    client.post(url("rate", team.youth), later)
    assert Rating.objects.get(indicator__code="belief").why_not == ""


def test_earlier_answers_are_not_shown_before_answering(team, current, indicators, sign_in):
    earlier = RatingRoundFactory(programme=team.programme, number=1, ago=3)
    for voice in ("school", "youth", "caseworker"):
        RatingFactory(
            youth=team.youth, round=earlier, indicator=indicators[0], voice=voice, step=4,
            small_step="Fra sidst",
        )  # fmt: skip
    RatingFactory(
        youth=team.youth, round=current, indicator=indicators[0], voice="youth", step=5,
        small_step="Fra den anden",
    )  # fmt: skip

    page = sign_in(team.school).get(url("rate", team.youth)).text

    assert "checked" not in page
    assert "Fra sidst" not in page
    assert "Fra den anden" not in page


def test_answers_of_this_round_are_prefilled_and_can_be_corrected(team, current, sign_in):
    client = sign_in(team.school)
    client.post(url("rate", team.youth), sheet(current, small_belief="Sagde nej"))

    page = client.get(url("rate", team.youth))
    assert page.text.count("checked") == 3
    assert "Sagde nej" in page.text
    client.post(url("rate", team.youth), sheet(current, step_direction="5"))
    assert Rating.objects.count() == 3
    assert Rating.objects.get(indicator__code="direction").step == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"step_direction": ""},
        {"step_direction": "6"},
        {"step_direction": "3 OR 1=1"},
        {"step_direction": "3\x00"},
        {"small_direction": LONG},
        {"small_direction": "nul\x00"},
        {"begun_in": "x"},
        {"begun_in": ""},
    ],
    ids=lambda wrong: repr(wrong)[:40],
)
def test_a_wrong_answer_is_refused_and_what_was_typed_is_kept(team, current, sign_in, wrong):
    data = sheet(current, small_belief="Skrevet i dag") | wrong

    response = sign_in(team.school).post(url("rate", team.youth), data)

    assert response.status_code == 422
    assert "Skrevet i dag" in response.text
    assert not Rating.objects.exists()


@pytest.mark.parametrize("seen_at", ["", "x" * 39, "0001-01-01", "2026-13-45T00:00"])
def test_a_wrong_time_of_seeing_harms_nobody(team, current, sign_in, seen_at):
    response = sign_in(team.school).post(url("rate", team.youth), sheet(current, seen_at=seen_at))

    assert response.status_code == 302


def test_sending_twice_saves_once(team, current, sign_in):
    client = sign_in(team.school)

    first = client.post(url("rate", team.youth), sheet(current))
    second = client.post(url("rate", team.youth), sheet(current))

    assert first.status_code == second.status_code == 302
    assert Rating.objects.count() == 3


def test_a_colleague_who_answered_meanwhile_is_shown_and_nothing_is_lost(team, current, sign_in):
    colleague = member(team.partnership, Role.SCHOOL)
    sign_in(colleague).post(url("rate", team.youth), sheet(current, small_belief="Kollegaens"))
    client = sign_in(team.school)
    mine = sheet(current, step_belief="5", small_belief="Mine ord")

    response = client.post(url("rate", team.youth), mine)

    assert response.status_code == 409
    assert colleague.name in response.text
    assert "Kollegaens" in response.text
    assert "Mine ord" in response.text
    assert Rating.objects.get(indicator__code="belief").small_step == "Kollegaens"
    # Having seen both, the same form saves.
    seen = response.context["form"]["seen_at"].value()
    assert client.post(url("rate", team.youth), mine | {"seen_at": seen}).status_code == 302
    assert Rating.objects.get(indicator__code="belief").small_step == "Mine ord"


@pytest.mark.parametrize("another_opens", [False, True])
def test_a_round_that_closes_in_mid_form_keeps_what_was_typed(
    team, current, sign_in, another_opens
):
    RatingRound.objects.filter(pk=current.pk).update(opens_on=days(-9), closes_on=days(-1))
    if another_opens:
        RatingRoundFactory(programme=team.programme, number=3, opens_on=days(0))

    response = sign_in(team.school).post(
        url("rate", team.youth), sheet(current, small_belief="Skrevet i dag")
    )

    assert response.status_code == 409
    assert "Skrevet i dag" in response.text
    assert not Rating.objects.exists()


@pytest.mark.parametrize("role", ["school", "young"])
def test_without_an_open_round_the_page_says_when_the_next_one_opens(team, sign_in, role):
    RatingRoundFactory(programme=team.programme, number=1, ago=3)
    coming = RatingRoundFactory(
        programme=team.programme, number=2, opens_on=days(20), closes_on=days(30)
    )
    address = url("own", team.youth, 1) if role == "young" else url("rate", team.youth)

    response = sign_in(getattr(team, role)).get(address)

    assert response.status_code == 200
    assert response.context["next"] == coming
    assert response.templates[0].name == "evaluation/no_round.html"


def test_without_questions_the_page_says_so(team, sign_in):
    RatingRoundFactory(programme=team.programme)

    assert sign_in(team.school).get(url("rate", team.youth)).status_code == 200


# -- The young person answers ----------------------------------------------------------------


def test_the_youth_answers_one_question_a_screen(team, current, sign_in):
    client = sign_in(team.young)
    for number, step in ((1, "2"), (2, "none"), (3, "5")):
        page = client.get(url("own", team.youth, number))
        assert page.context["number"] == number
        assert page.text.count("<h1") == 1
        response = client.post(url("own", team.youth, number), {"step": step, "go": "next"})
        assert response["Location"] == url("own", team.youth, number + 1)

    said = {"easier": "At komme op", "may_be_quoted": "on", "helper": "home", "go": "next"}
    assert client.post(url("own", team.youth, 4), said)["Location"] == url("own", team.youth, 5)
    thanks = client.get(url("own", team.youth, 5))
    assert thanks.status_code == 200
    assert "At komme op" in thanks.text
    assert thanks.context["unanswered"] == 0
    assert list(
        Rating.objects.order_by("indicator__position").values_list("voice", "step", "rated_by")
    ) == [("youth", step, team.young.pk) for step in (2, None, 5)]


@pytest.mark.parametrize("number", [0, 6, 10_000])
def test_there_is_no_question_beyond_the_last(team, current, sign_in, number):
    client = sign_in(team.young)

    assert client.get(url("own", team.youth, number)).status_code == 404
    assert client.post(url("own", team.youth, number), {"step": "1"}).status_code == 404


def test_the_page_of_thanks_takes_no_answer(team, current, sign_in):
    assert sign_in(team.young).post(url("own", team.youth, 5), {"step": "1"}).status_code == 404


@pytest.mark.parametrize(
    ("number", "go", "leads_to"), [(2, "back", 1), (1, "back", 2), (2, "nonsense", 3)]
)
def test_back_saves_what_was_chosen(team, current, sign_in, number, go, leads_to):
    response = sign_in(team.young).post(url("own", team.youth, number), {"step": "4", "go": go})

    assert response["Location"] == url("own", team.youth, leads_to)
    assert Rating.objects.get().step == 4


def test_back_without_an_answer_saves_nothing(team, current, sign_in):
    response = sign_in(team.young).post(url("own", team.youth, 2), {"go": "back"})

    assert response["Location"] == url("own", team.youth, 1)
    assert not Rating.objects.exists()


def test_save_and_continue_later_leads_home_and_the_answer_is_there_again(team, current, sign_in):
    client = sign_in(team.young)
    answer = {"step": "4", "small_step": "Ringede selv", "go": "later"}

    assert client.post(url("own", team.youth, 1), answer)["Location"] == reverse("home")
    page = client.get(url("own", team.youth, 1))
    assert "Ringede selv" in page.text
    assert page.text.count("checked") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"step": ""},
        {"step": "9"},
        {"step": "3\x00"},
        {"step": "3", "small_step": LONG},
        {"step": "3", "small_step": "\x00"},
        {"step": "", "go": "later"},
        {"step": "", "go": "back"},
    ],
    ids=lambda wrong: repr(wrong)[:40],
)
def test_a_wrong_answer_of_the_youth_is_explained_and_kept(team, current, sign_in, wrong):
    data = {"small_step": "Mine ord", "go": "next"} | wrong

    response = sign_in(team.young).post(url("own", team.youth, 1), data)

    assert response.status_code == 422
    assert data["small_step"][:8].strip("\x00") in response.text
    assert not Rating.objects.exists()


def test_a_round_that_closes_before_the_youth_presses_next_keeps_the_words(team, current, sign_in):
    RatingRound.objects.filter(pk=current.pk).update(opens_on=days(-9), closes_on=days(-1))

    response = sign_in(team.young).post(
        url("own", team.youth, 1), {"step": "4", "small_step": "Mine ord"}
    )

    assert response.status_code == 409
    assert "Mine ord" in response.text
    assert not Rating.objects.exists()


def test_thanks_shows_the_greatest_step_forward_since_last_time(team, current, indicators, sign_in):
    earlier = RatingRoundFactory(programme=team.programme, number=1, ago=3)
    for indicator, before, now in zip(indicators, (2, 1, 5), (3, 4, 4), strict=True):
        for in_round, step in ((earlier, before), (current, now)):
            RatingFactory(youth=team.youth, round=in_round, indicator=indicator, step=step)

    response = sign_in(team.young).get(url("own", team.youth, 5))

    assert response.context["step"]["question"].startswith("belief?")
    assert (response.context["step"]["before"], response.context["step"]["now"]) == (
        "Trin 1",
        "Trin 4",
    )


def test_thanks_before_any_answer_leads_to_the_first_question(team, current, sign_in):
    response = sign_in(team.young).get(url("own", team.youth, 5))

    assert response.context["answered"] == 0
    assert url("own", team.youth, 1) in response.text


def test_who_can_see_my_answers_is_what_the_table_of_grants_says():
    """The box names the school, the job centre, the workplace and the project."""
    readers = {role for role in GRANTS if "view" in GRANTS[role].get(Section.RATINGS, ())}

    assert readers == {Role.SCHOOL, Role.CASEWORKER}
    assert Section.RATINGS not in PLACEMENT_GRANTS[Role.EMPLOYER]


# -- Side by side ----------------------------------------------------------------------------


def rated(team, indicators, in_round, **steps):
    for voice, values in steps.items():
        for indicator, step in zip(indicators, values, strict=False):
            RatingFactory(
                youth=team.youth, round=in_round, indicator=indicator, voice=voice, step=step
            )


def test_differences_are_said_in_words(team, current, indicators):
    rated(team, indicators, current, youth=[5, 3, 2], school=[4, 3, 4], caseworker=[4, 3])

    with override("en"):
        summary = rating_summary(team.school, team.youth)

    assert [(line.difference, line.ask) for line in summary.lines] == [
        ("One step", False),
        ("Agree", False),
        ("Two steps, the job centre has not rated", True),
    ]


def test_the_result_names_the_ratings_it_rests_on(team, current, indicators):
    earlier = RatingRoundFactory(programme=team.programme, number=1, ago=3)
    rated(team, indicators, earlier, youth=[2, 3], school=[3, 4])
    rated(team, indicators, current, youth=[4, 3], school=[4, 3])
    sweep()

    with override("en"):
        summary = rating_summary(team.young, team.youth)
        assert summary.result == "Closer"

    assert summary.because == [
        "own rating: “direction en” went up from 2 to 4, “belief en” stayed at 3",
        "the school's rating: “direction en” went up from 3 to 4, "
        "“belief en” went down from 4 to 3",
    ]
    assert summary.rule_version == 1
    assert summary.computed_at
    assert not summary.stale


def test_the_summary_is_empty_for_who_may_not_see_the_ratings(
    team, other_team, current, indicators
):
    rated(team, indicators, current, youth=[5], school=[4])
    sweep()
    for person in (team.lead, team.evaluator, team.employer, other_team.school, other_team.young):
        summary = rating_summary(person, team.youth)
        assert (summary.lines, summary.result, summary.small_steps) == ([], "", [])


@pytest.mark.parametrize("count", [1, 3])
def test_ratings_cost_the_same_number_of_queries_whatever_was_rated(
    team, indicators, sign_in, django_assert_num_queries, count
):
    for number in range(count):
        in_round = RatingRoundFactory(programme=team.programme, number=number + 1, ago=number)
        rated(team, indicators[:count], in_round, youth=[3] * 3, school=[4] * 3, caseworker=[2] * 3)
    Rating.objects.update(small_step="Et lille skridt")
    sweep()
    client = sign_in(team.school)
    client.get(url("ratings", team.youth))

    with django_assert_num_queries(15):
        client.get(url("ratings", team.youth))


@pytest.mark.parametrize("count", [1, 3])
def test_rating_costs_the_same_number_of_queries_whatever_is_asked(
    team, sign_in, django_assert_num_queries, count
):
    RatingRoundFactory(programme=team.programme)
    for number in range(count):
        IndicatorFactory(code=f"sign-{number}", position=number)
    client = sign_in(team.school)

    with django_assert_num_queries(10):
        client.get(url("rate", team.youth))
    client = sign_in(team.young)
    with django_assert_num_queries(9):
        client.get(url("own", team.youth, 1))


def test_a_guest_is_asked_to_sign_in(team):
    assert Client().get(url("ratings", team.youth)).status_code == 302


# -- Other words -----------------------------------------------------------------------------


def reword(indicator, **words):
    """The same wordings with other words for professionals in Danish."""
    text = indicator.texts.current().get(audience="professional", language="da")
    for name, value in words.items():
        setattr(text, name, value)
    indicator.reword([text])


def test_an_answer_keeps_the_words_it_was_given_to(team, current, indicators, sign_in):
    client = sign_in(team.school)
    client.post(url("rate", team.youth), sheet(current))
    earlier = RatingRoundFactory(programme=team.programme, number=1, ago=3)
    RatingFactory(youth=team.youth, round=earlier, indicator=indicators[0], voice="youth")
    reword(indicators[0], question="Andre ord?", step_3="Nu midt imellem")

    assert "Andre ord?" in client.get(url("rate", team.youth)).text
    summary = rating_summary(team.school, team.youth)
    assert summary.lines[0].question == "Andre ord?"
    [old] = summary.earlier_words
    assert (old.question, old.whose, old.rounds) == ("direction? professional da", "Skole", [2])
    assert "direction? professional da" in client.get(url("ratings", team.youth)).text

    client.post(url("rate", team.youth), sheet(current))
    assert rating_summary(team.school, team.youth).earlier_words == []
    assert set(Rating.objects.filter(voice="school", indicator=indicators[0]).values_list(
        "wording", flat=True)) == {2}  # fmt: skip


def test_whoever_was_answering_reads_the_new_words_first(team, current, indicators, sign_in):
    client = sign_in(team.school)
    shown = client.get(url("rate", team.youth)).context["form"]
    reword(indicators[0], step_3="Nu midt imellem")
    data = sheet(current, small_direction="Bliver stående", worded=shown.now_worded)

    response = client.post(url("rate", team.youth), data)

    assert response.status_code == 422
    assert "Bliver stående" in response.text
    assert not Rating.objects.exists()
    data["worded"] = response.context["form"].data["worded"]
    assert client.post(url("rate", team.youth), data).status_code == 302


def test_thanks_says_the_step_before_in_the_words_of_then(team, current, indicators, sign_in):
    earlier = RatingRoundFactory(programme=team.programme, number=1, ago=3)
    RatingFactory(youth=team.youth, round=earlier, indicator=indicators[0], step=1)
    text = indicators[0].texts.get(audience="youth", language="da")
    text.step_1, text.step_4 = "Helt andre ord", "Nye ord"
    indicators[0].reword([text])
    client = sign_in(team.young)
    client.post(url("own", team.youth, 1), {"step": "4"})

    step = client.get(url("own", team.youth, 5)).context["step"]

    assert (step["before"], step["now"]) == ("Trin 1", "Nye ord")


def test_what_is_asked_no_more_keeps_its_answers(team, current, indicators, sign_in):
    client = sign_in(team.school)
    client.post(url("rate", team.youth), sheet(current))
    indicators[2].reword([], gone=indicators[2].texts.filter(audience="professional"))

    assert "attendance?" not in client.get(url("rate", team.youth)).text
    summary = rating_summary(team.school, team.youth)
    assert [line.latest["school"] for line in summary.lines] == [3, 3, 3]


def test_the_database_changes_no_wording(indicators):
    texts = indicators[0].texts.all()

    with pytest.raises(IntegrityError, match="a wording never changes"), transaction.atomic():
        texts.update(question="Noget andet?")
    texts.update(ended_at=timezone.now())
