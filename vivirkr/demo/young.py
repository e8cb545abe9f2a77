"""The young people take part: what they say to single parts, carry first, and would like to try."""

from handover.models import Carried, HandoverProfile, PartReaction
from vivirkr.demo.dates import at, texts
from youths.models import OwnWords, Sitting

TOLD = texts("young")


def create(cases, people) -> None:
    for case in cases:
        coordinator = people.by.get((case.story.partnership, "coordinator"))
        if case.story.is_demo:
            _react(case.youth, coordinator)
            _wish(case.youth)
            _carry(case.youth)
        elif case.story.handover == "ready":
            _read_along(case.youth, coordinator)


def _react(youth, coordinator) -> None:
    """Answers on the own device and beside the coordinator; one is about an earlier text."""
    parts = {part.label: part for part in youth.profile.parts.all()}
    then = at(26, 13, 30)
    sitting = Sitting.objects.create(
        youth=youth,
        led_by=coordinator,
        pen=Sitting.Pen.STAFF,
        started_at=then,
        closes_at=at(26, 14, 30),
        ended_at=at(26, 14, 5),
    )
    PartReaction.objects.bulk_create(
        PartReaction(
            part=parts[row["label"]],
            revision=1,
            agrees=row["fits"],
            text=row["text"],
            given_by=coordinator if row.get("together") else youth.account,
            given_at=at(row["ago"], 13, 40),
            sitting=sitting if row.get("together") else None,
        )
        for row in TOLD["freja"]
    )


def _wish(youth) -> None:
    OwnWords.objects.create(
        youth=youth,
        kind=OwnWords.Kind.WISHES,
        text="\n".join(TOLD["wishes"]["freja"]),
        how=OwnWords.How.WROTE,
        taken_down_by=youth.account,
        said_at=at(20, 16, 5),
    )


def _carry(youth) -> None:
    words = {said.text: f"words-{said.pk}" for said in youth.words.all()}
    parts = {part.label: f"part-{part.pk}" for part in youth.profile.parts.all()}
    keys = [words[text] for text in TOLD["carried"]["words"]]
    for key in keys + [parts[label] for label in TOLD["carried"]["parts"]]:
        Carried.change(by=youth.account, youth=youth, act="add", key=key)


def _read_along(youth, coordinator) -> None:
    """The draft is shown before it is sent, and one part has its answer."""
    profile = HandoverProfile.objects.get(youth=youth)
    profile.show_to_youth(by=coordinator)
    HandoverProfile.objects.filter(pk=profile.pk).update(shown_to_youth_at=at(3, 12, 10))
    PartReaction.objects.create(
        part=profile.parts.first(),
        revision=1,
        agrees=False,
        text=TOLD["reads_along"]["text"],
        given_by=youth.account or coordinator,
        given_at=at(2, 9, 15),
    )
