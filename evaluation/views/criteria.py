"""The success criteria of a programme, each with its progress, and the registers behind them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from evaluation.models import Criterion, Entry, PartnershipProgress, RegisterRefused
from evaluation.register_forms import EntryForm
from partnerships import spreadsheets
from partnerships.access import Role, roles
from partnerships.attached import CONTENT_TYPES
from partnerships.models import Programme

# Beside the headers of every page: a browser that opens it all the same runs and loads nothing.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


@require_safe
def criteria(request, programme_id):
    """Every criterion: how much of how much, and the way to exactly its rows."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=programme_id)
    total = (
        PartnershipProgress.objects.visible_to(request.user)
        .filter(partnership__programme=programme)
        .total()
    )
    entries = Entry.objects.visible_to(request.user).filter(programme=programme)
    counted = entries.counted() | {name: total[name] for name in Criterion.FIGURES}
    rows = [
        {"criterion": one, "count": counted[one.counts], "url": _rows(programme, one.counts)}
        for one in programme.criteria.select_related("programme")
    ]
    return render(request, "evaluation/criteria.html", {"programme": programme, "rows": rows})


def _rows(programme, counts: str) -> str:
    """The address of exactly what a criterion counts."""
    if counts not in Criterion.FIGURES:
        return reverse("evaluation:register", args=[programme.pk, counts])
    url = reverse("evaluation:youths", args=[programme.pk])
    return f"{url}?result=closer" if counts == Criterion.Counts.CLOSER else url


@require_http_methods(["GET", "HEAD", "POST"])
def register(request, programme_id, register):
    """One register: its lines, and for the leadership a form for the next."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=programme_id)
    if register not in Entry.Register.values:
        raise Http404
    keeps = Role.LEAD in roles(request.user)
    form, status = EntryForm(register=register), 200
    if request.method == "POST":
        if not keeps:
            raise PermissionDenied
        form, status = EntryForm(request.POST, request.FILES, register=register), 422
        if form.is_valid():
            try:
                Entry.record(
                    by=request.user, programme=programme, register=register, **form.cleaned_data
                )
            except RegisterRefused as refusal:
                form.add_error("happened_on", str(refusal))
                status = 409
            else:
                messages.success(request, _("Saved."))
                return redirect("evaluation:register", programme.pk, register)
    entries = (
        Entry.objects.visible_to(request.user)
        .filter(programme=programme, register=register)
        .standing()
        .defer("document")
        .select_related("recorded_by")
        .prefetch_related("municipalities")
    )
    if kind := spreadsheets.wanted(request):
        return spreadsheets.response(kind, Entry.Register(register).label, _as_values(entries))
    criterion = programme.criteria.filter(counts=register).first()
    context = {
        "programme": programme,
        "register": Entry.Register(register),
        "criterion": criterion,
        "count": Entry.objects.filter(programme=programme).counted()[register],
        "entries": entries,
        "form": form,
        "keeps": keeps,
    }
    return render(request, "evaluation/register.html", context, status=status)


def _as_values(entries):
    yield [_("What"), _("Day"), _("Municipalities"), _("Document"), _("Recorded by")]
    for one in entries:
        yield [
            one.title, one.happened_on, ", ".join(str(m) for m in one.municipalities.all()),
            one.document_name, one.recorded_by.name,
        ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def remove_entry(request, entry_id):
    """Says what goes, then takes a line out of its register."""
    entry = _entry(request, entry_id)
    if Role.LEAD not in roles(request.user):
        raise PermissionDenied
    if request.method == "POST":
        entry.remove(by=request.user)
        messages.success(request, _("Removed."))
        return redirect("evaluation:register", entry.programme_id, entry.register)
    return render(request, "evaluation/remove_entry.html", {"entry": entry})


@require_safe
def entry_document(request, entry_id):
    """The document of a line; never shown in a page."""
    entry = _entry(request, entry_id)
    if entry.removed_at or not entry.document_kind:
        raise Http404
    return HttpResponse(
        bytes(Entry.objects.values_list("document", flat=True).get(pk=entry.pk)),
        content_type=CONTENT_TYPES[entry.document_kind],
        headers={
            "Content-Disposition": content_disposition_header(True, entry.document_name),
            "Content-Security-Policy": SANDBOX,
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )


def _entry(request, entry_id) -> Entry:
    rows = Entry.objects.visible_to(request.user).defer("document").select_related("programme")
    return get_object_or_404(rows, pk=entry_id)
