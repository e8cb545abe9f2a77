"""Invented people: those who sign in, their colleagues, and the companies."""

from dataclasses import dataclass
from itertools import count, islice

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from partnerships.access import Role
from partnerships.models import Membership, Organisation, OrganisationKind, User, is_cvr
from vivirkr.demo.dates import day, texts

PASSWORD = "vivirkr-demo"  # noqa: S105  every person here is invented, and DEBUG must be on
DOMAIN = "demo.vivirkr.dk"


@dataclass(frozen=True)
class Person:
    """Somebody in a team; who doesn't sign in has only done things. `email` without its domain."""

    key: str
    role: str
    title: str
    email: str
    name: str = ""
    signs_in: bool = False
    since: int = 0  # days ago; 0 is since the partnership began
    until: int = 0  # days ago; 0 is still
    may_override: bool = False
    leads: bool = False  # is told of deadlines that have passed
    also_in: str = ""  # another team, for the same side there: a second relation


SCHOOL, CASEWORKER = Role.SCHOOL, Role.CASEWORKER

TEAMS = {
    "randers": (
        Person(
            "coordinator",
            SCHOOL,
            "Ungekoordinator",
            "koordinator.randers",
            signs_in=True,
            may_override=True,
        ),
        Person("school", SCHOOL, "Forstander", "leder", leads=True),
        Person(
            "caseworker",
            CASEWORKER,
            "Koordinerende sagsbehandler",
            "sagsbehandler.randers",
            signs_in=True,
            since=310,
        ),
        Person(
            "former_caseworker",
            CASEWORKER,
            "Koordinerende sagsbehandler",
            "sagsbehandler",
            until=300,
        ),
        Person("municipality", CASEWORKER, "Teamleder", "teamleder", leads=True),
    ),
    "vestjylland": (
        Person("coordinator", SCHOOL, "Ungekoordinator", "ungekoordinator"),
        Person("school", SCHOOL, "Uddannelsesleder", "leder", leads=True),
        Person("caseworker", CASEWORKER, "Koordinerende sagsbehandler", "sagsbehandler"),
        Person("municipality", CASEWORKER, "Teamleder", "teamleder", leads=True),
    ),
    "aarhus": (
        Person(
            "coordinator",
            SCHOOL,
            "Ungekoordinator",
            "koordinator",
            "Jonas Bech",
            signs_in=True,
            may_override=True,
            leads=True,
        ),
        Person("school", SCHOOL, "Leder", "leder"),
        Person(
            "caseworker",
            CASEWORKER,
            "Koordinerende sagsbehandler",
            "sagsbehandler",
            "Karin Lund",
            signs_in=True,
        ),
        Person(
            "consultant",
            CASEWORKER,
            "Virksomhedskonsulent",
            "konsulent",
            signs_in=True,
            also_in="randers",
        ),
        Person("municipality", CASEWORKER, "Teamleder", "teamleder", leads=True),
    ),
    "frederikshavn": (
        Person("coordinator", SCHOOL, "Ungekoordinator", "ungekoordinator", since=40),
        Person("school", SCHOOL, "Leder", "leder", since=40, leads=True),
        Person(
            "municipality",
            CASEWORKER,
            "Koordinerende sagsbehandler",
            "sagsbehandler.frederikshavn",
            signs_in=True,
            since=40,
            leads=True,
        ),
    ),
}
PROGRAMME_TEAM = (
    Person("lead", Role.LEAD, "Projektleder", "ledelse", signs_in=True),
    Person("evaluator", Role.EVALUATOR, "Evaluator", "evaluator", signs_in=True),
    Person("admin", Role.ADMIN, "Administrator", "admin", signs_in=True),
)
SIDES = ("school", "municipality")
# One side each of the partnership of PGU and Aarhus.
CONTROLLERS = {"school": "dataansvarlig.pgu", "municipality": "dataansvarlig"}
YOUNG, EMPLOYER = f"ung@{DOMAIN}", f"virksomhed@{DOMAIN}"
EMPLOYERS = texts("employers")["employers"]
SIGN_INS = (
    *(
        f"{person.email}@{DOMAIN}"
        for team in (*TEAMS.values(), PROGRAMME_TEAM)
        for person in team
        if person.signs_in
    ),
    *(f"{email}@{DOMAIN}" for email in CONTROLLERS.values()),
    EMPLOYER,
    YOUNG,
)
TAKEN = {"Bech", "Kjær", "Lund", "Østergaard"}


