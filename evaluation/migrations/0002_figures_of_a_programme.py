"""What the dashboard reads however many partnerships there are: nightly sums, and outcomes."""

import django.db.models.deletion
from django.db import migrations, models

# Of each partnership the day's snapshot by the newest rule, added up.
ADD_UP = """
    INSERT INTO evaluation_programmesnapshot
        (programme_id, taken_on, rule_version,
         referred, closer, unchanged, further, too_early, no_data)
    SELECT programme_id, taken_on, max(rule_version), sum(referred), sum(closer),
           sum(unchanged), sum(further), sum(too_early), sum(no_data)
    FROM (
        SELECT DISTINCT ON (snapshot.partnership_id, taken_on) snapshot.*, programme_id
        FROM evaluation_snapshot snapshot
        JOIN partnerships_partnership partnership ON partnership.id = snapshot.partnership_id
        ORDER BY snapshot.partnership_id, taken_on, rule_version DESC
    ) newest
    GROUP BY programme_id, taken_on
"""


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0001_initial"),
        ("partnerships", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="partnershipprogress",
            name="outcomes",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.CreateModel(
            name="ProgrammeSnapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("referred", models.PositiveIntegerField(default=0)),
                ("closer", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("further", models.PositiveIntegerField(default=0)),
                ("too_early", models.PositiveIntegerField(default=0)),
                ("no_data", models.PositiveIntegerField(default=0)),
                ("rule_version", models.PositiveSmallIntegerField(default=1)),
                ("taken_on", models.DateField()),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="snapshots",
                        to="partnerships.programme",
                    ),
                ),
            ],
            options={
                "ordering": ["taken_on"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "taken_on", "rule_version"),
                        name="one_snapshot_a_day_of_a_programme",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "referred",
                                models.F("closer")
                                + models.F("unchanged")
                                + models.F("further")
                                + models.F("too_early")
                                + models.F("no_data"),
                            )
                        ),
                        name="programme_snapshot_adds_up_to_all_referred",
                    ),
                ],
            },
        ),
        migrations.RunSQL(ADD_UP, migrations.RunSQL.noop),
    ]
