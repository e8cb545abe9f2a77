"""How much of what was delivered is in use: the meter's steps, and the counts of a partnership."""

from datetime import timedelta

from django.apps import apps
from django.db import models, transaction
from django.db.models import Count, F, Min, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.access import partnerships_with
from partnerships.models import Partnership

# Source: the issue that asked for the meter; long enough for a holiday.
NEVER_OPENED_AFTER = timedelta(days=21)


class Stage(models.IntegerChoices):
    """How far a part has come. Each holds the ones before it: what is used was opened."""

    DELIVERED = 0, _("Delivered")
    OPENED = 1, _("Opened")
    ACKNOWLEDGED = 2, _("Acknowledged")
    USED = 3, _("Used")


def meter(stages: dict) -> list[tuple[str, int]]:
    """(name, how many parts have come at least so far) of each step, from how many are at each."""
    return [
        (stage.label, sum(n for reached, n in stages.items() if reached >= stage))
        for stage in Stage
    ]


class PartnershipKnowledgeQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(partnership_id__in=partnerships_with(user, "view_counts"))

    def total(self) -> dict:
        """The counts added up by the database, and `computed_at`, of the oldest."""
        fields = {name: Sum(name, default=0) for name in PartnershipKnowledge.FIELDS}
        return self.aggregate(**fields, computed_at=Min("computed_at"))


class PartnershipKnowledge(models.Model):
    """The counts of a partnership as last computed, and since when they are out of date.

    Of all its young people, those who have left included: what was delivered stays delivered.
    Counts of parts alone, so that nothing can be read off about a person.
    """

    partnership = models.OneToOneField(
        Partnership, on_delete=models.CASCADE, related_name="knowledge"
    )
    delivered = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    acknowledged = models.PositiveIntegerField(default=0)
    used = models.PositiveIntegerField(default=0)
    never_opened = models.PositiveIntegerField(default=0)  # though sent so long ago
    stale_since = models.DateTimeField(null=True)
    computed_at = models.DateTimeField(null=True)

    FIELDS = ("delivered", "opened", "acknowledged", "used", "never_opened")

    objects = PartnershipKnowledgeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(delivered__gte=F("opened"))
                & Q(opened__gte=F("acknowledged"))
                & Q(acknowledged__gte=F("used"))
                & Q(delivered__gte=F("opened") + F("never_opened")),
                name="what_is_used_was_acknowledged_opened_and_delivered",
            )
        ]
        indexes = [
            models.Index(
                fields=["stale_since"],
                condition=Q(stale_since__isnull=False),
                name="knowledge_to_recompute",
            )
        ]

    def __str__(self):
        return str(self.partnership_id)

    @property
    def steps(self) -> list[tuple[str, int]]:
        return [(stage.label, getattr(self, stage.name.lower())) for stage in Stage]

    @classmethod
    def mark_stale(cls, partnership_id) -> None:
        """Note in this transaction that the counts must be computed again; the sweep does it."""
        cls.objects.bulk_create(
            [cls(partnership_id=partnership_id, stale_since=timezone.now())],
            update_conflicts=True,
            unique_fields=["partnership"],
            update_fields=["stale_since"],
        )

    @classmethod
    def work_list(cls):
        """Partnerships with cases whose counts are stale or missing."""
        return cls.counted().filter(Q(knowledge=None) | Q(knowledge__stale_since__isnull=False))

    @staticmethod
    def counted():
        return Partnership.objects.filter(status__in=("signed", "ended"))

    @classmethod
    @transaction.atomic
    def recompute(cls, partnership_id) -> "PartnershipKnowledge":
        """Count the parts that stand and reach the municipality, and store the counts.

        The row is locked meanwhile: a change that arrives waits, and marks it stale again.
        """
        cls.objects.bulk_create([cls(partnership_id=partnership_id)], ignore_conflicts=True)
        row = cls.objects.select_for_update(of=("self",)).get(partnership_id=partnership_id)
        now = timezone.now()
        parts = (
            apps.get_model("handover.SentPart")
            .objects.filter(profile__youth__partnership=partnership_id)
            .current()
            .disclosed()
            .with_stage()
            .order_by()
        )
        stages = dict(parts.values_list("stage").annotate(n=Count("pk")))
        for stage, (_label, n) in zip(Stage, meter(stages), strict=True):
            setattr(row, stage.name.lower(), n)
        row.never_opened = parts.filter(
            stage=Stage.DELIVERED,
            profile__versions__number=F("first_version"),
            profile__versions__sent_at__lte=now - NEVER_OPENED_AFTER,
        ).count()
        row.computed_at, row.stale_since = now, None
        row.save()
        return row
