"""Sitting together: a young person answers on the device of somebody from the school."""

import uuid
from datetime import timedelta

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.models import User
from youths.models.youths import Youth

AT_MOST = timedelta(hours=1)


class SittingQuerySet(models.QuerySet):
    def open(self):
        return self.filter(ended_at=None, closes_at__gt=timezone.now())

    def open_of(self, user, youth) -> "Sitting | None":
        """Where this person sits with this young person now. Gives no right to anything."""
        return self.open().filter(led_by=user.pk, youth=youth).select_related("led_by").first()


class Sitting(models.Model):
    """An hour at most, with one young person. It says how an answer came about, no more.

    What may be read and written meanwhile is what the one who leads it may read and write anyway.
    """

    class Pen(models.TextChoices):
        YOUTH = "youth", _("The young person")
        STAFF = "staff", _("The one from the school")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="sittings")
    led_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    pen = models.CharField(_("who holds the pen"), max_length=8, choices=Pen)
    started_at = models.DateTimeField(default=timezone.now)
    closes_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = SittingQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("started_at"))
                & Q(closes_at__lte=F("started_at") + AT_MOST),
                name="sitting_together_lasts_an_hour_at_most",
            ),
            models.UniqueConstraint(
                fields=["led_by"],
                condition=Q(ended_at=None),
                name="one_sits_with_one_young_person_at_a_time",
            ),
        ]

    def __str__(self):
        return f"{self.pen} {self.pk}"

    @classmethod
    @transaction.atomic
    def start(cls, *, by, youth, pen: str) -> "Sitting":
        """Sit down with one young person; whoever sat with another one before has got up."""
        User.objects.select_for_update(of=("self",)).get(pk=by.pk)
        now = timezone.now()
        cls.objects.filter(led_by=by, ended_at=None).update(ended_at=now)
        return cls.objects.create(
            youth=youth, led_by=by, pen=pen, started_at=now, closes_at=now + AT_MOST
        )

    def end(self, *, by) -> None:
        """Get up; twice is once."""
        Sitting.objects.filter(pk=self.pk, led_by=by, ended_at=None).update(ended_at=timezone.now())
