"""What a programme promised, and the registers that count it."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0006_outcomes"),
        ("partnerships", "0008_feedback_intervals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Criterion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "counts",
                    models.CharField(
                        choices=[
                            ("referred", "Youths referred"),
                            ("closer", "Youths closer to the labour market"),
                            ("model_parts", "Model parts delivered"),
                            ("practice_days", "Municipalities at practice days"),
                            ("said_yes", "Municipalities that said yes"),
                        ],
                        max_length=14,
                        verbose_name="what counts",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="in the programme's words")),
                (
                    "target",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="target"),
                ),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="order")),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="criteria",
                        to="partnerships.programme",
                        verbose_name="programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "success criterion",
                "verbose_name_plural": "success criteria",
                "ordering": ["programme", "position", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "counts"),
                        name="one_criterion_of_each_kind",
                        violation_error_message="The programme has this criterion already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("counts__in", ["referred", "closer"]), ("target", None)),
                            models.Q(
                                models.Q(("counts__in", ["referred", "closer"]), _negated=True),
                                ("target__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_register_has_a_target_of_its_own",
                        violation_error_message="A register needs a target; the targets of youths are the programme's.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "register",
                    models.CharField(
                        choices=[
                            ("model_parts", "Parts of the model"),
                            ("practice_days", "Practice days"),
                            ("said_yes", "Municipalities that said yes"),
                        ],
                        max_length=14,
                    ),
                ),
                ("title", models.CharField(max_length=160, verbose_name="what")),
                ("happened_on", models.DateField(verbose_name="day")),
                ("document", models.BinaryField(null=True)),
                ("document_name", models.CharField(blank=True, max_length=100)),
                (
                    "document_kind",
                    models.CharField(
                        blank=True,
                        choices=[("pdf", "PDF"), ("png", "PNG"), ("jpg", "JPG"), ("docx", "DOCX")],
                        max_length=4,
                    ),
                ),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "municipalities",
                    models.ManyToManyField(
                        limit_choices_to={"kind": "municipality"},
                        related_name="+",
                        to="partnerships.organisation",
                        verbose_name="municipalities",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="partnerships.programme",
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
                    "removed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-happened_on", "-recorded_at"],
                "indexes": [
                    models.Index(fields=["programme", "register"], name="entries_of_a_register")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True), name="an_entry_says_what"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("document", None), ("document_kind", ""), ("document_name", "")
                            ),
                            models.Q(
                                ("document__isnull", False),
                                models.Q(("document_kind", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_document_has_its_kind",
                    ),
                ],
            },
        ),
    ]
