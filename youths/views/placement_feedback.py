"""Feedback on a placement: given by a company on its sign-in, answered by the young person."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partnerships.access import Role, Section, roles
from youths.access import codenames_for, is_own
from youths.models import (
    AccessEvent,
    Placement,
    PlacementFeedback,
    PlacementRefused,
    Sitting,
    Youth,
)
from youths.placement_forms import AnswerFeedbackForm, PlacementFeedbackForm


@require_http_methods(["GET", "HEAD", "POST"])
def placement_feedback(request, placement_id):
    """A company says in two minutes how it is going."""
    user = request.user
    rows = Placement.objects.visible_to(user).select_related("youth__partnership", "employer")
    this = get_object_or_404(rows, pk=placement_id)
    if Role.EMPLOYER not in roles(user):
        raise PermissionDenied
    AccessEvent.record(user, [this.youth], [Section.PLACEMENT])
    data = request.POST if request.method == "POST" else None
    form, status = PlacementFeedbackForm(data, giver=user), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                PlacementFeedback.give(by=user, placement=this, **form.said)
            except PlacementRefused as refusal:
                status = 409
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Thank you. Your feedback is sent."))
                return redirect("placement", this.pk)
    return render(
        request,
        "youths/placement_feedback.html",
        {"placement": this, "form": form, "link": None},
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def answer_feedback(request, feedback_id):
    """The young person reads what a company says and agrees, or says how they see it.

    On the own device, or beside somebody from the school who has started to sit together.
    """
    user = request.user
    this = get_object_or_404(
        PlacementFeedback.objects.select_related("placement__employer"), pk=feedback_id
    )
    this.placement.youth = youth = Youth.objects.get_for(
        user, this.placement.youth_id, "view_course"
    )
    own, sitting = is_own(user, youth), Sitting.objects.open_of(user, youth)
    if not own and "change_words" not in codenames_for(user, youth):
        raise PermissionDenied
    if request.method != "POST" and not own and sitting is None:
        return redirect("youths:together", youth.pk)
    AccessEvent.record(user, [youth], [Section.IDENTITY, Section.COURSE])
    answered = {"answer": this.answer, "comment": this.comment}
    form = AnswerFeedbackForm(request.POST if request.method == "POST" else None, initial=answered)
    status = 200
    if request.method == "POST" and not own and sitting is None:
        status = 409
        form.add_error(None, _("The time together is over. Start it again, and then save."))
    elif request.method == "POST":
        status = 422
        if form.is_valid():
            this.reply(by=user, sitting=sitting, **form.cleaned_data)
            messages.success(request, _("Thank you. Your answer is saved."))
            return redirect("placement", this.placement_id)
    return render(
        request,
        "youths/answer_feedback.html",
        {"youth": youth, "own": own, "sitting": sitting, "feedback": this, "form": form},
        status=status,
    )
