"""Why a case may have come to a halt. This room knows that there are reasons; others know which.

The project's own app registers them as it starts (vivirkr/apps.py), since the reasons lie in the
handover, and neither of the two rooms knows the other.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Halt:
    """`find` gives the young people of a programme of whom it is so, as a queryset."""

    label: str | Promise
    find: Callable


HALTS: dict[str, Halt] = {}
