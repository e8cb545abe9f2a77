"""What a company reads of a young person: the placement, with the words that are approved."""

import logging

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from handover.models import ApprovedJobProfile
from partnerships.access import Role, Section, memberships, roles
from vivirkr import pdf
from youths.access import codenames_for, opened_by
from youths.models import (
    AccessEvent,
    Channel,
    Placement,
    PlacementAgreement,
    Youth,
    hours_of,
)

log = logging.getLogger(__name__)


@require_safe
def placement(request, placement_id):
    """One placement: first name, tasks, hours, whom to call, and the approved job profile.

    To the team and the young person also what became of it, and why it ended.
    """
    user = request.user
    this = Placement.objects.get_for(user, placement_id)
    approved = _intact(ApprovedJobProfile.objects.visible_to(user).approved(), placement_id=this.pk)
    sections = [Section.PLACEMENT, *([Section.JOB_PROFILE] if approved else [])]
    AccessEvent.record(user, [this.youth], sections)
    contact_for = memberships(this.contact)
    is_company, side = Role.EMPLOYER in roles(user), this.side_of(user)
    return render(
        request,
        "youths/placement.html",
        {
            "placement": this,
            "approved": approved,
            "contact_for": contact_for[0].organisation if contact_for else None,
            "is_company": is_company,
            "side": side,
            "own": side == PlacementAgreement.Side.YOUTH,
            "may_change": side == PlacementAgreement.Side.CASEWORKER,
            "may_record": is_company or "step_course" in codenames_for(user, this.youth),
            "agreement": this.agreement,
            "hours": hours_of(this),
            "goals": this.shown_goals,
            "endings": () if is_company else this.endings.select_related("by"),
        },
    )


@require_safe
def job_pdf(request, job_profile_id):
    """The approved job profile as a file: for the company the same as on its page."""
    user = request.user
    approved = _intact(
        ApprovedJobProfile.objects.visible_to(user).approved(), job_profile_id=job_profile_id
    )
    if approved is None:
        raise Http404
    youth = Youth.objects.get(pk=approved.youth_id)
    if youth.pk in opened_by(user):  # the file would outlive the hour
        raise PermissionDenied
    if not pdf.is_possible():
        return render(request, "youths/no_pdf.html", {"youth": youth}, status=503)
    this = Placement.objects.filter(pk=approved.placement_id)
    this = this.select_related("employer", "contact").first()
    sections = [Section.JOB_PROFILE, Section.PLACEMENT if this else Section.IDENTITY]
    AccessEvent.record(user, [youth], sections, Channel.EXPORT, "job_pdf")
    html = render_to_string(
        "handover/job_pdf.html",
        {
            "name": youth.first_name,
            "approved": approved,
            "placement": this,
            "reader": getattr(user, "seen_by", user),
            "acting_for": next((m.organisation.name for m in memberships(user)), ""),
        },
    )
    # No code in it, which a company is not told.
    name = f"{slugify(_('Job profile'))}-{timezone.localdate()}.pdf"
    return HttpResponse(
        pdf.make(html),
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


def _intact(rows, **which):
    """The text, unless it is no longer the one that was approved; then it is nobody's to read."""
    found = rows.filter(**which).first()
    if found and not found.is_intact:
        log.error("The approved job profile %s differs from what was approved.", found.pk)
        return None
    return found
