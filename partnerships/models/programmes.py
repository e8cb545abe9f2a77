"""A programme and everything about it that is data: targets, names, phases, outcome classes."""

import uuid

from django.db import models
from django.db.models import F, Q
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
