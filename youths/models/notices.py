"""Telling one person that something has happened: a mail without content, and a line until seen.

What waits on a person is a query of its own (docs/adr/0005); a notice is the nudge beside it. A
row is one delivery: its key is unique, so that noting it twice tells once, and its Message-ID is
the same however often a worker tries.
"""

import logging
from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partnerships.models import Membership, User
from youths.models.youths import Youth

log = logging.getLogger(__name__)


class NoticeQuerySet(models.QuerySet):
    def in_reach(self):
        """Those whose recipient is still in the young person's team, or is the young person."""
        in_team = Membership.objects.active().filter(
            user=OuterRef("recipient"), partnership=OuterRef("youth__partnership")
        )
        return self.filter(Q(youth=None) | Q(recipient=F("youth__account")) | Exists(in_team))

    def unsent(self):
        """The work list of the mails."""
        return self.in_reach().filter(sent_at=None, recipient__is_active=True)

    def news_for(self, user):
        """What has happened and asks for nothing, until the person has seen it."""
        return (
            self.filter(recipient=user.pk, seen_at=None, kind__in=Notice.NEWS)
            .filter(youth__in=Youth.objects.visible_to(user))
            .select_related("youth__partnership__municipality", "youth__partnership__school")
        )


class Notice(models.Model):
    """One thing that one person is told. Neither the row nor its mail says anything of anybody."""

    class Kind(models.TextChoices):
        """In words that may stand in a mail: what happened, or what to do."""

        ARRIVED = "arrived", _("A handover has arrived")
        REMINDER = "reminder", _("A handover waits for your answer")
        QUESTION = "question", _("A part of a handover has a question")
        CANNOT_USE = "cannot_use", _("A part of a handover cannot be used")
        REPLIED = "replied", _("A question about a handover has its reply")
        ACCEPTED = "accepted", _("A handover is accepted")
        WITH_QUESTIONS = "with_questions", _("A handover is accepted with questions")
        RETURNED = "returned", _("A handover was returned for completion")
        DECLINED = "declined", _("A handover was declined")
        CORRECTED = "corrected", _("The record of a first meeting was corrected")
        RATE = "rate", _("A round of rating waits for your answers")
        FEEDBACK = "feedback", _("There is feedback on a handover")

    # The others wait in the work list, until they are done.
    NEWS = (
        Kind.CANNOT_USE,
        Kind.REPLIED,
        Kind.ACCEPTED,
        Kind.WITH_QUESTIONS,
        Kind.DECLINED,
        Kind.CORRECTED,
        Kind.FEEDBACK,
    )

    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, null=True, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=120, unique=True)
    path = models.CharField(max_length=200)  # the page where it stands
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        indexes = [
            models.Index(fields=["id"], condition=Q(sent_at__isnull=True), name="notices_unsent"),
            models.Index(
                fields=["recipient", "kind"],
                condition=Q(seen_at__isnull=True),
                name="notices_unseen",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @classmethod
    def tell(cls, *, people, kind: str, about: str, path: str, youth=None) -> None:
        """Note whom to tell, each once of the same thing, and nudge a worker to send the mails.

        `people` are ids of persons; `about` names the thing, so that it is told once.
        """
        cls.objects.bulk_create(
            (
                cls(recipient_id=pk, youth=youth, kind=kind, key=f"{kind}:{about}:{pk}", path=path)
                for pk in sorted(people)
            ),
            ignore_conflicts=True,
        )

        # A function with a name: Django's own handling of a robust callback that fails asks for it.
        def nudge():
            current_app.send_task("youths.tasks.mail_notices", retry=False, ignore_result=True)

        transaction.on_commit(nudge, robust=True)

    @classmethod
    def tell_team(cls, youth, role: str, **what) -> None:
        """Tell everybody who has that role in the young person's team today."""
        team = Membership.objects.active().filter(partnership=youth.partnership_id, role=role)
        cls.tell(people=set(team.values_list("user", flat=True)), youth=youth, **what)

    @classmethod
    def send_all(cls) -> None:
        """Send what is unsent; one that fails stays on the work list, and the others go."""
        for pk in cls.objects.unsent().values_list("pk", flat=True):
            try:
                cls.send(pk)
            except Exception:
                log.exception("The mail of notice %s could not be sent.", pk)

    @classmethod
    @transaction.atomic
    def send(cls, pk) -> bool:
        """Send one mail that says what to do and where; whether it was this call that sent it."""
        rows = cls.objects.unsent().select_for_update(of=("self",), skip_locked=True)
        notice = rows.select_related("recipient").filter(pk=pk).first()
        if notice is None:
            return False
        url = settings.SITE_URL + notice.path
        with translation.override(settings.LANGUAGE_CODE):
            EmailMessage(
                subject=str(notice.get_kind_display()),
                body=gettext(
                    "%(what)s.\n\nSign in to see it:\n\n%(url)s\n\n"
                    "Everything that waits on you stands here: %(home)s"
                )
                % {
                    "what": notice.get_kind_display(),
                    "url": url,
                    "home": settings.SITE_URL + reverse("home"),
                },
                to=[notice.recipient.email],
                headers={"Message-ID": f"<notice-{notice.pk}@{urlsplit(url).hostname}>"},
            ).send()
        notice.sent_at = timezone.now()
        notice.save(update_fields=["sent_at"])
        return True

    def see(self) -> None:
        """It is no news to this person any more; seeing it twice changes nothing."""
        Notice.objects.filter(pk=self.pk, seen_at=None).update(seen_at=timezone.now())
