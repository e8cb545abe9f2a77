"""The handover profile: written by the school part by part, sent in versions, answered.

A `Part` is the school's working text. Sending copies every changed part into a `SentPart`, which
never changes again: the receiver reads and answers that, so no text moves under an answer and
every version can be read as it was sent.
"""

import uuid

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.access import LEVELLED_SECTIONS, REQUIRED_SECTIONS, SECTIONS, sections_for
from partnerships.access import Role, Section, Verb, memberships
from partnerships.models import User
from youths.models import NEEDS_CONSENT, Consent, Youth


class HandoverRefused(Exception):
    """A step that the profile's state does not allow."""


class NotComplete(HandoverRefused):
    """Something is missing before the profile can be sent; `missing` lists it."""

    def __init__(self, missing):
        super().__init__(_("The profile is not complete yet."))
        self.missing = missing


class NothingNew(HandoverRefused):
    """Nothing has changed since the last version was sent."""


class StaleVersion(Exception):
    """Somebody else saved this part meanwhile; `current` is the part as it stands now."""

    def __init__(self, current):
        super().__init__(_("Somebody else has saved this part meanwhile."))
        self.current = current


class Level(models.TextChoices):
    """How much support is needed, in five anchored steps. Not assessed is not zero."""

    ONE = "1", _("Cannot yet")
    TWO = "2", _("With help all the way")
    THREE = "3", _("With help with something new")
    FOUR = "4", _("With a reminder")
    FIVE = "5", _("On their own")
    NOT_ASSESSED = "none", _("Not assessed")


class Source(models.TextChoices):
    YOUTH = "youth", _("The young person")
    YOUTH_SUPPORTED = "youth_supported", _("The young person, with support")
    SCHOOL = "school", _("The school")
    RELATIVES = "relatives", _("Relatives")
    WORKPLACE = "workplace", _("A practice placement")


class ProfileQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Whose profile the person may open: the school and the youth always, others once sent."""
        rows = self.filter(youth__in=Youth.objects.visible_to(user, "view_direction").referred())
        if Role.CASEWORKER in {m.role for m in memberships(user)}:
            rows = rows.exclude(status=HandoverProfile.Status.DRAFT)
        return rows


class HandoverProfile(models.Model):
    """One young person's profile: draft, sent, answered, revised since it was sent."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        ANSWERED = "answered", _("Answered")
        REVISED = "revised", _("Revised since it was sent")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.OneToOneField(Youth, on_delete=models.PROTECT, related_name="profile")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    version = models.PositiveSmallIntegerField(default=0)  # the last one sent; 0 is none

    objects = ProfileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="draft", version=0) | (~Q(status="draft") & Q(version__gte=1)),
                name="only_a_draft_was_never_sent",
            )
        ]

    def __str__(self):
        return f"{self.status} {self.pk}"

    def missing(self, parts) -> list[tuple[str, "Part | None", str]]:
        """What stands between these parts and sending: (section, part or None, what)."""
        found = []
        by_section = {section: [p for p in parts if p.section == section] for section in SECTIONS}
        for section, own in by_section.items():
            if section in REQUIRED_SECTIONS and not own:
                found.append((section, None, _("at least one part")))
            for part in own:
                found.extend((section, part, what) for what in part.missing())
        return found

    @transaction.atomic
    def send(self, *, by) -> "HandoverVersion":
        """Send the parts as they stand as the next version.

        Raises NotComplete with what is missing, NothingNew when the last version says the same.
        """
        locked = HandoverProfile.objects.select_for_update(of=("self",)).get(pk=self.pk)
        parts = list(locked.parts.filter(withdrawn_at=None))
        if missing := locked.missing(parts):
            raise NotComplete(missing)
        last = {sent.part_id: sent for sent in locked.sent_parts.current()}
        changed = [p for p in parts if p.pk not in last or last[p.pk].differs_from(p)]
        gone = [sent for pk, sent in last.items() if pk not in {p.pk for p in parts}]
        if not changed and not gone:
            raise NothingNew(_("Nothing has changed since you sent it last."))
        number = locked.version + 1
        closed = [last[p.pk].pk for p in changed if p.pk in last] + [sent.pk for sent in gone]
        SentPart.objects.filter(pk__in=closed).update(last_version=locked.version)
        SentPart.objects.bulk_create(SentPart.copy_of(part, number) for part in changed)
        sent = HandoverVersion.objects.create(profile=locked, number=number, sent_by=by)
        locked.status, locked.version = self.Status.SENT, number
        locked.save()
        self.refresh_from_db()
        return sent

    def note_change(self) -> None:
        """After a part was changed: a sent profile is a revised one until it is sent again."""
        HandoverProfile.objects.filter(
            pk=self.pk, status__in=(self.Status.SENT, self.Status.ANSWERED)
        ).update(status=self.Status.REVISED)

    def note_answer(self) -> None:
        """After a part was answered: when none of what is disclosed waits, it is answered."""
        if not self.sent_parts.current().disclosed().unanswered().exists():
            HandoverProfile.objects.filter(pk=self.pk, status=self.Status.SENT).update(
                status=self.Status.ANSWERED
            )


