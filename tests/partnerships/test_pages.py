"""Signing over the web, the partnership's pages, and no name where only counts belong."""

import pytest
from django.urls import reverse
from django.utils import timezone

from partnerships.access import Role
from partnerships.models import Partnership
from tests.factories import (
    HandoverProfileFactory,
    IndicatorFactory,
    OrganisationFactory,
    PartFactory,
    PartnershipFactory,
    RatingFactory,
    RatingRoundFactory,
    YouthFactory,
    days,
    member,
)
from youths.models import AccessEvent, OwnWords, Referral

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def page(response) -> str:
    return response.content.decode()


@pytest.fixture
def open_one():
    return PartnershipFactory(status="negotiating")


def sign_url(partnership):
    return reverse("partnerships:sign", args=[partnership.pk])


class TestSign:
    def test_both_sides_one_after_the_other(self, open_one, sign_in):
        school, caseworker = member(open_one, Role.SCHOOL), member(open_one, Role.CASEWORKER)
        asked = page(sign_in(school).get(sign_url(open_one)))
        assert f"You sign for {open_one.school.name}." in asked
        first = sign_in(school).post(sign_url(open_one), follow=True)
        assert "The agreement now waits for the other party." in page(first)
        second = sign_in(caseworker).post(sign_url(open_one), follow=True)
        assert "You can refer now." in page(second)
        open_one.refresh_from_db()
        assert open_one.status == "signed"
        assert (open_one.school_signed_by, open_one.municipality_signed_by) == (school, caseworker)

    def test_a_school_that_signs_last_is_not_told_to_refer(self, open_one, sign_in):
        open_one.sign(by=member(open_one, Role.CASEWORKER), side="municipality")
        done = sign_in(member(open_one, Role.SCHOOL)).post(sign_url(open_one), follow=True)
        assert "You can refer now." not in page(done)

    def test_a_second_click_says_so_and_changes_nothing(self, open_one, sign_in):
        client = sign_in(member(open_one, Role.SCHOOL))
        client.post(sign_url(open_one))
        before = Partnership.objects.get(pk=open_one.pk).school_signed_at
        again = client.post(sign_url(open_one), follow=True)
        assert "Your side has signed already." in page(again)
        assert Partnership.objects.get(pk=open_one.pk).school_signed_at == before

    @pytest.mark.parametrize("status", ["draft", "signed"])
    def test_what_is_not_open_is_refused_in_words(self, sign_in, status):
        partnership = PartnershipFactory(signed=True, status=status)
        client = sign_in(member(partnership, Role.SCHOOL))
        said = client.post(sign_url(partnership), follow=True)
        assert "The agreement is not open for signing." in page(said)

    def test_while_the_two_have_another_is_refused_in_words(self, team, sign_in):
        second = PartnershipFactory(
            programme=team.programme,
            school=team.partnership.school,
            municipality=team.partnership.municipality,
            status="negotiating",
            school_signed_at=timezone.now(),
        )
        client = sign_in(member(second, Role.CASEWORKER))
        said = client.post(sign_url(second), follow=True)
        assert "These two have a signed partnership in this period already." in page(said)
        second.refresh_from_db()
        assert second.status == "negotiating"

    def test_is_not_for_who_leads_or_stands_outside(self, team, other_team, sign_in):
        for person in (team.lead, team.evaluator, member(team.partnership, Role.ADMIN)):
            assert sign_in(person).post(sign_url(team.partnership)).status_code == 403
        for person in (*other_team.people().values(), team.employer, team.young):
            assert sign_in(person).post(sign_url(team.partnership)).status_code == 404

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_takes_no_other_method(self, team, sign_in, method):
        client = sign_in(team.school)
        assert getattr(client, method)(sign_url(team.partnership)).status_code == 405


