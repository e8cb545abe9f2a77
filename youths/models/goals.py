"""Goals of the course in the young person's own words, and the small steps towards them."""

import uuid

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.access import YOUTH, Role
from partnerships.encryption import EncryptedTextField
from partnerships.models import Membership, User
from youths.models.youths import Youth


class GoalRefused(Exception):
    """A step that the goal's state does not allow."""


class GoalChanged(Exception):
    """Somebody else has saved the goal meanwhile; carries it as it stands, who, and when."""

    def __init__(self, goal):
        self.goal, last = goal, goal.events.filter(step=None).select_related("made_by").last()
        self.by, self.at = last.made_by.name, last.made_at


class OwedQuerySet(models.QuerySet):
    def owed_by(self, user, side: str):
        """Due today or before, and this person's to do.

        A side's own are everybody's of that side; so are those of somebody who has left it.
        """
        there = Membership.objects.active().filter(
            user=OuterRef("owner_person"), partnership=OuterRef(self.model.PARTNERSHIP), role=side
        )
        return self.filter(owner=side, due_on__lte=timezone.localdate()).filter(
            Q(owner_person=None) | Q(owner_person=user.pk) | ~Exists(there)
        )


class GoalQuerySet(OwedQuerySet):
    def visible_to(self, user, codename="view_course"):
        return self.filter(youth__in=Youth.objects.visible_to(user, codename).referred())

    def open(self):
        return self.filter(state=Goal.State.OPEN)

    def with_steps(self):
        """With the steps that stand, and whom each is with: two queries however many."""
        steps = SmallStep.objects.standing().select_related("owner_person", "done_by")
        return self.select_related("owner_person").prefetch_related(
            Prefetch("steps", steps, to_attr="standing")
        )


class StepQuerySet(OwedQuerySet):
    def visible_to(self, user, codename="view_course"):
        return self.filter(goal__youth__in=Youth.objects.visible_to(user, codename).referred())

    def standing(self):
        return self.filter(withdrawn_at=None)

    def open(self):
        return self.standing().filter(done_at=None, goal__state=Goal.State.OPEN)


