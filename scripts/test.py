"""All tests, on servers of their own; the arguments are pytest's.

BROWSER=0 leaves the browser tests out.
"""

import os
import subprocess
import sys

from scripts import bootstrap, processes, servers

# A file at a time, in the order of tests/conftest.py: the longest first.
SIDE_BY_SIDE = ["--numprocesses=auto", "--dist=loadfile", "--no-loadscope-reorder"]
NOTHING_CHOSEN = 5  # pytest's exit code; the arguments may have chosen from one part only


def main():
    processes.exit_on_signals()
    bootstrap.prepare()
    given, chosen = {}, ""
    if os.environ.get("BROWSER") == "0":
        chosen = " and not browser"
    else:
        given["VIVIRKR_CHROMIUM"] = bootstrap.chromium()
    with servers.throwaway() as urls:
        environment = servers.settings(
            urls,
            **given,
            DJANGO_DEBUG="0",
            DJANGO_HTTPS="0",
            DJANGO_ALLOW_ASYNC_UNSAFE="true",  # Playwright's own loop runs beside the tests
        )
        # What is measured against the clock runs after all others, alone.
        codes = [
            subprocess.run(["pytest", *how, *sys.argv[1:]], env=environment).returncode
            for how in (
                [*SIDE_BY_SIDE, "-m", f"not alone{chosen}"],
                ["--numprocesses=0", "-m", f"alone{chosen}"],
            )
        ]
    if not given:
        print("\nBROWSER=0: THE BROWSER TESTS WERE LEFT OUT.", flush=True)
    failed = [code for code in codes if code not in (0, NOTHING_CHOSEN)]
    return failed[0] if failed else min(codes)


if __name__ == "__main__":
    bootstrap.main(main)
