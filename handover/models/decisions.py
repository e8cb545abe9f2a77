"""The receiver's answer to a handover as a whole. What was answered is kept; the newest counts."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Exists, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.access import SECTIONS, WRITING, sections_for
from handover.models.answers import PartAnswer, SentPart, open_since
from handover.models.profiles import HandoverProfile
from handover.models.texts import HandoverRefused
from partnerships.access import Condition, Role, Section, Verb, conditions, partnership_ids, roles
from partnerships.encryption import EncryptedTextField
from partnerships.models import Membership, User
from partnerships.waiting import Waiting
from partnerships.working_days import days_ago, days_since
from youths.models import Notice, Youth, why_held

# Who holds this answers a handover as a whole.
DECIDING = f"{Verb.ANSWER}_{Section.DIRECTION}"
REMINDED_EVERY = 7  # days
REMINDED_AFTER = "partnership__programme__handover_reminder_days"


class NotAllAnswered(HandoverRefused):
    """A part waits for its answer, or a question for its reply: no acceptance without questions."""


class NewerVersion(HandoverRefused):
    """A version has arrived that the person has not answered for."""


class CoursePlanned(HandoverRefused):
    """The first meeting was held, and the course is planned: the answer stands."""


class DecisionQuerySet(models.QuerySet):
    def newest(self):
        """The one that counts, of each profile."""
        later = HandoverDecision.objects.filter(
            profile=OuterRef("profile"), number__gt=OuterRef("number")
        )
        return self.filter(~Exists(later))

    def refusing(self):
        """Those that return or decline a version, unless that version was answered otherwise."""
        otherwise = HandoverDecision.objects.filter(
            profile=OuterRef("profile"), version=OuterRef("version"), number__gt=OuterRef("number")
        )
        return self.filter(~Exists(otherwise), kind__in=HandoverDecision.REFUSING)


class HandoverDecision(models.Model):
    """One answer to one version: accept, accept with questions, return, decline."""

    class Kind(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        WITH_QUESTIONS = "with_questions", _("Accepted with questions")
        RETURNED = "returned", _("Returned for completion")
        DECLINED = "declined", _("Declined")

    ACCEPTING = (Kind.ACCEPTED, Kind.WITH_QUESTIONS)
    REFUSING = (Kind.RETURNED, Kind.DECLINED)

    class DeclinedBecause(models.TextChoices):
        ANOTHER_AUTHORITY = "another_authority", _("Another municipality is responsible")
        ANOTHER_OFFER = "another_offer", _("Another offer is under way already")
        YOUTH_SAYS_NO = "youth_says_no", _("The young person does not want this course")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(HandoverProfile, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField()  # the one it speaks of
    kind = models.CharField(_("your answer"), max_length=16, choices=Kind)
    text = EncryptedTextField(_("message"), max_length=2000, blank=True)
    declined_because = models.CharField(
        _("reason"), max_length=20, choices=DeclinedBecause, blank=True
    )
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "number"], name="one_answer_to_the_whole_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(kind="declined") & ~Q(declined_because="") & ~Q(text="")
                | ~Q(kind="declined") & Q(declined_because=""),
                name="declining_a_handover_has_a_reason_and_words",
                violation_error_message=_("Choose a reason, and write why."),
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @property
    def accepts(self) -> bool:
        return self.kind in self.ACCEPTING

    @classmethod
    @transaction.atomic
    def give(
        cls, *, by, profile, version: int, kind: str, text="", declined_because="", missing=None
    ) -> "HandoverDecision":
        """Answer one version as a whole; the same answer twice in a row is one.

        `missing` says in words what is missing, by section. Raises NewerVersion, CoursePlanned,
        NotAllAnswered, or HandoverRefused when the school has sent nothing, the young person has
        left, or words are missing. Under the youth's lock, so that no consent goes meanwhile.
        """
        locks = Youth.objects.select_for_update(of=("self",), no_key=True)
        youth = locks.select_related("partnership").get(profile=profile.pk)
        locked, missing = profile.lock(), missing or {}
        cls._refuse_the_state(locked, youth, version)
        cls._refuse_the_answer(locked, kind, text, declined_because, missing)
        last = locked.decisions.first()
        if last and last.repeats(by, version, kind, text, declined_because, missing):
            return last
        made = cls.objects.create(
            profile=locked,
            number=last.number + 1 if last else 1,
            version=version,
            kind=kind,
            text=text,
            declined_because=declined_because,
            decided_by=by,
        )
        MissingKnowledge.objects.bulk_create(
            MissingKnowledge(decision=made, section=section, text=words)
            for section, words in missing.items()
        )
        Notice.tell_team(
            youth,
            Role.SCHOOL,
            kind=kind,
            about=str(made.pk),
            path=reverse("handover:received", args=[youth.pk]) + "#whole",
        )
        return made

    @staticmethod
    def _refuse_the_state(profile, youth, version) -> None:
        if not profile.version or youth.left_on:
            raise HandoverRefused(_("There is no handover to answer."))
        if profile.version != version:
            raise NewerVersion(_("The school has sent a newer version meanwhile. Read it first."))
        if profile.meetings.held().exists():
            raise CoursePlanned(_("The first meeting was held. The answer can no longer change."))

    @classmethod
    def _refuse_the_answer(cls, profile, kind, text, declined_because, missing) -> None:
        if kind == cls.Kind.RETURNED and not missing:
            raise HandoverRefused(_("Write what is missing, in one section at least."))
        if kind == cls.Kind.DECLINED and not (declined_because and text.strip()):
            raise HandoverRefused(_("Choose a reason, and write why."))
        if kind == cls.Kind.ACCEPTED and is_open(profile):
            raise NotAllAnswered(
                _("Every part must be answered, and no question of yours may be open.")
            )

    def repeats(self, by, version, kind, text, declined_because, missing) -> bool:
        """Whether somebody sends this very answer once more, as a double click does."""
        said = (self.decided_by_id, self.version, self.kind, self.text, self.declined_because)
        return said == (by.pk, version, kind, text, declined_because) and missing == {
            row.section: row.text for row in self.missing.all()
        }


def is_open(profile) -> bool:
    """Whether a part that reaches the municipality, or a question on one, awaits its answer."""
    delivered = profile.sent_parts.current().disclosed()
    return (
        delivered.unanswered().exists()
        or PartAnswer.objects.open_questions().filter(sent_part__in=delivered).exists()
    )


class MissingQuerySet(models.QuerySet):
    def visible_to(self, user, youth):
        """In the sections that the person reads, consent respected, as for what was sent."""
        sections = sections_for(user, youth)
        rows = self.filter(decision__profile__youth=youth, section__in=sections)
        if any(Condition.DISCLOSED in conditions(user, section) for section in sections):
            rows = rows.alias(held=why_held("decision__profile__youth__")).filter(held="")
        return rows


class MissingKnowledge(models.Model):
    """What the receiver misses in one section of what was returned."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(HandoverDecision, on_delete=models.PROTECT, related_name="missing")
    section = models.CharField(max_length=20, choices=[(s, Section(s).label) for s in SECTIONS])
    text = EncryptedTextField(_("what is missing"), max_length=1000)

    objects = MissingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "section"], name="what_is_missing_is_said_once_a_section"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="what_is_missing_has_words"),
        ]

    def __str__(self):
        return f"{self.section} {self.pk}"


