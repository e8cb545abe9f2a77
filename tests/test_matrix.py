"""Every route x method x role x situation: the status, whose sections are on the page, and that
the read log says so.

`ROUTES` says in a line what a route asks for; what each person then gets follows from the world in
plain Python (tests/oracle.py), not from the views. Every section of every young person here holds
words that stand nowhere else, so that what a page shows can be read off it. A route without a line
fails, and so does a section of which nothing is planted.
"""

import logging
import re
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from evaluation.models import Assessment, ObservedFact, OwnRound, PartnershipProgress
from handover.models import (
    Accommodation,
    ApprovedJobProfile,
    Carried,
    DocumentStep,
    Feedback,
    HandoverDecision,
    HandoverProfile,
    JobProfile,
    Meeting,
    Part,
    PartAnswer,
    PartReaction,
    PartUse,
    SectionRequest,
    SentPart,
)
from handover.models.answers import SentPartQuerySet
from partnerships.access import Role, Section
from partnerships.models import Membership, Partnership, User
from partnerships.sheets import Line
from tests import oracle
from tests.factories import (
    HandoverProfileFactory,
    IndicatorFactory,
    MembershipFactory,
    PartFactory,
    PartnershipFactory,
    PlacementFactory,
    ProgrammeFactory,
    RatingFactory,
    RatingRoundFactory,
    UserFactory,
    YouthFactory,
    account_of,
    approved_job,
    attach,
    cut_of,
    days,
    employer_of,
    entry_of,
    goal_of,
    member,
    report_of,
    said_of,
    settled_definition,
)
from vivirkr.things import OF_A_YOUTH
from youths.models import (
    HELD,
    AccessEvent,
    Consent,
    Deadline,
    EmergencyOpening,
    Import,
    Notice,
    OwnWords,
    Placement,
    PlacementLink,
    ReadSample,
    Referral,
    Youth,
)
from youths.models.youths import OwnWordsQuerySet, YouthQuerySet

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "delete")
TEAM = ("school", "caseworker")


@dataclass(frozen=True)
class Route:
    """What a route asks for, and what it answers to who may.

    of: what it names; the row must be the person's, or it is not found. "" names nothing.
    needs: the codename without which it is refused, on that row or, of none, on any.
    writes: the one to send its form. Both by role, where the sides hold different ones.
    only: the roles that it is for; others are refused. `writers`, those who may send its form.
    get, post: the status of who may; by role, where they differ. `post` is an empty form's.
    before: what `get` is before the school has accepted, where it is not just the same.
    shows: the words that must stand on the page, as far as the person may see them.
    of_all: those of every young person whom the person may see, not of the named one alone.
    in_force: its form is refused to who has left and reads along, whatever else is held.
    """

    of: str = ""
    needs: str | dict = ""
    writes: str | dict = ""
    methods: str = "get"
    only: tuple = ()
    writers: tuple = ()
    get: int | dict = 200
    post: int | dict = 422
    before: int | dict = 0
    shows: str = ""
    of_all: bool = False
    in_force: bool = False


NAME = "first last"
TEXTS = " ".join(f"{s}.{kind}" for s in oracle.PROFILE for kind in ("label", "text", "said"))
STEPS = "steps.youth steps.school steps.caseworker easier"
AGREEING = {"of": "partnership", "methods": "get post", "needs": "change_agreement", "only": TEAM}
# What both sides write; a company holds no codename of the course, and writes all the same.
STEPPING = {"school": "step_course", "caseworker": "step_course", "": ""}
WRITE = {"needs": "change_direction", "of": "youth"}
CONTACT = {"school": "change_words", "caseworker": "change_identity", "": ""}
YOUNG = {"needs": "change_words", "of": "youth", "get": {"": 200, "school": 302}}

