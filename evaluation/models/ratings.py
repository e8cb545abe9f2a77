"""The answers of three voices."""

from datetime import timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evaluation.models.figures import PartnershipProgress
from evaluation.models.indicators import Indicator, IndicatorText
from evaluation.models.rounds import RatingRound
from evaluation.progress import Voice
from partnerships.access import Role, memberships
from partnerships.models import Membership, User
from partnerships.working_days import working_days
from youths.models import Notice, Youth


class RatingRefused(Exception):
    """A rating that cannot be given now."""


class AnsweredMeanwhile(RatingRefused):
    """Somebody else answered in the same voice while this person was writing."""

    def __init__(self, by: str, at):
        super().__init__(_("Somebody else has answered meanwhile."))
        self.by, self.at = by, at


class RatingQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_ratings"):
        """All three voices, side by side, to those who may see ratings of the youth."""
        return self.filter(youth__in=Youth.objects.visible_to(user, codename).referred())

    def given(self, youth, in_round, voice: str):
        """One voice's answers about a young person in one round."""
        return self.filter(youth=youth, round=in_round, voice=voice).select_related("rated_by")


def voice_of(user, youth=None) -> str | None:
    """In whose voice a person rates: the young person, the school, or the job centre.

    With a youth it is the voice in that youth's partnership, for somebody who is in several.
    """
    voices = {Role.SCHOOL: Voice.SCHOOL, Role.CASEWORKER: Voice.CASEWORKER}
    mine = memberships(user)
    if not mine:
        return None if user.is_staff else Voice.YOUTH
    return next(
        (
            voices[m.role]
            for m in mine
            if m.role in voices and (youth is None or m.partnership_id == youth.partnership_id)
        ),
        None,
    )


class WhyNot(models.TextChoices):
    """Why a professional has not assessed something."""

    NOT_SEEN = "not_seen", _("I have not seen it")
    TOO_NEW = "too_new", _("We have not known each other long enough")
    NO_MATTER = "no_matter", _("It does not matter for this young person now")
    RATHER_NOT = "rather_not", _("The young person would rather not talk about it")


