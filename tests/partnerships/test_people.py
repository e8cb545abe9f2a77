"""People, organisations and memberships: what the database holds, and in which words it says no."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from partnerships.access import Role
from partnerships.models import Membership, Organisation, OutcomeClass, Phase, User
from tests.factories import (
    MembershipFactory,
    OrganisationFactory,
    PartnershipFactory,
    ProgrammeFactory,
    UserFactory,
    days,
    member,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def says_no(constraint, row, words):
    """The form's validation says it in words, and the database refuses it too."""
    with pytest.raises(ValidationError) as refusal:
        row.full_clean()
    assert words in [str(word) for word in refusal.value.messages]
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        type(row).objects.bulk_create([row])  # past save(), straight to the table


class TestPerson:
    def test_signs_in_with_an_address_in_small_letters(self):
        user = User.objects.create_user("Anna.Ærø@Skole.EXAMPLE", "et-langt-kodeord-her", name="A")
        assert user.email == "anna.ærø@skole.example"
        assert user.check_password("et-langt-kodeord-her")

    def test_with_an_address_that_is_here_in_other_letters_is_refused(self):
        UserFactory(email="anna@skole.example")
        with pytest.raises(ValidationError) as refusal:
            User(email="ANNA@skole.example", name="A", password="x").full_clean()
        assert refusal.value.message_dict == {
            "email": ["Somebody with this e-mail address is here already."]
        }
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create_user("ANNA@skole.example", name="A")

    def test_with_capitals_in_the_address_is_refused_by_the_database(self):
        with (
            pytest.raises(IntegrityError, match="an_email_is_in_small_letters"),
            transaction.atomic(),
        ):
            UserFactory(email="Anna@skole.example")

    def test_made_as_superuser_may_use_the_administration(self):
        user = User.objects.create_superuser("drift@skole.example", "et-langt-kodeord", name="D")
        assert user.is_staff
        assert user.is_superuser

    def test_has_a_first_name(self):
        assert UserFactory(name="Anna Maria Holm").get_short_name() == "Anna"
        assert UserFactory(name="Åse").get_full_name() == "Åse"

    def test_in_danish_order(self):
        for name in ("Zenia", "Åse", "Ærø", "Anna", "Ørsted", "Aage"):
            UserFactory(name=name)
        names = User.objects.order_by("name").values_list("name", flat=True)
        assert list(names) == ["Anna", "Zenia", "Ærø", "Ørsted", "Aage", "Åse"]


class TestOrganisation:
    def test_a_municipality_needs_its_code(self):
        says_no(
            "a_municipality_has_its_code",
            Organisation(kind="municipality", name="Læsø Kommune"),
            "A municipality needs its four-digit code.",
        )

    def test_an_employer_needs_its_cvr_number(self):
        says_no(
            "an_employer_has_a_cvr_number",
            Organisation(kind="employer", name="Café Ærø"),
            "An employer needs its CVR number, eight digits.",
        )

    def test_a_school_needs_neither(self):
        Organisation(kind="school", name="Skole").full_clean()

    def test_a_municipality_is_here_once(self):
        OrganisationFactory(municipality=True, municipality_code="0825")
        says_no(
            "one_organisation_per_municipality_code",
            Organisation(kind="municipality", name="Læsø", municipality_code="0825"),
            "This municipality is here already.",
        )

    def test_a_company_is_here_once(self):
        OrganisationFactory(employer=True, cvr="12345674")
        says_no(
            "one_organisation_per_cvr",
            Organisation(kind="employer", name="Café", cvr="12345674"),
            "A company with this CVR number is here already.",
        )

    @pytest.mark.parametrize("cvr", ["1234567", "123456789", "1234567a", "１２３４５６７８ "])
    def test_a_cvr_number_has_eight_digits(self, cvr):
        with pytest.raises(ValidationError) as refusal:
            Organisation(kind="employer", name="Café", cvr=cvr).full_clean()
        assert "cvr" in refusal.value.message_dict

    @pytest.mark.parametrize("code", ["12", "12345", "08a5"])
    def test_a_municipality_code_has_four_digits(self, code):
        with pytest.raises(ValidationError) as refusal:
            Organisation(kind="municipality", name="Læsø", municipality_code=code).full_clean()
        assert "municipality_code" in refusal.value.message_dict


BELONGS = (
    "School staff and caseworkers belong to a partnership; leadership, evaluators and "
    "administrators to a programme; employers and data controllers to neither."
)