ROUTES = {
    "home": Route(
        get={
            "": 200,
            **dict.fromkeys(
                ("employer", "lead", "evaluator", "admin", "controller", "staff"), 302
            ),
        },
    ),
    "accessibility": Route(),
    "privacy": Route(),
    "no_address": Route(get=404),
    "acting": Route(methods="get post", post=403),
    "partnerships": Route(),
    "partnerships:policy": Route(),
    "partnership": Route(of="partnership"),
    "partnerships:sign": Route(
        of="partnership", needs="change_agreement", methods="get post", only=TEAM, post=302
    ),
    # Before there is a case there is a referral, which is not the young person's to read.
    "case": Route(
        of="youth",
        before={"": 302, "young": 404},
        shows=f"{NAME} phone code words wish {STEPS} competences.label competences.text",
    ),
    "case_pdf": Route(
        of="youth", before=404, shows=f"{NAME} code words wish {STEPS} {TEXTS} jobapproved"
    ),
    "eyes": Route(of="youth", needs="change_agreement"),
    "youths:find": Route(needs="change_cpr", methods="get post"),
    "youths:cpr": Route(of="youth", needs="view_cpr", methods="get post", post=403),
    "youths:list": Route(only=TEAM, shows=f"{NAME} code", of_all=True),
    "youths:refer": Route(of="partnership", needs="change_referral", methods="get post"),
    "youths:import": Route(of="partnership", needs="change_referral", methods="get post"),
    # One's own only, and somebody else handed it in; see tests/youths/test_imports.py.
    "youths:imported": Route(methods="get post", get=404, post=404),
    "youths:referral": Route(
        of="referral", methods="get post", post=403, shows=f"{NAME} phone code reason"
    ),
    "youths:emergencies": Route(methods="get post", only=("admin", "staff")),
    "youths:emergency": Route(of="opening", methods="get post", post=403, shows="emergency"),
    "youths:words": Route(
        of="youth", needs="view_words", writes="change_words", methods="get post",
        shows="words wish",
    ),
    "youths:wishes": Route(**YOUNG, methods="get post", post={"": 422, "school": 409}),
    "youths:together": Route(
        of="youth", needs="change_words", methods="get post", only=("school",)
    ),
    "youths:sharing": Route(
        of="youth", needs="view_sharing", methods="get post", writers=("young",), post=404
    ),
    # A yes that was given already: the school notes another only for the young person.
    "youths:record_consent": Route(
        of="youth", needs="change_sharing", methods="get post", only=("school",)
    ),
    "withdraw": Route(of="youth", needs="change_sharing", methods="get post", post=302),
    # Nobody here is named for it; see tests/youths/test_consents.py for who is.
    "legal_basis": Route(of="youth", needs="override_health", methods="get post"),
    "youths:readers": Route(of="youth", needs="view_reads"),
    # The company prints its placement.
    "youths:printed": Route(of="read", methods="post", post=204),
    "youths:reviews": Route(only=("controller",)),
    "youths:review": Route(of="sample", methods="get post", post=404),
    "youths:account": Route(of="youth", needs="change_identity", methods="get post"),
    # Told to somebody else in the team.
    "youths:notice_seen": Route(methods="post", post=404),
    "youths:saved_views": Route(methods="get post", only=TEAM),
    "mails": Route(methods="get post"),
    "youths:placements": Route(only=("employer",), shows="first", of_all=True),
    "placement": Route(of="placement", shows="first tasks helper atwork why jobapproved company"),
    "youths:placement_link": Route(
        of="youth", needs="step_course", methods="get post", only=TEAM, post=404
    ),
    "youths:agreement_link": Route(
        of="youth", needs="step_course", methods="get post", only=TEAM, post=404
    ),
    "youths:next_meeting": Route(
        of="youth", needs="step_course", methods="get post", only=TEAM, post=302
    ),
    "youths:placement_feedback": Route(
        of="placement", methods="get post", only=("employer",), shows="first"
    ),
    # The school beside the young person, once it has started to sit together.
    "youths:answer_feedback": Route(
        of="youth", needs={"school": "change_words", "": "view_course"}, methods="get post",
        only=("young", "school"),
        get={"": 200, "school": 302}, post={"": 422, "school": 409}, shows="company",
    ),
    # The register of companies: no young person's, but for the names in a company's history.
    "youths:companies": Route(only=TEAM),
    "youths:company": Route(of="company", only=TEAM, shows="first last"),
    "youths:add_company": Route(methods="get post", only=TEAM, in_force=True),
    "youths:change_company": Route(of="company", methods="get post", only=TEAM, in_force=True),
    "youths:add_company_part": Route(of="company", methods="get post", only=TEAM, in_force=True),
    "youths:company_part": Route(of="company", methods="get post", only=TEAM, in_force=True),
    "youths:entry_point": Route(methods="get post", only=("caseworker",), in_force=True),
    # For who holds a company's link; see below for what it opens.
    "youths:link": Route(methods="get post", get=409, post=409),
    "youths:link_feedback": Route(methods="get post", get=404, post=404),
    "youths:link_agreement": Route(methods="get post", get=404, post=404),
    "by_link": Route(methods="get post", get=404, post=404),
    "youths:change_placement": Route(
        of="placement", needs="change_course", methods="get post", shows="tasks helper atwork"
    ),
    "youths:prolong_placement": Route(
        of="placement", needs="change_course", methods="get post"
    ),
    "youths:pause_placement": Route(of="placement", needs="change_course", methods="get post"),
    # What is asked of the young person's side is told there already.
    "youths:end_placement": Route(
        of="placement", needs="change_course", methods="get post", post=302
    ),
    # An empty form does not say which text its sender has read.
    "youths:agreement": Route(
        of="placement", writes=STEPPING, methods="get post", post=409,
        shows="first tasks helper atwork",
    ),
    "youths:weeks": Route(of="placement", writes=STEPPING, methods="get post", shows="first"),
    # No step is a plan, too.
    "youths:plan_hours": Route(
        of="placement", needs="change_course", methods="get post", post=302
    ),
    "youths:step_hours": Route(
        of="placement", needs="change_course", methods="post", post=302
    ),
    "youths:add_placement": Route(of="youth", needs="change_course", methods="get post"),
    # Of those in the course who have something open.
    "youths:deadlines": Route(only=TEAM),
    "youths:timetable": Route(of="youth", before=404, shows="code"),
    "timetable_pdf": Route(of="youth", before=404, shows=f"{NAME} code"),
    # Done outside already: an empty form says nothing about it.
    "youths:deadline": Route(
        of="youth", needs="view_sharing", methods="get post", writers=("school",),
        shows="outside",
    ),
    "youths:goals": Route(of="youth", needs="view_course", shows="goal step"),
    "youths:add_goal": Route(of="youth", needs="change_course", methods="get post"),
    "youths:goal": Route(
        of="youth", needs="view_course", writes="step_course", methods="get post",
        shows="goal step",
    ),
    "youths:change_goal": Route(of="youth", needs="change_course", methods="get post"),
    "youths:close_goal": Route(of="youth", needs="change_course", methods="get post"),
    "youths:step": Route(of="youth", needs="step_course", methods="post", post=404),
    "handover:write": Route(**WRITE, shows="words direction.draft direction.text direction.label"),
    "handover:earlier": Route(**WRITE),
    "handover:move": Route(**WRITE, methods="post", post=404),
    # What still stands is not copied, and the page says so.
    "handover:copy": Route(**WRITE, methods="post", post=302),
    "handover:add": Route(**WRITE, methods="post", post=404),
    "draft_pdf": Route(**WRITE, shows=f"{NAME} code words wish direction.draft direction.label"),
    "handover:part": Route(
        **WRITE, methods="get post", shows="competences.text competences.works"
    ),
    "handover:remove": Route(**WRITE, methods="get post", post=409),
    # What was written since is complete, so that there is something to send; but an empty form
    # does not say what its sender has read.
    "handover:send": Route(**WRITE, methods="get post", post=409),
    "handover:show": Route(**WRITE, methods="get post", post=404),
    # The school takes part once it has started to sit together; see tests/handover/test_young.py.
    "handover:mine": Route(**YOUNG, shows=" ".join(f"{s}.label" for s in oracle.PROFILE)),
    "handover:react": Route(
        **YOUNG, methods="get post", post={"": 422, "school": 409},
        shows="competences.text competences.works competences.said",
    ),
    "handover:carry": Route(
        **YOUNG, methods="get post", post={"": 404, "school": 302},
        shows="words wish competences.label support.label",
    ),
    # What the young person sees differently is left out, unless they carry it.
    "my_profile": Route(**YOUNG, shows=f"{NAME} words wish competences.label competences.text"),
    "handover_pdf": Route(
        of="youth", needs="view_direction", shows=f"{NAME} code words wish {TEXTS}"
    ),
    "handover:document": Route(
        of="youth", needs="view_direction", writes="change_direction", methods="get post",
        post=404, shows="took_part",
    ),
    "issued_pdf": Route(
        of="youth", needs="view_direction", shows=f"{NAME} code words wish {TEXTS}"
    ),
    # Before there is a case nobody is the contact; the young person sees who it is in the case.
    "youths:change_contact": Route(
        of="youth", only=TEAM, methods="get post", writes=CONTACT, before=404
    ),
    "youths:stu_end": Route(of="youth", needs="change_identity", methods="get post"),
    "handover:received": Route(
        of="youth", needs="view_direction",
        shows=f"words {TEXTS} purpose goal agreed accommodation missed",
    ),
    "handover:ask": Route(of="youth", needs="answer_direction", methods="get post"),
    "handover:request": Route(
        of="youth", needs="view_sharing", methods="get post", post=404, shows="purpose"
    ),
    "handover:versions": Route(
        of="youth", needs="view_direction", shows=" ".join(f"{s}.label" for s in oracle.PROFILE)
    ),
    "handover:version": Route(of="youth", needs="view_direction", before=404, shows=TEXTS),
    "handover:changed": Route(of="youth", needs="view_direction", before=404, shows=TEXTS),
    "handover:files": Route(
        **WRITE, methods="get post",
        shows="competences.label competences.filename competences.about",
    ),
    "handover:file": Route(of="youth", needs="view_direction", shows="competences.file"),
    "handover:remove_file": Route(
        **WRITE, methods="get post", post=302, shows="competences.about"
    ),
    "handover:answer": Route(
        of="sent", needs="view_direction", writes="answer_competences", methods="get post", get=302
    ),
    "handover:reply": Route(**WRITE, methods="post"),
    "handover:accommodations": Route(
        of="youth", needs="view_job_profile", writes="change_job_profile", methods="get post",
        shows="accommodation",
    ),
    "handover:opened": Route(of="youth", needs="answer_direction", methods="post", post=204),
    # A company sees its placement, and nothing of what it is built on.
    "handover:placement_parts": Route(
        of="placement", get={"": 200, "employer": 404}, shows="competences.label"
    ),
    "handover:goal_parts": Route(of="youth", needs="view_course", shows="competences.label"),
    "handover:agreement_parts": Route(of="youth", needs="view_course", shows="competences.label"),
    "handover:use": Route(of="sent", needs="answer_competences", methods="post", post=404),
    "handover:undo_use": Route(of="use", needs="answer_competences", methods="post", post=302),
    # It stands as it was sent.
    "handover:check_again": Route(
        of="sent", needs="answer_competences", methods="post", post=409, shows=TEXTS
    ),
    "handover:knowledge": Route(of="programme"),
    "handover:jobs": Route(
        of="youth", needs="view_job_profile", writes="change_job_profile", methods="get post",
        shows="jobdraft jobapproved",
    ),
    "handover:job": Route(
        of="youth", needs="change_job_profile", methods="get post",
        shows="jobapproved accommodation",
    ),
    # The school beside the young person, once it has started to sit together.
    "handover:job_answer": Route(
        of="youth", needs={"school": "change_words", "": "view_job_profile"},
        only=("young", "school"), methods="get post",
        get={"": 200, "school": 302}, post={"": 422, "school": 409},
        shows="jobdraft jobapproved",
    ),
    "job_pdf": Route(of="approved", shows="first jobapproved tasks"),
    # Held already: the answer stands, and the page leads to what was agreed.
    "handover:decide": Route(
        of="youth", needs="answer_direction", methods="get post", get=302
    ),
    # Returned, so that none is asked for; see tests/handover/test_feedback.py for when it is.
    "handover:feedback": Route(
        of="youth", needs="answer_direction", methods="get post", get=302
    ),
    "handover:feedback_year": Route(only=("school",)),
    "youths:course": Route(of="youth", needs="view_course", shows="goal effort"),
    "youths:enter_phase": Route(of="youth", needs="change_course", methods="get post"),
    "youths:recommend": Route(
        of="youth", needs="step_course", methods="get post", only=("school", "caseworker")
    ),
    "youths:effort": Route(
        of="youth", needs="change_course", methods="get post", shows="effort", post=409
    ),
    "handover:meetings": Route(
        of="youth", needs="view_course", writes="step_course", methods="get post",
        shows="agreed others point",
    ),
    "handover:withdraw_point": Route(
        of="youth", needs="step_course", writes="change_course", methods="post", post=302
    ),
    # Returned, so that none is planned; see tests/handover/test_agenda.py for the agenda on it.
    "handover:meeting": Route(of="youth", needs="change_course", methods="get post"),
    "handover:correct_meeting": Route(
        of="youth", needs="change_course", methods="get post", shows="agreed others"
    ),
    "handover:agreement_done": Route(
        of="youth", needs="view_course", writes="change_course", methods="post", post=302
    ),
    "evaluation:ratings": Route(of="youth", needs="view_ratings", shows=STEPS),
    "evaluation:rate": Route(of="youth", needs="change_ratings", methods="get post", only=TEAM),
    # The school beside the young person, once it has started to sit together.
    "evaluation:own": Route(
        of="youth", needs="change_ratings", methods="get post", only=("young", "school"),
        get={"": 200, "school": 302}, post={"": 422, "school": 409},
    ),
    "evaluation:give_link": Route(
        of="youth", needs="change_words", methods="get post", only=("school",), post=404
    ),
    "evaluation:take_back_quote": Route(
        of="youth", needs="change_words", methods="post", post=302
    ),
    # For who holds a link, and for nobody who is signed in; see tests/evaluation/test_own.py.
    "evaluation:link": Route(methods="get post", get=409, post=409),
    "evaluation:by_link": Route(methods="get post", get=404, post=404),
    "evaluation:facts": Route(
        of="youth", needs="view_ratings", methods="get post", writes="change_ratings",
        writers=TEAM, shows="assessed",
    ),
    "evaluation:take_back": Route(
        of="youth", needs="change_ratings", methods="get post", only=TEAM, post=302
    ),
    "evaluation:dashboard": Route(of="programme"),
    "evaluation:youths": Route(of="programme", shows="code", of_all=True),
    "evaluation:attention": Route(of="programme"),
    "evaluation:status": Route(of="programme", methods="get post", post=302),
    "evaluation:criteria": Route(of="programme"),
    "evaluation:register": Route(of="programme", methods="get post", writers=("lead",)),
    "evaluation:remove_entry": Route(
        of="programme", methods="get post", only=("lead",), post=302
    ),
    "evaluation:entry_document": Route(of="programme"),
    "evaluation:attention_rows": Route(of="programme"),
    "evaluation:workbench": Route(of="programme", methods="get post", writers=("evaluator",)),
    "evaluation:quotes": Route(of="programme", only=("evaluator",)),
    "evaluation:cut": Route(of="programme", methods="get post"),
    "evaluation:cut_file": Route(of="programme", only=("evaluator",)),
    "evaluation:report": Route(of="programme", methods="get post", post=302),
    "evaluation:report_file": Route(of="programme"),
    "evaluation:what_if_all": Route(of="programme", methods="get post"),
    "evaluation:definition": Route(
        of="partnership", methods="get post", writes="change_agreement", writers=TEAM, post=302
    ),
    "evaluation:answer": Route(**AGREEING, get=302, post=302),  # handed in already
    "evaluation:settle": Route(**AGREEING),
    "evaluation:sign_definition": Route(**AGREEING, post=409),
    "evaluation:what_if": Route(
        of="partnership", needs="view_ratings", methods="get post", only=TEAM
    ),
    "evaluation:progress": Route(of="partnership", needs="view_ratings", only=TEAM),
}  # fmt: skip
# What anybody may open without signing in. allauth's own pages say so themselves.
PUBLIC = {"healthz", "set_language", "accessibility", "privacy"}
# For who holds a link; without one there is nothing to find.
BY_A_LINK = {"evaluation:link", "evaluation:by_link"}
BY_A_COMPANYS_LINK = {
    "youths:link", "youths:link_feedback", "youths:link_agreement", "by_link"
}  # fmt: skip
BY_A_LINK |= BY_A_COMPANYS_LINK
PUBLIC |= BY_A_LINK
WITHOUT_ROUTE = PUBLIC - set(ROUTES)
# Things that exist only once the school has accepted.
IN_THE_CASE = (
    "fact_id",
    "own_round_id",
    "consent_id",
    "part_id",
    "attachment_id",
    "sent_part_id",
    "answer_id",
    "use_id",
    "step_id",
    "placement_id",
    "opening_id",
    "request_id",
    "job_profile_id",
    "agreement_id",
    "meeting_id",
    "point_id",
    "notice_id",
    "deadline_id",
    "goal_id",
    "effort_id",
    "small_step_id",
    "link_id",
    "feedback_id",
    "company_id",
)

