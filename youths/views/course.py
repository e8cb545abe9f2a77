"""The course on one page: its phases, what is done in each lane, what is recommended."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from partnerships.access import Section
from youths.access import codenames_for, is_own
from youths.course_forms import EffortForm, EndForm, PhaseForm, SetAsideForm, StartForm
from youths.lanes import Stretch, lanes
from youths.models import (
    AccessEvent,
    CourseRefused,
    Effort,
    Goal,
    PhaseEntry,
    Placement,
    Youth,
    goals_of,
    quiet_since,
)

SHOWN = [Section.IDENTITY, Section.COURSE]


@require_safe
def course(request, youth_id):
    """One young person's course, for who reads it."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, "view_course")
    AccessEvent.record(user, [youth], SHOWN)
    held = codenames_for(user, youth)
    own = is_own(user, youth)
    efforts = list(
        Effort.objects.visible_to(user).filter(youth=youth).select_related("goal", "recommended_by")
    )
    return render(
        request,
        "youths/course.html",
        {
            "youth": youth,
            "own": own,
            "phases": _phases(user, youth),
            "lanes": _lanes(user, youth, efforts),
            "labels": dict(Goal.Lane.choices),
            "recommended": [one for one in efforts if one.is_recommended],
            "under_way": [one for one in efforts if one.is_under_way],
            "over": [one for one in efforts if not (one.is_recommended or one.is_under_way)],
            "quiet_since": None if youth.left_on else quiet_since(youth),
            "may_plan": "change_course" in held,
            "may_recommend": "step_course" in held and not own,
        },
    )


def _phases(user, youth) -> list[dict]:
    """The programme's phases in order, with the days on which the course came into each."""
    entries = {}
    for entry in PhaseEntry.objects.visible_to(user).filter(youth=youth):
        entries.setdefault(entry.phase_id, []).append(entry)
    place = youth.phase.position if youth.phase else 0
    return [
        {
            "phase": phase,
            "entries": entries.get(phase.pk, []),
            "is_now": phase.pk == youth.phase_id,
            "is_past": phase.position < place,
        }
        for phase in youth.partnership.programme.phases.all()
    ]


def _lanes(user, youth, efforts):
    """Efforts, goals and placements, drawn beside each other by week."""
    stretches = [
        Stretch(one.lane, one.words, "effort", one.started_on, one.ended_on)
        for one in efforts
        if one.started_on
    ]
    for goal in goals_of(user, youth):
        closed = goal.closed_at and timezone.localdate(goal.closed_at)
        begins, url = timezone.localdate(goal.set_at), reverse("youths:goal", args=[goal.pk])
        stretches.append(Stretch(goal.lane, goal.words, "goal", begins, closed, url))
    placements = Placement.objects.visible_to(user).filter(youth=youth).select_related("employer")
    for one in placements:
        words = f"{one.employer.name}, {one.get_kind_display()}"
        url = reverse("placement", args=[one.pk])
        ends = one.ended_on or one.ends_on
        stretches.append(Stretch(Goal.Lane.JOB, words, "placement", one.starts_on, ends, url))
    return lanes(
        stretches,
        began_on=youth.enrolled_on,
        today=timezone.localdate(),
        order=Goal.Lane.values,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def enter_phase(request, youth_id):
    """The caseworker notes that the course is in another phase."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, "change_course")
    AccessEvent.record(user, [youth], SHOWN)
    form, status = PhaseForm(_posted(request), youth=youth), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                PhaseEntry.enter(by=user, youth=youth, **form.cleaned_data)
            except CourseRefused as refusal:
                form.add_error("on", str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect("youths:course", youth.pk)
    context = {"youth": youth, "form": form, "title": _("Another phase")}
    return render(request, "youths/course_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def recommend(request, youth_id):
    """Somebody of the team recommends an effort; the caseworker begins it."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, "step_course")
    if is_own(user, youth):
        raise PermissionDenied
    AccessEvent.record(user, [youth], SHOWN)
    form, status = EffortForm(_posted(request), goals=goals_of(user, youth)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            Effort.recommend(by=user, youth=youth, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect(reverse("youths:course", args=[youth.pk]) + "#efforts")
    context = {"youth": youth, "form": form, "title": _("Recommend an effort"), "seen": True}
    return render(request, "youths/course_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def effort(request, effort_id):
    """The caseworker begins an effort, sets it aside, or notes that it ended."""
    user = request.user
    this = get_object_or_404(Effort.objects.visible_to(user), pk=effort_id)
    youth = Youth.objects.get_for(user, this.youth_id, "change_course")
    AccessEvent.record(user, [youth], SHOWN)
    act, status = request.POST.get("act"), 200
    forms = {"end": EndForm} if this.started_on else {"start": StartForm, "set_aside": SetAsideForm}
    shown = {name: form(request.POST if act == name else None) for name, form in forms.items()}
    if request.method == "POST":
        status = 422
        form = shown.get(act)
        if form is None:
            messages.error(request, _("It was begun or set aside meanwhile."))
            status = 409
        elif form.is_valid():
            try:
                getattr(this, act)(**form.cleaned_data)
            except CourseRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect(reverse("youths:course", args=[youth.pk]) + "#efforts")
    context = {"youth": youth, "effort": this, "shown": shown}
    return render(request, "youths/effort.html", context, status=status)


def _posted(request):
    return request.POST if request.method == "POST" else None
