"""The young person takes part: reads along, answers part by part, chooses what to carry."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from handover.models import (
    Carried,
    HandoverProfile,
    HandoverRefused,
    Part,
    PartReaction,
    TooMany,
    carried_things,
    told_parts,
    waiting_on_the_young,
    with_reactions,
)
from partnerships.access import Section, stand_in
from tests.factories import HandoverProfileFactory, PartFactory, days
from tests.handover.test_profiles import complete, sent
from youths.models import AccessEvent, Consent, OwnWords, Sitting

pytestmark = pytest.mark.django_db

FITS, DIFFERS = {"answer": "fits"}, {"answer": "differs"}


def part_of(profile, section="support") -> Part:
    return profile.parts.get(section=section)


def rewrite(part, by, text="Nyt"):
    part.refresh_from_db()
    part.write(by=by, revision=part.revision, text=text)


def say(team, part, text="Det passer ikke", *, agrees=False, revision=None) -> PartReaction:
    part.refresh_from_db()
    return PartReaction.give(
        by=team.young, part=part, revision=revision or part.revision, agrees=agrees, text=text
    )


def shown(team, *extra) -> HandoverProfile:
    profile = complete(team, *extra)
    profile.show_to_youth(by=team.school)
    return profile


class TestTheDraft:
    def test_is_the_schools_alone_at_first(self, team):
        complete(team)
        assert told_parts(team.young, team.youth) == []
        assert not HandoverProfile.objects.visible_to(team.young).exists()

    def test_is_read_by_the_young_person_while_it_is_shown(self, team):
        profile = shown(team, "health")
        assert [p.section for p in told_parts(team.young, team.youth)] == [
            "direction",
            "competences",
            "support",
            "health",
        ]
        profile.hide_from_youth(by=team.school)
        assert told_parts(team.young, team.youth) == []

    def test_stays_hidden_from_everybody_else(self, team, other_team):
        shown(team)
        people = [*team.people().items(), *other_team.people().items()]
        for role, person in people:
            if role != "school" and person != team.young:
                assert not Part.objects.visible_to(person, team.youth).exists(), role
        assert not Part.objects.visible_to(other_team.school, team.youth).exists()

    def test_is_not_read_through_anybodys_eyes_by_who_does_not_write_it(self, team):
        shown(team)
        member = team.school.memberships.get()
        for eyes in (
            stand_in(team.caseworker, youth=team.youth),
            stand_in(team.caseworker, [team.partnership], [member]),
        ):
            assert not Part.objects.visible_to(eyes, team.youth).exists()
        assert Part.objects.visible_to(stand_in(team.school, youth=team.youth), team.youth).exists()

    def test_with_nothing_written_is_nothing_to_show(self, team):
        profile = HandoverProfileFactory(youth=team.youth)
        profile.add_part(by=team.school, heading="direction")
        with pytest.raises(HandoverRefused):
            profile.show_to_youth(by=team.school)

    def test_says_who_showed_it_when(self, team):
        profile = shown(team)
        first = profile.shown_to_youth_at
        profile.show_to_youth(by=team.school)
        assert (profile.shown_to_youth_at, profile.shown_to_youth_by) == (first, team.school)
        with pytest.raises(IntegrityError), transaction.atomic():
            HandoverProfile.objects.update(shown_to_youth_by=None)

    def test_gives_way_to_nothing_that_was_sent(self, team):
        """After the sending the draft is another text again, and is shown only while it is."""
        profile = sent(team)
        rewrite(part_of(profile), team.school, "Kladde")
        assert "Kladde" not in {p.text for p in told_parts(team.young, team.youth)}
        profile.show_to_youth(by=team.school)
        assert "Kladde" in {p.text for p in told_parts(team.young, team.youth)}


class TestReaction:
    def of(self, user, team, part):
        with_reactions(user, team.youth, [part])
        return part.reaction

    def test_stands_beside_the_part_for_the_school(self, team):
        part = part_of(shown(team))
        made = say(team, part)
        assert self.of(team.school, team, part) == made
        assert not part.asks_again

    def test_is_about_an_earlier_text_once_the_part_has_changed(self, team):
        part = part_of(shown(team))
        made = say(team, part)
        rewrite(part, team.school)
        assert self.of(team.school, team, part) == made
        assert part.asks_again

    def test_to_a_text_that_changed_meanwhile_stays_with_what_was_read(self, team):
        part = part_of(shown(team))
        rewrite(part, team.school)
        made = say(team, part, revision=1)
        assert made.revision == 1
        self.of(team.school, team, part)
        assert part.asks_again

    def test_reaches_the_job_centre_with_the_part(self, team):
        profile = shown(team)
        part = part_of(profile)
        made = say(team, part)
        assert not PartReaction.objects.visible_to(team.caseworker, team.youth).exists()
        profile.send(by=team.school)
        assert self.of(team.caseworker, team, part.sent.get()) == made

    def test_to_a_draft_waits_for_the_next_sending(self, team):
        profile = sent(team)
        part = part_of(profile)
        profile.show_to_youth(by=team.school)
        rewrite(part, team.school, "Kladde")
        made = say(team, part)
        standing = part.sent.get()
        for person in (team.caseworker, team.young, team.school):
            assert self.of(person, team, standing) is None
        profile.send(by=team.school)
        assert self.of(team.caseworker, team, part.sent.get(last_version=None)) == made

    def test_to_a_held_back_part_is_held_back_with_it(self, team):
        profile = shown(team, "health")
        part = part_of(profile, "health")
        say(team, part)
        profile.send(by=team.school)
        mine = PartReaction.objects.filter(part=part)
        assert not mine.visible_to(team.caseworker, team.youth).exists()
        Consent.give(by=team.young, youth=team.youth, section="health")
        assert mine.visible_to(team.caseworker, team.youth).exists()

    def test_written_back_to_what_was_sent_counts_for_what_was_sent(self, team):
        profile = sent(team)
        part = part_of(profile)
        before = part.text
        rewrite(part, team.school, "Andet")
        rewrite(part, team.school, before)
        profile.show_to_youth(by=team.school)
        made = say(team, part)
        assert self.of(team.caseworker, team, part.sent.get()) == made

    def test_that_is_newer_counts_and_the_earlier_ones_are_kept(self, team):
        part = part_of(shown(team))
        first, second = say(team, part), say(team, part, "", agrees=True)
        assert self.of(team.school, team, part) == second
        assert part.earlier_reactions == [first]

    def test_said_twice_is_one(self, team):
        part = part_of(shown(team))
        assert say(team, part) == say(team, part)

    def test_that_disagrees_has_words(self, team):
        part = part_of(shown(team))
        with pytest.raises(HandoverRefused):
            say(team, part, " ")
        with pytest.raises(IntegrityError), transaction.atomic():
            PartReaction.objects.create(part=part, revision=1, agrees=False, given_by=team.young)

    def test_outlives_the_draft_that_the_school_removes(self, team):
        part = part_of(shown(team))
        made = say(team, part)
        part.remove(by=team.school, revision=part.revision)
        made.refresh_from_db()
        assert made.text == "Det passer ikke"


class TestWaiting:
    def of(self, team):
        return [(row.why, row.url) for row in waiting_on_the_young(team.young)]

    def test_nothing_while_the_draft_is_the_schools(self, team):
        complete(team)
        assert self.of(team) == []

    def test_the_parts_that_are_shown_until_each_has_its_answer(self, team):
        profile = shown(team)
        assert self.of(team) == [
            (
                "3 parts wait for you. Say whether they fit.",
                reverse("handover:mine", args=[team.youth.pk]),
            )
        ]
        for part in profile.parts.all():
            say(team, part, agrees=True)
        assert self.of(team) == []
        rewrite(part_of(profile), team.school)
        assert len(self.of(team)) == 1

    def test_the_parts_that_were_sent(self, team):
        profile = sent(team)
        assert len(self.of(team)) == 1
        for part in profile.parts.all():
            say(team, part, agrees=True)
        assert self.of(team) == []

    def test_nobody_else(self, team):
        shown(team)
        for role, person in team.people().items():
            assert bool(waiting_on_the_young(person)) == (role == "young"), role


class TestPages:
    @pytest.fixture
    def part(self, team):
        return part_of(shown(team))

    def urls(self, team, part):
        return (
            reverse("handover:mine", args=[team.youth.pk]),
            reverse("handover:react", args=[part.pk]),
            reverse("handover:carry", args=[team.youth.pk]),
            reverse("youths:wishes", args=[team.youth.pk]),
        )

    def test_are_the_young_persons(self, team, other_team, part, sign_in):
        for url in self.urls(team, part):
            assert sign_in(team.young).get(url).status_code == 200
            # Yours, but not this: who answers the handover.
            assert sign_in(team.caseworker).get(url).status_code == 403
            for outsider in (other_team.young, other_team.school, team.employer):
                assert sign_in(outsider).get(url).status_code == 404

    def test_lead_the_school_to_sit_together_first(self, team, part, sign_in):
        for url in self.urls(team, part):
            response = sign_in(team.school).get(url)
            assert response.url == reverse("youths:together", args=[team.youth.pk])

    def test_show_every_part_in_plain_words(self, team, part, sign_in):
        page = sign_in(team.young).get(self.urls(team, part)[0]).content.decode()
        assert "What helps you" in page
        assert part.title in page
        page = sign_in(team.young).get(self.urls(team, part)[1]).content.decode()
        assert part.text in page
        assert part.works in page

    def test_keep_what_was_typed_when_it_says_too_little(self, team, part, sign_in):
        url = reverse("handover:react", args=[part.pk])
        response = sign_in(team.young).post(url, DIFFERS | {"revision": 1, "text": ""})
        assert response.status_code == 422
        assert "Write what does not fit." in response.content.decode()
        response = sign_in(team.young).post(url, {"revision": 1, "text": "Mine ord"})
        assert response.status_code == 422
        assert "Mine ord" in response.content.decode()

    def test_go_on_to_the_next_that_waits(self, team, part, sign_in):
        client = sign_in(team.young)
        url = reverse("handover:react", args=[part.pk])
        response = client.post(url, DIFFERS | {"revision": 1, "text": "Nej"})
        first = told_parts(team.young, team.youth)[0]
        assert response.url == reverse("handover:react", args=[first.pk])
        made = PartReaction.objects.get()
        assert (made.text, made.given_by, made.sitting) == ("Nej", team.young, None)
        assert made.how == "On the own device"

    def test_say_so_when_the_text_has_changed_meanwhile(self, team, part, sign_in):
        rewrite(part, team.school)
        url = reverse("handover:react", args=[part.pk])
        response = sign_in(team.young).post(url, FITS | {"revision": 1}, follow=True)
        assert "read it again" in response.content.decode()
        assert PartReaction.objects.get().revision == 1

    def test_give_back_what_was_typed_to_a_draft_that_was_taken_back(self, team, part, sign_in):
        part.profile.hide_from_youth(by=team.school)
        url = reverse("handover:react", args=[part.pk])
        response = sign_in(team.young).post(url, DIFFERS | {"revision": 1, "text": "Mine ord"})
        assert response.status_code == 409
        assert "Mine ord" in response.content.decode()
        assert sign_in(team.young).get(url).status_code == 404

    def test_of_others_show_the_comment_beside_the_part(self, team, part, sign_in):
        say(team, part, "Det er ikke lyden")
        write = f"{reverse('handover:write', args=[team.youth.pk])}?section=support"
        received = reverse("handover:received", args=[team.youth.pk])
        pages = [(team.school, write), (team.school, reverse("handover:part", args=[part.pk]))]
        part.profile.send(by=team.school)
        pages += [(who, received) for who in (team.school, team.caseworker, team.young)]
        for who, url in pages:
            assert "Det er ikke lyden" in sign_in(who).get(url).content.decode(), url
        rewrite(part, team.school)
        assert "About an earlier text" in sign_in(team.school).get(write).content.decode()

    @pytest.mark.parametrize("parts", [1, 3])
    @pytest.mark.parametrize(("name", "queries"), [("mine", 11), ("carry", 14)])
    def test_cost_the_same_for_three_as_for_one(
        self, team, sign_in, django_assert_num_queries, parts, name, queries
    ):
        profile = shown(team)
        for n in range(parts):
            part = PartFactory(profile=profile, section="support", label=f"Del {n}")
            say(team, part)
            key = f"part-{part.pk}"
            Carried.change(by=team.young, youth=team.youth, act="add", key=key)
        client = sign_in(team.young)
        url = reverse(f"handover:{name}", args=[team.youth.pk])
        with django_assert_num_queries(queries):
            client.get(url)


class TestShowing:
    def test_is_the_schools_act(self, team, other_team, sign_in):
        profile = complete(team)
        url = reverse("handover:show", args=[team.youth.pk])
        assert sign_in(team.school).get(url).status_code == 200
        assert sign_in(team.caseworker).post(url, {"act": "show"}).status_code == 403
        assert sign_in(team.young).post(url, {"act": "show"}).status_code == 403
        assert sign_in(other_team.school).post(url, {"act": "show"}).status_code == 404
        assert sign_in(team.school).post(url, {"act": "show"}).status_code == 302
        profile.refresh_from_db()
        assert profile.shown_to_youth_by == team.school
        assert sign_in(team.school).post(url, {"act": "hide"}).status_code == 302
        profile.refresh_from_db()
        assert profile.shown_to_youth_at is None


class TestSittingTogether:
    def start(self, team, sign_in, pen="staff"):
        client = sign_in(team.school)
        response = client.post(
            reverse("youths:together", args=[team.youth.pk]), {"pen": pen}, follow=True
        )
        assert response.status_code == 200
        return client

    def test_opens_the_young_persons_pages_and_notes_how_it_was_said(self, team, sign_in):
        part = part_of(shown(team))
        client = self.start(team, sign_in)
        page = client.get(reverse("handover:mine", args=[team.youth.pk])).content.decode()
        assert "You sit together" in page
        url = reverse("handover:react", args=[part.pk])
        client.post(url, DIFFERS | {"revision": 1, "text": "Nej"})
        made = PartReaction.objects.get()
        assert (made.given_by, made.sitting.pen) == (team.school, "staff")
        assert made.how == f"Together with {team.school.name}, who wrote it down"
        lines = AccessEvent.objects.about(team.youth).filter(user_id=team.school.pk)
        assert lines.showing(Section.SUPPORT).exists()

    def test_shows_no_draft_that_the_young_person_may_not_read(self, team, sign_in):
        complete(team)
        client = self.start(team, sign_in)
        page = client.get(reverse("handover:mine", args=[team.youth.pk])).content.decode()
        assert "Nothing to read yet" in page

    def test_is_for_the_school_alone(self, team, other_team, sign_in):
        url = reverse("youths:together", args=[team.youth.pk])
        assert sign_in(team.caseworker).post(url, {"pen": "staff"}).status_code == 403
        assert sign_in(team.young).post(url, {"pen": "staff"}).status_code == 403
        assert sign_in(other_team.school).post(url, {"pen": "staff"}).status_code == 404
        assert sign_in(team.school).post(url, {}).status_code == 422
        assert not Sitting.objects.exists()

    def test_ends_by_itself_and_keeps_what_was_typed(self, team, sign_in):
        part = part_of(shown(team))
        client = self.start(team, sign_in)
        then = timezone.now() - timedelta(minutes=61)
        Sitting.objects.update(started_at=then, closes_at=then + timedelta(hours=1))
        url = reverse("handover:react", args=[part.pk])
        response = client.post(url, DIFFERS | {"revision": 1, "text": "Mine ord"})
        assert response.status_code == 409
        assert "Mine ord" in response.content.decode()
        assert not PartReaction.objects.exists()

    def test_ends_by_its_button(self, team, sign_in):
        client = self.start(team, sign_in)
        client.post(reverse("youths:together", args=[team.youth.pk]), {"act": "end"})
        assert Sitting.objects.open_of(team.school, team.youth) is None

    def test_lasts_an_hour_at_most(self, team):
        sitting = Sitting.start(by=team.school, youth=team.youth, pen="youth")
        assert sitting.closes_at - sitting.started_at == timedelta(hours=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            Sitting.objects.update(closes_at=timezone.now() + timedelta(hours=3))

    def test_is_with_one_young_person_at_a_time(self, team, other_team):
        Sitting.start(by=team.school, youth=team.youth, pen="youth")
        Sitting.start(by=team.school, youth=other_team.youth, pen="youth")
        assert Sitting.objects.open_of(team.school, team.youth) is None

    def test_saves_wishes_word_for_word(self, team, sign_in):
        client = self.start(team, sign_in, pen="youth")
        url = reverse("youths:wishes", args=[team.youth.pk])
        client.post(url, {"chosen": ["0", "4"], "other": "Køre truck"})
        made = OwnWords.objects.get(kind="wishes")
        assert made.text == "Work with animals\nWork in a workshop\nKøre truck"
        assert (made.how, made.taken_down_by) == ("together", team.school)


class TestWishes:
    def test_are_kept_and_changed_by_a_newer_choice(self, team, sign_in):
        client, url = sign_in(team.young), reverse("youths:wishes", args=[team.youth.pk])
        assert client.post(url, {}).status_code == 422
        client.post(url, {"chosen": ["0"]})
        client.post(url, {"chosen": ["0"]})
        client.post(url, {"chosen": ["1"]})
        assert [w.text for w in OwnWords.objects.filter(kind="wishes")] == [
            "Work outdoors",
            "Work with animals",
        ]
        page = sign_in(team.caseworker).get(reverse("case", args=[team.youth.pk]))
        assert "Work outdoors" in page.content.decode()


class TestCarrying:
    def take(self, team, key, act="add"):
        Carried.change(by=team.young, youth=team.youth, act=act, key=key)

    def keys(self, user, team):
        return [thing.key for thing in carried_things(user, team.youth)]

    def words(self, team, n=1):
        return [
            f"words-{OwnWords.objects.create(youth=team.youth, text=f'Ord {i}', how='wrote', taken_down_by=team.young).pk}"  # noqa: E501
            for i in range(n)
        ]

    def test_in_an_order_of_their_own(self, team):
        one, two, three = self.words(team, 3)
        for key in (one, two, three, three):
            self.take(team, key)
        self.take(team, three, "up")
        assert self.keys(team.school, team) == [one, three, two]
        self.take(team, one, "down")
        self.take(team, two, "remove")
        assert self.keys(team.school, team) == [three, one]

    def test_five_at_most(self, team):
        *five, sixth = self.words(team, 6)
        for key in five:
            self.take(team, key)
        with pytest.raises(TooMany):
            self.take(team, sixth)
        assert self.keys(team.young, team) == five

    def test_is_seen_by_who_may_read_each_thing(self, team, other_team):
        profile = shown(team)
        (words,) = self.words(team)
        part = f"part-{part_of(profile).pk}"
        self.take(team, words)
        self.take(team, part)
        assert self.keys(team.school, team) == self.keys(team.young, team) == [words, part]
        assert self.keys(team.caseworker, team) == [words]
        assert self.keys(stand_in(team.caseworker, youth=team.youth), team) == [words]
        profile.send(by=team.school)
        assert self.keys(team.caseworker, team) == [words, part]
        for outsider in (team.employer, team.lead, other_team.school, other_team.young):
            assert self.keys(outsider, team) == []

    def test_stands_on_top_of_the_case_and_in_the_log(self, team, sign_in):
        profile = sent(team)
        part = part_of(profile)
        self.take(team, f"part-{part.pk}")
        page = sign_in(team.caseworker).get(reverse("case", args=[team.youth.pk]))
        assert part.works in page.content.decode()
        line = AccessEvent.objects.about(team.youth).first()
        assert Section.SUPPORT in line.codes

    def test_by_a_page_that_needs_no_script(self, team, sign_in):
        words, other = self.words(team, 2)
        client, url = sign_in(team.young), reverse("handover:carry", args=[team.youth.pk])
        for act in (f"add {words}", f"add {other}", f"up {other}", "add words-0"):
            assert client.post(url, {"act": act}).status_code == 302
        assert self.keys(team.young, team) == [other, words]
        assert client.post(url, {"act": "burn"}).status_code == 404

    def test_refuses_the_sixth_in_words(self, team, sign_in):
        *five, sixth = self.words(team, 6)
        for key in five:
            self.take(team, key)
        url = reverse("handover:carry", args=[team.youth.pk])
        response = sign_in(team.young).post(url, {"act": f"add {sixth}"})
        assert response.status_code == 409
        assert "Put one back first" in response.content.decode()

    def test_a_draft_that_is_removed_is_carried_no_more(self, team):
        part = part_of(shown(team))
        self.take(team, f"part-{part.pk}")
        part.remove(by=team.school, revision=part.revision)
        assert self.keys(team.young, team) == []


def test_a_youth_who_has_left_is_asked_nothing(team):
    shown(team)
    team.youth.left_on, team.youth.left_because = days(0), "moved"
    team.youth.save()
    assert waiting_on_the_young(team.young, team.youth) == []
