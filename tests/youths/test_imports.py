"""Referring from a list: looked at first, then row by row, each once whatever breaks down."""

import logging
from datetime import timedelta
from io import BytesIO

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from partnerships.sheets import Line, read
from tests.factories import PartnershipFactory, Team, YouthFactory, days, member
from tests.partnerships.test_sheets import book
from youths.models import (
    FIELDS,
    HEADINGS,
    AccessEvent,
    CprNumber,
    Import,
    ImportRefused,
    ImportRow,
    Referral,
    Youth,
    free_places,
    heading,
)
from youths.models.imports import KEPT_DAYS, person_of
from youths.tasks import purge_imports, run_import, sweep_imports

pytestmark = pytest.mark.django_db

ENDS = str(days(300))
GOOD = {"birth_date": "11-03-2006", "stu_ends_on": ENDS, "reason": "Vil gerne i gang"}


def row(number=2, name="Ægir Ømand", **cells):
    return Line(number, {**GOOD, "name": name, **cells})


def check(team, *lines, by=None, **fields):
    given = {"by": by or team.caseworker, "partnership": team.partnership, "name": "liste.csv"}
    return Import.check_file(**given | fields, lines=lines)


def refer(team, *lines, **fields):
    made = check(team, *lines, **fields)
    made.start(by=made.made_by)
    run_import(str(made.pk))
    made.refresh_from_db()
    return made


def states(made):
    return [(row.state, row.reasons) for row in made.rows.order_by("number")]


def people(made):
    return Youth.objects.filter(referrals__import_rows__of=made).order_by("code")


def csv_file(*rows, name="liste.csv", headings=None, encoding="utf-8-sig"):
    headings = headings or [heading(field) for field in HEADINGS]
    text = "\r\n".join(";".join(cells) for cells in [headings, *rows])
    return SimpleUploadedFile(name, text.encode(encoding))


def hand_in(client, team, file):
    return client.post(reverse("youths:import", args=[team.partnership.pk]), {"file": file})


def page_of(made):
    return reverse("youths:imported", args=[made.pk])


class TestRow:
    def wrong(self, **cells):
        return person_of({**GOOD, "name": "A", **cells})[1]

    @pytest.mark.parametrize("written", ["11-03-2006", "11.3.2006", "11/03/2006", "2006-03-11",
                                         "2006-03-11 00:00:00", "11 03 2006"])  # fmt: skip
    def test_a_day_is_understood_as_it_is_written(self, written):
        said, wrong = person_of({**GOOD, "name": "A", "birth_date": written})
        assert (str(said["birth_date"]), wrong) == ("2006-03-11", {})

    @pytest.mark.parametrize("written", ["11-03-06", "31-02-2006", "marts", "38787", "2006"])
    def test_what_may_be_another_day_is_asked_for_again(self, written):
        assert self.wrong(birth_date=written) == {"birth_date": "not_a_date"}

    @pytest.mark.parametrize(
        ("cells", "wrong"),
        [
            ({"name": ""}, {"name": "missing"}),
            ({"name": "x" * 121}, {"name": "too_long"}),
            ({"reason": ""}, {"reason": "missing"}),
            ({"reason": "x" * 2001}, {"reason": "too_long"}),
            ({"phone": "1" * 21}, {"phone": "too_long"}),
            ({"birth_date": "11-03-1906"}, {"birth_date": "age"}),
            ({"stu_ends_on": ""}, {"stu_ends_on": "missing"}),
            ({"stu_ends_on": "11-03-2006"}, {"stu_ends_on": "too_early"}),
            ({"cpr": "12345"}, {"cpr": "not_a_cpr"}),
            ({"cpr": "120306-4567"}, {"cpr": "other_birth"}),
            ({"key": "x" * 61}, {"key": "too_long"}),
        ],
    )
    def test_says_what_is_wrong_by_column(self, cells, wrong):
        assert self.wrong(**cells) == wrong

    def test_a_cpr_number_says_the_birth_date(self):
        said, wrong = person_of({**GOOD, "name": "A", "birth_date": "", "cpr": "110306-4567"})
        assert (str(said["birth_date"]), said["cpr"], wrong) == ("2006-03-11", "1103064567", {})

    def test_a_nought_that_was_lost_is_put_back_where_the_birth_date_agrees(self):
        cells = {**GOOD, "name": "A", "birth_date": "01-03-2006", "cpr": "103064567"}
        assert person_of(cells)[0]["cpr"] == "0103064567"
        assert person_of({**cells, "birth_date": ""})[1]["cpr"] == "not_a_cpr"

    def test_is_read_under_the_headings_of_both_languages(self):
        for language in ("da", "en"):
            with translation.override(language):
                text = ";".join(heading(field) for field in HEADINGS)
            cells = ";".join(HEADINGS)
            (line,) = read(f"{text}\n{cells}\n".encode(), FIELDS).lines
            assert line.cells == {field: field for field in HEADINGS}


