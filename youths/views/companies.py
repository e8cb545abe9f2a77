"""The register of companies: who to talk to, what is offered, and what placements there were."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from partnerships.access import (
    PARTNERSHIP_ROLES,
    Role,
    Section,
    memberships,
    reads_along,
    roles,
)
from partnerships.models import Organisation
from youths.company_forms import (
    PARTS,
    CompanyFilter,
    CompanyForm,
    EntryForm,
    own_municipalities,
    own_partnerships,
)
from youths.models import AccessEvent, Channel, Placement, Youth

PAGE_SIZE = 25


def _for_a_team(user) -> None:
    """The register is kept by caseworkers and school staff, and read by nobody else."""
    if not roles(user) & set(PARTNERSHIP_ROLES):
        raise PermissionDenied


def _to_write(request) -> None:
    """Who has left and reads along changes nothing here either."""
    if request.method == "POST" and reads_along(request.user):
        raise PermissionDenied


@require_safe
def companies(request):
    """The companies in the registers of the person's municipalities: search, filters, pages."""
    _for_a_team(request.user)
    rows = Organisation.objects.companies_of(request.user)
    found = CompanyFilter(request.GET, rows, request=request)
    rows = found.qs.prefetch_related("contacts", "places_offered").order_by("name", "pk")
    return render(
        request,
        "youths/companies.html",
        {
            "filter": found,
            "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
            "municipalities": own_municipalities(request.user),
            "may_write_entry": Role.CASEWORKER in roles(request.user),
        },
    )


@require_safe
def company(request, company_id):
    """One company, with the placements there; by name only those whom the person may see."""
    user = request.user
    this = _company(user, company_id)
    partnerships = own_partnerships(user)
    history = list(
        Placement.objects.filter(
            employer=this, youth__partnership__municipality__in=own_municipalities(user)
        )
        .select_related("youth__partnership__school", "youth__partnership__municipality")
        .order_by("-starts_on", "pk")
    )
    mine = set(
        Placement.objects.visible_to(user).filter(employer=this).values_list("pk", flat=True)
    )
    for row in history:
        row.is_mine = row.pk in mine
    named = {row.youth_id: row.youth for row in history if row.is_mine}
    AccessEvent.record(user, named.values(), [Section.IDENTITY, Section.COURSE], Channel.LIST)
    return render(
        request,
        "youths/company.html",
        {
            "company": this,
            "history": history,
            "offers": this.places_offered.all(),
            "contacts": this.contacts.all(),
            "branches": this.branches.all(),
            "networks": this.networks.filter(partnership__in=partnerships).select_related(
                "partnership__school", "partnership__municipality"
            ),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add_company(request):
    """A company for the register; on the way to a placement, back to it."""
    _for_a_team(request.user)
    _to_write(request)
    form = CompanyForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        made = form.save()
        messages.success(
            request,
            _("%(company)s was here already. It is in your register now.") % {"company": made.name}
            if form.existing
            else _("%(company)s is in the register.") % {"company": made.name},
        )
        if placed := Youth.objects.visible_to(request.user, "change_course").filter(
            pk=_uuid(request.GET.get("for"))
        ):
            url = reverse("youths:add_placement", args=[placed[0].pk])
            return redirect(f"{url}?company={made.pk}")
        return redirect("youths:company", made.pk)
    return _write(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def change_company(request, company_id):
    """Name, number, address and what the company can take into account."""
    this = _company(request.user, company_id)
    _to_write(request)
    data = request.POST if request.method == "POST" else None
    form = CompanyForm(data, instance=this, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("youths:company", this.pk)
    return _write(request, form, Organisation.objects.get(pk=this.pk))


def _write(request, form, company=None):
    status = 422 if form.errors else 200
    context = {"form": form, "company": company}
    return render(request, "youths/write_company.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def company_part(request, company_id, what, row_id=None):
    """A contact, a branch, places or a network: a new one, or one to be changed or taken away."""
    this = _company(request.user, company_id)
    _to_write(request)
    if what not in PARTS:
        raise Http404
    make = PARTS[what]
    rows = make.Meta.model._default_manager.filter(company=this)
    if what == "network":
        rows = rows.filter(partnership__in=own_partnerships(request.user))
    row = get_object_or_404(rows, pk=row_id) if row_id else None
    if row and request.POST.get("act") == "remove":
        row.delete()
        messages.success(request, _("Taken off the page."))
        return redirect("youths:company", this.pk)
    data = request.POST if request.method == "POST" else None
    form = make(data, instance=row, company=this, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(reverse("youths:company", args=[this.pk]) + f"#{what}")
    return render(
        request,
        "youths/company_part.html",
        {"company": this, "form": form, "row": row},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def entry_point(request):
    """The one place of the municipality that companies call; its caseworkers write it."""
    if Role.CASEWORKER not in roles(request.user):
        raise PermissionDenied
    _to_write(request)
    municipality = memberships(request.user)[0].organisation
    form = EntryForm(request.POST if request.method == "POST" else None, instance=municipality)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("youths:companies")
    return render(
        request, "youths/entry_point.html", {"form": form}, status=422 if form.errors else 200
    )


def _uuid(text):
    """An id from the address, or None where it is none."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _company(user, company_id) -> Organisation:
    _for_a_team(user)
    return get_object_or_404(Organisation.objects.companies_of(user), pk=company_id)
