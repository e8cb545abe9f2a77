"""The page of a young person's contact, the lines in the work list, and who only reads along."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from evaluation.models import PartnershipProgress
from partnerships.models import Membership, User
from tests.factories import UserFactory, World, YouthFactory, days, member
from tests.test_matrix import PATTERNS, ROUTES
from vivirkr.waiting import waiting_on
from youths.models import AccessEvent, Contact, ContactChange

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def page_of(youth):
    return reverse("youths:change_contact", args=[youth.pk])


def form(to, **fields):
    given = {"act": "ask", "to": to.pk, "note": "Ring før ti.", "overlap_until": days(9)}
    return given | fields


def ask(team, **fields):
    given = {
        "by": team.school,
        "youth": team.youth,
        "to": team.caseworker,
        "note": "Ring før ti.",
        "overlap_until": days(9),
    }
    return ContactChange.ask(**given | fields)


class TestPage:
    @pytest.mark.parametrize("role", ["school", "caseworker"])
    def test_both_sides_ask(self, team, sign_in, role):
        to = member(team.partnership, "caseworker")
        answer = sign_in(getattr(team, role)).post(page_of(team.youth), form(to))
        assert answer.status_code == 302
        change = team.youth.contact_changes.get()
        assert (change.to_person, change.asked_by) == (to, getattr(team, role))

    def test_the_young_person_sees_it_in_the_case_alone(self, team, sign_in):
        ask(team)
        young = sign_in(team.young)
        assert young.get(page_of(team.youth)).status_code == 403
        assert young.post(page_of(team.youth), form(team.caseworker)).status_code == 403
        User.objects.filter(pk=team.school.pk).update(phone="00 11 22 33")
        text = young.get(reverse("case", args=[team.youth.pk])).text
        assert "Your contact" in text
        assert team.school.name in text
        assert "tel:00 11 22 33" in text
        assert f"{team.caseworker.name} is your next contact" in text
        assert "Ring før ti" not in text

    @pytest.mark.parametrize("role", ["employer", "lead", "evaluator"])
    def test_nobody_else(self, team, sign_in, role):
        assert sign_in(getattr(team, role)).get(page_of(team.youth)).status_code == 404

    def test_an_outsider(self, team, other_team, sign_in):
        answer = sign_in(other_team.school).post(page_of(team.youth), form(team.caseworker))
        assert answer.status_code == 404

    def test_before_there_is_a_case(self, team, sign_in):
        proposed = YouthFactory(partnership=team.partnership, enrolled_on=None)
        assert sign_in(team.caseworker).get(page_of(proposed)).status_code == 404

    def test_reading_is_noted(self, team, sign_in):
        sign_in(team.school).get(page_of(team.youth))
        assert AccessEvent.objects.get().sections == "identity"

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"note": ""}, 422),
            ({"to": ""}, 422),
            ({"overlap_until": "i morgen"}, 422),
            ({"overlap_until": days(-1)}, 409),
        ],
    )
    def test_what_was_typed_stays(self, team, sign_in, fields, status):
        given = form(team.caseworker) | fields
        answer = sign_in(team.school).post(page_of(team.youth), given)
        assert answer.status_code == status
        assert given["note"] in answer.text
        assert not ContactChange.objects.exists()

    def test_somebody_else_has_asked_meanwhile(self, team, sign_in):
        ask(team)
        other, client = member(team.partnership, "school"), sign_in(team.school)
        answer = client.post(page_of(team.youth), form(other))
        assert answer.status_code == 409
        assert "Ring før ti." in answer.text
        change = team.youth.contact_changes.get()
        assert f'value="{change.pk}"' in answer.text  # now it has been read
        again = client.post(page_of(team.youth), form(other, instead_of=change.pk))
        assert again.status_code == 302
        assert team.youth.contact_changes.open().get().to_person == other

    def test_the_next_contact_says_when_they_met(self, team, sign_in):
        ask(team)
        client = sign_in(team.caseworker)
        assert "Ring før ti." in client.get(page_of(team.youth)).text
        bad = client.post(page_of(team.youth), {"act": "met", "met_on": days(1)})
        assert bad.status_code == 409
        assert client.post(page_of(team.youth), {"act": "met", "met_on": ""}).status_code == 422
        assert (
            client.post(page_of(team.youth), {"act": "met", "met_on": days(0)}).status_code == 302
        )
        assert team.youth.contacts.open().get().person == team.caseworker
        late = client.post(page_of(team.youth), {"act": "met", "met_on": days(0)})
        assert late.status_code == 409

    def test_nobody_else_says_so(self, team, sign_in):
        ask(team)
        answer = sign_in(team.school).post(page_of(team.youth), {"act": "met", "met_on": days(0)})
        assert answer.status_code == 403

    def test_who_asked_takes_it_back(self, team, sign_in):
        change = ask(team)
        other = sign_in(team.caseworker).post(page_of(team.youth), {"act": "withdraw"})
        assert other.status_code == 403
        client = sign_in(team.school)
        assert client.post(page_of(team.youth), {"act": "withdraw"}).status_code == 302
        assert client.post(page_of(team.youth), {"act": "withdraw"}).status_code == 409
        change.refresh_from_db()
        assert change.withdrawn_at is not None

    def test_who_has_left_the_course_has_a_history(self, team, sign_in):
        team.youth.left_on, team.youth.left_because = days(0), "moved"
        team.youth.save()
        answer = sign_in(team.school).get(page_of(team.youth))
        assert "The course is over" in answer.text
        assert team.school.name in answer.text
        assert "Ask to take over" not in answer.text

    @pytest.mark.parametrize("n", [1, 3])
    def test_as_many_queries_however_long_the_history(
        self, team, sign_in, django_assert_num_queries, n
    ):
        for ago in range(n):
            Contact.objects.create(
                youth=team.youth,
                person=UserFactory(),
                began_at=timezone.now() - timedelta(days=200 + 2 * ago),
                ended_at=timezone.now() - timedelta(days=199 + 2 * ago),
            )
        ask(team)
        client = sign_in(team.school)
        client.get(page_of(team.youth))
        with django_assert_num_queries(11):
            client.get(page_of(team.youth))


def lines(user, youth=None) -> list[str]:
    return [row.what for row in waiting_on(user, youth) if "contact" in row.url]


class TestWorkList:
    def test_the_next_contact_and_nobody_else_at_first(self, team):
        ask(team)
        [row] = [row for row in waiting_on(team.caseworker) if "contact" in row.url]
        assert row.what == f"Meet {team.youth.name} and take over as contact"
        assert (row.due_on, row.is_late) == (days(9), False)
        assert lines(team.caseworker, team.youth) == [row.what]
        assert lines(team.school) == []

    def test_both_sides_are_told_when_it_takes_long(self, team):
        other = member(team.partnership, "caseworker")
        ask(team)
        ContactChange.objects.update(asked_at=timezone.now() - timedelta(days=15))
        told = [f"See to it that {team.youth.name} meets the next contact"]
        assert lines(team.school) == lines(other) == told
        assert len(lines(team.caseworker)) == 1  # the own line

    def test_the_contact_leaves(self, team, other_team):
        Membership.objects.filter(user=team.school).update(ends_on=days(3))
        told = [f"Name the next contact of {team.youth.name}"]
        assert lines(team.school) == lines(team.caseworker) == told
        assert lines(other_team.school) == lines(team.young) == []

    def test_no_mail_gets_through(self, team):
        User.objects.filter(pk=team.school.pk).update(refused_address=team.school.email)
        assert lines(team.caseworker) == [
            f"See to it that the contact of {team.youth.name} can be reached"
        ]

    def test_passed_on_without_a_meeting(self, team):
        ask(team)
        Membership.objects.filter(user=team.school).update(ends_on=days(-1))
        ContactChange.pass_overdue()
        other = member(team.partnership, "school")
        assert lines(other) == [f"See to it that {team.youth.name} meets the new contact"]
        assert lines(team.caseworker) == [f"Meet {team.youth.name} and take over as contact"]
        team.youth.contact_changes.get().record_meeting(by=team.caseworker, on=days(0))
        assert lines(other) == lines(team.caseworker) == []

    @pytest.mark.parametrize("n", [1, 3])
    def test_as_many_queries_however_many(self, team, django_assert_num_queries, n):
        youths = [team.youth, *YouthFactory.create_batch(n - 1, partnership=team.partnership)]
        for youth in youths:
            ask(team, youth=youth)
        ContactChange.objects.update(asked_at=timezone.now() - timedelta(days=15))
        user = User.objects.get(pk=team.school.pk)
        with django_assert_num_queries(26):
            assert len([row for row in waiting_on(user) if "contact" in row.url]) == n


class TestLeadership:
    def test_counts_alone(self, team, sign_in):
        Membership.objects.filter(user=team.school).update(ends_on=days(3))
        PartnershipProgress.recompute(team.partnership.pk)
        page = reverse("evaluation:attention", args=[team.programme.pk])
        text = sign_in(team.lead).get(page).text
        assert "The contact leaves, and nobody is named: 1" in text
        assert team.youth.name not in text
        assert team.school.name not in text


class TestWhoReadsAlong:
    """After the last day, while somebody else takes over: every page, and no form."""

    OWN = {"youths:printed"}  # notes that a page was printed: reading, and no writing

    @pytest.fixture
    def world(self, db):
        made = World()
        for user in (made.school, made.caseworker):
            user.memberships.update(ends_on=days(-1), reads_until=days(5))
        return made

    @pytest.mark.parametrize("role", ["school", "caseworker"])
    def test_writes_nothing_of_a_young_person(self, world, sign_in, role):
        client, checked = sign_in(getattr(world, role)), 0
        for name, route in ROUTES.items():
            if "youth_id" not in PATTERNS[name].pattern.converters:
                continue
            if "post" not in route.methods or name in self.OWN:
                continue
            url = reverse(name, kwargs=world.kwargs(PATTERNS[name]))
            assert client.post(url).status_code == 403, name
            checked += 1
        assert checked > 20

    @pytest.mark.parametrize("role", ["school", "caseworker"])
    def test_still_reads(self, world, sign_in, role):
        client = sign_in(getattr(world, role))
        for name in (
            "case",
            "youths:words",
            "youths:goals",
            "youths:sharing",
            "youths:readers",
            "youths:change_contact",
            "handover:received",
            "evaluation:ratings",
        ):
            assert client.get(reverse(name, args=[world.youth.pk])).status_code == 200, name
        assert "You read along until" in client.get("/").text

    def test_nothing_waits_and_no_mail_goes(self, world):
        user = User.objects.get(pk=world.school.pk)
        assert waiting_on(user) == waiting_on(user, world.youth) == []
        assert not world.partnership.memberships.active().filter(user=user).exists()

    def test_until_the_day(self, world, sign_in, time_machine):
        time_machine.move_to(timezone.now() + timedelta(days=6))
        client = sign_in(world.school)
        assert client.get(reverse("case", args=[world.youth.pk])).status_code == 404

    def test_deactivated_reads_nothing(self, world, sign_in):
        client = sign_in(world.school)
        User.objects.filter(pk=world.school.pk).update(is_active=False)
        assert client.get(reverse("case", args=[world.youth.pk])).status_code == 302
