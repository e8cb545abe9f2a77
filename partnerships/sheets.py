"""A workbook or CSV file from outside, read as rows of text.

The content alone decides what it is. Nothing is evaluated: a formula, a merged cell or letters
that cannot be read make a fault of that cell, and the row says so. docs/adr/0032 has the reasons.
"""

import csv
import datetime as dt
import re
import unicodedata
import zipfile
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from xml.parsers import expat

from django.db import models
from django.utils.translation import gettext_lazy as _

from partnerships.attached import Unusable, check_size, is_a_bomb
from partnerships.spreadsheets import FORMULA

ROWS_AT_MOST = 5_000
ELEMENTS_AT_MOST = 600_000  # of a workbook; that many rows of ten cells are a quarter of it
COLUMNS_AT_MOST = 100
HEADINGS_WITHIN = 20  # rows with something in them; a title may stand above the headings


class Fault(models.TextChoices):
    """Why a cell could not be read."""

    FORMULA = "formula", _("Is a formula, which is not read. Write what it shows.")
    MERGED = "merged", _("The cell is merged with others. Split them and fill in each.")
    UNREADABLE = "unreadable", _("Some letters cannot be read. Write them anew.")


@dataclass
class Line:
    """A row of the file: its number there, its texts by field, and the fault of a field."""

    number: int
    cells: dict[str, str]
    faults: dict[str, str] = field(default_factory=dict)


@dataclass
class Sheet:
    lines: list[Line]
    not_read: list[str]  # headings that nobody knows


def read(content: bytes, fields: dict[str, str]) -> Sheet:
    """The rows below the headings; `fields` leads from a heading, as `plain` has it, to a field.

    Raises Unusable for what is no such file, or has no headings that are known.
    """
    check_size(len(content))
    if content.startswith(b"PK\x03\x04"):
        return _found(_of_workbook(content), fields)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unusable(
            _("This is an old Excel file, or it has a password. Save it as XLSX without one.")
        )
    text = _decoded(content)
    if text.lstrip()[:1] == "<":
        raise Unusable(_("This is a web page, whatever its name says. Save it as XLSX or CSV."))
    return _found((_of_csv(text, fields),), fields)


def plain(heading: str) -> str:
    """A heading for comparing: without case, marks, and what stands in brackets."""
    heading = re.sub(r"\(.*?\)", " ", heading.casefold())
    return " ".join(re.sub(r"[\W_]+", " ", heading).split())


# -- The headings, and the rows below them ---------------------------------------------------

# A table is a list of (number, {column: text}, {column: fault}), of rows with something in them.


def _found(tables, fields) -> Sheet:
    """The first table that has headings. At least two, so that a title is not taken for them."""
    for table in tables:
        for at, (_number, texts, _faults) in enumerate(table[:HEADINGS_WITHIN]):
            columns = {n: fields[plain(t)] for n, t in texts.items() if plain(t) in fields}
            if len(columns) < 2:
                continue
            if len(set(columns.values())) < len(columns):
                raise Unusable(_("Two columns have the same heading. Remove one of them."))
            return _below(
                table[at + 1 :], columns, [t for n, t in texts.items() if n not in columns]
            )
    raise Unusable(
        _("The headings were not found. Take the template, and keep its first row as it is.")
    )


def _below(table, columns, not_read) -> Sheet:
    lines = []
    for number, texts, faults in table:
        cells = {columns[n]: text for n, text in texts.items() if n in columns}
        wrong = {columns[n]: fault for n, fault in faults.items() if n in columns}
        if cells or wrong:
            lines.append(Line(number, cells, wrong))
        if len(lines) > ROWS_AT_MOST:
            raise Unusable(
                _("There are more than %(most)s rows. Share them out over several files.")
                % {"most": ROWS_AT_MOST}
            )
    if not lines:
        raise Unusable(_("There is nothing below the headings."))
    return Sheet(lines, not_read)


# Letters that were saved in one way and read in another: "Ã¦" where an "æ" was.
MISREAD = re.compile("\ufffd|Ã[\u0080-\u00bf…†˜¸¦¥©¶¼–˜]|â‚¬|Â[\u00a0-\u00bf]")


# What a spreadsheet would calculate; a telephone number with its plus is none of it.
ACTS = re.compile(r"[=＝]|[-+@－＋＠]\S*[(|!]")


def _text(value: str) -> tuple[str, str]:
    """A cell's text, composed and without what cannot be seen; and its fault, or nothing."""
    kept = unicodedata.normalize("NFC", value)
    fault = Fault.UNREADABLE if MISREAD.search(kept) else ""
    # C: controls, and marks that turn the direction of the text.
    kept = "".join(c if c == "\n" or unicodedata.category(c)[0] != "C" else " " for c in kept)
    kept = kept.strip()
    if ACTS.match(kept):
        fault = Fault.FORMULA
    return kept, fault


