"""Encrypted fields: what is stored, who can open it, what is refused, and the change of keys."""

import base64
import copy
import os
import pickle
from io import StringIO

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.db.models import F, Value
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from evaluation.models import Assessment, Cut, OwnRound, PseudonymKey, Report
from handover.models import (
    Accommodation,
    ApprovedJobProfile,
    AskedSection,
    Attachment,
    DocumentStep,
    EarlierAgreement,
    EarlierRecord,
    FeedbackMissing,
    HandoverDecision,
    JobProfile,
    Meeting,
    MeetingAgreement,
    MeetingPoint,
    MissingKnowledge,
    Part,
    PartAnswer,
    PartReaction,
    SectionRequest,
    SentPart,
)
from partnerships.encryption import (
    CannotOpen,
    EncryptedTextField,
    EncryptionRefused,
    MissingKey,
    Sealed,
    blind_index,
    decrypt,
    encrypt,
    encrypted_fields,
)
from tests.factories import PartFactory
from youths.models import (
    AgreementConfirmation,
    ContactChange,
    CprNumber,
    Deadline,
    Effort,
    Goal,
    GoalEvent,
    Import,
    ImportRow,
    Placement,
    PlacementAgreement,
    PlacementEnding,
    PlacementFeedback,
    SavedView,
    SmallStep,
)

PLACE = {"table": "a_table", "column": "a_column", "pk": "a-row"}
SECRET = "Bliver rolig, når Bente går med 🌱"


@pytest.fixture
def ring(settings):
    """Call with ids of keys, the newest first: sets the ring; a key stays the same by its id."""
    keys = {}

    def turn(*ids):
        settings.ENCRYPTION_KEYS = {i: keys.setdefault(i, os.urandom(32)) for i in ids}

    turn("2026a")
    return turn


@pytest.fixture
def part(db):
    return PartFactory(text=SECRET)


def raw(row, column="text") -> bytes:
    """What the database holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM {row._meta.db_table} WHERE id = %s",  # noqa: S608
            [row.pk],
        )
        return bytes(cursor.fetchone()[0])


def put(row, stored, column="text"):
    """Past the application, as somebody would who has the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {row._meta.db_table} SET {column} = %s WHERE id = %s",  # noqa: S608
            [stored, row.pk],
        )


def loaded(row):
    return type(row).objects.get(pk=row.pk)


class TestValue:
    @given(text=st.text(max_size=4000), pk=st.uuids())
    def test_comes_back_as_it_was(self, text, pk):
        place = {**PLACE, "pk": pk}
        stored = encrypt(text, **place)
        assert decrypt(stored, **place) == text
        assert (stored == b"") == (text == "")
        if len(text) > 3:
            assert text.encode() not in stored

    def test_is_another_each_time(self):
        assert encrypt(SECRET, **PLACE) != encrypt(SECRET, **PLACE)

    @pytest.mark.parametrize("name", PLACE)
    def test_opens_in_its_own_place_only(self, name):
        stored = encrypt(SECRET, **PLACE)
        with pytest.raises(CannotOpen):
            decrypt(stored, **{**PLACE, name: "elsewhere"})

    def test_opens_in_no_place_that_is_spelled_alike(self):
        stored = encrypt(SECRET, table="a", column="bc", pk="1")
        with pytest.raises(CannotOpen):
            decrypt(stored, table="ab", column="c", pk="1")

    def test_with_any_byte_changed_is_refused(self):
        stored = encrypt(SECRET, **PLACE)
        for at in range(len(stored)):
            changed = bytearray(stored)
            changed[at] ^= 1
            with pytest.raises((CannotOpen, MissingKey)):
                decrypt(bytes(changed), **PLACE)

    def test_cut_short_is_refused(self):
        stored = encrypt(SECRET, **PLACE)
        for length in range(1, len(stored)):
            with pytest.raises((CannotOpen, MissingKey)):
                decrypt(stored[:length], **PLACE)

    def test_is_encrypted_by_the_newest_key_and_opened_by_all(self, ring):
        old = encrypt(SECRET, **PLACE)
        ring("2026b", "2026a")
        new = encrypt(SECRET, **PLACE)
        assert (old[2:7], new[2:7]) == (b"2026a", b"2026b")
        assert decrypt(old, **PLACE) == decrypt(new, **PLACE) == SECRET

    def test_without_its_key_is_refused(self, ring):
        old = encrypt(SECRET, **PLACE)
        ring("2026b")
        with pytest.raises(MissingKey, match=r"a_table\.a_column of a-row"):
            decrypt(old, **PLACE)

    def test_under_a_wrong_key_of_that_name_is_refused(self, ring, settings):
        old = encrypt(SECRET, **PLACE)
        settings.ENCRYPTION_KEYS = {"2026a": os.urandom(32)}
        with pytest.raises(CannotOpen):
            decrypt(old, **PLACE)


