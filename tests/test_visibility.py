"""After any sequence of joins, referrals, consents, endings: everybody sees what the table says.

A machine makes random steps in the database and in a world in plain Python (tests/oracle.py), and
compares after each what every person sees. `VISIBILITY_EXAMPLES=500` looks longer than usual.
"""

import os
from collections import defaultdict
from contextlib import ExitStack
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F, IntegerField, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from evaluation.models import PartnershipProgress, Rating
from handover.models import (
    Accommodation,
    ApprovedJobProfile,
    HandoverProfile,
    JobProfile,
    Part,
    PartReaction,
    SentPart,
)
from handover.models.answers import SentPartQuerySet
from partnerships.access import GRANTS, Role, Section, Verb, codenames_on, people
from partnerships.models import Membership, Narrowing, Partnership, User
from partnerships.models import Phase as CoursePhase
from partnerships.models.people import MembershipQuerySet
from tests import oracle
from tests.factories import (
    HandoverProfileFactory,
    IndicatorFactory,
    MembershipFactory,
    OrganisationFactory,
    PartFactory,
    PartnershipFactory,
    PlacementFactory,
    ProgrammeFactory,
    RatingFactory,
    RatingRoundFactory,
    UserFactory,
    YouthFactory,
    days,
    goal_of,
)
from youths.access import codenames_for
from youths.models import Consent, EmergencyOpening, Goal, OwnWords, Placement, Referral, Youth

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("VISIBILITY_EXAMPLES", "5"))
ENOUGH_TO_FIND = 200  # a machine that looks for a mistake ends with the first it finds
STEPS = 20
AT_MOST_YOUTHS = 5
NARROWABLE = ("health", "network", "course", "ratings")

some = st.integers(min_value=0, max_value=59)  # which one, of however many there are


def give_consent(youth, section):
    """The one place that knows how a consent is given."""
    return Consent.give(by=youth.account or UserFactory(), youth=youth, section=section)


def withdraw_consent(pk):
    consent = Consent.objects.get(pk=pk)
    consent.withdraw(by=consent.recorded_by)


def rows_seen(user, youths) -> set[tuple[str, str]]:
    """Every row that `visible_to` gives a person, as (kind, key): one query."""
    asked = [(codename, Youth.objects.visible_to(user, codename)) for codename in oracle.CODENAMES]
    asked += [
        ("agreement", Partnership.objects.visible_to(user)),
        ("progress", PartnershipProgress.objects.visible_to(user)),
        ("words", OwnWords.objects.visible_to(user)),
        ("rating", Rating.objects.visible_to(user)),
        ("profile", HandoverProfile.objects.visible_to(user)),
        ("referral", Referral.objects.visible_to(user)),
        ("placement", Placement.objects.visible_to(user)),
        ("opening", EmergencyOpening.objects.visible_to(user)),
        ("accommodation", Accommodation.objects.visible_to(user)),
        ("job", JobProfile.objects.visible_to(user)),
        ("approved", ApprovedJobProfile.objects.visible_to(user)),
        ("goal", Goal.objects.visible_to(user)),
    ]
    for youth in youths:
        asked.append(("sent", SentPart.objects.visible_to(user, youth)))
        asked.append(("part", Part.objects.visible_to(user, youth)))
        asked.append(("reaction", PartReaction.objects.visible_to(user, youth)))
    # Most codenames ask the same of the same rows, so each question is asked once.
    kinds, questions = defaultdict(list), {}
    for kind, rows in asked:
        if not rows.query.is_empty():
            question = (rows.model, _asked(rows.query.where))
            kinds[question].append(kind)
            questions[question] = rows
    key = {"progress": "partnership_id"}
    parts = [
        rows.order_by().values_list(
            Value(number, output_field=IntegerField()),
            Cast(key.get(kinds[question][0], "pk"), TextField()),
        )
        for number, (question, rows) in enumerate(questions.items())
    ]
    found = parts[0].union(*parts[1:], all=True) if parts else ()
    named = list(kinds.values())
    return {(kind, pk) for number, pk in found for kind in named[number]}


