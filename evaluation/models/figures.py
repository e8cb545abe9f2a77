"""What is computed from the ratings: figures, their history, and the nightly check of them."""

import hashlib
import uuid
from collections import Counter

from celery import current_app
from django.db import models, transaction
from django.db.models import Exists, F, Func, Max, Min, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Cast, TruncMonth
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evaluation.progress import RULE_VERSION, Answer, Change, Result, judge
from partnerships.access import partnerships_with
from partnerships.models import Partnership, Programme
from youths.models import Youth


class Counts(models.Model):
    """How many youths of a partnership have each result; they add up to all referred."""

    referred = models.PositiveIntegerField(default=0)
    closer = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    further = models.PositiveIntegerField(default=0)
    too_early = models.PositiveIntegerField(default=0)
    no_data = models.PositiveIntegerField(default=0)
    rule_version = models.PositiveSmallIntegerField(default=RULE_VERSION)

    FIELDS = ("referred", *Result.values)

    class Meta:
        abstract = True

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.FIELDS}


ADDS_UP = Q(referred=F("closer") + F("unchanged") + F("further") + F("too_early") + F("no_data"))


class CountsByOutcome(Subquery):
    """{outcome: how many youths}, of rows that each have an `outcome_id` and an `n`."""

    template = (
        "(SELECT COALESCE(JSONB_OBJECT_AGG(counted.outcome_id, counted.n), '{}')"
        " FROM (%(subquery)s) counted)"
    )
    output_field = models.JSONField()


def _with_outcome(partnership):
    """Counted youths of a partnership by outcome: rows of `outcome_id` and `n`."""
    return (
        Youth.objects.referred()
        .filter(partnership=partnership, outcome__isnull=False)
        .order_by()
        .values("outcome_id")
        .annotate(n=models.Count("pk"))
    )


class PartnershipProgressQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(partnership_id__in=partnerships_with(user, "view_counts"))

    def total(self, outcomes=()) -> dict:
        """The figures added up by the database, and the youths of each outcome as `outcomes`.

        Also `computed_at`, of the oldest, and `stale`, whether any is out of date.
        """
        of_outcome = {
            f"outcome_{outcome.pk}": Sum(
                Cast(
                    Func(
                        "outcomes",
                        Value(str(outcome.pk)),
                        function="JSONB_EXTRACT_PATH_TEXT",
                        output_field=models.TextField(),
                    ),
                    models.IntegerField(),
                ),
                default=0,
            )
            for outcome in outcomes
        }
        total = self.filter(computed_at__isnull=False).aggregate(
            **{name: Sum(name, default=0) for name in Counts.FIELDS},
            **of_outcome,
            computed_at=Min("computed_at"),
            stale_since=Min("stale_since"),
        )
        total["stale"] = total["stale_since"] is not None
        total["outcomes"] = {outcome: total[f"outcome_{outcome.pk}"] for outcome in outcomes}
        return total


