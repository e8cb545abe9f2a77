"""The young people: referral, course, own words, placements."""

from collections import Counter

from vivirkr.demo.dates import at, day, month_end, texts, workday
from vivirkr.demo.people import DOMAIN, EMPLOYERS, YOUNG
from vivirkr.demo.stories import ACCEPTED, STORIES, Story
from youths.models import OwnWords, Placement, Referral, Youth

TRADES = texts("knowledge")["trades"]
VOICES = texts("voices")
TASKS = {row["key"]: row["tasks"] for row in EMPLOYERS}
DECLINED = "Vi har talt sammen. Hun vil gerne flytte hjem først og begynde til sommer."


class Case:
    """A story and the rows that stand for it while the rest is made."""

    def __init__(self, story: Story, youth: Youth, turn: int):
        self.story, self.youth = story, youth
        self.turn = turn  # 0 or 1: which of the two in this trade


def create(partnerships, people, employers) -> list[Case]:
    """All young people in the order of their referral; the accepted ones come back as cases."""
    turns = Counter()
    cases = []
    for story in sorted(STORIES, key=lambda s: -s.referred):
        case = _refer(story, partnerships[story.partnership], people, turns[story.trade])
        if story.referral == ACCEPTED:
            turns[story.trade] += 1
            cases.append(case)
    others = [s for s in STORIES if s.referral == ACCEPTED and not s.is_demo]
    words = {story.name: text for story, text in zip(others, VOICES["words"], strict=True)}
    for case in cases:
        _tell(case, words, people)
        _place(case, people, employers)
    return cases


def _refer(story, partnership, people, turn) -> Case:
    fake = people.fake
    last_name = "Østergaard" if story.is_demo else people.surname()
    born = day(story.age * 365 + story.age // 4 + fake.random_int(30, 330))
    reason = VOICES["freja"]["reason"] if story.is_demo else TRADES[story.trade]["reason"][turn % 2]
    team = story.partnership
    caseworker = people.caseworker(team, story.referred)
    referral = Referral.propose(
        by=caseworker,
        partnership=partnership,
        reason=reason,
        name=f"{story.name} {last_name}",
        phone=people.phone(),
        birth_date=born,
        stu_ends_on=month_end(story.stu_ends),
    )
    youth, coordinator = referral.youth, people.by[team, "coordinator"]
    decided = {"decided_at": at(story.accepted, 13)}
    if story.referral == ACCEPTED:
        referral.accept(by=coordinator)
        _enrol(youth, story, partnership, people)
    elif story.referral == Referral.Status.DECLINED:
        referral.decline(
            by=coordinator, declined_because=Referral.DeclinedBecause.NOT_NOW, answer=DECLINED
        )
    elif story.referral == Referral.Status.WITHDRAWN:
        referral.withdraw(by=caseworker)
    else:
        decided = {}
    Referral.objects.filter(pk=referral.pk).update(proposed_at=at(story.referred, 9, 20), **decided)
    return Case(story, youth, turn)


def _enrol(youth, story, partnership, people) -> None:
    programme = partnership.programme
    youth.refresh_from_db()
    youth.enrolled_on = workday(story.accepted)
    youth.phase = programme.phases.get(position=story.phase)
    if story.outcome:
        position, ago = story.outcome
        youth.outcome, youth.outcome_on = programme.outcomes.get(position=position), day(ago)
    if story.left:
        youth.left_on, youth.left_because = day(story.left[0]), story.left[1]
    if story.account:
        email = YOUNG if story.is_demo else f"{youth.code.lower()}@ung.{DOMAIN}"
        youth.account = people.user(email, youth.name, signs_in=story.is_demo)
    youth.save()


def _tell(case, words, people) -> None:
    """What the young person has said, with the direction as it was first and as it is now."""
    story, youth = case.story, case.youth
    said, wrote = OwnWords.How.SAID, OwnWords.How.WROTE
    if story.is_demo:
        told = VOICES["freja"]["words"]
    else:
        first, now = TRADES[story.trade]["words"][case.turn]
        end = story.left[0] if story.left else 0
        middle = (story.accepted + end) // 2
        own = wrote if story.account else said
        told = [(story.accepted - 4, OwnWords.Kind.DIRECTION, said, first)]
        if story.phase > 1:
            told.append((middle, OwnWords.Kind.DIRECTION, own, now))
        told.append((end + 2 + youth.birth_date.day % 20 * (story.phase > 1), "words", own,
                     words[story.name]))  # fmt: skip
    coordinator = people.by[story.partnership, "coordinator"]
    OwnWords.objects.bulk_create(
        OwnWords(
            youth=youth,
            kind=kind,
            how=how,
            text=text,
            taken_down_by=youth.account if how == wrote else coordinator,
            said_at=at(ago, 11, 15),
        )
        for ago, kind, how, text in told
    )


def _place(case, people, employers) -> None:
    for company, kind, first, last, hours, ended in case.story.placements:
        tasks = TASKS[company]
        Placement.objects.create(
            youth=case.youth,
            employer=employers[company],
            contact=people.caseworker(case.story.partnership, max(last, 0)),
            kind=kind,
            starts_on=workday(first),
            ends_on=workday(last),
            weekly_hours=hours,
            tasks="\n".join(tasks[:3] if kind == Placement.Kind.PRACTICE else tasks),
            ended_on=workday(ended) if ended else None,
        )
