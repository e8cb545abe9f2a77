"""Attack the running demonstration as every role with wapiti, and report what it finds.

    make scan               every role; ROLES=koordinator,ung chooses

Each role gets a demonstration of its own, because the scanner sends every form it meets and so
changes what there is to see, and a web server with production's settings. It speaks TLS itself:
behind a pretended proxy the scanner would be http to Django, which refuses its forms and sends it
to addresses out of its reach. The report goes to bench/results/scan.md; anything above
informational fails, and so does a server error, a lost sign-in or an attack that was cut short.
"""

import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from ipaddress import ip_address

import psycopg2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scripts import bootstrap, processes
from scripts.bootstrap import LOCAL, ROOT
from scripts.run import free_port

PASSWORD = "vivirkr-demo"  # noqa: S105  of the demonstration
ROLES = ("nobody", "koordinator", "sagsbehandler", "konsulent", "virksomhed", "ung", "ledelse",
         "evaluator", "dataansvarlig", "admin")  # fmt: skip
MODULES = ("cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,"
           "redirect,sql,xss,xxe")  # fmt: skip
# No page links here for who is not signed in, but for the sign-in itself.
START = ("accessibility/", "privacy/", "accounts/login/", "accounts/password/reset/")
# What ends the session, files, and what is unwell by right without a worker.
LEFT_OUT = ("accounts/logout/*", "admin/logout/*", "static/*", "healthz")
CRAWL, ATTACK = 90, 120  # seconds at most: looking around, and each kind of attack


def wapiti():
    """The scanner, locked and installed beside the project's own packages, not among them."""
    folder = LOCAL / "scan"
    if not (folder / "bin/wapiti").exists():
        print("Installing the scanner", flush=True)
        bootstrap.run("uv", "venv", "--quiet", "--python", sys.executable, folder)
        bootstrap.run("uv", "pip", "sync", "--quiet", "--require-hashes", "--python",
                      folder / "bin/python", "requirements-scan.txt")  # fmt: skip
    return [folder / "bin/python", ROOT / "scripts/scanner.py"]


# -- The demonstration ---------------------------------------------------------------------


def demonstration() -> None:
    """Fill the empty database, to be copied for each role."""
    for command in (["migrate", "-v0"], ["createcachetable"], ["demo"]):
        subprocess.run(
            ["python", "manage.py", *command], check=True, cwd=ROOT, stdout=subprocess.DEVNULL
        )


@contextmanager
def copied(name):
    """The address of a copy of the demonstration's database."""
    url = os.environ["DATABASE_URL"]
    base, _, original = url.rpartition("/")
    copy = f"scan_{name}"
    link = psycopg2.connect(f"{base}/postgres")
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
    try:
        yield f"{base}/{copy}"
    finally:
        with link.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')
        link.close()


@contextmanager
def web(database, log):
    """The web server of production, with TLS; its address."""
    port = free_port(8500)
    environment = os.environ | {
        "DATABASE_URL": database,
        "DJANGO_DEBUG": "0",
        "DJANGO_HTTPS": "1",
        "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
        "LOG_LEVEL": "ERROR",
        "PORT": str(port),
    }
    command = ["gunicorn", "vivirkr.wsgi", *certificate()]
    command += ["--max-requests", "0", "--keep-alive", "60"]  # the scanner misses no page
    with open(log, "w") as output:
        running = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            preexec_fn=processes.die_with_parent(signal.SIGTERM),
        )
        try:
            _wait_for(f"https://127.0.0.1:{port}/accounts/login/")
            yield f"https://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait()


