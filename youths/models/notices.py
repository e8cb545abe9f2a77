"""Telling one person that something has happened: a mail without content, and a line until seen.

What waits on a person is a query of its own (docs/adr/0005); a notice is the nudge beside it. Its
key is unique, so that noting it twice tells once. A delivery is one mail about all that was due to
one person then, with one Message-ID however often a worker tries (docs/adr/0033).
"""

import logging
from datetime import datetime, time, timedelta
from smtplib import SMTPRecipientsRefused
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

from partnerships.models import MailRhythm, Membership, User
from youths.models.youths import Youth

log = logging.getLogger(__name__)

COOLDOWN = timedelta(minutes=15)  # between two mails to one person who wants them at once
MORNING = time(7)  # when the mails of a day or a week go
PERMANENT = 500  # the least code of a mail server that means: never


class NoticeQuerySet(models.QuerySet):
    def in_reach(self):
        """Those whose recipient is still in the young person's team, or is the young person."""
        in_team = Membership.objects.active().filter(
            user=OuterRef("recipient"), partnership=OuterRef("youth__partnership")
        )
        return self.filter(Q(youth=None) | Q(recipient=F("youth__account")) | Exists(in_team))

    def unsent(self):
        """The work list of the mails, what waits for its morning included."""
        return (
            self.in_reach()
            .filter(sent_at=None, recipient__is_active=True)
            .exclude(recipient__refused_address=F("recipient__email"))
        )

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
        CONTACT_ASKED = "contact_asked", _("You are to take over as contact")
        CONTACT_UNMET = "contact_unmet", _("You are the contact now: plan a meeting")
        CONTACT_PASSED = "contact_passed", _("A contact has been passed on")
        ESCALATED = "escalated", _("A deadline of your team has passed")
        COMPANY = "company", _("There is feedback from a company")
        DIFFERENTLY = "differently", _("A young person sees a company's feedback differently")
        AGREE = "agree", _("The agreement of a placement waits for your yes")
        AGREED = "agreed", _("All have said yes to the agreement of a placement")
        PLACEMENT = "placement", _("A placement was prolonged, paused or ended")

    # The others wait in the work list, until they are done.
    NEWS = (
        Kind.CANNOT_USE,
        Kind.REPLIED,
        Kind.ACCEPTED,
        Kind.WITH_QUESTIONS,
        Kind.DECLINED,
        Kind.CORRECTED,
        Kind.FEEDBACK,
        Kind.CONTACT_PASSED,
        Kind.COMPANY,
        Kind.DIFFERENTLY,
        Kind.AGREED,
        Kind.PLACEMENT,
    )

    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, null=True, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=120, unique=True)
    path = models.CharField(max_length=200)  # the page where it stands
    made_at = models.DateTimeField(default=timezone.now)
    delivery = models.ForeignKey(
        "youths.Delivery", on_delete=models.SET_NULL, null=True, related_name="notices"
    )
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
    def tell_team(cls, youth, role: str, *, but=None, **what) -> None:
        """Tell everybody who has that role in the young person's team today; not who did it."""
        team = Membership.objects.active().filter(partnership=youth.partnership_id, role=role)
        people = set(team.values_list("user", flat=True)) - {but and but.pk}
        cls.tell(people=people, youth=youth, **what)

    def see(self) -> None:
        """It is no news to this person any more; seeing it twice changes nothing."""
        Notice.objects.filter(pk=self.pk, seen_at=None).update(seen_at=timezone.now())


def morning(rhythm: str, now) -> datetime:
    """The latest morning on which mails of a rhythm went."""
    today = timezone.localtime(now)
    day = today.date() - timedelta(days=today.time() < MORNING)
    if rhythm == MailRhythm.WEEKLY:
        day -= timedelta(days=day.weekday())
    return timezone.make_aware(datetime.combine(day, MORNING))