class TestIndex:
    def test_is_the_same_for_the_same_text_and_key_only(self, settings):
        first = blind_index("0102034567")
        assert first == blind_index("0102034567") != blind_index("0102034568")
        settings.INDEX_KEY = os.urandom(32)
        assert blind_index("0102034567") != first


class TestField:
    @pytest.mark.parametrize("text", ["", "æøå ÆØÅ", "👩‍🍳🌱", "x" * 4000, "a\nb\tc"])
    def test_keeps_every_text(self, part, text):
        part.text = text
        part.save()
        assert loaded(part).text == text
        part.refresh_from_db()
        assert part.text == text

    def test_stores_nothing_that_can_be_read(self, part):
        with connection.cursor() as cursor:
            cursor.execute("SELECT handover_part::text FROM handover_part")
            row = cursor.fetchone()[0]
        for text in (part.label, part.text, part.works, part.evidence):
            assert text
            assert text not in row
            assert text.encode().hex() not in row
        assert raw(part).count(SECRET.encode()) == 0

    def test_moved_to_another_row_is_refused(self, part):
        other = PartFactory()
        put(other, raw(part))
        with pytest.raises(CannotOpen):
            _ = loaded(other).text

    def test_moved_to_another_column_is_refused(self, part):
        put(part, raw(part), "works")
        with pytest.raises(CannotOpen):
            _ = loaded(part).works

    def test_that_cannot_be_opened_is_not_lost_by_saving(self, part):
        stored = bytearray(raw(part))
        stored[-1] ^= 1
        put(part, bytes(stored))
        broken = loaded(part)
        broken.works = "Nyt"
        with pytest.raises(CannotOpen), transaction.atomic():
            broken.save()
        assert raw(part) == bytes(stored)

    def test_that_nobody_looks_at_is_not_opened(self, part, ring):
        ring("2027a")  # the key is gone: opening would fail
        held = loaded(part)
        assert isinstance(vars(held)["text"], Sealed)
        assert (held.section, held.level) == (part.section, part.level)

    def test_shows_nothing_without_being_asked(self, part):
        assert (part.text, loaded(part).text) == (SECRET, SECRET)
        (row,) = Part.objects.values("text", "works")
        for shown in (repr(row), str(row["text"]), f"{row['text']}", repr(vars(loaded(part)))):
            assert SECRET not in shown
            assert raw(part).hex() not in shown
        assert Part.objects.values_list("text", flat=True).get()

    def test_copied_by_hand_is_encrypted_for_its_new_row(self, part):
        other = PartFactory()
        held = loaded(part)
        for name in ("label", "text"):
            setattr(other, name, getattr(held, name))
        other.save()
        assert loaded(other).text == SECRET

    def test_survives_pickle_and_deepcopy(self, part):
        held = loaded(part)
        assert held.text == SECRET
        pickled = pickle.dumps(held)
        assert SECRET.encode() not in pickled
        assert pickle.loads(pickled).text == copy.deepcopy(held).text == SECRET  # noqa: S301

    def test_that_was_deferred_is_fetched_and_opened(self, part):
        assert Part.objects.defer("text").get().text == SECRET
        assert Part.objects.only("pk").get().text == SECRET

    def test_in_bulk_is_encrypted_for_each_row(self, part):
        made = Part.objects.bulk_create(
            Part(
                profile=part.profile,
                section="support",
                heading="need",
                written_by=part.written_by,
                text=text,
            )
            for text in ("en", "to", "")
        )
        assert [loaded(one).text for one in made] == ["en", "to", ""]

    def test_longer_than_its_limit_is_refused_by_validation(self, part):
        part.label = "x" * 81
        with pytest.raises(Exception, match="label"):
            part.full_clean()

    def test_is_told_whether_it_has_words(self, part):
        empty = PartFactory(text="")
        assert Part.objects.get(text="") == empty
        assert Part.objects.exclude(text="").get() == part
        assert not Part.objects.filter(text__isnull=True).exists()
        assert Part.objects.filter(pk__in=Part.objects.filter(text="").values("pk")).get() == empty


