"""Accommodations: from what somebody needs to what a workplace does, in neutral words.

Beside a support need its writer says what works at a workplace. The sentence may go into a job
profile; the need it stems from stays with school and caseworker.
"""

import uuid

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from handover.models.knowledge import PartnershipKnowledge
from handover.models.profiles import Part
from partnerships.access import Section
from partnerships.encryption import EncryptedTextField, blind_index
from partnerships.models import User
from youths.models import Youth

# Words that stand for this many young people belong to nobody, and are offered to all.
OFFERED_AFTER = 3


def fingerprint(text: str) -> str:
    """What a sentence is found again by: capitals, spaces and the full stop make no difference."""
    return blind_index(" ".join(text.split()).rstrip(".").casefold())


class AccommodationPhrase(models.Model):
    """A sentence of the library; `in_use` once an administrator has taken it in."""

    theme_da = models.CharField(_("theme in Danish"), max_length=40, blank=True)
    theme_en = models.CharField(_("theme in English"), max_length=40, blank=True)
    text_da = models.CharField(_("text in Danish"), max_length=200, unique=True)
    text_en = models.CharField(_("text in English"), max_length=200, blank=True)
    in_use = models.BooleanField(_("in use"), default=False)

    class Meta:
        verbose_name = _("phrase for accommodations")
        verbose_name_plural = _("phrases for accommodations")
        ordering = ["theme_da", "pk"]

    def __str__(self):
        return str(self.pk)

    @property
    def words(self) -> str:
        """The sentence in the language of the page, as far as there is one."""
        danish = (get_language() or "").startswith("da")
        return self.text_da if danish else self.text_en or self.text_da

    @property
    def theme(self) -> str:
        danish = (get_language() or "").startswith("da")
        return self.theme_da if danish else self.theme_en or self.theme_da

    @classmethod
    def offer(cls, text: str) -> None:
        """Offer to the administrator what stands for several young people, unless it is known."""
        known = {fingerprint(t) for row in cls.objects.all() for t in (row.text_da, row.text_en)}
        if fingerprint(text) not in known:
            cls.objects.get_or_create(text_da=text)


class AccommodationRefused(Exception):
    """A sentence that cannot be an accommodation."""


class AccommodationQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_job_profile"):
        """School and caseworker write them, the young person reads them; nobody else."""
        return self.filter(youth__in=Youth.objects.visible_to(user, codename).referred())


class Accommodation(models.Model):
    """One neutral sentence about how work is best done, for one young person.

    `part` is the support need that it stems from: for school and caseworker only. A job profile
    takes over the words and knows nothing of this row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="accommodations")
    part = models.ForeignKey(
        Part, on_delete=models.SET_NULL, null=True, related_name="accommodations"
    )
    text = EncryptedTextField(_("accommodation"), max_length=200)
    fingerprint = models.CharField(max_length=64, editable=False)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    objects = AccommodationQuerySet.as_manager()

    class Meta:
        ordering = ["written_at", "pk"]
        indexes = [models.Index(fields=["fingerprint"], name="accommodations_that_are_alike")]
        constraints = [
            models.UniqueConstraint(
                fields=["youth", "fingerprint"],
                name="an_accommodation_stands_once",
                violation_error_message=_("This accommodation is there already."),
            ),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="an_accommodation_has_words",
                violation_error_message=_("Write what works at the workplace."),
            ),
        ]

    def __str__(self):
        return str(self.pk)

    @classmethod
    @transaction.atomic
    def add(cls, *, by, youth, text: str, part=None) -> "Accommodation":
        """A sentence for a young person; the same said twice is said once.

        From the third young person on it is offered for the library. Raises AccommodationRefused
        without words, or when the part is no support need of this young person.
        """
        text = " ".join(text.split())
        if not text:
            raise AccommodationRefused(_("Write what works at the workplace."))
        if part and (part.section != Section.SUPPORT or part.profile.youth_id != youth.pk):
            raise AccommodationRefused(_("An accommodation stems from a support need."))
        Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)
        alike = fingerprint(text)
        standing = youth.accommodations.filter(fingerprint=alike).first()
        if standing:
            if part and standing.part_id is None:
                standing.part = part
                standing.save(update_fields=["part"])
            return standing
        made = cls.objects.create(
            youth=youth, part=part, text=text, fingerprint=alike, written_by=by
        )
        users = cls.objects.filter(fingerprint=alike).values("youth").distinct().count()
        if users >= OFFERED_AFTER:
            AccommodationPhrase.offer(text)
        return made

    @transaction.atomic
    def remove(self, *, by) -> None:
        """Take it off the list, and off what it rests on.

        What was said with it in a job profile stays there.
        """
        if self.part_uses.all().delete()[0]:
            PartnershipKnowledge.mark_stale(self.youth.partnership_id)
        self.delete()
