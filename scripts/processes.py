"""The processes of a stack: how they end together, and how those that did not are found."""

import contextlib
import ctypes
import os
import signal
import time
from pathlib import Path

MARK = "VIVIRKR_STACK"  # in the environment of all that make run starts: whose stack it is
SERVERS = {"postgres", "redis-server", "valkey-server"}  # these clear their environment
PR_SET_PDEATHSIG = 1


def exit_on_signals():
    """SIGTERM and SIGHUP unwind the with-blocks, as Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


def die_with_parent(number):
    """A preexec_fn: the kernel sends this signal when our parent is gone, however it went."""
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, number)


def leftovers(folder):
    """The processes of this folder: its servers work in it, the rest carries its mark."""
    return [*_servers_in(folder), *marked(folder)]


def marked(folder):
    mark = f"{MARK}={folder}".encode()
    return _processes(lambda process: mark in (process / "environ").read_bytes().split(b"\0"))


def _servers_in(folder):
    return _processes(
        lambda process: (
            (process / "comm").read_text().strip() in SERVERS
            and (process / "cwd").resolve(strict=True).is_relative_to(folder.resolve())
        )
    )


def _processes(wanted):
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended, or is another user's
            if wanted(process):
                found.append(int(process.name))
    return found


def stop(pids, seconds=10):
    """End processes, kindly first; returns when none of them runs any more."""
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5)):
        pids = [pid for pid in pids if is_alive(pid)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience
        while any(map(is_alive, pids)) and time.monotonic() < deadline:
            time.sleep(0.05)


def is_alive(pid):
    """A zombie is dead: it holds nothing, and only its parent can bury it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
