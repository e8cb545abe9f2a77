"""The evaluator's workbench: frozen cuts of a programme's data, and the reports made of them.

Who evaluates freezes and takes the data; who leads sees what is frozen, and makes and reads the
reports. Rows of single persons are for the evaluator alone.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from evaluation.models import Cut, CutRefused, PseudonymKey, Report, half_years, quotes_of
from evaluation.packages import DATA
from evaluation.workbench_forms import CutForm, ReportForm
from partnerships import spreadsheets
from partnerships.access import Role, Section, roles
from partnerships.models import Programme
from youths.models import AccessEvent, Channel, Youth

PACKAGE = "package.zip"  # what the whole cut is called among its files
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
    "sav": "application/x-spss-sav",
    "txt": "text/plain; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def _evaluates(user) -> bool:
    return Role.EVALUATOR in roles(user)


@require_http_methods(["GET", "HEAD", "POST"])
def workbench(request, programme_id):
    """The cuts of a programme, the newest first, and for the evaluator a form for the next."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=programme_id)
    freezes = _evaluates(request.user)
    form, status = CutForm(), 200
    if request.method == "POST":
        if not freezes:
            raise PermissionDenied
        form, status = CutForm(request.POST), 422
        if form.is_valid():
            try:
                cut = Cut.freeze(by=request.user, programme=programme, **form.cleaned_data)
            except CutRefused as refusal:
                form.add_error("name", str(refusal))
                status = 409
            else:
                return redirect("evaluation:cut", cut.pk)
    cuts = (
        Cut.objects.visible_to(request.user)
        .filter(programme=programme)
        .light()
        .select_related("asked_by")
        .annotate(reports_made=Count("reports"))
    )
    context = {"programme": programme, "cuts": cuts, "form": form, "freezes": freezes}
    return render(request, "evaluation/workbench.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def cut(request, cut_id):
    """One cut: how far it is, or its fingerprint and files; and its reports, with a form for one.

    The page asks for itself again every two seconds until the cut is frozen.
    """
    rows = Cut.objects.visible_to(request.user).light().select_related("programme", "asked_by")
    one = get_object_or_404(rows, pk=cut_id)
    if request.htmx and not one.is_unfinished:
        return _looked_at_anew()
    if request.method == "POST" and one.has_failed:
        one.try_again()
        return redirect("evaluation:cut", one.pk)
    periods = half_years(one) if one.is_done else []
    form, status = ReportForm(half_years=periods), 200
    if request.method == "POST":
        form, status = ReportForm(request.POST, half_years=periods), 422
        if form.is_valid():
            try:
                report = Report.ask(
                    by=request.user, cut=one, language=get_language()[:2], **form.cleaned_data
                )
            except CutRefused as refusal:
                form.add_error("starts_on", str(refusal))
                status = 409
            else:
                return redirect("evaluation:report", report.pk)
    takes = _evaluates(request.user)
    context = {
        "cut": one,
        "programme": one.programme,
        "form": form,
        "takes": takes,
        "files": [file for file in one.manifest if file["name"] != DATA] if takes else [],
        "package": PACKAGE,
        "reports": Report.objects.visible_to(request.user).light().filter(cut=one),
    }
    return render(request, "evaluation/cut.html", context, status=status)


def _looked_at_anew() -> HttpResponse:
    """For who asks whether it is made: it is, or it cannot be, so load the whole page."""
    return HttpResponse(headers={"HX-Refresh": "true"})


@require_safe
def cut_file(request, cut_id, file_name):
    """A file of a cut, the same bytes every time; noted of everybody whose data is in it."""
    one = get_object_or_404(Cut.objects.visible_to(request.user).light(), pk=cut_id)
    if not _evaluates(request.user):
        raise PermissionDenied
    if not one.is_done:
        raise Http404
    one = Cut.objects.get(pk=one.pk)  # with its content
    if file_name == PACKAGE:
        content, name = one.opened(), f"{_slug(one)}.zip"
    else:
        content, name = one.files().get(file_name), f"{_slug(one)}-{file_name}"
    if content is None:
        raise Http404
    everybody = one.youths.only("pk", "account_id")
    AccessEvent.record(
        request.user, everybody, [Section.RATINGS], Channel.EXPORT, "evaluation:cut_file"
    )
    return _file(name, content)


def _slug(one) -> str:
    return slugify(one.name) or "cut"


def _file(name: str, content: bytes) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=CONTENT_TYPES[name.rpartition(".")[2]],
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def report(request, report_id):
    """How far a report is, then the way to it; where it failed, a button to try again."""
    one = _report(request, report_id)
    if request.htmx and not one.is_unfinished:
        return _looked_at_anew()
    if request.method == "POST":
        one.try_again()
        return redirect("evaluation:report", one.pk)
    return render(
        request,
        "evaluation/report.html",
        {"report": one, "cut": one.cut, "programme": one.cut.programme},
    )


@require_safe
def report_file(request, report_id):
    """The report itself: it names nobody, and is the same every time."""
    one = _report(request, report_id)
    if not one.is_done:
        raise Http404
    content = Report.objects.get(pk=one.pk).opened()
    return _file(f"{_slug(one.cut)}-{one.starts_on:%Y-%m}.pdf", content)


def _report(request, report_id) -> Report:
    rows = Report.objects.visible_to(request.user).light().select_related("asked_by")
    return get_object_or_404(rows, pk=report_id)


@require_safe
def quotes(request, programme_id):
    """What young people have agreed may be quoted, under their pseudonyms; as it is today."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=programme_id)
    if not _evaluates(request.user):
        raise PermissionDenied
    key = PseudonymKey.known(programme)
    found = quotes_of(programme) if key else []
    kind = spreadsheets.wanted(request)
    youths = {
        youth.pk: youth
        for youth in Youth.objects.filter(
            pk__in={quote["youth"] for quote in found}, partnership__programme=programme
        ).only("pk", "account_id")
    }
    AccessEvent.record(
        request.user,
        youths.values(),
        [Section.WORDS],
        Channel.EXPORT if kind else Channel.LIST,
        "evaluation:quotes" if kind else "",
    )
    rows = sorted(
        (key.pseudonym(youths[quote["youth"]]), quote["round"], quote["text"])
        for quote in found
        if quote["youth"] in youths
    )
    if kind:
        return spreadsheets.response(
            kind, _("Quotes"), [[_("Pseudonym"), _("Round"), _("In own words")], *rows]
        )
    context = {"programme": programme, "quotes": rows, "known": key is not None}
    return render(request, "evaluation/quotes.html", context)
