"""Whether a page is as quick at a million youths as at forty, and what guardian alone takes.

    make bench ARGS=scale                      every size: 40, 10 000, 100 000, 1 000 000
    SIZES=40,10000 make bench ARGS=scale       a quick look

Each size is a database of its own on one throwaway server, filled by COPY: 98 municipalities,
partnerships of up to 250 youths, one programme with its lead. All sizes are measured in one run,
in turns, so that a busy moment hits all alike; medians and ratios are what counts. Then every
query of the measured pages is explained at the greatest size and its plan walked.
"""

import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg2

ROOT = Path(__file__).resolve().parent.parent
SIZES = sorted(int(n) for n in os.environ.get("SIZES", "40,10000,100000,1000000").split(","))
ROUNDS, REPEATS, PEER_ROUNDS = int(os.environ.get("ROUNDS", "8")), 5, 3

os.environ.update(
    DJANGO_SETTINGS_MODULE="vivirkr.settings",
    DJANGO_SECRET_KEY=os.environ.get("DJANGO_SECRET_KEY", "only-for-this-benchmark" * 3),
    DJANGO_ALLOWED_HOSTS="testserver",
    DJANGO_DEBUG="0",
    DJANGO_HTTPS="0",
    LOG_LEVEL="ERROR",
)
sys.path.insert(0, str(ROOT))
django.setup()

# ruff: noqa: E402  models can be imported only now
from build import Build, sql
from django.db import OperationalError, connections, transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.generic import ListView
from guardian.mixins import PermissionListMixin
from guardian.shortcuts import get_objects_for_user

from partnerships.access import Role
from partnerships.models import Membership, Partnership, User
from youths.models import Youth

# -- Databases ---------------------------------------------------------------------------------


class Databases:
    """A copy of the migrated, empty database for each size, with connections that stay open."""

    def __init__(self, sizes):
        self.of = {}
        empty = connections["default"].settings_dict["NAME"]
        for alias in connections:
            connections[alias].close()
        for size in sizes:
            name = f"{empty}_{size}"
            self._create(name, empty)
            wrappers = {}
            for alias in connections.settings:
                wrapper = connections.create_connection(alias)
                wrapper.settings_dict = {
                    **wrapper.settings_dict,
                    "NAME": name,
                    "OPTIONS": {},  # no limit: copying, and guardian's own lists, take long
                }
                wrappers[alias] = wrapper
            self.of[size] = wrappers

    @staticmethod
    def _create(name, empty):
        params = connections["default"].get_connection_params()
        keep = {k: v for k, v in params.items() if k in ("host", "port", "user", "password")}
        made = psycopg2.connect(dbname="postgres", **keep)
        made.autocommit = True
        made.cursor().execute(f'CREATE DATABASE "{name}" TEMPLATE "{empty}"')
        made.close()

    def use(self, size):
        for alias, wrapper in self.of[size].items():
            connections[alias] = wrapper


# -- What is measured --------------------------------------------------------------------------

