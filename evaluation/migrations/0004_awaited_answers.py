"""Whose answers the open round still waits for, where they can make a difference."""

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0003_definitions"),
        ("partnerships", "0008_feedback_intervals"),
    ]

    operations = [
        migrations.AddField(
            model_name="partnershipprogress",
            name="awaited",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="programmesnapshot",
            name="awaited",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="awaited",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="youthprogress",
            name="awaits",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddConstraint(
            model_name="partnershipprogress",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "awaited__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("possible"), "-", models.F("certain")
                        ),
                    )
                ),
                name="progress_awaits_only_what_is_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="programmesnapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "awaited__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("possible"), "-", models.F("certain")
                        ),
                    )
                ),
                name="programme_snapshot_awaits_only_what_is_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "awaited__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("possible"), "-", models.F("certain")
                        ),
                    )
                ),
                name="snapshot_awaits_only_what_is_open",
            ),
        ),
        # What is stored knows of none yet: a worker computes it anew.
        migrations.RunSQL(
            "UPDATE evaluation_partnershipprogress SET stale_since = now()"
            " WHERE stale_since IS NULL",
            migrations.RunSQL.noop,
        ),
    ]
