"""The receiver's feedback on an accepted handover: which parts helped, are outdated, were missing.

Twice, counted in days from the acceptance. It speaks of the text, and of nobody who wrote it
(docs/adr/0021).
"""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db import models, transaction
from django.db.models import Case, Count, Exists, ExpressionWrapper, F, OuterRef, Q, Value, When
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.access import SECTIONS, sections_for
from handover.models.answers import SentPart
from handover.models.catalogue import SECTION_OF, CatalogueEntry, Heading
from handover.models.decisions import DECIDING, HandoverDecision, NewerVersion
from handover.models.profiles import HandoverProfile
from handover.models.texts import HandoverRefused, in_its_section
from partnerships.access import Condition, Role, Section, Verb, conditions, partnership_ids, roles
from partnerships.encryption import EncryptedTextField
from partnerships.models import User
from partnerships.waiting import Waiting
from youths.models import Deadline, Notice, Youth, held_sections, why_held


class NotAskedFor(HandoverRefused):
    """No feedback is asked for today: no acceptance stands, or its day has not come."""


class StaleFeedback(HandoverRefused):
    """Somebody else has saved this round meanwhile; `current` is what they said."""

    def __init__(self, current):
        super().__init__(_("Somebody else has saved this feedback meanwhile."))
        self.current = current


class FeedbackQuerySet(models.QuerySet):
    def newest(self):
        """The save that counts, of each round of each profile."""
        later = Feedback.objects.filter(
            profile=OuterRef("profile"), round=OuterRef("round"), number__gt=OuterRef("number")
        )
        return self.filter(~Exists(later))


class Feedback(models.Model):
    """One save of one round. What was said is kept; the newest save of a round counts."""

    class Round(models.IntegerChoices):
        FIRST = 1, _("First feedback")
        SECOND = 2, _("Second feedback")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(HandoverProfile, on_delete=models.PROTECT, related_name="feedback")
    round = models.PositiveSmallIntegerField(choices=Round)
    number = models.PositiveSmallIntegerField()  # of the save, within the round
    version = models.PositiveSmallIntegerField()  # the one it speaks of
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["round", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "round", "number"], name="one_save_of_feedback_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(round__in=[1, 2]), name="feedback_is_given_in_two_rounds"
            ),
        ]

    def __str__(self):
        return f"{self.round} {self.pk}"

    @classmethod
    @transaction.atomic
    def give(
        cls, *, by, profile, round: int, number: int, version: int, marks: dict, missing: dict
    ) -> "Feedback":
        """Save a round; the same once more, as by a double click, is one.

        `number` is the save that was read, 0 for none. `marks` says of each part that was asked
        about what it was, or ""; `missing` in which headings something was, with words or "".
        Raises NotAskedFor, NewerVersion, StaleFeedback; HandoverRefused when nothing is said, or
        what may be read has changed. Under the youth's lock, so that no consent goes meanwhile.
        """
        locks = Youth.objects.select_for_update(of=("self",), no_key=True)
        youth = locks.select_related("partnership").get(profile=profile.pk)
        locked = profile.lock()
        due = asked_for(locked)
        if due is None or due.round != round:
            raise NotAskedFor(_("This feedback is not asked for any more."))
        if locked.version != version:
            raise NewerVersion(_("The school has sent a newer version meanwhile. Read it first."))
        if not missing and not any(marks.values()):
            raise HandoverRefused(_("Mark one part or one heading at least."))
        asked = {part.pk for part in asked_about(by, youth)}
        if set(marks) != asked or not set(missing) <= set(open_headings(by, youth)):
            raise HandoverRefused(_("What you may read has changed meanwhile. Look once more."))
        last = cls.objects.filter(profile=locked, round=round).last()
        if last and (last.given_by_id, last.said) == (by.pk, (marks, missing)):
            return last
        if (last.number if last else 0) != number:
            raise StaleFeedback(last)
        made = cls.objects.create(
            profile=locked, round=round, number=number + 1, version=version, given_by=by
        )
        FeedbackMark.objects.bulk_create(
            FeedbackMark(feedback=made, sent_part_id=pk, kind=kind) for pk, kind in marks.items()
        )
        FeedbackMissing.objects.bulk_create(
            FeedbackMissing(feedback=made, heading=h, section=SECTION_OF[h], text=text)
            for h, text in missing.items()
        )
        Notice.tell_team(
            youth,
            Role.SCHOOL,
            kind=Notice.Kind.FEEDBACK,
            about=f"{locked.pk}:{round}",  # a round is told of once, however often it is saved
            path=reverse("handover:received", args=[youth.pk]) + "#feedback",
        )
        return made

    @property
    def said(self) -> tuple[dict, dict]:
        """The marks by part, and what was missing by heading."""
        marks = dict(self.marks.values_list("sent_part_id", "kind"))
        return marks, {row.heading: row.text for row in self.missing.all()}


class MarkQuerySet(models.QuerySet):
    def visible_to(self, user, youth):
        """With the part: to whoever reads it as it was sent."""
        return self.filter(sent_part__in=SentPart.objects.visible_to(user, youth))


