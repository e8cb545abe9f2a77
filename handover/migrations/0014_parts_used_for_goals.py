"""Parts of a handover are used for goals of the course, too.

Each step on its own, because the index is built while others go on writing.
"""

import django.db.models.deletion
import django.db.models.lookups
from django.db import migrations, models
from django.db.models import Q

CREATE = """
CREATE UNIQUE INDEX CONCURRENTLY a_part_is_used_once_for_a_goal
ON handover_partuse (goal_id, sent_part_id) WHERE goal_id IS NOT NULL
"""
DROP = "DROP INDEX CONCURRENTLY IF EXISTS a_part_is_used_once_for_a_goal"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("handover", "0013_attachments"),
        ("youths", "0009_goals"),
    ]

    operations = [
        migrations.AddField(
            model_name="partuse",
            name="goal",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="part_uses",
                to="youths.goal",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="partuse",
            name="a_use_has_exactly_one_target",
        ),
        migrations.AddConstraint(
            model_name="partuse",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    models.Func(
                        models.F("placement"),
                        models.F("goal"),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="a_use_has_exactly_one_target",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CREATE, DROP)],
            state_operations=[
                migrations.AddConstraint(
                    model_name="partuse",
                    constraint=models.UniqueConstraint(
                        condition=Q(goal__isnull=False),
                        fields=["goal", "sent_part"],
                        name="a_part_is_used_once_for_a_goal",
                    ),
                ),
            ],
        ),
    ]
