"""How figures have developed, as a chart draws it: from snapshots, or from a frozen cut."""

from itertools import pairwise

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from evaluation.standing import Standing

MARKS = 6  # as many as a phone has room for


def drawn(rows, targets) -> dict:
    """Rows of (day, counts, what they were judged by), the oldest first, as points of a chart.

    `targets` has the `referred_target` that the chart reaches up to. Of more than six every second
    one is left out, the newest included.
    """
    if len(rows) > MARKS:
        rows = rows[::-1][::2][::-1]
    points, year = [], None
    for day, counts, by in rows:
        standing = Standing.of([counts], targets)
        points.append(
            {
                "label": date_format(day, "M" if day.year == year else "M y"),
                "day": day,
                "low": standing.low,
                "high": standing.high,
                "referred": standing.referred,
                "by": by,
            }
        )
        year = day.year
    return {
        "points": points,
        "total": max([targets.referred_target, *(point["referred"] for point in points)]),
        "changes": [
            {"after": at, "label": _("New definition")}
            for at, (earlier, later) in enumerate(pairwise(points))
            if earlier["by"] != later["by"]
        ],
    }
