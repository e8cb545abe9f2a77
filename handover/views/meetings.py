"""The meetings of all three: planned with an agenda, recorded with what was agreed, seen to."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from handover.decision_forms import (
    AgreementForm,
    AgreementFormSet,
    MeetingForm,
    PlanForm,
    PointForm,
)
from handover.models import (
    PLANNING,
    HandoverProfile,
    HandoverRefused,
    Meeting,
    MeetingAgreement,
    MeetingPoint,
    meetings_of,
)
from partnerships.access import PARTNERSHIP_ROLES, Section
from partnerships.models import Membership
from youths.access import codenames_for, is_own
from youths.models import AccessEvent, Youth

ROWS = 3  # of agreements, to begin with


SHOWN = [Section.IDENTITY, Section.COURSE]


@require_http_methods(["GET", "HEAD", "POST"])
def meetings(request, youth_id):
    """The meeting that lies ahead, with its agenda, and those that were held."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, "view_course")
    held = codenames_for(user, youth)
    if request.method == "POST" and "step_course" not in held:
        raise PermissionDenied
    own = is_own(user, youth)
    seen = Meeting.objects.visible_to(user).filter(profile__youth=youth)
    ahead = seen.select_related("profile__youth").ahead()
    form = PointForm(request.POST if request.method == "POST" else None, youth=youth, by=user)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if ahead is None:
                    raise HandoverRefused(_("No meeting is planned now."))
                ahead.add_point(by=user, **form.cleaned_data)
            except HandoverRefused as refusal:
                status = 409
                form.add_error("words", str(refusal))
            else:
                messages.success(request, _("It stands on the agenda."))
                return redirect(_agenda(youth))
    AccessEvent.record(user, [youth], SHOWN)
    past = meetings_of(user, youth)
    noted_by(user, held, [row for one in past for row in one.agreements])
    points = _points(user, held, ahead) if ahead else []
    return render(
        request,
        "handover/meetings.html",
        {
            "youth": youth,
            "own": own,
            "ahead": ahead,
            "points": points,
            "form": form if "step_course" in held and (ahead or form.is_bound) else None,
            "past": past,
            "may_plan": PLANNING in held,
        },
        status=status,
    )


def _points(user, held, meeting) -> list:
    """The agenda, and which points this person may take off: the own, or all who plans."""
    points = list(meeting.points.standing().select_related("added_by"))
    for point in points:
        point.meeting = meeting
        point.may_withdraw = "step_course" in held and (
            point.added_by_id == user.pk or PLANNING in held
        )
    return points


@require_POST
def withdraw_point(request, point_id):
    """Who put a point on the agenda, or who plans the meeting, takes it off."""
    user = request.user
    rows = MeetingPoint.objects.visible_to(user).select_related("meeting__profile")
    point = get_object_or_404(rows, pk=point_id)
    youth = Youth.objects.get_for(user, point.meeting.profile.youth_id, "step_course")
    if point.added_by_id != user.pk and PLANNING not in codenames_for(user, youth):
        raise PermissionDenied
    try:
        point.withdraw()
    except HandoverRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, _("Taken off the agenda."))
    return redirect(_agenda(youth))


@require_http_methods(["GET", "HEAD", "POST"])
def meeting(request, youth_id):
    """The caseworker plans the meeting that lies ahead, and records it when it was held."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, PLANNING)
    profile = get_object_or_404(HandoverProfile.objects.visible_to(user), youth=youth)
    this = profile.meetings.ahead()
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
    elif act == "record" and this is None:
        messages.info(request, _("The meeting was recorded already."))
        status = 302
    elif act == "record":
        status = _record(request, record, rows, this)
    elif act != "more" and request.method == "POST":
        status = 422
    if status == 302:
        return redirect(_planned(youth) if act == "plan" else _recorded(youth, profile))
    AccessEvent.record(user, [youth], SHOWN)
    return render(
        request,
        "handover/meeting.html",
        {
            "youth": youth,
            "meeting": this,
            "is_first": this.is_first if this else not profile.meetings.exists(),
            "points": _points(user, [], this) if this else [],
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
        Meeting.plan(by=request.user, profile=profile, on=form.cleaned_data["planned_on"])
    except HandoverRefused as refusal:
        form.add_error(None, str(refusal))
        return 409
    messages.success(request, _("The meeting is planned."))
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
    messages.success(request, _("The meeting is recorded, and everybody sees what is agreed."))
    return 302


@require_http_methods(["GET", "HEAD", "POST"])
def correct_meeting(request, meeting_id):
    """The caseworker corrects the record; what stood there before can still be read."""
    user = request.user
    rows = Meeting.objects.visible_to(user).held().select_related("profile")
    this = get_object_or_404(rows, pk=meeting_id)
    youth = Youth.objects.get_for(user, this.profile.youth_id, PLANNING)
    agreements = list(this.agreements.select_related("person"))
    open_ones = [row for row in agreements if not row.done_at]
    said = {name: getattr(this, name) for name in Meeting.FIELDS}
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
        return redirect(this.path)
    AccessEvent.record(user, [youth], SHOWN)
    theirs = None
    if status == 409:
        theirs = next(one for one in meetings_of(user, youth) if one.meeting.pk == this.pk)
    return render(
        request,
        "handover/correct_meeting.html",
        {
            "youth": youth,
            "form": form,
            "rows": rows,
            "done": [row for row in agreements if row.done_at],
            "number": this.number,
            "back": this.path,
            "theirs": theirs,
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


def noted_by(user, held, agreements) -> None:
    """Mark those that this person may note as done; `held` are the codenames on the case."""
    open_ones = [row for row in agreements if row.done_at is None]
    mine = set()
    if open_ones and PLANNING not in held:
        rows = MeetingAgreement.objects.on(user).filter(pk__in=[row.pk for row in open_ones])
        mine = set(rows.values_list("pk", flat=True))
    for row in agreements:
        row.may_be_noted = row.done_at is None and (row.pk in mine or PLANNING in held)


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
    return redirect(this.meeting.path)


def _recorded(youth, profile):
    """The record that was written last."""
    last = profile.meetings.held().first()
    return last.path if last else _planned(youth)


def _planned(youth):
    return reverse("handover:meetings", args=[youth.pk])


def _agenda(youth):
    return _planned(youth) + "#agenda"
