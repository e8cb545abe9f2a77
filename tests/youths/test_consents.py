"""Consents, their texts, legal bases: what they need, how they end, who may, and that they stay."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from partnerships.access import Role
from partnerships.models import LegalGround, Membership, Narrowing, User
from tests.factories import UserFactory, days, member
from tests.handover.test_views import page
from tests.vivirkr.test_pages import send, whats
from youths.models import (
    Consent,
    ConsentRefused,
    ConsentText,
    LegalBasis,
    LegalBasisRefused,
    TextChanged,
    held_sections,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

PAPER = {"how": "paper", "note": "I mappen"}


def give(team, **fields) -> Consent:
    return Consent.give(**({"by": team.young, "youth": team.youth, "section": "health"} | fields))


def why(team) -> str:
    return held_sections(team.youth, ["health"]).get("health", "")


def add_text(number=2, **fields) -> ConsentText:
    return ConsentText.objects.create(number=number, text_da="Nyt", text_en="New words", **fields)


def ground_of(team) -> LegalGround:
    return LegalGround.objects.get_or_create(
        programme=team.programme, position=1, defaults={"name": "Hjemmel", "law": "loven"}
    )[0]


def name(team, **fields) -> LegalBasis:
    given = {
        "by": team.school,
        "youth": team.youth,
        "section": "health",
        "ground": ground_of(team),
        "reason": "Nødvendigt",
        "expires_on": days(30),
    }
    return LegalBasis.name(**(given | fields))


@pytest.fixture
def leader(team):
    """School staff who may share without consent."""
    return member(team.partnership, Role.SCHOOL, may_override=True)


class TestGiving:
    def test_says_to_whom_what_for_by_which_text_and_until_when(self, team):
        consent = give(team)
        assert consent.organisation == team.partnership.municipality
        assert (consent.purpose, consent.how, consent.text.number) == ("course", "screen", 1)
        assert consent.expires_on == timezone.localdate() + relativedelta(months=12)

    def test_lasts_as_long_as_the_programme_says(self, team):
        team.youth.partnership.programme.consent_months = 3
        assert give(team).expires_on == timezone.localdate() + relativedelta(months=3)

    @pytest.mark.parametrize(
        ("fields", "refusal"),
        [
            ({"how": "paper"}, "where the paper is"),
            ({"how": "oral", "note": "  "}, "where the paper is"),
            (PAPER | {"given_on": days(1)}, "lies ahead"),
            (PAPER | {"given_on": days(-400)}, "run out already"),
            (PAPER | {"expires_on": days(-1)}, "run out already"),
            (PAPER | {"expires_on": days(500)}, "at most 12 months"),
            ({"section": "competences"}, "needs no consent"),
        ],
    )
    def test_is_refused_in_words(self, team, fields, refusal):
        with pytest.raises(ConsentRefused, match=refusal):
            give(team, **fields)
        assert not Consent.objects.exists()

    def test_on_paper_keeps_the_day_and_who_noted_it(self, team):
        consent = give(team, by=team.school, given_on=days(-5), **PAPER)
        assert timezone.localdate(consent.given_at) == days(-5)
        assert (consent.recorded_by, consent.note) == (team.school, "I mappen")
        assert timezone.now() - consent.recorded_at < timedelta(minutes=1)
        assert why(team) == ""

    def test_while_one_is_in_force_is_refused_to_somebody_else(self, team):
        give(team)
        with pytest.raises(ConsentRefused, match="in force already"):
            give(team, by=team.school, **PAPER)

    def test_noted_twice_by_the_same_person_is_one(self, team):
        assert give(team, by=team.school, **PAPER) == give(team, by=team.school, **PAPER)

    def test_on_an_older_paper_does_not_undo_a_no(self, team):
        give(team).withdraw(by=team.young)
        for day in (days(-3), days(0)):
            with pytest.raises(ConsentRefused, match="said no on that day or since"):
                give(team, by=team.school, given_on=day, **PAPER)
        assert why(team) == "no"

    def test_on_screen_is_to_the_text_that_is_in_use(self, team):
        old = ConsentText.objects.in_use()
        add_text()
        with pytest.raises(TextChanged):
            give(team, text=old)

    def test_close_to_its_end_takes_the_place_of_the_old_one(self, team):
        old = give(team, by=team.school, expires_on=days(20), **PAPER)
        new = give(team)
        old.refresh_from_db()
        assert old.replaced_at
        assert list(Consent.objects.in_force()) == [new]
        assert give(team) == new

    def test_again_after_the_end_is_a_new_one(self, team, time_machine):
        old = give(team)
        time_machine.move_to(timezone.now() + timedelta(days=400))
        assert why(team) == "expired"
        new = give(team)
        assert new != old
        assert why(team) == ""

    @pytest.mark.django_db(transaction=True)
    def test_after_the_end_twice_at_the_same_moment_is_one(self, team, at_once):
        Consent.objects.create(
            youth=team.youth,
            organisation=team.partnership.municipality,
            section="health",
            text=ConsentText.objects.in_use(),
            recorded_by=team.young,
            expires_on=days(-1),
        )
        given = at_once(*[lambda: give(team).pk] * 2)
        assert given[0] == given[1]
        assert Consent.objects.standing().count() == 1


class TestState:
    @pytest.mark.parametrize(("last", "held"), [(0, ""), (-1, "expired")])
    def test_follows_the_last_day(self, team, last, held):
        Consent.objects.create(
            youth=team.youth,
            organisation=team.partnership.municipality,
            section="health",
            text=ConsentText.objects.in_use(),
            recorded_by=team.young,
            expires_on=days(last),
        )
        assert why(team) == held
        assert Consent.objects.get().is_in_force is (held == "")
        assert Consent.objects.in_force().exists() is (held == "")

    def test_of_one_from_before_consents_had_an_end_goes_on(self, team):
        Consent.objects.create(
            youth=team.youth,
            organisation=team.partnership.municipality,
            section="health",
            text=ConsentText.objects.in_use(),
            recorded_by=team.young,
        )
        assert why(team) == ""

    def test_goes_from_unasked_over_no_to_yes_and_back(self, team):
        assert why(team) == "unasked"
        Consent.say_no(by=team.young, youth=team.youth, section="health")
        Consent.say_no(by=team.young, youth=team.youth, section="health")
        assert (why(team), Consent.objects.count()) == ("no", 1)
        consent = give(team)
        assert why(team) == ""
        with pytest.raises(ConsentRefused, match="Take it back first"):
            Consent.say_no(by=team.young, youth=team.youth, section="health")
        consent.withdraw(by=team.young)
        assert why(team) == "no"

    def test_is_narrowed_whatever_was_answered(self, team):
        give(team)
        Narrowing.objects.create(
            partnership=team.partnership, role="caseworker", section="health", reason="Aftalt"
        )
        assert why(team) == "narrowed"

    def test_of_what_needs_no_consent_is_shown_unless_narrowed(self, team):
        assert held_sections(team.youth, ["network", "support"]) == {}
        Narrowing.objects.create(
            partnership=team.partnership, role="caseworker", section="network", reason="Aftalt"
        )
        assert held_sections(team.youth, ["network", "support"]) == {"network": "narrowed"}


class TestLegalBasis:
    def test_opens_the_section_until_its_last_day(self, team, time_machine):
        basis = name(team)
        assert why(team) == ""
        time_machine.move_to(timezone.now() + timedelta(days=31))
        assert why(team) == "unasked"
        assert not LegalBasis.objects.get(pk=basis.pk).is_in_force

    def test_ended_holds_the_section_back_and_ends_once(self, team):
        basis = name(team)
        basis.end(by=team.school)
        assert why(team) == "unasked"
        with pytest.raises(LegalBasisRefused, match="over already"):
            LegalBasis.objects.get(pk=basis.pk).end(by=team.school)

    @pytest.mark.parametrize(
        ("fields", "refusal"),
        [
            ({"reason": " "}, "Write why"),
            ({"expires_on": days(-1)}, "must lie ahead"),
            ({"expires_on": days(400)}, "at most 12 months"),
            ({"section": "competences"}, "needs no consent"),
        ],
    )
    def test_is_refused_in_words(self, team, fields, refusal):
        with pytest.raises(LegalBasisRefused, match=refusal):
            name(team, **fields)
        assert not LegalBasis.objects.exists()

    def test_is_refused_by_another_programmes_ground(self, team, other_team):
        with pytest.raises(LegalBasisRefused, match="another programme"):
            name(team, ground=ground_of(other_team))

    def test_is_refused_where_it_changes_nothing(self, team):
        give(team)
        with pytest.raises(LegalBasisRefused, match="has said yes"):
            name(team)
        Narrowing.objects.create(
            partnership=team.partnership, role="caseworker", section="health", reason="Aftalt"
        )
        with pytest.raises(LegalBasisRefused, match="keeps this section back"):
            name(team)

    def test_is_named_once(self, team):
        name(team)
        with pytest.raises(LegalBasisRefused, match="in force already"):
            name(team)


class TestWhatTheDatabaseHolds:
    def test_one_standing_answer(self, team):
        consent = give(team)
        consent.pk = None
        with pytest.raises(IntegrityError, match="one_standing_answer"), transaction.atomic():
            consent.save(force_insert=True)

    def test_a_text_is_never_changed(self):
        for change in (
            lambda: ConsentText.objects.update(text_en="Else"),
            lambda: ConsentText.objects.all().delete(),
        ):
            with pytest.raises(DatabaseError, match="sharing is"), transaction.atomic():
                change()

    @pytest.mark.parametrize(
        "changed", [{"expires_on": days(9)}, {"note": "x"}, {"given_at": timezone.now()}]
    )
    def test_a_consent_is_not_rewritten(self, team, changed):
        give(team)
        with pytest.raises(DatabaseError, match="not rewritten"), transaction.atomic():
            Consent.objects.update(**changed)

    def test_a_consent_ends_once_and_stays(self, team):
        give(team).withdraw(by=team.young)
        with pytest.raises(DatabaseError, match="ends once"), transaction.atomic():
            Consent.objects.update(withdrawn_at=None, withdrawn_by=None)
        with pytest.raises(DatabaseError, match="is kept"), transaction.atomic():
            Consent.objects.all().delete()

    def test_a_legal_basis_is_not_rewritten(self, team):
        name(team)
        with pytest.raises(DatabaseError, match="not rewritten"), transaction.atomic():
            LegalBasis.objects.update(expires_on=days(300))
        with pytest.raises(DatabaseError, match="is kept"), transaction.atomic():
            LegalBasis.objects.all().delete()


class TestSharingPage:
    @pytest.fixture
    def url(self, team):
        return reverse("youths:sharing", args=[team.youth.pk])

    def yes(self, text=None):
        text = text or ConsentText.objects.in_use()
        return {"section": "health", "answer": "yes", "text": text.pk}

    def test_shows_the_very_text_and_saves_that_version(self, team, sign_in, url):
        text = add_text()
        client = sign_in(team.young)
        assert "New words" in page(client.get(url))
        assert client.post(url, self.yes()).status_code == 302
        assert Consent.objects.get().text == text

    def test_of_an_older_text_asks_to_read_again(self, team, sign_in, url):
        old = ConsentText.objects.in_use()
        add_text()
        response = sign_in(team.young).post(url, self.yes(old))
        assert response.status_code == 409
        assert "The text has changed meanwhile" in page(response)
        assert not Consent.objects.exists()

    def test_keeps_the_text_of_before_with_the_answer_of_before(self, team, sign_in, url):
        give(team)
        add_text()
        html = page(sign_in(team.school).get(url))
        assert "The text, version 1" in html
        assert "New words" not in html

    def test_tells_the_young_person_of_a_legal_basis(self, team, sign_in, url):
        name(team, reason="Fordi det haster")
        html = page(sign_in(team.young).get(url))
        assert "even without your yes" in html
        assert "Fordi det haster" in html

    def test_says_no_without_a_yes_before(self, team, sign_in, url):
        response = sign_in(team.young).post(url, {"section": "health", "answer": "no"})
        assert response.status_code == 302
        assert why(team) == "no"

    @pytest.mark.parametrize("rows", [1, 3])
    def test_asks_as_often_for_three_answers_as_for_one(
        self, team, sign_in, url, rows, django_assert_num_queries
    ):
        for _ in range(rows):
            give(team).withdraw(by=team.young)
        client = sign_in(team.school)
        client.get(url)
        with django_assert_num_queries(11):
            client.get(url)


class TestNotingAConsent:
    @pytest.fixture
    def url(self, team):
        return reverse("youths:record_consent", args=[team.youth.pk, "health"])

    def typed(self, **fields):
        return {
            "how": "paper",
            "given_on": days(-2),
            "note": "I mappen",
            "text": ConsentText.objects.in_use().pk,
            "expires_on": "",
        } | fields

    def test_is_for_the_school(self, team, sign_in, url):
        response = sign_in(team.school).post(url, self.typed())
        assert response.status_code == 302
        consent = Consent.objects.get()
        assert (consent.how, consent.recorded_by) == ("paper", team.school)
        assert why(team) == ""

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"given_on": days(1)}, "The day lies ahead."),
            ({"note": ""}, "This field is required."),
            ({"how": "screen"}, "not one of the available choices"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, team, sign_in, url, fields, said):
        response = sign_in(team.school).post(url, self.typed(**fields))
        assert response.status_code == 422
        assert said in page(response)
        assert not Consent.objects.exists()

    def test_after_a_no_is_refused(self, team, sign_in, url):
        give(team).withdraw(by=team.young)
        response = sign_in(team.school).post(url, self.typed())
        assert response.status_code == 409
        assert "has said no on that day or since" in page(response)

    def test_of_a_section_that_needs_none_is_not_found(self, team, sign_in):
        url = reverse("youths:record_consent", args=[team.youth.pk, "support"])
        assert sign_in(team.school).get(url).status_code == 404


class TestWithdrawing:
    def url(self, team, consent):
        return reverse("withdraw", args=[team.youth.pk, consent.pk])

    def test_says_which_parts_stop_for_whom_and_writes_nothing(self, team, sign_in):
        part = send(team, "health").sent_parts.get(section="health")
        consent = give(team)
        html = page(sign_in(team.young).get(self.url(team, consent)))
        assert part.title in html
        assert team.caseworker.name in html
        assert "stays there" in html
        assert why(team) == ""

    def test_by_the_school_is_noted(self, team, sign_in):
        consent = give(team)
        assert sign_in(team.school).post(self.url(team, consent)).status_code == 302
        consent.refresh_from_db()
        assert consent.withdrawn_by == team.school
        sharing = reverse("youths:sharing", args=[team.youth.pk])
        assert f"Noted by {team.school.name}" in page(sign_in(team.young).get(sharing))

    def test_twice_is_refused(self, team, sign_in):
        consent = give(team)
        client = sign_in(team.young)
        assert client.post(self.url(team, consent)).status_code == 302
        assert client.post(self.url(team, consent)).status_code == 409

    def test_says_when_a_legal_basis_goes_on(self, team, sign_in):
        name(team)
        consent = give(team)
        html = page(sign_in(team.young).get(self.url(team, consent)))
        assert "Nothing yet: the law allows" in html

    def test_of_somebody_elses_is_not_found(self, team, other_team, sign_in):
        consent = give(other_team)
        url = reverse("withdraw", args=[team.youth.pk, consent.pk])
        assert sign_in(team.young).post(url).status_code == 404


class TestNamingALegalBasis:
    @pytest.fixture
    def url(self, team):
        return reverse("legal_basis", args=[team.youth.pk, "health"])

    def typed(self, team, **fields):
        given = {"ground": ground_of(team).pk, "reason": "Nødvendigt", "expires_on": days(30)}
        return given | {"act": "name"} | fields

    def test_needs_the_persons_own_permission(self, team, leader, sign_in, url):
        for person in (team.school, team.caseworker, team.young):
            assert sign_in(person).post(url, self.typed(team)).status_code == 403
        assert sign_in(leader).post(url, self.typed(team)).status_code == 302
        assert LegalBasis.objects.get().decided_by == leader

    def test_ends_with_the_permission(self, team, leader, sign_in, url):
        client = sign_in(leader)
        assert client.get(url).status_code == 200
        membership = Membership.objects.get(user=leader)
        membership.may_override = False
        membership.save()
        assert client.get(url).status_code == 403

    def test_says_what_is_shown_to_whom(self, team, leader, sign_in, url):
        part = send(team, "health").sent_parts.get(section="health")
        html = page(sign_in(leader).get(url))
        assert part.title in html
        assert team.caseworker.name in html

    def test_says_what_is_missing(self, team, leader, sign_in, url):
        response = sign_in(leader).post(url, self.typed(team, reason=""))
        assert response.status_code == 422
        assert not LegalBasis.objects.exists()

    def test_too_long_is_refused_and_what_was_typed_stays(self, team, leader, sign_in, url):
        response = sign_in(leader).post(url, self.typed(team, expires_on=days(500)))
        assert response.status_code == 409
        assert "Nødvendigt" in page(response)

    def test_offers_only_the_programmes_grounds(self, team, other_team, leader, sign_in, url):
        response = sign_in(leader).post(url, self.typed(team, ground=ground_of(other_team).pk))
        assert response.status_code == 422

    def test_is_ended_there(self, team, leader, sign_in, url):
        name(team)
        client = sign_in(leader)
        assert "End the legal basis" in page(client.get(url))
        assert client.post(url, {"act": "end"}).status_code == 302
        assert why(team) == "unasked"
        assert client.post(url, {"act": "end"}).status_code == 409


def asked_for_a_yes(team) -> list[str]:
    return [what for what in whats(team.young) if "sharing" in what]


class TestWaiting:
    def test_the_school_asks_again_before_the_end(self, team):
        give(team, by=team.school, expires_on=days(31), **PAPER)
        assert whats(team.school) == [f"Write the handover of {team.youth.name}"]
        Consent.objects.get().withdraw(by=team.school)
        Consent.objects.create(
            youth=team.youth,
            organisation=team.partnership.municipality,
            section="health",
            text=ConsentText.objects.in_use(),
            recorded_by=team.young,
            expires_on=days(30),
        )
        asked = f"Ask {team.youth.name} again about sharing “Social and mental conditions”"
        assert asked in whats(User.objects.get(pk=team.school.pk))
        assert asked not in whats(team.caseworker)

    def test_the_school_decides_again_before_a_legal_basis_ends(self, team, leader):
        name(team, by=leader, expires_on=days(31))
        again = f"Decide again about sharing “Social and mental conditions” of {team.youth.name}"
        assert again not in whats(team.school)
        LegalBasis.objects.get().end(by=leader)
        name(team, by=leader, expires_on=days(30))
        assert again in whats(User.objects.get(pk=team.school.pk))
        assert again not in whats(team.caseworker)

    def test_the_young_person_is_asked_again_after_the_end(self, team, time_machine):
        send(team, "health")
        give(team)
        assert asked_for_a_yes(team) == []
        time_machine.move_to(timezone.now() + timedelta(days=400))
        assert len(asked_for_a_yes(team)) == 1

    def test_the_young_person_who_said_no_is_not_asked_again(self, team):
        send(team, "health")
        Consent.say_no(by=team.young, youth=team.youth, section="health")
        assert asked_for_a_yes(team) == []


@pytest.mark.ignore_template_errors
class TestAdministration:
    def test_adds_a_version_and_changes_none(self, sign_in):
        client = sign_in(UserFactory(is_staff=True, is_superuser=True))
        typed = {"purpose": "course", "text_da": "To", "text_en": "Two", "in_use_from": days(0)}
        assert client.post("/admin/youths/consenttext/add/", typed).status_code == 302
        assert ConsentText.objects.in_use().number == 2
        change = f"/admin/youths/consenttext/{ConsentText.objects.in_use().pk}/change/"
        assert client.get(change).status_code == 200
        assert client.post(change, typed).status_code == 403

    def test_is_not_for_others(self, team, sign_in):
        response = sign_in(team.school).get("/admin/youths/consenttext/", follow=True)
        assert response.status_code == 403
