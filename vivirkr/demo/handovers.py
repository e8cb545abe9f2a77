"""Handover profiles in every state, from the library of what schools know."""

from collections import defaultdict
from io import BytesIO
from itertools import cycle

from dateutil.relativedelta import relativedelta
from PIL import Image, ImageDraw, ImageFont

from handover.access import SECTIONS
from handover.models import (
    HEADINGS,
    Attachment,
    CatalogueEntry,
    HandoverProfile,
    HandoverVersion,
    Part,
    PartAnswer,
    wording_index,
)
from partnerships.access import Section
from partnerships.attached import examine
from vivirkr.demo.dates import at, day, months_before, texts
from vivirkr.demo.youths import TRADES, VOICES, Case
from youths.models import Consent, ConsentText, LegalBasis

KNOWLEDGE = texts("knowledge")
DRAFTS = ("begun", "ready")
UNDERSTOOD, QUESTION, CANNOT_USE = PartAnswer.Kind


class Handovers:
    """Writes, sends and answers the profiles of one run."""

    def __init__(self, people):
        self.people, self.fake = people, people.fake
        self.teachers = defaultdict(lambda: [people.invented_name() for _ in range(3)])
        self.understood = cycle(VOICES["understood"])
        self.cannot_use = cycle(VOICES["cannot_use"])

    def create(self, cases: list[Case]) -> None:
        for case in cases:
            if case.story.is_demo:
                self._demo(case)
            elif case.story.handover:
                self._profile(case)
        self._withdraw_consents(cases)
        self._name_legal_bases(cases)

    # -- Writing

    def _profile(self, case) -> None:
        state, left = case.story.handover, case.story.left
        sent = {"waiting": 8, "part answered": 16, "question": 15}.get(state, 0)
        sent = sent or max(case.story.accepted - 55, (left[0] if left else 0) + 20)
        if state in DRAFTS:
            sent = 2
        rows = self._rows(case, state)
        profile = self._write(case, rows, sent + 2)
        if state in DRAFTS:
            return
        self._consent(case, sent)
        self._send(profile, case, sent)
        self._answer(profile, case, sent - 5, state)
        if state in ("again", "revised"):
            self._revise(profile, case, sent, state)

    def _rows(self, case, state) -> list[dict]:
        """What the school knows about this one: the trade first, then what fits anybody."""
        trade, turn, random = TRADES[case.story.trade], case.turn, self.fake.random
        competences = trade["competence"][:2] if turn == 0 else trade["competence"][2:]
        travel = [row for row in KNOWLEDGE["network"] if row.get("travel")]
        home = [
            row
            for row in KNOWLEDGE["network"]
            if not row.get("travel") and case.story.name in row.get("of", [case.story.name])
        ]
        chosen = {
            Section.DIRECTION: [{**trade["direction"][turn], "source": "youth"}],
            Section.COMPETENCES: competences + random.sample(KNOWLEDGE["competences"], 1 + turn),
            Section.SUPPORT: [
                *random.sample(KNOWLEDGE["support"], 3 + random.randint(0, 1)),
                KNOWLEDGE["avoid"][case.story.age % 3],
            ],
            Section.HEALTH: random.sample(KNOWLEDGE["health"], random.randint(1, 2)),
            Section.NETWORK: [random.choice(travel), random.choice(home)],
        }
        rows = [{**row, "section": section} for section in SECTIONS for row in chosen[section]]
        if state == "begun":
            kept = [row for row in rows if row["section"] in (Section.DIRECTION, "competences")]
            rows = kept[:2] + KNOWLEDGE["unfinished"][case.story.age % 2 :][:3]
        return rows

    def _write(self, case, rows, ago) -> HandoverProfile:
        profile = HandoverProfile.objects.create(youth=case.youth)
        coordinator = self.people.by[case.story.partnership, "coordinator"]
        words = self._words(case, ago)
        catalogue = {entry.da: entry for entry in CatalogueEntry.objects.all()}
        Part.objects.bulk_create(
            Part(
                profile=profile,
                position=position,
                written_by=coordinator,
                written_at=at(ago, 9 + position % 6, 7 * position % 60),
                section=row["section"],
                heading=row.get("heading", HEADINGS[row["section"]][0]),
                entry=catalogue.get(row.get("label")),
                wording_index=wording_index(row.get("label", "")),
                **self._seen(row, ago),
                level=row.get("level", ""),
                source=row.get("source", "school"),
                **{
                    name: row.get(name, "").format_map(words)
                    for name in ("label", "text", "works", "evidence")
                },
            )
            for position, row in enumerate(rows)
        )
        return profile

    def _seen(self, row, ago) -> dict:
        """The two months that the evidence names, as a period."""
        if "{when}" not in row.get("evidence", ""):
            return {}
        month = relativedelta(day=1)
        return {
            "seen_from": day(ago) + month - relativedelta(months=2),
            "seen_to": day(ago) + month - relativedelta(days=1),
        }

    def _words(self, case, ago) -> dict:
        name, female = case.youth.first_name, case.story.female
        he, him, his = ("hun", "hende", "hendes") if female else ("han", "ham", "hans")
        teachers = self.teachers[case.story.partnership, case.story.trade]
        return {
            "name": name,
            "he": he,
            "He": he.capitalize(),
            "him": him,
            "his": his,
            "when": months_before(ago),
            "teacher": teachers[case.turn],
        }

    # -- Sending, consent, answers

    def _send(self, profile, case, ago) -> None:
        coordinator = self.people.by[case.story.partnership, "coordinator"]
        version = profile.send(by=coordinator)
        HandoverVersion.objects.filter(pk=version.pk).update(sent_at=at(ago, 15, 10))

    def _consent(self, case, ago) -> None:
        """A yes before the first sending, and again in time for each year that has gone since."""
        if case.story.consent == "none":
            return
        coordinator = self.people.by[case.story.partnership, "coordinator"]
        how = {"how": Consent.How.SCREEN}
        if case.youth.account is None:
            how = {"how": Consent.How.PAPER, "note": "Papiret ligger i elevmappen på kontoret."}
        left = case.story.left[0] if case.story.left else 0
        turns = list(range(ago + 1, left, -340))
        for turn, following in zip(turns, [*turns[1:], None], strict=True):
            Consent.objects.create(
                youth=case.youth,
                organisation=case.youth.partnership.municipality,
                section=Section.HEALTH,
                text=ConsentText.objects.in_use(),
                given_at=at(turn, 12, 30),
                recorded_at=at(turn, 12, 30),
                recorded_by=case.youth.account or coordinator,
                expires_on=self._last_day(case, turn),
                replaced_at=following and at(following, 12, 30),
                **how,
            )

    def _last_day(self, case, ago):
        """One runs out soon, so that it waits on the school."""
        return day(-18) if case.story.consent == "ending" else day(ago) + relativedelta(months=12)

    def _withdraw_consents(self, cases) -> None:
        """Some took their yes back a while after the answers were given."""
        for case in cases:
            if case.story.consent == "withdrawn":
                consent = Consent.objects.in_force().get(youth=case.youth)
                Consent.objects.filter(pk=consent.pk).update(
                    withdrawn_at=at(25, 10, 5), withdrawn_by=consent.recorded_by
                )

    def _name_legal_bases(self, cases) -> None:
        """One section is shared on a ground in law, with its reason."""
        for case in cases:
            if case.story.consent == "none" and case.story.handover == "part answered":
                partnership = case.youth.partnership
                LegalBasis.objects.create(
                    youth=case.youth,
                    organisation=partnership.municipality,
                    section=Section.HEALTH,
                    ground=partnership.programme.grounds.first(),
                    reason="Kommunen skal kende det for at planlægge en praktik, der holder.",
                    decided_by=self.people.by[case.story.partnership, "coordinator"],
                    decided_at=at(12, 9, 40),
                    expires_on=day(-80),
                )

    def _answer(self, profile, case, ago, state) -> None:
        waiting = list(profile.sent_parts.current().disclosed().unanswered())
        if state == "waiting":
            return
        if state in ("part answered", "question"):
            waiting = waiting[:-3]
        asked = [s for s in waiting if self._library(s).get("question")]
        for sent in waiting:
            row, words = self._library(sent), self._words(case, ago)
            if sent in asked[:1]:
                self._ask(sent, case, ago, row, words, is_open=state == "question")
            elif sent.part.written_at.day % 12 == sent.position:
                self._answer_part(sent, case, ago, CANNOT_USE, next(self.cannot_use))
            else:
                self._answer_part(sent, case, ago, UNDERSTOOD, next(self.understood))
        profile.settle()

    def _library(self, sent) -> dict:
        return next((r for r in KNOWLEDGE["support"] if r["label"] == sent.label), {})

    def _answer_part(self, sent, case, ago, kind, text, **reply) -> None:
        PartAnswer.objects.create(
            sent_part=sent,
            kind=kind,
            text=text,
            answered_by=self.people.caseworker(case.story.partnership, ago),
            answered_at=at(ago, 9, sent.position),
            **reply,
        )

    def _ask(self, sent, case, ago, row, words, *, is_open) -> None:
        """A question on a part, with the school's reply unless it is still open."""
        reply = {} if is_open else {
            "reply": row["reply"].format_map(words),
            "replied_by": self.people.by[case.story.partnership, "coordinator"],
            "replied_at": at(ago - 2, 15, 40),
        }  # fmt: skip
        self._answer_part(sent, case, ago, QUESTION, row["question"].format_map(words), **reply)
        if reply:  # then it is the receiver's turn again
            self._answer_part(sent, case, ago - 4, UNDERSTOOD, next(self.understood))

    def _revise(self, profile, case, sent, state) -> None:
        """A part is written anew from what was learned; sent and answered again, or not yet."""
        ago = 6 if state == "revised" else sent - 60
        part = profile.parts.filter(section=Section.SUPPORT).first()
        self._rewrite(part, case, ago, part.text + KNOWLEDGE["revision"]["text"])
        if state == "again":
            profile.refresh_from_db()
            self._send(profile, case, ago - 1)
            for copy in profile.sent_parts.current().disclosed().unanswered():
                self._answer_part(copy, case, ago - 6, UNDERSTOOD, next(self.understood))
            profile.settle()

    def _rewrite(self, part, case, ago, text) -> None:
        by = self.people.by[case.story.partnership, "coordinator"]
        part.write(by=by, revision=part.revision, text=text)
        Part.objects.filter(pk=part.pk).update(written_at=at(ago, 10, 42))

    # -- The one who signs in

    def _demo(self, case) -> None:
        """Sent twice with a file, partly answered, a question with its reply, two held back."""
        rows = VOICES["freja"]["parts"]
        profile = self._write(case, rows, 38)
        for part, row in zip(profile.parts.all(), rows, strict=True):
            if "card" in row:
                self._attach(part, row["card"])
        self._send(profile, case, 35)
        words = self._words(case, 35)
        for sent, row in zip(profile.sent_parts.current(), rows, strict=True):
            if row.get("answer") == "question":
                self._answer_part(
                    sent, case, 17, QUESTION, row["question"],
                    reply=row["reply"].format_map(words),
                    replied_by=self.people.by["aarhus", "coordinator"],
                    replied_at=at(3, 15, 40),
                )  # fmt: skip
            elif "answer" in row:
                self._answer_part(sent, case, 17, row["answer"], row.get("text_used", ""))
        revised = next(row for row in rows if "revised_text" in row)
        part = next(part for part in profile.parts.all() if part.label == revised["label"])
        self._rewrite(part, case, 14, revised["revised_text"])
        profile.refresh_from_db()
        self._send(profile, case, 13)

    def _attach(self, part, lines) -> None:
        """A picture of the card that the task is given on."""
        kind, content = examine(task_card(lines))
        Attachment.add(
            by=part.written_by, part=part, name="kort-salatbar.png", kind=kind, content=content,
            about="Et af kortene fra køkkenet",
        )  # fmt: skip


def task_card(lines) -> bytes:
    """A card with one step on each line, as a picture; Pillow's font knows no æ, ø and å."""
    card = Image.new("RGB", (720, 90 + 70 * len(lines)), "white")
    draw = ImageDraw.Draw(card)
    draw.rectangle((12, 12, card.width - 12, card.height - 12), outline="#0b5a63", width=6)
    for n, line in enumerate(lines):
        font = ImageFont.load_default(size=46 if n == 0 else 34)
        draw.text((54, 46 + 70 * n), line, fill="#1a1a1a", font=font)
    made = BytesIO()
    card.save(made, "PNG")
    return made.getvalue()
