"""The read log: who opened what of whom, written before the page is sent."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from partnerships.access import memberships


class Channel(models.TextChoices):
    PAGE = "page", _("Opened")
    SEARCH = "search", _("Found in a search")
    REFUSED = "refused", _("Refused")


class AccessEvent(models.Model):
    """One reading. Ids without foreign keys, so that the log outlives what it speaks of.

    Written on its own database connection ("read_log"), so that a line stands even where the
    request is rolled back; a trigger refuses change and deletion. When the line cannot be
    written the page is not sent: no log, no data.
    """

    at = models.DateTimeField(auto_now_add=True)
    user_id = models.UUIDField()
    organisation_id = models.UUIDField(null=True)
    youth_id = models.UUIDField()
    sections = models.CharField(max_length=200)
    channel = models.CharField(max_length=10, choices=Channel)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["youth_id", "-at"], name="who_read_about_a_youth")]

    def __str__(self):
        return f"{self.channel} {self.pk}"

    @classmethod
    def record(cls, user, youths, sections, channel=Channel.PAGE) -> None:
        """Write a line for each youth: an iterable of Youth, sections as codes, how it was seen.

        Whoever is in several teams reads for the organisation of the youth's own partnership.

        A young person's look at the own record is not a reading by somebody else and is left out.
        """
        mine = memberships(user)
        acting_for = {m.partnership_id: m.organisation_id for m in reversed(mine)}
        otherwise = mine[0].organisation_id if mine else None
        cls.objects.bulk_create(
            cls(
                user_id=user.pk,
                organisation_id=acting_for.get(youth.partnership_id, otherwise),
                youth_id=youth.pk,
                sections=",".join(sections),
                channel=channel,
            )
            for youth in youths
            if youth.account_id != user.pk
        )
