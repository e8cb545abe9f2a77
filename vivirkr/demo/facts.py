"""What was observed of work and education, what a professional concludes, and how it ended."""

from datetime import timedelta

from django.utils import timezone

from evaluation.models import Assessment, ObservedFact, Outcome
from evaluation.models.facts import AFTER
from vivirkr.demo.dates import at
from youths.models import Placement, Youth

KINDS = {
    Placement.Kind.PRACTICE: "practice",
    Placement.Kind.PAID_HOURS: "paid_hours",
    Placement.Kind.SMALL_JOB: "job",
    Placement.Kind.FLEX_JOB: "job",
    Placement.Kind.ORDINARY: "job",
}
CONCLUSION = (
    "Freja fortæller selv kunderne, hvad der er i salatbaren, og hun ringer, hvis hun kommer for "
    "sent. For et halvt år siden turde hun ikke tage telefonen."
)


def create(cases, people) -> None:
    """A fact for each placement that is over or paid; an end for each course that has ended."""
    for case in cases:
        by = people.caseworker(case.story.partnership, 0)
        for placement in case.youth.placements.all():
            last = placement.ended_on or placement.ends_on
            over = last < timezone.localdate()
            if placement.kind not in KINDS or (placement.kind == "practice" and not over):
                continue
            ObservedFact.record(
                by=by,
                youth=case.youth,
                kind=KINDS[placement.kind],
                began_on=min(placement.starts_on, timezone.localdate()),
                ended_on=last if over else None,
                weekly_hours=placement.weekly_hours,
            )
        _ended(Youth.objects.get(pk=case.youth.pk), by)
    for youth in Youth.objects.filter(account__email="ung@demo.vivirkr.dk"):
        Assessment.give(
            by=people.by["aarhus", "caseworker"], youth=youth, closer=True, reason=CONCLUSION
        )
        youth.assessments.update(assessed_at=at(12))


def _ended(youth, by) -> None:
    """As the figures have it, and a year later where a year has gone by."""
    if youth.outcome is None:
        return
    end = Outcome.objects.create(
        youth=youth, moment="end", outcome=youth.outcome, seen_on=youth.outcome_on, recorded_by=by
    )
    Outcome.objects.filter(pk=end.pk).update(recorded_at=timezone.now() - timedelta(days=1))
    if youth.stu_ends_on + AFTER < timezone.localdate():
        Outcome.record(
            by=by, youth=youth, moment="after", outcome=youth.outcome,
            seen_on=min(youth.stu_ends_on + AFTER, timezone.localdate()),
        )  # fmt: skip
