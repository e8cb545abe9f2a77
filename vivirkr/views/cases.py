"""The case: everything about one young person within two clicks, own words on top."""

from dateutil.relativedelta import relativedelta
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from evaluation.models import rating_summary
from handover.models import profile_summary
from partnerships.access import Section
from partnerships.models import Membership
from vivirkr.waiting import waiting_on
from youths.access import codenames_for
from youths.models import AccessEvent, OwnWords, Placement, Youth

# What of the read log's sections stands on the page.
SHOWN = (Section.IDENTITY, Section.DIRECTION, Section.COURSE, Section.RATINGS)


@require_safe
def case(request, youth_id):
    """One young person. A youth who isn't accepted yet has a referral, and no case."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id)
    held = codenames_for(user, youth)
    if youth.enrolled_on is None:
        return redirect("youths:referral", youth.referrals.holding_a_place().get().pk)
    AccessEvent.record(user, [youth], SHOWN)
    now = timezone.now()
    handover = profile_summary(user, youth)
    own_words = list(
        OwnWords.objects.visible_to(user).filter(youth=youth).select_related("taken_down_by")
    )
    return render(
        request,
        "youths/case.html",
        {
            "youth": youth,
            "own": youth.account_id == user.pk,
            "words": next((said for said in own_words if said.kind == "words"), None),
            "directions": [said for said in own_words if said.kind == "direction"][:2],
            "words_count": len(own_words),
            "bridge": _bridge(youth),
            "waiting": [
                {"row": row, "days": max((now - row.since).days, 0)}
                for row in waiting_on(user, youth, handover)
            ],
            "handover": handover,
            "ratings": rating_summary(user, youth),
            "placements": Placement.objects.visible_to(user)
            .filter(youth=youth)
            .select_related("employer", "contact"),
            "contacts": _contacts(user, youth),
            "may_give_account": "change_identity" in held and youth.account_id is None,
            "may_place": "change_course" in held,
            "may_write": "change_competences" in held,
            "may_rate": "change_ratings" in held,
        },
    )


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
