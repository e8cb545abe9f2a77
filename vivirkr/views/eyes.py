"""Through their eyes: a page as somebody else in the case sees it, from the view that serves it."""

from copy import copy
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import Http404, QueryDict
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from handover.models import HandoverProfile, profile_summary
from partnerships.access import (
    NEEDS_CONSENT,
    PARTNERSHIP_ROLES,
    Condition,
    Role,
    Section,
    conditions,
    roles,
    stand_in,
)
from partnerships.models import Membership
from vivirkr.inert import inert
from youths.access import codenames_for
from youths.models import AccessEvent, Channel, Placement, Youth

# Held by the school and the municipality on their partnership, never by the young person, who
# rates and says own words too, and never taken away by an agreement.
LOOKING = "change_agreement"

YOUNG = "young"
PAGES = ("case", "handover", "placement")


@dataclass(frozen=True)
class Party:
    """Whose eyes, and how the page speaks of them; the young person by first name."""

    label: str
    seen: str
    hidden: str
    never: str
    nothing: str


PARTIES = {
    YOUNG: Party(
        "%(name)s",
        gettext_lazy("Seen with %(name)s's eyes"),
        gettext_lazy("What %(name)s does not see"),
        gettext_lazy("Is no part of %(name)s's own page."),
        gettext_lazy("%(name)s sees nothing here yet"),
    ),
    Role.SCHOOL: Party(
        gettext_lazy("School"),
        gettext_lazy("Seen with the school's eyes"),
        gettext_lazy("What the school does not see"),
        gettext_lazy("Never to a school."),
        gettext_lazy("The school sees nothing here yet"),
    ),
    Role.CASEWORKER: Party(
        gettext_lazy("Job centre"),
        gettext_lazy("Seen with the job centre's eyes"),
        gettext_lazy("What the job centre does not see"),
        gettext_lazy("Never to a job centre."),
        gettext_lazy("The job centre sees nothing here yet"),
    ),
    Role.EMPLOYER: Party(
        gettext_lazy("Company"),
        gettext_lazy("Seen with the company's eyes"),
        gettext_lazy("What the company does not see"),
        gettext_lazy("Never to a company."),
        gettext_lazy("The company sees nothing here now"),
    ),
    Role.LEAD: Party(
        gettext_lazy("Project leadership"),
        gettext_lazy("Seen with the project leadership's eyes"),
        gettext_lazy("What the project leadership does not see"),
        gettext_lazy("Never to the project leadership."),
        gettext_lazy("The project leadership sees nothing here yet"),
    ),
}
# Where a party that does not get a section gets something of it in another way.
INSTEAD = {
    (Role.EMPLOYER, Section.IDENTITY): gettext_lazy("Only the first name, and whom to call."),
    (Role.EMPLOYER, Section.JOB_PROFILE): gettext_lazy(
        "Only the words that the young person has approved for this placement."
    ),
    (Role.EMPLOYER, Section.COURSE): gettext_lazy(
        "Only this one placement: days, hours, tasks, and the goals chosen for it."
    ),
    (Role.LEAD, Section.IDENTITY): gettext_lazy("Only the code."),
    (Role.LEAD, Section.RATINGS): gettext_lazy("Only the result, and what it rests on, by code."),
}
# The code is a name for who gets no name, and one placement is the course for who gets no course.
NOT_LISTED = (Section.CODE, Section.PLACEMENT)
# No page shows the number before it is asked for, and a preview asks for nothing.
ONLY_ON_REQUEST = Section.CPR


