"""Canaries: words that stand in one section of one young person, looked for in every channel.

Every section of every young person of two teams holds a word of its own. As each person, everything
that can be reached is fetched: each route with each thing, each link that a page names, files,
previews, searches, the administration; beside it mails, lines of the log, messages to the workers,
the cache, sessions, names of rows and raw columns. A word where it does not belong fails with the
channel, the person, the address and the section; so does a word that its reader never meets,
because a search that finds nothing proves nothing.

`TABLE` is written by hand from the table of sections and parties (docs/adr/0002), not from
`GRANTS`. The last tests plant leaks on purpose and ask that the search names each.
"""

import base64
import io
import json
import logging
import re
import zipfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings as project
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection, transaction
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from pypdf import PdfReader

from evaluation.models import Assessment, ObservedFact, OwnRound, PartnershipProgress, Rating
from evaluation.tables import CountedTable
from handover.models import (
    Accommodation,
    Carried,
    DocumentStep,
    Feedback,
    HandoverDecision,
    Meeting,
    Part,
    PartReaction,
    PartUse,
    SectionRequest,
    SentPart,
)
from handover.models.answers import SentPartQuerySet
from partnerships.access import Role
from partnerships.encryption import encrypted_fields
from partnerships.sheets import Line
from tests.factories import (
    HandoverProfileFactory,
    IndicatorFactory,
    MembershipFactory,
    PartFactory,
    PartnershipFactory,
    PlacementFactory,
    RatingRoundFactory,
    UserFactory,
    YouthFactory,
    account_of,
    approved_job,
    attach,
    cut_of,
    days,
    employer_of,
    goal_of,
    member,
    report_of,
    said_of,
)
from tests.test_matrix import holder_of, routes
from vivirkr import pdf
from vivirkr.reports import build
from vivirkr.views.eyes import PARTIES
from youths.models import (
    AccessEvent,
    Consent,
    ContactChange,
    CprNumber,
    Deadline,
    Delivery,
    Effort,
    EmergencyNotice,
    EmergencyOpening,
    Import,
    Notice,
    OwnWords,
    PlacementLink,
    ReadSample,
    Referral,
    Sitting,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.ignore_template_errors,  # Django's own templates are not strict
]

# -- What belongs where -------------------------------------------------------------------------

# Words, and who meets them in a case in which all is as it should be: accepted, handed over,
# consented, with a placement that runs. "emergency" is an administrator who has opened the case.
TABLE = """
words             | section      | school caseworker employer young lead evaluator emergency link
first             | identity     | x      x          x        x     .    .         x     x
last phone        | identity     | x      x          .        x     .    .         x     .
birth email       | identity     | x      x          .        x     .    .         x     .
code              | code         | x      x          .        x     x    x         x     .
cpr               | cpr          | .      x          .        x     .    .         .     .
reason answer     | referral     | x      x          .        .     .    .         x     .
imported          | referral     | .      x          .        .     .    .         .     .
words wish        | words        | x      x          .        x     .    .         x     .
tookpart          | direction    | x      x          .        x     .    .         x     .
direction decided | direction    | x      x          .        x     .    .         x     .
competences       | competences  | x      x          .        x     .    .         x     .
support           | support      | x      x          .        x     .    .         x     .
health            | health       | x      x          .        x     .    .         x     .
network           | network      | x      x          .        x     .    .         x     .
accommodation     | job profile  | x      x          .        x     .    .         x     .
jobdraft          | job profile  | x      x          .        x     .    .         x     .
jobapproved       | job profile  | x      x          x        x     .    .         x     x
drafts            | drafts       | x      .          .        .     .    .         .     .
missing missed    | health       | x      x          .        x     .    .         x     .
agreed            | course       | x      x          .        x     .    .         x     .
tasks             | placement    | x      x          x        x     .    .         x     x
helper atwork     | placement    | x      x          x        x     .    .         x     .
pasttasks why     | course       | x      x          .        x     .    .         x     .
goals             | course       | x      x          .        x     .    .         x     .
companysaid       | course       | x      x          x        x     .    .         x     x
steps assessed easier | ratings  | x      x          .        x     .    .         x     .
note              | sharing      | x      x          .        x     .    .         x     .
purpose refusal outside | sharing | x      x          .        x     .    .         x     .
emergency         | reads        | x      x          .        x     .    .         x     .
contactnote       | identity     | x      x          .        .     .    .         x     .
"""
PROFILE = ("direction", "competences", "support", "health", "network")
FIELDS = ("label", "text", "works", "evidence")
ANSWERS = ("asked", "replied", "said")
FILE = ("file", "filename", "about")  # what stands in it, its name, what it shows
VOICES = ("youth", "school", "caseworker")
# What each line of the table is made of, where it is more than the word itself.
MADE_OF = {
    **{s: [f"{s}{f}" for f in (*FIELDS, *ANSWERS, *FILE)] for s in PROFILE},
    "drafts": [f"{s}draft{f}" for s in PROFILE for f in (*FIELDS, *FILE)] + ["rewritten"],
    "goals": ["goal", "goalbefore", "smallstep", "smallstepgone", "dropped", "effort", "aside"],
    "steps": [f"steps{voice}" for voice in VOICES],
    "companysaid": ["companywell", "companypractise", "companyanswer"],
}
SECTION, SEES = {}, {}
_head, *_lines = [[cell.strip() for cell in row.split("|")] for row in TABLE.strip().splitlines()]
for _words, _section, _marks in _lines:
    for _word in _words.split():
        for _kind in MADE_OF.get(_word, [_word]):
            SECTION[_kind] = _section
            for _role, _mark in zip(_head[2].split(), _marks.split(), strict=True):
                SEES.setdefault(_role, set()).update({_kind} if _mark == "x" else ())
HANDED_OVER = {"tookpart", *(f"{s}{f}" for s in PROFILE for f in (*FIELDS, *ANSWERS, *FILE))}
HANDED_OVER |= {"decided", "missing", "missed", "agreed"}
HEALTH = {kind for kind in HANDED_OVER if kind.startswith("health")} | {"missing", "missed"}
BEFORE_THE_CASE = {"first", "last", "phone", "birth", "code", "cpr", "reason", "answer", "email"}

