"""How long before its two dates the school is reminded of the handover document."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partnerships", "0004_job_profile_permissions"),
    ]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="document_notice_days",
            field=models.PositiveSmallIntegerField(
                db_default=60,
                default=60,
                verbose_name="days before each of these dates when the school is reminded",
            ),
        ),
    ]