class TestCheck:
    def test_writes_nobody_and_says_what_would_come_of_each(self, team):
        before = Youth.objects.count(), Referral.objects.count(), CprNumber.objects.count()
        made = check(team, row(2, cpr="110306-4567"), row(3, "B", reason=""), row(4))
        assert states(made) == [
            ("good", []),
            ("bad", [["reason", "missing", 0]]),
            ("bad", [["", "double", 2]]),
        ]
        assert before == (
            Youth.objects.count(), Referral.objects.count(), CprNumber.objects.count()
        )  # fmt: skip

    @pytest.mark.parametrize(
        "same", [{"name": "  ægir   ømand "}, {"name": "B", "key": "k"}, {"name": "C", "cpr": "n"}]
    )
    def test_the_same_in_two_rows_is_taken_once(self, team, same):
        same = {k: {"n": "110306-4567"}.get(v, v) for k, v in same.items()}
        made = check(team, row(5, key="K", cpr="1103064567"), row(9, **same))
        assert states(made)[1] == ("bad", [["", "double", 5]])

    def test_who_has_a_place_here_is_known(self, team):
        there = YouthFactory(partnership=team.partnership, name="Ægir Ømand",
                             birth_date="2006-03-11")  # fmt: skip
        made = check(team, row(name="ægir ømand"))
        assert states(made) == [("known", [["", "here", 0]])]
        assert made.rows.get().referral == there.referrals.get()

    def test_who_has_a_place_here_is_known_by_number(self, team):
        there = YouthFactory(partnership=team.partnership, birth_date="2006-03-11")
        there.refresh_from_db()
        CprNumber.note(by=team.caseworker, youth=there, digits="1103064567")
        made = check(team, row(name="Et Andet Navn", cpr="110306-4567"))
        assert states(made) == [("known", [["", "here", 0]])]

    def test_who_was_referred_before_is_warned_of_and_goes_in_only_when_asked(self, team):
        refer(team, row())
        Referral.objects.get(youth__name="Ægir Ømand").withdraw(by=team.caseworker)
        made = check(team, row(key="ny"), row(3, "B"))
        assert states(made) == [("maybe", [["", "maybe", 0]]), ("good", [])]
        made.start(by=team.caseworker)
        run_import(str(made.pk))
        assert [state for state, _why in states(made)] == ["maybe", "in"]

        again = check(team, row(key="ny"))
        again.start(by=team.caseworker, with_maybe=True)
        run_import(str(again.pk))
        assert [state for state, _why in states(again)] == ["in"]

    def test_in_the_own_municipality_it_is_warned_of(self, team):
        other = PartnershipFactory(signed=True, municipality=team.partnership.municipality,
                                   programme=team.programme)  # fmt: skip
        member(other, "caseworker", user=team.caseworker)
        YouthFactory(partnership=other, name="Ægir Ømand", birth_date="2006-03-11")
        assert states(check(team, row())) == [("maybe", [["", "maybe", 0]])]

    def test_nothing_is_said_of_whom_the_person_may_not_see(self, team, other_team):
        """By name and by number: elsewhere, and in a sister partnership of the municipality."""
        sister = PartnershipFactory(signed=True, municipality=team.partnership.municipality)
        for partnership, name in ((other_team.partnership, "A"), (sister, "B")):
            hidden = YouthFactory(partnership=partnership, name=name, birth_date="2006-03-11")
            hidden.refresh_from_db()
            CprNumber.note(by=hidden.referrals.get().proposed_by, youth=hidden,
                           digits="1103064567")  # fmt: skip
        alone = row(4, "C", cpr="1103064567")
        made = check(team, row(2, "A"), row(3, "B"), alone)
        assert states(made) == [("good", [])] * 3
        assert not made.rows.exclude(referral=None).exists()

    def test_asks_as_often_for_many_rows_as_for_one(self, team):
        def queries(*lines):
            check(team)  # what the person may see is remembered from now on
            with CaptureQueriesContext(connection) as found:
                check(team, *lines)
            return len(found)

        lines = [row(n, f"N{n}", cpr=f"110306-{4000 + n}") for n in range(2, 300)]
        assert queries(*lines) == queries(row(cpr="110306-4567"))

    def test_keeps_nothing_readable(self, team):
        made = check(team, row(cpr="110306-4567"), name="Ægir.csv")
        with connection.cursor() as cursor:
            cursor.execute("SELECT youths_importrow::text FROM youths_importrow")
            kept = str(cursor.fetchall())
            cursor.execute("SELECT youths_import::text FROM youths_import")
            kept += str(cursor.fetchall())
        for text in ("gir", "4567", "11-03-2006"):
            assert text not in kept
        assert made.rows.get().texts["name"] == "Ægir Ømand"


