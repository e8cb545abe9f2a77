"""The meetings of all three: the first closes the handover, those after it follow the course.

Each has an agenda on which the young person's points stand first, a record, and agreements that
wait on whoever is named.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import models, transaction
from django.db.models import Case, Count, Exists, OuterRef, Q, Subquery, When
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.models.decisions import HandoverDecision
from handover.models.profiles import HandoverProfile
from handover.models.texts import HandoverRefused
from handover.models.use import PartUse
from partnerships.access import (
    PARTNERSHIP_ROLES,
    YOUTH,
    Role,
    Section,
    partnership_ids,
    roles,
)
from partnerships.encryption import EncryptedTextField
from partnerships.models import Membership, User
from partnerships.waiting import Waiting
from youths.models import Notice, Youth

PLANNING = "change_course"
POINTS_BEFORE = timedelta(days=14)  # of a meeting, when the young person is asked for points


class NotAccepted(HandoverRefused):
    """No first meeting before the receiver has accepted the handover."""


class MeetingHeld(HandoverRefused):
    """The meeting was recorded already."""


class AgreementDone(HandoverRefused):
    """The agreement is done already."""


class CorrectedMeanwhile(HandoverRefused):
    """The record that was read is not the newest any more."""


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user):
        """To whoever reads the course of the young person."""
        youths = Youth.objects.visible_to(user, "view_course").referred()
        return self.filter(profile__youth__in=youths)

    def ahead(self) -> "Meeting | None":
        """The one that lies ahead, of one profile."""
        return self.filter(held_on=None).first()

    def held(self):
        """The newest first."""
        return self.filter(held_on__isnull=False).order_by("-held_on", "-planned_at")


class MeetingRecord(models.Model):
    """What is recorded of a meeting: who was there, what was said, and when the next one is."""

    FIELDS = ("held_on", "youth_present", "others", "why_absent", "minutes", "next_on")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    held_on = models.DateField(_("the day it was held"), null=True)
    others = EncryptedTextField(_("who else took part"), max_length=500, blank=True)
    youth_present = models.BooleanField(_("was the young person there?"), null=True)
    why_absent = EncryptedTextField(_("why not"), max_length=500, blank=True)
    minutes = EncryptedTextField(
        _("what was said"), max_length=4000, blank=True, default="", db_default=""
    )
    next_on = models.DateField(_("next meeting"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Meeting(MeetingRecord):
    """A meeting of the young person, the school and the job centre: planned, then held.

    With the first the handover closes; one lies ahead at a time. `number` is that of the record:
    a correction makes the next one, and keeps what stood before.
    """

    profile = models.ForeignKey(
        HandoverProfile, on_delete=models.PROTECT, db_index=False, related_name="meetings"
    )
    is_first = models.BooleanField(db_default=True)
    people = models.ManyToManyField(
        User, through="MeetingPerson", verbose_name=_("who took part"), related_name="+"
    )
    planned_on = models.DateField(_("day of the meeting"))
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(default=timezone.now)
    number = models.PositiveSmallIntegerField(default=1, db_default=1)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        db_table = "handover_firstmeeting"  # of when there was only the first
        indexes = [models.Index(fields=["profile", "-held_on"], name="meetings_of_a_profile")]
        constraints = [
            models.UniqueConstraint(
                fields=["profile"], condition=Q(is_first=True), name="one_first_meeting"
            ),
            models.UniqueConstraint(
                fields=["profile"], condition=Q(held_on=None), name="one_meeting_ahead_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(held_on=None, youth_present=None, recorded_at=None)
                | Q(held_on__isnull=False, youth_present__isnull=False, recorded_at__isnull=False),
                name="a_meeting_that_was_held_says_who_was_there",
            ),
            models.CheckConstraint(
                condition=~Q(youth_present=False) | ~Q(why_absent=""),
                name="who_was_not_there_has_a_reason",
                violation_error_message=_("Write why the young person was not there."),
            ),
        ]

    def __str__(self):
        return str(self.pk)

    @classmethod
    @transaction.atomic
    def plan(cls, *, by, profile, on) -> "Meeting":
        """Set the day of the meeting that lies ahead, or another day for it.

        Raises NotAccepted without an acceptance of the handover that stands.
        """
        profile = profile.lock()
        cls._refuse_unless_accepted(profile)
        ahead = profile.meetings.ahead()
        if ahead is None:
            is_first = not profile.meetings.exists()
            return cls.objects.create(
                profile=profile, is_first=is_first, planned_on=on, planned_by=by
            )
        if ahead.planned_on != on:
            ahead.planned_on, ahead.planned_by, ahead.planned_at = on, by, timezone.now()
            ahead.save()
        return ahead

    @staticmethod
    def _refuse_unless_accepted(profile) -> None:
        decision = profile.decisions.first()
        if decision is None or not decision.accepts:
            raise NotAccepted(_("The handover must be accepted first."))

    def _refuse_when_held(self) -> None:
        if self.held_on:
            raise MeetingHeld(_("The meeting was recorded already."))

    @transaction.atomic
    def record(
        self, *, by, held_on, people, youth_present, agreements, others="", why_absent="",
        minutes="", next_on=None,
    ) -> None:  # fmt: skip
        """Note that it was held, who was there, and what was agreed; once. Plans the next one.

        `agreements` are fields of MeetingAgreement. Raises NotAccepted, MeetingHeld, or
        HandoverRefused when the day lies ahead or a reason is missing.
        """
        profile = self.profile.lock()
        self.refresh_from_db()
        self._refuse_unless_accepted(profile)
        self._refuse_when_held()
        self._write(by, people, held_on=held_on, youth_present=youth_present, others=others,
                    why_absent=why_absent, minutes=minutes, next_on=next_on)  # fmt: skip
        self._agree(agreements)
        if next_on:
            Meeting.plan(by=by, profile=profile, on=next_on)

    @transaction.atomic
    def correct(
        self, *, by, number: int, held_on, people, youth_present, agreements, others="",
        why_absent="", minutes="", next_on=None,
    ) -> None:  # fmt: skip
        """Record it as it was; what stood there before stays readable, with who wrote it and when.

        `number` is that of the record which was read. `agreements` are fields of
        MeetingAgreement, with the `pk` of the one they correct, if any; one that is left out is
        taken away, and what is done stays. The same said twice is one record. Raises
        CorrectedMeanwhile, AgreementDone, or HandoverRefused as `record` does and when it was
        not held yet.
        """
        profile = self.profile.lock()
        self.refresh_from_db()
        if not self.held_on:
            raise HandoverRefused(_("The meeting is not recorded yet."))
        said = {
            "held_on": held_on,
            "youth_present": youth_present,
            "others": others,
            "why_absent": "" if youth_present else why_absent,
            "minutes": minutes,
            "next_on": next_on,
        }
        # Under a lock, so that none is noted as done meanwhile.
        rows = self.agreements.select_for_update(of=("self",)).select_related("person")
        standing = {row.pk: row for row in rows}
        if self._says(said, people, agreements, standing):
            return
        if self.number != number:
            raise CorrectedMeanwhile(_("Somebody has corrected the record meanwhile. Read it."))
        EarlierRecord.keep(self, standing.values())
        moved = next_on != self.next_on
        self.number += 1
        self._write(by, people, **said)
        self._agree(agreements, standing)
        if next_on and moved and self == profile.meetings.held().first():
            Meeting.plan(by=by, profile=profile, on=next_on)
        Notice.tell_team(
            self.profile.youth,
            Role.SCHOOL,
            kind=Notice.Kind.CORRECTED,
            about=f"{self.pk}-{self.number}",
            path=self.path,
        )

    def _says(self, said, people, agreements, standing) -> bool:
        """Whether this very record stands there already."""
        named = {row["pk"]: row for row in agreements if row.get("pk")}
        return (
            all(getattr(self, name) == value for name, value in said.items())
            and set(self.people.all()) == set(people)
            and len(named) == len(agreements)
            and all(pk in standing and standing[pk].says(row) for pk, row in named.items())
            and all(row.done_at or pk in named for pk, row in standing.items())
        )

    def _write(self, by, people, **said) -> None:
        if said["held_on"] > timezone.localdate():
            raise HandoverRefused(_("The day lies ahead. Record the meeting when it was held."))
        if not said["youth_present"] and not said["why_absent"].strip():
            raise HandoverRefused(_("Write why the young person was not there."))
        for name, value in said.items():
            setattr(self, name, value)
        self.why_absent = "" if self.youth_present else self.why_absent
        self.recorded_by, self.recorded_at = by, timezone.now()
        self.save()
        self.people.set(people)

    def _agree(self, agreements, standing=None) -> None:
        """Write down what was agreed, over what stands there of it already."""
        left = dict(standing or {})
        for position, fields in enumerate(agreements):
            row = left.pop(fields.get("pk"), None)
            if row is None:
                row = MeetingAgreement(meeting=self)
            elif row.done_at and not row.says(fields):
                raise AgreementDone(
                    _("“%(what)s” is done already, and stays as it was agreed.")
                    % {"what": row.what}
                )
            for name in AgreedText.FIELDS:
                setattr(row, name, fields.get(name, row._meta.get_field(name).get_default()))
            row.position = position
            row.save()
        for row in left.values():
            if row.done_at is None:
                row.delete()

    @property
    def path(self) -> str:
        """Where it is read: the first with the handover that it closes."""
        if self.is_first:
            return reverse("handover:received", args=[self.profile.youth_id]) + "#meeting"
        return reverse("handover:meetings", args=[self.profile.youth_id]) + f"#meeting-{self.pk}"

    @transaction.atomic
    def add_point(self, *, by, of: str, words: str) -> "MeetingPoint":
        """Put something on the agenda, on behalf of a side; the same words twice are one point.

        Raises MeetingHeld once it was held, HandoverRefused without words.
        """
        words = " ".join(words.split())
        if not words:
            raise HandoverRefused(_("Write it in a few words."))
        self.profile.lock()
        self.refresh_from_db()
        self._refuse_when_held()
        for point in self.points.standing():
            if (point.of, point.words) == (of, words):
                return point
        return self.points.create(of=of, words=words, added_by=by)


class MeetingPerson(models.Model):
    """Somebody of a team who took part."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, db_column="firstmeeting_id")
    user = models.ForeignKey(User, on_delete=models.CASCADE)

    class Meta:
        db_table = "handover_firstmeeting_people"
        unique_together = [("meeting", "user")]

    def __str__(self):
        return str(self.pk)


