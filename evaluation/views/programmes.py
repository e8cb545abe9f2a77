"""Where a programme stands, and the rows behind each figure. Codes here, and no names."""

import hashlib
from datetime import timedelta
from itertools import pairwise
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce
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
    Indicator,
    PartnershipProgress,
    ProgrammeSnapshot,
    YouthProgress,
)
from evaluation.progress import DEFAULT_RULE, Result
from evaluation.standing import Standing
from evaluation.tables import CountedTable
from evaluation.wording import rule_in_words
from partnerships import spreadsheets
from partnerships.models import Partnership, Programme, Status

AGREEMENT_SHAPES = {
    Status.DRAFT: "open",
    Status.NEGOTIATING: "part",
    Status.SIGNED: "done",
    Status.ENDED: "held",
}
PAGE_SIZE = 25
# What the table of partnerships shows; an agreement's texts are long.
_SHOWN = ("status", "places", "school__name", "municipality__name")
_SHOWN += ("progress__referred", "progress__closer")
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
    figures = render_to_string("evaluation/_figures.html", _figures(request, programme), request)
    seen = hashlib.sha256(figures.encode()).hexdigest()[:16]
    if request.htmx and request.headers.get("X-Seen") == seen:
        return HttpResponse(status=204)
    context = {
        "programme": programme,
        "figures": figures,
        "seen": seen,
        "trend": _trend(request.user, programme),
    }
    return render(request, "evaluation/dashboard.html", context)


def _figures(request, programme) -> dict:
    """What the figures' part of the dashboard shows, added up by the database in three queries."""
    outcomes = list(programme.outcomes.all())
    total = (
        PartnershipProgress.objects.visible_to(request.user)
        .filter(partnership__programme=programme)
        .total(outcomes)
    )
    partnerships = Partnership.objects.visible_to(request.user).filter(programme=programme)
    counted = partnerships.aggregate(
        all=Count("pk"),
        waiting=Count("pk", filter=Q(status=Status.SIGNED, progress__computed_at=None)),
    )
    paginator = Paginator(_attention_first(partnerships, programme), PAGE_SIZE)
    paginator.count = counted["all"]
    page = paginator.get_page(request.GET.get("page"))
    standing = Standing.of([total], programme)
    return {
        "programme": programme,
        "page": page,
        "partnerships": [_row(programme, partnership) for partnership in page],
        "standing": standing,
        "segments": [_segment(programme, standing, *pair) for pair in SEGMENTS],
        "results": [
            (result.label, getattr(standing, result.value), _rows(programme, result=result.value))
            for result in Result
        ],
        "outcomes": [
            (outcome.name, n, _rows(programme, outcome=outcome.pk))
            for outcome, n in total["outcomes"].items()
        ],
        "all_url": _rows(programme),
        "closer_url": _rows(programme, result=Result.CLOSER.value),
        "target_share": round(100 * programme.closer_target / (programme.referred_target or 1)),
        "computed_at": total["computed_at"],
        "stale": total["stale"] or counted["waiting"] > 0,
    }


def _attention_first(partnerships, programme):
    """Agreements that still have to be signed, the signed, the ended.

    The signed by how many youths are missing to the target's share of those referred.
    """
    missing = (
        Coalesce("progress__referred", 0) * programme.closer_target
        - Coalesce("progress__closer", 0) * programme.referred_target
    )
    turn = Case(
        When(status=Status.SIGNED, then=Value(1)),
        When(status=Status.ENDED, then=Value(2)),
        default=Value(0),
    )
    return (
        partnerships.select_related("school", "municipality", "progress")
        .only(*_SHOWN)
        .order_by(turn, missing.desc(), "school__name", "municipality__name", "pk")
    )


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


def _row(programme, partnership) -> dict:
    """A line of the table of partnerships; without progress there are no cases yet."""
    progress = getattr(partnership, "progress", None)
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


def _trend(user, programme) -> dict:
    """The programme's last snapshot of each month of a year."""
    snapshots = list(
        ProgrammeSnapshot.objects.visible_to(user)
        .filter(programme=programme, taken_on__gt=timezone.localdate() - timedelta(days=365))
        .months()
    )
    if len(snapshots) > 6:  # as many as a phone has room for: every second, the newest included
        snapshots = snapshots[::-1][::2][::-1]
    default = programme.definitions.in_force().filter(partnership=None).last()
    points, year = [], None
    for snapshot in snapshots:
        month, standing = snapshot.month, Standing.of([snapshot.counts()], programme)
        points.append(
            {
                "label": date_format(month, "M" if month.year == year else "M y"),
                "month": month,
                "low": standing.low,
                "high": standing.high,
                "referred": standing.referred,
                "rule": snapshot.rule_version,
                "definitions": snapshot.definitions,
            }
        )
        year = month.year
    return {
        "points": points,
        "total": max([programme.referred_target, *(point["referred"] for point in points)]),
        "changes": [
            {"after": at, "label": _("New definition")}
            for at, (earlier, later) in enumerate(pairwise(points))
            if (earlier["rule"], earlier["definitions"]) != (later["rule"], later["definitions"])
        ],
        "rule": rule_in_words(
            default.rule if default else DEFAULT_RULE,
            {one.code: one.text.name for one in Indicator.objects.told_to(None)},
        ),
        "rule_version": default.version if default else 1,
    }


def _counted(user, programme, chosen) -> int:
    """How many rows a figure counts: the stored figure, kept in one transaction with its rows."""
    figures = PartnershipProgress.objects.visible_to(user).filter(partnership__programme=programme)
    if chosen["partnership"]:
        figures = figures.filter(partnership=chosen["partnership"])
    return figures.aggregate(n=Sum(chosen["result"] or "referred", default=0))["n"]


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
    RequestConfig(request, paginate=False).configure(table)
    paginator = Paginator(table.rows, PAGE_SIZE)
    if not chosen["outcome"]:
        paginator.count = _counted(request.user, programme, chosen)
    table.paginator, table.page = paginator, paginator.get_page(request.GET.get("page"))
    kind = spreadsheets.wanted(request)
    too_many = kind and table.paginator.count > spreadsheets.MOST_ROWS
    if kind and not too_many:
        return spreadsheets.response(kind, _("Counted"), table.as_values())
    context = {
        "programme": programme,
        "form": form,
        "table": table,
        "count": table.paginator.count,
        "result": Result(chosen["result"]).label if chosen["result"] else "",
        "partnership": chosen["partnership"],
        "outcome": chosen["outcome"],
    }
    return render(request, "evaluation/youths.html", context, status=422 if too_many else 200)