class PartnershipProgress(Counts):
    """The figures of a partnership as last computed, and since when they are out of date."""

    partnership = models.OneToOneField(
        Partnership, on_delete=models.CASCADE, related_name="progress"
    )
    # {outcome: how many of the referred youths}
    outcomes = models.JSONField(default=dict, db_default={})
    stale_since = models.DateTimeField(null=True)
    computed_at = models.DateTimeField(null=True)

    objects = PartnershipProgressQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ADDS_UP, name="progress_adds_up_to_all_referred")
        ]
        indexes = [
            models.Index(
                fields=["stale_since"],
                condition=Q(stale_since__isnull=False),
                name="progress_to_recompute",
            )
        ]

    def __str__(self):
        return str(self.partnership_id)

    @classmethod
    def mark_stale(cls, partnership_id) -> None:
        """Note in this transaction that the figures must be recomputed, and nudge a worker.

        The row is the fact; the message may get lost and costs nothing but time.
        """
        cls.objects.bulk_create(
            [cls(partnership_id=partnership_id, stale_since=timezone.now())],
            update_conflicts=True,
            unique_fields=["partnership"],
            update_fields=["stale_since"],
        )

        # A function with a name: Django's own handling of a robust callback that fails asks for it.
        def nudge():
            current_app.send_task(
                "evaluation.tasks.recompute",
                args=[str(partnership_id)],
                retry=False,
                ignore_result=True,
            )

        transaction.on_commit(nudge, robust=True)

    @classmethod
    def work_list(cls):
        """Partnerships whose figures are stale, missing, or count other youths or outcomes."""
        referred = (
            Youth.objects.referred()
            .filter(partnership=models.OuterRef("pk"))
            .order_by()
            .values("partnership")
            .annotate(n=models.Count("pk"))
            .values("n")
        )
        return (
            Partnership.objects.filter(status__in=("signed", "ended"))
            .annotate(
                now_referred=models.functions.Coalesce(
                    models.Subquery(referred), 0, output_field=models.IntegerField()
                ),
                now_with_outcome=CountsByOutcome(_with_outcome(OuterRef("pk"))),
            )
            .filter(
                Q(progress=None)
                | Q(progress__stale_since__isnull=False)
                | ~Q(progress__referred=F("now_referred"))
                | ~Q(progress__outcomes=F("now_with_outcome"))
                | ~Q(progress__rule_version=RULE_VERSION)
            )
        )

    @classmethod
    @transaction.atomic
    def recompute(cls, partnership_id) -> "PartnershipProgress":
        """Judge every referred youth of a partnership by the rule and store the figures.

        The row is locked meanwhile: a rating that arrives waits, and marks it stale again.
        Running twice changes nothing but the time.
        """
        cls.objects.bulk_create([cls(partnership_id=partnership_id)], ignore_conflicts=True)
        row = cls.objects.select_for_update(of=("self",)).get(partnership_id=partnership_id)
        judgements = judge_partnership(partnership_id)
        now = timezone.now()
        YouthProgress.objects.filter(partnership_id=partnership_id).exclude(
            youth_id__in=judgements
        ).delete()
        YouthProgress.objects.bulk_create(
            [
                YouthProgress(
                    youth_id=youth_id,
                    partnership_id=partnership_id,
                    result=judgement.result,
                    changes=judgement.as_stored,
                    rule_version=judgement.rule_version,
                    computed_at=now,
                )
                for youth_id, judgement in judgements.items()
            ],
            update_conflicts=True,
            unique_fields=["youth"],
            update_fields=["partnership", "result", "changes", "rule_version", "computed_at"],
        )
        for name, value in count(judgements.values()).items():
            setattr(row, name, value)
        row.outcomes = outcomes_of(partnership_id)
        row.rule_version, row.computed_at, row.stale_since = RULE_VERSION, now, None
        row.save()
        return row


def judge_partnership(partnership_id) -> dict:
    """Judgement by youth id for every referred youth of a partnership, dropouts included."""
    answers = {}
    rows = (
        Youth.objects.referred()
        .filter(partnership_id=partnership_id)
        .order_by()
        .values_list(
            "pk",
            "ratings__voice",
            "ratings__indicator__code",
            "ratings__round__number",
            "ratings__step",
        )
    )
    for youth_id, voice, *answer in rows:
        given = answers.setdefault(youth_id, [])
        if voice is not None:  # a youth without ratings is one row of nothing
            given.append(Answer(voice, *answer))
    return {pk: judge(given) for pk, given in answers.items()}


def outcomes_of(partnership_id) -> dict[str, int]:
    """How many of a partnership's referred youths have each outcome, by its id."""
    rows = _with_outcome(partnership_id).values_list("outcome_id", "n")
    return {str(outcome_id): n for outcome_id, n in rows}


def count(judgements) -> dict[str, int]:
    """How many of each result, and all together as `referred`."""
    found = Counter(judgement.result.value for judgement in judgements)
    return {"referred": found.total()} | {value: found[value] for value in Result.values}


class YouthProgressQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_counts"):
        return self.filter(partnership_id__in=partnerships_with(user, codename))


class YouthProgress(models.Model):
    """One young person's result as last computed, with the changes it rests on."""

    youth = models.OneToOneField(Youth, on_delete=models.CASCADE, related_name="progress")
    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    result = models.CharField(max_length=10, choices=Result)
    changes = models.JSONField(default=list)  # [[voice, indicator, first, latest], ...]
    rule_version = models.PositiveSmallIntegerField()
    computed_at = models.DateTimeField()

    objects = YouthProgressQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["partnership", "result"], name="youths_by_result")]

    def __str__(self):
        return f"{self.result} {self.youth_id}"

    @property
    def stored_changes(self) -> list[Change]:
        return [Change(*change) for change in self.changes]


