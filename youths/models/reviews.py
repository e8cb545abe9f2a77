"""The sample review: ten random reads a month of each organisation, judged one by one.

Source: municipalities were criticised for having no regular random check of their logs
(Datatilsynet). What was judged stays as evidence. docs/adr/0012.
"""

import uuid

from django.db import models, transaction
from django.db.models import Count, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.access import Role, memberships
from partnerships.models import Organisation, User
from youths.models.read_log import AccessEvent, Channel
from youths.models.youths import Youth

SIZE = 10
# What is drawn from. A name in a list is no opening, and a refusal has shown nothing.
READS = (Channel.PAGE, Channel.SEARCH, Channel.EXPORT, Channel.PRINT, Channel.PREVIEW)
FACTS = ("at", "user_id", "link_id", "role", "youth_id", "sections", "channel", "detail",
         "emergency_id")  # fmt: skip


class ReviewRefused(Exception):
    """A judgement that cannot be given."""


class ReadSampleQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those of the organisation for which the person is data controller."""
        own = {m.organisation_id for m in memberships(user) if m.role == Role.CONTROLLER}
        return self.filter(organisation__in=own)

    def with_progress(self):
        """With how many reads there are, and how many are judged; the newest month first."""
        return self.annotate(
            total=Count("reads"), judged=Count("reads", filter=Q(reads__judged_at__isnull=False))
        ).order_by("-month")

    def unfinished(self):
        return self.filter(reads__judged_at=None, reads__isnull=False).distinct()


class ReadSample(models.Model):
    """Up to ten reads of one organisation in one month."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()  # its first day
    drawn_at = models.DateTimeField(default=timezone.now)

    objects = ReadSampleQuerySet.as_manager()

    class Meta:
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "month"], name="one_sample_of_an_organisation_a_month"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="a_month_is_written_as_its_first_day"
            ),
        ]

    def __str__(self):
        return str(self.pk)

    @staticmethod
    def work_list() -> list[tuple]:
        """Organisation and month of each sample to draw: read in a month that is over, not drawn.

        A year back. What is older than the system's own memory of it is not drawn afterwards.
        """
        this_month = timezone.localdate().replace(day=1)
        read = (
            _reads()
            .filter(
                organisation_id__in=Organisation.objects.values("pk"),
                day__lt=this_month,
                day__gte=this_month.replace(year=this_month.year - 1),
            )
            .annotate(month=TruncMonth("day"))
            .order_by()
            .values_list("organisation_id", "month")
            .distinct()
        )
        return sorted(set(read) - set(ReadSample.objects.values_list("organisation_id", "month")))

    @classmethod
    @transaction.atomic
    def draw(cls, organisation_id, month) -> bool:
        """Draw ten at random, or all where there are fewer; whether it was this call that drew.

        The row of the month comes first: of two calls at once, one waits and finds it drawn.
        """
        sample, created = cls.objects.get_or_create(organisation_id=organisation_id, month=month)
        if not created:
            return False
        drawn = list(
            _reads()
            .annotate(month=TruncMonth("day"))
            .filter(organisation_id=organisation_id, month=month)
            .order_by("?")[:SIZE]
        )
        codes = dict(
            Youth.objects.filter(pk__in={event.youth_id for event in drawn}).values_list(
                "pk", "code"
            )
        )
        SampledRead.objects.bulk_create(
            SampledRead(
                sample=sample,
                event_id=event.pk,
                code=codes.get(event.youth_id, ""),
                **{name: getattr(event, name) for name in FACTS},
            )
            for event in drawn
        )
        return True


def _reads():
    """Readings of the log, on the connection on which the sample is written: one transaction."""
    return AccessEvent.objects.using("default").filter(channel__in=READS)


class SampledRead(models.Model):
    """One read that was drawn, with a copy of what the log says of it, and its judgement.

    A trigger keeps the copy as it was drawn and a judgement as it was given.
    """

    class Judgement(models.TextChoices):
        IN_ORDER = "in_order", _("In order")
        ASKED = "asked", _("Asked about")
        NOT_IN_ORDER = "not_in_order", _("Not in order")

    sample = models.ForeignKey(ReadSample, on_delete=models.PROTECT, related_name="reads")
    event_id = models.BigIntegerField(editable=False)
    at = models.DateTimeField(editable=False)
    user_id = models.UUIDField(null=True, editable=False)
    link_id = models.UUIDField(null=True, editable=False)
    role = models.CharField(max_length=20, choices=Role, blank=True, editable=False)
    youth_id = models.UUIDField(editable=False)
    code = models.CharField(max_length=14, blank=True, editable=False)
    sections = models.CharField(max_length=200, blank=True, editable=False)
    channel = models.CharField(max_length=10, choices=Channel, editable=False)
    detail = models.CharField(max_length=60, blank=True, editable=False)
    emergency_id = models.UUIDField(null=True, editable=False)

    judgement = models.CharField(_("your judgement"), max_length=12, choices=Judgement, blank=True)
    note = models.TextField(_("why"), max_length=2000, blank=True)
    judged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sample", "event_id"], name="a_read_is_drawn_once"),
            models.CheckConstraint(
                condition=Q(judgement="", note="", judged_by=None, judged_at=None)
                | (
                    ~Q(judgement="")
                    & ~Q(note="")
                    & Q(judged_by__isnull=False, judged_at__isnull=False)
                ),
                name="a_judgement_has_its_note_its_judge_and_its_time",
            ),
        ]

    def __str__(self):
        return f"{self.channel} {self.pk}"

    @transaction.atomic
    def judge(self, *, by, judgement: str, note: str) -> None:
        """Say once whether this read was in order, and why.

        Raises ReviewRefused without a note, when it is judged already, and to whom it is not.
        """
        locked = SampledRead.objects.select_for_update(of=("self",)).get(pk=self.pk)
        note = note.strip()
        if judgement not in self.Judgement or not note:
            raise ReviewRefused(_("Choose a judgement and write why."))
        if not ReadSample.objects.visible_to(by).filter(pk=locked.sample_id).exists():
            raise ReviewRefused(_("Only the organisation's data controller judges its reads."))
        if locked.judged_at is not None:
            raise ReviewRefused(
                _("This read has been judged already. A judgement is not rewritten.")
            )
        locked.judgement, locked.note = judgement, note
        locked.judged_by, locked.judged_at = by, timezone.now()
        locked.save()
        self.refresh_from_db()
