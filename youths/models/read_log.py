"""The read log: who opened what of whom, written before the page is sent."""

from django.contrib.postgres.aggregates import StringAgg
from django.db import models
from django.db.models import Count, Max, Q, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.access import Role, Section, memberships
from youths.access import is_own, opened_by


class Channel(models.TextChoices):
    PAGE = "page", _("Opened")
    LIST = "list", _("Seen in a list")
    SEARCH = "search", _("Found in a search")
    EXPORT = "export", _("Saved as a file")
    PRINT = "print", _("Printed")
    PREVIEW = "preview", _("Seen with somebody else's eyes")
    REFUSED = "refused", _("Refused")


class AccessEventQuerySet(models.QuerySet):
    def about(self, youth):
        return self.filter(youth_id=youth.pk)

    def showing(self, section):
        """Those that showed a section."""
        return self.annotate(_shown=Concat(Value(","), "sections", Value(","))).filter(
            _shown__contains=f",{section},"
        )

    def folded(self):
        """A line for each day, reader and way of reading: dicts with `times`, the last `at`."""
        return (
            self.values("day", "user_id", "organisation_id", "role", "channel", "emergency_id")
            .annotate(
                at=Max("at"),
                times=Count("pk"),
                sections=StringAgg("sections", ",", distinct=True),
            )
            .order_by("-day", "-at", "user_id", "channel")
        )


class AccessEvent(models.Model):
    """One reading. Ids without foreign keys, so that the log outlives what it speaks of.

    Written on its own database connection ("read_log"), so that a line stands even where the
    request is rolled back; a trigger refuses change and deletion. When the line cannot be
    written the page is not sent: no log, no data.
    """

    at = models.DateTimeField(default=timezone.now, editable=False)
    day = models.DateField(default=timezone.localdate)
    # Who read: a person who was signed in, or whoever held a company's link.
    user_id = models.UUIDField(null=True)
    link_id = models.UUIDField(null=True)
    # For whom and as what: the relation that the person acted in.
    organisation_id = models.UUIDField(null=True)
    role = models.CharField(max_length=20, choices=Role, blank=True)
    youth_id = models.UUIDField()
    sections = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=10, choices=Channel)
    # The name of the route, where it says more than the sections: of what was refused or exported.
    detail = models.CharField(max_length=60, blank=True)
    emergency_id = models.UUIDField(null=True)

    objects = AccessEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["youth_id", "-at"], name="who_read_about_a_youth"),
            models.Index(fields=["organisation_id", "at"], name="reads_of_an_organisation"),
        ]
        constraints = [
            # What a list shows of somebody is noted once a day; opening is noted each time.
            models.UniqueConstraint(
                fields=["user_id", "organisation_id", "role", "youth_id", "day", "sections"],
                condition=Q(channel="list"),
                nulls_distinct=False,
                name="seen_in_a_list_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(user_id__isnull=False, link_id=None)
                | Q(user_id=None, link_id__isnull=False),
                name="a_person_reads_or_a_link_does",
            ),
        ]

    def __str__(self):
        return f"{self.channel} {self.pk}"

    @property
    def codes(self) -> list[str]:
        return [code for code in self.sections.split(",") if code]

    @classmethod
    def record(cls, user, youths, sections, channel=Channel.PAGE, detail="") -> None:
        """Write a line for each youth: an iterable of Youth, sections as codes, how it was seen.

        The sections are the same for all, or by each youth's id.

        A young person's look at the own record is not a reading by somebody else and is left out.
        A page seen through somebody's eyes is noted of who looks.
        """
        reader = getattr(user, "seen_by", None)
        if reader:
            channel = Channel.PREVIEW
        reader = reader or user
        acting = next(iter(memberships(reader)), None)
        opened = opened_by(reader)
        of_each = sections if isinstance(sections, dict) else {}
        cls.objects.bulk_create(
            (
                cls(
                    user_id=reader.pk,
                    organisation_id=acting and acting.organisation_id,
                    role=acting.role if acting else "",
                    youth_id=youth.pk,
                    sections=",".join(of_each.get(youth.pk, sections)),
                    channel=channel,
                    detail=detail,
                    emergency_id=opened.get(youth.pk),
                )
                for youth in youths
                if not is_own(reader, youth)
            ),
            ignore_conflicts=channel == Channel.LIST,
        )

    @classmethod
    def record_link(cls, link, sections, channel=Channel.PAGE) -> None:
        """Write a line for who holds a company's link: nobody is signed in, and it says so."""
        cls.objects.create(
            link_id=link.pk,
            organisation_id=link.placement.employer_id,
            role=Role.EMPLOYER,
            youth_id=link.placement.youth_id,
            sections=",".join(sections),
            channel=channel,
        )


def section_names(sections: str) -> list[str]:
    """The sections of a line of the log in words, in their own order, each once."""
    codes = set(sections.split(","))
    return [section.label for section in Section if section in codes]
