"""What the programme promised, and the registers that count it."""

from io import BytesIO

from pypdf import PdfWriter

from evaluation.models import Criterion, Entry
from partnerships.models import Organisation
from vivirkr.demo.dates import at, day, texts

TEXTS = texts("criteria")


def create(programme, by) -> None:
    """All criteria, and the lines of the registers as the leadership has kept them."""
    for position, row in enumerate(TEXTS["criteria"], start=1):
        Criterion.objects.create(programme=programme, position=position, **row)
    for row in TEXTS["entries"]:
        codes = row.get("municipalities", ())
        made = Entry.record(
            by=by,
            programme=programme,
            register=row["register"],
            title=row["title"],
            happened_on=day(row["ago"]),
            municipalities=list(Organisation.objects.filter(municipality_code__in=codes)),
            file=_paper(row["title"]) if row["register"] == "model_parts" else None,
        )
        Entry.objects.filter(pk=made.pk).update(recorded_at=at(row["ago"] - 2))


def _paper(title) -> dict:
    """A PDF of one empty page, with its title."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.add_metadata({"/Title": title})
    writer.write(paper := BytesIO())
    return {"name": f"{title}.pdf", "kind": "pdf", "content": paper.getvalue()}
