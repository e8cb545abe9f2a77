"""What a company reads of a young person: the placement, with the words that are approved."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from handover.models import ApprovedJobProfile
from partnerships.access import Role, Section, memberships, roles
from vivirkr import pdf
from youths.access import codenames_for, opened_by
from youths.models import (
    AccessEvent,
    Channel,
    Placement,
    PlacementAgreement,
    PlacementFeedback,
    PlacementLink,
    Youth,
    feedback_due,
    hours_of,
    saying_if_asked,
)
from youths.views import link_is_over

log = logging.getLogger(__name__)


@require_safe
def placement(request, placement_id):
    """One placement: first name, tasks, hours, whom to call, and the approved job profile.

    To the team and the young person also what became of it, and why it ended.
    """
    user = request.user
    this = saying_if_asked(Placement.objects).get_for(user, placement_id)
    approved = _intact(ApprovedJobProfile.objects.visible_to(user).approved(), placement_id=this.pk)
    sections = [Section.PLACEMENT, *([Section.JOB_PROFILE] if approved else [])]
    AccessEvent.record(user, [this.youth], sections)
    is_company, side = Role.EMPLOYER in roles(user), this.side_of(user)
    own, held = side == PlacementAgreement.Side.YOUTH, codenames_for(user, this.youth)
    return render(
        request,
        "youths/placement.html",
        {
            **_read_by_a_company(this, approved),
            "is_company": is_company,
            "side": side,
            "own": own,
            "may_change": side == PlacementAgreement.Side.CASEWORKER,
            "may_record": is_company or "step_course" in held,
            "may_arrange": not own and this.is_running and "step_course" in held,
            "agreement": this.agreement,
            "hours": hours_of(this),
            "goals": this.shown_goals,
            "endings": () if is_company else this.endings.select_related("by"),
            "feedback": PlacementFeedback.objects.visible_to(user).filter(placement=this),
            "is_asked": is_company and this.is_asked,
        },
    )


@login_not_required
@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def placement_by_link(request, link_id):
    """The same for who holds a company's link, in the browser in which it was opened."""
    held = PlacementLink.objects.held_in(request.session).filter(pk=link_id).first()
    if held is None or request.user.is_authenticated:
        return link_is_over(request)
    if request.POST.get("act") == "forget":
        request.session.flush()
        return render(request, "youths/link_over.html", {"forgotten": True})
    this = held.placement
    approved = _intact(ApprovedJobProfile.objects.approved(), placement_id=this.pk)
    sections = [Section.PLACEMENT, *([Section.JOB_PROFILE] if approved else [])]
    if request.method == "POST":  # the browser says that the page goes to the printer
        AccessEvent.record_link(held, sections, Channel.PRINT)
        return HttpResponse(status=204)
    AccessEvent.record_link(held, sections)
    return render(
        request,
        "youths/placement_by_link.html",
        {
            **_read_by_a_company(this, approved),
            "link": held,
            "feedback": this.feedback.all(),
            "is_asked": feedback_due(Placement.objects.filter(pk=this.pk)).exists(),
        },
    )


def _read_by_a_company(this, approved) -> dict:
    """What a company reads of a placement, on a sign-in or by a link, and nothing more."""
    contact_for = memberships(this.contact)
    return {
        "placement": this,
        "approved": approved,
        "contact_for": contact_for[0].organisation if contact_for else None,
        "own": False,
        "may_arrange": False,
    }


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
