"""A company's yes to an agreement by a link: once, to exactly the text that was read."""

import functools

import pytest
from django.core import mail
from django.urls import reverse

from partnerships.models import CompanyContact
from tests.factories import PlacementFactory, days
from tests.youths.test_placement_links import open_by
from youths.models import (
    AgreementConfirmation,
    AgreementReplaced,
    PlacementLink,
    PlacementRefused,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def placement(team):
    """One that is agreed on and has not begun."""
    made = PlacementFactory(
        youth=team.youth, contact=team.caseworker, starts_on=days(5), ends_on=days(60)
    )
    made.write_agreement(by=team.caseworker)
    return made


def given(team, placement, **said):
    return PlacementLink.give(by=team.caseworker, placement=placement, purpose="confirm", **said)


def yes(link, number=1, name="Bente Sørensen"):
    link.confirm(number=number, name=name)


class TestConfirming:
    def test_says_who_how_and_to_which_text_and_is_used_up(self, team, placement):
        link, token = given(team, placement)
        yes(link)
        said = AgreementConfirmation.objects.get()
        assert (said.side, said.how, said.name, said.by) == (
            "company",
            "link",
            "Bente Sørensen",
            None,
        )
        assert PlacementLink.objects.named(token) is None

    def test_of_a_text_that_is_replaced_is_refused_and_the_link_stands(self, team, placement):
        link, _token = given(team, placement)
        placement.support_person = "Ole"
        placement.save()
        placement.write_agreement(by=team.caseworker)
        for number in (1, 7):
            with pytest.raises(AgreementReplaced):
                yes(link, number)
        yes(link, 2)
        assert AgreementConfirmation.objects.get().agreement.number == 2

    def test_not_once_the_placement_has_ended(self, team, placement):
        link, token = given(team, placement)
        placement.end(by=team.caseworker)
        assert PlacementLink.objects.named(token) is None
        with pytest.raises(PlacementRefused):
            yes(link)

    def test_no_link_without_a_text(self, team):
        bare = PlacementFactory(youth=team.youth, starts_on=days(5), ends_on=days(60))
        with pytest.raises(PlacementRefused):
            given(team, bare)

    def test_ends_with_the_agreement_of_the_partnership(self, team, placement):
        _link, token = given(team, placement)
        team.partnership.status = "ended"
        team.partnership.save()
        assert PlacementLink.objects.named(token) is None

    @pytest.mark.django_db(transaction=True)
    def test_twice_at_once_is_once(self, team, placement, at_once):
        link, _token = given(team, placement)
        links = [PlacementLink.objects.get(pk=link.pk) for _ in range(2)]
        found = at_once(*(functools.partial(yes, one) for one in links))
        assert set(found) == {None}
        assert AgreementConfirmation.objects.count() == 1


class TestPages:
    def test_from_the_link_to_the_yes(self, team, placement, sign_in):
        client = sign_in(team.school)
        agreement = reverse("youths:agreement", args=[placement.pk])
        giving = reverse("youths:agreement_link", args=[placement.pk])
        assert giving in client.get(agreement).text
        assert "The text of the agreement" in client.get(giving).text
        token = client.post(giving, {"act": "show"}).context["address"].partition("?link=")[2]

        browser, there = open_by(token)
        page = browser.get(there)
        assert team.youth.first_name in page.text
        assert team.youth.name not in page.text
        missing = browser.post(there, {"number": 1, "name": ""})
        assert missing.status_code == 422
        assert "Write your name." in missing.text
        assert browser.post(there, {"number": 9, "name": "Bente"}).status_code == 409
        thanks = browser.post(there, {"number": 1, "name": "Bente"})
        assert thanks.status_code == 200
        assert "the link is used up" in thanks.text

        assert browser.get(there).status_code == 404
        assert "by a link" in client.get(agreement).text
        assert giving not in client.get(agreement).text

    def test_opens_neither_the_placement_nor_the_feedback(self, team):
        team.placement.write_agreement(by=team.caseworker)
        link, token = given(team, team.placement)
        browser, there = open_by(token)
        assert there == reverse("youths:link_agreement", args=[link.pk])
        for name in ("by_link", "youths:link_feedback"):
            assert browser.get(reverse(name, args=[link.pk])).status_code == 404

    def test_stands_beside_the_link_to_follow(self, team):
        team.placement.write_agreement(by=team.caseworker)
        follow = PlacementLink.give(by=team.caseworker, placement=team.placement)[1]
        confirm = given(team, team.placement)[1]
        for token in (follow, confirm):
            assert PlacementLink.objects.named(token)

    def test_is_mailed_without_a_word_of_the_case(self, team, placement):
        CompanyContact.objects.create(
            company=placement.employer, name="Bente", email="bente@cafe.example"
        )
        given(team, placement, mail_to="bente@cafe.example")
        for _ in range(2):
            PlacementLink.mail_all()
        [sent] = mail.outbox
        assert "An agreement" in sent.subject
        for word in (team.youth.first_name, team.youth.name, team.youth.code, placement.tasks):
            assert word not in sent.subject + sent.body
