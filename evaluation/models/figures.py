"""What is computed from the ratings: figures, their history, and the nightly check of them."""

import uuid
from collections import Counter

from celery import current_app
from django.db import models, transaction
from django.db.models import (
    Case,
    Exists,
    F,
    Func,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Least, TruncMonth
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evaluation.masking import LEAST
from evaluation.models.definitions import Definition
from evaluation.models.evidence import judged_anew, judged_by_the_database
from evaluation.models.rounds import RatingRound
from evaluation.progress import RULE_VERSION, Change, Fact, Result, SeenBy
from partnerships.access import partnerships_with
from partnerships.models import Partnership, Programme
from youths.models import Youth


class Counts(models.Model):
    """How many youths of a partnership have each result, and who sees it; each adds up to all.

    `certain` and `possible` are the ends of the range: so many are closer whatever the answers
    say that the open round waits for, and so many may be. Of `awaited` the round still waits for
    an answer that can make a difference.
    """

    referred = models.PositiveIntegerField(default=0)
    closer = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    further = models.PositiveIntegerField(default=0)
    too_early = models.PositiveIntegerField(default=0)
    no_data = models.PositiveIntegerField(default=0)
    certain = models.PositiveIntegerField(default=0, db_default=0)
    possible = models.PositiveIntegerField(default=0, db_default=0)
    awaited = models.PositiveIntegerField(default=0, db_default=0)
    seen_by_both = models.PositiveIntegerField(default=0, db_default=0)
    seen_by_youth = models.PositiveIntegerField(default=0, db_default=0)
    seen_by_professionals = models.PositiveIntegerField(default=0, db_default=0)
    seen_by_neither = models.PositiveIntegerField(default=0, db_default=0)
    seen_by_unknown = models.PositiveIntegerField(default=0, db_default=0)
    rule_version = models.PositiveSmallIntegerField(default=RULE_VERSION)

    SEEN_BY = tuple(f"seen_by_{whose}" for whose in SeenBy.values)
    FIELDS = ("referred", *Result.values, "certain", "possible", "awaited", *SEEN_BY)

    class Meta:
        abstract = True

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.FIELDS}


ADDS_UP = Q(referred=F("closer") + F("unchanged") + F("further") + F("too_early") + F("no_data"))
# A release before this one leaves them out.
SEEN_ADDS_UP = Q(rule_version__lt=2) | Q(
    referred=F("seen_by_both")
    + F("seen_by_youth")
    + F("seen_by_professionals")
    + F("seen_by_neither")
    + F("seen_by_unknown")
)
IN_ORDER = Q(rule_version__lt=2) | Q(
    certain__lte=F("closer"), possible__gte=F("closer"), possible__lte=F("referred")
)


def kept(name: str) -> list:
    """The constraints of a table of counts."""
    return [
        models.CheckConstraint(condition=ADDS_UP, name=f"{name}_adds_up_to_all_referred"),
        models.CheckConstraint(condition=SEEN_ADDS_UP, name=f"{name}_by_voices_adds_up_too"),
        models.CheckConstraint(condition=IN_ORDER, name=f"{name}_lies_in_its_range"),
        models.CheckConstraint(
            condition=Q(awaited__lte=F("possible") - F("certain")),
            name=f"{name}_awaits_only_what_is_open",
        ),
    ]


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


# `masking.band` of those who are closer, for the database: whole numbers are divided as such.
_BANDS = F("referred") / LEAST
_LOW = Case(
    When(referred__gte=2 * LEAST, then=Least(F("closer") / LEAST, _BANDS - 1) * LEAST), default=0
)
_HIGH = Case(
    When(referred__lt=2 * LEAST, then=F("referred")),
    When(closer__gte=(_BANDS - 1) * LEAST, then=F("referred")),
    default=F("closer") / LEAST * LEAST + LEAST - 1,
)


class PartnershipProgressQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(partnership_id__in=partnerships_with(user, "view_counts"))

    def total(self, outcomes=()) -> dict:
        """The figures added up by the database, and the youths of each outcome as `outcomes`.

        Also `computed_at`, of the oldest, `stale`, whether any is out of date, and `lowest` and
        `highest`, the ends of the partnerships' bands added up (evaluation/masking.py).
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
            # First: the names of the sums below hide the columns.
            lowest=Sum(_LOW, default=0),
            highest=Sum(_HIGH, default=0),
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
    inputs = models.CharField(max_length=64, default="", db_default="")  # SHA-256 of all judged
    # Number of the round that was open, whose answers the range leaves open; null for none.
    open_round = models.PositiveSmallIntegerField(null=True)
    # What new rounds are judged by.
    definition = models.ForeignKey(
        Definition, on_delete=models.PROTECT, null=True, related_name="+"
    )
    stale_since = models.DateTimeField(null=True)
    computed_at = models.DateTimeField(null=True)

    objects = PartnershipProgressQuerySet.as_manager()

    class Meta:
        constraints = kept("progress")
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
        """Partnerships whose figures are stale, missing, or count other youths or outcomes; and
        those where a round has opened or closed since.
        """
        opened = RatingRound.objects.open().filter(programme=OuterRef("programme"))
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
                now_open=Coalesce(Subquery(opened.values("number")[:1]), 0),
                now_referred=Coalesce(
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
                | (Q(progress__open_round=None) & ~Q(now_open=0))
                | (Q(progress__open_round__isnull=False) & ~Q(progress__open_round=F("now_open")))
            )
        )

    @classmethod
    @transaction.atomic
    def recompute(cls, partnership_id) -> "PartnershipProgress":
        """Judge every referred youth of a partnership by its definition and store the figures.

        The row is locked meanwhile: a rating that arrives waits, and marks it stale again.
        Running twice changes nothing but the time; a youth whose judgement is the same keeps its
        row as it is.
        """
        cls.objects.bulk_create([cls(partnership_id=partnership_id)], ignore_conflicts=True)
        row = cls.objects.select_for_update(of=("self",)).get(partnership_id=partnership_id)
        partnership = Partnership.objects.select_related("programme").get(pk=partnership_id)
        judged = judged_by_the_database(partnership)
        now = timezone.now()
        stored = YouthProgress.objects.filter(partnership_id=partnership_id)
        stored.exclude(youth_id__in=judged.by_youth).delete()
        known = {one.youth_id: one.as_judged for one in stored}
        YouthProgress.objects.bulk_create(
            [
                YouthProgress(
                    youth_id=youth_id,
                    partnership_id=partnership_id,
                    rule_version=RULE_VERSION,
                    computed_at=now,
                    **columns,
                )
                for youth_id, columns in judged.columns.items()
                if known.get(youth_id) != columns
            ],
            update_conflicts=True,
            unique_fields=["youth"],
            update_fields=["partnership", "rule_version", "computed_at", *YouthProgress.JUDGED],
        )
        for name, value in count(judged.by_youth.values()).items():
            setattr(row, name, value)
        row.outcomes = outcomes_of(partnership_id)
        row.inputs, row.open_round = judged.inputs, judged.open_round
        row.definition = judged.newest
        row.rule_version, row.computed_at, row.stale_since = RULE_VERSION, now, None
        row.save()
        return row


def outcomes_of(partnership_id) -> dict[str, int]:
    """How many of a partnership's referred youths have each outcome, by its id."""
    rows = _with_outcome(partnership_id).values_list("outcome_id", "n")
    return {str(outcome_id): n for outcome_id, n in rows}


def count(judgements) -> dict[str, int]:
    """How many of each result and of each who sees it, the range, and all as `referred`."""
    judgements = list(judgements)
    results = Counter(judgement.result for judgement in judgements)
    seen_by = Counter(judgement.seen_by for judgement in judgements)
    return {
        "referred": len(judgements),
        "certain": sum(judgement.certain for judgement in judgements),
        "possible": sum(judgement.possible for judgement in judgements),
        "awaited": sum(bool(judgement.awaits) for judgement in judgements),
        **{result.value: results[result] for result in Result},
        **{f"seen_by_{whose.value}": seen_by[whose] for whose in SeenBy},
    }