class FeedbackMark(models.Model):
    """What a part was to the receiver: it helped, it is outdated, or neither was said."""

    class Kind(models.TextChoices):
        HELPFUL = "helpful", _("Helped")
        OUTDATED = "outdated", _("Outdated")

    feedback = models.ForeignKey(Feedback, on_delete=models.PROTECT, related_name="marks")
    sent_part = models.ForeignKey(SentPart, on_delete=models.PROTECT, related_name="feedback_marks")
    kind = models.CharField(max_length=10, choices=Kind, blank=True)

    objects = MarkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["feedback", "sent_part"], name="a_part_is_marked_once_in_a_round"
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"


class FeedbackMissingQuerySet(models.QuerySet):
    def visible_to(self, user, youth):
        """In the sections that the person reads, consent respected, as for what was sent."""
        sections = sections_for(user, youth)
        rows = self.filter(feedback__profile__youth=youth, section__in=sections)
        if any(Condition.DISCLOSED in conditions(user, section) for section in sections):
            rows = rows.alias(held=why_held("feedback__profile__youth__")).filter(held="")
        return rows


class FeedbackMissing(models.Model):
    """That something was missing under a heading, and in a few words what."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    feedback = models.ForeignKey(Feedback, on_delete=models.PROTECT, related_name="missing")
    heading = models.CharField(max_length=20, choices=Heading.grouped(SECTIONS))
    section = models.CharField(max_length=20, choices=[(s, Section(s).label) for s in SECTIONS])
    text = EncryptedTextField(_("what was missing"), max_length=500, blank=True)

    objects = FeedbackMissingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["feedback", "heading"], name="what_was_missing_is_said_once_a_heading"
            ),
            models.CheckConstraint(
                condition=in_its_section(), name="what_was_missing_stands_in_its_section"
            ),
        ]

    def __str__(self):
        return f"{self.heading} {self.pk}"


# -- When, and about what ------------------------------------------------------------------------


def acceptances():
    """The acceptances that stand, each with the days of both rounds, and `round`, which it is."""

    def after(days):
        programme = f"profile__youth__partnership__programme__{days}"
        on = TruncDate("decided_at") + F(programme)
        return ExpressionWrapper(on, output_field=models.DateField())

    today = timezone.localdate()
    return (
        HandoverDecision.objects.newest()
        .filter(kind__in=HandoverDecision.ACCEPTING, profile__youth__left_on=None)
        .annotate(first_on=after("feedback_first_days"), second_on=after("feedback_second_days"))
        .annotate(
            round=Case(
                When(second_on__lte=today, then=Value(Feedback.Round.SECOND.value)),
                When(first_on__lte=today, then=Value(Feedback.Round.FIRST.value)),
                output_field=models.IntegerField(),
            )
        )
    )


def rounds_of(youth) -> HandoverDecision | None:
    """The acceptance that stands of a young person's handover, with the days of its rounds."""
    return acceptances().filter(profile__youth=youth).first()


def asked_for(profile) -> HandoverDecision | None:
    """The acceptance of a profile of which a round is open today, with its `round`."""
    return acceptances().filter(profile=profile.pk, round__isnull=False).first()


def asked_about(user, youth):
    """The parts that the person is asked about: what stands today, and they answer and may read.

    An acceptance holds for what the school has sent since; an earlier text is in nobody's use.
    """
    sections = sections_for(user, youth, Verb.ANSWER)
    return SentPart.objects.visible_to(user, youth).current().filter(section__in=sections)


def open_headings(user, youth) -> list[Heading]:
    """The headings under which the person may say that something was missing."""
    sections = sections_for(user, youth, Verb.ANSWER)
    held = held_sections(youth, sections)
    return Heading.of([section for section in sections if section not in held])


def feedback_waiting_on(user, youth=None) -> list[Waiting]:
    """The rounds whose day has come, and that nobody has given yet. One query."""
    if Role.CASEWORKER not in roles(user):
        return []
    given = Feedback.objects.filter(profile=OuterRef("profile"), round=OuterRef("round"))
    closed = Deadline.objects.closed_outside
    rows = acceptances().filter(
        ~Exists(given),
        ~(Q(round=Feedback.Round.FIRST) & closed("feedback_first", OuterRef("profile"))),
        ~(Q(round=Feedback.Round.SECOND) & closed("feedback_second", OuterRef("profile"))),
        round__isnull=False,
        profile__youth__partnership__in=partnership_ids(user, DECIDING),
    )
    if youth is not None:
        rows = rows.filter(profile__youth=youth)
    return [_to_give(row) for row in rows.select_related("profile__youth__partnership__school")]


def _to_give(row) -> Waiting:
    youth = row.profile.youth
    since = row.first_on if row.round == Feedback.Round.FIRST else row.second_on
    return Waiting(
        what=gettext("Feedback to the school on the handover of %(name)s") % {"name": youth.name},
        why=gettext(
            "It takes one minute. %(school)s learns what helped, and what to write more of."
        )
        % {"school": youth.partnership.school.name},
        since=timezone.make_aware(datetime.combine(since, time.min)),
        url=reverse("handover:feedback", args=[youth.pk]),
        youth_id=youth.pk,
    )


