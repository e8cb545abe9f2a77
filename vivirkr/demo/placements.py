"""Placements under way: what was agreed, the hours week by week with a fall and a pause."""

from datetime import timedelta
from decimal import Decimal

from vivirkr.demo.dates import at, day
from vivirkr.demo.youths import Case
from youths.ladder import monday_of
from youths.models import (
    AgreementConfirmation,
    Goal,
    HoursStep,
    Placement,
    PlacementAgreement,
    PlacementEvent,
    WorkedWeek,
)

Side, How, Kind = PlacementAgreement.Side, AgreementConfirmation.How, PlacementEvent.Kind
SUPPORT, WEEKDAYS = "Bente, leder køkkenet", "234"
STEPS = ((10, 2), (12, 2), (16, 3))  # hours, after so many steady weeks
# Weeks back: planned, worked, why it was less. Up to 12 hours, down to 10, a week on holiday.
WEEKS = {
    8: (8, 7, WorkedWeek.Missed.TRANSPORT),
    7: (8, 8, ""),
    6: (8, 8, ""),
    5: (10, 10, ""),
    4: (10, 10, ""),
    3: (12, 6, WorkedWeek.Missed.AGREED),
    1: (10, 10, ""),
}
CHANGES = {6: (8, 10), 4: (10, 12), 3: (12, 10)}  # at the end of the week so many weeks back
ON_HOLIDAY = 2


def create(cases: list[Case], people) -> None:
    for case in cases:
        for placement in Placement.objects.current().filter(youth=case.youth):
            by = people.caseworker(case.story.partnership, 6)
            if case.story.is_demo:
                _hours(placement, by)
            school = people.by[case.story.partnership, "coordinator"]
            _agree(
                case, placement, by, school, tuple(Side) if placement.is_running else (Side.YOUTH,)
            )


def _hours(placement, by) -> None:
    """The ladder of the one who signs in."""
    this = monday_of(day(0))
    placement.weekdays, placement.support_person = WEEKDAYS, SUPPORT
    placement.weekly_hours = Decimal(10)
    placement.save()
    placement.goals.add(placement.youth.goals.filter(lane=Goal.Lane.JOB).first())
    HoursStep.objects.bulk_create(
        HoursStep(placement=placement, weekly_hours=hours, after_weeks=weeks)
        for hours, weeks in STEPS
    )
    WorkedWeek.objects.bulk_create(
        WorkedWeek(
            placement=placement,
            monday=this - timedelta(weeks=ago),
            planned_hours=planned,
            actual_hours=worked,
            missed_because=cause,
            recorded_by=by,
        )
        for ago, (planned, worked, cause) in WEEKS.items()
    )
    holiday = this - timedelta(weeks=ON_HOLIDAY)
    PlacementEvent.objects.bulk_create(
        [
            *(
                PlacementEvent(
                    placement=placement,
                    kind=Kind.STEP,
                    on=this - timedelta(weeks=ago - 1),
                    hours_before=before,
                    hours=hours,
                    made_by=by,
                    made_at=at((day(0) - this).days + 7 * ago - 4, 13),
                )
                for ago, (before, hours) in CHANGES.items()
            ),
            PlacementEvent(
                placement=placement,
                kind=Kind.PAUSED,
                on=holiday,
                until=holiday + timedelta(days=6),
                reason=PlacementEvent.Reason.HOLIDAY,
                made_by=by,
                made_at=at((day(0) - holiday).days + 9, 9, 15),
            ),
        ]
    )


def _agree(case, placement, by, school, sides) -> None:
    """The text, and who has said yes: all of one that runs, the young person of one to come."""
    began = (day(0) - placement.starts_on).days
    agreement = PlacementAgreement.objects.create(
        placement=placement,
        number=1,
        words=placement.in_words(),
        made_by=by,
        made_at=at(max(began, 0) + 6, 9, 30),
    )
    young = case.youth.account
    said = {
        Side.YOUTH: (
            young or school,
            case.youth.first_name,
            How.SIGNED_IN if young else How.TOGETHER,
        ),
        Side.CASEWORKER: (by, by.name, How.SIGNED_IN),
        Side.COMPANY: (None, SUPPORT.partition(",")[0], How.LINK),
    }
    AgreementConfirmation.objects.bulk_create(
        AgreementConfirmation(
            agreement=agreement,
            side=side,
            by=said[side][0],
            name=said[side][1],
            how=said[side][2],
            confirmed_at=at(max(began, 0) + 4, 14),
        )
        for side in sides
    )
