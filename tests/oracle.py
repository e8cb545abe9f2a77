"""Who may see what, once more: a world in plain Python, and the answer for each person in it.

Written by hand from the table of sections and parties (docs/adr/0002) and never from `GRANTS` or
`CONDITIONS`, so that a mistake there is found by whoever compares. Imports nothing of the project.
Keys are the database's own ids as text; days count from today.
"""

from dataclasses import dataclass, field

# Section, and what each party does with it. "override" belongs to a person, not to the role.
TABLE = """
section     | school               | caseworker  | youth       | lead | evaluator | admin
agreement   | view change          | view change |             | view | view      | view change
code        | view                 | view        |             | view | view      |
counts      | view                 | view        |             | view | view      |
identity    | view                 | view change | view        |      |           |
cpr         |                      | view change | view        |      |           |
referral    | view answer          | view change |             |      |           |
words       | view change          | view        | view change |      |           |
direction   | view change          | view answer | view        |      |           |
competences | view change          | view answer | view        |      |           |
support     | view change          | view answer | view        |      |           |
health      | view change override | view answer | view        |      |           |
network     | view change          | view answer | view        |      |           |
job_profile | view change          | view change | view approve |     |           |
course      | view step            | view change step | view step |      |        |
ratings     | view change          | view change | view change |      |           |
sharing     | view change          | view        | view change |      |           |
reads       | view                 | view        | view        |      |           |
"""
HEAD, *LINES = [[cell.strip() for cell in row.split("|")] for row in TABLE.strip().splitlines()]
MAY = {
    party: {line[0]: set(line[at].split()) for line in LINES} for at, party in enumerate(HEAD) if at
}
SECTIONS = [line[0] for line in LINES]
CODENAMES = sorted(
    {f"{verb}_{s}" for sections in MAY.values() for s in sections for verb in sections[s]}
)

# What the handover is made of; the last is what leaves the school only with the youth's yes.
PROFILE = ("direction", "competences", "support", "network", "health")
WITH_CONSENT = ("health",)
# In an emergency an administrator reads what a caseworker would, but for these.
NOT_IN_AN_EMERGENCY = ("agreement", "counts", "cpr")
HOLDS_A_PLACE = ("proposed", "returned", "accepted")


@dataclass(eq=False)
class Partnership:
    key: str
    programme: str
    municipality: str
    status: str = "signed"
    narrowed: set = field(default_factory=set)  # (party, section)
    counted: bool = False  # whether figures are stored


@dataclass(eq=False)
class Membership:
    key: str
    role: str
    organisation: str
    partnership: str = ""
    programme: str = ""
    starts: int = -100
    ends: int | None = None
    may_override: bool = False
    reads: int | None = None  # the last day of reading along, after the end

    @property
    def in_force(self) -> bool:
        return self.starts <= 0 and (self.ends is None or self.ends >= 0)

    @property
    def reads_along(self) -> bool:
        return self.ends is not None and self.ends < 0 and (self.reads or -1) >= 0


@dataclass(eq=False)
class Person:
    key: str
    staff: bool = False
    superuser: bool = False
    active: bool = True
    memberships: list = field(default_factory=list)  # the oldest first
    acts_as: Membership | None = None

    @property
    def acting(self) -> list[Membership]:
        """The memberships of the one relation acted in: the chosen, else the oldest."""
        if not self.active:
            return []
        mine = [m for m in self.memberships if m.in_force]
        mine += [m for m in self.memberships if m.reads_along]
        if not mine:
            return []
        oldest = min(mine, key=lambda m: (m.reads_along, m.starts))
        chosen = self.acts_as if self.acts_as in mine else oldest
        relation = (chosen.organisation, chosen.role, chosen.reads_along)
        return [m for m in mine if (m.organisation, m.role, m.reads_along) == relation]

    @property
    def role(self) -> str:
        return self.acting[0].role if self.acting else ""


