"""The first joint meeting, with which a handover closes, and what was agreed there."""

import uuid
from dataclasses import dataclass
from datetime import datetime, time

from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.models.decisions import HandoverDecision
from handover.models.profiles import HandoverProfile
from handover.models.texts import HandoverRefused
from handover.models.use import PartUse
from partnerships.access import PARTNERSHIP_ROLES, Role, Section, partnership_ids, roles
from partnerships.encryption import EncryptedTextField
from partnerships.models import Membership, User
from partnerships.waiting import Waiting
from youths.models import Notice, Youth

PLANNING = "change_course"


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


class MeetingRecord(models.Model):
    """What is recorded of a meeting: who was there, and what was said of the next one."""

    FIELDS = ("held_on", "youth_present", "others", "why_absent", "next_on")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    held_on = models.DateField(_("the day it was held"), null=True)
    people = models.ManyToManyField(User, verbose_name=_("who took part"), related_name="+")
    others = EncryptedTextField(_("who else took part"), max_length=500, blank=True)
    youth_present = models.BooleanField(_("was the young person there?"), null=True)
    why_absent = EncryptedTextField(_("why not"), max_length=500, blank=True)
    next_on = models.DateField(_("next meeting"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class FirstMeeting(MeetingRecord):
    """The first meeting of the young person, the school and the job centre: planned, then held.

    `number` is that of the record: a correction makes the next one, and keeps what stood before.
    """

    profile = models.OneToOneField(
        HandoverProfile, on_delete=models.PROTECT, related_name="first_meeting"
    )
    planned_on = models.DateField(_("day of the meeting"))
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(default=timezone.now)
    number = models.PositiveSmallIntegerField(default=1, db_default=1)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        constraints = [
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
    def plan(cls, *, by, profile, on) -> "FirstMeeting":
        """Set the day, or another day as long as it was not held.

        Raises NotAccepted without an acceptance that stands, MeetingHeld once it was held.
        """
        profile = profile.lock()
        cls._refuse_unless_accepted(profile)
        meeting = cls.objects.filter(profile=profile).first()
        if meeting is None:
            return cls.objects.create(profile=profile, planned_on=on, planned_by=by)
        meeting._refuse_when_held()
        if meeting.planned_on != on:
            meeting.planned_on, meeting.planned_by, meeting.planned_at = on, by, timezone.now()
            meeting.save()
        return meeting

    @staticmethod
    def _refuse_unless_accepted(profile) -> None:
        decision = profile.decisions.first()
        if decision is None or not decision.accepts:
            raise NotAccepted(_("The handover must be accepted first."))

    def _refuse_when_held(self) -> None:
        if self.held_on:
            raise MeetingHeld(_("The first meeting was recorded already."))

    @transaction.atomic
    def record(
        self, *, by, held_on, people, youth_present, agreements, others="", why_absent="",
        next_on=None,
    ) -> None:  # fmt: skip
        """Note that it was held, who was there, and what was agreed; once.

        `agreements` are fields of MeetingAgreement. Raises NotAccepted, MeetingHeld, or
        HandoverRefused when the day lies ahead or a reason is missing.
        """
        profile = self.profile.lock()
        self.refresh_from_db()
        self._refuse_unless_accepted(profile)
        self._refuse_when_held()
        self._write(by, people, held_on=held_on, youth_present=youth_present, others=others,
                    why_absent=why_absent, next_on=next_on)  # fmt: skip
        self._agree(agreements)

    @transaction.atomic
    def correct(
        self, *, by, number: int, held_on, people, youth_present, agreements, others="",
        why_absent="", next_on=None,
    ) -> None:  # fmt: skip
        """Record it as it was; what stood there before stays readable, with who wrote it and when.

        `number` is that of the record which was read. `agreements` are fields of
        MeetingAgreement, with the `pk` of the one they correct, if any; one that is left out is
        taken away, and what is done stays. The same said twice is one record. Raises
        CorrectedMeanwhile, AgreementDone, or HandoverRefused as `record` does and when it was
        not held yet.
        """
        self.profile.lock()
        self.refresh_from_db()
        if not self.held_on:
            raise HandoverRefused(_("The meeting is not recorded yet."))
        said = {
            "held_on": held_on,
            "youth_present": youth_present,
            "others": others,
            "why_absent": "" if youth_present else why_absent,
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
        self.number += 1
        self._write(by, people, **said)
        self._agree(agreements, standing)
        Notice.tell_team(
            self.profile.youth,
            Role.SCHOOL,
            kind=Notice.Kind.CORRECTED,
            about=f"{self.pk}-{self.number}",
            path=reverse("handover:received", args=[self.profile.youth_id]) + "#meeting",
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


class AgreementQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(meeting__in=FirstMeeting.objects.visible_to(user))

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

    meeting = models.ForeignKey(FirstMeeting, on_delete=models.PROTECT, related_name="agreements")
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

    meeting = models.ForeignKey(FirstMeeting, on_delete=models.PROTECT, related_name="earlier")
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
    """The first meeting as a page shows it, with what was agreed, and what stood there before."""

    meeting: FirstMeeting
    people: list
    agreements: list
    earlier: list


def meeting_of(user, youth) -> Agreed | None:
    """The first meeting of a young person, for who reads the course.

    Three queries at most, and three more where it was corrected.
    """
    rows = FirstMeeting.objects.visible_to(user).filter(profile__youth=youth)
    meeting = rows.select_related("recorded_by").first()
    if meeting is None:
        return None
    if not meeting.held_on:
        return Agreed(meeting, [], [], [])
    people = list(meeting.people.order_by("name"))
    agreements = list(meeting.agreements.with_parts().select_related("person"))
    return Agreed(meeting, people, agreements, _earlier(meeting) if meeting.number > 1 else [])


def _earlier(meeting) -> list:
    agreed = EarlierAgreement.objects.select_related("person")
    rows = meeting.earlier.select_related("recorded_by")
    return list(rows.prefetch_related("people", models.Prefetch("agreements", agreed)))


# -- What waits ---------------------------------------------------------------------------------


def meetings_waiting_on(user, youth=None) -> list[Waiting]:
    """The caseworker plans and records the first meeting; whoever promised something does it."""
    found = [_to_keep(row, user) for row in _agreements(user, youth)]
    if Role.CASEWORKER not in roles(user):
        return found
    accepted = HandoverDecision.objects.newest().filter(
        kind__in=HandoverDecision.ACCEPTING,
        profile__youth__partnership__in=partnership_ids(user, PLANNING),
        profile__youth__left_on=None,
    )
    if youth is not None:
        accepted = accepted.filter(profile__youth=youth)
    today = timezone.localdate()
    none, due = Q(profile__first_meeting=None), Q(profile__first_meeting__held_on=None)
    due &= Q(profile__first_meeting__planned_on__lte=today)
    rows = accepted.filter(none | due).annotate(
        planned_on=models.F("profile__first_meeting__planned_on")
    )
    return found + [_to_meet(row) for row in rows.select_related("profile__youth")]


def _agreements(user, youth):
    rows = MeetingAgreement.objects.on(user)
    if youth is not None:
        rows = rows.filter(meeting__profile__youth=youth)
    return rows.select_related("meeting__profile__youth")


def _to_meet(row) -> Waiting:
    youth = row.profile.youth
    if row.planned_on:
        what = gettext("Record the first meeting with %(name)s")
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
        why = gettext("By %(day)s. Agreed at the first meeting.") % {"day": date_format(row.due_on)}
    return Waiting(
        what=what,
        why=why,
        since=row.meeting.recorded_at,
        url=reverse("handover:received", args=[youth.pk]) + "#meeting",
        youth_id=youth.pk,
        section=Section.COURSE,
        due_on=row.due_on,
    )


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
