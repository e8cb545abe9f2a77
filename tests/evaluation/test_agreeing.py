"""From two blind answers to a definition that both have signed."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from evaluation.comparing import Mark, lines
from evaluation.models import (
    Definition,
    DefinitionAnswer,
    DefinitionChanged,
    DefinitionRefused,
    PartnershipProgress,
    TriedRule,
    YouthProgress,
)
from evaluation.progress import DEFAULT_RULE, Rule, Sign
from evaluation.tasks import sweep
from tests.factories import (
    IndicatorFactory,
    PartnershipFactory,
    RatingFactory,
    RatingRoundFactory,
    YouthFactory,
    days,
    member,
)
from vivirkr.waiting import waiting_on

pytestmark = pytest.mark.django_db

SECRET = "Hun møder til tiden"
STRICT = Rule((Sign("direction", 2),), professionals=2, rounds=3)


@pytest.fixture(autouse=True)
def indicators():
    return [
        IndicatorFactory(code=code, position=n) for n, code in enumerate(("direction", "belief"))
    ]


@pytest.fixture
def begun(team):
    return Definition.begin(by=team.school, partnership=team.partnership)


def write(definition, team, side, words=SECRET, rule=DEFAULT_RULE, revision=0):
    by = team.school if side == "school" else team.caseworker
    return DefinitionAnswer.write(
        by=by, definition=definition, side=side, rule=rule, revision=revision,
        own_words=words, examples="", most=["direction"],
    )  # fmt: skip


@pytest.fixture
def compared(team, begun):
    for side, by in (("school", team.school), ("municipality", team.caseworker)):
        write(begun, team, side).hand_in(by=by)
    return Definition.objects.get(pk=begun.pk)


def settle(definition, team, rule=STRICT, **changes):
    given = {"met_on": days(-1), "present": "Alle", "minutes": "Enige",
             "revision": definition.revision}  # fmt: skip
    definition.settle(by=team.school, rule=rule, **given | changes)


@pytest.fixture
def settled(team, compared):
    settle(compared, team)
    return compared


def sign(definition, team, side):
    by = team.school if side == "school" else team.caseworker
    definition.sign(by=by, side=side, revision=definition.revision)


# -- Steps -------------------------------------------------------------------------------------


def test_begun_twice_it_is_one_version(team, begun):
    assert Definition.begin(by=team.caseworker, partnership=team.partnership) == begun
    assert (begun.version, begun.in_force_from) == (1, None)


def test_only_a_signed_partnership_begins(team):
    unsigned = PartnershipFactory(programme=team.programme)
    with pytest.raises(DefinitionRefused):
        Definition.begin(by=team.school, partnership=unsigned)


def test_the_database_holds_one_in_preparation(team, begun):
    with pytest.raises(IntegrityError), transaction.atomic():
        Definition.objects.create(programme=team.programme, partnership=team.partnership, version=9)


def test_a_colleague_who_saved_meanwhile_is_not_overwritten(team, begun):
    write(begun, team, "school", words="Først")
    with pytest.raises(DefinitionChanged) as changed:
        write(begun, team, "school", words="Blindt")
    assert changed.value.current.own_words == "Først"
    write(begun, team, "school", words="Begge", revision=1)
    assert begun.answers.get().own_words == "Begge"


def test_an_answer_without_own_words_is_not_handed_in(team, begun):
    empty = write(begun, team, "school", words=" ")
    with pytest.raises(DefinitionRefused):
        empty.hand_in(by=team.school)


def test_what_is_handed_in_stands(team, begun):
    answer = write(begun, team, "school")
    answer.hand_in(by=team.school)
    with pytest.raises(DefinitionRefused):
        write(begun, team, "school", words="Andet", revision=1)
    with pytest.raises(DefinitionRefused):
        answer.hand_in(by=team.school)
    assert begun.answers.get().own_words == SECRET


def test_nothing_is_settled_before_both_have_handed_in(team, begun):
    write(begun, team, "school").hand_in(by=team.school)
    with pytest.raises(DefinitionRefused):
        settle(begun, team)


def test_a_meeting_is_not_in_the_future(team, compared):
    with pytest.raises(DefinitionRefused):
        settle(compared, team, met_on=days(1))


def test_what_is_settled_otherwise_must_be_signed_anew(team, settled):
    sign(settled, team, "school")
    settle(settled, team, rule=DEFAULT_RULE)
    assert not settled.signed_by("school")
    with pytest.raises(DefinitionChanged):
        settled.sign(by=team.school, side="school", revision=settled.revision - 1)
    with pytest.raises(DefinitionChanged):
        settle(settled, team, revision=1)


def test_nothing_is_signed_before_it_is_settled(team, compared):
    with pytest.raises(DefinitionRefused):
        sign(compared, team, "school")


def test_a_side_signs_once(team, settled):
    sign(settled, team, "school")
    with pytest.raises(DefinitionRefused):
        sign(settled, team, "school")
    assert not settled.is_in_force


def test_the_second_signature_puts_it_in_force_and_asks_for_new_figures(team, settled):
    sweep()
    sign(settled, team, "school")
    assert not PartnershipProgress.work_list().exists()

    sign(settled, team, "municipality")

    assert settled.in_force_from == days(0)
    assert [p.pk for p in PartnershipProgress.work_list()] == [team.partnership.pk]
    with pytest.raises(DefinitionRefused):
        settle(settled, team)


def test_what_the_first_version_judged_survives_the_second(team, settled, indicators):
    """Closer by the default in two rounds; a stricter version signed today changes nothing of it,
    and judges the next round.
    """
    for number, ago, step in ((1, 6, 2), (2, 3, 3)):
        in_round = RatingRoundFactory(programme=team.programme, number=number, ago=ago)
        for voice in ("youth", "school"):
            RatingFactory(
                youth=team.youth, round=in_round, indicator=indicators[0], voice=voice, step=step
            )
    sweep()
    before = YouthProgress.objects.get(youth=team.youth)
    assert before.result == "closer"

    for side in ("school", "municipality"):
        sign(settled, team, side)
    sweep()

    after = YouthProgress.objects.get(youth=team.youth)
    assert (after.result, after.definition) == ("closer", before.definition)
    row = PartnershipProgress.objects.get(partnership=team.partnership)
    assert row.definition == settled
    later = RatingRoundFactory(programme=team.programme, number=3)
    later.opens_on, later.closes_on = days(0), days(20)
    later.save()
    RatingFactory(youth=team.youth, round=later, indicator=indicators[0], voice="school", step=3)
    sweep()
    after.refresh_from_db()
    assert (after.result, after.definition) == ("unchanged", settled)


def test_the_next_version_begins_from_the_last(team, settled):
    for side in ("school", "municipality"):
        sign(settled, team, side)
    second = Definition.begin(by=team.caseworker, partnership=team.partnership)
    assert (second.version, second.rule) == (2, STRICT)


def test_a_default_is_renewed_and_never_rewritten(team):
    first = Definition.default_of(team.programme)
    with pytest.raises(DefinitionRefused):
        Definition.renew_default(
            by=team.school, programme=team.programme, rule=STRICT, in_force_from=days(-1)
        )
    second = Definition.renew_default(
        by=team.school, programme=team.programme, rule=STRICT, in_force_from=days(0)
    )
    first.refresh_from_db()
    assert (first.version, first.rule) == (1, DEFAULT_RULE)
    assert (second.version, Definition.chain(team.partnership)[-1]) == (2, second)


# -- Side by side ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "school", "municipality", "mark"),
    [
        ("rise_direction", {}, {}, Mark.SAME),
        ("rise_direction", {}, {"signs": (Sign("direction", 2),)}, Mark.NEAR),
        ("rise_direction", {}, {"signs": (Sign("direction", 3),)}, Mark.DIFFERENT),
        ("rise_belief", {}, {"signs": (Sign("direction"),)}, Mark.DIFFERENT),
        ("own_voice", {}, {"own_voice": False}, Mark.DIFFERENT),
        ("professionals", {}, {"professionals": 2}, Mark.NEAR),
        ("professionals", {}, {"professionals": 0}, Mark.DIFFERENT),
        ("rounds", {"rounds": 2}, {"rounds": 3}, Mark.NEAR),
        ("rounds", {"rounds": 2}, {"rounds": 4}, Mark.DIFFERENT),
        ("facts", {"facts": ("job", "practice")}, {"facts": ("job",)}, Mark.NEAR),
        ("facts", {"facts": ("job",)}, {"facts": ("practice",)}, Mark.DIFFERENT),
        ("facts", {"facts": ("job", "practice")}, {"facts": ("practice", "job")}, Mark.SAME),
        ("assessment", {"assessment": True}, {}, Mark.DIFFERENT),
    ],
)
def test_lines_are_the_same_near_or_different(field, school, municipality, mark):
    signs = {"signs": DEFAULT_RULE.signs}
    found = lines(
        Rule(**signs | school), Rule(**signs | municipality), {"direction": "D", "belief": "B"}
    )
    assert {line.field: line.mark for line in found}[field] == mark
    assert len(found) == 7


# -- Pages -------------------------------------------------------------------------------------


def url(name, team):
    return reverse(f"evaluation:{name}", args=[team.partnership.pk])


def sent(rule=DEFAULT_RULE, **others):
    """What a form of a rule is sent with."""
    data = {f"rise_{code}": rule.rises.get(code, 0) for code in ("direction", "belief")}
    data |= {"professionals": rule.professionals, "rounds": rule.rounds, "facts": rule.facts}
    return data | ({"own_voice": "on"} if rule.own_voice else {}) | others


def test_neither_side_reads_the_other_before_both_have_handed_in(team, begun, sign_in):
    write(begun, team, "school").hand_in(by=team.school)
    client = sign_in(team.caseworker)
    for name in ("definition", "answer"):
        response = client.get(url(name, team))
        assert response.status_code == 200
        assert SECRET not in response.text
    assert client.get(url("settle", team)).status_code == 403

    write(begun, team, "municipality", words="Noget andet").hand_in(by=team.caseworker)

    assert SECRET in client.get(url("definition", team)).text
    assert SECRET in client.get(url("settle", team)).text


@pytest.mark.parametrize("role", ["lead", "evaluator"])
def test_the_leadership_reads_what_is_signed_and_nothing_before(team, settled, sign_in, role):
    client = sign_in(getattr(team, role))
    page = client.get(url("definition", team))
    assert page.status_code == 200
    assert SECRET not in page.text
    assert "Enige" not in page.text
    for name in ("answer", "settle", "sign_definition"):
        assert client.get(url(name, team)).status_code == 403
    assert client.post(url("definition", team)).status_code == 403

    for side in ("school", "municipality"):
        sign(settled, team, side)

    assert "Enige" in client.get(url("definition", team)).text
    assert SECRET not in client.get(url("definition", team)).text


@pytest.mark.parametrize("role", ["employer", "young"])
def test_it_is_nothing_to_companies_and_youths(team, settled, sign_in, role):
    client = sign_in(getattr(team, role))
    for name in ("definition", "answer", "settle", "sign_definition", "what_if"):
        assert client.get(url(name, team)).status_code == 404


def test_a_draft_saves_itself(team, begun, sign_in):
    client = sign_in(team.school)
    data = sent(own_words="Hun kom", examples="", revision=0)
    headers = {"X-Autosave": "1"}
    saved = client.post(url("answer", team), data, headers=headers)
    assert saved.json()["fields"] == {"revision": 1}
    assert client.post(url("answer", team), data, headers=headers).status_code == 409
    assert client.post(url("answer", team), {}, headers=headers).status_code == 422
    assert begun.answers.get().own_words == "Hun kom"


def test_a_conflict_shows_both_and_keeps_what_was_typed(team, begun, sign_in):
    write(begun, team, "school", words="Kollegaens")
    response = sign_in(team.school).post(
        url("answer", team), sent(own_words="Mine", examples="", revision=0)
    )
    assert response.status_code == 409
    assert "Kollegaens" in response.text
    assert ">Mine<" in response.text.replace("\n", "")
    assert 'name="revision" value="1"' in response.text


def test_at_least_one_sign_counts_and_three_at_most_matter_most(team, begun, sign_in):
    nothing = sent(Rule(signs=()), own_words="x", revision=0)
    response = sign_in(team.school).post(url("answer", team), nothing)
    assert response.status_code == 422
    assert response.context["form"].errors


def test_handing_in_without_words_keeps_the_rest(team, begun, sign_in):
    data = sent(STRICT, own_words="", examples="Et eksempel", revision=0, hand_in="1")
    response = sign_in(team.school).post(url("answer", team), data)
    assert response.status_code == 422
    assert "own_words" in response.context["form"].errors
    assert "Et eksempel" in response.text
    assert not begun.answers.exists()


def test_from_answers_to_signatures_on_the_pages(team, sign_in):
    school, caseworker = sign_in(team.school), sign_in(team.caseworker)
    school.post(url("definition", team))
    for client in (school, caseworker):
        data = sent(own_words="Retning", examples="", revision=0, hand_in="1")
        assert client.post(url("answer", team), data).status_code == 302
    data = sent(STRICT, met_on=days(-1), present="Alle", minutes="Enige", revision=1)
    assert school.post(url("settle", team), data).status_code == 302
    assert school.post(url("settle", team), data).status_code == 409  # settled meanwhile
    for client in (school, caseworker):
        assert client.post(url("sign_definition", team), {"revision": 1}).status_code == 409
        assert client.post(url("sign_definition", team), {"revision": 2}).status_code == 302
    (made,) = Definition.objects.filter(partnership=team.partnership)
    assert (made.rule, made.in_force_from) == (STRICT, days(0))


def test_the_home_page_says_whose_turn_it_is(team, begun, english):
    def waits(user):
        return [row.url for row in waiting_on(user) if "definition" in row.url]

    assert waits(team.school) == waits(team.caseworker) == [url("answer", team)]
    write(begun, team, "school").hand_in(by=team.school)
    assert waits(team.school) == []
    write(begun, team, "municipality").hand_in(by=team.caseworker)
    assert waits(team.school) == waits(team.caseworker) == [url("definition", team)]
    begun = Definition.objects.get(pk=begun.pk)
    settle(begun, team)
    sign(begun, team, "school")
    assert waits(team.school) == []
    assert waits(team.caseworker) == [url("sign_definition", team)]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_with_one_version_and_with_three(
    team, sign_in, django_assert_num_queries, count
):
    for version in range(1, count + 1):
        Definition.objects.create(
            programme=team.programme, partnership=team.partnership, version=version,
            stored_rule=DEFAULT_RULE.as_stored, in_force_from=days(-version),
        )  # fmt: skip
    client = sign_in(team.school)
    with django_assert_num_queries(11):
        client.get(url("definition", team))


# -- What if -----------------------------------------------------------------------------------


@pytest.fixture
def closer(team, indicators):
    for number, ago, step in ((1, 3, 2), (2, 0, 3)):
        in_round = RatingRoundFactory(programme=team.programme, number=number, ago=ago)
        for voice in ("youth", "school"):
            RatingFactory(
                youth=team.youth, round=in_round, indicator=indicators[0], voice=voice, step=step
            )
    YouthFactory(partnership=team.partnership)
    sweep()


def test_another_rule_counts_todays_data_and_changes_nothing(team, closer, sign_in):
    before = YouthProgress.judged(team.partnership.pk)
    response = sign_in(team.school).post(url("what_if", team), sent(Rule((Sign("direction", 2),))))

    rows = {str(label): (now, then) for label, now, then in response.context["counted"]["rows"]}
    assert list(rows.values()) == [(1, 0), (0, 1), (0, 0), (0, 0), (1, 1)]
    assert YouthProgress.judged(team.partnership.pk) == before
    tried = TriedRule.objects.get()
    assert (tried.tried_by, tried.partnership) == (team.school, team.partnership)
    assert team.school.name in sign_in(team.caseworker).get(url("what_if", team)).text


def test_the_leadership_tries_it_for_the_programme(team, closer, sign_in):
    page = reverse("evaluation:what_if_all", args=[team.programme.pk])
    response = sign_in(team.lead).post(page, sent(Rule((Sign("direction", 2),))))
    assert response.context["counted"]["referred"] == 2
    assert team.youth.name not in response.text
    assert TriedRule.objects.get().partnership is None
    assert sign_in(team.lead).get(url("what_if", team)).status_code == 403
    assert sign_in(team.school).get(page).status_code == 404


def test_a_rule_without_a_sign_is_not_tried(team, closer, sign_in):
    response = sign_in(team.school).post(url("what_if", team), sent(Rule(signs=())))
    assert response.status_code == 422
    assert not TriedRule.objects.exists()


def test_a_colleague_of_the_same_side_goes_on_with_the_draft(team, begun, sign_in):
    write(begun, team, "school", words="Begyndt")
    colleague = member(team.partnership, "school")
    assert "Begyndt" in sign_in(colleague).get(url("answer", team)).text
