"""What a person reads, as a file to print: tagged PDF, the log's line first (docs/adr/0013)."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from handover.access import WRITING
from handover.models import DocumentStep, carried_things
from handover.views import draft_page, issued_page, own_profile, received_page
from handover.views.young import TAKING_PART
from partnerships.access import Section, memberships
from vivirkr import pdf
from youths.access import codenames_for, is_own, opened_by
from youths.models import AccessEvent, Channel, OwnWords, Sitting, Youth
from youths.views import timetable_page


@require_safe
def handover_pdf(request, youth_id):
    """The handover as it was sent, as far as this person reads it; own words first."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, "view_direction")
    received = received_page(user, youth)
    if received["summary"] is None:
        raise Http404
    return _handover(request, youth, "handover_pdf", received)


@require_safe
def draft_pdf(request, youth_id):
    """The school's working text, marked as a draft on every page."""
    youth = Youth.objects.get_for(request.user, youth_id, WRITING)
    draft = draft_page(request.user, youth)
    if not draft["chapters"]:
        raise Http404
    return _handover(request, youth, "draft_pdf", draft)


@require_safe
def issued_pdf(request, step_id):
    """The handover document as it was issued: that version, and what had been said by then."""
    user = request.user
    youth_id = get_object_or_404(
        DocumentStep.objects.values_list("profile__youth_id", flat=True), pk=step_id
    )
    youth = Youth.objects.get_for(user, youth_id, "view_direction")
    steps = DocumentStep.objects.visible_to(user).select_related("version__sent_by", "noted_by")
    issued = get_object_or_404(steps, pk=step_id, version__isnull=False)
    context = issued_page(user, youth, issued)
    # What is carried first may be changed every day, so it is no part of a paper that stands.
    return _handover(request, youth, "issued_pdf", context, until=issued.noted_at)


def _handover(request, youth, name, context, *, until=None):
    template = "handover/issued_pdf.html" if until else "handover/profile_pdf.html"
    said = what_was_said(request.user, youth, until=until)
    sections = [Section.IDENTITY, *said.pop("sections")]
    sections += [section for section in context["sections"] if section not in sections]
    context |= {**said, "shown": sections}
    return as_file(request, youth, template, context, sections, name)


@require_safe
def my_profile(request, youth_id):
    """A small booklet for the young person to carry: own words, five things, what works.

    Printed by the young person, or by the school while both sit together.
    """
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, TAKING_PART)
    if not is_own(user, youth) and Sitting.objects.open_of(user, youth) is None:
        return redirect("youths:together", youth.pk)
    context = own_profile(user, youth)
    sections = [Section.IDENTITY, *context.pop("sections")]
    return as_file(request, youth, "handover/my_profile_pdf.html", context, sections, "my_profile")


@require_safe
def timetable_pdf(request, youth_id):
    """The bridging timetable, to hang on a wall or to lay on the table."""
    youth = Youth.objects.get_for(request.user, youth_id)
    if youth.enrolled_on is None:
        raise Http404
    context = timetable_page(request.user, youth)
    sections = context["sections"]
    return as_file(request, youth, "youths/timetable_pdf.html", context, sections, "timetable_pdf")


def what_was_said(user, youth, *, until=None) -> dict:
    """What stands above everything else about a young person: own words, and what they carry.

    Or the words alone, as they were at a moment. `sections` are those that it is of.
    """
    own_words = OwnWords.objects.visible_to(user).filter(youth=youth)
    if until:
        own_words = own_words.filter(said_at__lte=until)
    own_words = list(own_words.select_related("taken_down_by"))
    carried = [] if until else carried_things(user, youth)
    words = [Section.WORDS] if "view_words" in codenames_for(user, youth) else []
    return {
        "words": next((said for said in own_words if said.kind == "words"), None),
        "directions": [said for said in own_words if said.kind == "direction"][:2],
        "words_count": len(own_words),
        "wishes": next((said for said in own_words if said.kind == "wishes"), None),
        "carried": carried,
        "sections": list(dict.fromkeys([*words, *(thing.section for thing in carried)])),
    }


def as_file(request, youth, template, context, sections, name) -> HttpResponse:
    """A PDF of this youth for this person, noted with the sections in it before it is sent.

    Raises PermissionDenied in an emergency: the file would outlive the hour.
    """
    user = request.user
    if youth.pk in opened_by(user):
        raise PermissionDenied
    if not pdf.is_possible():
        return render(request, "youths/no_pdf.html", {"youth": youth}, status=503)
    AccessEvent.record(user, [youth], sections, Channel.EXPORT, name)
    reader = getattr(user, "seen_by", user)
    acting_for = next((m.organisation.name for m in memberships(user)), "")
    around = {"youth": youth, "reader": reader, "acting_for": acting_for}
    html = render_to_string(template, context | around)
    kind = name.removesuffix("_pdf").replace("_", "-")
    filename = f"{youth.code}-{kind}-{timezone.localdate()}.pdf"
    return HttpResponse(
        pdf.make(html),
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(True, filename)},
    )