class TestRun:
    def test_refers_each_as_the_form_does(self, team):
        made = refer(team, row(cpr="110306-4567", phone="+45 12345678"), row(3, "B"))
        assert made.state == "done"
        youth, other = people(made)
        assert (youth.name, youth.phone, youth.enrolled_on) == ("Ægir Ømand", "+45 12345678", None)
        assert youth.cpr.number == "1103064567"
        assert youth.cpr.added_by == team.caseworker
        referral = youth.referrals.get()
        assert (referral.status, referral.reason) == ("proposed", "Vil gerne i gang")
        assert referral.proposed_by == team.caseworker
        assert not CprNumber.objects.filter(youth=other).exists()
        assert set(made.rows.values_list("state", "cells")) == {("in", "")} or all(
            not row.texts for row in made.rows.all()
        )

    def test_the_bad_ones_stop_no_other(self, team):
        made = refer(team, row(2, "A"), row(3, "B", stu_ends_on="snart"), row(4, "C"))
        assert [state for state, _why in states(made)] == ["in", "bad", "in"]

    def test_as_many_as_there_are_places_in_the_order_of_the_file(self, team):
        team.partnership.places = 3
        team.partnership.save()
        made = check(team, *[row(n, f"N{n}") for n in range(2, 7)])
        assert (free_places(team.partnership), made.last_that_fits()) == (2, 3)
        made.start(by=team.caseworker)
        run_import(str(made.pk))
        assert [state for state, _why in states(made)] == ["in", "in", "over", "over", "over"]
        assert team.partnership.referrals.holding_a_place().count() == 3

    def test_the_same_list_again_changes_nothing(self, team):
        lines = [row(2, "A", cpr="110306-4567"), row(3, "B", key="7"), row(4, "C")]
        refer(team, *lines)
        before = Youth.objects.count()
        again = check(team, *lines)
        assert [state for state, _why in states(again)] == ["known"] * 3
        with pytest.raises(ImportRefused):
            again.start(by=team.caseworker)
        assert Youth.objects.count() == before

    def test_who_was_imported_and_declined_is_not_referred_by_the_same_list(self, team):
        made = refer(team, row(key="7"))
        made.rows.get().referral.decline(by=team.school, declined_because="not_now", answer="Nej")
        again = check(team, row(key="7"))
        assert states(again) == [("known", [["", "imported", 0]])]

    def test_two_lists_checked_before_either_was_started_refer_once(self, team):
        one, two = check(team, row(key="7")), check(team, row(name="Andet", key="7"))
        for made in (one, two):
            made.start(by=team.caseworker)
            run_import(str(made.pk))
        assert [states(made)[0][0] for made in (one, two)] == ["in", "known"]
        assert people(one).count() == 1

    def test_a_number_that_got_a_place_meanwhile_is_known(self, team):
        made = check(team, row(cpr="110306-4567"))
        refer(team, row(name="Andet Navn", cpr="110306-4567", key="x"))
        made.start(by=team.caseworker)
        run_import(str(made.pk))
        assert states(made)[0][0] == "known"

    def test_is_started_once(self, team):
        made = check(team, row())
        made.start(by=team.caseworker)
        with pytest.raises(ImportRefused):
            made.start(by=team.caseworker)
        with pytest.raises(ImportRefused):
            made.discard(by=team.caseworker)

    def test_stops_when_the_person_has_left(self, team):
        made = check(team, row())
        made.start(by=team.caseworker)
        team.caseworker.memberships.update(ends_on=days(-1))
        run_import(str(made.pk))
        made.refresh_from_db()
        assert (made.state, people(made).count()) == ("stopped", 0)

    def test_goes_on_when_the_person_acts_for_another_meanwhile(self, team, other_team):
        made = check(team, row())
        made.start(by=team.caseworker)
        both = member(other_team.partnership, "caseworker", user=team.caseworker)
        team.caseworker.act_as(both.memberships.get(partnership=other_team.partnership))
        run_import(str(made.pk))
        assert states(made)[0][0] == "in"

    def test_stops_when_the_partnership_has_ended(self, team):
        made = check(team, row())
        made.start(by=team.caseworker)
        team.partnership.end(by=team.caseworker)
        run_import(str(made.pk))
        made.refresh_from_db()
        assert (made.state, people(made).count()) == ("stopped", 0)