FLOOR = "Trivial page"
LIST, SEARCH, CASE = "Youth list", "Youth list, search", "Case"
TOWN = "Youth list, every team of a town"
DASHBOARD = "Dashboard"
PARTNERSHIPS, BEHIND = "Partnerships of a lead", "Rows behind a figure"
CHECK, JOIN, LEAVE, CLOSE = (
    "Single-object check",
    "Join a team",
    "Leave a team",
    "Close a partnership",
)
ROWS, SHORTCUT, MIXIN = "List's rows", "get_objects_for_user", "PermissionListMixin"


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Measured:
    """Everything that is measured at one size: functions without arguments, by name."""

    def __init__(self, build):
        caseworker, lead, town, new = (
            User.objects.get(pk=build.person[who])
            for who in ((0, "caseworker"), "lead", "town", "new")
        )
        self.clients = {}

        def page(user, url):
            if user.pk not in self.clients:
                self.clients[user.pk] = Client()
                self.clients[user.pk].force_login(user)
            client = self.clients[user.pk]

            def get():
                begun = time.perf_counter()
                response = client.get(url)
                spent = time.perf_counter() - begun
                assert response.status_code == 200, (url, response.status_code)
                return spent

            return get

        def timed(prepare, act):
            def run():
                given = prepare()
                begun = time.perf_counter()
                act(given)
                return time.perf_counter() - begun

            return run

        def fresh():  # as a request begins: nothing about the person is known yet
            return User.objects.get(pk=caseworker.pk)

        youths, team = reverse("youths:list"), build.teams[0]
        one, programme = build.youth_ids[0], build.programme_row.pk
        self.pages = {
            FLOOR: page(caseworker, reverse("accessibility")),
            LIST: page(caseworker, youths),
            SEARCH: page(caseworker, f"{youths}?q=e"),
            TOWN: page(town, youths),
            CASE: page(caseworker, reverse("case", args=[one])),
            DASHBOARD: page(lead, reverse("evaluation:dashboard", args=[programme])),
            PARTNERSHIPS: page(lead, reverse("partnerships")),
            BEHIND: page(lead, reverse("evaluation:youths", args=[programme])),
        }

        def join(_):
            with undone():
                Membership(
                    user=new,
                    organisation_id=team.municipality_id,
                    role=Role.CASEWORKER,
                    partnership_id=team.pk,
                ).save()

        def leave(membership):
            with undone():
                membership.ends_on = build.day(-1)
                membership.save()

        def close(partnership):
            with undone():
                partnership.end(by=caseworker)

        self.acts = {
            CHECK: timed(fresh, lambda user: Youth.objects.get_for(user, one)),
            ROWS: timed(fresh, lambda user: first_page(Youth.objects.visible_to(user))),
            JOIN: timed(lambda: None, join),
            LEAVE: timed(lambda: Membership.objects.get(user=caseworker), leave),
            CLOSE: timed(lambda: Partnership.objects.get(pk=team.pk), close),
        }
        self.peers = {
            SHORTCUT: timed(fresh, in_time(by_shortcut)),
            MIXIN: timed(fresh, in_time(by_mixin)),
        }
        self.build = build


def in_time(act):
    """Give up where the product itself would; what was spent until then is the least it takes."""

    def run(user):
        try:
            with transaction.atomic():
                sql("SET LOCAL statement_timeout = '30s'")
                act(user)
        except OperationalError as slow:
            if not isinstance(slow.__cause__, psycopg2.errors.QueryCanceled):
                raise

    return run


def first_page(rows):
    """What a list asks of the database: how many, and the first 25."""
    return rows.count(), list(rows.select_related("phase")[:25])


def by_shortcut(user):
    """The list's rows as guardian finds them."""
    return first_page(get_objects_for_user(user, "youths.view_youth"))


class PeerView(PermissionListMixin, ListView):
    queryset = Youth.objects.select_related("phase")
    permission_required = "youths.view_youth"
    paginate_by = 25
    template_name = "none.html"


def by_mixin(user):
    """The list as guardian's own view makes it, up to the template."""
    request = RequestFactory().get("/")
    request.user = user
    context = PeerView.as_view()(request).context_data
    return context["paginator"].count, list(context["page_obj"])


def measure(databases, measured) -> dict:
    """Seconds by size and name: sizes in turns, and within a turn one thing after the other."""
    taken = {size: defaultdict(list) for size in measured}

    def turn(size, things, repeats, *, keep):
        databases.use(size)
        for _ in range(repeats):
            for name, run in things.items():
                spent = run()
                if keep:
                    taken[size][name].append(spent)

    for number in range(ROUNDS + 1):  # the first warms up
        for size, these in measured.items():
            turn(size, these.pages | these.acts, REPEATS, keep=number > 0)
    for _ in range(PEER_ROUNDS):  # these take so long that a cold start makes no difference
        for size, these in measured.items():
            turn(size, these.peers, 1, keep=True)
    return taken


# -- Plans -------------------------------------------------------------------------------------


def plans(databases, measured) -> list[str]:
    """What is wrong with the plans of the pages' queries: scans of all youths, nested sub-plans."""
    size = max(measured)
    databases.use(size)
    large = {  # every table that grows with the youths
        name
        for (name,) in sql(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= %s",
            [size / 50],
            fetch=True,
        )
    }
    found = []
    for name, run in measured[size].pages.items():
        asked = []

        def note(execute, statement, params, many, context, asked=asked):
            if statement.lstrip(" (").upper().startswith("SELECT"):
                asked.append((statement, params))
            return execute(statement, params, many, context)

        with connections["default"].execute_wrapper(note):
            run()
        assert asked, name
        for statement, params in asked:
            plan = sql(f"EXPLAIN (FORMAT JSON) {statement}", params, fetch=True)[0][0]
            for fault in walk(plan[0]["Plan"], large):
                found.append(f"{name}: {fault} in {statement[:3000]}")
    return found


