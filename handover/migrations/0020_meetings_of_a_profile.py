"""A handover has one first meeting, and one that lies ahead.

Built beside the old constraint while others go on reading, each step on its own.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

TABLE = "handover_firstmeeting"
FIRST, AHEAD = "one_first_meeting", "one_meeting_ahead_at_a_time"
BUILD = "CREATE UNIQUE INDEX CONCURRENTLY %s ON " + TABLE + " (profile_id) WHERE %s"
DISCARD = "DROP INDEX CONCURRENTLY IF EXISTS %s"
ONLY_ONE = f"{TABLE}_profile_id_key"
DROP = f"ALTER TABLE {TABLE} DROP CONSTRAINT {ONLY_ONE}"
RESTORE = f"ALTER TABLE {TABLE} ADD CONSTRAINT {ONLY_ONE} UNIQUE (profile_id)"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("handover", "0019_meetings"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(DISCARD % FIRST, migrations.RunSQL.noop),  # of a run cut short
                migrations.RunSQL(BUILD % (FIRST, "is_first"), DISCARD % FIRST),
                migrations.RunSQL(DISCARD % AHEAD, migrations.RunSQL.noop),
                migrations.RunSQL(BUILD % (AHEAD, "held_on IS NULL"), DISCARD % AHEAD),
                migrations.RunSQL(DROP, RESTORE),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="meeting",
                    name="profile",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="handover.handoverprofile",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="meeting",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("is_first", True)), fields=("profile",), name=FIRST
                    ),
                ),
                migrations.AddConstraint(
                    model_name="meeting",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("held_on", None)), fields=("profile",), name=AHEAD
                    ),
                ),
            ],
        ),
        AddIndexConcurrently(
            model_name="meeting",
            index=models.Index(fields=["profile", "-held_on"], name="meetings_of_a_profile"),
        ),
    ]