@require_safe
def eyes(request, youth_id, whose):
    """One page through somebody's eyes, what they do not see by section, and why they see it."""
    user, page = request.user, request.GET.get("page", "case")
    youth = Youth.objects.get_for(user, youth_id, LOOKING)
    if not roles(user) & set(PARTNERSHIP_ROLES):  # an administrator, in an emergency
        raise PermissionDenied
    if whose not in PARTIES or page not in PAGES or youth.enrolled_on is None:
        raise Http404
    placements = list(
        Placement.objects.visible_to(user).filter(youth=youth).select_related("employer")
    )
    placement = _placement(placements, request.GET.get("placement"))
    membership = _membership(whose, youth, placement)
    on = [youth.partnership, *([placement] if placement else [])]
    viewer = (
        stand_in(user, youth=youth)
        if whose == YOUNG
        else stand_in(user, on, [membership] if membership else [])
    )
    # Told as the own side may know it: a caseworker learns how many parts are held back.
    summary = profile_summary(user, youth)
    hidden = _hidden_from(viewer, whose, youth, summary)
    beyond = _beyond(user, page, hidden, youth, summary)
    content, url = "", _address(whose, page, youth, placement)
    if url and not beyond:
        content = _content(request, viewer, url)
    if not content or whose == Role.LEAD:
        # The page that is shown notes who reads; without one, this one names the young person.
        AccessEvent.record(viewer, [youth], [Section.IDENTITY], Channel.PREVIEW)
    return render(
        request,
        "youths/eyes.html",
        {
            "youth": youth,
            "whose": whose,
            "party": _named(PARTIES[whose], youth),
            "switch": [(key, _named(one, youth)["label"]) for key, one in PARTIES.items()],
            "query": request.GET.urlencode(),
            "close_url": _own_page(page, youth, placement),
            "as_seen_by": _as_seen_by(whose, youth, membership),
            "content": content,
            "narrow": page == "placement" or whose == Role.EMPLOYER,
            "why_nothing": _why_nothing(whose, page, youth, placement, beyond, summary),
            "hidden": hidden,
            "because": _because(user, whose, youth, placement, hidden) if content else [],
        },
    )


def _placement(placements, wanted):
    """The placement that is asked for; else the one that runs, else the newest, else none."""
    if wanted:
        for one in placements:
            if str(one.pk) == wanted:
                return one
        raise Http404
    return next((p for p in placements if p.is_running), next(iter(placements), None))


def _membership(whose, youth, placement):
    """The oldest membership of that side, else one that nobody has; none where there is no side."""
    partnership = youth.partnership
    if whose == YOUNG or (whose == Role.EMPLOYER and placement is None):
        return None
    place = {
        Role.SCHOOL: {"partnership": partnership, "organisation": partnership.school},
        Role.CASEWORKER: {"partnership": partnership, "organisation": partnership.municipality},
        Role.EMPLOYER: {"organisation": placement and placement.employer},
        Role.LEAD: {
            "programme": partnership.programme,
            "organisation": partnership.programme.owner,
        },
    }[whose]
    rows = Membership.objects.filter(role=whose, **place).active()
    found = rows.select_related("user", "organisation").order_by("starts_on", "pk").first()
    return found or Membership(role=whose, **place)


def _address(whose, page, youth, placement):
    """The one page of somebody who has only one, else their version of the page that was left."""
    if whose == Role.LEAD:
        url = reverse("evaluation:youths", args=[youth.partnership.programme_id])
        return f"{url}?partnership={youth.partnership_id}"
    if whose == Role.EMPLOYER or page == "placement":
        return placement and reverse("placement", args=[placement.pk])
    return reverse("case" if page == "case" else "handover:received", args=[youth.pk])


def _own_page(page, youth, placement):
    """Where the preview closes to."""
    if page == "placement" and placement:
        return reverse("placement", args=[placement.pk])
    return reverse("handover:received" if page == "handover" else "case", args=[youth.pk])


def _content(request, viewer, url) -> str:
    """What stands on the page at that address, from the view that serves it, as the viewer.

    Empty where the view has nothing for them.
    """
    path, _mark, query = url.partition("?")
    match = resolve(path)
    theirs = copy(request)
    theirs.user, theirs.resolver_match = viewer, match
    theirs.path = theirs.path_info = path
    theirs.GET = QueryDict(query)
    theirs._messages = []  # those that wait are for who really looks
    try:
        response = match.func(theirs, *match.args, **match.kwargs)
    except (Http404, PermissionDenied):
        return ""
    return inert(response.content.decode()) if response.status_code == 200 else ""


# -- What is hidden, by section ----------------------------------------------------------------


def _hidden_from(viewer, whose, youth, summary) -> dict:
    """Section: why this person does not get it, from the table, its conditions and the agreement.

    Names of sections and reasons; no word of what is in them.
    """
    held, hidden = codenames_for(viewer, youth), {}
    agreed = {
        section: reason
        for role, section, reason in youth.partnership.narrowings.values_list(
            "role", "section", "reason"
        )
        if role == whose
    }
    reads_along = summary is not None or (
        HandoverProfile.objects.visible_to(viewer).filter(youth=youth).exists()
    )
    for section in Section:
        if section in NOT_LISTED:
            continue
        if f"view_{section}" in held:
            why = _not_now(viewer, section, summary, reads_along)
        elif section in agreed:
            why = _("Taken away by the agreement: %(reason)s") % {"reason": agreed[section]}
        else:
            why = INSTEAD.get((whose, section)) or PARTIES[whose].never % {"name": youth.first_name}
        if why:
            hidden[section] = why
    return hidden


