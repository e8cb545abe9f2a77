"""A case that an administrator opens in an emergency."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partnerships.access import (
    Section,
    administers,
)
from youths.forms import EmergencyForm
from youths.models import (
    AccessEvent,
    EmergencyOpening,
    EmergencyRefused,
)

OPENINGS = 25  # on the page


@require_http_methods(["GET", "HEAD", "POST"])
def emergencies(request):
    """An administrator opens one case by its code, with a written reason; the own openings."""
    if not administers(request.user):
        raise PermissionDenied
    form, status = EmergencyForm(request.POST or None, by=request.user), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = EmergencyOpening.open(
                    by=request.user,
                    youth=form.cleaned_data["code"],
                    reason=form.cleaned_data["reason"],
                )
            except EmergencyRefused as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, _("The case is open for an hour. The team is told now."))
                return redirect("youths:emergency", made.pk)
    openings = EmergencyOpening.objects.filter(opened_by=request.user).select_related("youth")
    return render(
        request,
        "youths/emergencies.html",
        {"form": form, "openings": openings[:OPENINGS]},
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request, opening_id):
    """One opening: who, why, until when, what was read. The team sees it, the opener closes it."""
    this = get_object_or_404(
        EmergencyOpening.objects.visible_to(request.user).select_related("youth", "opened_by"),
        pk=opening_id,
    )
    opener = this.opened_by_id == request.user.pk
    notice = this.notices.filter(user=request.user, seen_at=None).first()
    if request.method == "POST":
        act = request.POST.get("act")
        if act == "close" and opener:
            this.close(by=request.user)
            messages.success(request, _("The case is closed."))
        elif act == "seen" and notice:
            notice.see()
            messages.success(request, _("Noted that you have seen it."))
        else:
            raise PermissionDenied
        return redirect("youths:emergency", this.pk)
    # Who opened it knows the code; to the team the page says whom it is about.
    named = [] if opener else [Section.IDENTITY]
    AccessEvent.record(request.user, [this.youth], [*named, Section.READS])
    reads = AccessEvent.objects.filter(emergency_id=this.pk).order_by("at", "pk")
    return render(
        request,
        "youths/emergency.html",
        {
            "opening": this,
            "opener": opener,
            "notice": notice,
            "reads": [
                {"event": event, "sections": [Section(code).label for code in event.codes]}
                for event in reads
            ],
        },
    )