def walk(node, large):
    if node["Node Type"] == "Seq Scan" and node.get("Relation Name") in large:
        yield f"a sequential scan of {node['Relation Name']}"
    for key in ("Filter", "Join Filter", "Index Cond", "Recheck Cond"):
        condition = node.get(key, "")
        if condition.count("SubPlan") and " OR " in condition:
            yield f"an OR of sub-plans on {node.get('Relation Name', node['Node Type'])}"
    for child in node.get("Plans", ()):
        yield from walk(child, large)


# -- Results -----------------------------------------------------------------------------------


def spaced(n) -> str:
    return f"{n:,}".replace(",", " ")


def table(medians) -> str:
    """Medians in ms and, for each size, how many times the trivial page."""
    sizes = list(medians)
    names = list(medians[sizes[0]])
    heads = "".join(f" {spaced(size)}, ms | times |" for size in sizes)
    lines = [f"| |{heads}", f"|---|{'--:|--:|' * len(sizes)}"]
    for name in names:
        cells = "".join(
            f" {1000 * of[name]:.1f} | {of[name] / of[FLOOR]:.1f} |" for of in medians.values()
        )
        lines.append(f"| {name} |{cells}")
    return "\n".join(lines)


def verdicts(medians, faults) -> list[tuple[bool, str]]:
    """Each bound, whether it is kept, in words."""
    small, large = min(medians), max(medians)
    floor, now, then = medians[large][FLOOR], medians[large], medians[small]
    at = f"at {spaced(large)}"
    kept = []

    def bound(what, value, limit, *, least=False):
        good = value >= limit if least else value <= limit
        word = "at least" if least else "at most"
        kept.append((good, f"{what}: {value:.1f}, {word} {limit}"))

    bound(f"Youth list {at}, times the trivial page", now[LIST] / floor, 6)
    for name in (LIST, SEARCH, CASE, CHECK, JOIN, LEAVE, CLOSE):
        bound(f"{name} {at}, times its own time at {spaced(small)}", now[name] / then[name], 1.6)
    bound(f"Dashboard {at}, times the trivial page", now[DASHBOARD] / floor, 10)
    if large >= 1_000_000:
        for peer in (SHORTCUT, MIXIN):
            bound(f"{peer} {at}, times the list's rows", now[peer] / now[ROWS], 30, least=True)
    if large >= 100_000:  # where there are few youths a sequential scan is right
        bound(f"Queries {at} that scan all youths or OR sub-plans", len(faults), 0)
    return kept


def main() -> int:
    begun = time.monotonic()
    for command in (["migrate", "-v0"], ["createcachetable"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True)
    sys.path.insert(0, str(ROOT))

    django.setup()
    databases = Databases(SIZES)
    measured = {}
    for size in SIZES:
        databases.use(size)
        started = time.monotonic()
        build = Build(size).all()
        built = time.monotonic() - started
        build.check()
        print(f"{spaced(size)} youths: {spaced(build.rows)} rows in {built:.0f} s", flush=True)
        measured[size] = Measured(build)
    taken = measure(databases, measured)
    medians = {
        size: {name: statistics.median(times) for name, times in of.items()}
        for size, of in taken.items()
    }
    faults = plans(databases, measured) if max(SIZES) >= 100_000 else []
    kept = verdicts(medians, faults)
    times = f"{ROUNDS * REPEATS} times each, guardian's own {PEER_ROUNDS} times; sizes in turns."
    lasted = f"{times} {(time.monotonic() - begun) / 60:.0f} minutes in all."
    text = "\n".join(
        [
            table(medians),
            "",
            lasted,
            "",
            *[f"- {'Kept' if good else 'MISSED'}. {words}" for good, words in kept],
            *[f"- {fault}" for fault in faults],
        ]
    )
    print(text)
    results = ROOT / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / "scale.md").write_text(f"# From forty youths to a million\n\n{text}\n")
    return int(not all(good for good, _words in kept))


if __name__ == "__main__":
    sys.exit(main())
