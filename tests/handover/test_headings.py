"""Headings, the catalogue, own wordings that many use, and the period of what was seen."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from handover.access import SECTIONS
from handover.models import (
    HEADINGS,
    CatalogueEntry,
    FfbSubtheme,
    Heading,
    Part,
    offered_wordings,
    wording_index,
)
from tests.factories import PartFactory, UserFactory, YouthFactory, member
from tests.handover.test_profiles import complete, sent
from tests.handover.test_views import fields, page, url
from youths.models import AccessEvent

pytestmark = pytest.mark.django_db


def entry_of(heading="need", **words):
    return CatalogueEntry.objects.create(
        heading=heading, **({"da": "Nye opgaver i dag", "en": "New tasks today"} | words)
    )


class TestHeading:
    def test_every_heading_has_one_section_and_every_section_a_heading(self):
        assert set(HEADINGS) == set(SECTIONS)
        assert sorted(h for found in HEADINGS.values() for h in found) == sorted(Heading)
        assert Heading.AVOID.section == "support"

    def test_a_part_stands_in_the_section_of_its_heading(self, team):
        part = PartFactory(profile__youth=team.youth, section="support")
        part.write(by=team.school, revision=1, heading="mental_conditions")
        assert (part.section, part.heading) == ("health", "mental_conditions")

    @pytest.mark.parametrize("model", ["parts", "sent_parts"])
    def test_in_another_section_is_refused_by_the_database(self, team, model):
        profile = sent(team)
        rows = getattr(profile, model).filter(section="support")
        with pytest.raises(IntegrityError, match="heading_stands_in_its_section"):
            rows.update(heading="network")

    def test_what_to_avoid_needs_neither_level_nor_what_works(self):
        part = Part(section="support", heading="avoid")
        assert list(part.missing()) == ["label", "text"]

    def test_a_part_that_is_moved_comes_last_under_its_new_heading(self, team):
        profile = complete(team)
        first = PartFactory(profile=profile, section="network", position=7)
        part = profile.parts.get(section="support")
        part.write(by=team.school, revision=1, heading="network")
        assert list(profile.parts.filter(heading="network")) == [first, part]

    def test_moving_a_part_is_how_it_becomes_sensitive(self, team, sign_in):
        profile = sent(team)
        part = profile.parts.get(section="support")
        PartFactory(profile=profile, section="support", written_by=team.school)
        response = sign_in(team.school).post(
            url("part", part.pk), fields(part, heading="social_conditions")
        )
        assert response.url.endswith(f"?section=health#part-{part.pk}")
        profile.refresh_from_db()
        profile.send(by=team.school)
        read = page(sign_in(team.caseworker).get(url("received", team.youth.pk)))
        assert str(part.title) not in read
        assert "1 part is written, but not shared with you." in read

    @pytest.mark.parametrize("heading", ["nonsense", "identity", "\x00"])
    def test_that_is_none_is_not_saved(self, team, sign_in, heading):
        part = PartFactory(profile__youth=team.youth, section="support", written_by=team.school)
        client = sign_in(team.school)
        response = client.post(url("part", part.pk), fields(part, heading=heading))
        assert response.status_code == 422
        part.refresh_from_db()
        assert part.heading == "need"

    def test_of_a_section_that_the_agreement_takes_away_is_not_offered(self, team, sign_in):
        part = PartFactory(profile__youth=team.youth, section="support", written_by=team.school)
        team.partnership.narrowings.create(role="school", section="health", reason="Aftalt")
        client = sign_in(team.school)
        assert "mental_conditions" not in page(client.get(url("part", part.pk)))
        data = fields(part, heading="mental_conditions")
        assert client.post(url("part", part.pk), data).status_code == 422


class TestTitle:
    def test_is_the_own_wording_before_the_catalogue(self):
        part = Part(entry=entry_of(), label=" Pauser ")
        assert part.title == "Pauser"

    def test_is_of_the_catalogue_in_the_language_of_the_reader(self):
        part = Part(entry=entry_of())
        assert part.title == "New tasks today"
        with translation.override("da"):
            assert part.title == "Nye opgaver i dag"

    def test_of_an_entry_lacks_nothing(self):
        part = Part(section="network", heading="network", entry=entry_of("network"), text="Ja")
        assert part.missing() == {}


class TestEntry:
    def test_is_offered_within_the_section_while_it_is_in_use(self, team, sign_in):
        part = PartFactory(profile__youth=team.youth, section="support", written_by=team.school)
        entry_of()
        entry_of("avoid", en="Crowds of people", da="Mange")
        entry_of("network", en="Cousins", da="Fætre")
        entry_of(en="Out of use", da="Udgået").__class__.objects.filter(da="Udgået").update(
            is_active=False
        )
        html = page(sign_in(team.school).get(url("part", part.pk)))
        assert "New tasks today" in html
        assert "Crowds of people" in html
        assert "Cousins" not in html
        assert "Out of use" not in html

    def test_is_saved_sent_and_shown_with_its_theme(self, team, sign_in):
        theme = FfbSubtheme.objects.create(area="A", theme="Mental", name="Igangsætning nu")
        entry = entry_of(subtheme=theme)
        profile = complete(team)
        part = profile.parts.get(section="support")
        sign_in(team.school).post(url("part", part.pk), fields(part, label="", entry=entry.pk))
        profile.send(by=team.school)
        copy = profile.sent_parts.get(section="support")
        assert (copy.entry, copy.heading) == (entry, "need")
        html = page(sign_in(team.caseworker).get(url("received", team.youth.pk)))
        assert "New tasks today" in html
        assert "FFB: Igangsætning nu" in html

    def test_out_of_use_stays_with_the_part_that_has_it(self, team, sign_in):
        entry = entry_of()
        part = PartFactory(
            profile__youth=team.youth, section="support", entry=entry, written_by=team.school
        )
        CatalogueEntry.objects.update(is_active=False)
        client = sign_in(team.school)
        data = fields(part, text="Nyt", entry=entry.pk)
        assert client.post(url("part", part.pk), data).status_code == 302
        part.refresh_from_db()
        assert (part.entry, part.text) == (entry, "Nyt")

    @pytest.mark.parametrize("value", ["0", "x", "99999999999999999999", "\x00"])
    def test_that_is_none_is_refused_beside_the_field(self, team, sign_in, value):
        part = PartFactory(profile__youth=team.youth, section="support", written_by=team.school)
        client = sign_in(team.school)
        assert client.post(url("part", part.pk), fields(part, entry=value)).status_code == 422

    def test_that_was_sent_keeps_its_words(self, team):
        entry = entry_of()
        profile = complete(team)
        profile.parts.get(section="support").write(by=team.school, revision=1, entry=entry)
        profile.send(by=team.school)
        entry.da = "Andet"
        with pytest.raises(ValidationError, match="sent with these words"):
            entry.clean()

    def test_twice_under_a_heading_is_refused_by_the_database(self):
        entry_of()
        with pytest.raises(IntegrityError, match="words_stand_once"), transaction.atomic():
            entry_of()


class TestPeriod:
    @pytest.mark.parametrize(
        ("begins", "ends", "words"),
        [
            (date(2025, 8, 4), date(2025, 10, 30), "August to October 2025"),
            (date(2024, 8, 4), date(2025, 1, 3), "August 2024 to January 2025"),
            (date(2025, 8, 4), date(2025, 8, 30), "August 2025"),
            (date(2025, 8, 4), None, "From August 2025"),
            (None, date(2025, 8, 4), "Until August 2025"),
            (None, None, ""),
        ],
    )
    def test_in_words(self, begins, ends, words):
        assert Part(seen_from=begins, seen_to=ends).seen == words

    def test_is_saved_sent_and_read(self, team, sign_in):
        profile = complete(team)
        part = profile.parts.get(section="support")
        data = fields(part, seen_from="2025-08-04", seen_to="2025-10-30")
        assert sign_in(team.school).post(url("part", part.pk), data).status_code == 302
        profile.send(by=team.school)
        html = page(sign_in(team.caseworker).get(url("received", team.youth.pk)))
        assert "August to October 2025" in html

    def test_that_ends_before_it_begins_is_refused_beside_the_field(self, team, sign_in):
        part = PartFactory(profile__youth=team.youth, section="support", written_by=team.school)
        data = fields(part, seen_from="2025-10-30", seen_to="2025-08-04", text="Mit")
        response = sign_in(team.school).post(url("part", part.pk), data)
        assert response.status_code == 422
        assert "The period ends before it begins." in page(response)
        assert "Mit" in page(response)

    def test_that_ends_before_it_begins_is_refused_by_the_database(self, team):
        with pytest.raises(IntegrityError, match="period_ends_after_it_begins"):
            PartFactory(seen_from=date(2025, 2, 1), seen_to=date(2025, 1, 1))

    def test_stands_beside_the_other_in_a_conflict(self, team, sign_in):
        part = PartFactory(profile__youth=team.youth, section="support", written_by=team.school)
        theirs = {"seen_from": date(2025, 8, 4), "entry": entry_of(), "heading": "avoid"}
        Part.objects.get(pk=part.pk).write(by=team.school, revision=1, **theirs)
        data = fields(part, seen_from="2025-09-01", heading="need")
        response = sign_in(team.school).post(url("part", part.pk), data)
        assert response.status_code == 409
        rows = {row["name"]: row for row in response.context["differences"]}
        assert rows["seen_from"]["mine"] == "1 September 2025"
        assert rows["seen_from"]["theirs"] == "4 August 2025"
        assert rows["entry"]["theirs"] == "New tasks today"
        assert rows["heading"]["theirs"] == "What to avoid"


class TestWordings:
    def used(self, words, youths, **fields):
        return [
            PartFactory(profile__youth=YouthFactory(), label=words, **fields) for _ in range(youths)
        ]

    def test_are_the_same_whatever_capitals_spaces_and_full_stop(self):
        assert wording_index(" At holde  pause.") == wording_index("at holde pause")
        assert wording_index("") == wording_index(" . ") == ""

    def test_follow_what_is_written(self, team):
        part = PartFactory(profile__youth=team.youth, label="Pauser")
        part.write(by=team.school, revision=1, label="Ro")
        assert Part.objects.get().wording_index == wording_index("Ro")

    def test_of_three_young_people_are_offered_and_of_two_are_not(self):
        self.used("At holde pause", 3)
        self.used("Sjælden vending", 2)
        assert [(o.words, o.youths, o.heading) for o in offered_wordings()] == [
            ("At holde pause", 3, "vocational")
        ]

    def test_three_times_about_one_are_not_offered(self, team):
        profile = complete(team)
        for _ in range(3):
            PartFactory(profile=profile, label="Kun om én")
        assert offered_wordings() == []

    def test_of_the_catalogue_are_not_offered(self):
        self.used("New tasks today", 3)
        entry_of()
        assert offered_wordings() == []

    def test_once_dismissed_are_not_offered_again(self, team):
        self.used("At holde pause", 3)
        (offered,) = offered_wordings()
        offered.dismiss(by=team.school)
        offered.dismiss(by=team.school)
        assert offered_wordings() == []

    def test_once_taken_wait_out_of_use_for_their_english(self, team):
        self.used("At holde pause", 3)
        entry = offered_wordings()[0].take(by=team.school)
        assert (entry.da, entry.heading, entry.is_active) == ("At holde pause", "vocational", False)
        assert offered_wordings() == []


@pytest.mark.ignore_template_errors  # Django's own templates are not strict
class TestAdministration:
    WORDINGS = "admin:handover_wordings"

    @pytest.fixture
    def keeper(self, team, sign_in):
        return sign_in(member(team.partnership, "admin", user__is_staff=True))

    @pytest.fixture
    def youths(self):
        found = [YouthFactory(name=f"KANARIE {n}") for n in range(3)]
        for youth in found:
            PartFactory(profile__youth=youth, label="At holde pause", text="KANARIETEKST")
        PartFactory(label="KUN ÉN HAR SKREVET")
        return found

    def test_shows_wordings_and_how_often_and_never_of_whom(self, keeper, youths):
        html = page(keeper.get(reverse(self.WORDINGS)))
        assert "At holde pause" in html
        for hidden in ("KANARIE", "KUN ÉN", *(youth.code for youth in youths)):
            assert hidden not in html
        assert not AccessEvent.objects.exists()

    def test_takes_one_into_the_catalogue(self, keeper, youths):
        index = offered_wordings()[0].index
        response = keeper.post(reverse(self.WORDINGS), {"index": index, "take": "1"})
        entry = CatalogueEntry.objects.get(da="At holde pause")
        assert response.url == reverse("admin:handover_catalogueentry_change", args=[entry.pk])
        assert keeper.get(response.url).status_code == 200

    def test_dismisses_one_and_says_so_of_one_that_is_gone(self, keeper, youths):
        index = offered_wordings()[0].index
        for _ in range(2):
            response = keeper.post(reverse(self.WORDINGS), {"index": index, "dismiss": "1"})
            assert response.url == reverse(self.WORDINGS)
        assert offered_wordings() == []
        assert not CatalogueEntry.objects.filter(da="At holde pause").exists()

    def test_of_a_wording_that_is_not_offered_takes_nothing(self, keeper, youths):
        index = wording_index("KUN ÉN HAR SKREVET")
        keeper.post(reverse(self.WORDINGS), {"index": index, "take": "1"})
        assert not CatalogueEntry.objects.filter(da="KUN ÉN HAR SKREVET").exists()

    @pytest.mark.parametrize(
        "name",
        [
            WORDINGS,
            "admin:handover_catalogueentry_changelist",
            "admin:handover_ffbsubtheme_changelist",
        ],
    )
    def test_is_for_administrators(self, team, keeper, sign_in, name):
        assert keeper.get(reverse(name)).status_code == 200
        plain = sign_in(UserFactory(is_staff=True))
        assert plain.get(reverse(name)).status_code in (403, 404)
        assert sign_in(team.school).get(reverse(name)).status_code == 302

    def test_does_not_change_words_that_were_sent(self, team, keeper):
        entry = entry_of()
        profile = complete(team)
        profile.parts.get(section="support").write(by=team.school, revision=1, entry=entry)
        profile.send(by=team.school)
        change = reverse("admin:handover_catalogueentry_change", args=[entry.pk])
        keeper.post(change, {"heading": "need", "da": "Andet", "en": "Other", "position": 2})
        entry.refresh_from_db()
        assert (entry.da, entry.position) == ("Nye opgaver i dag", 2)