# What goes out with a part: its texts, and a file with its name and what it shows.
SENT = ("label", "text", "works", "evidence", "file", "filename", "about")

# Which words are of which section. The first two of a name stand for it wherever it is shown.
KINDS = {
    "first": "identity",
    "last": "identity",
    "phone": "identity",
    "code": "code",
    "reason": "referral",
    "words": "words",
    "wish": "words",
    "tasks": "course",
    "company": "course",
    "helper": "course",
    "atwork": "course",
    "why": "course",
    "goal": "course",
    "step": "course",
    "accommodation": "job_profile",
    "jobdraft": "job_profile",
    "jobapproved": "job_profile",
    "agreed": "course",
    "others": "course",
    "point": "course",
    "effort": "course",
    "decided": "direction",
    "missing": "support",
    "missed": "network",
    "emergency": "reads",
    "took_part": "direction",
    "purpose": "sharing",
    "outside": "sharing",
    "assessed": "ratings",
    "easier": "ratings",
    **{f"steps.{voice}": "ratings" for voice in ("youth", "school", "caseworker")},
    **{
        f"{section}.{kind}": section
        for section in oracle.PROFILE
        for kind in (*SENT, "draft", "asked", "replied", "said")
    },
}
# What the page of a placement shows is one section of its own in the read log.
ALSO_NOTED_AS = dict.fromkeys(("first", "tasks", "helper", "atwork", "why", "company"), "placement")
# Sections that hold nothing of one young person, or whose words others plant.
WITHOUT_WORDS = {"agreement", "counts", "placement", "cpr"}
WORDS = re.compile(r"zz-(\w)-([\w.]+)-zz")


