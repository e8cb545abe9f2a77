"""Factories without surprises, and the named situations that tests start from.

People come in threes: one who may, one who may only read, one outsider.
"""

import functools
import zipfile
from datetime import date, timedelta
from io import BytesIO

import factory
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from factory.django import DjangoModelFactory

from evaluation.models import (
    SIDES,
    Cut,
    Definition,
    DefinitionAnswer,
    Entry,
    Indicator,
    IndicatorText,
    ObservedFact,
    OwnRound,
    Rating,
    RatingRound,
    Report,
    half_years,
)
from evaluation.progress import DEFAULT_RULE
from handover.models import (
    HEADINGS,
    Attachment,
    DocumentStep,
    HandoverDecision,
    HandoverProfile,
    JobProfile,
    Meeting,
    Part,
    PartAnswer,
    PartUse,
    SectionRequest,
)
from partnerships.access import Role
from partnerships.models import Membership, Organisation, Partnership, Phase, Programme, User
from partnerships.sheets import Line
from youths.models import (
    Consent,
    Contact,
    Deadline,
    Effort,
    EmergencyOpening,
    Goal,
    Import,
    Notice,
    Placement,
    PlacementFeedback,
    PlacementLink,
    ReadSample,
    Referral,
    Youth,
)

PASSWORD = "et-meget-langt-kodeord"
HASHED = functools.cache(lambda: make_password(PASSWORD))  # slow by design, so made once


def days(n: int) -> date:
    """The date n days from today."""
    return timezone.localdate() + timedelta(days=n)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@prøve.example".replace("ø", "oe"))
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.LazyFunction(HASHED)


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    kind = "school"
    name = factory.Sequence(lambda n: f"Skole {n}")

    class Params:
        municipality = factory.Trait(
            kind="municipality",
            name=factory.Sequence(lambda n: f"Kommune {n}"),
            municipality_code=factory.Sequence(lambda n: f"{n % 10000:04}"),
        )
        employer = factory.Trait(
            kind="employer",
            name=factory.Sequence(lambda n: f"Café {n}"),
            cvr=factory.Sequence(lambda n: f"{n % 100000000:08}"),
        )
        owner = factory.Trait(kind="owner", name="Ejer")


class ProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = Programme

    name = factory.Sequence(lambda n: f"Program {n}")
    owner = factory.SubFactory(OrganisationFactory, owner=True)
    starts_on = factory.LazyFunction(lambda: days(-700))
    ends_on = factory.LazyFunction(lambda: days(400))
    referred_target = 40
    closer_target = 35
    code_prefix = "VVR"
    course_type = "Ressourceforløb"
    authority_name = "Jobcenter"
    handover_document = "Ressourcepapir"


class PartnershipFactory(DjangoModelFactory):
    """A draft; `signed=True` for one that both have signed."""

    class Meta:
        model = Partnership

    programme = factory.SubFactory(ProgrammeFactory)
    school = factory.SubFactory(OrganisationFactory)
    municipality = factory.SubFactory(OrganisationFactory, municipality=True)
    starts_on = factory.LazyFunction(lambda: days(-600))
    ends_on = factory.LazyFunction(lambda: days(300))

    class Params:
        signed = factory.Trait(
            status="signed",
            school_signed_at=factory.LazyFunction(timezone.now),
            municipality_signed_at=factory.LazyFunction(timezone.now),
        )


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    starts_on = factory.LazyFunction(lambda: days(-100))


class YouthFactory(DjangoModelFactory):
    """Accepted into a signed partnership, with the referral that brought the youth there."""

    class Meta:
        model = Youth
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"PRV-{n:04}")
    name = factory.Sequence(lambda n: f"Ung {n} Ærø")
    birth_date = factory.LazyFunction(lambda: days(-20 * 365))
    stu_ends_on = factory.LazyFunction(lambda: days(500))  # nothing is due yet
    partnership = factory.SubFactory(PartnershipFactory, signed=True)
    enrolled_on = factory.LazyFunction(lambda: days(-90))

    @classmethod
    def _create(cls, model_class, *args, **fields):
        """With a contact, or the database does not take who is in the course.

        Whoever is in the school's team; there need not be anybody.
        """
        with transaction.atomic():
            youth = super()._create(model_class, *args, **fields)
            if youth.enrolled_on and not youth.left_on:
                team = youth.partnership.memberships.active().filter(role=Role.SCHOOL).first()
                person = team.user if team else UserFactory()
                began = timezone.now() - timedelta(days=90)
                Contact.objects.create(youth=youth, person=person, began_at=began)
        return youth

    @factory.post_generation
    def referral(self, create, extracted, **kwargs):
        if create and self.partnership and self.enrolled_on:
            Referral.objects.create(
                youth=self,
                partnership=self.partnership,
                status="accepted",
                reason="Vil gerne i gang.",
                proposed_by=UserFactory(),
                decided_at=timezone.now(),
            )


