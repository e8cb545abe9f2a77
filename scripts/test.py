"""All tests, on servers of their own; the arguments are pytest's.

BROWSER=0 leaves the browser tests out.
"""

import os
import subprocess
import sys

from scripts import bootstrap, processes, servers


def main():
    processes.exit_on_signals()
    bootstrap.prepare()
    arguments = ["--numprocesses=auto", "--dist=loadgroup", *sys.argv[1:]]
    given = {}
    if os.environ.get("BROWSER") == "0":
        arguments += ["-m", "not browser"]
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
        code = subprocess.run(["pytest", *arguments], env=environment).returncode
    if not given:
        print("\nBROWSER=0: THE BROWSER TESTS WERE LEFT OUT.", flush=True)
    return code


if __name__ == "__main__":
    bootstrap.main(main)
