"""Pages of referral, words and placement: acts, second clicks, who sees, what it costs."""

import pytest
from django.urls import reverse

from tests.factories import (
    MembershipFactory,
    OrganisationFactory,
    PlacementFactory,
    YouthFactory,
    days,
    employer_of,
)
from vivirkr.waiting import waiting_on
from youths.models import AccessEvent, ConsentText, OwnWords, Placement, Referral, Youth

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

HTML = "<script>alert(1)</script><b>fed</b>"
EMOJI = "Mangler støtte 👩‍🍳"


def page(response) -> str:
    return response.content.decode()


@pytest.fixture
def proposed(team) -> Referral:
    return Referral.propose(
        by=team.caseworker,
        partnership=team.partnership,
        name="Asta Ny",
        birth_date=days(-18 * 366),
        stu_ends_on=days(300),
        reason="Vil gerne",
    )


@pytest.fixture
def post(team, sign_in, proposed):
    """Post to the referral's page as somebody of the team."""

    def send(role, **data):
        return sign_in(getattr(team, role)).post(
            reverse("youths:referral", args=[proposed.pk]), data
        )

    return send


def answer(decision, **data):
    return {"act": "answer", "decision": decision, **data}


def nobody_answered(referral) -> bool:
    referral.refresh_from_db()
    return (referral.status, referral.decided_at, referral.answer) == ("proposed", None, "")


class TestAnsweringAReferral:
    def test_accepting_leads_to_the_case(self, post, proposed):
        response = post("school", **answer("accept"))
        assert (response.status_code, response.url) == (
            302,
            reverse("case", args=[proposed.youth_id]),
        )
        assert Youth.objects.get(pk=proposed.youth_id).enrolled_on == days(0)

    def test_returning_and_sending_again(self, post, proposed, team, sign_in):
        assert post("school", **answer("return", answer=HTML)).status_code == 302
        url = reverse("youths:referral", args=[proposed.pk])
        asked = page(sign_in(team.caseworker).get(url))
        assert "<b>fed" not in asked
        assert "&lt;b&gt;fed" in asked
        assert post("caseworker", act="resubmit", reason=EMOJI).status_code == 302
        proposed.refresh_from_db()
        assert (proposed.status, proposed.reason) == ("proposed", EMOJI)
        assert "Sent again" in page(sign_in(team.school).get(url))

    def test_declining_ends_the_schools_sight_and_tells_the_municipality(
        self, post, proposed, team, sign_in
    ):
        response = post(
            "school", **answer("decline", declined_because="no_capacity", answer="Ingen plads.")
        )
        assert response.url == reverse("partnership", args=[team.partnership.pk])
        url = reverse("youths:referral", args=[proposed.pk])
        school = sign_in(team.school)
        assert school.get(url).status_code == 404
        for seen in (reverse("partnership", args=[team.partnership.pk]), reverse("youths:list")):
            assert "Asta" not in page(school.get(seen))
        told = page(sign_in(team.caseworker).get(url))
        assert "We cannot give the support that is needed" in told
        assert "Ingen plads." in told

    def test_withdrawing(self, post, proposed, team, sign_in):
        assert post("caseworker", act="withdraw").status_code == 302
        assert (
            sign_in(team.school).get(reverse("youths:referral", args=[proposed.pk])).status_code
            == 404
        )

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            ({"act": "answer"}, "This field is required."),
            (answer("maybe"), "maybe is not one of the available choices"),
            (answer("decline"), "Say why the referral is declined."),
            (answer("decline", declined_because="x"), "x is not one of the available choices"),
            (answer("return"), "Say what is missing."),
            (answer("return", answer="   "), "Say what is missing."),
            (answer("return", answer="æ" * 100_000), "at most 2000 characters"),
            (answer("accept", answer="a\x00b"), "Null characters are not allowed."),
        ],
    )
    def test_a_fault_is_said_at_the_field(self, post, proposed, data, said):
        response = post("school", **data)
        assert response.status_code == 422
        assert said in page(response)
        assert "Your answer" in page(response)
        assert data.get("answer", "").strip("\x00 ") in page(response)
        assert nobody_answered(proposed)

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            ({"reason": ""}, "This field is required."),
            ({"reason": "æ" * 100_000}, "at most 2000 characters"),
            ({"reason": "\x00"}, "Null characters are not allowed."),
        ],
    )
    def test_a_fault_in_completing_is_said_at_the_field(self, post, proposed, team, data, said):
        proposed.return_for_completion(by=team.school, answer="Mere, tak.")
        response = post("caseworker", act="resubmit", **data)
        assert response.status_code == 422
        assert said in page(response)
        assert "Complete the referral" in page(response)
        proposed.refresh_from_db()
        assert (proposed.status, proposed.reason) == ("returned", "Vil gerne")

    def test_by_a_colleague_meanwhile_keeps_what_was_typed(self, post, proposed, team):
        proposed.return_for_completion(by=team.school, answer="Mere, tak.")
        response = post("school", **answer("return", answer=EMOJI))
        assert response.status_code == 409
        assert "The referral has been answered meanwhile: returned" in page(response)
        assert EMOJI in page(response)
        proposed.refresh_from_db()
        assert proposed.answer == "Mere, tak."

    def test_a_second_click_says_that_it_is_done(self, post, proposed):
        assert post("school", **answer("accept")).status_code == 302
        second = post("school", **answer("accept"))
        assert second.status_code == 409
        assert "The referral has been answered meanwhile: accepted" in page(second)
        assert "Open the case" in page(second)

    def test_withdrawing_what_was_accepted_is_refused_in_words(self, post, proposed, team):
        proposed.accept(by=team.school)
        response = post("caseworker", act="withdraw")
        assert response.status_code == 409
        assert "The referral has been answered meanwhile: accepted" in page(response)

    @pytest.mark.parametrize(
        ("role", "data"),
        [
            ("caseworker", answer("accept")),
            ("school", {"act": "withdraw"}),
            ("school", {"act": "resubmit", "reason": "x"}),
            ("school", {"act": "nonsense"}),
            ("caseworker", {"act": ""}),
        ],
    )
    def test_is_each_sides_own(self, post, proposed, role, data):
        assert post(role, **data).status_code == 403
        assert nobody_answered(proposed)

    @pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
    def test_takes_no_other_method(self, sign_in, team, proposed, method):
        client = sign_in(team.school)
        url = reverse("youths:referral", args=[proposed.pk])
        assert getattr(client, method)(url).status_code == 405