# The young people by letter, and what is special about the case. a to n are of one partnership,
# b of another one in another programme.
CASES = {
    "a": "",
    "c": "no consent",
    "d": "not sent",
    "p": "proposed",
    "n": "declined",
    "b": "",
}


def slice_of(role: str, letter: str) -> set[str]:
    """The kinds of words that a role in the youth's own team meets of this case."""
    kinds, special = SEES[role], CASES[letter]
    if role == "emergency":  # files are named, and not opened
        kinds = kinds - {f"{section}file" for section in PROFILE}
    if special == "proposed":
        return kinds & BEFORE_THE_CASE if role in ("school", "caseworker") else set()
    if special == "declined":  # what was asked and answered stays with who asked
        return kinds & BEFORE_THE_CASE - {"cpr"} if role == "caseworker" else set()
    if special == "not sent" and role == "young":  # but the draft is shown to them
        drafts = {f"{s}draft{f}" for s in PROFILE for f in (*FIELDS, *FILE)}
        return kinds - HANDED_OVER | drafts | {"tookpart"}
    if special == "not sent" and role != "school":
        return kinds - HANDED_OVER
    if special == "no consent" and role in ("caseworker", "emergency"):
        return kinds - HEALTH
    return kinds


# Person: what they are in which case. Whoever is not named for a case meets nothing of it.
TEAM = ("school", "caseworker", "lead", "evaluator")
VIEWERS = {
    **{role: dict.fromkeys("acdpn", role) for role in TEAM},
    "employer": {"a": "employer"},
    "young": {"a": "young"},
    "young without consent": {"c": "young"},
    "young who reads along": {"d": "young"},
    "admin": {},
    "admin in an emergency": {"c": "emergency"},
    "controller": {},
    "superuser": {},
    "school of another team": {"b": "school"},
    "caseworker of another team": {"b": "caseworker"},
    "employer of another team": {"b": "employer"},
    "young of another team": {"b": "young"},
    "lead of another programme": {"b": "lead"},
    "evaluator of another programme": {"b": "evaluator"},
    "admin of another programme": {},
    "school that has left": {},
    "caseworker that has left": {},
    "caseworker acting elsewhere": {"b": "caseworker"},
    "employer whose placement has ended": {},
    "holder of a link": {"a": "link"},
    "nobody": {},
}
# What else somebody knows, because they wrote it or because it is what they have to judge.
BESIDES = {
    "admin": {("a", "code"), ("a", "emergency")},
    "admin in an emergency": {("c", "code"), ("c", "emergency")},
    "controller": {("a", "code")},
}
# Words that their readers may meet, and that no page shows them: one field has no place in a
# section, a youth's sign-in is nobody's to read, a birth date is shown as an age.
NEED_NOT_BE_SHOWN = {
    "birth",
    "email",
    *(f"{s}{w}works" for s in ("direction", "competences", "network") for w in ("", "draft")),
}


def allowed(viewer: str) -> set[tuple[str, str]]:
    """Letter and kind of every word that this person may meet."""
    found = {(letter, kind) for letter, role in VIEWERS[viewer].items()
             for kind in slice_of(role, letter)}  # fmt: skip
    return found | BESIDES.get(viewer, set())


def is_in_place(sighting) -> bool:
    """Whether a word may stand where it was met."""
    channel, viewer, url, letter, kind = sighting
    if channel == "error page" and VIEWERS[viewer].get(letter) == "young":
        return kind in ("first", "last")  # the head of every page says who is signed in
    if channel == "administration":  # who leaves is followed, by the young people's codes alone
        return kind == "code" and url.startswith("/admin/leave/")
    if channel in NOBODYS:
        return (channel, kind) == ("name of a row", "code")
    if (letter, kind) not in allowed(viewer):
        return False
    if kind == "cpr":  # only in answer to the request for it
        return channel == "answer to a form"
    if seen_as := re.search(r"/eyes/(\w+)/", url):
        whose = {"youth": "young"}.get(seen_as[1], seen_as[1])
        around = {"first", "last", "code"}  # the page around the preview
        return kind in slice_of(whose, letter) | around
    return True


# Where no word of any case belongs, whoever looks; but for a code in the name of a row.
NOBODYS = {
    "address",
    "mail",
    "log",
    "message to a worker",
    "cache",
    "session",
    "log of the administration",
    "error page",
    "name of a row",
    "raw column",
}


class Sighting(NamedTuple):
    channel: str
    viewer: str
    url: str
    letter: str
    kind: str

    def __str__(self):
        section = SECTION[self.kind]
        return (
            f"{self.channel}, as {self.viewer}, {self.url or '-'}: "
            f"{section} of {self.letter} ({self.kind})"
        )


# -- Words --------------------------------------------------------------------------------------

WORD = re.compile(r"zq([a-z])([a-z]+?)qz", re.IGNORECASE)
BORN = {letter: date(2006, 3, 11 + at) for at, letter in enumerate(CASES)}
CPR = {letter: f"{born:%d%m%y}4{at}71" for at, (letter, born) in enumerate(BORN.items())}


def word(letter: str, kind: str) -> str:
    """A word that stands in one place only. Letters alone, so that no encoding changes it."""
    assert kind in SECTION
    return f"zq{letter}{kind}qz"


def _numbers() -> dict[str, tuple[str, str]]:
    """CPR numbers and birth dates as they may be written."""
    found = {}
    for letter, number in CPR.items():
        for text in (number, f"{number[:6]}-{number[6:]}", f"{number[:6]} {number[6:]}"):
            found[text] = letter, "cpr"
    for letter, born in BORN.items():
        found |= dict.fromkeys(
            (f"{born}", f"{born:%d.%m.%Y}", f"{born:%d/%m/%Y}"), (letter, "birth")
        )
        for language in ("da", "en"):
            with translation.override(language):
                for style in ("DATE_FORMAT", "SHORT_DATE_FORMAT", "j. F Y", "F j, Y", "j M Y"):
                    found[date_format(born, style)] = letter, "birth"
    return found


NUMBERS = _numbers()
NUMBER = re.compile(rf"(?<!\d)(?:{'|'.join(map(re.escape, NUMBERS))})(?!\d)", re.IGNORECASE)
SPELLED = {text.lower(): found for text, found in NUMBERS.items()}


