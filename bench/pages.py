"""How long each page of the demonstration takes, against a trivial signed-in page.

    make bench

Fills an empty database with the demonstration, asks every page in turn, many times over and
interleaved so that a busy moment hits all alike, and prints medians and ratios of this one run.
In-process, without a web server: what is compared is the work of the project itself.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, WARM_UP = 40, 5
BOUND = 8
SIZES = 5, 50  # parts of the handovers that are compared
LONGER = 3  # times, at most, that the long one may take

os.environ.update(
    DJANGO_SETTINGS_MODULE="vivirkr.settings",
    DJANGO_SECRET_KEY=os.environ.get("DJANGO_SECRET_KEY", "only-for-this-benchmark" * 3),
    DJANGO_ALLOWED_HOSTS="testserver",
    DJANGO_HTTPS="0",
    LOG_LEVEL="ERROR",
)


def prepare() -> None:
    """Migrate and fill the database; the demonstration wants DEBUG, the measuring doesn't."""
    for command in (["migrate", "-v0"], ["createcachetable"], ["demo"]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"DJANGO_DEBUG": "1"},
        )


def pages() -> list[tuple[str, str, str]]:
    """Name, sign-in and address of every page that the demonstration shows."""
    from django.urls import reverse

    from handover.models import Part
    from partnerships.models import Partnership, Programme
    from youths.models import Placement, Referral, Youth

    young = Youth.objects.get(account__email="ung@demo.vivirkr.dk")
    programme = Programme.objects.get()
    pgu = Partnership.objects.get(pk=young.partnership_id)
    referral = Referral.objects.filter(partnership=pgu, status="proposed").first()
    placement = Placement.objects.filter(youth=young).running().first()
    part = Part.objects.filter(profile__youth=young, withdrawn_at=None).first()
    by = {
        "school": "koordinator",
        "caseworker": "sagsbehandler",
        "youth": "ung",
        "employer": "virksomhed",
        "lead": "ledelse",
    }
    wanted = [
        ("Trivial page", "caseworker", reverse("accessibility")),
        ("Home", "caseworker", reverse("home")),
        ("Home", "school", reverse("home")),
        ("Home", "youth", reverse("home")),
        ("Partnerships", "caseworker", reverse("partnerships")),
        ("Partnership", "caseworker", reverse("partnership", args=[pgu.pk])),
        ("Refer", "caseworker", reverse("youths:refer", args=[pgu.pk])),
        ("Referral", "school", reverse("youths:referral", args=[referral.pk])),
        ("Youths", "caseworker", reverse("youths:list")),
        ("Youths, search", "caseworker", reverse("youths:list") + "?q=ær"),
        ("Case", "caseworker", reverse("case", args=[young.pk])),
        ("Case", "youth", reverse("case", args=[young.pk])),
        ("Own words", "youth", reverse("youths:words", args=[young.pk])),
        ("Sharing", "youth", reverse("youths:sharing", args=[young.pk])),
        ("Handover, write", "school", reverse("handover:write", args=[young.pk])),
        ("Handover, one part", "school", reverse("handover:part", args=[part.pk])),
        ("Handover, received", "caseworker", reverse("handover:received", args=[young.pk])),
        ("Ratings", "caseworker", reverse("evaluation:ratings", args=[young.pk])),
        ("Rate", "school", reverse("evaluation:rate", args=[young.pk])),
        ("Own round", "youth", reverse("evaluation:own", args=[young.pk, 1])),
        ("Placement", "employer", reverse("placement", args=[placement.pk])),
        ("Dashboard", "lead", reverse("evaluation:dashboard", args=[programme.pk])),
        ("Rows behind a figure", "lead", reverse("evaluation:youths", args=[programme.pk])),
    ]
    return [(name, f"{by[who]}@demo.vivirkr.dk", url) for name, who, url in wanted]


