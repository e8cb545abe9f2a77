"""Where a programme stands in one glance. Figures here, neither names nor codes."""

import hashlib
from functools import partial
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Case, Count, Q, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from evaluation import masking
from evaluation.models import Counted, PartnershipProgress, ProgrammeSnapshot
from evaluation.progress import SeenBy
from evaluation.standing import Standing
from evaluation.views.trends import rule_of, trend
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
# How the bullet draws each part of the figure; what is still open stands between closer and the
# rest, so that the range can be drawn as one line.
SEGMENTS = (
    (Counted.CERTAIN, "closer", _("certain")),
    (Counted.PROBABLE, "likely", _("probable")),
    (Counted.TOO_EARLY, "early", _("too early to say")),
    (Counted.NO_DATA, "nodata", _("no data")),
    (None, "unfilled", _("places not filled yet")),
    (Counted.NO, "unchanged", _("not closer")),
)
NOTES = {
    Counted.CERTAIN: _("whatever the open round says"),
    Counted.PROBABLE: _("so far; answers are still to come"),
    Counted.TOO_EARLY: _("answers from too few rounds"),
    Counted.NO_DATA: _("nobody has answered yet"),
    Counted.NO: _("unchanged or further away"),
}


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
    snapshots = ProgrammeSnapshot.objects.visible_to(request.user).filter(programme=programme)
    context = {
        "programme": programme,
        "figures": figures,
        "seen": seen,
        "trend": trend(snapshots, programme),
        **rule_of(programme),
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
    paginator = Paginator(_unsigned_first(partnerships), PAGE_SIZE)
    paginator.count = counted["all"]
    page = paginator.get_page(request.GET.get("page"))
    standing = Standing.of([total], programme)
    hidden = masking.given_away(total["closer"], total["lowest"], total["highest"])
    return {
        "programme": programme,
        "page": page,
        "partnerships": [_row(programme, partnership, hidden) for partnership in page],
        "standing": standing,
        "segments": [segment(standing, partial(_rows, programme), *one) for one in SEGMENTS],
        "seen_by": [
            (whose.label, standing.seen_by[whose], _rows(programme, seen_by=whose.value))
            for whose in SeenBy
        ],
        "outcomes": [
            (outcome.name, n, _rows(programme, outcome=outcome.pk))
            for outcome, n in total["outcomes"].items()
        ],
        "outcomes_after": [
            (outcome.name, n, _rows(programme, outcome_after=outcome.pk))
            for outcome, n in total["outcomes_after"].items()
        ]
        if any(total["outcomes_after"].values())
        else [],
        "all_url": _rows(programme),
        "closer_url": _rows(programme, result=Counted.CLOSER.value),
        "awaited_url": _rows(programme, awaited="on"),
        "round": programme.rounds.open().first(),
        "target_share": round(100 * programme.closer_target / (programme.referred_target or 1)),
        "computed_at": total["computed_at"],
        "stale": total["stale"] or counted["waiting"] > 0,
    }


def _unsigned_first(partnerships):
    """Agreements that still have to be signed, the signed, the ended; each by name.

    Not by how many are closer: the order would tell what the bands do not.
    """
    turn = Case(
        When(status=Status.SIGNED, then=Value(1)),
        When(status=Status.ENDED, then=Value(2)),
        default=Value(0),
    )
    return (
        partnerships.select_related("school", "municipality", "progress")
        .only(*_SHOWN)
        .order_by(turn, "school__name", "municipality__name", "pk")
    )


def _rows(programme, **filters) -> str:
    """The address of exactly the rows that a figure counts."""
    url = reverse("evaluation:youths", args=[programme.pk])
    return f"{url}?{urlencode(filters)}" if filters else url


def segment(standing, address, counted, kind, label) -> dict:
    """A part of the bullet; `address` makes that of the rows of it."""
    if counted is None:
        return {"kind": kind, "label": label, "count": standing.unfilled}
    return {
        "kind": kind,
        "label": label,
        "count": getattr(standing, counted.value),
        "note": NOTES[counted],
        "url": address(result=counted.value),
    }


def _row(programme, partnership, hidden: bool) -> dict:
    """A line of the table of partnerships; without progress there are no cases yet.

    The reader is outside: how many are closer is told as a band, and not at all where `hidden`.
    """
    progress = getattr(partnership, "progress", None)
    referred = progress.referred if progress else 0
    low, high = masking.band(progress.closer, referred) if progress else (0, 0)
    return {
        "partnership": partnership,
        "referred": referred,
        "low": low,
        "high": high,
        "told": not hidden and (low, high) != (0, referred),
        "share": referred * programme.closer_target / (programme.referred_target or 1),
        "shape": AGREEMENT_SHAPES[partnership.status],
    }
