import csv
import uuid
from pathlib import Path

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import partnerships.encryption

PHRASES = Path(__file__).parents[1] / "data" / "accommodations.csv"


def fill_the_library(apps, schema_editor):
    AccommodationPhrase = apps.get_model("handover", "AccommodationPhrase")
    with PHRASES.open(encoding="utf-8", newline="") as file:
        AccommodationPhrase.objects.bulk_create(
            AccommodationPhrase(**row, in_use=True) for row in csv.DictReader(file)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0004_answered_is_not_stored"),
        ("youths", "0006_job_profile_permissions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccommodationPhrase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "theme_da",
                    models.CharField(blank=True, max_length=40, verbose_name="theme in Danish"),
                ),
                (
                    "theme_en",
                    models.CharField(blank=True, max_length=40, verbose_name="theme in English"),
                ),
                (
                    "text_da",
                    models.CharField(max_length=200, unique=True, verbose_name="text in Danish"),
                ),
                (
                    "text_en",
                    models.CharField(blank=True, max_length=200, verbose_name="text in English"),
                ),
                ("in_use", models.BooleanField(default=False, verbose_name="in use")),
            ],
            options={
                "verbose_name": "phrase for accommodations",
                "verbose_name_plural": "phrases for accommodations",
                "ordering": ["theme_da", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Accommodation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "text",
                    partnerships.encryption.EncryptedTextField(
                        max_length=200, verbose_name="accommodation"
                    ),
                ),
                ("fingerprint", models.CharField(editable=False, max_length=64)),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "part",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="accommodations",
                        to="handover.part",
                    ),
                ),
                (
                    "written_by",
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
                        related_name="accommodations",
                        to="youths.youth",
                    ),
                ),
            ],
            options={
                "ordering": ["written_at", "pk"],
                "indexes": [
                    models.Index(fields=["fingerprint"], name="accommodations_that_are_alike")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("youth", "fingerprint"),
                        name="an_accommodation_stands_once",
                        violation_error_message="This accommodation is there already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="an_accommodation_has_words",
                        violation_error_message="Write what works at the workplace.",
                    ),
                ],
            },
        ),
        migrations.RunPython(fill_the_library, migrations.RunPython.noop),
    ]
