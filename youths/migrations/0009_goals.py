"""Goals of the course, their small steps, and what became of both."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import partnerships.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("youths", "0008_notices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Goal",
            fields=[
                (
                    "words",
                    partnerships.encryption.EncryptedTextField(
                        max_length=300, verbose_name="the goal"
                    ),
                ),
                (
                    "owner",
                    models.CharField(
                        choices=[
                            ("youth", "The young person"),
                            ("school", "The school"),
                            ("caseworker", "The job centre"),
                        ],
                        max_length=10,
                        verbose_name="whose it is to do",
                    ),
                ),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due")),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "lane",
                    models.CharField(
                        choices=[
                            ("job", "Towards a job"),
                            ("skills", "Skills"),
                            ("health", "Health"),
                            ("social", "Social life"),
                        ],
                        max_length=8,
                        verbose_name="what it is about",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Under way"),
                            ("reached", "Reached"),
                            ("dropped", "Dropped"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                (
                    "dropped_because",
                    partnerships.encryption.EncryptedTextField(
                        blank=True, max_length=600, verbose_name="why it was dropped"
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "owner_person",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
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
                        related_name="goals",
                        to="youths.youth",
                    ),
                ),
            ],
            options={
                "ordering": ["set_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SmallStep",
            fields=[
                (
                    "owner",
                    models.CharField(
                        choices=[
                            ("youth", "The young person"),
                            ("school", "The school"),
                            ("caseworker", "The job centre"),
                        ],
                        max_length=10,
                        verbose_name="whose it is to do",
                    ),
                ),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due")),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "words",
                    partnerships.encryption.EncryptedTextField(
                        max_length=200, verbose_name="the small step"
                    ),
                ),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("done_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "goal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="youths.goal",
                    ),
                ),
                (
                    "owner_person",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["added_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="GoalEvent",
            fields=[
                (
                    "words",
                    partnerships.encryption.EncryptedTextField(
                        max_length=300, verbose_name="the goal"
                    ),
                ),
                (
                    "owner",
                    models.CharField(
                        choices=[
                            ("youth", "The young person"),
                            ("school", "The school"),
                            ("caseworker", "The job centre"),
                        ],
                        max_length=10,
                        verbose_name="whose it is to do",
                    ),
                ),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due")),
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
                            ("set", "Goal set"),
                            ("changed", "Goal changed"),
                            ("reached", "Goal reached"),
                            ("dropped", "Goal dropped"),
                            ("taken_up", "Goal taken up again"),
                            ("step_added", "Small step added"),
                            ("step_done", "Small step done"),
                            ("step_undone", "Small step not done after all"),
                            ("step_withdrawn", "Small step taken off the list"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "lane",
                    models.CharField(
                        choices=[
                            ("job", "Towards a job"),
                            ("skills", "Skills"),
                            ("health", "Health"),
                            ("social", "Social life"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", partnerships.encryption.EncryptedTextField(blank=True, max_length=600)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "goal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="youths.goal",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner_person",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="youths.smallstep",
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.CheckConstraint(
                condition=models.Q(("words", ""), _negated=True), name="a_goal_has_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True), ("closed_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="a_goal_that_is_not_open_was_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state", "dropped"), models.Q(("dropped_because", ""), _negated=True)
                    ),
                    models.Q(
                        models.Q(("state", "dropped"), _negated=True), ("dropped_because", "")
                    ),
                    _connector="OR",
                ),
                name="a_goal_is_dropped_for_a_reason",
                violation_error_message="Write why the goal is dropped.",
            ),
        ),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("owner_person", None),
                    models.Q(("owner", "youth"), _negated=True),
                    _connector="OR",
                ),
                name="who_is_named_for_a_goal_is_of_a_team",
                violation_error_message="Only somebody of the school or the job centre is named.",
            ),
        ),
        migrations.AddConstraint(
            model_name="smallstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("words", ""), _negated=True), name="a_small_step_has_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="smallstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("done_by", None)),
                    models.Q(("done_at__isnull", False), ("done_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_small_step_is_done_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="smallstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("owner_person", None),
                    models.Q(("owner", "youth"), _negated=True),
                    _connector="OR",
                ),
                name="who_is_named_for_a_small_step_is_of_a_team",
                violation_error_message="Only somebody of the school or the job centre is named.",
            ),
        ),
        # What became of a goal is written once; new keys seal the same words anew.
        migrations.RunSQL(
            """
            CREATE FUNCTION keep_the_history_of_a_goal() RETURNS trigger AS $$
            BEGIN
                IF TG_OP = 'DELETE' OR to_jsonb(NEW) - ARRAY['words', 'reason']
                    <> to_jsonb(OLD) - ARRAY['words', 'reason']
                THEN
                    RAISE EXCEPTION 'the history of a goal is not rewritten';
                END IF;
                RETURN NEW;
            END
            $$ LANGUAGE plpgsql;
            CREATE TRIGGER the_history_of_a_goal_is_append_only
            BEFORE UPDATE OR DELETE ON youths_goalevent
            FOR EACH ROW EXECUTE FUNCTION keep_the_history_of_a_goal();
            """,
            """
            DROP TRIGGER the_history_of_a_goal_is_append_only ON youths_goalevent;
            DROP FUNCTION keep_the_history_of_a_goal();
            """,
        ),
    ]
