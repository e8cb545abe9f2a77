"""The catalogue of plain labels, with the national vocabulary behind them.

A part is named from the catalogue or in own words; what many write in own words is offered to the
administrators for it (see wordings).
"""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from handover.access import SECTIONS
from partnerships.access import Section
from partnerships.encryption import blind_index


class Heading(models.TextChoices):
    """Under what a part stands inside its section, in the order of the profile."""

    DIRECTION = "direction", _("Career direction")
    MOTIVATION = "motivation", _("Motivation")
    VOCATIONAL = "vocational", _("Vocational competences")
    SOCIAL = "social", _("Social competences")
    PERSONAL = "personal", _("Personal competences")
    EXPERIENCE = "experience", _("Work experience and practice periods")
    NEED = "need", _("Support needs")
    AVOID = "avoid", _("What to avoid")
    SOCIAL_CONDITIONS = "social_conditions", _("Social conditions")
    MENTAL_CONDITIONS = "mental_conditions", _("Mental conditions")
    NETWORK = "network", _("Network")
    PRACTICAL = "practical", _("Practical matters")

    @property
    def section(self) -> str:
        return SECTION_OF[self]

    @classmethod
    def of(cls, sections) -> list["Heading"]:
        return [heading for section in sections for heading in HEADINGS[section]]

    @classmethod
    def grouped(cls, sections) -> list:
        """The headings of these sections as the choices of a field, by section."""
        return [
            (Section(section).label, [(h.value, h.label) for h in HEADINGS[section]])
            for section in sections
        ]


HEADINGS = {
    Section.DIRECTION: (Heading.DIRECTION, Heading.MOTIVATION),
    Section.COMPETENCES: (
        Heading.VOCATIONAL,
        Heading.SOCIAL,
        Heading.PERSONAL,
        Heading.EXPERIENCE,
    ),
    Section.SUPPORT: (Heading.NEED, Heading.AVOID),
    Section.HEALTH: (Heading.SOCIAL_CONDITIONS, Heading.MENTAL_CONDITIONS),
    Section.NETWORK: (Heading.NETWORK, Heading.PRACTICAL),
}
SECTION_OF = {heading: section for section, found in HEADINGS.items() for heading in found}


class FfbSubtheme(models.Model):
    """A sub-theme of the municipalities' vocabulary of function and support needs; labels only."""

    area = models.CharField(_("area"), max_length=60)
    theme = models.CharField(_("theme"), max_length=60)
    name = models.CharField(_("sub-theme"), max_length=100, unique=True)

    class Meta:
        ordering = ["area", "theme", "name"]
        verbose_name = _("FFB sub-theme")
        verbose_name_plural = _("FFB sub-themes")

    def __str__(self):
        return f"{self.theme}: {self.name}"


class CatalogueEntry(models.Model):
    """One plain label, in both languages; out of use rather than deleted."""

    heading = models.CharField(_("heading"), max_length=20, choices=Heading.grouped(SECTIONS))
    da = models.CharField(_("words in Danish"), max_length=80)
    en = models.CharField(_("words in English"), max_length=80)
    subtheme = models.ForeignKey(
        FfbSubtheme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("FFB sub-theme"),
    )
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("catalogue entry")
        verbose_name_plural = _("catalogue entries")
        constraints = [
            models.UniqueConstraint(
                fields=["heading", "da"],
                name="words_stand_once_under_a_heading",
                violation_error_message=_("These words stand under this heading already."),
            )
        ]

    def __str__(self):
        return self.words

    @property
    def words(self) -> str:
        return self.da if get_language() == "da" else self.en

    @property
    def was_sent(self) -> bool:
        """Whether a part that was sent is named by it, so that its words stand."""
        return self.pk is not None and self.sentpart_set.exists()

    def clean(self):
        if self.was_sent:
            kept = CatalogueEntry.objects.get(pk=self.pk)
            if (kept.da, kept.en) != (self.da, self.en):
                raise ValidationError(
                    _("Parts were sent with these words. Take them out of use and add others.")
                )


class DismissedWording(models.Model):
    """An own wording that the catalogue does not want; only its fingerprint is kept."""

    index = models.CharField(max_length=64, unique=True)
    dismissed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return str(self.pk)


def wording_index(label: str) -> str:
    """The fingerprint of a wording, whatever its capitals, spaces and full stop; "" of none."""
    words = " ".join(label.casefold().split()).rstrip(".!?:;, ")
    return blind_index(f"wording {words}") if words else ""
