"""What the job centres have said of the handovers some time after they accepted them."""

from itertools import cycle

from django.utils import timezone

from handover.models import Feedback, FeedbackMark, FeedbackMissing, HandoverDecision
from handover.models.catalogue import SECTION_OF
from vivirkr.demo.dates import at, texts
from youths.models import Notice

SAID = texts("feedback")
HELPFUL, OUTDATED = FeedbackMark.Kind
# After so many days each round was given; who waits for it still.
GIVEN_AFTER = {Feedback.Round.FIRST: 63, Feedback.Round.SECOND: 185}
DUE = ("Amir", "Amina")
MARKS = {
    Feedback.Round.FIRST: (HELPFUL, HELPFUL, "", HELPFUL, "", OUTDATED, HELPFUL),
    Feedback.Round.SECOND: (HELPFUL, OUTDATED, "", HELPFUL, OUTDATED, ""),
}


def create(cases, people) -> None:
    """Both rounds of the handovers that were accepted long enough ago; two are due."""
    marks = {turn: cycle(kinds) for turn, kinds in MARKS.items()}
    missing = cycle(SAID["missing"])
    accepted = HandoverDecision.objects.newest().filter(kind="accepted")
    decisions = {row.profile.youth_id: row for row in accepted.select_related("profile")}
    for case in cases:
        if case.youth.pk not in decisions:
            continue
        decision, last = decisions[case.youth.pk], None
        since = (timezone.localdate() - timezone.localdate(decision.decided_at)).days
        over = case.story.left[0] if case.story.left else 0
        turns = [turn for turn, after in GIVEN_AFTER.items() if since - after > over]
        if case.story.name in DUE:
            turns = turns[:-1]
        for turn in turns:
            last = _give(case, decision.profile, turn, since - GIVEN_AFTER[turn], people)
            _mark(last, marks[turn])
            for row in (next(missing), next(missing))[: 2 - case.turn]:
                _miss(last, case, **row)
        if last and case.story.name in DUE:
            _tell(last, case)


def _give(case, profile, turn, ago, people) -> Feedback:
    given_at = at(ago, 14, 5)
    version = profile.versions.filter(sent_at__lte=given_at).first()
    return Feedback.objects.create(
        profile=profile,
        round=turn,
        number=1,
        version=version.number,
        given_by=people.caseworker(case.story.partnership, ago),
        given_at=given_at,
    )


def _mark(given, kinds) -> None:
    parts = given.profile.sent_parts.standing_in(given.version).disclosed()
    FeedbackMark.objects.bulk_create(
        FeedbackMark(feedback=given, sent_part=part, kind=next(kinds)) for part in parts
    )


def _miss(given, case, heading, text="") -> None:
    words = text.format(name=case.youth.first_name)
    FeedbackMissing.objects.create(
        feedback=given, heading=heading, section=SECTION_OF[heading], text=words
    )


def _tell(given, case) -> None:
    """One of these is news for the school."""
    Notice.tell_team(
        case.youth,
        "school",
        kind="feedback",
        about=str(given.pk),
        path=f"/handover/{case.youth.pk}/#feedback",
    )
    Notice.objects.filter(sent_at=None).update(sent_at=timezone.now())
