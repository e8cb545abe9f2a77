"""A company's link to one placement, without an account: given on screen, or mailed.

The token is made from a secret of the server and the link's own id, so that a worker can still
mail it when the mail server was down, and nothing by which it opens is kept (docs/adr/0037).
"""

import base64
import logging
import uuid
from datetime import datetime, time, timedelta
from smtplib import SMTPRecipientsRefused
from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from youths.models.links import Link, LinkQuerySet, hash_of
from youths.models.notices import PERMANENT
from youths.models.placements import Placement, PlacementRefused

log = logging.getLogger(__name__)

HELD = "placement_links"  # the key of the session: ids of the links that were opened in it
MARGIN = timedelta(days=28)  # a placement that is prolonged by a few weeks keeps its link


def _token(pk, secret: str) -> str:
    """192 bits and more, from the server's secret and an id that is random itself."""
    made = salted_hmac("youths.PlacementLink", str(pk), secret=secret, algorithm="sha256")
    return base64.urlsafe_b64encode(made.digest()).decode().rstrip("=")


class PlacementLinkQuerySet(LinkQuerySet):
    def usable(self):
        """Standing, of a placement that runs in a partnership that is still signed."""
        return (
            self.standing()
            .filter(placement__in=Placement.objects.running())
            .select_related("placement__youth", "placement__employer", "placement__contact")
        )

    def held_in(self, session):
        """Those that were opened in this browser, and may still be used."""
        return self.usable().filter(pk__in=session.get(HELD, []))

    def to_mail(self):
        """The work list of the mails: to an address, not sent, and still of use."""
        return self.usable().filter(~Q(mail_to=""), mailed_at=None, refused_at=None)


class PlacementLink(Link):
    """What a company without an account opens: one placement, in one browser, while it runs.

    A new one for the same purpose ends the one before.
    """

    class Purpose(models.TextChoices):
        FOLLOW = "follow", _("To see the placement and to give feedback")

    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="links")
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.FOLLOW)
    # It is its own delivery: one mail at most, with one Message-ID however often it is tried.
    mail_to = models.EmailField(blank=True)
    mailed_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)  # by the mail server, for good

    objects = PlacementLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "purpose"],
                condition=Q(ended_at=None),
                name="one_link_to_a_placement_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(mail_to="") | Q(mailed_at=None, refused_at=None),
                name="what_is_mailed_has_an_address",
            ),
            models.CheckConstraint(
                condition=Q(mailed_at=None) | Q(refused_at=None),
                name="a_mail_is_sent_or_refused",
            ),
        ]

    @classmethod
    @transaction.atomic
    def give(
        cls, *, by, placement, purpose: str = Purpose.FOLLOW, mail_to: str = ""
    ) -> tuple["PlacementLink", str]:
        """A new link and its token, to be shown once; with an address a worker mails it, too.

        Raises PlacementRefused when the placement does not run.
        """
        locked = Placement.objects.select_for_update(of=("self",), no_key=True).get(pk=placement.pk)
        if not Placement.objects.running().filter(pk=locked.pk).exists():
            raise PlacementRefused(_("There is a link only while the placement runs."))
        cls.take_back(locked, purpose)
        pk = uuid.uuid4()
        token = _token(pk, settings.SECRET_KEY)
        midnight = datetime.combine(locked.ends_on + timedelta(days=1), time.min)
        made = cls.objects.create(
            pk=pk,
            placement=locked,
            purpose=purpose,
            token_hash=hash_of(token),
            made_by=by,
            expires_at=timezone.make_aware(midnight) + MARGIN,
            mail_to=mail_to,
        )
        if mail_to:
            # A function with a name: Django's handling of a robust callback that fails asks for it.
            def nudge():
                current_app.send_task("youths.tasks.mail_links", retry=False, ignore_result=True)

            transaction.on_commit(nudge, robust=True)
        return made, token

    @classmethod
    def take_back(cls, placement, purpose: str = Purpose.FOLLOW) -> None:
        """Whoever holds a link to this placement can use it no more; twice is once."""
        rows = cls.objects.filter(placement=placement, purpose=purpose, ended_at=None)
        rows.update(ended_at=timezone.now())

    @property
    def token(self) -> str | None:
        """The token, made once more; None when the server's secret is another one by now."""
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            made = _token(self.pk, secret)
            if hash_of(made) == self.token_hash:
                return made
        return None

    # -- The mail

    @classmethod
    def mail_all(cls) -> None:
        """Send what is due; one that fails stays on the work list, and the others go."""
        for pk in cls.objects.to_mail().values_list("pk", flat=True):
            try:
                cls.mail(pk)
            except Exception:
                log.exception("The mail of link %s could not be sent.", pk)

    @classmethod
    @transaction.atomic
    def mail(cls, pk) -> bool:
        """Send one mail with what to do and the link; whether it was this call that sent it."""
        rows = cls.objects.to_mail().select_for_update(of=("self",), skip_locked=True)
        one = rows.filter(pk=pk).first()
        if one is None:
            return False
        token = one.token
        try:
            if token:
                one._message(token).send()
        except SMTPRecipientsRefused as refusal:
            if any(code < PERMANENT for code, _said in refusal.recipients.values()):
                raise
            token = None
        sent = bool(token)
        setattr(one, "mailed_at" if sent else "refused_at", timezone.now())
        one.save(update_fields=["mailed_at", "refused_at"])
        return sent

    def _message(self, token) -> EmailMessage:
        """What to do, and the link. Nothing of the young person, and nothing of the case."""
        url = link_address(token)
        with translation.override(settings.LANGUAGE_CODE):
            return EmailMessage(
                subject=gettext("A page for your company about a placement"),
                body=gettext(
                    "Open the page to see what is agreed and whom to call, and to say how it is "
                    "going:\n\n%(url)s\n\n"
                    "The link is for your company alone and works in the browser in which you "
                    "open it first. You need no sign-in. If this is not for you, delete the mail."
                )
                % {"url": url},
                to=[self.mail_to],
                headers={"Message-ID": f"<link-{self.pk}@{urlsplit(url).hostname}>"},
            )


def link_address(token: str) -> str:
    """Where a token opens its link. It stands in the query, which no log of ours writes."""
    return f"{settings.SITE_URL}{reverse('youths:link')}?link={token}"
