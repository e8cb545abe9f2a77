"""From support need to accommodation: the need beside the neutral sentence it becomes."""

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from handover.access import SECTIONS, sections_for
from handover.job_forms import AccommodationForm
from handover.models import (
    Accommodation,
    AccommodationRefused,
    HandoverRefused,
    Part,
    PartUse,
    SentPart,
)
from handover.views.built import may_link
from partnerships.access import Section, Verb
from youths.access import codenames_for, is_own
from youths.models import AccessEvent, Youth

WITHOUT_A_NEED = "none"  # in place of a part's id: what works, whatever the need


@require_http_methods(["GET", "HEAD", "POST"])
def accommodations(request, youth_id):
    """Each support need that the person may read, and what a workplace does about it."""
    youth = Youth.objects.get_for(request.user, youth_id, "view_job_profile")
    may_write = "change_job_profile" in codenames_for(request.user, youth)
    needs = _needs(request.user, youth)
    rows = Accommodation.objects.visible_to(request.user).filter(youth=youth)
    opened, form, status = request.GET.get("part"), None, 200
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied
        if request.POST.get("act") == "remove":
            return _removed(request, youth, rows)
        opened, form, status = request.POST.get("part"), AccommodationForm(request.POST), 422
        if opened != WITHOUT_A_NEED and opened not in needs:
            opened = WITHOUT_A_NEED
        if form.is_valid() and not form.to_weigh:
            try:
                return _added(request, youth, form, needs.get(opened))
            except AccommodationRefused as refusal:
                form.add_error(None, str(refusal))
    rows = _with_uses(request.user, youth, rows, needs)
    places = _places(needs, rows, may_write)
    for place in places if may_write else ():
        place["form"] = (form or AccommodationForm()) if place["key"] == opened else None
    rests_on = {use.sent_part.section for row in rows for use in row.uses}
    shown = rests_on | ({Section.SUPPORT} if needs else set())
    sections = [Section.IDENTITY, Section.JOB_PROFILE, *(s for s in SECTIONS if s in shown)]
    AccessEvent.record(request.user, [youth], sections)
    return render(
        request,
        "handover/accommodations.html",
        {
            "youth": youth,
            "own": is_own(request.user, youth),
            "may_write": may_write,
            "places": places,
            "school": youth.partnership.school,
            "municipality": youth.partnership.municipality,
        },
        status=status,
    )


def _needs(user, youth) -> dict:
    """The support needs that this person reads, by the id of the working part.

    The school reads what it writes, everybody else what was sent.
    """
    if Section.SUPPORT in sections_for(user, youth, Verb.CHANGE):
        rows = Part.objects.visible_to(user, youth).filter(section=Section.SUPPORT)
        return {str(one.pk): one for one in rows}
    rows = SentPart.objects.visible_to(user, youth).current().filter(section=Section.SUPPORT)
    return {str(one.part_id): one for one in rows}


def _places(needs, rows, may_write) -> list[dict]:
    """A place for each need with what it became; last, what stems from none that is read here."""
    found = [{"key": key, "need": need, "rows": []} for key, need in needs.items()]
    last = {"key": WITHOUT_A_NEED, "need": None, "rows": []}
    by_key = {place["key"]: place for place in found}
    for row in rows:
        by_key.get(str(row.part_id), last)["rows"].append(row)
    if not may_write:
        found = [place for place in found if place["rows"]]
    return [*found, last] if may_write or last["rows"] else found


def _with_uses(user, youth, rows, needs) -> list:
    """Each with the parts that it rests on, and with the need it could rest on by one press."""
    rows, linking, by_row = list(rows), may_link(user, youth, "accommodation"), {}
    uses = PartUse.objects.filter(
        accommodation__in=rows, sent_part__in=SentPart.objects.visible_to(user, youth)
    )
    for use in uses.with_flag().select_related("sent_part__entry"):
        use.may_undo = use.sent_part.section in linking
        by_row.setdefault(use.accommodation_id, []).append(use)
    for row in rows:
        row.uses, row.offer = by_row.get(row.pk, []), None
        rests = {use.sent_part.part_id for use in row.uses}
        if Section.SUPPORT in linking and row.part_id not in rests:
            row.offer = needs.get(str(row.part_id))
    return rows


def _added(request, youth, form, need):
    """Written beside a need that was sent, it rests on that part from the beginning."""
    part = need if isinstance(need, Part) or need is None else need.part
    made = Accommodation.add(by=request.user, youth=youth, text=form.words, part=part)
    if need and Section.SUPPORT in may_link(request.user, youth, "accommodation"):
        # Sent anew or held back in this moment: the sentence stands, and is linked by a press.
        with suppress(HandoverRefused):
            PartUse.make(by=request.user, sent_part=need, accommodation=made)
    messages.success(request, _("Saved. A company reads it only in a job profile."))
    return redirect(f"{_url(youth)}#need-{part.pk if part else WITHOUT_A_NEED}")


def _removed(request, youth, rows):
    row = get_object_or_404(rows, pk=_uuid(request.POST.get("accommodation")))
    row.remove(by=request.user)
    messages.success(request, _("Removed."))
    return redirect(_url(youth))


def _url(youth):
    return reverse("handover:accommodations", args=[youth.pk])


def _uuid(text):
    """An id as it was sent; Http404 for what is none."""
    try:
        return UUID(text)
    except (TypeError, ValueError):
        raise Http404 from None
