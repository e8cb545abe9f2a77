"""Referral: places under a lock, every step and every step that is refused."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from partnerships.access import Role
from tests.factories import PartnershipFactory, Team, YouthFactory, days, member
from youths.models import (
    NotSigned,
    PartnershipFull,
    Referral,
    ReferralRefused,
    ReferredAlready,
    Youth,
)

pytestmark = pytest.mark.django_db

PERSON = {"name": "Ægir Ømand", "birth_date": days(-7000), "stu_ends_on": days(300)}


def propose(team, name="Ægir Ømand"):
    person = {**PERSON, "name": name}
    return Referral.propose(
        by=team.caseworker, partnership=team.partnership, reason="Vil i gang", **person
    )


@pytest.fixture
def referral(team):
    return propose(team)


class TestPropose:
    def test_makes_a_youth_with_a_code_and_no_case_yet(self, team, referral):
        youth = referral.youth
        assert youth.code.startswith("VVR-")
        assert youth.enrolled_on is None
        assert not Youth.objects.referred().filter(pk=youth.pk).exists()

    @pytest.mark.parametrize("status", ["draft", "negotiating"])
    def test_only_into_a_signed_partnership(self, team, status):
        unsigned = PartnershipFactory(programme=team.programme, status=status)
        with pytest.raises(NotSigned):
            Referral.propose(by=team.caseworker, partnership=unsigned, reason="x", **PERSON)
        assert not Youth.objects.filter(partnership=unsigned).exists()

    def test_the_one_too_many_is_refused_and_nothing_is_left_behind(self, team):
        team.partnership.places = 2
        team.partnership.save()
        propose(team)
        with pytest.raises(PartnershipFull, match="2"):
            propose(team, "En Anden")
        assert Youth.objects.filter(partnership=team.partnership).count() == 2

    def test_an_open_referral_keeps_its_place_and_a_declined_one_frees_it(self, team):
        team.partnership.places = 2
        team.partnership.save()
        first = propose(team)
        first.return_for_completion(by=team.school, answer="Mere")
        with pytest.raises(PartnershipFull):
            propose(team, "En Anden")
        first.resubmit(by=team.caseworker, reason="Mere")
        first.decline(by=team.school, declined_because="not_now", answer="")
        assert propose(team, "En Anden").status == "proposed"

    def test_no_youth_has_two_places(self, team):
        with pytest.raises(IntegrityError, match="one_place_per_youth"), transaction.atomic():
            Referral.objects.create(
                youth=team.youth,
                partnership=team.partnership,
                reason="x",
                proposed_by=team.caseworker,
            )


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_for_the_last_place_one_is_refused(at_once):
    team = Team()
    team.partnership.places = 2
    team.partnership.save()
    results = at_once(lambda: propose(team, "Den Ene"), lambda: propose(team, "Den Anden"))
    assert sorted(type(result).__name__ for result in results) == ["PartnershipFull", "Referral"]
    assert Youth.objects.filter(partnership=team.partnership).count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_form_twice_at_the_same_moment_refers_once(at_once):
    team = Team()
    results = at_once(*[lambda: propose(team)] * 2)
    assert sorted(type(result).__name__ for result in results) == ["Referral", "ReferredAlready"]


@pytest.mark.django_db(transaction=True)
def test_of_accepting_and_withdrawing_at_the_same_moment_one_stands(at_once):
    team = Team()
    made = propose(team)
    results = at_once(
        lambda: Referral.objects.get(pk=made.pk).accept(by=team.school),
        lambda: Referral.objects.get(pk=made.pk).withdraw(by=team.caseworker),
    )
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "ReferralRefused"]
    accepted = Referral.objects.get(pk=made.pk).status == "accepted"
    youth = Youth.objects.get(pk=made.youth_id)
    assert (youth.enrolled_on is not None) is accepted
    assert (youth.partnership is not None) is accepted


class TestTwice:
    def test_the_same_young_person_is_refused(self, team, referral):
        with pytest.raises(ReferredAlready):
            propose(team, "ægir ømand")
        assert Youth.objects.filter(name__iexact="Ægir Ømand").count() == 1

    def test_a_namesake_born_another_day_is_somebody_else(self, team, referral):
        other = {**PERSON, "birth_date": days(-7001)}
        made = Referral.propose(
            by=team.caseworker, partnership=team.partnership, reason="x", **other
        )
        assert made.youth.code != referral.youth.code

    @pytest.mark.parametrize("step", ["decline", "withdraw"])
    def test_after_a_no_or_a_withdrawal_it_is_possible_again(self, team, referral, step):
        if step == "decline":
            referral.decline(by=team.school, declined_because="not_now", answer="")
        else:
            referral.withdraw(by=team.caseworker)
        assert propose(team).status == "proposed"

    def test_what_another_partnership_has_is_not_told(self, team, other_team, referral):
        assert propose(other_team).status == "proposed"


def test_the_eleventh_of_ten_is_refused_in_words(team, english):
    YouthFactory.create_batch(9, partnership=team.partnership)
    with pytest.raises(PartnershipFull) as refusal:
        propose(team)
    assert str(refusal.value) == "All 10 places are taken or reserved. Nobody was referred."


def test_being_school_staff_elsewhere_hides_nothing_here(team, other_team, referral):
    """Rights come from the relation, never from a union."""
    referral.decline(by=team.school, declined_because="not_now", answer="")
    theirs = propose(other_team)
    theirs.decline(by=other_team.school, declined_because="not_now", answer="")
    team.caseworker.memberships.create(
        role="school",
        organisation=other_team.partnership.school,
        partnership=other_team.partnership,
    )
    seen = Referral.objects.visible_to(team.caseworker)
    assert referral in seen
    assert theirs not in seen


class TestAnswer:
    def test_accepting_opens_the_case_in_the_first_phase(self, team, referral):
        referral.accept(by=team.school)
        youth = Youth.objects.referred().get(pk=referral.youth_id)
        assert youth.enrolled_on == days(0)
        assert youth.phase == team.phase
        assert (referral.decided_by, referral.status) == (team.school, "accepted")

    def test_declining_ends_the_schools_sight_and_keeps_the_municipalitys(self, team, referral):
        referral.decline(by=team.school, declined_because="not_now", answer="Senere")
        assert not Referral.objects.visible_to(team.school).filter(pk=referral.pk).exists()
        assert Referral.objects.visible_to(team.caseworker).filter(pk=referral.pk).exists()
        for person in (team.school, team.caseworker):
            assert not Youth.objects.visible_to(person).filter(pk=referral.youth_id).exists()

    def test_withdrawing_is_possible_until_it_is_answered(self, team, referral):
        referral.return_for_completion(by=team.school, answer="Mere")
        referral.withdraw(by=team.caseworker)
        assert Referral.objects.get(pk=referral.pk).status == "withdrawn"

    STEPS = {
        "accept": {},
        "return_for_completion": {"answer": "Mere"},
        "resubmit": {"reason": "Mere"},
        "decline": {"declined_because": "other", "answer": "Nej"},
        "withdraw": {},
    }
    ALLOWED = {
        "proposed": {"accept", "return_for_completion", "decline", "withdraw"},
        "returned": {"resubmit", "withdraw"},
        "accepted": set(),
        "declined": set(),
        "withdrawn": set(),
    }

    @pytest.mark.parametrize("status", ALLOWED)
    @pytest.mark.parametrize("step", STEPS)
    def test_a_step_is_taken_only_from_where_it_leads(self, team, referral, status, step):
        Referral.objects.filter(pk=referral.pk).update(
            status=status, decided_at=referral.proposed_at, declined_because="other"
        )
        take = getattr(referral, step)
        by = team.caseworker if step in ("resubmit", "withdraw") else team.school
        if step in self.ALLOWED[status]:
            take(by=by, **self.STEPS[step])
            assert Referral.objects.get(pk=referral.pk).status != status
        else:
            with pytest.raises(ReferralRefused):
                take(by=by, **self.STEPS[step])
            assert Referral.objects.get(pk=referral.pk).status == status


class TestPage:
    def url(self, referral):
        return reverse("youths:referral", args=[referral.pk])

    def test_the_school_accepts_and_goes_on_to_the_case(self, team, referral, sign_in):
        response = sign_in(team.school).post(
            self.url(referral), {"act": "answer", "decision": "accept"}
        )
        assert response.url == reverse("case", args=[referral.youth_id])
        assert Youth.objects.referred().filter(pk=referral.youth_id).exists()

    def test_a_second_click_changes_nothing_and_says_so(self, team, referral, sign_in, english):
        client = sign_in(team.school)
        data = {"act": "answer", "decision": "accept"}
        client.post(self.url(referral), data)
        again = client.post(self.url(referral), data)
        assert again.status_code == 409
        assert "has been answered meanwhile" in again.content.decode()

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({"decision": "decline"}, "Say why the referral is declined."),
            ({"decision": "return"}, "Say what is missing."),
            ({}, "This field is required."),
            ({"decision": "eat"}, "eat is not one of the available choices"),
            ({"decision": "return", "answer": "x" * 2001}, "at most 2000 characters"),
            ({"decision": "return", "answer": "a\x00b"}, "Null characters are not allowed."),
        ],
    )
    def test_a_bad_answer_is_said_at_the_field(
        self, team, referral, sign_in, english, data, message
    ):
        response = sign_in(team.school).post(self.url(referral), {"act": "answer", **data})
        assert response.status_code == 422
        assert message in response.content.decode()
        assert Referral.objects.get(pk=referral.pk).status == "proposed"

    def test_each_side_does_only_its_own(self, team, referral, sign_in):
        for person, act in (
            (team.school, "withdraw"),
            (team.school, "resubmit"),
            (team.caseworker, "answer"),
            (team.caseworker, "nonsense"),
        ):
            response = sign_in(person).post(
                self.url(referral), {"act": act, "decision": "accept", "reason": "x"}
            )
            assert response.status_code == 403
        assert Referral.objects.get(pk=referral.pk).status == "proposed"

    def test_the_municipality_completes_and_withdraws(self, team, referral, sign_in):
        client = sign_in(team.caseworker)
        referral.return_for_completion(by=team.school, answer="Mere")
        client.post(self.url(referral), {"act": "resubmit", "reason": "Hele historien"})
        referral.refresh_from_db()
        assert (referral.status, referral.reason) == ("proposed", "Hele historien")
        client.post(self.url(referral), {"act": "withdraw"})
        referral.refresh_from_db()
        assert referral.status == "withdrawn"
        assert client.get(self.url(referral)).status_code == 200

    def test_another_teams_referral_is_not_found(self, team, referral, other_team, sign_in):
        for person in other_team.people().values():
            assert sign_in(person).get(self.url(referral)).status_code == 404
        elsewhere = PartnershipFactory(signed=True, programme=team.programme)
        colleague = member(elsewhere, Role.SCHOOL)
        assert sign_in(colleague).get(self.url(referral)).status_code == 404
        assert YouthFactory._meta.model.objects.filter(pk=referral.youth_id).exists()
