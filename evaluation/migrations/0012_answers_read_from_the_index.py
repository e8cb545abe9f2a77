"""The index that keeps answers unique holds their steps, too: figures are computed from it alone.

Built beside the old one while others go on writing, each step on its own; at every moment one of
the two is there.
"""

from django.db import migrations, models

UNLIMITED, LIMITED = "SET statement_timeout = 0", "RESET statement_timeout"  # of many answers
NAME = "one_answer_per_voice_indicator_and_round"
FIELDS = ["youth", "round", "indicator", "voice"]
COLUMNS = "youth_id, round_id, indicator_id, voice"
BUILD = f"CREATE UNIQUE INDEX CONCURRENTLY answers_with_steps ON evaluation_rating ({COLUMNS})"
DISCARD = "DROP INDEX CONCURRENTLY IF EXISTS answers_with_steps"
REPLACE = f"ALTER TABLE evaluation_rating DROP CONSTRAINT {NAME}"
RESTORE = f"ALTER TABLE evaluation_rating ADD CONSTRAINT {NAME} UNIQUE ({COLUMNS})"
RENAME = f"ALTER INDEX answers_with_steps RENAME TO {NAME}"
RENAME_BACK = f"ALTER INDEX {NAME} RENAME TO answers_with_steps"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("evaluation", "0011_wordings_in_versions"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(UNLIMITED, LIMITED),
                migrations.RunSQL(DISCARD, migrations.RunSQL.noop),  # of a run that was cut short
                migrations.RunSQL(f"{BUILD} INCLUDE (step)", DISCARD),
                migrations.RunSQL(REPLACE, RESTORE),
                migrations.RunSQL(RENAME, RENAME_BACK),
                migrations.RunSQL(LIMITED, UNLIMITED),
            ],
            state_operations=[
                migrations.RemoveConstraint(model_name="rating", name=NAME),
                migrations.AddConstraint(
                    model_name="rating",
                    constraint=models.UniqueConstraint(fields=FIELDS, include=["step"], name=NAME),
                ),
            ],
        ),
    ]
