"""The read log: who has read about a young person, what was printed, and the sample review."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partnerships.access import Role, Section, roles
from partnerships.models import Membership, Organisation, User
from youths.access import is_own
from youths.forms import JudgementForm, ReadFilter
from youths.models import (
    AccessEvent,
    Channel,
    EmergencyOpening,
    Placement,
    ReadSample,
    ReviewRefused,
    Youth,
    section_names,
)

LINES = 50  # on a page
# Why somebody could read, said to the young person.
WHY = {
    Role.SCHOOL: gettext_lazy("Because they work with you at your school"),
    Role.CASEWORKER: gettext_lazy("Because they work with your course in the municipality"),
    Role.EMPLOYER: gettext_lazy("Because you are or were in a placement there"),
    Role.EVALUATOR: gettext_lazy("Because they evaluate the programme; they do not see your name"),
}
# What was saved, or asked for and refused, by how its route's name begins; else it is the case.
PAGES = {
    "evaluation:cut_file": gettext_lazy("Figures for the evaluation, without your name"),
    "evaluation:quotes": gettext_lazy("Words that may be quoted, without your name"),
    "evaluation:": Section.RATINGS.label,
    "handover:placement": Section.PLACEMENT.label,
    "handover:accommodations": Section.JOB_PROFILE.label,
    "handover:": gettext_lazy("Handover"),
    "legal_basis": Section.SHARING.label,
    "withdraw": Section.SHARING.label,
    "placement": Section.PLACEMENT.label,
    "youths:account": Section.IDENTITY.label,
    "youths:add_goal": Section.COURSE.label,
    "youths:answer_feedback": Section.COURSE.label,
    "youths:add_placement": Section.COURSE.label,
    "youths:change_goal": Section.COURSE.label,
    "youths:close_goal": Section.COURSE.label,
    "youths:cpr": Section.CPR.label,
    "youths:emergency": Section.READS.label,
    "youths:goal": Section.COURSE.label,
    "youths:list": gettext_lazy("Youths"),
    "youths:next_meeting": Section.PLACEMENT.label,
    "youths:placement_": Section.PLACEMENT.label,
    "youths:readers": Section.READS.label,
    "youths:record_consent": Section.SHARING.label,
    "youths:referral": Section.REFERRAL.label,
    "youths:sharing": Section.SHARING.label,
    "youths:step": Section.COURSE.label,
    "youths:wishes": Section.WORDS.label,
    "youths:words": Section.WORDS.label,
}


@dataclass
class Line:
    """A reading in words."""

    at: datetime
    who: str
    title: str
    organisation: str
    channel: str
    how: str
    sections: list
    emergency: str = ""  # the reason, where a case was opened in an emergency
    why: str = ""
    times: int = 1
    page: str = ""  # that was saved, or asked for and refused


def _lines(rows) -> list[Line]:
    """Lines of the log in words, in four queries at most, however many there are.

    `rows` are dicts with the fields of AccessEvent.
    """
    people = User.objects.select_related("youth").in_bulk({row["user_id"] for row in rows} - {None})
    organisations = Organisation.objects.in_bulk({row["organisation_id"] for row in rows} - {None})
    reasons = dict(
        EmergencyOpening.objects.filter(
            pk__in={row["emergency_id"] for row in rows} - {None}
        ).values_list("pk", "reason")
    )
    titles = {}
    for one in Membership.objects.filter(user__in=people).order_by("starts_on", "pk"):
        titles[one.user_id, one.organisation_id, one.role] = one.title or one.get_role_display()
    found = []
    for row in rows:
        person = people.get(row["user_id"])
        organisation = organisations.get(row["organisation_id"])
        role = Role(row["role"]) if row["role"] else None
        title = titles.get((row["user_id"], row["organisation_id"], row["role"]))
        emergency = reasons.get(row["emergency_id"], "")
        found.append(
            Line(
                at=row["at"],
                who=_named(person) if row["user_id"] else _("Whoever holds the company's link"),
                title=title or (role.label if role else ""),
                organisation=organisation.name if organisation else "",
                channel=row["channel"],
                how=Channel(row["channel"]).label,
                sections=section_names(row["sections"]),
                emergency=emergency,
                why="" if emergency or row["channel"] == Channel.REFUSED else WHY.get(role, ""),
                times=row.get("times", 1),
                page=_page(row["channel"], row.get("detail", "")),
            )
        )
    return found


def _page(channel, route) -> str:
    if channel not in (Channel.EXPORT, Channel.REFUSED) or not route:  # a folded line has none
        return ""
    return str(
        next((said for name, said in PAGES.items() if route.startswith(name)), _("The case"))
    )


def _named(person) -> str:
    """Who it was; another young person, who was refused, is not named to anybody."""
    if person is None:
        return _("Somebody who is no longer here")
    return _("A young person") if hasattr(person, "youth") else person.name


@require_safe
def readers(request, youth_id):
    """Who has read: to the young person in plain words by day, to who works with them a table."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, "view_reads")
    AccessEvent.record(user, [youth], [Section.IDENTITY, Section.READS])
    about = AccessEvent.objects.about(youth)
    if is_own(user, youth):
        page = Paginator(about.folded(), LINES).get_page(request.GET.get("page"))
        days = groupby(_lines(list(page)), lambda line: timezone.localdate(line.at))
        context = {"youth": youth, "page": page, "days": [_day(*pair) for pair in days]}
        return render(request, "youths/readers_own.html", context)
    found = ReadFilter(request.GET, about.order_by("-at", "-pk"), request=request)
    page = Paginator(found.qs, LINES).get_page(request.GET.get("page"))
    lines = _lines([vars(event) for event in page])
    context = {"youth": youth, "filter": found, "page": page, "lines": lines}
    return render(request, "youths/readers.html", context)


