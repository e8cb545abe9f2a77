"""How it went, at the end of STU and 12 months after."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0005_definitions_by_both"),
        ("partnerships", "0008_feedback_intervals"),
        ("youths", "0011_more_is_told"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Outcome",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "moment",
                    models.CharField(
                        choices=[("end", "At the end of STU"), ("after", "12 months after STU")],
                        max_length=6,
                        verbose_name="when",
                    ),
                ),
                ("seen_on", models.DateField(verbose_name="as it was on")),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "outcome",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnerships.outcomeclass",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "youth",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="youths.youth",
                    ),
                ),
            ],
            options={
                "ordering": ["youth", "moment", "-recorded_at"],
                "indexes": [
                    models.Index(
                        fields=["youth", "moment", "-recorded_at"], name="newest_outcome_first"
                    )
                ],
            },
        ),
    ]
