"""What was read in the last months at PGU and in Aarhus, and the samples that were drawn of it."""

from itertools import cycle

from handover.models import note_of
from partnerships.access import Role, Section
from vivirkr.demo.dates import at, day, texts, workday
from youths.models import AccessEvent, Channel, ReadSample, SampledRead

TEAM, DAYS = "aarhus", 75
NOTES = texts("voices")["reviews"]
CASE = [Section.IDENTITY, Section.WORDS, Section.COURSE, Section.RATINGS]
HANDOVER = [Section.IDENTITY, Section.DIRECTION, Section.COMPETENCES, Section.SUPPORT]
READINGS = (
    (Channel.PAGE, CASE),
    (Channel.PAGE, HANDOVER),
    (Channel.SEARCH, [Section.IDENTITY]),
    (Channel.PAGE, CASE),
    (Channel.PAGE, [Section.IDENTITY, Section.RATINGS]),
    (Channel.LIST, [Section.IDENTITY]),
    (Channel.PRINT, HANDOVER),
)


def create(cases, partnership, people) -> None:
    """Lines of past days. On this connection: if the rest is rolled back, so are they."""
    readers = (
        (people.by[TEAM, "coordinator"], partnership.school_id, Role.SCHOOL),
        (people.by[TEAM, "caseworker"], partnership.municipality_id, Role.CASEWORKER),
    )
    ours = [case for case in cases if case.story.partnership == TEAM]
    # The one who signs in is read about every second time.
    named = cycle(one for case in ours for one in (case, next(c for c in ours if c.story.is_demo)))
    ways, lines = cycle(READINGS), []
    for ago in range(DAYS, 1, -1):
        for number, (user, organisation, role) in enumerate(readers):
            case, (channel, sections) = next(named), next(ways)
            if workday(ago) == day(ago) and case.story.accepted > ago:
                lines.append(
                    AccessEvent(
                        at=at(ago, 9 + number, ago % 60),
                        day=day(ago),
                        user_id=user.pk,
                        organisation_id=organisation,
                        role=role,
                        youth_id=case.youth.pk,
                        sections=",".join(sections),
                        channel=channel,
                    )
                )
    stranger = people.by["randers", "caseworker"]
    membership = stranger.memberships.get()
    demo = next(case for case in ours if case.story.is_demo)
    lines.append(
        AccessEvent(
            at=at(9, 13, 20),
            day=workday(9),
            user_id=stranger.pk,
            organisation_id=membership.organisation_id,
            role=membership.role,
            youth_id=demo.youth.pk,
            channel=Channel.REFUSED,
            detail="case",
        )
    )
    lines.append(_read_the_handover(demo, partnership, people))
    AccessEvent.objects.using("default").bulk_create(lines)


def _read_the_handover(demo, partnership, people) -> AccessEvent:
    """The caseworker read the first version, and not yet what came since."""
    return AccessEvent(
        at=at(17, 13, 20),
        day=workday(17),
        user_id=people.by[TEAM, "caseworker"].pk,
        organisation_id=partnership.municipality_id,
        role=Role.CASEWORKER,
        youth_id=demo.youth.pk,
        sections=",".join([*HANDOVER, Section.NETWORK]),
        channel=Channel.PAGE,
        detail=note_of(1),
    )


def review(partnership, people) -> None:
    """Draw what is due; in Aarhus the newest is judged by half and the one before it by all."""
    for organisation_id, month in ReadSample.work_list():
        ReadSample.draw(organisation_id, month)
    newest, *older = ReadSample.objects.filter(organisation=partnership.municipality)
    notes = cycle(NOTES)
    half = list(newest.reads.all())
    before = [read for sample in older for read in sample.reads.all()]
    for read in (*before, *half[: len(half) // 2]):
        read.judge(
            by=people.by["controller", "municipality"],
            judgement=SampledRead.Judgement.IN_ORDER,
            note=next(notes),
        )
