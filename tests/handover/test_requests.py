"""The job centre asks for sections: who may, what becomes of it, and that nothing opens by it."""

import pytest
from django.db import IntegrityError, transaction

from handover.models import AskedAlready, AskedSection, HandoverRefused, SectionRequest
from partnerships.models import User
from tests.factories import PartFactory, YouthFactory, days
from tests.handover.test_profiles import complete, sent
from tests.handover.test_views import page, url
from vivirkr.waiting import waiting_on
from youths.models import AccessEvent, Consent

pytestmark = pytest.mark.django_db

FORM = {"sections": ["network"], "purpose": "Vi planlægger transporten.", "wanted_by": ""}


def ask(team, *sections, **fields):
    return SectionRequest.ask(
        by=team.caseworker,
        youth=team.youth,
        sections=sections or ["network"],
        **{"purpose": "Vi planlægger transporten.", **fields},
    )


def states(request) -> dict:
    return dict(request.sections.values_list("section", "state"))


def waiting(user) -> list[str]:
    return [row.what for row in waiting_on(User.objects.get(pk=user.pk)) if "/requests/" in row.url]


class TestAsk:
    def test_is_for_the_caseworker(self, team, other_team, sign_in):
        address = url("ask", team.youth.pk)
        got = {role: sign_in(p).get(address).status_code for role, p in team.people().items()}
        assert got == {
            "school": 403,
            "caseworker": 200,
            "young": 403,
            "employer": 404,
            "lead": 404,
            "evaluator": 404,
        }
        for person in (team.school, team.young, team.employer, other_team.caseworker):
            assert sign_in(person).post(address, FORM).status_code in (403, 404)
        assert not SectionRequest.objects.exists()

    def test_works_before_anything_is_written(self, team, sign_in):
        response = sign_in(team.caseworker).post(url("ask", team.youth.pk), FORM)
        made = SectionRequest.objects.get()
        assert response.url == url("request", made.pk)
        assert (made.asked_by, states(made)) == (team.caseworker, {"network": "open"})

    def test_twice_is_one(self, team, sign_in):
        client = sign_in(team.caseworker)
        for _ in range(2):
            assert client.post(url("ask", team.youth.pk), FORM).status_code == 302
        assert SectionRequest.objects.count() == 1

    def test_for_what_is_asked_for_already_keeps_the_text(self, team, sign_in):
        ask(team)
        form = FORM | {"sections": ["network", "support"], "purpose": "Noget andet"}
        response = sign_in(team.caseworker).post(url("ask", team.youth.pk), form)
        assert response.status_code == 409
        assert "Noget andet" in page(response)
        assert "Asked for already: Network and practical matters." in page(response)
        with pytest.raises(AskedAlready):
            ask(team, purpose="Noget tredje")

    def test_one_section_has_one_open_request_in_the_database_too(self, team):
        request = ask(team)
        with pytest.raises(IntegrityError), transaction.atomic():
            AskedSection.objects.create(request=request, youth=team.youth, section="network")

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"sections": []}, "sections"),
            ({"sections": ["identity"]}, "sections"),
            ({"purpose": " "}, "purpose"),
            ({"purpose": "x" * 5000}, "purpose"),
            ({"purpose": "a\x00b"}, "purpose"),
            ({"wanted_by": "2001-01-01"}, "wanted_by"),
            ({"wanted_by": "9999-12-31"}, "wanted_by"),
            ({"wanted_by": "i morgen"}, "wanted_by"),
        ],
    )
    def test_that_is_wrong_says_so_at_its_field(self, team, sign_in, wrong, field):
        response = sign_in(team.caseworker).post(url("ask", team.youth.pk), FORM | wrong)
        assert response.status_code == 422
        assert list(response.context["form"].errors) == [field]
        assert not SectionRequest.objects.exists()


