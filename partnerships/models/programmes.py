"""A programme and everything about it that is data: targets, names, phases, outcome classes."""

import uuid
from datetime import date, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext_lazy as _

from partnerships.access import Role, memberships
from partnerships.models.people import DANISH, Organisation


class ProgrammeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The programmes that the person leads or evaluates."""
        return self.filter(
            pk__in={
                m.programme_id for m in memberships(user) if m.role in (Role.LEAD, Role.EVALUATOR)
            }
        )


class Programme(models.Model):
    """A programme with its period and targets. No target and no statutory date is in code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120, db_collation=DANISH)
    owner = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="programmes", verbose_name=_("owner")
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    referred_target = models.PositiveSmallIntegerField(_("youths to be referred"))
    closer_target = models.PositiveSmallIntegerField(_("of whom at least closer"))
    code_prefix = models.CharField(_("letters of the youths' codes"), max_length=6)
    course_type = models.CharField(_("name of the course"), max_length=60)
    authority_name = models.CharField(_("name of the authority"), max_length=60)
    handover_document = models.CharField(_("name of the handover document"), max_length=60)
    round_interval_months = models.PositiveSmallIntegerField(
        _("months between rounds of rating"), default=3
    )
    round_open_days = models.PositiveSmallIntegerField(
        _("days that a round of rating is open"), default=28, db_default=28
    )
    round_reminder_days = models.PositiveSmallIntegerField(
        _("working days before a round closes when who has not rated is reminded"),
        default=10,
        db_default=10,
    )
    referral_answer_days = models.PositiveSmallIntegerField(
        _("working days to answer a referral"), default=10
    )
    handover_answer_days = models.PositiveSmallIntegerField(
        _("working days to answer a handover"), default=15
    )
    handover_reminder_days = models.PositiveSmallIntegerField(
        _("working days without an answer before the receiver of a handover is reminded"),
        default=10,
        db_default=10,
    )
    feedback_first_days = models.PositiveSmallIntegerField(
        _("days after the acceptance when the receiver gives the school feedback"),
        default=60,
        db_default=60,
    )
    feedback_second_days = models.PositiveSmallIntegerField(
        _("days after the acceptance when the receiver gives feedback again"),
        default=180,
        db_default=180,
    )
    placement_feedback_days = models.PositiveSmallIntegerField(
        _("days after the first day of a placement when the company gives feedback"),
        default=21,
        db_default=21,
    )
    placement_feedback_end_days = models.PositiveSmallIntegerField(
        _("days before the last day of a placement when the company gives feedback again"),
        default=14,
        db_default=14,
    )
    document_start_months = models.PositiveSmallIntegerField(
        _("months before the end of STU when the document is begun"), default=12
    )
    conversation_months = models.PositiveSmallIntegerField(
        _("months before the end of STU when the conversation is held"), default=3
    )
    document_notice_days = models.PositiveSmallIntegerField(
        _("days before each of these dates when the school is reminded"), default=60, db_default=60
    )
    job_quiet_weeks = models.PositiveSmallIntegerField(
        _("weeks without anything directed at a job before a course page notes it"),
        default=8,
        db_default=8,
    )
    agreement_months = models.PositiveSmallIntegerField(
        _("months before an agreement ends when its parties have agreed on what follows"),
        default=3,
        db_default=3,
    )
    escalation_days = models.PositiveSmallIntegerField(
        _("working days after a deadline has passed when those who lead the team are told"),
        default=5,
        db_default=5,
    )
    consent_months = models.PositiveSmallIntegerField(
        _("months that a consent or a legal basis lasts at most"), default=12
    )

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="a_programme_ends_after_it_starts",
                violation_error_message=_("The last day must come after the first."),
            ),
            models.CheckConstraint(
                condition=Q(closer_target__lte=F("referred_target")),
                name="no_more_closer_than_referred",
                violation_error_message=_("No more can come closer than are referred."),
            ),
            models.CheckConstraint(
                condition=Q(round_open_days__gte=1, round_interval_months__gte=1),
                name="a_round_is_open_and_comes_again",
                violation_error_message=_("A round is open a day or more, every month or rarer."),
            ),
            models.CheckConstraint(
                condition=Q(consent_months__gte=1),
                name="a_consent_lasts_a_month_or_more",
                violation_error_message=_("A consent lasts at least one month."),
            ),
            models.CheckConstraint(
                condition=Q(feedback_second_days__gt=F("feedback_first_days")),
                name="the_second_feedback_comes_after_the_first",
                violation_error_message=_("The second feedback must come after the first."),
            ),
        ]

    def __str__(self):
        return self.name