class Owed(models.Model):
    """Words, whose it is to do, and by when.

    `owner_person` is somebody of the owner's side; when they leave, it stays the side's.
    """

    class Owner(models.TextChoices):
        YOUTH = YOUTH, _("The young person")
        SCHOOL = Role.SCHOOL.value, _("The school")
        CASEWORKER = Role.CASEWORKER.value, _("The job centre")

    words = EncryptedTextField(_("the goal"), max_length=300)
    owner = models.CharField(_("whose it is to do"), max_length=10, choices=Owner)
    owner_person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )
    due_on = models.DateField(_("due"), null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return str(self.pk)

    @property
    def owed(self) -> dict:
        """What was written, by field."""
        return {name: getattr(self, name) for name in ("words", "owner", "owner_person", "due_on")}

    def owner_in(self, youth) -> str:
        """Whose it is, by name, in this young person's case."""
        if self.owner_person_id:
            return self.owner_person.name
        return {
            self.Owner.YOUTH: youth.first_name,
            self.Owner.SCHOOL: youth.partnership.school.name,
            self.Owner.CASEWORKER: youth.partnership.municipality.name,
        }[self.owner]

    @property
    def owner_name(self) -> str:
        return self.owner_in(self.case)

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_on is not None and self.due_on < timezone.localdate()


def _a_named_owner_is_of_a_team(of: str):
    return models.CheckConstraint(
        condition=Q(owner_person=None) | ~Q(owner=Owed.Owner.YOUTH),
        name=f"who_is_named_for_{of}_is_of_a_team",
        violation_error_message=_("Only somebody of the school or the job centre is named."),
    )


class Goal(Owed):
    """What the young person wants to reach in the course, as they say it."""

    PARTNERSHIP = "youth__partnership"

    class Lane(models.TextChoices):
        JOB = "job", _("Towards a job")
        SKILLS = "skills", _("Skills")
        HEALTH = "health", _("Health")
        SOCIAL = "social", _("Social life")

    class State(models.TextChoices):
        OPEN = "open", _("Under way")
        REACHED = "reached", _("Reached")
        DROPPED = "dropped", _("Dropped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="goals")
    lane = models.CharField(_("what it is about"), max_length=8, choices=Lane)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    dropped_because = EncryptedTextField(_("why it was dropped"), max_length=600, blank=True)
    closed_at = models.DateTimeField(null=True)
    set_at = models.DateTimeField(default=timezone.now)
    revision = models.PositiveIntegerField(default=1)

    objects = GoalQuerySet.as_manager()

    class Meta:
        ordering = ["set_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="a_goal_has_words"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="a_goal_that_is_not_open_was_closed",
            ),
            models.CheckConstraint(
                condition=(Q(state="dropped") & ~Q(dropped_because=""))
                | (~Q(state="dropped") & Q(dropped_because="")),
                name="a_goal_is_dropped_for_a_reason",
                violation_error_message=_("Write why the goal is dropped."),
            ),
            _a_named_owner_is_of_a_team("a_goal"),
        ]

    @property
    def case(self) -> Youth:
        return self.youth

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def next_step(self) -> "SmallStep | None":
        return next((step for step in self.standing if step.is_open), None)

    def lock(self) -> "Goal":
        """The goal's row under a lock: the one lock of its steps, too."""
        return Goal.objects.select_for_update(of=("self",)).get(pk=self.pk)

    def note(self, kind: str, *, by, step=None, reason: str = "") -> None:
        """Keep what was done, with the words as they stood."""
        about = step or self
        self.events.create(
            kind=kind, step=step, reason=reason, lane=self.lane, made_by=by, **about.owed
        )

    @classmethod
    @transaction.atomic
    def set(cls, *, by, youth, words: str, lane: str, owner: str, owner_person=None, due_on=None):
        """A new goal; the same words while it is open are the same goal. Raises GoalRefused."""
        words = _plain(words)
        Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)
        for goal in youth.goals.open():
            if goal.words == words:
                return goal
        goal = cls.objects.create(
            youth=youth, words=words, lane=lane, owner=owner, owner_person=owner_person,
            due_on=due_on,
        )  # fmt: skip
        goal.note(GoalEvent.Kind.SET, by=by)
        return goal

    @transaction.atomic
    def change(
        self,
        *,
        by,
        revision: int,
        words: str,
        lane: str,
        owner: str,
        owner_person=None,
        due_on=None,
    ) -> None:
        """Save it anew; what stood before stays in its history.

        `revision` is the one that was read. Raises GoalChanged when somebody has saved since,
        GoalRefused when the goal is closed.
        """
        new = {
            "words": _plain(words),
            "owner": owner,
            "owner_person": owner_person,
            "due_on": due_on,
            "lane": lane,
        }
        locked = self.lock()
        if locked.revision != revision:
            raise GoalChanged(locked)
        locked._must_be_open()
        if {**locked.owed, "lane": locked.lane} != new:
            for name, value in new.items():
                setattr(locked, name, value)
            locked.revision += 1
            locked.save()
            locked.note(GoalEvent.Kind.CHANGED, by=by)
        self.refresh_from_db()

    @transaction.atomic
    def reach(self, *, by) -> None:
        """The young person has reached it; twice is once. Raises GoalRefused once dropped."""
        self._close(by, self.State.REACHED)

    @transaction.atomic
    def drop(self, *, by, reason: str) -> None:
        """It is no longer a goal, because; twice is once. Raises GoalRefused without a reason."""
        self._close(by, self.State.DROPPED, _plain(reason))

    def _close(self, by, state, reason="") -> None:
        locked = self.lock()
        if locked.state != state:
            locked._must_be_open()
            locked.state, locked.closed_at = state, timezone.now()
            locked.dropped_because = reason
            locked.save()
            locked.note(GoalEvent.Kind(state), by=by, reason=reason)
        self.refresh_from_db()

    @transaction.atomic
    def take_up(self, *, by) -> None:
        """It is a goal again; why it was dropped stays in its history. Twice is once."""
        locked = self.lock()
        if not locked.is_open:
            locked.state, locked.closed_at, locked.dropped_because = self.State.OPEN, None, ""
            locked.save()
            locked.note(GoalEvent.Kind.TAKEN_UP, by=by)
        self.refresh_from_db()

    @transaction.atomic
    def add_step(self, *, by, words: str, owner: str, owner_person=None, due_on=None):
        """A small step towards it; the same words twice are one step. Raises GoalRefused."""
        words, locked = _plain(words), self.lock()
        locked._must_be_open()
        for step in locked.steps.standing().filter(done_at=None):
            if step.words == words:
                return step
        step = locked.steps.create(
            words=words, owner=owner, owner_person=owner_person, due_on=due_on, added_by=by
        )
        locked.note(GoalEvent.Kind.STEP_ADDED, by=by, step=step)
        return step

    def _must_be_open(self) -> None:
        if not self.is_open:
            raise GoalRefused(_("The goal is closed. Take it up again first."))


