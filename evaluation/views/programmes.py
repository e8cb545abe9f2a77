"""Where a programme stands, and the rows behind each figure. Codes here, and no names."""

import hashlib
from datetime import timedelta
from itertools import pairwise
from urllib.parse import urlencode

from django.db.models import Count, F
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from evaluation.forms import CountedForm
from evaluation.models import (
    RULE_IN_WORDS,
    Indicator,
    PartnershipProgress,
    Snapshot,
    YouthProgress,
)
from evaluation.progress import RULE_VERSION, Result
from evaluation.standing import Standing
from evaluation.tables import CountedTable
from partnerships.models import Partnership, Programme, Status

AGREEMENT_SHAPES = {
    Status.DRAFT: "open",
    Status.NEGOTIATING: "part",
    Status.SIGNED: "done",
    Status.ENDED: "held",
}
# How the bullet draws each result; what is still open stands between closer and the rest, so
# that the range can be drawn as one line.
SEGMENTS = (
    (Result.CLOSER, "closer"),
    (Result.TOO_EARLY, "early"),
    (Result.NO_DATA, "nodata"),
    (None, "unfilled"),
    (Result.UNCHANGED, "unchanged"),
    (Result.FURTHER, "away"),
)


@require_safe
def dashboard(request, programme_id):
    """Where the programme stands, from the stored figures of its partnerships alone.

    The page asks for its figures again every few seconds; where nothing has changed the answer
    is empty, so that nothing moves under the reader.
    """
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=programme_id)
    figures = render_to_string(
        "evaluation/_figures.html", _figures(request.user, programme), request
    )
    seen = hashlib.sha256(figures.encode()).hexdigest()[:16]
    if request.htmx and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    context = {
        "programme": programme,
        "figures": figures,
        "seen": seen,
        "trend": _trend(request.user, programme),
    }
    return render(request, "evaluation/dashboard.html", context)


def _figures(user, programme) -> dict:
    """What the figures' part of the dashboard shows, in five queries."""
    partnerships = list(
        Partnership.objects.visible_to(user).filter(programme=programme).with_parties()
    )
    stored = {
        row.partnership_id: row
        for row in PartnershipProgress.objects.visible_to(user).filter(
            partnership__programme=programme, computed_at__isnull=False
        )
    }
    standing = Standing.of([row.counts() for row in stored.values()], programme)
    stale = any(row.stale_since for row in stored.values()) or any(
        p.is_signed and p.pk not in stored for p in partnerships
    )
    return {
        "programme": programme,
        "partnerships": [_row(programme, p, stored.get(p.pk)) for p in partnerships],
        "standing": standing,
        "segments": [_segment(programme, standing, *pair) for pair in SEGMENTS],
        "results": [
            (result.label, getattr(standing, result.value), _rows(programme, result=result.value))
            for result in Result
        ],
        "outcomes": _outcomes(user, programme),
        "all_url": _rows(programme),
        "closer_url": _rows(programme, result=Result.CLOSER.value),
        "target_share": round(100 * programme.closer_target / (programme.referred_target or 1)),
        "computed_at": min((row.computed_at for row in stored.values()), default=None),
        "stale": stale,
    }


def _rows(programme, **filters) -> str:
    """The address of exactly the rows that a figure counts."""
    url = reverse("evaluation:youths", args=[programme.pk])
    return f"{url}?{urlencode(filters)}" if filters else url


def _segment(programme, standing, result, kind) -> dict:
    if result is None:
        return {"kind": kind, "label": _("places not filled yet"), "count": standing.unfilled}
    notes = {
        Result.TOO_EARLY: _("answers from one round only"),
        Result.NO_DATA: _("nobody has answered yet"),
    }
    return {
        "kind": kind,
        "label": result.label.lower(),
        "count": getattr(standing, result.value),
        "note": notes.get(result, ""),
        "url": _rows(programme, result=result.value),
    }


