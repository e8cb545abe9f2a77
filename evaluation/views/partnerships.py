"""Where the own partnership stands: whoever works in it sees every number, and who is behind it."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from evaluation.forms import CountedForm
from evaluation.models import Indicator, PartnershipProgress, Snapshot, YouthProgress
from evaluation.progress import SeenBy
from evaluation.standing import Standing, Targets
from evaluation.tables import OwnTable
from evaluation.views.programmes import SEGMENTS, segment
from evaluation.views.trends import trend
from partnerships.access import Section, codenames_on
from partnerships.models import Partnership
from youths.models import AccessEvent, Channel, Youth

PAGE_SIZE = 25
SHOWN = (Section.IDENTITY, Section.RATINGS)
NEEDED = {f"view_{section}" for section in (*SHOWN, Section.COUNTS)}


@require_safe
def progress(request, partnership_id):
    """The figures of one's own partnership, and the young people whom they count, by name."""
    partnership = get_object_or_404(
        Partnership.objects.visible_to(request.user).with_parties(), pk=partnership_id
    )
    if not codenames_on(request.user, partnership.pk) >= NEEDED:
        raise PermissionDenied
    form = CountedForm(request.GET, programme=partnership.programme)
    if not form.is_valid():
        raise Http404
    rows = (
        YouthProgress.objects.visible_to(request.user, "view_ratings")
        .filter(form.chosen, partnership=partnership)
        .select_related("youth")
        .annotate(name=F("youth__name"), code=F("youth__code"))
    )
    names = {indicator.code: indicator.text.name for indicator in Indicator.objects.told_to(None)}
    table = OwnTable(rows, names=names)
    RequestConfig(request, paginate=False).configure(table)
    table.paginator = Paginator(table.rows, PAGE_SIZE)
    table.page = table.paginator.get_page(request.GET.get("page"))
    shown = [row.record.youth_id for row in table.page.object_list]
    AccessEvent.record(request.user, Youth.objects.filter(pk__in=shown), SHOWN, Channel.LIST)
    figures = PartnershipProgress.objects.visible_to(request.user).filter(
        partnership=partnership, computed_at__isnull=False
    )
    stored, targets = figures.first(), Targets.share_of(partnership)
    context = {"partnership": partnership, "form": form, "table": table, "stored": stored}
    if stored is not None:
        standing = Standing.of([stored.counts()], targets)
        snapshots = Snapshot.objects.visible_to(request.user).filter(partnership=partnership)
        context |= {
            "standing": standing,
            "segments": [segment(standing, _address, *one) for one in SEGMENTS],
            "seen_by": [
                (whose.label, standing.seen_by[whose], _address(seen_by=whose.value))
                for whose in SeenBy
            ],
            "round": partnership.programme.rounds.open().first(),
            "awaited_url": _address(awaited="on"),
            "trend": trend(snapshots, targets),
        }
    return render(request, "evaluation/progress.html", context)


def _address(**filters) -> str:
    return f"?{urlencode(filters)}#counted"
