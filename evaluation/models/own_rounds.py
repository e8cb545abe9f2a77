"""How a young person answers a round: on the own sign-in, by a link, or beside somebody."""

import secrets
import uuid
from datetime import datetime, time, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation.models.ratings import Rating, RatingRefused
from evaluation.models.rounds import RatingRound
from evaluation.progress import Voice
from partnerships.encryption import EncryptedTextField
from partnerships.models import Status
from youths.models import Link, LinkQuerySet, Sitting, Youth, hash_of

EASIER_LENGTH = 600


class RoundLinkQuerySet(LinkQuerySet):
    def usable(self):
        """Not ended and not run out, of a round that is open, for somebody in the course.

        And only while the agreement is signed: with it ends what the young person may write.
        """
        rows = self.standing().filter(
            round__in=RatingRound.objects.open(),
            youth__in=Youth.objects.active(),
            youth__partnership__status=Status.SIGNED,
        )
        return rows.select_related(
            "youth__partnership__school", "youth__partnership__municipality", "round"
        )

    def named(self, token: str) -> "RoundLink | None":
        """While nobody has begun by it: it is for one browser."""
        return super(RoundLinkQuerySet, self.filter(begun_at=None)).named(token)


class RoundLink(Link):
    """One young person's answers in one round, without a sign-in: once, in one browser.

    It opens the questions and what was answered by it, nothing else. A new one ends the one before.
    """

    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="round_links")
    round = models.ForeignKey(RatingRound, on_delete=models.PROTECT, related_name="+")

    objects = RoundLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["youth", "round"],
                condition=Q(ended_at=None),
                name="one_link_to_a_round_at_a_time",
            ),
        ]

    @classmethod
    @transaction.atomic
    def give(cls, *, by, youth) -> tuple["RoundLink", str]:
        """A new link and its token, which is told here and never again.

        Raises RatingRefused when no round is open or the young person has left.
        """
        youth = Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)
        current = RatingRound.objects.open().of(youth).first()
        if current is None or youth.left_on is not None:
            raise RatingRefused(_("No round of rating is open now."))
        cls.take_back(youth)
        token = secrets.token_urlsafe(24)
        midnight = datetime.combine(current.closes_on + timedelta(days=1), time.min)
        link = cls.objects.create(
            youth=youth,
            round=current,
            token_hash=hash_of(token),
            made_by=by,
            expires_at=timezone.make_aware(midnight),
        )
        return link, token

    @classmethod
    def take_back(cls, youth) -> None:
        """Whoever holds a link to this young person's round can use it no more; twice is once."""
        cls.objects.filter(youth=youth, ended_at=None).update(ended_at=timezone.now())


class OwnRoundQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(youth__in=Youth.objects.visible_to(user, "view_ratings").referred())