# -- On a page -----------------------------------------------------------------------------------


def with_feedback(user, youth, parts) -> None:
    """Give each part, working text or sent, what the receiver has said of it: one query.

    `feedback` has the newest of each round, each with `is_earlier` when it is about another text.
    """
    found = {}
    rows = FeedbackMark.objects.visible_to(user, youth).exclude(kind="")
    rows = rows.filter(
        sent_part__part__in=[getattr(one, "part_id", one.pk) for one in parts],
        feedback__in=Feedback.objects.newest(),
    )
    for row in rows.select_related("feedback", "sent_part").order_by("feedback__round"):
        found.setdefault(row.sent_part.part_id, []).append(row)
    for one in parts:
        one.feedback = found.get(getattr(one, "part_id", one.pk), [])
        for row in one.feedback:
            row.is_earlier = row.sent_part.revision < one.revision


def missing_by_heading(user, youth) -> dict[str, list[FeedbackMissing]]:
    """What was missing, under the headings that the person reads."""
    found = {}
    rows = FeedbackMissing.objects.visible_to(user, youth)
    rows = rows.filter(feedback__in=Feedback.objects.newest())
    for row in rows.select_related("feedback").order_by("feedback__round"):
        found.setdefault(row.heading, []).append(row)
    return found


# -- A year of it --------------------------------------------------------------------------------


@dataclass
class Counted:
    """How many parts were asked about, helped and were outdated; of a heading, or of a label."""

    title: str
    asked: int = 0
    helpful: int = 0
    outdated: int = 0


@dataclass
class HeadingCounted(Counted):
    """With what was missing, in so many young people's handovers, and the labels under it."""

    heading: str = ""
    missing: int = 0
    labels: list[Counted] = field(default_factory=list)


def _read_by(user, section: str, youth: str) -> Q:
    """Rows of whoever in a section that the person reads, by the way to section and youth."""
    found = Q(pk__in=[])
    for code in SECTIONS:
        ids = partnership_ids(user, f"{Verb.VIEW}_{code}")
        found |= Q(**{section: code, f"{youth}__partnership__in": ids})
    return found


def _between(begins: date, ends: date) -> dict:
    return {
        "feedback__in": Feedback.objects.newest(),
        "feedback__given_at__date__gte": begins,
        "feedback__given_at__date__lt": ends,
    }


def year_of_feedback(user, begins: date, ends: date) -> list[HeadingCounted]:
    """By heading and label, what was said of the handovers that the person reads. Three queries.

    Counts of parts and of handovers; a part that was marked in both rounds counts once for each
    mark. First what was missing most, then what was outdated.
    """
    found = {h: HeadingCounted(Heading(h).label, heading=h) for h in Heading.values}
    marks = FeedbackMark.objects.filter(
        _read_by(user, "sent_part__section", "sent_part__profile__youth"), **_between(begins, ends)
    )

    def parts(**kind):
        return Count("sent_part__part", distinct=True, filter=Q(**kind) if kind else None)

    rows = marks.values("sent_part__heading", "sent_part__entry").annotate(
        asked=parts(),
        helpful=parts(kind=FeedbackMark.Kind.HELPFUL),
        outdated=parts(kind=FeedbackMark.Kind.OUTDATED),
    )
    rows = list(rows.order_by("sent_part__entry__position", "sent_part__entry"))
    entries = CatalogueEntry.objects.in_bulk({row["sent_part__entry"] for row in rows} - {None})
    for row in rows:
        one, entry = found[row["sent_part__heading"]], entries.get(row["sent_part__entry"])
        numbers = {name: row[name] for name in ("asked", "helpful", "outdated")}
        one.labels.append(Counted(entry.words if entry else _("In own words"), **numbers))
        for name, number in numbers.items():
            setattr(one, name, getattr(one, name) + number)
    missing = missing_of_year(user, begins, ends).values("heading")
    missing = missing.annotate(n=Count("feedback__profile", distinct=True)).order_by()
    for row in missing:
        found[row["heading"]].missing = row["n"]
    said = [one for one in found.values() if one.asked or one.missing]
    return sorted(said, key=lambda one: (-one.missing, -one.outdated))


def missing_of_year(user, begins: date, ends: date):
    """What was missing in that time, in the cases that the person reads; the newest first."""
    rows = FeedbackMissing.objects.filter(
        _read_by(user, "section", "feedback__profile__youth"), **_between(begins, ends)
    )
    return rows.order_by("-feedback__given_at", "pk")


def years_with_feedback(user) -> list[int]:
    """The years in whose autumn a school year begins that has feedback, the newest first."""
    rows = Feedback.objects.filter(
        profile__youth__partnership__in=partnership_ids(user, f"{Verb.VIEW}_{Section.DIRECTION}")
    )
    first = rows.aggregate(at=models.Min("given_at"))["at"]
    now = school_year(timezone.localdate())
    return list(range(now, school_year(timezone.localdate(first)) - 1, -1)) if first else [now]


def school_year(day: date) -> int:
    """The year in which the school year of a day began: on 1 August."""
    return day.year if day.month >= 8 else day.year - 1