class PlacementFactory(DjangoModelFactory):
    class Meta:
        model = Placement

    youth = factory.SubFactory(YouthFactory)
    employer = factory.SubFactory(OrganisationFactory, employer=True)
    contact = factory.SubFactory(UserFactory)
    kind = "practice"
    starts_on = factory.LazyFunction(lambda: days(-10))
    ends_on = factory.LazyFunction(lambda: days(60))
    weekly_hours = 12
    tasks = "Rydde op\nLave dressing"


class HandoverProfileFactory(DjangoModelFactory):
    class Meta:
        model = HandoverProfile

    youth = factory.SubFactory(YouthFactory)


class PartFactory(DjangoModelFactory):
    """A part that lacks nothing."""

    class Meta:
        model = Part

    profile = factory.SubFactory(HandoverProfileFactory)
    section = "competences"
    heading = factory.LazyAttribute(lambda part: HEADINGS[part.section][0])
    label = factory.Sequence(lambda n: f"Del {n}")
    level = "3"
    text = "Set i køkkenet."
    works = "Vis det én gang."
    evidence = "Værkstedet, august."
    position = factory.Sequence(lambda n: n)
    written_by = factory.SubFactory(UserFactory)


def docx(text="Set", **members) -> bytes:
    """A Word document that says this, unpacked so that the words stand in its bytes."""
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    said = {
        "[Content_Types].xml": f'<Types><Override ContentType="{main}"/></Types>',
        "word/document.xml": f"<document>{text}</document>",
        **members,
    }
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in said.items():
            archive.writestr(name, content)
    return made.getvalue()


def attach(part, text="Set", name="bevis.docx", **fields) -> Attachment:
    """A Word document beside a part."""
    return Attachment.add(
        by=part.written_by, part=part, name=name, kind="docx", content=docx(text), **fields
    )


class RatingRoundFactory(DjangoModelFactory):
    """The open round; `ago=3` for one that opened three months earlier."""

    class Meta:
        model = RatingRound

    class Params:
        ago = 0

    programme = factory.SubFactory(ProgrammeFactory)
    number = factory.Sequence(lambda n: 20 + n % 42)  # beside those that a test numbers itself
    opens_on = factory.LazyAttribute(lambda o: days(-10 - 30 * o.ago))
    closes_on = factory.LazyAttribute(lambda o: days(10 - 30 * o.ago))


class IndicatorFactory(DjangoModelFactory):
    """An indicator with a wording for both audiences in both languages."""

    class Meta:
        model = Indicator
        skip_postgeneration_save = True
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"sign-{n}")
    position = factory.Sequence(lambda n: n + 1)

    @factory.post_generation
    def texts(self, create, extracted, **kwargs):
        for audience in IndicatorText.Audience.values:
            for language in IndicatorText.Language.values:
                IndicatorText.objects.get_or_create(
                    indicator=self,
                    audience=audience,
                    language=language,
                    defaults={
                        "name": f"{self.code} {language}",
                        "question": f"{self.code}? {audience} {language}",
                        **{f"step_{n}": f"Trin {n}" for n in range(1, 6)},
                    },
                )


class RatingFactory(DjangoModelFactory):
    class Meta:
        model = Rating

    youth = factory.SubFactory(YouthFactory)
    round = factory.SubFactory(RatingRoundFactory)
    indicator = factory.SubFactory(IndicatorFactory)
    voice = "youth"
    step = 3
    rated_by = factory.SubFactory(UserFactory)


def entry_of(programme, **fields) -> Entry:
    """A part of the model, with a document, in a programme's register."""
    file = {"name": "del 1.pdf", "kind": "pdf", "content": b"%PDF-1.4"}
    given = {"by": UserFactory(), "register": "model_parts", "title": "Skabelon",
             "happened_on": days(-9), "file": file}  # fmt: skip
    return Entry.record(programme=programme, **given | fields)


def cut_of(programme, name="Forår", by=None) -> Cut:
    """A frozen cut of a programme, as a worker makes it."""
    made = Cut.freeze(by=by or UserFactory(), programme=programme, name=name)
    Cut.make(made.pk, Cut.build)
    return Cut.objects.get(pk=made.pk)


def report_of(cut, build=lambda report: (b"%PDF-1.7", {}), by=None) -> Report:
    """A report of a cut that is made, of no more than a line unless it is said how."""
    starts_on, _ends_on = half_years(cut)[0]
    made = Report.ask(by=by or UserFactory(), cut=cut, starts_on=starts_on, language="da")
    Report.make(made.pk, build)
    return Report.objects.get(pk=made.pk)


