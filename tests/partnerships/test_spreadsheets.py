"""Rows as a workbook and as CSV: what a cell is, and what it cannot become."""

import csv
import datetime as dt
import zipfile
from decimal import Decimal
from io import BytesIO, StringIO
from xml.etree import ElementTree

import pytest

from partnerships import spreadsheets

INJECTIONS = [
    "=1+1",
    '=HYPERLINK("http://ond.example","klik")',
    "+4512345678",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "{=1}",
    "http://ond.example/",
]
NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def csv_rows(response):
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))


def sheet(response):
    """The parts of the workbook: the sheet's tree, and its texts."""
    book = zipfile.ZipFile(BytesIO(response.content))
    texts = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314  our own file
    return (
        ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml")),  # noqa: S314
        ["".join(t.text or "" for t in si.iterfind(".//x:t", NS)) for si in texts],
        book.namelist(),
    )


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_workbook_keeps_what_was_typed_as_text(text):
    tree, texts, parts = sheet(spreadsheets.response("xlsx", "Liste", [["Navn"], [text]]))
    assert not tree.findall(".//x:f", NS)
    assert not tree.findall(".//x:hyperlink", NS)
    assert not [part for part in parts if "_rels/sheet" in part]
    cell = tree.findall(".//x:c", NS)[1]
    assert cell.get("t") == "s"
    # The one character that XML cannot carry is written as its number.
    assert texts[1].replace("_x000D_", "\r") == text


@pytest.mark.parametrize("text", INJECTIONS)
def test_csv_makes_what_looks_like_a_formula_harmless(text):
    cell = csv_rows(spreadsheets.response("csv", "Liste", [["Navn"], [text]]))[1][0]
    formula = text[0] not in "{h"
    assert cell == (f"'{text}" if formula else text)
    assert not cell.startswith(spreadsheets.FORMULA)


def test_dates_times_and_numbers_are_real_ones():
    at = dt.datetime(2026, 3, 29, 12, 5, 33, tzinfo=dt.UTC)  # summer time began that night
    row = [dt.date(2026, 11, 23), at, 7, Decimal("12.5"), None, -3]
    tree, _texts, _parts = sheet(spreadsheets.response("xlsx", "Liste", [["A"] * 6, row]))
    cells = tree.findall(".//x:row", NS)[1]
    assert [(c.get("t"), c.findtext("x:v", namespaces=NS)) for c in cells] == [
        (None, "46349"),
        (None, "46110.58680555555"),
        (None, "7"),
        (None, "12.5"),
        (None, "-3"),
    ]
    assert csv_rows(spreadsheets.response("csv", "Liste", [["A"] * 6, row]))[1] == [
        "2026-11-23",
        "2026-03-29 14:05",
        "7",
        "12.5",
        "",
        "-3",
    ]


def test_danish_letters_and_what_separates_cells_stay_in_their_cell():
    row = ["Ærø; Øst", 'Åse "Å"\nBirk']
    assert csv_rows(spreadsheets.response("csv", "Liste", [row])) == [row]
    assert spreadsheets.response("csv", "Liste", [row]).content.startswith(b"\xef\xbb\xbf")
    assert sheet(spreadsheets.response("xlsx", "Liste", [row]))[1] == row


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_is_saved_under_the_lists_name_and_the_day(kind, time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC))
    response = spreadsheets.response(kind, "Unge", [["Navn"]])
    assert response["Content-Disposition"] == f'attachment; filename="unge-2026-11-23.{kind}"'


@pytest.mark.parametrize("asked", ["", "pdf", "XLSX", "xlsx\x00", "../csv"])
def test_any_other_format_is_the_page(rf, asked):
    assert spreadsheets.wanted(rf.get("/", {"format": asked})) == ""
