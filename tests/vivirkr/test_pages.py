"""Home and case: what waits on whom, what stands on top, and what it costs."""

from importlib import import_module

import pytest
from django.urls import reverse

from evaluation.models import Rating
from handover.models import HandoverProfile
from partnerships import spreadsheets
from partnerships.models import Partnership
from tests.factories import (
    HandoverProfileFactory,
    IndicatorFactory,
    OrganisationFactory,
    PartFactory,
    PartnershipFactory,
    PlacementFactory,
    RatingRoundFactory,
    UserFactory,
    YouthFactory,
    days,
    member,
)
from vivirkr.waiting import waiting_on
from youths.models import AccessEvent, Consent, OwnWords, Referral

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


def whats(user):
    return [row.what for row in waiting_on(user)]


def fresh(user):
    """The person as a new request sees them: nothing remembered."""
    return type(user).objects.get(pk=user.pk)


def send(team, *sections):
    profile = HandoverProfileFactory(youth=team.youth)
    for section in ("direction", "competences", "support", *sections):
        PartFactory(profile=profile, section=section, written_by=team.school)
    profile.send(by=team.school)
    return profile


class TestWaiting:
    def test_a_school_answers_referrals_and_writes_handovers(self, team):
        proposed = YouthFactory(partnership=team.partnership, enrolled_on=None, name="Asta Ny")
        Referral.objects.create(
            youth=proposed, partnership=team.partnership, reason="x", proposed_by=team.caseworker
        )
        assert f"Answer the referral of {proposed.name}" in whats(team.school)
        assert f"Write the handover of {team.youth.name}" in whats(team.school)
        assert whats(team.caseworker) == []

    def test_a_caseworker_answers_what_was_sent_and_completes_what_came_back(self, team):
        send(team)
        proposed = YouthFactory(partnership=team.partnership, enrolled_on=None)
        referral = Referral.objects.create(
            youth=proposed, partnership=team.partnership, reason="x", proposed_by=team.caseworker
        )
        referral.return_for_completion(by=team.school, answer="Hvad vil den unge?")
        assert whats(team.caseworker) == [
            f"Answer the handover of {team.youth.name}",
            f"Complete the referral of {proposed.name}",
        ]

    def test_all_three_rate_in_an_open_round_and_only_once(self, team):
        RatingRoundFactory(programme=team.programme)
        indicator = IndicatorFactory(code="direction")
        for person, voice in (
            (team.school, "school"),
            (team.caseworker, "caseworker"),
            (team.young, "youth"),
        ):
            before = [row for row in waiting_on(person) if "/evaluation/" in row.url]
            assert len(before) == 1
            Rating.give(by=person, youth=team.youth, voice=voice, answers={indicator: (3, "")})
            assert not [row for row in waiting_on(fresh(person)) if "/evaluation/" in row.url]

    def test_a_party_that_has_not_signed_signs(self, team):
        open_one = PartnershipFactory(programme=team.programme)
        open_one.open_negotiation(by=None)
        school, caseworker = member(open_one, "school"), member(open_one, "caseworker")
        open_one.sign(by=school, side="school")
        assert whats(school) == []
        assert whats(caseworker) == [f"Sign the agreement of {open_one}"]

    def test_the_young_person_is_asked_once_about_what_needs_a_yes(self, team):
        def asked():
            return [what for what in whats(fresh(team.young)) if "sharing" in what]

        send(team, "health")
        assert len(asked()) == 1
        consent = Consent.give(by=team.young, youth=team.youth, section="health")
        assert asked() == []
        consent.withdraw(by=team.young)
        assert asked() == []

    def test_the_oldest_stands_first(self, team):
        RatingRoundFactory(programme=team.programme)
        send(team)
        since = [row.since for row in waiting_on(team.caseworker)]
        assert len(since) == 2
        assert since == sorted(since)

    def test_nothing_of_another_partnership_and_nothing_for_leadership(self, team, other_team):
        RatingRoundFactory(programme=team.programme)
        send(team)
        for person in (*other_team.people().values(), team.lead, team.evaluator, team.employer):
            assert not [row for row in waiting_on(person) if row.youth_id == team.youth.pk]

    def test_somebody_who_has_left_the_course_waits_on_nobody(self, team):
        RatingRoundFactory(programme=team.programme)
        send(team)
        team.youth.left_on, team.youth.left_because = days(-1), "moved"
        team.youth.save()
        assert whats(team.school) == whats(team.caseworker) == whats(team.young) == []