def _row(programme, partnership, progress) -> dict:
    """A line of the table of partnerships; without progress there are no cases yet."""
    referred = progress.referred if progress else 0
    return {
        "partnership": partnership,
        "referred": referred,
        "closer": progress.closer if progress else 0,
        "share": referred * programme.closer_target / (programme.referred_target or 1),
        "shape": AGREEMENT_SHAPES[partnership.status],
        "url": _rows(programme, partnership=partnership.pk),
        "closer_url": _rows(programme, partnership=partnership.pk, result=Result.CLOSER.value),
    }


def _outcomes(user, programme) -> list[tuple]:
    """How many of the counted youths have each outcome: (name, count, address)."""
    counts = dict(
        YouthProgress.objects.visible_to(user)
        .filter(partnership__programme=programme, youth__outcome__isnull=False)
        .values_list("youth__outcome")
        .annotate(Count("pk"))
    )
    return [
        (outcome.name, counts.get(outcome.pk, 0), _rows(programme, outcome=outcome.pk))
        for outcome in programme.outcomes.all()
    ]


def _trend(user, programme) -> dict:
    """The last snapshot of each month of a year, added up over the partnerships."""
    snapshots = (
        Snapshot.objects.filter(
            partnership__in=Partnership.objects.visible_to(user, "view_counts").filter(
                programme=programme
            ),
            taken_on__gt=timezone.localdate() - timedelta(days=365),
        )
        .annotate(month=TruncMonth("taken_on"))
        .order_by("month", "partnership_id", "-taken_on", "-rule_version")
        .distinct("month", "partnership_id")
    )
    months = {}
    for snapshot in snapshots:
        months.setdefault(snapshot.month, []).append(snapshot)
    shown = list(months.items())
    if len(shown) > 6:  # as many as a phone has room for: every second one, the newest included
        shown = shown[::-1][::2][::-1]
    points, year = [], None
    for month, taken in shown:
        standing = Standing.of([snapshot.counts() for snapshot in taken], programme)
        points.append(
            {
                "label": date_format(month, "M" if month.year == year else "M y"),
                "month": month,
                "low": standing.low,
                "high": standing.high,
                "referred": standing.referred,
                "rule": max(snapshot.rule_version for snapshot in taken),
            }
        )
        year = month.year
    return {
        "points": points,
        "total": max([programme.referred_target, *(point["referred"] for point in points)]),
        "changes": [
            {"after": at, "label": _("Rule %(version)s") % {"version": later["rule"]}}
            for at, (earlier, later) in enumerate(pairwise(points))
            if earlier["rule"] != later["rule"]
        ],
        "rule": RULE_IN_WORDS[RULE_VERSION],
        "rule_version": RULE_VERSION,
    }


@require_safe
def youths(request, programme_id):
    """The youths that a figure of the dashboard counts: by code, without names."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=programme_id)
    partnerships = (
        Partnership.objects.visible_to(request.user).filter(programme=programme).with_parties()
    )
    form = CountedForm(request.GET, programme=programme, partnerships=partnerships)
    if not form.is_valid():
        raise Http404
    chosen = form.cleaned_data
    # The code alone of the youth's row: a name that isn't fetched can't be shown.
    rows = (
        YouthProgress.objects.visible_to(request.user)
        .filter(partnership__programme=programme)
        .select_related("partnership__school", "partnership__municipality")
        .annotate(code=F("youth__code"))
    )
    if chosen["result"]:
        rows = rows.filter(result=chosen["result"])
    if chosen["partnership"]:
        rows = rows.filter(partnership=chosen["partnership"])
    if chosen["outcome"]:
        rows = rows.filter(youth__outcome=chosen["outcome"])
    names = {indicator.code: indicator.text.name for indicator in Indicator.objects.told_to(None)}
    table = CountedTable(rows, names=names)
    RequestConfig(request, paginate={"per_page": 25}).configure(table)
    context = {
        "programme": programme,
        "form": form,
        "table": table,
        "count": table.paginator.count,
        "result": Result(chosen["result"]).label if chosen["result"] else "",
        "partnership": chosen["partnership"],
        "outcome": chosen["outcome"],
    }
    return render(request, "evaluation/youths.html", context)
