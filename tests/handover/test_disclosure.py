"""What is held back and why, and that a change works on the next request of an open session."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import transaction
from django.utils import timezone

from handover.models import HandoverProfile, NotDisclosed, PartAnswer, SentPart, profile_summary
from partnerships.access import Role
from partnerships.models import LegalGround, Narrowing, User
from tests.factories import days, member
from tests.handover.test_profiles import complete, sent, standing
from tests.handover.test_views import page, url
from youths.models import Consent, HeldBack, LegalBasis

pytestmark = pytest.mark.django_db


def give(team, **fields) -> Consent:
    return Consent.give(by=team.young, youth=team.youth, section="health", **fields)


def name(team) -> LegalBasis:
    ground = LegalGround.objects.create(
        programme=team.programme, position=1, name="Hjemmel", law="loven"
    )
    return LegalBasis.name(
        by=team.school,
        youth=team.youth,
        section="health",
        ground=ground,
        reason="Nødvendigt",
        expires_on=days(30),
    )


def narrow(team, section="health"):
    Narrowing.objects.create(
        partnership=team.partnership, role="caseworker", section=section, reason="Aftalt"
    )


def fresh(user) -> User:
    return User.objects.get(pk=user.pk)


class TestHeldBack:
    def test_says_why(self, team, time_machine):
        parts = sent(team, "health").sent_parts.current()

        def why():
            return {p.section: p.held for p in parts.with_state() if p.held}

        assert why() == {"health": "unasked"}
        Consent.say_no(by=team.young, youth=team.youth, section="health")
        assert why() == {"health": "no"}
        consent = give(team)
        assert why() == {}
        consent.withdraw(by=team.young)
        assert why() == {"health": "no"}
        give(team)
        time_machine.move_to(timezone.now() + timedelta(days=400))
        assert why() == {"health": "expired"}
        narrow(team)
        assert why() == {"health": "narrowed"}

    def test_agrees_with_what_is_shown(self, team):
        parts = sent(team, "health", "network").sent_parts.current()
        for change in (
            lambda: give(team),
            lambda: narrow(team, "network"),
            lambda: Consent.objects.get().withdraw(by=team.young),
            lambda: name(team),
        ):
            change()
            shown = set(parts.disclosed().values_list("section", flat=True))
            assert {p.section for p in parts.with_state() if not p.held} == shown
            seen = SentPart.objects.visible_to(fresh(team.caseworker), team.youth)
            assert {p.section for p in seen} == shown

    def test_by_the_agreement_is_kept_even_from_a_consent(self, team, sign_in):
        health = standing(sent(team, "health"), "health")
        give(team)
        narrow(team)
        html = page(sign_in(team.caseworker).get(url("received", team.youth.pk)))
        assert health.title not in html
        summary = profile_summary(fresh(team.school), team.youth)
        assert summary.held_back == [HeldBack("health", "narrowed", 1)]


class TestSendPage:
    def test_has_a_held_part_under_one_heading(self, team, sign_in):
        complete(team, "health")
        context = sign_in(team.school).get(url("send", team.youth.pk)).context
        assert "health" not in [chapter.section for chapter in context["shown_chapters"]]
        assert context["held_back"] == [HeldBack("health", "unasked", 1)]

    def test_names_no_held_part_among_what_is_new(self, team, sign_in):
        profile = sent(team, "health")
        part = profile.parts.get(section="health")
        part.write(by=team.school, revision=1, text="Nyt")
        html = page(sign_in(team.school).get(url("send", team.youth.pk)))
        assert "Nothing new in it is shown" in html
        assert part.title not in html

    def test_offers_a_legal_basis_to_those_who_may_name_one(self, team, sign_in):
        complete(team, "health")
        leader = member(team.partnership, Role.SCHOOL, may_override=True)
        for person, offered in ((team.school, False), (leader, True)):
            html = page(sign_in(person).get(url("send", team.youth.pk)))
            assert ("Name a legal basis" in html) is offered

    def test_says_who_took_it_away(self, team, sign_in):
        complete(team, "health")
        narrow(team)
        html = page(sign_in(team.school).get(url("send", team.youth.pk)))
        assert "The agreement of the partnership keeps it back." in html


class TestNextRequest:
    """The caseworker stays signed in, with the page and its form open."""

    @pytest.fixture
    def health(self, team):
        return standing(sent(team, "health"), "health")

    @pytest.fixture
    def client(self, team, sign_in):
        return sign_in(team.caseworker)

    @pytest.mark.parametrize("how", ["withdrawn", "expired", "narrowed", "basis ended"])
    def test_shows_nothing_more_and_takes_no_answer(self, team, client, health, how, request):
        granted = name(team) if how == "basis ended" else give(team)
        opened = url("received", team.youth.pk)
        assert health.title in page(client.get(opened))
        if how == "withdrawn":
            granted.withdraw(by=team.young)
        elif how == "basis ended":
            granted.end(by=team.school)
        elif how == "narrowed":
            narrow(team)
        else:
            clock = request.getfixturevalue("time_machine")
            clock.move_to(timezone.now() + timedelta(days=400))
            client.force_login(team.caseworker)
        assert health.title not in page(client.get(opened))
        answer = client.post(url("answer", health.pk), {"kind": "understood"})
        assert answer.status_code in (403, 404)
        assert not PartAnswer.objects.exists()

    def test_of_a_yes_opens_it(self, team, client, health):
        opened = url("received", team.youth.pk)
        assert health.title not in page(client.get(opened))
        give(team)
        assert health.title in page(client.get(opened))

    def test_the_verb_itself_refuses(self, team, health):
        give(team).withdraw(by=team.young)
        with pytest.raises(NotDisclosed):
            health.answer(by=team.caseworker, kind="understood")

    def test_all_answered_is_never_stale(self, team):
        """What is answered follows what is disclosed today; the stored state knows no consent."""
        profile = sent(team, "health")
        for part in profile.sent_parts.disclosed():
            part.answer(by=team.caseworker, kind="understood")
        assert profile_summary(team.school, team.youth).unanswered == 0
        consent = give(team)
        assert profile_summary(team.school, team.youth).unanswered == 1
        consent.withdraw(by=team.young)
        assert profile_summary(team.school, team.youth).unanswered == 0
        assert HandoverProfile.objects.get().status == "sent"


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_while_the_caseworker_answers_is_before_or_after_it(team, at_once):
    """The answer waits for the withdrawal that has begun, and is then refused."""
    health = standing(sent(team, "health"), "health")
    consent = give(team)
    withdrawn = Event()

    def withdraw():
        with transaction.atomic():
            consent.withdraw(by=team.young)
            withdrawn.set()
            Event().wait(0.5)

    def answer():
        withdrawn.wait(10)
        return health.answer(by=team.caseworker, kind="understood")

    _none, answered = at_once(withdraw, answer)
    assert isinstance(answered, NotDisclosed)
    assert not PartAnswer.objects.exists()
