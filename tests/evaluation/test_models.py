"""Rounds, ratings and figures: what the database holds and the verbs refuse."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import override

from evaluation.models import (
    AnsweredMeanwhile,
    Indicator,
    IndicatorText,
    PartnershipProgress,
    Rating,
    RatingRefused,
    RatingRound,
    Reconciliation,
    Snapshot,
    YouthProgress,
    voice_of,
)
from evaluation.tasks import reconcile, sweep, take_snapshots
from partnerships.access import Role
from tests.factories import (
    IndicatorFactory,
    RatingFactory,
    RatingRoundFactory,
    YouthFactory,
    account_of,
    days,
    member,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def direction(db):
    return IndicatorFactory(code="direction", position=1)


@pytest.fixture
def belief(db):
    return IndicatorFactory(code="belief", position=2)


@pytest.fixture
def rounds(team):
    """An earlier round that is closed, and the open one."""
    return [
        RatingRoundFactory(programme=team.programme, number=1, ago=3),
        RatingRoundFactory(programme=team.programme, number=2),
    ]


def come_closer(team, rounds, direction):
    """The youth and the school each go up on direction from the first round to the second."""
    for voice in ("youth", "school"):
        for number, step in ((0, 2), (1, 4)):
            RatingFactory(
                youth=team.youth, round=rounds[number], indicator=direction, voice=voice, step=step
            )


# -- Rounds and answers --------------------------------------------------------------------


@pytest.mark.parametrize("step", [0, 6])
def test_a_step_is_between_1_and_5(team, rounds, direction, step):
    with pytest.raises(IntegrityError, match="a_step_is_between_1_and_5"), transaction.atomic():
        RatingFactory(youth=team.youth, round=rounds[1], indicator=direction, step=step)


def test_a_step_may_be_not_assessed(team, rounds, direction):
    assert RatingFactory(youth=team.youth, round=rounds[1], indicator=direction, step=None).pk


def test_one_answer_per_voice_indicator_and_round(team, rounds, direction):
    RatingFactory(youth=team.youth, round=rounds[1], indicator=direction)
    with pytest.raises(IntegrityError, match="one_answer_per_voice"), transaction.atomic():
        RatingFactory(youth=team.youth, round=rounds[1], indicator=direction)


def test_two_rounds_of_a_programme_do_not_overlap_by_a_day(team, rounds):
    with pytest.raises(IntegrityError, match="one_round_open_at_a_time"), transaction.atomic():
        RatingRound.objects.create(
            programme=team.programme,
            number=3,
            opens_on=rounds[1].closes_on,
            closes_on=rounds[1].closes_on,
        )


def test_rounds_of_two_programmes_may_overlap(team, other_team, rounds):
    assert RatingRoundFactory(programme=other_team.programme, number=1).pk


def test_a_round_closes_after_it_opens(team):
    with pytest.raises(IntegrityError), transaction.atomic():
        RatingRoundFactory(programme=team.programme, opens_on=days(5), closes_on=days(4))


def test_a_round_is_open_from_its_first_day_to_its_last(team):
    today = RatingRoundFactory(programme=team.programme, opens_on=days(0), closes_on=days(0))

    assert RatingRound.objects.open().get() == today
    today.closes_on = today.opens_on = days(-1)
    today.save()
    assert not RatingRound.objects.open().exists()


def test_an_indicator_without_a_wording_for_an_audience_is_not_asked_there(direction, belief):
    belief.texts.filter(audience="youth").delete()

    assert Indicator.objects.asked_of("youth") == [direction]
    assert Indicator.objects.asked_of("school") == [direction, belief]
    assert Indicator.objects.told_to("youth") == [direction, belief]


def test_an_indicator_is_asked_in_the_language_of_the_reader_and_else_in_danish(direction):
    with override("en"):
        assert Indicator.objects.asked_of("school")[0].text.language == "en"
        IndicatorText.objects.filter(language="en").delete()
        assert Indicator.objects.asked_of("school")[0].text.language == "da"


def test_a_person_rates_in_the_voice_of_the_side_they_are_on_for_that_youth(team, other_team):
    assert voice_of(team.young) == "youth"
    assert voice_of(team.school) == "school"
    assert voice_of(team.caseworker) == "caseworker"
    assert voice_of(team.lead) is None
    both = member(team.partnership, Role.SCHOOL)
    second = both.memberships.create(
        role=Role.CASEWORKER,
        partnership=other_team.partnership,
        organisation=other_team.partnership.municipality,
        starts_on=days(-1),
    )
    assert voice_of(both, team.youth) == "school"
    both.act_as(second)
    both = type(both).objects.get(pk=both.pk)
    assert voice_of(both, team.youth) is None
    assert voice_of(both, other_team.youth) == "caseworker"


# -- Giving an answer ----------------------------------------------------------------------


def give(team, answers, **changes):
    given = {"by": team.school, "youth": team.youth, "voice": "school"} | changes
    return Rating.give(answers=answers, **given)


def test_an_answer_can_be_corrected_while_the_round_is_open(team, rounds, direction):
    give(team, {direction: (2, "Kom selv")})
    give(team, {direction: (None, "")})

    rating = Rating.objects.get()
    assert (rating.step, rating.small_step, rating.round) == (None, "", rounds[1])
    assert rating.rated_by == team.school


def test_no_answer_is_taken_when_no_round_is_open(team, direction):
    RatingRoundFactory(programme=team.programme, ago=3)

    with pytest.raises(RatingRefused):
        give(team, {direction: (2, "")})
    assert not Rating.objects.exists()


def test_an_answer_begun_in_another_round_is_refused(team, rounds, direction):
    with pytest.raises(RatingRefused):
        give(team, {direction: (2, "")}, begun_in=rounds[0].pk)


def test_another_programmes_open_round_does_not_count(team, other_team, direction):
    RatingRoundFactory(programme=other_team.programme)

    with pytest.raises(RatingRefused):
        give(team, {direction: (2, "")})


def test_nobody_is_rated_who_has_not_been_accepted(team, rounds, direction):
    waiting = YouthFactory(partnership=team.partnership, enrolled_on=None)

    with pytest.raises(RatingRefused):
        give(team, {direction: (2, "")}, youth=waiting)


def test_a_colleagues_answer_is_not_overwritten_unseen(team, rounds, direction):
    colleague = member(team.partnership, Role.SCHOOL)
    give(team, {direction: (2, "")}, by=colleague)
    seen = Rating.objects.get()
    begun = {"begun_in": rounds[1].pk}

    with pytest.raises(AnsweredMeanwhile) as refusal:
        give(team, {direction: (5, "")}, seen_at=None, **begun)
    assert refusal.value.by == colleague.name
    give(team, {direction: (5, "")}, seen_at=seen.rated_at, **begun)
    assert Rating.objects.get().step == 5
    # Sending one's own form twice is no conflict.
    give(team, {direction: (5, "")}, seen_at=seen.rated_at, **begun)


# -- Stale figures -------------------------------------------------------------------------


def test_a_rating_makes_the_figures_stale_in_the_same_transaction(team, rounds, direction):
    sweep()
    assert not PartnershipProgress.work_list().exists()

    with transaction.atomic():
        give(team, {direction: (2, "")})
        assert PartnershipProgress.objects.get().stale_since
        transaction.set_rollback(True)
    assert not Rating.objects.exists()
    assert PartnershipProgress.objects.get().stale_since is None
    assert not PartnershipProgress.work_list().exists()

    give(team, {direction: (2, "")})
    assert PartnershipProgress.work_list().get() == team.partnership


def test_the_work_list_holds_what_no_rating_told_of(team):
    assert PartnershipProgress.work_list().get() == team.partnership  # never computed
    sweep()
    YouthFactory(partnership=team.partnership)
    assert PartnershipProgress.work_list().get() == team.partnership  # another number of youths
    sweep()
    PartnershipProgress.objects.update(rule_version=99)
    assert PartnershipProgress.work_list().get() == team.partnership  # another rule
    sweep()
    assert not PartnershipProgress.work_list().exists()


def test_a_partnership_that_is_not_signed_has_no_figures(team):
    team.partnership.status = "negotiating"
    team.partnership.save()

    assert not PartnershipProgress.work_list().exists()


# -- Figures -------------------------------------------------------------------------------


def test_figures_must_add_up_to_all_referred(team):
    with pytest.raises(IntegrityError, match="adds_up_to_all_referred"), transaction.atomic():
        PartnershipProgress.objects.create(partnership=team.partnership, referred=2, closer=1)


def test_every_referred_youth_is_counted_once_and_stays_when_leaving(team, rounds, direction):
    come_closer(team, rounds, direction)
    YouthFactory(partnership=team.partnership, left_on=days(-1), left_because="moved")
    YouthFactory(partnership=team.partnership, enrolled_on=None)  # not accepted: not counted

    row = PartnershipProgress.recompute(team.partnership.pk)

    assert row.counts() == {
        "referred": 2, "closer": 1, "unchanged": 0, "further": 0, "too_early": 0, "no_data": 1,
        "certain": 1, "possible": 1, "awaited": 0, "seen_by_both": 1, "seen_by_youth": 0,
        "seen_by_professionals": 0, "seen_by_neither": 0, "seen_by_unknown": 1,
    }  # fmt: skip
    progress = YouthProgress.objects.get(youth=team.youth)
    assert progress.changes == [["youth", "direction", 2, 4], ["school", "direction", 2, 4]]


def test_recomputing_twice_changes_nothing_but_the_time(team, rounds, direction):
    come_closer(team, rounds, direction)
    first = PartnershipProgress.recompute(team.partnership.pk)
    before = list(YouthProgress.objects.values("pk", "result", "changes"))
    second = PartnershipProgress.recompute(team.partnership.pk)

    assert second.counts() == first.counts()
    assert list(YouthProgress.objects.values("pk", "result", "changes")) == before


def test_a_youth_who_moves_is_counted_in_one_partnership_only(team, other_team):
    sweep()
    team.youth.partnership = other_team.partnership
    team.youth.save()
    sweep()

    assert dict(PartnershipProgress.objects.values_list("partnership", "referred")) == {
        team.partnership.pk: 0,
        other_team.partnership.pk: 2,
    }
    assert YouthProgress.objects.get(youth=team.youth).partnership == other_team.partnership


def test_a_partnership_that_cannot_be_computed_does_not_hold_up_the_others(
    team, other_team, rounds, direction, caplog
):
    come_closer(team, rounds, direction)
    sweep()
    PartnershipProgress.objects.update(stale_since=timezone.now())
    with_trouble = PartnershipProgress.objects.get(partnership=team.partnership)
    other = PartnershipProgress.objects.get(partnership=other_team.partnership)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(  # the database refuses the figures of the first alone
            "ALTER TABLE evaluation_partnershipprogress ADD CONSTRAINT trouble "
            "CHECK (stale_since IS NOT NULL OR closer = 0) NOT VALID"
        )
    sweep()
    with_trouble.refresh_from_db()
    other.refresh_from_db()
    assert with_trouble.stale_since is not None
    assert other.stale_since is None
    assert "could not be computed" in caplog.text


# -- Snapshots and the nightly check -------------------------------------------------------


def test_a_snapshot_taken_twice_a_day_keeps_the_first(team, rounds, direction):
    take_snapshots()
    come_closer(team, rounds, direction)
    PartnershipProgress.objects.update(stale_since=timezone.now())
    take_snapshots()

    snapshot = Snapshot.objects.get()
    assert (snapshot.referred, snapshot.no_data, snapshot.closer) == (1, 1, 0)
    assert PartnershipProgress.objects.get().closer == 1
    assert len(snapshot.inputs) == 64


def test_the_fingerprint_of_a_snapshot_follows_what_was_counted(team, rounds, direction):
    take_snapshots()
    Snapshot.objects.update(taken_on=days(-1))
    take_snapshots()
    Snapshot.objects.filter(taken_on=days(0)).update(taken_on=days(-2))
    come_closer(team, rounds, direction)
    PartnershipProgress.objects.update(stale_since=timezone.now())
    take_snapshots()

    today, yesterday, before = Snapshot.objects.order_by("-taken_on").values_list(
        "inputs", flat=True
    )
    assert yesterday == before
    assert today != yesterday


def test_the_nightly_check_reports_a_figure_that_was_changed(team, other_team, caplog):
    sweep()
    PartnershipProgress.objects.filter(partnership=team.partnership).update(closer=1, no_data=0)

    reconcile()

    report = Reconciliation.objects.get()
    assert (report.checked, report.differing) == (2, [str(team.partnership.pk)])
    assert "1 of 2 partnerships differed" in caplog.text
    sweep()
    assert PartnershipProgress.objects.get(partnership=team.partnership).closer == 0
    reconcile()
    assert Reconciliation.objects.first().differing == []


def test_the_nightly_check_reports_changes_that_no_longer_follow_from_the_ratings(
    team, rounds, direction
):
    come_closer(team, rounds, direction)
    sweep()
    Rating.objects.filter(round=rounds[1], voice="youth").update(step=5)  # past the verb

    assert Reconciliation.run().differing == [str(team.partnership.pk)]


def test_the_nightly_check_leaves_out_what_is_still_to_be_computed(team):
    sweep()
    PartnershipProgress.objects.update(stale_since=timezone.now(), closer=1, no_data=0)

    report = Reconciliation.run()
    assert (report.checked, report.differing) == (0, [])


# -- Who sees them -------------------------------------------------------------------------


def test_ratings_are_seen_by_the_three_voices_and_figures_by_the_programme(team, other_team):
    rating = RatingFactory(youth=team.youth, round__programme=team.programme)
    sweep()
    seen = {
        role: (
            list(Rating.objects.visible_to(person)) == [rating],
            {row.partnership_id for row in PartnershipProgress.objects.visible_to(person)},
            {row.youth_id for row in YouthProgress.objects.visible_to(person)},
        )
        for role, person in team.people().items()
    }

    partnership, youth = {team.partnership.pk}, {team.youth.pk}
    assert seen == {
        "school": (True, partnership, youth),
        "caseworker": (True, partnership, youth),
        "employer": (False, set(), set()),
        "young": (True, set(), set()),
        "lead": (False, partnership, youth),
        "evaluator": (False, partnership, youth),
    }
    assert not Rating.objects.visible_to(other_team.school).exists()
    assert not Rating.objects.visible_to(account_of(other_team.youth)).exists()
