"""The dashboard, and the rows behind its figures."""

import csv
import re
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from evaluation.models import (
    Outcome,
    PartnershipProgress,
    ProgrammeSnapshot,
    Snapshot,
    YouthProgress,
    outcomes_of,
)
from evaluation.progress import Result
from evaluation.standing import Standing
from evaluation.tasks import sweep, take_snapshots
from partnerships.access import Role
from partnerships.models import OutcomeClass
from tests.factories import (
    IndicatorFactory,
    MembershipFactory,
    OrganisationFactory,
    PartnershipFactory,
    ProgrammeFactory,
    RatingFactory,
    RatingRoundFactory,
    YouthFactory,
    days,
    member,
)
from youths.models import AccessEvent, Youth

pytestmark = pytest.mark.django_db


def dashboard(programme):
    return reverse("evaluation:dashboard", args=[programme.pk])


def rows(programme, **filters):
    return reverse("evaluation:youths", args=[programme.pk]), filters


@pytest.fixture
def programme(team):
    """Three partnerships, one of them not signed; a youth of every result, and the computation."""
    direction = IndicatorFactory(code="direction", position=1)
    belief = IndicatorFactory(code="belief", position=2)
    first = RatingRoundFactory(programme=team.programme, number=1, ago=3)
    second = RatingRoundFactory(programme=team.programme, number=2)
    other = PartnershipFactory(programme=team.programme, signed=True)
    PartnershipFactory(programme=team.programme)

    def rate(youth, before, now):
        for in_round, step in ((first, before), (second, now)):
            for indicator in (direction, belief):
                for voice in ("youth", "school"):
                    if step:
                        RatingFactory(
                            youth=youth, round=in_round, indicator=indicator, voice=voice, step=step
                        )

    rate(team.youth, 2, 4)
    rate(YouthFactory(partnership=other), 4, 2)
    rate(YouthFactory(partnership=other), 3, 3)
    rate(YouthFactory(partnership=team.partnership), 3, None)
    YouthFactory(partnership=team.partnership, left_on=days(-1), left_because="moved")
    sweep()
    return team.programme


# -- Arithmetic --------------------------------------------------------------------------------


def standing(referred_target=40, closer_target=35, **counts):
    programme = ProgrammeFactory.build(
        owner=None, referred_target=referred_target, closer_target=closer_target
    )
    row = dict.fromkeys(Snapshot.FIELDS, 0) | counts
    row["certain"] = counts.get("certain", row["closer"])
    row["possible"] = counts.get("possible", row["closer"] + row["too_early"] + row["no_data"])
    return Standing.of([row], programme)


def test_the_range_holds_everybody_of_whom_nothing_can_be_said_yet():
    """28 of 40 referred: 9 closer now; 4 too early, 3 without data and 12 places may still be."""
    now = standing(closer=9, unchanged=10, further=2, too_early=4, no_data=3)

    assert (now.referred, now.unfilled, now.total) == (28, 12, 40)
    assert (now.low, now.high, now.open) == (9, 28, 19)
    assert now.missing == 26


def test_more_youths_than_the_target_widen_the_denominator():
    now = standing(closer=40, no_data=2)

    assert (now.total, now.unfilled, now.low, now.high) == (42, 0, 40, 42)
    assert now.missing == 0


def test_targets_are_the_programmes():
    now = standing(referred_target=12, closer_target=5, closer=2, unchanged=1)

    assert (now.total, now.missing) == (12, 3)


# -- Who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [("lead", 200), ("evaluator", 200), ("school", 404), ("caseworker", 404), ("young", 404),
     ("employer", 404)],
)  # fmt: skip
def test_the_programme_is_for_its_lead_and_evaluator(team, programme, sign_in, role, status):
    client = sign_in(getattr(team, role))

    assert client.get(dashboard(programme)).status_code == status
    assert client.get(*rows(programme)).status_code == status
    assert client.post(dashboard(programme)).status_code == 405


