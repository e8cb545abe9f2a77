"""What is computed from the ratings: the figures of a partnership, and each youth's result."""

import json
from collections import Counter

from celery import current_app
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import (
    Case,
    Exists,
    F,
    Func,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evaluation.masking import LEAST
from evaluation.models.definitions import Definition
from evaluation.models.evidence import judged_by_the_database
from evaluation.models.rounds import RatingRound
from evaluation.progress import RULE_VERSION, Change, Fact, Result, SeenBy
from partnerships.access import partnerships_with
from partnerships.models import Partnership
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


KEPT_OUTCOMES = ("outcomes", "outcomes_after")  # columns of PartnershipProgress


class PartnershipProgressQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(partnership_id__in=partnerships_with(user, "view_counts"))

    def total(self, outcomes=()) -> dict:
        """The figures added up by the database, and the youths of each outcome as `outcomes` and
        `outcomes_after`, at the end of STU and 12 months after.

        Also `computed_at`, of the oldest, `stale`, whether any is out of date, and `lowest` and
        `highest`, the ends of the partnerships' bands added up (evaluation/masking.py).
        """
        of_outcome = {
            f"{kept}_{outcome.pk}": Sum(
                Cast(
                    Func(
                        kept,
                        Value(str(outcome.pk)),
                        function="JSONB_EXTRACT_PATH_TEXT",
                        output_field=models.TextField(),
                    ),
                    models.IntegerField(),
                ),
                default=0,
            )
            for kept in KEPT_OUTCOMES
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
        for kept in KEPT_OUTCOMES:
            total[kept] = {outcome: total[f"{kept}_{outcome.pk}"] for outcome in outcomes}
        return total


def _nudge(task: str, *args) -> None:
    """Tell a worker after the commit, once; it may get lost."""

    # A function with a name: Django's own handling of a robust callback that fails asks for it.
    def nudge():
        current_app.send_task(
            f"evaluation.tasks.{task}", args=list(args), retry=False, ignore_result=True
        )

    transaction.on_commit(nudge, robust=True)


class PartnershipProgress(Counts):
    """The figures of a partnership as last computed, and since when they are out of date."""

    partnership = models.OneToOneField(
        Partnership, on_delete=models.CASCADE, related_name="progress"
    )
    # {outcome: how many of the referred youths}, at the end of STU and 12 months after
    outcomes = models.JSONField(default=dict, db_default={})
    outcomes_after = models.JSONField(default=dict, db_default={})
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

        _nudge("recompute", str(partnership_id))

    @classmethod
    @transaction.atomic
    def mark_all_stale(cls, figures) -> None:
        """The same of many, as a queryset: one job for all of them. What waits already keeps its
        time.
        """
        figures.filter(stale_since=None).update(stale_since=timezone.now())
        _nudge("sweep")

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
    def recompute(cls, partnership_id, *, listed_at=None) -> "PartnershipProgress | None":
        """Judge every referred youth of a partnership by its definition and store the figures.

        The row is locked meanwhile: a rating that arrives waits, and marks it stale again.
        Running twice changes nothing but the time; a youth whose judgement is the same keeps its
        row as it is. For who works off a list, with the time when it was made: None, and nothing
        is done, where somebody else is at it now or has done it since.
        """
        rows = cls.objects.select_for_update(of=("self",), skip_locked=listed_at is not None)
        rows = rows.filter(partnership_id=partnership_id)
        row = rows.first()
        if row is None:
            cls.objects.bulk_create([cls(partnership_id=partnership_id)], ignore_conflicts=True)
            row = rows.first()
        if listed_at is not None and (row is None or row._is_fresh(since=listed_at)):
            return None
        partnership = Partnership.objects.select_related("programme").get(pk=partnership_id)
        judged = judged_by_the_database(partnership)
        now = timezone.now()
        YouthProgress.store(partnership_id, judged.columns, now)
        for name, value in count(judged.by_youth.values()).items():
            setattr(row, name, value)
        row.outcomes = outcomes_of(partnership_id)
        row.outcomes_after = outcomes_after_of(partnership_id)
        row.inputs, row.open_round = judged.inputs, judged.open_round
        row.definition = judged.newest
        row.rule_version, row.computed_at, row.stale_since = RULE_VERSION, now, None
        row.save()
        return row

    def _is_fresh(self, *, since) -> bool:
        return self.stale_since is None and (self.computed_at or since) > since


def outcomes_of(partnership_id) -> dict[str, int]:
    """How many of a partnership's referred youths have each outcome, by its id."""
    rows = _with_outcome(partnership_id).values_list("outcome_id", "n")
    return {str(outcome_id): n for outcome_id, n in rows}


def outcomes_after_of(partnership_id) -> dict[str, int]:
    """The same 12 months after STU, of those of whom it is recorded."""
    recorded = apps.get_model("evaluation", "Outcome").objects.filter(
        youth__in=Youth.objects.referred().filter(partnership=partnership_id)
    )
    newest = recorded.after().values_list("outcome_id", flat=True)
    return {str(outcome_id): n for outcome_id, n in Counter(newest).items()}


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


# In one statement, and the comparison in the database: hundreds of rows are written at once.
_STORE = """
INSERT INTO evaluation_youthprogress (
    youth_id, partnership_id, rule_version, computed_at,
    result, seen_by, certain, possible, changes, facts, awaits, definition_id
)
SELECT
    new.youth_id, %(partnership)s, %(rule_version)s, %(now)s,
    new.result, new.seen_by, new.certain, new.possible, new.changes, new.facts, new.awaits,
    new.definition_id
FROM jsonb_to_recordset(%(judged)s) AS new (
    youth_id uuid, result text, seen_by text, certain boolean, possible boolean,
    changes jsonb, facts jsonb, awaits jsonb, definition_id uuid
)
LEFT JOIN evaluation_youthprogress old ON old.youth_id = new.youth_id
WHERE (
    old.partnership_id, old.result, old.seen_by, old.certain, old.possible,
    old.changes, old.facts, old.awaits, old.definition_id
) IS DISTINCT FROM (
    %(partnership)s, new.result, new.seen_by, new.certain, new.possible,
    new.changes, new.facts, new.awaits, new.definition_id
)
ON CONFLICT (youth_id) DO UPDATE SET
    partnership_id = EXCLUDED.partnership_id,
    rule_version = EXCLUDED.rule_version,
    computed_at = EXCLUDED.computed_at,
    result = EXCLUDED.result,
    seen_by = EXCLUDED.seen_by,
    certain = EXCLUDED.certain,
    possible = EXCLUDED.possible,
    changes = EXCLUDED.changes,
    facts = EXCLUDED.facts,
    awaits = EXCLUDED.awaits,
    definition_id = EXCLUDED.definition_id
"""


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

    @classmethod
    def judged(cls, partnership_id) -> dict:
        """By youth, the columns that a judgement makes; as `Judged.columns` has them."""
        rows = cls.objects.filter(partnership_id=partnership_id).values("youth_id", *cls.JUDGED)
        return {row.pop("youth_id"): row for row in rows}

    @classmethod
    def store(cls, partnership_id, judged, now) -> None:
        """Write what is judged otherwise than it was, and leave every other row as it is."""
        rows = cls.objects.filter(partnership_id=partnership_id)
        if gone := set(rows.values_list("youth_id", flat=True)) - judged.keys():
            rows.filter(youth__in=gone).delete()
        given = [{"youth_id": str(pk), **columns} for pk, columns in judged.items()]
        with connection.cursor() as cursor:
            cursor.execute(
                _STORE,
                {
                    "judged": json.dumps(given, default=str),
                    "partnership": partnership_id,
                    "rule_version": RULE_VERSION,
                    "now": now,
                },
            )

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
