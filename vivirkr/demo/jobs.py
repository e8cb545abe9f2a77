"""What companies read: sentences of accommodations, and the words the young people approved."""

from handover.models import Accommodation, ApprovedJobProfile, JobProfile, Part
from partnerships.access import Section
from vivirkr.demo.dates import at
from vivirkr.demo.youths import Case
from youths.models import Placement

SENTENCES = (
    "Får opgaver skriftligt, én ad gangen.",
    "Har én fast person at spørge.",
    "Møder ind lidt senere end de andre.",
)
CAN = (
    "Jeg møder til tiden, når jeg kender ruten.",
    "Jeg bliver ved, til opgaven er færdig.",
    "Jeg er god til at holde orden.",
)
ASKED_FOR = "Arbejde i et køkken"


def create(cases: list[Case], people) -> None:
    for case in cases:
        placement = Placement.objects.running().filter(youth=case.youth).first()
        if placement and case.youth.account:
            _approved(case, placement, people)


def _approved(case, placement, people) -> None:
    """Written by the caseworker from what the school knows, and approved a few days later."""
    by = people.caseworker(case.story.partnership, 6)
    school = people.by[case.story.partnership, "coordinator"]
    part = Part.objects.filter(profile__youth=case.youth, section=Section.SUPPORT).first()
    for text in SENTENCES:
        Accommodation.add(by=school, youth=case.youth, part=part, text=text)
    this = JobProfile.begin(by=by, youth=case.youth, placement=placement)
    this.write(by=by, revision=1, can="\n".join(CAN), works="\n".join(SENTENCES[:2]))
    this.ask(by=by, revision=2)
    this.approve(by=case.youth.account, revision=2, how=ApprovedJobProfile.How.OWN)
    this.hear(by=by)
    JobProfile.objects.filter(pk=this.pk).update(
        written_at=at(6, 9, 30), asked_at=at(6, 9, 40), answered_at=at(5, 15, 10)
    )
    if case.story.is_demo:  # one more, which the young person is asked about
        more = JobProfile.begin(by=by, youth=case.youth, job=ASKED_FOR)
        more.write(by=by, revision=1, can=CAN[0], works=SENTENCES[2])
        more.ask(by=by, revision=2)
        JobProfile.objects.filter(pk=more.pk).update(written_at=at(1, 10), asked_at=at(1, 10, 5))
