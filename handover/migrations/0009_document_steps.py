"""The handover document of a programme: begun, talked about, issued."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import partnerships.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0008_what_became_of_parts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("started", "Begun"),
                            ("conversation", "Conversation held"),
                            ("issued", "Issued"),
                        ],
                        max_length=12,
                    ),
                ),
                ("on", models.DateField()),
                ("due_on", models.DateField()),
                (
                    "took_part",
                    partnerships.encryption.EncryptedTextField(
                        blank=True, max_length=500, verbose_name="who took part"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=60)),
                ("noted_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="document_steps",
                        to="handover.handoverprofile",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="handover.handoverversion",
                    ),
                ),
            ],
            options={
                "ordering": ["-noted_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "issued"),
                                ("version__isnull", False),
                                models.Q(("name", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("kind", "issued"), _negated=True),
                                ("name", ""),
                                ("version", None),
                            ),
                            _connector="OR",
                        ),
                        name="what_is_issued_is_a_version_under_a_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "conversation"), models.Q(("took_part", ""), _negated=True)
                            ),
                            models.Q(
                                models.Q(("kind", "conversation"), _negated=True), ("took_part", "")
                            ),
                            _connector="OR",
                        ),
                        name="a_conversation_says_who_took_part",
                        violation_error_message="Write who took part.",
                    ),
                    models.UniqueConstraint(fields=("version",), name="a_version_is_issued_once"),
                ],
            },
        ),
    ]