class TestHome:
    @pytest.mark.parametrize(
        ("role", "name"),
        [("lead", "evaluation:dashboard"), ("evaluator", "evaluation:dashboard")],
    )
    def test_leadership_is_led_to_the_figures(self, team, sign_in, role, name):
        response = sign_in(getattr(team, role)).get(reverse("home"))
        assert response.url == reverse(name, args=[team.programme.pk])

    def test_a_company_is_led_to_its_placements(self, team, sign_in):
        assert sign_in(team.employer).get(reverse("home")).url == reverse("youths:placements")

    def test_an_administrator_is_led_to_the_administration(self, sign_in):
        admin = UserFactory(is_staff=True, is_superuser=True)
        assert sign_in(admin).get(reverse("home")).url == reverse("admin:index")

    def test_somebody_in_no_team_is_told_so(self, sign_in):
        page = sign_in(UserFactory()).get(reverse("home")).content.decode()
        assert "You have no access right now" in page

    def test_says_so_when_nothing_waits(self, team, sign_in):
        page = sign_in(team.caseworker).get(reverse("home")).content.decode()
        assert "Nothing waits on you" in page

    @pytest.mark.parametrize("rows", [1, 3])
    def test_costs_the_same_for_three_as_for_one(
        self, team, sign_in, django_assert_num_queries, rows
    ):
        RatingRoundFactory(programme=team.programme)
        for youth in [YouthFactory(partnership=team.partnership) for _ in range(rows)]:
            profile = HandoverProfileFactory(youth=youth)
            for section in ("direction", "competences", "support"):
                PartFactory(profile=profile, section=section, written_by=team.school)
            profile.send(by=team.school)
        client = sign_in(team.caseworker)
        with django_assert_num_queries(35):
            client.get(reverse("home"))


class TestCase:
    def url(self, team):
        return reverse("case", args=[team.youth.pk])

    def test_the_youths_newest_words_stand_on_top(self, team, sign_in):
        for text in ("Først", "Sidst"):
            OwnWords.objects.create(
                youth=team.youth, text=text, how="wrote", taken_down_by=team.young
            )
        page = sign_in(team.caseworker).get(self.url(team)).content.decode()
        assert "Sidst" in page
        assert "Først" not in page
        assert page.index("Sidst") < page.index(f"<h1>{team.youth.name}</h1>")

    def test_opening_it_is_written_in_the_read_log(self, team, sign_in):
        sign_in(team.caseworker).get(self.url(team))
        event = AccessEvent.objects.get()
        assert (event.user_id, event.youth_id) == (team.caseworker.pk, team.youth.pk)
        assert event.organisation_id == team.partnership.municipality_id
        assert event.sections == "identity,words,course,ratings"

    def test_the_young_persons_own_look_is_no_reading(self, team, sign_in):
        assert sign_in(team.young).get(self.url(team)).status_code == 200
        assert not AccessEvent.objects.exists()

    def test_somebody_who_is_not_accepted_has_a_referral_and_no_case(self, team, sign_in):
        proposed = YouthFactory(partnership=team.partnership, enrolled_on=None)
        referral = Referral.objects.create(
            youth=proposed, partnership=team.partnership, reason="x", proposed_by=team.caseworker
        )
        response = sign_in(team.school).get(reverse("case", args=[proposed.pk]))
        assert response.url == reverse("youths:referral", args=[referral.pk])

    def test_a_draft_handover_is_not_shown_to_the_caseworker(self, team, sign_in):
        profile = HandoverProfileFactory(youth=team.youth)
        PartFactory(profile=profile, label="KLADDEORD", text="KLADDETEKST")
        page = sign_in(team.caseworker).get(self.url(team)).content.decode()
        assert "KLADDE" not in page
        assert HandoverProfile.objects.get().status == "draft"

    @pytest.mark.parametrize("rows", [1, 3])
    def test_costs_the_same_for_three_as_for_one(
        self, team, sign_in, django_assert_num_queries, rows
    ):
        send(team)
        for n in range(rows):
            PlacementFactory(youth=team.youth, starts_on=days(-100 + n))
            OwnWords.objects.create(
                youth=team.youth, text=str(n), how="wrote", taken_down_by=team.young
            )
        client = sign_in(team.caseworker)
        with django_assert_num_queries(44):
            client.get(self.url(team))


