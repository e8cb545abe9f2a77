"""The nightly check of the figures."""

import uuid
from collections import Counter

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evaluation.models.evidence import judged_anew
from evaluation.models.figures import (
    KEPT_OUTCOMES,
    PartnershipProgress,
    YouthProgress,
    count,
    outcomes_after_of,
    outcomes_of,
)
from partnerships.models import Partnership


class Reconciliation(models.Model):
    """A nightly comparison of the stored figures with a fresh computation from the ratings."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ran_at = models.DateTimeField(default=timezone.now)
    checked = models.PositiveIntegerField()
    # The same by programme; empty in rows of a release before.
    checked_in = models.JSONField(default=dict, db_default={})
    differing = models.JSONField(default=list)  # ids of partnerships whose figures differed
    # {partnership: {figure: [stored, fresh]}}; `youths` is how many are judged otherwise
    differences = models.JSONField(default=dict, db_default={})

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ["-ran_at"]

    def __str__(self):
        return f"{self.ran_at:%Y-%m-%d}"

    def checked_of(self, programme) -> int | None:
        """How many partnerships of a programme were compared; None where nobody counted."""
        return self.checked_in.get(str(programme.pk), 0) if self.checked_in else None

    @classmethod
    def run(cls) -> "Reconciliation":
        """Compare every partnership that is not stale; put what differs on the work list."""
        settled = PartnershipProgress.objects.filter(stale_since=None)
        differences, checked_in = {}, Counter()
        for pk, programme in settled.values_list(
            "partnership_id", "partnership__programme_id"
        ).order_by("partnership_id"):
            what = cls._compare(pk)
            if what is not None:
                checked_in[str(programme)] += 1
            if what:
                differences[str(pk)] = what
        return cls.objects.create(
            checked=checked_in.total(),
            checked_in=checked_in,
            differing=sorted(differences),
            differences=differences,
        )

    @staticmethod
    @transaction.atomic
    def _compare(partnership_id) -> dict | None:
        """What of the stored figures is not that of a fresh computation: [stored, fresh] by
        figure, and how many youths are judged otherwise, as `youths`. None when not settled.

        The row is locked meanwhile, so that a rating that arrives is not taken for a difference.
        """
        row = (
            PartnershipProgress.objects.select_for_update(of=("self",))
            .filter(partnership_id=partnership_id, stale_since=None)
            .first()
        )
        if row is None:
            return None
        partnership = Partnership.objects.select_related("programme").get(pk=partnership_id)
        judged = judged_anew(partnership, in_round=row.open_round)
        stored = row.counts() | {kept: getattr(row, kept) for kept in KEPT_OUTCOMES}
        fresh = count(judged.by_youth.values()) | {
            "outcomes": outcomes_of(partnership_id),
            "outcomes_after": outcomes_after_of(partnership_id),
        }
        kept, columns = YouthProgress.judged(partnership_id), judged.columns
        otherwise = sum(kept.get(pk) != columns.get(pk) for pk in kept.keys() | columns.keys())
        differences = {
            name: [stored[name], fresh[name]] for name in stored if stored[name] != fresh[name]
        } | ({"youths": [0, otherwise]} if otherwise else {})
        if differences:
            PartnershipProgress.mark_stale(partnership_id)
        return differences
