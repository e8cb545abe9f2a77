"""How a figure has developed, from the snapshots, and the rule it is counted by."""

from datetime import timedelta
from itertools import pairwise

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from evaluation.models import Indicator
from evaluation.progress import DEFAULT_RULE
from evaluation.standing import Standing
from evaluation.wording import rule_in_words

MONTHS = 6  # as many as a phone has room for


def trend(snapshots, targets) -> dict:
    """The last snapshot of each month of a year, and after which the definition changed.

    `targets` has the `referred_target` that the chart reaches up to. With more than six months
    every second one is left out, the newest included.
    """
    since = timezone.localdate() - timedelta(days=365)
    shown = list(snapshots.filter(taken_on__gt=since).months())
    if len(shown) > MONTHS:
        shown = shown[::-1][::2][::-1]
    points, year = [], None
    for snapshot in shown:
        month, standing = snapshot.month, Standing.of([snapshot.counts()], targets)
        points.append(
            {
                "label": date_format(month, "M" if month.year == year else "M y"),
                "month": month,
                "low": standing.low,
                "high": standing.high,
                "referred": standing.referred,
                "by": (snapshot.rule_version, snapshot.judged_by),
            }
        )
        year = month.year
    return {
        "points": points,
        "total": max([targets.referred_target, *(point["referred"] for point in points)]),
        "changes": [
            {"after": at, "label": _("New definition")}
            for at, (earlier, later) in enumerate(pairwise(points))
            if earlier["by"] != later["by"]
        ],
    }


def rule_of(programme) -> dict:
    """The programme's own definition in words, and its version."""
    default = programme.definitions.in_force().filter(partnership=None).last()
    names = {one.code: one.text.name for one in Indicator.objects.told_to(None)}
    return {
        "rule": rule_in_words(default.rule if default else DEFAULT_RULE, names),
        "rule_version": default.version if default else 1,
    }