class Killed(BaseException):
    """As a process ends: no `except Exception` holds it."""


class TestBroken:
    @pytest.fixture
    def dies_at(self, monkeypatch):
        """Call with a name: noting that person's referral ends the worker, once."""
        whole = Referral.propose.__func__

        def at(name, error=Killed):
            def propose(cls, **fields):
                made = whole(cls, **fields)
                if fields["name"] == name:
                    monkeypatch.undo()
                    raise error
                return made

            monkeypatch.setattr(Referral, "propose", classmethod(propose))

        return at

    def test_a_killed_worker_leaves_nothing_half_and_the_next_goes_on(self, team, dies_at):
        made = check(team, *[row(n, f"N{n}", cpr=f"110306-400{n}") for n in range(2, 7)])
        made.start(by=team.caseworker)
        dies_at("N4")
        with pytest.raises(Killed):
            run_import(str(made.pk))
        made.refresh_from_db()
        assert (made.state, made.done_rows, made.to_go) == ("running", 2, 5)
        assert people(made).count() == 2
        assert not Youth.objects.filter(name="N4").exists()
        sweep_imports()
        run_import(str(made.pk))  # the message comes again, too
        made.refresh_from_db()
        assert (made.state, people(made).count()) == ("done", 5)
        assert CprNumber.objects.filter(youth__in=people(made)).count() == 5
        assert sorted(Youth.objects.filter(name__startswith="N").values_list("name", flat=True)) \
            == [f"N{n}" for n in range(2, 7)]  # fmt: skip

    def test_a_worker_whose_time_is_up_is_no_fault_of_the_row(self, team, dies_at):
        made = check(team, row())
        made.start(by=team.caseworker)
        dies_at("Ægir Ømand", SoftTimeLimitExceeded)
        run_import(str(made.pk))
        assert states(made)[0][0] == "good"
        sweep_imports()
        assert states(made)[0][0] == "in"

    def test_a_row_that_cannot_be_done_stops_no_other_and_is_not_quoted(
        self, team, dies_at, caplog
    ):
        made = check(team, row(2, "Hemmelig Person"), row(3, "B"))
        made.start(by=team.caseworker)
        dies_at("Hemmelig Person", DataError("Hemmelig Person is too long"))
        with caplog.at_level(logging.DEBUG):
            run_import(str(made.pk))
        assert [state for state, _why in states(made)] == ["bad", "in"]
        assert "DataError" in caplog.text
        assert "Hemmelig" not in caplog.text

    def test_the_message_names_nothing_but_the_import(
        self, team, django_capture_on_commit_callbacks, monkeypatch
    ):
        sent = []
        monkeypatch.setattr(
            "youths.models.imports.current_app.send_task",
            lambda name, **options: sent.append((name, options["args"])),
        )
        with django_capture_on_commit_callbacks(execute=True):
            made = check(team, row())
            made.start(by=team.caseworker)
        assert sent == [("youths.tasks.run_import", [str(made.pk)])]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_refer_each_once_and_in_order(at_once):
    team = Team()
    team.partnership.places = 9
    team.partnership.save()
    made = check(team, *[row(n, f"N{n:02}") for n in range(2, 14)])
    made.start(by=team.caseworker)
    at_once(*[lambda: Import.run(made.pk)] * 3)
    Import.run(made.pk)
    assert [state for state, _why in states(made)] == ["in"] * 8 + ["over"] * 4
    assert people(made).count() == 8