class TestPartnership:
    @pytest.mark.parametrize(
        ("status", "acts"),
        [
            ("draft", set()),
            ("negotiating", {"sign"}),
            ("signed", {"refer"}),
            ("ended", set()),
        ],
    )
    def test_offers_the_municipality_what_its_state_allows(self, sign_in, status, acts):
        signed = {} if status in ("draft", "negotiating") else {"signed": True}
        partnership = PartnershipFactory(**signed, status=status)
        client = sign_in(member(partnership, Role.CASEWORKER))
        seen = page(client.get(reverse("partnership", args=[partnership.pk])))
        links = {
            "sign": sign_url(partnership),
            "refer": reverse("youths:refer", args=[partnership.pk]),
        }
        assert {act for act, link in links.items() if link in seen} == acts

    def test_that_is_full_offers_no_place(self, team, sign_in):
        YouthFactory.create_batch(9, partnership=team.partnership)
        seen = page(
            sign_in(team.caseworker).get(reverse("partnership", args=[team.partnership.pk]))
        )
        assert "10 of 10" in seen
        assert reverse("youths:refer", args=[team.partnership.pk]) not in seen

    def test_counts_places_filled_and_reserved_apart(self, team, sign_in):
        for n in range(2):
            Referral.propose(
                by=team.caseworker,
                partnership=team.partnership,
                name=f"Ny {n}",
                birth_date=days(-7000),
                stu_ends_on=days(300),
                reason="x",
            )
        seen = page(sign_in(team.school).get(reverse("partnership", args=[team.partnership.pk])))
        assert "1 of 10 filled" in seen
        assert "2 referrals wait for an answer" in seen
        assert seen.count('<th scope="row">') == 2
        assert AccessEvent.objects.filter(user_id=team.school.pk).count() == 2

    def test_escapes_its_agreement(self, team, sign_in):
        team.partnership.purpose = "<script>alert(1)</script><b>fed</b>\n\nNyt afsnit"
        team.partnership.save()
        seen = page(sign_in(team.lead).get(reverse("partnership", args=[team.partnership.pk])))
        assert "<b>fed" not in seen
        assert "&lt;b&gt;fed" in seen

    def test_list_is_of_the_own_ones_and_says_so_when_empty(self, team, other_team, sign_in):
        seen = page(sign_in(team.school).get(reverse("partnerships")))
        assert team.partnership.school.name in seen
        assert other_team.partnership.municipality.name not in seen
        assert "No partnerships yet" in page(sign_in(team.young).get(reverse("partnerships")))


def test_no_name_and_no_word_of_a_youth_reaches_leadership_and_evaluator(team, sign_in):
    """In a team where every text is a canary, on every page that leads on from the first."""
    team.youth.name = "KANARIE Navn"
    team.youth.phone = "KANARIE-1"
    team.youth.save()
    OwnWords.objects.create(
        youth=team.youth, text="KANARIE ord", how="wrote", taken_down_by=team.young
    )
    Referral.propose(
        by=team.caseworker,
        partnership=team.partnership,
        name="KANARIE Henvist",
        birth_date=days(-7000),
        stu_ends_on=days(300),
        reason="KANARIE grund",
    )
    profile = HandoverProfileFactory(youth=team.youth)
    for section in ("direction", "competences", "support", "health", "network"):
        PartFactory(profile=profile, section=section, label="KANARIE del", text="KANARIE tekst")
    profile.send(by=team.school)
    RatingFactory(
        youth=team.youth,
        round=RatingRoundFactory(programme=team.programme),
        indicator=IndicatorFactory(code="direction"),
        small_step="KANARIE skridt",
    )
    OrganisationFactory(employer=True)
    for person in (team.lead, team.evaluator):
        client, seen, waiting = sign_in(person), set(), [reverse("home")]
        while waiting:
            url = waiting.pop().partition("#")[0]
            if url in seen or not url.startswith("/") or url.startswith("/static/"):
                continue
            seen.add(url)
            response = client.get(url, follow=True)
            assert response.status_code == 200, url
            text = page(response)
            assert "KANARIE" not in text, url
            waiting += [part.partition('"')[0] for part in text.split('href="')[1:]]
        assert reverse("partnership", args=[team.partnership.pk]) in seen
        assert any(url.startswith("/evaluation/") for url in seen)
        assert not AccessEvent.objects.filter(user_id=person.pk).exists()
