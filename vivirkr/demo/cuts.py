"""A cut that the evaluator has frozen, and a half-year's report of it, as a worker makes them."""

from evaluation.models import Cut, Report, half_years
from vivirkr import pdf
from vivirkr.reports import build

NAME = "Halvårsrapport til puljen"


def create(programme, by) -> None:
    cut = Cut.freeze(by=by, programme=programme, name=NAME)
    Cut.make(cut.pk, Cut.build)
    if pdf.is_possible():
        cut.refresh_from_db()
        starts_on, _ends_on = half_years(cut)[0]
        report = Report.ask(by=by, cut=cut, starts_on=starts_on, language="da")
        Report.make(report.pk, build)