class TestOutcome:
    def test_is_sent_section_by_section(self, team):
        request = ask(team, "network", "support", wanted_by=days(10))
        profile = complete(team)
        profile.send(by=team.school)
        assert states(request) == {"network": "open", "support": "answered"}
        PartFactory(profile=profile, section="network", written_by=team.school)
        profile.send(by=team.school)
        assert states(request) == {"network": "answered", "support": "answered"}
        assert request.sections.get(section="network").version == 2

    def test_of_a_section_needs_a_part_of_that_version(self, team):
        profile = sent(team)
        request = ask(team, "support")
        PartFactory(profile=profile, section="competences", written_by=team.school)
        profile.send(by=team.school)
        assert states(request) == {"support": "open"}

    def test_opens_nothing_that_is_held_back(self, team, sign_in):
        request = ask(team, "health")
        profile = complete(team)
        PartFactory(profile=profile, section="health", label="Angst i grupper")
        profile.send(by=team.school)
        assert states(request) == {"health": "open"}
        client = sign_in(team.caseworker)
        assert "Angst" not in page(client.get(url("received", team.youth.pk)))
        assert "has not said yes" in page(client.get(url("request", request.pk)))
        Consent.give(by=team.young, youth=team.youth, section="health")
        profile.parts.get(section="health").write(by=team.school, revision=1, text="Nyt")
        profile.send(by=team.school)
        assert states(request) == {"health": "answered"}

    def test_may_be_a_no_with_its_reason(self, team, sign_in):
        request = ask(team, "network", "support")
        form = {"act": "decline", "sections": ["network"], "reason": "Vi ved det ikke."}
        client = sign_in(team.school)
        assert client.post(url("request", request.pk), form).status_code == 302
        assert states(request) == {"network": "declined", "support": "open"}
        assert client.post(url("request", request.pk), form).status_code == 422
        for person in (team.caseworker, team.young, team.school):
            assert "Vi ved det ikke." in page(sign_in(person).get(url("request", request.pk)))

    @pytest.mark.parametrize(
        "wrong", [{"reason": " "}, {"sections": []}, {"sections": ["support"]}]
    )
    def test_that_lacks_something_is_refused(self, team, sign_in, wrong):
        request = ask(team)
        form = {"act": "decline", "sections": ["network"], "reason": "Nej"} | wrong
        assert sign_in(team.school).post(url("request", request.pk), form).status_code == 422
        assert states(request) == {"network": "open"}

    def test_is_given_by_the_own_side_only(self, team, other_team, sign_in):
        request = ask(team)
        decline = {"act": "decline", "sections": ["network"], "reason": "Nej"}
        for person, form, status in (
            (team.caseworker, decline, 403),
            (team.young, decline, 403),
            (team.school, {"act": "withdraw"}, 403),
            (team.young, {"act": "withdraw"}, 403),
            (other_team.school, decline, 404),
            (team.employer, decline, 404),
            (team.school, {"act": "x"}, 404),
        ):
            assert sign_in(person).post(url("request", request.pk), form).status_code == status
        assert states(request) == {"network": "open"}

    def test_may_be_that_it_is_not_needed_any_more(self, team, sign_in):
        request = ask(team)
        client = sign_in(team.caseworker)
        assert client.post(url("request", request.pk), {"act": "withdraw"}).status_code == 302
        assert client.post(url("request", request.pk), {"act": "withdraw"}).status_code == 409
        assert states(request) == {"network": "withdrawn"}
        with pytest.raises(HandoverRefused):
            request.decline(by=team.school, sections=["network"], reason="Nej")
        assert ask(team) != request


class TestWaiting:
    def test_on_the_school_until_it_has_answered(self, team):
        request = ask(team)
        assert waiting(team.school) == [
            f"Answer what the job centre asks for about {team.youth.name}"
        ]
        request.decline(by=team.school, sections=["network"], reason="Nej")
        assert waiting(team.school) == []

    def test_on_who_asked_until_they_have_seen_the_outcome(self, team, other_team, sign_in):
        request = ask(team)
        assert waiting(team.caseworker) == []
        request.decline(by=team.school, sections=["network"], reason="Nej")
        assert waiting(team.caseworker) == [
            f"See what became of your request about {team.youth.name}"
        ]
        sign_in(team.caseworker).post(url("request", request.pk), {"act": "seen"})
        for person in (*team.people().values(), *other_team.people().values()):
            assert waiting(person) == []

    @pytest.mark.parametrize("rows", [1, 3])
    @pytest.mark.parametrize("role", ["school", "caseworker"])
    def test_asks_as_often_for_three_as_for_one(self, team, django_assert_num_queries, role, rows):
        for _ in range(rows):
            youth = YouthFactory(partnership=team.partnership)
            made = SectionRequest.ask(
                by=team.caseworker, youth=youth, sections=["network", "support"], purpose="Ja"
            )
            made.decline(by=team.school, sections=["network"], reason="Nej")
        user = User.objects.get(pk=getattr(team, role).pk)
        with django_assert_num_queries(3):
            assert len(SectionRequest.objects.waiting_on(user)) == rows


def test_is_read_by_the_three_it_concerns_and_noted(team, other_team, sign_in):
    request = ask(team)
    for person in (team.school, team.caseworker, team.young):
        client = sign_in(person)
        assert "Vi planlægger transporten." in page(client.get(url("request", request.pk)))
        assert "Vi planlægger transporten." in page(client.get(url("received", team.youth.pk)))
    for person in (team.employer, team.lead, other_team.school, other_team.caseworker):
        assert sign_in(person).get(url("request", request.pk)).status_code == 404
    shown = AccessEvent.objects.exclude(channel="refused").values_list("sections", flat=True)
    assert set(shown) == {"identity,sharing"}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", ["received", "request"])
def test_a_page_asks_as_often_for_three_as_for_one(
    team, sign_in, django_assert_num_queries, name, rows
):
    sent(team)
    for section in ("network", "support", "health")[:rows]:
        request = ask(team, section)
    address = url(name, team.youth.pk if name == "received" else request.pk)
    client = sign_in(team.caseworker)
    client.get(address)
    client.get(address)
    with django_assert_num_queries({"received": 26, "request": 10}[name]):
        client.get(address)
