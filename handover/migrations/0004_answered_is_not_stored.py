"""Whether everything is answered depends on what is disclosed today, so it is never stored."""

from django.db import migrations, models


def answered_was_sent(apps, schema_editor):
    apps.get_model("handover.HandoverProfile").objects.filter(status="answered").update(
        status="sent"
    )


class Migration(migrations.Migration):
    dependencies = [("handover", "0003_section_labels")]

    operations = [
        migrations.RunPython(answered_was_sent, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="handoverprofile",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("sent", "Sent"),
                    ("revised", "Revised since it was sent"),
                ],
                default="draft",
                max_length=10,
            ),
        ),
    ]
