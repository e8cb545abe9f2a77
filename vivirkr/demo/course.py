"""Phases of the course, and efforts: recommended, under way, over, set aside."""

from vivirkr.demo.dates import at, day, texts
from vivirkr.demo.youths import Case
from youths.models import Effort, PhaseEntry

EFFORTS = texts("course")["efforts"]
IN_A_PHASE = 60  # days, as the demonstration tells it


def create(cases: list[Case], people) -> None:
    PhaseEntry.objects.all().delete()  # of the acceptance, which was today
    quiet = True
    for case in cases:
        _phases(case, people)
        if case.youth.left_on:
            continue
        # One of them has had nothing directed at a job for long.
        lanes = ("health", "social", "skills") if quiet and case.story.phase == 1 else None
        quiet = quiet and lanes is None
        _efforts(case, people, lanes)


def _phases(case, people) -> None:
    """Accepted into the first, and since then one after the other up to where it is."""
    phases = case.youth.partnership.programme.phases.filter(position__lte=case.story.phase)
    began = case.youth.enrolled_on
    for phase in phases:
        by = people.caseworker(case.story.partnership, (day(0) - began).days)
        entry = PhaseEntry.objects.create(
            youth=case.youth, phase=phase, began_on=began, noted_by=by
        )
        PhaseEntry.objects.filter(pk=entry.pk).update(noted_at=at((day(0) - began).days))
        began = min(began + (day(0) - day(IN_A_PHASE)), day(1))


def _efforts(case, people, lanes) -> None:
    since = (day(0) - case.youth.enrolled_on).days
    goals = {goal.lane: goal for goal in case.youth.goals.all()}
    for told in EFFORTS:
        if told["recommended"] >= since or (lanes and told["lane"] not in lanes):
            continue
        Effort.objects.create(
            youth=case.youth,
            lane=told["lane"],
            words=told["words"],
            goal=goals.get(told["lane"]),
            recommended_by=people.caseworker(case.story.partnership, told["recommended"]),
            recommended_at=at(told["recommended"], 10, 10),
            started_on=day(told["started"]) if "started" in told else None,
            ended_on=day(told["ended"]) if "ended" in told else None,
            set_aside_at=at(told["aside"], 9, 40) if "aside" in told else None,
            because=told.get("because", ""),
        )
