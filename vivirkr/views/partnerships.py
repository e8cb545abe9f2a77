"""The partnership: two parties, places, agreement, team."""

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from evaluation.masking import few
from handover.models import NEVER_OPENED_AFTER, PartnershipKnowledge
from partnerships import spreadsheets
from partnerships.access import Section, codenames_on
from partnerships.forms import PartnershipFilter
from partnerships.models import Membership, Partnership
from youths.models import AccessEvent, Channel, Referral, feedback_completion

PAGE_SIZE = 25


def _with_places(rows):
    """Places taken (accepted) and reserved (open referrals) beside each partnership."""
    return rows.with_parties().annotate(
        taken=Count("referrals", filter=Q(referrals__status=Referral.Status.ACCEPTED)),
        reserved=Count(
            "referrals",
            filter=Q(referrals__status__in=(Referral.Status.PROPOSED, Referral.Status.RETURNED)),
        ),
    )


@require_safe
def partnerships(request):
    """The partnerships that the person works in, leads or evaluates: search, pages."""
    found = PartnershipFilter(request.GET, Partnership.objects.visible_to(request.user))
    rows = _with_places(found.qs).order_by("school__name", "municipality__name", "pk")
    paginator = Paginator(rows, PAGE_SIZE)
    paginator.count = found.qs.count()  # without the places: nothing has to be joined for it
    kind = spreadsheets.wanted(request)
    too_many = kind and paginator.count > spreadsheets.MOST_ROWS
    if kind and not too_many:
        return spreadsheets.response(kind, _("Partnerships"), _as_values(rows))
    return render(
        request,
        "partnerships/list.html",
        {"filter": found, "page": paginator.get_page(request.GET.get("page"))},
        status=422 if too_many else 200,
    )


def _as_values(rows):
    """The list's columns for a file."""
    yield [
        _("School"), _("Municipality"), _("Places filled"), _("Places"), _("Agreement"),
        _("First day"), _("Last day"),
    ]  # fmt: skip
    for row in rows:
        yield [
            row.school.name, row.municipality.name, row.taken, row.places,
            row.get_status_display(), row.starts_on, row.ends_on,
        ]  # fmt: skip


@require_safe
def partnership(request, partnership_id):
    """One partnership."""
    this = get_object_or_404(
        _with_places(Partnership.objects.visible_to(request.user)), pk=partnership_id
    )
    held = codenames_on(request.user, this.pk)
    side = this.side_of(request.user)
    referrals = (
        Referral.objects.visible_to(request.user)
        .filter(partnership=this)
        .open()
        .select_related("youth")
    )
    shown = [row.youth for row in referrals]
    AccessEvent.record(request.user, shown, [Section.IDENTITY, Section.REFERRAL], Channel.LIST)
    now = timezone.now()
    return render(
        request,
        "partnerships/partnership.html",
        {
            "partnership": this,
            "free": max(this.places - this.taken - this.reserved, 0),
            "seats": ["seat"] * this.taken + ["seat-free"] * max(this.places - this.taken, 0),
            "referrals": [
                {"row": row, "days": (now - (row.decided_at or row.proposed_at)).days}
                for row in referrals
            ],
            "sees_referrals": "view_referral" in held,
            "sees_progress": this.is_signed and {"view_counts", "view_ratings"} <= held,
            "sees_definition": this.status in ("signed", "ended"),
            "may_refer": this.is_signed and "change_referral" in held,
            "may_sign": side is not None
            and this.status == "negotiating"
            and getattr(this, f"{side}_signed_at") is None,
            "headings": [
                (this._meta.get_field(name).verbose_name, getattr(this, name))
                for name in Partnership.HEADINGS
            ],
            "narrowings": this.narrowings.all(),
            "knowledge": PartnershipKnowledge.objects.visible_to(request.user)
            .filter(partnership=this, computed_at__isnull=False)
            .first(),
            "never_opened_days": NEVER_OPENED_AFTER.days,
            "company_feedback": _company_feedback(this, held, outside=side is None),
            "team": Membership.objects.filter(partnership=this)
            .active()
            .select_related("user", "organisation")
            .order_by("organisation__kind", "user__name"),
        },
    )


def _company_feedback(partnership, held, *, outside) -> dict | None:
    """How often companies were asked for feedback and gave it; outside of the team not of a few."""
    if "view_counts" not in held:
        return None
    asked, given = feedback_completion(partnership)
    told = asked and not (outside and few(asked) is None)
    return {"asked": asked, "given": given} if told else None
