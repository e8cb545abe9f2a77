"""The read log: lists, refusals, printing, who has read, and that no line is ever changed."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connections, transaction
from django.urls import reverse
from django.utils import timezone

from evaluation.models import Rating
from tests.factories import (
    HandoverProfileFactory,
    IndicatorFactory,
    PartFactory,
    PlacementFactory,
    RatingFactory,
    RatingRoundFactory,
    World,
    YouthFactory,
    days,
    member,
)
from tests.test_matrix import PATTERNS, ROUTES
from vivirkr.things import NOT_OF_A_YOUTH
from youths.models import AccessEvent, EmergencyOpening, Referral

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def page(response) -> str:
    return response.content.decode()


def noted(**filters) -> list[tuple]:
    """(youth, channel, sections) of the lines, the oldest first."""
    rows = AccessEvent.objects.filter(**filters).order_by("pk")
    return list(rows.values_list("youth_id", "channel", "sections"))


class TestLists:
    def test_the_list_of_youths_notes_exactly_those_on_the_page(self, team, other_team, sign_in):
        for n in range(26):
            YouthFactory(partnership=team.partnership, name=f"Aa {n:02}")
        client = sign_in(team.school)
        response = client.get(reverse("youths:list"), {"page": 2})
        shown = [row.record.pk for row in response.context["table"].page.object_list]
        assert len(shown) == 2
        assert sorted(noted()) == sorted((pk, "list", "identity") for pk in shown)

    def test_a_list_is_noted_once_a_day_and_a_search_each_time(self, team, sign_in):
        client = sign_in(team.school)
        for _ in range(2):
            client.get(reverse("youths:list"))
            client.get(reverse("youths:list"), {"q": team.youth.code})
        assert [channel for _pk, channel, _s in noted()] == ["list", "search", "search"]

    def test_the_home_page_notes_its_youths_and_whom_something_waits_about(self, team, sign_in):
        proposed = YouthFactory(partnership=team.partnership, enrolled_on=None)
        Referral.objects.create(
            youth=proposed,
            partnership=team.partnership,
            reason="x",
            proposed_by=team.caseworker,
        )
        assert proposed.name in page(sign_in(team.school).get(reverse("home")))
        assert {pk for pk, _c, _s in noted(channel="list")} == {proposed.pk, team.youth.pk}

    def test_another_list_with_more_sections_is_noted_too(self, team, sign_in):
        proposed = YouthFactory(partnership=team.partnership, enrolled_on=None)
        Referral.objects.create(
            youth=proposed, partnership=team.partnership, reason="x", proposed_by=team.caseworker
        )
        client = sign_in(team.school)
        client.get(reverse("home"))
        client.get(reverse("partnership", args=[team.partnership.pk]))
        assert noted(youth_id=proposed.pk) == [
            (proposed.pk, "list", "identity"),
            (proposed.pk, "list", "identity,referral"),
        ]

    def test_a_companys_placements(self, team, sign_in):
        PlacementFactory(youth=team.youth, employer=team.placement.employer)
        sign_in(team.employer).get(reverse("youths:placements"))
        assert noted() == [(team.youth.pk, "list", "placement")]

    @pytest.mark.parametrize("name", ["evaluation:dashboard", "evaluation:youths"])
    def test_codes_without_names_are_not_noted(self, team, sign_in, name):
        sign_in(team.lead).get(reverse(name, args=[team.programme.pk]))
        assert noted() == []


class TestSections:
    """What is noted is what stands on the page, no more and no less."""

    def test_a_case_without_what_the_agreement_took_away(self, team, sign_in):
        team.partnership.narrowings.create(role="caseworker", section="ratings", reason="Aftalt")
        sign_in(team.caseworker).get(reverse("case", args=[team.youth.pk]))
        assert noted() == [(team.youth.pk, "page", "identity,words,course")]

    def test_a_page_of_ratings_shows_the_own_answers_once_there_are_some(self, team, sign_in):
        round_ = RatingRoundFactory(programme=team.programme)
        client, url = sign_in(team.school), reverse("evaluation:rate", args=[team.youth.pk])
        client.get(url)
        RatingFactory(youth=team.youth, round=round_, indicator=IndicatorFactory(), voice="school")
        client.get(url)
        assert Rating.objects.exists()
        assert [sections for _pk, _c, sections in noted()] == ["identity", "identity,ratings"]

    def test_writing_shows_the_open_section_and_what_is_missing(self, team, sign_in):
        profile = HandoverProfileFactory(youth=team.youth)
        PartFactory(profile=profile, section="direction", written_by=team.school)
        PartFactory(profile=profile, section="competences", written_by=team.school)
        PartFactory(profile=profile, section="support", text="", written_by=team.school)
        url = reverse("handover:write", args=[team.youth.pk])
        sign_in(team.school).get(url, {"section": "competences"})
        assert noted() == [(team.youth.pk, "page", "identity,competences,support")]


class TestRefusals:
    def test_of_an_outsider_says_which_page_of_whom(self, team, other_team, sign_in):
        url = reverse("case", args=[team.youth.pk])
        assert sign_in(other_team.school).get(url).status_code == 404
        event = AccessEvent.objects.get()
        assert (event.user_id, event.youth_id) == (other_team.school.pk, team.youth.pk)
        assert (event.channel, event.detail, event.sections) == ("refused", "case", "")
        assert event.organisation_id == other_team.partnership.school_id

    @pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete"])
    def test_by_any_method(self, team, sign_in, method):
        url = reverse("youths:words", args=[team.youth.pk])
        status = getattr(sign_in(team.lead), method)(url).status_code
        taken = method in ("get", "post")
        assert status == (404 if taken else 405)
        assert AccessEvent.objects.filter(channel="refused").count() == taken

    def test_of_every_thing_of_a_youth(self, sign_in, other_team):
        """Whatever the route names of a youth: each refused GET is noted of that youth."""
        world = World()
        client = sign_in(other_team.caseworker)
        for name in sorted(ROUTES):
            kwargs = world.kwargs(PATTERNS[name])
            before = AccessEvent.objects.count()
            response = client.get(reverse(name, kwargs=kwargs))
            of_a_youth = kwargs.keys() - NOT_OF_A_YOUTH
            refused = response.status_code in (403, 404)
            if of_a_youth:
                assert refused or response.status_code == 405, name
                assert AccessEvent.objects.count() - before == refused, name

    def test_of_what_is_not_there_and_without_a_sign_in_is_not_noted(self, team, client, sign_in):
        client.get(reverse("case", args=[team.youth.pk]))
        sign_in(team.school).get(reverse("case", args=[team.partnership.pk]))
        sign_in(team.school).get("/nowhere/")
        assert noted() == []

    def test_of_the_own_record_is_not_noted(self, team, sign_in):
        url = reverse("handover:write", args=[team.youth.pk])
        assert sign_in(team.young).get(url).status_code == 403
        assert noted() == []

    def test_a_form_without_its_token_is_no_refusal(self, team, sign_in):
        client = sign_in(team.lead, enforce_csrf_checks=True)
        assert client.post(reverse("youths:words", args=[team.youth.pk])).status_code == 403
        assert noted() == []

    def test_that_cannot_be_noted_becomes_an_error(self, team, other_team, sign_in):
        with connections["read_log"].cursor() as cursor:
            cursor.execute(
                "ALTER TABLE youths_accessevent ADD CONSTRAINT full_disk CHECK (channel = 'page')"
            )
        client = sign_in(other_team.school, raise_request_exception=False)
        with transaction.atomic("read_log"):
            response = client.get(reverse("case", args=[team.youth.pk]))
            transaction.set_rollback(True, using="read_log")
        assert response.status_code == 500
        assert team.youth.name not in page(response)

    @pytest.mark.django_db(transaction=True)
    def test_stands_though_the_request_was_rolled_back(self, team, other_team, sign_in):
        url = reverse("youths:words", args=[team.youth.pk])
        assert sign_in(other_team.school).post(url, {"text": "x"}).status_code == 404
        assert noted() == [(team.youth.pk, "refused", "")]


class TestPrinting:
    def url(self, team):
        return reverse("youths:printed", args=[team.youth.pk])

    def test_is_noted_with_the_sections_that_were_read_last(self, team, sign_in):
        client = sign_in(team.caseworker)
        client.get(reverse("case", args=[team.youth.pk]))
        client.get(reverse("youths:words", args=[team.youth.pk]))
        assert client.post(self.url(team)).status_code == 204
        assert noted(channel="print") == [(team.youth.pk, "print", "identity,words")]

    def test_by_a_company_is_noted_while_the_placement_runs(self, team, sign_in):
        client = sign_in(team.employer)
        client.get(reverse("placement", args=[team.placement.pk]))
        assert client.post(self.url(team)).status_code == 204
        assert noted(channel="print") == [(team.youth.pk, "print", "placement")]
        team.placement.end(by=team.caseworker)
        assert client.post(self.url(team)).status_code == 404

    def test_by_an_outsider_is_refused_and_by_the_young_person_not_noted(
        self, team, other_team, sign_in
    ):
        assert sign_in(other_team.school).post(self.url(team)).status_code == 404
        assert sign_in(team.young).post(self.url(team)).status_code == 204
        assert noted(channel="print") == []

    @pytest.mark.parametrize(
        "name",
        ["case", "handover:write", "handover:received", "evaluation:ratings", "youths:words"],
    )
    def test_a_page_of_a_record_says_where_printing_is_told(self, team, sign_in, name):
        seen = page(sign_in(team.school).get(reverse(name, args=[team.youth.pk])))
        assert f'data-printed="{self.url(team)}"' in seen

    def test_a_page_of_nobodys_record_says_nothing(self, team, sign_in):
        assert 'data-printed=""' in page(sign_in(team.school).get(reverse("youths:list")))


class TestAppendOnly:
    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE youths_accessevent SET channel = 'page'",
            "DELETE FROM youths_accessevent",
            "TRUNCATE youths_accessevent",
        ],
    )
    @pytest.mark.parametrize("alias", ["default", "read_log"])
    def test_for_every_role_that_the_application_uses(self, team, alias, sql):
        """The tests' two connections are the application's own: same address, same role."""
        AccessEvent.objects.using(alias).create(
            user_id=team.school.pk, youth_id=team.youth.pk, channel="page"
        )
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "ALTER TABLE youths_accessevent ENABLE TRIGGER the_read_log_is_never_emptied"
            )
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (connections[alias].settings_dict["USER"],)
            with (
                pytest.raises(DatabaseError, match="the read log is append-only"),
                transaction.atomic(alias),
            ):
                cursor.execute(sql)
        assert AccessEvent.objects.using(alias).count() == 1


def test_no_signed_in_page_is_stored(sign_in):
    """Every route, seen or refused, of every role."""
    world = World()
    for role in ("school", "employer", "young", "lead"):
        client = sign_in(getattr(world, role))
        for name in sorted(ROUTES):
            response = client.get(reverse(name, kwargs=world.kwargs(PATTERNS[name])))
            assert response["Cache-Control"] == "no-store", (role, name)


class TestWhoHasRead:
    def url(self, team):
        return reverse("youths:readers", args=[team.youth.pk])

    def line(self, team, user=None, **fields):
        user = user or team.caseworker
        membership = user.memberships.get()
        return AccessEvent.objects.create(
            user_id=user.pk,
            organisation_id=membership.organisation_id,
            role=membership.role,
            youth_id=team.youth.pk,
            **{"channel": "page", "sections": "identity,ratings", **fields},
        )

    def test_says_it_to_the_young_person_in_plain_words(self, team, sign_in):
        team.caseworker.memberships.update(title="Rådgiver")
        self.line(team)
        self.line(team, sections="direction")
        self.line(team, team.employer, channel="page", sections="placement")
        seen = " ".join(page(sign_in(team.young).get(self.url(team))).split())
        for words in (
            team.caseworker.name,
            "Rådgiver",
            team.partnership.municipality.name,
            "Opened: Name and contact, Direction, Ratings",
            "2 times this day",
            "Because they work with your course in the municipality",
            "Because you are or were in a placement there",
        ):
            assert words in seen
        assert seen.count(f"<b>{team.caseworker.name}</b>") == 1

    def test_says_refusals_and_emergencies_with_their_reason(self, team, other_team, sign_in):
        opening = EmergencyOpening.objects.create(
            youth=team.youth,
            opened_by=team.lead,
            reason="Familien ringede",
            closes_at=timezone.now() + timedelta(minutes=50),
        )
        self.line(team, team.lead, emergency_id=opening.pk)
        sign_in(other_team.school).get(reverse("case", args=[team.youth.pk]))
        seen = " ".join(page(sign_in(team.young).get(self.url(team))).split())
        assert "In an emergency. The reason was: Familien ringede" in seen
        assert "Tried to open something about you, and was refused." in seen
        assert other_team.school.name in seen
        assert "they work with you at your school" not in seen

    @pytest.mark.parametrize(
        ("name", "said"),
        [("case_pdf", "The case"), ("youths:cpr", "CPR number"), ("handover:versions", "Handover")],
    )
    def test_says_to_who_works_with_the_case_what_was_refused(
        self, team, other_team, sign_in, name, said
    ):
        sign_in(other_team.school).get(reverse(name, args=[team.youth.pk]))
        seen = page(sign_in(team.caseworker).get(self.url(team), {"channel": "refused"}))
        assert f'<div class="vv-cell">{said}</div>' in seen
        assert name not in seen

    def test_folds_the_lists_of_a_day(self, team, sign_in):
        for user in (team.school, team.caseworker):
            self.line(team, user, channel="list", sections="identity")
            self.line(team, user, channel="list", sections="identity,referral")
        seen = " ".join(page(sign_in(team.young).get(self.url(team))).split())
        assert "2 people saw your name in a list" in seen

    def test_holds_nothing_of_anybody_else(self, team, other_team, sign_in):
        self.line(other_team, other_team.school)
        assert "Nobody has read about you yet." in page(sign_in(team.young).get(self.url(team)))

    def test_is_a_table_with_filters_to_who_works_with_the_case(self, team, sign_in):
        self.line(team)
        self.line(team, team.employer, channel="print", sections="placement", day=days(-9))
        client = sign_in(team.school)

        def people(**query):
            lines = client.get(self.url(team), query).context["lines"]
            return [line.who for line in lines if line.who != team.school.name]

        assert people() == [team.employer.name, team.caseworker.name]
        assert people(person=team.caseworker.pk) == [team.caseworker.name]
        assert people(channel="print") == [team.employer.name]
        assert people(section="ratings") == [team.caseworker.name]
        assert people(since=days(-1).isoformat()) == [team.caseworker.name]
        assert people(until=days(-5).isoformat()) == [team.employer.name]
        assert people(person="somebody") == people()

    def test_reading_it_is_a_reading_too(self, team, sign_in):
        sign_in(team.school).get(self.url(team))
        assert noted() == [(team.youth.pk, "page", "identity,reads")]

    def test_is_linked_from_the_case_and_the_young_persons_page(self, team, sign_in):
        assert self.url(team) in page(sign_in(team.young).get(reverse("home")))
        for user in (team.young, team.school):
            seen = page(sign_in(user).get(reverse("case", args=[team.youth.pk])))
            assert self.url(team) in seen

    def test_comes_in_pages(self, team, sign_in):
        for n in range(60):
            self.line(team, day=days(-n), at=timezone.now() - timedelta(days=n))
        client = sign_in(team.young)
        assert page(client.get(self.url(team))).count(f"<b>{team.caseworker.name}</b>") == 50
        second = client.get(self.url(team), {"page": 2})
        assert page(second).count(f"<b>{team.caseworker.name}</b>") == 10

    @pytest.mark.parametrize("rows", [1, 3])
    @pytest.mark.parametrize(("role", "default", "log"), [("young", 9, 2), ("school", 11, 4)])
    def test_costs_the_same_for_three_as_for_one(
        self, team, sign_in, django_assert_num_queries, rows, role, default, log
    ):
        for _ in range(rows):
            self.line(team, member(team.partnership, "caseworker"))
        client = sign_in(getattr(team, role))
        with (
            django_assert_num_queries(default),
            django_assert_num_queries(log, using="read_log"),
        ):
            client.get(self.url(team))
