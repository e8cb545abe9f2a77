"""What a part of a profile says; shared by the working text and the copy that was sent."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handover.access import LEVELLED_SECTIONS, SECTIONS
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


class PartText(models.Model):
    section = models.CharField(
        _("section"), max_length=20, choices=[(s, Section(s).label) for s in SECTIONS]
    )
    label = EncryptedTextField(_("what the part is about"), max_length=80, blank=True)
    level = models.CharField(_("how much support"), max_length=4, choices=Level, blank=True)
    text = EncryptedTextField(_("what have you seen"), max_length=4000, blank=True)
    works = EncryptedTextField(_("what works"), max_length=4000, blank=True)
    evidence = EncryptedTextField(_("how do you know"), max_length=2000, blank=True)
    source = models.CharField(
        _("who says so"), max_length=20, choices=Source, default=Source.SCHOOL
    )

    FIELDS = ("section", "label", "level", "text", "works", "evidence", "source")

    class Meta:
        abstract = True

    @property
    def has_level(self) -> bool:
        return self.section in LEVELLED_SECTIONS

    @property
    def title(self) -> str:
        return self.label.strip() or _("Not named yet")

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
