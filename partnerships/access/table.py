"""The two tables: what a role gets in which state, and what must also be so in the single case.

docs/access.md and the page "Who sees what" are these tables, rendered.
"""

from itertools import product

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Whom a person acts as. The young person needs no role: `Youth.account` is the way in."""

    SCHOOL = "school", _("School staff")
    CASEWORKER = "caseworker", _("Caseworker")
    EMPLOYER = "employer", _("Employer")
    LEAD = "lead", _("Project leadership")
    EVALUATOR = "evaluator", _("Evaluator")
    ADMIN = "admin", _("Programme administrator")
    CONTROLLER = "controller", _("Data controller")


class Section(models.TextChoices):
    """What can be seen or not seen, each its own table or its own rows."""

    AGREEMENT = "agreement", _("Agreement and meetings")
    CODE = "code", _("The youth's code, without a name")
    COUNTS = "counts", _("Counts and progress")
    IDENTITY = "identity", _("Name and contact")
    CPR = "cpr", _("CPR number")
    REFERRAL = "referral", _("Referral")
    WORDS = "words", _("Own words")
    DIRECTION = "direction", _("Direction")
    COMPETENCES = "competences", _("Competences")
    SUPPORT = "support", _("Support needs and what works")
    HEALTH = "health", _("Social and mental conditions")
    NETWORK = "network", _("Network and practical matters")
    JOB_PROFILE = "job_profile", _("Job profile and accommodations")
    COURSE = "course", _("Course and placements")
    RATINGS = "ratings", _("Ratings")
    PLACEMENT = "placement", _("One placement: first name, tasks, hours, contact person")
    SHARING = "sharing", _("Consents and legal bases")
    READS = "reads", _("Who has read")


class Verb(models.TextChoices):
    VIEW = "view", _("reads")
    CHANGE = "change", _("writes")
    ANSWER = "answer", _("answers")
    APPROVE = "approve", _("approves")
    STEP = "step", _("writes small steps")
    OVERRIDE = "override", _("shares without consent, on a legal basis")


VIEW, CHANGE, ANSWER, APPROVE, STEP, OVERRIDE = Verb
# A verb that the role alone does not give: only those whose membership says so hold it.
PERSONAL_VERBS = {OVERRIDE}

# Role x section -> verbs, in a signed partnership. Source: docs/adr/0002, domain rule of the
# programme: each party gets only its slice.
GRANTS = {
    Role.SCHOOL: {
        Section.AGREEMENT: (VIEW, CHANGE),
        Section.CODE: (VIEW,),
        Section.COUNTS: (VIEW,),
        Section.IDENTITY: (VIEW,),
        Section.REFERRAL: (VIEW, ANSWER),
        Section.WORDS: (VIEW, CHANGE),
        Section.DIRECTION: (VIEW, CHANGE),
        Section.COMPETENCES: (VIEW, CHANGE),
        Section.SUPPORT: (VIEW, CHANGE),
        Section.HEALTH: (VIEW, CHANGE, OVERRIDE),
        Section.NETWORK: (VIEW, CHANGE),
        Section.JOB_PROFILE: (VIEW, CHANGE),
        Section.COURSE: (VIEW, STEP),
        Section.RATINGS: (VIEW, CHANGE),
        Section.SHARING: (VIEW, CHANGE),
        Section.READS: (VIEW,),
    },
    Role.CASEWORKER: {
        Section.AGREEMENT: (VIEW, CHANGE),
        Section.CODE: (VIEW,),
        Section.COUNTS: (VIEW,),
        Section.IDENTITY: (VIEW, CHANGE),
        Section.CPR: (VIEW, CHANGE),
        Section.REFERRAL: (VIEW, CHANGE),
        Section.WORDS: (VIEW,),
        Section.DIRECTION: (VIEW, ANSWER),
        Section.COMPETENCES: (VIEW, ANSWER),
        Section.SUPPORT: (VIEW, ANSWER),
        Section.HEALTH: (VIEW, ANSWER),
        Section.NETWORK: (VIEW, ANSWER),
        Section.JOB_PROFILE: (VIEW, CHANGE),
        Section.COURSE: (VIEW, CHANGE, STEP),
        Section.RATINGS: (VIEW, CHANGE),
        Section.SHARING: (VIEW,),
        Section.READS: (VIEW,),
    },
    Role.LEAD: {
        Section.AGREEMENT: (VIEW,),
        Section.CODE: (VIEW,),
        Section.COUNTS: (VIEW,),
    },
    Role.EVALUATOR: {
        Section.AGREEMENT: (VIEW,),
        Section.CODE: (VIEW,),
        Section.COUNTS: (VIEW,),
    },
    # The administrator of a programme keeps partnerships in the Django admin: no case content.
    Role.ADMIN: {Section.AGREEMENT: (VIEW, CHANGE)},
}

# Before both have signed there are no cases; after the end the parties keep their agreement and
# the programme its counts, and nobody a case.
SECTIONS_BY_STATUS = {
    "draft": {Section.AGREEMENT},
    "negotiating": {Section.AGREEMENT},
    "signed": set(Section),
    "ended": {Section.AGREEMENT, Section.COUNTS, Section.CODE},
}
# Who still gets codes and counts of an ended partnership.
KEEP_COUNTS_AFTER_END = {Role.LEAD, Role.EVALUATOR}

# An employer's rights sit on the single placement.
PLACEMENT_GRANTS = {Role.EMPLOYER: {Section.JOB_PROFILE: (VIEW,), Section.PLACEMENT: (VIEW,)}}

# The young person's rights sit on the own record. No membership has this role.
YOUTH = "youth"
OWN_GRANTS = {
    YOUTH: {
        Section.IDENTITY: (VIEW,),
        Section.CPR: (VIEW,),
        Section.WORDS: (VIEW, CHANGE),
        Section.DIRECTION: (VIEW,),
        Section.COMPETENCES: (VIEW,),
        Section.SUPPORT: (VIEW,),
        Section.HEALTH: (VIEW,),
        Section.NETWORK: (VIEW,),
        Section.JOB_PROFILE: (VIEW, APPROVE),
        Section.COURSE: (VIEW, STEP),
        Section.RATINGS: (VIEW, CHANGE),
        Section.SHARING: (VIEW, CHANGE),
        Section.READS: (VIEW,),
    }
}
YOUTH_GRANTS = {
    f"{verb}_{section}" for section, verbs in OWN_GRANTS[YOUTH].items() for verb in verbs
}

# In an emergency an administrator reads one case as its caseworker would, for an hour at most:
# no CPR number, nothing to write, and no standing access. See youths/models/emergencies.py.
EMERGENCY_GRANTS = {
    f"{VIEW}_{section}"
    for section, verbs in GRANTS[Role.CASEWORKER].items()
    if VIEW in verbs and section not in (Section.AGREEMENT, Section.COUNTS, Section.CPR)
}


class Condition(models.TextChoices):
    """What must be so in the single case.

    A queryset has a method of the same name for each; what was sent has a table of its own.
    """

    HOLDING_A_PLACE = "holding_a_place", _("while the referral holds a place")
    REFERRED = "referred", _("once the school has accepted")
    SENT = "sent", _("once the handover was sent")
    SHOWN = "shown", _("once the school has shown the draft, or sent it")
    DISCLOSED = "disclosed", _("with the young person's consent, or a legal basis")
    RUNNING = "running", _("while the placement runs")
    APPROVED = "approved", _("the text that the young person has approved")


_PROFILE = (
    Section.DIRECTION,
    Section.COMPETENCES,
    Section.SUPPORT,
    Section.HEALTH,
    Section.NETWORK,
)
_IN_THE_CASE = (
    Section.WORDS,
    *_PROFILE,
    Section.JOB_PROFILE,
    Section.COURSE,
    Section.RATINGS,
    Section.SHARING,
    Section.READS,
)

# Role x section -> conditions. Source: sharing needs a specific, informed consent per recipient
# and part, or a legal basis (retssikkerhedsloven § 11 a); a company sees one placement only.
CONDITIONS = {
    (Role.SCHOOL, Section.IDENTITY): (Condition.HOLDING_A_PLACE,),
    (Role.SCHOOL, Section.REFERRAL): (Condition.HOLDING_A_PLACE,),
    **{(Role.SCHOOL, section): (Condition.REFERRED,) for section in _IN_THE_CASE},
    **{(Role.CASEWORKER, section): (Condition.REFERRED,) for section in _IN_THE_CASE},
    **{(Role.CASEWORKER, section): (Condition.REFERRED, Condition.SENT) for section in _PROFILE},
    (Role.CASEWORKER, Section.HEALTH): (Condition.REFERRED, Condition.SENT, Condition.DISCLOSED),
    **{
        (role, section): (Condition.REFERRED,)
        for role in (Role.LEAD, Role.EVALUATOR)
        for section in (Section.CODE, Section.COUNTS)
    },
    (Role.EMPLOYER, Section.PLACEMENT): (Condition.RUNNING,),
    (Role.EMPLOYER, Section.JOB_PROFILE): (Condition.RUNNING, Condition.APPROVED),
    **{(YOUTH, section): (Condition.REFERRED,) for section in _IN_THE_CASE},
    **{(YOUTH, section): (Condition.REFERRED, Condition.SHOWN) for section in _PROFILE},
}
# Sections that no reader outside the school gets without the young person's yes or a legal basis.
NEEDS_CONSENT = tuple(
    dict.fromkeys(section for (_, section), asked in CONDITIONS.items() if "disclosed" in asked)
)
# What an agreement may take away from a party of its own partnership: never what the course
# cannot do without, and nothing can be added.
NARROWABLE = (Section.HEALTH, Section.NETWORK, Section.COURSE, Section.RATINGS)

PARTNERSHIP_ROLES = (Role.SCHOOL, Role.CASEWORKER)
PROGRAMME_ROLES = (Role.LEAD, Role.EVALUATOR, Role.ADMIN)
ORGANISATION_ROLES = (Role.EMPLOYER, Role.CONTROLLER)

# Codenames that guardian can hold, as (codename, label) for Meta.permissions. Django adds
# view_partnership and the like itself; these carry the section instead.
PARTNERSHIP_PERMISSIONS = [
    (f"{verb}_{section}", f"{verb} {section}")
    for section, verb in product(Section, Verb)
    if section != Section.PLACEMENT
    and any(verb in sections.get(section, ()) for sections in GRANTS.values())
]


def codenames(role: str, status: str, narrowed=frozenset()) -> set[str]:
    """The codenames that a role holds on a partnership in that status.

    `narrowed` are the sections that the partnership's agreement takes away from the role.
    """
    sections = SECTIONS_BY_STATUS[status]
    if status == "ended" and role not in KEEP_COUNTS_AFTER_END:
        sections = {Section.AGREEMENT}
    return {
        f"{verb}_{section}"
        for section, verbs in GRANTS.get(role, {}).items()
        if section in sections and section not in narrowed
        for verb in verbs
        # An ended agreement is read, no longer written.
        if status != "ended" or verb == VIEW
    }
