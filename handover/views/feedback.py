"""The receiver's feedback on an accepted handover, and the school's year of it."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from handover.access import SECTIONS
from handover.feedback_forms import FeedbackForm
from handover.models import (
    DECIDING,
    HEADINGS,
    Feedback,
    HandoverProfile,
    HandoverRefused,
    Heading,
    StaleFeedback,
    asked_about,
    asked_for,
    missing_of_year,
    open_headings,
    rounds_of,
    year_of_feedback,
    years_with_feedback,
)
from handover.views.chapters import in_order
from partnerships.access import Role, Section, roles
from youths.models import AccessEvent, Channel, Youth

PAGE_SIZE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request, youth_id):
    """One round: every part and heading on one page, and one press saves it."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, DECIDING)
    profile = get_object_or_404(HandoverProfile.objects.visible_to(user), youth=youth)
    due, posted = asked_for(profile), request.method == "POST"
    if due is None and not posted:
        return redirect(_given(youth))
    rows = Feedback.objects.newest().filter(profile=profile).select_related("given_by")
    last = rows.filter(round=due.round).first() if due else None
    read = {
        "round": due.round if due else 0,
        "number": last.number if last else 0,
        "version": profile.version,
    }
    form = FeedbackForm(
        request.POST if posted else None,
        initial=read | (FeedbackForm.initial_of(last) if last else {}),
        parts=in_order(asked_about(user, youth)),
        headings=open_headings(user, youth),
    )
    theirs, differences, status = None, [], 200
    if posted and form.is_valid() and not form.unplaced:
        try:
            Feedback.give(
                by=user,
                profile=profile,
                marks=form.marks,
                missing=form.missing,
                **{name: form.cleaned_data[name] for name in read},
            )
        except HandoverRefused as refusal:
            if isinstance(refusal, StaleFeedback):
                theirs, differences = refusal.current, form.differences(refusal.current)
            form, status = form.against(**read), 409
            if form.is_valid() and theirs is None:
                form.add_error(None, str(refusal))
        else:
            school = youth.partnership.school
            messages.success(request, _("Thank you. %(school)s reads it.") % {"school": school})
            return redirect(_given(youth))
    elif posted:
        status = 422 if form.errors else 409
    return _page(request, youth, form, status, theirs=theirs, differences=differences)


def _page(request, youth, form, status, *, theirs, **more):
    chapters = [_chapter(form, section) for section in SECTIONS]
    chapters = [chapter for chapter in chapters if chapter["groups"]]
    shown = {part.section for part in form.parts}
    shown |= {h.section for h in form.headings if form[f"words_{h}"].value()}
    shown |= {row.section for row in theirs.missing.all()} if theirs else set()
    AccessEvent.record(
        request.user, [youth], [Section.IDENTITY, *(code for code in SECTIONS if code in shown)]
    )
    context = {
        "youth": youth,
        "form": form,
        "chapters": chapters,
        "school": youth.partnership.school,
        "municipality": youth.partnership.municipality,
        "theirs": theirs,
        **more,
    }
    return render(request, "handover/feedback.html", context, status=status)


def _chapter(form, section) -> dict:
    """The fields of a section by heading, as far as the person reads it."""
    groups = [
        {
            "heading": heading,
            "parts": [form[f"part_{p.pk}"] for p in form.parts if p.heading == heading],
            "missing": form[f"missing_{heading}"],
            "words": form[f"words_{heading}"],
        }
        for heading in HEADINGS[section]
        if heading in form.headings
    ]
    return {"section": section, "title": Section(section).label, "groups": groups}


def _given(youth):
    return reverse("handover:received", args=[youth.pk]) + "#feedback"


@require_safe
def feedback_year(request):
    """What to write more of: a school year's feedback in counts, or the words under one heading."""
    user = request.user
    if Role.SCHOOL not in roles(user):
        raise PermissionDenied
    years = years_with_feedback(user)
    asked = request.GET.get("year", "")
    year = next((one for one in years if str(one) == asked), years[0])
    begins, ends = date(year, 8, 1), date(year + 1, 8, 1)
    context = {
        "year": year,
        "years": [{"year": one, "title": _title(one)} for one in years],
        "title": _title(year),
    }
    heading = request.GET.get("heading")
    if heading in Heading.values:
        return _words(request, Heading(heading), missing_of_year(user, begins, ends), context)
    rows = year_of_feedback(user, begins, ends)
    context |= {
        "rows": rows,
        "more_of": [row for row in rows if row.missing],
        "newer_of": [row for row in rows if row.outdated],
    }
    return render(request, "handover/feedback_year.html", context)


def rounds_on(youth, standing) -> dict:
    """The feedback that was given on a handover, and when it is asked for, if it is accepted."""
    rows = Feedback.objects.newest().filter(profile__youth=youth)
    given = list(rows.select_related("given_by"))
    accepted = standing.decision and standing.decision.accepts
    rounds = rounds_of(youth) if accepted else None
    return {
        "given": given,
        "rounds": rounds,
        "is_given": bool(rounds) and rounds.round in {one.round for one in given},
    }


def _title(year) -> str:
    """The school year as it is said: "2025/26"."""
    return f"{year}/{(year + 1) % 100:02}"


def _words(request, heading, rows, context):
    """What was missing under one heading, case by case."""
    of_whom = "feedback__profile__youth__partnership__municipality"
    rows = rows.filter(heading=heading).select_related(of_whom)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    youths = {row.feedback.profile.youth for row in page}
    AccessEvent.record(request.user, youths, [Section.IDENTITY, heading.section], Channel.LIST)
    context |= {"heading": heading, "page": page}
    return render(request, "handover/feedback_words.html", context)
