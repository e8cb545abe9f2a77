"""A list of young people from a file: handed in, looked at, referred, and what came of it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partnerships import spreadsheets
from partnerships.access import Section, codenames_on
from partnerships.models import Partnership
from youths.forms import ImportForm, StartImportForm
from youths.models import (
    HEADINGS,
    KEPT_DAYS,
    AccessEvent,
    Channel,
    Import,
    ImportRefused,
    ImportRow,
    Referral,
    free_places,
    heading,
)

PAGE_SIZE = 50
# Row states: shape, look apart.
SHAPES = {
    "good": "open",
    "maybe": "wait",
    "known": "part",
    "bad": "no",
    "over": "held",
    "in": "done",
}


@require_http_methods(["GET", "HEAD", "POST"])
def import_list(request, partnership_id):
    """Hand in a list; the template to fill in; the lists that one handed in before."""
    partnership = get_object_or_404(
        Partnership.objects.visible_to(request.user).with_parties(), pk=partnership_id
    )
    if "change_referral" not in codenames_on(request.user, partnership.pk):
        raise PermissionDenied
    if request.method != "POST" and (kind := spreadsheets.wanted(request)):
        return _template(kind)
    form, status = ImportForm(), 200
    if request.method == "POST":
        form, status = ImportForm(request.POST, request.FILES), 422
        if form.is_valid():
            file = form.cleaned_data["file"]
            made = Import.check_file(
                by=request.user,
                partnership=partnership,
                name=file["name"],
                lines=file["sheet"].lines,
            )
            if file["sheet"].not_read:
                messages.info(
                    request,
                    _("These columns were not read: %(columns)s.")
                    % {"columns": ", ".join(c[:40] for c in file["sheet"].not_read[:10])},
                )
            return redirect("youths:imported", made.pk)
    earlier = Import.objects.visible_to(request.user).filter(partnership=partnership)
    return render(
        request,
        "youths/import.html",
        {
            "form": form,
            "partnership": partnership,
            "free": free_places(partnership),
            "earlier": earlier[:20],
        },
        status=status,
    )


def _template(kind):
    explained = {
        "key": _("If you have one: your own number, by which the row is known again. Optional."),
        "name": _("First name and surname, as the young person writes it."),
        "birth_date": _("As 31-12-2006. Not needed where the CPR number stands."),
        "cpr": _("Ten digits. Optional."),
        "phone": _("Optional."),
        "stu_ends_on": _("As 30-06-2027."),
        "reason": _("Why this course, in a few words. The school reads it."),
    }
    headings = [heading(field) for field in HEADINGS]
    return spreadsheets.response(
        kind,
        _("Referrals"),
        [headings],
        beside=(
            _("Explanation"),
            [
                [_("Column"), _("What to write")],
                *([heading(field), text] for field, text in explained.items()),
            ],
        ),
        to_fill_in=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def imported(request, import_id):
    """One list: each row and what is to be said of it, before, while and after it is referred."""
    this = get_object_or_404(
        Import.objects.visible_to(request.user).select_related(
            "partnership__school", "partnership__municipality"
        ),
        pk=import_id,
    )
    if request.method != "POST" and (kind := spreadsheets.wanted(request)):
        return _coming_back(request, this, kind)
    form, status = StartImportForm(), 200
    if request.method == "POST":
        form, status = StartImportForm(request.POST), 409
        act = request.POST.get("act")
        try:
            if act == "start" and form.is_valid():
                this.start(by=request.user, **form.cleaned_data)
                return redirect("youths:imported", this.pk)
            if act != "discard":
                raise PermissionDenied
            this.discard(by=request.user)
        except ImportRefused as refusal:
            messages.error(request, str(refusal))
            this.refresh_from_db()
        else:
            messages.success(request, _("The list is deleted. Nobody was referred."))
            return redirect("youths:import", this.partnership_id)
    counts = this.counts()
    return render(
        request,
        "youths/imported.html",
        {
            "import": this,
            "partnership": this.partnership,
            "form": form,
            "counts": counts,
            "coming_back": this.coming_back().exclude(cells="").exists(),
            "free": free_places(this.partnership),
            "kept_days": KEPT_DAYS,
            **_rows(request, this),
        },
        status=status,
    )


def _rows(request, this) -> dict:
    """A page of the rows, but not while they change under the reader's eyes."""
    if this.state == Import.State.RUNNING:
        return {"page": None, "only": ""}
    rows = this.rows.order_by("number")
    only = request.GET.get("only", "")
    if only == "problems":
        rows = rows.exclude(state__in=[ImportRow.State.GOOD, ImportRow.State.IN])
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    fits = this.last_that_fits() if this.state == Import.State.CHECKED else None
    like = [row.referral_id for row in page.object_list if row.referral_id]
    seen = Referral.objects.visible_to(request.user).filter(pk__in=like).select_related("youth")
    seen = {referral.pk: referral for referral in seen}
    # Of who is in only the code is shown; of who is like somebody, that this somebody is here.
    AccessEvent.record(
        request.user,
        [
            seen[row.referral_id].youth
            for row in page.object_list
            if row.referral_id in seen and row.state != ImportRow.State.IN
        ],
        [Section.IDENTITY],
        Channel.LIST,
    )
    for row in page.object_list:
        row.shape, row.label = SHAPES[row.state], row.get_state_display()
        if row.state == ImportRow.State.GOOD and fits is not None and row.number > fits:
            row.shape, row.label = SHAPES["over"], ImportRow.State.OVER.label
        row.name = row.texts.get("name", "")
        row.seen = seen.get(row.referral_id)
    return {"page": page, "only": only}


def _coming_back(request, this, kind):
    """The rows that did not go in, as they came, with the reason behind each."""
    rows = [[*(heading(field) for field in HEADINGS), _("Row"), _("What to correct")]]
    left = this.coming_back().exclude(cells="").order_by("number")
    like = Referral.objects.visible_to(request.user).filter(import_rows__in=left.values("pk"))
    AccessEvent.record(
        request.user,
        {referral.youth for referral in like.select_related("youth")},
        [Section.IDENTITY],
        Channel.EXPORT,
        "youths:imported",
    )
    for row in left:
        texts = row.texts
        said = " ".join(row.reasons_in_words()) or row.get_state_display()
        rows.append([*(texts.get(field, "") for field in HEADINGS), row.number, said])
    return spreadsheets.response(kind, _("Not referred"), rows, to_fill_in=True)
