"""The young person's yes to one section being read by one organisation."""

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.access import Section
from partnerships.models import Organisation, User
from youths.models.youths import Youth

# Sections that no caseworker reads without the young person's yes. Source: specific, informed
# consent per recipient and part (retssikkerhedsloven § 11 a).
NEEDS_CONSENT = (Section.HEALTH,)


class ConsentRefused(Exception):
    """A step that the consent's state does not allow."""


class ConsentQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(withdrawn_at=None)

    def covers(self, *, youth, organisation, section) -> bool:
        """Whether the young person has said yes to that organisation reading that section."""
        return (
            self.in_force().filter(youth=youth, organisation=organisation, section=section).exists()
        )


class Consent(models.Model):
    """Given for one section to one organisation; a withdrawal stops what comes after it."""

    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="consents")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    section = models.CharField(max_length=20, choices=Section)
    given_at = models.DateTimeField(default=timezone.now)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["youth", "organisation", "section"],
                condition=models.Q(withdrawn_at=None),
                name="one_consent_in_force_per_section_and_recipient",
                violation_error_message=_("This consent is in force already."),
            )
        ]

    def __str__(self):
        return f"{self.section} {self.pk}"

    @classmethod
    @transaction.atomic
    def give(cls, *, by, youth, section) -> "Consent":
        """Say yes to the municipality of the own partnership; saying it twice changes nothing."""
        if section not in NEEDS_CONSENT:
            raise ConsentRefused(_("This section needs no consent."))
        Youth.objects.select_for_update(of=("self",)).get(pk=youth.pk)
        consent, _created = cls.objects.in_force().get_or_create(
            youth=youth,
            organisation=youth.partnership.municipality,
            section=section,
            defaults={"given_by": by, "withdrawn_at": None},
        )
        return consent

    @transaction.atomic
    def withdraw(self, *, by) -> None:
        """Stop the sharing with the next request."""
        locked = Consent.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.withdrawn_at:
            raise ConsentRefused(_("This consent was withdrawn already."))
        locked.withdrawn_at = self.withdrawn_at = timezone.now()
        locked.save()