class TestRefused:
    @pytest.mark.parametrize(
        "ask",
        [
            lambda: Part.objects.filter(text="Set"),
            lambda: Part.objects.exclude(text="Set"),
            lambda: Part.objects.filter(text__contains="Set"),
            lambda: Part.objects.filter(text__icontains="Set"),
            lambda: Part.objects.filter(text__in=["Set"]),
            lambda: Part.objects.filter(text__gt=""),
            lambda: Part.objects.filter(text__lower="set"),
            lambda: Part.objects.filter(text=F("works")),
            lambda: SentPart.objects.filter(part__text__startswith="Set"),
            lambda: Part.objects.order_by("text").first(),
            lambda: list(Part.objects.order_by("-text")),
            lambda: list(Part.objects.order_by(F("text").desc())),
            lambda: list(SentPart.objects.order_by("part__text")),
            lambda: Part.objects.update(text="Set"),
            lambda: Part.objects.update(text=F("works")),
            lambda: Part.objects.update(text=Value("Set")),
            lambda: serializers.serialize("json", Part.objects.all()),
        ],
    )
    def test_is_what_cannot_work(self, part, ask):
        before = raw(part)
        with pytest.raises(EncryptionRefused, match="encrypted"), transaction.atomic():
            ask()
        assert raw(part) == before

    def test_is_bulk_update(self, part):
        part.text = "Andet"
        with pytest.raises(EncryptionRefused, match="encrypted"), transaction.atomic():
            Part.objects.bulk_update([part], ["text"])
        part.position = 7
        Part.objects.bulk_update([part], ["position"])
        assert (loaded(part).text, loaded(part).position) == (SECRET, 7)

    def test_is_what_is_no_text(self, part):
        part.text = 5
        with pytest.raises(EncryptionRefused):
            part.save()

    def test_emptying_is_allowed(self, part):
        Part.objects.update(text="")
        assert loaded(part).text == ""

    @isolate_apps("partnerships")
    def test_is_a_model_whose_key_comes_from_the_database(self):
        class Numbered(models.Model):
            text = EncryptedTextField(db_index=True)

            class Meta:
                app_label = "partnerships"

            def __str__(self):
                return ""

        found = {error.id for error in Numbered._meta.get_field("text").check()}
        assert found == {"partnerships.E001", "partnerships.E002"}


def test_every_encrypted_field_is_found():
    found = {
        model: {field.name for field in fields} for model, fields in encrypted_fields().items()
    }
    texts = {"label", "text", "works", "evidence"}
    assert found == {
        Part: texts,
        SentPart: texts,
        PartAnswer: {"text", "reply"},
        Attachment: {"name", "about", "key"},
        CprNumber: {"number"},
        Assessment: {"reason"},
        OwnRound: {"easier"},
        Cut: {"key"},
        PseudonymKey: {"key"},
        Report: {"key"},
        Accommodation: {"text"},
        Goal: {"words", "dropped_because"},
        Placement: {"support_person"},
        PlacementAgreement: {"words"},
        AgreementConfirmation: {"name"},
        PlacementEnding: {"words", "name"},
        SmallStep: {"words"},
        Effort: {"words", "because"},
        GoalEvent: {"words", "reason"},
        ContactChange: {"note"},
        Deadline: {"closed_because"},
        SectionRequest: {"purpose"},
        AskedSection: {"reason"},
        PartReaction: {"text"},
        DocumentStep: {"took_part"},
        JobProfile: {"job", "can", "works", "comment"},
        ApprovedJobProfile: {"job", "can", "works", "together_with"},
        HandoverDecision: {"text"},
        MissingKnowledge: {"text"},
        FeedbackMissing: {"text"},
        Meeting: {"others", "why_absent", "minutes"},
        MeetingPoint: {"words"},
        MeetingAgreement: {"what", "other"},
        EarlierRecord: {"others", "why_absent", "minutes"},
        EarlierAgreement: {"what", "other"},
        SavedView: {"name", "query"},
        PlacementFeedback: {"well", "practise", "comment"},
        Import: {"name"},
        ImportRow: {"cells"},
    }