class HandoverVersion(models.Model):
    """One sending: number, when, by whom."""

    profile = models.ForeignKey(HandoverProfile, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "number"], name="one_sending_per_number")
        ]

    def __str__(self):
        return f"{self.number} {self.pk}"


class PartText(models.Model):
    """What a part says; shared by the working text and the copy that was sent."""

    section = models.CharField(
        _("section"), max_length=20, choices=[(s, Section(s).label) for s in SECTIONS]
    )
    label = models.CharField(_("what the part is about"), max_length=80, blank=True)
    level = models.CharField(_("how much support"), max_length=4, choices=Level, blank=True)
    text = models.TextField(_("what have you seen"), max_length=4000, blank=True)
    works = models.TextField(_("what works"), max_length=4000, blank=True)
    evidence = models.TextField(_("how do you know"), max_length=2000, blank=True)
    source = models.CharField(
        _("who says so"), max_length=20, choices=Source, default=Source.SCHOOL
    )

    FIELDS = ("section", "label", "level", "text", "works", "evidence", "source")

    class Meta:
        abstract = True

    @property
    def has_level(self) -> bool:
        return self.section in LEVELLED_SECTIONS

    def differs_from(self, other) -> bool:
        return any(getattr(self, name) != getattr(other, name) for name in self.FIELDS)


class PartQuerySet(models.QuerySet):
    def visible_to(self, user, youth, verb=Verb.CHANGE):
        """The working texts of a youth's profile that the person may write (or, the youth, read).

        A caseworker holds no writing verb and so never sees a draft.
        """
        return self.filter(
            profile__youth=youth, section__in=sections_for(user, youth, verb), withdrawn_at=None
        )


