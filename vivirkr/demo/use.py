"""What became of the parts: opened, used where something is built on them, and one that changed
under its use.
"""

from datetime import timedelta

from handover.models import (
    MeetingAgreement,
    PartnershipKnowledge,
    PartOpening,
    PartUse,
    SentPart,
)
from partnerships.access import Section
from vivirkr.demo.dates import at
from vivirkr.demo.youths import Case
from youths.models import Goal, Placement

# What a placement is planned from.
USEFUL = (Section.COMPETENCES, Section.SUPPORT)
CHANGED = "Transport"  # of the one who signs in


def create(cases: list[Case], people) -> None:
    _open(cases)
    for case in cases:
        placement = Placement.objects.filter(youth=case.youth).first()
        if placement:
            _use(case, placement, people)
        _rest(case, people)


def count(partnerships) -> None:
    for partnership in partnerships:
        PartnershipKnowledge.recompute(partnership.pk)


def _open(cases) -> None:
    """What was answered was read the day before; of the rest the first of each section."""
    municipality = {case.youth.pk: case.youth.partnership.municipality for case in cases}
    found, begun = [], set()
    parts = SentPart.objects.disclosed().select_related("profile").prefetch_related("answers")
    for part in parts.filter(profile__youth__in=municipality).order_by("position", "pk"):
        answers = list(part.answers.all())
        place = part.profile_id, part.section
        if not answers and place in begun:
            continue
        begun.add(place)
        opened_at = answers[0].answered_at - timedelta(hours=2) if answers else at(2, 13, 5)
        youth_id = part.profile.youth_id
        found.append(
            PartOpening(
                sent_part=part,
                organisation=municipality[youth_id],
                first_opened_at=opened_at,
            )
        )
    PartOpening.objects.bulk_create(found)


def _use(case, placement, people) -> None:
    """Every other part of what a placement is planned from, of those that were understood."""
    copies = SentPart.objects.filter(profile__youth=case.youth, section__in=USEFUL)
    understood = copies.current().filter(answers__kind="understood").distinct()
    chosen = list(understood)[::2]
    if case.story.is_demo:
        changed = SentPart.objects.filter(profile__youth=case.youth, last_version__isnull=False)
        chosen += [part for part in changed if part.label == CHANGED]
    by = people.caseworker(case.story.partnership, 3)
    PartUse.objects.bulk_create(
        PartUse(sent_part=part, placement=placement, made_by=by, made_at=at(3, 14, n))
        for n, part in enumerate(chosen)
    )


def _rest(case, people) -> None:
    """A goal and an agreement rest on what was understood first, an accommodation on its need."""
    copies = SentPart.objects.filter(profile__youth=case.youth).current()
    understood = copies.filter(answers__kind="understood").order_by("position", "pk").first()
    by = people.caseworker(case.story.partnership, 3)
    goal = Goal.objects.filter(youth=case.youth).open().first()
    agreement = MeetingAgreement.objects.filter(meeting__profile__youth=case.youth).first()
    accommodation = case.youth.accommodations.exclude(part=None).first()
    links = [(understood, {"goal": goal}), (understood, {"agreement": agreement})]
    if accommodation:
        need = copies.filter(part=accommodation.part_id).first()
        links.append((need, {"accommodation": accommodation}))
    PartUse.objects.bulk_create(
        PartUse(sent_part=part, made_by=by, made_at=at(3, 15, n), **target)
        for n, (part, target) in enumerate(links)
        if part and all(target.values())
    )