# -- The agenda ----------------------------------------------------------------------------------


class PointQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(meeting__in=Meeting.objects.visible_to(user))

    def standing(self):
        """The young person's points first, then in the order in which they were added."""
        own = Case(When(of=MeetingPoint.Of.YOUTH, then=0), default=1)
        return self.filter(withdrawn_at=None).order_by(own, "added_at", "pk")


class MeetingPoint(models.Model):
    """What somebody wants to speak about. Its words are taken off the agenda, never edited."""

    class Of(models.TextChoices):
        YOUTH = YOUTH, _("The young person")
        SCHOOL = Role.SCHOOL.value, _("The school")
        CASEWORKER = Role.CASEWORKER.value, _("The job centre")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="points")
    of = models.CharField(_("whose point it is"), max_length=10, choices=Of)
    words = EncryptedTextField(_("what to speak about"), max_length=300)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)

    objects = PointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="a_point_has_words"),
        ]

    def __str__(self):
        return str(self.pk)

    @property
    def said_by_another(self) -> bool:
        """Whether somebody wrote it down for the young person."""
        return (
            self.of == self.Of.YOUTH and self.added_by_id != self.meeting.profile.youth.account_id
        )

    @transaction.atomic
    def withdraw(self) -> None:
        """Take it off the agenda; twice is once. Raises MeetingHeld once the meeting was held."""
        self.meeting.profile.lock()
        self.meeting.refresh_from_db()
        self.meeting._refuse_when_held()
        self.meeting.points.standing().filter(pk=self.pk).update(withdrawn_at=timezone.now())


