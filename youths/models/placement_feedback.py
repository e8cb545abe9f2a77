"""What a company says of a placement in two minutes, and what the young person answers to it.

Asked for on two days that the programme sets; a company may give it at any time besides.
"""

import uuid
from datetime import datetime, time

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Case, Count, Exists, ExpressionWrapper, F, OuterRef, Q, Value, When
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partnerships.access import Role, roles
from partnerships.encryption import EncryptedTextField
from partnerships.models import Membership, User
from partnerships.waiting import Waiting
from youths.models.notices import Notice
from youths.models.placement_links import PlacementLink
from youths.models.placements import Placement, PlacementRefused
from youths.models.together import Sitting

FEEDBACK_LENGTH = 600


class PlacementFeedbackQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_course"):
        """The company its own while the placement runs; others by the young person."""
        return self.filter(placement__in=Placement.objects.visible_to(user, codename))

    def unanswered(self):
        return self.filter(answer="", placement__youth__left_on=None)

    def waiting_on(self, user, youth=None) -> list[Waiting]:
        """What the young person has yet to answer; without a sign-in, beside the school."""
        rows = self.visible_to(user, "step_course").unanswered()
        if Role.SCHOOL in roles(user):
            rows = rows.filter(placement__youth__account=None)
        if youth is not None:
            rows = rows.filter(placement__youth=youth.pk)
        rows = rows.select_related("placement__youth", "placement__employer")
        return [row.as_question(own=not roles(user)) for row in rows.order_by("given_at")]


class PlacementFeedback(models.Model):
    """One feedback, as it was given: it stands. The young person's answer stands beside it."""

    class Round(models.IntegerChoices):
        BEGUN = 1, _("After the first weeks")
        ENDING = 2, _("Before the last day")

    class Again(models.TextChoices):
        YES = "yes", _("Yes")
        MAYBE = "maybe", _("Maybe")
        NO = "no", _("No")

    class Answer(models.TextChoices):
        AGREES = "agrees", _("I agree")
        DISAGREES = "disagrees", _("I see it differently")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="feedback")
    # The round that was open; empty where nobody had asked.
    round = models.PositiveSmallIntegerField(choices=Round, null=True)
    # One of the two: on the own sign-in, or by a link.
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    link = models.ForeignKey(PlacementLink, on_delete=models.PROTECT, null=True, related_name="+")
    giver_name = models.CharField(_("your name"), max_length=120)
    given_at = models.DateTimeField(default=timezone.now)
    well = EncryptedTextField(_("what goes well"), max_length=FEEDBACK_LENGTH)
    practise = EncryptedTextField(_("what to practise"), max_length=FEEDBACK_LENGTH, blank=True)
    again = models.CharField(max_length=5, choices=Again)
    weekly_hours = models.DecimalField(
        _("hours in an ordinary week"),
        max_digits=4,
        decimal_places=1,
        validators=[MinValueValidator(0), MaxValueValidator(37)],
    )
    answer = models.CharField(max_length=9, choices=Answer, blank=True)
    comment = EncryptedTextField(_("how you see it"), max_length=FEEDBACK_LENGTH, blank=True)
    answered_at = models.DateTimeField(null=True)
    # Empty when the young person answered on the own device.
    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, null=True, related_name="+")

    objects = PlacementFeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "round"], name="a_round_of_a_placement_is_answered_once"
            ),
            models.CheckConstraint(
                condition=Q(given_by__isnull=False, link=None)
                | Q(given_by=None, link__isnull=False),
                name="feedback_is_given_on_a_sign_in_or_by_a_link",
            ),
            models.CheckConstraint(condition=~Q(well=""), name="feedback_says_what_goes_well"),
            models.CheckConstraint(
                condition=Q(weekly_hours__gte=0, weekly_hours__lte=37),
                name="hours_of_feedback_are_between_0_and_37",
            ),
            models.CheckConstraint(
                condition=Q(answer="", comment="", answered_at=None, sitting=None)
                | Q(answer="agrees", comment="", answered_at__isnull=False)
                | (Q(answer="disagrees", answered_at__isnull=False) & ~Q(comment="")),
                name="who_sees_it_differently_says_how",
                violation_error_message=_("Write how you see it."),
            ),
        ]

    def __str__(self):
        return str(self.pk)

    @classmethod
    @transaction.atomic
    def give(
        cls, *, by=None, link=None, placement, giver_name: str, well: str, practise: str,
        again: str, weekly_hours,
    ) -> "PlacementFeedback":  # fmt: skip
        """Save what a company says and tell the team; the same once more is one feedback.

        `by` on a sign-in, or by a link. Raises PlacementRefused when the placement does not run,
        or the link is over.
        """
        locked = Placement.objects.select_for_update(of=("self",), no_key=True).get(pk=placement.pk)
        if not Placement.objects.running().filter(pk=locked.pk).exists():
            raise PlacementRefused(_("The placement does not run any more."))
        if link is not None and not PlacementLink.objects.usable().filter(pk=link.pk).exists():
            raise PlacementRefused(_("This link can be used no more."))
        said = {"giver_name": giver_name.strip(), "well": well.strip(), "again": again}
        said |= {"practise": practise.strip(), "weekly_hours": weekly_hours}
        last = locked.feedback.first()
        if last and all(getattr(last, name) == value for name, value in said.items()):
            return last
        due = with_rounds(Placement.objects.filter(pk=locked.pk)).get().round
        if due and locked.feedback.filter(round=due).exists():
            due = None
        made = cls.objects.create(placement=locked, round=due, given_by=by, link=link, **said)
        made._tell(Notice.Kind.COMPANY)
        return made

    @transaction.atomic
    def reply(self, *, by, answer: str, comment: str = "", sitting=None) -> None:
        """The young person agrees, or says how they see it; said anew, the newest stands.

        Raises PlacementRefused when it is said that it is different, and not how.
        """
        locked = PlacementFeedback.objects.select_for_update(of=("self",)).get(pk=self.pk)
        comment = comment.strip() if answer == self.Answer.DISAGREES else ""
        if answer == self.Answer.DISAGREES and not comment:
            raise PlacementRefused(_("Write how you see it."))
        if (locked.answer, locked.comment) != (answer, comment):
            locked.answer, locked.comment, locked.sitting = answer, comment, sitting
            locked.answered_at = timezone.now()
            locked.save()
            if answer == self.Answer.DISAGREES:
                locked._tell(Notice.Kind.DIFFERENTLY)
        self.refresh_from_db()

    def _tell(self, kind) -> None:
        for role in (Role.SCHOOL, Role.CASEWORKER):
            Notice.tell_team(
                self.placement.youth,
                role,
                kind=kind,
                about=str(self.pk),
                path=reverse("placement", args=[self.placement_id]) + "#feedback",
            )

    def as_question(self, *, own: bool) -> Waiting:
        said = {"company": self.placement.employer.name, "name": self.placement.youth.name}
        if own:
            what = gettext("Read what %(company)s says about how it is going")
            why = gettext("Say whether you agree.")
            url = reverse("youths:answer_feedback", args=[self.pk])
        else:
            what = gettext("Read the feedback of %(company)s with %(name)s")
            why = gettext("%(name)s has no sign-in. Sit together, and read it aloud.")
            url = reverse("youths:together", args=[self.placement.youth_id])
        return Waiting(
            what=what % said,
            why=why % said,
            since=self.given_at,
            url=url,
            youth_id=self.placement.youth_id,
        )


