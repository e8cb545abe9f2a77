"""From support need to accommodation: the sentence, its library, who writes and who reads it."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover.models import Accommodation, AccommodationPhrase, AccommodationRefused
from handover.wording import telling_words
from partnerships.access import Role
from tests.factories import HandoverProfileFactory, PartFactory, YouthFactory, member
from youths.models import AccessEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WORDS = "Nye opgaver vises først og gives på et kort"


@pytest.fixture
def need(team):
    profile = HandoverProfileFactory(youth=team.youth)
    for section in ("direction", "competences"):
        PartFactory(profile=profile, section=section, written_by=team.school)
    return PartFactory(
        profile=profile, section="support", label="Ny og uvant", written_by=team.school
    )


@pytest.fixture
def url(team):
    return reverse("handover:accommodations", args=[team.youth.pk])


class TestTheSentence:
    def test_is_stored_once_encrypted_and_remembers_its_need(self, team, need):
        first = Accommodation.add(by=team.school, youth=team.youth, text=WORDS)
        again = Accommodation.add(
            by=team.caseworker, youth=team.youth, text=f"  {WORDS.upper()}. ", part=need
        )
        assert again == first
        first.refresh_from_db()
        assert (first.text, first.part, first.written_by) == (WORDS, need, team.school)
        with connection.cursor() as cursor:
            cursor.execute("SELECT text FROM handover_accommodation")
            assert WORDS.encode() not in bytes(cursor.fetchone()[0])

    def test_needs_words_and_a_support_need_of_this_young_person(self, team, need):
        with pytest.raises(AccommodationRefused):
            Accommodation.add(by=team.school, youth=team.youth, text="  ")
        for part in (PartFactory(section="support"), PartFactory(profile=need.profile)):
            with pytest.raises(AccommodationRefused):
                Accommodation.add(by=team.school, youth=team.youth, text=WORDS, part=part)
        assert not Accommodation.objects.exists()

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"text": ""}, "an_accommodation_has_words"),
            ({"text": "x", "fingerprint": "same"}, "an_accommodation_stands_once"),
        ],
    )
    def test_is_held_to_it_by_the_database(self, team, fields, name):
        row = {"youth": team.youth, "written_by": team.school}
        Accommodation.objects.create(**row, text="y", fingerprint="same")
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Accommodation.objects.create(**row, **fields)

    def test_outlives_a_need_that_is_taken_away(self, team, need):
        made = Accommodation.add(by=team.school, youth=team.youth, text=WORDS, part=need)
        need.remove(by=team.school, revision=need.revision)
        made.refresh_from_db()
        assert made.part is None


class TestTheLibrary:
    def test_begins_with_good_sentences(self):
        phrases = AccommodationPhrase.objects.filter(in_use=True)
        assert phrases.count() >= 25
        assert all(p.text_en and not telling_words(p.text_da) for p in phrases)

    def test_is_offered_what_stands_for_three_young_people(self, team):
        own = "Kaffen laves af den, der kommer først"
        for count, youth in enumerate([team.youth, *YouthFactory.create_batch(2)]):
            assert not AccommodationPhrase.objects.filter(text_da=own).exists(), count
            for _twice in range(2):
                Accommodation.add(by=team.school, youth=youth, text=own)
        assert AccommodationPhrase.objects.get(text_da=own).in_use is False

    def test_is_not_offered_what_it_has(self, team):
        phrase = AccommodationPhrase.objects.filter(in_use=True).first()
        before = AccommodationPhrase.objects.count()
        for youth in YouthFactory.create_batch(3):
            Accommodation.add(by=team.school, youth=youth, text=phrase.text_da + ".")
        assert AccommodationPhrase.objects.count() == before


class TestNeutralWords:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("Har ADHD og får medicin", ["adhd", "medicin"]),
            ("Autismen gør, at autismen", ["autismen"]),
            ("Én besked ad gangen. Addition er i orden.", []),
            ("ADHD'en fylder, og IQ'en. Har været indlagte.", ["adhd'en", "iq'en", "indlagte"]),
            ("Hjerneskadens diagnoser, sukkersygdommen", ["diagnoser", "sukkersygdommen"]),
            ("Alkoholmisbruget og hashen", ["alkoholmisbruget", "hashen"]),
            ("Lægger billeder op med et hashtag", []),
            ("Langsomt er godt. Sygemelding ringes ind.", []),
        ],
    )
    def test_finds_what_tells_why(self, text, found):
        assert telling_words(text) == found


class TestThePage:
    def test_shows_the_need_beside_what_it_becomes(self, team, need, url, sign_in):
        school = sign_in(team.school)
        page = school.get(f"{url}?part={need.pk}").content.decode()
        assert "Set i køkkenet." in page
        assert "One task at a time" in page
        answer = school.post(url, {"part": need.pk, "text": WORDS})
        assert answer.status_code == 302
        made = Accommodation.objects.get()
        assert (made.text, made.part) == (WORDS, need)
        assert WORDS in school.get(url).content.decode()
        assert AccessEvent.objects.latest("pk").codes == ["identity", "job_profile", "support"]
        gone = school.post(url, {"act": "remove", "accommodation": made.pk})
        assert gone.status_code == 302
        assert not Accommodation.objects.exists()

    def test_takes_a_sentence_of_the_library(self, team, url, sign_in):
        phrase = AccommodationPhrase.objects.filter(in_use=True).first()
        sign_in(team.caseworker).post(url, {"part": "none", "phrase": phrase.pk})
        assert Accommodation.objects.get().text == phrase.text_en

    def test_says_once_that_a_word_tells_why(self, team, url, sign_in):
        school = sign_in(team.school)
        data = {"part": "none", "text": "Ro på grund af autisme"}
        answer = school.post(url, data)
        assert answer.status_code == 422
        assert "Ro på grund af autisme" in answer.content.decode()
        assert not Accommodation.objects.exists()
        assert school.post(url, data | {"weighed": "autisme"}).status_code == 302
        assert Accommodation.objects.exists()

    def test_keeps_what_was_typed_when_something_is_wrong(self, team, url, sign_in):
        school = sign_in(team.school)
        long = "x" * 201
        answer = school.post(url, {"part": "none", "text": long})
        assert answer.status_code == 422
        assert long in answer.content.decode()
        assert school.post(url, {"part": "none"}).status_code == 422
        for wrong in ("", "x", team.youth.pk):
            data = {"act": "remove", "accommodation": wrong}
            assert school.post(url, data).status_code == 404

    def test_is_read_by_the_young_person_and_by_no_outsider(
        self, team, other_team, need, url, sign_in
    ):
        Accommodation.add(by=team.school, youth=team.youth, text=WORDS, part=need)
        young = sign_in(team.young)
        assert WORDS in young.get(url).content.decode()
        assert young.post(url, {"part": "none", "text": "x"}).status_code == 403
        for outsider in (other_team.school, other_team.caseworker, team.employer, team.lead):
            assert sign_in(outsider).get(url).status_code in (403, 404)

    def test_tells_a_caseworker_of_no_need_that_was_not_sent(self, team, need, url, sign_in):
        Accommodation.add(by=team.school, youth=team.youth, text=WORDS, part=need)
        caseworker = sign_in(team.caseworker)
        page = caseworker.get(url).content.decode()
        assert WORDS in page
        assert need.label not in page
        assert str(need.pk) not in page
        need.profile.send(by=team.school)
        page = caseworker.get(f"{url}?part={need.pk}").content.decode()
        assert need.label in page
        assert caseworker.post(url, {"part": need.pk, "text": "Ro"}).status_code == 302
        assert Accommodation.objects.filter(part=need).count() == 2

    def test_costs_the_same_however_long(self, team, need, url, sign_in):
        school = sign_in(team.school)

        def queries():
            with CaptureQueriesContext(connection) as found:
                assert school.get(f"{url}?part={need.pk}").status_code == 200
            return len(found)

        Accommodation.add(by=team.school, youth=team.youth, text="1", part=need)
        queries()
        one = queries()
        for n in range(2, 4):
            other = PartFactory(profile=need.profile, section="support", written_by=team.school)
            Accommodation.add(by=team.school, youth=team.youth, text=str(n), part=other)
        assert queries() == one


def test_an_administrator_keeps_the_library(team, sign_in):
    admin = member(team.partnership, Role.ADMIN, user__is_staff=True)
    AccommodationPhrase.offer("Kaffe først")
    offered = AccommodationPhrase.objects.get(text_da="Kaffe først")
    client = sign_in(admin)
    page = client.get(reverse("admin:handover_accommodationphrase_changelist"))
    assert "Kaffe først" in page.content.decode()
    url = reverse("admin:handover_accommodationphrase_change", args=[offered.pk])
    data = {"text_da": "Kaffe først", "text_en": "Coffee first", "in_use": "on"}
    assert client.post(url, data).status_code == 302
    offered.refresh_from_db()
    assert offered.in_use
