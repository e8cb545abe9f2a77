"""After any sequence of edits, sendings, answers, openings, uses, withdrawals and consents:

delivered >= opened >= acknowledged >= used; no answered part changes its text under the answer;
every version can be read as it was sent. `USE_EXAMPLES=500` looks longer than usual.
"""

import os
from contextlib import ExitStack

import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from handover.models import (
    TARGETS,
    Accommodation,
    HandoverProfile,
    HandoverRefused,
    HandoverVersion,
    Meeting,
    NothingNew,
    PartAnswer,
    PartCheck,
    PartnershipKnowledge,
    PartOpening,
    PartUse,
    SentPart,
    profile_summary,
)
from tests.factories import PartFactory, PlacementFactory, Team, days, goal_of
from youths.models import Consent

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("USE_EXAMPLES", "4"))
ENOUGH_TO_FIND = 200  # a machine that looks for a mistake ends with the first it finds
STEPS = 20

some = st.integers(min_value=0, max_value=59)  # which one, of however many there are
SECTIONS = ("support", "competences", "health")


class Machine(RuleBasedStateMachine):
    """One young person's handover, and in plain Python what was sent and what was answered."""

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.team = Team()
        self.profile = HandoverProfile.objects.create(youth=self.team.youth)
        self.targets = self._targets()
        self.numbers = 0
        self.versions = {}  # number: the texts that were sent
        self.answered = {}  # answer: the text it was given to
        for section in ("direction", *SECTIONS):
            self._part(section)
        self.send()

    def teardown(self):
        transaction.set_rollback(True)
        self.stack.close()

    def _targets(self):
        """Two of each thing that a part is used for."""
        youth, by = self.team.youth, self.team.caseworker
        meeting = Meeting.objects.create(profile=self.profile, planned_on=days(0), planned_by=by)
        two = ("Et", "To")
        found = {
            "placement": [self.team.placement, PlacementFactory(youth=youth)],
            "goal": [goal_of(youth, words=words, by=by) for words in two],
            "agreement": [
                meeting.agreements.create(what=words, who="youth", due_on=days(5)) for words in two
            ],
            "accommodation": [Accommodation.add(by=by, youth=youth, text=words) for words in two],
        }
        assert set(found) == set(TARGETS)
        return [(kind, thing) for kind, things in found.items() for thing in things]

    def _one(self, rows, which):
        rows = list(rows)
        return rows[which % len(rows)] if rows else None

    def _text(self):
        self.numbers += 1
        return f"Tekst {self.numbers}"

    def _part(self, section):
        PartFactory(
            profile=self.profile,
            section=section,
            text=self._text(),
            written_by=self.team.school,
            position=self.numbers,
        )

    def _working(self, which):
        rows = self.profile.parts.filter(withdrawn_at=None).order_by("position")
        return self._one(rows, which)

    def _sent(self, which):
        """Any copy, also one that was replaced: pages stay open."""
        return self._one(self.profile.sent_parts.order_by("position", "first_version"), which)

    # -- The school ------------------------------------------------------------------------

    @rule(which=some)
    def edit(self, which):
        part = self._working(which)
        part.write(by=self.team.school, revision=part.revision, text=self._text())

    @rule(which=some)
    def correct(self, which):
        self.edit(which)
        self.send()

    @rule(which=some)
    def add(self, which):
        self._part(SECTIONS[which % len(SECTIONS)])

    @rule(which=some)
    def remove(self, which):
        part = self._working(which)
        alike = self.profile.parts.filter(withdrawn_at=None, section=part.section)
        if alike.count() > 1:
            part.remove(by=self.team.school, revision=part.revision)

    @rule()
    def send(self):
        self.profile.refresh_from_db()
        try:
            version = self.profile.send(by=self.team.school)
        except NothingNew:
            return
        working = self.profile.parts.filter(withdrawn_at=None)
        self.versions[version.number] = {p.pk: p.text for p in working}

    # -- The young person ------------------------------------------------------------------

    @rule()
    def say_yes(self):
        Consent.give(by=self.team.young, youth=self.team.youth, section="health")

    @rule()
    def take_it_back(self):
        for consent in Consent.objects.in_force().filter(youth=self.team.youth):
            consent.withdraw(by=self.team.young)

    # -- The job centre --------------------------------------------------------------------

    @rule(which=some)
    def open(self, which):
        PartOpening.note([self._sent(which)], self.team.youth)

    @rule(which=some, kind=st.sampled_from(PartAnswer.Kind.values))
    def answer(self, which, kind):
        sent = self._sent(which)
        try:
            given = sent.answer(by=self.team.caseworker, kind=kind, text=self._text())
        except HandoverRefused:
            return
        self.answered[given.pk] = sent.text

    @rule(which=some, for_what=some)
    def use(self, which, for_what):
        kind, thing = self._one(self.targets, for_what)
        try:
            PartUse.make(by=self.team.caseworker, sent_part=self._sent(which), **{kind: thing})
        except HandoverRefused:
            return

    @rule(for_what=some)
    def remove_an_accommodation(self, for_what):
        kind, thing = self._one(self.targets, for_what)
        if kind == "accommodation":
            thing.remove(by=self.team.caseworker)
            self.targets.remove((kind, thing))

    @rule(which=some)
    def undo(self, which):
        if use := self._one(PartUse.objects.order_by("sent_part__position", "made_at"), which):
            use.undo(by=self.team.caseworker)

    @rule(which=some)
    def check_again(self, which):
        waiting = self.profile.sent_parts.to_check().order_by("position", "first_version")
        self.profile.refresh_from_db()
        if sent := self._one(waiting, which):
            try:
                PartCheck.check_again(
                    by=self.team.caseworker, sent_part=sent, version=self.profile.version
                )
            except HandoverRefused:
                return
            copies = self.profile.sent_parts.filter(part=sent.part_id)
            assert not copies.to_check().exists()
            for given in PartAnswer.objects.filter(sent_part__in=copies):
                self.answered.setdefault(given.pk, given.sent_part.text)

    # -- What always holds -----------------------------------------------------------------

    @invariant()
    def each_step_holds_the_ones_before(self):
        summary = profile_summary(self.team.caseworker, self.team.youth)
        numbers = [number for _step, number in summary.meter]
        assert numbers == sorted(numbers, reverse=True)
        delivered = self.profile.sent_parts.current().disclosed()
        assert numbers[0] == delivered.count() == summary.delivered
        opened = delivered.filter(
            Q(opening__isnull=False) | Q(answers__isnull=False) | Q(uses__isnull=False)
        )
        assert numbers[1] == opened.distinct().count()
        assert numbers[3] == delivered.filter(uses__isnull=False).distinct().count()

    @invariant()
    def the_partnership_counts_the_same(self):
        summary = profile_summary(self.team.caseworker, self.team.youth)
        counted = PartnershipKnowledge.recompute(self.team.partnership.pk)
        assert counted.steps == summary.meter

    @invariant()
    def no_text_moves_under_its_answer(self):
        answers = PartAnswer.objects.select_related("sent_part")
        assert {a.pk: a.sent_part.text for a in answers} == self.answered

    @invariant()
    def every_version_reads_as_it_was_sent(self):
        copies = list(self.profile.sent_parts.all())
        for number, texts in self.versions.items():
            assert texts == {
                copy.part_id: copy.text
                for copy in copies
                if copy.first_version <= number
                and (copy.last_version is None or copy.last_version >= number)
            }

    @invariant()
    def a_link_rests_on_what_stands_or_is_flagged_or_was_checked(self):
        for use in PartUse.objects.with_flag().select_related("sent_part"):
            stands = use.sent_part.last_version is None
            checked = PartCheck.objects.filter(sent_part=use.sent_part_id).exists()
            assert use.check_again == (not stands and not checked)


