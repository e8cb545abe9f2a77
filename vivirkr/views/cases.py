"""The case: everything about one young person within two clicks, own words on top."""

from dateutil.relativedelta import relativedelta
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from evaluation.models import rating_summary
from handover.models import carried_things, profile_summary
from handover.views import received_page
from partnerships.access import Section, memberships
from partnerships.models import Membership
from vivirkr import pdf
from vivirkr.waiting import waiting_on
from youths.access import codenames_for, is_own, opened_by
from youths.models import AccessEvent, Channel, OwnWords, Placement, Referral, Youth

# What stands on the page, of the sections that the person may read.
SHOWN = (Section.IDENTITY, Section.WORDS, Section.COURSE, Section.RATINGS)


@require_safe
def case(request, youth_id):
    """One young person. A youth who isn't accepted yet has a referral, and no case."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id)
    if youth.enrolled_on is None:
        referrals = Referral.objects.visible_to(user).holding_a_place()
        return redirect("youths:referral", get_object_or_404(referrals, youth=youth).pk)
    held = codenames_for(user, youth)
    context = case_page(user, youth)
    AccessEvent.record(user, [youth], _shown(context, held))
    now = timezone.now()
    return render(
        request,
        "youths/case.html",
        context
        | {
            "waiting": [
                {"row": row, "days": max((now - row.since).days, 0)}
                for row in waiting_on(user, youth, context["handover"])
            ],
            "may_give_account": "change_identity" in held and youth.account_id is None,
            "may_see_cpr": "view_cpr" in held,
            "may_place": "change_course" in held,
            "may_write": "change_direction" in held,
            "may_save": youth.pk not in opened_by(user),
            "may_rate": "change_ratings" in held,
        },
    )


@require_safe
def case_pdf(request, youth_id):
    """The case as a file: what its pages show this person, and no more."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id)
    if youth.enrolled_on is None:
        raise Http404
    if youth.pk in opened_by(user):  # the file would outlive the hour
        raise PermissionDenied
    if not pdf.is_possible():
        return render(request, "youths/no_pdf.html", {"youth": youth}, status=503)
    held = codenames_for(user, youth)
    received = received_page(user, youth)
    context = case_page(user, youth)
    sections = _shown(context, held)
    sections += [section for section in received["sections"] if section not in sections]
    AccessEvent.record(user, [youth], sections, Channel.EXPORT, "case_pdf")
    html = render_to_string(
        "youths/case_pdf.html",
        {
            **context,
            "received": received,
            "sections": sections,
            "reader": getattr(user, "seen_by", user),
            "acting_for": next((m.organisation.name for m in memberships(user)), ""),
        },
    )
    name = f"{youth.code}-{timezone.localdate()}.pdf"
    return HttpResponse(
        pdf.make(html),
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


def _shown(context, held) -> list[str]:
    """The sections of which something stands on the page."""
    carried = [thing.section for thing in context["carried"]]
    return list(dict.fromkeys([*(s for s in SHOWN if f"view_{s}" in held), *carried]))


def case_page(user, youth) -> dict:
    """What this person sees of the case: on the page, and in the file that is saved of it."""
    own_words = list(
        OwnWords.objects.visible_to(user).filter(youth=youth).select_related("taken_down_by")
    )
    return {
        "youth": youth,
        "own": is_own(user, youth),
        "words": next((said for said in own_words if said.kind == "words"), None),
        "directions": [said for said in own_words if said.kind == "direction"][:2],
        "words_count": len(own_words),
        "wishes": next((said for said in own_words if said.kind == "wishes"), None),
        "carried": carried_things(user, youth),
        "bridge": _bridge(youth),
        "handover": profile_summary(user, youth),
        "ratings": rating_summary(user, youth),
        "placements": Placement.objects.visible_to(user)
        .filter(youth=youth)
        .select_related("employer", "contact"),
        "contacts": _contacts(user, youth),
    }


def _contacts(user, youth):
    """One person of each side: the reader on the own side, else who has been there longest."""
    team = Membership.objects.filter(partnership=youth.partnership_id).active()
    chosen = {}
    for member in team.select_related("user").order_by("starts_on", "pk"):
        if member.role not in chosen or member.user_id == user.pk:
            chosen[member.role] = member
    return chosen.values()


def _bridge(youth):
    """The dates of the transition, counted back from the end of STU.

    Source: the document is begun 12 months, and the conversation held 3 months, before STU ends;
    both are settings of the programme.
    """
    programme = youth.partnership.programme
    stops = [
        (programme.document_start_months, programme.handover_document),
        (programme.conversation_months, _("Conversation at the latest")),
    ]
    return [
        {
            "on": on,
            "title": _("%(months)s months before") % {"months": months},
            "text": f"{date_format(on)}. {text}",
        }
        for months, text in stops
        for on in [youth.stu_ends_on - relativedelta(months=months)]
    ] + [{"on": youth.stu_ends_on, "title": _("STU ends"), "text": date_format(youth.stu_ends_on)}]