def word(youth: str, kind: str) -> str:
    """Words that stand in one place only: of the young person with this letter."""
    return f"zz-{youth}-{kind}-zz"


def routes(patterns=None, prefix=""):
    """Every named route of our own: (name, pattern). allauth and the administration have tests
    of their own."""
    for entry in patterns or get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace == "admin" or "allauth" in str(entry.urlconf_name):
                continue
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from routes(entry.url_patterns, inner)
        elif isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name}", entry


PATTERNS = dict(routes())


# -- The house: everybody and everything, built once ---------------------------------------------


@dataclass
class Case:
    """One young person with something in every section, and the things that routes name."""

    letter: str
    youth: Youth
    things: dict = field(default_factory=dict)
    young: User | None = None
    employer: User | None = None


class House:
    """Four partnerships of two programmes, seven cases, and the people of every situation."""

    def __init__(self):
        self.by = UserFactory()
        one, two = ProgrammeFactory.create_batch(2)
        for programme in (one, two):
            RatingRoundFactory(programme=programme)
        self.entries = {one.pk: entry_of(one).pk, two.pk: entry_of(two).pk}
        self.indicators = [IndicatorFactory(code=code) for code in ("direction", "belief")]
        own, sister, ended = (PartnershipFactory(signed=True, programme=one) for _ in range(3))
        other = PartnershipFactory(signed=True, programme=two)
        self.cases = {
            letter: self._case(letter, partnership, consent=letter != "b")
            for letter, partnership in zip("abseo", (own, own, sister, ended, other), strict=True)
        }
        self.cases["p"] = self._proposed("p", own)
        self.cases["d"] = self._declined("d", own)
        team = self._people(own, self.cases["a"])
        # Situation: the case that the request is about, and the people who make it.
        self.situations = {
            "own": ("a", team),
            "no consent": ("b", self._with_those_of(team, "b")),
            "not accepted": ("p", self._with_those_of(team, "p")),
            "declined": ("d", self._with_those_of(team, "d")),
            "other partnership": (
                "a",
                {r: team[r] for r in ("lead", "evaluator", "admin")}
                | self._people(sister, self.cases["s"], programme=False),
            ),
            "other programme": ("a", self._people(other, self.cases["o"])),
            "ex-member": ("a", self._left(self._people(own, self.cases["a"], young=False))),
            "reads along": ("a", self._reading(self._people(own, self.cases["a"], young=False))),
            "deactivated": ("a", self._people(own, self.cases["a"], young=False)),
            "acting for another": ("a", self._elsewhere(own, other)),
            "ended": ("e", self._people(ended, self.cases["e"])),
        }
        for partnership in (own, sister, ended, other):
            settled_definition(partnership, self.by)
            PartnershipProgress.recompute(partnership.pk)
        self._freeze()
        ended.end(by=self.by)
        people = {u for _l, found in self.situations.values() for u in found.values()}
        self.clients = {user.pk: self._client(user) for user in people}
        gone = [u.pk for u in self.situations["deactivated"][1].values()]
        User.objects.filter(pk__in=gone).update(is_active=False)
        self.mirror()

    def _freeze(self):
        """A cut and a report of each programme, as the cases stand; each a thing of its cases."""
        for programme in {case.youth.partnership.programme for case in self.cases.values()
                          if case.youth.partnership}:  # fmt: skip
            cut = cut_of(programme)
            frozen = {"cut_id": cut.pk, "report_id": report_of(cut).pk}
            for case in self.cases.values():
                if case.things["programme_id"] == programme.pk:
                    case.things |= frozen

    @staticmethod
    def _client(user):
        client = Client()
        client.force_login(user)
        return client

    def _youth(self, letter, partnership, **fields):
        return YouthFactory(
            name=f"{word(letter, 'first')} {word(letter, 'last')}",
            phone=word(letter, "phone"),
            code=word(letter, "code"),
            partnership=partnership,
            **fields,
        )

    def _proposed(self, letter, partnership):
        youth = self._youth(letter, partnership, enrolled_on=None)
        referral = Referral.objects.create(
            youth=youth,
            partnership=partnership,
            reason=word(letter, "reason"),
            proposed_by=self.by,
        )
        case = Case(letter, youth, young=account_of(youth))
        case.things = {
            "youth_id": youth.pk,
            "partnership_id": partnership.pk,
            "programme_id": partnership.programme_id,
            "referral_id": referral.pk,
            "sample_id": self._sample(partnership),
            "section": "health",
            "number": 1,
            "whose": "caseworker",
            "kind": "agreements",
            "register": "model_parts",
            "entry_id": self.entries[partnership.programme_id],
            "import_id": self._import(partnership).pk,
            "file_name": "ratings.csv",
        }
        return case

    @staticmethod
    def _sample(partnership):
        month = days(-40).replace(day=1)
        return ReadSample.objects.get_or_create(organisation=partnership.municipality, month=month)[
            0
        ].pk

    def _import(self, partnership):
        lines = [Line(2, {"name": "En Anden"})]
        return Import.check_file(by=self.by, partnership=partnership, name="liste.csv", lines=lines)

    def _declined(self, letter, partnership):
        case = self._proposed(letter, partnership)
        Referral.objects.get(youth=case.youth).decline(
            by=self.by, declined_because="not_now", answer="Nej"
        )
        return case

    def _case(self, letter, partnership, *, consent):
        youth = self._youth(letter, partnership)
        referral = youth.referrals.get()
        referral.reason = word(letter, "reason")
        referral.save()
        for kind, text in (("words", "words"), ("direction", "wish")):
            OwnWords.objects.create(
                youth=youth, kind=kind, text=word(letter, text), how="wrote", taken_down_by=self.by
            )
        current = partnership.programme.rounds.get()
        for voice in ("youth", "school", "caseworker"):
            RatingFactory(
                youth=youth,
                round=current,
                indicator=self.indicators[0],
                voice=voice,
                rated_by=self.by,
                small_step=word(letter, f"steps.{voice}"),
            )
        OwnRound.end_with(
            youth=youth, easier=word(letter, "easier"), may_be_quoted=False, helper="nobody",
            done=True,
        )  # fmt: skip
        Assessment.give(by=self.by, youth=youth, closer=True, reason=word(letter, "assessed"))
        fact = ObservedFact.record(by=self.by, youth=youth, kind="job", began_on=days(-9))
        placement = self._placement(letter, youth)
        profile = HandoverProfileFactory(youth=youth)
        parts = {
            section: PartFactory(
                profile=profile,
                section=section,
                written_by=self.by,
                **{
                    kind: word(letter, f"{section}.{kind}")
                    for kind in ("label", "text", "works", "evidence")
                },
            )
            for section in oracle.PROFILE
        }
        for section, part in parts.items():
            part.file = attach(
                part,
                word(letter, f"{section}.file"),
                name=f"{word(letter, f'{section}.filename')}.docx",
                about=word(letter, f"{section}.about"),
            )
        profile.send(by=self.by)
        for section, part in parts.items():
            sent = part.sent.get()
            part.answer = PartAnswer.objects.create(
                sent_part=sent,
                kind="question",
                text=word(letter, f"{section}.asked"),
                answered_by=self.by,
            )
            PartReaction.objects.create(
                part=part,
                revision=1,
                agrees=False,
                text=word(letter, f"{section}.said"),
                given_by=self.by,
            )
            # Written on since it was sent: what the school sees, and nobody else.
            PartFactory(
                profile=profile,
                section=section,
                written_by=self.by,
                text=word(letter, f"{section}.draft"),
            )
        works = Accommodation.add(by=self.by, youth=youth, text=word(letter, "accommodation"))
        Carried.change(by=self.by, youth=youth, act="add", key=f"part-{parts['competences'].pk}")
        agreement, met = self._closed(letter, profile)
        feedback = Feedback.objects.create(
            profile=profile, round=1, number=1, version=1, given_by=self.by
        )
        for part in parts.values():
            feedback.marks.create(sent_part=part.sent.get(), kind="outdated")
        feedback.missing.create(heading="network", section="network", text=word(letter, "missed"))
        case = Case(letter, youth, young=account_of(youth), employer=employer_of(placement))
        given = give_consent(youth) if consent else None
        opening = EmergencyOpening.objects.create(
            youth=youth,
            opened_by=self.by,
            reason=word(letter, "emergency"),
            closes_at=timezone.now(),
            opened_at=timezone.now() - timedelta(minutes=60),
        )
        job = approved_job(
            youth, by=member(partnership, Role.SCHOOL), placement=placement,
            approved=word(letter, "jobapproved"), draft=word(letter, "jobdraft"),
        )  # fmt: skip
        part = parts["competences"]
        asked = SectionRequest.ask(
            by=self.by, youth=youth, sections=["network"], purpose=word(letter, "purpose")
        )
        use = PartUse.make(by=self.by, sent_part=part.sent.get(), placement=placement)
        DocumentStep.start(by=self.by, youth=youth, on=days(-30))
        DocumentStep.hold_conversation(
            by=self.by, youth=youth, on=days(-9), took_part=word(letter, "took_part")
        )
        goal = goal_of(youth, words=word(letter, "goal"), due_on=days(0))
        step = goal.add_step(by=self.by, words=word(letter, "step"), owner="youth")
        for target in ({"goal": goal}, {"agreement": agreement}, {"accommodation": works}):
            PartUse.make(by=self.by, sent_part=part.sent.get(), **target)
        case.things = {
            "fact_id": fact.pk,
            "own_round_id": youth.own_rounds.get().pk,
            "link_id": PlacementLink.give(by=self.by, placement=placement)[0].pk,
            "confirming": PlacementLink.give(by=self.by, placement=placement, purpose="confirm")[
                0
            ].pk,
            "company_id": placement.employer_id,
            "what": "contact",
            "row_id": placement.employer.contacts.create(name="Bente", phone="1").pk,
            "feedback_id": said_of(placement, self.by, word(letter, "company")).pk,
            "goal_id": goal.pk,
            "effort_id": youth.efforts.create(
                lane="job", words=word(letter, "effort"), recommended_by=self.by
            ).pk,
            "small_step_id": step.pk,
            "request_id": asked.pk,
            "youth_id": youth.pk,
            "partnership_id": partnership.pk,
            "programme_id": partnership.programme_id,
            "referral_id": referral.pk,
            "placement_id": placement.pk,
            "part_id": part.pk,
            "sent_part_id": part.sent.get().pk,
            "answer_id": part.answer.pk,
            "use_id": use.pk,
            "step_id": DocumentStep.issue(by=self.by, youth=youth).pk,
            "job_profile_id": job.pk,
            "attachment_id": part.file.pk,
            "opening_id": opening.pk,
            **met,
            "notice_id": Notice.objects.create(
                recipient=self.by, youth=youth, kind="accepted", key=letter, path="/"
            ).pk,
            "consent_id": given.pk if given else None,
            "deadline_id": self._outside(letter, youth),
            "sample_id": self._sample(partnership),
            "section": "health",
            "number": 1,
            "whose": "caseworker",
            "kind": "agreements",
            "register": "model_parts",
            "entry_id": self.entries[partnership.programme_id],
            "import_id": self._import(partnership).pk,
            "file_name": "ratings.csv",
        }
        return case

    def _outside(self, letter, youth):
        """One that was closed because it was done outside, beside all that are open."""
        row = Deadline.objects.create(
            kind="consent", about=letter, youth=youth, partnership=youth.partnership,
            base_on=days(0), span=0, due_on=days(0), done_on=days(0), closed_by=self.by,
            closed_at=timezone.now(), closed_because=word(letter, "outside"),
        )  # fmt: skip
        Deadline.plan(partnership=youth.partnership_id)
        return row.pk

    def _placement(self, letter, youth):
        """One that runs, with an agreement that nobody has said yes to.

        What is said of its end stands beside it already: of one that is over a company sees nothing
        anyway.
        """
        placement = PlacementFactory(
            youth=youth,
            contact=self.by,
            tasks=word(letter, "tasks"),
            support_person=word(letter, "helper"),
        )
        placement.goals.add(goal_of(youth, words=word(letter, "atwork")))
        placement.write_agreement(by=self.by)
        placement.endings.create(side="youth", reason="other", words=word(letter, "why"))
        return placement

    def _closed(self, letter, profile):
        """The answer to the whole and the first meeting, as rows: verbs have tests of their own."""
        decision = HandoverDecision.objects.create(
            profile=profile,
            number=1,
            version=1,
            kind="returned",
            text=word(letter, "decided"),
            decided_by=self.by,
        )
        decision.missing.create(section="support", text=word(letter, "missing"))
        meeting = Meeting.objects.create(
            profile=profile,
            planned_on=days(-3),
            planned_by=self.by,
            held_on=days(-3),
            youth_present=True,
            others=word(letter, "others"),
            recorded_by=self.by,
            recorded_at=timezone.now(),
        )
        agreement = meeting.agreements.create(
            what=word(letter, "agreed"),
            who="other",
            other=word(letter, "others"),
            due_on=days(3),
        )
        ahead = Meeting.objects.create(
            profile=profile, is_first=False, planned_on=days(20), planned_by=self.by
        )
        point = ahead.points.create(of="youth", words=word(letter, "point"), added_by=self.by)
        ids = {"agreement_id": agreement.pk, "meeting_id": meeting.pk, "point_id": point.pk}
        return agreement, ids

    def _people(self, partnership, case, *, programme=True, young=True) -> dict:
        """One person of each role around a case."""
        people = {role: member(partnership, role) for role in TEAM}
        people["employer"] = employer_of(case.youth.placements.get())
        people["controller"] = MembershipFactory(
            role=Role.CONTROLLER, organisation=partnership.municipality
        ).user
        people["superuser"] = UserFactory(is_staff=True, is_superuser=True)
        if young:
            people["young"] = case.young
        for role in ("lead", "evaluator", "admin") if programme else ():
            people[role] = member(partnership, role)
        if programme:
            people["admin"].is_staff = True
            people["admin"].save()
        return people

    def _with_those_of(self, team, letter):
        case = self.cases[letter]
        return team | {"young": case.young, "employer": case.employer or team["employer"]}

    @staticmethod
    def _left(people):
        """By date, as time passes: the groups still say otherwise."""
        rows = Membership.objects.filter(user__in=people.values())
        rows.update(ends_on=days(-1))
        return people

    def _reading(self, people):
        """Those of the team who have left and read along; the others are gone."""
        self._left(people)
        rows = Membership.objects.filter(user__in=people.values(), role__in=TEAM)
        rows.update(reads_until=days(7))
        return people

    def _elsewhere(self, own, other):
        """In the team of the case, and acting for another one."""
        people = self._people(own, self.cases["a"], young=False)
        for role, user in people.items():
            if role == "superuser":
                continue
            if role in ("employer", "controller"):
                organisation = (
                    self.cases["o"].youth.placements.get().employer
                    if role == "employer"
                    else other.municipality
                )
                made = MembershipFactory(user=user, role=role, organisation=organisation)
            else:
                made = member(other, role, user=user).memberships.last()
            user.act_as(made)
        return people

    # -- The same in plain Python ----------------------------------------------------------

    def mirror(self):
        """Read the facts off the database into the world that knows the answers."""
        world = self.world = oracle.World()
        today = timezone.localdate()

        def from_today(day):
            return None if day is None else (day - today).days

        self.people = {
            u.pk: oracle.Person(str(u.pk), u.is_staff, u.is_superuser, u.is_active)
            for u in User.objects.all()
        }
        members = {}
        for m in Membership.objects.order_by("pk"):
            members[m.pk] = oracle.Membership(
                str(m.pk),
                m.role,
                str(m.organisation_id),
                str(m.partnership_id or ""),
                str(m.programme_id or ""),
                from_today(m.starts_on),
                from_today(m.ends_on),
                m.may_override,
                from_today(m.reads_until),
            )
            self.people[m.user_id].memberships.append(members[m.pk])
        for u in User.objects.exclude(acts_as=None):
            self.people[u.pk].acts_as = members[u.acts_as_id]
        self.partnerships = {
            p.pk: oracle.Partnership(
                str(p.pk), str(p.programme_id), str(p.municipality_id), p.status, counted=True
            )
            for p in Partnership.objects.all()
        }
        youths = {
            y.pk: oracle.Youth(
                str(y.pk),
                self.partnerships.get(y.partnership_id),
                y.enrolled_on is not None,
                self.people.get(y.account_id),
            )
            for y in Youth.objects.all()
        }
        self.youths = {letter: youths[case.youth.pk] for letter, case in self.cases.items()}
        world.people = list(self.people.values())
        world.partnerships = list(self.partnerships.values())
        world.youths = list(youths.values())
        world.referrals = [
            oracle.Row(
                str(r.pk), youths[r.youth_id], status=r.status,
                partnership=self.partnerships[r.partnership_id],
            )
            for r in Referral.objects.all()
        ]  # fmt: skip
        world.placements = [
            oracle.Row(
                str(p.pk), youths[p.youth_id], organisation=str(p.employer_id),
                days=(from_today(p.starts_on), from_today(p.ends_on)),
            )
            for p in Placement.objects.all()
        ]  # fmt: skip
        world.profiles = [
            oracle.Row(str(p.pk), youths[p.youth_id], over=p.version > 0)
            for p in HandoverProfile.objects.all()
        ]
        world.parts = [
            oracle.Row(str(p.pk), youths[p.profile.youth_id], p.section)
            for p in Part.objects.select_related("profile")
        ]
        world.sent = [
            oracle.Row(str(p.pk), youths[p.profile.youth_id], p.section)
            for p in SentPart.objects.select_related("profile")
        ]
        world.consents = [
            oracle.Row(
                str(c.pk), youths[c.youth_id], c.section, organisation=str(c.organisation_id)
            )
            for c in Consent.objects.all()
        ]
        world.accommodations = [
            oracle.Row(str(a.pk), youths[a.youth_id]) for a in Accommodation.objects.all()
        ]
        world.jobs = [oracle.Row(str(j.pk), youths[j.youth_id]) for j in JobProfile.objects.all()]
        placements = {row.key: row for row in world.placements}
        world.approved = [
            oracle.Row(
                str(a.pk), youths[a.youth_id], a.job_profile_id,
                over=bool(a.replaced_at or a.withdrawn_at),
                placement=placements.get(str(a.placement_id)),
            )
            for a in ApprovedJobProfile.objects.all()
        ]  # fmt: skip
        world.openings = [
            oracle.Row(str(o.pk), youths[o.youth_id], person=self.people[o.opened_by_id], over=True)
            for o in EmergencyOpening.objects.all()
        ]

    # -- What is due -----------------------------------------------------------------------

    def role(self, person) -> str:
        """As what somebody comes: the role, "young", "staff" without a role, or "" for nobody."""
        if person.role:
            return person.role
        if any(y.account is person for y in self.world.youths):
            return "young"
        return "staff" if person.staff else ""

    def due(self, route, method, user, case) -> int:
        """The status that a person must get."""
        person = self.people[user.pk]
        if not person.active:
            return 302
        if method not in route.methods.split():
            return 405
        role = self.role(person)
        for needs in [route.needs, *([route.writes] if method == "post" else ())]:
            if isinstance(needs, dict):
                needs = needs.get(role, needs[""])
            if refused := self._refusal(route.of, needs, person, case):
                return refused
        only = (method == "post" and route.writers) or route.only
        if only and role not in only:
            # A superuser without a role is staff; an administrator who has left no longer is.
            return 403
        if only and role == "staff" and not person.superuser:
            return 403
        if method == "post" and route.in_force and any(m.reads_along for m in person.acting):
            return 403
        answer = getattr(route, method)
        if route.before and not self.youths[case.letter].accepted:
            answer = route.before
        return answer if isinstance(answer, int) else answer.get(role, answer[""])

    def _refusal(self, of, needs, person, case) -> int | None:
        """404 for what is not the person's, 403 for what is, but not for this."""
        world, youth = self.world, self.youths[case.letter]
        if not of:
            anywhere = (needs in world.on_partnership(person, p) for p in world.partnerships)
            return None if not needs or any(anywhere) else 403
        if of == "programme":
            mine = {m.programme for m in person.acting if m.role in ("lead", "evaluator")}
            return None if str(case.things["programme_id"]) in mine else 404
        if of == "partnership":
            named = self.partnerships[case.things["partnership_id"]]
            held = world.on_partnership(person, named)
            if "view_agreement" not in held:
                return 404
            return None if not needs or needs in held else 403
        if of == "company":  # of the municipality's register, as the case's own is
            if self.role(person) not in TEAM:
                return 403
            named = self.partnerships[case.things["partnership_id"]]
            known = any(
                p.municipality == named.municipality
                and "view_referral" in world.on_partnership(person, p)
                for p in world.partnerships
            )
            return None if known else 404
        if of == "sample":
            named = self.partnerships[case.things["partnership_id"]]
            controls = {m.organisation for m in person.acting if m.role == "controller"}
            return None if named.municipality in controls else 404
        if of == "read" and any(
            (row.youth is youth and kind == "placement" and row.key == key)
            for kind, key in world.visible(person)
            for row in world.placements
        ):
            return None
        if of == "approved":
            rows = {key for kind, key in world.visible(person) if kind == of}
            mine = {r.key for r in world.approved if r.section == case.things["job_profile_id"]}
            return None if mine & rows else 404
        if of in ("referral", "placement", "opening"):
            rows = {key for kind, key in world.visible(person) if kind == of}
            if str(case.things[f"{of}_id"]) not in rows:
                return 404
            return 403 if needs and needs not in world.on_youth(person, youth) else None
        held = world.on_youth(person, youth)
        if "view_identity" not in held:
            return 404
        if needs and needs not in held:
            return 403
        if needs not in ("", "change_identity", "view_cpr") and not youth.accepted:
            return 404
        return None

    def may_see(self, user) -> set[tuple[str, str]]:
        """All the words that a person may meet anywhere, as (letter, kind)."""
        person, world = self.people[user.pk], self.world
        rows = world.visible(person) if person.active else set()
        letters = {row.key: letter for letter, row in self.youths.items()}
        found = set()
        for kind, key in rows:
            if kind == "view_identity":
                found |= {(letters[key], k) for k in ("first", "last", "phone", "code")}
            elif kind == "view_code" and self.youths[letters[key]].accepted:
                found.add((letters[key], "code"))
        for kind, all_rows, words in (
            # A referral says who it is about, to the municipality also after it was declined.
            ("referral", world.referrals, lambda r: ["first", "last", "phone", "code", "reason"]),
            (
                "placement",
                world.placements,
                lambda r: ["first", "tasks", "helper", "atwork", "company"],
            ),
            ("opening", world.openings, lambda r: ["emergency", "code"]),
            ("job", world.jobs, lambda r: ["jobdraft"]),
            ("approved", world.approved, lambda r: ["jobapproved"]),
            (
                "sent",
                world.sent,
                lambda r: [f"{r.section}.{k}" for k in (*SENT, "asked", "said")],
            ),
            (
                "part",
                world.parts,
                lambda r: [k for k, section in KINDS.items() if section == r.section],
            ),
        ):
            for row in all_rows:
                if (kind, row.key) in rows:
                    found |= {(letters[row.youth.key], k) for k in words(row)}
        for letter, youth in self.youths.items():
            if world.reads(person, youth, "course"):
                found |= {(letter, kind) for kind in ("agreed", "others", "point", "effort")}
            over = [row for row in world.profiles if row.youth is youth and row.over]
            if over and world.reads(person, youth, "direction"):
                found |= {(letter, "decided"), (letter, "missing")}
            if over and world.reads(person, youth, "network"):
                found.add((letter, "missed"))
            if world.reads(person, youth, "words"):
                found |= {(letter, "words"), (letter, "wish")}
            if world.reads(person, youth, "direction"):
                found.add((letter, "took_part"))
            if world.reads(person, youth, "job_profile"):
                found.add((letter, "accommodation"))
            if world.reads(person, youth, "course"):
                found |= {(letter, kind) for kind in ("goal", "step", "atwork", "why", "company")}
            if world.reads(person, youth, "sharing"):
                found |= {(letter, "purpose"), (letter, "outside")}
            if world.reads(person, youth, "ratings"):
                found |= {(letter, k) for k in (*STEPS.split(), "assessed")}
        return found