def found_in(text: str) -> set[tuple[str, str]]:
    """Letter and kind of every canary in a text."""
    words = {(m[1].lower(), m[2].lower()) for m in WORD.finditer(text)}
    words = {found for found in words if found[0] in CASES and found[1] in SECTION}  # no token
    return words | {SPELLED[m[0].lower()] for m in NUMBER.finditer(text)}


def unpacked(content: bytes):
    """The text of every file in an archive, and in those inside it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            one = archive.read(name)
            yield from unpacked(one) if name.endswith(".xlsx") else [one.decode(errors="replace")]


def text_of(response) -> str:
    """All that an answer says: head and body, whatever kind of file it is."""
    body = b"".join(response) if response.streaming else response.content
    kind = response.get("Content-Type", "")
    head = "\n".join(f"{name}: {value}" for name, value in response.items())
    if body.startswith(b"%PDF"):
        reader = PdfReader(io.BytesIO(body))
        pages = "".join(page.extract_text() for page in reader.pages)
        said = str(reader.metadata) + re.sub(r"[\s\u00ad\u2010]", "", pages) + pages
    elif "officedocument" in kind or kind == "application/zip":
        said = "\n".join(unpacked(body))
    elif kind == "application/x-spss-sav":
        said = body.decode(errors="replace")
    else:
        said = unescape(body.decode())
    return f"{head}\n{said}"


# -- The world ----------------------------------------------------------------------------------


def _report(report):
    """A real one where this machine can make it."""
    return build(report) if pdf.is_possible() else (b"", {})


@dataclass
class Case:
    letter: str
    youth: object = None
    things: dict = field(default_factory=dict)
    planted: set = field(default_factory=set)

    def word(self, kind: str) -> str:
        self.planted.add(kind)
        return word(self.letter, kind)


class World:
    """Two teams of two programmes, six young people, and everybody who might look."""

    def __init__(self):
        self.by = UserFactory()
        self.indicator = IndicatorFactory(code="direction")
        IndicatorFactory(code="belief")
        one, two = PartnershipFactory(signed=True), PartnershipFactory(signed=True)
        for partnership in (one, two):
            RatingRoundFactory(programme=partnership.programme)
        with TestCase.captureOnCommitCallbacks() as callbacks:
            self.cases = {x: self._case(x, two if x == "b" else one) for x in CASES}
        self.published = [published(callback) for callback in callbacks]
        self.people = self._people(one, two)
        self._emergencies()
        self._imports(one)
        for partnership in (one, two):
            PartnershipProgress.recompute(partnership.pk)
        self._sample(one)
        for partnership in (one, two):
            cut = cut_of(partnership.programme)
            frozen = {"cut_id": cut.pk, "report_id": report_of(cut, _report).pk}
            frozen["file_name"] = "data.json"
            for case in self.cases.values():
                if case.things["programme_id"] == partnership.programme_id:
                    case.things |= frozen

    def _case(self, letter, partnership):
        case = Case(letter)
        special = CASES[letter]
        waits = special in ("proposed", "declined")
        case.youth = youth = YouthFactory(
            name=f"{case.word('first')} {case.word('last')}",
            phone=case.word("phone"),
            code=case.word("code").upper(),
            birth_date=BORN[letter],
            partnership=partnership,
            **({"enrolled_on": None} if waits else {}),
        )
        case.planted.add("birth")
        account = account_of(youth)
        account.email = f"{case.word('email')}@x.example"
        account.save()
        referral = youth.referrals.first() or Referral(youth=youth, partnership=partnership)
        referral.reason, referral.proposed_by = case.word("reason"), self.by
        referral.answer = "" if special == "proposed" else case.word("answer")
        referral.save()
        case.things = {
            "youth_id": youth.pk,
            "partnership_id": partnership.pk,
            "programme_id": partnership.programme_id,
            "referral_id": referral.pk,
            "number": 1,
            "section": "health",
            "kind": "agreements",
            "register": "model_parts",
        }
        CprNumber.note(by=self.by, youth=youth, digits=CPR[letter])
        case.planted.add("cpr")
        if special == "declined":
            referral.decline(by=self.by, declined_because="not_now", answer=case.word("answer"))
        if not waits:
            self._course(case)
            self._profile(case, sent=special != "not sent")
            self._work(case)
        return case

    def _course(self, case):
        youth = case.youth
        asked = SectionRequest.ask(
            by=self.by, youth=youth, sections=["network", "health"], purpose=case.word("purpose")
        )
        asked.decline(by=self.by, sections=["health"], reason=case.word("refusal"))
        case.things["request_id"] = asked.pk
        for kind, text in (("words", "words"), ("direction", "wish")):
            OwnWords.objects.create(
                youth=youth, kind=kind, text=case.word(text), how="wrote", taken_down_by=self.by
            )
        for voice in VOICES:
            said = {self.indicator: (3, case.word(f"steps{voice}"))}
            Rating.give(by=self.by, youth=youth, voice=voice, answers=said)
        OwnRound.end_with(
            youth=youth, easier=case.word("easier"), may_be_quoted=False, helper="nobody", done=True
        )
        Assessment.give(by=self.by, youth=youth, closer=True, reason=case.word("assessed"))
        fact = ObservedFact.record(by=self.by, youth=youth, kind="job", began_on=days(-9))
        case.things["fact_id"] = fact.pk
        case.things["own_round_id"] = youth.own_rounds.get().pk
        placement = PlacementFactory(
            youth=youth,
            contact=self.by,
            tasks=case.word("tasks"),
            support_person=case.word("helper"),
        )
        placement.goals.add(goal_of(youth, words=case.word("atwork")))
        agreement = placement.write_agreement(by=self.by)
        agreement.confirm(side="youth", by=youth.account, name=youth.name, how="signed_in")
        past = PlacementFactory(
            youth=youth,
            contact=self.by,
            tasks=case.word("pasttasks"),
            starts_on=days(-60),
            ends_on=days(-20),
        )
        said = said_of(placement, self.by, case.word("companywell"))
        said.practise = case.word("companypractise")
        said.save()
        said.reply(by=youth.account, answer="disagrees", comment=case.word("companyanswer"))
        link = PlacementLink.give(by=self.by, placement=placement, mail_to="x@x.example")[0]
        why = case.word("why")
        past.say_why(side="youth", reason="other", words=why, name=why, by=self.by)
        case.things |= {"placement_id": placement.pk, "past": past}
        ContactChange.ask(
            by=self.by, youth=youth, to=member(youth.partnership, Role.SCHOOL),
            note=case.word("contactnote"), overlap_until=days(9),
        )  # fmt: skip
        outside = Deadline.objects.create(
            kind="consent", about=case.letter, youth=youth, partnership=youth.partnership,
            base_on=days(0), span=0, due_on=days(0), done_on=days(0), closed_by=self.by,
            closed_at=timezone.now(), closed_because=case.word("outside"),
        )  # fmt: skip
        case.things["deadline_id"] = outside.pk
        contact = placement.employer.contacts.create(name="Bente", phone="1")
        case.things |= {"link_id": link.pk, "feedback_id": said.pk, "row_id": contact.pk}
        case.things |= {"company_id": placement.employer_id, "what": "contact"}
        self._goals(case)

    def _goals(self, case):
        """One that was written anew, with a step that stands and one that does not; one dropped."""
        youth, said = case.youth, {"lane": "job", "owner": "youth", "due_on": days(0)}
        goal = goal_of(youth, words=case.word("goalbefore"), due_on=days(0))
        goal.change(by=self.by, revision=1, words=case.word("goal"), **said)
        gone = goal.add_step(by=self.by, words=case.word("smallstepgone"), owner="school")
        gone.withdraw(by=self.by)
        step = goal.add_step(by=self.by, words=case.word("smallstep"), owner="caseworker")
        goal_of(youth, words="Andet").drop(by=self.by, reason=case.word("dropped"))
        effort = Effort.recommend(
            by=self.by, youth=youth, lane="job", words=case.word("effort"), goal=goal
        )
        effort.start(on=days(0))
        gone = Effort.recommend(by=self.by, youth=youth, lane="social", words="Andet")
        gone.set_aside(because=case.word("aside"))
        case.things |= {
            "goal_id": goal.pk, "small_step_id": step.pk, "effort_id": effort.pk
        }  # fmt: skip

    def _profile(self, case, *, sent):
        profile = HandoverProfileFactory(youth=case.youth)

        def part(section, which=""):
            texts = {f: case.word(f"{section}{which}{f}") for f in FIELDS}
            made = PartFactory(profile=profile, section=section, written_by=self.by, **texts)
            said, name, about = (case.word(f"{section}{which}{f}") for f in FILE)
            case.things["attachment_id"] = attach(made, said, name=f"{name}.docx", about=about).pk
            return made

        if sent:
            parts = {section: part(section) for section in PROFILE}
            profile.send(by=self.by)
            given = self._consent(case)
            for section, made in parts.items():
                question = made.sent.get().answer(
                    by=self.by, kind="question", text=case.word(f"{section}asked")
                )
                question.give_reply(by=self.by, text=case.word(f"{section}replied"))
                said = {"agrees": False, "text": case.word(f"{section}said")}
                PartReaction.give(by=self.by, part=made, revision=made.revision, **said)
            for section in ("competences", "support"):
                key = f"part-{parts[section].pk}"
                Carried.change(by=self.by, youth=case.youth, act="add", key=key)
            self._closed(case, profile)
            for section in ("support", "health"):
                copy = parts[section].sent.get()
                goal = case.youth.goals.get(pk=case.things["goal_id"])
                agreement = profile.meetings.held().get().agreements.get()
                PartUse.make(by=self.by, sent_part=copy, goal=goal)
                PartUse.make(by=self.by, sent_part=copy, agreement=agreement)
            if CASES[case.letter] == "no consent":  # any more
                given.withdraw(by=case.youth.account)
            use = PartUse.make(
                by=self.by,
                sent_part=parts["support"].sent.get(),
                placement=case.youth.placements.get(pk=case.things["placement_id"]),
            )
            rewritten = parts["support"]
            rewritten.refresh_from_db()
            texts = {"text": case.word("rewritten")}
            rewritten.write(by=self.by, revision=rewritten.revision, **texts)
            case.things |= {
                "part_id": rewritten.pk,
                "sent_part_id": parts["health"].sent.get().pk,
                "answer_id": question.pk,
                "use_id": use.pk,
            }
        DocumentStep.start(by=self.by, youth=case.youth, on=days(-30))
        DocumentStep.hold_conversation(
            by=self.by, youth=case.youth, on=days(-9), took_part=case.word("tookpart")
        )
        if sent:
            case.things["step_id"] = DocumentStep.issue(by=self.by, youth=case.youth).pk
        drafts = [part(section, "draft") for section in PROFILE]
        if not sent:
            profile.show_to_youth(by=self.by)
        case.things.setdefault("part_id", drafts[0].pk)

    def _work(self, case):
        """What works at a workplace, from a support need that was sent, or that is a draft."""
        part = Part.objects.filter(profile__youth=case.youth, section="support").first()
        accommodation = Accommodation.add(
            by=self.by, youth=case.youth, part=part, text=case.word("accommodation")
        )
        for copy in part.sent.current():
            PartUse.make(by=self.by, sent_part=copy, accommodation=accommodation)
        made = approved_job(
            case.youth,
            by=member(case.youth.partnership, "school"),
            placement=case.youth.placements.get(pk=case.things["placement_id"]),
            approved=case.word("jobapproved"),
            draft=case.word("jobdraft"),
        )
        case.things["job_profile_id"] = made.pk

    def _closed(self, case, profile):
        """Accepted, returned with what is missing, and a meeting: words in each of the fields."""

        def decide(kind, **said):
            HandoverDecision.give(by=self.by, profile=profile, version=1, kind=kind, **said)

        decide("with_questions", text=case.word("decided"))
        self._feedback(case, profile)
        meeting = Meeting.plan(by=self.by, profile=profile, on=days(0))
        decide("returned", text=case.word("decided"), missing={"health": case.word("missing")})
        meeting.held_on, meeting.youth_present = days(0), True
        meeting.others, meeting.minutes = case.word("agreed"), case.word("agreed")
        meeting.recorded_by = self.by
        meeting.recorded_at = timezone.now()
        meeting.save()
        agreed = {"what": case.word("agreed"), "who": "youth", "due_on": days(5)}
        row = meeting.agreements.create(**agreed)
        ahead = profile.meetings.create(is_first=False, planned_on=days(9), planned_by=self.by)
        point = ahead.add_point(by=self.by, of="youth", words=case.word("agreed"))
        case.things |= {"agreement_id": row.pk, "meeting_id": meeting.pk, "point_id": point.pk}
        # What stood there before it was corrected is read by the same people.
        meeting.correct(
            by=self.by,
            number=1,
            held_on=days(0),
            people=[],
            youth_present=False,
            why_absent=case.word("agreed"),
            others=case.word("agreed"),
            agreements=[agreed | {"pk": row.pk, "due_on": days(6)}],
        )

    def _feedback(self, case, profile):
        """Given while it was accepted, on every part, with what was missing under one heading."""
        given = Feedback.objects.create(
            profile=profile, round=1, number=1, version=1, given_by=self.by
        )
        for part in profile.sent_parts.current():
            given.marks.create(sent_part=part, kind="outdated")
        given.missing.create(
            heading="mental_conditions", section="health", text=case.word("missed")
        )
        Notice.tell_team(case.youth, Role.SCHOOL, kind="feedback", about=str(given.pk), path="/")

    def _consent(self, case):
        given = Consent.give(
            by=self.by, youth=case.youth, section="health", how="paper", note=case.word("note")
        )
        case.things["consent_id"] = given.pk
        return given

    def _people(self, one, two) -> dict:
        a, c, b = (self.cases[letter].youth for letter in "acb")
        people = {role: member(one, role) for role in TEAM}
        people["employer"] = employer_of(a.placements.get(tasks=word("a", "tasks")))
        people["young"], people["young without consent"] = a.account, c.account
        people["young who reads along"] = self.cases["d"].youth.account
        Sitting.start(by=people["school"], youth=a, pen="staff")
        for name, partnership in (
            ("admin", one),
            ("admin in an emergency", one),
            ("admin of another programme", two),
        ):
            people[name] = member(partnership, Role.ADMIN, user__is_staff=True)
        people["controller"] = MembershipFactory(
            role=Role.CONTROLLER, organisation=one.municipality
        ).user
        people["superuser"] = UserFactory(is_staff=True, is_superuser=True)
        for role in ("school", "caseworker"):
            people[f"{role} of another team"] = member(two, role)
            people[f"{role} that has left"] = gone = member(one, role)
            gone.memberships.update(ends_on=days(-1))  # as time passes: the groups still say so
        for role in ("lead", "evaluator"):
            people[f"{role} of another programme"] = member(two, role)
        people["employer of another team"] = employer_of(b.placements.get(tasks=word("b", "tasks")))
        people["young of another team"] = b.account
        both = member(one, Role.CASEWORKER)
        both.act_as(member(two, Role.CASEWORKER, user=both).memberships.last())
        people["caseworker acting elsewhere"] = both
        past = self.cases["a"].things["past"]
        people["employer whose placement has ended"] = employer_of(past)
        people["nobody"] = people["holder of a link"] = None
        return people

    def _emergencies(self):
        """Opened and told to the team, as it happens; what goes out is kept."""
        EmergencyOpening.objects.all().delete()
        for name, letter in (("admin", "a"), ("admin in an emergency", "c")):
            case, by = self.cases[letter], self.people[name]
            with TestCase.captureOnCommitCallbacks() as callbacks:
                opening = EmergencyOpening.open(
                    by=by, youth=case.youth, reason=case.word("emergency")
                )
            self.published += [published(callback) for callback in callbacks]
            case.things["opening_id"] = opening.pk
            if letter == "a":
                opening.close(by=by)
        mail.outbox = []
        for notice in EmergencyNotice.work_list():
            EmergencyNotice.mail(notice.pk)
        health = SentPart.objects.get(pk=self.cases["a"].things["sent_part_id"])
        with TestCase.captureOnCommitCallbacks() as callbacks:
            said = self.cases["a"].word("healthasked")
            health.answer(by=self.people["caseworker"], kind="cannot_use", text=said)
        self.published += [published(callback) for callback in callbacks]
        told = Notice.objects.get(recipient=self.people["school"])
        self.cases["a"].things["notice_id"] = told.pk
        Delivery.send_all()
        PlacementLink.mail_all()
        for user in self.people.values():
            if user is not None:
                Client().post(reverse("account_reset_password"), {"email": user.email})
        self.mails = list(mail.outbox)

    def _imports(self, partnership):
        """A list of the caseworker's: in its name, in a row to correct, and one without a place."""
        case, by = self.cases["a"], self.people["caseworker"]
        said = case.word("imported")
        whole = {"name": said, "birth_date": "1-2-2005", "phone": said, "reason": said,
                 "stu_ends_on": str(days(300)), "key": said}  # fmt: skip
        made = Import.check_file(
            by=by,
            partnership=partnership,
            name=f"{said}.csv",
            lines=[Line(2, whole | {"cpr": said}), Line(3, whole)],
        )
        partnership.places = partnership.referrals.holding_a_place().count()
        partnership.save()
        with TestCase.captureOnCommitCallbacks() as callbacks:
            made.start(by=by)
        self.published += [published(callback) for callback in callbacks]
        Import.run(made.pk)
        case.things["import_id"] = made.pk

    def _sample(self, partnership):
        """A read of last month, drawn for the controller of the municipality."""
        last_month = timezone.localdate().replace(day=1) - timedelta(days=1)
        AccessEvent.objects.using("default").create(
            day=last_month,
            user_id=self.people["caseworker"].pk,
            organisation_id=partnership.municipality_id,
            role=Role.CASEWORKER,
            youth_id=self.cases["a"].youth.pk,
            sections="identity,health",
            channel="page",
        )
        month = last_month.replace(day=1)
        assert ReadSample.draw(partnership.municipality_id, month)
        sample = ReadSample.objects.get()
        self.cases["a"].things["sample_id"] = sample.pk

    def planted(self) -> set[tuple[str, str]]:
        return {(c.letter, kind) for c in self.cases.values() for kind in c.planted}