# -- What was agreed -----------------------------------------------------------------------------


class AgreementQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(meeting__in=Meeting.objects.visible_to(user))

    def open(self):
        return self.filter(done_at=None, meeting__profile__youth__left_on=None)

    def on(self, user):
        """Those that wait on this person: named, or of the own side when who was named has left."""
        named_left = ~Exists(
            Membership.objects.active().filter(
                user=OuterRef("person"),
                partnership=OuterRef("meeting__profile__youth__partnership"),
            )
        )
        mine = Q(person=user.pk)
        for role in roles(user) & set(PARTNERSHIP_ROLES):
            mine |= Q(who=role) & named_left
        if not roles(user):
            mine |= Q(who=MeetingAgreement.Who.YOUTH)
        return self.visible_to(user).open().filter(mine)

    def with_parts(self):
        """Each with how many parts of the handover it rests on, and whether one has changed."""
        changed = PartUse.objects.with_flag().filter(agreement=OuterRef("pk"), check_again=True)
        counted = self.annotate(rests_on=Count("part_uses"), check_again=Exists(changed))
        return counted.order_by(*self.model._meta.ordering)  # which counting would drop


class AgreedText(models.Model):
    """Who does what by when."""

    FIELDS = ("what", "who", "person", "other", "due_on")

    class Who(models.TextChoices):
        YOUTH = "youth", _("The young person")
        SCHOOL = Role.SCHOOL.value, _("The school")
        CASEWORKER = Role.CASEWORKER.value, _("The job centre")
        OTHER = "other", _("Somebody else")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    position = models.PositiveSmallIntegerField(default=0)
    what = EncryptedTextField(_("what"), max_length=500)
    who = models.CharField(_("who"), max_length=10, choices=Who)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    other = EncryptedTextField(_("who else"), max_length=120, blank=True)
    due_on = models.DateField(_("by when"))

    class Meta:
        abstract = True

    def says(self, fields) -> bool:
        """Whether this very thing was agreed."""
        said = {"person": None, "other": ""} | fields
        return all(getattr(self, name) == said[name] for name in self.FIELDS)


