"""The programme's handover document: its two dates, what was done, and issuing it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from handover.access import WRITING
from handover.forms import BegunForm, ConversationForm
from handover.models import (
    DocumentStep,
    HandoverProfile,
    HandoverRefused,
    SentPart,
    deadlines,
    with_reactions,
)
from handover.views.chapters import in_chapters, in_order
from handover.views.versions import held_back_in
from partnerships.access import Section
from youths.access import codenames_for, is_own, opened_by
from youths.models import AccessEvent, Youth

Kind = DocumentStep.Kind
FORMS = {Kind.STARTED: BegunForm, Kind.CONVERSATION: ConversationForm}


@require_http_methods(["GET", "HEAD", "POST"])
def document(request, youth_id):
    """Both dates and every paper that was issued; the school notes and issues here."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, "view_direction")
    may_write = WRITING in codenames_for(user, youth)
    act, form, status = request.POST.get("act"), None, 200
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied
        if act not in Kind.values:
            raise Http404
        form = FORMS[act](request.POST, auto_id=f"id_{act}_%s") if act in FORMS else None
        status = 422
        if form is None or form.is_valid():
            try:
                _do(user, youth, act, form)
            except HandoverRefused as refusal:
                if form:
                    form.add_error("on", str(refusal))
                else:
                    messages.error(request, str(refusal))
                    status = 409
            else:
                messages.success(request, _("Issued.") if form is None else _("Noted."))
                return redirect("handover:document", youth.pk)
    lines = deadlines(user, youth)
    for one in lines:
        one.form = None
        if may_write:
            again = {"on": one.done.on, "took_part": one.done.took_part} if one.done else {}
            mine = form if act == one.kind else None
            one.form = mine or FORMS[one.kind](initial=again, auto_id=f"id_{one.kind}_%s")
            one.is_open = bool(mine)
    AccessEvent.record(user, [youth], [Section.IDENTITY, Section.DIRECTION])
    steps = DocumentStep.objects.visible_to(user).filter(profile__youth=youth)
    profile = HandoverProfile.objects.visible_to(user).filter(youth=youth).first()
    issued = list(steps.filter(kind=Kind.ISSUED).select_related("version", "noted_by"))
    return render(
        request,
        "handover/document.html",
        {
            "youth": youth,
            "own": is_own(user, youth),
            "may_write": may_write,
            "may_move": "change_identity" in codenames_for(user, youth),
            "may_save": youth.pk not in opened_by(user),
            "name": youth.partnership.programme.handover_document,
            "deadlines": lines,
            "is_begun": lines[0].done is not None,
            "issued": issued,
            "version": profile.version if profile else 0,
            "is_issued": any(one.version.number == profile.version for one in issued),
            "municipality": youth.partnership.municipality,
        },
        status=status,
    )


def _do(user, youth, act, form):
    if act == Kind.STARTED:
        DocumentStep.start(by=user, youth=youth, **form.cleaned_data)
    elif act == Kind.CONVERSATION:
        DocumentStep.hold_conversation(by=user, youth=youth, **form.cleaned_data)
    else:
        DocumentStep.issue(by=user, youth=youth)


def issued_page(user, youth, issued) -> dict:
    """The parts of the version that was issued, as this person may read them today."""
    standing = SentPart.objects.visible_to(user, youth).standing_in(issued.version.number)
    parts = in_order(standing.select_related("written_by"))
    with_reactions(user, youth, parts)
    for one in parts:
        one.thread = []
        said = [one.reaction, *one.earlier_reactions] if one.reaction else []
        one.reaction = next((r for r in said if r.given_at <= issued.noted_at), None)
        one.asks_again = bool(one.reaction) and one.reaction.revision < one.revision
    chapters = in_chapters(parts)
    return {
        "issued": issued,
        "chapters": chapters,
        "sections": [chapter.section for chapter in chapters],
        "held_back": held_back_in(youth, issued.version.number, chapters),
        "school": youth.partnership.school,
        "municipality": youth.partnership.municipality,
    }