def _asked(where) -> str:
    """A condition in words that are the same only where it is the same."""
    simple = all(hasattr(one, "lhs") and isinstance(one.rhs, list | UUID) for one in where.children)
    if simple:
        return repr([(one.lhs.target.name, one.lookup_name, one.rhs) for one in where.children])
    return f"{id(where)}"


class Machine(RuleBasedStateMachine):
    """Two programmes, three partnerships, a person of each role and some without one."""

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.world = oracle.World()
        self.by = UserFactory()
        self.numbers = 0
        owner = OrganisationFactory(owner=True)
        programmes = [ProgrammeFactory(owner=owner), ProgrammeFactory()]
        schools = OrganisationFactory.create_batch(2)
        towns = OrganisationFactory.create_batch(2, municipality=True)
        self.companies = OrganisationFactory.create_batch(2, employer=True)
        self.round = RatingRoundFactory(programme=programmes[0])
        self.phases = {
            str(p.pk): CoursePhase.objects.create(programme=p, position=1, name="Afklaring")
            for p in programmes
        }
        for programme, school, town, signed in (
            (programmes[0], schools[0], towns[0], True),
            (programmes[0], schools[1], towns[0], True),
            (programmes[1], schools[0], towns[1], False),
        ):
            made = PartnershipFactory(
                programme=programme, school=school, municipality=town, signed=signed
            )
            self.world.partnerships.append(
                oracle.Partnership(str(made.pk), str(programme.pk), str(town.pk), made.status)
            )
        self.programmes = programmes
        for role in ("school", "caseworker", "lead", "evaluator", "admin", "employer"):
            self._join(self._person(staff=role == "admin"), role, 0)
        self._person(staff=True, superuser=True)
        self._join(self._person(), "controller", 0)
        both = self._person()
        self._join(both, "caseworker", 1)
        self._join(both, "school", 2)
        left = self._person()
        self._join(left, "school", 0)
        self._leave(left.memberships[0], in_time=False, reads=True)
        # A case that has come far, so that there is something to see from the first step on.
        self._refer(0)
        self._accept(self.world.referrals[0])
        youth = self.world.youths[0]
        self._give_account(youth)
        for section in oracle.PROFILE:
            self._write(youth, section)
        self._send(youth)
        self.say(0)
        self.rate(0, 0)
        self.place(0, 0, -10, 30)
        self.make_room(0)
        self.write_for_a_company(0, True)
        self.answer_it(0, True)

    def teardown(self):
        transaction.set_rollback(True)
        self.stack.close()

    def _one(self, rows, which):
        return rows[which % len(rows)] if rows else None

    def _person(self, **flags):
        user = UserFactory(is_staff=flags.get("staff", False))
        if flags.get("superuser"):
            User.objects.filter(pk=user.pk).update(is_superuser=True)
        person = oracle.Person(str(user.pk), **flags)
        self.world.people.append(person)
        return person

    # -- Teams -----------------------------------------------------------------------------

    def _join(self, person, role, place, may_override=False):
        p = self.world.partnerships[place % len(self.world.partnerships)]
        partnership = Partnership.objects.get(pk=p.key)
        organisation = {
            "school": partnership.school,
            "caseworker": partnership.municipality,
            "employer": self.companies[place % 2],
            "controller": partnership.municipality,
        }.get(role, partnership.programme.owner)
        fields = {}
        if role in ("school", "caseworker"):
            fields["partnership"] = partnership
        elif role in ("lead", "evaluator", "admin"):
            fields["programme"] = partnership.programme
        made = MembershipFactory(
            user=User.objects.get(pk=person.key),
            role=role,
            organisation=organisation,
            may_override=may_override and role == "school",
            **fields,
        )
        person.memberships.append(
            oracle.Membership(
                str(made.pk),
                role,
                str(organisation.pk),
                partnership=p.key if "partnership" in fields else "",
                programme=p.programme if "programme" in fields else "",
                may_override=made.may_override,
            )
        )

    @property
    def professionals(self):
        accounts = {y.account for y in self.world.youths}
        return [person for person in self.world.people if person not in accounts]

    @rule(
        which=some,
        role=st.sampled_from(
            ["school", "caseworker", "employer", "lead", "evaluator", "admin", "controller"]
        ),
        place=some,
        may_override=st.booleans(),
    )
    def join(self, which, role, place, may_override):
        person = self._one(self.professionals, which)
        if len(person.memberships) < 4:
            self._join(person, role, place, may_override)

    def _in_force(self):
        return [(p, m) for p in self.world.people for m in p.memberships if m.in_force]

    @rule(which=some, in_time=st.booleans(), reads=st.booleans())
    def leave(self, which, in_time, reads):
        """By the administration, or because the day has come, which nobody notices.

        Somebody of a team may read along for a while.
        """
        if found := self._one(self._in_force(), which):
            self._leave(found[1], in_time, reads)

    @staticmethod
    def _leave(m, in_time, reads):
        m.ends = -1
        if reads and m.partnership:
            m.reads = 5
        fields = {"ends_on": days(-1), "reads_until": m.reads and days(m.reads)}
        if in_time:
            Membership.objects.filter(pk=m.key).update(**fields)
        else:
            row = Membership.objects.get(pk=m.key)
            row.ends_on, row.reads_until = fields.values()
            row.save()

    @rule(which=some)
    def read_along_no_longer(self, which):
        reading = [m for p in self.world.people for m in p.memberships if m.reads_along]
        if m := self._one(reading, which):
            m.reads = -1
            Membership.objects.filter(pk=m.key).update(reads_until=days(-1))

    @rule(which=some)
    def deactivate_or_let_in_again(self, which):
        person = self._one(self.world.people, which)
        person.active = not person.active
        User.objects.filter(pk=person.key).update(is_active=person.active)

    @rule(which=some, membership=some)
    def act_for_another(self, which, membership):
        several = [p for p in self.world.people if len(p.memberships) > 1]
        if person := self._one(several, which):
            person.acts_as = self._one(person.memberships, membership)
            row = Membership.objects.get(pk=person.acts_as.key)
            User.objects.get(pk=person.key).act_as(row)

    # -- Partnerships ----------------------------------------------------------------------

    @rule(which=some)
    def sign(self, which):
        p = self._one([p for p in self.world.partnerships if p.status != "signed"], which)
        if p is None or p.status == "ended":
            return
        row = Partnership.objects.get(pk=p.key)
        if p.status == "draft":
            row.open_negotiation(by=self.by)
            p.status = "negotiating"
        else:
            row.sign(by=self.by, side="school")
            row.sign(by=self.by, side="municipality")
            p.status = "signed"

    @precondition(lambda self: sum(p.status == "signed" for p in self.world.partnerships) > 1)
    @rule(which=some)
    def end_a_partnership(self, which):
        p = self._one([p for p in self.world.partnerships if p.status == "signed"], which)
        Partnership.objects.get(pk=p.key).end(by=self.by)
        p.status = "ended"

    @rule(
        which=some,
        role=st.sampled_from(["school", "caseworker"]),
        section=st.sampled_from(NARROWABLE),
    )
    def narrow_or_take_it_back(self, which, role, section):
        p = self._one(self.world.partnerships, which)
        fields = {"partnership_id": p.key, "role": role, "section": section}
        if (role, section) in p.narrowed:
            Narrowing.objects.get(**fields).delete()
        else:
            Narrowing.objects.create(**fields, reason="Aftalt")
        p.narrowed ^= {(role, section)}

    @rule(which=some)
    def count(self, which):
        p = self._one([p for p in self.world.partnerships if p.status == "signed"], which)
        if p:
            PartnershipProgress.recompute(p.key)
            p.counted = True

    # -- Referrals -------------------------------------------------------------------------

    def _refer(self, which, name=""):
        p = self._one([p for p in self.world.partnerships if p.status == "signed"], which)
        self.numbers += 1
        made = Referral.propose(
            by=self.by,
            partnership=Partnership.objects.get(pk=p.key),
            reason="Fordi",
            name=name or f"Ung {self.numbers}",
            birth_date=days(-18 * 366),
            stu_ends_on=days(200),
        )
        youth = oracle.Youth(str(made.youth_id), p, name=made.youth.name)
        self.world.youths.append(youth)
        self.world.referrals.append(
            oracle.Row(str(made.pk), youth, status="proposed", partnership=p)
        )

    @precondition(lambda self: len(self.world.youths) < AT_MOST_YOUTHS)
    @precondition(lambda self: any(p.status == "signed" for p in self.world.partnerships))
    @rule(which=some)
    def refer(self, which):
        self._refer(which)

    def _proposed(self, *statuses):
        return [r for r in self.world.referrals if r.status in (statuses or ("proposed",))]

    def _accept(self, r):
        Referral.objects.get(pk=r.key).accept(by=self.by)
        r.status, r.youth.accepted = "accepted", True

    @rule(which=some)
    def accept(self, which):
        if r := self._one(self._proposed(), which):
            self._accept(r)

    @rule(which=some)
    def send_back(self, which):
        if r := self._one(self._proposed(), which):
            Referral.objects.get(pk=r.key).return_for_completion(by=self.by, answer="Mere")
            r.status = "returned"

    @rule(which=some)
    def resubmit(self, which):
        if r := self._one(self._proposed("returned"), which):
            Referral.objects.get(pk=r.key).resubmit(by=self.by, reason="Nu")
            r.status = "proposed"

    @rule(which=some, again=st.booleans(), where=some)
    def decline(self, which, again, where):
        """And refer the young person to somebody else, or leave it at that."""
        if r := self._one(self._proposed(), which):
            Referral.objects.get(pk=r.key).decline(
                by=self.by, declined_because="not_now", answer="Nej"
            )
            r.status, r.youth.partnership = "declined", None
            signed = any(p.status == "signed" for p in self.world.partnerships)
            if again and signed and len(self.world.youths) < AT_MOST_YOUTHS:
                self._refer(where, name=r.youth.name)

    @rule(which=some)
    def withdraw(self, which):
        if r := self._one(self._proposed("proposed", "returned"), which):
            Referral.objects.get(pk=r.key).withdraw(by=self.by)
            r.status, r.youth.partnership = "withdrawn", None

    @rule(which=some, where=some)
    def transfer(self, which, where):
        """The case goes over to another partnership; no verb does so yet, the rows already can."""
        r = self._one(self._proposed("accepted"), which)
        to = self._one([p for p in self.world.partnerships if p.status == "signed"], where)
        if r and to and to is not r.partnership:
            Referral.objects.filter(pk=r.key).update(status="withdrawn")
            r.status = "withdrawn"
            made = Referral.objects.create(
                youth_id=r.youth.key,
                partnership_id=to.key,
                reason="Flyttet",
                status="accepted",
                proposed_by=self.by,
                decided_at=timezone.now(),
            )
            Youth.objects.filter(pk=r.youth.key).update(partnership=to.key)
            r.youth.partnership = to
            self.world.referrals.append(
                oracle.Row(str(made.pk), r.youth, status="accepted", partnership=to)
            )

    # -- The case --------------------------------------------------------------------------

    @property
    def accepted(self):
        return [y for y in self.world.youths if y.accepted]

    def _give_account(self, youth):
        self.numbers += 1
        user = Youth.objects.get(pk=youth.key).give_account(
            by=self.by, email=f"ung{self.numbers}@stateful.example"
        )
        youth.account = oracle.Person(str(user.pk))
        self.world.people.append(youth.account)

    @rule(which=some)
    def give_account(self, which):
        if youth := self._one([y for y in self.world.youths if y.account is None], which):
            self._give_account(youth)

    @rule(which=some, leaves=st.booleans())
    def move_on(self, which, leaves):
        """Into a phase of the course, or out of the course: neither is a matter of who sees."""
        if youth := self._one(self.accepted, which):
            fields = {"phase": self.phases[youth.partnership.programme]}
            if leaves:
                fields |= {"left_on": days(0), "left_because": "moved"}
            Youth.objects.filter(pk=youth.key).update(**fields)

    @rule(which=some)
    def say(self, which):
        if youth := self._one(self.accepted, which):
            made = OwnWords.objects.create(
                youth_id=youth.key, text="Jeg vil", how="said", taken_down_by=self.by
            )
            self.world.words.append(oracle.Row(str(made.pk), youth))

    @rule(which=some, voice=some)
    def rate(self, which, voice):
        if youth := self._one(self.accepted, which):
            self.numbers += 1
            made = RatingFactory(
                youth=Youth.objects.get(pk=youth.key),
                round=self.round,
                indicator=IndicatorFactory(code=f"tegn-{self.numbers}", texts=None),
                voice=("youth", "school", "caseworker")[voice % 3],
                rated_by=self.by,
            )
            self.world.ratings.append(oracle.Row(str(made.pk), youth))

    @rule(
        which=some,
        company=some,
        first=st.sampled_from([-30, -1, 0, 1]),
        length=st.sampled_from([0, 1, 60]),
    )
    def place(self, which, company, first, length):
        if youth := self._one(self.accepted, which):
            organisation = self._one(self.companies, company)
            made = PlacementFactory(
                youth=Youth.objects.get(pk=youth.key),
                employer=organisation,
                contact=self.by,
                starts_on=days(first),
                ends_on=days(first + length),
            )
            self.world.placements.append(
                oracle.Row(
                    str(made.pk),
                    youth,
                    organisation=str(organisation.pk),
                    days=(first, first + length),
                )
            )

    @rule(which=some)
    def end_a_placement(self, which):
        if row := self._one([r for r in self.world.placements if not r.over], which):
            Placement.objects.get(pk=row.key).end(by=self.by)
            row.over = True

    # -- The handover ----------------------------------------------------------------------

    def _profile(self, youth):
        found = next((p for p in self.world.profiles if p.youth is youth), None)
        if found is None:
            made = HandoverProfileFactory(youth=Youth.objects.get(pk=youth.key))
            found = oracle.Row(str(made.pk), youth)
            self.world.profiles.append(found)
        return found

    def _write(self, youth, section):
        profile = HandoverProfile.objects.get(pk=self._profile(youth).key)
        made = PartFactory(profile=profile, section=section, written_by=self.by)
        profile.settle()
        self.world.parts.append(oracle.Row(str(made.pk), youth, section))

    @rule(which=some, section=st.sampled_from(oracle.PROFILE))
    def write(self, which, section):
        if youth := self._one(self.accepted, which):
            self._write(youth, section)

    @rule(which=some)
    def write_again(self, which):
        if row := self._one([p for p in self.world.parts if not p.over], which):
            self.numbers += 1
            part = Part.objects.get(pk=row.key)
            part.write(by=self.by, revision=part.revision, text=f"Nyt {self.numbers}")
            row.changed, row.revision = True, part.revision

    @rule(which=some)
    def take_away(self, which):
        if row := self._one([p for p in self.world.parts if not p.over], which):
            part = Part.objects.get(pk=row.key)
            part.remove(by=self.by, revision=part.revision)
            row.over = True

    def _send(self, youth):
        profile = HandoverProfile.objects.get(youth=youth.key)
        profile.send(by=self.by)
        self._profile(youth).over = True
        for row in self.world.parts:
            if row.youth is youth and row.changed and not row.over:
                row.changed = False
                copy = SentPart.objects.current().get(part=row.key)
                self.world.sent.append(
                    oracle.Row(
                        str(copy.pk), youth, row.section, part=row.key, revision=row.revision
                    )
                )

    @rule(which=some, fill=st.booleans())
    def send(self, which, fill):
        if youth := self._one(self.accepted, which):
            for section in ("direction", "competences", "support") if fill else ():
                self._write(youth, section)
            mine = [p for p in self.world.parts if p.youth is youth and not p.over]
            required = {"direction", "competences", "support"}
            if required <= {p.section for p in mine} and any(p.changed for p in mine):
                self._send(youth)

    # -- What works at work ----------------------------------------------------------------

    @rule(which=some)
    def make_room(self, which):
        if youth := self._one(self.accepted, which):
            self.numbers += 1
            made = Accommodation.add(
                by=self.by, youth=Youth.objects.get(pk=youth.key), text=f"Ro {self.numbers}"
            )
            self.world.accommodations.append(oracle.Row(str(made.pk), youth))

    # -- Goals of the course ---------------------------------------------------------------

    @rule(which=some)
    def set_a_goal(self, which):
        if youth := self._one(self.accepted, which):
            self.numbers += 1
            made = goal_of(Youth.objects.get(pk=youth.key), by=self.by, words=f"Mål {self.numbers}")
            self.world.goals.append(oracle.Row(str(made.pk), youth))

    # -- The young person takes part ---------------------------------------------------------

    @rule(which=some)
    def show_the_draft_or_take_it_back(self, which):
        if row := self._one(self.world.profiles, which):
            profile = HandoverProfile.objects.get(pk=row.key)
            if row.shown:
                profile.hide_from_youth(by=self.by)
                row.shown = False
            elif any(p.youth is row.youth and not p.over for p in self.world.parts):
                profile.show_to_youth(by=self.by)
                row.shown = True

    @rule(which=some)
    def say_what_does_not_fit(self, which):
        if row := self._one([p for p in self.world.parts if not p.over], which):
            self.numbers += 1
            made = PartReaction.give(
                by=self.by,
                part=Part.objects.get(pk=row.key),
                revision=row.revision,
                agrees=False,
                text=f"Nej {self.numbers}",
            )
            self.world.reactions.append(
                oracle.Row(str(made.pk), row.youth, part=row.key, revision=row.revision)
            )

    @rule(which=some, for_a_placement=st.booleans())
    def write_for_a_company(self, which, for_a_placement):
        """The text for a company, asked about at once; changed where there is one."""
        if youth := self._one(self.accepted, which):
            self.numbers += 1
            placements = [r for r in self.world.placements if r.youth is youth and for_a_placement]
            at = self._one(placements, which)
            what = {"placement": Placement.objects.get(pk=at.key)} if at else {"job": "Køkken"}
            row = Youth.objects.get(pk=youth.key)
            made = JobProfile.begin(by=self.by, youth=row, **what)
            made.write(by=self.by, revision=made.revision, can=f"Kan {self.numbers}", works="")
            JobProfile.objects.filter(pk=made.pk).update(
                status="asked", asked_as="school", asked_at=timezone.now(), answered_at=None
            )
            if str(made.pk) not in {r.key for r in self.world.jobs}:
                self.world.jobs.append(oracle.Row(str(made.pk), youth, placement=at))

    def _standing(self, job):
        rows = self.world.approved
        return [r for r in rows if r.section == job.key and not r.over]

    @rule(which=some, yes=st.booleans())
    def answer_it(self, which, yes):
        if job := self._one(self.world.jobs, which):
            made = JobProfile.objects.get(pk=job.key)
            if made.status != "asked":
                return
            if yes:
                made.approve(by=self.by, revision=made.revision, how="own")
                for row in self._standing(job):
                    row.over = True
                self.world.approved.append(
                    oracle.Row(str(made.approved.pk), job.youth, job.key, placement=job.placement)
                )
            else:
                made.decline(by=self.by, revision=made.revision)

    @rule(which=some)
    def take_the_words_back(self, which):
        jobs = [job for job in self.world.jobs if self._standing(job)]
        if job := self._one(jobs, which):
            JobProfile.objects.get(pk=job.key).take_back(by=self.by)
            for row in self._standing(job):
                row.over = True

    # -- Consent and emergencies -----------------------------------------------------------

    @rule(which=some, section=st.sampled_from(oracle.WITH_CONSENT))
    def consent(self, which, section):
        if youth := self._one(self.accepted, which):
            made = give_consent(Youth.objects.get(pk=youth.key), section)
            if str(made.pk) not in {c.key for c in self.world.consents}:
                self.world.consents.append(
                    oracle.Row(
                        str(made.pk),
                        youth,
                        section,
                        organisation=youth.partnership.municipality,
                    )
                )

    @rule(which=some)
    def take_consent_back(self, which):
        if row := self._one([c for c in self.world.consents if not c.over], which):
            withdraw_consent(row.key)
            row.over = True

    @rule(which=some, case=some)
    def open_in_an_emergency(self, which, case):
        """Where it is refused nothing has changed; the machine then finds that nothing has."""
        person = self._one([p for p in self.world.people if p.staff], which)
        youth = self._one(
            [y for y in self.world.youths if y.partnership and y.partnership.status == "signed"],
            case,
        )
        if youth is None or self.world.opened(person, youth):
            return
        user = User.objects.get(pk=person.key)
        row = Youth.objects.get(pk=youth.key)
        may = person.active and person.role in ("", "admin")
        if may and (
            person.superuser
            or "change_agreement" in self.world.on_partnership(person, youth.partnership)
        ):
            made = EmergencyOpening.open(by=user, youth=row, reason="Akut")
            self.world.openings.append(oracle.Row(str(made.pk), youth, person=person))
        else:
            assert not EmergencyOpening.openable(user).filter(pk=row.pk).exists()

    @rule(which=some, in_time=st.booleans())
    def emergency_is_over(self, which, in_time):
        if row := self._one([o for o in self.world.openings if not o.over], which):
            opening = EmergencyOpening.objects.get(pk=row.key)
            if in_time:
                earlier = timedelta(minutes=61)
                EmergencyOpening.objects.filter(pk=row.key).update(
                    opened_at=F("opened_at") - earlier, closes_at=F("closes_at") - earlier
                )
            else:
                opening.close(by=User.objects.get(pk=row.person.key))
            row.over = True

    # -- What must be so, always -----------------------------------------------------------

    @invariant()
    def everybody_sees_what_the_table_says(self):
        youths = list(Youth.objects.all())
        people = User.objects.in_bulk([p.key for p in self.world.people])
        for person in self.world.people:
            user = people[UUID(person.key)]
            seen, due = rows_seen(user, youths), self.world.visible(person)
            assert seen == due, f"too much: {seen - due}, too little: {due - seen}, {person}"
            # The same question, asked of one young person, and of one partnership.
            for youth in self.world.youths:
                row = next(row for row in youths if str(row.pk) == youth.key)
                assert codenames_for(user, row) == self.world.on_youth(person, youth), person
            for p in self.world.partnerships:
                held = codenames_on(user, UUID(p.key))
                assert held == self.world.on_partnership(person, p), person


