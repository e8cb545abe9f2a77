"""Deadlines: planned from all that the others have put there. One was met outside, and what passed
long ago has come to who leads the team.
"""

from vivirkr.demo.dates import day
from youths.models import Deadline

WHY = "Holdt hjemme hos familien. Referatet ligger i skolens mappe."


def create(cases, people) -> None:
    Deadline.plan()
    team = [c.youth for c in cases if c.story.partnership == "aarhus" and not c.story.is_demo]
    talks = Deadline.objects.open().filter(kind="conversation", youth__in=team)
    talks[0].close(by=people.by["aarhus", "coordinator"], because=WHY, on=day(4))
    Deadline.escalate()