def _not_now(viewer, section, summary, reads_along) -> str:
    """What the single case lacks for a section that the role gets; empty where it lacks nothing."""
    asked = conditions(viewer, section)
    if Condition.SENT in asked and summary is None:
        return _("Not until the handover is sent.")
    if Condition.SHOWN in asked and not reads_along:
        return _("Not until the draft is shown, or the handover is sent.")
    held_back = summary.held_back_in(section) if summary else None
    if Condition.DISCLOSED in asked and held_back:
        return ngettext(
            "Held back, %(number)s part: %(why)s.",
            "Held back, %(number)s parts: %(why)s.",
            held_back.number,
        ) % {"number": held_back.number, "why": held_back.reason}
    return ""


def _beyond(user, page, hidden, youth, summary) -> list[str]:
    """The sections that they see and this person does not: nobody reads more in a preview.

    A case and a handover speak of every section; a placement of the course alone.
    """
    own = _hidden_from(user, next(iter(roles(user))), youth, summary)
    on_page = {Section.COURSE} if page == "placement" else set(Section) - {ONLY_ON_REQUEST}
    return [section.label for section in own if section in on_page and section not in hidden]


# -- In words ----------------------------------------------------------------------------------


def _named(party, youth) -> dict:
    return {
        name: str(text) % {"name": youth.first_name} if "%(name)s" in str(text) else text
        for name, text in vars(party).items()
    }


def _as_seen_by(whose, youth, membership) -> str:
    if whose == YOUNG:
        if youth.account_id:
            return youth.first_name
        return _("%(name)s, who has no sign-in yet") % {"name": youth.first_name}
    if membership is None:
        return ""
    organisation = membership.organisation.name
    if membership.pk is None:
        return organisation
    return _("%(name)s at %(organisation)s") % {
        "name": membership.user.name,
        "organisation": organisation,
    }


def _why_nothing(whose, page, youth, placement, beyond, summary) -> str:
    """Why there is no page, said to the professional who looks."""
    if beyond:
        return _("It holds what you do not see yourself: %(sections)s.") % {
            "sections": ", ".join(map(str, beyond))
        }
    if whose == Role.EMPLOYER or page == "placement":
        if placement is None:
            return _("There is no placement. A company sees %(name)s only while one runs.") % {
                "name": youth.first_name
            }
        return _("The placement at %(company)s does not run today.") % {
            "company": placement.employer.name
        }
    return _("This page is not for them.")


def _because(user, whose, youth, placement, hidden) -> list[tuple]:
    """What the access rests on and when it ends: pairs of words."""
    partnership, name = youth.partnership, {"name": youth.first_name}
    if whose == YOUNG:
        return [(_("Own record"), _("It is about %(name)s.") % name)]
    if whose == Role.EMPLOYER:
        rows = [
            (_("The placement"), f"{placement.employer}, {date_format(placement.starts_on)}"),
            (_("Access ends"), _("%(day)s, with the placement") % _day(placement.ends_on)),
        ]
        organisation = placement.employer_id
    elif whose == Role.LEAD:
        return [
            (_("The programme"), partnership.programme.name),
            (_("Follows the figures"), _("By code, never by name")),
        ]
    else:
        rows = [
            (_("The agreement"), str(partnership)),
            (_("Accepted"), date_format(youth.enrolled_on)),
            (_("The agreement runs until"), date_format(partnership.ends_on)),
        ]
        organisation = partnership.municipality_id
        if whose == Role.SCHOOL:
            organisation = partnership.school_id
        else:
            rows += _consents(youth, organisation, hidden)
    reads = AccessEvent.objects.filter(
        youth_id=youth.pk, organisation_id=organisation, role=whose, channel=Channel.PAGE
    ).aggregate(number=Count("pk"), last=Max("at"))
    if "view_reads" in codenames_for(user, youth):
        times = ngettext("%(number)s time", "%(number)s times", reads["number"]) % reads
        if reads["last"]:
            times = _("%(times)s, last on %(day)s") % {"times": times, **_day(reads["last"])}
        rows.append((_("Opened by them"), times))
    return rows


def _consents(youth, organisation, hidden):
    """The yes to each section that needs one and is not hidden."""
    given = youth.consents.in_force().filter(organisation=organisation, section__in=NEEDS_CONSENT)
    for consent in given:
        if consent.section not in hidden:
            yield (
                _("Yes from %(name)s") % {"name": youth.first_name},
                f"{consent.get_section_display()}, {date_format(consent.given_at)}",
            )


def _day(on) -> dict:
    return {"day": date_format(on)}
