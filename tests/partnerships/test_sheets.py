"""A file from outside, read as rows: encodings, marks, formulas, merged cells, and bombs."""

import datetime as dt
import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from partnerships.attached import Unusable
from partnerships.sheets import ROWS_AT_MOST, plain, read

FIELDS = {"navn": "name", "cpr": "cpr", "født": "born"}
DANISH = "Navn;CPR\r\nÆgir Ømand Åkjær;0102064567\r\n"


def rows(content):
    return [line.cells for line in read(content, FIELDS).lines]


def faults(content):
    return {line.number: line.faults for line in read(content, FIELDS).lines if line.faults}


def book(*table, merged=(), title=None) -> bytes:
    made = Workbook()
    sheet = made.active
    for row in table:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    file = BytesIO()
    made.save(file)
    return file.getvalue()


def changed(content, name, old, new) -> bytes:
    """The archive with something else in one of its members."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old_one, zipfile.ZipFile(file, "w") as new_one:
        for member in old_one.namelist():
            data = old_one.read(member)
            new_one.writestr(member, data.replace(old, new) if member == name else data)
    return file.getvalue()


class TestCsv:
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]
    )
    def test_danish_letters_survive_every_usual_encoding(self, encoding):
        assert rows(DANISH.encode(encoding)) == [{"name": "Ægir Ømand Åkjær", "cpr": "0102064567"}]

    @pytest.mark.parametrize("mark", [";", ",", "\t"])
    def test_is_divided_by_any_usual_mark(self, mark):
        text = DANISH.replace(";", mark)
        assert rows(text.encode())[0]["cpr"] == "0102064567"

    def test_a_mark_between_quotes_divides_nothing(self):
        assert rows(b'Navn;CPR\n"A; B\nC";1\n') == [{"name": "A; B\nC", "cpr": "1"}]

    def test_a_row_with_broken_letters_is_at_fault_and_no_other(self):
        content = "Navn;CPR\nÆgir;1\nØrn;2\n".encode().replace("Ørn".encode(), b"\xd8rn")
        assert faults(content) == {3: {"name": "unreadable"}}

    def test_letters_that_were_read_wrongly_before_are_at_fault(self):
        content = "Navn;CPR\nÆgir;1\n".encode().decode("cp1252").encode()
        assert faults(content) == {2: {"name": "unreadable"}}

    def test_rows_are_numbered_as_in_the_file(self):
        lines = read(b"Liste\n\nNavn;CPR\n\nA;1\n\n\nB;2\n", FIELDS).lines
        assert [line.number for line in lines] == [5, 8]

    def test_a_quotation_mark_that_is_never_closed_is_refused_and_swallows_nothing(self):
        with pytest.raises(Unusable, match=r"line|linje"):
            read(b'Navn;CPR\n"A;1\nB;2\n', FIELDS)

    @pytest.mark.parametrize("text", ["=1+1", "=HYPERLINK(1)", "@SUM(A1)", "+cmd|' /C calc'!A0"])
    def test_a_formula_is_at_fault(self, text):
        assert faults(f"Navn;CPR\n{text};1\n".encode()) == {2: {"name": "formula"}}

    @pytest.mark.parametrize("text", ["+45 12 34 56 78", "-", "- Vil i gang", "'+45 12345678"])
    def test_what_only_begins_like_one_is_none(self, text):
        assert rows(f"Navn;CPR\n{text};1\n".encode())[0]["name"] == text.lstrip("'")


class TestWorkbook:
    def test_dates_and_numbers_become_text(self):
        content = book(["Navn", "CPR", "Født"], ["A", 102064567.0, dt.date(2006, 2, 1)])
        assert rows(content) == [{"name": "A", "cpr": "102064567", "born": "2006-02-01"}]

    def test_a_formula_is_not_read_whatever_it_shows(self):
        content = book(["Navn", "CPR"], ['=HYPERLINK("http://x")', "1"], ["B", "2"])
        assert faults(content) == {2: {"name": "formula"}}
        assert rows(content)[1]["name"] == "B"

    def test_each_row_of_merged_cells_is_at_fault(self):
        content = book(["Navn", "CPR"], ["A", "1"], ["", "2"], ["C", "3"], merged=["A2:A3"])
        assert faults(content) == {2: {"name": "merged"}, 3: {"name": "merged"}}

    def test_a_merged_title_above_the_headings_is_none(self):
        content = book(["Visitation"], ["Navn", "CPR"], ["A", "1"], merged=["A1:B1"])
        assert (rows(content), faults(content)) == ([{"name": "A", "cpr": "1"}], {})

    def test_a_cell_at_the_far_end_costs_nothing(self):
        made = Workbook()
        made.active.append(["Navn", "CPR"])
        made.active.append(["A", "1"])
        made.active.cell(1_048_576, 16_384, "x")
        file = BytesIO()
        made.save(file)
        assert rows(file.getvalue()) == [{"name": "A", "cpr": "1"}]

    def test_the_sheet_with_the_headings_is_found(self):
        made = Workbook()
        made.active.append(["Vejledning"])
        second = made.create_sheet()
        second.append(["Navn", "CPR"])
        second.append(["A", "1"])
        file = BytesIO()
        made.save(file)
        assert len(rows(file.getvalue())) == 1

    def test_a_document_type_is_refused(self):
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'
        content = changed(book(["Navn", "CPR"]), "xl/worksheets/sheet1.xml", b"<worksheet", bomb)
        with pytest.raises(Unusable):
            read(content, FIELDS)

    def test_a_bomb_is_refused_before_it_is_unpacked(self):
        file = BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b" " * 200_000_000)
        with pytest.raises(Unusable):
            read(file.getvalue(), FIELDS)

    def test_more_cells_than_any_list_has_are_refused(self):
        content = book(["Navn", "CPR"])
        cells = b"<row>" + b"<c/>" * 700_000 + b"</row></sheetData>"
        content = changed(content, "xl/worksheets/sheet1.xml", b"</sheetData>", cells)
        with pytest.raises(Unusable):
            read(content, FIELDS)

    @pytest.mark.parametrize("at", [10, 300, 1000])
    def test_cut_short_is_refused(self, at):
        with pytest.raises(Unusable):
            read(book(["Navn", "CPR"], ["A", "1"])[:at], FIELDS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Hej",
        b"<html><table><tr><td>Navn</td></tr></table>",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
        b"Navn;CPR\n",
        b"Navn;Navn;CPR\nA;B;1\n",
        b"PK\x03\x04",
    ],
)
def test_what_is_no_list_is_refused_in_words(content):
    with pytest.raises(Unusable) as refusal:
        read(content, FIELDS)
    assert str(refusal.value)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_one_row_more_than_it_takes_is_refused(kind):
    table = [["Navn", "CPR"], *([f"N{n}", str(n)] for n in range(ROWS_AT_MOST + 1))]
    content = book(*table) if kind == "xlsx" else "\n".join(map(";".join, table)).encode()
    with pytest.raises(Unusable, match="5000"):
        read(content, FIELDS)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(noise):
    for content in (noise, b"Navn;CPR\n" + noise):
        with suppress(Unusable):
            read(content, FIELDS)


def test_headings_are_compared_without_case_and_brackets():
    assert plain("  CPR-Nummer (frivilligt) *") == "cpr nummer"
