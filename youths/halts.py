"""Why a case may have come to a halt. Whoever lists cases knows that there are reasons; which ones
there are lies in rooms above.

The project's own app registers them as it starts (vivirkr/apps.py).
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise


@dataclass(frozen=True)
class Halt:
    """`find` gives the young people of a programme of whom it is so, as a queryset."""

    label: str | Promise
    find: Callable


HALTS: dict[str, Halt] = {}


def halted(programmes, code: str = "") -> Q:
    """Rows of young people in these programmes whose case has come to a halt; for any reason."""
    rows = Q(pk=None)
    for reason in [code] if code else HALTS:
        for programme in programmes:
            rows |= Q(pk__in=HALTS[reason].find(programme).values("pk"))
    return rows


def reasons_of(youths, programmes) -> dict:
    """By id of those of whom it is so: the reasons in words. A query for each reason."""
    found = defaultdict(list)
    for halt in HALTS.values():
        for programme in programmes:
            rows = halt.find(programme).filter(pk__in=[youth.pk for youth in youths])
            for pk in rows.values_list("pk", flat=True):
                found[pk].append(halt.label)
    return found
