"""Files beside a part: who attaches, opens and removes; versions; what lies on the disk."""

import os
import time
import uuid

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from handover.models import Attachment, HandoverRefused
from handover.models.attachments import path_of
from handover.tasks import sweep_files
from partnerships.attached import AT_MOST
from partnerships.encryption import CannotOpen
from tests.factories import HandoverProfileFactory, PartFactory, attach, days, docx, member
from tests.handover.test_profiles import complete, sent
from tests.partnerships.test_attached import photograph
from youths.models import AccessEvent, Consent, EmergencyOpening

pytestmark = pytest.mark.django_db

WORDS = b"ORDENE"


def url(name, *args):
    return reverse(f"handover:{name}", args=args)


def page(response):
    return response.content.decode()


def upload(content=None, name="bevis.docx", about=""):
    content = docx("ORDENE") if content is None else content
    return {"file": SimpleUploadedFile(name, content), "about": about}


@pytest.fixture
def part(team):
    profile = HandoverProfileFactory(youth=team.youth)
    return PartFactory(profile=profile, section="support", label="Pauser", written_by=team.school)


@pytest.fixture
def school(team, sign_in):
    return sign_in(team.school)


def sent_file(team, section="support"):
    """A file beside a part of that section, which is sent."""
    profile = complete(team, *([section] if section in ("health", "network") else []))
    made = attach(profile.parts.get(section=section), "ORDENE")
    profile.send(by=team.school)
    return made


class TestWho:
    def test_attaches_is_the_school_alone(self, team, other_team, sign_in, part):
        for person, status in (
            (team.caseworker, 403),
            (team.young, 403),
            (team.employer, 404),
            (team.lead, 404),
            (other_team.school, 404),
            (team.school, 302),
        ):
            response = sign_in(person).post(url("files", part.pk), upload())
            assert response.status_code == status
        assert Attachment.objects.count() == 1

    def test_opens_a_draft_is_the_school_alone(self, team, other_team, sign_in, part):
        made = attach(part, "ORDENE")
        for person in (team.caseworker, team.young, team.employer, other_team.school):
            response = sign_in(person).get(url("file", made.pk))
            assert response.status_code == 404
            assert WORDS not in response.content
        assert WORDS in sign_in(team.school).get(url("file", made.pk)).content

    def test_opens_what_was_sent_is_who_reads_the_part(self, team, other_team, sign_in):
        made = sent_file(team)
        statuses = {
            role: sign_in(person).get(url("file", made.pk)).status_code
            for role, person in team.people().items()
        }
        assert statuses == {
            "school": 200,
            "caseworker": 200,
            "young": 200,
            "employer": 404,
            "lead": 404,
            "evaluator": 404,
        }
        for person in (other_team.school, other_team.caseworker, other_team.young):
            assert sign_in(person).get(url("file", made.pk)).status_code == 404

    def test_without_a_consent_the_caseworker_has_no_such_file(self, team, sign_in):
        made, client = sent_file(team, "health"), sign_in(team.caseworker)
        assert client.get(url("file", made.pk)).status_code == 404
        given = Consent.give(by=team.young, youth=team.youth, section="health")
        assert client.get(url("file", made.pk)).status_code == 200
        given.withdraw(by=team.young)
        assert client.get(url("file", made.pk)).status_code == 404
        assert sign_in(team.young).get(url("file", made.pk)).status_code == 200

    def test_a_link_copied_before_leaving_opens_nothing(self, team, sign_in):
        made, client = sent_file(team), sign_in(team.caseworker)
        assert client.get(url("file", made.pk)).status_code == 200
        team.caseworker.memberships.update(ends_on=days(-1))
        assert client.get(url("file", made.pk)).status_code == 404

    def test_after_the_end_of_the_partnership_nobody_of_the_teams(self, team, sign_in):
        made = sent_file(team)
        team.partnership.end(by=team.school)
        for person in (team.school, team.caseworker):
            assert sign_in(person).get(url("file", made.pk)).status_code == 404

    def test_in_an_emergency_it_is_named_and_not_opened(self, team, sign_in):
        made = sent_file(team)
        admin = member(team.partnership, "admin", user__is_staff=True)
        EmergencyOpening.open(by=admin, youth=team.youth, reason="Fordi")
        client = sign_in(admin)
        html = page(client.get(url("received", team.youth.pk)))
        assert "bevis.docx" in html
        assert url("file", made.pk) not in html
        assert client.get(url("file", made.pk)).status_code == 403

    @pytest.mark.parametrize("name", ["file", "remove_file", "files"])
    def test_an_id_of_nothing_is_not_found(self, school, name):
        assert school.get(url(name, uuid.uuid4())).status_code == 404

    def test_a_reader_removes_nothing(self, team, sign_in):
        made = sent_file(team)
        for person in (team.caseworker, team.young, team.employer):
            assert sign_in(person).post(url("remove_file", made.pk)).status_code in (403, 404)
        made.refresh_from_db()
        assert made.removed_at is None


