"""Hours of a placement: the ladder that was planned, and the weeks as they were."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.models import User
from youths import ladder
from youths.models.placements import Placement, PlacementRefused

MOST_HOURS = 60  # hours that somebody can have worked in a week


class HoursStep(models.Model):
    """More hours, once so many weeks in a row were steady. The first rung is what was agreed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="steps")
    weekly_hours = models.DecimalField(_("hours a week"), max_digits=4, decimal_places=1)
    after_weeks = models.PositiveSmallIntegerField(_("after so many steady weeks"))

    class Meta:
        ordering = ["weekly_hours"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "weekly_hours"], name="each_step_has_hours_of_its_own"
            ),
            models.CheckConstraint(
                condition=Q(weekly_hours__gte=1, weekly_hours__lte=37),
                name="hours_of_a_step_are_between_1_and_37",
            ),
            models.CheckConstraint(
                condition=Q(after_weeks__gte=1, after_weeks__lte=52),
                name="a_step_comes_after_a_week_or_more",
            ),
        ]

    def __str__(self):
        return f"{self.weekly_hours} {self.pk}"

    @classmethod
    @transaction.atomic
    def plan(cls, *, by, placement, steps: list[tuple[Decimal, int]]) -> None:
        """The ladder of a placement, in place of the one before: pairs of hours and weeks.

        It is part of the agreement, so that all three are asked about another one. Raises
        PlacementRefused unless each step has more hours than the one before, within the limit.
        """
        locked = placement.lock_current()
        before = locked.first_rung
        limit = locked.limit
        for hours, _weeks in steps:
            if hours <= before:
                raise PlacementRefused(_("Each step has more hours than the one before."))
            said = limit and limit.refusals(
                starts_on=locked.starts_on, ends_on=locked.ends_on, weekly_hours=hours
            ).get("weekly_hours")
            if said:
                raise PlacementRefused(said)
            before = hours
        if [(step.weekly_hours, step.after_weeks) for step in locked.steps.all()] != steps:
            locked.steps.all().delete()
            cls.objects.bulk_create(
                cls(placement=locked, weekly_hours=hours, after_weeks=weeks)
                for hours, weeks in steps
            )
        locked.write_agreement(by=by)


class WorkedWeek(models.Model):
    """One ISO week by its Monday: planned, worked, and in neutral words why it was less."""

    class Missed(models.TextChoices):
        """Causes on the young person's side. What an illness is, is nobody's to write here."""

        ILL = "ill", _("Ill")
        APPOINTMENT = "appointment", _("An appointment")
        TRANSPORT = "transport", _("Transport")
        SCHOOL = "school", _("School or education")
        AGREED = "agreed", _("As agreed")
        OTHER = "other", _("Something else")

    class Unoffered(models.TextChoices):
        """Causes on the company's side."""

        CLOSED = "closed", _("Closed")
        NO_TASKS = "no_tasks", _("No tasks")
        SUPPORT = "support", _("The support person was away")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="weeks")
    monday = models.DateField()
    planned_hours = models.DecimalField(max_digits=4, decimal_places=1)
    actual_hours = models.DecimalField(max_digits=4, decimal_places=1)
    missed_because = models.CharField(max_length=12, choices=Missed, blank=True)
    unoffered_hours = models.DecimalField(max_digits=4, decimal_places=1, default=0)
    unoffered_because = models.CharField(max_length=12, choices=Unoffered, blank=True)
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["monday"]
        constraints = [
            models.UniqueConstraint(fields=["placement", "monday"], name="one_row_for_each_week"),
            models.CheckConstraint(
                condition=Q(monday__iso_week_day=1), name="a_week_is_named_by_its_monday"
            ),
            models.CheckConstraint(
                condition=Q(actual_hours__gte=0, actual_hours__lte=MOST_HOURS)
                & Q(unoffered_hours__gte=0, unoffered_hours__lte=MOST_HOURS),
                name="hours_of_a_week_are_between_0_and_60",
            ),
            models.CheckConstraint(
                condition=Q(unoffered_hours=0, unoffered_because="")
                | (Q(unoffered_hours__gt=0) & ~Q(unoffered_because="")),
                name="hours_that_the_company_did_not_have_have_a_cause",
                violation_error_message=_("Say why, and how many hours."),
            ),
        ]

    def __str__(self):
        return f"{self.monday} {self.pk}"

    @classmethod
    @transaction.atomic
    def record(cls, *, by, placement, monday: date, **hours) -> "WorkedWeek":
        """How one week was; said again it is corrected, and what is not said stays as it stands.

        Raises PlacementRefused for a week that has not begun, or outside of the placement.
        """
        locked = placement.lock()
        if monday not in weeks_of(locked):
            raise PlacementRefused(_("Choose a week of the placement that has begun."))
        said = {"recorded_by": by, "recorded_at": timezone.now(), **hours}
        first = {"planned_hours": locked.planned_in(monday), **said}
        row, _new = cls.objects.update_or_create(
            placement=locked, monday=monday, defaults=said, create_defaults=first
        )
        return row

    @property
    def as_week(self) -> ladder.Week:
        return ladder.Week(self.monday, self.planned_hours, self.actual_hours, self.unoffered_hours)


