"""What the receiver has built on the parts of a page, and where more can be."""

from django.utils import timezone

from handover.access import sections_for
from handover.models import PartUse, SentPart, Stage
from partnerships.access import Section, Verb
from youths.access import codenames_for
from youths.models import Placement


def may_link(user, youth) -> list[str]:
    """The sections whose parts this person may link from a placement or a goal."""
    if f"{Verb.CHANGE}_{Section.COURSE}" not in codenames_for(user, youth):
        return []
    return sections_for(user, youth, Verb.ANSWER)


def with_uses(user, youth, parts, stages) -> None:
    """Give each part its stage, its uses, and the placements in which it can be put to use.

    Where somebody works, and what they aim at, is said to those alone who read the course; others
    learn that a part is in use. `unopened` are those that the page's script watches: the
    receiver's.
    """
    held = codenames_for(user, youth)
    reads_course = f"{Verb.VIEW}_{Section.COURSE}" in held
    answering, linking = sections_for(user, youth, Verb.ANSWER), may_link(user, youth)
    uses = {}
    rows = PartUse.objects.filter(sent_part__part__in=[part.part_id for part in parts])
    for use in rows.with_flag().with_target():
        uses.setdefault(use.sent_part.part_id, []).append(use)
    today = timezone.localdate()
    placements = list(
        Placement.objects.filter(youth=youth, ended_on=None, ends_on__gte=today).select_related(
            "employer"
        )
        if linking
        else []
    )
    for part in parts:
        part.stage = Stage(stages.get(part.pk, Stage.DELIVERED))
        part.unopened = part.section in answering and part.stage == Stage.DELIVERED
        part.used_in = uses.get(part.part_id, [])
        part.names_uses = reads_course
        part.may_link = part.section in linking
        taken = {use.placement_id for use in part.used_in}
        part.offers = [p for p in placements if p.pk not in taken] if part.may_link else []


def to_check(user, youth) -> list[SentPart]:
    """Parts that changed after the receiver had built on them, each once, with what was built.

    As with the uses of a part, what was built is said to those alone who read the course.
    """
    found = SentPart.objects.visible_to(user, youth).to_check().order_by("first_version")
    latest = {part.part_id: part for part in found}
    if not latest:
        return []
    standing = set(
        SentPart.objects.current().filter(part__in=latest).values_list("part_id", flat=True)
    )
    reads_course = f"{Verb.VIEW}_{Section.COURSE}" in codenames_for(user, youth)
    answering, uses = sections_for(user, youth, Verb.ANSWER), {}
    rows = PartUse.objects.filter(sent_part__part__in=latest).with_flag()
    for use in rows.filter(check_again=True).with_target():
        uses.setdefault(use.sent_part.part_id, []).append(use)
    for part in latest.values():
        part.corrected = part.part_id in standing
        part.is_used = part.part_id in uses
        part.built = uses.get(part.part_id, []) if reads_course else []
        part.may_check = part.section in answering
    return list(latest.values())
