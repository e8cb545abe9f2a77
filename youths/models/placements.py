"""A time at a company: practice, wage subsidy, paid hours, small job, flex job, ordinary job."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from partnerships.access import Role, placement_ids, roles, sync_grants
from partnerships.models import Organisation, OrganisationKind, User
from youths.models.youths import Youth


class PlacementRefused(Exception):
    """A step that the placement's state does not allow."""


class PlacementQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_course"):
        """A company by the single placement, only while it runs; others by the youth."""
        if Role.EMPLOYER in roles(user):
            return self.running().filter(pk__in=placement_ids(user))
        return self.filter(youth__in=Youth.objects.visible_to(user, codename))

    def running(self):
        """Begun, not past its last day, not ended early, in a partnership that is still signed."""
        today = timezone.localdate()
        return self.filter(
            starts_on__lte=today,
            ends_on__gte=today,
            ended_on=None,
            youth__partnership__status="signed",
            youth__enrolled_on__isnull=False,
        )


class Placement(models.Model):
    """What one company and one young person have agreed on."""

    class Kind(models.TextChoices):
        PRACTICE = "practice", _("Practice placement")
        SUBSIDY = "subsidy", _("Wage subsidy")
        PAID_HOURS = "paid_hours", _("Ordinary paid hours")
        SMALL_JOB = "small_job", _("Small job")
        FLEX_JOB = "flex_job", _("Flex job")
        ORDINARY = "ordinary", _("Ordinary job")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="placements")
    employer = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="placements",
        limit_choices_to={"kind": OrganisationKind.EMPLOYER},
        verbose_name=_("company"),
    )
    contact = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("whom the company calls"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    weekly_hours = models.DecimalField(
        _("hours a week"),
        max_digits=4,
        decimal_places=1,
        validators=[MinValueValidator(1), MaxValueValidator(37)],
    )
    tasks = models.TextField(_("tasks, one on each line"), max_length=2000)
    next_meeting_at = models.DateTimeField(_("next meeting at the company"), null=True, blank=True)
    ended_on = models.DateField(null=True, editable=False)

    objects = PlacementQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "pk"]
        default_permissions = ()
        permissions = [
            ("view_placement", "view placement"),
            ("view_job_profile", "view job_profile"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="a_placement_ends_after_it_starts",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=Q(weekly_hours__gte=1, weekly_hours__lte=37),
                name="weekly_hours_are_between_1_and_37",
                violation_error_message=_("Hours a week are between 1 and 37."),
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @transaction.atomic
    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        sync_grants(self)
        if self.youth.partnership_id:  # who has had a placement is in the municipality's register
            self.employer.known_to.add(self.youth.partnership.municipality_id)

    @property
    def coming_meeting(self):
        """The next meeting, until it has been."""
        at = self.next_meeting_at
        return at if at and at >= timezone.now() else None

    @property
    def is_running(self) -> bool:
        return self.ended_on is None and self.starts_on <= timezone.localdate() <= self.ends_on

    @property
    def task_lines(self) -> list[str]:
        return [line.strip() for line in self.tasks.splitlines() if line.strip()]

    @transaction.atomic
    def end(self, *, by) -> None:
        """End it today: the company's access is over with the next request."""
        locked = Placement.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.ended_on is not None:
            raise PlacementRefused(_("The placement has ended already."))
        locked.ended_on = self.ended_on = timezone.localdate()
        locked.save()

    def meet_next(self, *, by, at) -> None:
        """When the company is met next, or that nothing is agreed."""
        self.next_meeting_at = at
        self.save(update_fields=["next_meeting_at"])


class PlacementGroupPermission(GroupObjectPermissionBase):
    """Guardian's row: an employer's group may open a placement."""

    content_object = models.ForeignKey(Placement, on_delete=models.CASCADE)


class PlacementUserPermission(UserObjectPermissionBase):
    """Guardian asks for this table too; it stays empty, since only groups are granted."""

    content_object = models.ForeignKey(Placement, on_delete=models.CASCADE)
