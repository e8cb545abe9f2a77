"""An hour in which a young person answers beside somebody from the school; wishes."""

import datetime
import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("youths", "0006_job_profile_permissions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="ownwords",
            name="how",
            field=models.CharField(
                choices=[
                    ("wrote", "Wrote it"),
                    ("said", "Said it, taken down word for word"),
                    ("together", "Wrote it while sitting together"),
                ],
                max_length=8,
                verbose_name="how it was given",
            ),
        ),
        migrations.AlterField(
            model_name="ownwords",
            name="kind",
            field=models.CharField(
                choices=[
                    ("words", "In own words"),
                    ("direction", "Direction"),
                    ("wishes", "Would like to try"),
                ],
                default="words",
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="Sitting",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "pen",
                    models.CharField(
                        choices=[
                            ("youth", "The young person"),
                            ("staff", "The one from the school"),
                        ],
                        max_length=8,
                        verbose_name="who holds the pen",
                    ),
                ),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("closes_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "led_by",
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
                        related_name="sittings",
                        to="youths.youth",
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closes_at__gt", models.F("started_at")),
                            (
                                "closes_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("started_at"),
                                    "+",
                                    models.Value(datetime.timedelta(seconds=3600)),
                                ),
                            ),
                        ),
                        name="sitting_together_lasts_an_hour_at_most",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("led_by",),
                        name="one_sits_with_one_young_person_at_a_time",
                    ),
                ],
            },
        ),
    ]