def give_consent(youth):
    """The one place that knows how a consent is given."""
    (section,) = oracle.WITH_CONSENT
    return Consent.give(by=youth.account, youth=youth, section=section)


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker):
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        transaction.atomic(using="read_log"),
    ):
        # A refusal is logged as a warning; there are thousands here, and each is expected.
        logging.getLogger("django.request").setLevel(logging.CRITICAL)
        yield House()
        logging.getLogger("django.request").setLevel(logging.NOTSET)
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="read_log")


@pytest.fixture
def _django_db_helper(house):
    """In place of pytest-django's own, which closes the connection that the house stands on."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def as_text(monkeypatch):
    """What a PDF is made of, so that its words are read like a page's; tests of exports make it."""
    monkeypatch.setattr("vivirkr.pdf.is_possible", lambda: True)
    monkeypatch.setattr("vivirkr.pdf.make", str.encode)


def answer_to(method, url, client):
    """The response to a request, and what the read log says of it; nothing that it does remains."""
    with transaction.atomic(), transaction.atomic(using="read_log"):
        response = getattr(client, method)(url)
        response.noted = list(AccessEvent.objects.all())
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="read_log")
    return response


def assert_safe(response, *, signed_in):
    """The headers that every answer has, a refusal as well."""
    headers = response.headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    if signed_in:
        assert headers["Cache-Control"] == "no-store"


