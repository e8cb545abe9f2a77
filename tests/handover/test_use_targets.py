"""What an agreement of the first meeting, and an accommodation, rest on in the handover."""

import uuid

import pytest
from django.db import IntegrityError
from django.urls import reverse

from handover.models import (
    TARGETS,
    Accommodation,
    HandoverRefused,
    MeetingAgreement,
    PartnershipKnowledge,
    PartUse,
    profile_summary,
)
from partnerships.models import Narrowing
from tests.factories import PartFactory, goal_of
from tests.handover.test_meetings import by_school, held
from tests.handover.test_profiles import standing
from tests.handover.test_use import correct, queries, withdraw
from tests.handover.test_views import page
from youths.models import AccessEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WHAT = "Vise ruten på et kort"
SENTENCE = "Får ruten vist på et kort"


@pytest.fixture
def agreement(team):
    held(team, by_school(team, WHAT))
    return MeetingAgreement.objects.get()


@pytest.fixture
def need(team, agreement):
    """The support need that was sent."""
    return standing(team.youth.profile)


@pytest.fixture
def accommodation(team, need):
    """Written by the school beside the need: nothing that the receiver uses yet."""
    return Accommodation.add(by=team.school, youth=team.youth, part=need.part, text=SENTENCE)


def url(name, thing):
    return reverse(f"handover:{name}", args=[thing.pk])


def link(team, part, **target):
    return PartUse.make(by=team.caseworker, sent_part=part, **target)


def used(team):
    return profile_summary(team.caseworker, team.youth).meter[-1][1]


class TestEachTarget:
    @pytest.fixture
    def things(self, team, agreement, accommodation):
        return {
            "placement": team.placement,
            "goal": goal_of(team.youth, by=team.caseworker),
            "agreement": agreement,
            "accommodation": accommodation,
        }

    @pytest.mark.parametrize("kind", TARGETS)
    def test_is_linked_once_moves_the_meter_and_ripples(self, team, need, things, kind, sign_in):
        client = sign_in(team.caseworker)
        for _ in range(2):
            answer = client.post(url("use", need), {kind: things[kind].pk, "from": "target"})
            assert answer.status_code == 302
        use = PartUse.objects.with_target().get()
        assert (use.kind, answer.url, used(team)) == (kind, use.url, 1)
        received = page(client.get(url("received", team.youth)))
        assert use.url in received
        correct(team, need.part)
        received = page(client.get(url("received", team.youth)))
        assert use.target in received[received.index('id="check-again"') :]
        client.post(url("check_again", need), {"version": 2})
        assert PartUse.objects.with_flag().get().check_again is False
        assert used(team) == 1

    @pytest.mark.parametrize("kind", TARGETS)
    def test_is_for_the_job_centre_to_link_and_to_undo(self, team, need, things, kind, sign_in):
        use = link(team, need, **{kind: things[kind]})
        for user in (team.school, team.young):
            client = sign_in(user)
            assert client.post(url("use", need), {kind: things[kind].pk}).status_code == 403
            assert client.post(url("undo_use", use)).status_code == 403
        for user in (team.employer, team.lead):
            client = sign_in(user)
            assert client.post(url("use", need), {kind: things[kind].pk}).status_code == 404
            assert client.post(url("undo_use", use)).status_code == 404
        sign_in(team.caseworker).post(url("undo_use", use))
        assert not PartUse.objects.exists()

    @pytest.mark.parametrize("kind", TARGETS)
    def test_that_is_not_there_is_not_found(self, team, need, kind, sign_in):
        for wrong in (uuid.uuid4(), "", "x"):
            answer = sign_in(team.caseworker).post(url("use", need), {kind: wrong})
            assert answer.status_code == 404

    @pytest.mark.parametrize("two", [("goal", "agreement"), ("agreement", "accommodation")])
    def test_is_the_only_one(self, team, need, things, two):
        one, other = two
        use = link(team, need, **{one: things[one]})
        with pytest.raises(IntegrityError, match="a_use_has_exactly_one_target"):
            PartUse.objects.filter(pk=use.pk).update(**{other: things[other]})

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            ("agreement", "a_part_is_used_once_for_an_agreement"),
            ("accommodation", "a_part_is_used_once_for_an_accommodation"),
        ],
    )
    def test_has_a_part_once(self, team, need, things, kind, name):
        link(team, need, **{kind: things[kind]})
        with pytest.raises(IntegrityError, match=name):
            PartUse.objects.create(sent_part=need, made_by=team.caseworker, **{kind: things[kind]})