# -- When it is asked for ------------------------------------------------------------------------


def with_rounds(placements):
    """Placements with the days of both rounds, and `round`, which of them has begun if any.

    One that is too short for both has the second alone, on its first day at the earliest.
    """

    def day(expression):
        return ExpressionWrapper(expression, output_field=models.DateField())

    programme = "youth__partnership__programme__"
    today = timezone.localdate()
    over = F("ended_on")
    return placements.annotate(
        begun_on=day(F("starts_on") + F(f"{programme}placement_feedback_days")),
        ending_on=Greatest(
            "starts_on", day(F("ends_on") - F(f"{programme}placement_feedback_end_days"))
        ),
    ).annotate(
        round=Case(
            When(Q(ending_on__lte=today) & (Q(ended_on=None) | Q(ending_on__lte=over)),
                 then=Value(PlacementFeedback.Round.ENDING.value)),
            When(Q(begun_on__lte=today, begun_on__lt=F("ending_on"))
                 & (Q(ended_on=None) | Q(begun_on__lte=over)),
                 then=Value(PlacementFeedback.Round.BEGUN.value)),
            output_field=models.IntegerField(),
        )
    )  # fmt: skip


def feedback_due(placements):
    """Those that run, whose round has begun, and of which nobody has given it yet."""
    given = PlacementFeedback.objects.filter(placement=OuterRef("pk"), round=OuterRef("round"))
    return with_rounds(placements.running()).filter(~Exists(given), round__isnull=False)


def saying_if_asked(placements):
    """Placements with `is_asked`: whether feedback of the company is due."""
    due = feedback_due(Placement.objects.filter(pk=OuterRef("pk")))
    return placements.annotate(is_asked=Exists(due))


def company_feedback_waiting_on(user, youth=None) -> list[Waiting]:
    """Companies without a sign-in that the caseworker asks: by a link, or on the telephone."""
    if Role.CASEWORKER not in roles(user):
        return []
    accounts = Membership.objects.active().filter(
        organisation=OuterRef("employer"), role=Role.EMPLOYER
    )
    rows = Placement.objects.visible_to(user, "change_course")
    rows = rows.filter(~Exists(accounts), youth__left_on=None)
    if youth is not None:
        rows = rows.filter(youth=youth.pk)
    return [_to_ask(row) for row in feedback_due(rows).select_related("youth", "employer")]


def _to_ask(row) -> Waiting:
    begun = row.round == PlacementFeedback.Round.BEGUN
    since = row.begun_on if begun else row.ending_on
    return Waiting(
        what=gettext("Ask %(company)s for feedback on %(name)s")
        % {"company": row.employer.name, "name": row.youth.name},
        why=gettext("Give the company a link: it takes two minutes, and no sign-in."),
        since=timezone.make_aware(datetime.combine(since, time.min)),
        url=reverse("youths:placement_link", args=[row.pk]),
        youth_id=row.youth_id,
    )


def feedback_completion(partnership) -> tuple[int, int]:
    """How many rounds of feedback have been asked for in a partnership, and how many are given.

    A round is asked for once its day has come while the placement ran.
    """
    today = timezone.localdate()
    rows = Placement.objects.filter(youth__partnership=partnership)
    rows = with_rounds(rows.filter(youth__enrolled_on__isnull=False, starts_on__lte=today))
    rows = rows.annotate(given=Count("feedback", filter=Q(feedback__round__isnull=False)))
    asked = given = 0
    for one in rows.values("begun_on", "ending_on", "ended_on", "given"):
        last = min(today, one["ended_on"] or today)
        asked += one["begun_on"] <= last and one["begun_on"] < one["ending_on"]
        asked += one["ending_on"] <= last
        given += one["given"]
    return asked, given