class Counted(models.TextChoices):
    """How a figure counts youths: each name is a column of `Counts`, or the sum of some."""

    CLOSER = "closer", _("Closer")
    CERTAIN = "certain", _("Closer, certain")
    PROBABLE = "probable", _("Closer, probable")
    TOO_EARLY = "too_early", _("Too early to say")
    NO_DATA = "no_data", _("No data")
    NO = "no", _("Not closer")
    UNCHANGED = "unchanged", _("Unchanged")
    FURTHER = "further", _("Further away")

    @property
    def rows(self) -> Q:
        """Which rows of YouthProgress it counts."""
        return {
            Counted.CERTAIN: Q(certain=True),
            Counted.PROBABLE: Q(result=Result.CLOSER, certain=False),
            Counted.NO: Q(result__in=(Result.UNCHANGED, Result.FURTHER)),
        }.get(self, Q(result=self.value))

    @property
    def total(self):
        """The sum of it over rows of `Counts`."""
        return {
            Counted.PROBABLE: Sum(F("closer") - F("certain"), default=0),
            Counted.NO: Sum(F("unchanged") + F("further"), default=0),
        }.get(self, Sum(self.value, default=0))


class YouthProgressQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_counts"):
        return self.filter(partnership_id__in=partnerships_with(user, codename))


class YouthProgress(models.Model):
    """One young person's result as last computed, and what it rests on."""

    youth = models.OneToOneField(Youth, on_delete=models.CASCADE, related_name="progress")
    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    result = models.CharField(max_length=10, choices=Result)
    seen_by = models.CharField(
        max_length=13, choices=SeenBy, default=SeenBy.UNKNOWN, db_default="unknown"
    )
    certain = models.BooleanField(default=False, db_default=False)
    possible = models.BooleanField(default=False, db_default=False)
    changes = models.JSONField(default=list)  # [[voice, indicator, first, latest], ...]
    facts = models.JSONField(default=list, db_default=[])
    awaits = models.JSONField(default=list, db_default=[])  # voices
    # Null only in rows of a release before there were any.
    definition = models.ForeignKey(
        Definition, on_delete=models.PROTECT, null=True, related_name="+"
    )
    rule_version = models.PositiveSmallIntegerField()
    computed_at = models.DateTimeField()

    objects = YouthProgressQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["partnership", "result"], name="youths_by_result")]

    def __str__(self):
        return f"{self.result} {self.youth_id}"

    JUDGED = ("result", "seen_by", "certain", "possible", "changes", "facts", "awaits")
    JUDGED += ("definition_id",)

    @property
    def as_judged(self) -> dict:
        """The columns that a judgement makes; as `Judged.columns` has them."""
        return {name: getattr(self, name) for name in self.JUDGED}

    @classmethod
    def silent_in(cls, programme) -> Q:
        """Rows of those who are still there and of whom nobody has said anything in the last round
        that is over, though they had a place when it opened.
        """
        over = RatingRound.objects.filter(
            programme=programme.pk, closes_on__lt=timezone.localdate()
        ).last()
        if over is None:
            return Q(pk=None)
        return Q(youth__left_on=None, youth__enrolled_on__lte=over.opens_on) & ~Exists(
            Youth.objects.filter(pk=OuterRef("youth"), ratings__round__number__gte=over.number)
        )

    @property
    def stored_changes(self) -> list[Change]:
        return [Change(*change) for change in self.changes]

    @property
    def stored_facts(self) -> list[Fact]:
        return [Fact(fact) for fact in self.facts]


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


class Reconciliation(models.Model):
    """A nightly comparison of the stored figures with a fresh computation from the ratings."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ran_at = models.DateTimeField(default=timezone.now)
    checked = models.PositiveIntegerField()
    differing = models.JSONField(default=list)  # ids of partnerships whose figures differed
    # {partnership: {figure: [stored, fresh]}}; `youths` is how many are judged otherwise
    differences = models.JSONField(default=dict, db_default={})

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
        found = {pk: cls._compare(pk) for pk in settled.values_list("partnership_id", flat=True)}
        differences = {str(pk): what for pk, what in found.items() if what}
        return cls.objects.create(
            checked=sum(1 for what in found.values() if what is not None),
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
        stored = row.counts() | {"outcomes": row.outcomes}
        fresh = count(judged.by_youth.values()) | {"outcomes": outcomes_of(partnership_id)}
        rows = YouthProgress.objects.filter(partnership_id=partnership_id)
        kept, columns = {one.youth_id: one.as_judged for one in rows}, judged.columns
        otherwise = sum(kept.get(pk) != columns.get(pk) for pk in kept.keys() | columns.keys())
        differences = {
            name: [stored[name], fresh[name]] for name in stored if stored[name] != fresh[name]
        } | ({"youths": [0, otherwise]} if otherwise else {})
        if differences:
            PartnershipProgress.mark_stale(partnership_id)
        return differences