def weeks_of(placement) -> list[date]:
    """The Mondays of its weeks that have begun."""
    last = min(placement.ended_on or placement.ends_on, timezone.localdate())
    return ladder.mondays(placement.starts_on, last) if last >= placement.starts_on else []


@dataclass(frozen=True)
class Line:
    """One week in the table; without a recorded row it is still to come, or not told yet."""

    monday: date
    planned: Decimal
    row: WorkedWeek | None
    is_paused: bool
    is_now: bool

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    @property
    def is_ahead(self) -> bool:
        return self.monday > timezone.localdate()

    @property
    def last(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def actual(self) -> Decimal | None:
        return self.row and self.row.actual_hours


@dataclass(frozen=True)
class Hours:
    """The ladder and the weeks of one placement, as a page shows them."""

    lines: list[Line]
    steps: list[HoursStep]
    steady: int  # weeks in a row at these hours
    below: Decimal | None
    above: Decimal | None

    @property
    def highest(self) -> Decimal:
        """What the longest bar stands for."""
        return max([1, *(max(line.planned, line.actual or 0) for line in self.lines)])

    @property
    def next_step(self) -> HoursStep | None:
        return next((step for step in self.steps if step.weekly_hours == self.above), None)

    @property
    def may_go_up(self) -> bool:
        """Whether the next step is due."""
        return bool(self.next_step) and self.steady >= self.next_step.after_weeks

    @property
    def left(self) -> int:
        """Steady weeks until then."""
        return self.next_step.after_weeks - self.steady

    @property
    def untold(self) -> Line | None:
        """The newest week that is over and not recorded."""
        past = [line for line in self.lines if line.last < timezone.localdate()]
        return next((line for line in reversed(past) if not (line.row or line.is_paused)), None)


SHOWN = 13  # weeks on the page of a placement


def hours_of(placement, *, shown: int | None = SHOWN) -> Hours:
    """The weeks up to the next one, the latest ones where only some are shown."""
    today, this = timezone.localdate(), ladder.monday_of(timezone.localdate())
    rows = {row.monday: row for row in placement.weeks.all()}
    last = min(placement.ended_on or placement.ends_on, this + timedelta(days=13))
    # One that is still to come shows its first week.
    mondays = ladder.mondays(placement.starts_on, max(last, placement.starts_on))
    pauses, below_and_above = placement.pauses, placement.rungs_around()
    lines = [
        Line(
            monday,
            rows[monday].planned_hours if monday in rows else placement.planned_in(monday),
            rows.get(monday),
            ladder.is_paused(monday, pauses),
            monday == this and placement.starts_on <= today,
        )
        for monday in mondays[-shown if shown else 0 :]
    ]
    weeks = [row.as_week for row in rows.values()]
    steady = ladder.steady_weeks(weeks, placement.weekly_hours, pauses)
    return Hours(lines, list(placement.steps.all()), steady, *below_and_above)
