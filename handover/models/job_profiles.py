"""The job profile: what one company reads of a young person, and only in the approved words.

A `JobProfile` is the working text for one placement or one type of job. The young person approves
exactly those words, and they are copied into an `ApprovedJobProfile`: a company reads that copy
and nothing else. The copy holds texts and ids, and no relation leads from it to anything.
"""

import uuid

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.models.profiles import StaleVersion
from partnerships.access import Role, placement_ids, roles
from partnerships.encryption import EncryptedTextField, blind_index
from partnerships.models import User
from partnerships.waiting import Waiting
from youths.models import Placement, Sitting, Youth


class JobProfileRefused(Exception):
    """A step that the job profile's state does not allow."""


class JobText(models.Model):
    """What it says: lines of what somebody can, and of what works."""

    FIELDS = ("job", "can", "works")

    job = EncryptedTextField(_("type of job"), max_length=80, blank=True)
    can = EncryptedTextField(_("what the young person can"), max_length=2000, blank=True)
    works = EncryptedTextField(_("what works at work"), max_length=2000, blank=True)

    class Meta:
        abstract = True

    @property
    def can_lines(self) -> list[str]:
        return _lines(self.can)

    @property
    def works_lines(self) -> list[str]:
        return _lines(self.works)

    @property
    def fingerprint(self) -> str:
        """The same for the same words, and for no others."""
        return blind_index("\0".join(getattr(self, name) for name in self.FIELDS))


def _lines(text) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


# -- What the young person has approved --------------------------------------------------------


class ApprovedJobProfileQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A company by its placement that runs, and what is approved now; others by the youth."""
        if Role.EMPLOYER in roles(user):
            ids = placement_ids(user, "view_job_profile")
            running = Placement.objects.running().filter(pk__in=ids)
            return self.approved().filter(placement_id__in=running.values("pk"))
        youths = Youth.objects.visible_to(user, "view_job_profile").referred()
        return self.filter(youth_id__in=youths.values("pk"))

    def approved(self):
        """The words that the young person has approved last and not taken back."""
        return self.filter(replaced_at=None, withdrawn_at=None)


class ApprovedJobProfile(JobText):
    """Exactly the words that the young person has approved. A trigger refuses to change them.

    Ids without foreign keys: from here there is no way to the case. `seal` is the fingerprint of
    the words as they were approved; encrypted, they can be put under another key.
    """

    class How(models.TextChoices):
        OWN = "own", _("On my own")
        TOGETHER = "together", _("Together with somebody")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job_profile_id = models.UUIDField()
    youth_id = models.UUIDField()
    placement_id = models.UUIDField(null=True)
    number = models.PositiveSmallIntegerField()
    seal = models.CharField(max_length=64)
    how = models.CharField(max_length=8, choices=How)
    together_with = EncryptedTextField(max_length=120, blank=True)
    approved_at = models.DateTimeField(default=timezone.now)
    replaced_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = ApprovedJobProfileQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        indexes = [models.Index(fields=["youth_id"], name="approved_texts_of_a_youth")]
        constraints = [
            models.UniqueConstraint(
                fields=["job_profile_id", "number"], name="one_approved_text_per_number"
            ),
            models.UniqueConstraint(
                fields=["job_profile_id"],
                condition=Q(replaced_at=None, withdrawn_at=None),
                name="one_approved_text_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["placement_id"],
                condition=Q(replaced_at=None, withdrawn_at=None),
                name="one_approved_text_for_a_placement",
            ),
            models.CheckConstraint(
                condition=Q(how="own", together_with="")
                | (Q(how="together") & ~Q(together_with="")),
                name="who_was_there_has_a_name",
                violation_error_message=_("Write who you read it with."),
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.pk}"

    @property
    def is_intact(self) -> bool:
        """Whether these are still the words that were approved."""
        return self.seal == self.fingerprint


# -- What is being written ---------------------------------------------------------------------


class JobProfileQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_job_profile"):
        """School and caseworker write them, the young person answers them; nobody else."""
        return self.filter(youth__in=Youth.objects.visible_to(user, codename).referred())

    def waiting_on(self, user, youth=None) -> list[Waiting]:
        """A young person who is asked; and who asked, until they have read the answer.

        Whoever has no sign-in is asked by the school, beside each other.
        """
        mine = roles(user)
        if mine:
            rows = self.visible_to(user, "change_job_profile")
            due = Q(asked_as__in=mine, unheard_since__isnull=False)
            if Role.SCHOOL in mine:
                due |= Q(status="asked", youth__account=None)
            rows = rows.filter(due)
        else:
            rows = self.visible_to(user, "approve_job_profile").filter(status="asked")
        if youth is not None:
            rows = rows.filter(youth=youth.pk)
        rows = rows.filter(youth__left_on=None).select_related("youth", "placement__employer")
        if not mine:
            return [row.as_question() for row in rows]
        return [row.as_news() if row.unheard_since else row.as_sitting() for row in rows]

    def answered_by_the_young(self):
        """Those on which the young person has something to say: asked about, or approved."""
        approved = ApprovedJobProfile.objects.approved().filter(job_profile_id=OuterRef("pk"))
        return self.filter(Q(status="asked") | Exists(approved))


class JobProfile(JobText):
    """The working text for one placement or one type of job."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Being written")
        ASKED = "asked", _("The young person is asked")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("The young person said no")
        WITHDRAWN = "withdrawn", _("Taken back by the young person")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="job_profiles")
    placement = models.OneToOneField(
        Placement, on_delete=models.PROTECT, null=True, related_name="job_profile"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    revision = models.PositiveIntegerField(default=1)  # grows by one with each save
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_as = models.CharField(max_length=20, choices=Role, blank=True)
    asked_at = models.DateTimeField(null=True)
    comment = EncryptedTextField(_("what should be different"), max_length=600, blank=True)
    answered_at = models.DateTimeField(null=True)
    unheard_since = models.DateTimeField(null=True)  # answered, and not yet read by who asked
    # Empty when the young person answered on the own device.
    sitting = models.ForeignKey(
        Sitting, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )

    objects = JobProfileQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(placement__isnull=False, job="") | (Q(placement=None) & ~Q(job="")),
                name="a_job_profile_is_for_a_placement_or_a_type_of_job",
                violation_error_message=_("Choose a placement, or write a type of job."),
            ),
            models.CheckConstraint(
                condition=Q(status="draft")
                | (Q(asked_at__isnull=False) & ~Q(asked_as="") & ~Q(can="", works="")),
                name="what_is_asked_about_has_words_and_somebody_who_asked",
            ),
            models.CheckConstraint(
                condition=Q(status="draft")
                | Q(status="asked", answered_at=None)
                | (~Q(status="asked") & Q(answered_at__isnull=False)),
                name="an_answer_has_a_time",
            ),
        ]

    def __str__(self):
        return f"{self.status} {self.pk}"

    @property
    def title(self) -> str:
        return self.placement.employer.name if self.placement_id else self.job

    @property
    def approved(self) -> ApprovedJobProfile | None:
        """What the company reads now."""
        return ApprovedJobProfile.objects.approved().filter(job_profile_id=self.pk).first()

    def _lock(self) -> "JobProfile":
        return JobProfile.objects.select_for_update(of=("self",)).get(pk=self.pk)

    @classmethod
    @transaction.atomic
    def begin(cls, *, by, youth, placement=None, job="") -> "JobProfile":
        """An empty one; the one that there is for this placement or type of job already.

        Raises JobProfileRefused without either, or for a placement of somebody else.
        """
        job = " ".join(job.split())
        if bool(placement) == bool(job):
            raise JobProfileRefused(_("Choose a placement, or write a type of job."))
        if placement and placement.youth_id != youth.pk:
            raise JobProfileRefused(_("This placement is somebody else's."))
        Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)
        for one in youth.job_profiles.all():
            if (one.placement_id, one.job) == (placement and placement.pk, job):
                return one
        return cls.objects.create(youth=youth, placement=placement, job=job, written_by=by)

    @transaction.atomic
    def write(self, *, by, revision: int, can: str, works: str) -> None:
        """Save the text that was begun from a revision; the same text twice is one save.

        A changed word has to be approved anew; written back to what is approved, it is approved.
        Raises StaleVersion when somebody else saved in between.
        """
        locked = self._lock()
        if (locked.can, locked.works) != (can, works):
            if locked.revision != revision:
                raise StaleVersion(locked)
            locked.can, locked.works = can, works
            locked.revision += 1
            locked.written_by, locked.written_at = by, timezone.now()
            approved = locked.approved
            same = approved and approved.seal == locked.fingerprint
            locked.status = self.Status.APPROVED if same else self.Status.DRAFT
            if same:
                locked.answered_at = approved.approved_at
            locked.save()
        self.refresh_from_db()

    @transaction.atomic
    def ask(self, *, by, revision: int) -> None:
        """Ask the young person about exactly this text; asking twice is asking once.

        Raises StaleVersion when it was written on meanwhile, JobProfileRefused when there is
        nothing to ask about.
        """
        locked = self._lock()
        if locked.revision != revision:
            raise StaleVersion(locked)
        if locked.status == self.Status.APPROVED:
            raise JobProfileRefused(_("Exactly this text is approved already."))
        if not (locked.can_lines or locked.works_lines):
            raise JobProfileRefused(_("There is nothing to read yet."))
        if locked.status != self.Status.ASKED:
            locked.status, locked.asked_by, locked.asked_at = self.Status.ASKED, by, timezone.now()
            locked.asked_as = next(iter(roles(by)), "")
            locked.answered_at, locked.comment, locked.unheard_since = None, "", None
            locked.sitting = None
            locked.save()
        self.refresh_from_db()

    @transaction.atomic
    def approve(
        self, *, by, revision: int, how: str = "", together_with: str = "", sitting=None
    ) -> None:
        """The young person's yes to exactly this text: from now on the company reads it.

        `sitting` where it is said on the device of somebody from the school. Raises StaleVersion
        when it is no longer the text that was read, JobProfileRefused when nobody asks.
        """
        locked = self._asked_about(revision)
        if locked.status == self.Status.APPROVED:
            return
        if sitting:
            how, together_with = ApprovedJobProfile.How.TOGETHER, sitting.led_by.name
        if how == ApprovedJobProfile.How.TOGETHER and not together_with.strip():
            raise JobProfileRefused(_("Write who you read it with."))
        now = timezone.now()
        copies = ApprovedJobProfile.objects.filter(job_profile_id=self.pk)
        copies.approved().update(replaced_at=now)
        last = copies.first()
        ApprovedJobProfile.objects.create(
            job_profile_id=locked.pk,
            youth_id=locked.youth_id,
            placement_id=locked.placement_id,
            number=last.number + 1 if last else 1,
            seal=locked.fingerprint,
            how=how,
            together_with=together_with if how == ApprovedJobProfile.How.TOGETHER else "",
            approved_at=now,
            **{name: getattr(locked, name) for name in self.FIELDS},
        )
        locked._answered(self.Status.APPROVED, sitting)
        self.refresh_from_db()

    @transaction.atomic
    def decline(self, *, by, revision: int, comment: str = "", sitting=None) -> None:
        """The young person's no, with what should be different. What was approved before stands."""
        locked = self._asked_about(revision)
        if locked.status == self.Status.APPROVED:
            raise JobProfileRefused(_("You have approved this text. You can take it back."))
        locked.comment = comment
        locked._answered(self.Status.DECLINED, sitting)
        self.refresh_from_db()

    @transaction.atomic
    def take_back(self, *, by, sitting=None) -> None:
        """Nothing is approved any more: the company reads nothing with its next request.

        Raises JobProfileRefused when nothing is approved.
        """
        locked = self._lock()
        standing = ApprovedJobProfile.objects.approved().filter(job_profile_id=self.pk)
        if not standing.update(withdrawn_at=timezone.now()):
            raise JobProfileRefused(_("Nothing is approved that could be taken back."))
        if locked.status == self.Status.APPROVED:
            locked.status = self.Status.WITHDRAWN
        locked.unheard_since = timezone.now()
        if locked.status == self.Status.WITHDRAWN:
            locked.answered_at, locked.sitting = locked.unheard_since, sitting
        locked.save()
        self.refresh_from_db()

    def hear(self, *, by) -> None:
        """Who asked has read the answer; twice changes nothing."""
        JobProfile.objects.filter(pk=self.pk).update(unheard_since=None)
        self.unheard_since = None

    def _asked_about(self, revision) -> "JobProfile":
        """Under the lock, the text that the young person has read and is asked about."""
        locked = self._lock()
        if locked.revision != revision:
            raise StaleVersion(locked)
        if locked.status not in (self.Status.ASKED, self.Status.APPROVED):
            raise JobProfileRefused(_("Nobody asks you about this text right now."))
        return locked

    def _answered(self, status, sitting) -> None:
        self.status, self.sitting = status, sitting
        self.answered_at = self.unheard_since = timezone.now()
        self.save()

    # -- What waits

    def as_question(self) -> Waiting:
        if self.placement_id:
            what = gettext("Read what %(company)s reads about you")
        else:
            what = gettext("Read the job profile “%(company)s”")
        return Waiting(
            what=what % {"company": self.title},
            why=gettext("They read it only if you say yes."),
            since=self.asked_at,
            url=reverse("handover:job_answer", args=[self.pk]),
            youth_id=self.youth_id,
        )

    def as_sitting(self) -> Waiting:
        said = {"name": self.youth.name, "company": self.title}
        return Waiting(
            what=gettext("Read the job profile for %(company)s with %(name)s") % said,
            why=gettext("%(name)s has no sign-in. Sit together, and read it aloud.") % said,
            since=self.asked_at,
            url=reverse("youths:together", args=[self.youth_id]),
            youth_id=self.youth_id,
        )

    def as_news(self) -> Waiting:
        said = {"name": self.youth.name, "company": self.title}
        if self.status == self.Status.APPROVED:
            what = gettext("%(name)s has approved the job profile for %(company)s")
            why = (
                gettext("The company reads it while the placement runs.")
                if self.placement_id
                else gettext("It can be printed, and given to a company.")
            )
        elif self.status == self.Status.DECLINED:
            what = gettext("%(name)s said no to the job profile for %(company)s")
            why = gettext("Read why, and write it anew together.")
        else:
            what = gettext("%(name)s has taken back the job profile for %(company)s")
            why = gettext("No company reads it any more.")
        return Waiting(
            what=what % said,
            why=why,
            since=self.unheard_since,
            url=reverse("handover:job", args=[self.pk]),
            youth_id=self.youth_id,
        )
