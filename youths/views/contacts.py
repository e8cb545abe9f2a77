"""Who the contact is, who it was, and who follows: asked for, met, or taken back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partnerships.access import Section
from youths.access import is_own
from youths.contact_forms import ContactForm, MeetingForm
from youths.models import (
    AccessEvent,
    ContactChange,
    ContactRefused,
    Youth,
    may_change_contact,
)


@require_http_methods(["GET", "HEAD", "POST"])
def change_contact(request, youth_id):
    """The team reads it; whoever is in the team today names the next one, who says when they met.

    What the next contact needs to know is the team's, and not for the young person's own page.
    """
    youth = Youth.objects.get_for(request.user, youth_id)
    if is_own(request.user, youth):
        raise PermissionDenied
    if youth.enrolled_on is None:
        raise Http404
    may_change = may_change_contact(request.user, youth)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    AccessEvent.record(request.user, [youth], [Section.IDENTITY])
    waits = youth.contact_changes.to_meet().select_related("to_person", "asked_by").first()
    act = request.POST.get("act", "ask") if request.method == "POST" else ""
    ask = ContactForm(request.POST if act == "ask" else None, youth=youth, waits=waits)
    meeting = MeetingForm(request.POST if act == "met" else None)
    status = 200
    if act:
        status = 422
        try:
            if said := _do(request, youth, waits, act, {"ask": ask, "met": meeting}.get(act)):
                messages.success(request, said)
                return redirect("case", youth.pk)
        except ContactRefused as refusal:
            status = 409
            if act in ("ask", "met"):
                (ask if act == "ask" else meeting).refuse(refusal)
            else:
                messages.error(request, str(refusal))
    contacts = youth.contacts.for_page()
    return render(
        request,
        "youths/contact.html",
        {
            "youth": youth,
            "contact": contacts.open().first(),
            "earlier": contacts.filter(ended_at__isnull=False),
            "waits": waits,
            "is_next": waits is not None and waits.to_person_id == request.user.pk,
            "may_withdraw": may_change and waits is not None and waits.is_open
            and waits.asked_by_id == request.user.pk,
            "ask": ask if may_change and youth.left_on is None else None,
            "meeting": meeting,
        },
        status=status,
    )  # fmt: skip


def _do(request, youth, waits, act, form) -> str:
    """Carry out what was posted, and say what was done; nothing where the form is not valid."""
    if act == "ask":
        if not form.is_valid():
            return ""
        made = ContactChange.ask(by=request.user, youth=youth, **form.typed)
        names = {"name": made.to_person.name, "youth": youth.first_name}
        return _("%(name)s is asked to meet %(youth)s and take over.") % names
    if waits is None:
        raise ContactRefused(_("Somebody else is the contact now, or it was taken back."))
    if act == "met":
        if waits.to_person_id != request.user.pk:
            raise PermissionDenied
        if not form.is_valid():
            return ""
        waits.record_meeting(by=request.user, on=form.cleaned_data["met_on"])
        return _("You are %(name)s's contact now.") % {"name": youth.first_name}
    if act != "withdraw":
        raise Http404
    if waits.asked_by_id != request.user.pk:
        raise PermissionDenied
    waits.withdraw(by=request.user)
    return _("Taken back. The contact stays as it was.")