# -- Where it stands ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """Whose turn it is with the handover as a whole.

    `turn` is "receiver", "sender" or "" when it is accepted or declined; `since` when it came to
    them; `can_change` whether the receiver may still answer otherwise.
    """

    decision: HandoverDecision | None
    turn: str
    since: datetime | None
    can_change: bool

    @property
    def days(self) -> int:
        """Working days, as for the reminder."""
        return days_since(self.since) if self.since else 0


def standing_of(youth, summary, *, planned=False) -> Standing | None:
    """Where a sent handover stands; `planned` once the first meeting was held. One query."""
    if summary is None:
        return None
    found = HandoverDecision.objects.filter(profile__youth=youth).newest()
    decision = found.select_related("decided_by").first()
    can_change = not planned and not youth.left_on
    if decision is None or (not decision.accepts and decision.version < summary.version):
        if summary.unanswered or not summary.open_questions:
            since = summary.waiting_since or summary.undecided_since
            return Standing(decision, "receiver", since, can_change)
        return Standing(decision, "sender", summary.asked_since, can_change)
    if decision.kind == decision.Kind.RETURNED:
        return Standing(decision, "sender", decision.decided_at, can_change)
    return Standing(decision, "", None, can_change)


# -- What waits ---------------------------------------------------------------------------------


def _with_newest(profiles):
    """Each profile with the kind, version and time of its newest answer."""
    newest = HandoverDecision.objects.filter(profile=OuterRef("pk")).order_by("-number")
    return profiles.annotate(
        **{
            f"last_{name}": Subquery(newest.values(name)[:1])
            for name in ("kind", "version", "decided_at")
        }
    )


def undecided(profiles):
    """Those sent, of youths in the course, that wait for the receiver's answer to the whole.

    Each with `came_at`: when the first version that is not answered was sent, or the last reply
    to a question was given.
    """
    replies = PartAnswer.objects.filter(
        sent_part__profile=OuterRef("pk"), sent_part__last_version=None, replied_at__isnull=False
    ).order_by("-replied_at")
    refused = Q(last_kind__in=HandoverDecision.REFUSING, last_version__lt=F("version"))
    return (
        _with_newest(profiles.filter(version__gte=1, youth__left_on=None))
        .filter(Q(last_kind=None) | refused)
        .annotate(came_at=Greatest(open_since("pk"), Subquery(replies.values("replied_at")[:1])))
    )


class Stalled(models.TextChoices):
    """Why a handover has not moved for longer than the programme gives it."""

    UNSENT = "unsent", _("STU ends within three months, and no handover is sent")
    UNANSWERED = "unanswered", _("A handover waits too long for its answer")
    RETURNED = "returned", _("A returned handover waits too long to be completed")
    UNMET = "unmet", _("The first meeting is overdue")


UNSENT_BEFORE_STU_ENDS = timedelta(days=90)


def stalled(programme, why: str):
    """The programme's young people in the course whose handover has not moved, for this reason.

    Source: the programme's working days to answer a handover; the receiver, the sender and both
    for the meeting have as many each.
    """
    youths = Youth.objects.active().filter(partnership__programme=programme.pk).order_by()
    last = days_ago(programme.handover_answer_days + 1)
    mine = HandoverProfile.objects.filter(youth=OuterRef("pk"))
    sent = mine.filter(version__gte=1)
    if why == Stalled.UNSENT:
        soon = timezone.localdate() + UNSENT_BEFORE_STU_ENDS
        return youths.filter(~Exists(sent), stu_ends_on__lte=soon)
    rows = {
        Stalled.UNANSWERED: lambda: undecided(mine).filter(came_at__date__lte=last),
        Stalled.RETURNED: lambda: _with_newest(sent).filter(
            last_kind=HandoverDecision.Kind.RETURNED,
            last_version=F("version"),
            last_decided_at__date__lte=last,
        ),
        Stalled.UNMET: lambda: _with_newest(sent).filter(
            Q(meetings=None, last_decided_at__date__lte=last)
            | Q(
                meetings__held_on=None,
                meetings__is_first=True,
                meetings__planned_on__lt=timezone.localdate(),
            ),
            last_kind__in=HandoverDecision.ACCEPTING,
        ),
    }[why]()
    return youths.filter(Exists(rows))


def _delivered():
    """The parts of a profile that reach the municipality, as a correlated subquery."""
    return SentPart.objects.current().disclosed().filter(profile=OuterRef("pk"))


def _asked():
    """Those of them on which a question awaits its reply."""
    questions = PartAnswer.objects.open_questions().filter(sent_part=OuterRef("pk"))
    return _delivered().filter(Exists(questions))


def decisions_waiting_on(user, youth=None) -> list[Waiting]:
    """A caseworker who has answered every part answers the whole; a school completes."""
    rows = HandoverProfile.objects.all()
    if youth is not None:
        rows = rows.filter(youth=youth)
    if Role.CASEWORKER in roles(user):
        rows = rows.filter(youth__partnership__in=partnership_ids(user, DECIDING))
        rows = undecided(rows).filter(~Exists(_delivered().unanswered()), ~Exists(_asked()))
        rows = rows.select_related("youth__partnership__school")
        return [_to_decide(row) for row in rows]
    if Role.SCHOOL in roles(user):
        rows = rows.filter(
            youth__partnership__in=partnership_ids(user, WRITING),
            youth__left_on=None,
            status=HandoverProfile.Status.SENT,
        )
        rows = _with_newest(rows).filter(last_kind="returned", last_version=F("version"))
        return [_to_complete(r) for r in rows.select_related("youth__partnership__municipality")]
    return []


def _to_decide(row) -> Waiting:
    return Waiting(
        what=gettext("Answer the whole handover of %(name)s") % {"name": row.youth.name},
        why=gettext("You have answered every part. %(school)s waits for your yes or no.")
        % {"school": row.youth.partnership.school.name},
        since=row.came_at,
        url=reverse("handover:received", args=[row.youth_id]) + "#whole",
        youth_id=row.youth_id,
    )


def _to_complete(row) -> Waiting:
    return Waiting(
        what=gettext("Complete the handover of %(name)s") % {"name": row.youth.name},
        why=gettext("%(municipality)s has returned it, and says what is missing.")
        % {"municipality": row.youth.partnership.municipality.name},
        since=row.last_decided_at,
        url=reverse("handover:write", args=[row.youth_id]),
        youth_id=row.youth_id,
    )


def remind(today) -> None:
    """Tell each caseworker at whom a handover has waited too long; once a week at most.

    Of the person, not of the handover: however many wait, it is one mail.
    """
    parts = SentPart.objects.current().disclosed().unanswered().with_came_at()
    to_answer = (
        parts.filter(came_at__isnull=False, profile__youth__left_on=None)
        .order_by()
        .values_list("profile__youth__partnership", f"profile__youth__{REMINDED_AFTER}")
        .annotate(since=Min("came_at"))
    )
    to_decide = undecided(HandoverProfile.objects.all()).filter(~Exists(_asked()))
    to_decide = to_decide.values_list("youth__partnership", f"youth__{REMINDED_AFTER}", "came_at")
    late = {
        partnership
        for partnership, after, since in (*to_answer, *to_decide)
        if days_since(since, today) >= after
    }
    told = Notice.objects.filter(
        kind=Notice.Kind.REMINDER, made_at__date__gt=today - timedelta(days=REMINDED_EVERY)
    )
    people = (
        Membership.objects.active()
        .filter(role=Role.CASEWORKER, partnership__in=late)
        .exclude(user__in=told.values("recipient"))
    )
    Notice.tell(
        people=set(people.values_list("user", flat=True)),
        kind=Notice.Kind.REMINDER,
        about=str(today),
        path=reverse("home"),
    )
