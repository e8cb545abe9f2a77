"""The figures of each day, kept: of a partnership, and added up of a programme."""

from django.db import models, transaction
from django.db.models import Exists, Max, OuterRef, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from evaluation.models.definitions import Definition
from evaluation.models.figures import Counts, PartnershipProgress, kept
from partnerships.access import partnerships_with
from partnerships.models import Partnership, Programme


class SnapshotQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(partnership_id__in=partnerships_with(user, "view_counts"))

    def months(self):
        """The last one of each month, the oldest first; each with its `month`."""
        return (
            self.annotate(month=TruncMonth("taken_on"))
            .order_by("month", "-taken_on", "-rule_version")
            .distinct("month")
        )


class Snapshot(Counts):
    """The figures of one partnership on one day, by one version of the rule."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="snapshots")
    taken_on = models.DateField()
    inputs = models.CharField(max_length=64)  # SHA-256 of what was counted
    definition = models.ForeignKey(
        Definition, on_delete=models.PROTECT, null=True, related_name="+"
    )
    computed_at = models.DateTimeField()

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["taken_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "taken_on", "rule_version"], name="one_snapshot_a_day"
            ),
            *kept("snapshot"),
        ]

    def __str__(self):
        return f"{self.taken_on} {self.partnership_id}"

    @property
    def judged_by(self) -> list[str]:
        """Ids of the definitions that new rounds were judged by."""
        return [str(self.definition_id)]

    @classmethod
    @transaction.atomic
    def take(cls, partnership_id) -> None:
        """Keep today's figures of a partnership; taking it twice a day keeps the first.

        The figures are locked meanwhile, so that the fingerprint is that of what was counted.
        """
        progress = PartnershipProgress.objects.select_for_update(of=("self",)).get(
            partnership_id=partnership_id
        )
        cls.objects.bulk_create(
            [
                cls(
                    partnership_id=partnership_id,
                    taken_on=timezone.localdate(),
                    inputs=progress.inputs,
                    definition_id=progress.definition_id,
                    computed_at=progress.computed_at,
                    rule_version=progress.rule_version,
                    **progress.counts(),
                )
            ],
            ignore_conflicts=True,
        )


class ProgrammeSnapshotQuerySet(SnapshotQuerySet):
    def visible_to(self, user):
        return self.filter(programme__in=Programme.objects.visible_to(user))


class ProgrammeSnapshot(Counts):
    """The snapshots of all partnerships of a programme on one day, added up."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="snapshots")
    taken_on = models.DateField()
    # Ids of the definitions that the partnerships' new rounds were judged by, in order.
    definitions = models.JSONField(default=list, db_default=[])

    objects = ProgrammeSnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["taken_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "taken_on", "rule_version"],
                name="one_snapshot_a_day_of_a_programme",
            ),
            *kept("programme_snapshot"),
        ]

    def __str__(self):
        return f"{self.taken_on} {self.programme_id}"

    @property
    def judged_by(self) -> list[str]:
        return self.definitions

    @classmethod
    def take(cls, programme_id, day) -> None:
        """Add up a day's snapshots, of each partnership that by its newest rule.

        Adding up twice changes nothing unless a snapshot has come.
        """
        newer = Snapshot.objects.filter(
            partnership=OuterRef("partnership"),
            taken_on=day,
            rule_version__gt=OuterRef("rule_version"),
        )
        added = Snapshot.objects.filter(
            ~Exists(newer), partnership__programme=programme_id, taken_on=day
        )
        total = added.aggregate(
            **{name: Sum(name) for name in cls.FIELDS}, rule_version=Max("rule_version")
        )
        if total["rule_version"] is None:
            return
        used = added.exclude(definition=None).values_list("definition", flat=True).distinct()
        total["definitions"] = sorted(map(str, used.order_by()))
        cls.objects.bulk_create(
            [cls(programme_id=programme_id, taken_on=day, **total)],
            update_conflicts=True,
            unique_fields=["programme", "taken_on", "rule_version"],
            update_fields=[*cls.FIELDS, "definitions"],
        )
