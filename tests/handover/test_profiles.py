"""The profile as a model: what may be sent, what stands, what is disclosed, who is next."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection

from handover.access import SECTIONS, sections_for
from handover.models import (
    HandoverProfile,
    HandoverRefused,
    NotComplete,
    NothingNew,
    Part,
    PartAnswer,
    SentPart,
    StaleVersion,
)
from partnerships.access import Section, Verb
from tests.factories import HandoverProfileFactory, PartFactory, Team, UserFactory
from youths.models import Consent, ConsentText

pytestmark = pytest.mark.django_db


def complete(team, *extra, **fields):
    """A profile with what is required, and parts in the extra sections."""
    profile = HandoverProfileFactory(youth=team.youth)
    for section in ("direction", "competences", "support", *extra):
        PartFactory(profile=profile, section=section, written_by=team.school, **fields)
    return profile


def sent(team, *extra):
    profile = complete(team, *extra)
    profile.send(by=team.school)
    return profile


def standing(profile, section="support"):
    return profile.sent_parts.current().with_state().get(section=section)


class TestMissing:
    def test_of_an_empty_profile_names_the_required_sections(self, team):
        missing = HandoverProfile.missing([])
        assert [m.section for m in missing] == ["direction", "competences", "support"]
        assert all(m.part is None for m in missing)

    def test_of_a_support_part_includes_what_works_and_the_level(self):
        part = Part(section="support")
        assert list(part.missing()) == ["label", "text", "level", "works"]

    def test_of_a_direction_part_needs_no_level_and_no_way_that_works(self):
        assert list(Part(section="direction").missing()) == ["label", "text"]

    def test_not_assessed_is_an_answer(self):
        part = Part(section="competences", label="a", text="b", level="none")
        assert part.missing() == {}

    def test_spaces_are_not_words(self):
        assert "text" in Part(section="direction", label="a", text=" \n ").missing()


class TestSend:
    def test_copies_the_parts_as_version_one(self, team):
        profile = complete(team)
        version = profile.send(by=team.school)
        assert (version.number, version.sent_by) == (1, team.school)
        assert (profile.status, profile.version) == ("sent", 1)
        assert profile.sent_parts.count() == 3

    def test_is_refused_while_something_is_missing(self, team):
        profile = complete(team)
        profile.parts.filter(section="support").update(works="")
        with pytest.raises(NotComplete) as refusal:
            profile.send(by=team.school)
        assert [(m.section, m.field) for m in refusal.value.missing] == [("support", "works")]
        assert not profile.sent_parts.exists()

    def test_is_refused_when_nothing_has_changed(self, team):
        profile = sent(team)
        with pytest.raises(NothingNew):
            profile.send(by=team.school)
        assert profile.versions.count() == 1

    def test_again_replaces_only_what_changed(self, team):
        profile = sent(team)
        part = profile.parts.get(section="support")
        part.write(by=team.school, revision=1, works="Et kort med billeder.")
        profile.refresh_from_db()
        assert profile.status == "revised"
        profile.send(by=team.school)
        assert standing(profile).first_version == 2
        assert standing(profile, "direction").first_version == 1
        assert profile.sent_parts.get(part=part, last_version=1).works == "Vis det én gang."

    def test_again_leaves_out_what_was_removed(self, team):
        profile = sent(team, "network")
        profile.parts.get(section="network").remove(by=team.school, revision=1)
        assert standing(profile, "network")  # until the next version
        profile.send(by=team.school)
        assert not profile.sent_parts.current().filter(section="network").exists()

    def test_after_an_edit_was_undone_is_not_due_any_more(self, team):
        profile = sent(team)
        part = profile.parts.get(section="support")
        part.write(by=team.school, revision=1, works="Andet.")
        part.write(by=team.school, revision=2, works="Vis det én gang.")
        profile.refresh_from_db()
        assert profile.status == "sent"

    def test_a_draft_with_a_version_is_refused_by_the_database(self, team):
        with pytest.raises(IntegrityError, match="only_a_draft_was_never_sent"):
            HandoverProfileFactory(youth=team.youth, version=1)

    def test_two_standing_copies_are_refused_by_the_database(self, team):
        profile = sent(team)
        copy = SentPart.copy_of(profile.parts.first(), 2)
        with pytest.raises(IntegrityError, match="one_standing_copy_of_a_part"):
            copy.save()

    def test_a_copy_that_ends_before_it_begins_is_refused_by_the_database(self, team):
        profile = sent(team)
        with pytest.raises(IntegrityError, match="stands_for_at_least_one_version"):
            profile.sent_parts.update(last_version=0)


class TestWrite:
    def test_raises_the_revision_and_names_the_writer(self, team):
        part = PartFactory(profile__youth=team.youth)
        part.write(by=team.school, revision=1, text="Nyt")
        assert (part.text, part.revision, part.written_by) == ("Nyt", 2, team.school)

    def test_on_a_stale_revision_overwrites_nothing(self, team):
        part = PartFactory(profile__youth=team.youth)
        Part.objects.get(pk=part.pk).write(by=UserFactory(), revision=1, text="Deres")
        with pytest.raises(StaleVersion) as stale:
            part.write(by=team.school, revision=1, text="Mit")
        assert stale.value.current.text == "Deres"
        assert Part.objects.get(pk=part.pk).text == "Deres"

    def test_of_the_same_text_twice_is_one_save(self, team):
        part = PartFactory(profile__youth=team.youth)
        for _ in range(2):
            part.write(by=team.school, revision=1, text="Nyt")
        assert part.revision == 2

    def test_of_nothing_new_does_not_revise_a_sent_profile(self, team):
        profile = sent(team)
        part = profile.parts.first()
        part.write(by=team.school, revision=1, text=part.text)
        profile.refresh_from_db()
        assert (profile.status, part.revision) == ("sent", 1)

    def test_on_a_removed_part_is_refused(self, team):
        profile = sent(team, "network")
        part = profile.parts.get(section="network")
        Part.objects.get(pk=part.pk).remove(by=team.school, revision=1)
        with pytest.raises(HandoverRefused):
            part.write(by=team.school, revision=1, text="Mit")


class TestRemove:
    def test_deletes_what_was_never_sent(self, team):
        part = PartFactory(profile__youth=team.youth)
        part.remove(by=team.school, revision=1)
        assert not Part.objects.exists()

    def test_keeps_what_was_sent(self, team):
        profile = sent(team, "network")
        part = profile.parts.get(section="network")
        part.remove(by=team.school, revision=1)
        assert Part.objects.get(pk=part.pk).withdrawn_at
        profile.refresh_from_db()
        assert profile.status == "revised"

    def test_of_text_that_somebody_else_has_just_saved_is_refused(self, team):
        part = PartFactory(profile__youth=team.youth)
        Part.objects.get(pk=part.pk).write(by=UserFactory(), revision=1, text="Deres")
        with pytest.raises(StaleVersion):
            part.remove(by=team.school, revision=1)
        assert Part.objects.get().text == "Deres"


class TestAddPart:
    def test_twice_leaves_one_empty_part(self, team):
        profile = HandoverProfileFactory(youth=team.youth)
        first = profile.add_part(by=team.school, heading="need")
        assert profile.add_part(by=team.school, heading="need") == first

    def test_stands_last_in_its_section(self, team):
        profile = complete(team)
        part = profile.add_part(by=team.school, heading="need")
        assert profile.parts.filter(section="support").last() == part


class TestAnswer:
    def test_stands_on_the_text_as_it_was_sent(self, team):
        profile = sent(team)
        answer = standing(profile).answer(by=team.caseworker, kind="understood")
        profile.parts.get(section="support").write(by=team.school, revision=1, works="Andet.")
        profile.send(by=team.school)
        answer.refresh_from_db()
        assert answer.sent_part.works == "Vis det én gang."
        assert standing(profile).works == "Andet."

    @pytest.mark.parametrize("kind", ["question", "cannot_use"])
    def test_without_words_is_refused(self, team, kind):
        part = standing(sent(team))
        with pytest.raises(HandoverRefused):
            part.answer(by=team.caseworker, kind=kind, text="  ")
        with pytest.raises(IntegrityError, match="a_question_or_a_no_has_words"):
            PartAnswer.objects.create(sent_part=part, kind=kind, answered_by=team.caseworker)

    def test_on_a_version_that_was_replaced_is_refused(self, team):
        profile = sent(team)
        old = standing(profile)
        profile.parts.get(section="support").write(by=team.school, revision=1, works="Andet.")
        profile.send(by=team.school)
        with pytest.raises(HandoverRefused, match="newer version"):
            old.answer(by=team.caseworker, kind="understood")
        assert not PartAnswer.objects.exists()

    def test_given_twice_in_a_row_is_stored_once(self, team):
        part = standing(sent(team))
        first = part.answer(by=team.caseworker, kind="question", text="Hvornår?")
        assert part.answer(by=team.caseworker, kind="question", text="Hvornår?") == first
        assert PartAnswer.objects.count() == 1

    def test_of_every_part_leaves_nothing_to_wait_for(self, team):
        profile = sent(team, "health")
        for part in profile.sent_parts.disclosed():
            part.answer(by=team.caseworker, kind="understood")
        # What is held back cannot be waited for.
        assert not profile.sent_parts.current().disclosed().unanswered().exists()

    def test_that_is_a_question_with_a_reply_waits_on_the_receiver_again(self, team):
        profile = sent(team)
        part = standing(profile)
        answer = part.answer(by=team.caseworker, kind="question", text="Hvornår?")
        waiting = profile.sent_parts.current().unanswered()
        assert part not in waiting
        answer.give_reply(by=team.school, text="Om morgenen.")
        assert part in waiting.all()


class TestReply:
    def test_twice_the_same_is_one(self, team):
        answer = standing(sent(team)).answer(by=team.caseworker, kind="question", text="?")
        for _ in range(2):
            answer.give_reply(by=team.school, text="Ja.")
        assert answer.reply == "Ja."

    def test_by_two_people_keeps_the_first(self, team):
        answer = standing(sent(team)).answer(by=team.caseworker, kind="question", text="?")
        PartAnswer.objects.get().give_reply(by=team.school, text="Ja.")
        with pytest.raises(HandoverRefused):
            answer.give_reply(by=UserFactory(), text="Nej.")
        assert PartAnswer.objects.get().reply == "Ja."

    def test_to_what_is_no_question_is_refused(self, team):
        answer = standing(sent(team)).answer(by=team.caseworker, kind="understood")
        with pytest.raises(HandoverRefused):
            answer.give_reply(by=team.school, text="Ja.")

    def test_without_a_time_is_refused_by_the_database(self, team):
        answer = standing(sent(team)).answer(by=team.caseworker, kind="question", text="?")
        answer.reply = "Ja."
        with pytest.raises(IntegrityError, match="a_reply_has_words_and_a_time"):
            answer.save()


class TestOpenQuestions:
    def test_are_closed_by_a_later_answer_that_is_no_question(self, team):
        part = standing(sent(team))
        part.answer(by=team.caseworker, kind="question", text="?")
        assert PartAnswer.objects.open_questions().count() == 1
        part.answer(by=team.caseworker, kind="understood")
        assert PartAnswer.objects.open_questions().count() == 0

    def test_outlive_a_new_version_of_the_part(self, team):
        profile = sent(team)
        standing(profile).answer(by=team.caseworker, kind="question", text="?")
        profile.parts.get(section="support").write(by=team.school, revision=1, works="Andet.")
        profile.send(by=team.school)
        assert PartAnswer.objects.open_questions().count() == 1


class TestDisclosure:
    def test_of_health_waits_for_the_yes_and_ends_with_it(self, team):
        profile = sent(team, "health")
        health = standing(profile, "health")
        seen = SentPart.objects.visible_to(team.caseworker, team.youth)
        assert health not in seen
        consent = Consent.give(by=team.young, youth=team.youth, section="health")
        assert health in seen.all()
        consent.withdraw(by=team.young)
        assert health not in seen.all()

    def test_to_another_municipality_does_not_count(self, team, other_team):
        profile = sent(team, "health")
        Consent.objects.create(
            youth=team.youth,
            organisation=other_team.partnership.municipality,
            section="health",
            text=ConsentText.objects.in_use(),
            recorded_by=team.young,
        )
        assert standing(profile, "health").held == "unasked"

    def test_of_health_needs_no_consent_of_its_writer_and_owner(self, team):
        health = standing(sent(team, "health"), "health")
        for person in (team.school, team.young):
            assert health in SentPart.objects.visible_to(person, team.youth)

    @pytest.mark.parametrize("role", ["employer", "lead", "evaluator"])
    def test_never_reaches(self, team, role):
        sent(team, *SECTIONS[3:])
        person = getattr(team, role)
        assert not SentPart.objects.visible_to(person, team.youth).exists()

    def test_never_reaches_another_team(self, team, other_team):
        sent(team)
        for person in other_team.people().values():
            assert not SentPart.objects.visible_to(person, team.youth).exists()
            assert not HandoverProfile.objects.visible_to(person).filter(youth=team.youth).exists()

    def test_of_a_draft_is_to_the_school_alone(self, team):
        complete(team)
        writers = [
            role
            for role, person in team.people().items()
            if Part.objects.visible_to(person, team.youth).exists()
        ]
        assert writers == ["school"]


def test_the_young_person_writes_no_section_though_direction_is_theirs_to_change(team):
    assert sections_for(team.young, team.youth, Verb.CHANGE) == []
    assert set(sections_for(team.young, team.youth)) == set(SECTIONS)
    assert Section.DIRECTION in sections_for(team.school, team.youth, Verb.CHANGE)


@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_the_same_moment_leave_one_text_and_one_conflict():
    team = Team()
    part = PartFactory(profile__youth=team.youth)

    def write(text):
        try:
            Part.objects.get(pk=part.pk).write(by=team.school, revision=1, text=text)
            return "saved"
        except StaleVersion:
            return "stale"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(write, "abcd"))
    assert sorted(results) == ["saved", "stale", "stale", "stale"]
    assert Part.objects.get().revision == 2
