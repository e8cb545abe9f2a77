"""What is observed of one young person, what professionals conclude, and how it ended."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from evaluation.fact_forms import AssessmentForm, FactForm, OutcomeForm
from evaluation.models import Assessment, FactRefused, ObservedFact, Outcome
from partnerships.access import Section
from youths.access import codenames_for, is_own
from youths.models import AccessEvent, Youth

SHOWN = (Section.IDENTITY, Section.RATINGS)


@require_http_methods(["GET", "HEAD", "POST"])
def facts(request, youth_id):
    """All that was observed, concluded and recorded; professionals add to it here."""
    youth = Youth.objects.get_for(request.user, youth_id, "view_ratings")
    AccessEvent.record(request.user, [youth], SHOWN)
    own = is_own(request.user, youth)
    may_write = not own and "change_ratings" in codenames_for(request.user, youth)
    if request.method == "POST" and not may_write:
        raise PermissionDenied
    act = request.POST.get("act")
    forms = {
        "fact": FactForm(request.POST if act == "fact" else None),
        "assessment": AssessmentForm(request.POST if act == "assessment" else None),
        "outcome": OutcomeForm(
            request.POST if act == "outcome" else None, programme=youth.partnership.programme
        ),
    }
    status = 200
    if request.method == "POST":
        status = 422
        if (form := forms.get(act)) and form.is_valid():
            try:
                _write(act, by=request.user, youth=youth, given=form.cleaned_data)
            except FactRefused as refusal:
                status = 409
                form.add_error(WHERE[act], str(refusal))
            else:
                messages.success(request, _("Saved. The figures follow in a moment."))
                return redirect("evaluation:facts", youth.pk)
    rows = ObservedFact.objects.visible_to(request.user).filter(youth=youth)
    concluded = Assessment.objects.visible_to(request.user).filter(youth=youth)
    outcomes = Outcome.objects.visible_to(request.user).filter(youth=youth)
    context = {
        "youth": youth,
        "own": own,
        "may_write": may_write,
        "forms": forms,
        "open": act,
        "facts": rows.select_related("recorded_by", "taken_back_by"),
        "assessments": concluded.select_related("assessed_by"),
        "outcomes": outcomes.select_related("outcome", "recorded_by"),
    }
    return render(request, "evaluation/facts.html", context, status=status)


# By the field of which a refusal speaks.
WHERE = {"fact": "began_on", "assessment": "reason", "outcome": "seen_on"}


def _write(act, *, by, youth, given) -> None:
    if act == "fact":
        ObservedFact.record(by=by, youth=youth, **given)
    elif act == "assessment":
        Assessment.give(by=by, youth=youth, closer=given["closer"] == "yes", reason=given["reason"])
    else:
        Outcome.record(by=by, youth=youth, **given)


@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request, fact_id):
    """Say that a fact was a mistake: it counts no more, and stays readable."""
    fact = get_object_or_404(
        ObservedFact.objects.visible_to(request.user).select_related("youth"), pk=fact_id
    )
    youth = Youth.objects.get_for(request.user, fact.youth_id, "change_ratings")
    if is_own(request.user, youth):
        raise PermissionDenied
    AccessEvent.record(request.user, [youth], SHOWN)
    if request.method == "POST":
        fact.take_back(by=request.user)
        messages.success(request, _("Taken back. The figures follow in a moment."))
        return redirect("evaluation:facts", youth.pk)
    return render(request, "evaluation/take_back.html", {"youth": youth, "fact": fact})
