import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import partnerships.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0005_accommodations"),
        ("youths", "0006_job_profile_permissions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SectionRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "purpose",
                    partnerships.encryption.EncryptedTextField(
                        max_length=1000, verbose_name="what will you use it for"
                    ),
                ),
                (
                    "wanted_by",
                    models.DateField(blank=True, null=True, verbose_name="wished for by"),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "asked_by",
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
                        related_name="section_requests",
                        to="youths.youth",
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="AskedSection",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "section",
                    models.CharField(
                        choices=[
                            ("direction", "Direction"),
                            ("competences", "Competences"),
                            ("support", "Support needs and what works"),
                            ("health", "Social and mental conditions"),
                            ("network", "Network and practical matters"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits on the school"),
                            ("answered", "Sent"),
                            ("declined", "Declined"),
                            ("withdrawn", "Not needed any more"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    partnerships.encryption.EncryptedTextField(
                        blank=True, max_length=1000, verbose_name="why not"
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "youth",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="youths.youth",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sections",
                        to="handover.sectionrequest",
                    ),
                ),
            ],
            options={
                "ordering": ["request", "section", "pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="sectionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose", ""), _negated=True),
                name="a_request_says_what_for",
                violation_error_message="Write what you will use it for.",
            ),
        ),
        migrations.AddConstraint(
            model_name="askedsection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("youth", "section"),
                name="one_open_request_for_a_section",
                violation_error_message="This section is asked for already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="askedsection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("settled_by", None), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True),
                        ("settled_at__isnull", False),
                        ("settled_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="an_answered_request_was_answered_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="askedsection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "declined"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_declined_request_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="askedsection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "answered"), ("version__isnull", False)),
                    models.Q(models.Q(("state", "answered"), _negated=True), ("version", None)),
                    _connector="OR",
                ),
                name="a_version_answers_a_request",
            ),
        ),
    ]
