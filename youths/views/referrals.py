"""A referral: made, read, answered, completed, withdrawn."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partnerships.access import (
    Section,
    codenames_on,
)
from partnerships.models import Partnership
from youths.forms import CompletedReferralForm, ReferralAnswerForm, ReferralForm
from youths.models import (
    AccessEvent,
    Referral,
    ReferralRefused,
    free_places,
)


@require_http_methods(["GET", "POST"])
def refer(request, partnership_id):
    """The municipality refers a young person into a partnership."""
    partnership = get_object_or_404(
        Partnership.objects.visible_to(request.user).with_parties(), pk=partnership_id
    )
    if "change_referral" not in codenames_on(request.user, partnership.pk):
        raise PermissionDenied
    form = ReferralForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = Referral.propose(
                    by=request.user, partnership=partnership, **form.cleaned_data
                )
            except ReferralRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request,
                    _("%(name)s is referred. %(school)s answers.")
                    % {"name": made.youth.name, "school": partnership.school.name},
                )
                return redirect("youths:referral", made.pk)
    return render(
        request,
        "youths/refer.html",
        {"form": form, "partnership": partnership, "free": free_places(partnership)},
        status=status,
    )


@require_http_methods(["GET", "POST"])
def referral(request, referral_id):
    """One referral: read it, and answer, complete or withdraw it."""
    this = get_object_or_404(
        Referral.objects.visible_to(request.user).select_related(
            "youth", "proposed_by", "decided_by", "partnership__school", "partnership__municipality"
        ),
        pk=referral_id,
    )
    held = codenames_on(request.user, this.partnership_id)
    AccessEvent.record(request.user, [this.youth], [Section.IDENTITY, Section.REFERRAL])
    form, act, status = None, request.POST.get("act"), 200
    if request.method == "POST":
        if "answer_referral" in held and act == "answer":
            form, act_on = ReferralAnswerForm(request.POST), _answer
        elif "change_referral" in held and act == "resubmit":
            form, act_on = CompletedReferralForm(request.POST), _resubmit
        elif "change_referral" in held and act == "withdraw":
            form, act_on = Form(request.POST), _withdraw
        else:
            raise PermissionDenied
        status = 422
        if form.is_valid():
            try:
                done = act_on(request, this, form)
            except ReferralRefused as refusal:
                form.add_error(None, str(refusal))
                status = 409
                this.refresh_from_db()
            else:
                messages.success(request, done)
                return redirect(*_after(this))
    elif "answer_referral" in held and this.status == Referral.Status.PROPOSED:
        form, act = ReferralAnswerForm(), "answer"
    elif "change_referral" in held and this.status == Referral.Status.RETURNED:
        form, act = CompletedReferralForm(instance=this), "resubmit"
    open_now = this.status in (Referral.Status.PROPOSED, Referral.Status.RETURNED)
    may_withdraw = "change_referral" in held and open_now
    return render(
        request,
        "youths/referral.html",
        {"referral": this, "form": form, "act": act, "may_withdraw": may_withdraw},
        status=status,
    )


def _answer(request, this, form):
    data = form.cleaned_data
    if data["decision"] == form.ACCEPT:
        this.accept(by=request.user)
        return _("Accepted. The handover can begin.")
    if data["decision"] == form.RETURN:
        this.return_for_completion(by=request.user, answer=data["answer"])
        return _("Returned. The municipality sees what is missing.")
    this.decline(by=request.user, declined_because=data["declined_because"], answer=data["answer"])
    return _("Declined. The municipality sees why.")


def _resubmit(request, this, form):
    this.resubmit(by=request.user, reason=form.cleaned_data["reason"])
    return _("Sent again. The school answers.")


def _withdraw(request, this, form):
    this.withdraw(by=request.user)
    return _("Withdrawn. The place is free again.")


def _after(this):
    """Where an answered referral leads: to the case, or back to the partnership."""
    if this.status == Referral.Status.ACCEPTED:
        return "case", this.youth_id
    return "partnership", this.partnership_id
