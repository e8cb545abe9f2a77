"""Hours of a placement: a week as it was, the ladder, and a step on it."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from partnerships.access import Role, Section, roles
from youths.access import codenames_for, is_own
from youths.models import (
    AccessEvent,
    HoursStep,
    Placement,
    PlacementRefused,
    WorkedWeek,
    hours_of,
    weeks_of,
)
from youths.placement_forms import LadderForm, WeekForm


@require_http_methods(["GET", "HEAD", "POST"])
def weeks(request, placement_id):
    """All weeks, and how one was: the company, the team and the young person record it."""
    user = request.user
    this = Placement.objects.get_for(user, placement_id)
    company = Role.EMPLOYER in roles(user)
    may_record = company or "step_course" in codenames_for(user, this.youth)
    if request.method == "POST" and not may_record:
        raise PermissionDenied
    begun, hours = weeks_of(this)[::-1], hours_of(this, shown=None)
    wanted = _asked_for(request, begun) or (hours.untold and hours.untold.monday)
    form = WeekForm(
        request.POST if request.method == "POST" else None,
        placement=this,
        weeks=begun,
        monday=wanted or next(iter(begun), None),
        for_company=company,
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                WorkedWeek.record(by=user, placement=this, **form.cleaned_data)
            except PlacementRefused as refusal:
                form.add_error("monday", str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect(reverse("placement", args=[this.pk]) + "#hours")
    shown = [Section.PLACEMENT, *([] if company else [Section.IDENTITY])]
    AccessEvent.record(user, [this.youth], shown)
    return render(
        request,
        "youths/weeks.html",
        {
            "placement": this,
            "youth": this.youth,
            "is_company": company,
            "own": is_own(user, this.youth),
            "hours": hours,
            "form": form if may_record and begun else None,
            "may_record": may_record,
        },
        status=status,
    )


def _asked_for(request, begun) -> date | None:
    """The week that the address names, where it has begun."""
    asked = request.GET.get("week", "")
    return next((monday for monday in begun if monday.isoformat() == asked), None)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_hours(request, placement_id):
    """The caseworker plans the steps; all three are asked about them."""
    this = Placement.objects.get_for(request.user, placement_id, "change_course")
    AccessEvent.record(request.user, [this.youth], [Section.IDENTITY, Section.COURSE])
    form = LadderForm(request.POST if request.method == "POST" else None, placement=this)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                HoursStep.plan(by=request.user, placement=this, steps=form.steps)
            except PlacementRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect("placement", this.pk)
    return render(
        request, "youths/plan_hours.html", {"placement": this, "form": form}, status=status
    )


@require_POST
def step_hours(request, placement_id):
    """Up to the next step of the ladder, or down again."""
    this = Placement.objects.get_for(request.user, placement_id, "change_course")
    below, above = this.rungs_around()
    hours = {"up": above, "down": below}.get(request.POST.get("to"))
    try:
        if hours is None:
            raise PlacementRefused(_("These hours are no next step of the ladder."))
        this.step(by=request.user, hours=hours)
    except PlacementRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Saved. The new hours count from the next whole week."))
    return redirect(reverse("placement", args=[this.pk]) + "#hours")