class MeetingAgreement(AgreedText):
    """One of them, which waits on whoever is named until it is done."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="agreements")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "position", "pk"]
        indexes = [
            models.Index(
                fields=["person"], condition=Q(done_at__isnull=True), name="agreements_open"
            )
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="an_agreement_says_what"),
            models.CheckConstraint(
                condition=Q(who__in=["school", "caseworker"], person__isnull=False, other="")
                | Q(who="youth", person=None, other="")
                | Q(who="other", person=None) & ~Q(other=""),
                name="an_agreement_says_who",
            ),
        ]

    def __str__(self):
        return str(self.pk)

    @property
    def youth_id(self):
        return self.meeting.profile.youth_id

    @property
    def is_late(self) -> bool:
        return self.done_at is None and self.due_on < timezone.localdate()

    @transaction.atomic
    def mark_done(self, *, by) -> None:
        """Note that it is done; raises AgreementDone when somebody has noted it before."""
        locked = MeetingAgreement.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.done_at and locked.done_by_id != by.pk:
            raise AgreementDone(_("Somebody has noted already that this is done."))
        if locked.done_at is None:
            locked.done_at, locked.done_by = timezone.now(), by
            locked.save(update_fields=["done_at", "done_by"])
        self.refresh_from_db()


# -- What stood there before a correction --------------------------------------------------------


class EarlierRecord(MeetingRecord):
    """A record of a first meeting as it stood, until it was corrected."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="earlier")
    people = models.ManyToManyField(User, verbose_name=_("who took part"), related_name="+")
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "number"], name="one_earlier_record_for_each_correction"
            )
        ]

    def __str__(self):
        return f"{self.number} {self.pk}"

    @classmethod
    def keep(cls, meeting, agreements) -> None:
        names = (*cls.FIELDS, "number", "recorded_by", "recorded_at")
        kept = cls.objects.create(
            meeting=meeting, **{name: getattr(meeting, name) for name in names}
        )
        kept.people.set(meeting.people.all())
        names = ("position", *EarlierAgreement.FIELDS)
        EarlierAgreement.objects.bulk_create(
            EarlierAgreement(record=kept, **{name: getattr(row, name) for name in names})
            for row in agreements
        )