@pytest.mark.parametrize("role", ["lead", "evaluator"])
def test_another_programme_is_not_found(other_team, programme, sign_in, role):
    client = sign_in(getattr(other_team, role))

    assert client.get(dashboard(programme)).status_code == 404
    assert client.get(*rows(programme)).status_code == 404


def test_a_former_lead_sees_nothing(team, programme, sign_in):
    gone = member(team.partnership, Role.LEAD, ends_on=days(-1))

    assert sign_in(gone).get(dashboard(programme)).status_code == 404


def test_no_name_of_a_youth_is_on_these_pages(team, programme, sign_in):
    client = sign_in(team.lead)
    for response in (client.get(dashboard(programme)), client.get(*rows(programme))):
        for youth in YouthProgress.objects.select_related("youth"):
            assert youth.youth.name not in response.text
            assert str(youth.youth_id) not in response.text
    assert team.youth.code in client.get(*rows(programme)).text


def test_no_query_of_these_pages_fetches_a_name(
    team, programme, sign_in, django_assert_max_num_queries
):
    client = sign_in(team.lead)
    with django_assert_max_num_queries(40) as queries:
        client.get(dashboard(programme))
        client.get(*rows(programme))

    sql = " ".join(query["sql"] for query in queries.captured_queries)
    assert '"youths_youth"."code"' in sql
    assert '"youths_youth"."name"' not in sql
    assert "evaluation_rating" not in sql.replace("evaluation_ratinground", "")


# -- Figures -----------------------------------------------------------------------------------


def test_the_dashboard_counts_every_referred_youth_once(team, programme, sign_in):
    context = sign_in(team.lead).get(dashboard(programme)).context

    now = context["standing"]
    counts = {result: getattr(now, result) for result in Result.values}
    assert counts == {"closer": 1, "further": 1, "unchanged": 1, "too_early": 1, "no_data": 1}
    assert (now.referred, now.low, now.high) == (5, 1, 37)
    assert not context["stale"]
    assert context["computed_at"] == min(
        PartnershipProgress.objects.values_list("computed_at", flat=True)
    )


def test_every_figure_leads_to_exactly_as_many_rows(team, programme, sign_in):
    OutcomeClass.objects.create(programme=programme, position=1, name="I job")
    done = OutcomeClass.objects.create(programme=programme, position=2, name="I uddannelse")
    team.youth.outcome = done
    team.youth.stu_ends_on = days(-400)
    team.youth.enrolled_on = days(-900)
    team.youth.save()
    for outcome in (programme.outcomes.first(), done):  # the newest counts
        Outcome.record(by=team.school, youth=team.youth, moment="after", outcome=outcome,
                       seen_on=days(-20))  # fmt: skip
    sweep()
    client = sign_in(team.lead)
    context = client.get(dashboard(programme)).context
    now = context["standing"]
    figures = [
        (now.closer, context["closer_url"]),
        (now.referred, context["all_url"]),
        (now.awaited, context["awaited_url"]),
        *[(count, url) for _label, count, url in context["seen_by"]],
        *[(count, url) for _label, count, url in context["outcomes"]],
        *[(count, url) for _label, count, url in context["outcomes_after"]],
        *[(part["count"], part["url"]) for part in context["segments"] if "url" in part],
    ]

    assert len(figures) == 17
    for count, url in figures:
        page = client.get(url)
        assert page.context["count"] == count, url
        assert len(page.context["table"].rows) == count
    assert [count for _label, count, _url in context["outcomes"]] == [0, 1]
    assert [count for _label, count, _url in context["outcomes_after"]] == [0, 1]


def test_a_partnership_that_is_not_signed_is_shown_without_youths(team, programme, sign_in):
    context = sign_in(team.lead).get(dashboard(programme)).context

    assert sorted(row["referred"] for row in context["partnerships"]) == [0, 2, 3]
    assert sorted(row["shape"] for row in context["partnerships"]) == ["done", "done", "open"]