class TestForgotten:
    def test_old_words_go_and_who_was_imported_is_known_all_the_same(self, team):
        done = refer(team, row(), row(3, "B", reason=""))
        waits = check(team, row(2, "C"))
        Import.objects.update(made_at=timezone.now() - timedelta(days=KEPT_DAYS, hours=1))
        fresh = check(team, row(2, "D"))
        purge_imports()
        done.refresh_from_db()
        assert (done.name, [row.texts for row in done.rows.all()]) == ("", [{}, {}])
        assert not Import.objects.filter(pk=waits.pk).exists()
        assert fresh.rows.get().texts["name"] == "D"
        assert states(check(team, row()))[0][0] == "known"

    def test_the_database_keeps_nobody_twice(self, team):
        one, two = refer(team, row(key="7")), check(team, row(3, "B"))
        kept = two.rows.get()
        kept.state, kept.cells, kept.key = "in", "", one.rows.get().key
        with pytest.raises(IntegrityError, match="nobody_is_imported_twice"), transaction.atomic():
            kept.save()
        kept.key = ""
        with pytest.raises(IntegrityError, match="known_again"), transaction.atomic():
            kept.save()
        kept.key, kept.cells = "x", "{}"
        with pytest.raises(IntegrityError, match="kept_once"), transaction.atomic():
            kept.save()
        again = ImportRow(of=one, number=one.rows.get().number)
        with pytest.raises(IntegrityError, match="a_row_is_kept_once"), transaction.atomic():
            again.save()
        one.done_at = None
        with pytest.raises(IntegrityError, match="has_its_time"), transaction.atomic():
            one.save()