def certificate():
    """gunicorn's options for a certificate that is good for a day and for this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    parts = {
        "--certfile": made.public_bytes(pem),
        "--keyfile": key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    }
    for option, content in parts.items():
        path = LOCAL / f"scan{option[1:]}.pem"
        path.write_bytes(content)
        yield from (option, str(path))


def _wait_for(url):
    for _ in range(150):
        try:
            _ask(url).close()
            return
        except OSError:
            time.sleep(0.2)
    raise bootstrap.SetupError("The web server did not start.")


# -- Somebody who looks at it ---------------------------------------------------------------


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def _ask(url, data=None, headers=None, jar=None):
    opener = urllib.request.build_opener(
        _Stay,
        urllib.request.HTTPCookieProcessor(jar),
        urllib.request.HTTPSHandler(context=ssl._create_unverified_context()),  # noqa: S323  its own certificate
    )
    request = urllib.request.Request(url, data, headers or {})  # noqa: S310
    try:
        return opener.open(request, timeout=20)
    except urllib.error.HTTPError as answer:  # a redirect, too
        return answer


def sign_in(site, name) -> str:
    """The Cookie header of somebody who has signed in; of nobody, the one that opens forms."""
    jar = CookieJar()
    url = f"{site}/accounts/login/"
    with _ask(url, jar=jar) as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())[1]
    if name != "nobody":
        fields = {"login": f"{name}@demo.vivirkr.dk", "password": PASSWORD}
        data = urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": token}).encode()
        _ask(url, data, {"Referer": url}, jar).close()
    cookies = {cookie.name: cookie.value for cookie in jar}
    if (name != "nobody") != ("sessionid" in cookies):
        raise bootstrap.SetupError(f"{name} could not sign in.")
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def is_signed_in(site, cookie) -> bool:
    with _ask(f"{site}/acting/", headers={"Cookie": cookie}) as page:
        return page.status == 200


@dataclass
class Scan:
    """What wapiti met and found as one person."""

    name: str
    report: dict
    cut_short: list  # what its time did not suffice for
    lost: bool  # the sign-in, on the way
    answers: Counter  # (method, path, status): how often
    seconds: float

    def pages(self):
        return {path for method, path, status in self.answers if (method, status) == ("GET", 200)}

    def kinds(self):
        return {re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "*", path) for path in self.pages()}

    def forms(self):
        """Addresses that took a form: what was sent was judged by the page itself."""
        taken = {200, 302, 400, 409, 422}
        return {
            path for method, path, status in self.answers if method == "POST" and status in taken
        }

    def server_errors(self):
        return {key: n for key, n in self.answers.items() if key[2] >= 500}

    def findings(self):
        """(how grave, what, where, information) for each; gravity 0 is informational."""
        for kind in ("vulnerabilities", "anomalies", "additionals"):
            for what, found in self.report[kind].items():
                for one in found:
                    yield one["level"], what, f"{one['method']} {one['path']}", one["info"]


def scan(program, name) -> Scan:
    begun = time.time()
    report, log = LOCAL / f"scan-{name}.json", LOCAL / f"scan-{name}.log"
    report.unlink(missing_ok=True)
    with copied(name) as database, web(database, log) as site:
        cookie = sign_in(site, name)
        # The choice of language stands on every page; it is the same for everybody.
        left_out = LEFT_OUT if name == "nobody" else (*LEFT_OUT, "language/*")
        result = subprocess.run(
            [
                *[*program, "--url", f"{site}/", "--module", MODULES, "--scope", "folder"],
                *["--max-scan-time", str(CRAWL), "--max-attack-time", str(ATTACK)],
                *["--flush-session", "--store-session", LOCAL / "scan-sessions"],
                *["--no-bugreport", "--endpoint", f"{site}/", "--verbose", "1"],
                *["--skip", "csrfmiddlewaretoken"],  # the module csrf looks at it
                *["--format", "json", "--output", report],
                *["--header", f"Cookie: {cookie}"],
                *[part for path in START for part in ("--start", f"{site}/{path}")],
                *[part for path in left_out for part in ("--exclude", f"{site}/{path}")],
            ],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        (LOCAL / f"scan-{name}.out").write_text(result.stdout)
        lost = name != "nobody" and not is_signed_in(site, cookie)
    answers = Counter(
        (method, path, int(status))
        for method, path, status in re.findall(r'\] "(\w+) (\S+)" (\d+) ', log.read_text())
    )
    cut_short = re.findall(r"Max attack time was reached for module (\w+)", result.stdout)
    if "Max scan time was reached" in result.stdout:
        cut_short.insert(0, "looking around")
    return Scan(name, json.loads(report.read_text()), cut_short, lost, answers, time.time() - begun)


# -- The report -----------------------------------------------------------------------------


def main():
    processes.exit_on_signals()
    program = wapiti()
    demonstration()
    chosen = os.environ.get("ROLES", ",".join(ROLES)).split(",")
    scans = []
    for name in chosen:
        print(f"Attacking as {name}", flush=True)
        scans.append(scan(program, name))
        print(f"  {len(scans[-1].pages())} pages, {scans[-1].seconds:.0f} s", flush=True)
    return write(scans)


def write(scans) -> int:
    """Write the table; 1 when something is above informational, or was missed."""
    lines = [
        "# Scan of the demonstration by wapiti",
        "",
        "| Signed in as | Pages | Kinds of page | Forms | Requests | Server errors "
        "| Above informational | Informational | Minutes |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    troubles = []
    for one in scans:
        found = list(one.findings())
        grave = [finding for finding in found if finding[0] > 0]
        errors = one.server_errors()
        lines.append(
            f"| {one.name} | {len(one.pages())} | {len(one.kinds())} | {len(one.forms())}"
            f" | {one.answers.total()} | {sum(errors.values())} | {len(grave)}"
            f" | {len(found) - len(grave)} | {one.seconds / 60:.1f} |"
        )
        troubles += [
            f"- {one.name}, level {level}: {what}, {where}: {info}"
            for level, what, where, info in grave
        ]
        troubles += [f"- {one.name}: {' '.join(map(str, key))}, {n} times"
                     for key, n in errors.items()]  # fmt: skip
        troubles += [f"- {one.name}: cut short, {what}" for what in one.cut_short]
        troubles += [f"- {one.name}: the sign-in was lost"] if one.lost else []
    lines += ["", f"Modules: {MODULES.replace(',', ', ')}.", "", *troubles]
    text = "\n".join(lines).rstrip() + "\n"
    (ROOT / "bench/results/scan.md").write_text(text)
    print(text)
    return int(bool(troubles))


if __name__ == "__main__":
    bootstrap.main(main)