class Rating(models.Model):
    """One voice's answer to one indicator in one round. A missing step is not zero."""

    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="ratings")
    round = models.ForeignKey(RatingRound, on_delete=models.PROTECT, related_name="ratings")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="ratings")
    voice = models.CharField(max_length=12, choices=Voice)
    step = models.PositiveSmallIntegerField(null=True)  # 1 to 5; null is not assessed
    # Why it was not assessed, from professionals; the young person owes nobody a reason.
    why_not = models.CharField(max_length=12, choices=WhyNot, blank=True, db_default="")
    # The version of the words that were answered.
    wording = models.PositiveSmallIntegerField(default=1, db_default=1)
    small_step = models.CharField(_("small step"), max_length=300, blank=True)
    # Nobody where the young person answered by a link, without a sign-in.
    rated_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    rated_at = models.DateTimeField(default=timezone.now)

    objects = RatingQuerySet.as_manager()

    class Meta:
        ordering = ["round", "indicator", "voice"]
        constraints = [
            models.UniqueConstraint(
                fields=["youth", "round", "indicator", "voice"],
                include=["step"],  # so that figures are computed from the index alone
                name="one_answer_per_voice_indicator_and_round",
            ),
            models.CheckConstraint(
                condition=Q(step=None) | Q(step__gte=1, step__lte=5),
                name="a_step_is_between_1_and_5",
                violation_error_message=_("A step is between 1 and 5."),
            ),
            models.CheckConstraint(
                condition=Q(step=None) | Q(why_not=""),
                name="only_what_is_not_assessed_has_a_reason_why_not",
            ),
            models.CheckConstraint(
                condition=Q(rated_by__isnull=False) | Q(voice=Voice.YOUTH),
                name="only_a_young_person_rates_without_a_sign_in",
            ),
        ]

    def __str__(self):
        return f"{self.voice} {self.pk}"

    @classmethod
    @transaction.atomic
    def give(
        cls, *, by, youth, voice: str, answers: dict, begun_in=None, seen_at=None
    ) -> RatingRound:
        """Save a voice's answers, {indicator: (step or None, small step)}, in the open round.

        A third one says why there is no step. `by` is None where the young person has a link.

        The partnership's figures become stale in the same transaction. `begun_in` is the id of
        the round in which the answering began, `seen_at` when the answers that the person saw
        were given; without them neither is asked.

        Raises RatingRefused when the young person has no place or has left, or that round is not
        open now, and AnsweredMeanwhile when a colleague has answered since `seen_at`.
        """
        # Two who answer about one young person take turns. NO KEY: recomputing refers to the
        # youth's row while it holds the figures, and must not wait for who waits for them.
        youth = Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)
        if youth.enrolled_on is None or youth.partnership_id is None:
            raise RatingRefused(_("The young person has no place in a partnership."))
        if youth.left_on is not None:
            raise RatingRefused(_("The young person has left the course."))
        current = RatingRound.objects.open().of(youth).first()
        if current is None:
            raise RatingRefused(_("No round of rating is open now."))
        if begun_in is not None and begun_in != current.pk:
            raise RatingRefused(_("The round you began in is closed, and another one is open."))
        if begun_in is not None:
            latest = cls.objects.given(youth, current, voice).order_by("-rated_at").first()
            if latest and latest.rated_by_id != by.pk and latest.rated_at != seen_at:
                raise AnsweredMeanwhile(latest.rated_by.name, latest.rated_at)
        now = timezone.now()
        texts = IndicatorText.objects.current().filter(audience=IndicatorText.Audience.of(voice))
        wordings = dict(texts.values_list("indicator", "version"))
        cls.objects.bulk_create(
            [
                cls(
                    youth=youth,
                    round=current,
                    indicator=indicator,
                    voice=voice,
                    step=step,
                    small_step=small_step,
                    wording=wordings.get(indicator.pk, 1),
                    why_not="" if step else next(iter(why_not), ""),
                    rated_by=by,
                    rated_at=now,
                )
                for indicator, (step, small_step, *why_not) in answers.items()
            ],
            update_conflicts=True,
            unique_fields=["youth", "round", "indicator", "voice"],
            update_fields=[
                "step",
                "why_not",
                "small_step",
                "wording",
                "rated_by",
                "rated_at",
            ],  # fmt: skip,
        )
        PartnershipProgress.mark_stale(youth.partnership_id)
        return current


REMINDED_EVERY = 7  # days, at the most often, of one person


def remind(today) -> None:
    """Tell each person whose voice is missing in a round that closes soon; once a week at most.

    Of the person, not of the young people: however many wait, it is one mail.
    """
    soon = [
        one
        for one in RatingRound.objects.open().select_related("programme")
        if working_days(today, one.closes_on) <= one.programme.round_reminder_days
    ]
    people = set()
    for current in soon:
        youths = Youth.objects.active().filter(partnership__programme=current.programme_id)
        given = Rating.objects.filter(youth=OuterRef("pk"), round=current)
        for voice, role in ((Voice.SCHOOL, Role.SCHOOL), (Voice.CASEWORKER, Role.CASEWORKER)):
            missing = youths.filter(~Exists(given.filter(voice=voice))).order_by()
            teams = Membership.objects.active().filter(
                role=role, partnership__in=missing.values("partnership")
            )
            people |= set(teams.values_list("user", flat=True))
        own = youths.filter(~Exists(given.filter(voice=Voice.YOUTH)), account__is_active=True)
        people |= set(own.values_list("account", flat=True))
    told = Notice.objects.filter(
        kind=Notice.Kind.RATE, made_at__date__gt=today - timedelta(days=REMINDED_EVERY)
    )
    Notice.tell(
        people=people - set(told.values_list("recipient", flat=True)),
        kind=Notice.Kind.RATE,
        about=str(today),
        path=reverse("home"),
    )
