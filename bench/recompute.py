"""What recomputing every partnership costs, against the bare SQL aggregate over the same answers.

    make bench ARGS=recompute                       100 partnerships, 7.2 million answers
    PARTNERSHIPS=1000 make bench ARGS=recompute     the whole, 72 million
    COUNTED=8 make bench ARGS=recompute             by a rule that counts all 8 indicators

Each partnership has 250 youths, 12 rounds, 3 voices, 8 indicators; all answers come by COPY.
The bare aggregate finds what judging rests on, the first and latest step of each youth, voice
and indicator and in how many rounds, adds it up and leaves it in the database: it judges nothing
and writes nothing. The recompute is `sweep()`, in as many processes at once as the aggregate.
Both in turns, medians and ratios of one run. Then: how long it takes from saving one answer in a
partnership of 10 until a running worker has computed its figures.
"""

import multiprocessing
import os
import random
import signal
import statistics
import subprocess
import sys
import time
import uuid
from datetime import timedelta
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
PARTNERSHIPS = int(os.environ.get("PARTNERSHIPS", "100"))
WORKERS = int(os.environ.get("WORKERS", os.cpu_count() or 2))
COUNTED = int(os.environ.get("COUNTED", "2"))  # signs, as many as the programme's default counts
TURNS = int(os.environ.get("TURNS", "3"))
YOUTHS, ROUNDS, SMALL, SAVES = 250, 12, 10, 9
SIGNS = "direction", "belief", "hours", "network", "health", "days", "tasks", "travel"
BOUND, SECONDS = 3, 1  # times the bare aggregate; from saving to the figures
AGGREGATE = """
    SELECT count(*), sum(first), sum(latest), sum(times) FROM (
        SELECT min(rated_in.number * 6 + step) AS first, max(rated_in.number * 6 + step) AS latest,
            count(step) AS times
        FROM youths_youth youth
        JOIN evaluation_rating rating ON rating.youth_id = youth.id
        JOIN evaluation_ratinground rated_in ON rated_in.id = rating.round_id
        WHERE youth.partnership_id = %s
        GROUP BY youth.id, rating.voice, rating.indicator_id
    ) given
"""

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
from build import copy, sql
from django.db import connection, connections
from django.utils import timezone

from evaluation.models import (
    Definition,
    Indicator,
    IndicatorText,
    PartnershipProgress,
    Rating,
    RatingRound,
    Reconciliation,
    YouthProgress,
)
from evaluation.progress import Rule, Sign, Voice
from evaluation.tasks import sweep
from partnerships.models import Organisation, Partnership, Programme, User
from youths.models import Contact, Youth

# -- The answers -------------------------------------------------------------------------------


