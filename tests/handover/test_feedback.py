"""Feedback on an accepted handover: when it is asked for, what may be said, who reads it where."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from handover.models import (
    CatalogueEntry,
    Feedback,
    FeedbackMark,
    FeedbackMissing,
    HandoverDecision,
    HandoverRefused,
    NewerVersion,
    NotAskedFor,
    StaleFeedback,
    asked_about,
    feedback_waiting_on,
    year_of_feedback,
    years_with_feedback,
)
from partnerships.models import Narrowing, User
from tests.factories import PartFactory, YouthFactory, days, member
from tests.handover.test_decisions import answered, decide
from tests.handover.test_profiles import standing
from youths.models import AccessEvent, Consent, Notice
from youths.tasks import mail_notices

pytestmark = pytest.mark.django_db

HERE = timezone.get_default_timezone()


def accepted(team, *sections, ago=61):
    """A handover that was accepted so many days ago."""
    profile = answered(team, *sections)
    decide(team, profile)
    decided(profile, timezone.now() - timedelta(days=ago))
    return profile


def decided(profile, at):
    HandoverDecision.objects.filter(profile=profile).update(decided_at=at)


def give(team, profile, *, by=None, missing=None, number=0, turn=1, **marks):
    """Marks by section; the others are left unmarked."""
    by = by or team.caseworker
    said = {p.pk: marks.get(p.section, "") for p in asked_about(by, team.youth)}
    return Feedback.give(
        by=by,
        profile=profile,
        round=turn,
        number=number,
        version=profile.version,
        marks=said,
        missing=missing or {},
    )


def waiting(user, youth=None):
    return [row.what for row in feedback_waiting_on(User.objects.get(pk=user.pk), youth)]


def url(name, *args):
    return reverse(f"handover:{name}", args=args)


def fields(profile, *, number=0, turn=1, **said):
    """What the form sends: `part_<section>` stands for the standing copy."""
    data = {"round": turn, "number": number, "version": profile.version}
    for name, value in said.items():
        if name.startswith("part_"):
            name = f"part_{standing(profile, name.removeprefix('part_')).pk}"
        data[name] = value
    return data


class TestDue:
    @pytest.mark.parametrize(
        ("day", "turn"), [(0, None), (59, None), (60, 1), (179, 1), (180, 2), (700, 2)]
    )
    def test_sixty_and_a_hundred_and_eighty_days_after(self, team, day, turn):
        team.caseworker.memberships.update(starts_on=date(2020, 1, 1))
        profile = answered(team)
        decide(team, profile)
        decided(profile, datetime(2026, 3, 2, 23, 30, tzinfo=HERE))
        with time_machine.travel(datetime(2026, 3, 2, 0, 5, tzinfo=HERE) + timedelta(days=day)):
            found = feedback_waiting_on(team.caseworker)
            assert len(found) == (turn is not None)
            if turn:
                give(team, profile, support="helpful", turn=turn)
                assert waiting(team.caseworker) == []
            else:
                with pytest.raises(NotAskedFor):
                    give(team, profile, support="helpful")

    def test_the_days_are_the_programme_s(self, team):
        accepted(team, ago=30)
        assert waiting(team.caseworker) == []
        team.programme.feedback_first_days = 30
        team.programme.save()
        assert len(waiting(team.caseworker)) == 1

    def test_the_second_comes_after_the_first(self, team):
        team.programme.feedback_second_days = 60
        with pytest.raises(ValidationError, match="after the first"):
            team.programme.full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            team.programme.save()

    def test_is_asked_for_again_in_the_second_round(self, team):
        profile = accepted(team)
        give(team, profile, support="helpful")
        decided(profile, timezone.now() - timedelta(days=180))
        assert len(waiting(team.caseworker)) == 1
        with pytest.raises(NotAskedFor):  # a page of the first round that was left open
            give(team, profile, support="outdated")
        give(team, profile, support="outdated", turn=2)
        assert waiting(team.caseworker) == []

    def test_a_round_that_was_missed_is_not_asked_for_later(self, team):
        profile = accepted(team, ago=200)
        give(team, profile, support="helpful", turn=2)
        assert waiting(team.caseworker) == []

    @pytest.mark.parametrize("kind", ["returned", "declined"])
    def test_not_when_it_is_accepted_no_more(self, team, kind):
        profile = accepted(team)
        said = {"missing": {"support": "Mere"}} if kind == "returned" else {}
        said |= {"declined_because": "other", "text": "Nej"} if kind == "declined" else {}
        decide(team, profile, kind, **said)
        assert waiting(team.caseworker) == []
        with pytest.raises(NotAskedFor):
            give(team, profile, support="helpful")

    def test_accepted_with_questions_is_accepted(self, team):
        profile = answered(team)
        decide(team, profile, "with_questions")
        decided(profile, timezone.now() - timedelta(days=60))
        assert len(waiting(team.caseworker)) == 1

    def test_not_of_who_has_left(self, team):
        profile = accepted(team)
        team.youth.left_on, team.youth.left_because = days(-1), "moved"
        team.youth.save()
        assert waiting(team.caseworker) == []
        with pytest.raises(NotAskedFor):
            give(team, profile, support="helpful")

    def test_waits_on_the_case_too_and_on_nobody_else(self, team, other_team):
        accepted(team)
        assert len(waiting(team.caseworker, team.youth)) == 1
        another = YouthFactory(partnership=team.partnership)
        assert waiting(team.caseworker, another) == []
        others = (team.school, team.young, team.employer, team.lead)
        for person in (*others, *other_team.people().values()):
            assert waiting(person) == []

    @pytest.mark.parametrize("rows", [1, 3])
    def test_asks_as_often_for_three_as_for_one(self, team, django_assert_num_queries, rows):
        accepted(team)
        for _ in range(rows - 1):
            team.youth = YouthFactory(partnership=team.partnership)
            accepted(team)
        fresh = User.objects.get(pk=team.caseworker.pk)
        with django_assert_num_queries(3):  # memberships, grants, rows
            assert len(feedback_waiting_on(fresh)) == rows


class TestGiving:
    def test_keeps_each_mark_and_that_the_others_were_asked(self, team):
        profile = accepted(team)
        made = give(
            team, profile, support="helpful", direction="outdated", missing={"need": "Pauser?"}
        )
        kinds = {m.sent_part.section: m.kind for m in made.marks.select_related("sent_part")}
        assert kinds == {"support": "helpful", "direction": "outdated", "competences": ""}
        row = made.missing.get()
        assert (row.heading, row.section, row.text) == ("need", "support", "Pauser?")

    def test_every_save_keeps_who_and_when_and_the_newest_counts(self, team):
        profile = accepted(team)
        first = give(team, profile, support="helpful")
        colleague = member(team.partnership, "caseworker")
        second = give(team, profile, by=colleague, number=1, support="outdated")
        assert [f.given_by for f in Feedback.objects.order_by("number")] == [
            team.caseworker,
            colleague,
        ]
        assert Feedback.objects.newest().get() == second
        assert first.marks.get(kind="helpful").sent_part.section == "support"

    def test_the_same_twice_is_one(self, team):
        profile = accepted(team)
        first = give(team, profile, support="helpful", missing={"need": "Mere"})
        assert give(team, profile, support="helpful", missing={"need": "Mere"}) == first
        assert Notice.objects.filter(kind="feedback").count() == 1

    def test_over_what_somebody_else_saved_meanwhile_is_refused(self, team):
        profile = accepted(team)
        theirs = give(team, profile, support="helpful")
        with pytest.raises(StaleFeedback) as refused:
            give(team, profile, by=member(team.partnership, "caseworker"), support="outdated")
        assert refused.value.current == theirs
        assert Feedback.objects.count() == 1

    def test_of_another_version_than_was_read_is_refused(self, team):
        profile = accepted(team)
        marks = {p.pk: "helpful" for p in asked_about(team.caseworker, team.youth)}
        profile.parts.get(section="support").write(by=team.school, revision=1, text="Mere")
        profile.send(by=team.school)
        with pytest.raises(NewerVersion):
            Feedback.give(
                by=team.caseworker,
                profile=profile,
                round=1,
                number=0,
                version=1,
                marks=marks,
                missing={},
            )

    def test_of_nothing_is_refused(self, team):
        with pytest.raises(HandoverRefused):
            give(team, accepted(team))

    def test_what_is_held_back_is_not_asked_about(self, team):
        profile = accepted(team, "health")
        with pytest.raises(HandoverRefused):
            give(team, profile, missing={"mental_conditions": "Ro"})
        made = give(team, profile, support="helpful", health="helpful")
        assert not made.marks.filter(sent_part__section="health").exists()

    def test_what_was_held_back_since_is_refused(self, team):
        profile = accepted(team, "health")
        given = Consent.give(by=team.young, youth=team.youth, section="health")
        marks = {p.pk: "helpful" for p in asked_about(team.caseworker, team.youth)}
        given.withdraw(by=team.young)
        with pytest.raises(HandoverRefused):
            Feedback.give(
                by=team.caseworker,
                profile=profile,
                round=1,
                number=0,
                version=1,
                marks=marks,
                missing={},
            )

    def test_the_school_is_told_by_a_mail_that_says_nothing(self, team):
        profile = accepted(team)
        Notice.objects.update(sent_at=timezone.now())
        give(team, profile, support="helpful", missing={"need": "Pauser"})
        with time_machine.travel(timezone.now() + timedelta(days=1)):  # news go in the morning
            mail_notices()
        (sent,) = mail.outbox
        assert sent.to == [team.school.email]
        for word in (team.youth.name, team.youth.first_name, "Pauser"):
            assert word not in sent.subject + sent.body
        give(team, profile, number=1, support="outdated")  # once a round
        assert Notice.objects.filter(kind="feedback").count() == 1

    def test_the_database_keeps_what_was_missing_in_its_section(self, team):
        made = give(team, accepted(team), support="helpful")
        with pytest.raises(IntegrityError), transaction.atomic():
            FeedbackMissing.objects.create(feedback=made, heading="need", section="direction")
        with pytest.raises(IntegrityError), transaction.atomic():
            FeedbackMark.objects.create(
                feedback=made, sent_part=made.marks.first().sent_part, kind="outdated"
            )


class TestWhoReadsIt:
    def test_with_the_part_and_never_outside(self, team, other_team):
        profile = accepted(team, "health")
        given = Consent.give(by=team.young, youth=team.youth, section="health")
        give(
            team, profile, health="outdated", missing={"mental_conditions": "Hvad giver ro?"}
        )  # fmt: skip

        def seen(user):
            fresh = User.objects.get(pk=user.pk)
            marks = FeedbackMark.objects.visible_to(fresh, team.youth).exclude(kind="")
            return marks.count(), FeedbackMissing.objects.visible_to(fresh, team.youth).count()

        readers = (team.school, team.caseworker, team.young)
        assert [seen(user) for user in readers] == [(1, 1)] * 3
        outsiders = (team.employer, team.lead, team.evaluator, *other_team.people().values())
        assert {seen(user) for user in outsiders} == {(0, 0)}
        given.withdraw(by=team.young)
        assert [seen(user) for user in readers] == [(1, 1), (0, 0), (1, 1)]

    @pytest.mark.parametrize("who", ["school", "caseworker", "young"])
    def test_at_the_part_and_under_the_heading(self, team, sign_in, who):
        give(team, accepted(team), support="helpful", missing={"need": "Hvornår er der ro?"})
        page = sign_in(getattr(team, who)).get(url("received", team.youth.pk)).text
        assert f"{team.partnership.municipality}: it helped" in page
        assert "Hvornår er der ro?" in page
        assert "First feedback" in page

    def test_where_the_next_version_is_written(self, team, sign_in):
        profile = accepted(team)
        give(team, profile, support="outdated", missing={"need": "Hvornår er der ro?"})
        part, client = profile.parts.get(section="support"), sign_in(team.school)
        for address in (
            f"{url('write', team.youth.pk)}?section=support",
            url("part", part.pk),
        ):
            page = client.get(address).text
            assert "it is outdated" in page
            assert "Hvornår er der ro?" in page
            assert "About an earlier text" not in page
        part.write(by=team.school, revision=1, text="Ny tekst")
        assert "About an earlier text" in client.get(url("part", part.pk)).text

    def test_under_a_heading_of_which_nothing_was_sent_and_noted(self, team, sign_in):
        give(team, accepted(team), missing={"network": "Hvem ringer vi til?"})
        page = sign_in(team.caseworker).get(url("received", team.youth.pk)).text
        assert "Hvem ringer vi til?" in page
        noted = AccessEvent.objects.filter(user_id=team.caseworker.pk).first()
        assert "network" in noted.codes

    def test_by_the_young_person_in_plain_words(self, team, sign_in):
        profile = accepted(team)
        give(team, profile, support="outdated")
        part = profile.parts.get(section="support")
        page = sign_in(team.young).get(url("react", part.pk)).text
        assert "This does not fit any more." in page

    def test_on_paper(self, team, sign_in, monkeypatch):
        monkeypatch.setattr("vivirkr.pdf.is_possible", lambda: True)
        monkeypatch.setattr("vivirkr.pdf.make", str.encode)
        give(team, accepted(team), support="helpful", missing={"need": "Hvornår er der ro?"})
        file = sign_in(team.school).get(reverse("handover_pdf", args=[team.youth.pk]))
        text = file.getvalue().decode() if file.streaming else file.text
        assert "it helped" in text
        assert "Hvornår er der ro?" in text

    def test_is_news_for_the_school_until_it_is_seen(self, team, sign_in):
        give(team, accepted(team), support="helpful")
        home = sign_in(team.school).get(reverse("home")).text
        assert f"has given feedback on the handover of {team.youth.name}" in home
        assert url("received", team.youth.pk) + "#feedback" in home


class TestForm:
    def test_saves_all_in_one_press(self, team, sign_in):
        profile = accepted(team)
        client, address = sign_in(team.caseworker), url("feedback", team.youth.pk)
        assert address in client.get(reverse("home")).text
        assert address in client.get(reverse("case", args=[team.youth.pk])).text
        page = client.get(address).text
        assert "It takes one minute" in page
        said = fields(profile, part_support="helpful", missing_need="on", words_need="Pauser")
        done = client.post(address, said | {"words_network": "Hvem?"})
        assert (done.status_code, done.url) == (302, url("received", team.youth.pk) + "#feedback")
        made = Feedback.objects.get()
        assert {r.heading: r.text for r in made.missing.all()} == {
            "need": "Pauser",
            "network": "Hvem?",  # words say that something was missing
        }
        again = client.get(address)
        assert 'value="helpful"' in again.text
        assert again.context["form"]["words_need"].value() == "Pauser"
        assert again.context["form"]["number"].value() == 1

    def test_before_the_day_leads_to_the_handover(self, team, sign_in):
        accepted(team, ago=10)
        client, address = sign_in(team.caseworker), url("feedback", team.youth.pk)
        assert client.get(address).url == url("received", team.youth.pk) + "#feedback"
        page = client.get(url("received", team.youth.pk)).text
        assert "is asked on" in page
        assert address not in page

    def test_a_save_before_the_day_keeps_what_was_typed(self, team, sign_in):
        profile = accepted(team, ago=10)
        said = fields(profile, part_support="helpful", words_need="Hvornår er der ro?")
        response = sign_in(team.caseworker).post(url("feedback", team.youth.pk), said)
        assert response.status_code == 409
        assert "Hvornår er der ro?" in response.text
        assert not Feedback.objects.exists()

    @pytest.mark.parametrize("who", ["school", "young"])
    def test_is_not_for_who_only_reads(self, team, sign_in, who):
        accepted(team)
        client = sign_in(getattr(team, who))
        assert client.get(url("feedback", team.youth.pk)).status_code == 403
        assert client.post(url("feedback", team.youth.pk)).status_code == 403
        assert url("feedback", team.youth.pk) not in client.get(url("received", team.youth.pk)).text

    def test_is_not_there_for_an_outsider(self, team, other_team, sign_in):
        accepted(team)
        for who in ("caseworker", "school", "employer"):
            client = sign_in(getattr(other_team, who))
            assert client.get(url("feedback", team.youth.pk)).status_code == 404

    @pytest.mark.parametrize(
        "said",
        [
            {},
            {"part_support": "best"},
            {"missing_need": "", "words_need": "  "},
            {"words_need": "x" * 501},
            {"words_need": "a\0b"},
            {"part_support": "helpful", "number": "one"},
            {"part_support": "helpful", "version": "9" * 40},
            {"part_support": "helpful", "round": ""},
        ],
    )
    def test_of_what_cannot_be_is_refused_and_kept(self, team, sign_in, said):
        profile = accepted(team)
        response = sign_in(team.caseworker).post(
            url("feedback", team.youth.pk), fields(profile) | fields(profile, **said)
        )
        assert response.status_code in (409, 422)
        assert not Feedback.objects.exists()
        if len(said.get("words_need", "")) > 500:
            assert "x" * 501 in response.text

    def test_shows_what_somebody_else_saved_meanwhile(self, team, sign_in):
        profile = accepted(team)
        colleague = member(team.partnership, "caseworker")
        client, address = sign_in(colleague), url("feedback", team.youth.pk)
        give(team, profile, support="helpful", missing={"avoid": "Telefoner?"})
        said = fields(profile, part_support="outdated", words_need="Pauser")
        clash = client.post(address, said)
        assert clash.status_code == 409
        for words in (team.caseworker.name, "Telefoner?", "Pauser"):
            assert words in clash.text
        again = clash.context["form"]
        assert again["number"].value() == "1"
        assert client.post(address, said | {"number": 1}).status_code == 302
        assert Feedback.objects.newest().get().given_by == colleague

    def test_a_newer_version_is_shown_and_words_are_kept(self, team, sign_in):
        profile = accepted(team)
        said = fields(profile, part_direction="helpful", words_need="Pauser")
        profile.parts.get(section="support").write(by=team.school, revision=1, text="Helt ny tekst")
        profile.send(by=team.school)
        client, address = sign_in(team.caseworker), url("feedback", team.youth.pk)
        response = client.post(address, said)
        assert response.status_code == 409
        assert "newer version" in response.text
        assert "Helt ny tekst" in response.text
        assert response.context["form"]["words_need"].value() == "Pauser"
        assert client.post(address, said | {"version": 2}).status_code == 302

    def test_words_under_a_heading_that_is_held_back_by_now_are_shown(self, team, sign_in):
        profile = accepted(team, "health")
        said = fields(profile, part_support="helpful", words_mental_conditions="Hvad giver ro?")
        response = sign_in(team.caseworker).post(url("feedback", team.youth.pk), said)
        assert response.status_code == 409
        assert "Hvad giver ro?" in response.text
        assert not Feedback.objects.exists()

    def test_text_of_a_part_is_text(self, team, sign_in):
        profile = answered(team)
        profile.parts.get(section="support").write(
            by=team.school, revision=1, text="<script>alert(1)</script>", label="<b>Ro</b>"
        )
        profile.send(by=team.school)
        standing(profile).answer(by=team.caseworker, kind="understood")
        decide(team, profile)
        decided(profile, timezone.now() - timedelta(days=60))
        page = sign_in(team.caseworker).get(url("feedback", team.youth.pk)).text
        assert "<script>alert(1)" not in page
        assert "<b>Ro</b>" not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_notes_the_sections_that_stand_on_it(self, team, sign_in):
        accepted(team, "health")
        sign_in(team.caseworker).get(url("feedback", team.youth.pk))
        noted = AccessEvent.objects.filter(user_id=team.caseworker.pk).first()
        assert noted.codes == ["identity", "direction", "competences", "support"]

    @pytest.mark.parametrize("parts", [1, 3])
    def test_asks_as_often_for_three_parts_as_for_one(
        self, team, sign_in, django_assert_num_queries, parts
    ):
        profile = answered(team)
        for _ in range(parts - 1):
            PartFactory(profile=profile, section="support")
        if parts > 1:
            profile.send(by=team.school)
        decide(team, profile, "with_questions")
        decided(profile, timezone.now() - timedelta(days=60))
        give(team, profile, support="helpful", missing={"need": "Mere"})
        client = sign_in(team.caseworker)
        client.get(url("feedback", team.youth.pk))
        with django_assert_num_queries(14):
            client.get(url("feedback", team.youth.pk))


class TestYear:
    def rows(self, user, year=None):
        now = timezone.localdate()
        begins, ends = year or (now - timedelta(days=30), now + timedelta(days=1))
        found = year_of_feedback(User.objects.get(pk=user.pk), begins, ends)
        return {r.heading: (r.asked, r.helpful, r.outdated, r.missing) for r in found}

    def second(self, team, ago=61):
        """Another young person of the same school."""
        first, team.youth = team.youth, YouthFactory(partnership=team.partnership)
        profile = accepted(team, ago=ago)
        return first, profile

    def test_counts_parts_and_handovers_by_heading(self, team):
        give(team, accepted(team), support="helpful", missing={"need": "a", "network": ""})
        _first, profile = self.second(team)
        give(team, profile, support="outdated", direction="helpful", missing={"need": "b"})
        assert self.rows(team.school) == {
            "need": (2, 1, 1, 2),
            "network": (0, 0, 0, 1),
            "direction": (2, 1, 0, 0),
            "vocational": (2, 0, 0, 0),
        }

    def test_what_was_missing_most_stands_first(self, team):
        give(team, accepted(team), direction="outdated", missing={"network": ""})
        now = timezone.localdate()
        found = year_of_feedback(team.school, now, now + timedelta(days=1))
        assert [row.heading for row in found][:2] == ["network", "direction"]

    def test_by_label_of_the_catalogue_and_own_words_together(self, team):
        entry = CatalogueEntry.objects.create(heading="need", da="Ro", en="Quiet")
        profile = answered(team)
        PartFactory(profile=profile, section="support", entry=entry, label="")
        profile.send(by=team.school)
        decide(team, profile, "with_questions")
        decided(profile, timezone.now() - timedelta(days=60))
        give(team, profile, support="helpful")
        now = timezone.localdate()
        (need,) = (
            row
            for row in year_of_feedback(team.school, now, now + timedelta(days=1))
            if row.heading == "need"
        )
        assert {(str(one.title), one.helpful) for one in need.labels} == {
            (entry.words, 1),
            ("In own words", 1),
        }

    def test_a_part_counts_once_for_each_mark_and_only_the_newest_save(self, team):
        profile = accepted(team)
        give(team, profile, support="outdated", missing={"need": ""})
        give(team, profile, number=1, support="helpful")
        assert self.rows(team.school)["need"] == (1, 1, 0, 0)
        decided(profile, timezone.now() - timedelta(days=180))
        give(team, profile, support="outdated", turn=2)
        assert self.rows(team.school)["need"] == (1, 1, 1, 0)

    def test_of_that_school_year_alone(self, team, sign_in):
        with time_machine.travel(datetime(2025, 7, 31, 23, tzinfo=HERE)):
            team.caseworker.memberships.update(starts_on=date(2020, 1, 1))
            give(team, accepted(team), support="helpful")
        years = ((date(2024, 8, 1), date(2025, 8, 1)), (date(2025, 8, 1), date(2026, 8, 1)))
        assert [bool(self.rows(team.school, year)) for year in years] == [True, False]
        with time_machine.travel(datetime(2025, 8, 1, 0, 30, tzinfo=HERE), tick=False):
            team.school.memberships.update(starts_on=date(2020, 1, 1))
            assert years_with_feedback(User.objects.get(pk=team.school.pk)) == [2025, 2024]

    def test_only_of_the_cases_that_the_person_reads(self, team, other_team):
        give(team, accepted(team), support="helpful", missing={"network": "Hvem?"})
        assert self.rows(other_team.school) == {}
        assert self.rows(team.employer) == self.rows(team.lead) == {}
        Narrowing.objects.create(partnership=team.partnership, role="school", section="network")
        assert "network" not in self.rows(team.school)

    def test_page_counts_and_names_nobody(self, team, sign_in):
        give(team, accepted(team), support="helpful", missing={"need": "Hvornår er der ro?"})
        client = sign_in(team.school)
        assert url("feedback_year") in client.get(reverse("home")).text
        page = client.get(url("feedback_year")).text
        assert "Support needs" in page
        for words in (team.youth.name, team.caseworker.name, "Hvornår er der ro?"):
            assert words not in page
        assert not AccessEvent.objects.filter(youth_id=team.youth.pk, channel="page").exists()

    def test_words_stand_by_case_and_are_noted(self, team, sign_in):
        give(team, accepted(team), missing={"need": "Hvornår er der ro?"})
        page = sign_in(team.school).get(f"{url('feedback_year')}?heading=need").text
        assert "Hvornår er der ro?" in page
        assert team.youth.name in page
        noted = AccessEvent.objects.filter(user_id=team.school.pk, channel="list").last()
        assert noted.codes == ["identity", "support"]

    @pytest.mark.parametrize("who", ["caseworker", "lead", "evaluator", "employer", "young"])
    def test_is_the_school_s_alone(self, team, sign_in, who):
        assert sign_in(getattr(team, who)).get(url("feedback_year")).status_code == 403

    def test_an_outsider_finds_nothing_in_it(self, team, other_team, sign_in):
        give(team, accepted(team), missing={"need": "Hvornår er der ro?"})
        for query in ("", "?heading=need"):
            page = sign_in(other_team.school).get(url("feedback_year") + query).text
            assert "Hvornår er der ro?" not in page
            assert team.youth.name not in page

    @pytest.mark.parametrize(
        "query", ["?year=x", "?year=99999999", "?year=-1", "?heading=x", "?heading=need&page=zz"]
    )
    def test_of_what_cannot_be_shows_this_year(self, team, sign_in, query):
        assert sign_in(team.school).get(url("feedback_year") + query).status_code == 200

    @pytest.mark.parametrize("rows", [1, 3])
    @pytest.mark.parametrize(("query", "number"), [("", 9), ("?heading=need", 9)])
    def test_asks_as_often_for_three_as_for_one(
        self, team, sign_in, django_assert_num_queries, rows, query, number
    ):
        for turn in range(rows):
            profile = self.second(team)[1] if turn else accepted(team)
            give(team, profile, support="helpful", missing={"need": "Mere"})
        client = sign_in(team.school)
        client.get(url("feedback_year") + query)
        with django_assert_num_queries(number):
            client.get(url("feedback_year") + query)