class Delivery(models.Model):
    """One mail to one person, about everything that was due then."""

    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=80, unique=True)  # its first notice: gathered once
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient"],
                condition=Q(sent_at=None),
                name="one_mail_under_way_to_a_person",
            )
        ]

    def __str__(self):
        return str(self.pk)

    @classmethod
    def send_all(cls) -> None:
        """Send what is due; one that fails stays on the work list, and the others go."""
        for pk in dict.fromkeys(Notice.objects.unsent().values_list("recipient", flat=True)):
            try:
                if (one := cls.gather(pk)) is not None:
                    cls.send(one.pk)
            except Exception:
                log.exception("The mail to person %s could not be sent.", pk)

    @classmethod
    @transaction.atomic
    def gather(cls, recipient_id) -> "Delivery | None":
        """All that is due to a person now, as one mail; the one under way, where there is one."""
        person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=recipient_id)
        if under_way := cls.objects.filter(recipient=person, sent_at=None).first():
            return under_way
        waiting = Notice.objects.unsent().filter(recipient=person, delivery=None)
        if not waiting.filter(cls._due(person)).exists():
            return None
        # Once a mail goes, everything goes with it.
        notices = list(waiting.values_list("pk", flat=True))
        made = cls.objects.create(recipient=person, key=f"notice {notices[0]}")
        Notice.objects.filter(pk__in=notices).update(delivery=made)
        return made

    @classmethod
    def _due(cls, person) -> Q:
        """Which unsent notices of a person make a mail go now."""
        now = timezone.now()
        if person.mail_rhythm != MailRhythm.NOW:
            return Q(made_at__lte=morning(person.mail_rhythm, now))
        due = Q(kind__in=Notice.NEWS, made_at__lte=morning(MailRhythm.DAILY, now))
        if not cls.objects.filter(recipient=person, sent_at__gt=now - COOLDOWN).exists():
            due |= ~Q(kind__in=Notice.NEWS)
        return due

    @classmethod
    @transaction.atomic
    def send(cls, pk) -> bool:
        """Send one mail that says what to do and where; whether it was this call that sent it.

        An address that the mail server refuses for good is remembered, and nothing more is tried.
        """
        rows = cls.objects.select_for_update(of=("self",), skip_locked=True)
        one = rows.select_related("recipient").filter(pk=pk, sent_at=None).first()
        if one is None:
            return False
        notices = list(Notice.objects.unsent().filter(delivery=one))
        if not notices:  # whoever it was for has left the team meanwhile
            one.delete()
            return False
        try:
            one._message(notices).send()
        except SMTPRecipientsRefused as refusal:
            if any(code < PERMANENT for code, _said in refusal.recipients.values()):
                raise
            User.objects.filter(pk=one.recipient_id).update(refused_address=one.recipient.email)
            one.delete()
            return False
        one.sent_at = timezone.now()
        one.save(update_fields=["sent_at"])
        Notice.objects.filter(pk__in=[n.pk for n in notices]).update(sent_at=one.sent_at)
        return True

    def _message(self, notices) -> EmailMessage:
        """What to do, and where. Nothing of anybody: neither names nor texts."""
        home = settings.SITE_URL + reverse("home")
        with translation.override(settings.LANGUAGE_CODE):
            said = list(dict.fromkeys(str(n.get_kind_display()) for n in notices))
            if len(notices) == 1:
                subject, url = said[0], settings.SITE_URL + notices[0].path
                body = gettext(
                    "%(what)s.\n\nSign in to see it:\n\n%(url)s\n\n"
                    "Everything that waits on you stands here: %(home)s"
                ) % {"what": said[0], "url": url, "home": home}
            else:
                subject = gettext("%(n)s things in ViVirk'R") % {"n": len(notices)}
                body = gettext("%(what)s\n\nSign in to see them:\n\n%(home)s") % {
                    "what": "\n".join(f"- {what}" for what in said),
                    "home": home,
                }
        return EmailMessage(
            subject=subject,
            body=body,
            to=[self.recipient.email],
            headers={"Message-ID": f"<delivery-{self.pk}@{urlsplit(home).hostname}>"},
        )