class TestOpening:
    def test_is_a_download_that_runs_nothing_and_is_kept_nowhere(self, team, sign_in):
        made = sent_file(team)
        response = sign_in(team.caseworker).get(url("file", made.pk))
        name = f"{team.youth.code}-{made.pk.hex[:6]}.docx"
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        assert response["Content-Security-Policy"].startswith("sandbox;")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "no-store"
        assert "wordprocessingml" in response["Content-Type"]

    def test_is_noted_with_the_section_and_not_of_the_young_person(self, team, sign_in):
        made = sent_file(team)
        for person in (team.caseworker, team.young):
            sign_in(person).get(url("file", made.pk))
        event = AccessEvent.objects.get()
        assert (event.channel, event.detail) == ("export", "attachment")
        assert (event.sections, event.user_id) == ("identity,support", team.caseworker.pk)

    def test_stands_at_the_part_and_in_the_pdf_of_the_case(self, team, sign_in, monkeypatch):
        monkeypatch.setattr("vivirkr.pdf.is_possible", lambda: True)
        monkeypatch.setattr("vivirkr.pdf.make", str.encode)
        made = sent_file(team)
        client = sign_in(team.caseworker)
        assert url("file", made.pk) in page(client.get(url("received", team.youth.pk)))
        assert "bevis.docx" in page(client.get(reverse("case_pdf", args=[team.youth.pk])))


class TestAttaching:
    def test_says_so_and_shows_it_at_the_part(self, school, part):
        response = school.post(url("files", part.pk), upload(about="Tavlen"), follow=True)
        assert "The file is attached." in page(response)
        made = Attachment.objects.get()
        assert made.size == len(docx("ORDENE"))
        html = page(school.get(url("part", part.pk)))
        assert url("file", made.pk) in html
        assert "Tavlen" in html

    def test_a_photograph_is_kept_without_its_place(self, school, part):
        school.post(url("files", part.pk), upload(photograph(), "IMG.JPG"))
        made = Attachment.objects.get()
        assert (made.kind, made.name) == ("jpg", "IMG.jpg")
        assert b"SKJULT" not in made.read()

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "The file is empty"),
            (b"%PDF-" + b"x" * AT_MOST, "larger than 10 MB"),
            (b"<script>alert(1)</script>", "not a PDF, PNG, JPG or DOCX"),
        ],
    )
    def test_of_a_refused_file_says_why_by_the_field_and_keeps_the_words(
        self, school, part, content, why
    ):
        response = school.post(url("files", part.pk), upload(content, about="Det jeg skrev"))
        assert response.status_code == 422
        assert why in str(response.context["form"].errors["file"])
        assert why in page(response)
        assert 'value="Det jeg skrev"' in page(response)
        assert not Attachment.objects.exists()

    @pytest.mark.parametrize("data", [{}, {"file": "text"}, {"about": "x"}])
    def test_of_nothing_asks_for_a_file(self, school, part, data):
        response = school.post(url("files", part.pk), data)
        assert response.status_code == 422
        assert "Choose a file." in page(response)

    def test_of_words_too_long_says_so(self, school, part):
        response = school.post(url("files", part.pk), upload(about="x" * 201))
        assert response.status_code == 422
        assert not Attachment.objects.exists()

    def test_of_two_files_at_once_is_refused(self, school, part):
        both = {"file": [SimpleUploadedFile(n, docx()) for n in ("a.docx", "b.docx")]}
        assert school.post(url("files", part.pk), both).status_code == 400

    def test_twice_attaches_once(self, school, part):
        for _ in range(2):
            school.post(url("files", part.pk), upload())
        assert Attachment.objects.count() == 1

    def test_of_a_sixth_is_refused_and_the_words_stay(self, school, part):
        for n in range(5):
            attach(part, f"nr. {n}")
        html = page(school.get(url("files", part.pk)))
        assert "A part has 5 files at most" in html
        response = school.post(url("files", part.pk), upload(about="Det jeg skrev"))
        assert response.status_code == 409
        assert "has 5 files already" in page(response)
        assert 'value="Det jeg skrev"' in page(response)
        assert Attachment.objects.count() == 5

    def test_beside_a_removed_part_is_refused(self, team, part):
        stale = type(part).objects.get(pk=part.pk)
        part.remove(by=team.school, revision=1)
        with pytest.raises(HandoverRefused, match="removed this part"):
            attach(stale)

    def test_a_name_is_shown_as_text(self, school, part):
        attach(part, name="<b>fed</b>.docx", about="<i>x</i>")
        html = page(school.get(url("files", part.pk)))
        assert "&lt;i&gt;x&lt;/i&gt;" in html
        assert "<i>x" not in html

    @pytest.mark.parametrize("files", [1, 3])
    def test_costs_the_same_for_three_as_for_one(
        self, team, sign_in, part, django_assert_num_queries, files
    ):
        for n in range(files):
            attach(part, f"nr. {n}")
        client = sign_in(team.school)
        client.get(url("files", part.pk))
        with django_assert_num_queries(11):
            client.get(url("files", part.pk))