def test_figures_that_are_being_computed_again_say_so(team, programme, sign_in):
    PartnershipProgress.objects.filter(partnership=team.partnership).update(
        stale_since=timezone.now()
    )

    assert sign_in(team.lead).get(dashboard(programme)).context["stale"]


def test_a_signed_partnership_that_was_never_computed_says_so(team, sign_in):
    context = sign_in(team.lead).get(dashboard(team.programme)).context

    assert context["stale"]
    assert context["computed_at"] is None


def test_a_programme_without_partnerships_has_an_empty_page(sign_in):
    owner = OrganisationFactory(owner=True)
    programme = ProgrammeFactory(owner=owner)
    lead = MembershipFactory(role=Role.LEAD, programme=programme, organisation=owner).user

    response = sign_in(lead).get(dashboard(programme))

    assert response.status_code == 200
    assert "vv-empty" in response.text
    assert "vv-bullet" not in response.text


def test_asking_again_answers_nothing_until_a_figure_changes(team, programme, sign_in):
    client = sign_in(team.lead)
    seen = client.get(dashboard(programme)).context["seen"]
    again = {"headers": {"HX-Request": "true", "X-Seen": seen}}

    assert client.get(dashboard(programme), **again).status_code == 204
    assert client.get(dashboard(programme), headers={"X-Seen": seen}).status_code == 200
    YouthFactory(partnership=team.partnership)
    sweep()
    changed = client.get(dashboard(programme), **again)
    assert changed.status_code == 200
    assert 'id="figures"' in changed.text


# -- The table of partnerships -----------------------------------------------------------------


def table(response) -> list:
    return [row["partnership"] for row in response.context["partnerships"]]


def test_one_partnership_has_no_pages(team, sign_in):
    response = sign_in(team.lead).get(dashboard(team.programme))

    assert table(response) == [team.partnership]
    assert "vv-pages" not in response.text


def test_thirty_partnerships_have_two_pages_and_every_one_is_on_one_of_them(team, sign_in):
    for _ in range(29):
        PartnershipFactory(programme=team.programme, signed=True)
    client = sign_in(team.lead)
    first = client.get(dashboard(team.programme))
    second = client.get(dashboard(team.programme), {"page": 2})

    assert (len(table(first)), len(table(second))) == (25, 5)
    assert set(table(first) + table(second)) == set(team.programme.partnerships.all())
    for response in (first, second):
        assert response.context["page"].paginator.count == 30
        assert response.context["standing"] == first.context["standing"]
    assert "?page=2" in first.text
    assert f'hx-get="{dashboard(team.programme)}?page=2"' in second.text


def test_a_page_that_asks_again_stays_on_its_page(team, sign_in):
    for _ in range(29):
        PartnershipFactory(programme=team.programme, signed=True)
    client = sign_in(team.lead)
    first = client.get(dashboard(team.programme))
    second = client.get(dashboard(team.programme), {"page": 2})

    def again(page):
        headers = {"HX-Request": "true", "X-Seen": second.context["seen"]}
        return client.get(dashboard(team.programme), {"page": page}, headers=headers)

    assert first.context["seen"] != second.context["seen"]
    assert again(2).status_code == 204
    assert again(1).status_code == 200


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "\x00"])
def test_a_page_of_partnerships_that_is_not_there_is_another_page(team, sign_in, page):
    response = sign_in(team.lead).get(dashboard(team.programme), {"page": page})

    assert table(response) == [team.partnership]


def test_what_is_not_signed_comes_first_and_how_many_are_closer_moves_nothing(
    team, programme, sign_in
):
    wanted = [programme.partnerships.exclude(status="signed").get()]
    for closer in (3, 0):
        some = PartnershipFactory(programme=programme, signed=True)
        figures_of(some, referred=3, closer=closer)
    ended = PartnershipFactory(programme=programme, signed=True)
    ended.end(by=team.school)
    signed = programme.partnerships.filter(status="signed").order_by("school__name")

    assert table(sign_in(team.lead).get(dashboard(programme))) == [*wanted, *signed, ended]


