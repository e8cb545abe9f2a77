"""The partnership: two parties, places, an agreement that both sign."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import IntegrityError, models, transaction
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from partnerships.access import (
    NARROWABLE,
    PARTNERSHIP_PERMISSIONS,
    PARTNERSHIP_ROLES,
    Role,
    memberships,
    partnership_ids,
    partnerships_with,
    sync_grants,
)
from partnerships.models.people import Organisation, OrganisationKind
from partnerships.models.programmes import Programme

ONE_AT_A_TIME = _("These two have a signed partnership in this period already.")


class AgreementRefused(Exception):
    """A step of the agreement that its state does not allow."""


class DateRange(Func):
    """PostgreSQL's daterange of two date columns, the last day included."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Status(models.TextChoices):
    DRAFT = "draft", _("Draft")
    NEGOTIATING = "negotiating", _("Negotiating")
    SIGNED = "signed", _("Signed")
    ENDED = "ended", _("Ended")


class PartnershipQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_agreement"):
        return self.filter(pk__in=partnerships_with(user, codename))

    def with_parties(self):
        return self.select_related("school", "municipality", "programme")


class Partnership(models.Model):
    """A municipality and a school who refer and teach together, under an agreement.

    The agreement's headings are those of the STU quality agreement (kvalitetsaftale).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(
        Programme,
        on_delete=models.PROTECT,
        related_name="partnerships",
        verbose_name=_("programme"),
    )
    school = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="partnerships_as_school",
        limit_choices_to={"kind": OrganisationKind.SCHOOL},
        verbose_name=_("school"),
    )
    municipality = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="partnerships_as_municipality",
        limit_choices_to={"kind": OrganisationKind.MUNICIPALITY},
        verbose_name=_("municipality"),
    )
    places = models.PositiveSmallIntegerField(
        _("places"), default=10, validators=[MinValueValidator(1)]
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    status = models.CharField(
        _("status"), max_length=20, choices=Status, default=Status.DRAFT, editable=False
    )
    school_signed_at = models.DateTimeField(_("signed by the school"), null=True, editable=False)
    school_signed_by = models.ForeignKey(
        "partnerships.User", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    municipality_signed_at = models.DateTimeField(
        _("signed by the municipality"), null=True, editable=False
    )
    municipality_signed_by = models.ForeignKey(
        "partnerships.User", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    quality_agreement = models.CharField(
        _("the quality agreement it builds on"), max_length=200, blank=True
    )
    purpose = models.TextField(_("purpose"), blank=True)
    parties = models.TextField(_("parties"), blank=True)
    tasks = models.TextField(_("tasks, and who does them"), blank=True)
    content = models.TextField(_("content and extent"), blank=True)
    economy = models.TextField(_("economy"), blank=True)
    quality = models.TextField(_("quality: how we follow up"), blank=True)
    information = models.TextField(_("information to the municipality"), blank=True)

    objects = PartnershipQuerySet.as_manager()

    HEADINGS = ("purpose", "parties", "tasks", "content", "economy", "quality", "information")

    class Meta:
        verbose_name = _("partnership")
        verbose_name_plural = _("partnerships")
        ordering = ["school__name", "municipality__name"]
        default_permissions = ()
        permissions = PARTNERSHIP_PERMISSIONS
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="a_partnership_ends_after_it_starts",
                violation_error_message=_("The last day must come after the first."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.SIGNED, Status.ENDED])
                | Q(school_signed_at__isnull=False, municipality_signed_at__isnull=False),
                name="a_signed_partnership_has_both_signatures",
                violation_error_message=_("Both parties must have signed."),
            ),
            models.CheckConstraint(
                condition=Q(places__gte=1),
                name="a_partnership_has_places",
                violation_error_message=_("A partnership needs at least one place."),
            ),
            ExclusionConstraint(
                name="one_signed_partnership_of_a_pair_at_a_time",
                expressions=[
                    ("programme", RangeOperators.EQUAL),
                    ("school", RangeOperators.EQUAL),
                    ("municipality", RangeOperators.EQUAL),
                    (
                        DateRange("starts_on", "ends_on", RangeBoundary(inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(status=Status.SIGNED),
                violation_error_message=ONE_AT_A_TIME,
            ),
        ]

    def __str__(self):
        return f"{self.school} · {self.municipality}"

    @transaction.atomic
    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        sync_grants(self)

    def clean(self):
        super().clean()
        for side, kind in (
            ("school", OrganisationKind.SCHOOL),
            ("municipality", OrganisationKind.MUNICIPALITY),
        ):
            if getattr(self, f"{side}_id") and getattr(self, side).kind != kind:
                raise ValidationError({side: _("This organisation is of another kind.")})

    def validate_constraints(self, exclude=None):
        # No form shows the status and the signatures, and the constraints speak of them.
        shown = {field.name for field in self._meta.fields if field.editable}
        super().validate_constraints(exclude=shown.intersection(exclude or ()))

    @property
    def is_signed(self) -> bool:
        return self.status == Status.SIGNED

    def side_of(self, user) -> str | None:
        """Which party the person signs for: "school", "municipality" or None."""
        if self.pk not in partnership_ids(user, "change_agreement"):
            return None
        sides = {Role.SCHOOL: "school", Role.CASEWORKER: "municipality"}
        return next((sides[m.role] for m in memberships(user) if m.partnership_id == self.pk), None)

    def _locked(self) -> "Partnership":
        return Partnership.objects.select_for_update(of=("self",)).get(pk=self.pk)

    @transaction.atomic
    def open_negotiation(self, *, by) -> None:
        """From draft to negotiating, when the text is ready to be signed."""
        locked = self._locked()
        if locked.status != Status.DRAFT:
            raise AgreementRefused(_("Only a draft can be opened for signing."))
        locked.status = self.status = Status.NEGOTIATING
        locked.save()

    @transaction.atomic
    def sign(self, *, by, side: str) -> None:
        """Sign for one party; with the second signature the partnership takes referrals.

        Raises AgreementRefused when it is not open for signing, when this party has signed, and
        when the two have another signed partnership in the period.
        """
        locked = self._locked()
        if locked.status != Status.NEGOTIATING:
            raise AgreementRefused(_("The agreement is not open for signing."))
        if getattr(locked, f"{side}_signed_at"):
            raise AgreementRefused(_("Your side has signed already."))
        setattr(locked, f"{side}_signed_at", timezone.now())
        setattr(locked, f"{side}_signed_by", by)
        if locked.school_signed_at and locked.municipality_signed_at:
            locked.status = Status.SIGNED
        try:
            with transaction.atomic():
                locked.save()
        except IntegrityError as overlap:  # also one that is being signed at this moment
            raise AgreementRefused(ONE_AT_A_TIME) from overlap
        self.refresh_from_db()

    @transaction.atomic
    def end(self, *, by) -> None:
        """End a signed partnership: every access to its cases stops with the next request."""
        locked = self._locked()
        if locked.status != Status.SIGNED:
            raise AgreementRefused(_("Only a signed partnership can be ended."))
        locked.status = self.status = Status.ENDED
        locked.save()


class Narrowing(models.Model):
    """A section that the agreement takes away from one party: never wider, only narrower."""

    partnership = models.ForeignKey(
        Partnership, on_delete=models.CASCADE, related_name="narrowings"
    )
    role = models.CharField(
        _("from whom"), max_length=20, choices=[(r, r.label) for r in PARTNERSHIP_ROLES]
    )
    section = models.CharField(
        _("section"), max_length=20, choices=[(s, s.label) for s in NARROWABLE]
    )
    reason = models.CharField(_("what the parties agreed"), max_length=200)

    class Meta:
        verbose_name = _("narrower than the programme")
        verbose_name_plural = _("narrower than the programme")
        ordering = ["role", "section"]
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "role", "section"],
                name="a_section_is_narrowed_once",
                violation_error_message=_("This section is taken away from them already."),
            ),
            models.CheckConstraint(
                condition=Q(section__in=NARROWABLE, role__in=PARTNERSHIP_ROLES),
                name="an_agreement_narrows_what_may_be_narrowed",
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()}: {self.get_section_display()}"

    @transaction.atomic
    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        sync_grants(self.partnership)

    @transaction.atomic
    def delete(self, *args, **kwargs):
        result = super().delete(*args, **kwargs)
        sync_grants(self.partnership)
        return result


class PartnershipGroupPermission(GroupObjectPermissionBase):
    """Guardian's row: a group holds a codename on a partnership."""

    content_object = models.ForeignKey(Partnership, on_delete=models.CASCADE)


class PartnershipUserPermission(UserObjectPermissionBase):
    """Guardian asks for this table too; it stays empty, since only groups are granted."""

    content_object = models.ForeignKey(Partnership, on_delete=models.CASCADE)
