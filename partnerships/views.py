"""Signing the agreement, and the page that says who sees what."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from partnerships.access.policy import by_status, sections, viewers
from partnerships.models import AgreementRefused, Partnership, Status


@require_http_methods(["GET", "POST"])
def sign(request, partnership_id):
    """Confirm, then sign for one's own side."""
    partnership = get_object_or_404(
        Partnership.objects.visible_to(request.user).with_parties(), pk=partnership_id
    )
    side = partnership.side_of(request.user)
    if side is None:
        raise PermissionDenied
    if request.method == "POST":
        try:
            partnership.sign(by=request.user, side=side)
        except AgreementRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _what_now(partnership, side))
        return redirect("partnership", partnership.pk)
    return render(
        request,
        "partnerships/sign.html",
        {"partnership": partnership, "party": getattr(partnership, side)},
    )


def _what_now(partnership, side):
    """Only the municipality refers; to the school it is enough that the agreement is signed."""
    if not partnership.is_signed:
        return _("Signed. The agreement now waits for the other party.")
    if side == "municipality":
        return _("Signed. You can refer now.")
    return partnership.get_status_display()


@require_safe
def policy(request):
    """Who sees what, when: the tables that the application itself obeys. No data of anybody."""
    labels = dict(Status.choices)
    return render(
        request,
        "partnerships/policy.html",
        {
            "viewers": viewers().values(),
            "rows": sections(),
            "by_status": [(labels[status], rows) for status, rows in by_status()],
        },
    )