# -- Few persons -------------------------------------------------------------------------------


def figures_of(partnership, *, referred, closer):
    """Stored figures of a partnership, of which so many are closer."""
    counts = dict.fromkeys(PartnershipProgress.FIELDS, 0) | {
        "referred": referred,
        "closer": closer,
        "certain": closer,
        "possible": closer,
        "unchanged": referred - closer,
        "seen_by_both": closer,
        "seen_by_neither": referred - closer,
    }
    PartnershipProgress.objects.update_or_create(
        partnership=partnership, defaults=counts | {"computed_at": timezone.now()}
    )


def told(team, sign_in, *cells) -> dict:
    """What the leadership is told of partnerships with these (closer, referred)."""
    PartnershipProgress.objects.all().delete()
    made = [PartnershipFactory(programme=team.programme, signed=True) for _ in cells]
    for partnership, (closer, referred) in zip(made, cells, strict=True):
        figures_of(partnership, referred=referred, closer=closer)
    found = sign_in(team.lead).get(dashboard(team.programme)).context["partnerships"]
    by = {row["partnership"]: (row["low"], row["high"]) if row["told"] else None for row in found}
    return [by[partnership] for partnership in made]


@pytest.mark.parametrize(
    ("cells", "bands"),
    [
        ([(9, 10), (3, 10), (5, 10)], [(5, 10), (0, 4), (5, 10)]),
        ([(9, 10), (3, 10), (2, 7)], [(5, 10), (0, 4), None]),  # too few for two bands
        ([(12, 24), (3, 10)], [(10, 14), (0, 4)]),
        ([(5, 10), (0, 10)], [None, None]),  # the sum of 5 would tell both
        ([(10, 10), (4, 10)], [None, None]),  # and so would 14
    ],
)
def test_a_partnership_is_told_in_bands_that_the_sum_does_not_give_away(
    team, sign_in, cells, bands
):
    assert told(team, sign_in, *cells) == bands


def test_the_rows_behind_a_figure_say_no_partnership(team, programme, sign_in):
    client = sign_in(team.lead)
    for response in (client.get(*rows(programme)), client.get(*rows(programme, format="csv"))):
        text = b"".join(response).decode() if response.streaming else response.text
        assert team.youth.code in text
        assert team.partnership.school.name not in text
        assert team.partnership.municipality.name not in text


# -- Outcomes ----------------------------------------------------------------------------------


@pytest.fixture
def outcomes(programme):
    return [
        OutcomeClass.objects.create(programme=programme, position=n, name=f"Udfald {n}")
        for n in (1, 2)
    ]


def shown_outcomes(client, programme) -> list[int]:
    context = client.get(dashboard(programme)).context
    return [count for _label, count, _url in context["outcomes"]]


def test_outcomes_are_those_of_the_last_computation(team, programme, outcomes, sign_in):
    client = sign_in(team.lead)
    team.youth.outcome = outcomes[0]
    team.youth.save()
    assert shown_outcomes(client, programme) == [0, 0]

    sweep()

    assert shown_outcomes(client, programme) == [1, 0]
    assert outcomes_of(team.partnership.pk) == {str(outcomes[0].pk): 1}


def test_another_outcome_is_found_by_the_sweep_though_their_number_is_the_same(
    team, programme, outcomes, sign_in
):
    team.youth.outcome = outcomes[0]
    team.youth.save()
    sweep()
    assert not PartnershipProgress.work_list().exists()

    team.youth.outcome = outcomes[1]
    team.youth.save()

    assert [p.pk for p in PartnershipProgress.work_list()] == [team.partnership.pk]
    sweep()
    assert not PartnershipProgress.work_list().exists()
    assert shown_outcomes(sign_in(team.lead), programme) == [0, 1]


# -- Trend -------------------------------------------------------------------------------------


