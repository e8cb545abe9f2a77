"""What every page shows around its content."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from partnerships.access import Role, memberships


@dataclass(frozen=True)
class Entry:
    """A line of the main navigation."""

    url: str
    label: str
    current: bool


def screen(request):
    """The navigation by role, and for whom the person acts."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    mine = memberships(user)
    return {
        "acting_for": mine[0].organisation.name if mine else "",
        "navigation": [
            Entry(url, label, request.path == url or (url != "/" and request.path.startswith(url)))
            for url, label in _entries(user, {m.role for m in mine}, mine)
        ],
    }


def _entries(user, roles, mine):
    programmes = [m.programme_id for m in mine if m.role in (Role.LEAD, Role.EVALUATOR)]
    if roles & {Role.SCHOOL, Role.CASEWORKER}:
        yield reverse("home"), _("Waiting on me")
    elif not roles and not user.is_staff:
        yield reverse("home"), _("My page")
    for pk in programmes:
        yield reverse("evaluation:dashboard", args=[pk]), _("Overview")
    if Role.EMPLOYER in roles:
        yield reverse("youths:placements"), _("Placements")
    if roles & {Role.SCHOOL, Role.CASEWORKER}:
        yield reverse("youths:list"), _("Youths")
    if roles - {Role.EMPLOYER, Role.ADMIN}:
        yield reverse("partnerships"), _("Partnerships")
    if user.is_staff:
        yield reverse("admin:index"), _("Administration")
