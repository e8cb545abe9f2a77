"""Putting the parts of a handover in order, and bringing back what an earlier version said."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from handover.access import WRITING, sections_for
from handover.models import HandoverProfile, HandoverRefused, Heading, Part, SentPart
from handover.views.writing import part_to_write
from partnerships.access import Section, Verb
from youths.models import AccessEvent, Youth


@require_POST
def move(request, part_id):
    """One place up or down; the button that was pressed has the focus on the page that follows."""
    youth, part = part_to_write(request, part_id)
    way = request.POST.get("way")
    if way not in ("up", "down"):
        raise Http404
    try:
        part.move(by=request.user, up=way == "up")
    except HandoverRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("handover:write", youth.pk)
    asked = urlencode({"section": part.section, "moved": part.pk})
    return redirect(f"{reverse('handover:write', args=[youth.pk])}?{asked}#{way}-{part.pk}")


@require_safe
def earlier(request, youth_id):
    """What earlier versions said and the working text says no more, to be copied into a draft."""
    youth = Youth.objects.get_for(request.user, youth_id, WRITING)
    sections = sections_for(request.user, youth, Verb.CHANGE)
    current = list(Part.objects.visible_to(request.user, youth))
    profile = HandoverProfile.objects.filter(youth=youth).first()
    found = [
        sent
        for sent in _replaced(youth, sections)
        if not any(sent.part_id == p.pk and not sent.differs_from(p) for p in current)
    ]
    found.sort(key=lambda sent: (Heading.values.index(sent.heading), -sent.last_version))
    shown = dict.fromkeys(sent.section for sent in found)
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, *shown])
    standing = {part.pk for part in current}
    for sent in found:
        sent.was_taken_away = sent.part_id not in standing
    context = {"youth": youth, "parts": found, "profile": profile}
    return render(request, "handover/earlier.html", context)


@require_POST
def copy(request, sent_part_id):
    """A draft that says what an earlier version said; it is sent with the next version."""
    youth_id = get_object_or_404(
        SentPart.objects.values_list("profile__youth_id", flat=True), pk=sent_part_id
    )
    youth = Youth.objects.get_for(request.user, youth_id, WRITING)
    sections = sections_for(request.user, youth, Verb.CHANGE)
    rows = SentPart.objects.filter(profile__youth=youth, section__in=sections)
    sent = get_object_or_404(rows.select_related("profile"), pk=sent_part_id)
    try:
        part = sent.profile.copy_part(by=request.user, sent=sent)
    except HandoverRefused as refusal:
        messages.info(request, str(refusal))
        return redirect("handover:earlier", youth.pk)
    messages.success(request, _("Copied. Change what is different by now."))
    return redirect("handover:part", part.pk)


def _replaced(youth, sections):
    """Copies that stand no more, of the sections that the person writes."""
    rows = SentPart.objects.filter(profile__youth=youth, section__in=sections)
    return rows.exclude(last_version=None).select_related("entry__subtheme", "written_by")
