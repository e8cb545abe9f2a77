"""What became of a placement, and why it ended: written once, never rewritten."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.encryption import EncryptedTextField
from partnerships.models import User


class PlacementEvent(models.Model):
    """What became of a placement: who did it, when, and in neutral words why. Append-only."""

    class Kind(models.TextChoices):
        HOURS = "hours", _("Other hours agreed")
        STEP = "step", _("Another step of the hours")
        PROLONGED = "prolonged", _("Prolonged")
        PAUSED = "paused", _("On pause")
        RESUMED = "resumed", _("The work goes on")
        ENDED = "ended", _("Ended")

    class Reason(models.TextChoices):
        AS_PLANNED = "as_planned", _("As it was planned from the start")
        MORE_TIME = "more_time", _("More time is good for the goals")
        OWN_WISH = "own_wish", _("The young person wishes it")
        SCHOOL = "school", _("School or education")
        HOLIDAY = "holiday", _("Holiday")
        COMPANY = "company", _("The company has asked for it")
        OTHER = "other", _("Another reason")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    placement = models.ForeignKey(
        "youths.Placement", on_delete=models.PROTECT, related_name="events"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    on = models.DateField()
    until = models.DateField(null=True)
    hours_before = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    hours = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    reason = models.CharField(_("why"), max_length=10, choices=Reason, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["hours", "step"], hours__isnull=False)
                | (~Q(kind__in=["hours", "step"]) & Q(hours=None)),
                name="other_hours_say_which",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["prolonged", "paused"]) | ~Q(reason=""),
                name="who_prolongs_or_pauses_says_why",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(kind="paused", until__gte=F("on")),
                name="a_pause_ends_after_it_starts",
                violation_error_message=_("The last day is before the first."),
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"


class PlacementEnding(models.Model):
    """Why it ended, as one side sees it. Said once, and not rewritten."""

    class Side(models.TextChoices):
        YOUTH = "youth", _("The young person and the school")
        COMPANY = "company", _("The company")

    class Reason(models.TextChoices):
        AS_PLANNED = "as_planned", _("It ended as planned")
        GOES_ON = "goes_on", _("It goes on in another way")
        TASKS = "tasks", _("The tasks did not fit")
        HOURS = "hours", _("The hours did not fit")
        SUPPORT = "support", _("More support was needed than there was")
        NO_ROOM = "no_room", _("There is no room or no tasks any more")
        NOT_NOW = "not_now", _("It is not the right time")
        OTHER = "other", _("Another reason")

    class Again(models.TextChoices):
        YES = "yes", _("Yes")
        MAYBE = "maybe", _("Maybe")
        NO = "no", _("No")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    placement = models.ForeignKey(
        "youths.Placement", on_delete=models.PROTECT, related_name="endings"
    )
    side = models.CharField(max_length=8, choices=Side)
    reason = models.CharField(_("why it ended"), max_length=10, choices=Reason)
    words = EncryptedTextField(_("in own words"), max_length=600, blank=True)
    again = models.CharField(
        _("would it be possible again?"), max_length=5, choices=Again, blank=True
    )
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    name = EncryptedTextField(max_length=120, blank=True)
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["said_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "side"], name="each_side_says_once_why_it_ended"
            )
        ]

    def __str__(self):
        return f"{self.side} {self.pk}"
