"""Answering a handover as a whole: chosen where it is read, confirmed on a page of its own."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from handover.access import sections_for
from handover.decision_forms import DecisionForm, WholeForm
from handover.models import (
    DECIDING,
    HandoverDecision,
    HandoverProfile,
    HandoverRefused,
    is_open,
    profile_summary,
)
from handover.views.reading import show_received
from partnerships.access import Role, Section, Verb
from partnerships.models import Membership
from youths.models import AccessEvent, Youth


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, youth_id):
    """Says what happens and who sees it, then gives the answer to the whole."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, DECIDING)
    profile = get_object_or_404(HandoverProfile.objects.visible_to(user), youth=youth)
    school = youth.partnership.school
    chosen = request.POST.get("kind") or request.GET.get("kind", "")
    if request.method != "POST" and chosen not in HandoverDecision.Kind.values:
        return redirect(_whole(youth))
    # Asked for by its address, or sent from where it was chosen.
    first = WholeForm(
        request.POST if request.method == "POST" else {"kind": chosen},
        youth=youth,
        summary=profile_summary(user, youth),
    )
    if first.is_valid() and chosen == HandoverDecision.Kind.ACCEPTED and is_open(profile):
        first.add_error("kind", _("Not yet: a part or a question is still open."))
    if not first.is_valid():
        return show_received(request, youth, whole=first, status=422)
    confirmed, status = "confirmed" in request.POST, 200
    form = DecisionForm(
        request.POST if confirmed else None,
        initial={**first.cleaned_data, "version": profile.version},
        kind=chosen,
        sections=sections_for(user, youth, Verb.ANSWER),
        school=school,
    )
    if confirmed and form.is_valid():
        try:
            HandoverDecision.give(by=user, profile=profile, **form.said)
        except HandoverRefused as refusal:
            form.add_error(None, str(refusal))
            status = 409
        else:
            messages.success(request, _("Your answer was sent to %(school)s.") % {"school": school})
            return redirect(_whole(youth))
    elif confirmed:
        status = 422
    AccessEvent.record(user, [youth], [Section.IDENTITY, Section.DIRECTION])
    return render(
        request,
        "handover/decide.html",
        {
            "youth": youth,
            "form": form,
            "kind": chosen,
            "version": profile.version,
            "school": school,
            "municipality": youth.partnership.municipality,
            "readers": Membership.objects.active()
            .filter(partnership=youth.partnership_id, role=Role.SCHOOL)
            .select_related("user"),
        },
        status=status,
    )


def _whole(youth):
    return reverse("handover:received", args=[youth.pk]) + "#whole"