class TestPartnerships:
    @pytest.mark.parametrize("rows", [1, 3])
    def test_list_costs_the_same_for_three_as_for_one(
        self, team, sign_in, django_assert_num_queries, rows
    ):
        for _ in range(rows - 1):
            PartnershipFactory(programme=team.programme, signed=True)
        client = sign_in(team.lead)
        with django_assert_num_queries(9):
            page = client.get(reverse("partnerships")).content.decode()
        assert page.count('<th scope="row">') == rows

    def test_list_is_found_in_and_comes_in_pages(self, team, sign_in, monkeypatch):
        monkeypatch.setattr(import_module("vivirkr.views.partnerships"), "PAGE_SIZE", 2)
        for name in ("Bakkeskolen", "Åskolen", "Ærøskolen"):
            school = OrganisationFactory(name=name)
            PartnershipFactory(programme=team.programme, school=school, signed=True)
        client, url = sign_in(team.lead), reverse("partnerships")
        first, second = (client.get(url, {"page": n}).content.decode() for n in (1, 2))
        assert first.count('<th scope="row">') == second.count('<th scope="row">') == 2
        assert "Bakkeskolen" in first
        assert "Åskolen" in second
        found = client.get(url, {"q": "ærø"}).content.decode()
        assert "Ærøskolen" in found
        assert "Bakkeskolen" not in found
        none = client.get(url, {"q": "findes ikke"}).content.decode()
        assert "findes ikke" in none
        assert "0 partnerships" in none

    def test_list_of_too_many_for_a_file_is_refused_in_words(self, team, sign_in, monkeypatch):
        monkeypatch.setattr(spreadsheets, "MOST_ROWS", 0)
        response = sign_in(team.lead).get(reverse("partnerships"), {"format": "csv"})
        assert response.status_code == 422
        assert "too many for one file" in response.content.decode()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_list_as_a_file_holds_the_same_rows_and_costs_the_same(
        self, team, other_team, sign_in, django_assert_num_queries, rows
    ):
        for _ in range(rows - 1):
            PartnershipFactory(programme=team.programme, signed=True)
        client = sign_in(team.lead)
        with django_assert_num_queries(9):
            response = client.get(reverse("partnerships"), {"format": "csv"})
        first, *others = response.content.decode("utf-8-sig").splitlines()
        assert first == "School;Municipality;Places filled;Places;Agreement;First day;Last day"
        this = team.partnership
        assert (
            f"{this.school.name};{this.municipality.name};1;10;Signed;"
            f"{this.starts_on};{this.ends_on}" in others
        )
        assert len(others) == rows
        assert other_team.partnership.school.name not in str(others)

    @pytest.mark.parametrize("rows", [1, 3])
    def test_page_costs_the_same_for_three_as_for_one(
        self, team, sign_in, django_assert_num_queries, rows
    ):
        for _ in range(rows):
            youth = YouthFactory(partnership=team.partnership, enrolled_on=None)
            Referral.objects.create(
                youth=youth, partnership=team.partnership, reason="x", proposed_by=team.caseworker
            )
            member(team.partnership, "school")
        client = sign_in(team.school)
        with django_assert_num_queries(12):
            client.get(reverse("partnership", args=[team.partnership.pk]))

    def test_leadership_sees_places_and_no_name(self, team, sign_in):
        youth = YouthFactory(partnership=team.partnership, enrolled_on=None, name="HEMMELIG Navn")
        Referral.objects.create(
            youth=youth, partnership=team.partnership, reason="x", proposed_by=team.caseworker
        )
        page = sign_in(team.lead).get(reverse("partnership", args=[team.partnership.pk]))
        assert "1 of 10" in page.content.decode()
        assert "HEMMELIG" not in page.content.decode()
        assert Partnership.objects.count() == 1


@pytest.mark.parametrize("name", ["dashboard", "workbench"])
def test_the_navigation_says_one_place_where_the_person_is(team, sign_in, name):
    here = reverse(f"evaluation:{name}", args=[team.programme.pk])

    page = sign_in(team.lead).get(here)

    assert [entry.url for entry in page.context["navigation"] if entry.current] == [here]