SITUATIONS = (
    "own",
    "no consent",
    "not accepted",
    "declined",
    "other partnership",
    "other programme",
    "ex-member",
    "reads along",
    "deactivated",
    "acting for another",
    "ended",
)

# No view answers to other methods, whoever asks: that is asked where most may, and where none.
SOME_ASK_OTHERWISE = ("own", "other programme")


def differences(house, name, situation):
    """Where the answers of a route differ from what is due: (statuses, words and their notes)."""
    route, names = ROUTES[name], PATTERNS[name].pattern.converters
    letter, people = house.situations[situation]
    case = house.cases[letter]
    url = reverse(name, kwargs={n: case.things[n] for n in names})
    statuses, words = {}, {}
    for role, user in people.items():
        may_see, active = house.may_see(user), house.people[user.pk].active
        for method in METHODS if situation in SOME_ASK_OTHERWISE else ("get", "post"):
            response = answer_to(method, url, house.clients[user.pk])
            assert_safe(response, signed_in=active)
            due = house.due(route, method, user, case)
            if not active and name in PUBLIC:
                due = 200 if method == "get" else 405
                due = 404 if name in BY_A_LINK else due
            if response.status_code != due:
                statuses[role, method] = (response.status_code, due)
            seen = set(WORDS.findall(response.content.decode(errors="replace")))
            if too_much := seen - may_see:
                words[role, method, "too much"] = sorted(too_much)
            if missing := not_noted(house, user, seen, response.noted):
                words[role, method, "not noted"] = missing
            if not refusal_is_noted(name, case, user, response, active):
                words[role, method, "refusal", response.status_code] = response.noted
            must_see = {
                (one, kind)
                for one, kind in may_see
                if kind in route.shows.split()
                and (house.youths[one].partnership if route.of_all else one == letter)
            }
            if method == "get" and response.status_code == 200 and must_see - seen:
                words[role, method, "too little"] = sorted(must_see - seen)
    return statuses, words