@contextmanager
def redis_list():
    with current_app.connection_for_read() as broker:
        yield broker.default_channel.client, current_app.conf.task_default_queue


def published(callback) -> str:
    """What a callback after the commit puts on the real broker, as it stands there."""
    with redis_list() as (redis, queue):
        before = set(redis.lrange(queue, 0, -1))
        callback()
        found = [raw for raw in redis.lrange(queue, 0, -1) if raw not in before]
        for raw in found:
            redis.lrem(queue, 1, raw)
    messages = [json.loads(raw) for raw in found]
    return "".join(f"{m}{base64.b64decode(m['body']).decode()}" for m in messages)


class Lines(logging.Handler):
    """Every line of every logger, with the traceback that it carries."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.lines = []

    def emit(self, record):
        if record.name.startswith("factory"):  # of the tests
            return
        self.lines.append(self.format(record))


# -- The crawl ----------------------------------------------------------------------------------

LINK = re.compile(r"""(?:href|action|hx-get|src|formaction)=["']([^"'#]*)""")
AT_MOST = 1000  # addresses a person
ALIKE = 2  # addresses that differ in the values of their query only
ROUTES = dict(routes())


def addresses(world, letters) -> list[str]:
    """Every route with every thing of these cases, with the files and searches that it offers."""
    found = []
    for letter in letters:
        case = world.cases[letter]
        for name, pattern in ROUTES.items():
            if name == "healthz":  # of the servers, and of nobody
                continue
            for whose in PARTIES if name == "eyes" else [""]:
                things = case.things | {"whose": whose}
                wanted = pattern.pattern.converters
                if set(wanted) <= set(things):
                    found.append(reverse(name, kwargs={key: things[key] for key in wanted}))
        if past := case.things.get("past"):
            found.append(reverse("placement", args=[past.pk]))
        for whose in PARTIES if letter in "ab" else ():
            url = reverse("eyes", args=[case.youth.pk, whose])
            found += [f"{url}?page={what}" for what in ("handover", "placement")]
        # Not the whole word: a search says again what was searched for.
        search = urlencode({"q": f"zq{letter}first"})
        lists = [reverse("youths:list")]
        lists.append(reverse("evaluation:youths", args=[case.things["programme_id"]]))
        found += [f"{url}?{search}" for url in lists]
        found += [f"{url}?format={kind}" for url in lists for kind in ("xlsx", "csv")]
    return list(dict.fromkeys(found))


def administration(world) -> list[str]:
    """Every page of the administration, with each row."""
    found = [reverse("admin:index"), f"{reverse('admin:jsi18n')}"]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for page in ("changelist", "add"):
            found.append(reverse(f"{name}_{page}"))
        found += [f"{reverse(f'{name}_changelist')}?q={q}" for q in ("zqafirst", "zqaemail")]
        rows = model._base_manager.order_by("pk")
        if name.endswith("_user"):
            rows = rows.filter(pk__in=[c.youth.account_id for c in world.cases.values()][:2])
        for pk in rows.values_list("pk", flat=True)[:3]:
            found += [reverse(f"{name}_{page}", args=[pk]) for page in ("change", "history")]
    for model, fields in (("membership", ("user", "organisation")),):
        for named in fields:
            asked = {"app_label": "partnerships", "model_name": model, "field_name": named}
            found.append(f"{reverse('admin:autocomplete')}?{urlencode(asked | {'term': 'zqa'})}")
    return found


class Crawl:
    """What one person meets: everything there is to fetch, and every form sent once."""

    def __init__(self, world, viewer):
        self.world, self.viewer = world, viewer
        self.client = Client(raise_request_exception=False)
        if user := world.people[viewer]:
            self.client.force_login(user)
        if viewer == "holder of a link":
            self.client.cookies = holder_of(world.cases["a"].things["link_id"]).cookies
        self.sightings, self.visited, self.alike = set(), {}, Counter()

    def note(self, channel, url, text):
        for letter, kind in found_in(text):
            self.sightings.add(Sighting(channel, self.viewer, url, letter, kind))

    def get(self, url, **headers) -> str:
        """Fetch an address once; the text that it gave."""
        with transaction.atomic():
            response = self.client.get(url, headers=headers or None)
            transaction.set_rollback(True)
        self.visited[url] = response.status_code
        text = text_of(response)
        self.note(self.channel(url, response), url, text)
        self.note("address", url, url)
        assert response.status_code < 500, f"{url} as {self.viewer}: {response.status_code}"
        return text

    @staticmethod
    def channel(url, response) -> str:
        if url.startswith(reverse("admin:index")):
            return "administration"
        if response.status_code >= 400 and response.status_code != 422:
            return "error page"
        kind = response.get("Content-Type", "").partition(";")[0].rpartition("/")[2]
        return {"html": "page"}.get(kind, f"file {kind}")

    def post(self, url, data) -> None:
        with transaction.atomic():
            response = self.client.post(url, data)
            transaction.set_rollback(True)
        kind = "answer to a form" if response.status_code in (200, 422) else "error page"
        if response.status_code in (409, 401):
            kind = "answer to a form"
        self.note(kind, url, text_of(response))

    def links(self, url, text):
        for link in LINK.findall(text):
            there = urlsplit(urljoin(f"http://testserver{url}", unescape(link)))
            if there.netloc != "testserver" or there.scheme != "http":
                continue
            if there.path.startswith(("/static/", "/healthz")):
                continue
            if "sort=" in there.query and "=" in there.query.replace("sort=", ""):
                continue  # another order of what is fetched already
            if there.path.startswith(reverse("admin:index")) and there.query:
                continue
            yield f"{there.path}?{there.query}" if there.query else there.path

    def run(self, start) -> "Crawl":
        waiting = list(start)
        while waiting and len(self.visited) < AT_MOST:
            url = waiting.pop(0)
            if url in self.visited:
                continue
            path, _mark, query = url.partition("?")
            alike = path, tuple(sorted(pair.partition("=")[0] for pair in query.split("&")))
            self.alike[alike] += 1
            chapter = "section=" in query  # each holds other words
            if self.alike[alike] > ALIKE and url not in start and not chapter:
                continue
            text = self.get(url)
            found = list(self.links(url, text))
            if location := re.search(r"^Location: (.*)$", text, re.MULTILINE):
                found += self.links(url, f'href="{location[1]}"')
            waiting += [link for link in dict.fromkeys(found) if link not in self.visited]
        assert not waiting or len(self.visited) < AT_MOST, f"more than {AT_MOST} addresses"
        return self

    def forms(self, letters) -> "Crawl":
        """Each form sent empty, and the two requests that ask for a CPR number."""
        for letter in letters:
            case = self.world.cases[letter]
            for name, pattern in ROUTES.items():
                wanted = pattern.pattern.converters
                again = letter not in (letters[0], letters[-1])
                if again or name == "set_language":
                    continue
                if set(wanted) <= set(case.things):
                    url = reverse(name, kwargs={key: case.things[key] for key in wanted})
                    self.post(url, {})
            url = reverse("youths:cpr", args=[case.youth.pk])
            for act in ("show", "remove", "save"):
                self.post(url, {"act": act})
            with transaction.atomic():
                url = reverse("youths:find")
                answer = self.client.post(url, {"number": CPR[letter]})
                if answer.status_code == 302:
                    self.note("answer to a form", url, answer.url)
                    self.note("page", url, text_of(self.client.get(answer.url)))
                transaction.set_rollback(True)
        return self


def misplaced(sightings) -> list[str]:
    """What stands where it does not belong, in words."""
    return sorted(str(s) for s in sightings if not is_in_place(s))


def assert_in_place(sightings) -> None:
    found = misplaced(sightings)
    assert not found, "\n".join(found)


class Crawls(dict):
    """The crawl of each person, made when it is first asked for."""

    def __init__(self, world):
        self.world = world

    def __missing__(self, viewer):
        own = list(VIEWERS[viewer]) or ["a"]
        own = own if viewer in TEAM[:2] else own[:1]
        # And somebody else's, of whom nothing is theirs.
        letters = [*own, "a" if "b" in own else "b"]
        crawl = Crawl(self.world, viewer)
        start = [reverse("home"), *addresses(self.world, letters)]
        user = self.world.people[viewer]
        if user and user.is_staff:
            start += administration(self.world)
        self[viewer] = crawl.run(start).forms(letters)
        return crawl


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    root, handler = logging.getLogger(), Lines()
    before = root.level
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        transaction.atomic(using="read_log"),
    ):
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)  # the most that LOG_LEVEL can ask for
        try:
            made = World()
            made.log = handler.lines
            yield made
        finally:
            root.removeHandler(handler)
            root.setLevel(before)
            transaction.set_rollback(True)
            transaction.set_rollback(True, using="read_log")