def take_again(day, **changes):
    """Today's snapshots as if taken on another day, added up."""
    for snapshot in Snapshot.objects.filter(taken_on=days(0)):
        snapshot.pk, snapshot.taken_on = None, day
        for name, value in changes.items():
            setattr(snapshot, name, value)
        snapshot.save()
    for programme_id in set(Snapshot.objects.values_list("partnership__programme", flat=True)):
        ProgrammeSnapshot.take(programme_id, day)


def test_the_trend_is_the_last_snapshot_of_each_month(team, programme, sign_in):
    take_snapshots()
    month = days(-70).replace(day=1)
    take_again(month)
    # A later one of the same month counts instead.
    nobody = dict.fromkeys(Snapshot.FIELDS, 0)
    two = {"closer": 2, "referred": 2, "certain": 2, "possible": 2, "seen_by_both": 2}
    take_again(month.replace(day=20), **nobody | two)

    trend = sign_in(team.lead).get(dashboard(programme)).context["trend"]

    assert [(p["low"], p["high"], p["referred"]) for p in trend["points"]] == [
        (4, 40, 4),
        (1, 37, 5),
    ]


def test_the_nightly_sum_takes_each_partnership_by_its_newest_rule(team, programme):
    take_snapshots()
    take_snapshots()  # a second time changes nothing
    assert ProgrammeSnapshot.objects.get().counts() == {
        "referred": 5, "closer": 1, "unchanged": 1, "further": 1, "too_early": 1, "no_data": 1,
        "certain": 1, "possible": 2, "awaited": 1, "seen_by_both": 1, "seen_by_youth": 0,
        "seen_by_professionals": 0, "seen_by_neither": 2, "seen_by_unknown": 2,
    }  # fmt: skip
    # One partnership of three youths is counted by a newer rule, too, the same day.
    newer = Snapshot.objects.get(partnership=team.partnership)
    newer.pk, newer.rule_version, newer.no_data, newer.closer = None, 3, 0, 2
    newer.possible = 2
    newer.save()

    ProgrammeSnapshot.take(programme.pk, days(0))

    after = ProgrammeSnapshot.objects.get(rule_version=3)
    assert (after.referred, after.closer, after.no_data) == (5, 2, 0)


def test_a_change_of_rule_is_marked_between_its_months(team, programme, sign_in):
    take_snapshots()
    take_again(days(-40), rule_version=0)

    trend = sign_in(team.lead).get(dashboard(programme)).context["trend"]

    assert [change["after"] for change in trend["changes"]] == [0]


def test_another_programmes_snapshots_are_not_added(team, other_team, programme, sign_in):
    take_snapshots()

    trend = sign_in(other_team.lead).get(dashboard(other_team.programme)).context["trend"]

    assert [point["referred"] for point in trend["points"]] == [1]


# -- Rows --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "filters",
    [{"result": "x"}, {"result": "closer\x00"}, {"seen_by": "1"}, {"outcome": "x"},
     {"left": "x"}, {"outcome": 10**30}],
    ids=str,
)  # fmt: skip
def test_a_filter_that_means_nothing_is_not_found(team, programme, sign_in, filters):
    assert sign_in(team.lead).get(*rows(programme, **filters)).status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "\x00"])
def test_a_page_that_is_not_there_is_another_page(team, programme, sign_in, page):
    assert sign_in(team.lead).get(*rows(programme, page=page)).status_code == 200


@pytest.mark.parametrize("sort", ["code", "-seen_by", "result", "partnership", "youth__name"])
def test_rows_are_sorted_only_by_what_is_shown(team, programme, sign_in, sort):
    response = sign_in(team.lead).get(*rows(programme, sort=sort))

    assert response.status_code == 200
    codes = re.findall(r"PRV-\d{4,}", response.text)
    assert len(codes) == 5
    if sort == "code":
        assert codes == sorted(codes)