def test_a_guest_sees_nothing():
    assert rows_seen(AnonymousUser(), YouthFactory.create_batch(2)) == set()


def run(examples=EXAMPLES, seed=None, **more):
    """Let the machine run; the same choices every time, unless it is asked for more than usual."""
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize="VISIBILITY_EXAMPLES" not in os.environ,
            database=None,
            report_multiple_bugs=False,  # a mistake is found once: stop there
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


def test_everybody_always_sees_what_the_table_says():
    run(phases=[Phase.generate])


def parts_are_shown_without_consent(monkeypatch):
    monkeypatch.setattr(SentPartQuerySet, "disclosed", lambda self: self)


def the_table_gives_leadership_the_names(monkeypatch):
    monkeypatch.setitem(GRANTS[Role.LEAD], Section.IDENTITY, (Verb.VIEW,))


def who_has_left_stays(monkeypatch):
    monkeypatch.setattr(MembershipQuerySet, "not_gone", lambda self: self)


def who_reads_along_writes(monkeypatch):
    monkeypatch.setattr(people, "reads_along", lambda user: False)


@pytest.mark.breaks_grants
@pytest.mark.parametrize(
    "mistake",
    [
        parts_are_shown_without_consent,
        the_table_gives_leadership_the_names,
        who_has_left_stays,
        who_reads_along_writes,
    ],
)
def test_the_machine_finds(mistake, monkeypatch):
    mistake(monkeypatch)
    with pytest.raises(AssertionError, match="too much"):
        run(examples=ENOUGH_TO_FIND, phases=[Phase.generate])