class Answers:
    """A programme in which everybody has answered everything, the last round still open."""

    def __init__(self):
        self.today = timezone.localdate()
        self.random = random.Random(PARTNERSHIPS)  # noqa: S311  the same for every run
        owner = Organisation.objects.create(kind="owner", name="Ejer")
        town = Organisation.objects.create(
            kind="municipality", name="Byen", municipality_code="0999"
        )
        self.programme = Programme.objects.create(
            name="Landsprogram",
            owner=owner,
            starts_on=self.day(-1100),
            ends_on=self.day(300),
            referred_target=PARTNERSHIPS * YOUTHS % 32_000,
            closer_target=PARTNERSHIPS * YOUTHS % 28_000,
            code_prefix="VVR",
            course_type="Ressourceforløb",
            authority_name="Jobcenter",
            handover_document="Ressourcepapir",
        )
        self.rater = User.objects.create(email="rater@bench.example", name="Rita Rater")
        self.rounds = [
            RatingRound.objects.create(
                programme=self.programme,
                number=n,
                opens_on=self.day((n - ROUNDS) * 90 - 5),
                closes_on=self.day((n - ROUNDS) * 90 + 20),
            )
            for n in range(1, ROUNDS + 1)
        ]
        self.signs = [self._sign(code, n) for n, code in enumerate(SIGNS, start=200)]
        rule = Rule(tuple(Sign(code) for code in SIGNS[:COUNTED]))
        default = Definition.default_of(self.programme)
        Definition.objects.filter(pk=default.pk).update(stored_rule=rule.as_stored)
        places = [YOUTHS] * PARTNERSHIPS + [SMALL]
        self.partnerships = [self._partnership(town, n, many) for n, many in enumerate(places)]
        self.youths = [
            (str(uuid.uuid4()), pk)
            for pk, many in zip(self.partnerships, places, strict=True)
            for _ in range(many)
        ]

    def day(self, n):
        return self.today + timedelta(days=n)

    def _sign(self, code, position):
        sign, _made = Indicator.objects.get_or_create(code=code, defaults={"position": position})
        for audience in IndicatorText.Audience.values:
            IndicatorText.objects.get_or_create(
                indicator=sign,
                audience=audience,
                language="da",
                defaults={"name": code, "question": f"{code}?"},
            )
        return sign

    def _partnership(self, town, n, places):
        now = timezone.now()
        return Partnership.objects.create(
            programme=self.programme,
            school=Organisation.objects.create(kind="school", name=f"Skole {n}"),
            municipality=town,
            places=places,
            starts_on=self.day(-1100),
            ends_on=self.day(300),
            status="signed",
            school_signed_at=now,
            municipality_signed_at=now,
        ).pk

    def write(self):
        """As they would have come: round after round, of all partnerships in turn."""
        sql("SET session_replication_role = replica")  # whose rows they are is known
        sql("SET statement_timeout = 0")
        copy(
            Youth,
            (
                {
                    "id": pk,
                    "code": f"VVR-{n:06}",
                    "name": "Kære Kjær",
                    "birth_date": self.day(-365 * 20),
                    "stu_ends_on": self.day(200),
                    "partnership_id": partnership,
                    "enrolled_on": self.day(-1090),
                }
                for n, (pk, partnership) in enumerate(self.youths)
            ),
        )
        copy(
            Contact,
            (
                {"youth_id": pk, "person_id": self.rater.pk, "ended_at": None}
                for pk, _partnership in self.youths
            ),
        )
        restore = self._without_indexes()
        columns = "youth_id, voice, indicator_id, step, small_step, round_id, rated_by_id, rated_at"
        statement = f"COPY evaluation_rating ({columns}) FROM STDIN"
        written = 0
        for in_round in self.rounds:
            rest = f"\t\t{in_round.pk}\t{self.rater.pk}\t{in_round.opens_on}\n"
            keys = [f"\t{voice}\t{sign.pk}\t" for voice in Voice.values for sign in self.signs]
            for start in range(0, len(self.youths), 2000):
                some = self.youths[start : start + 2000]
                steps = iter(self.random.choices(("1", "2", "3", "4", "5", r"\N"), k=48_000))
                lines = [f"{pk}{key}{next(steps)}{rest}" for pk, _ in some for key in keys]
                with connection.cursor() as cursor:
                    cursor.copy_expert(statement, Lines(lines))
                written += len(lines)
        for line in restore:
            sql(line)
        sql("SET session_replication_role = DEFAULT")
        sql("VACUUM ANALYZE")
        sql("RESET statement_timeout")
        return written

    def _without_indexes(self) -> list[str]:
        """Drop the indexes of the answers while they are written; the statements to make them."""
        kept = sql(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'evaluation_rating'::regclass AND contype IN ('p', 'u')",
            fetch=True,
        )
        for name, _made in kept:
            sql(f'ALTER TABLE evaluation_rating DROP CONSTRAINT "{name}"')
        indexes = sql(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = 'evaluation_rating'::regclass",
            fetch=True,
        )
        for name, _made in indexes:
            sql(f"DROP INDEX {name}")
        return [made for _name, made in indexes] + [
            f'ALTER TABLE evaluation_rating ADD CONSTRAINT "{name}" {made}' for name, made in kept
        ]


class Lines:
    """Lines as a file to COPY from."""

    def __init__(self, lines):
        self.text, self.at = "".join(lines), 0

    def read(self, size):
        self.at += size
        return self.text[self.at - size : self.at]


# -- At work -----------------------------------------------------------------------------------


def bare(partnership_id):
    sql(AGGREGATE, [partnership_id], fetch=True)


def part_of_sweep(_number):
    sweep()


def timed(pool, work, items) -> float:
    begun = time.perf_counter()
    pool.map(work, items, chunksize=1)
    return time.perf_counter() - begun


def all_stale():
    PartnershipProgress.objects.update(stale_since=timezone.now())


