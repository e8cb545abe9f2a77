"""Indicators, rounds, and the answers of three voices."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from evaluation.models.figures import PartnershipProgress
from evaluation.progress import Voice
from partnerships.access import Role, memberships
from partnerships.models import DateRange, Programme, User
from youths.models import Youth


class RatingRefused(Exception):
    """A rating that cannot be given now."""


class AnsweredMeanwhile(RatingRefused):
    """Somebody else answered in the same voice while this person was writing."""

    def __init__(self, by: str, at):
        super().__init__(_("Somebody else has answered meanwhile."))
        self.by, self.at = by, at


class IndicatorQuerySet(models.QuerySet):
    def asked_of(self, voice: str) -> list["Indicator"]:
        """The indicators that a voice answers, each with `.text` in the current language."""
        return self._worded(IndicatorText.Audience.of(voice), only=True)

    def told_to(self, voice: str | None) -> list["Indicator"]:
        """Every indicator that has a wording, each with the `.text` nearest to that reader."""
        return self._worded(IndicatorText.Audience.of(voice), only=False)

    def _worded(self, audience: str, *, only: bool) -> list["Indicator"]:
        language = (get_language() or IndicatorText.Language.DANISH)[:2]
        texts = IndicatorText.objects.filter(indicator__in=self).select_related("indicator")
        if only:
            texts = texts.filter(audience=audience)
        chosen = {}  # the nearest comes last and stays
        for text in sorted(texts, key=lambda t: (t.audience == audience, t.language == language)):
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
        """Open today; there is at most one in a programme."""
        today = timezone.localdate()
        return self.filter(opens_on__lte=today, closes_on__gte=today)

    def begun(self):
        """Open now or earlier."""
        return self.filter(opens_on__lte=timezone.localdate())

    def of(self, youth):
        """Those of the programme in which the young person has a place."""
        return self.filter(programme__partnerships=youth.partnership_id)


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

    def given(self, youth, in_round, voice: str):
        """One voice's answers about a young person in one round."""
        return self.filter(youth=youth, round=in_round, voice=voice).select_related("rated_by")


def voice_of(user, youth=None) -> str | None:
    """In whose voice a person rates: the young person, the school, or the job centre.

    With a youth it is the voice in that youth's partnership, for somebody who is in several.
    """
    voices = {Role.SCHOOL: Voice.SCHOOL, Role.CASEWORKER: Voice.CASEWORKER}
    mine = memberships(user)
    if not mine:
        return None if user.is_staff else Voice.YOUTH
    return next(
        (
            voices[m.role]
            for m in mine
            if m.role in voices and (youth is None or m.partnership_id == youth.partnership_id)
        ),
        None,
    )


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
    def give(
        cls, *, by, youth, voice: str, answers: dict, begun_in=None, seen_at=None
    ) -> RatingRound:
        """Save a voice's answers, {indicator: (step or None, small step)}, in the open round.

        The partnership's figures become stale in the same transaction. `begun_in` is the id of
        the round in which the answering began, `seen_at` when the answers that the person saw
        were given; without them neither is asked.

        Raises RatingRefused when the young person has no place or that round is not open now,
        and AnsweredMeanwhile when a colleague has answered since `seen_at`.
        """
        # Two who answer about one young person take turns. NO KEY: recomputing refers to the
        # youth's row while it holds the figures, and must not wait for who waits for them.
        youth = Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)
        if youth.enrolled_on is None or youth.partnership_id is None:
            raise RatingRefused(_("The young person has no place in a partnership."))
        current = RatingRound.objects.open().of(youth).first()
        if current is None:
            raise RatingRefused(_("No round of rating is open now."))
        if begun_in is not None and begun_in != current.pk:
            raise RatingRefused(_("The round you began in is closed, and another one is open."))
        if begun_in is not None:
            latest = cls.objects.given(youth, current, voice).order_by("-rated_at").first()
            if latest and latest.rated_by_id != by.pk and latest.rated_at != seen_at:
                raise AnsweredMeanwhile(latest.rated_by.name, latest.rated_at)
        now = timezone.now()
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
                    rated_at=now,
                )
                for indicator, (step, small_step) in answers.items()
            ],
            update_conflicts=True,
            unique_fields=["youth", "round", "indicator", "voice"],
            update_fields=["step", "small_step", "rated_by", "rated_at"],
        )
        PartnershipProgress.mark_stale(youth.partnership_id)
        return current
