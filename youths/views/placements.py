"""Placements: the company's list, a new one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from partnerships.access import Role, Section, roles
from youths.access import is_own
from youths.forms import NextMeetingForm, PlacementForm
from youths.models import (
    AccessEvent,
    Channel,
    Placement,
    Youth,
    saying_if_asked,
)


@require_safe
def placements(request):
    """The placements that run at the person's company."""
    if Role.EMPLOYER not in roles(request.user):
        raise PermissionDenied
    rows = saying_if_asked(Placement.objects.visible_to(request.user))
    rows = rows.select_related("youth", "employer")
    shown = {row.youth_id: row.youth for row in rows}.values()
    AccessEvent.record(request.user, shown, [Section.PLACEMENT], Channel.LIST)
    return render(request, "youths/placements.html", {"placements": rows})


@require_http_methods(["GET", "POST"])
def add_placement(request, youth_id):
    """The caseworker records a placement that a company has agreed to."""
    youth = Youth.objects.get_for(request.user, youth_id, "change_course")
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, Section.COURSE])
    form, status = (
        PlacementForm(
            request.POST or None, youth=youth, initial={"employer": request.GET.get("company")}
        ),
        200,
    )
    if request.method == "POST":
        if form.is_valid():
            made = _save_once(form)
            messages.success(
                request,
                _("%(company)s now sees what is needed for this placement, while it runs.")
                % {"company": made.employer.name},
            )
            return redirect("case", youth.pk)
        status = 422
    return render(
        request, "youths/add_placement.html", {"form": form, "youth": youth}, status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
def next_meeting(request, placement_id):
    """The team says when the company is met next."""
    this = get_object_or_404(Placement.objects.select_related("employer"), pk=placement_id)
    this.youth = youth = Youth.objects.get_for(request.user, this.youth_id, "step_course")
    if is_own(request.user, youth):
        raise PermissionDenied
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, Section.COURSE])
    at = this.next_meeting_at and timezone.localtime(this.next_meeting_at)
    form = NextMeetingForm(
        request.POST if request.method == "POST" else None,
        initial={"day": at.date(), "at": at.time()} if at else {},
    )
    if request.method == "POST" and form.is_valid():
        this.meet_next(by=request.user, at=form.moment)
        messages.success(request, _("Saved."))
        return redirect("placement", this.pk)
    return render(
        request,
        "youths/next_meeting.html",
        {"placement": this, "youth": youth, "form": form},
        status=422 if form.errors else 200,
    )


def _save_once(form):
    """A second click on the same placement changes nothing."""
    wanted = form.save(commit=False)
    same = Placement.objects.filter(
        youth=wanted.youth, employer=wanted.employer, starts_on=wanted.starts_on, ended_on=None
    ).first()
    if same is None:
        wanted.save()
    return same or wanted
