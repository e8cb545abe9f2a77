"""How a figure has developed, from the snapshots, and the rule it is counted by."""

from datetime import timedelta

from django.utils import timezone

from evaluation.development import drawn
from evaluation.models import Indicator
from evaluation.progress import DEFAULT_RULE
from evaluation.wording import rule_in_words


def trend(snapshots, targets) -> dict:
    """The last snapshot of each month of a year, and after which the definition changed."""
    since = timezone.localdate() - timedelta(days=365)
    rows = [
        (one.month, one.counts(), (one.rule_version, one.judged_by))
        for one in snapshots.filter(taken_on__gt=since).months()
    ]
    return drawn(rows, targets)


def rule_of(programme) -> dict:
    """The programme's own definition in words, and its version."""
    default = programme.definitions.in_force().filter(partnership=None).last()
    names = {one.code: one.text.name for one in Indicator.objects.told_to(None)}
    return {
        "rule": rule_in_words(default.rule if default else DEFAULT_RULE, names),
        "rule_version": default.version if default else 1,
    }