def not_noted(house, user, words, events) -> list[tuple[str, str]]:
    """Words on a page of which no line of the read log says that this person has met them.

    A code is no name, and the own record is no reading by somebody else.
    """
    noted = {(event.youth_id, code) for event in events for code in event.codes}
    found = []
    for letter, kind in sorted(words):
        case = house.cases[letter]
        sections = KINDS[kind], ALSO_NOTED_AS.get(kind)
        if kind != "code" and case.young != user:
            found += [] if noted & {(case.youth.pk, s) for s in sections} else [(letter, kind)]
    return found


def refusal_is_noted(name, case, user, response, active) -> bool:
    """A refusal has its line wherever the address names a thing of somebody else's record.

    Not of who is not signed in, and asks for what a link opens: then nobody is known.
    """
    is_due = (
        (active or name not in BY_A_COMPANYS_LINK)
        and response.status_code in (403, 404)
        and bool(named_by(name) & set(OF_A_YOUTH))
        and case.young != user
    )
    lines = [e for e in response.noted if e.channel == "refused" and e.youth_id == case.youth.pk]
    return bool(lines) == is_due


def named_by(name) -> set[str]:
    return set(PATTERNS[name].pattern.converters)


COMBINATIONS = [
    (name, situation)
    for name in sorted(ROUTES)
    for situation in SITUATIONS
    # What a route names may begin only once the school has accepted.
    if situation not in ("not accepted", "declined") or not named_by(name) & set(IN_THE_CASE)
    if (name, situation) != ("withdraw", "no consent")  # there is nothing to take back
]


