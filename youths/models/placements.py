"""A time at a company: practice, wage subsidy, paid hours, small job, flex job, ordinary job."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format, number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from partnerships.access import Role, placement_ids, roles, sync_grants
from partnerships.encryption import EncryptedTextField
from partnerships.models import Organisation, OrganisationKind, PlacementKind, PlacementLimit, User
from youths import ladder
from youths.access import codenames_for, is_own
from youths.models.agreements import AgreementReplaced, PlacementAgreement
from youths.models.goals import Goal
from youths.models.notices import Notice
from youths.models.placement_events import PlacementEnding, PlacementEvent
from youths.models.youths import Youth

ENDS_SOON = timedelta(days=14)  # before its last day, when somebody should know what comes after


class PlacementRefused(Exception):
    """A step that the placement's state does not allow; `field` is the one that is at fault."""

    def __init__(self, said, field=None):
        super().__init__(said)
        self.field = field


class PlacementQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_course"):
        """A company by the single placement, only while it runs; others by the youth."""
        if Role.EMPLOYER in roles(user):
            return self.running().filter(pk__in=placement_ids(user))
        return self.filter(youth__in=Youth.objects.visible_to(user, codename))

    def get_for(self, user, pk, codename="") -> "Placement":
        """One placement for a page. A company holds no codename of the course.

        Raises Http404 for somebody else's, PermissionDenied for one's own but not for this.
        """
        rows = self.visible_to(user).select_related(
            "youth__partnership__school", "youth__partnership__municipality", "employer", "contact"
        )
        this = get_object_or_404(rows, pk=pk)
        if codename and codename not in codenames_for(user, this.youth):
            raise PermissionDenied
        return this

    def current(self):
        """Neither past its last day nor ended early; begun or still to come."""
        return self.filter(ended_on=None, ends_on__gte=timezone.localdate())

    def signed(self):
        """Of somebody in a partnership that is still signed."""
        return self.filter(youth__partnership__status="signed", youth__enrolled_on__isnull=False)

    def running(self):
        """Begun, not past its last day, not ended early, in a partnership that is still signed."""
        return self.current().signed().filter(starts_on__lte=timezone.localdate())


IN_ORDER = r"^1?2?3?4?5?6?7?$"  # days of the week as digits, Monday is 1


