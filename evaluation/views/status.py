"""Whether the figures are up to date, and what the nightly check of them found."""

from django.db.models import Count, Max, Min, Q
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from evaluation.models import PartnershipProgress, ProgrammeSnapshot, Reconciliation
from partnerships.models import Partnership, Programme

NIGHTS = 14


@require_safe
def status(request, programme_id):
    """When a programme's figures were computed, what waits, and the last nights' comparisons.

    Of a partnership it says which figures differed, not what they were: docs/adr/0025.
    """
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=programme_id)
    figures = PartnershipProgress.objects.visible_to(request.user).filter(
        partnership__programme=programme
    )
    state = figures.aggregate(
        computed=Count("pk", filter=Q(computed_at__isnull=False)),
        stale=Count("pk", filter=Q(stale_since__isnull=False)),
        oldest=Min("computed_at"),
        newest=Max("computed_at"),
        waits_since=Min("stale_since"),
    )
    snapshots = ProgrammeSnapshot.objects.visible_to(request.user).filter(programme=programme)
    reports = list(Reconciliation.objects.order_by("-ran_at")[:NIGHTS])
    named = {pk for report in reports for pk in report.differing}
    ours = {
        str(one.pk): one
        for one in Partnership.objects.visible_to(request.user)
        .filter(programme=programme, pk__in=named)
        .with_parties()
    }
    context = {
        "programme": programme,
        "state": state,
        "taken_on": snapshots.aggregate(last=Max("taken_on"))["last"],
        "nights": [
            {
                "report": report,
                "differing": [
                    (ours[pk], _in_words(report.differences.get(pk, {})))
                    for pk in report.differing
                    if pk in ours
                ],
            }
            for report in reports
        ],
    }
    return render(request, "evaluation/status.html", context)


def _in_words(differences) -> list[str]:
    """The figures that differed, by name."""
    names = {
        "referred": _("youths referred"),
        "closer": _("closer"),
        "unchanged": _("unchanged"),
        "further": _("further away"),
        "too_early": _("too early to say"),
        "no_data": _("no data"),
        "certain": _("certain"),
        "possible": _("possible"),
        "awaited": _("waiting for an answer"),
        "outcomes": _("outcomes"),
        "youths": _("the judgement of single youths"),
    }
    seen = {name for name in differences if name not in names}
    return [names[name] for name in names if name in differences] + (
        [_("who sees it")] if seen else []
    )
