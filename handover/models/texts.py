"""What a part of a profile says; shared by the working text and the copy that was sent."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from handover.access import LEVELLED_SECTIONS, SECTIONS
from handover.models.catalogue import HEADINGS, CatalogueEntry, Heading
from partnerships.access import Section
from partnerships.encryption import EncryptedTextField


class HandoverRefused(Exception):
    """A step that the profile's state does not allow."""


class NotDisclosed(HandoverRefused):
    """The part is held back from the receiver by now."""


class Level(models.TextChoices):
    """How much support is needed, in five anchored steps. Not assessed is not zero."""

    ONE = "1", _("Cannot yet")
    TWO = "2", _("With help all the way")
    THREE = "3", _("With help with something new")
    FOUR = "4", _("With a reminder")
    FIVE = "5", _("On their own")
    NOT_ASSESSED = "none", _("Not assessed")


class Source(models.TextChoices):
    YOUTH = "youth", _("The young person")
    YOUTH_SUPPORTED = "youth_supported", _("The young person, with support")
    SCHOOL = "school", _("The school")
    RELATIVES = "relatives", _("Relatives")
    WORKPLACE = "workplace", _("A practice placement")


def in_its_section() -> Q:
    """That the heading is one of the section."""
    found = Q()
    for section, headings in HEADINGS.items():
        found |= Q(section=section.value, heading__in=[heading.value for heading in headings])
    return found


class PartText(models.Model):
    # The heading decides the section, and the section who reads it (docs/adr/0020).
    heading = models.CharField(
        _("heading"), max_length=20, choices=Heading.grouped(SECTIONS), db_default=""
    )
    section = models.CharField(
        _("section"), max_length=20, choices=[(s, Section(s).label) for s in SECTIONS]
    )
    entry = models.ForeignKey(
        CatalogueEntry,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("from the catalogue"),
    )
    label = EncryptedTextField(_("what the part is about"), max_length=80, blank=True)
    level = models.CharField(_("how much support"), max_length=4, choices=Level, blank=True)
    text = EncryptedTextField(_("what have you seen"), max_length=4000, blank=True)
    works = EncryptedTextField(_("what works"), max_length=4000, blank=True)
    evidence = EncryptedTextField(_("how do you know"), max_length=2000, blank=True)
    seen_from = models.DateField(_("seen from"), null=True, blank=True)
    seen_to = models.DateField(_("seen until"), null=True, blank=True)
    source = models.CharField(
        _("who says so"), max_length=20, choices=Source, default=Source.SCHOOL
    )

    FIELDS = (
        "heading",
        "section",
        "entry_id",
        "label",
        "level",
        "text",
        "works",
        "evidence",
        "seen_from",
        "seen_to",
        "source",
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=in_its_section(),
                name="%(class)s_heading_stands_in_its_section",
                violation_error_message=_("This heading belongs to another section."),
            ),
            models.CheckConstraint(
                condition=Q(seen_from=None) | Q(seen_to=None) | Q(seen_from__lte=F("seen_to")),
                name="%(class)s_period_ends_after_it_begins",
                violation_error_message=_("The period ends before it begins."),
            ),
        ]

    @property
    def has_level(self) -> bool:
        """What one has done, and what is to be avoided, take no level."""
        unlevelled = (Heading.EXPERIENCE, Heading.AVOID)
        return self.section in LEVELLED_SECTIONS and self.heading not in unlevelled

    @property
    def needs_what_works(self) -> bool:
        return self.section == Section.SUPPORT and self.heading != Heading.AVOID

    @property
    def title(self) -> str:
        """The own wording, else the catalogue's words."""
        if own := self.label.strip():
            return own
        return self.entry.words if self.entry_id else _("Not named yet")

    @property
    def seen(self) -> str:
        """The period in words: "August to October 2025"."""
        return in_words(self.seen_from, self.seen_to)

    @property
    def level_in_words(self) -> str:
        """The step with its anchor: "Step 3 of 5: with help with something new"."""
        if self.level in ("", Level.NOT_ASSESSED):
            return self.get_level_display()
        words = str(self.get_level_display())
        return _("Step %(step)s of 5: %(words)s") % {
            "step": self.level,
            "words": words[:1].lower() + words[1:],
        }

    def differs_from(self, other) -> bool:
        return any(getattr(self, name) != getattr(other, name) for name in self.FIELDS)


def in_words(begins: date | None, ends: date | None) -> str:
    """A period by its months; open at an end where that day is missing."""
    month = date_format(begins, "YEAR_MONTH_FORMAT") if begins else ""
    last = date_format(ends, "YEAR_MONTH_FORMAT") if ends else ""
    if not (begins and ends):
        words = _("from %(month)s") if begins else _("until %(month)s")
        return capfirst(words % {"month": month or last}) if month or last else ""
    if month == last:
        return capfirst(month)
    if begins.year == ends.year:
        month = date_format(begins, "F")
    return capfirst(_("%(first)s to %(last)s") % {"first": month, "last": last})
