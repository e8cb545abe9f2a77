"""The young person reads along, answers part by part, and carries five things."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

import partnerships.encryption


def says_the_same(apps, schema_editor):
    """Where nothing has changed since it was sent, each copy says what its part says now."""
    Part = apps.get_model("handover.Part")
    revision = Part.objects.filter(pk=OuterRef("part")).values("revision")[:1]
    copies = apps.get_model("handover.SentPart").objects.filter(last_version=None)
    copies.filter(profile__status="sent").update(revision=Subquery(revision))


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0006_section_requests"),
        ("youths", "0007_sitting_together"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Carried",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("chosen_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="PartReaction",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                ("agrees", models.BooleanField(verbose_name="your answer")),
                (
                    "text",
                    partnerships.encryption.EncryptedTextField(
                        blank=True, max_length=2000, verbose_name="in own words"
                    ),
                ),
                ("given_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["revision", "given_at", "pk"],
            },
        ),
        migrations.AddField(
            model_name="handoverprofile",
            name="shown_to_youth_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="handoverprofile",
            name="shown_to_youth_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sentpart",
            name="revision",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.RunPython(says_the_same, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="handoverprofile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("shown_to_youth_at", None), ("shown_to_youth_by", None)),
                    models.Q(
                        ("shown_to_youth_at__isnull", False), ("shown_to_youth_by__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="a_draft_is_shown_by_somebody",
            ),
        ),
        migrations.AddField(
            model_name="carried",
            name="chosen_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="carried",
            name="part",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="handover.part",
            ),
        ),
        migrations.AddField(
            model_name="carried",
            name="sitting",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="youths.sitting",
            ),
        ),
        migrations.AddField(
            model_name="carried",
            name="words",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="youths.ownwords",
            ),
        ),
        migrations.AddField(
            model_name="carried",
            name="youth",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="carried",
                to="youths.youth",
            ),
        ),
        migrations.AddField(
            model_name="partreaction",
            name="given_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="partreaction",
            name="part",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reactions",
                to="handover.part",
            ),
        ),
        migrations.AddField(
            model_name="partreaction",
            name="sitting",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="youths.sitting",
            ),
        ),
        migrations.AddConstraint(
            model_name="carried",
            constraint=models.UniqueConstraint(
                fields=("youth", "position"), name="one_thing_in_each_place_of_the_first_page"
            ),
        ),
        migrations.AddConstraint(
            model_name="carried",
            constraint=models.UniqueConstraint(
                fields=("youth", "words"), name="words_are_carried_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="carried",
            constraint=models.UniqueConstraint(
                fields=("youth", "part"), name="a_part_is_carried_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="carried",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 1), ("position__lte", 5)),
                name="five_things_are_carried_at_most",
                violation_error_message="You can carry five things at most.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carried",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("part", None), ("words__isnull", False)),
                    models.Q(("part__isnull", False), ("words", None)),
                    _connector="OR",
                ),
                name="what_is_carried_is_a_saying_or_a_part",
            ),
        ),
        migrations.AddConstraint(
            model_name="partreaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("agrees", True), models.Q(("text", ""), _negated=True), _connector="OR"
                ),
                name="who_disagrees_says_why",
                violation_error_message="Write what does not fit. A few words are enough.",
            ),
        ),
    ]
