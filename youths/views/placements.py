"""Placements: the company's list, a new one, one agreed anew, prolonged, paused, ended."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from partnerships.access import Role, Section, roles
from youths.access import is_own
from youths.models import (
    AccessEvent,
    AgreementReplaced,
    Channel,
    Placement,
    PlacementEnding,
    PlacementRefused,
    Youth,
    saying_if_asked,
)
from youths.placement_forms import (
    ChangePlacementForm,
    EndingForm,
    NextMeetingForm,
    PauseForm,
    PlacementForm,
    ProlongForm,
)

SHOWN = [Section.IDENTITY, Section.COURSE]
Side = PlacementEnding.Side


@require_safe
def placements(request):
    """The placements that run at the person's company."""
    if Role.EMPLOYER not in roles(request.user):
        raise PermissionDenied
    rows = saying_if_asked(Placement.objects.visible_to(request.user))
    rows = rows.select_related("youth", "employer")
    rows = list(rows.prefetch_related("agreements__confirmations"))
    shown = {row.youth_id: row.youth for row in rows}.values()
    AccessEvent.record(request.user, shown, [Section.PLACEMENT], Channel.LIST)
    return render(request, "youths/placements.html", {"placements": rows})


@require_http_methods(["GET", "POST"])
def add_placement(request, youth_id):
    """The caseworker records a placement that a company has agreed to."""
    youth = Youth.objects.get_for(request.user, youth_id, "change_course")
    AccessEvent.record(request.user, [youth], SHOWN)
    form, status = (
        PlacementForm(
            request.POST or None, youth=youth, initial={"employer": request.GET.get("company")}
        ),
        200,
    )
    if request.method == "POST":
        if form.is_valid():
            made = _save_once(form, by=request.user)
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


def _save_once(form, *, by):
    """A second click on the same placement changes nothing, not even at the same moment."""
    wanted = form.save(commit=False)
    Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=wanted.youth_id)
    same = Placement.objects.filter(
        youth=wanted.youth, employer=wanted.employer, starts_on=wanted.starts_on, ended_on=None
    ).first()
    if same is None:
        wanted.save()
        form.save_m2m()
        wanted.write_agreement(by=by)
    return same or wanted


@require_http_methods(["GET", "HEAD", "POST"])
def change_placement(request, placement_id):
    """The caseworker agrees on it anew; who saves over somebody else sees what was saved."""
    this = Placement.objects.get_for(request.user, placement_id, "change_course")
    AccessEvent.record(request.user, [this.youth], SHOWN)
    data = request.POST if request.method == "POST" else None
    form = ChangePlacementForm(data, instance=this, youth=this.youth)
    status, meanwhile = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                this.change(by=request.user, **form.agreed)
            except AgreementReplaced as replaced:
                status, meanwhile = 409, replaced.newest
                form = form.on_top_of(meanwhile, youth=this.youth)
            except PlacementRefused as refusal:
                status = 409
                form.add_error(refusal.field, str(refusal))
            else:
                messages.success(request, _("Saved. All three are asked about a new text."))
                return redirect("placement", this.pk)
    lines = meanwhile.lines if meanwhile else ()
    return render(
        request,
        "youths/change_placement.html",
        {
            "placement": this,
            "form": form,
            "meanwhile": meanwhile,
            "theirs": [{"label": label, "theirs": text} for label, text in lines],
        },
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def prolong_placement(request, placement_id):
    """Another last day, within the programme's limit."""
    this = Placement.objects.get_for(request.user, placement_id, "change_course")
    limit = this.limit
    return _act(
        request,
        this,
        ProlongForm(request.POST if request.method == "POST" else None),
        lambda said: this.prolong(by=request.user, **said),
        {
            "title": _("Prolong the placement"),
            "button": _("Prolong"),
            "latest": limit and limit.last_day(this.starts_on),
            "limit": limit,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def pause_placement(request, placement_id):
    """Nobody comes to work for a while; or the work goes on again."""
    this = Placement.objects.get_for(request.user, placement_id, "change_course")
    if request.POST.get("act") == "resume":
        this.resume(by=request.user)
        messages.success(request, _("The work goes on."))
        return redirect("placement", this.pk)
    return _act(
        request,
        this,
        PauseForm(request.POST if request.method == "POST" else None),
        lambda said: this.put_on_pause(by=request.user, **said),
        {
            "title": _("Pause the placement"),
            "button": _("Pause"),
            "latest": None,
            "limit": None,
        },
    )


def _act(request, this, form, verb, words):
    AccessEvent.record(request.user, [this.youth], SHOWN)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                verb(form.cleaned_data)
            except PlacementRefused as refusal:
                status = 422 if refusal.field else 409
                form.add_error(refusal.field, str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect("placement", this.pk)
    context = {"placement": this, "form": form, **words}
    return render(request, "youths/act_on_placement.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def end_placement(request, placement_id):
    """End it today, with what each side says; what one side has not said yet is added later."""
    user = request.user
    this = Placement.objects.get_for(user, placement_id, "change_course")
    AccessEvent.record(user, [this.youth], SHOWN)
    told = {ending.side for ending in this.endings.all()}
    data = request.POST if request.method == "POST" else None
    forms = {
        side: EndingForm(data, prefix=side, required=side == Side.YOUTH)
        for side in Side.values
        if side not in told
    }
    status = 200
    if request.method == "POST":
        status = 422
        valid = [form.is_valid() for form in forms.values()]  # each, so that each says its faults
        if all(valid):
            if not this.is_over:
                this.end(by=user)
            for side, form in forms.items():
                if form.cleaned_data["reason"]:
                    this.say_why(side=side, by=user, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("placement", this.pk)
    return render(
        request,
        "youths/end_placement.html",
        {
            "placement": this,
            "for_youth": forms.get(Side.YOUTH),
            "for_company": forms.get(Side.COMPANY),
        },
        status=status,
    )
