"""What the receiver has built on the parts of a page, and where more can be."""

from django.utils import timezone

from handover.access import sections_for
from handover.models import TARGETS, PartUse, SentPart, Stage
from partnerships.access import Verb
from youths.access import codenames_for
from youths.models import Placement


def may_link(user, youth, kind="placement") -> list[str]:
    """The sections whose parts this person may link from one of TARGETS."""
    if f"{Verb.CHANGE}_{TARGETS[kind]}" not in codenames_for(user, youth):
        return []
    return sections_for(user, youth, Verb.ANSWER)


def with_uses(user, youth, parts, stages) -> None:
    """Give each part its stage, its uses, and the placements in which it can be put to use.

    What a part is used for is said to those alone who read of it; others learn that it is in use.
    `unopened` are those that the page's script watches: the receiver's.
    """
    answering = sections_for(user, youth, Verb.ANSWER)
    linking = {kind: may_link(user, youth, kind) for kind in TARGETS}
    uses = _uses(user, youth, [part.part_id for part in parts])
    today = timezone.localdate()
    placements = list(
        Placement.objects.filter(youth=youth, ended_on=None, ends_on__gte=today).select_related(
            "employer"
        )
        if linking["placement"]
        else []
    )
    for part in parts:
        part.stage = Stage(stages.get(part.pk, Stage.DELIVERED))
        part.unopened = part.section in answering and part.stage == Stage.DELIVERED
        part.used_in = uses.get(part.part_id, [])
        for use in part.used_in:
            use.may_undo = part.section in linking[use.kind]
        taken = {use.placement_id for use in part.used_in}
        may_use = part.section in linking["placement"]
        part.offers = [p for p in placements if p.pk not in taken] if may_use else []


def _uses(user, youth, part_ids, **chosen) -> dict:
    """By the part: its uses, each with whether this person may read what it is for (`named`)."""
    held, found = codenames_for(user, youth), {}
    rows = PartUse.objects.filter(sent_part__part__in=part_ids).with_flag().filter(**chosen)
    for use in rows.with_target():
        use.named = f"{Verb.VIEW}_{TARGETS[use.kind]}" in held
        found.setdefault(use.sent_part.part_id, []).append(use)
    return found


def named_in(page) -> list[str]:
    """The sections of the words that say on the page what parts are used for."""
    uses = [use for part in page["parts"] for use in part.used_in]
    uses += [use for part in page["checks"] for use in part.built]
    return sorted({TARGETS[use.kind] for use in uses if use.named})


def to_check(user, youth) -> list[SentPart]:
    """Parts that changed after the receiver had built on them, each once, with what was built.

    As with the uses of a part, what was built is said to those alone who read of it.
    """
    found = SentPart.objects.visible_to(user, youth).to_check().order_by("first_version")
    latest = {part.part_id: part for part in found}
    if not latest:
        return []
    standing = set(
        SentPart.objects.current().filter(part__in=latest).values_list("part_id", flat=True)
    )
    answering = sections_for(user, youth, Verb.ANSWER)
    uses = _uses(user, youth, latest, check_again=True)
    for part in latest.values():
        part.corrected = part.part_id in standing
        part.is_used = part.part_id in uses
        part.built = [use for use in uses.get(part.part_id, []) if use.named]
        part.may_check = part.section in answering
    return list(latest.values())
