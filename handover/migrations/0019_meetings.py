"""There is more than the first meeting: the tables stay as they are called, for a release beside."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import partnerships.encryption

MINUTES = partnerships.encryption.EncryptedTextField(
    blank=True, db_default="", default="", max_length=4000, verbose_name="what was said"
)


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0018_job_profiles_beside"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("FirstMeeting", "Meeting"),
                migrations.AlterModelTable("meeting", "handover_firstmeeting"),
                migrations.CreateModel(
                    name="MeetingPerson",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "meeting",
                            models.ForeignKey(
                                db_column="firstmeeting_id",
                                on_delete=django.db.models.deletion.CASCADE,
                                to="handover.meeting",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "handover_firstmeeting_people",
                        "unique_together": {("meeting", "user")},
                    },
                ),
                migrations.AlterField(
                    model_name="meeting",
                    name="people",
                    field=models.ManyToManyField(
                        related_name="+",
                        through="handover.MeetingPerson",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who took part",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="meeting",
            name="is_first",
            field=models.BooleanField(db_default=True),
        ),
        migrations.AddField(model_name="meeting", name="minutes", field=MINUTES),
        migrations.AddField(model_name="earlierrecord", name="minutes", field=MINUTES.clone()),
        migrations.CreateModel(
            name="MeetingPoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "of",
                    models.CharField(
                        choices=[
                            ("youth", "The young person"),
                            ("school", "The school"),
                            ("caseworker", "The job centre"),
                        ],
                        max_length=10,
                        verbose_name="whose point it is",
                    ),
                ),
                (
                    "words",
                    partnerships.encryption.EncryptedTextField(
                        max_length=300, verbose_name="what to speak about"
                    ),
                ),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="points",
                        to="handover.meeting",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True), name="a_point_has_words"
                    )
                ],
            },
        ),
    ]
