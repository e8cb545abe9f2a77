"""Breaking the glass: an administrator opens one case in an emergency, and everybody is told.

No administrator has standing access to a case. Source: docs/adr/0008.
"""

import uuid
from datetime import timedelta
from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partnerships.access import PARTNERSHIP_ROLES, administers, partnership_ids
from partnerships.models import Status, User
from youths.models.youths import Youth

AT_MOST = timedelta(minutes=60)


class EmergencyRefused(Exception):
    """An opening that cannot be made, or is over."""


class EmergencyQuerySet(models.QuerySet):
    def open_at(self, moment):
        """Not over, not closed, in a partnership that is still signed."""
        return self.filter(
            closed_at=None,
            opened_at__lte=moment,
            closes_at__gt=moment,
            youth__partnership__status=Status.SIGNED,
        )

    def visible_to(self, user):
        """To an administrator the own ones; to the team those of its young people."""
        own = Q(opened_by=user.pk) if administers(user) else Q(pk__in=[])
        return self.filter(own | Q(youth__in=Youth.objects.visible_to(user, "view_reads")))


class EmergencyOpening(models.Model):
    """One case, one administrator, one written reason, an hour at most."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="emergencies")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("why the case must be opened now"), max_length=1000)
    opened_at = models.DateTimeField(default=timezone.now)
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = EmergencyQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        indexes = [models.Index(fields=["opened_by", "closes_at"], name="openings_of_a_person")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opened_at"), closes_at__lte=F("opened_at") + AT_MOST),
                name="an_emergency_lasts_an_hour_at_most",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="an_emergency_has_a_reason"),
        ]

    def __str__(self):
        return str(self.pk)

    @staticmethod
    def openable(user):
        """Youths whose case this administrator could open: of the own programmes."""
        if not administers(user):
            return Youth.objects.none()
        rows = Youth.objects.filter(partnership__status=Status.SIGNED)
        if user.is_superuser:
            return rows
        return rows.filter(partnership__in=partnership_ids(user, "change_agreement"))

    @classmethod
    @transaction.atomic
    def open(cls, *, by, youth, reason: str) -> "EmergencyOpening":
        """Open the case for an hour and tell the school's and the municipality's team.

        Raises EmergencyRefused without a reason, for a case out of reach, and while one is open.
        """
        reason = reason.strip()
        if not reason:
            raise EmergencyRefused(_("Write why the case must be opened now."))
        if not cls.openable(by).filter(pk=youth.pk).exists():
            raise EmergencyRefused(_("This case is not in a programme of yours."))
        now = timezone.now()
        Youth.objects.select_for_update(of=("self",)).get(pk=youth.pk)
        if cls.objects.open_at(now).filter(youth=youth, opened_by=by).exists():
            raise EmergencyRefused(_("You have opened this case already."))
        made = cls.objects.create(
            youth=youth, opened_by=by, reason=reason, opened_at=now, closes_at=now + AT_MOST
        )
        team = youth.partnership.memberships.active().filter(role__in=PARTNERSHIP_ROLES)
        EmergencyNotice.tell(made, {m.user_id for m in team} - {by.pk})
        return made

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and timezone.now() < self.closes_at

    @transaction.atomic
    def close(self, *, by) -> None:
        """Close it before its hour is over; closing twice changes nothing."""
        locked = EmergencyOpening.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if by.pk != locked.opened_by_id:
            raise EmergencyRefused(_("Only who opened the case can close it."))
        if locked.is_open:
            locked.closed_at = self.closed_at = timezone.now()
            locked.save()


class EmergencyNotice(models.Model):
    """One person of the team who is told; the mail is sent by a worker, the page waits on them."""

    opening = models.ForeignKey(EmergencyOpening, on_delete=models.PROTECT, related_name="notices")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    mailed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opening", "user"], name="everybody_is_told_once")
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(mailed_at__isnull=True), name="notices_to_mail"
            ),
            models.Index(fields=["user"], condition=Q(seen_at__isnull=True), name="notices_to_see"),
        ]

    def __str__(self):
        return str(self.pk)

    @classmethod
    def tell(cls, opening, user_ids) -> None:
        """Note whom to tell, and nudge a worker to send the mails."""
        cls.objects.bulk_create(cls(opening=opening, user_id=pk) for pk in sorted(user_ids))

        # A function with a name: Django's own handling of a robust callback that fails asks for it.
        def nudge():
            current_app.send_task("youths.tasks.mail_emergencies", retry=False, ignore_result=True)

        transaction.on_commit(nudge, robust=True)

    @classmethod
    def work_list(cls):
        return cls.objects.filter(mailed_at=None)

    @classmethod
    @transaction.atomic
    def mail(cls, pk) -> bool:
        """Send one mail that says nothing of the case; whether it was this call that sent it."""
        rows = cls.work_list().select_for_update(of=("self",), skip_locked=True)
        notice = rows.select_related("user").filter(pk=pk).first()
        if notice is None:
            return False
        url = settings.SITE_URL + reverse("youths:emergency", args=[notice.opening_id])
        with translation.override(settings.LANGUAGE_CODE):
            EmailMessage(
                subject=gettext("A case in your team was opened in an emergency"),
                body=gettext(
                    "An administrator has opened a case in your team for at most one hour.\n"
                    "Sign in to see which, and why:\n\n%(url)s"
                )
                % {"url": url},
                to=[notice.user.email],
                headers={"Message-ID": f"<emergency-{notice.pk}@{urlsplit(url).hostname}>"},
            ).send()
        notice.mailed_at = timezone.now()
        notice.save(update_fields=["mailed_at"])
        return True

    def see(self) -> None:
        """It no longer waits on this person."""
        EmergencyNotice.objects.filter(pk=self.pk, seen_at=None).update(seen_at=timezone.now())