def run(examples, *, shrinks=False):
    phases = (Phase.explicit, Phase.generate) + ((Phase.shrink,) if shrinks else ())
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_sequence_keeps_what_is_promised():
    run(EXAMPLES)


class TestItFinds:
    """What the machine is there for, planted on purpose."""

    def test_a_sending_that_rewrites_what_stands(self, monkeypatch):
        def send(self, *, by):
            """As a profile without versions would: the texts of the copies follow the parts."""
            locked = self.lock()
            parts = list(locked.parts.filter(withdrawn_at=None))
            changed, gone = locked.changes(parts)
            if not changed and not gone:
                raise NothingNew
            standing = {copy.part_id: copy for copy in locked.sent_parts.current()}
            for part in changed:
                copy = standing.get(part.pk) or SentPart.copy_of(part, locked.version + 1)
                copy.text = part.text
                copy.save()
            for copy in gone:
                copy.last_version = locked.version
                copy.save()
            locked.version += 1
            locked.status = locked.Status.SENT
            locked.save()
            self.refresh_from_db()
            return HandoverVersion.objects.create(profile=self, number=locked.version, sent_by=by)

        monkeypatch.setattr(HandoverProfile, "send", send)
        with pytest.raises(AssertionError):
            run(ENOUGH_TO_FIND)