def rotate(**options) -> str:
    out, err = StringIO(), StringIO()
    call_command("rotate_keys", stdout=out, stderr=err, **options)
    return out.getvalue() + err.getvalue()


def under(key_id) -> int:
    """How many parts have their text under a key."""
    return sum(raw(part)[2 : 2 + len(key_id)] == key_id.encode() for part in Part.objects.all())


@pytest.mark.django_db
class TestRotation:
    def test_moves_every_value_and_then_the_old_key_may_go(self, ring):
        parts = PartFactory.create_batch(5, text=SECRET, works="")
        ring("b", "2026a")
        assert "handover.Part: 5 re-encrypted, 0 remain" in rotate(batch=2)
        ring("b")
        assert [loaded(part).text for part in parts] == [SECRET] * 5
        assert [loaded(part).works for part in parts] == [""] * 5
        assert "handover.Part: 0 re-encrypted, 0 remain" in rotate()

    def test_check_changes_nothing_and_fails_while_any_remain(self, ring):
        PartFactory.create_batch(2)
        assert "All values are under 2026a." in rotate(check=True)
        ring("b", "2026a")
        with pytest.raises(CommandError, match="2 rows remain") as failed:
            rotate(check=True)
        assert failed.value.returncode == 1
        assert under("2026a") == 2

    def test_takes_no_id_for_the_beginning_of_another(self, ring):
        ring("2026")
        part = PartFactory()
        ring("202", "2026")
        rotate()
        assert raw(part)[1:5] != b"\x042026"
        ring("202")
        assert loaded(part).text == part.text

    def test_passes_over_what_cannot_be_opened_and_says_so(self, ring, capsys):
        broken, whole = PartFactory(), PartFactory()
        put(broken, raw(whole))
        ring("b", "2026a")
        out, err = StringIO(), StringIO()
        with pytest.raises(CommandError, match="1 rows remain"):
            call_command("rotate_keys", stdout=out, stderr=err)
        assert str(broken.pk) in err.getvalue()
        assert "CannotOpen" in err.getvalue()
        assert (under("b"), raw(whole)[2:3]) == (1, b"b")

    @pytest.mark.django_db(transaction=True)
    def test_interrupted_goes_on_where_it_stopped(self, ring):
        parts = sorted(PartFactory.create_batch(5, text=SECRET), key=lambda part: part.pk)
        ring("b", "2026a")
        with connection.cursor() as cursor:  # dies at the fourth row, in the second batch
            cursor.execute(
                "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql"
                " AS $$ BEGIN RAISE EXCEPTION 'killed'; END $$;"
                "CREATE TRIGGER die BEFORE UPDATE ON handover_part"
                f" FOR EACH ROW WHEN (OLD.id = '{parts[3].pk}') EXECUTE FUNCTION die()"
            )
        try:
            with pytest.raises(Exception, match="killed"):
                rotate(batch=2)
            assert under("b") == 2  # the first batch stands, the second went back whole
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DROP TRIGGER die ON handover_part; DROP FUNCTION die()")
        assert "handover.Part: 3 re-encrypted, 0 remain" in rotate(batch=2)
        ring("b")
        assert [loaded(part).text for part in parts] == [SECRET] * 5

    @pytest.mark.django_db(transaction=True)
    def test_beside_people_who_save_loses_nothing(self, ring, at_once):
        parts = PartFactory.create_batch(20, text=SECRET)
        ring("b", "2026a")

        def write():
            for part in parts[::2]:
                loaded(part).write(by=part.written_by, revision=1, text="Nyt")

        assert at_once(lambda: rotate(batch=3) and None, write) == [None, None]
        rotate()
        ring("b")
        assert [loaded(part).text for part in parts] == ["Nyt", SECRET] * 10


def test_a_key_is_never_shown_on_an_error_page(settings):
    from django.views.debug import get_exception_reporter_filter

    shown = str(get_exception_reporter_filter(None).get_safe_settings())
    for key in (*settings.ENCRYPTION_KEYS.values(), settings.INDEX_KEY):
        assert repr(key) not in shown
        assert base64.b64encode(key).decode() not in shown
