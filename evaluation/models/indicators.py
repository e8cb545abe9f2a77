"""The instrument: what is rated, and in which words for whom."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from evaluation.progress import Voice


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