def settled_definition(partnership, by) -> Definition:
    """A version on which both sides have answered and which is settled: it waits for signatures."""
    made = Definition.begin(by=by, partnership=partnership)
    for side in SIDES:
        answer = DefinitionAnswer.write(
            by=by, definition=made, side=side, rule=DEFAULT_RULE, revision=0, own_words="Ja"
        )
        answer.hand_in(by=by)
    made = Definition.objects.get(pk=made.pk)
    made.settle(by=by, rule=DEFAULT_RULE, met_on=days(-1), present="Alle", minutes="Enige",
                revision=made.revision)  # fmt: skip
    return made


def approved_job(youth, *, by, approved, draft="", placement=None, job="") -> JobProfile:
    """A job profile that the young person has approved; with a draft, written on since."""
    made = JobProfile.begin(by=by, youth=youth, placement=placement, job=job)
    made.write(by=by, revision=1, can="", works=approved)
    made.ask(by=by, revision=made.revision)
    made.approve(by=youth.account, revision=made.revision, how="own")
    if draft:
        made.write(by=by, revision=made.revision, can=draft, works=approved)
    return made


def goal_of(youth, **fields) -> Goal:
    """A goal of the young person, as a caseworker takes it down."""
    given = {"by": UserFactory(), "words": "Jeg vil passe et job", "lane": "job", "owner": "youth"}
    return Goal.set(youth=youth, **given | fields)


def said_of(placement, by, well="Godt") -> PlacementFeedback:
    """What a company says of a placement, answered by nobody yet."""
    return PlacementFeedback.objects.create(
        placement=placement, given_by=by, giver_name="Bente", well=well, again="yes",
        weekly_hours=12,
    )  # fmt: skip


def member(partnership, role: str, **fields) -> User:
    """A person in the team of a partnership (school, caseworker) or its programme (the others)."""
    if role == Role.SCHOOL:
        place = {"partnership": partnership, "organisation": partnership.school}
    elif role == Role.CASEWORKER:
        place = {"partnership": partnership, "organisation": partnership.municipality}
    else:
        programme = partnership.programme
        place = {"programme": programme, "organisation": programme.owner}
    return MembershipFactory(role=role, **place, **fields).user


def employer_of(placement, **fields) -> User:
    """A person of the company of a placement."""
    return MembershipFactory(role=Role.EMPLOYER, organisation=placement.employer, **fields).user


def account_of(youth) -> User:
    """The young person's own sign-in."""
    youth.account = UserFactory(name=youth.name)
    youth.save()
    return youth.account


class Team:
    """One signed partnership with one referred youth and everybody around it.

    Attributes: partnership, youth, placement, programme, and the people by role: school,
    caseworker, employer, young, lead, evaluator.
    """

    def __init__(self, **youth):
        self.partnership = PartnershipFactory(signed=True)
        self.programme = self.partnership.programme
        self.phase = Phase.objects.create(programme=self.programme, position=1, name="Afklaring")
        self.school = member(self.partnership, Role.SCHOOL)
        self.youth = YouthFactory(partnership=self.partnership, phase=self.phase, **youth)
        self.caseworker = member(self.partnership, Role.CASEWORKER)
        self.lead = member(self.partnership, Role.LEAD)
        self.evaluator = member(self.partnership, Role.EVALUATOR)
        self.young = account_of(self.youth)
        self.placement = PlacementFactory(youth=self.youth, contact=self.caseworker)
        self.employer = employer_of(self.placement)

    def people(self) -> dict:
        """Every person by role."""
        roles = ("school", "caseworker", "employer", "young", "lead", "evaluator")
        return {role: getattr(self, role) for role in roles}


