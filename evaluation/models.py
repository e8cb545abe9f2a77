"""Ratings in three voices, and what is computed from them."""

import hashlib
import uuid
from collections import Counter
from functools import partial

from celery import current_app
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from evaluation.progress import RULE_VERSION, Answer, Change, Result, Voice, judge
from partnerships.access import Role, memberships, partnership_ids
from partnerships.models import DateRange, Partnership, Programme, User
from youths.models import Youth


class RatingRefused(Exception):
    """A rating that cannot be given now."""


class IndicatorQuerySet(models.QuerySet):
    def asked_of(self, voice: str) -> list["Indicator"]:
        """The indicators that a voice answers, each with `.text` in the current language."""
        audience = IndicatorText.Audience.of(voice)
        texts = IndicatorText.objects.filter(
            audience=audience, language__in=(get_language()[:2], "da"), indicator__in=self
        ).select_related("indicator")
        chosen = {}
        for text in sorted(texts, key=lambda t: t.language == get_language()[:2]):
            chosen[text.indicator_id] = text
        indicators = []
        for text in sorted(chosen.values(), key=lambda t: t.indicator.position):
            text.indicator.text = text
            indicators.append(text.indicator)
        return indicators


class Indicator(models.Model):
    """A sign of coming closer. An indicator with no wording for an audience isn't asked there."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    position = models.PositiveSmallIntegerField(_("order"), unique=True)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["position"]

    def __str__(self):
        return self.code


class IndicatorText(models.Model):
    """An indicator's wording for one audience in one language, each step anchored in words."""

    class Audience(models.TextChoices):
        YOUTH = "youth", _("The young person")
        PROFESSIONAL = "professional", _("Professionals")

        @classmethod
        def of(cls, voice: str) -> str:
            return cls.YOUTH if voice == Voice.YOUTH else cls.PROFESSIONAL

    class Language(models.TextChoices):
        DANISH = "da", _("Danish")
        ENGLISH = "en", _("English")

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="texts")
    audience = models.CharField(_("audience"), max_length=12, choices=Audience)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    name = models.CharField(_("short name"), max_length=60)
    question = models.CharField(_("question"), max_length=160)
    step_1 = models.CharField(_("step 1"), max_length=80)
    step_2 = models.CharField(_("step 2"), max_length=80)
    step_3 = models.CharField(_("step 3"), max_length=80)
    step_4 = models.CharField(_("step 4"), max_length=80)
    step_5 = models.CharField(_("step 5"), max_length=80)

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        ordering = ["indicator", "audience", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "audience", "language"],
                name="one_wording_per_audience_and_language",
                violation_error_message=_("This audience has a wording in this language."),
            )
        ]

    def __str__(self):
        return self.name

    @property
    def steps(self) -> list[tuple[int, str]]:
        return [(n, getattr(self, f"step_{n}")) for n in range(1, 6)]


class RatingRoundQuerySet(models.QuerySet):
    def open(self):
        today = timezone.localdate()
        return self.filter(opens_on__lte=today, closes_on__gte=today)


