"""The partnership: its steps, what the database holds of it, two at the same moment."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from partnerships.access import Role
from partnerships.models import AgreementRefused, Partnership
from tests.factories import OrganisationFactory, PartnershipFactory, UserFactory, days, member
from tests.partnerships.test_people import says_no

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

OVERLAP = "These two have a signed partnership in this period already."
CONSTRAINT = "one_signed_partnership_of_a_pair_at_a_time"


def again(first, **changed):
    """Another signed partnership of the same pair, not saved."""
    same = {name: getattr(first, name) for name in ("programme", "school", "municipality")}
    period = {"starts_on": first.starts_on, "ends_on": first.ends_on}
    signed = {"status": "signed", **dict.fromkeys(SIGNATURES, timezone.now())}
    return Partnership(**(same | period | signed | changed))


SIGNATURES = ("school_signed_at", "municipality_signed_at")


def negotiating(**fields):
    return PartnershipFactory(status="negotiating", **fields)


class TestOneSignedPartnershipOfAPair:
    @pytest.fixture
    def first(self):
        return PartnershipFactory(signed=True, starts_on=days(-100), ends_on=days(100))

    @pytest.mark.parametrize(
        ("starts", "ends"), [(-100, 100), (-50, 50), (-200, 200), (100, 200), (-200, -100)]
    )
    def test_at_a_time(self, first, starts, ends):
        says_no(CONSTRAINT, again(first, starts_on=days(starts), ends_on=days(ends)), OVERLAP)

    @pytest.mark.parametrize(("starts", "ends"), [(101, 200), (-200, -101)])
    def test_then_the_next(self, first, starts, ends):
        row = again(first, starts_on=days(starts), ends_on=days(ends))
        row.full_clean()
        row.save()

    def test_another_programme_is_another_matter(self, first):
        row = again(first, programme=PartnershipFactory().programme)
        row.full_clean()
        row.save()

    def test_another_school_or_municipality_is_another_pair(self, first):
        for other in (
            {"school": OrganisationFactory()},
            {"municipality": OrganisationFactory(municipality=True)},
        ):
            row = again(first, **other)
            row.full_clean()
            row.save()

    @pytest.mark.parametrize("status", ["draft", "negotiating", "ended"])
    def test_unless_the_other_is_not_in_force(self, first, status):
        row = again(first, status=status)
        row.full_clean()
        row.save()


class TestWhatTheDatabaseHolds:
    @pytest.mark.parametrize("status", ["signed", "ended"])
    @pytest.mark.parametrize("missing", SIGNATURES)
    def test_signed_needs_both_signatures(self, status, missing):
        row = again(PartnershipFactory(), status=status, **{missing: None})
        says_no("a_signed_partnership_has_both_signatures", row, "Both parties must have signed.")

    def test_it_ends_after_it_starts(self):
        row = again(PartnershipFactory(), starts_on=days(0), ends_on=days(0))
        says_no(
            "a_partnership_ends_after_it_starts", row, "The last day must come after the first."
        )

    def test_it_has_places(self):
        row = again(PartnershipFactory(), places=0)
        with pytest.raises(ValidationError) as refusal:
            row.full_clean()
        assert list(refusal.value.message_dict) == ["places"]
        with pytest.raises(IntegrityError, match="a_partnership_has_places"), transaction.atomic():
            row.save()

    def test_each_side_is_of_its_kind(self):
        school, municipality = OrganisationFactory(), OrganisationFactory(municipality=True)
        row = again(PartnershipFactory(), school=municipality, municipality=school)
        with pytest.raises(ValidationError) as refusal:
            row.full_clean()
        assert "school" in refusal.value.message_dict


class TestOpenNegotiation:
    def test_of_a_draft(self):
        partnership = PartnershipFactory()
        partnership.open_negotiation(by=UserFactory())
        assert partnership.status == "negotiating"
        partnership.refresh_from_db()
        assert partnership.status == "negotiating"

    @pytest.mark.parametrize("status", ["negotiating", "signed", "ended"])
    def test_of_anything_else_is_refused(self, status):
        partnership = PartnershipFactory(signed=True, status=status)
        with pytest.raises(AgreementRefused, match="Only a draft can be opened for signing"):
            partnership.open_negotiation(by=UserFactory())
        partnership.refresh_from_db()
        assert partnership.status == status


class TestSign:
    def test_first_waits_for_the_other_then_both_make_it_signed(self):
        partnership = negotiating()
        school = member(partnership, Role.SCHOOL)
        caseworker = member(partnership, Role.CASEWORKER)
        partnership.sign(by=school, side="school")
        assert (partnership.status, partnership.school_signed_by) == ("negotiating", school)
        assert partnership.municipality_signed_at is None
        partnership.sign(by=caseworker, side="municipality")
        assert (partnership.status, partnership.municipality_signed_by) == ("signed", caseworker)
        assert timezone.now() - partnership.municipality_signed_at < timedelta(minutes=1)

    def test_twice_for_one_side_is_refused_and_changes_nothing(self):
        partnership = negotiating()
        school = member(partnership, Role.SCHOOL)
        partnership.sign(by=school, side="school")
        signed_at = partnership.school_signed_at
        with pytest.raises(AgreementRefused, match="Your side has signed already"):
            partnership.sign(by=UserFactory(), side="school")
        partnership.refresh_from_db()
        assert (partnership.school_signed_at, partnership.school_signed_by) == (signed_at, school)

    @pytest.mark.parametrize("status", ["draft", "signed", "ended"])
    def test_what_is_not_open_is_refused(self, status):
        partnership = PartnershipFactory(signed=True, status=status)
        with pytest.raises(AgreementRefused, match="The agreement is not open for signing"):
            partnership.sign(by=UserFactory(), side="school")

    def test_while_another_of_the_pair_is_in_force_is_refused_in_words(self):
        first = PartnershipFactory(signed=True)
        second = again(first, status="negotiating", municipality_signed_at=None)
        second.save()
        with pytest.raises(AgreementRefused, match=OVERLAP):
            second.sign(by=UserFactory(), side="municipality")
        second.refresh_from_db()
        assert (second.status, second.municipality_signed_at) == ("negotiating", None)


class TestEnd:
    def test_of_a_signed_one(self):
        partnership = PartnershipFactory(signed=True)
        partnership.end(by=UserFactory())
        assert partnership.status == "ended"

    @pytest.mark.parametrize("status", ["draft", "negotiating", "ended"])
    def test_of_anything_else_is_refused(self, status):
        partnership = PartnershipFactory(signed=True, status=status)
        with pytest.raises(AgreementRefused, match="Only a signed partnership can be ended"):
            partnership.end(by=UserFactory())


class TestSideOf:
    def test_a_person(self, team, other_team):
        assert team.partnership.side_of(team.school) == "school"
        assert team.partnership.side_of(team.caseworker) == "municipality"
        for outsider in (team.lead, team.evaluator, team.young, team.employer, other_team.school):
            assert team.partnership.side_of(outsider) is None

    def test_nobody_signs_an_ended_one(self, team):
        team.partnership.end(by=team.lead)
        assert team.partnership.side_of(team.school) is None


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_both_sides_sign_and_it_is_signed(self, at_once):
        partnership = negotiating()
        people = UserFactory.create_batch(2)
        done = at_once(
            lambda: Partnership.objects.get(pk=partnership.pk).sign(by=people[0], side="school"),
            lambda: Partnership.objects.get(pk=partnership.pk).sign(
                by=people[1], side="municipality"
            ),
        )
        assert done == [None, None]
        partnership.refresh_from_db()
        assert partnership.status == "signed"
        assert partnership.school_signed_by == people[0]
        assert partnership.municipality_signed_by == people[1]

    def test_one_side_signs_twice_and_counts_once(self, at_once):
        partnership = negotiating()
        person = UserFactory()
        done = at_once(
            *[lambda: Partnership.objects.get(pk=partnership.pk).sign(by=person, side="school")] * 2
        )
        assert sorted(type(result) for result in done if result is not None) == [AgreementRefused]

    def test_two_overlapping_ones_of_a_pair_are_signed_and_one_is_refused(self, at_once):
        first = negotiating(school_signed_at=timezone.now())
        second = again(first, status="negotiating", municipality_signed_at=None)
        second.save()
        person = UserFactory()
        done = at_once(
            lambda: first.sign(by=person, side="municipality"),
            lambda: second.sign(by=person, side="municipality"),
        )
        refusals = [result for result in done if result is not None]
        assert [type(refusal) for refusal in refusals] == [AgreementRefused]
        assert Partnership.objects.filter(status="signed").count() == 1


def test_bulk_writing_past_the_forms_is_still_refused_by_the_database():
    partnership = PartnershipFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Partnership.objects.filter(pk=partnership.pk).update(status="signed")
