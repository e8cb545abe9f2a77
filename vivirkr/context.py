"""What every page shows around its content."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from partnerships.access import (
    PARTNERSHIP_ROLES,
    Role,
    administers,
    memberships,
    reads_along,
    relations,
)
from vivirkr.views.eyes import PARTIES
from youths.models import ReadSample


@dataclass(frozen=True)
class Entry:
    """A line of the main navigation."""

    url: str
    label: str
    current: bool
    count: int = 0  # what waits there


def screen(request):
    """The navigation by role, and for whom the person acts."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    mine = memberships(user)
    entries = list(_entries(user, {m.role for m in mine}, mine))
    # One page lies below another: the nearest is where the person is.
    above = [url for url, *_rest in entries if url != "/" and request.path.startswith(url)]
    here = request.path if request.path == "/" else max(above, key=len, default=None)
    return {
        "acting_for": mine[0].organisation.name if mine else "",
        "reads_until": mine[0].reads_until if reads_along(user) else None,
        "acts_for_several": len(relations(user)) > 1,
        "navigation": [Entry(url, label, url == here, *count) for url, label, *count in entries],
        "may_look": _others(user, {m.role for m in mine}),
    }


def _others(user, roles):
    """With whose eyes who writes in a case may look at it: pairs of key and label."""
    if getattr(user, "seen_by", None) or not roles & set(PARTNERSHIP_ROLES) or reads_along(user):
        return []
    return [(key, party.label) for key, party in PARTIES.items() if key not in roles]


def _entries(user, roles, mine):
    programmes = [m.programme_id for m in mine if m.role in (Role.LEAD, Role.EVALUATOR)]
    if roles & {Role.SCHOOL, Role.CASEWORKER}:
        yield reverse("home"), _("Waiting on me")
    elif not roles and not user.is_staff:
        yield reverse("home"), _("My page")
    for pk in programmes:
        yield reverse("evaluation:dashboard", args=[pk]), _("Overview")
        yield reverse("evaluation:criteria", args=[pk]), _("Success criteria")
        yield reverse("evaluation:workbench", args=[pk]), _("Data and reports")
    if Role.EMPLOYER in roles:
        yield reverse("youths:placements"), _("Placements")
    if roles & {Role.SCHOOL, Role.CASEWORKER}:
        yield reverse("youths:list"), _("Youths")
        yield reverse("youths:companies"), _("Companies")
    if Role.SCHOOL in roles:
        yield reverse("handover:feedback_year"), _("Feedback")
    if Role.CONTROLLER in roles:
        waiting = ReadSample.objects.visible_to(user).unfinished().count()
        yield reverse("youths:reviews"), _("Log review"), waiting
    if roles - {Role.EMPLOYER, Role.ADMIN, Role.CONTROLLER}:
        yield reverse("partnerships"), _("Partnerships")
    if roles & {Role.LEAD, Role.EVALUATOR, Role.ADMIN, Role.CONTROLLER} or user.is_superuser:
        yield reverse("partnerships:policy"), _("Who sees what")
    if administers(user):
        yield reverse("youths:emergencies"), _("Emergencies")
        yield reverse("admin:index"), _("Administration")