class World(Team):
    """A team with one of everything that a route can name."""

    def __init__(self):
        super().__init__()
        self.admin = member(self.partnership, Role.ADMIN)
        self.admin.is_staff = True
        self.admin.save()
        self.opening = EmergencyOpening.objects.create(
            youth=self.youth,
            opened_by=self.admin,
            reason="Fordi",
            closes_at=timezone.now(),
            opened_at=timezone.now() - timedelta(minutes=60),
        )
        proposed = YouthFactory(partnership=self.partnership, enrolled_on=None)
        self.referral = Referral.objects.create(
            youth=proposed,
            partnership=self.partnership,
            reason="Fordi",
            proposed_by=self.caseworker,
        )
        self.profile = HandoverProfileFactory(youth=self.youth)
        for section in ("direction", "competences", "support"):
            self.part = PartFactory(profile=self.profile, section=section, written_by=self.school)
        self.attachment = attach(self.part)
        self.profile.send(by=self.school)
        self.sent_part = self.profile.sent_parts.get(part=self.part)
        self.answer = PartAnswer.objects.create(
            sent_part=self.sent_part, kind="question", text="Hvornår?", answered_by=self.caseworker
        )
        self.use = PartUse.make(
            by=self.caseworker, sent_part=self.sent_part, placement=self.placement
        )
        DocumentStep.start(by=self.school, youth=self.youth, on=days(-30))
        self.step = DocumentStep.issue(by=self.school, youth=self.youth)
        self.job_profile = approved_job(
            self.youth, by=self.caseworker, placement=self.placement, approved="Ro"
        )
        self.link = PlacementLink.give(by=self.caseworker, placement=self.placement)[0]
        self.feedback = said_of(self.placement, self.employer)
        self.contact = self.placement.employer.contacts.create(name="Bente", phone="1")
        HandoverDecision.give(
            by=self.caseworker,
            profile=self.profile,
            version=1,
            kind="with_questions",
            text="Hvornår?",
        )
        meeting = Meeting.plan(by=self.caseworker, profile=self.profile, on=days(0))
        meeting.record(
            by=self.caseworker,
            held_on=days(0),
            people=[self.school, self.caseworker],
            youth_present=True,
            agreements=[{"what": "Ringe", "who": "youth", "due_on": days(7)}],
            next_on=days(20),
        )
        self.meeting, self.agreement = meeting, meeting.agreements.get()
        ahead = self.profile.meetings.ahead()
        self.point = ahead.add_point(by=self.caseworker, of="caseworker", words="Bussen")
        self.notice = Notice.objects.filter(recipient=self.school).first()
        self.goal = goal_of(self.youth, by=self.caseworker)
        self.effort = Effort.recommend(
            by=self.caseworker, youth=self.youth, lane="job", words="Mentor", goal=self.goal
        )
        self.small_step = self.goal.add_step(by=self.young, words="Ringe til chefen", owner="youth")
        self.sample = ReadSample.objects.create(
            organisation=self.partnership.school, month=days(-40).replace(day=1)
        )
        self.consent = Consent.give(by=self.young, youth=self.youth, section="health")
        Deadline.plan()
        self.deadline = self.youth.deadlines.get(kind="consent")
        self.request = SectionRequest.ask(
            by=self.caseworker, youth=self.youth, sections=["network"], purpose="Fordi"
        )
        RatingRoundFactory(programme=self.programme)
        for code in ("direction", "belief"):
            IndicatorFactory(code=code)
        self.entry = entry_of(self.programme)
        self.cut = cut_of(self.programme)
        self.report = report_of(self.cut)
        self.fact = ObservedFact.record(
            by=self.caseworker, youth=self.youth, kind="job", began_on=days(-9)
        )

        self.own_round = OwnRound.end_with(
            youth=self.youth, easier="Ja", may_be_quoted=True, helper="nobody", done=True
        )
        self.imported = Import.check_file(
            by=self.caseworker,
            partnership=self.partnership,
            name="liste.csv",
            lines=[Line(2, {"name": "En Anden"}), Line(3, {}, {"name": "formula"})],
        )

    def kwargs(self, pattern) -> dict:
        """The thing that a route names, from this team."""
        things = {
            "youth_id": self.youth.pk,
            "fact_id": self.fact.pk,
            "own_round_id": self.own_round.pk,
            "partnership_id": self.partnership.pk,
            "referral_id": self.referral.pk,
            "placement_id": self.placement.pk,
            "link_id": self.link.pk,
            "feedback_id": self.feedback.pk,
            "company_id": self.placement.employer_id,
            "what": "contact",
            "row_id": self.contact.pk,
            "programme_id": self.programme.pk,
            "part_id": self.part.pk,
            "sent_part_id": self.sent_part.pk,
            "attachment_id": self.attachment.pk,
            "answer_id": self.answer.pk,
            "use_id": self.use.pk,
            "step_id": self.step.pk,
            "job_profile_id": self.job_profile.pk,
            "agreement_id": self.agreement.pk,
            "meeting_id": self.meeting.pk,
            "point_id": self.point.pk,
            "notice_id": self.notice.pk,
            "deadline_id": self.deadline.pk,
            "goal_id": self.goal.pk,
            "effort_id": self.effort.pk,
            "small_step_id": self.small_step.pk,
            "sample_id": self.sample.pk,
            "consent_id": self.consent.pk,
            "request_id": self.request.pk,
            "section": "health",
            "number": 1,
            "opening_id": self.opening.pk,
            "whose": "caseworker",
            "kind": "agreements",
            "register": "model_parts",
            "entry_id": self.entry.pk,
            "import_id": self.imported.pk,
            "cut_id": self.cut.pk,
            "file_name": "ratings.csv",
            "report_id": self.report.pk,
        }
        return {name: things[name] for name in pattern.pattern.converters}
