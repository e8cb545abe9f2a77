"""A list as a file: an Excel workbook, or CSV as a Danish Excel reads it.

The rows are those that the list's own view has found for the person; here they only change form.
What somebody typed stays text: no formula and no link comes of it.
"""

import csv
import datetime as dt
from decimal import Decimal
from io import BytesIO, StringIO

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

# More rows than a request should carry; the page then asks to narrow the list.
MOST_ROWS = 5_000
# What a spreadsheet takes for the beginning of a formula, the wide signs of East Asia included.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def wanted(request) -> str:
    """The format that was asked for in the address: "xlsx", "csv", or nothing."""
    asked = request.GET.get("format", "")
    return asked if asked in FORMATS else ""


def response(kind: str, name: str, rows, *, beside=None, to_fill_in=False) -> HttpResponse:
    """The file, from rows of which the first is the headings.

    beside: the name and the rows of a second sheet, which CSV has no room for.
    to_fill_in: what is typed into the first sheet stays as it is typed, noughts in front too.
    """
    content_type, write = FORMATS[kind]
    return HttpResponse(
        write(name, _plain_rows(rows), beside=beside, to_fill_in=to_fill_in),
        content_type=content_type,
        headers={
            "Content-Disposition": content_disposition_header(
                True, f"{name.lower()}-{timezone.localdate()}.{kind}"
            )
        },
    )


def _plain_rows(rows) -> list:
    return [[_plain(cell) for cell in row] for row in rows]


def _plain(cell):
    """Dates and numbers as they are, times on the clock here, nothing as nothing, else text."""
    if isinstance(cell, dt.datetime):
        return timezone.make_naive(cell).replace(second=0, microsecond=0)
    if cell is None or isinstance(cell, (dt.date, int, float, Decimal)):
        return cell
    return str(cell)


def _xlsx(name, rows, *, beside, to_fill_in) -> bytes:
    second = {beside[0]: _plain_rows(beside[1])} if beside else {}
    return workbook(name, {None: rows, **second}, to_fill_in=to_fill_in)


def workbook(title, sheets, *, made=None, to_fill_in=False) -> bytes:
    """A workbook from the rows of each sheet by its name, the first row its headings.

    With a moment at which it was made the same rows are the same bytes, whenever they are written.
    """
    from xlsxwriter import Workbook  # only a few requests need it

    file = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "default_date_format": "yyyy-mm-dd",
    }
    with Workbook(file, options) as book:
        times = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        bold = book.add_format({"bold": True})
        book.set_properties({"title": title, **({"created": made} if made else {})})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            if to_fill_in and name is None:
                sheet.set_column(0, len(rows[0]) - 1, None, book.add_format({"num_format": "@"}))
            for number, row in enumerate(rows):
                for at, cell in enumerate(row):
                    if isinstance(cell, dt.datetime):
                        sheet.write_datetime(number, at, cell, times)
                    else:
                        sheet.write(number, at, cell)
            sheet.set_row(0, None, bold)
            sheet.freeze_panes(1, 0)
            sheet.autofit()
    return file.getvalue()


def _csv(name, rows, *, beside, to_fill_in) -> bytes:
    return semicolons(rows)


def semicolons(rows) -> bytes:
    """CSV as a Danish Excel reads it."""
    text = StringIO()
    csv.writer(text, delimiter=";").writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell):
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", "minutes")
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


FORMATS = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "csv": ("text/csv; charset=utf-8", _csv),
}
