"""The case: everything about one young person within two clicks, own words on top."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from evaluation.models import rating_summary
from handover.models import (
    ApprovedJobProfile,
    DocumentStep,
    deadlines,
    meeting_of,
    meetings_of,
    profile_summary,
    standing_of,
)
from handover.views import received_page
from partnerships.access import Section
from vivirkr.views.papers import as_file, what_was_said
from vivirkr.waiting import waiting_on
from youths.access import codenames_for, is_own, opened_by
from youths.models import (
    AccessEvent,
    Effort,
    Placement,
    Referral,
    Youth,
    goals_of,
    may_change_contact,
)

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
    waiting = waiting_on(user, youth, context["handover"])
    in_lines = [row.section for row in waiting if row.section]
    sections = list(dict.fromkeys([*_shown(context, held), *in_lines]))
    AccessEvent.record(user, [youth], sections)
    now = timezone.now()
    return render(
        request,
        "youths/case.html",
        context
        | {
            "waiting": [{"row": row, "days": max((now - row.since).days, 0)} for row in waiting],
            "may_give_account": "change_identity" in held and youth.account_id is None,
            "may_change_contact": may_change_contact(user, youth),
            "may_move": "change_identity" in held,
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
    held = codenames_for(user, youth)
    received = received_page(user, youth)
    context = case_page(user, youth)
    sections = _shown(context, held)
    sections += [section for section in received["sections"] if section not in sections]
    approved = ApprovedJobProfile.objects.visible_to(user).approved().filter(youth_id=youth.pk)
    employers = {one.pk: one.employer.name for one in context["placements"]}
    jobs = [(employers.get(a.placement_id, a.job), a) for a in approved if a.is_intact]
    sections += [Section.JOB_PROFILE] if jobs else []
    context |= {"received": received, "shown": sections, "jobs": jobs}
    context["meetings"] = [one for one in meetings_of(user, youth) if not one.meeting.is_first]
    context["efforts"] = Effort.objects.visible_to(user).filter(youth=youth)
    return as_file(request, youth, "youths/case_pdf.html", context, sections, "case_pdf")


def _shown(context, held) -> list[str]:
    """The sections of which something stands on the page."""
    carried = [thing.section for thing in context["carried"]]
    return list(dict.fromkeys([*(s for s in SHOWN if f"view_{s}" in held), *carried]))


def case_page(user, youth) -> dict:
    """What this person sees of the case: on the page, and in the file that is saved of it."""
    said = what_was_said(user, youth)
    del said["sections"]
    handover, agreed = profile_summary(user, youth), meeting_of(user, youth)
    held = agreed is not None and agreed.meeting.held_on is not None
    goals = goals_of(user, youth) if "view_course" in codenames_for(user, youth) else None
    return {
        "youth": youth,
        "own": is_own(user, youth),
        "bridge": _bridge(user, youth),
        "handover": handover,
        "standing": standing_of(youth, handover, planned=held),
        "agreed": agreed,
        "goals": goals,
        "goals_open": [goal for goal in goals or [] if goal.is_open],
        "goals_closed": [goal for goal in goals or [] if not goal.is_open],
        "ratings": rating_summary(user, youth),
        "placements": Placement.objects.visible_to(user)
        .filter(youth=youth)
        .select_related("employer", "contact"),
        "contact": youth.contacts.open().for_page().first(),
        **said,
    }


def _bridge(user, youth):
    """The dates of the transition, counted back from the end of STU (handover/models/documents)."""
    latest = {
        DocumentStep.Kind.STARTED: youth.partnership.programme.handover_document,
        DocumentStep.Kind.CONVERSATION: _("Conversation at the latest"),
    }
    stops = [
        {"on": youth.stu_ends_on, "title": _("STU ends"), "text": date_format(youth.stu_ends_on)}
    ]
    for one in deadlines(user, youth):
        text, shape = f"{date_format(one.due_on)}. {latest[one.kind]}", {}
        if one.done:
            done = f"{one.done.get_kind_display()} {date_format(one.done.on)}"
            text, shape = f"{text}. {done}", {"shape": "done"}
        elif one.outside_on:
            outside = _("Done outside %(day)s") % {"day": date_format(one.outside_on)}
            text, shape = f"{text}. {outside}", {"shape": "done"}
        title = _("%(months)s months before") % {"months": one.months}
        stops.append({"on": one.due_on, "title": title, "text": text, **shape})
    return sorted(stops, key=lambda stop: stop["on"])
