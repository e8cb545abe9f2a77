"""Definitions of "closer" in versions, what else they judge by, and the ends of the range."""

import uuid

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import partnerships.encryption

# What the range was before: closer now, and all of whom nothing was known.
RANGES = """
    UPDATE evaluation_snapshot SET certain = closer, possible = closer + too_early + no_data;
    UPDATE evaluation_programmesnapshot
       SET certain = closer, possible = closer + too_early + no_data;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0002_figures_of_a_programme"),
        ("partnerships", "0004_job_profile_permissions"),
        ("youths", "0007_sitting_together"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("closer", models.BooleanField(verbose_name="has the young person come closer?")),
                (
                    "reason",
                    partnerships.encryption.EncryptedTextField(
                        max_length=1000, verbose_name="what you have seen"
                    ),
                ),
                ("assessed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-assessed_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ObservedFact",
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
                            ("practice", "A practice placement was completed"),
                            ("paid_hours", "Paid hours"),
                            ("job", "A job"),
                            ("education", "An education"),
                        ],
                        max_length=12,
                        verbose_name="what",
                    ),
                ),
                ("began_on", models.DateField(verbose_name="since")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="until")),
                (
                    "weekly_hours",
                    models.DecimalField(
                        blank=True,
                        decimal_places=1,
                        max_digits=4,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(37),
                        ],
                        verbose_name="hours a week",
                    ),
                ),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("taken_back_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-began_on", "-recorded_at"],
            },
        ),
        migrations.CreateModel(
            name="Definition",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                ("stored_rule", models.JSONField(default=dict)),
                ("in_force_from", models.DateField(null=True, verbose_name="in force from")),
            ],
            options={
                "verbose_name": "definition",
                "verbose_name_plural": "definitions",
                "ordering": ["programme", "partnership", "version"],
            },
        ),
        migrations.AddField(
            model_name="partnershipprogress",
            name="certain",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="partnershipprogress",
            name="inputs",
            field=models.CharField(db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="partnershipprogress",
            name="open_round",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="partnershipprogress",
            name="possible",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="partnershipprogress",
            name="seen_by_both",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="partnershipprogress",
            name="seen_by_neither",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="partnershipprogress",
            name="seen_by_professionals",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="partnershipprogress",
            name="seen_by_unknown",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="partnershipprogress",
            name="seen_by_youth",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="programmesnapshot",
            name="certain",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="programmesnapshot",
            name="definitions",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="programmesnapshot",
            name="possible",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="programmesnapshot",
            name="seen_by_both",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="programmesnapshot",
            name="seen_by_neither",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="programmesnapshot",
            name="seen_by_professionals",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="programmesnapshot",
            name="seen_by_unknown",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="programmesnapshot",
            name="seen_by_youth",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="certain",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="possible",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="seen_by_both",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="seen_by_neither",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="seen_by_professionals",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="seen_by_unknown",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="seen_by_youth",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="youthprogress",
            name="certain",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="youthprogress",
            name="facts",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="youthprogress",
            name="possible",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="youthprogress",
            name="seen_by",
            field=models.CharField(
                choices=[
                    ("both", "The young person and professionals"),
                    ("youth", "Only the young person"),
                    ("professionals", "Only professionals"),
                    ("neither", "Neither"),
                    ("unknown", "Not known yet"),
                ],
                db_default="unknown",
                default="unknown",
                max_length=13,
            ),
        ),
        migrations.AlterField(
            model_name="partnershipprogress",
            name="rule_version",
            field=models.PositiveSmallIntegerField(default=2),
        ),
        migrations.AlterField(
            model_name="programmesnapshot",
            name="rule_version",
            field=models.PositiveSmallIntegerField(default=2),
        ),
        migrations.AlterField(
            model_name="snapshot",
            name="rule_version",
            field=models.PositiveSmallIntegerField(default=2),
        ),
        migrations.AddConstraint(
            model_name="programmesnapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rule_version__lt", 2),
                    (
                        "referred",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("seen_by_both"), "+", models.F("seen_by_youth")
                                    ),
                                    "+",
                                    models.F("seen_by_professionals"),
                                ),
                                "+",
                                models.F("seen_by_neither"),
                            ),
                            "+",
                            models.F("seen_by_unknown"),
                        ),
                    ),
                    _connector="OR",
                ),
                name="programme_snapshot_by_voices_adds_up_too",
            ),
        ),
        migrations.AddConstraint(
            model_name="programmesnapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rule_version__lt", 2),
                    models.Q(
                        ("certain__lte", models.F("closer")),
                        ("possible__gte", models.F("closer")),
                        ("possible__lte", models.F("referred")),
                    ),
                    _connector="OR",
                ),
                name="programme_snapshot_lies_in_its_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="ratinground",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__lte", 62)),
                name="a_programme_has_at_most_62_rounds",
                violation_error_message="A programme has at most 62 rounds.",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="assessed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="youth",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assessments",
                to="youths.youth",
            ),
        ),
        migrations.AddField(
            model_name="observedfact",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="observedfact",
            name="taken_back_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="observedfact",
            name="youth",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="observed_facts",
                to="youths.youth",
            ),
        ),
        migrations.AddField(
            model_name="definition",
            name="partnership",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="definitions",
                to="partnerships.partnership",
            ),
        ),
        migrations.AddField(
            model_name="definition",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="definitions",
                to="partnerships.programme",
            ),
        ),
        migrations.AddField(
            model_name="partnershipprogress",
            name="definition",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="evaluation.definition",
            ),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="definition",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="evaluation.definition",
            ),
        ),
        migrations.AddField(
            model_name="youthprogress",
            name="definition",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="evaluation.definition",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnershipprogress",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rule_version__lt", 2),
                    (
                        "referred",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("seen_by_both"), "+", models.F("seen_by_youth")
                                    ),
                                    "+",
                                    models.F("seen_by_professionals"),
                                ),
                                "+",
                                models.F("seen_by_neither"),
                            ),
                            "+",
                            models.F("seen_by_unknown"),
                        ),
                    ),
                    _connector="OR",
                ),
                name="progress_by_voices_adds_up_too",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnershipprogress",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rule_version__lt", 2),
                    models.Q(
                        ("certain__lte", models.F("closer")),
                        ("possible__gte", models.F("closer")),
                        ("possible__lte", models.F("referred")),
                    ),
                    _connector="OR",
                ),
                name="progress_lies_in_its_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rule_version__lt", 2),
                    (
                        "referred",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("seen_by_both"), "+", models.F("seen_by_youth")
                                    ),
                                    "+",
                                    models.F("seen_by_professionals"),
                                ),
                                "+",
                                models.F("seen_by_neither"),
                            ),
                            "+",
                            models.F("seen_by_unknown"),
                        ),
                    ),
                    _connector="OR",
                ),
                name="snapshot_by_voices_adds_up_too",
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rule_version__lt", 2),
                    models.Q(
                        ("certain__lte", models.F("closer")),
                        ("possible__gte", models.F("closer")),
                        ("possible__lte", models.F("referred")),
                    ),
                    _connector="OR",
                ),
                name="snapshot_lies_in_its_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="an_assessment_has_a_reason",
                violation_error_message="Write what you have seen.",
            ),
        ),
        migrations.AddConstraint(
            model_name="observedfact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_on", None), ("ended_on__gte", models.F("began_on")), _connector="OR"
                ),
                name="a_fact_ends_after_it_began",
                violation_error_message="The last day is before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="observedfact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("weekly_hours", None),
                    models.Q(("weekly_hours__gte", 1), ("weekly_hours__lte", 37)),
                    _connector="OR",
                ),
                name="a_fact_has_1_to_37_hours_a_week",
                violation_error_message="Hours a week are between 1 and 37.",
            ),
        ),
        migrations.AddConstraint(
            model_name="observedfact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_back_at", None), ("taken_back_by", None)),
                    models.Q(("taken_back_at__isnull", False), ("taken_back_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_fact_is_taken_back_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="definition",
            constraint=models.UniqueConstraint(
                fields=("programme", "partnership", "version"),
                name="one_definition_of_each_version",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(RANGES, migrations.RunSQL.noop),
    ]
