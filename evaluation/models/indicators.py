"""The instrument: what is rated, and in which words for whom."""

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from evaluation.progress import Voice


class IndicatorQuerySet(models.QuerySet):
    def asked_of(self, voice: str) -> list["Indicator"]:
        """The indicators that a voice answers now, each with `.text` in the current language."""
        return self._worded(IndicatorText.Audience.of(voice), only=True)

    def told_to(self, voice: str | None) -> list["Indicator"]:
        """Every indicator that has or had a wording, with the `.text` nearest to that reader.

        And with `.ended`: what is asked no more, in the current language, by audience and version.
        """
        return self._worded(IndicatorText.Audience.of(voice), only=False)

    def _worded(self, audience: str, *, only: bool) -> list["Indicator"]:
        language = (get_language() or IndicatorText.Language.DANISH)[:2]
        texts = IndicatorText.objects.filter(indicator__in=self).select_related("indicator")
        if only:
            texts = texts.current().filter(audience=audience)

        def nearness(text):
            of_now = text.ended_at is None
            return of_now, text.audience == audience, text.language == language, text.version

        chosen = {}  # the nearest comes last and stays
        for text in sorted(texts, key=nearness):
            chosen[text.indicator_id] = text
        indicators = []
        for text in sorted(chosen.values(), key=lambda t: t.indicator.position):
            text.indicator.text = text
            text.indicator.ended = {
                (one.audience, one.version): one
                for one in texts
                if one.indicator_id == text.indicator_id
                and one.ended_at
                and one.language == language
            }
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

    @transaction.atomic
    def reword(self, texts, gone=()) -> None:
        """Wordings that are new, and current ones that end; what was answered keeps its own.

        A version holds every language of an audience: one that does not change is carried over.
        An audience that loses its last wording is not asked any more.
        """
        Indicator.objects.select_for_update(no_key=True).get(pk=self.pk)
        for audience in {text.audience for text in [*texts, *gone]}:
            earlier = self.texts.filter(audience=audience)
            version = (earlier.aggregate(last=models.Max("version"))["last"] or 0) + 1
            standing = {text.language: text for text in earlier.current()}
            for text in gone:
                standing.pop(text.language, None) if text.audience == audience else None
            standing |= {text.language: text for text in texts if text.audience == audience}
            earlier.current().update(ended_at=timezone.now())
            for text in standing.values():
                text.pk, text._state.adding = None, True
                text.indicator, text.version, text.ended_at = self, version, None
                text.save(force_insert=True)


class IndicatorTextQuerySet(models.QuerySet):
    def current(self):
        """What is asked now."""
        return self.filter(ended_at=None)


class IndicatorText(models.Model):
    """An indicator's wording for one audience in one language, each step anchored in words.

    It never changes: other words are another version, so that an answer keeps the words it was
    given to. The database refuses anything else.
    """

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
    version = models.PositiveSmallIntegerField(
        _("version"), default=1, db_default=1, editable=False
    )
    ended_at = models.DateTimeField(_("asked until"), null=True, editable=False)
    name = models.CharField(_("short name"), max_length=60)
    question = models.CharField(_("question"), max_length=160)
    step_1 = models.CharField(_("step 1"), max_length=80)
    step_2 = models.CharField(_("step 2"), max_length=80)
    step_3 = models.CharField(_("step 3"), max_length=80)
    step_4 = models.CharField(_("step 4"), max_length=80)
    step_5 = models.CharField(_("step 5"), max_length=80)

    objects = IndicatorTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        ordering = ["indicator", "audience", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "audience", "language"],
                condition=models.Q(ended_at=None),
                name="one_wording_per_audience_and_language",
                violation_error_message=_("This audience has a wording in this language."),
            ),
            # As expressions it is an index, which is built while others go on.
            models.UniqueConstraint(
                "indicator", "audience", "language", "version", name="a_version_has_a_wording_once"
            ),
        ]

    def __str__(self):
        return self.name

    def in_version(self, version: int) -> "IndicatorText":
        """The same question to the same audience and in the same language, as it was then."""
        if version == self.version:
            return self
        same = {"audience": self.audience, "language": self.language, "version": version}
        return IndicatorText.objects.filter(indicator=self.indicator_id, **same).first() or self

    @property
    def steps(self) -> list[tuple[int, str]]:
        return [(n, getattr(self, f"step_{n}")) for n in range(1, 6)]