class RatingRound(models.Model):
    """The same window for all three voices of a programme."""

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="rounds", verbose_name=_("programme")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    opens_on = models.DateField(_("opens"))
    closes_on = models.DateField(_("last day"))

    objects = RatingRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("rating round")
        verbose_name_plural = _("rating rounds")
        ordering = ["programme", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "number"],
                name="one_round_per_number",
                violation_error_message=_("This round is here already."),
            ),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="a_round_closes_after_it_opens",
                violation_error_message=_("The last day is before the first."),
            ),
            ExclusionConstraint(
                name="one_round_open_at_a_time",
                expressions=[
                    ("programme", RangeOperators.EQUAL),
                    (
                        DateRange("opens_on", "closes_on", RangeBoundary(inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("Another round is open in this time."),
            ),
        ]

    def __str__(self):
        return str(self.number)


class RatingQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_ratings"):
        """All three voices, side by side, to those who may see ratings of the youth."""
        return self.filter(youth__in=Youth.objects.visible_to(user, codename).referred())


def voice_of(user) -> str | None:
    """In whose voice a person rates: the young person, the school, or the job centre."""
    voices = {Role.SCHOOL: Voice.SCHOOL, Role.CASEWORKER: Voice.CASEWORKER}
    mine = memberships(user)
    if not mine:
        return Voice.YOUTH
    return next((voices[m.role] for m in mine if m.role in voices), None)


class Rating(models.Model):
    """One voice's answer to one indicator in one round. A missing step is not zero."""

    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="ratings")
    round = models.ForeignKey(RatingRound, on_delete=models.PROTECT, related_name="ratings")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="ratings")
    voice = models.CharField(max_length=12, choices=Voice)
    step = models.PositiveSmallIntegerField(null=True)  # 1 to 5; null is not assessed
    small_step = models.CharField(_("small step"), max_length=300, blank=True)
    rated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    rated_at = models.DateTimeField(default=timezone.now)

    objects = RatingQuerySet.as_manager()

    class Meta:
        ordering = ["round", "indicator", "voice"]
        constraints = [
            models.UniqueConstraint(
                fields=["youth", "round", "indicator", "voice"],
                name="one_answer_per_voice_indicator_and_round",
            ),
            models.CheckConstraint(
                condition=Q(step=None) | Q(step__gte=1, step__lte=5),
                name="a_step_is_between_1_and_5",
                violation_error_message=_("A step is between 1 and 5."),
            ),
        ]

    def __str__(self):
        return f"{self.voice} {self.pk}"

    @classmethod
    @transaction.atomic
    def give(cls, *, by, youth, voice: str, answers: dict) -> RatingRound:
        """Save a voice's answers, {indicator: (step or None, small step)}, in the open round.

        The partnership's figures become stale in the same transaction. Raises RatingRefused when
        no round is open or the young person has no place.
        """
        if youth.enrolled_on is None or youth.partnership_id is None:
            raise RatingRefused(_("The young person has no place in a partnership."))
        current = (
            RatingRound.objects.open().filter(programme__partnerships=youth.partnership_id).first()
        )
        if current is None:
            raise RatingRefused(_("No round of rating is open now."))
        cls.objects.bulk_create(
            [
                cls(
                    youth=youth,
                    round=current,
                    indicator=indicator,
                    voice=voice,
                    step=step,
                    small_step=small_step,
                    rated_by=by,
                )
                for indicator, (step, small_step) in answers.items()
            ],
            update_conflicts=True,
            unique_fields=["youth", "round", "indicator", "voice"],
            update_fields=["step", "small_step", "rated_by", "rated_at"],
        )
        PartnershipProgress.mark_stale(youth.partnership_id)
        return current


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


class PartnershipProgressQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(partnership_id__in=partnership_ids(user, "view_counts"))


class PartnershipProgress(Counts):
    """The figures of a partnership as last computed, and since when they are out of date."""

    partnership = models.OneToOneField(
        Partnership, on_delete=models.CASCADE, related_name="progress"
    )
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
        transaction.on_commit(
            partial(
                current_app.send_task,
                "evaluation.tasks.recompute",
                args=[str(partnership_id)],
                retry=False,
                ignore_result=True,
            ),
            robust=True,
        )

    @classmethod
    def work_list(cls):
        """Partnerships whose figures are stale, missing, or count another number of youths."""
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
                )
            )
            .filter(
                Q(progress=None)
                | Q(progress__stale_since__isnull=False)
                | ~Q(progress__referred=F("now_referred"))
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
                    changes=[[c.voice, c.indicator, c.first, c.latest] for c in judgement.changes],
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
        row.rule_version, row.computed_at, row.stale_since = RULE_VERSION, now, None
        row.save()
        return row


def judge_partnership(partnership_id) -> dict:
    """Judgement by youth id for every referred youth of a partnership, dropouts included."""
    answers = {
        pk: []
        for pk in Youth.objects.referred()
        .filter(partnership_id=partnership_id)
        .values_list("pk", flat=True)
    }
    rows = Rating.objects.filter(youth__in=list(answers)).values_list(
        "youth_id", "voice", "indicator__code", "round__number", "step"
    )
    for youth_id, *answer in rows.order_by():
        answers[youth_id].append(Answer(*answer))
    return {pk: judge(given) for pk, given in answers.items()}


def count(judgements) -> dict[str, int]:
    """How many of each result, and all together as `referred`."""
    found = Counter(judgement.result.value for judgement in judgements)
    return {"referred": found.total()} | {value: found[value] for value in Result.values}


class YouthProgressQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_counts"):
        return self.filter(partnership_id__in=partnership_ids(user, codename))


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
    def take(cls, progress: PartnershipProgress) -> None:
        """Keep today's figures of a partnership; taking it twice a day keeps the first."""
        results = YouthProgress.objects.filter(partnership_id=progress.partnership_id)
        inputs = hashlib.sha256(
            repr(list(results.order_by("youth").values_list("youth", "result", "changes"))).encode()
        ).hexdigest()
        cls.objects.bulk_create(
            [
                cls(
                    partnership_id=progress.partnership_id,
                    taken_on=timezone.localdate(),
                    inputs=inputs,
                    computed_at=progress.computed_at,
                    rule_version=progress.rule_version,
                    **progress.counts(),
                )
            ],
            ignore_conflicts=True,
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
        differing, checked = [], 0
        settled = PartnershipProgress.objects.filter(stale_since=None)
        for row in settled.iterator():
            checked += 1
            fresh = judge_partnership(row.partnership_id)
            stored = dict(
                YouthProgress.objects.filter(partnership_id=row.partnership_id).values_list(
                    "youth_id", "result"
                )
            )
            if row.counts() != count(fresh.values()) or stored != {
                pk: judgement.result.value for pk, judgement in fresh.items()
            }:
                differing.append(str(row.partnership_id))
                PartnershipProgress.mark_stale(row.partnership_id)
        return cls.objects.create(checked=checked, differing=differing)
