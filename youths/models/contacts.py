"""Who the young person's contact is: one at any moment, and how the baton passes to the next.

The database holds the rule (migration 0017): when a transaction ends, whoever is in the course has
exactly one open contact, and nobody else has any. Times of one young person's never overlap.
"""

import uuid
from datetime import timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models, transaction
from django.db.models import Case, Exists, F, Func, OuterRef, Q, Subquery, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.access import PARTNERSHIP_ROLES, Role
from partnerships.encryption import EncryptedTextField
from partnerships.models import Membership, User
from youths.access import codenames_for, is_own
from youths.models.notices import Notice
from youths.models.youths import Youth

# Time enough for somebody else to be named, and to meet while the first is still there.
LEAVING_SOON = timedelta(days=30)
MEET_WITHIN = timedelta(days=14)
# What the two sides hold whatever their agreement takes away; see `may_change_contact`.
OF_THE_TEAM = {"change_words", "change_identity"}


class ContactRefused(Exception):
    """A step that the state of a young person's contact does not allow."""


class ContactChanged(ContactRefused):
    """Somebody else has asked for another contact meanwhile."""


class SuccessorsMissing(ContactRefused):
    """Somebody leaves, and nobody is named for these young people; carries them."""

    def __init__(self, youths):
        self.youths = youths
        super().__init__(_("Say who follows for each of the young people."))


class Gap(models.TextChoices):
    """How it comes that a young person may soon be without a contact."""

    LEAVING = "contact_leaves", _("The contact leaves, and nobody is named")
    SLOW = "contact_waits", _("The next contact has not met the young person for two weeks")
    UNMET = "contact_unmet", _("The contact has not met the young person yet")
    UNREACHED = "contact_unreached", _("No mail gets through to the contact")


def in_team(memberships, person: str):
    """Whether somebody named by a row is of the school or municipality, by such memberships."""
    return Exists(
        memberships.filter(
            user=OuterRef(person),
            partnership=OuterRef("youth__partnership"),
            role__in=PARTNERSHIP_ROLES,
        )
    )


def staying():
    """The memberships that do not end within the time that it takes to name somebody else."""
    last = timezone.localdate() + LEAVING_SOON
    return Membership.objects.active().filter(Q(ends_on=None) | Q(ends_on__gt=last))


def may_change_contact(user, youth) -> bool:
    """Whoever is of the team today: neither the young person nor who only reads."""
    return not is_own(user, youth) and bool(codenames_for(user, youth) & OF_THE_TEAM)


class ContactQuerySet(models.QuerySet):
    def open(self):
        return self.filter(ended_at=None)

    def with_gap(self, gap):
        """Open ones for whom it is so."""
        return self.open().filter(_THREATENED[gap]())

    def to_see_to(self, user):
        """Open ones with any gap, the first of them as `gap`, or whom this person is to follow.

        With who is to meet the young person, asked when, and by when.
        """
        waits = ContactChange.objects.filter(youth=OuterRef("youth")).to_meet()
        whens = [When(condition(), then=Value(gap.value)) for gap, condition in _THREATENED.items()]
        return (
            self.open()
            .annotate(
                gap=Case(*whens, default=Value(""), output_field=models.CharField()),
                to_meet=Subquery(waits.values("to_person")[:1]),
                asked_at=Subquery(waits.values("asked_at")[:1]),
                meet_by=Subquery(waits.values("overlap_until")[:1]),
            )
            .filter(~Q(gap="") | Q(to_meet=user.pk))
        )

    def for_page(self):
        """With the person, as what they work there, and who follows: one query."""
        there = Membership.objects.filter(
            user=OuterRef("person"),
            partnership=OuterRef("youth__partnership"),
            role__in=PARTNERSHIP_ROLES,
        ).order_by(F("ends_on").desc(nulls_first=True), "-pk")
        upcoming = ContactChange.objects.filter(contact=OuterRef("pk")).open()
        return self.select_related("person").annotate(
            title=Subquery(there.values("title")[:1]),
            role=Subquery(there.values("role")[:1]),
            follows=Subquery(upcoming.values("to_person__name")[:1]),
            follows_phone=Subquery(upcoming.values("to_person__phone")[:1]),
        )


