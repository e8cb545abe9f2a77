"""The list of youths, own words, sign-in and CPR number."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from django_tables2 import RequestConfig

from partnerships import spreadsheets
from partnerships.access import (
    Role,
    Section,
    partnership_ids,
    roles,
)
from partnerships.models import Organisation, Partnership
from youths.access import codenames_for, is_own
from youths.deadlines import RULES
from youths.forms import AccountForm, CprForm, OwnWordsForm, StuEndForm, YouthFilter, programmes
from youths.halts import reasons_of
from youths.models import (
    AccessEvent,
    AccountRefused,
    Channel,
    CprNumber,
    CprRefused,
    Deadline,
    OwnWords,
    SavedView,
    StuEndRefused,
    Youth,
)
from youths.tables import YouthTable

PAGE_SIZE = 25
COMPANIES = 5  # that a search leads to
PLACE = ("page", "format")  # of what is asked for: which part of it, and how
LINES_AT_ONCE = 1_000  # of the read log, in one insert


@require_safe
def youths(request):
    """The youths of the person's partnerships: search, filters, sorting, pages."""
    rows = Youth.objects.visible_to(request.user).select_related("phase")
    if not roles(request.user) & {Role.SCHOOL, Role.CASEWORKER}:
        raise PermissionDenied
    found = YouthFilter(request.GET, rows, request=request)
    by_halt = bool(request.GET.get("halt"))
    table = YouthTable(found.qs, exclude=() if by_halt else ("halt",))
    RequestConfig(request, paginate=False).configure(table)
    kind = spreadsheets.wanted(request)
    too_many = kind and len(table.rows) > spreadsheets.MOST_ROWS
    if kind and not too_many:
        return _as_file(request, table, kind)
    table.paginate(per_page=PAGE_SIZE)
    table.page = table.paginator.get_page(request.GET.get("page"))
    shown = [row.record for row in table.page.object_list]
    if by_halt:
        table.reasons = reasons_of(shown, programmes(request.user))
    asked = request.GET.items()
    query = urlencode([(name, value) for name, value in asked if value and name not in PLACE])
    channel = Channel.SEARCH if request.GET.get("q") else Channel.LIST
    AccessEvent.record(request.user, shown, [Section.IDENTITY], channel)
    may_refer = (
        Partnership.objects.visible_to(request.user, "change_referral")
        .with_parties()
        .filter(status="signed")
    )
    return render(
        request,
        "youths/list.html",
        {
            "filter": found,
            "table": table,
            "may_refer": may_refer,
            "views": SavedView.objects.filter(user=request.user.pk),
            "query": query,
            "save": urlencode({"query": query}),
            "companies": _companies_named(request.user, found),
            "find": CprForm() if partnership_ids(request.user, "change_cpr") else None,
        },
        status=422 if too_many else 200,
    )


def _companies_named(user, found) -> list[Organisation]:
    """Companies of the register that a search by name finds, for the way to their page."""
    said = found.is_valid() and found.form.cleaned_data["q"]
    if not said:
        return []
    rows = Organisation.objects.companies_of(user).filter(name__icontains=said)
    return list(rows.order_by("name", "pk")[:COMPANIES])


def _as_file(request, table, kind):
    """All pages of the list as a file, a line in the read log for everybody in it first."""
    hits = [row.record for row in table.rows]
    if request.GET.get("halt"):
        table.reasons = reasons_of(hits, programmes(request.user))
    for at in range(0, len(hits), LINES_AT_ONCE):
        lines = hits[at : at + LINES_AT_ONCE]
        AccessEvent.record(request.user, lines, [Section.IDENTITY], Channel.EXPORT, "youths:list")
    return spreadsheets.response(kind, _("Youths"), table.as_values())


