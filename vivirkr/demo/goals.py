"""Goals of the course with their small steps; some done, one reached, one step due today."""

from itertools import cycle

from vivirkr.demo.dates import at, day, texts
from vivirkr.demo.youths import Case
from youths.models import Goal, GoalEvent, SmallStep

GOALS = texts("goals")
Kind = GoalEvent.Kind
SET = 40  # days ago, where the text says nothing


def create(cases: list[Case], people) -> None:
    others = cycle(GOALS["others"])
    for case in cases:
        if case.youth.left_on or case.story.phase == 1:
            continue
        for told in GOALS["freja"] if case.story.is_demo else [next(others)]:
            _tell(case, told, people.caseworker(case.story.partnership, told.get("set", SET)))


def _due(told):
    return day(told["due"]) if "due" in told else None


def _tell(case, told, by) -> None:
    began, events = told.get("set", SET), []
    owed = {"words": told["words"], "owner": told["owner"], "due_on": _due(told)}
    goal = Goal.objects.create(
        youth=case.youth, lane=told["lane"], set_at=at(began, 10, 30), **owed
    )
    if "reached" in told:
        goal.state, goal.closed_at = Goal.State.REACHED, at(told["reached"], 14)
        goal.save()
    done_by = case.youth.account or by

    def note(kind, who, ago, minute, about, step=None):
        events.append(
            GoalEvent(
                goal=goal, step=step, kind=kind, lane=goal.lane, made_by=who,
                made_at=at(ago, 11, minute), **about,
            )
        )  # fmt: skip

    note(Kind.SET, by, began, 0, owed)
    for n, row in enumerate(told.get("steps", ()), start=1):
        about = {"words": row["words"], "owner": row["owner"], "due_on": _due(row)}
        step = SmallStep(goal=goal, added_by=by, added_at=at(began, 11, n), **about)
        if "done" in row:
            step.done_at, step.done_by = at(row["done"], 15), done_by
        step.save()
        note(Kind.STEP_ADDED, by, began, n, about, step)
        if "done" in row:
            note(Kind.STEP_DONE, done_by, row["done"], n, about, step)
    if "reached" in told:
        note(Kind.REACHED, by, told["reached"], 30, owed)
    GoalEvent.objects.bulk_create(events)