class Contact(models.Model):
    """The one person whom a young person turns to, from when to when."""

    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="contacts")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="contacts")
    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at", "-pk"]
        indexes = [
            models.Index(fields=["youth"], condition=Q(ended_at=None), name="contacts_now"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                name="a_contact_ends_after_beginning",
            ),
            # Two that are open overlap, too.
            ExclusionConstraint(
                name="one_contact_at_a_time",
                expressions=[
                    ("youth", RangeOperators.EQUAL),
                    (
                        Func(
                            F("began_at"),
                            F("ended_at"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("The young person has a contact already."),
            ),
        ]

    def __str__(self):
        return str(self.pk)

    @property
    def works_as(self) -> str:
        """What the person is in the team; of a row for a page."""
        return self.title or (Role(self.role).label if self.role else "")

    @classmethod
    @transaction.atomic
    def leave(cls, *, by, memberships, on, successors, reads_until=None, note="") -> None:
        """Somebody leaves teams after a day; each of their young people is passed on.

        `successors` are people by the young person's id. Who leaves may read along until a day.
        Raises SuccessorsMissing, or ContactRefused.
        """
        memberships = list(
            Membership.objects.select_for_update(of=("self",))
            .select_related("user", "partnership")
            .filter(pk__in=[m.pk for m in memberships])
        )
        resting = [
            youth
            for m in memberships
            for youth in Youth.objects.filter(partnership=m.partnership).resting_on(m.user)
        ]
        if missing := [youth for youth in resting if successors.get(youth.pk) is None]:
            raise SuccessorsMissing(missing)
        for youth in resting:
            to, before = successors[youth.pk], youth.contact_changes.open().first()
            if before and before.contact.person_id == to.pk:
                before.withdraw(by=by)  # whoever leaves was to follow, and the contact stays
                continue
            ContactChange.ask(
                by=by,
                youth=youth,
                to=to,
                note=note,
                overlap_until=max(reads_until or on, timezone.localdate()),
                instead_of=before,
            )
        for membership in memberships:
            if on < membership.starts_on or (reads_until and reads_until < on):
                raise ContactRefused(_("The last day is before the first."))
            membership.ends_on, membership.reads_until = on, reads_until
            membership.save()
        ContactChange.pass_overdue()


class ChangeQuerySet(models.QuerySet):
    def open(self):
        """Asked for, and the baton is where it was."""
        return self.filter(passed_at=None, withdrawn_at=None)

    def to_meet(self):
        """The next contact has not said that they have met, whether the baton has passed or not."""
        newer = Contact.objects.filter(youth=OuterRef("youth"), began_at__gt=OuterRef("passed_at"))
        return self.filter(~Exists(newer), met_on=None, withdrawn_at=None)

    def overdue(self):
        """The work list of the worker: the contact is gone, the overlap over, somebody follows."""
        return self.open().filter(
            ~in_team(Membership.objects.readable(), "contact__person"),
            in_team(Membership.objects.active(), "to_person"),
        )


class ContactChange(models.Model):
    """A handover of its own: who follows, what they need to know, and when they have met.

    The baton passes when the next contact has met the young person; or when the first is gone,
    and then it stands as an alarm until they have.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="contact_changes")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="changes")
    to_person = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("the next contact")
    )
    note = EncryptedTextField(_("what the next contact needs to know"), max_length=2000)
    overlap_until = models.DateField(_("both are there until"))
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    met_on = models.DateField(_("day of the meeting"), null=True)
    passed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["youth"],
                condition=Q(passed_at=None, withdrawn_at=None),
                name="one_next_contact_at_a_time",
                violation_error_message=_("Somebody is to become the contact already."),
            ),
            models.CheckConstraint(
                condition=~Q(note=""),
                name="the_next_contact_gets_a_note",
                violation_error_message=_("Write what the next contact needs to know."),
            ),
            models.CheckConstraint(
                condition=Q(passed_at=None) | Q(withdrawn_at=None),
                name="a_baton_is_passed_or_kept",
            ),
            models.CheckConstraint(
                condition=Q(met_on=None) | Q(passed_at__isnull=False),
                name="who_has_met_has_the_baton",
            ),
        ]

    def __str__(self):
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        return self.passed_at is None and self.withdrawn_at is None

    @classmethod
    @transaction.atomic
    def ask(cls, *, by, youth, to, note, overlap_until, instead_of=None) -> "ContactChange":
        """Somebody is to become the contact; the same twice is once.

        `instead_of` is the open change that was read, which this one takes the place of. Raises
        ContactChanged when another is open by now, ContactRefused otherwise.
        """
        note = note.strip()
        locked = _lock(youth)
        contact = locked.contacts.open().first()
        if contact is None:
            raise ContactRefused(_("Only a young person in the course has a contact."))
        if to.pk == contact.person_id:
            raise ContactRefused(_("This is the contact already."))
        if not _is_in_team(to, locked):
            raise ContactRefused(_("Choose somebody of the team."))
        if not note:
            raise ContactRefused(_("Write what the next contact needs to know."))
        if overlap_until < timezone.localdate():
            raise ContactRefused(_("Choose a day from today on."))
        before = locked.contact_changes.open().first()
        if before and (before.to_person_id, before.note, before.overlap_until) == (
            to.pk, note, overlap_until,
        ):  # fmt: skip
            return before
        if before != instead_of:
            raise ContactChanged(_("Somebody else has asked for another contact meanwhile."))
        if before:
            before._take_back()
        made = cls.objects.create(
            youth=youth,
            contact=contact,
            to_person=to,
            note=note,
            overlap_until=overlap_until,
            asked_by=by,
        )
        made._tell(Notice.Kind.CONTACT_ASKED, to.pk)
        return made

    @transaction.atomic
    def withdraw(self, *, by) -> None:
        """Everything stays as it was; twice is once.

        Raises ContactRefused when it is too late, or the contact leaves: then somebody must follow.
        """
        _lock(self.youth)
        self.refresh_from_db()
        if self.withdrawn_at is not None:
            return
        if self.passed_at is not None:
            raise ContactRefused(_("The next contact has taken over already."))
        if not Contact.objects.filter(in_team(_without_end(), "person"), pk=self.contact_id):
            raise ContactRefused(_("The contact leaves. Name somebody else instead."))
        self._take_back()

    def _take_back(self) -> None:
        self.withdrawn_at = timezone.now()
        self.save(update_fields=["withdrawn_at"])

    @transaction.atomic
    def record_meeting(self, *, by, on) -> None:
        """The next contact has met the young person, and is the contact now; twice is once.

        Raises ContactRefused for somebody else, for a day to come or before it was asked, and when
        nobody waits for this meeting any more.
        """
        _lock(self.youth)
        self.refresh_from_db()
        if by.pk != self.to_person_id:
            raise ContactRefused(_("Only the next contact can say so."))
        if self.met_on is not None:
            return
        if not ContactChange.objects.to_meet().filter(pk=self.pk):
            raise ContactRefused(_("Somebody else is the contact now, or it was taken back."))
        if not timezone.localdate(self.asked_at) <= on <= timezone.localdate():
            raise ContactRefused(_("Choose a day from when you were asked until today."))
        if self.passed_at is None:
            self._pass()
        self.met_on = on
        self.save(update_fields=["met_on"])

    @classmethod
    def pass_overdue(cls) -> None:
        """Where the contact is gone, the next one is the contact, met or not."""
        for pk in cls.objects.overdue().values_list("pk", flat=True):
            cls._pass_if_overdue(pk)

    @classmethod
    @transaction.atomic
    def _pass_if_overdue(cls, pk) -> None:
        _lock(cls.objects.select_related("youth").get(pk=pk).youth)
        if one := cls.objects.overdue().select_related("youth", "contact").filter(pk=pk).first():
            one._pass()
            one._tell(Notice.Kind.CONTACT_UNMET, one.to_person_id)

    def _pass(self) -> None:
        now = max(timezone.now(), self.contact.began_at)  # clocks of two machines may differ
        Contact.objects.filter(pk=self.contact_id).update(ended_at=now)
        Contact.objects.create(youth=self.youth, person=self.to_person, began_at=now)
        self.passed_at = now
        self.save(update_fields=["passed_at"])
        self._tell(Notice.Kind.CONTACT_PASSED, self.contact.person_id)

    def _tell(self, kind, person_id) -> None:
        path = reverse("youths:change_contact", args=[self.youth_id])
        Notice.tell(people=[person_id], kind=kind, about=str(self.pk), path=path, youth=self.youth)


def _lock(youth) -> Youth:
    """The young person's row under a lock: the one lock of contact and change."""
    return Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)


def _without_end():
    return Membership.objects.active().filter(ends_on=None)


def _is_in_team(person, youth) -> bool:
    team = Membership.objects.active().filter(partnership=youth.partnership_id)
    return team.filter(user=person.pk, role__in=PARTNERSHIP_ROLES).exists()


def _changes_of_contact():
    return ContactChange.objects.filter(contact=OuterRef("pk"))


# The condition on an open contact behind each gap.
_THREATENED = {
    Gap.LEAVING: lambda: (
        ~in_team(staying(), "person")
        & ~Exists(_changes_of_contact().open().filter(in_team(staying(), "to_person")))
    ),
    Gap.SLOW: lambda: Exists(
        _changes_of_contact().open().filter(asked_at__lt=timezone.now() - MEET_WITHIN)
    ),
    Gap.UNMET: lambda: Exists(
        ContactChange.objects.filter(
            youth=OuterRef("youth"), passed_at=OuterRef("began_at"), met_on=None
        )
    ),
    Gap.UNREACHED: lambda: Q(person__refused_address=F("person__email")) & ~Q(person__email=""),
}


def youths_with(programme, gap):
    """The young people of a programme of whom it is so."""
    rows = Contact.objects.with_gap(gap).filter(youth__partnership__programme=programme.pk)
    return Youth.objects.active().filter(pk__in=rows.values("youth"))