class OwnRound(models.Model):
    """What the answers of one young person in one round came about by, and what is easier now."""

    class How(models.TextChoices):
        OWN = "own", gettext_lazy("On the own sign-in")
        LINK = "link", gettext_lazy("By a link")
        TOGETHER = "together", gettext_lazy("Together with the school")

    class Helper(models.TextChoices):
        NOBODY = "nobody", gettext_lazy("No, I answered alone")
        SCHOOL = "school", gettext_lazy("Somebody from my school")
        JOB_CENTRE = "job_centre", gettext_lazy("Somebody from the job centre")
        HOME = "home", gettext_lazy("Somebody at home")
        OTHER = "other", gettext_lazy("Somebody else")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="own_rounds")
    round = models.ForeignKey(RatingRound, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=8, choices=How)
    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, null=True, related_name="+")
    helper = models.CharField(max_length=12, choices=Helper, blank=True)  # as the youth says it
    easier = EncryptedTextField(max_length=EASIER_LENGTH, blank=True)
    may_be_quoted = models.BooleanField(default=False)
    finished_at = models.DateTimeField(null=True)

    objects = OwnRoundQuerySet.as_manager()

    class Meta:
        ordering = ["round"]
        constraints = [
            models.UniqueConstraint(
                fields=["youth", "round"], name="a_young_person_answers_a_round_once"
            ),
            models.CheckConstraint(
                condition=Q(how="together", sitting__isnull=False)
                | (~Q(how="together") & Q(sitting=None)),
                name="together_is_a_sitting",
            ),
            models.CheckConstraint(
                condition=Q(may_be_quoted=False) | ~Q(easier=""),
                name="only_words_that_are_there_may_be_quoted",
            ),
        ]

    def __str__(self):
        return f"{self.how} {self.pk}"

    @classmethod
    @transaction.atomic
    def answer(cls, *, by, youth, answers, sitting=None, link=None) -> RatingRound:
        """Save answers in the young person's voice, and note who was there.

        Raises RatingRefused as Rating.give does, and when the link or the time together is over.
        """
        current = Rating.give(by=by, youth=youth, voice=Voice.YOUTH, answers=answers)
        cls._note(youth, current, sitting, link)
        return current

    @classmethod
    @transaction.atomic
    def end_with(
        cls,
        *,
        youth,
        easier: str,
        may_be_quoted: bool,
        helper: str,
        done: bool,
        sitting=None,
        link=None,
    ) -> "OwnRound":
        """Save what has become easier, whether it may be quoted, and who helped.

        When the young person is done, a link is used up; until then all is kept for later.

        Raises RatingRefused when no round is open, or the link or the time together is over.
        """
        youth = Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)
        current = RatingRound.objects.open().of(youth).first()
        if current is None or youth.left_on is not None:
            raise RatingRefused(_("No round of rating is open now."))
        own = cls._note(youth, current, sitting, link)
        own.easier = easier.strip()
        own.may_be_quoted = may_be_quoted and bool(own.easier)
        own.helper = "" if own.how == cls.How.TOGETHER else helper
        own.finished_at = timezone.now() if done else own.finished_at
        own.save()
        if link is not None and done:
            RoundLink.objects.filter(pk=link.pk).update(ended_at=timezone.now())
        return own

    @classmethod
    def _note(cls, youth, current, sitting, link) -> "OwnRound":
        """Once somebody from the school sat beside, the round says so, whatever comes after."""
        if link is not None and not RoundLink.objects.usable().filter(pk=link.pk).exists():
            raise RatingRefused(_("This link can be used no more."))
        if sitting is not None and not Sitting.objects.open().filter(pk=sitting.pk).exists():
            raise RatingRefused(_("The time together is over. Start it again, and then save."))
        own, _new = cls.objects.get_or_create(
            youth=youth,
            round=current,
            defaults={"how": cls._how(sitting, link), "sitting": sitting},
        )
        if own.how != cls.How.TOGETHER and own.how != cls._how(sitting, link):
            own.how, own.sitting = cls._how(sitting, link), sitting
            own.save(update_fields=["how", "sitting"])
        return own

    @classmethod
    def _how(cls, sitting, link) -> str:
        if sitting is not None:
            return cls.How.TOGETHER
        return cls.How.OWN if link is None else cls.How.LINK

    @property
    def presence(self) -> str:
        """Who was there, in words; empty where nothing is known."""
        if self.sitting is not None:
            by = {"by": self.sitting.led_by.name}
            if self.sitting.pen == Sitting.Pen.STAFF:
                return _("Answered together with %(by)s, who wrote it down.") % by
            return _("Answered together with %(by)s.") % by
        if not self.helper:
            return ""
        if self.helper == self.Helper.NOBODY:
            return _("Answered alone.")
        return _("Somebody helped: %(who)s.") % {"who": _HELPERS[self.helper]}


_HELPERS = {
    OwnRound.Helper.SCHOOL: gettext_lazy("from the school"),
    OwnRound.Helper.JOB_CENTRE: gettext_lazy("from the job centre"),
    OwnRound.Helper.HOME: gettext_lazy("from home"),
    OwnRound.Helper.OTHER: gettext_lazy("somebody else"),
}
