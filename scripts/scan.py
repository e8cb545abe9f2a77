"""Attack the running demonstration as every role with wapiti, and report what it finds.

    make scan               every role; ROLES=koordinator,ung chooses

Throwaway servers, a web server with production's settings behind a pretended HTTPS proxy. The
report goes to bench/results/scan.md; anything above informational fails.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from scripts import bootstrap, processes, servers
from scripts.bootstrap import LOCAL, ROOT
from scripts.run import free_port

PASSWORD = "vivirkr-demo"  # noqa: S105  of the demonstration
ROLES = ("nobody", "koordinator", "sagsbehandler", "virksomhed", "ung", "ledelse", "evaluator",
         "admin")  # fmt: skip
MODULES = ("cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,"
           "redirect,sql,xss,xxe")  # fmt: skip
# The sign-in is left alone: it would end the session, or lock the demonstration's people out.
LEFT_OUT = ("accounts/*", "language/*", "admin/logout/*", "static/*")
SECONDS = int(os.environ.get("SCAN_SECONDS", "180"))  # at most, for a role
HTTPS = {"X-Forwarded-Proto": "https"}


def wapiti():
    """The scanner, locked and installed beside the project's own packages, not among them."""
    folder = LOCAL / "scan"
    program = folder / "bin/wapiti"
    if not program.exists():
        print("Installing the scanner", flush=True)
        bootstrap.run("uv", "venv", "--quiet", "--python", sys.executable, folder)
        bootstrap.run("uv", "pip", "sync", "--quiet", "--require-hashes", "--python",
                      folder / "bin/python", "requirements-scan.txt")  # fmt: skip
    return program


def sign_in(site, name) -> str:
    """The Cookie header of somebody who has signed in; empty for nobody."""
    if name == "nobody":
        return ""
    jar = CookieJar()
    url = f"{site}/accounts/login/"
    with _ask(url, jar=jar) as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())[1]
    cookies = {cookie.name: cookie.value for cookie in jar}
    fields = {"login": f"{name}@demo.vivirkr.dk", "password": PASSWORD}
    data = urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": token}).encode()
    headers = {"Cookie": _header(cookies), "Referer": url.replace("http:", "https:")}
    with _ask(url, data, headers, jar) as page:
        page.read()
    cookies |= {cookie.name: cookie.value for cookie in jar}
    if "sessionid" not in cookies:
        raise bootstrap.SetupError(f"{name} could not sign in.")
    return _header(cookies)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def _ask(url, data=None, headers=None, jar=None):
    opener = urllib.request.build_opener(_Stay, urllib.request.HTTPCookieProcessor(jar))
    request = urllib.request.Request(url, data, {**HTTPS, **(headers or {})})  # noqa: S310
    try:
        return opener.open(request, timeout=20)
    except urllib.error.HTTPError as answer:  # a redirect, too
        return answer


def _header(cookies):
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def scan(program, site, name) -> dict:
    """What wapiti found as one person: its report."""
    report = LOCAL / f"scan-{name}.json"
    report.unlink(missing_ok=True)
    headers = [f"X-Forwarded-Proto: {HTTPS['X-Forwarded-Proto']}"]
    if cookie := sign_in(site, name):
        headers.append(f"Cookie: {cookie}")
    subprocess.run(
        [
            *[program, "--url", f"{site}/", "--module", MODULES, "--scope", "folder"],
            *["--flush-session", "--max-scan-time", str(SECONDS), "--max-links-per-page", "200"],
            *["--max-attack-time", str(SECONDS // 10 + 1)],  # for each module
            *["--store-session", LOCAL / "scan-sessions", "--format", "json", "--output", report],
            *[part for header in headers for part in ("--header", header)],
            *[part for path in LEFT_OUT for part in ("--exclude", f"{site}/{path}")],
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return json.loads(report.read_text())


def rows(name, report):
    """(role, how grave, what, where) for each finding; gravity 0 is informational."""
    for kind in ("vulnerabilities", "anomalies"):
        for what, findings in report[kind].items():
            for finding in findings:
                yield name, finding["level"], what, f"{finding['method']} {finding['path']}"


def main():
    processes.exit_on_signals()
    bootstrap.prepare()
    program = wapiti()
    chosen = os.environ.get("ROLES", ",".join(ROLES)).split(",")
    with servers.throwaway() as urls:
        environment = servers.settings(urls, DJANGO_DEBUG="1", LOG_LEVEL="ERROR")
        for command in (["migrate", "-v0"], ["createcachetable"], ["demo"]):
            subprocess.run(
                ["python", "manage.py", *command], check=True, cwd=ROOT, env=environment,
                stdout=subprocess.DEVNULL,
            )  # fmt: skip
        port = free_port(8500)
        environment |= {
            "DJANGO_DEBUG": "0",
            "DJANGO_HTTPS": "1",
            "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
            "PORT": str(port),
        }
        with open(LOCAL / "scan.log", "w") as log:
            web = subprocess.Popen(
                ["gunicorn", "vivirkr.wsgi"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
            try:
                site = f"http://127.0.0.1:{port}"
                _wait_for(f"{site}/accounts/login/")
                begun = time.time()
                reports = {name: scan(program, site, name) for name in chosen}
            finally:
                web.terminate()
                web.wait()
    return write(reports, time.time() - begun)


def _wait_for(url):
    for _ in range(100):
        try:
            _ask(url).close()
            return
        except OSError:
            time.sleep(0.2)
    raise bootstrap.SetupError("The web server did not start.")


def write(reports, seconds) -> int:
    """Write the table; 1 when something is above informational, or a server error was met."""
    found = [row for name, report in reports.items() for row in rows(name, report)]
    grave = [row for row in found if row[1] > 0]
    lines = ["# Scan of the demonstration by wapiti", ""]
    lines += ["| Signed in as | Pages crawled | Above informational | Informational |",
              "|---|--:|--:|--:|"]  # fmt: skip
    for name, report in reports.items():
        pages = report["infos"].get("crawled_pages_nbr", "?")
        mine = [level for who, level, *_rest in found if who == name]
        above = sum(level > 0 for level in mine)
        lines.append(f"| {name} | {pages} | {above} | {len(mine) - above} |")
    lines += ["", f"Modules: {MODULES.replace(',', ', ')}. {seconds / 60:.0f} minutes in all."]
    lines += [
        "",
        *[f"- {who}, level {level}: {what}, {where}" for who, level, what, where in found],
    ]
    text = "\n".join(lines).rstrip() + "\n"
    (ROOT / "bench/results/scan.md").write_text(text)
    print(text)
    return int(bool(grave))


if __name__ == "__main__":
    bootstrap.main(main)