class Placement(models.Model):
    """What one company and one young person have agreed on."""

    Kind = PlacementKind

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
    weekdays = models.CharField(
        _("working days"),
        max_length=7,
        default="",
        db_default="",
        blank=True,
        validators=[RegexValidator(IN_ORDER)],
    )
    tasks = models.TextField(_("tasks, one on each line"), max_length=2000)
    next_meeting_at = models.DateTimeField(_("next meeting at the company"), null=True, blank=True)
    support_person = EncryptedTextField(
        _("support person at the company"), max_length=120, blank=True, default="", db_default=b""
    )
    goals = models.ManyToManyField(
        Goal, blank=True, related_name="placements", verbose_name=_("goals of this placement")
    )
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
            models.CheckConstraint(
                condition=Q(weekdays__regex=IN_ORDER), name="working_days_stand_in_order"
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

    @property
    def week(self) -> list[tuple[str, bool]]:
        """The days of the week, and whether it is a working day; weekends only where they are."""
        return [
            (str(day), str(n + 1) in self.weekdays)
            for n, day in WEEKDAYS_ABBR.items()
            if n < 5 or str(n + 1) in self.weekdays
        ]

    @property
    def working_days(self) -> list[str]:
        return [str(WEEKDAYS[int(digit) - 1]) for digit in self.weekdays]

    @property
    def shown_goals(self):
        """The goals that were chosen for it, but for those that are none any more."""
        return self.goals.exclude(state=Goal.State.DROPPED).order_by("set_at", "pk")

    @cached_property
    def agreement(self) -> PlacementAgreement | None:
        """The text that stands, with who has said yes to it."""
        rows = self.agreements.prefetch_related("confirmations__by")
        return rows.select_related("made_by").first()

    @property
    def waits_for_the_company(self) -> bool:
        """Whether the company has yet to say yes; of agreements that were fetched before."""
        newest = next(iter(self.agreements.all()), None)
        return newest is not None and PlacementAgreement.Side.COMPANY in newest.waits_for

    @cached_property
    def history(self) -> list[PlacementEvent]:
        return list(self.events.all())

    @property
    def pauses(self) -> list[ladder.Pause]:
        """As they were made; one that was ended early ends the day before the work goes on."""
        found = []
        for event in self.history:
            if event.kind == PlacementEvent.Kind.PAUSED:
                found.append(ladder.Pause(event.on, event.until))
            elif event.kind == PlacementEvent.Kind.RESUMED:
                found.append(ladder.Pause(found.pop().first, event.on - timedelta(days=1)))
        return [pause for pause in found if pause.last is None or pause.first <= pause.last]

    @property
    def pause(self) -> ladder.Pause | None:
        """The one that is on today, or still to come."""
        last, today = next(reversed(self.pauses), None), timezone.localdate()
        return last if last and (last.last is None or last.last >= today) else None

    @property
    def changes(self) -> list[ladder.Change]:
        """When other hours were planned."""
        kinds = (PlacementEvent.Kind.HOURS, PlacementEvent.Kind.STEP)
        return [
            ladder.Change(event.on, event.hours_before, event.hours)
            for event in self.history
            if event.kind in kinds
        ]

    def planned_in(self, monday):
        """The hours that were planned in a week."""
        return ladder.planned_in(monday, self.changes, self.weekly_hours)

    @property
    def first_rung(self):
        """The hours that were agreed, from which the ladder goes up."""
        hours = None
        for event in self.history:
            if event.kind == PlacementEvent.Kind.HOURS:
                hours = event.hours
            elif event.kind == PlacementEvent.Kind.STEP and hours is None:
                hours = event.hours_before
        return self.weekly_hours if hours is None else hours

    def rungs_around(self):
        """The hours of the next rung below and of the next one above."""
        rungs = [self.first_rung, *(step.weekly_hours for step in self.steps.all())]
        return ladder.rungs_around(rungs, self.weekly_hours)

    @property
    def limit(self) -> PlacementLimit | None:
        """The programme's limit of this kind."""
        limits = PlacementLimit.objects.filter(kind=self.kind)
        return limits.filter(programme__partnerships=self.youth.partnership_id).first()

    def beyond_the_limit(self) -> dict[str, str]:
        """What the programme's limit refuses, by field."""
        said = (self.kind, self.starts_on, self.ends_on, self.weekly_hours)
        limit = self.limit if None not in said else None
        if limit is None:
            return {}
        return limit.refusals(
            starts_on=self.starts_on, ends_on=self.ends_on, weekly_hours=self.weekly_hours
        )

    def clean(self):
        if refused := self.beyond_the_limit():
            raise ValidationError(refused)

    def side_of(self, user) -> str:
        """For whom this person says yes to the agreement; "" for whom it is nobody's to say."""
        if Role.EMPLOYER in roles(user):
            return PlacementAgreement.Side.COMPANY
        if is_own(user, self.youth):
            return PlacementAgreement.Side.YOUTH
        may_change = "change_course" in codenames_for(user, self.youth)
        return PlacementAgreement.Side.CASEWORKER if may_change else ""

    # -- What is done with it

    def lock(self) -> "Placement":
        """The placement's row under a lock: the one lock of all that hangs on it."""
        rows = Placement.objects.select_for_update(of=("self",))
        return rows.select_related("youth__partnership", "employer", "contact").get(pk=self.pk)

    def lock_current(self) -> "Placement":
        locked = self.lock()
        if locked.ended_on is not None:
            raise PlacementRefused(_("The placement has ended already."))
        return locked

    def note(self, kind: str, *, by, on, **fields) -> None:
        """Keep what was done."""
        self.events.create(kind=kind, made_by=by, on=on, **fields)
        self.__dict__.pop("history", None)

    @transaction.atomic
    def change(self, *, by, number: int, goals, **fields) -> None:
        """Agree on it anew; all three sides are asked about the new text.

        `number` is that of the agreement that was read, 0 without one. Raises AgreementReplaced
        when there is a newer one, PlacementRefused once it has ended.
        """
        locked = self.lock_current()
        newest = locked.agreement
        if (newest.number if newest else 0) != number:
            raise AgreementReplaced(newest)
        before = locked.weekly_hours
        for name, value in fields.items():
            setattr(locked, name, value)
        locked.save()
        locked.goals.set(goals)
        if locked.weekly_hours != before:
            hours = {"hours_before": before, "hours": locked.weekly_hours}
            locked.note(PlacementEvent.Kind.HOURS, by=by, on=timezone.localdate(), **hours)
        locked.write_agreement(by=by)

    @transaction.atomic
    def write_agreement(self, *, by) -> PlacementAgreement:
        """Put in words what is agreed now; the same words are the same agreement.

        Other words are the next version, and the other sides are told that it waits for them.
        """
        locked = self.lock()
        newest, words = locked.agreements.first(), locked.in_words()
        if newest and newest.words == words:
            return newest
        number = newest.number + 1 if newest else 1
        made = locked.agreements.create(number=number, words=words, made_by=by)
        self.__dict__.pop("agreement", None)
        locked.tell(Notice.Kind.AGREE, by=by, about=f"{locked.pk}-{number}")
        return made

    def in_words(self) -> str:
        """What all three say yes to, a line each, in the language of the house."""
        with translation.override(settings.LANGUAGE_CODE):
            lines = (
                (gettext("Company"), self.employer.name),
                (gettext("The young person"), self.youth.first_name),
                (gettext("Kind"), self.get_kind_display()),
                (gettext("First day"), date_format(self.starts_on)),
                (gettext("Last day"), date_format(self.ends_on)),
                (gettext("Working days"), ", ".join(self.working_days)),
                (gettext("Hours a week"), self._hours_in_words()),
                (gettext("Tasks"), "; ".join(self.task_lines)),
                (gettext("Support person at the company"), self.support_person),
                (gettext("Whom the company calls"), self.contact.name),
                (gettext("Goals"), "; ".join(goal.words for goal in self.shown_goals)),
            )
            return "\n".join(f"{label}: {text}" for label, text in lines if text)

    def _hours_in_words(self) -> str:
        steps = [
            ngettext(
                "%(hours)s after %(weeks)s steady week",
                "%(hours)s after %(weeks)s steady weeks",
                step.after_weeks,
            )
            % {"hours": plain(step.weekly_hours), "weeks": step.after_weeks}
            for step in self.steps.all()
        ]
        return ", ".join([plain(self.first_rung if steps else self.weekly_hours), *steps])

    @transaction.atomic
    def step(self, *, by, hours) -> None:
        """Go to another rung of the ladder, up or down; from the next whole week on.

        It is agreed already, so that nobody is asked again. Twice is once. Raises
        PlacementRefused for hours that are no rung beside the one it stands on.
        """
        locked = self.lock_current()
        if locked.weekly_hours != hours:
            if hours not in locked.rungs_around():
                raise PlacementRefused(_("These hours are no next step of the ladder."))
            before, locked.weekly_hours = locked.weekly_hours, hours
            locked.save()
            said = {"hours_before": before, "hours": hours}
            locked.note(PlacementEvent.Kind.STEP, by=by, on=timezone.localdate(), **said)
        self.refresh_from_db()

    @transaction.atomic
    def prolong(self, *, by, ends_on, reason: str) -> None:
        """Another last day, within the programme's limit; all three are asked about it.

        Twice is once. Raises PlacementRefused once it has ended, for a day that is no later one,
        and beyond the limit.
        """
        locked = self.lock_current()
        if locked.ends_on != ends_on:
            if ends_on < locked.ends_on:
                raise PlacementRefused(_("Choose a later day than the last one."), "ends_on")
            locked.ends_on = ends_on
            if said := locked.beyond_the_limit().get("ends_on"):
                raise PlacementRefused(said, "ends_on")
            locked.save()
            locked.note(PlacementEvent.Kind.PROLONGED, by=by, on=ends_on, reason=reason)
            locked.tell(Notice.Kind.PLACEMENT, by=by, about=f"{locked.pk}-{ends_on}")
            locked.write_agreement(by=by)
        self._forget()

    @transaction.atomic
    def put_on_pause(self, *, by, first, last=None, reason: str) -> None:
        """Nobody comes to work from a day on; the company still reads what it needs.

        Twice is once. Raises PlacementRefused where a pause is on already, and outside of the
        placement.
        """
        locked = self.lock_current()
        pause = ladder.Pause(first, last)
        if locked.pause != pause:
            if locked.pause:
                raise PlacementRefused(_("There is a pause already. End it first."))
            if last and last < first:
                raise PlacementRefused(_("The last day is before the first."), "last")
            if not locked.starts_on <= first <= locked.ends_on:
                raise PlacementRefused(_("The day lies outside of the placement."), "first")
            if locked.pauses and first <= (locked.pauses[-1].last or first):
                raise PlacementRefused(_("There was a pause on that day already."), "first")
            said = {"until": last, "reason": reason}
            locked.note(PlacementEvent.Kind.PAUSED, by=by, on=first, **said)
            locked.tell(Notice.Kind.PLACEMENT, by=by, about=f"{locked.pk}-pause-{first}")
        self._forget()

    @transaction.atomic
    def resume(self, *, by) -> None:
        """The work goes on today; twice is once."""
        locked = self.lock_current()
        if locked.pause:
            today = timezone.localdate()
            locked.note(PlacementEvent.Kind.RESUMED, by=by, on=today)
            locked.tell(Notice.Kind.PLACEMENT, by=by, about=f"{locked.pk}-resumed-{today}")
        self._forget()

    @transaction.atomic
    def end(self, *, by) -> None:
        """End it today: the company's access is over with the next request."""
        locked = self.lock_current()
        locked.ended_on = self.ended_on = timezone.localdate()
        locked.save()
        locked.note(PlacementEvent.Kind.ENDED, by=by, on=locked.ended_on)
        locked.tell(Notice.Kind.PLACEMENT, by=by, about=f"{locked.pk}-ended")
        self._forget()

    @transaction.atomic
    def say_why(
        self, *, side: str, reason: str, words: str = "", again: str = "", by=None, name: str = ""
    ) -> PlacementEnding:
        """Why it ended, as one side sees it; said once by each side, and not rewritten.

        `by` is whoever took it down, `name` who said it. Raises PlacementRefused while it runs.
        """
        locked = self.lock()
        if not locked.is_over:
            raise PlacementRefused(_("The placement has not ended yet."))
        said, _new = locked.endings.get_or_create(
            side=side,
            defaults={"reason": reason, "words": words, "again": again, "by": by, "name": name},
        )
        return said

    @property
    def is_over(self) -> bool:
        return self.ended_on is not None or self.ends_on < timezone.localdate()

    def tell(self, kind: str, *, by, about: str) -> None:
        """Tell the team and the young person, but not who did it. A company has no notices."""
        what = {"kind": kind, "about": about, "path": self.path}
        for role in (Role.SCHOOL, Role.CASEWORKER):
            if kind != Notice.Kind.AGREE or role == Role.CASEWORKER:
                Notice.tell_team(self.youth, role, but=by, **what)
        young = self.youth.account_id
        if young and (by is None or young != by.pk):
            Notice.tell(people=[young], youth=self.youth, **what)

    @property
    def path(self) -> str:
        return reverse("placement", args=[self.pk])

    def meet_next(self, *, by, at) -> None:
        """When the company is met next, or that nothing is agreed."""
        self.next_meeting_at = at
        self.save(update_fields=["next_meeting_at"])

    def _forget(self) -> None:
        for name in ("history", "agreement"):
            self.__dict__.pop(name, None)
        self.refresh_from_db()


def plain(hours) -> str:
    """Hours without a nought after the comma."""
    return number_format(int(hours) if hours % 1 == 0 else hours.normalize())


class PlacementGroupPermission(GroupObjectPermissionBase):
    """Guardian's row: an employer's group may open a placement."""

    content_object = models.ForeignKey(Placement, on_delete=models.CASCADE)


class PlacementUserPermission(UserObjectPermissionBase):
    """Guardian asks for this table too; it stays empty, since only groups are granted."""

    content_object = models.ForeignKey(Placement, on_delete=models.CASCADE)
