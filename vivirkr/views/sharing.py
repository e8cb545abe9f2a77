"""Ending a consent, naming and ending a legal basis: each says first what is shown to whom."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from handover.models import SentPart
from partnerships.access import NEEDS_CONSENT, Role, Section
from partnerships.models import Membership
from youths.access import is_own
from youths.forms import LegalBasisForm
from youths.models import (
    AccessEvent,
    ConsentRefused,
    Held,
    LegalBasis,
    LegalBasisRefused,
    Youth,
    held_sections,
)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, youth_id, consent_id):
    """Says exactly what stops and what stays, then takes the yes back."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, "change_sharing")
    consents = youth.consents.filter(is_yes=True).select_related("organisation")
    consent = get_object_or_404(consents, pk=consent_id)
    section, own = consent.section, is_own(user, youth)
    AccessEvent.record(user, [youth], [Section.IDENTITY, Section.SHARING, section])
    status = 200
    if request.method == "POST":
        try:
            consent.withdraw(by=user)
        except ConsentRefused as refusal:
            messages.error(request, str(refusal))
            status = 409
        else:
            said = _("You have said no.") if own else _("Noted: the young person has said no.")
            messages.success(request, said)
            return redirect("youths:sharing", youth.pk)
    is_here = consent.organisation_id == youth.partnership.municipality_id
    bases = youth.legal_bases.in_force().filter(
        section=section, organisation=consent.organisation_id
    )
    return render(
        request,
        "youths/withdraw.html",
        _what_is_shown(user, youth, section)
        | {"own": own, "consent": consent, "is_here": is_here, "basis": bases.first()},
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def legal_basis(request, youth_id, section):
    """Says what will be shown to whom, then names a legal basis; or ends the one in force."""
    if section not in NEEDS_CONSENT:
        raise Http404
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, f"override_{section}")
    AccessEvent.record(user, [youth], [Section.IDENTITY, Section.SHARING, section])
    named = youth.legal_bases.in_force().select_related("ground", "decided_by")
    basis = named.filter(section=section, organisation=youth.partnership.municipality).first()
    act, status = request.POST.get("act"), 200
    form = LegalBasisForm(request.POST if act == "name" else None, youth=youth)
    if request.method == "POST":
        status = 422
        try:
            if act == "end":
                _end(basis, user)
                messages.success(request, _("The legal basis is ended."))
                return redirect("youths:sharing", youth.pk)
            if form.is_valid():
                LegalBasis.name(by=user, youth=youth, section=section, **form.cleaned_data)
                messages.success(
                    request, _("The legal basis is named, and the young person sees it.")
                )
                return redirect("youths:sharing", youth.pk)
        except LegalBasisRefused as refusal:
            messages.error(request, str(refusal))
            status = 409
    why = held_sections(youth, [section]).get(section, "")
    return render(
        request,
        "youths/legal_basis.html",
        _what_is_shown(user, youth, section)
        | {
            "form": form,
            "basis": basis,
            "why": why,
            "possible": why and why != Held.NARROWED,
        },
        status=status,
    )


def _end(basis, by):
    if basis is None:
        raise LegalBasisRefused(_("This legal basis is over already."))
    basis.end(by=by)


def _what_is_shown(user, youth, section):
    """The parts that this person may read by their titles, and who reads them at the other end."""
    return {
        "youth": youth,
        "section": Section(section),
        "municipality": youth.partnership.municipality,
        "parts": [
            part
            for part in SentPart.objects.visible_to(user, youth).current()
            if part.section == section
        ],
        "readers": Membership.objects.active()
        .filter(partnership=youth.partnership_id, role=Role.CASEWORKER)
        .select_related("user"),
    }
