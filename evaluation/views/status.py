"""Whether the figures are up to date, and what the nightly check of them found."""

from django.contrib import messages
from django.db.models import Count, Max, Min, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from evaluation.models import LastSweep, PartnershipProgress, ProgrammeSnapshot, Reconciliation
from partnerships.models import Partnership, Programme

NIGHTS = 14


@require_http_methods(["GET", "HEAD", "POST"])
def status(request, programme_id):
    """When a programme's figures were computed, what waits, and the last nights' comparisons.

    Of a partnership it says which figures differed, not what they were: docs/adr/0025. Sent, all
    of them are computed anew by a worker.
    """
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=programme_id)
    figures = PartnershipProgress.objects.visible_to(request.user).filter(
        partnership__programme=programme
    )
    if request.method == "POST":
        PartnershipProgress.mark_all_stale(figures)
        messages.success(
            request, _("All figures are being computed anew. Load the page again in a moment.")
        )
        return redirect("evaluation:status", programme.pk)
    state = figures.aggregate(
        computed=Count("pk", filter=Q(computed_at__isnull=False)),
        oldest=Min("computed_at"),
        newest=Max("computed_at"),
        waits_since=Min("stale_since"),
    )
    ours = Partnership.objects.visible_to(request.user).filter(programme=programme)
    state["waiting"] = PartnershipProgress.work_list().filter(pk__in=ours.values("pk")).count()
    snapshots = ProgrammeSnapshot.objects.visible_to(request.user).filter(programme=programme)
    context = {
        "programme": programme,
        "state": state,
        "signs_of_life": LastSweep.signs_of_life(),
        "taken_on": snapshots.aggregate(last=Max("taken_on"))["last"],
        "nights": _nights(programme, ours),
    }
    return render(request, "evaluation/status.html", context)


def _nights(programme, ours) -> list[dict]:
    """The last comparisons: how many of the programme's partnerships, and what differed in them,
    in words.
    """
    reports = list(Reconciliation.objects.order_by("-ran_at")[:NIGHTS])
    named = {pk for report in reports for pk in report.differing}
    known = {
        str(one.pk): one
        for one in ours.filter(pk__in=named).with_parties().select_related("progress")
    }
    nights = []
    for report in reports:
        these = [(pk, known[pk]) for pk in report.differing if pk in known]
        nights.append(
            {
                "report": report,
                "checked": report.checked_of(programme),
                "differing": [
                    (one, _in_words(report.differences.get(pk, {}))) for pk, one in these
                ],
                # The comparison made them stale, and computing takes that back.
                "computed_anew": all(one.progress.stale_since is None for _pk, one in these),
            }
        )
    return nights


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
        "outcomes_after": _("outcomes after 12 months"),
        "youths": _("the judgement of single youths"),
    }
    seen = {name for name in differences if name not in names}
    return [names[name] for name in names if name in differences] + (
        [_("who sees it")] if seen else []
    )