@pytest.fixture(scope="module")
def crawls(world):
    return Crawls(world)


@pytest.fixture
def _django_db_helper(world):
    """In place of pytest-django's own, which closes the connection that the world stands on."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# -- Every person, every channel ------------------------------------------------------------------


def test_every_word_of_the_table_is_planted(world):
    assert {kind for _letter, kind in world.planted()} == set(SECTION)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_nobody_meets_a_word_that_is_not_theirs(crawls, viewer):
    assert_in_place(crawls[viewer].sightings)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_everybody_meets_what_is_theirs(world, crawls, viewer):
    """Without this the search could be blind."""
    met = {(s.letter, s.kind) for s in crawls[viewer].sightings}
    theirs = {(letter, kind) for letter, kind in allowed(viewer) & world.planted()
              if kind not in NEED_NOT_BE_SHOWN}  # fmt: skip
    assert not theirs - met, f"{viewer} never met {sorted(theirs - met)}"


# -- What leaves by other ways ------------------------------------------------------------------


def sightings_in(channel, texts) -> set:
    return {
        Sighting(channel, "nobody", where, letter, kind)
        for where, text in texts
        for letter, kind in found_in(text)
    }


def test_mails_hold_nothing_of_a_case(world):
    """Those of an emergency, of a forgotten password, and a company's link."""
    assert len(world.mails) > len(VIEWERS)
    assert any("?link=" in mail.body for mail in world.mails)
    texts = [(m.subject, f"{m.subject}\n{m.body}\n{m.extra_headers}") for m in world.mails]
    texts += [(m.subject, str(m.alternatives)) for m in world.mails if hasattr(m, "alternatives")]
    assert_in_place(sightings_in("mail", texts))


