"""Stops the ViVirk'R that `make run` started; with --clean removes all that was made here."""

import os
import shutil
import signal
import sys
import time

from scripts import bootstrap, processes, servers
from scripts.bootstrap import LOCAL, ROOT, VENV
from scripts.run import data_folder

MADE = [VENV, LOCAL, ROOT / "node_modules", ROOT / "staticfiles", ROOT / "static" / "vendor"]


def stop(folder, seconds=45):
    """End the holder of `folder` and whatever a killed one left behind."""
    if pid := servers.holder(folder):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while servers.holder(folder) and time.monotonic() < deadline:
            time.sleep(0.1)
    processes.stop([pid, *processes.leftovers(folder)] if pid else processes.leftovers(folder))


def main():
    stop(servers.within_reach(data_folder()))
    if "--clean" in sys.argv[1:]:
        for name in ("run", "throwaway"):
            folder = servers.within_reach(LOCAL / name)
            processes.stop(processes.leftovers(folder))
            if folder.parent != LOCAL:
                shutil.rmtree(folder.parent, ignore_errors=True)
        for folder in MADE:
            if folder.exists():
                shutil.rmtree(folder)


if __name__ == "__main__":
    bootstrap.main(main)