def measure(answers) -> dict[str, list[float]]:
    """Seconds of the bare aggregate and of the recompute: from nothing, and when all are stale."""
    connections.close_all()
    taken = {"bare": [], "first": [], "again": []}
    with multiprocessing.get_context("spawn").Pool(WORKERS) as pool:
        for turn in range(TURNS + 1):
            YouthProgress.objects.all().delete()
            PartnershipProgress.objects.all().delete()
            spent = {"bare": timed(pool, bare, answers.partnerships)}
            spent["first"] = timed(pool, part_of_sweep, range(WORKERS))
            assert not PartnershipProgress.work_list().exists()
            all_stale()
            spent["again"] = timed(pool, part_of_sweep, range(WORKERS))
            assert not PartnershipProgress.work_list().exists()
            if turn:  # the first warms up
                for name, seconds in spent.items():
                    taken[name].append(seconds)
    return taken


def check(answers):
    """The figures are those of the slow and plain way, on a sample."""
    some = answers.random.sample(answers.partnerships, min(4, PARTNERSHIPS))
    assert not any(Reconciliation._compare(pk) for pk in some)


def seconds_to_figures(answers) -> list[float]:
    """From before saving one answer until a worker's figures are there; in a partnership of 10."""
    small = answers.partnerships[-1]
    youth = Youth.objects.filter(partnership=small).first()
    command = [sys.executable, "-m", "celery", "--app", "vivirkr", "worker", "--pool", "prefork"]
    worker = subprocess.Popen(
        [*command, "--concurrency", "2", "--loglevel", "ERROR"],
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    taken = []
    try:
        for turn in range(SAVES + 1):
            begun, before = time.perf_counter(), timezone.now()
            Rating.give(
                by=answers.rater,
                youth=youth,
                voice=Voice.SCHOOL.value,
                answers=dict.fromkeys(answers.signs, (1 + turn % 5, "")),
            )
            waiting = PartnershipProgress.objects.filter(
                partnership=small, stale_since=None, computed_at__gt=before
            )
            while not waiting.exists():
                assert worker.poll() is None
                assert time.perf_counter() - begun < 60
                time.sleep(0.01)
            if turn:  # the first one waits for the worker to begin
                taken.append(time.perf_counter() - begun)
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait()
    return taken


# -- Results -----------------------------------------------------------------------------------


def spaced(n) -> str:
    return f"{n:,}".replace(",", " ")


def main() -> int:
    begun = time.monotonic()
    for command in (["migrate", "-v0"], ["createcachetable"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True)
    answers = Answers()
    written = answers.write()
    print(f"{spaced(written)} answers in {time.monotonic() - begun:.0f} s", flush=True)
    taken = {name: statistics.median(times) for name, times in measure(answers).items()}
    check(answers)
    waited = seconds_to_figures(answers)
    names = {
        "bare": "The bare aggregate",
        "first": "Recompute, nothing stored",
        "again": "Recompute, all stale and nothing else",
    }
    lines = ["| | Seconds | Times the aggregate |", "|---|--:|--:|"]
    lines += [
        f"| {names[name]} | {seconds:.2f} | {seconds / taken['bare']:.1f} |"
        for name, seconds in taken.items()
    ]
    worst = max(taken["first"], taken["again"]) / taken["bare"]
    middle = statistics.median(waited)
    kept = [
        (worst <= BOUND, f"Recompute: {worst:.1f} times the bare aggregate, at most {BOUND}"),
        (
            middle <= SECONDS,
            f"From saving to the figures of a partnership of {SMALL}: {middle:.2f} s,"
            f" {max(waited):.2f} s at most of {SAVES}, bound {SECONDS} s",
        ),
    ]
    text = "\n".join(
        [
            *lines,
            "",
            f"{PARTNERSHIPS} partnerships, {spaced(written)} answers, {COUNTED} of 8 indicators"
            f" count, {WORKERS} processes, {TURNS} turns."
            f" {(time.monotonic() - begun) / 60:.0f} minutes in all.",
            "",
            *[f"- {'Kept' if good else 'MISSED'}. {words}" for good, words in kept],
        ]
    )
    print(text)
    results = ROOT / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / "recompute.md").write_text(f"# Recomputing every partnership\n\n{text}\n")
    return int(not all(good for good, _words in kept))


if __name__ == "__main__":
    sys.exit(main())