def long_pages() -> list[tuple[str, str, str]]:
    """The same pages of a handover with 5 parts and of one with 50, which is 200 kB of text."""
    from django.urls import reverse

    from handover.models import HEADINGS, HandoverProfile, Part
    from partnerships.models import User
    from youths.models import Youth

    school, caseworker = (f"{who}@demo.vivirkr.dk" for who in ("koordinator", "sagsbehandler"))
    writer = User.objects.get(email=school)
    youths = Youth.objects.visible_to(writer, "change_direction").active()
    unsent = youths.exclude(profile__version__gt=0)[:2]
    places = [(section, headings[0]) for section, headings in HEADINGS.items()]
    wanted = []
    for youth, size in zip(unsent, SIZES, strict=True):
        Part.objects.filter(profile__youth=youth).delete()
        profile, _created = HandoverProfile.objects.get_or_create(youth=youth)
        for n in range(size):
            section, heading = places[n % len(places)]
            said = {"label": f"Del {n}", "level": "3", "written_by": writer}
            profile.parts.create(
                section=section,
                heading=heading,
                position=n,
                text="Set i køkkenet. " * 125,
                works="Vis det én gang. " * 60,
                evidence="Værkstedet, august. " * 50,
                **said,
            )
        profile.send(by=writer)
        part = profile.parts.first()
        wanted += [
            ("Writing", school, reverse("handover:write", args=[youth.pk])),
            ("Writing one part", school, reverse("handover:part", args=[part.pk])),
            (
                "Reading",
                caseworker,
                reverse("handover:received", args=[youth.pk]),
            ),
        ]
    return wanted


def measure(asked) -> list[list[float]]:
    """Seconds per page and round; every answer must be 200."""
    from django.test import Client

    from partnerships.models import User

    clients = {}
    for _name, email, _url in asked:
        if email not in clients:
            clients[email] = Client()
            clients[email].force_login(User.objects.get(email=email))
    taken = [[] for _ in asked]
    for turn in range(WARM_UP + ROUNDS):
        for times, (name, email, url) in zip(taken, asked, strict=True):
            begun = time.perf_counter()
            response = clients[email].get(url)
            spent = time.perf_counter() - begun
            assert response.status_code == 200, (name, response.status_code)
            if turn >= WARM_UP:
                times.append(spent)
    return taken


def table(asked, taken) -> tuple[str, float]:
    """The table in Markdown, and the greatest ratio."""
    floor = statistics.median(taken[0])
    lines = ["| Page | Signed in as | Median, ms | Times the trivial page |", "|---|---|--:|--:|"]
    worst = 0.0
    for (name, email, _url), times in zip(asked, taken, strict=True):
        median = statistics.median(times)
        worst = max(worst, median / floor)
        lines.append(
            f"| {name} | {email.partition('@')[0]} | {1000 * median:.1f} | {median / floor:.1f} |"
        )
    return "\n".join(lines), worst


def growth(grown, taken) -> tuple[str, float]:
    """The pages of the long handover beside those of the short one, and the greatest ratio."""
    medians = [statistics.median(times) for times in taken]
    lines = ["| Handover | 5 parts, ms | 50 parts, ms | Times |", "|---|--:|--:|--:|"]
    half, most = len(grown) // 2, 0.0
    for (name, _email, _url), short, long in zip(grown, medians, medians[half:], strict=False):
        most = max(most, long / short)
        lines.append(f"| {name} | {1000 * short:.1f} | {1000 * long:.1f} | {long / short:.1f} |")
    return "\n".join(lines), most


def main() -> int:
    prepare()
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    asked = pages()
    grown = long_pages()
    taken = measure(asked + grown)
    text, worst = table(asked, taken[: len(asked)])
    longer, most = growth(grown, taken[len(asked) :])
    verdict = f"Greatest ratio {worst:.1f}, bound {BOUND}. {ROUNDS} rounds, interleaved."
    verdict += f" From 5 parts to 50 at most {most:.1f} times, bound {LONGER}."
    text += f"\n\n{longer}"
    print(text, verdict, sep="\n\n")
    results = ROOT / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / "pages.md").write_text(f"# Pages of the demonstration\n\n{text}\n\n{verdict}\n")
    return int(worst > BOUND or most > LONGER)


if __name__ == "__main__":
    sys.exit(main())