def test_messages_to_workers_hold_ids_alone(world):
    told = set(re.findall(r"\w+\.tasks\.\w+", "".join(world.published)))
    assert told >= {"youths.tasks.mail_emergencies", "evaluation.tasks.recompute"}
    assert_in_place(sightings_in("message to a worker", [("", raw) for raw in world.published]))


def test_lines_of_the_log_hold_nothing_of_a_case(world, crawls):
    crawl = crawls["young"]  # refused often, so that there is something in the log
    refused = [url for url, status in crawl.visited.items() if status == 404]
    assert any(refused[0] in line for line in world.log)
    assert_in_place(sightings_in("log", [(line[:60], line) for line in world.log]))


def test_a_broken_page_says_nothing_nor_does_its_traceback(world, monkeypatch):
    def broken(user, youth):
        words = youth.words.first().text  # a traceback tells lines, and never what stands in them
        raise RuntimeError(len(words))

    monkeypatch.setattr("vivirkr.views.cases.case_page", broken)
    client = Client(raise_request_exception=False)
    client.force_login(world.people["school"])
    begin, url = len(world.log), reverse("case", args=[world.cases["a"].youth.pk])
    response = client.get(url)
    assert response.status_code == 500
    assert any("RuntimeError" in line for line in world.log[begin:])
    found = sightings_in("error page", [(url, text_of(response))])
    found |= sightings_in("log", [(url, line) for line in world.log[begin:]])
    found |= sightings_in("mail", [(url, str(m.message())) for m in mail.outbox])
    assert_in_place(found)


