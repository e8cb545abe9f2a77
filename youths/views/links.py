"""A company's link to one placement: given by the team, opened and used without a sign-in."""

from allauth.core.internal import ratelimit  # the public one does not count a GET
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from partnerships.access import Section
from youths.access import is_own
from youths.models import (
    HELD,
    AccessEvent,
    AgreementReplaced,
    Placement,
    PlacementAgreement,
    PlacementFeedback,
    PlacementLink,
    PlacementRefused,
    Youth,
    link_address,
)
from youths.placement_forms import GiveLinkForm, OpenLinkForm, PlacementFeedbackForm, YesForm

AT_MOST = {HELD: "30/m/ip"}  # tries
SHOWN = [Section.IDENTITY, Section.COURSE]


@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def placement_link(request, placement_id, purpose):
    """The team makes a link for the company, to hand over or to be mailed, or ends it."""
    user = request.user
    this = get_object_or_404(
        Placement.objects.select_related("employer").prefetch_related("employer__contacts"),
        pk=placement_id,
    )
    this.youth = youth = Youth.objects.get_for(user, this.youth_id, "step_course")
    if is_own(user, youth):
        raise PermissionDenied
    AccessEvent.record(user, [youth], SHOWN)
    act, status, address = request.POST.get("act"), 200, ""
    form = GiveLinkForm(request.POST if act == "mail" else None, company=this.employer)
    if request.method == "POST":
        if act not in ("show", "mail", "end"):
            raise Http404
        if act == "end":
            PlacementLink.take_back(this, purpose)
            messages.success(request, _("The link can be used no more."))
            return redirect(request.path)
        status = 422
        if act == "show" or form.is_valid():
            try:
                mail_to = form.cleaned_data["mail_to"] if act == "mail" else ""
                _made, token = PlacementLink.give(
                    by=user, placement=this, purpose=purpose, mail_to=mail_to
                )
            except PlacementRefused as refusal:
                status = 409
                messages.error(request, str(refusal))
            else:
                if act == "mail":
                    messages.success(
                        request, _("The link is sent to %(email)s.") % {"email": mail_to}
                    )
                    return redirect(request.path)
                status, address = 200, link_address(token)
    return render(
        request,
        "youths/placement_link.html",
        {
            "placement": this,
            "youth": youth,
            "form": form,
            "address": address,
            "confirms": purpose == PlacementLink.Purpose.CONFIRM,
            "standing": PlacementLink.objects.usable()
            .filter(placement=this, purpose=purpose)
            .select_related("made_by")
            .first(),
        },
        status=status,
    )


@login_not_required
@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def link(request):
    """What a link opens: the company's name, and a button. Reading it changes nothing.

    The token stands in the query, which is in no log.
    """
    if request.user.is_authenticated:
        return render(request, "youths/link.html", {"signed_in": True}, status=409)
    if not _has_tries_left(request):
        return render(request, "429.html", status=429)
    token = request.POST.get("link", "") or request.GET.get("link", "")
    found = PlacementLink.objects.named(token)
    if found is None:
        return link_is_over(request)
    held = PlacementLink.objects.held_in(request.session, found.purpose)
    if held.filter(pk=found.pk).exists():
        return redirect(_page_of(found), found.pk)
    if found.begun_at:
        return _elsewhere(request)
    form = OpenLinkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if not found.begin():
            return _elsewhere(request)
        _keep(request.session, found, form.cleaned_data["device"] == OpenLinkForm.MINE)
        return redirect(_page_of(found), found.pk)
    context = {
        "company": found.placement.employer,
        "form": form,
        "token": token,
        "confirms": found.purpose == PlacementLink.Purpose.CONFIRM,
    }
    return render(request, "youths/link.html", context, status=422 if form.errors else 200)


def _page_of(link) -> str:
    confirms = link.purpose == PlacementLink.Purpose.CONFIRM
    return "youths:link_agreement" if confirms else "by_link"


def _has_tries_left(request) -> bool:
    return ratelimit.consume(request, app=HELD, action=HELD, config=AT_MOST, limit_get=True)


def _keep(session, link, long) -> None:
    """Bind a link to a browser, beside those to other placements that were opened in it."""
    held = session.get(HELD, [])
    until = session.get_expiry_date() if held else link.expires_at
    short = bool(held) and session.get_expire_at_browser_close()
    session.cycle_key()
    session[HELD] = [*held, str(link.pk)]
    # On a device that others use, too, everything is forgotten together.
    session.set_expiry(max(link.expires_at, until) if long and not short else 0)


@login_not_required
@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def link_feedback(request, link_id):
    """Feedback by who holds a link, in the browser in which it was opened."""
    if request.method == "POST" and not _has_tries_left(request):
        return render(request, "429.html", status=429)
    held = PlacementLink.objects.held_in(request.session).filter(pk=link_id).first()
    if held is None or request.user.is_authenticated:
        return link_is_over(request)
    AccessEvent.record_link(held, [Section.PLACEMENT])
    form, status = PlacementFeedbackForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                PlacementFeedback.give(link=held, placement=held.placement, **form.said)
            except PlacementRefused:
                return link_is_over(request)
            messages.success(request, _("Thank you. Your feedback is sent."))
            return redirect("by_link", held.pk)
    return render(
        request,
        "youths/placement_feedback.html",
        {"placement": held.placement, "form": form, "link": held},
        status=status,
    )


@login_not_required
@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def link_agreement(request, link_id):
    """The company's yes to exactly the text that it has read, by a link that is used up by it."""
    if request.method == "POST" and not _has_tries_left(request):
        return render(request, "429.html", status=429)
    holds = PlacementLink.objects.held_in(request.session, PlacementLink.Purpose.CONFIRM)
    held = holds.filter(pk=link_id).first()
    if held is None or request.user.is_authenticated:
        return link_is_over(request)
    AccessEvent.record_link(held, [Section.PLACEMENT])
    form, status, refused = YesForm(request.POST if request.method == "POST" else None), 200, False
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                held.confirm(**form.cleaned_data)
            except AgreementReplaced:
                status, refused = 409, True
            except PlacementRefused:
                return link_is_over(request)
            else:
                status = 200
    standing = held.placement.agreement
    waits = PlacementAgreement.Side.COMPANY in standing.waits_for
    return render(
        request,
        "youths/link_agreement.html",
        {
            "placement": held.placement,
            "agreement": standing,
            "form": form if waits else None,
            "refused": refused,
            "link": held,
        },
        status=status,
    )


def link_is_over(request):
    """A link that opens nothing, whatever the reason; what was typed is shown once more."""
    texts = [text for name in ("well", "practise") if (text := request.POST.get(name, ""))]
    return render(request, "youths/link_over.html", {"texts": texts}, status=404)


def _elsewhere(request):
    return render(request, "youths/link_over.html", {"elsewhere": True}, status=409)
