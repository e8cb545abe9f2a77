"""The report to the funder as a PDF, made by a worker. Here, since only the top lays out pages."""

from celery import shared_task
from django.template.loader import render_to_string
from django.utils import translation

from evaluation.models import CannotBeMade, Report
from evaluation.report import figures
from vivirkr import pdf


@shared_task
def make_report(report_id: str) -> None:
    """Make what somebody asked for, unless it is made already."""
    Report.make(report_id, build)


@shared_task
def sweep_reports() -> None:
    """Make whatever still waits, also what no message told of and what a worker died on."""
    for report_id in Report.objects.unfinished().values_list("pk", flat=True):
        Report.make(report_id, build)


def build(report) -> tuple[bytes, dict]:
    """The PDF of one cut's figures, in the language in which it was asked for."""
    if not pdf.is_possible():
        raise CannotBeMade("no PDFs on this machine")
    cut = type(report.cut).objects.get(pk=report.cut_id)
    with translation.override(report.language):
        html = page_of(report, cut)
        report.tell(40)
        return pdf.make(html), {}


def page_of(report, cut) -> str:
    """The report as the page that the PDF is laid out from."""
    said = figures(cut.data(), report.starts_on, report.ends_on)
    report.tell(15)
    return render_to_string("evaluation/report_pdf.html", {"report": report, "cut": cut, **said})