def test_the_cache_holds_nothing_of_a_case(world):
    """What stands in it: the counters of sign-ins that failed."""
    email = f"{word('a', 'email')}@x.example"
    Client().post(reverse("account_login"), {"login": email, "password": "forkert"})
    table = project.CACHES["default"]["LOCATION"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT cache_key, value FROM {table}")  # noqa: S608
        rows = cursor.fetchall()
    assert rows
    texts = [(key, key + base64.b64decode(value).decode("latin-1")) for key, value in rows]
    assert_in_place(sightings_in("cache", texts))


def test_sessions_hold_nothing_of_a_case(world):
    crawl = Crawl(world, "school")
    for url in addresses(world, ["a"])[:20]:
        crawl.get(url)
    crawl.forms(["a"])
    found = [("", str(session.get_decoded())) for session in Session.objects.all()]
    assert any("_auth_user_id" in text for _where, text in found)
    assert_in_place(sightings_in("session", found))


def test_no_row_is_named_by_what_it_holds(world):
    """`__str__` and `repr` of every row: a code at most."""
    found = [
        (f"{model._meta.label} {row.pk}", f"{row} {row!r}")
        for model in apps.get_models()
        for row in model._base_manager.all()
        if model._meta.app_label not in ("sessions", "account")  # by the key, and by the address
    ]
    seen = sightings_in("name of a row", found)
    assert {s.kind for s in seen} == {"code"}  # it is found where it stands
    assert_in_place(seen)


def test_changes_by_an_administrator_are_noted_without_a_name(world):
    """A colleague's page, saved with another telephone number; no young person has one."""
    client = Client()
    client.force_login(world.people["superuser"])
    young = world.cases["a"].youth.account
    url = reverse("admin:partnerships_user_change", args=[young.pk])
    assert client.get(url).status_code == 302
    account = UserFactory(name="Kollega")
    url = reverse("admin:partnerships_user_change", args=[account.pk])
    data = {"email": account.email, "name": account.name, "phone": "1", "is_active": "on"}
    for kind, number in (("TOTAL", 0), ("INITIAL", 0), ("MIN_NUM", 0), ("MAX_NUM", 0)):
        data[f"memberships-{kind}_FORMS"] = number
    assert client.post(url, data).status_code == 302
    rows = LogEntry.objects.all()
    assert rows
    texts = [(url, f"{row.object_repr} {row.change_message} {row}") for row in rows]
    assert_in_place(sightings_in("log of the administration", texts))


def raw(table, column) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM {table}')  # noqa: S608
        return [
            bytes(value).decode("latin-1") if isinstance(value, memoryview) else str(value)
            for (value,) in cursor.fetchall()
        ]


def test_what_is_encrypted_stands_nowhere_in_the_clear(world):
    """Every column of every table, as the database holds it."""
    sealed = {
        "cpr", "helper", "atwork", "why", "purpose", "refusal", "outside", "assessed", "easier",
        "accommodation", "jobdraft", "jobapproved", "contactnote", *MADE_OF["companysaid"],
        *MADE_OF["drafts"], *HANDED_OVER,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type IN"
            " ('text', 'character varying', 'bytea', 'json', 'jsonb')"
        )
        columns = cursor.fetchall()
    assert ("handover_part", "text") in columns
    assert ("youths_cprnumber", "number") in columns
    found = sightings_in("raw column", [(f"{t}.{c}", "\n".join(raw(t, c))) for t, c in columns])
    assert {"words", "first"} <= {s.kind for s in found}  # in the clear, and found
    assert_in_place({s for s in found if s.kind in sealed})
    assert encrypted_fields()


def test_no_file_on_the_disk_can_be_read(world):
    files = [path for path in project.FILES_DIR.rglob("*") if path.is_file()]
    texts = [(str(path), f"{path} {path.read_bytes().decode('latin-1')}") for path in files]
    assert texts
    assert sightings_in("file on the disk", texts) == set()


def test_the_web_servers_log_has_no_searches_in_it():
    """gunicorn writes no line for a request unless asked to; nothing of ours asks."""
    root = Path(project.BASE_DIR)
    files = ("Dockerfile", "docker-compose.yml", "scripts/run.py", "scripts/scan.py")
    told = [line for name in files for line in (root / name).read_text().splitlines()]
    assert any("gunicorn" in line for line in told)
    assert not [line for line in told if "access-log" in line]


# -- Leaks planted on purpose ---------------------------------------------------------------------


def looked_at(world, viewer, *urls) -> list[str]:
    crawl = Crawl(world, viewer)
    for url in urls:
        crawl.get(url)
    return misplaced(crawl.sightings)


def assert_finds(found, *said):
    assert any(all(words in line for words in said) for line in found), found


def test_finds_a_queryset_that_forgets_the_consent(world, monkeypatch):
    case = world.cases["c"]
    url = reverse("handover:received", args=[case.youth.pk])
    assert looked_at(world, "caseworker", url) == []
    monkeypatch.setattr(SentPartQuerySet, "disclosed", lambda rows: rows)
    found = looked_at(world, "caseworker", url)
    assert_finds(found, "page, as caseworker", url, "health of c (healthtext)")


def test_finds_a_template_that_names_the_young_people(world, settings, tmp_path):
    case = world.cases["a"]
    url = reverse("evaluation:youths", args=[case.things["programme_id"]])
    assert looked_at(world, "lead", url) == []
    real = Path(settings.BASE_DIR) / "templates/evaluation/youths.html"
    named = "{% for row in table.rows %}{{ row.record.youth.name }}, "
    named += "{{ row.record.youth.birth_date }}{% endfor %}{% render_table table %}"
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "evaluation/youths.html").write_text(
        real.read_text().replace("{% render_table table %}", named)
    )
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [tmp_path, *engine["DIRS"]]}]
    found = looked_at(world, "lead", url)
    assert_finds(found, "page, as lead", url, "identity of a (last)")
    assert_finds(found, "page, as lead", url, "identity of a (birth)")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_finds_a_file_with_more_than_the_page(world, monkeypatch, kind):
    case = world.cases["a"]
    page = reverse("evaluation:youths", args=[case.things["programme_id"]])
    url = f"{page}?format={kind}"
    assert looked_at(world, "lead", page, url) == []
    monkeypatch.setattr(CountedTable, "value_changes", lambda table, record: record.youth.name)
    found = looked_at(world, "lead", page, url)
    assert_finds(found, "file", "as lead", url, "identity of a (last)")
    assert not [line for line in found if line.startswith("page")]


@pytest.mark.pango
def test_finds_a_pdf_with_a_hidden_section(world, monkeypatch):
    case = world.cases["c"]
    url = reverse("case_pdf", args=[case.youth.pk])
    assert looked_at(world, "caseworker", url) == []
    everything = "handover.models.answers.SentPartQuerySet.visible_to"
    monkeypatch.setattr(everything, lambda rows, user, youth: rows.filter(profile__youth=youth))
    found = looked_at(world, "caseworker", url)
    assert_finds(found, "file pdf, as caseworker", url, "health of c (healthtext)")
