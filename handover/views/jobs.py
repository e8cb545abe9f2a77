"""Job profiles: composed by school and caseworker, approved by the young person."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from handover.access import sections_for
from handover.job_forms import JobAnswerForm, JobForm, JobProfileForm
from handover.models import (
    Accommodation,
    ApprovedJobProfile,
    JobProfile,
    JobProfileRefused,
    Part,
    PartUse,
    SentPart,
    StaleVersion,
)
from handover.views.young import TAKING_PART
from partnerships.access import Section, Verb
from youths.access import codenames_for, is_own
from youths.models import AccessEvent, Placement, Sitting, Youth

ACTS = ("save", "ask", "pick", "heard")


@require_http_methods(["GET", "HEAD", "POST"])
def jobs(request, youth_id):
    """What companies read about one young person, and what is being written for them."""
    youth = Youth.objects.get_for(request.user, youth_id, "view_job_profile")
    may_write = "change_job_profile" in codenames_for(request.user, youth)
    rows = JobProfile.objects.visible_to(request.user).filter(youth=youth)
    rows = list(rows.select_related("placement__employer"))
    placements = Placement.objects.visible_to(request.user).filter(
        youth=youth, ended_on=None, job_profile=None
    )
    form, status = None, 200
    if may_write:
        form = JobForm(request.POST or None, placements=placements.select_related("employer"))
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied
        status = 422
        if form.is_valid() and not form.to_weigh:
            try:
                made = JobProfile.begin(by=request.user, youth=youth, **form.cleaned_data)
            except JobProfileRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("handover:job", made.pk)
    approved = ApprovedJobProfile.objects.visible_to(request.user).approved()
    standing = {one.job_profile_id: one for one in approved.filter(youth_id=youth.pk)}
    for row in rows:
        row.read_now = standing.get(row.pk)
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, Section.JOB_PROFILE])
    return render(
        request,
        "handover/jobs.html",
        {
            "youth": youth,
            "own": is_own(request.user, youth),
            "rows": rows,
            "form": form,
            "may_sit": not is_own(request.user, youth)
            and TAKING_PART in codenames_for(request.user, youth),
            "number": Accommodation.objects.visible_to(request.user).filter(youth=youth).count(),
        },
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def job(request, job_profile_id):
    """The text for one company, with what there is to choose from, and what the company reads."""
    youth, this = _one(request.user, job_profile_id, "change_job_profile")
    act = request.POST.get("act", "save")
    if request.method == "POST" and act == "heard":
        this.hear(by=request.user)
        messages.success(request, _("Noted that you have seen it."))
        return redirect("handover:job", this.pk)
    form, theirs, status = JobProfileForm(request.POST or None, profile=this), None, 200
    skills, sentences = _library(request.user, youth)
    if request.method == "POST":
        status = 422
        if act not in ACTS:
            raise Http404
        picked = form.pick([*skills, *sentences]) if act == "pick" else []
        if form.is_valid() and (act == "pick" or not form.to_weigh):
            try:
                return _written(request, this, form, act, picked)
            except StaleVersion as stale:
                theirs, status = stale.current, 409
                form = form.against(theirs)
            except JobProfileRefused as refusal:
                form.add_error(None, str(refusal))
    for one in (*skills, *sentences):
        one.is_in = form.holds(one)
    shown = [Section.IDENTITY, Section.JOB_PROFILE, *([Section.COMPETENCES] if skills else [])]
    shown += [Section.COURSE] if this.placement_id else []
    AccessEvent.record(request.user, [youth], shown)
    return render(
        request,
        "handover/job.html",
        {
            "youth": youth,
            "this": this,
            "form": form,
            "theirs": theirs,
            "skills": skills,
            "sentences": sentences,
            "approved": this.approved,
            "placement": this.placement,
            "school": youth.partnership.school,
            "municipality": youth.partnership.municipality,
        },
        status=status,
    )


def _written(request, this, form, act, picked):
    """Saved, and the young person asked where that is wanted."""
    this.write(by=request.user, **form.texts)
    if this.placement_id and picked:
        _note_use(request.user, this, picked)
    if act == "ask":
        this.ask(by=request.user, revision=this.revision)
        said = _("%(name)s is asked on their own page.")
        if this.youth.account_id is None:
            said = _("Saved. %(name)s has no sign-in: the school sits together with %(name)s.")
        messages.success(request, said % {"name": this.youth.first_name})
        return redirect("handover:jobs", this.youth_id)
    messages.success(request, _("Saved. No company reads it before it is approved."))
    return redirect("handover:job", this.pk)


def _note_use(user, this, picked):
    """What the receiver puts in stems from parts of the handover: the placement rests on them."""
    sections = sections_for(user, this.youth, Verb.ANSWER)
    if not sections:
        return
    stems = [one.part_id for one in picked if one.part_id]
    parts = SentPart.objects.visible_to(user, this.youth).current()
    for sent in parts.filter(part__in=stems, section__in=sections):
        PartUse.make(by=user, sent_part=sent, placement=this.placement)


@require_http_methods(["GET", "HEAD", "POST"])
def job_answer(request, job_profile_id):
    """The young person reads exactly what a company would read, and says yes or no.

    On the own device, or beside somebody from the school who has started to sit together.
    """
    user = request.user
    youth, this = _one(user, job_profile_id, "view_job_profile")
    own, sitting = is_own(user, youth), Sitting.objects.open_of(user, youth)
    if ("approve_job_profile" if own else TAKING_PART) not in codenames_for(user, youth):
        raise PermissionDenied
    if request.method != "POST" and not own and sitting is None:
        return redirect("youths:together", youth.pk)
    form, status = JobAnswerForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST" and not own and sitting is None:
        status = 409
        form.add_error(None, _("The time together is over. Start it again, and then save."))
    elif request.method == "POST":
        status = 422
        try:
            if request.POST.get("act") == "take_back":
                this.take_back(by=user, sitting=sitting)
                messages.success(request, _("No company reads it any more."))
                return redirect("handover:job_answer", this.pk)
            if form.is_valid():
                form.answer(this, by=user, sitting=sitting)
                messages.success(request, _("Thank you. Your answer is saved."))
                return redirect("handover:job_answer", this.pk)
        except StaleVersion:
            form.add_error(None, _("The text has changed meanwhile. Read it again."))
            status = 409
            this.refresh_from_db()
        except JobProfileRefused as refusal:
            form.add_error(None, str(refusal))
            status = 409
    shown = [Section.IDENTITY, Section.JOB_PROFILE]
    shown += [Section.COURSE] if this.placement_id else []
    AccessEvent.record(request.user, [youth], shown)
    return render(
        request,
        "handover/job_answer.html",
        {
            "youth": youth,
            "own": own,
            "sitting": sitting,
            "this": this,
            "form": form,
            "approved": this.approved,
            "placement": this.placement,
            "asked": this.status == JobProfile.Status.ASKED,
        },
        status=status,
    )


def _one(user, job_profile_id, codename):
    """The youth and the text; 404 not yours, 403 yours but not for this."""
    youth_id = get_object_or_404(
        JobProfile.objects.values_list("youth_id", flat=True), pk=job_profile_id
    )
    youth = Youth.objects.get_for(user, youth_id, codename)
    rows = JobProfile.objects.visible_to(user, codename)
    rows = rows.select_related("youth", "placement__employer", "placement__contact", "written_by",
                               "sitting__led_by")  # fmt: skip
    return youth, get_object_or_404(rows, pk=job_profile_id)


def _library(user, youth):
    """What there is to choose from: competences that this person reads, and accommodations."""
    if Section.COMPETENCES in sections_for(user, youth, Verb.CHANGE):
        parts = Part.objects.visible_to(user, youth)
    else:
        parts = SentPart.objects.visible_to(user, youth).current()
    skills = [one for one in parts.filter(section=Section.COMPETENCES) if one.label.strip()]
    sentences = list(Accommodation.objects.visible_to(user).filter(youth=youth))
    for kind, rows in (("can", skills), ("works", sentences)):
        for one in rows:
            one.kind, one.words = kind, one.label.strip() if kind == "can" else one.text
    return skills, sentences
