"""People, the organisations they act for, and their time in a team."""

import re
import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from partnerships.access import (
    ORGANISATION_ROLES,
    PARTNERSHIP_ROLES,
    PROGRAMME_ROLES,
    Role,
    partnership_ids,
    sync_groups,
)

DANISH = "danish"  # the collation made in the first migration: æ, ø, å last


class UserManager(BaseUserManager):
    use_in_migrations = True

    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class MailRhythm(models.TextChoices):
    """How often a person is written to. What waits stands on the home page at once, whichever."""

    NOW = "now", _("At once, when something waits on me; the rest once a day")
    DAILY = "daily", _("Once a day, in the morning")
    WEEKLY = "weekly", _("Once a week, on Monday morning")


class User(AbstractBaseUser, PermissionsMixin):
    """Anybody who signs in. The e-mail address is the user name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(
        _("e-mail"),
        max_length=254,
        unique=True,
        error_messages={"unique": _("Somebody with this e-mail address is here already.")},
    )
    name = models.CharField(_("name"), max_length=120, db_collation=DANISH)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    is_staff = models.BooleanField(_("may use the administration"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    mail_rhythm = models.CharField(
        _("mails"),
        max_length=6,
        choices=MailRhythm,
        default=MailRhythm.NOW,
        db_default=MailRhythm.NOW,
    )
    # The address that a mail server would not take; another address is tried again.
    refused_address = models.CharField(max_length=254, blank=True, db_default="", editable=False)
    # Chosen by who acts in several relations, and remembered; see partnerships/access.py.
    acts_as = models.ForeignKey(
        "partnerships.Membership",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )

    objects = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="an_email_is_in_small_letters"
            )
        ]

    def __str__(self):
        return str(self.pk)

    def clean(self):
        super().clean()
        self.email = self.email.lower()
        if not self.is_active:
            teams = self.memberships.not_over().filter(partnership__isnull=False)
            refuse_to_leave_alone(
                self, [m.partnership for m in teams.select_related("partnership")]
            )

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name.partition(" ")[0]

    @property
    def is_out_of_reach(self) -> bool:
        """A mail server has said that nobody is at this address."""
        return bool(self.email) and self.refused_address == self.email

    def act_as(self, membership) -> None:
        """Act in the relation of one of the own memberships from now on."""
        self.acts_as = membership
        self.save(update_fields=["acts_as"])


def refuse_to_leave_alone(person, partnerships) -> None:
    """Raise ValidationError where young people would be left without a contact."""
    if any(p.youths.resting_on(person).exists() for p in partnerships):
        said = _("This person is the contact of young people. Say first who follows.")
        url = reverse("admin:leave", args=[person.pk])
        raise ValidationError(
            format_html('{} <a href="{}">{}</a>', said, url, _("Name who follows"))
        )


class OrganisationKind(models.TextChoices):
    MUNICIPALITY = "municipality", _("Municipality")
    SCHOOL = "school", _("School")
    EMPLOYER = "employer", _("Employer")
    OWNER = "owner", _("Programme owner")


def is_cvr(number: str) -> bool:
    """Whether eight digits have the form of a CVR number; no register is asked.

    Each times its weight, added up, can be divided by 11, and the first is no zero. Source:
    Erhvervsstyrelsen.
    """
    weights = (2, 7, 6, 5, 4, 3, 2, 1)
    total = sum(weight * int(digit) for weight, digit in zip(weights, number, strict=True))
    return number[0] != "0" and total % 11 == 0


def check_cvr(number):
    """Raise ValidationError for eight digits of another form; that it is eight is another rule."""
    if re.fullmatch(r"[0-9]{8}", number) and not is_cvr(number):
        raise ValidationError(_("This is no CVR number. Check the digits."))


class OrganisationQuerySet(models.QuerySet):
    def companies_of(self, user):
        """Companies in the register of a municipality for which, or with which, the person works.

        That is caseworkers and school staff, in a partnership that is signed.
        """
        partnerships = partnership_ids(user, "view_referral")
        return self.filter(
            kind=OrganisationKind.EMPLOYER,
            pk__in=Organisation.known_to.through.objects.filter(
                to_organisation__partnerships_as_municipality__in=partnerships
            ).values("from_organisation"),
        )


class Organisation(models.Model):
    """A municipality, a school, an employer, or the owner of a programme."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind)
    name = models.CharField(_("name"), max_length=120, db_collation=DANISH)
    municipality_code = models.CharField(
        _("municipality code"),
        max_length=4,
        blank=True,
        validators=[RegexValidator(r"^\d{4}$", _("A municipality code has four digits."))],
    )
    cvr = models.CharField(
        _("CVR number"),
        max_length=8,
        blank=True,
        validators=[RegexValidator(r"^\d{8}$", _("A CVR number has eight digits.")), check_cvr],
    )
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    # Of a municipality: the one place that a company calls, whatever it is about.
    entry_name = models.CharField(
        _("whom companies call"), max_length=120, blank=True, db_default=""
    )
    entry_phone = models.CharField(
        _("telephone for companies"), max_length=20, blank=True, db_default=""
    )
    entry_email = models.EmailField(_("e-mail for companies"), blank=True, db_default="")
    entry_hours = models.CharField(_("when they answer"), max_length=120, blank=True, db_default="")
    # Of a company.
    considerations = models.TextField(
        _("what the company can take into account, one on each line"),
        max_length=2000,
        blank=True,
        db_default="",
    )
    known_to = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="companies",
        limit_choices_to={"kind": OrganisationKind.MUNICIPALITY},
        verbose_name=_("in the register of"),
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality_code"],
                condition=~Q(municipality_code=""),
                name="one_organisation_per_municipality_code",
                violation_error_message=_("This municipality is here already."),
            ),
            models.UniqueConstraint(
                fields=["cvr"],
                condition=~Q(cvr=""),
                name="one_organisation_per_cvr",
                violation_error_message=_("A company with this CVR number is here already."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=OrganisationKind.MUNICIPALITY) | ~Q(municipality_code=""),
                name="a_municipality_has_its_code",
                violation_error_message=_("A municipality needs its four-digit code."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=OrganisationKind.EMPLOYER) | ~Q(cvr=""),
                name="an_employer_has_a_cvr_number",
                violation_error_message=_("An employer needs its CVR number, eight digits."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def has_entry(self) -> bool:
        return bool(self.entry_phone or self.entry_email)

    @property
    def consideration_lines(self) -> list[str]:
        return [line.strip() for line in self.considerations.splitlines() if line.strip()]


class MembershipQuerySet(models.QuerySet):
    def not_over(self):
        """In force or still to come."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=timezone.localdate()))

    def active(self):
        """In force today; somebody who may no longer sign in has none."""
        return self.not_over()._begun()

    def not_gone(self):
        """In force, still to come, or over and still read along."""
        today = timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today) | Q(reads_until__gte=today))

    def readable(self):
        """In force today, or over and still read along: docs/adr/0034."""
        return self.not_gone()._begun()

    def _begun(self):
        return self.filter(starts_on__lte=timezone.localdate(), user__is_active=True)


class Membership(models.Model):
    """A person's time in a team: for whom, as what, where, from when to when."""

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("acts for"),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    partnership = models.ForeignKey(
        "partnerships.Partnership",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("partnership"),
    )
    programme = models.ForeignKey(
        "partnerships.Programme",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("programme"),
    )
    title = models.CharField(_("title"), max_length=80, blank=True)
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    reads_until = models.DateField(
        _("reads along until"),
        null=True,
        blank=True,
        help_text=_("After the last day, while somebody else takes over. Nothing is written."),
    )
    may_override = models.BooleanField(
        _("may share without consent"),
        default=False,
        help_text=_("School staff only: on a legal basis that is named, with a reason."),
    )
    leads_team = models.BooleanField(
        _("leads the team of their side"),
        default=False,
        db_default=False,
        help_text=_("Is told when a deadline of their side has passed and nobody has acted."),
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=PARTNERSHIP_ROLES, partnership__isnull=False, programme=None)
                | Q(role__in=PROGRAMME_ROLES, partnership=None, programme__isnull=False)
                | Q(role__in=ORGANISATION_ROLES, partnership=None, programme=None),
                name="a_role_belongs_where_it_acts",
                violation_error_message=_(
                    "School staff and caseworkers belong to a partnership; leadership, "
                    "evaluators and administrators to a programme; employers and data "
                    "controllers to neither."
                ),
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="a_membership_ends_after_it_starts",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=Q(reads_until=None)
                | Q(
                    role__in=PARTNERSHIP_ROLES,
                    ends_on__isnull=False,
                    reads_until__gte=models.F("ends_on"),
                ),
                name="who_reads_along_has_left_a_team",
                violation_error_message=_(
                    "Only somebody of a school or municipality reads along, after a last day."
                ),
            ),
            models.CheckConstraint(
                condition=Q(may_override=False) | Q(role=Role.SCHOOL),
                name="only_the_sender_shares_without_consent",
                violation_error_message=_("Only school staff can share without consent."),
            ),
            models.CheckConstraint(
                condition=Q(leads_team=False) | Q(role__in=PARTNERSHIP_ROLES),
                name="who_leads_a_team_is_in_one",
                violation_error_message=_("Only school staff and caseworkers lead a team."),
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()} {self.pk}"

    @transaction.atomic
    def save(self, *args, **kwargs):
        before = User.objects.filter(memberships=self.pk).exclude(pk=self.user_id)
        people = [*(before if self.pk else ()), self.user]
        super().save(*args, **kwargs)
        for person in people:
            sync_groups(person)

    @transaction.atomic
    def delete(self, *args, **kwargs):
        result = super().delete(*args, **kwargs)
        sync_groups(self.user)
        return result

    @property
    def is_over(self) -> bool:
        return self.ends_on is not None and self.ends_on < timezone.localdate()

    def clean(self):
        super().clean()
        if self.partnership_id and self.organisation_id:
            side = {
                Role.SCHOOL: self.partnership.school_id,
                Role.CASEWORKER: self.partnership.municipality_id,
            }.get(self.role)
            if side and side != self.organisation_id:
                raise ValidationError(
                    {"organisation": _("This organisation is not that side of the partnership.")}
                )
        before = Membership.objects.filter(pk=self.pk).select_related("user", "partnership").first()
        if before and before.partnership and not before.is_over and not self._stays(before):
            refuse_to_leave_alone(before.user, [before.partnership])

    def _stays(self, before) -> bool:
        """Whether the person is in the team for as long as before; by another membership, too."""
        same = (self.user_id, self.partnership_id) == (before.user_id, before.partnership_id)
        longer = self.ends_on is None or (before.ends_on and self.ends_on >= before.ends_on)
        others = before.user.memberships.active().exclude(pk=self.pk)
        others = others.filter(partnership=before.partnership, ends_on=None)
        return (same and longer and self.role in PARTNERSHIP_ROLES) or others.exists()
