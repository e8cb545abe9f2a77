"""Parts of a handover are used for what was agreed at the first meeting, and for accommodations.

Each step on its own, because the indexes are built while others go on writing.
"""

import django.db.models.deletion
import django.db.models.lookups
from django.db import migrations, models
from django.db.models import Q


def to(model):
    return models.ForeignKey(
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="part_uses",
        to=model,
    )


def once(field, name):
    """That a part is used once for a thing, by an index built beside others who write."""
    create = f"""
    CREATE UNIQUE INDEX CONCURRENTLY {name}
    ON handover_partuse ({field}_id, sent_part_id) WHERE {field}_id IS NOT NULL
    """
    constraint = models.UniqueConstraint(
        condition=Q(**{f"{field}__isnull": False}), fields=[field, "sent_part"], name=name
    )
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(create, f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        ],
        state_operations=[migrations.AddConstraint("partuse", constraint)],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("handover", "0014_parts_used_for_goals"),
    ]

    operations = [
        migrations.AddField("partuse", "agreement", to("handover.meetingagreement")),
        migrations.AddField("partuse", "accommodation", to("handover.accommodation")),
        migrations.RemoveConstraint("partuse", "a_use_has_exactly_one_target"),
        migrations.AddConstraint(
            "partuse",
            models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    models.Func(
                        models.F("placement"),
                        models.F("goal"),
                        models.F("agreement"),
                        models.F("accommodation"),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="a_use_has_exactly_one_target",
            ),
        ),
        once("agreement", "a_part_is_used_once_for_an_agreement"),
        once("accommodation", "a_part_is_used_once_for_an_accommodation"),
    ]
