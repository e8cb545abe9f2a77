"""Goals of the course: all of a young person's, one of them with its small steps, a new one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partnerships.access import Section
from youths.access import codenames_for, is_own
from youths.goal_forms import CloseForm, GoalForm, StepForm
from youths.models import AccessEvent, Goal, GoalChanged, GoalRefused, SmallStep, Youth, goals_of

SHOWN = [Section.IDENTITY, Section.COURSE]


@require_safe
def goals(request, youth_id):
    """All goals of one young person: those under way, then those that are reached or dropped."""
    youth = Youth.objects.get_for(request.user, youth_id, "view_course")
    AccessEvent.record(request.user, [youth], SHOWN)
    return render(
        request,
        "youths/goals.html",
        {
            "youth": youth,
            "own": is_own(request.user, youth),
            "goals": goals_of(request.user, youth),
            "may_set": "change_course" in codenames_for(request.user, youth),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add_goal(request, youth_id):
    """The caseworker takes down a goal."""
    youth = Youth.objects.get_for(request.user, youth_id, "change_course")
    AccessEvent.record(request.user, [youth], SHOWN)
    form = GoalForm(
        request.POST if request.method == "POST" else None,
        youth=youth,
        initial={"owner": Goal.Owner.YOUTH},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                goal = Goal.set(by=request.user, youth=youth, **form.typed)
            except GoalRefused as refusal:
                form.add_error("words", str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect("youths:goal", goal.pk)
    return _write(request, youth, form, status)


@require_http_methods(["GET", "HEAD", "POST"])
def goal(request, goal_id):
    """One goal with its small steps and its history; a small step is added here."""
    youth, this = _goal(request.user, goal_id, "view_course")
    held = codenames_for(request.user, youth)
    if request.method == "POST" and "step_course" not in held:
        raise PermissionDenied
    form, status = _step_form(request, youth), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                this.add_step(by=request.user, **form.owed)
            except GoalRefused as refusal:
                status = 409
                form.add_error("words", str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect(reverse("youths:goal", args=[this.pk]) + "#steps")
    return _show(request, youth, this, form, status)


@require_http_methods(["GET", "HEAD", "POST"])
def change_goal(request, goal_id):
    """The caseworker writes a goal anew; who saves over somebody else sees both texts."""
    youth, this = _goal(request.user, goal_id, "change_course")
    AccessEvent.record(request.user, [youth], SHOWN)
    form, status, meanwhile = GoalForm.of(this, youth=youth), 200, None
    if request.method == "POST":
        form, status = GoalForm.of(this, request.POST, youth=youth), 422
        if form.is_valid():
            try:
                this.change(
                    by=request.user, revision=form.cleaned_data["revision"] or 0, **form.typed
                )
            except GoalChanged as refusal:
                status, meanwhile = 409, refusal
                form = form.on_top_of(refusal.goal, youth=youth)
            except GoalRefused as refusal:
                status = 409
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect("youths:goal", this.pk)
    theirs = meanwhile and _in_words(form, meanwhile.goal, youth)
    return _write(request, youth, form, status, goal=this, meanwhile=meanwhile, theirs=theirs)


def _write(request, youth, form, status, **context):
    context = {"goal": None, "meanwhile": None, **context}
    return render(
        request,
        "youths/write_goal.html",
        {"youth": youth, "own": False, "form": form, **context},
        status=status,
    )


def _in_words(form, goal, youth) -> list[dict]:
    """What somebody else saved, field by field, in the words of the form."""
    said = {
        "words": goal.words,
        "lane": goal.get_lane_display(),
        "owner": goal.owner_in(youth),
        "due_on": date_format(goal.due_on) if goal.due_on else "",
    }
    return [{"label": form.fields[name].label, "theirs": text} for name, text in said.items()]


@require_http_methods(["GET", "HEAD", "POST"])
def close_goal(request, goal_id):
    """Reached, or dropped because; a closed goal is taken up again here."""
    youth, this = _goal(request.user, goal_id, "change_course")
    AccessEvent.record(request.user, [youth], SHOWN)
    form, status = CloseForm(request.POST if request.method == "POST" else None), 200
    if request.POST.get("act") == "take_up":
        this.take_up(by=request.user)
        messages.success(request, _("The goal is taken up again."))
        return redirect("youths:goal", this.pk)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if form.cleaned_data["state"] == CloseForm.REACHED:
                    this.reach(by=request.user)
                else:
                    this.drop(by=request.user, reason=form.cleaned_data["reason"])
            except GoalRefused as refusal:
                status = 409
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect("youths:goal", this.pk)
    return render(
        request,
        "youths/close_goal.html",
        {"youth": youth, "own": False, "goal": this, "form": form},
        status=status,
    )


@require_POST
def step(request, small_step_id):
    """A small step is done, is not done after all, or is taken off the list."""
    goal_id = get_object_or_404(
        SmallStep.objects.values_list("goal_id", flat=True), pk=small_step_id
    )
    youth, this = _goal(request.user, goal_id, "step_course")
    one = get_object_or_404(this.steps.all(), pk=small_step_id)
    act = request.POST.get("act")
    if act not in ("done", "undone", "withdraw"):
        raise Http404
    if act == "withdraw" and not _may_withdraw(request.user, youth, one):
        raise PermissionDenied
    try:
        if act == "done":
            one.tick(by=request.user)
            messages.success(request, _("Noted as done."))
        elif act == "undone":
            one.untick(by=request.user)
            messages.success(request, _("Noted as not done."))
        else:
            one.withdraw(by=request.user)
            messages.success(request, _("Taken off the list."))
    except GoalRefused as refusal:
        messages.error(request, str(refusal))
        return _show(request, youth, this, _step_form(None, youth), 409)
    if request.POST.get("from") == "home" and is_own(request.user, youth):
        return redirect(reverse("home") + "#goals")
    return redirect(reverse("youths:goal", args=[this.pk]) + "#steps")


def _goal(user, goal_id, codename):
    """A goal and its youth, for who may do this with it."""
    this = get_object_or_404(Goal.objects.select_related("owner_person"), pk=goal_id)
    this.youth = Youth.objects.get_for(user, this.youth_id, codename)
    return this.youth, this


def _may_withdraw(user, youth, step) -> bool:
    """Who wrote it, or who sets the goals."""
    return step.added_by_id == user.pk or "change_course" in codenames_for(user, youth)


def _step_form(request, youth):
    data = request.POST if request and request.method == "POST" else None
    return StepForm(data, youth=youth, initial={"owner": Goal.Owner.YOUTH})


def _show(request, youth, this, form, status):
    AccessEvent.record(request.user, [youth], SHOWN)
    held = codenames_for(request.user, youth)
    this = Goal.objects.with_steps().get(pk=this.pk)
    this.youth = youth
    may_step = "step_course" in held
    for one in this.standing:
        one.may_withdraw = may_step and _may_withdraw(request.user, youth, one)
    return render(
        request,
        "youths/goal.html",
        {
            "youth": youth,
            "own": is_own(request.user, youth),
            "goal": this,
            "form": form if may_step and (this.is_open or form.is_bound) else None,
            "may_step": may_step and this.is_open,
            "may_change": "change_course" in held,
            "events": this.events.select_related("made_by", "owner_person"),
        },
        status=status,
    )