def invented_cvr(number: int) -> str:
    """The so-manieth of those of the right form that begin with 99, and are never given out."""
    return next(islice((str(n) for n in count(99_000_000) if is_cvr(str(n))), number, None))


class People:
    """Makes people with one password between them; `by` finds them by (team, key)."""

    def __init__(self, fake):
        self.fake = fake
        self.by = {}
        # Hashed once, with the default hasher: once for each would take most of the time.
        self.password = make_password(PASSWORD)

    def invented_name(self) -> str:
        first = self.fake.random_element((self.fake.first_name_female, self.fake.first_name_male))
        return f"{first()} {self.fake.last_name()}"

    def surname(self) -> str:
        """Of a young person; no two share one, and nobody who signs in has it."""
        while (surname := self.fake.unique.last_name()) in TAKEN:
            pass
        return surname

    def user(self, email, name="", *, signs_in=False, **fields) -> User:
        user = User.objects.create(
            email=email,
            name=name or self.invented_name(),
            phone=self.phone(),
            password=self.password if signs_in else make_password(None),
            **fields,
        )
        if signs_in:
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        return user

    def phone(self) -> str:
        """Eight digits that begin with 00, which no telephone in Denmark has."""
        return f"00 {' '.join(f'{self.fake.random_int(10, 99)}' for _ in range(3))}"

    def create_programme_team(self, programme) -> None:
        for person in PROGRAMME_TEAM:
            is_admin = person.role == Role.ADMIN
            user = self.user(
                f"{person.email}@{DOMAIN}", signs_in=True, is_staff=is_admin, is_superuser=is_admin
            )
            Membership.objects.create(
                user=user,
                organisation=programme.owner,
                role=person.role,
                programme=programme,
                title=person.title,
                starts_on=programme.starts_on,
            )
            self.by["programme", person.key] = user

    def create_teams(self, partnerships) -> None:
        for key, team in TEAMS.items():
            partnership = partnerships[key]
            for person in team:
                domain = DOMAIN if person.signs_in else f"{key}.{DOMAIN}"
                user = self.user(f"{person.email}@{domain}", person.name, signs_in=person.signs_in)
                self._join(user, person, partnership, day(person.since) if person.since else None)
                self.by[key, person.key] = user
                if person.also_in:
                    self._join(user, person, partnerships[person.also_in], day(90))

    @staticmethod
    def _join(user, person, partnership, starts_on):
        is_school = person.role == Role.SCHOOL
        Membership.objects.create(
            user=user,
            organisation=partnership.school if is_school else partnership.municipality,
            role=person.role,
            partnership=partnership,
            title=person.title,
            starts_on=starts_on or partnership.starts_on,
            ends_on=day(person.until) if person.until else None,
            may_override=person.may_override,
            leads_team=person.leads,
        )

    def create_controllers(self, partnership) -> None:
        """Who reviews the samples of the read log of each side."""
        for side, email in CONTROLLERS.items():
            user = self.by["controller", side] = self.user(f"{email}@{DOMAIN}", signs_in=True)
            Membership.objects.create(
                user=user,
                organisation=getattr(partnership, side),
                role=Role.CONTROLLER,
                title="Dataansvarlig",
                starts_on=partnership.starts_on,
            )

    def create_employers(self) -> dict[str, Organisation]:
        """The companies by key, each with the person whom the others know."""
        employers = {}
        for number, row in enumerate(EMPLOYERS, start=1):
            domain = f"{row['key']}.example"
            employer = employers[row["key"]] = Organisation.objects.create(
                kind=OrganisationKind.EMPLOYER,
                name=row["name"],
                cvr=invented_cvr(number),
                phone=self.phone(),
                email=f"hej@{domain}",
            )
            is_demo = row["key"] == "moellehuset"
            user = self.user(
                EMPLOYER if is_demo else f"kontakt@{domain}",
                "Bente Kjær" if is_demo else "",
                signs_in=is_demo,
            )
            Membership.objects.create(
                user=user,
                organisation=employer,
                role=Role.EMPLOYER,
                title="Køkkenleder" if is_demo else "Kontaktperson",
                starts_on=day(570),
            )
        return employers

    def leaders(self) -> dict:
        """Who signs for each side of each partnership."""
        return {(key, side): self.by[key, side] for key in TEAMS for side in SIDES}

    def caseworker(self, key: str, ago: int) -> User:
        """Who was the caseworker of a team so many days ago."""
        former = next((p for p in TEAMS[key] if p.key == "former_caseworker"), None)
        return self.by[key, "former_caseworker" if former and ago > former.until else "caseworker"]
