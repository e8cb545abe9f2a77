"""Fills a database by COPY with so many youths, as the product itself would have made them."""

import csv
import io
import json
import random
import uuid
from collections import Counter
from datetime import timedelta
from itertools import chain, islice
from pathlib import Path

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import AutoField
from django.utils import timezone
from guardian.models import GroupObjectPermission

from evaluation.models import (
    Indicator,
    IndicatorText,
    PartnershipProgress,
    ProgrammeSnapshot,
    Rating,
    RatingRound,
    Snapshot,
    YouthProgress,
    count,
    judged_anew,
)
from evaluation.progress import RULE_VERSION, Answer, Evidence, Voice, judge
from handover.access import SECTIONS
from handover.models import HEADINGS, HandoverProfile, HandoverVersion, Part, SentPart
from partnerships.access import Role, grant_differences, sync_groups
from partnerships.access.grants import group_name
from partnerships.encryption import EncryptedTextField, encrypt
from partnerships.models import (
    Membership,
    Organisation,
    OutcomeClass,
    Partnership,
    Phase,
    Programme,
    User,
)
from youths.models import AccessEvent, Contact, OwnWords, Placement, Referral, Youth

MUNICIPALITIES = Path(__file__).parent.parent / "vivirkr" / "data" / "municipalities.csv"
TEAM = 250  # youths of a partnership, at most
NIGHTS = 365  # of snapshots
SCHOOLS = 60
SHARE = 10  # every so many youths has ratings, a handover, own words
AT_A_COMPANY = 20  # every so many youths has a placement


def sql(statement, params=None, fetch=False):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if fetch else None


# -- COPY --------------------------------------------------------------------------------------


def _text(value) -> str:
    """A value as COPY reads it."""
    if value is None:
        return r"\N"
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, bytes):
        return r"\\x" + value.hex()
    if isinstance(value, list | dict):
        value = json.dumps(value)
    elif not isinstance(value, str):
        return str(value)
    if "\\" in value or "\n" in value or "\t" in value:
        for sign, written in (("\\", r"\\"), ("\n", r"\n"), ("\t", r"\t")):
            value = value.replace(sign, written)
    return value


def _column(field, given, now):
    """How a row's column is written: a function of the row, a dict of values by attribute."""
    if isinstance(field, EncryptedTextField):
        key, text = field.model._meta.pk.attname, field.get_default()
        return lambda row: _text(encrypt(row.get(field.attname, text), **field.place(row[key])))
    if field.attname in given or field.primary_key:
        return lambda row: _text(row[field.attname])
    at_save = getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False)
    fixed = _text(now if at_save else field.get_default())
    return lambda row: fixed


def _by_itself(field) -> bool:
    """Whether the database fills the column where nothing is written."""
    return isinstance(field, AutoField) or (field.has_db_default() and not field.has_default())


def copy(model, rows) -> int:
    """Write rows, each a dict of values by column's attribute; the others get their default.

    Every row has the keys of the first. A number or a default that the database gives is left to
    it.
    """
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return 0
    pk, now = model._meta.pk, timezone.now()
    fields = [f for f in model._meta.concrete_fields if f.attname in first or not _by_itself(f)]
    columns = [_column(field, first, now) for field in fields]
    new_key = pk.attname not in first and not isinstance(pk, AutoField)
    names = ", ".join(f'"{field.column}"' for field in fields)
    statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    written = 0
    rows = chain([first], rows)
    while some := list(islice(rows, 20_000)):
        lines = io.StringIO()
        for row in some:
            if new_key:
                row[pk.attname] = pk.get_default()
            lines.write("\t".join([column(row) for column in columns]) + "\n")
        lines.seek(0)
        with connection.cursor() as cursor:
            cursor.copy_expert(statement, lines)
        written += len(some)
    return written


# -- A programme of a size ---------------------------------------------------------------------

FIRST = ("Amalie", "Benjamin", "Emma", "Frederik", "Gry", "Hassan", "Ida", "Kære", "Mads", "Nadia")
LAST = ("Andersen", "Bæk", "Christensen", "Dahl", "Eriksen", "Friis", "Holm", "Kjær", "Lund")
# First and latest step of youth, school and job centre on both counted indicators; None for a
# voice that has not answered in that round.
COURSES = ((2, 4), (3, 3), (4, 2), (3, None), (2, 3))