@dataclass(eq=False)
class Youth:
    key: str
    partnership: Partnership | None
    accepted: bool = False
    account: Person | None = None
    name: str = ""


@dataclass(eq=False)
class Row:
    """Something of a youth: own words, a rating, a referral, a part, a consent ..."""

    key: str
    youth: Youth
    section: str = ""
    status: str = ""  # of a referral
    partnership: Partnership | None = None  # of a referral
    organisation: str = ""  # the company of a placement, the recipient of a consent
    days: tuple = (0, 0)  # of a placement, the first and the last
    over: bool = False  # ended, withdrawn, closed
    changed: bool = True  # a part since it was sent
    person: Person | None = None  # who opened in an emergency
    shown: bool = False  # a profile whose draft the young person reads along in
    part: str = ""  # of what was sent, and of what is said to a part
    revision: int = 1
    placement: "Row | None" = None  # of what was approved for a company


@dataclass
class World:
    people: list = field(default_factory=list)
    partnerships: list = field(default_factory=list)
    youths: list = field(default_factory=list)
    referrals: list = field(default_factory=list)
    placements: list = field(default_factory=list)
    profiles: list = field(default_factory=list)  # `over` once it was sent
    parts: list = field(default_factory=list)
    sent: list = field(default_factory=list)
    words: list = field(default_factory=list)
    ratings: list = field(default_factory=list)
    consents: list = field(default_factory=list)
    openings: list = field(default_factory=list)
    accommodations: list = field(default_factory=list)
    goals: list = field(default_factory=list)
    reactions: list = field(default_factory=list)
    jobs: list = field(default_factory=list)
    approved: list = field(default_factory=list)  # `over` once it was replaced or taken back

    # -- What a person holds ---------------------------------------------------------------

    def on_partnership(self, person, partnership) -> set[str]:
        """The codenames held on a partnership, by the one relation acted in."""
        found = set()
        for m in person.acting:
            if m.role not in MAY or partnership.key != (m.partnership or partnership.key):
                continue
            if not m.partnership and partnership.programme != m.programme:
                continue
            for section, verbs in MAY[m.role].items():
                if self._stands(partnership, m.role, section):
                    found |= {f"{verb}_{section}" for verb in self._verbs(partnership, m, verbs)}
        return found

    def _stands(self, partnership, role, section) -> bool:
        """Whether a section is there at all in this state of the partnership, for this party."""
        if (role, section) in partnership.narrowed:
            return False
        if section == "agreement" or partnership.status == "signed":
            return True
        return (
            partnership.status == "ended"
            and role in ("lead", "evaluator")
            and section in ("code", "counts")
        )

    def _verbs(self, partnership, membership, verbs) -> set[str]:
        kept = set(verbs) if membership.may_override else set(verbs) - {"override"}
        return kept & {"view"} if partnership.status == "ended" or membership.reads_along else kept

    @staticmethod
    def administers(person) -> bool:
        may = person.active and person.staff
        return may and (person.superuser or person.role == "admin")

    def opened(self, person, youth) -> bool:
        """Whether the person has this case open in an emergency, now."""
        may = person.active and person.staff and person.role in ("", "admin")
        may = may and (person.superuser or person.role == "admin")
        return may and any(
            o.youth is youth and o.person is person and not o.over
            for o in self.openings
            if youth.partnership and youth.partnership.status == "signed"
        )

    def on_youth(self, person, youth) -> set[str]:
        """The codenames held for one young person."""
        if self.opened(person, youth):
            in_an_emergency = {
                f"view_{section}"
                for section, verbs in MAY["caseworker"].items()
                if "view" in verbs
                and section not in NOT_IN_AN_EMERGENCY
                and ("caseworker", section) not in youth.partnership.narrowed
            }
            return in_an_emergency | self.on_partnership(person, youth.partnership)
        if person.acting:
            return self.on_partnership(person, youth.partnership) if youth.partnership else set()
        if person.active and youth.account is person:
            return {f"{verb}_{s}" for s, verbs in MAY["youth"].items() for verb in verbs}
        return set()

    def reads(self, person, youth, section: str) -> bool:
        """Whether what was sent, said or rated in a section of a youth is open to the person."""
        if f"view_{section}" not in self.on_youth(person, youth) or not youth.accepted:
            return False
        recipient = person.role == "caseworker" or self.opened(person, youth)
        return not (recipient and section in WITH_CONSENT) or any(
            c.youth is youth
            and c.section == section
            and c.organisation == youth.partnership.municipality
            and not c.over
            for c in self.consents
        )

    def reads_along(self, person, youth) -> bool:
        """Whether the young person reads the working text: while the school shows it."""
        own = person.active and not person.acting and youth.account is person
        return own and any(p.youth is youth and p.shown for p in self.profiles)

    def sees_part(self, person, row) -> bool:
        writes = f"change_{row.section}" in self.on_youth(person, row.youth)
        return not row.over and (writes or self.reads_along(person, row.youth))

    def sees_reaction(self, person, row) -> bool:
        """With the text that it is about, or a later one."""
        return any(
            part.key == row.part and self.sees_part(person, part) for part in self.parts
        ) or any(
            copy.part == row.part
            and copy.revision >= row.revision
            and self.reads(person, copy.youth, copy.section)
            for copy in self.sent
        )

    # -- Rows ------------------------------------------------------------------------------

    def visible(self, person) -> set[tuple[str, str]]:
        """Every row that the person sees, as (kind, key)."""
        return {(kind, row.key) for kind, row in self._rows(person)}

    def _rows(self, person):
        for youth in self.youths:
            held = self.on_youth(person, youth)
            for codename in held:
                yield codename, youth
        for p in self.partnerships:
            held = self.on_partnership(person, p)
            if "view_agreement" in held:
                yield "agreement", p
            if "view_counts" in held and p.counted:
                yield "progress", p
        for kind, section, rows in (
            ("words", "words", self.words),
            ("rating", "ratings", self.ratings),
            ("accommodation", "job_profile", self.accommodations),
            ("job", "job_profile", self.jobs),
            ("goal", "course", self.goals),
        ):
            for row in rows:
                if self.reads(person, row.youth, section):
                    yield kind, row
        for row in self.sent:
            if self.reads(person, row.youth, row.section):
                yield "sent", row
        for row in self.profiles:
            writes = "change_direction" in self.on_youth(person, row.youth)
            reads_along = self.reads_along(person, row.youth)
            if self.reads(person, row.youth, "direction") and (row.over or writes or reads_along):
                yield "profile", row
        for row in self.parts:
            if self.sees_part(person, row):
                yield "part", row
        for row in self.reactions:
            if self.sees_reaction(person, row):
                yield "reaction", row
        for row in self.referrals:
            if self.sees_referral(person, row):
                yield "referral", row
        for row in self.placements:
            if self.sees_placement(person, row):
                yield "placement", row
        for row in self.approved:
            if self.sees_approved(person, row):
                yield "approved", row
        for row in self.openings:
            held = self.on_youth(person, row.youth)
            if "view_reads" in held or (row.person is person and self.administers(person)):
                yield "opening", row

    def sees_referral(self, person, row) -> bool:
        if self.opened(person, row.youth):
            return row.partnership is row.youth.partnership
        held = self.on_partnership(person, row.partnership)
        return "view_referral" in held and (person.role != "school" or row.status in HOLDS_A_PLACE)

    def sees_approved(self, person, row) -> bool:
        if person.role != "employer":
            return self.reads(person, row.youth, "job_profile")
        at_work = row.placement is not None and self.sees_placement(person, row.placement)
        return at_work and not row.over

    def sees_placement(self, person, row) -> bool:
        if person.role != "employer":
            return self.reads(person, row.youth, "course")
        first, last = row.days
        return (
            row.organisation == person.acting[0].organisation
            and first <= 0 <= last
            and not row.over
            and row.youth.accepted
            and row.youth.partnership.status == "signed"
        )
