"""The job centre asks the school for sections; the school sends or declines them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from handover.access import ASKING, WRITING, sections_for
from handover.forms import AskForm, DeclineForm
from handover.models import AskedSection, HandoverRefused, SectionRequest
from partnerships.access import Section, Verb
from youths.access import codenames_for, is_own
from youths.models import AccessEvent, Youth, held_sections


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request, youth_id):
    """The job centre asks for sections, with what they are for."""
    youth = Youth.objects.get_for(request.user, youth_id, ASKING)
    may = sections_for(request.user, youth, Verb.ANSWER)
    is_open = set(AskedSection.objects.filter(youth=youth).open().values_list("section", flat=True))
    choices = [(code, Section(code).label) for code in may]
    form = AskForm(
        request.POST or None,
        choices=choices,
        initial={"sections": [code for code in request.GET.getlist("section") if code in may]},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = SectionRequest.ask(by=request.user, youth=youth, **form.cleaned_data)
            except HandoverRefused as refusal:
                form.add_error("sections", str(refusal))
                status = 409
            else:
                messages.success(request, _("The school is asked, and sees it on its first page."))
                return redirect("handover:request", made.pk)
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, Section.SHARING])
    return render(
        request,
        "handover/ask.html",
        _around(request, youth)
        | {
            "form": form,
            "asked_for": [label for code, label in choices if code in is_open],
            "held_back": [Section(code).label for code in held_sections(youth, may)],
        },
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def request(request, request_id):
    """What was asked, what for, and what became of each section; here the school declines."""
    rows = SectionRequest.objects.visible_to(request.user).with_sections()
    this = get_object_or_404(rows, pk=request_id)
    youth = Youth.objects.get_for(request.user, this.youth_id, "view_sharing")
    held = codenames_for(request.user, youth)
    asked = [one for one in this.sections.all() if one.state == AskedSection.State.OPEN]
    act, status = request.POST.get("act"), 200
    form = DeclineForm(request.POST if act == "decline" else None, asked=asked)
    if request.method == "POST":
        status = 422
        _check(act, held)
        try:
            if act == "withdraw":
                this.withdraw(by=request.user)
                messages.success(request, _("The school sees that you do not need it any more."))
                return redirect("handover:request", this.pk)
            if act == "seen":
                this.see()
                return redirect("home")
            if form.is_valid():
                this.decline(by=request.user, **form.cleaned_data)
                messages.success(request, _("The job centre sees that you declined, and why."))
                return redirect("handover:request", this.pk)
        except HandoverRefused as refusal:
            messages.error(request, str(refusal))
            status = 409
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, Section.SHARING])
    why = held_sections(youth, [one.section for one in asked]) if asked else {}
    for one in this.sections.all():
        one.why = why.get(one.section, "")
    mine = this.asked_by_id == request.user.pk
    answered = (AskedSection.State.ANSWERED, AskedSection.State.DECLINED)
    unseen = [one for one in this.sections.all() if one.state in answered and not one.seen_at]
    return render(
        request,
        "handover/request.html",
        _around(request, youth)
        | {
            "this": this,
            "form": form if asked and WRITING in held else None,
            "may_withdraw": asked and ASKING in held,
            "may_note": unseen and mine and ASKING in held,
        },
        status=status,
    )


def requests_about(user, youth) -> dict:
    """The requests that stand on the page of a handover, and whether this person may ask."""
    rows = SectionRequest.objects.visible_to(user).filter(youth=youth).with_sections()
    return {"requests": list(rows[:5]), "may_ask": ASKING in codenames_for(user, youth)}


def _check(act, held) -> None:
    """404 for no act of this page, 403 for one of the other side."""
    needed = {"decline": WRITING, "withdraw": ASKING, "seen": ASKING}.get(act)
    if needed is None:
        raise Http404
    if needed not in held:
        raise PermissionDenied


def _around(request, youth):
    return {
        "youth": youth,
        "own": is_own(request.user, youth),
        "school": youth.partnership.school,
        "municipality": youth.partnership.municipality,
    }
