"""One wording is asked at a time, and a version holds one; earlier ones stay beside them.

Built beside the old index while others go on reading, each step on its own.
"""

from django.db import migrations, models

NAME, VERSION = "one_wording_per_audience_and_language", "a_version_has_a_wording_once"
TABLE, COLUMNS = "evaluation_indicatortext", "indicator_id, audience, language"
BUILD = f"CREATE UNIQUE INDEX CONCURRENTLY wordings_asked_now ON {TABLE} ({COLUMNS})"
DISCARD = "DROP INDEX CONCURRENTLY IF EXISTS wordings_asked_now"
BUILD_VERSION = f"CREATE UNIQUE INDEX CONCURRENTLY {VERSION} ON {TABLE} ({COLUMNS}, version)"
DISCARD_VERSION = f"DROP INDEX CONCURRENTLY IF EXISTS {VERSION}"
DROP = f"ALTER TABLE {TABLE} DROP CONSTRAINT {NAME}"
RESTORE = f"ALTER TABLE {TABLE} ADD CONSTRAINT {NAME} UNIQUE ({COLUMNS})"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("evaluation", "0015_outcomes_after"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(DISCARD, migrations.RunSQL.noop),  # of a run that was cut short
                migrations.RunSQL(f"{BUILD} WHERE ended_at IS NULL", DISCARD),
                migrations.RunSQL(DISCARD_VERSION, migrations.RunSQL.noop),
                migrations.RunSQL(BUILD_VERSION, DISCARD_VERSION),
                migrations.RunSQL(DROP, RESTORE),
                migrations.RunSQL(
                    f"ALTER INDEX wordings_asked_now RENAME TO {NAME}",
                    f"ALTER INDEX {NAME} RENAME TO wordings_asked_now",
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint(model_name="indicatortext", name=NAME),
                migrations.AddConstraint(
                    model_name="indicatortext",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("indicator", "audience", "language"),
                        name=NAME,
                        violation_error_message="This audience has a wording in this language.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="indicatortext",
                    constraint=models.UniqueConstraint(
                        "indicator", "audience", "language", "version", name=VERSION
                    ),
                ),
            ],
        ),
    ]