@require_http_methods(["GET", "HEAD", "POST"])
def stu_end(request, youth_id):
    """The municipality moves the end of STU; says what moves along, and what stays."""
    youth = Youth.objects.get_for(request.user, youth_id, "change_identity")
    AccessEvent.record(request.user, [youth], [Section.IDENTITY])
    form = StuEndForm(request.POST or None, initial={"stu_ends_on": youth.stu_ends_on})
    counted = [kind for kind, rule in RULES.items() if rule.counts_from_stu_end]
    rows = Deadline.objects.visible_to(request.user).filter(youth=youth, kind__in=counted)
    rows, status = list(rows.with_names()), 200
    for row in rows:
        row.would_be = None
    if request.method == "POST":
        status = 422
        if form.is_valid() and request.POST.get("act") == "look":
            status = 200
            for row in rows:
                row.would_be = row.rule.due_on(form.cleaned_data["stu_ends_on"], row.span)
        elif form.is_valid():
            try:
                youth.move_stu_end(by=request.user, on=form.cleaned_data["stu_ends_on"])
            except StuEndRefused as refusal:
                form.add_error("stu_ends_on", str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect("case", youth.pk)
    context = {
        "form": form,
        "youth": youth,
        "moving": [row for row in rows if not (row.known and row.done_on)],
        "staying": [row for row in rows if row.known and row.done_on],
    }
    return render(request, "youths/stu_end.html", context, status=status)


@sensitive_post_parameters("number")
@require_http_methods(["GET", "POST"])
def find(request):
    """One young person by the CPR number, which is posted and so in no address."""
    if not partnership_ids(request.user, "change_cpr"):
        raise PermissionDenied
    form, status = CprForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            hits = CprNumber.objects.visible_to(request.user).select_related("youth")
            hit = hits.with_number(form.cleaned_data["number"]).defer("number").first()
            if hit:
                sections = [Section.IDENTITY, Section.CPR]
                AccessEvent.record(request.user, [hit.youth], sections, Channel.SEARCH)
                return redirect("case", hit.youth_id)
            form.add_error("number", _("No young person whom you work with has this number here."))
    return render(request, "youths/find.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def words(request, youth_id):
    """The young person's own words, all of them; a new saying is added on top."""
    youth = Youth.objects.get_for(request.user, youth_id, "view_words")
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, Section.WORDS])
    may_write = "change_words" in codenames_for(request.user, youth)
    own = is_own(request.user, youth)
    form, status = OwnWordsForm(request.POST or None), 200
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied
        if form.is_valid():
            said = form.save(commit=False)
            said.youth, said.taken_down_by = youth, request.user
            said.how = OwnWords.How.WROTE if own else OwnWords.How.SAID
            if not _said_already(said):
                said.save()
            messages.success(request, _("Saved."))
            return redirect("youths:words", youth.pk)
        status = 422
    return render(
        request,
        "youths/words.html",
        {
            "youth": youth,
            "own": own,
            "form": form if may_write else None,
            "sayings": OwnWords.objects.visible_to(request.user)
            .filter(youth=youth)
            .select_related("taken_down_by"),
        },
        status=status,
    )


def _said_already(said) -> bool:
    """A second click on the same words changes nothing."""
    newest = said.youth.words.filter(kind=said.kind).first()
    return newest is not None and newest.text == said.text


@require_http_methods(["GET", "POST"])
def account(request, youth_id):
    """The municipality gives the young person a sign-in of their own."""
    youth = Youth.objects.get_for(request.user, youth_id, "change_identity")
    AccessEvent.record(request.user, [youth], [Section.IDENTITY])
    form, status = AccountForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                youth.give_account(by=request.user, email=form.cleaned_data["email"])
            except AccountRefused as refusal:
                form.add_error("email", str(refusal))
            else:
                messages.success(
                    request, _("%(name)s can sign in now.") % {"name": youth.first_name}
                )
                return redirect("case", youth.pk)
    return render(request, "youths/account.html", {"form": form, "youth": youth}, status=status)


@sensitive_post_parameters("number")
@require_http_methods(["GET", "POST"])
def cpr(request, youth_id):
    """Whether a CPR number stands here; the number itself only in answer to a request for it."""
    youth = Youth.objects.get_for(request.user, youth_id, "view_cpr")
    may_write = "change_cpr" in codenames_for(request.user, youth)
    act = request.POST.get("act")
    if request.method == "POST" and act != "show" and not may_write:
        raise PermissionDenied
    AccessEvent.record(request.user, [youth], [Section.CPR if act == "show" else Section.IDENTITY])
    form, status = CprForm(), 200
    if act == "save":
        form, status = CprForm(request.POST), 422
        if form.is_valid():
            try:
                CprNumber.note(by=request.user, youth=youth, digits=form.cleaned_data["number"])
            except CprRefused as refusal:
                form.add_error("number", str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect("youths:cpr", youth.pk)
    elif act == "forget":
        CprNumber.forget(by=request.user, youth=youth)
        messages.success(request, _("The CPR number was removed."))
        return redirect("youths:cpr", youth.pk)
    elif request.method == "POST" and act not in ("show", "remove"):
        raise PermissionDenied
    saved = CprNumber.objects.visible_to(request.user).filter(youth=youth)
    if act != "show":
        saved = saved.defer("number")
    return render(
        request,
        "youths/forget_cpr.html" if act == "remove" else "youths/cpr.html",
        {
            "youth": youth,
            "own": is_own(request.user, youth),
            "saved": saved.select_related("added_by").first(),
            "shown": act == "show",
            "form": form if may_write else None,
        },
        status=status,
    )