class Build:
    """Fills the database in use with so many youths."""

    def __init__(self, size):
        self.size, self.today, self.now = size, timezone.localdate(), timezone.now()
        self.random = random.Random(size)  # noqa: S311  the same for every run
        self.rows = 0

    def copy(self, model, rows):
        self.rows += copy(model, rows)

    def day(self, n):
        return self.today + timedelta(days=n)

    def all(self):
        sql("SET session_replication_role = replica")  # foreign keys are checked by a query below
        self.programme()
        self.partnerships()
        self.people()
        self.grants()
        self.youths()
        self.progress()
        self.handovers()
        self.placements()
        self.snapshots()
        self.guardians_own_rows()
        sql("SET session_replication_role = DEFAULT")
        # What autovacuum would have done within minutes.

        connection.set_autocommit(True)
        sql("VACUUM ANALYZE")
        # And the worker, of what the copies do not say.
        for pk in PartnershipProgress.work_list().values_list("pk", flat=True):
            PartnershipProgress.recompute(pk)
        return self

    def programme(self):
        owner = Organisation.objects.create(kind="owner", name="Ejer")
        self.programme_row = Programme.objects.create(
            name="Landsprogram",
            owner=owner,
            starts_on=self.day(-700),
            ends_on=self.day(700),
            referred_target=min(self.size, 32_000),
            closer_target=min(self.size * 7 // 8, 28_000),
            code_prefix="VVR",
            course_type="Ressourceforløb",
            authority_name="Jobcenter",
            handover_document="Ressourcepapir",
        )
        named = {"programme": self.programme_row}
        self.phases = [
            Phase.objects.create(position=n, name=f"Fase {n}", **named) for n in (1, 2, 3)
        ]
        self.outcomes = [
            OutcomeClass.objects.create(position=n, name=f"Udfald {n}", **named)
            for n in (1, 2, 3, 4)
        ]
        with open(MUNICIPALITIES) as file:
            self.municipalities = Organisation.objects.bulk_create(
                Organisation(kind="municipality", name=row["name"], municipality_code=row["code"])
                for row in csv.DictReader(file)
            )
        self.schools = Organisation.objects.bulk_create(
            Organisation(kind="school", name=f"Skole {n}") for n in range(SCHOOLS)
        )
        self.employers = Organisation.objects.bulk_create(
            Organisation(kind="employer", name=f"Café {n}", cvr=f"{n:08}") for n in range(500)
        )
        self.rounds = [
            RatingRound.objects.create(
                number=n, opens_on=self.day(first), closes_on=self.day(last), **named
            )
            for n, first, last in ((1, -200, -180), (2, -10, 10))
        ]
        self.indicators = []
        for position, code in enumerate(("direction", "belief", "hours", "network", "health")):
            indicator, _ = Indicator.objects.get_or_create(
                code=code, defaults={"position": position + 100}
            )
            self.indicators.append(indicator)
            for audience in IndicatorText.Audience.values:
                for language in IndicatorText.Language.values:
                    IndicatorText.objects.get_or_create(
                        indicator=indicator,
                        audience=audience,
                        language=language,
                        defaults={
                            "name": code,
                            "question": f"{code}?",
                            **{f"step_{n}": f"Trin {n}" for n in range(1, 6)},
                        },
                    )

    def partnerships(self):
        many = -(-self.size // TEAM)
        signed = {"school_signed_at": self.now, "municipality_signed_at": self.now}
        self.teams = [
            Partnership(
                programme=self.programme_row,
                school=self.schools[n // len(self.municipalities) % SCHOOLS],
                municipality=self.municipalities[n % len(self.municipalities)],
                places=TEAM,
                starts_on=self.day(-600),
                ends_on=self.day(300),
                status="signed",
                **signed,
            )
            for n in range(many)
        ]
        self.copy(
            Partnership,
            (
                {f.attname: getattr(p, f.attname) for f in Partnership._meta.concrete_fields}
                for p in self.teams
            ),
        )

    def people(self):
        """A caseworker and a person of the school in each team, one lead of the programme.

        One more caseworker works in every team of the first municipality.
        """

        password, self.person = make_password(None), {}
        users, members, groups, of_users = [], [], {}, []

        def add(email, name):
            users.append({"id": str(uuid.uuid4()), "email": email, "name": name})
            users[-1]["password"] = password
            return users[-1]["id"]

        def join(user, role, organisation, partnership=None, programme=None):
            place = {"partnership": partnership, "programme": programme}
            name = group_name(role, **place)
            groups.setdefault(name, len(groups) + 1)
            of_users.append({"user_id": user, "group_id": groups[name]})
            members.append(
                {
                    "user_id": user,
                    "organisation_id": organisation,
                    "role": role.value,
                    **{f"{key}_id": value for key, value in place.items()},
                    "starts_on": self.day(-300),
                }
            )

        for n, team in enumerate(self.teams):
            for role, organisation in (
                (Role.SCHOOL, team.school_id),
                (Role.CASEWORKER, team.municipality_id),
            ):
                user = add(f"{role}.{n}@bench.example", f"{FIRST[n % len(FIRST)]} {role.label}")
                join(user, role, organisation, partnership=team.pk)
                self.person[n, role.value] = user
        self.person["lead"] = add("lead@bench.example", "Lea Leder")
        join(
            self.person["lead"],
            Role.LEAD,
            self.programme_row.owner_id,
            programme=self.programme_row.pk,
        )
        town = self.municipalities[0].pk
        self.person["town"] = add("town@bench.example", "Tove Teamleder")
        self.town_teams = [team for team in self.teams if team.municipality_id == town]
        for team in self.town_teams:
            join(self.person["town"], Role.CASEWORKER, town, partnership=team.pk)
        self.person["new"] = add("new@bench.example", "Nina Ny")
        self.copy(User, users)
        self.copy(Membership, members)
        self.copy(Group, ({"id": pk, "name": name} for name, pk in groups.items()))
        sql("SELECT setval(pg_get_serial_sequence('auth_group', 'id'), %s)", [len(groups)])
        self.copy(User.groups.through, of_users)
        self.groups = groups

    def grants(self):
        """Guardian's rows: what the table wants of each partnership and placement."""
        self._grant(self.teams, {team.pk: grant_differences(team)[0] for team in self.teams})

    def _grant(self, objects, wanted):
        known = dict(Group.objects.values_list("name", "pk"))
        new = sorted({name for pairs in wanted.values() for name, _ in pairs} - set(known))
        made = Group.objects.bulk_create(Group(name=name) for name in new)
        known |= {group.name: group.pk for group in made}
        of = objects[0]._meta
        permissions = dict(
            Permission.objects.filter(
                content_type__app_label=of.app_label, content_type__model=of.model_name
            ).values_list("codename", "pk")
        )
        self.copy(
            apps.get_model(of.app_label, f"{of.object_name}GroupPermission"),
            (
                {
                    "content_object_id": obj.pk,
                    "group_id": known[name],
                    "permission_id": permissions[codename],
                }
                for obj in objects
                for name, codename in sorted(wanted[obj.pk])
            ),
        )

    def youths(self):
        self.youth_ids = [str(uuid.uuid4()) for _ in range(self.size)]
        pick, phases = self.random.choice, [phase.pk for phase in self.phases]
        born, ends = [self.day(-365 * n) for n in range(17, 25)], self.day(200)
        outcomes = [outcome.pk for outcome in self.outcomes]
        # A third has come to an end of the course, each with an outcome.
        self.outcome_of = [pick(outcomes) if n % 3 == 0 else None for n in range(self.size)]
        team_ids = [str(team.pk) for team in self.teams]
        self.team_of = [team_ids[n // TEAM] for n in range(self.size)]
        caseworkers = [self.person[n, "caseworker"] for n in range(len(self.teams))]
        school = [self.person[n, "school"] for n in range(len(self.teams))]
        self.copy(
            Youth,
            (
                {
                    "id": pk,
                    "code": f"VVR-{n:04}",
                    "name": f"{pick(FIRST)} {pick(LAST)}",
                    "birth_date": pick(born),
                    "stu_ends_on": ends,
                    "partnership_id": self.team_of[n],
                    "enrolled_on": self.day(-90),
                    "phase_id": pick(phases),
                    "outcome_id": self.outcome_of[n],
                    "outcome_on": self.day(-5) if self.outcome_of[n] else None,
                }
                for n, pk in enumerate(self.youth_ids)
            ),
        )
        sql("SELECT setval('youth_code', %s)", [self.size])
        self.copy(
            Contact,
            (
                {"youth_id": pk, "person_id": school[n // TEAM], "ended_at": None}
                for n, pk in enumerate(self.youth_ids)
            ),
        )
        self.copy(
            Referral,
            (
                {
                    "youth_id": pk,
                    "partnership_id": self.team_of[n],
                    "status": "accepted",
                    "reason": "Vil gerne i gang.",
                    "proposed_by_id": caseworkers[n // TEAM],
                    "decided_by_id": school[n // TEAM],
                    "decided_at": self.now,
                }
                for n, pk in enumerate(self.youth_ids)
            ),
        )
        self.copy(
            AccessEvent,
            (
                {
                    "user_id": caseworkers[n // TEAM],
                    "youth_id": pk,
                    "sections": "identity",
                    "channel": "page",
                    "organisation_id": None,
                }
                for n, pk in enumerate(self.youth_ids)
            ),
        )

    def _has_more(self, n):
        """Every tenth youth, and all of the team that is measured, have a full case."""
        return n % SHARE == 0 or n < TEAM

    def progress(self):
        """Ratings of a part of the youths, and the figures that `recompute` makes of them."""

        def answers(course):
            """(voice, indicator, round, step) of one of the courses."""
            return [
                (voice.value, indicator, in_round, step)
                for in_round, step in zip(self.rounds, course, strict=True)
                if step is not None
                for voice in Voice
                for indicator in self.indicators
            ]

        given = [answers(course) for course in COURSES]
        judged = [
            judge(
                Evidence.of(
                    Answer(v, indicator.code, r.number, step) for v, indicator, r, step in these
                )
            )
            for these in given
        ]
        nothing = judge(Evidence())
        course_of = [
            n // SHARE % len(COURSES) if self._has_more(n) else None for n in range(self.size)
        ]
        judgements = [nothing if c is None else judged[c] for c in course_of]
        self.copy(
            Rating,
            (
                {
                    "youth_id": self.youth_ids[n],
                    "round_id": in_round.pk,
                    "indicator_id": indicator.pk,
                    "voice": voice,
                    "step": step,
                    "rated_by_id": self.person[n // TEAM, "school"],
                }
                for n, course in enumerate(course_of)
                if course is not None
                for voice, indicator, in_round, step in given[course]
            ),
        )
        stored = {id(j): json.dumps(j.as_stored) for j in (*judged, nothing)}
        self.copy(
            YouthProgress,
            (
                {
                    "youth_id": self.youth_ids[n],
                    "partnership_id": self.team_of[n],
                    "result": judgement.result.value,
                    "changes": stored[id(judgement)],
                    "seen_by": judgement.seen_by.value,
                    "certain": judgement.certain,
                    "possible": judgement.possible,
                    "facts": "[]",
                    "awaits": "[]",
                    "rule_version": RULE_VERSION,
                    "computed_at": self.now,
                }
                for n, judgement in enumerate(judgements)
            ),
        )
        self.counts = {
            team.pk: count(judgements[n * TEAM : (n + 1) * TEAM])
            for n, team in enumerate(self.teams)
        }
        self.copy(
            PartnershipProgress,
            (
                {
                    "partnership_id": pk,
                    **counts,
                    "outcomes": {
                        str(outcome): times
                        for outcome, times in Counter(
                            self.outcome_of[n * TEAM : (n + 1) * TEAM]
                        ).items()
                        if outcome
                    },
                    "computed_at": self.now,
                }
                for n, (pk, counts) in enumerate(self.counts.items())
            ),
        )

    def handovers(self):
        some = [n for n in range(self.size) if self._has_more(n)]
        profiles = {n: str(uuid.uuid4()) for n in some}
        self.copy(
            HandoverProfile,
            (
                {"id": profiles[n], "youth_id": self.youth_ids[n], "status": "sent", "version": 1}
                for n in some
            ),
        )
        self.copy(
            HandoverVersion,
            (
                {"profile_id": pk, "number": 1, "sent_by_id": self.person[n // TEAM, "school"]}
                for n, pk in profiles.items()
            ),
        )
        parts = {(n, s): str(uuid.uuid4()) for n in some for s in SECTIONS}

        def written(n, section):
            return {
                "profile_id": profiles[n],
                "section": str(section),
                "heading": str(HEADINGS[section][0]),
                "label": "Køkkenarbejde",
                "level": "3",
                "text": "Kommer i gang, når opgaven er vist én gang.",
                "works": "Vis det én gang.",
                "evidence": "Værkstedet, august.",
                "written_by_id": self.person[n // TEAM, "school"],
                "written_at": self.now,
                "position": 1,
            }

        self.copy(
            Part,
            ({"id": pk, "revision": 2, **written(*key)} for key, pk in parts.items()),
        )
        self.copy(
            SentPart,
            ({"part_id": pk, "first_version": 1, **written(*key)} for key, pk in parts.items()),
        )
        self.copy(
            OwnWords,
            (
                {
                    "youth_id": self.youth_ids[n],
                    "kind": kind,
                    "text": "Jeg vil gerne arbejde med dyr.",
                    "how": "said",
                    "taken_down_by_id": self.person[n // TEAM, "school"],
                }
                for n in some
                for kind in ("words", "direction")
            ),
        )

    def placements(self):
        placed = [
            Placement(
                youth_id=self.youth_ids[n],
                employer=self.employers[n % len(self.employers)],
                contact_id=self.person[n // TEAM, "caseworker"],
                kind="practice",
                starts_on=self.day(-10),
                ends_on=self.day(60),
                weekly_hours=12,
                tasks="Rydde op\nLave dressing",
            )
            for n in range(0, self.size, AT_A_COMPANY)
        ]
        self.copy(
            Placement,
            (
                {f.attname: getattr(p, f.attname) for f in Placement._meta.concrete_fields}
                for p in placed
            ),
        )
        # The table wants the same of every running placement at one company.
        of_employer = {p.employer_id: p for p in reversed(placed)}
        wanted = {pk: grant_differences(p)[0] for pk, p in of_employer.items()}
        self._grant(placed, {p.pk: wanted[p.employer_id] for p in placed})

    def snapshots(self):
        """Every partnership's figures, every night of a year."""
        nights = [self.day(-n) for n in range(NIGHTS)]
        self.copy(
            Snapshot,
            (
                {
                    "partnership_id": pk,
                    "taken_on": night,
                    **counts,
                    "inputs": "0" * 64,
                    "computed_at": self.now,
                }
                for night in reversed(nights)
                for pk, counts in self.counts.items()
            ),
        )
        total = {name: sum(c[name] for c in self.counts.values()) for name in Snapshot.FIELDS}
        self.copy(
            ProgrammeSnapshot,
            (
                {"programme_id": self.programme_row.pk, "taken_on": night, **total}
                for night in reversed(nights)
            ),
        )

    def guardians_own_rows(self):
        """The peer: guardian's generic table, a row for each youth and party."""
        kind = ContentType.objects.get_for_model(Youth)
        view = Permission.objects.get(content_type=kind, codename="view_youth")
        roles = (Role.SCHOOL, Role.CASEWORKER)
        groups = [
            [self.groups[group_name(role, partnership=team.pk)] for role in roles]
            for team in self.teams
        ]
        self.copy(
            GroupObjectPermission,
            (
                {
                    "content_type_id": kind.pk,
                    "permission_id": view.pk,
                    "object_pk": pk,
                    "group_id": group,
                }
                for n, pk in enumerate(self.youth_ids)
                for group in groups[n // TEAM]
            ),
        )

    def check(self):
        """What was copied is what the product itself would have made: on a sample, exactly."""
        some = self.random.sample(self.teams, min(20, len(self.teams)))
        for team in Partnership.objects.filter(pk__in=[team.pk for team in some]):
            assert grant_differences(team) == (set(), set())
            row = PartnershipProgress.objects.get(partnership=team)
            fresh = judged_anew(team, in_round=row.open_round).by_youth
            assert row.counts() == count(fresh.values())
            stored = YouthProgress.objects.filter(partnership=team)
            assert {pk: j.result.value for pk, j in fresh.items()} == dict(
                stored.values_list("youth_id", "result")
            )
        for placement in Placement.objects.order_by("pk")[:20]:
            assert grant_differences(placement) == (set(), set())
        for key in ["lead", "town", *self.random.sample(range(len(self.teams)), len(some))]:
            pk = self.person[key if isinstance(key, str) else (key, "caseworker")]
            user = User.objects.get(pk=pk)
            before = set(user.groups.values_list("name", flat=True))
            with transaction.atomic():
                sync_groups(user)
            assert before == set(user.groups.values_list("name", flat=True))
            assert before
        orphans = sql(
            "SELECT count(*) FROM youths_referral r LEFT JOIN youths_youth y ON y.id = r.youth_id"
            " WHERE y.id IS NULL",
            fetch=True,
        )
        assert orphans == [(0,)]
        assert not PartnershipProgress.work_list().exists()
