"""Rounds of rating: the same window for all three voices of a programme."""

import calendar
from datetime import timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.models import DateRange, Programme
from youths.models import Youth

MOST_ROUNDS = 62  # of a programme: figures keep the rounds as the bits of one number


class RatingRoundQuerySet(models.QuerySet):
    def open(self):
        """Open today; there is at most one in a programme."""
        today = timezone.localdate()
        return self.filter(opens_on__lte=today, closes_on__gte=today)

    def begun(self):
        """Open now or earlier."""
        return self.filter(opens_on__lte=timezone.localdate())

    def of(self, youth):
        """Those of the programme in which the young person has a place."""
        return self.filter(programme__partnerships=youth.partnership_id)


class RatingRound(models.Model):
    """The same window for all three voices of a programme."""

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="rounds", verbose_name=_("programme")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    opens_on = models.DateField(_("opens"))
    closes_on = models.DateField(_("last day"))

    objects = RatingRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("rating round")
        verbose_name_plural = _("rating rounds")
        ordering = ["programme", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "number"],
                name="one_round_per_number",
                violation_error_message=_("This round is here already."),
            ),
            models.CheckConstraint(
                condition=Q(number__lte=MOST_ROUNDS),
                name="a_programme_has_at_most_62_rounds",
                violation_error_message=_("A programme has at most 62 rounds."),
            ),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="a_round_closes_after_it_opens",
                violation_error_message=_("The last day is before the first."),
            ),
            ExclusionConstraint(
                name="one_round_open_at_a_time",
                expressions=[
                    ("programme", RangeOperators.EQUAL),
                    (
                        DateRange("opens_on", "closes_on", RangeBoundary(inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("Another round is open in this time."),
            ),
        ]

    def __str__(self):
        return str(self.number)

    @classmethod
    @transaction.atomic
    def open_next(cls, programme_id) -> "RatingRound | None":
        """Open the programme's next round, if it is due today; twice is once."""
        programme = Programme.objects.select_for_update(of=("self",), no_key=True).get(
            pk=programme_id
        )
        today, last = timezone.localdate(), programme.rounds.last()
        if not programme.starts_on <= today <= programme.ends_on or not _is_due(programme, last):
            return None
        return cls.objects.create(
            programme=programme,
            number=last.number + 1 if last else 1,
            opens_on=today,
            closes_on=min(today + timedelta(days=programme.round_open_days - 1), programme.ends_on),
        )


def _is_due(programme, last) -> bool:
    """The first one when somebody has a place, each other so many months after the one before."""
    if last is None:
        return Youth.objects.referred().filter(partnership__programme=programme).exists()
    today = timezone.localdate()
    return (
        last.number < MOST_ROUNDS
        and last.closes_on < today
        and months_after(last.opens_on, programme.round_interval_months) <= today
    )


def months_after(day, months: int):
    """The same day so many months later, or the last one of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(
        year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1])
    )
