"""For whom a person acts who is in several teams."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partnerships.access import memberships, relations


@require_http_methods(["GET", "HEAD", "POST"])
def acting(request):
    """Choose one relation; it is remembered until another is chosen, and stands in the log."""
    mine = relations(request.user)
    if request.method == "POST":
        by_pk = {str(m.pk): m for relation in mine for m in relation}
        chosen = by_pk.get(request.POST.get("membership"))
        if chosen is None:
            raise PermissionDenied(_("You are not in this team any more."))
        request.user.act_as(chosen)
        return redirect(_on_to(request))
    now = memberships(request.user)
    choices = [
        {"first": relation[0], "all": relation, "current": relation is now} for relation in mine
    ]
    return render(request, "home/acting.html", {"choices": choices})


def _on_to(request) -> str:
    """The page that asked for the switch, else the first page."""
    wanted = request.POST.get("next", "")
    here = {request.get_host()}
    if url_has_allowed_host_and_scheme(wanted, here, require_https=request.is_secure()):
        return wanted
    return resolve_url("home")
