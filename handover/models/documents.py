"""The programme's handover document, the STU's ressourcepapir: its two dates, and the issued paper.

Source: the document is begun at least 12 months before STU ends, and a conversation about it held
at least 3 months before (the rules of STU on the ressourcepapir, until 2023 kompetencepapir). The
name and both numbers are settings of the programme.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.access import WRITING
from handover.models.profiles import HandoverProfile, HandoverVersion
from handover.models.texts import HandoverRefused
from partnerships.access import Role, roles
from partnerships.encryption import EncryptedTextField
from partnerships.models import User
from partnerships.waiting import Waiting
from partnerships.working_days import Unit, due_on
from youths.models import Deadline, Youth


class DocumentStepQuerySet(models.QuerySet):
    def visible_to(self, user):
        """With the profile: to the school always, to others once it was shown or sent."""
        return self.filter(profile__in=HandoverProfile.objects.visible_to(user))

    def waiting_on(self, user, youth=None) -> list[Waiting]:
        """The dates that come near for the school: until done, or until STU has ended."""
        if Role.SCHOOL not in roles(user):
            return []
        steps, closed = self.filter(profile__youth=OuterRef("pk")), Deadline.objects.closed_outside
        youths = (
            Youth.objects.visible_to(user, WRITING)
            .active()
            .filter(stu_ends_on__gte=timezone.localdate(), **({"pk": youth.pk} if youth else {}))
            .annotate(
                begun=Exists(steps.filter(kind=DocumentStep.Kind.STARTED))
                | closed(DEADLINE_OF[DocumentStep.Kind.STARTED], OuterRef("pk")),
                held=Exists(steps.filter(kind=DocumentStep.Kind.CONVERSATION))
                | closed(DEADLINE_OF[DocumentStep.Kind.CONVERSATION], OuterRef("pk")),
            )
            .exclude(begun=True, held=True)
            .select_related("partnership__programme")
        )
        found = []
        for one in youths:
            plan = document_plan(one)
            kind = DocumentStep.Kind.CONVERSATION if one.begun else DocumentStep.Kind.STARTED
            if plan[kind] - _notice(one) <= timezone.localdate():
                found.append(_reminder(one, kind, plan[kind]))
        return found


class DocumentStep(models.Model):
    """That the document was begun, that the conversation was held, or that it was issued.

    Never rewritten: who noted a wrong day notes the right one, and the newest counts. It keeps the
    day by which it was due, so that a new end of STU plans what is open, and never what is done.
    """

    class Kind(models.TextChoices):
        STARTED = "started", _("Begun")
        CONVERSATION = "conversation", _("Conversation held")
        ISSUED = "issued", _("Issued")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(
        HandoverProfile, on_delete=models.PROTECT, related_name="document_steps"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    on = models.DateField()
    due_on = models.DateField()
    took_part = EncryptedTextField(_("who took part"), max_length=500, blank=True)
    # Of the issued paper: which version, and what the programme called it then.
    version = models.ForeignKey(
        HandoverVersion, on_delete=models.PROTECT, null=True, related_name="documents"
    )
    name = models.CharField(max_length=60, blank=True)
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    objects = DocumentStepQuerySet.as_manager()

    class Meta:
        ordering = ["-noted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="issued", version__isnull=False) & ~Q(name="")
                | ~Q(kind="issued") & Q(version=None, name=""),
                name="what_is_issued_is_a_version_under_a_name",
            ),
            models.CheckConstraint(
                condition=Q(kind="conversation") & ~Q(took_part="")
                | ~Q(kind="conversation") & Q(took_part=""),
                name="a_conversation_says_who_took_part",
                violation_error_message=_("Write who took part."),
            ),
            models.UniqueConstraint(fields=["version"], name="a_version_is_issued_once"),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @property
    def is_in_time(self) -> bool:
        return self.on <= self.due_on

    @classmethod
    @transaction.atomic
    def start(cls, *, by, youth, on: date) -> "DocumentStep":
        """The document was begun that day. Raises HandoverRefused for a day that cannot be."""
        profile, standing = _hold(youth)
        _check(on, youth)
        held = standing.get(cls.Kind.CONVERSATION)
        if held and on > held.on:
            raise HandoverRefused(
                _("The conversation was held %(day)s. It cannot have been begun after that.")
                % {"day": date_format(held.on)}
            )
        return cls._note(profile, standing, cls.Kind.STARTED, youth, by=by, on=on)

    @classmethod
    @transaction.atomic
    def hold_conversation(cls, *, by, youth, on: date, took_part: str) -> "DocumentStep":
        """The conversation was held. Raises HandoverRefused before the start, or without people."""
        profile, standing = _hold(youth)
        _check(on, youth)
        begun = standing.get(cls.Kind.STARTED)
        if begun is None:
            raise HandoverRefused(_("Note first when it was begun."))
        if on < begun.on:
            raise HandoverRefused(
                _("It was begun %(day)s. The conversation cannot have been before that.")
                % {"day": date_format(begun.on)}
            )
        if not took_part.strip():
            raise HandoverRefused(_("Write who took part."))
        return cls._note(
            profile, standing, cls.Kind.CONVERSATION, youth, by=by, on=on, took_part=took_part
        )

    @classmethod
    @transaction.atomic
    def issue(cls, *, by, youth) -> "DocumentStep":
        """Issue the version that was sent last as the document; the same version twice is once.

        Raises HandoverRefused before it was begun, and while nothing was sent.
        """
        profile, standing = _hold(youth)
        if cls.Kind.STARTED not in standing:
            raise HandoverRefused(_("Note first when it was begun."))
        version = profile.versions.first()
        if version is None:
            raise HandoverRefused(_("Send the handover first. What is issued is what was sent."))
        issued = cls.objects.filter(version=version).first()
        name = youth.partnership.programme.handover_document
        return issued or cls.objects.create(
            profile=profile,
            kind=cls.Kind.ISSUED,
            on=timezone.localdate(),
            due_on=youth.stu_ends_on,
            version=version,
            name=name,
            noted_by=by,
        )

    @classmethod
    def _note(cls, profile, standing, kind, youth, *, by, on, took_part=""):
        newest = standing.get(kind)
        if newest and (newest.on, newest.took_part) == (on, took_part):
            return newest
        latest = newest.due_on if newest else document_plan(youth)[kind]
        made = cls.objects.create(
            profile=profile, kind=kind, on=on, due_on=latest, took_part=took_part, noted_by=by
        )
        Deadline.plan(youths=[youth.pk])
        return made


# The kind of the deadline of each step.
DEADLINE_OF = {
    DocumentStep.Kind.STARTED: "document_start",
    DocumentStep.Kind.CONVERSATION: "conversation",
}


def document_plan(youth) -> dict[str, date]:
    """By which day each step is due, counted back from the end of STU as it is now."""
    programme = youth.partnership.programme
    months = {
        DocumentStep.Kind.STARTED: programme.document_start_months,
        DocumentStep.Kind.CONVERSATION: programme.conversation_months,
    }
    return {
        kind: due_on(youth.stu_ends_on, number, Unit.MONTHS, before=True)
        for kind, number in months.items()
    }


@dataclass
class StatutoryDate:
    """One of the two dates: by when, how many months before the end of STU, and what was done."""

    kind: str
    months: int
    due_on: date
    done: DocumentStep | None
    outside_on: date | None = None  # where it was closed because it was done outside

    @property
    def days_left(self) -> int:
        return (self.due_on - timezone.localdate()).days

    @property
    def days_late(self) -> int:
        return max(-self.days_left, 0)


def deadlines(user, youth) -> list[StatutoryDate]:
    """The two statutory dates, with what this person may know of what was done."""
    programme, plan = youth.partnership.programme, document_plan(youth)
    standing = _newest(DocumentStep.objects.visible_to(user).filter(profile__youth=youth))
    months = (programme.document_start_months, programme.conversation_months)
    closed = Deadline.objects.visible_to(user).filter(
        known=True, youth=youth, kind__in=DEADLINE_OF.values(), closed_at__isnull=False
    )
    outside = {row.kind: row for row in closed.defer("closed_because")}
    found = []
    for (kind, latest), number in zip(plan.items(), months, strict=True):
        done, row = standing.get(kind), outside.get(DEADLINE_OF[kind])
        due = stands.due_on if (stands := done or row) else latest
        found.append(StatutoryDate(kind, number, due, done, row and row.done_on))
    return found


def _newest(steps) -> dict[str, DocumentStep]:
    found = {}
    for one in steps.exclude(kind=DocumentStep.Kind.ISSUED):
        found.setdefault(one.kind, one)
    return found


def _hold(youth):
    """The profile under its lock, begun if it is not there, and what is noted already."""
    profile, _created = HandoverProfile.objects.get_or_create(youth=youth)
    profile = profile.lock()
    return profile, _newest(profile.document_steps.all())


def _check(on, youth):
    if on > timezone.localdate():
        raise HandoverRefused(_("That day has not come yet."))
    if on <= youth.birth_date:
        raise HandoverRefused(_("Check the year."))


def _notice(youth) -> timedelta:
    return timedelta(days=youth.partnership.programme.document_notice_days)


def _reminder(youth, kind, latest) -> Waiting:
    programme = youth.partnership.programme
    words = {"document": programme.handover_document, "name": youth.name}
    if kind == DocumentStep.Kind.STARTED:
        months = programme.document_start_months
        what = gettext("Begin the %(document)s of %(name)s")
    else:
        months = programme.conversation_months
        what = gettext("Hold the conversation about the %(document)s of %(name)s")
    since = max(latest - _notice(youth), youth.enrolled_on)
    return Waiting(
        what=what % words,
        why=gettext("At the latest %(day)s: %(months)s months before STU ends.")
        % {"day": date_format(latest), "months": months},
        since=timezone.make_aware(datetime.combine(since, time.min)),
        url=reverse("handover:document", args=[youth.pk]),
        youth_id=youth.pk,
        due_on=latest,
    )
