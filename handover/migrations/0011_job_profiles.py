import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import partnerships.encryption

# Encrypted texts may be put under another key; the seal says that they are still the same words.
KEPT = """
CREATE FUNCTION an_approved_text_is_kept() RETURNS trigger AS $$
DECLARE
    ends text[] := ARRAY['replaced_at', 'withdrawn_at'];
    sealed text[] := ARRAY['job', 'can', 'works', 'together_with'];
    one text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'what was approved is kept';
    END IF;
    IF to_jsonb(NEW) - ends - sealed <> to_jsonb(OLD) - ends - sealed THEN
        RAISE EXCEPTION 'what was approved is not rewritten';
    END IF;
    FOREACH one IN ARRAY ends LOOP
        IF to_jsonb(OLD) -> one <> 'null' AND to_jsonb(OLD) -> one <> to_jsonb(NEW) -> one THEN
            RAISE EXCEPTION 'what was approved ends once';
        END IF;
    END LOOP;
    RETURN NEW;
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER an_approved_text_is_kept
BEFORE UPDATE OR DELETE ON handover_approvedjobprofile
FOR EACH ROW EXECUTE FUNCTION an_approved_text_is_kept();
"""
NOT_KEPT = """
DROP TRIGGER an_approved_text_is_kept ON handover_approvedjobprofile;
DROP FUNCTION an_approved_text_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0010_headings_and_catalogue"),
        ("youths", "0007_sitting_together"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApprovedJobProfile",
            fields=[
                (
                    "job",
                    partnerships.encryption.EncryptedTextField(
                        blank=True, max_length=80, verbose_name="type of job"
                    ),
                ),
                (
                    "can",
                    partnerships.encryption.EncryptedTextField(
                        blank=True, max_length=2000, verbose_name="what the young person can"
                    ),
                ),
                (
                    "works",
                    partnerships.encryption.EncryptedTextField(
                        blank=True, max_length=2000, verbose_name="what works at work"
                    ),
                ),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("job_profile_id", models.UUIDField()),
                ("youth_id", models.UUIDField()),
                ("placement_id", models.UUIDField(null=True)),
                ("number", models.PositiveSmallIntegerField()),
                ("seal", models.CharField(max_length=64)),
                (
                    "how",
                    models.CharField(
                        choices=[("own", "On my own"), ("together", "Together with somebody")],
                        max_length=8,
                    ),
                ),
                (
                    "together_with",
                    partnerships.encryption.EncryptedTextField(blank=True, max_length=120),
                ),
                ("approved_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("replaced_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-number"],
                "indexes": [models.Index(fields=["youth_id"], name="approved_texts_of_a_youth")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("job_profile_id", "number"), name="one_approved_text_per_number"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at", None), ("withdrawn_at", None)),
                        fields=("job_profile_id",),
                        name="one_approved_text_at_a_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at", None), ("withdrawn_at", None)),
                        fields=("placement_id",),
                        name="one_approved_text_for_a_placement",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("how", "own"), ("together_with", "")),
                            models.Q(
                                ("how", "together"), models.Q(("together_with", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="who_was_there_has_a_name",
                        violation_error_message="Write who you read it with.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JobProfile",
            fields=[
                (
                    "job",
                    partnerships.encryption.EncryptedTextField(
                        blank=True, max_length=80, verbose_name="type of job"
                    ),
                ),
                (
                    "can",
                    partnerships.encryption.EncryptedTextField(
                        blank=True, max_length=2000, verbose_name="what the young person can"
                    ),
                ),
                (
                    "works",
                    partnerships.encryption.EncryptedTextField(
                        blank=True, max_length=2000, verbose_name="what works at work"
                    ),
                ),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Being written"),
                            ("asked", "The young person is asked"),
                            ("approved", "Approved"),
                            ("declined", "The young person said no"),
                            ("withdrawn", "Taken back by the young person"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "asked_as",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("school", "School staff"),
                            ("caseworker", "Caseworker"),
                            ("employer", "Employer"),
                            ("lead", "Project leadership"),
                            ("evaluator", "Evaluator"),
                            ("admin", "Programme administrator"),
                            ("controller", "Data controller"),
                        ],
                        max_length=20,
                    ),
                ),
                ("asked_at", models.DateTimeField(null=True)),
                (
                    "comment",
                    partnerships.encryption.EncryptedTextField(
                        blank=True, max_length=600, verbose_name="what should be different"
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("unheard_since", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "placement",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="job_profile",
                        to="youths.placement",
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
                        related_name="job_profiles",
                        to="youths.youth",
                    ),
                ),
            ],
            options={
                "ordering": ["-written_at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("job", ""), ("placement__isnull", False)),
                            models.Q(("placement", None), models.Q(("job", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_job_profile_is_for_a_placement_or_a_type_of_job",
                        violation_error_message="Choose a placement, or write a type of job.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "draft"),
                            models.Q(
                                ("asked_at__isnull", False),
                                models.Q(("asked_as", ""), _negated=True),
                                models.Q(("can", ""), ("works", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="what_is_asked_about_has_words_and_somebody_who_asked",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "draft"),
                            models.Q(("answered_at", None), ("status", "asked")),
                            models.Q(
                                models.Q(("status", "asked"), _negated=True),
                                ("answered_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="an_answer_has_a_time",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEPT, NOT_KEPT),
    ]
