"""What the job centre has asked for: before anything was written, and of the one who signs in."""

from handover.models import SectionRequest
from partnerships.access import Section
from vivirkr.demo.dates import at, day

TEAM = "aarhus"


def create(cases, people) -> None:
    by = people.by[TEAM, "caseworker"]
    ours = [case for case in cases if case.story.partnership == TEAM and case.youth.enrolled_on]
    demo = next(case for case in ours if case.story.is_demo)
    unwritten = next(case for case in ours if not case.story.handover)
    for case, sections, purpose, ago in (
        (demo, [Section.NETWORK], "Vi skal planlægge transporten til praktikken.", 4),
        (
            unwritten,
            [Section.DIRECTION, Section.SUPPORT],
            "Vi vil gerne finde det første praktiksted nu, og det skal passe fra start.",
            6,
        ),
    ):
        made = SectionRequest.ask(
            by=by, youth=case.youth, sections=sections, purpose=purpose, wanted_by=day(-14)
        )
        SectionRequest.objects.filter(pk=made.pk).update(asked_at=at(ago, 10, 20))
