"""What the young person has said yes or no to, and by what right else something is shared."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partnerships.access import (
    NEEDS_CONSENT,
    Section,
)
from youths.access import codenames_for, is_own
from youths.forms import ConsentForm
from youths.models import (
    AccessEvent,
    Consent,
    ConsentRefused,
    ConsentText,
    TextChanged,
    Youth,
    held_sections,
)


@require_http_methods(["GET", "POST"])
def sharing(request, youth_id):
    """Who may read what only a yes opens, and how it came so: the young person answers here."""
    youth = Youth.objects.get_for(request.user, youth_id, "view_sharing")
    own = is_own(request.user, youth)
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, Section.SHARING])
    text, status = ConsentText.objects.in_use(), 200
    if request.method == "POST":
        if not own:
            raise PermissionDenied
        section, answer = request.POST.get("section"), request.POST.get("answer")
        if section not in NEEDS_CONSENT or answer not in ("yes", "no"):
            raise Http404
        try:
            return _answered(request, youth, section, answer, text)
        except ConsentRefused as refusal:
            messages.error(request, str(refusal))
            status = 409
    held = codenames_for(request.user, youth)
    consents = list(youth.consents.select_related("organisation", "text", "recorded_by"))
    bases = list(youth.legal_bases.select_related("organisation", "ground", "decided_by"))
    why_held = held_sections(youth, NEEDS_CONSENT)
    return render(
        request,
        "youths/sharing.html",
        {
            "youth": youth,
            "municipality": youth.partnership.municipality,
            "own": own,
            "text": text,
            "until": Consent.longest(youth, timezone.localdate()),
            "may_change": "change_sharing" in held,
            "sections": [
                _shared(youth, section, why_held.get(section, ""), consents, bases)
                | {"may_override": f"override_{section}" in held}
                for section in NEEDS_CONSENT
            ],
        },
        status=status,
    )


def _answered(request, youth, section, answer, text):
    """The young person's own yes or no; a yes that is in force is taken back on its own page."""
    municipality = youth.partnership.municipality
    if answer == "yes":
        if request.POST.get("text") != str(text.pk):
            raise TextChanged(_("The text has changed meanwhile. Read it again."))
        Consent.give(by=request.user, youth=youth, section=section, text=text)
        messages.success(request, _("You have said yes. You can change your mind here."))
    elif given := _in_force(youth.consents.all(), youth, section):
        return redirect("withdraw", youth.pk, given.pk)
    else:
        Consent.say_no(by=request.user, youth=youth, section=section, text=text)
        messages.success(
            request,
            _("You have said no. %(municipality)s does not read it.")
            % {"municipality": municipality.name},
        )
    return redirect("youths:sharing", youth.pk)


def _in_force(rows, youth, section):
    """The consent or legal basis in force for a section to the own municipality."""
    return next(
        (
            row
            for row in rows
            if row.section == section
            and row.organisation_id == youth.partnership.municipality_id
            and row.is_in_force
        ),
        None,
    )


def _shared(youth, section, why, consents, bases):
    """One section on the page: how it stands today, and what was answered and decided before."""
    return {
        "section": section,
        "why": why,
        "consent": _in_force(consents, youth, section),
        "basis": _in_force(bases, youth, section),
        "history": _history(
            [row for row in consents if row.section == section],
            [row for row in bases if row.section == section],
        ),
    }


def _history(consents, bases):
    """What was said and decided, the newest first: (when, what, row)."""
    found = []
    for row in consents:
        found.append((row.given_at, "yes" if row.is_yes else "no", row))
        if row.withdrawn_at:
            found.append((row.withdrawn_at, "withdrawn", row))
    for row in bases:
        found.append((row.decided_at, "basis", row))
        if row.ended_at:
            found.append((row.ended_at, "basis_ended", row))
    return sorted(found, key=lambda line: line[0], reverse=True)


@require_http_methods(["GET", "POST"])
def record_consent(request, youth_id, section):
    """The school notes a yes that was given on paper, by word, or by a guardian."""
    if section not in NEEDS_CONSENT:
        raise Http404
    youth = Youth.objects.get_for(request.user, youth_id, "change_sharing")
    if is_own(request.user, youth):
        raise PermissionDenied
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, Section.SHARING])
    form, status = ConsentForm(request.POST or None, youth=youth), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                Consent.give(by=request.user, youth=youth, section=section, **form.cleaned_data)
            except ConsentRefused as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(
                    request,
                    _("Noted: %(name)s has said yes. %(municipality)s may read it.")
                    % {
                        "name": youth.first_name,
                        "municipality": youth.partnership.municipality.name,
                    },
                )
                return redirect("youths:sharing", youth.pk)
    return render(
        request,
        "youths/record_consent.html",
        {
            "form": form,
            "youth": youth,
            "section": Section(section),
            "municipality": youth.partnership.municipality,
            "texts": ConsentText.objects.usable(),
        },
        status=status,
    )
