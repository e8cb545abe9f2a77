"""All checks that are not tests: each is named, all run, and any failure fails the whole."""

import subprocess

from scripts import bootstrap, processes, servers
from scripts.bootstrap import ROOT

OUR_APPS = ["partnerships", "youths", "handover", "evaluation"]
PRODUCTION = {"DJANGO_DEBUG": "0", "DJANGO_HTTPS": "1", "DJANGO_ALLOWED_HOSTS": "vivirkr.example"}
# Migrations that no earlier release can run beside, and are not meant to: rolled out with the
# site stopped. They are of before the first installation; a later one must not join them lightly.
ALL_AT_ONCE = [
    "0002_acting_and_narrowing",
    "0002_encrypt_free_text",
    "0003_emergencies_and_read_log",
    "0004_consents_and_legal_bases",
    "0005_read_samples",
]
# Where the linter takes the partial index of a table that the migration makes for one of a table
# that is in use, or of one with a few rows for one that takes long.
FALSE_ALARMS = ["0011_job_profiles", "0005_definitions_by_both"]
# The linter is a Django command of an app that nobody wants installed in production.
LINT_MIGRATIONS = """
import sys, django
django.setup()
from django_migration_linter.management.commands.lintmigrations import Command
Command().run_from_argv(["manage.py", "lintmigrations", *sys.argv[1:]])
"""
MANAGE = ["python", "manage.py"]
STEPS = {
    "Python style": ["ruff", "check", "."],
    "Python format": ["ruff", "format", "--check", "."],
    "templates": ["djlint", "--lint", "--quiet", "templates"],
    "direction of imports": ["lint-imports", "--no-logo"],
    "models and migrations agree": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "migrations are safe to roll out": [
        *["python", "-c", LINT_MIGRATIONS, "--no-cache", "--warnings-as-errors"],
        *[
            "--quiet",
            "ok",
            "ignore",
            "--ignore-name",
            *ALL_AT_ONCE,
            *FALSE_ALARMS,
            "--include-apps",
            *OUR_APPS,
        ],
    ],
    "translations": ["python", "scripts/messages.py", "--check"],
    "settings for production": [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
}


def main():
    processes.exit_on_signals()
    bootstrap.prepare()
    failed = []
    with servers.throwaway() as urls:
        environment = servers.settings(
            urls, **PRODUCTION, DJANGO_SETTINGS_MODULE="vivirkr.settings", LOG_LEVEL="WARNING"
        )
        for name, command in STEPS.items():
            print(f"\n== {name}", flush=True)
            if subprocess.run(command, cwd=ROOT, env=environment).returncode:
                failed.append(name)
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed", flush=True)
    return bool(failed)


if __name__ == "__main__":
    bootstrap.main(main)
