"""A ground in law to share a section although the young person has not said yes."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.access import NEEDS_CONSENT, Role, Section
from partnerships.models import LegalGround, Organisation, User
from youths.models.consents import SOON, Consent, Purpose
from youths.models.youths import Youth


class LegalBasisRefused(Exception):
    """A legal basis that cannot be named, or is over."""


class LegalBasisQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(ended_at=None, expires_on__gte=timezone.localdate())

    def ending_soon(self):
        """In force for another thirty days at most."""
        return self.in_force().filter(expires_on__lte=timezone.localdate() + SOON)


class LegalBasis(models.Model):
    """Named by a person who holds `override_<section>`, with a reason and a last day.

    The young person sees it. Kept as it was, like a consent.
    """

    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="legal_bases")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.COURSE)
    section = models.CharField(max_length=20, choices=Section)
    ground = models.ForeignKey(
        LegalGround, on_delete=models.PROTECT, related_name="+", verbose_name=_("legal ground")
    )
    reason = models.TextField(_("why it is necessary"), max_length=1000)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)
    expires_on = models.DateField(_("last day"))
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = LegalBasisQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["youth", "organisation", "section"],
                condition=Q(ended_at=None),
                name="legal_bases_that_stand",
            )
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="a_legal_basis_has_a_reason"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="a_legal_basis_is_ended_by_somebody",
            ),
        ]

    def __str__(self):
        return f"{self.section} {self.pk}"

    @property
    def is_in_force(self) -> bool:
        return self.ended_at is None and self.expires_on >= timezone.localdate()

    @classmethod
    @transaction.atomic
    def name(cls, *, by, youth, section, ground, reason, expires_on) -> "LegalBasis":
        """Share a section with the municipality of the partnership on this ground.

        Raises LegalBasisRefused with what stands against it.
        """
        if section not in NEEDS_CONSENT:
            raise LegalBasisRefused(_("This section needs no consent."))
        if not reason.strip():
            raise LegalBasisRefused(_("Write why it is necessary."))
        programme, today = youth.partnership.programme, timezone.localdate()
        if ground.programme_id != programme.pk:
            raise LegalBasisRefused(_("This ground belongs to another programme."))
        if not today <= expires_on <= Consent.longest(youth, today):
            raise LegalBasisRefused(
                _("The last day must lie ahead, at most %(months)s months.")
                % {"months": programme.consent_months}
            )
        Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)
        key = {
            "youth": youth,
            "organisation": youth.partnership.municipality,
            "section": section,
            "purpose": Purpose.COURSE,
        }
        if youth.partnership.narrowings.filter(role=Role.CASEWORKER, section=section).exists():
            raise LegalBasisRefused(_("The agreement of the partnership keeps this section back."))
        if Consent.objects.in_force().filter(**key).exists():
            raise LegalBasisRefused(_("The young person has said yes. No legal basis is needed."))
        if cls.objects.in_force().filter(**key).exists():
            raise LegalBasisRefused(_("A legal basis is in force already."))
        return cls.objects.create(
            ground=ground, reason=reason, expires_on=expires_on, decided_by=by, **key
        )

    @transaction.atomic
    def end(self, *, by) -> None:
        """Stop the sharing on this ground with the next request. Raises LegalBasisRefused."""
        Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=self.youth_id)
        locked = LegalBasis.objects.get(pk=self.pk)
        if not locked.is_in_force:
            raise LegalBasisRefused(_("This legal basis is over already."))
        self.ended_at = locked.ended_at = timezone.now()
        self.ended_by = locked.ended_by = by
        locked.save(update_fields=["ended_at", "ended_by"])