class TestReferTwice:
    def test_by_a_second_click_refers_once_and_says_so(self, team, sign_in):
        client, url = sign_in(team.caseworker), reverse("youths:refer", args=[team.partnership.pk])
        data = {
            "name": "Asta Ny",
            "birth_date": days(-18 * 366),
            "stu_ends_on": days(300),
            "reason": "Vil gerne",
        }
        assert client.post(url, data).status_code == 302
        second = client.post(url, data)
        assert second.status_code == 422
        assert "has a place here already" in page(second)
        assert Youth.objects.filter(name="Asta Ny").count() == 1

    def test_a_partnership_that_is_not_signed_takes_nobody(self, team, sign_in):
        team.partnership.end(by=team.lead)
        url = reverse("youths:refer", args=[team.partnership.pk])
        assert sign_in(team.caseworker).get(url).status_code == 403


class TestSharing:
    @pytest.mark.parametrize("said", ["", "maybe", "\x00"])
    def test_takes_yes_or_no_and_nothing_else(self, team, sign_in, said):
        client, url = sign_in(team.young), reverse("youths:sharing", args=[team.youth.pk])
        text = ConsentText.objects.in_use().pk
        client.post(url, {"section": "health", "answer": "yes", "text": text})
        response = client.post(url, {"section": "health", "answer": said})
        assert response.status_code == 404
        assert team.youth.consents.in_force().count() == 1