class SmallStep(Owed):
    """One step towards a goal, small enough to be done. Its words are taken away, never edited."""

    PARTNERSHIP = "goal__youth__partnership"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="steps")
    words = EncryptedTextField(_("the small step"), max_length=200)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="a_small_step_has_words"),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="a_small_step_is_done_by_somebody",
            ),
            _a_named_owner_is_of_a_team("a_small_step"),
        ]

    @property
    def case(self) -> Youth:
        return self.goal.youth

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.goal.is_open

    @transaction.atomic
    def tick(self, *, by) -> None:
        """It is done; who ticks it again changes nothing. Raises GoalRefused on a closed goal."""
        goal, locked = self._lock()
        if locked.done_at is None:
            locked.done_at, locked.done_by = timezone.now(), by
            locked.save()
            goal.note(GoalEvent.Kind.STEP_DONE, by=by, step=locked)
        self.refresh_from_db()

    @transaction.atomic
    def untick(self, *, by) -> None:
        """It is not done after all; that it was ticked stays in the history."""
        goal, locked = self._lock()
        if locked.done_at is not None:
            locked.done_at = locked.done_by = None
            locked.save()
            goal.note(GoalEvent.Kind.STEP_UNDONE, by=by, step=locked)
        self.refresh_from_db()

    @transaction.atomic
    def withdraw(self, *, by) -> None:
        """Take it off the list; its words stay in the history."""
        goal, locked = self._lock(standing=False)
        if locked.withdrawn_at is None:
            locked.withdrawn_at = timezone.now()
            locked.save()
            goal.note(GoalEvent.Kind.STEP_WITHDRAWN, by=by, step=locked)
        self.refresh_from_db()

    def _lock(self, *, standing=True):
        """Goal and step as they stand, under the goal's lock."""
        goal = self.goal.lock()
        goal._must_be_open()
        locked = goal.steps.get(pk=self.pk)
        if standing and locked.withdrawn_at is not None:
            raise GoalRefused(_("This small step was taken off the list."))
        return goal, locked


class GoalEvent(Owed):
    """What became of a goal and its steps, each time with the words as they stood. Append-only."""

    class Kind(models.TextChoices):
        SET = "set", _("Goal set")
        CHANGED = "changed", _("Goal changed")
        REACHED = "reached", _("Goal reached")
        DROPPED = "dropped", _("Goal dropped")
        TAKEN_UP = "taken_up", _("Goal taken up again")
        STEP_ADDED = "step_added", _("Small step added")
        STEP_DONE = "step_done", _("Small step done")
        STEP_UNDONE = "step_undone", _("Small step not done after all")
        STEP_WITHDRAWN = "step_withdrawn", _("Small step taken off the list")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="events")
    step = models.ForeignKey(
        SmallStep, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=14, choices=Kind)
    lane = models.CharField(max_length=8, choices=Goal.Lane)
    reason = EncryptedTextField(max_length=600, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["made_at", "pk"]


def _plain(words: str) -> str:
    """One sentence on one line. Raises GoalRefused when there is none."""
    words = " ".join(words.split())
    if not words:
        raise GoalRefused(_("Write it in a few words."))
    return words


def goals_of(user, youth) -> list[Goal]:
    """The goals that this person reads, open ones first, with their steps."""
    rows = Goal.objects.visible_to(user).filter(youth=youth).with_steps()
    goals = list(rows.order_by(F("closed_at").desc(nulls_first=True), "set_at", "pk"))
    for goal in goals:
        goal.youth = youth
    return goals
