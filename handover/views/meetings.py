"""The first joint meeting: planned, recorded with its agreements, and each of them done."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from handover.decision_forms import AgreementForm, AgreementFormSet, MeetingForm, PlanForm
from handover.models import (
    PLANNING,
    FirstMeeting,
    HandoverProfile,
    HandoverRefused,
    MeetingAgreement,
    meeting_of,
)
from partnerships.access import PARTNERSHIP_ROLES, Section
from partnerships.models import Membership
from youths.access import codenames_for
from youths.models import AccessEvent, Youth

ROWS = 3  # of agreements, to begin with


@require_http_methods(["GET", "HEAD", "POST"])
def meeting(request, youth_id):
    """The caseworker plans the first meeting, and records it when it was held."""
    youth = Youth.objects.get_for(request.user, youth_id, PLANNING)
    profile = get_object_or_404(HandoverProfile.objects.visible_to(request.user), youth=youth)
    this = FirstMeeting.objects.filter(profile=profile).first()
    if this and this.held_on:
        messages.info(request, _("The first meeting was recorded already."))
        return redirect(_agreed(youth))
    decision = profile.decisions.first()
    team = list(_team(youth))
    act, status = request.POST.get("act"), 200
    plan = PlanForm(
        request.POST if act == "plan" else None,
        initial={"planned_on": this and this.planned_on},
    )
    record, rows = _forms(request, act, youth, team)
    if act == "plan":
        status = _plan(request, plan, profile)
    elif act == "record" and this:
        status = _record(request, record, rows, this)
    elif act != "more" and request.method == "POST":
        status = 422
    if status == 302:
        return redirect(_agreed(youth))
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, Section.COURSE])
    return render(
        request,
        "handover/meeting.html",
        {
            "youth": youth,
            "meeting": this,
            "accepted": decision is not None and decision.accepts,
            "plan": plan,
            "form": record,
            "rows": rows,
            "school": youth.partnership.school,
            "municipality": youth.partnership.municipality,
            "due": this is not None and this.planned_on <= timezone.localdate(),
        },
        status=status,
    )


def _team(youth):
    """Those of the two sides who can have taken part, or promise something."""
    return (
        Membership.objects.active()
        .filter(partnership=youth.partnership_id, role__in=PARTNERSHIP_ROLES)
        .select_related("user", "organisation")
        .order_by("-role", "user__name")
    )


def _forms(request, act, youth, team, initial=None, agreements=()):
    """The form of what was held and the rows of agreements, with one more where it is asked for."""
    typed = request.POST if act in ("record", "more") else None
    given = {"youth": youth, "team": team}
    record = MeetingForm(typed, initial=initial or {"held_on": timezone.localdate()}, **given)
    if act == "more":
        typed = typed.copy()
        number = typed.get("form-TOTAL_FORMS", "")
        number = int(number) if number.isdecimal() and len(number) < 3 else ROWS
        typed["form-TOTAL_FORMS"] = number + 1
    blank = AgreementForm.typed(agreements)
    blank["form-TOTAL_FORMS"] = max(ROWS, len(agreements) + 1)
    rows = AgreementFormSet(typed or blank, form_kwargs=given)
    if act != "record":  # nothing is said of what is still being written
        for form in (record, *rows) if act == "more" else rows:
            form._errors = {}
    return record, rows


def _plan(request, form, profile) -> int:
    if not form.is_valid():
        return 422
    try:
        FirstMeeting.plan(by=request.user, profile=profile, on=form.cleaned_data["planned_on"])
    except HandoverRefused as refusal:
        form.add_error(None, str(refusal))
        return 409
    messages.success(request, _("The first meeting is planned."))
    return 302


def _record(request, form, rows, this) -> int:
    if not (form.is_valid() & rows.is_valid()):
        return 422
    agreements = [row.agreed for row in rows if row.has_changed()]
    try:
        this.record(by=request.user, agreements=agreements, **form.said)
    except HandoverRefused as refusal:
        form.add_error(None, str(refusal))
        return 409
    messages.success(
        request, _("The first meeting is recorded, and everybody sees what is agreed.")
    )
    return 302


@require_http_methods(["GET", "HEAD", "POST"])
def correct_meeting(request, youth_id):
    """The caseworker corrects the record; what stood there before can still be read."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, PLANNING)
    this = get_object_or_404(
        FirstMeeting.objects.visible_to(user).select_related("profile__youth"),
        profile__youth=youth,
        held_on__isnull=False,
    )
    agreements = list(this.agreements.select_related("person"))
    open_ones = [row for row in agreements if not row.done_at]
    said = {name: getattr(this, name) for name in FirstMeeting.FIELDS}
    said |= {"people": this.people.all(), "number": this.number}
    said["youth_present"] = MeetingForm.YES if this.youth_present else MeetingForm.NO
    act, status = request.POST.get("act"), 200
    people = [*_team(youth), *_left(youth, this, open_ones)]
    form, rows = _forms(request, act, youth, people, said, open_ones)
    if act == "record":
        status = _correct(request, form, rows, this)
    elif act != "more" and request.method == "POST":
        status = 422
    if status == 302:
        return redirect(_agreed(youth))
    AccessEvent.record(user, [youth], [Section.IDENTITY, Section.COURSE])
    return render(
        request,
        "handover/correct_meeting.html",
        {
            "youth": youth,
            "form": form,
            "rows": rows,
            "done": [row for row in agreements if row.done_at],
            "number": this.number,
            "theirs": meeting_of(user, youth) if status == 409 else None,
            "school": youth.partnership.school,
            "municipality": youth.partnership.municipality,
        },
        status=status,
    )


def _left(youth, this, agreements):
    """Those of the record who have left the team since: they took part all the same."""
    named = {*this.people.values_list("pk", flat=True), *(row.person_id for row in agreements)}
    rows = Membership.objects.filter(partnership=youth.partnership_id, user__in=named - {None})
    now = {one.user_id for one in _team(youth)}
    gone = {one.user_id: one for one in rows.select_related("user", "organisation")}
    return [one for pk, one in gone.items() if pk not in now]


def _correct(request, form, rows, this) -> int:
    if not (form.is_valid() & rows.is_valid()):
        return 422
    number = request.POST.get("number", "")
    number = int(number) if number.isdecimal() and len(number) < 6 else 0
    agreements = [row.agreed for row in rows if row.has_changed()]
    try:
        this.correct(by=request.user, number=number, agreements=agreements, **form.said)
    except HandoverRefused as refusal:
        form.add_error(None, str(refusal))
        return 409
    messages.success(request, _("The record is corrected. What stood there before can be read."))
    return 302


@require_POST
def agreement_done(request, agreement_id):
    """Who promised something, or the caseworker, notes that it is done."""
    user = request.user
    rows = MeetingAgreement.objects.visible_to(user)
    this = get_object_or_404(rows.select_related("meeting__profile"), pk=agreement_id)
    youth = Youth.objects.get_for(user, this.meeting.profile.youth_id, "view_course")
    mine = MeetingAgreement.objects.on(user).filter(pk=this.pk).exists()
    again = this.done_by_id == user.pk  # pressed twice
    if not (mine or again or PLANNING in codenames_for(user, youth)):
        raise PermissionDenied
    try:
        this.mark_done(by=user)
    except HandoverRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, _("Noted that it is done."))
    return redirect(_agreed(youth))


def _agreed(youth):
    return reverse("handover:received", args=[youth.pk]) + "#meeting"
