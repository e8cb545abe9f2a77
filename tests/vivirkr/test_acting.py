"""Somebody in two organisations acts for one at a time."""

import pytest
from django.urls import reverse

from partnerships.models import Membership, User
from tests.factories import MembershipFactory, Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(team, other_team):
    """The school's person of the first team, who is the caseworker of the second."""
    MembershipFactory(
        user=team.school,
        role="caseworker",
        partnership=other_team.partnership,
        organisation=other_team.partnership.municipality,
    )
    return team.school


def test_the_header_says_for_whom_and_offers_to_change(team, both, sign_in, english):
    page = sign_in(both).get(reverse("home")).text
    assert team.partnership.school.name in page
    assert reverse("acting") in page
    assert reverse("acting") not in sign_in(team.caseworker).get(reverse("home")).text


def test_rights_come_from_the_one_chosen_and_it_is_remembered(team, other_team, both, sign_in):
    own, other = (reverse("case", args=[t.youth.pk]) for t in (team, other_team))
    client = sign_in(both)
    assert (client.get(own).status_code, client.get(other).status_code) == (200, 404)
    second = Membership.objects.get(user=both, role="caseworker")
    response = client.post(reverse("acting"), {"membership": second.pk})
    assert (response.status_code, response.url) == (302, reverse("home"))
    assert (client.get(own).status_code, client.get(other).status_code) == (404, 200)
    later = sign_in(User.objects.get(pk=both.pk))
    assert later.get(other).status_code == 200


def test_only_ones_own_membership_can_be_chosen(other_team, both, sign_in):
    for pk in (other_team.caseworker.memberships.get().pk, "", "x", 0):
        response = sign_in(both).post(reverse("acting"), {"membership": pk})
        assert response.status_code == 403
    assert User.objects.get(pk=both.pk).acts_as is None


@pytest.mark.parametrize("next_url", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_goes_on_to_no_other_site(both, sign_in, next_url):
    membership = both.memberships.first()
    typed = {"membership": membership.pk, "next": next_url}
    assert sign_in(both).post(reverse("acting"), typed).url == reverse("home")


def test_the_page_marks_the_one_acted_for(both, sign_in, english):
    page = sign_in(both).get(reverse("acting"))
    assert [choice["current"] for choice in page.context["choices"]] == [True, False]


class TestOffer:
    def test_a_link_to_the_other_relation_offers_to_switch(self, other_team, both, sign_in):
        client = sign_in(both)
        case = reverse("case", args=[other_team.youth.pk])
        answer = client.get(case)
        assert answer.status_code == 404
        second = both.memberships.get(role="caseworker")
        assert answer.context["membership"] == second
        assert other_team.youth.name not in answer.text
        typed = {"membership": second.pk, "next": answer.context["next"]}
        response = client.post(reverse("acting"), typed)
        assert response.url == case
        assert client.get(case).status_code == 200

    @pytest.mark.parametrize("name", ["partnership", "youths:words", "youths:sharing"])
    def test_so_do_the_other_pages(self, other_team, both, sign_in, name):
        thing = other_team.partnership if name == "partnership" else other_team.youth
        answer = sign_in(both).get(reverse(name, args=[thing.pk]))
        assert (answer.status_code, answer.context["membership"].role) == (404, "caseworker")

    def test_a_form_of_the_other_relation_keeps_its_texts(self, other_team, both, sign_in):
        words = reverse("youths:words", args=[other_team.youth.pk])
        answer = sign_in(both).post(words, {"kind": "words", "text": "Jeg skrev dette længe."})
        assert answer.status_code == 404
        assert "Jeg skrev dette længe." in answer.text
        assert not other_team.youth.words.exists()

    def test_what_is_nobodys_of_theirs_offers_nothing(self, both, sign_in):
        stranger = Team()
        answer = sign_in(both).get(reverse("case", args=[stranger.youth.pk]))
        assert answer.status_code == 404
        assert reverse("acting") not in answer.text.split("<main")[1]

    def test_one_with_one_relation_gets_the_plain_page(self, team, other_team, sign_in):
        answer = sign_in(team.caseworker).get(reverse("case", args=[other_team.youth.pk]))
        assert "membership" not in answer.context