class TestAgreement:
    def test_shows_what_it_rests_on_to_the_three_and_nobody_else(
        self, team, other_team, agreement, need, sign_in
    ):
        link(team, need, agreement=agreement)
        there = url("agreement_parts", agreement)
        assert "/undo/" in page(sign_in(team.caseworker).get(there))
        for user in (team.school, team.young):
            body = page(sign_in(user).get(there))
            assert need.label in body
            assert "/use/" not in body
            assert "/undo/" not in body
        for user in (team.employer, team.lead, team.evaluator, other_team.caseworker):
            assert sign_in(user).get(there).status_code == 404

    def test_says_on_the_handover_and_the_case_how_many_and_what_to_check(
        self, team, agreement, need, sign_in
    ):
        client = sign_in(team.caseworker)
        received, case = url("received", team.youth), reverse("case", args=[team.youth.pk])
        assert "What it rests on in the handover" in page(client.get(received))
        assert "Rests on" not in page(client.get(case))
        link(team, need, agreement=agreement)
        for there in (received, case):
            assert "Rests on one part of the handover" in page(client.get(there))
        correct(team, need.part)
        body = page(client.get(case))
        assert "Check again" in body[body.index("Rests on one part") :]

    def test_of_another_case_is_refused(self, team, other_team, need, sign_in):
        held(other_team, by_school(other_team))
        other = MeetingAgreement.objects.exclude(meeting__profile__youth=team.youth).get()
        with pytest.raises(HandoverRefused, match="another young person"):
            link(team, need, agreement=other)
        answer = sign_in(team.caseworker).post(url("use", need), {"agreement": other.pk})
        assert answer.status_code == 404

    def test_goes_with_the_course_that_an_agreement_takes_away(
        self, team, agreement, need, sign_in
    ):
        link(team, need, agreement=agreement)
        Narrowing.objects.create(
            partnership=team.partnership, role="school", section="course", reason="x"
        )
        team.partnership.save()
        client = sign_in(team.school)
        assert client.get(url("agreement_parts", agreement)).status_code == 403
        body = page(client.get(url("received", team.youth)))
        assert WHAT not in body
        assert "In use" in body

    def test_reading_it_is_written_in_the_read_log(self, team, agreement, sign_in):
        sign_in(team.school).get(url("agreement_parts", agreement))
        assert AccessEvent.objects.get().codes[0] == "course"


class TestAccommodation:
    def write(self, client, team, need, text=SENTENCE):
        said = {"part": need.part_id, "text": text}
        assert client.post(url("accommodations", team.youth), said).status_code == 302
        return Accommodation.objects.get(youth=team.youth)

    def test_of_the_receiver_rests_on_its_need_from_its_writing(self, team, need, sign_in):
        made = self.write(sign_in(team.caseworker), team, need)
        use = PartUse.objects.get()
        assert (use.accommodation, use.sent_part, use.made_by) == (made, need, team.caseworker)
        assert used(team) == 1

    def test_of_the_school_does_not_until_the_receiver_says_so(self, team, need, sign_in):
        made = self.write(sign_in(team.school), team, need)
        assert not PartUse.objects.exists()
        here = url("accommodations", team.youth)
        for user, offered in ((team.school, False), (team.young, False), (team.caseworker, True)):
            assert (url("use", need) in page(sign_in(user).get(here))) is offered
        client = sign_in(team.caseworker)
        client.post(url("use", need), {"accommodation": made.pk, "from": "target"})
        body = page(client.get(here))
        assert url("use", need) not in body
        assert "In use" in body
        assert url("undo_use", PartUse.objects.get()) in body
        assert url("undo_use", PartUse.objects.get()) not in page(sign_in(team.young).get(here))

    def test_asks_to_be_checked_again_when_its_need_is_withdrawn(self, team, agreement, sign_in):
        profile = team.youth.profile
        more = PartFactory(profile=profile, section="support", written_by=team.school)
        profile.refresh_from_db()
        profile.send(by=team.school)
        need = more.sent.get()
        client = sign_in(team.caseworker)
        self.write(client, team, need)
        withdraw(team, more)
        body = page(client.get(url("accommodations", team.youth)))
        assert SENTENCE in body
        assert "Check again" in body
        client.post(url("check_again", need), {"version": profile.version + 1})
        assert "Check again" not in page(client.get(url("accommodations", team.youth)))

    def test_that_is_removed_takes_its_link_along(self, team, need, sign_in):
        client = sign_in(team.caseworker)
        made = self.write(client, team, need)
        PartnershipKnowledge.recompute(team.partnership.pk)
        said = {"act": "remove", "accommodation": made.pk}
        assert client.post(url("accommodations", team.youth), said).status_code == 302
        assert not PartUse.objects.exists()
        assert used(team) == 0
        assert PartnershipKnowledge.objects.get(partnership=team.partnership).stale_since

    def test_is_named_where_it_is_used_to_who_reads_the_job_profile(self, team, need, sign_in):
        self.write(sign_in(team.caseworker), team, need)
        for user in (team.caseworker, team.school, team.young):
            assert SENTENCE in page(sign_in(user).get(url("received", team.youth)))
        for user in (team.caseworker, team.school):
            assert "job_profile" in AccessEvent.objects.filter(user_id=user.pk).first().codes


class TestQueries:
    @pytest.mark.parametrize(
        ("name", "number"), [("accommodations", 10), ("received", 28), ("agreement_parts", 10)]
    )
    @pytest.mark.parametrize("rows", [1, 3])
    def test_are_the_same_for_three_as_for_one(self, team, sign_in, name, number, rows):
        held(team, *[by_school(team, f"Nr. {n}") for n in range(rows)])
        need = standing(team.youth.profile)
        for n, agreement in enumerate(MeetingAgreement.objects.all()):
            made = Accommodation.add(
                by=team.school, youth=team.youth, part=need.part, text=f"Nr. {n}"
            )
            link(team, need, agreement=agreement)
            link(team, need, accommodation=made)
        there = url(name, agreement if name == "agreement_parts" else team.youth)
        assert queries(sign_in(team.caseworker), there) == number