def test_a_row_says_what_its_result_rests_on(team, programme, sign_in):
    client = sign_in(team.lead)
    client.cookies["django_language"] = "en"

    page = client.get(*rows(programme, result="closer"))

    rose = "“direction en” went up from 2 to 4, “belief en” went up from 2 to 4"
    assert f"own rating: {rose}" in page.text
    assert f"the school&#x27;s rating: {rose}" in page.text


# -- Queries -----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_dashboard_costs_the_same_with_one_partnership_and_with_thirty(
    team, sign_in, django_assert_num_queries, count
):
    for _ in range(count - 1):
        YouthFactory(partnership=PartnershipFactory(programme=team.programme, signed=True))
    take_snapshots()
    client = sign_in(team.lead)

    with django_assert_num_queries(16):
        client.get(dashboard(team.programme))


@pytest.mark.parametrize("count", [1, 3])
def test_the_rows_cost_the_same_with_one_youth_and_with_three(
    team, sign_in, django_assert_num_queries, count
):
    for _ in range(count - 1):
        YouthFactory(partnership=PartnershipFactory(programme=team.programme, signed=True))
    sweep()
    client = sign_in(team.lead)

    with django_assert_num_queries(13):
        client.get(*rows(team.programme))


@pytest.mark.parametrize(
    ("filters", "count"),
    [({}, 5), ({"result": "closer"}, 1), ({"result": "certain"}, 1), ({"result": "probable"}, 0),
     ({"result": "no"}, 2), ({"result": "no_data"}, 1), ({"seen_by": "both"}, 1),
     ({"awaited": "on"}, 1), ({"left": "any"}, 1), ({"left": "moved"}, 1), ({"left": "health"}, 0),
     ({"result": "closer", "left": "any"}, 0)],
    ids=str,
)  # fmt: skip
def test_the_rows_are_as_many_as_the_stored_figure_says(team, programme, sign_in, filters, count):
    """The number of rows is not counted anew; it must be theirs all the same."""
    response = sign_in(team.lead).get(*rows(programme, **filters))

    assert response.context["count"] == count
    assert len(list(response.context["table"].rows)) == count


def test_a_guest_is_asked_to_sign_in(programme):
    assert Client().get(dashboard(programme)).status_code == 302


def test_figures_whose_sign_in_has_ended_have_the_page_ask_for_it(programme):
    response = Client().get(dashboard(programme), headers={"HX-Request": "true"})

    assert response["HX-Refresh"] == "true"
    assert response.content == b""


# -- As a file ---------------------------------------------------------------------------------


def file_of(client, programme, **filters):
    response = client.get(
        reverse("evaluation:youths", args=[programme.pk]), {"format": "csv", **filters}
    )
    assert response.status_code == 200
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))


@pytest.mark.parametrize("role", ["lead", "evaluator"])
def test_the_file_of_the_rows_holds_codes_and_no_names(
    team, programme, sign_in, english, django_assert_num_queries, role
):
    """The same for one row and for five."""
    client = sign_in(getattr(team, role))
    with django_assert_num_queries(11):
        found = file_of(client, programme)
    with django_assert_num_queries(11):
        closer = file_of(client, programme, result="closer")
    assert found[0] == ["Code", "Result", "Who sees it", "It rests on", "The round waits for"]
    counted = Youth.objects.filter(partnership__programme=programme)
    assert [row[0] for row in found[1:]] == sorted(counted.values_list("code", flat=True))
    assert [row[0] for row in closer[1:]] == [team.youth.code]
    (row,) = closer[1:]
    assert row[1:3] == ["Closer", "The young person and professionals"]
    assert "<" not in row[3]
    assert "direction en" in row[3]
    text = str(found)
    assert not [youth.name for youth in counted if youth.name in text]
    assert not AccessEvent.objects.exists()


@pytest.mark.parametrize("role", ["school", "caseworker", "employer", "young"])
def test_the_file_of_the_rows_is_the_leaderships(team, programme, sign_in, role):
    url = reverse("evaluation:youths", args=[programme.pk])
    assert sign_in(getattr(team, role)).get(url, {"format": "xlsx"}).status_code == 404
