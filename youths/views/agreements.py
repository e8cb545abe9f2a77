"""The agreement of a placement: its text as it stands, and one side's yes to it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partnerships.access import Role, Section, roles
from youths.access import codenames_for, is_own
from youths.models import (
    AccessEvent,
    AgreementConfirmation,
    AgreementReplaced,
    Placement,
    PlacementAgreement,
    PlacementRefused,
    Sitting,
)

Side, How = PlacementAgreement.Side, AgreementConfirmation.How


@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request, placement_id):
    """What was agreed, and who has said yes: each side to exactly the text that it has read.

    The young person on the own device, or beside somebody from the school who has started to sit
    together.
    """
    user = request.user
    this = Placement.objects.get_for(user, placement_id)
    company, own = Role.EMPLOYER in roles(user), is_own(user, this.youth)
    may_answer = company or "step_course" in codenames_for(user, this.youth)
    if request.method == "POST" and not may_answer:
        raise PermissionDenied
    side, sitting = this.side_of(user), None
    if not side:
        sitting = Sitting.objects.open_of(user, this.youth)
        side = Side.YOUTH if sitting else ""
    status, refused = 200, ""
    if request.method == "POST":
        status = 409
        if not side:
            refused = _("Sit together with the young person first.")
        else:
            try:
                _confirm(this, request, side, sitting)
            except AgreementReplaced:
                refused = _("The text has changed meanwhile. Read it again.")
            except PlacementRefused as refusal:
                refused = str(refusal)
            else:
                messages.success(request, _("Thank you. Your yes is saved."))
                return redirect("youths:agreement", this.pk)
    shown = [Section.PLACEMENT, *([] if company else [Section.IDENTITY])]
    AccessEvent.record(user, [this.youth], shown)
    standing = this.agreement
    return render(
        request,
        "youths/agreement.html",
        {
            "placement": this,
            "youth": this.youth,
            "agreement": standing,
            "side": side,
            "is_due": bool(standing and side in standing.waits_for and not this.is_over),
            "refused": refused,
            "sitting": sitting,
            "own": own,
            "is_company": company,
            "may_change": side == Side.CASEWORKER,
            "may_link": may_answer and not (company or own or this.is_over),
            "may_sit": not side and "change_words" in codenames_for(user, this.youth),
        },
        status=status,
    )


def _confirm(this, request, side, sitting) -> None:
    """The yes to the text with the number that was read."""
    number, user = request.POST.get("number", ""), request.user
    known = number.isdecimal() and len(number) < 5
    read = this.agreements.filter(number=number).first() if known else None
    if read is None:
        raise AgreementReplaced(this.agreement)
    how, name = (How.TOGETHER, this.youth.name) if sitting else (How.SIGNED_IN, user.name)
    read.confirm(side=side, by=user, name=name, how=how)
