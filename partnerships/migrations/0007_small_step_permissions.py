from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("partnerships", "0006_handover_deadlines"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="partnership",
            options={
                "default_permissions": (),
                "ordering": ["school__name", "municipality__name"],
                "permissions": [
                    ("view_agreement", "view agreement"),
                    ("change_agreement", "change agreement"),
                    ("view_code", "view code"),
                    ("view_counts", "view counts"),
                    ("view_identity", "view identity"),
                    ("change_identity", "change identity"),
                    ("view_cpr", "view cpr"),
                    ("change_cpr", "change cpr"),
                    ("view_referral", "view referral"),
                    ("change_referral", "change referral"),
                    ("answer_referral", "answer referral"),
                    ("view_words", "view words"),
                    ("change_words", "change words"),
                    ("view_direction", "view direction"),
                    ("change_direction", "change direction"),
                    ("answer_direction", "answer direction"),
                    ("view_competences", "view competences"),
                    ("change_competences", "change competences"),
                    ("answer_competences", "answer competences"),
                    ("view_support", "view support"),
                    ("change_support", "change support"),
                    ("answer_support", "answer support"),
                    ("view_health", "view health"),
                    ("change_health", "change health"),
                    ("answer_health", "answer health"),
                    ("override_health", "override health"),
                    ("view_network", "view network"),
                    ("change_network", "change network"),
                    ("answer_network", "answer network"),
                    ("view_job_profile", "view job_profile"),
                    ("change_job_profile", "change job_profile"),
                    ("view_course", "view course"),
                    ("change_course", "change course"),
                    ("step_course", "step course"),
                    ("view_ratings", "view ratings"),
                    ("change_ratings", "change ratings"),
                    ("view_sharing", "view sharing"),
                    ("change_sharing", "change sharing"),
                    ("view_reads", "view reads"),
                ],
                "verbose_name": "partnership",
                "verbose_name_plural": "partnerships",
            },
        ),
    ]