class TestPlacementPage:
    def test_shows_a_company_a_first_name_and_no_more(self, team, sign_in):
        team.youth.name, team.youth.phone = "Mads Efternavn", "87654321"
        team.youth.save()
        OwnWords.objects.create(
            youth=team.youth, text="HEMMELIGT", how="wrote", taken_down_by=team.young
        )
        client = sign_in(team.employer)
        for url in (
            reverse("youths:placements"),
            reverse("placement", args=[team.placement.pk]),
        ):
            seen = page(client.get(url))
            assert "Mads" in seen
            for hidden in ("Efternavn", "87654321", "HEMMELIGT", team.youth.code):
                assert hidden not in seen
        event = AccessEvent.objects.get(youth_id=team.youth.pk, channel="page")
        assert event.organisation_id == team.placement.employer_id

    def test_shows_the_contact_who_has_left_without_an_organisation(self, team, sign_in):
        team.caseworker.memberships.update(ends_on=days(-1))
        response = sign_in(team.employer).get(reverse("placement", args=[team.placement.pk]))
        assert response.status_code == 200
        assert team.partnership.municipality.name not in page(response)

    def test_escapes_what_was_written(self, team, sign_in):
        Placement.objects.update(tasks=HTML)
        seen = page(sign_in(team.employer).get(reverse("placement", args=[team.placement.pk])))
        assert "<b>fed" not in seen
        assert "&lt;b&gt;fed" in seen

    def test_reversed_dates_are_said_at_the_last_day(self, team, sign_in):
        response = sign_in(team.caseworker).post(
            reverse("youths:add_placement", args=[team.youth.pk]),
            {
                "employer": OrganisationFactory(employer=True).pk,
                "kind": "practice",
                "starts_on": days(9),
                "ends_on": days(8),
                "weekly_hours": 10,
                "tasks": "Rydde op",
                "contact": team.caseworker.pk,
            },
        )
        assert response.status_code == 422
        assert response.context["form"].errors == {"ends_on": ["The last day is before the first."]}


class TestWhatItCosts:
    @pytest.mark.parametrize("rows", [1, 3])
    def test_a_companys_list(self, team, sign_in, django_assert_num_queries, rows):
        for _ in range(rows - 1):
            PlacementFactory(
                youth=YouthFactory(partnership=team.partnership), employer=team.placement.employer
            )
        client = sign_in(team.employer)
        with django_assert_num_queries(8):
            response = client.get(reverse("youths:placements"))
        assert page(response).count("vv-card ") == rows

    @pytest.mark.parametrize("rows", [1, 3])
    def test_own_words(self, team, sign_in, django_assert_num_queries, rows):
        for n in range(rows):
            OwnWords.objects.create(
                youth=team.youth, text=f"Sagt {n}", how="said", taken_down_by=team.school
            )
        client = sign_in(team.caseworker)
        with django_assert_num_queries(8):
            response = client.get(reverse("youths:words", args=[team.youth.pk]))
        assert page(response).count("Sagt ") == rows

    @pytest.mark.parametrize("rows", [1, 3])
    def test_a_search(self, team, sign_in, django_assert_num_queries, rows):
        for n in range(rows):
            YouthFactory(partnership=team.partnership, phase=team.phase, name=f"Lærke {n}")
        client = sign_in(team.school)
        with django_assert_num_queries(11):
            client.get(reverse("youths:list"), {"q": "lærke"})
        assert AccessEvent.objects.filter(channel="search").count() == rows


def test_an_administrator_who_teaches_too_sees_what_waits(team, sign_in):
    """The agreement is theirs to change twice over, and to sign once."""
    both = MembershipFactory(
        user=team.school, role="admin", programme=team.programme, organisation=team.programme.owner
    ).user
    other = type(team.partnership).objects.create(
        programme=team.programme,
        school=team.partnership.school,
        municipality=OrganisationFactory(municipality=True),
        starts_on=days(0),
        ends_on=days(300),
        status="negotiating",
    )
    assert sign_in(both).get(reverse("home")).status_code == 200
    assert not [row for row in waiting_on(both) if str(other.pk) in row.url]


def test_an_employer_of_two_companies_acts_for_one_at_a_time(team, other_team, sign_in):
    both = employer_of(team.placement)
    second = MembershipFactory(
        user=both, role="employer", organisation=other_team.placement.employer
    )
    own, other = (reverse("placement", args=[one.placement.pk]) for one in (team, other_team))
    seen = page(sign_in(both).get(reverse("youths:placements")))
    assert own in seen
    assert other not in seen
    both.act_as(second)
    seen = page(sign_in(both).get(reverse("youths:placements")))
    assert own not in seen
    assert other in seen
