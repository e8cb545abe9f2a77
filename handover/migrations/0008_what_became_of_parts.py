"""What became of a part: opened, used, checked again; and the counts of a partnership."""

import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0007_the_young_person_takes_part"),
        ("partnerships", "0003_legal_grounds"),
        ("youths", "0005_read_samples"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PartCheck",
            fields=[
                (
                    "sent_part",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="check_made",
                        serialize=False,
                        to="handover.sentpart",
                    ),
                ),
                ("checked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "checked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PartOpening",
            fields=[
                (
                    "sent_part",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="opening",
                        serialize=False,
                        to="handover.sentpart",
                    ),
                ),
                ("first_opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnerships.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PartnershipKnowledge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("delivered", models.PositiveIntegerField(default=0)),
                ("opened", models.PositiveIntegerField(default=0)),
                ("acknowledged", models.PositiveIntegerField(default=0)),
                ("used", models.PositiveIntegerField(default=0)),
                ("never_opened", models.PositiveIntegerField(default=0)),
                ("stale_since", models.DateTimeField(null=True)),
                ("computed_at", models.DateTimeField(null=True)),
                (
                    "partnership",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="knowledge",
                        to="partnerships.partnership",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("stale_since__isnull", False)),
                        fields=["stale_since"],
                        name="knowledge_to_recompute",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("delivered__gte", models.F("opened")),
                            ("opened__gte", models.F("acknowledged")),
                            ("acknowledged__gte", models.F("used")),
                            (
                                "delivered__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("opened"), "+", models.F("never_opened")
                                ),
                            ),
                        ),
                        name="what_is_used_was_acknowledged_opened_and_delivered",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PartUse",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "placement",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="part_uses",
                        to="youths.placement",
                    ),
                ),
                (
                    "sent_part",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="handover.sentpart",
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("placement__isnull", False)),
                        name="a_use_has_exactly_one_target",
                    ),
                    models.UniqueConstraint(
                        fields=("sent_part", "placement"), name="a_part_is_used_once_in_a_placement"
                    ),
                ],
            },
        ),
    ]