# -- XLSX ------------------------------------------------------------------------------------


def _of_workbook(content: bytes):
    """The tables of a workbook, one for each sheet."""
    try:
        _look_through(content)
        from openpyxl import load_workbook  # only a few requests need it

        book = load_workbook(BytesIO(content), keep_links=False)
        return [_of_sheet(sheet) for sheet in book.worksheets]
    except Unusable:
        raise
    except Exception as fault:  # a damaged workbook fails in as many ways as there are bytes
        raise Unusable(_("The workbook cannot be read. Save it once more as XLSX.")) from fault


def _look_through(content: bytes) -> None:
    """Raise Unusable for an archive that is no workbook, or too much; before anything is built."""
    too_much = Unusable(_("The workbook holds far more than a list should. Copy the list alone."))
    elements = 0

    def refuse(*_args):
        raise too_much

    def count(*_args):
        nonlocal elements
        elements += 1
        if elements > ELEMENTS_AT_MOST:
            raise too_much

    with zipfile.ZipFile(BytesIO(content)) as archive:
        members = archive.infolist()
        if is_a_bomb(members, len(content)):
            raise too_much
        if any(member.flag_bits & 1 for member in members):
            raise Unusable(_("The workbook has a password. Save it without."))
        if "xl/workbook.xml" not in {member.filename for member in members}:
            raise Unusable(_("This is not a workbook. Save it as XLSX or CSV."))
        for member in members:
            if member.filename.lower().endswith((".xml", ".rels", ".vml")):
                parser = expat.ParserCreate()
                parser.StartDoctypeDeclHandler = refuse
                parser.StartElementHandler = count
                with archive.open(member) as file:
                    parser.ParseFile(file)


def _of_sheet(sheet):
    rows, faults = {}, {}
    # The cells that are there, wherever they are: walking the whole sheet may take a billion steps.
    for (number, column), cell in sorted(sheet._cells.items()):
        if cell.value is None or column > COLUMNS_AT_MOST:
            continue
        text, fault = _text(_as_text(cell.value))
        if cell.data_type == "f":
            text, fault = "", Fault.FORMULA
        elif cell.data_type == "e":
            text, fault = "", Fault.UNREADABLE
        if text:
            rows.setdefault(number, {})[column] = text
        if fault:
            faults.setdefault(number, {})[column] = fault
    there = sorted(rows.keys() | faults.keys())
    for area in sheet.merged_cells.ranges:
        for number in there:
            if area.min_row <= number <= area.max_row:
                for column in range(area.min_col, min(area.max_col, COLUMNS_AT_MOST) + 1):
                    faults.setdefault(number, {})[column] = Fault.MERGED
    return [(number, rows.get(number, {}), faults.get(number, {})) for number in there]


def _as_text(value) -> str:
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


# -- CSV -------------------------------------------------------------------------------------


def _decoded(content: bytes) -> str:
    """The text, in the encoding that its bytes speak for; what does not fit becomes U+FFFD."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\0" in content:
        # Without its mark: every other byte of our letters is nothing.
        even, odd = content[0:2000:2].count(0), content[1:2000:2].count(0)
        if max(even, odd) * 4 < min(len(content), 2000):
            raise Unusable(_("This is neither XLSX nor CSV, whatever its name says."))
        return content.decode("utf-16-be" if even > odd else "utf-16-le", "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass
    # Mostly UTF-8 with a few bytes that are not, or Windows-1252, in which Danish Excel saves?
    broken = content.decode("utf-8", "replace")
    letters = sum(ord(c) > 127 and c != "\ufffd" for c in broken)
    return broken if letters >= broken.count("\ufffd") else content.decode("cp1252", "replace")


def _of_csv(text: str, fields):
    """The table, divided by the mark that gives the most headings."""
    begin = [line for line in text.splitlines() if line.strip()][:HEADINGS_WITHIN]

    def headings(mark):
        return max(
            (sum(plain(c.strip('"')) in fields for c in line.split(mark)) for line in begin),
            default=0,
        )

    mark = max(";,\t", key=headings)
    table = []
    reader = csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        for number, row in enumerate(reader, 1):
            texts, faults = {}, {}
            for column, value in enumerate(row[:COLUMNS_AT_MOST]):
                # As our own files make a text harmless.
                kept, fault = _text(value[1:] if value.startswith(HARMLESS) else value)
                if kept:
                    texts[column] = kept
                if fault:
                    faults[column] = fault
            if texts:
                table.append((number, texts, faults))
            if len(table) > ROWS_AT_MOST + HEADINGS_WITHIN:
                break
    except csv.Error as fault:
        raise Unusable(
            _("The quotation marks do not fit together near line %(line)s. Save it as XLSX.")
            % {"line": reader.line_num}
        ) from fault
    return table


HARMLESS = tuple(f"'{sign}" for sign in FORMULA)