class TestPages:
    def test_from_the_template_to_the_rows_that_come_back(self, team, sign_in, english):
        client = sign_in(team.caseworker)
        start = reverse("youths:import", args=[team.partnership.pk])
        given = client.get(start, {"format": "xlsx"})
        template = load_workbook(BytesIO(given.content))
        assert len(template.worksheets) == 2
        headings = [cell.value for cell in template.worksheets[0][1]]
        assert headings == [names["en"] for names in HEADINGS.values()]
        file = csv_file(
            ["1", "A", "11-03-2006", "", "", ENDS, "Fordi"],
            ["2", "=A", "11-03-2006", "", "", ENDS, "Fordi"],
            ["3", "C", "11-03-2006", "", "+45 1", "", "-1+1"],
            headings=headings,
        )
        answer = hand_in(client, team, file)
        made = Import.objects.get()
        assert answer.url == page_of(made)
        page = client.get(answer.url).content.decode()
        assert "Name: Is a formula, which is not read." in page
        assert "STU ends: Is missing." in page
        assert not Referral.objects.filter(youth__name="A").exists()
        client.post(answer.url, {"act": "start"})
        running = client.get(answer.url).content.decode()
        assert "0 of 1 rows are done." in running
        assert 'hx-trigger="every 2s"' in running
        run_import(str(made.pk))
        done = client.get(answer.url).content.decode()
        assert "every 2s" not in done
        assert people(made).get().code in done

        for kind in ("xlsx", "csv"):
            back = client.get(answer.url, {"format": kind})
            lines = read(back.content, FIELDS).lines
            assert [line.cells.get("key") for line in lines] == ["2", "3"]
        sheet = load_workbook(BytesIO(client.get(answer.url, {"format": "xlsx"}).content)).active
        assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n"}
        assert sheet.cell(3, 9).value == "STU ends: Is missing."
        csv_back = client.get(answer.url, {"format": "csv"}).content.decode("utf-8-sig")
        assert ";'-1+1;" in csv_back

        # Corrected there and handed in again.
        sheet.cell(3, 6, ENDS)
        sheet.cell(2, 2, "B")
        again = BytesIO()
        sheet.parent.save(again)
        answer = hand_in(client, team, SimpleUploadedFile("igen.xlsx", again.getvalue()))
        assert [state for state, _why in states(Import.objects.exclude(pk=made.pk).get())] == [
            "good", "good",
        ]  # fmt: skip

    @pytest.mark.parametrize("role", ["school", "lead", "employer", "young", "evaluator"])
    def test_is_for_who_may_refer(self, team, sign_in, role):
        client = sign_in(getattr(team, role))
        made = check(team, row())
        answer = hand_in(client, team, csv_file())
        assert answer.status_code in (403, 404)
        for method in (client.get, client.post):
            assert method(page_of(made)).status_code == 404
        assert client.get(page_of(made), {"format": "xlsx"}).status_code == 404

    def test_is_ones_own_and_no_colleagues(self, team, other_team, sign_in):
        made = check(team, row())
        colleague = member(team.partnership, "caseworker")
        for user in (colleague, other_team.caseworker):
            client = sign_in(user)
            assert client.get(page_of(made)).status_code == 404
            assert client.post(page_of(made), {"act": "start"}).status_code == 404
        client = sign_in(colleague)
        page = client.get(reverse("youths:import", args=[team.partnership.pk]))
        assert "liste.csv" not in page.content.decode()

    def test_says_that_somebody_is_here_and_notes_it(self, team, sign_in):
        there = YouthFactory(partnership=team.partnership, name="Ægir Ømand",
                             birth_date="2006-03-11")  # fmt: skip
        made = check(team, row())
        page = sign_in(team.caseworker).get(page_of(made)).content.decode()
        assert there.code in page
        noted = AccessEvent.objects.get(youth_id=there.pk)
        assert (noted.sections, noted.channel) == ("identity", "list")

    def test_a_file_that_says_so_is_noted_too(self, team, sign_in):
        refer(team, row())
        Referral.objects.get(youth__name="Ægir Ømand").withdraw(by=team.caseworker)
        youth = Youth.objects.get(name="Ægir Ømand")
        made = check(team, row(key="ny"), row(3, "B", reason=""), row(4, "C"))
        back = sign_in(team.caseworker).get(page_of(made), {"format": "xlsx"})
        lines = read(back.content, FIELDS).lines
        assert [line.cells["name"] for line in lines] == ["Ægir Ømand", "B"]
        noted = AccessEvent.objects.get(channel="export")
        assert (noted.youth_id, noted.sections) == (youth.pk, "identity")

    def test_the_name_of_the_file_is_shown_without_tricks(self, team, sign_in):
        file = csv_file(["", "A", "11-03-2006", "", "", ENDS, "Fordi"], name="li\u202este.exe.xlsx")
        hand_in(sign_in(team.caseworker), team, file)
        assert Import.objects.get().name == "liste.exe.csv"

    @pytest.mark.parametrize(
        "content",
        [b"", b"Hej", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"x" * (10 * 1024 * 1024 + 1)],
    )
    def test_a_file_that_is_none_is_refused_in_words(self, team, sign_in, content):
        answer = hand_in(sign_in(team.caseworker), team, SimpleUploadedFile("x.xlsx", content))
        assert answer.status_code == 422
        assert not Import.objects.exists()

    def test_is_deleted_before_it_is_started(self, team, sign_in):
        client, made = sign_in(team.caseworker), check(team, row())
        assert client.post(page_of(made), {"act": "discard"}).status_code == 302
        assert not ImportRow.objects.exists()

    def test_sent_twice_refers_once_and_says_so(self, team, sign_in):
        client, made = sign_in(team.caseworker), check(team, row())
        assert client.post(page_of(made), {"act": "start"}).status_code == 302
        assert client.post(page_of(made), {"act": "start"}).status_code == 409

    def test_asks_as_often_for_three_rows_as_for_one(self, team, sign_in):
        client = sign_in(team.caseworker)

        def queries(*lines):
            made = check(team, *lines)
            client.get(page_of(made))
            with CaptureQueriesContext(connection) as found:
                client.get(page_of(made))
            return len(found)

        assert queries(row()) == queries(row(), row(3, "B"), row(4, "C", reason=""))


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_five_thousand_rows_with_all_that_can_be_wrong(team, sign_in, kind):
    headings = [names["da"] for names in HEADINGS.values()]
    rows = [[str(n), f"Åse Ø {n}", "11-03-2006", "", "", ENDS, "Fordi"] for n in range(2, 5002)]
    rows[10][1] = "=1+1"
    rows[20][1] = "Ã¦gir"
    rows[30][2] = "i fjor"
    rows[40][5] = ""
    if kind == "xlsx":
        content = book(headings, *rows, merged=["B52:B53"])
    else:
        content = csv_file(*rows, headings=headings, encoding="cp1252").read()
    client = sign_in(team.caseworker)
    with CaptureQueriesContext(connection) as found:
        answer = hand_in(client, team, SimpleUploadedFile(f"stor.{kind}", content))
    assert answer.status_code == 302
    assert len(found) < 60
    made = Import.objects.get()
    bad = {row.number: row.reasons[0][:2] for row in made.rows.filter(state="bad")}
    merged = {52: ["name", "merged"], 53: ["name", "merged"]} if kind == "xlsx" else {}
    assert bad == {
        12: ["name", "formula"],
        22: ["name", "unreadable"],
        32: ["birth_date", "not_a_date"],
        42: ["stu_ends_on", "missing"],
        **merged,
    }
    made.start(by=team.caseworker)
    run_import(str(made.pk))
    counts = made.counts()
    assert (counts["in"], counts["over"]) == (9, 5000 - 9 - len(bad))
    assert client.get(page_of(made)).status_code == 200
