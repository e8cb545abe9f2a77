"""What became of a part: opened, acknowledged, used; checked again after a change; counted."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.db.models import ForeignKey
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from handover.models import (
    HandoverProfile,
    HandoverRefused,
    HandoverVersion,
    NotDisclosed,
    PartAnswer,
    PartCheck,
    PartnershipKnowledge,
    PartOpening,
    PartUse,
    Stage,
    profile_summary,
)
from handover.tasks import recount_knowledge, sweep_knowledge
from partnerships.models import User
from tests.factories import PartFactory, PlacementFactory, YouthFactory, member
from tests.handover.test_profiles import complete, sent, standing
from youths.models import AccessEvent, Consent

pytestmark = pytest.mark.django_db


def stages(profile):
    rows = profile.sent_parts.current().with_stage().values_list("section", "stage")
    return {section: Stage(stage).label for section, stage in rows}


def counts(partnership):
    row = PartnershipKnowledge.recompute(partnership.pk)
    return {name: getattr(row, name) for name in PartnershipKnowledge.FIELDS}


def correct(team, part, text="Rettet"):
    """A new version in which a part says something else."""
    part.refresh_from_db()
    part.write(by=team.school, revision=part.revision, text=text)
    part.profile.refresh_from_db()
    part.profile.send(by=team.school)


def withdraw(team, part):
    part.refresh_from_db()
    part.remove(by=team.school, revision=part.revision)
    part.profile.refresh_from_db()
    part.profile.send(by=team.school)


def with_two(team, section="support"):
    """A sent profile with two parts in a section, so that one can go; the first of them."""
    profile = complete(team)
    PartFactory(profile=profile, section=section, written_by=team.school)
    profile.send(by=team.school)
    return profile.sent_parts.filter(section=section).first()


def link(team, sent_part, placement=None):
    return PartUse.make(
        by=team.caseworker, sent_part=sent_part, placement=placement or team.placement
    )


class TestStages:
    def test_each_step_holds_the_ones_before(self, team):
        profile = sent(team)
        PartOpening.note([standing(profile, "direction")], team.youth)
        standing(profile, "competences").answer(by=team.caseworker, kind="understood")
        link(team, standing(profile, "support"))  # neither opened nor answered
        assert stages(profile) == {
            "direction": "Opened",
            "competences": "Acknowledged",
            "support": "Used",
        }
        summary = profile_summary(team.caseworker, team.youth)
        assert [(str(step), n) for step, n in summary.meter] == [
            ("Delivered", 3),
            ("Opened", 3),
            ("Acknowledged", 2),
            ("Used", 1),
        ]

    def test_a_question_was_read_and_is_no_acknowledgement(self, team):
        profile = sent(team)
        standing(profile).answer(by=team.caseworker, kind="question", text="?")
        assert stages(profile)["support"] == "Opened"

    def test_the_newest_answer_counts(self, team):
        profile = sent(team)
        standing(profile).answer(by=team.caseworker, kind="understood")
        standing(profile).answer(by=team.caseworker, kind="cannot_use", text="Nej")
        assert stages(profile)["support"] == "Opened"

    def test_a_corrected_part_begins_again(self, team):
        profile = sent(team)
        link(team, standing(profile))
        correct(team, profile.parts.get(section="support"))
        assert stages(profile)["support"] == "Delivered"

    def test_what_is_held_back_is_not_delivered(self, team):
        sent(team, "health")
        assert profile_summary(team.school, team.youth).meter[0][1] == 3
        Consent.give(by=team.young, youth=team.youth, section="health")
        assert profile_summary(team.school, team.youth).meter[0][1] == 4


class TestOpening:
    def tell(self, sign_in, user, youth, *parts, **data):
        data = data or {"part": [str(getattr(part, "pk", part)) for part in parts]}
        return sign_in(user).post(reverse("handover:opened", args=[youth.pk]), data)

    def test_is_noted_once_and_of_the_document_alone(self, team, sign_in):
        part = standing(sent(team))
        for user in (team.caseworker, member(team.partnership, "caseworker")):
            assert self.tell(sign_in, user, team.youth, part, part).status_code == 204
        noted = PartOpening.objects.get()
        assert (noted.sent_part_id, noted.organisation) == (part.pk, team.partnership.municipality)
        people = [
            field
            for field in PartOpening._meta.get_fields()
            if isinstance(field, ForeignKey) and field.related_model is User
        ]
        assert people == []

    @pytest.mark.parametrize("role", ["school", "young"])
    def test_is_not_noted_of_who_does_not_receive(self, team, sign_in, role):
        part = standing(sent(team))
        response = self.tell(sign_in, getattr(team, role), team.youth, part)
        assert response.status_code == 403
        assert not PartOpening.objects.exists()

    def test_of_an_outsider_is_not_found(self, team, other_team, sign_in):
        part = standing(sent(team))
        assert self.tell(sign_in, other_team.caseworker, team.youth, part).status_code == 404

    def test_ids_of_others_and_ids_that_are_none_say_nothing(self, team, other_team, sign_in):
        sent(team, "health")
        held = standing(team.youth.profile, "health")
        ids = [held, standing(sent(other_team)), "x", "", "0" * 40]
        assert self.tell(sign_in, team.caseworker, team.youth, *ids).status_code == 204
        assert not PartOpening.objects.exists()

    def test_a_section_alone_needs_no_script(self, team, sign_in):
        profile = sent(team)
        response = self.tell(sign_in, team.caseworker, team.youth, section="support")
        url = f"{reverse('handover:received', args=[team.youth.pk])}?section=support"
        assert (response.status_code, response.url) == (302, url)
        assert stages(profile) == {
            "direction": "Delivered",
            "competences": "Delivered",
            "support": "Opened",
        }

    def test_a_section_that_is_none_is_not_found(self, team, sign_in):
        sent(team)
        response = self.tell(sign_in, team.caseworker, team.youth, section="cpr")
        assert response.status_code == 404

    def test_the_page_of_a_section_shows_that_one_and_logs_it(self, team, sign_in):
        profile = sent(team)
        url = reverse("handover:received", args=[team.youth.pk])
        body = sign_in(team.caseworker).get(f"{url}?section=support").content.decode()
        assert standing(profile, "support").label in body
        assert standing(profile, "competences").label not in body
        noted = AccessEvent.objects.filter(user_id=team.caseworker.pk).first()
        assert noted.codes == ["identity", "support"]

    def test_the_page_watches_what_the_receiver_has_not_seen(self, team, sign_in):
        profile = sent(team)
        url = reverse("handover:received", args=[team.youth.pk])
        PartOpening.note([standing(profile)], team.youth)
        for user, watched in ((team.caseworker, 2), (team.school, 0), (team.young, 0)):
            body = sign_in(user).get(url).content.decode()
            assert body.count("data-opened=") == watched


class TestUse:
    def test_twice_is_once(self, team):
        part = standing(sent(team))
        assert link(team, part) == link(team, part)
        assert PartUse.objects.count() == 1

    def test_has_a_target(self, team):
        part = standing(sent(team))
        with pytest.raises(IntegrityError, match="a_use_has_exactly_one_target"):
            PartUse.objects.create(sent_part=part, made_by=team.caseworker)

    def test_of_a_part_that_was_replaced_is_refused(self, team):
        profile = sent(team)
        old = standing(profile)
        correct(team, profile.parts.get(section="support"))
        with pytest.raises(HandoverRefused, match="newer version"):
            link(team, old)

    def test_of_another_youths_placement_is_refused(self, team, other_team):
        with pytest.raises(HandoverRefused, match="another young person"):
            link(team, standing(sent(team)), other_team.placement)

    def test_of_what_is_held_back_is_refused(self, team):
        sent(team, "health")
        with pytest.raises(NotDisclosed):
            link(team, standing(team.youth.profile, "health"))

    def test_is_made_and_undone_in_one_press_each(self, team, sign_in):
        part, client = standing(sent(team)), sign_in(team.caseworker)
        url = reverse("handover:use", args=[part.pk])
        assert client.post(url, {"placement": team.placement.pk}).status_code == 302
        page = reverse("handover:placement_parts", args=[team.placement.pk])
        assert part.label in client.get(page).content.decode()
        undo = reverse("handover:undo_use", args=[PartUse.objects.get().pk])
        response = client.post(undo, {"from": "target"})
        assert response.url.startswith(reverse("placement", args=[team.placement.pk]))
        assert not PartUse.objects.exists()

    def test_is_seen_by_school_and_youth_and_made_by_the_job_centre(self, team, sign_in):
        part = standing(sent(team))
        link(team, part)
        page = reverse("handover:placement_parts", args=[team.placement.pk])
        for user in (team.school, team.young):
            body = sign_in(user).get(page).content.decode()
            assert part.label in body
            assert "/use/" not in body
            assert "/undo/" not in body
            url = reverse("handover:use", args=[part.pk])
            assert sign_in(user).post(url, {"placement": team.placement.pk}).status_code == 403

    def test_is_nothing_that_a_company_or_an_outsider_sees(self, team, other_team, sign_in):
        link(team, standing(sent(team)))
        page = reverse("handover:placement_parts", args=[team.placement.pk])
        for user in (team.employer, other_team.caseworker, team.lead):
            assert sign_in(user).get(page).status_code == 404
        own = sign_in(team.employer).get(reverse("placement", args=[team.placement.pk]))
        assert page not in own.content.decode()

    def test_in_the_placement_of_another_is_not_found(self, team, other_team, sign_in):
        part = standing(sent(team))
        url = reverse("handover:use", args=[part.pk])
        for placement in (other_team.placement.pk, "", "x"):
            answer = sign_in(team.caseworker).post(url, {"placement": placement})
            assert answer.status_code == 404

    def test_of_a_newer_part_meanwhile_is_a_conflict_that_says_so(self, team, sign_in):
        profile = sent(team)
        old = standing(profile)
        correct(team, profile.parts.get(section="support"))
        url = reverse("handover:use", args=[old.pk])
        response = sign_in(team.caseworker).post(url, {"placement": team.placement.pk})
        assert response.status_code == 409
        assert "newer version" in response.content.decode()


def lines(user):
    return [
        row.what
        for row in HandoverProfile.objects.waiting_on(User.objects.get(pk=user.pk))
        if row.what.startswith("Check again")
    ]


def check(team, part, version):
    PartCheck.check_again(by=team.caseworker, sent_part=part, version=version)


class TestRipple:
    def test_of_a_correction_tells_who_acknowledged(self, team):
        profile = sent(team)
        part = standing(profile)
        part.answer(by=team.caseworker, kind="understood")
        assert lines(team.caseworker) == []
        correct(team, part.part)
        colleague = member(team.partnership, "caseworker")
        for user in (team.caseworker, colleague):
            assert lines(user) == [f"Check again: “{part.label}” was corrected"]
        assert lines(team.school) == []

    def test_of_a_withdrawal_tells_who_used_it(self, team):
        part = with_two(team)
        link(team, part)
        withdraw(team, part.part)
        assert lines(team.caseworker) == [f"Check again: “{part.label}” was withdrawn"]

    def test_says_nothing_where_nothing_was_built(self, team):
        profile = sent(team)
        standing(profile).answer(by=team.caseworker, kind="cannot_use", text="Nej")
        correct(team, profile.parts.get(section="support"))
        assert lines(team.caseworker) == []

    def test_an_answer_to_the_new_text_is_a_look_at_it(self, team):
        profile = sent(team)
        standing(profile).answer(by=team.caseworker, kind="understood")
        correct(team, profile.parts.get(section="support"))
        standing(profile).answer(by=team.caseworker, kind="understood")
        assert lines(team.caseworker) == []

    def test_an_answer_is_no_look_at_what_the_part_is_used_for(self, team):
        profile = sent(team)
        link(team, standing(profile))
        correct(team, profile.parts.get(section="support"))
        standing(profile).answer(by=team.caseworker, kind="understood")
        assert len(lines(team.caseworker)) == 1
        assert PartUse.objects.with_flag().get().check_again

    def test_ends_when_somebody_checks(self, team):
        profile = sent(team)
        old = standing(profile)
        link(team, old)
        correct(team, old.part)
        check(team, old, 2)
        check(team, old, 2)
        use = PartUse.objects.with_flag().get()
        assert (use.sent_part, use.check_again) == (standing(profile), False)
        assert stages(profile)["support"] == "Used"
        assert lines(team.caseworker) == []
        assert PartAnswer.objects.get().kind == "understood"

    def test_ends_for_a_withdrawn_part_too_and_its_link_remains(self, team):
        part = with_two(team)
        link(team, part)
        withdraw(team, part.part)
        check(team, part, 2)
        assert lines(team.caseworker) == []
        assert not PartUse.objects.with_flag().get().check_again
        assert counts(team.partnership)["used"] == 0

    def test_ends_when_the_link_is_undone(self, team):
        profile = sent(team)
        use = link(team, standing(profile))
        correct(team, profile.parts.get(section="support"))
        use.undo(by=team.caseworker)
        use.undo(by=team.caseworker)
        assert lines(team.caseworker) == []

    def test_a_part_that_changed_once_more_is_not_checked_unseen(self, team, sign_in):
        profile = sent(team)
        old = standing(profile)
        link(team, old)
        correct(team, old.part)
        correct(team, old.part, "Rettet igen")
        with pytest.raises(HandoverRefused, match="once more"):
            check(team, old, 2)
        url = reverse("handover:check_again", args=[old.pk])
        response = sign_in(team.caseworker).post(url, {"version": "2"})
        assert response.status_code == 409
        assert "Rettet igen" in response.content.decode()
        assert sign_in(team.caseworker).post(url, {"version": "3"}).status_code == 302
        assert lines(team.caseworker) == []

    def test_a_second_change_of_another_part_is_no_obstacle(self, team):
        profile = sent(team)
        old = standing(profile)
        link(team, old)
        correct(team, old.part)
        correct(team, profile.parts.get(section="direction"))
        check(team, old, 2)
        assert lines(team.caseworker) == []

    def test_of_what_is_held_back_by_now_is_silent(self, team):
        given = Consent.give(by=team.young, youth=team.youth, section="health")
        profile = sent(team, "health")
        part = standing(profile, "health")
        link(team, part)
        correct(team, part.part)
        given.withdraw(by=team.young)
        assert lines(team.caseworker) == []
        with pytest.raises(NotDisclosed):
            check(team, part, 2)

    def test_stands_on_the_page_for_both_sides(self, team, sign_in):
        part = with_two(team)
        link(team, part)
        withdraw(team, part.part)
        url = reverse("handover:received", args=[team.youth.pk])
        for user, button in ((team.caseworker, True), (team.school, False)):
            body = sign_in(user).get(url).content.decode()
            assert 'id="check-again"' in body
            assert part.label in body
            assert (reverse("handover:check_again", args=[part.pk]) in body) == button
        assert 'id="check-again"' not in sign_in(team.young).get(url).content.decode()

    @pytest.mark.parametrize(("role", "status"), [("school", 403), ("young", 403), ("lead", 404)])
    def test_is_for_the_job_centre_to_check(self, team, sign_in, role, status):
        part = with_two(team)
        link(team, part)
        withdraw(team, part.part)
        url = reverse("handover:check_again", args=[part.pk])
        assert sign_in(getattr(team, role)).post(url, {"version": "2"}).status_code == status
        assert not PartCheck.objects.exists()


class TestCounts:
    def test_of_a_partnership(self, team):
        profile = sent(team, "health")
        standing(profile, "direction").answer(by=team.caseworker, kind="understood")
        link(team, standing(profile))
        assert counts(team.partnership) == {
            "delivered": 3,
            "opened": 2,
            "acknowledged": 2,
            "used": 1,
            "never_opened": 0,
        }
        HandoverVersion.objects.update(sent_at=timezone.now() - timedelta(days=22))
        assert counts(team.partnership)["never_opened"] == 1

    def test_stay_those_of_whoever_has_left(self, team):
        sent(team)
        team.youth.left_on, team.youth.left_because = timezone.localdate(), "moved"
        team.youth.save()
        assert counts(team.partnership)["delivered"] == 3

    def test_every_step_puts_them_on_the_work_list(self, team):
        profile = sent(team)
        part = standing(profile)

        def stale():
            found = PartnershipKnowledge.work_list().filter(pk=team.partnership.pk).exists()
            sweep_knowledge()
            return found

        assert stale()
        assert not stale()
        PartOpening.note([part], team.youth)
        assert stale()
        PartOpening.note([part], team.youth)
        assert not stale()
        part.answer(by=team.caseworker, kind="understood")
        assert stale()
        use = link(team, part)
        assert stale()
        link(team, part)
        assert not stale()
        correct(team, part.part)
        assert stale()
        check(team, part, 2)
        assert stale()
        use.undo(by=team.caseworker)
        assert stale()

    def test_follow_a_consent_at_night(self, team):
        sent(team, "health")
        sweep_knowledge()
        Consent.give(by=team.young, youth=team.youth, section="health")
        recount_knowledge()
        assert PartnershipKnowledge.objects.get(partnership=team.partnership).delivered == 4

    def test_that_do_not_nest_are_refused_by_the_database(self, team):
        with pytest.raises(IntegrityError, match="what_is_used"):
            PartnershipKnowledge.objects.create(
                partnership=team.partnership, delivered=3, opened=1, acknowledged=2
            )

    def test_stand_on_the_partnerships_page_for_its_parties(self, team, sign_in):
        profile = sent(team)
        link(team, standing(profile))
        HandoverVersion.objects.update(sent_at=timezone.now() - timedelta(days=22))
        sweep_knowledge()
        url = reverse("partnership", args=[team.partnership.pk])
        for user in (team.school, team.caseworker, team.lead):
            body = " ".join(sign_in(user).get(url).content.decode().split())
            assert "<b>1 of 3</b> parts in use; 2 never opened after 21 days" in body

    def test_are_a_programmes_for_its_leadership_only(self, team, other_team, sign_in):
        sent(team)
        sweep_knowledge()
        url = reverse("handover:knowledge", args=[team.programme.pk])
        for user, status in (
            (team.lead, 200),
            (team.evaluator, 200),
            (team.caseworker, 404),
            (other_team.lead, 404),
        ):
            assert sign_in(user).get(url).status_code == status

    def test_name_and_list_no_person(self, team, sign_in):
        """No view and no export by person: nothing that is asked for leads to one."""
        profile = sent(team)
        link(team, standing(profile))
        sweep_knowledge()
        url = reverse("handover:knowledge", args=[team.programme.pk])
        plain = sign_in(team.lead).get(url).content.decode()
        everybody = [*team.people().values(), member(team.partnership, "caseworker")]
        for wanted in ("user", "person", "caseworker", "by", "sort", "order", "format"):
            for value in (str(team.caseworker.pk), "answered_by", "csv", "xlsx"):
                response = sign_in(team.lead).get(url, {wanted: value})
                assert response["Content-Type"].startswith("text/html")
                body = response.content.decode()
                assert not [u.name for u in everybody if u != team.lead and u.name in body]
                assert body.count("<tr>") == plain.count("<tr>")
        assert team.youth.code not in plain

    def test_have_no_route_that_names_a_person(self):
        from tests.test_matrix import PATTERNS

        named = {
            parameter
            for name, pattern in PATTERNS.items()
            if name.startswith("handover:")
            for parameter in pattern.pattern.converters
        }
        assert not {p for p in named if "user" in p or "person" in p or "membership" in p}


def queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


class TestQueries:
    def built(self, team, number):
        """So many parts that are used in two places, and as many that were corrected since."""
        profile = complete(team)
        made = [
            PartFactory(profile=profile, section="support", written_by=team.school)
            for _n in range(2 * number)
        ]
        profile.send(by=team.school)
        other = PlacementFactory(youth=team.youth)
        for part in made:
            link(team, part.sent.get())
            link(team, part.sent.get(), other)
        for part in made[:number]:
            part.write(by=team.school, revision=1, text="Rettet")
        profile.refresh_from_db()
        profile.send(by=team.school)

    @pytest.mark.parametrize("name", ["handover:received", "handover:placement_parts", "case"])
    def test_of_a_page_are_constant(self, team, other_team, sign_in, name):
        found = []
        for one, number in ((team, 1), (other_team, 3)):
            self.built(one, number)
            pk = one.placement.pk if "placement" in name else one.youth.pk
            found.append(queries(sign_in(one.caseworker), reverse(name, args=[pk])))
        assert found[0] == found[1]

    def test_of_the_counts_are_constant(self, team, sign_in):
        client, found = sign_in(team.lead), []
        url = reverse("handover:knowledge", args=[team.programme.pk])
        for number in (1, 2):
            for _row in range(number):
                youth = YouthFactory(
                    partnership__signed=True, partnership__programme=team.programme
                )
                profile = PartFactory(profile__youth=youth, section="direction").profile
                for section in ("competences", "support"):
                    PartFactory(profile=profile, section=section)
                profile.send(by=team.school)
            sweep_knowledge()
            found.append(queries(client, url))
        assert found[0] == found[1]