class TestMembership:
    @pytest.mark.parametrize(
        ("role", "place"),
        [
            ("school", "programme"),
            ("school", None),
            ("caseworker", "programme"),
            ("caseworker", None),
            ("lead", "partnership"),
            ("lead", None),
            ("evaluator", "partnership"),
            ("admin", "partnership"),
            ("admin", None),
            ("employer", "partnership"),
            ("employer", "programme"),
            ("controller", "partnership"),
            ("controller", "programme"),
        ],
    )
    def test_of_a_role_where_it_does_not_act_is_refused(self, role, place):
        partnership = PartnershipFactory()
        places = {"partnership": partnership, "programme": partnership.programme}
        organisation = partnership.municipality if role == "caseworker" else partnership.school
        row = Membership(
            user=UserFactory(),
            role=role,
            organisation=organisation,
            **({place: places[place]} if place else {}),
        )
        says_no("a_role_belongs_where_it_acts", row, BELONGS)

    def test_both_in_a_partnership_and_a_programme_is_refused(self):
        partnership = PartnershipFactory()
        row = Membership(
            user=UserFactory(),
            role="school",
            organisation=partnership.school,
            partnership=partnership,
            programme=partnership.programme,
        )
        says_no("a_role_belongs_where_it_acts", row, BELONGS)

    def test_that_ends_before_it_starts_is_refused(self):
        partnership = PartnershipFactory()
        row = Membership(
            user=UserFactory(),
            role="school",
            organisation=partnership.school,
            partnership=partnership,
            starts_on=days(0),
            ends_on=days(-1),
        )
        says_no("a_membership_ends_after_it_starts", row, "The last day is before the first.")

    def test_for_a_single_day_is_allowed(self):
        partnership = PartnershipFactory()
        MembershipFactory(
            role="school",
            organisation=partnership.school,
            partnership=partnership,
            starts_on=days(0),
            ends_on=days(0),
        ).full_clean()

    @pytest.mark.parametrize(
        ("role", "side"), [("school", "municipality"), ("caseworker", "school")]
    )
    def test_for_the_other_side_of_the_partnership_is_refused(self, role, side):
        partnership = PartnershipFactory()
        row = Membership(
            user=UserFactory(),
            role=role,
            organisation=getattr(partnership, side),
            partnership=partnership,
        )
        with pytest.raises(ValidationError) as refusal:
            row.full_clean()
        assert refusal.value.message_dict == {
            "organisation": ["This organisation is not that side of the partnership."]
        }

    def test_of_yesterday_today_and_tomorrow(self, team):
        partnership = team.partnership
        place = {"role": "school", "organisation": partnership.school, "partnership": partnership}
        Membership.objects.all().delete()
        over = MembershipFactory(**place, ends_on=days(-1))
        last_day = MembershipFactory(**place, ends_on=days(0))
        first_day = MembershipFactory(**place, starts_on=days(0))
        to_come = MembershipFactory(**place, starts_on=days(1))
        may_not_sign_in = MembershipFactory(**place, user__is_active=False)
        assert set(Membership.objects.active()) == {last_day, first_day}
        assert set(Membership.objects.not_over()) == {
            last_day,
            first_day,
            to_come,
            may_not_sign_in,
        }
        assert over not in Membership.objects.not_over()


class TestProgramme:
    def test_that_ends_before_it_starts_is_refused(self):
        row = ProgrammeFactory.build(owner=OrganisationFactory(owner=True), ends_on=days(-800))
        says_no("a_programme_ends_after_it_starts", row, "The last day must come after the first.")

    def test_with_more_closer_than_referred_is_refused(self):
        row = ProgrammeFactory.build(
            owner=OrganisationFactory(owner=True), referred_target=40, closer_target=41
        )
        says_no("no_more_closer_than_referred", row, "No more can come closer than are referred.")

    def test_has_one_phase_and_one_outcome_class_in_each_place(self):
        programme = ProgrammeFactory()
        Phase.objects.create(programme=programme, position=1, name="Afklaring")
        OutcomeClass.objects.create(programme=programme, position=1, name="I job")
        says_no(
            "one_phase_in_each_place",
            Phase(programme=programme, position=1, name="Job"),
            "Another phase has this place.",
        )
        says_no(
            "one_outcome_class_in_each_place",
            OutcomeClass(programme=programme, position=1, name="I uddannelse"),
            "Another outcome class has this place.",
        )


def test_only_who_is_in_a_team_leads_one(db):
    partnership = PartnershipFactory()
    for role in (Role.LEAD, Role.ADMIN):
        row = member(partnership, role).memberships.get()
        row.pk, row.leads_team = None, True
        says_no("who_leads_a_team_is_in_one", row, "Only school staff and caseworkers lead a team.")
    for role in (Role.SCHOOL, Role.CASEWORKER):
        assert member(partnership, role, leads_team=True).memberships.get().leads_team
