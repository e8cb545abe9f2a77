"""Who is the contact: in Randers it was somebody else before, and one change can be tried."""

from vivirkr.demo.dates import at, day
from vivirkr.demo.youths import Case
from youths.models import Contact, ContactChange

FORMER = 300  # days ago when the caseworker before left Randers
NOTE = (
    "{name} svarer bedst på sms og helst før klokken ti. Sig altid, hvem der er med til mødet. "
    "Vi har aftalt at tale om praktikken en gang om ugen."
)


def create(cases: list[Case], people) -> None:
    for case in cases:
        story = case.story
        coordinator = people.by[story.partnership, "coordinator"]
        ended = at(story.left[0], 12) if story.left else None
        now = Contact.objects.filter(youth=case.youth)
        now.update(began_at=at(story.accepted, 13), ended_at=ended)
        if story.partnership == "randers" and not story.left and story.accepted > FORMER + 20:
            _passed_on(case, people.by["randers", "former_caseworker"], coordinator)
    demo = next(case for case in cases if case.story.is_demo)
    team = demo.story.partnership
    ContactChange.objects.create(
        **_asked(demo, people.by[team, "coordinator"], people.by[team, "caseworker"], 4, -10)
    )


def _asked(case, by, to, ago, until) -> dict:
    return {
        "youth": case.youth,
        "contact": case.youth.contacts.get(),
        "to_person": to,
        "note": NOTE.format(name=case.youth.first_name),
        "overlap_until": day(until),
        "asked_at": at(ago, 10),
        "asked_by": by,
    }


def _passed_on(case, former, now) -> None:
    """When the caseworker before left, the coordinator took over."""
    met = FORMER + 6
    case.youth.contacts.update(person=former)
    asked = _asked(case, former, now, FORMER + 14, FORMER)
    case.youth.contacts.update(ended_at=at(met, 14))
    Contact.objects.create(youth=case.youth, person=now, began_at=at(met, 14))
    ContactChange.objects.create(met_on=at(met).date(), passed_at=at(met, 14), **asked)