@pytest.mark.parametrize(("name", "situation"), COMBINATIONS)
def test_everybody_gets_what_is_due(house, name, situation):
    statuses, words = differences(house, name, situation)
    assert statuses == {}, "(got, due)"
    assert words == {}


def test_every_route_has_a_line():
    assert set(PATTERNS) == set(ROUTES) | WITHOUT_ROUTE


def test_every_section_has_words_in_the_house():
    assert set(Section.values) == set(KINDS.values()) | WITHOUT_WORDS


def test_every_word_is_planted_and_seen_by_somebody(house):
    """Words that nobody may see, or that are not there, would prove nothing."""
    everybody = {u for _letter, people in house.situations.values() for u in people.values()}
    may_see = set().union(*(house.may_see(user) for user in everybody))
    assert {kind for letter, kind in may_see if letter == "a"} == set(KINDS)


@pytest.mark.parametrize("name", sorted(set(ROUTES) - PUBLIC))
@pytest.mark.parametrize("method", METHODS)
def test_nobody_gets_in_without_signing_in(house, name, method):
    kwargs = {n: house.cases["a"].things[n] for n in named_by(name)}
    url = reverse(name, kwargs=kwargs)
    response = answer_to(method, url, Client())
    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?{urlencode({'next': url}, safe='/')}"
    assert_safe(response, signed_in=False)


# What who holds a company's link meets, and what of it: a role of its own, without a person.
OPENED = {
    "link_id": {
        "by_link": {"first", "tasks", "jobapproved", "company"},
        "youths:link_feedback": {"first"},
    },
    "confirming": {"youths:link_agreement": {"first", "tasks", "helper", "atwork"}},
}


def holder_of(link_id) -> Client:
    """A browser in which a company's link was opened."""
    PlacementLink.objects.filter(pk=link_id).update(begun_at=timezone.now())
    client = Client()
    session = client.session
    session[HELD] = [str(link_id)]
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


@pytest.mark.parametrize(
    ("of", "asked"),
    [("a", "a"), ("a", "s"), ("e", "e")],
    ids=["own", "another young person", "ended"],
)
@pytest.mark.parametrize("link", sorted(OPENED))
@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_who_holds_a_link_gets_its_page_and_nothing_else(house, name, link, of, asked):
    """The holder of one's link, asking for the things of the same or of another case."""
    holder, case = holder_of(house.cases[of].things[link]), house.cases[asked]
    things = case.things | {"link_id": case.things[link]}
    url = reverse(name, kwargs={n: things[n] for n in named_by(name)})
    for method in METHODS:
        response = answer_to(method, url, holder)
        seen = set(WORDS.findall(response.content.decode(errors="replace")))
        assert_safe(response, signed_in=False)
        opened = OPENED[link]
        if name in opened and (of, asked) == ("a", "a") and method in ("get", "post"):
            printed = (name, method) == ("by_link", "post")
            due = 204 if printed else 422 if method == "post" else 200
            assert response.status_code == due
            assert seen == (set() if printed else {("a", kind) for kind in opened[name]})
            [line] = response.noted
            assert (line.user_id, line.link_id, line.youth_id) == (
                None, case.things[link], case.youth.pk
            )  # fmt: skip
            assert "no-store" in response.headers["Cache-Control"]
            continue
        assert (seen, response.noted) == (set(), [])
        if name in BY_A_COMPANYS_LINK:
            assert response.status_code == (404 if method in ("get", "post") else 405)
        elif name not in PUBLIC:
            assert response.status_code == 302
            assert response.url.startswith(reverse("account_login"))


def test_what_is_public_is_written_down():
    found = {
        name for name, pattern in routes() if not getattr(pattern.callback, "login_required", True)
    }
    assert found == PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_what_is_public_is_safe_too(house, name):
    kwargs = {n: house.cases["a"].things[n] for n in named_by(name)}
    assert_safe(answer_to("get", reverse(name, kwargs=kwargs), Client()), signed_in=False)


@pytest.mark.parametrize(
    "name", ["admin:index", "admin:partnerships_partnership_changelist", "admin:login"]
)
@pytest.mark.parametrize("situation", ["own", "ex-member", "acting for another", "deactivated"])
def test_administration_is_for_administrators(house, name, situation):
    _letter, people = house.situations[situation]
    for role, user in people.items():
        person = house.people[user.pk]
        administers = person.active and (person.superuser or person.role == "admin")
        # Django lets all staff see the front page; for who no longer administers it is empty.
        if person.active and person.staff and not name.endswith("changelist"):
            administers = True
        with transaction.atomic():
            response = house.clients[user.pk].get(reverse(name), follow=True)
            transaction.set_rollback(True)
        shown = b'id="site-name"' in response.content
        assert shown == administers, (role, response.status_code)
        assert set(WORDS.findall(response.content.decode(errors="replace"))) <= house.may_see(user)


def test_a_part_without_consent_is_not_there_for_the_caseworker(house):
    """A route that names a part names one of any section: here, one that is held back."""
    for letter, status in (("a", 302), ("b", 404)):
        part = SentPart.objects.get(
            profile__youth=house.cases[letter].youth, section="health", last_version=None
        )
        client = house.clients[house.situations["own"][1]["caseworker"].pk]
        url = reverse("handover:answer", args=[part.pk])
        assert answer_to("get", url, client).status_code == status


def test_a_page_that_cannot_be_logged_shows_nothing(house, monkeypatch):
    """The answer to an error is as safe as any."""

    def fails(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(AccessEvent, "record", fails)
    user = house.situations["own"][1]["caseworker"]
    client = Client(raise_request_exception=False)
    client.cookies = house.clients[user.pk].cookies
    response = answer_to("get", reverse("case", args=[house.cases["a"].youth.pk]), client)
    assert response.status_code == 500
    assert not WORDS.findall(response.content.decode(errors="replace"))
    assert_safe(response, signed_in=True)


class TestItFinds:
    """What the matrix is there for, planted on purpose."""

    def test_a_part_that_is_shown_without_consent(self, house, monkeypatch):
        monkeypatch.setattr(SentPartQuerySet, "disclosed", lambda self: self)
        _statuses, words = differences(house, "handover:received", "no consent")
        assert set(words) == {("caseworker", "get", "too much")}
        assert {kind.partition(".")[0] for _y, kind in words["caseworker", "get", "too much"]} == {
            "health"
        }

    def test_a_page_that_looks_at_everybodys_rows(self, house, monkeypatch):
        monkeypatch.setattr(YouthQuerySet, "visible_to", lambda self, user, codename="": self)
        _statuses, words = differences(house, "youths:list", "other programme")
        assert ("a", "last") in words["school", "get", "too much"]

    def test_a_page_that_lost_a_section(self, house, monkeypatch):
        monkeypatch.setattr(
            OwnWordsQuerySet, "visible_to", lambda self, user, codename="": self.none()
        )
        _statuses, words = differences(house, "youths:words", "own")
        assert words["young", "get", "too little"] == [("a", "wish"), ("a", "words")]

    def test_a_page_that_shows_more_than_the_read_log_says(self, house, monkeypatch):
        monkeypatch.setattr("vivirkr.views.cases._shown", lambda context, held: ["identity"])
        _statuses, words = differences(house, "case", "own")
        assert ("a", "words") in words["caseworker", "get", "not noted"]

    def test_a_refusal_that_nobody_hears_of(self, house, monkeypatch):
        monkeypatch.setattr("vivirkr.middleware.youth_of", lambda kwargs: None)
        _statuses, words = differences(house, "case", "other programme")
        assert ("caseworker", "get", "refusal", 404) in words
