"""How handovers were answered as a whole, and the first meetings."""

from itertools import cycle

from django.utils import timezone

from handover.models import HandoverDecision, HandoverProfile, Meeting, MeetingAgreement
from vivirkr.demo.dates import at, day, texts, workday
from youths.models import Notice

SAID = texts("closings")
KIND = HandoverDecision.Kind
# What came of a handover in each state; the others wait for their answer.
ACCEPTED = ("answered", "again", "revised")


class Closings:
    """Answers and closes the handovers of one run."""

    def __init__(self, people):
        self.people = people
        self.accepted, self.others = cycle(SAID["accepted"]), cycle(SAID["others"])
        self.to_correct = True

    def create(self, cases) -> None:
        profiles = {p.youth_id: p for p in HandoverProfile.objects.prefetch_related("versions")}
        for turn, case in enumerate(cases):
            state, profile = case.story.handover, profiles.get(case.youth.pk)
            if state in ACCEPTED:
                self._close(case, profile, turn)
            elif state == "question":
                self._decide(case, profile, KIND.WITH_QUESTIONS, 4, SAID["with_questions"])
                self._plan(case, profile, -6)
            elif state == "part answered":
                self._return(case, profile)
        self._told()

    def _words(self, case) -> dict:
        he, him, his = ("hun", "hende", "hendes") if case.story.female else ("han", "ham", "hans")
        return {"name": case.youth.first_name, "he": he, "him": him, "his": his}

    def _first_sent(self, profile) -> int:
        """Days since the first version."""
        first = min(version.sent_at for version in profile.versions.all())
        return (timezone.localdate() - timezone.localdate(first)).days

    def _decide(self, case, profile, kind, ago, text) -> HandoverDecision:
        return HandoverDecision.objects.create(
            profile=profile,
            number=1,
            version=1,
            kind=kind,
            text=text.format_map(self._words(case)),
            decided_by=self.people.caseworker(case.story.partnership, ago),
            decided_at=at(ago, 13, 20),
        )

    def _return(self, case, profile) -> None:
        said = SAID["returned"]
        decision = self._decide(case, profile, KIND.RETURNED, 5, said["text"])
        for section in ("competences", "support"):
            words = said[section].format_map(self._words(case))
            decision.missing.create(section=section, text=words)

    def _plan(self, case, profile, ago) -> Meeting:
        return Meeting.objects.create(
            profile=profile,
            planned_on=workday(ago),
            planned_by=self.people.caseworker(case.story.partnership, max(ago, 0)),
            planned_at=at(max(ago + 9, 2), 13, 40),
        )

    def _close(self, case, profile, turn) -> None:
        """Accepted a week after the first version, met ten days later, with three agreements."""
        sent = self._first_sent(profile)
        self._decide(case, profile, KIND.ACCEPTED, sent - 8, next(self.accepted))
        meeting, ago = self._plan(case, profile, sent - 18), sent - 18
        caseworker = self.people.caseworker(case.story.partnership, ago)
        coordinator = self.people.by[case.story.partnership, "coordinator"]
        words, present = self._words(case), turn % 7 != 3
        meeting.held_on, meeting.youth_present = meeting.planned_on, present
        meeting.why_absent = "" if present else SAID["absent"].format_map(words)
        meeting.others = next(self.others).format_map(words)
        meeting.minutes = SAID["minutes"].format_map(words)
        meeting.next_on = workday(ago - 42)
        meeting.recorded_by, meeting.recorded_at = caseworker, at(ago, 15, 30)
        meeting.save()
        meeting.people.set([caseworker, coordinator])
        people = {"coordinator": coordinator, "caseworker": caseworker}
        for n, row in enumerate(SAID["agreements"]):
            # One of them is still open with those who are in the course, and late with every other.
            is_open = n == turn % 3 and not case.story.left
            person = people.get(row["who"])
            MeetingAgreement.objects.create(
                meeting=meeting,
                position=n,
                what=row["what"],
                who={"coordinator": "school"}.get(row["who"], row["who"]),
                person=person,
                due_on=day((4 if turn % 2 else -9) if is_open else ago - 14),
                done_at=None if is_open else at(ago - 12, 10, 15),
                done_by=None if is_open else person or case.youth.account or caseworker,
            )

        if not case.story.left:
            self._go_on(case, meeting, caseworker, ago)
        if self.to_correct and not case.story.left:
            self._correct(meeting, caseworker, ago)
            self.to_correct = False

    def _go_on(self, case, first, by, ago) -> None:
        """The second meeting six weeks later, held where that day is over, and the one after it."""
        words, ago = self._words(case), ago - 42
        meeting = Meeting.objects.create(
            profile=first.profile,
            is_first=False,
            planned_on=workday(ago),
            planned_by=by,
            planned_at=first.recorded_at,
        )
        points = SAID["points"]
        if ago > 0:
            self._points(case, meeting, by, points[:2])
            meeting.record(
                by=by,
                held_on=workday(ago),
                people=[by],
                youth_present=True,
                minutes=SAID["later"].format_map(words),
                agreements=[],
                next_on=workday(-12),
            )
            Meeting.objects.filter(pk=meeting.pk).update(recorded_at=at(ago, 14, 20))
            meeting = first.profile.meetings.ahead()
        self._points(case, meeting, by, points[2:])

    def _points(self, case, meeting, by, points) -> None:
        """Points of the agenda; who has no sign-in has said theirs to the school."""
        people = {
            "youth": case.youth.account,
            "coordinator": self.people.by[case.story.partnership, "coordinator"],
            "caseworker": by,
        }
        of = {"coordinator": "school"}
        for row in points:
            who = row["who"]
            meeting.add_point(
                by=people[who] or people["coordinator"], of=of.get(who, who), words=row["words"]
            )

    def _correct(self, meeting, by, ago) -> None:
        """Somebody who took part was left out; put right two days later."""
        open_ones = meeting.agreements.filter(done_at=None).select_related("person")
        names = ("pk", *MeetingAgreement.FIELDS)
        said = {name: getattr(meeting, name) for name in Meeting.FIELDS}
        meeting.correct(
            by=by,
            number=1,
            people=list(meeting.people.all()),
            agreements=[{name: getattr(row, name) for name in names} for row in open_ones],
            **said | {"others": f"{said['others']} og praktikvejlederen".removeprefix(" og ")},
        )
        Meeting.objects.filter(pk=meeting.pk).update(recorded_at=at(ago - 2, 9, 5))

    def _told(self) -> None:
        """What the sendings and answers told is long read; two outcomes of this week are news."""
        Notice.objects.update(sent_at=timezone.now(), seen_at=timezone.now())
        for decision in HandoverDecision.objects.filter(kind=KIND.WITH_QUESTIONS):
            youth = decision.profile.youth
            Notice.tell_team(
                youth,
                "school",
                kind=decision.kind,
                about=str(decision.pk),
                path=f"/handover/{youth.pk}/#whole",
            )
        Notice.objects.filter(sent_at=None).update(made_at=at(4, 13, 20), sent_at=at(4, 13, 21))