def _day(day, lines):
    """One day: who opened something, and apart from it who saw no more than the name in a list."""
    lines = list(lines)
    return {
        "day": day,
        "lines": [line for line in lines if line.channel != Channel.LIST],
        "lists": [line for line in lines if line.channel == Channel.LIST],
    }


@require_POST
def printed(request, youth_id):
    """The browser says that a page of this youth goes to the printer: noted as last read."""
    user = request.user
    if Role.EMPLOYER in roles(user):
        visible = Youth.objects.filter(placements__in=Placement.objects.visible_to(user)).distinct()
    else:
        visible = Youth.objects.visible_to(user)
    youth = get_object_or_404(visible, pk=youth_id)
    pages = AccessEvent.objects.about(youth).filter(
        user_id=user.pk, channel__in=(Channel.PAGE, Channel.PREVIEW)
    )
    sections = pages.order_by("-at", "-pk").values_list("sections", flat=True).first() or ""
    AccessEvent.record(user, [youth], sections.split(","), Channel.PRINT)
    return HttpResponse(status=204)


@require_safe
def reviews(request):
    """The samples of the organisation for which the person is data controller, month by month."""
    if Role.CONTROLLER not in roles(request.user):
        raise PermissionDenied
    samples = ReadSample.objects.visible_to(request.user).with_progress()
    return render(request, "youths/reviews.html", {"samples": samples})


@require_http_methods(["GET", "HEAD", "POST"])
def review(request, sample_id):
    """One sample: each read by code and without case content, judged one by one."""
    sample = get_object_or_404(
        ReadSample.objects.visible_to(request.user).with_progress().select_related("organisation"),
        pk=sample_id,
    )
    reads = list(sample.reads.select_related("judged_by"))
    status, bound = 200, None
    if request.method == "POST":
        chosen = next((r for r in reads if str(r.pk) == request.POST.get("read")), None)
        if chosen is None:
            raise Http404
        form, status, bound = _form(chosen, request.POST), 422, chosen
        if form.is_valid():
            try:
                chosen.judge(by=request.user, **form.cleaned_data)
            except ReviewRefused as refusal:
                form.add_error(None, str(refusal))
                status = 409
                chosen.refresh_from_db()
            else:
                messages.success(request, _("Your judgement is kept."))
                return redirect(_next_to_judge(sample, reads))
    facts = [{**vars(read), "organisation_id": sample.organisation_id} for read in reads]
    rows = [
        {
            "read": read,
            "line": line,
            "form": form if read is bound else None if read.judged_at else _form(read),
        }
        for read, line in zip(reads, _lines(facts), strict=True)
    ]
    return render(request, "youths/review.html", {"sample": sample, "rows": rows}, status=status)


def _form(read, data=None):
    return JudgementForm(data, auto_id=f"id_{read.pk}_%s")


def _next_to_judge(sample, reads):
    waiting = next((read for read in reads if read.judged_at is None), None)
    url = reverse("youths:review", args=[sample.pk])
    return f"{url}#read-{waiting.pk}" if waiting else url
