"""When the work list was last gone through: what a page can say of worker and clock."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

SILENCE = timedelta(minutes=5)  # without a sweep, which beat asks for every minute


class LastSweep(models.Model):
    """When a worker last finished a sweep, and last one that beat had asked for."""

    class Of(models.TextChoices):
        WORKER = "worker", _("The worker")
        BEAT = "beat", _("The clock")

    of = models.CharField(max_length=6, choices=Of, unique=True)
    at = models.DateTimeField()

    def __str__(self):
        return self.of

    @classmethod
    def note(cls, *, by_beat: bool) -> None:
        now = timezone.now()
        cls.objects.bulk_create(
            [cls(of=of, at=now) for of in cls.Of if by_beat or of == cls.Of.WORKER],
            update_conflicts=True,
            unique_fields=["of"],
            update_fields=["at"],
        )

    @property
    def is_recent(self) -> bool:
        return self.at > timezone.now() - SILENCE

    @classmethod
    def signs_of_life(cls) -> list[tuple[str, "LastSweep | None"]]:
        """Of worker and clock, in words, and when there was the last one."""
        found = {one.of: one for one in cls.objects.all()}
        return [(of.label, found.get(of)) for of in cls.Of]
