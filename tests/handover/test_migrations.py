"""Encrypting what was written: forwards and back again with real rows."""

import pytest
from django.core.management import call_command
from django.db import connection

from handover.access import SECTIONS
from handover.models import HEADINGS, Part, PartAnswer, SentPart
from tests.factories import HandoverProfileFactory, PartFactory

TEXTS = ["", "æøå ÆØÅ", "👩‍🍳 100 % 'citat' \\ {}", "x" * 4000]


def rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.mark.django_db(transaction=True)
def test_free_text_survives_both_ways(team):
    profile = HandoverProfileFactory(youth=team.youth)
    for section in ("direction", "competences", "support"):
        PartFactory(profile=profile, section=section)
    profile.send(by=team.school)
    for text in TEXTS:
        PartFactory(profile=profile, text=text, works=text, evidence=text[:2000], label=text[:80])
    sent = profile.sent_parts.first()
    sent.answer(by=team.caseworker, kind="question", text="Hvornår?").give_reply(
        by=team.school, text="Om morgenen 🌱"
    )
    before = [list(model.objects.order_by("pk").values("pk")) for model in (Part, SentPart)]
    written = {p.pk: (p.label, p.text, p.works, p.evidence) for p in Part.objects.all()}
    try:
        call_command("migrate", "handover", "0001", verbosity=0)
        clear = rows("SELECT id, label, text, works, evidence FROM handover_part")
        assert {pk: tuple(texts) for pk, *texts in clear} == written
        assert rows("SELECT text, reply FROM handover_partanswer") == [
            ("Hvornår?", "Om morgenen 🌱")
        ]
        kinds = "SELECT data_type, character_maximum_length FROM information_schema.columns"
        assert rows(f"{kinds} WHERE table_name = 'handover_part' AND column_name = 'label'") == [
            ("character varying", 80)
        ]
    finally:
        call_command("migrate", "handover", verbosity=0)
    assert before == [list(model.objects.order_by("pk").values("pk")) for model in (Part, SentPart)]
    assert {p.pk: (p.label, p.text, p.works, p.evidence) for p in Part.objects.all()} == written
    answer = PartAnswer.objects.get()
    assert (answer.text, answer.reply, answer.sent_part) == ("Hvornår?", "Om morgenen 🌱", sent)


@pytest.mark.django_db(transaction=True)
def test_no_clear_text_lingers_in_the_files_of_the_table(team):
    """A column that is dropped stays in the file until the table is written anew."""
    if not rows("SELECT pg_has_role('pg_read_server_files', 'MEMBER')")[0][0]:
        pytest.skip("this database's account may not look at its files")
    secret = "Bliver rolig ved siden af Bente"
    part = PartFactory(text=secret)
    try:
        call_command("migrate", "handover", "0001", verbosity=0)
        assert secret.encode() in file_of("handover_part")
    finally:
        call_command("migrate", "handover", verbosity=0)
    assert secret.encode() not in file_of("handover_part")
    assert Part.objects.get(pk=part.pk).text == secret


def file_of(table) -> bytes:
    rows_of_nothing = "SELECT pg_read_binary_file(pg_relation_filepath(%s))"
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(rows_of_nothing, [table])
        return bytes(cursor.fetchone()[0])


# What 0010 brought: a release that runs beside it writes none of these columns.
NEW_IN_0010 = {"heading", "entry_id", "seen_from", "seen_to", "wording_index"}


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.django_db
def test_what_an_earlier_release_writes_comes_under_the_first_heading(team, section):
    profile = HandoverProfileFactory(youth=team.youth)
    for one in dict.fromkeys(("direction", "competences", "support", section)):
        PartFactory(profile=profile, section=one, heading=HEADINGS[one][-1])
    profile.send(by=team.school)
    part = profile.parts.get(section=section)
    for table, pk, changed in (
        ("handover_part", part.pk, {}),
        ("handover_sentpart", part.sent.get().pk, {"last_version": "1"}),
    ):
        made = write_as_before(table, pk, {"id": "gen_random_uuid()", **changed})
        assert made == HEADINGS[section][0]


def write_as_before(table, pk, changed) -> str:
    """The same row once more by an INSERT that knows no new column; the heading it came under."""
    names = "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
    with connection.cursor() as cursor:
        cursor.execute(names, [table])
        known = {name for (name,) in cursor.fetchall()} - NEW_IN_0010
        values = ", ".join(changed.get(name, name) for name in known)
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(known)}) SELECT {values} FROM {table}"  # noqa: S608
            " WHERE id = %s RETURNING heading",
            [pk],
        )
        return cursor.fetchone()[0]
