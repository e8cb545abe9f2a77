import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partnerships", "0002_acting_and_narrowing")]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="consent_months",
            field=models.PositiveSmallIntegerField(
                default=12, verbose_name="months that a consent or a legal basis lasts at most"
            ),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(("consent_months__gte", 1)),
                name="a_consent_lasts_a_month_or_more",
                violation_error_message="A consent lasts at least one month.",
            ),
        ),
        migrations.CreateModel(
            name="LegalGround",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="order")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "law",
                    models.CharField(max_length=200, verbose_name="where it stands in the law"),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grounds",
                        to="partnerships.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "legal ground",
                "verbose_name_plural": "legal grounds",
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "position"),
                        name="one_legal_ground_in_each_place",
                        violation_error_message="Another legal ground has this place.",
                    )
                ],
            },
        ),
    ]