class Phase(models.Model):
    """A phase of the course, in the programme's own words."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="phases")
    position = models.PositiveSmallIntegerField(_("order"))
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "position"],
                name="one_phase_in_each_place",
                violation_error_message=_("Another phase has this place."),
            )
        ]

    def __str__(self):
        return self.name


class OutcomeClass(models.Model):
    """What a course can end in, in the programme's own words: in job, in education ..."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="outcomes")
    position = models.PositiveSmallIntegerField(_("order"))
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("outcome class")
        verbose_name_plural = _("outcome classes")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "position"],
                name="one_outcome_class_in_each_place",
                violation_error_message=_("Another outcome class has this place."),
            )
        ]

    def __str__(self):
        return self.name


class LegalGround(models.Model):
    """A ground in law to share without consent, in the programme's own words."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="grounds")
    position = models.PositiveSmallIntegerField(_("order"))
    name = models.CharField(_("name"), max_length=120)
    law = models.CharField(_("where it stands in the law"), max_length=200)

    class Meta:
        verbose_name = _("legal ground")
        verbose_name_plural = _("legal grounds")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "position"],
                name="one_legal_ground_in_each_place",
                violation_error_message=_("Another legal ground has this place."),
            )
        ]

    def __str__(self):
        return f"{self.name} ({self.law})"


class PlacementKind(models.TextChoices):
    """What a time at a company can be."""

    PRACTICE = "practice", _("Practice placement")
    SUBSIDY = "subsidy", _("Wage subsidy")
    PAID_HOURS = "paid_hours", _("Ordinary paid hours")
    SMALL_JOB = "small_job", _("Small job")
    FLEX_JOB = "flex_job", _("Flex job")
    ORDINARY = "ordinary", _("Ordinary job")


HOURS = [MinValueValidator(1), MaxValueValidator(37)]


class PlacementLimit(models.Model):
    """How long a placement of one kind may last in this programme, and between which hours."""

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="placement_limits"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=PlacementKind)
    max_weeks = models.PositiveSmallIntegerField(
        _("weeks at most, prolongations included"), null=True, blank=True
    )
    min_hours = models.DecimalField(
        _("hours a week at least"), max_digits=4, decimal_places=1, null=True, blank=True,
        validators=HOURS,
    )  # fmt: skip
    max_hours = models.DecimalField(
        _("hours a week at most"), max_digits=4, decimal_places=1, null=True, blank=True,
        validators=HOURS,
    )  # fmt: skip
    source = models.CharField(_("where it stands"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("limit of placements")
        verbose_name_plural = _("limits of placements")
        ordering = ["kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "kind"],
                name="one_limit_for_each_kind_of_placement",
                violation_error_message=_("This kind of placement has its limits already."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(max_weeks__isnull=False)
                    | Q(min_hours__isnull=False)
                    | Q(max_hours__isnull=False)
                )
                & (Q(max_weeks=None) | Q(max_weeks__gte=1)),
                name="a_limit_of_placements_limits_something",
                violation_error_message=_("Write weeks or hours."),
            ),
            models.CheckConstraint(
                condition=Q(min_hours=None) | Q(max_hours=None) | Q(min_hours__lte=F("max_hours")),
                name="hours_at_least_are_not_above_hours_at_most",
                violation_error_message=_("Hours at least are above hours at most."),
            ),
        ]

    def __str__(self):
        return self.get_kind_display()

    def last_day(self, starts_on: date) -> date | None:
        """The last day that a placement from that day on can have."""
        return self.max_weeks and starts_on + timedelta(weeks=self.max_weeks, days=-1)

    def refusals(self, *, starts_on, ends_on, weekly_hours) -> dict[str, str]:
        """What lies beyond the limit, by field, and which limit that is."""
        found, kind = {}, {"kind": self.get_kind_display()}
        last = self.last_day(starts_on)
        if last and ends_on > last:
            said = _(
                "%(kind)s: at most %(weeks)s weeks in this programme. The last day can be %(day)s."
            )
            found["ends_on"] = said % (kind | {"weeks": self.max_weeks, "day": date_format(last)})
        if self.min_hours and weekly_hours < self.min_hours:
            said = _("%(kind)s: at least %(hours)s hours a week in this programme.")
            found["weekly_hours"] = said % (kind | {"hours": _plain(self.min_hours)})
        if self.max_hours and weekly_hours > self.max_hours:
            said = _("%(kind)s: at most %(hours)s hours a week in this programme.")
            found["weekly_hours"] = said % (kind | {"hours": _plain(self.max_hours)})
        if self.source:
            found = {field: f"{said} ({self.source})" for field, said in found.items()}
        return found


def _plain(hours) -> str:
    """Hours without a nought after the comma."""
    return number_format(hours.normalize() if hours % 1 else int(hours))
