"""ViVirk'R with demonstration data on this machine, until Ctrl-C, SIGTERM or `make stop`."""

import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from scripts import bootstrap, processes, servers
from scripts.bootstrap import LOCAL, PYTHON, ROOT

PASSWORD = "vivirkr-demo"  # noqa: S105  printed below: these people are invented
PEOPLE = {
    "koordinator@demo.vivirkr.dk": "school, PGU",
    "koordinator.randers@demo.vivirkr.dk": "school, Randers",
    "sagsbehandler@demo.vivirkr.dk": "caseworker, Aarhus",
    "sagsbehandler.randers@demo.vivirkr.dk": "caseworker, Randers",
    "sagsbehandler.frederikshavn@demo.vivirkr.dk": "caseworker, Frederikshavn",
    "konsulent@demo.vivirkr.dk": "works for Aarhus and for Randers, one at a time",
    "virksomhed@demo.vivirkr.dk": "employer",
    "ung@demo.vivirkr.dk": "young person",
    "dataansvarlig@demo.vivirkr.dk": "data controller, Aarhus",
    "dataansvarlig.pgu@demo.vivirkr.dk": "data controller, PGU",
    "ledelse@demo.vivirkr.dk": "lead",
    "evaluator@demo.vivirkr.dk": "evaluator",
    "admin@demo.vivirkr.dk": "programme administrator",
}


def data_folder():
    """Where this stack keeps its data, as asked for."""
    return Path(os.environ.get("VIVIRKR_LOCAL_DIR", LOCAL)).resolve() / "run"


def secret(path, make=lambda: secrets.token_urlsafe(50)):
    """A random secret that stays the same from run to run, for our eyes only."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
    except FileExistsError:
        pass
    return path.read_text()


def free_port(wanted):
    """`wanted`, or the next port that nobody has on this machine."""
    for port in range(wanted, min(wanted + 100, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise bootstrap.SetupError(f"No free port from {wanted} on; choose one with PORT=...")


def manage(environment, *arguments):
    subprocess.run([PYTHON, "manage.py", *arguments], env=environment, cwd=ROOT, check=True)


def health(address):
    """The answer of /healthz in text, and whether all is well."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as response:  # noqa: S310
            return response.read().decode(), True
    except urllib.error.HTTPError as error:
        return error.read(300).decode(), False
    except OSError as error:
        return str(error), False


def wait_until_well(address, parts, seconds=90):
    deadline = time.monotonic() + seconds
    while parts.poll() is None:
        answer, well = health(address)
        if well or time.monotonic() > deadline:
            return answer if not well else ""
        time.sleep(0.3)
    raise bootstrap.SetupError("Web, worker or beat did not start; see above.")


def announce(address, complaint):
    accounts = "\n".join(f"  {email:<46}{role}" for email, role in PEOPLE.items())
    print(f"\nViVirk'R runs at {address}/\n\nPassword: {PASSWORD}\n{accounts}\n")
    if complaint:
        print(f"Not all is well yet: {complaint}\n")
    print("Ctrl-C stops it.", flush=True)


def main():
    processes.exit_on_signals()
    bootstrap.prepare()
    folder = servers.within_reach(data_folder())
    if pid := servers.holder(folder):
        raise bootstrap.SetupError(f"ViVirk'R runs already, as process {pid}; make stop stops it.")
    with servers.running(folder, durable=True) as urls:
        local = data_folder().parent
        local.mkdir(parents=True, exist_ok=True)
        environment = servers.settings(
            urls,
            DJANGO_SECRET_KEY=secret(local / "secret-key"),
            # Beside the data that they open, and as long-lived.
            VIVIRKR_ENCRYPTION_KEYS=secret(
                local / "encryption-keys", lambda: f"one:{servers.encryption_key()}"
            ),
            VIVIRKR_INDEX_KEY=secret(local / "index-key", servers.encryption_key),
            DJANGO_DEBUG="1",
            VIVIRKR_LOCAL_DIR=str(local),
            **{processes.MARK: str(folder)},
        )
        manage(environment, "migrate", "--verbosity=0")
        manage(environment, "sync_grants", "--verbosity=0")
        manage(environment, "createcachetable")
        manage(environment, "demo")
        wanted = int(os.environ.get("PORT", "8000"))
        port = free_port(wanted)
        if port != wanted:
            print(f"Port {wanted} is taken; using {port}.", flush=True)
        address = {"VIVIRKR_URL": f"http://localhost:{port}"}  # for the links in mail
        return serve(folder, address | environment | {"PORT": str(port)})


def serve(folder, environment):
    parts = subprocess.Popen(
        ["honcho", "start"],
        cwd=ROOT,
        env=environment,
        start_new_session=True,  # Ctrl-C reaches us alone, and we stop the parts in order
        preexec_fn=processes.die_with_parent(signal.SIGTERM),
    )
    try:
        address = f"http://localhost:{environment['PORT']}"
        announce(address, wait_until_well(address, parts))
        return parts.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave any behind
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("\nStopping", flush=True)
        parts.terminate()
        try:
            parts.wait(15)
        except subprocess.TimeoutExpired:
            parts.kill()
        processes.stop(processes.marked(folder))


if __name__ == "__main__":
    bootstrap.main(main)