class TestVersions:
    def test_a_file_goes_out_with_the_next_version_as_a_new_copy(self, team, sign_in):
        profile = sent(team)
        part = profile.parts.get(section="support")
        before = part.sent.get()
        before.answer(by=team.caseworker, kind="understood")
        made = attach(part, "ORDENE")
        profile.refresh_from_db()
        assert profile.status == "revised"
        assert sign_in(team.caseworker).get(url("file", made.pk)).status_code == 404
        profile.send(by=team.school)
        after = part.sent.get(last_version=None)
        assert (before.pk, list(before.attachments.all())) != (after.pk, [])
        assert list(after.attachments.all()) == [made]
        assert not after.answers.exists()  # nobody has answered it with this file
        assert sign_in(team.caseworker).get(url("file", made.pk)).status_code == 200

    def test_parts_whose_files_are_the_same_are_not_sent_again(self, team):
        made = sent_file(team)
        profile = made.part.profile
        attach(profile.parts.get(section="direction"))
        profile.send(by=team.school)
        assert {copy.section for copy in profile.sent_parts.filter(first_version=2)} == {
            "direction"
        }

    def test_one_that_was_sent_leaves_with_the_next_version_and_stays_in_the_earlier(
        self, team, sign_in
    ):
        made = sent_file(team)
        profile = made.part.profile
        made.remove(by=team.school)
        profile.refresh_from_db()
        assert profile.status == "revised"
        client = sign_in(team.caseworker)
        assert url("file", made.pk) in page(client.get(url("received", team.youth.pk)))
        profile.send(by=team.school)
        assert url("file", made.pk) not in page(client.get(url("received", team.youth.pk)))
        first = made.part.sent.get(first_version=1)
        assert list(first.attachments.all()) == [made]
        assert client.get(url("file", made.pk)).status_code == 200

    def test_one_that_was_never_sent_goes_for_good(self, team, school, part):
        made = attach(part)
        assert "deleted for good" in page(school.get(url("remove_file", made.pk)))
        assert school.post(url("remove_file", made.pk)).url == url("files", part.pk)
        assert not Attachment.objects.exists()
        assert school.post(url("remove_file", made.pk)).status_code == 404

    def test_taken_away_again_before_it_is_sent_leaves_nothing_to_send(self, team):
        profile = sent(team)
        made = attach(profile.parts.get(section="support"))
        made.remove(by=team.school)
        profile.refresh_from_db()
        assert profile.status == "sent"

    def test_a_draft_part_takes_its_files_along(self, team, part):
        attach(part)
        part.remove(by=team.school, revision=1)
        assert not Attachment.objects.exists()


class TestDisk:
    def test_nothing_of_it_can_be_read_there_nor_by_others(self, part):
        made = attach(part, "ORDENE")
        stored = made.path.read_bytes()
        assert WORDS not in stored
        assert made.path.stat().st_mode & 0o777 == 0o600
        assert str(made.path).startswith(str(settings.FILES_DIR))
        assert made.path.name == made.pk.hex

    def test_what_was_changed_or_exchanged_is_not_handed_out(self, part):
        one, two = attach(part, "nr. 1"), attach(part, "nr. 2")
        stored = one.path.read_bytes()
        for content in (stored[:-1] + b"x", two.path.read_bytes(), b"", b"\x01short"):
            one.path.write_bytes(content)
            with pytest.raises(CannotOpen):
                one.read()

    def test_new_keys_need_only_the_rows(self, part, settings):
        made = attach(part, "ORDENE")
        stored = made.path.read_bytes()
        settings.ENCRYPTION_KEYS = {"ny": b"\x07" * 32, **settings.ENCRYPTION_KEYS}
        call_command("rotate_keys", verbosity=0)
        settings.ENCRYPTION_KEYS = {"ny": b"\x07" * 32}
        assert made.path.read_bytes() == stored
        assert WORDS in Attachment.objects.get().read()

    def test_what_a_failure_leaves_is_swept_once_it_is_old(self, part):
        with transaction.atomic():
            made = attach(part)
            transaction.set_rollback(True)
        assert made.path.exists()
        assert not Attachment.objects.exists()
        sweep_files()
        assert made.path.exists()  # its transaction might still be open
        old(made.path)
        sweep_files()
        assert not made.path.exists()

    def test_the_sweep_keeps_what_has_a_row_and_tells_what_is_missing(self, part, caplog):
        kept, lost = attach(part, "nr. 1"), attach(part, "nr. 2")
        lost.path.unlink()
        half = path_of(uuid.uuid4()).with_suffix(".half")
        half.parent.mkdir(exist_ok=True, parents=True)
        half.write_bytes(b"")
        old(kept.path, half)
        _swept, missing = Attachment.sweep()
        assert kept.path.exists()
        assert not half.exists()
        assert missing == [lost.pk]
        sweep_files()
        assert str(lost.pk) in caplog.text

    def test_a_removed_one_is_swept(self, team, part):
        made = attach(part)
        path = made.path
        made.remove(by=team.school)
        old(path)
        Attachment.sweep()
        assert not path.exists()


def old(*paths):
    for path in paths:
        os.utime(path, (time.time() - 90_000,) * 2)