class Snapshot(Counts):
    """The figures of one partnership on one day, by one version of the rule."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="snapshots")
    taken_on = models.DateField()
    inputs = models.CharField(max_length=64)  # SHA-256 of what was counted
    computed_at = models.DateTimeField()

    class Meta:
        ordering = ["taken_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "taken_on", "rule_version"], name="one_snapshot_a_day"
            ),
            models.CheckConstraint(condition=ADDS_UP, name="snapshot_adds_up_to_all_referred"),
        ]

    def __str__(self):
        return f"{self.taken_on} {self.partnership_id}"

    @classmethod
    @transaction.atomic
    def take(cls, partnership_id) -> None:
        """Keep today's figures of a partnership; taking it twice a day keeps the first.

        The figures are locked meanwhile, so that the fingerprint is that of what was counted.
        """
        progress = PartnershipProgress.objects.select_for_update(of=("self",)).get(
            partnership_id=partnership_id
        )
        results = YouthProgress.objects.filter(partnership_id=partnership_id)
        inputs = hashlib.sha256(
            repr(list(results.order_by("youth").values_list("youth", "result", "changes"))).encode()
        ).hexdigest()
        cls.objects.bulk_create(
            [
                cls(
                    partnership_id=partnership_id,
                    taken_on=timezone.localdate(),
                    inputs=inputs,
                    computed_at=progress.computed_at,
                    rule_version=progress.rule_version,
                    **progress.counts(),
                )
            ],
            ignore_conflicts=True,
        )


class ProgrammeSnapshotQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(programme__in=Programme.objects.visible_to(user))

    def months(self):
        """The last one of each month, the oldest first; each with its `month`."""
        return (
            self.annotate(month=TruncMonth("taken_on"))
            .order_by("month", "-taken_on", "-rule_version")
            .distinct("month")
        )


class ProgrammeSnapshot(Counts):
    """The snapshots of all partnerships of a programme on one day, added up."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="snapshots")
    taken_on = models.DateField()

    objects = ProgrammeSnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["taken_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "taken_on", "rule_version"],
                name="one_snapshot_a_day_of_a_programme",
            ),
            models.CheckConstraint(
                condition=ADDS_UP, name="programme_snapshot_adds_up_to_all_referred"
            ),
        ]

    def __str__(self):
        return f"{self.taken_on} {self.programme_id}"

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
        total = Snapshot.objects.filter(
            ~Exists(newer), partnership__programme=programme_id, taken_on=day
        ).aggregate(**{name: Sum(name) for name in cls.FIELDS}, rule_version=Max("rule_version"))
        if total["rule_version"] is None:
            return
        cls.objects.bulk_create(
            [cls(programme_id=programme_id, taken_on=day, **total)],
            update_conflicts=True,
            unique_fields=["programme", "taken_on", "rule_version"],
            update_fields=cls.FIELDS,
        )


class Reconciliation(models.Model):
    """A nightly comparison of the stored figures with a fresh computation from the ratings."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ran_at = models.DateTimeField(default=timezone.now)
    checked = models.PositiveIntegerField()
    differing = models.JSONField(default=list)  # ids of partnerships whose figures differed

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ["-ran_at"]

    def __str__(self):
        return f"{self.ran_at:%Y-%m-%d}"

    @classmethod
    def run(cls) -> "Reconciliation":
        """Compare every partnership that is not stale; put what differs on the work list."""
        settled = PartnershipProgress.objects.filter(stale_since=None)
        agree = {pk: cls._agrees(pk) for pk in settled.values_list("partnership_id", flat=True)}
        return cls.objects.create(
            checked=sum(1 for answer in agree.values() if answer is not None),
            differing=sorted(str(pk) for pk, answer in agree.items() if answer is False),
        )

    @staticmethod
    @transaction.atomic
    def _agrees(partnership_id) -> bool | None:
        """Whether the stored figures are those of a fresh computation; None when not settled.

        The row is locked meanwhile, so that a rating that arrives is not taken for a difference.
        """
        row = (
            PartnershipProgress.objects.select_for_update(of=("self",))
            .filter(partnership_id=partnership_id, stale_since=None)
            .first()
        )
        if row is None:
            return None
        fresh = judge_partnership(partnership_id)
        stored = YouthProgress.objects.filter(partnership_id=partnership_id)
        counted = (row.counts(), row.outcomes)
        if counted == (count(fresh.values()), outcomes_of(partnership_id)) and {
            pk: (result, changes)
            for pk, result, changes in stored.values_list("youth_id", "result", "changes")
        } == {pk: (judgement.result.value, judgement.as_stored) for pk, judgement in fresh.items()}:
            return True
        PartnershipProgress.mark_stale(partnership_id)
        return False
