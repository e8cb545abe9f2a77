"""What is new to the receiver since they last read, as the read log knows it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from handover.models import HandoverVersion, last_read
from partnerships.models import Narrowing
from tests.factories import PartFactory, member
from tests.handover.test_profiles import complete, sent, standing
from tests.handover.test_versions import rewrite
from tests.handover.test_views import page, url
from youths.models import AccessEvent, Consent

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(time_machine):
    """Call with hours: so much time goes by."""
    time_machine.move_to(timezone.now().replace(hour=8, minute=0), tick=False)

    def later(hours):
        time_machine.shift(timedelta(hours=hours))

    return later


@pytest.fixture
def look(team, sign_in):
    """Call: the caseworker opens the page; the news on it as pairs of title and text."""

    def at_the_page(person=team.caseworker):
        response = sign_in(person).get(url("received", team.youth.pk))
        return [(item.title, str(item.text)) for item in response.context["news"]]

    return at_the_page


def title(profile, section="support"):
    return standing(profile, section).title


class TestNews:
    def test_is_none_for_who_opens_it_the_first_time(self, team, look, clock):
        profile = sent(team)
        rewrite(profile, text="Nyt")
        profile.send(by=team.school)
        assert look() == []

    def test_is_none_when_nothing_has_come(self, team, look, clock):
        sent(team)
        look()
        clock(24)
        assert look() == []

    def test_names_parts_that_are_new_changed_and_taken_away(self, team, look, clock):
        profile = sent(team, "network")
        gone, changed = title(profile, "network"), title(profile)
        look()
        clock(24)
        rewrite(profile, works="To gange")
        profile.parts.get(section="network").remove(by=team.school, revision=1)
        PartFactory(profile=profile, section="competences", label="Kasse", written_by=team.school)
        profile.send(by=team.school)
        clock(1)
        assert sorted(look()) == sorted(
            [
                ("Kasse", "new in version 2"),
                (changed, "changed in version 2"),
                (gone, "taken away by the school"),
            ]
        )

    def test_is_told_once_over_several_versions(self, team, look, clock):
        profile = sent(team)
        look()
        clock(24)
        for n in (2, 3):
            rewrite(profile, text=f"Nyt {n}")
            profile.send(by=team.school)
        assert look() == [(title(profile), "changed in version 3")]

    def test_of_a_reply_names_who_replied(self, team, look, clock):
        profile = sent(team)
        answer = standing(profile).answer(by=team.caseworker, kind="question", text="?")
        look()
        clock(24)
        answer.give_reply(by=team.school, text="Ja.")
        assert look() == [(title(profile), f"{team.school.name} has replied to the question")]

    def test_says_what_is_not_held_back_any_more(self, team, look, clock):
        sent(team, "health")
        look()
        clock(24)
        consent = Consent.give(by=team.young, youth=team.youth, section="health")
        line = ("Social and mental conditions", "1 part is not held back any more")
        assert look() == [line]
        clock(24)
        assert look() == []
        consent.withdraw(by=team.young)
        clock(24)
        assert look() == []
        clock(24)
        Consent.give(by=team.young, youth=team.youth, section="health")
        assert look() == [line]  # the last time it was not there

    def test_says_so_when_it_was_the_agreement(self, team, look, clock):
        sent(team, "network")
        fields = {"role": "caseworker", "section": "network", "reason": "Aftalt"}
        narrowing = Narrowing.objects.create(partnership=team.partnership, **fields)
        look()
        narrowing.delete()
        assert look() == [("Network and practical matters", "1 part is not held back any more")]

    def test_never_names_what_is_held_back(self, team, look, clock):
        profile = sent(team, "health")
        look()
        clock(24)
        rewrite(profile, "health", text="Nyt")
        profile.send(by=team.school)
        assert look() == []

    def test_is_for_the_receiver(self, team, look, clock):
        profile = sent(team)
        for person in (team.school, team.young):
            look(person)
        clock(24)
        rewrite(profile, text="Nyt")
        profile.send(by=team.school)
        for person in (team.school, team.young):
            assert look(person) == []

    def test_is_of_this_person_alone(self, team, look, clock):
        colleague = member(team.partnership, "caseworker")
        profile = sent(team)
        look(colleague)
        clock(24)
        rewrite(profile, text="Nyt")
        profile.send(by=team.school)
        assert look() == []
        assert len(look(colleague)) == 1

    def test_leads_to_the_words_that_changed(self, team, sign_in, look, clock):
        profile = sent(team)
        look()
        rewrite(profile, text="Nyt")
        profile.send(by=team.school)
        html = page(sign_in(team.caseworker).get(url("received", team.youth.pk)))
        since = f"{url('changed', team.youth.pk, 2)}?since=1"
        assert f'href="{since}#part-{standing(profile).part_id}"' in html
        assert "Changed since version 1: see what" in html
        assert "New since you last read" in html


class TestSitting:
    """Whoever answers part by part opens the page again and again: it is one reading."""

    def test_keeps_the_news_while_it_lasts(self, team, look, clock):
        profile = sent(team)
        look()
        clock(24)
        rewrite(profile, text="Nyt")
        profile.send(by=team.school)
        for _ in range(3):
            assert len(look()) == 1
            clock(1.5)
        clock(1)
        assert look() == []

    def test_that_is_the_first_tells_what_comes_in_it(self, team, look, clock):
        profile = sent(team)
        look()
        clock(0.1)
        rewrite(profile, text="Nyt")
        profile.send(by=team.school)
        clock(0.1)
        assert len(look()) == 1
        assert len(look()) == 1

    def test_begins_with_what_was_sent(self, team, sign_in, clock):
        profile = complete(team)
        client = sign_in(team.caseworker)
        client.get(url("received", team.youth.pk))
        assert last_read(team.caseworker, team.youth) is None
        profile.send(by=team.school)
        client.get(url("received", team.youth.pk))
        assert last_read(team.caseworker, team.youth).version == 1

    def test_is_not_what_another_page_showed(self, team, sign_in, look, clock):
        profile = sent(team)
        look()
        clock(24)
        rewrite(profile, text="Nyt")
        profile.send(by=team.school)
        client = sign_in(team.caseworker)
        client.get(url("versions", team.youth.pk))
        client.get(url("version", team.youth.pk, 1))
        clock(24)
        assert len(look()) == 1

    def test_of_a_version_that_came_while_the_page_was_made_is_not_lost(self, team, look, clock):
        """The mark is the version that was shown, not the time."""
        profile = sent(team)
        look()
        rewrite(profile, text="Nyt")
        profile.send(by=team.school)
        HandoverVersion.objects.filter(number=2).update(sent_at=timezone.now() - timedelta(hours=1))
        clock(24)
        assert len(look()) == 1


def test_looking_through_their_eyes_is_no_reading(team, sign_in):
    sent(team)
    school = sign_in(team.school)
    school.get(f"/youths/{team.youth.pk}/eyes/caseworker/?page=handover")
    assert AccessEvent.objects.filter(channel="preview").exists()
    assert last_read(team.school, team.youth) is None
    assert last_read(team.caseworker, team.youth) is None


@pytest.mark.parametrize("parts", [1, 3])
def test_asks_as_often_for_three_as_for_one(team, sign_in, django_assert_num_queries, parts):
    profile = complete(team, "health")
    for _ in range(parts - 1):
        for section in ("support", "health"):
            PartFactory(profile=profile, section=section, written_by=team.school)
    profile.send(by=team.school)
    client = sign_in(team.caseworker)
    client.get(url("received", team.youth.pk))
    for part in profile.parts.filter(section="support"):
        part.write(by=team.school, revision=part.revision, text="Nyt")
    profile.send(by=team.school)
    Consent.give(by=team.young, youth=team.youth, section="health")
    for part in profile.sent_parts.current().filter(section="support"):
        part.answer(by=team.caseworker, kind="question", text="?").give_reply(
            by=team.school, text="Ja."
        )
    client.get(url("received", team.youth.pk))
    with django_assert_num_queries(29):
        client.get(url("received", team.youth.pk))