class EarlierAgreement(AgreedText):
    """What was agreed by an earlier record."""

    record = models.ForeignKey(EarlierRecord, on_delete=models.PROTECT, related_name="agreements")

    class Meta:
        ordering = ["due_on", "position", "pk"]

    def __str__(self):
        return str(self.pk)


# -- On a page ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreed:
    """A meeting as a page shows it, with what was agreed, and what stood there before.

    `ahead` is the one that lies ahead, where this is the first.
    """

    meeting: Meeting
    people: list
    agreements: list
    earlier: list
    ahead: Meeting | None = None


def meeting_of(user, youth) -> Agreed | None:
    """The first meeting of a young person, for who reads the course.

    Three queries at most, and three more where it was corrected.
    """
    rows = Meeting.objects.visible_to(user).filter(profile__youth=youth)
    rows = list(rows.filter(Q(is_first=True) | Q(held_on=None)).select_related("recorded_by"))
    meeting = next((row for row in rows if row.is_first), None)
    if meeting is None:
        return None
    if not meeting.held_on:
        return Agreed(meeting, [], [], [])
    people = list(meeting.people.order_by("name"))
    agreements = list(meeting.agreements.with_parts().select_related("person"))
    earlier = _earlier(meeting) if meeting.number > 1 else []
    ahead = next((row for row in rows if not row.held_on), None)
    return Agreed(meeting, people, agreements, earlier, ahead)


def meetings_of(user, youth) -> list[Agreed]:
    """All meetings of a young person that were held, the newest first, for who reads the course.

    The same few queries however many there are.
    """
    agreements = MeetingAgreement.objects.with_parts().select_related("person")
    rows = Meeting.objects.visible_to(user).filter(profile__youth=youth).held()
    rows = rows.select_related("recorded_by", "profile").prefetch_related(
        models.Prefetch("people", User.objects.order_by("name")),
        models.Prefetch("agreements", agreements),
        models.Prefetch("points", MeetingPoint.objects.standing().select_related("added_by")),
        models.Prefetch("earlier", _earlier_records()),
    )
    return [
        Agreed(row, list(row.people.all()), list(row.agreements.all()), list(row.earlier.all()))
        for row in rows
    ]


def _earlier_records():
    agreed = EarlierAgreement.objects.select_related("person")
    rows = EarlierRecord.objects.select_related("recorded_by")
    return rows.prefetch_related("people", models.Prefetch("agreements", agreed))


def _earlier(meeting) -> list:
    return list(_earlier_records().filter(meeting=meeting))


# -- What waits ---------------------------------------------------------------------------------