class Part(PartText):
    """One thing the school knows, as it is being written."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(HandoverProfile, on_delete=models.PROTECT, related_name="parts")
    position = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)  # grows by one with each save
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["position", "written_at", "pk"]

    def __str__(self):
        return f"{self.section} {self.pk}"

    def missing(self) -> list[str]:
        """What this part lacks before it can be sent, in words."""
        wanted = {
            "label": _("what it is about"),
            "text": _("what you have seen"),
            "level": _("how much support, or not assessed"),
            "works": _("what works"),
        }
        if not self.has_level:
            del wanted["level"]
        if self.section != Section.SUPPORT:
            del wanted["works"]
        return [what for name, what in wanted.items() if not getattr(self, name).strip()]

    @transaction.atomic
    def write(self, *, by, revision: int, **texts) -> None:
        """Save the working text that was begun from a revision.

        Raises StaleVersion when somebody else saved in between: nothing is overwritten.
        """
        locked = Part.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.revision != revision or locked.withdrawn_at:
            raise StaleVersion(locked)
        for name, value in texts.items():
            setattr(locked, name, value)
        locked.revision += 1
        locked.written_by, locked.written_at = by, timezone.now()
        locked.save()
        locked.profile.note_change()
        self.refresh_from_db()

    @transaction.atomic
    def remove(self, *, by) -> None:
        """Take the part away: a draft is deleted, a sent one leaves with the next version."""
        locked = Part.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.sent.exists():
            locked.withdrawn_at = timezone.now()
            locked.save()
            locked.profile.note_change()
        else:
            locked.delete()


class SentPartQuerySet(models.QuerySet):
    def visible_to(self, user, youth):
        """What was sent of a youth's profile, to those who read the section, consent respected.

        The school wrote it and the youth owns it; only a reader needs the consent.
        """
        rows = self.filter(profile__youth=youth, section__in=sections_for(user, youth))
        if Role.CASEWORKER in {m.role for m in memberships(user)}:
            rows = rows.disclosed()
        return rows

    def current(self):
        """The parts of the version that was sent last."""
        return self.filter(last_version=None)

    def disclosed(self):
        """Parts that may reach the municipality: their section needs no consent, or has it."""
        consent = Consent.objects.in_force().filter(
            youth=OuterRef("profile__youth"),
            organisation=OuterRef("profile__youth__partnership__municipality"),
            section=OuterRef("section"),
        )
        return self.filter(~Q(section__in=NEEDS_CONSENT) | Exists(consent))

    def unanswered(self):
        return self.filter(~Exists(PartAnswer.objects.filter(sent_part=OuterRef("pk"))))


class SentPart(PartText):
    """A part as it was sent; it stands from `first_version` to `last_version`, or still."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(
        HandoverProfile, on_delete=models.PROTECT, related_name="sent_parts"
    )
    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="sent")
    position = models.PositiveIntegerField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    first_version = models.PositiveSmallIntegerField()
    last_version = models.PositiveSmallIntegerField(null=True)

    objects = SentPartQuerySet.as_manager()

    class Meta:
        ordering = ["position", "written_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["part"],
                condition=Q(last_version=None),
                name="one_standing_copy_of_a_part",
            ),
            models.CheckConstraint(
                condition=Q(last_version=None) | Q(last_version__gte=F("first_version")),
                name="a_copy_stands_for_at_least_one_version",
            ),
        ]

    def __str__(self):
        return f"{self.section} {self.pk}"

    @classmethod
    def copy_of(cls, part: Part, version: int) -> "SentPart":
        return cls(
            profile_id=part.profile_id,
            part=part,
            position=part.position,
            written_by_id=part.written_by_id,
            written_at=part.written_at,
            first_version=version,
            **{name: getattr(part, name) for name in cls.FIELDS},
        )

    @transaction.atomic
    def answer(self, *, by, kind: str, text: str = "") -> "PartAnswer":
        """Answer this part; a later answer stands beside the earlier one and counts.

        Raises HandoverRefused when a newer version has replaced the part, or words are missing.
        """
        profile = HandoverProfile.objects.select_for_update(of=("self",)).get(pk=self.profile_id)
        self.refresh_from_db(fields=["last_version"])
        if self.last_version is not None:
            raise HandoverRefused(_("The school has sent a newer version of this part. Read it."))
        if kind != PartAnswer.Kind.UNDERSTOOD and not text.strip():
            raise HandoverRefused(_("Write your question, or why you cannot use it."))
        answer = PartAnswer.objects.create(sent_part=self, kind=kind, text=text, answered_by=by)
        profile.note_answer()
        return answer


class PartAnswerQuerySet(models.QuerySet):
    def open_questions(self):
        """Questions that the school has not replied to."""
        return self.filter(kind=PartAnswer.Kind.QUESTION, replied_at=None)


class PartAnswer(models.Model):
    """The receiver's answer to one part, and the sender's reply to a question."""

    class Kind(models.TextChoices):
        UNDERSTOOD = "understood", _("Understood")
        QUESTION = "question", _("Question")
        CANNOT_USE = "cannot_use", _("Cannot use it")

    sent_part = models.ForeignKey(SentPart, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(_("your answer"), max_length=12, choices=Kind)
    text = models.TextField(_("your words"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(default=timezone.now)
    reply = models.TextField(_("reply"), max_length=2000, blank=True)
    replied_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField(null=True)

    objects = PartAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["answered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="understood") | ~Q(text=""),
                name="a_question_or_a_no_has_words",
                violation_error_message=_("Write your question, or why you cannot use it."),
            ),
            models.CheckConstraint(
                condition=(Q(reply="") & Q(replied_at=None))
                | (~Q(reply="") & Q(replied_at__isnull=False)),
                name="a_reply_has_words_and_a_time",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @transaction.atomic
    def give_reply(self, *, by, text: str) -> None:
        """The school replies to a question. Raises HandoverRefused when it has one already."""
        locked = PartAnswer.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.kind != self.Kind.QUESTION or locked.replied_at:
            raise HandoverRefused(_("This question has a reply already."))
        self.reply, self.replied_by, self.replied_at = text, by, timezone.now()
        self.save(update_fields=["reply", "replied_by", "replied_at"])
