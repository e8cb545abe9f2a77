"""The course: which phase it is in, and the efforts that are recommended and under way.

Efforts run beside each other in lanes, rather than one after the other. Source: BIP, the Danish
study of what brings people closer to work (docs/adr/0039).
"""

import uuid
from datetime import date, timedelta

from django.db import models, transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce, Least
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.encryption import EncryptedTextField
from partnerships.models import Phase, User
from youths.models.goals import Goal, GoalEvent
from youths.models.placements import Placement
from youths.models.youths import Youth


class CourseRefused(Exception):
    """A step that the state of the course does not allow."""


class CourseQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_course"):
        return self.filter(youth__in=Youth.objects.visible_to(user, codename).referred())


# -- Phases --------------------------------------------------------------------------------------


class PhaseEntry(models.Model):
    """The course came into a phase that day; back into an earlier one is one, too. Append-only."""

    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="phase_entries")
    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, db_index=False, related_name="+")
    began_on = models.DateField(gettext_lazy("since when"))
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["began_on", "noted_at", "pk"]

    def __str__(self):
        return str(self.pk)

    @classmethod
    @transaction.atomic
    def enter(cls, *, by, youth, phase, on: date) -> "PhaseEntry | None":
        """From that day on the course is in this phase; where it is in it already, nothing.

        Raises CourseRefused for a phase of another programme, and for a day that lies ahead,
        before the acceptance, or before the phase that it is in began.
        """
        locked = Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)
        if locked.phase_id == phase.pk:
            return None
        if phase.programme_id != youth.partnership.programme_id:
            raise CourseRefused(_("This phase is of another programme."))
        last = youth.phase_entries.last()
        since = max(filter(None, [locked.enrolled_on, last and last.began_on]))
        if not since <= on <= timezone.localdate():
            raise CourseRefused(
                _("Choose a day from %(day)s until today.") % {"day": date_format(since)}
            )
        made = cls.objects.create(youth=youth, phase=phase, began_on=on, noted_by=by)
        youth.phase = locked.phase = phase
        locked.save(update_fields=["phase"])
        return made


# -- Efforts -------------------------------------------------------------------------------------


class EffortQuerySet(CourseQuerySet):
    def recommended(self):
        """Not begun, and not set aside."""
        return self.filter(started_on=None, set_aside_at=None)

    def under_way(self):
        return self.filter(started_on__isnull=False, ended_on=None)

    def over(self):
        return self.filter(Q(ended_on__isnull=False) | Q(set_aside_at__isnull=False))


class Effort(models.Model):
    """Something that is done for the young person over some weeks; recommended, then begun.

    Its words are never edited: what is no longer meant is set aside, and recommended anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="efforts")
    lane = models.CharField(gettext_lazy("what it is about"), max_length=8, choices=Goal.Lane)
    words = EncryptedTextField(gettext_lazy("the effort"), max_length=200)
    goal = models.ForeignKey(
        Goal, on_delete=models.PROTECT, null=True, blank=True, related_name="efforts"
    )
    recommended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    recommended_at = models.DateTimeField(default=timezone.now)
    started_on = models.DateField(gettext_lazy("begun"), null=True)
    ended_on = models.DateField(gettext_lazy("ended"), null=True)
    set_aside_at = models.DateTimeField(null=True)
    because = EncryptedTextField(gettext_lazy("why"), max_length=600, blank=True)

    objects = EffortQuerySet.as_manager()

    class Meta:
        ordering = ["recommended_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="an_effort_has_words"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="an_effort_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(set_aside_at=None) | Q(started_on=None) & ~Q(because=""),
                name="what_is_set_aside_was_not_begun_and_has_a_reason",
            ),
        ]

    def __str__(self):
        return str(self.pk)

    @property
    def is_recommended(self) -> bool:
        return self.started_on is None and self.set_aside_at is None

    @property
    def is_under_way(self) -> bool:
        return self.started_on is not None and self.ended_on is None

    def _lock(self) -> "Effort":
        return Effort.objects.select_for_update(of=("self",)).get(pk=self.pk)

    @classmethod
    @transaction.atomic
    def recommend(cls, *, by, youth, lane: str, words: str, goal=None) -> "Effort":
        """Somebody of the team thinks it would help; the same words while it stands are one."""
        words = " ".join(words.split())
        if not words:
            raise CourseRefused(_("Write it in a few words."))
        if goal and goal.youth_id != youth.pk:
            raise CourseRefused(_("This goal is somebody else's."))
        Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)
        for effort in youth.efforts.filter(ended_on=None, set_aside_at=None):
            if effort.words == words:
                return effort
        return cls.objects.create(youth=youth, lane=lane, words=words, goal=goal, recommended_by=by)

    @transaction.atomic
    def start(self, *, on: date) -> None:
        """It begins, or began, that day; said again with the same day it is said once."""
        locked = self._lock()
        if (locked.started_on, locked.ended_on) != (on, None):
            if not locked.is_recommended:
                raise CourseRefused(_("It was begun or set aside meanwhile."))
            self._check_day(on, self.youth.enrolled_on)
            locked.started_on = on
            locked.save()
        self.refresh_from_db()

    @transaction.atomic
    def end(self, *, on: date, because: str = "") -> None:
        """It ended that day."""
        locked = self._lock()
        if (locked.ended_on, locked.because) != (on, because):
            if not locked.is_under_way:
                raise CourseRefused(_("It is not under way."))
            self._check_day(on, locked.started_on)
            locked.ended_on, locked.because = on, because
            locked.save()
        self.refresh_from_db()

    @transaction.atomic
    def set_aside(self, *, because: str) -> None:
        """It is not begun after all, because. Raises CourseRefused without a reason."""
        locked = self._lock()
        if locked.set_aside_at is None:
            if not locked.is_recommended:
                raise CourseRefused(_("It was begun already."))
            if not because.strip():
                raise CourseRefused(_("Write why."))
            locked.set_aside_at, locked.because = timezone.now(), because
            locked.save()
        self.refresh_from_db()

    @staticmethod
    def _check_day(day, earliest) -> None:
        if not earliest <= day <= timezone.localdate():
            raise CourseRefused(
                _("Choose a day from %(day)s until today.") % {"day": date_format(earliest)}
            )


# -- Towards a job -------------------------------------------------------------------------------


def quiet_since(youth) -> date | None:
    """Since when nothing has been directed at a job, once that is as long as the programme says.

    An effort of that lane or a placement under way is something; so is whatever was written,
    done or reached of a goal of that lane. Three queries.
    """
    today = timezone.localdate()
    until = Least(Coalesce("ended_on", "ends_on"), "ends_on")
    of_job = youth.efforts.filter(lane=Goal.Lane.JOB, started_on__isnull=False)
    events = GoalEvent.objects.filter(goal__youth=youth.pk, lane=Goal.Lane.JOB)
    last = [
        youth.enrolled_on,
        of_job.aggregate(last=Max(Coalesce("ended_on", today)))["last"],
        Placement.objects.filter(youth=youth.pk, starts_on__lte=today).aggregate(last=Max(until))[
            "last"
        ],
        (at := events.aggregate(last=Max("made_at"))["last"]) and timezone.localdate(at),
    ]
    since = max(day for day in last if day)
    weeks = youth.partnership.programme.job_quiet_weeks
    return since if since + timedelta(weeks=weeks) <= today else None