def meetings_waiting_on(user, youth=None) -> list[Waiting]:
    """The caseworker plans and records meetings; whoever promised something does it.

    The young person is asked what to speak about, by the school where there is no sign-in.
    """
    found = [_to_keep(row, user) for row in _agreements(user, youth)]
    found += [_to_ask(row, user) for row in _without_own_points(user, youth)]
    if Role.CASEWORKER not in roles(user):
        return found
    accepted = HandoverDecision.objects.newest().filter(
        kind__in=HandoverDecision.ACCEPTING,
        profile__youth__partnership__in=partnership_ids(user, PLANNING),
        profile__youth__left_on=None,
    )
    if youth is not None:
        accepted = accepted.filter(profile__youth=youth)
    mine = Meeting.objects.filter(profile=OuterRef("profile"))
    ahead = mine.filter(held_on=None)
    rows = accepted.annotate(
        planned_on=Subquery(ahead.values("planned_on")),
        is_first=Subquery(ahead.values("is_first")),
    ).filter(~Exists(mine) | Q(planned_on__lte=timezone.localdate()))
    return found + [_to_meet(row) for row in rows.select_related("profile__youth")]


def _agreements(user, youth):
    rows = MeetingAgreement.objects.on(user)
    if youth is not None:
        rows = rows.filter(meeting__profile__youth=youth)
    return rows.select_related("meeting__profile__youth")


def _without_own_points(user, youth):
    """Meetings that come near without a point of the young person, and whose it is to ask."""
    if Role.CASEWORKER in roles(user):
        return []
    own = MeetingPoint.objects.standing().filter(meeting=OuterRef("pk"), of=MeetingPoint.Of.YOUTH)
    today = timezone.localdate()
    youths = Youth.objects.visible_to(user, "step_course").active()
    if roles(user):
        youths = youths.filter(account=None)
    if youth is not None:
        youths = youths.filter(pk=youth.pk)
    rows = Meeting.objects.filter(~Exists(own), profile__youth__in=youths, held_on=None)
    near = rows.filter(planned_on__range=(today, today + POINTS_BEFORE))
    return near.select_related("profile__youth")


def _to_ask(row, user) -> Waiting:
    youth, day = row.profile.youth, {"day": date_format(row.planned_on)}
    if roles(user):
        what = gettext("Ask %(name)s what to speak about") % {"name": youth.name}
        why = gettext("You all meet on %(day)s. The young person's points come first.") % day
    else:
        what = gettext("What do you want to speak about?")
        why = gettext("You all meet on %(day)s. Your points come first.") % day
    return Waiting(
        what=what,
        why=why,
        since=row.planned_at,
        url=reverse("handover:meetings", args=[youth.pk]) + "#agenda",
        youth_id=youth.pk,
    )


def _to_meet(row) -> Waiting:
    youth = row.profile.youth
    if row.planned_on:
        what = (
            gettext("Record the first meeting with %(name)s")
            if row.is_first
            else gettext("Record the meeting with %(name)s")
        )
        why = gettext("It was planned for %(day)s.") % {"day": date_format(row.planned_on)}
    else:
        what = gettext("Plan the first meeting with %(name)s")
        why = gettext("The handover is accepted. It closes with a meeting of all three.")
    return Waiting(
        what=what % {"name": youth.name},
        why=why,
        since=_midnight(row.planned_on) if row.planned_on else row.decided_at,
        url=reverse("handover:meeting", args=[youth.pk]),
        youth_id=youth.pk,
    )


def _to_keep(row, user) -> Waiting:
    youth = row.meeting.profile.youth
    if row.who == MeetingAgreement.Who.YOUTH:
        what = gettext("You said you would: %(what)s") % {"what": row.what}
        why = gettext("Try to do it by %(day)s.") % {"day": date_format(row.due_on)}
    else:
        what = gettext("Agreed about %(name)s: %(what)s") % {"name": youth.name, "what": row.what}
        why = gettext("By %(due)s. Agreed at the meeting of %(held)s.") % {
            "due": date_format(row.due_on),
            "held": date_format(row.meeting.held_on),
        }
    return Waiting(
        what=what,
        why=why,
        since=row.meeting.recorded_at,
        url=row.meeting.path,
        youth_id=youth.pk,
        section=Section.COURSE,
        due_on=row.due_on,
    )


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
