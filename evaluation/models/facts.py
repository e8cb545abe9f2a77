"""What can be observed of an attachment to work, what a professional concludes, how it ended."""

import uuid
from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evaluation.models.definitions import Definition, in_force_on
from evaluation.models.figures import PartnershipProgress
from evaluation.models.rounds import RatingRound
from evaluation.progress import Fact
from partnerships.encryption import EncryptedTextField
from partnerships.models import OutcomeClass, Partnership, User
from youths.models import Youth


class FactRefused(Exception):
    """A fact or an assessment that cannot be recorded now."""


class ObservedFactQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_ratings"):
        return self.filter(youth__in=Youth.objects.visible_to(user, codename).referred())

    def standing(self):
        """Those that nobody has taken back."""
        return self.filter(taken_back_at=None)


class ObservedFact(models.Model):
    """An observed attachment to work or education: evidence beside the ratings.

    Never rewritten: a mistake is taken back, and recorded anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="observed_facts")
    kind = models.CharField(_("what"), max_length=12, choices=Fact)
    began_on = models.DateField(_("since"))
    ended_on = models.DateField(_("until"), null=True, blank=True)
    weekly_hours = models.DecimalField(
        _("hours a week"),
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(37)],
    )
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    taken_back_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)

    objects = ObservedFactQuerySet.as_manager()

    class Meta:
        ordering = ["-began_on", "-recorded_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("began_on")),
                name="a_fact_ends_after_it_began",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=Q(weekly_hours=None) | Q(weekly_hours__gte=1, weekly_hours__lte=37),
                name="a_fact_has_1_to_37_hours_a_week",
                violation_error_message=_("Hours a week are between 1 and 37."),
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at=None, taken_back_by=None)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
                name="a_fact_is_taken_back_by_somebody",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @classmethod
    @transaction.atomic
    def record(cls, *, by, youth, kind: str, began_on, ended_on=None, weekly_hours=None):
        """Record what was observed; the partnership's figures become stale.

        Raises FactRefused for a day to come: a plan is no fact.
        """
        if max(began_on, ended_on or began_on) > timezone.localdate():
            raise FactRefused(_("That day is still to come."))
        made = cls.objects.create(
            youth=youth,
            kind=kind,
            began_on=began_on,
            ended_on=ended_on,
            weekly_hours=weekly_hours,
            recorded_by=by,
        )
        PartnershipProgress.mark_stale(youth.partnership_id)
        return made

    @transaction.atomic
    def take_back(self, *, by) -> None:
        """It was a mistake: it counts no more, and stays readable. Twice is once."""
        locked = ObservedFact.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.taken_back_at is None:
            locked.taken_back_by, locked.taken_back_at = by, timezone.now()
            locked.save(update_fields=["taken_back_by", "taken_back_at"])
            PartnershipProgress.mark_stale(locked.youth.partnership_id)
        self.refresh_from_db()


class AssessmentQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_ratings"):
        return self.filter(youth__in=Youth.objects.visible_to(user, codename).referred())


class Assessment(models.Model):
    """What a professional concludes, where the definition asks for it. Never rewritten."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="assessments")
    closer = models.BooleanField(_("has the young person come closer?"))
    reason = EncryptedTextField(_("what you have seen"), max_length=1000)
    assessed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    assessed_at = models.DateTimeField(default=timezone.now)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-assessed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="an_assessment_has_a_reason",
                violation_error_message=_("Write what you have seen."),
            ),
        ]

    def __str__(self):
        return f"{self.closer} {self.pk}"

    @classmethod
    @transaction.atomic
    def give(cls, *, by, youth, closer: bool, reason: str) -> "Assessment":
        """Say whether the young person has come closer, and why; the newest one counts.

        Raises FactRefused without a reason.
        """
        if not reason.strip():
            raise FactRefused(_("Write what you have seen."))
        made = cls.objects.create(youth=youth, closer=closer, reason=reason, assessed_by=by)
        PartnershipProgress.mark_stale(youth.partnership_id)
        return made


AFTER = timedelta(days=365)  # from the end of STU to the second look
EARLY = timedelta(days=30)  # that it may be taken before


class OutcomeQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_ratings"):
        return self.filter(youth__in=Youth.objects.visible_to(user, codename).referred())

    def latest(self):
        """The newest of each youth and moment: the one that counts."""
        return self.order_by("youth_id", "moment", "-recorded_at", "-pk").distinct(
            "youth_id", "moment"
        )

    def after(self):
        """The newest of each youth 12 months after STU."""
        return self.filter(moment=Outcome.Moment.AFTER).latest()


class Outcome(models.Model):
    """How it went, at the end of STU and 12 months after. Never rewritten; the newest counts.

    Source: the follow-up of Joballiancen, four outcome classes.
    """

    class Moment(models.TextChoices):
        END = "end", _("At the end of STU")
        AFTER = "after", _("12 months after STU")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="outcomes")
    moment = models.CharField(_("when"), max_length=6, choices=Moment)
    outcome = models.ForeignKey(OutcomeClass, on_delete=models.PROTECT, related_name="+")
    seen_on = models.DateField(_("as it was on"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ["youth", "moment", "-recorded_at"]
        indexes = [
            models.Index(fields=["youth", "moment", "-recorded_at"], name="newest_outcome_first")
        ]

    def __str__(self):
        return f"{self.moment} {self.pk}"

    @classmethod
    @transaction.atomic
    def record(cls, *, by, youth, moment: str, outcome, seen_on) -> "Outcome":
        """Record how it is, or correct what was recorded; the partnership's figures follow.

        Raises FactRefused for a class of another programme, a day to come, one before the course
        began, and 12 months after STU for a day long before that.
        """
        locked = Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)
        if outcome.programme_id != youth.partnership.programme_id:
            raise FactRefused(_("This is no outcome of the programme."))
        if seen_on > timezone.localdate():
            raise FactRefused(_("That day is still to come."))
        if seen_on < locked.enrolled_on:
            raise FactRefused(_("That day is before the course began."))
        if moment == cls.Moment.AFTER and seen_on < locked.stu_ends_on + AFTER - EARLY:
            raise FactRefused(_("That day is less than 12 months after the end of STU."))
        made = cls.objects.create(
            youth=youth, moment=moment, outcome=outcome, seen_on=seen_on, recorded_by=by
        )
        if moment == cls.Moment.END:
            locked.outcome, locked.outcome_on = outcome, seen_on
            locked.save(update_fields=["outcome", "outcome_on"])
        PartnershipProgress.mark_stale(youth.partnership_id)
        return made


def waiting_outcomes(youths):
    """Those of whom an outcome is due and not recorded, each with its `moment` and `since`."""
    today = timezone.localdate()
    over = youths.filter(stu_ends_on__lte=today).annotate(
        at_end=Exists(Outcome.objects.filter(youth=OuterRef("pk"), moment=Outcome.Moment.END)),
        after=Exists(Outcome.objects.filter(youth=OuterRef("pk"), moment=Outcome.Moment.AFTER)),
    )
    for youth in over.filter(
        Q(at_end=False, outcome=None) | Q(after=False, stu_ends_on__lte=today - AFTER)
    ):
        if not youth.at_end and youth.outcome_id is None:
            yield youth, Outcome.Moment.END, youth.stu_ends_on
        if not youth.after and youth.stu_ends_on + AFTER <= today:
            yield youth, Outcome.Moment.AFTER, youth.stu_ends_on + AFTER


def waiting_assessments(youths):
    """Those whose definition asks for an assessment that nobody has given in the open round, each
    with the day on which it opened.

    Asks the database once where no definition does, and five times otherwise.
    """
    if not Definition.objects.in_force().filter(stored_rule__assessment=True).exists():
        return
    opened = dict(RatingRound.objects.open().values_list("programme", "opens_on"))
    partnerships = Partnership.objects.filter(
        pk__in=youths.order_by().values("partnership"), programme__in=opened
    )
    asking = {}
    chains = Definition.objects.chains(partnerships)
    for partnership in partnerships:
        day = opened[partnership.programme_id]
        if in_force_on(chains[partnership.pk], day).rule.assessment:
            asking[partnership.pk] = day
    given = Assessment.objects.filter(youth=OuterRef("pk")).values("assessed_at")[:1]
    for youth in youths.filter(partnership__in=asking).annotate(assessed_at=Subquery(given)):
        day = asking[youth.partnership_id]
        if youth.assessed_at is None or timezone.localdate(youth.assessed_at) < day:
            yield youth, day
