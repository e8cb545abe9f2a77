from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("youths", "0005_read_samples"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="placement",
            options={
                "default_permissions": (),
                "ordering": ["-starts_on", "pk"],
                "permissions": [
                    ("view_placement", "view placement"),
                    ("view_job_profile", "view job_profile"),
                ],
            },
        ),
        migrations.AlterField(
            model_name="consent",
            name="section",
            field=models.CharField(
                choices=[
                    ("agreement", "Agreement and meetings"),
                    ("code", "The youth's code, without a name"),
                    ("counts", "Counts and progress"),
                    ("identity", "Name and contact"),
                    ("cpr", "CPR number"),
                    ("referral", "Referral"),
                    ("words", "Own words"),
                    ("direction", "Direction"),
                    ("competences", "Competences"),
                    ("support", "Support needs and what works"),
                    ("health", "Social and mental conditions"),
                    ("network", "Network and practical matters"),
                    ("job_profile", "Job profile and accommodations"),
                    ("course", "Course and placements"),
                    ("ratings", "Ratings"),
                    ("placement", "One placement: first name, tasks, hours, contact person"),
                    ("sharing", "Consents and legal bases"),
                    ("reads", "Who has read"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="legalbasis",
            name="section",
            field=models.CharField(
                choices=[
                    ("agreement", "Agreement and meetings"),
                    ("code", "The youth's code, without a name"),
                    ("counts", "Counts and progress"),
                    ("identity", "Name and contact"),
                    ("cpr", "CPR number"),
                    ("referral", "Referral"),
                    ("words", "Own words"),
                    ("direction", "Direction"),
                    ("competences", "Competences"),
                    ("support", "Support needs and what works"),
                    ("health", "Social and mental conditions"),
                    ("network", "Network and practical matters"),
                    ("job_profile", "Job profile and accommodations"),
                    ("course", "Course and placements"),
                    ("ratings", "Ratings"),
                    ("placement", "One placement: first name, tasks, hours, contact person"),
                    ("sharing", "Consents and legal bases"),
                    ("reads", "Who has read"),
                ],
                max_length=20,
            ),
        ),
    ]
