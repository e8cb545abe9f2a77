import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SECTIONS = [
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
    ("course", "Course and placements"),
    ("ratings", "Ratings"),
    ("placement", "One placement: first name, tasks, hours, contact person"),
    ("sharing", "Consents and legal bases"),
    ("reads", "Who has read"),
]
PURPOSES = [("course", "to plan the course together")]

# The text that stood on the page when consents had no text of their own, and what it meant.
FIRST_TEXT_DA = """\
Skolen har måske skrevet noget her, som er svært. Du bestemmer, om kommunen må læse det.

Hvis du siger ja, må kommunen læse det, så I kan planlægge dit forløb sammen. Virksomheder og \
projektledelsen får det ikke at se.

Du kan altid sige nej igen. Så kan kommunen ikke længere læse det her. Det, kommunen allerede har \
skrevet i sin egen sag, bliver stående der."""
FIRST_TEXT_EN = """\
The school has perhaps written something here that is hard. You decide whether the municipality \
may read it.

If you say yes, the municipality may read it, so that you can plan your course together. Companies \
and the project leadership do not see it.

You can always say no again. Then the municipality can no longer read it here. What it has already \
written in its own case stays there."""


def write_the_first_text(apps, schema_editor):
    """Version 1; every consent there is was given to it, on screen."""
    text = apps.get_model("youths.ConsentText").objects.create(
        purpose="course", number=1, text_da=FIRST_TEXT_DA, text_en=FIRST_TEXT_EN
    )
    apps.get_model("youths.Consent").objects.update(
        text=text,
        recorded_at=models.F("given_at"),
        withdrawn_by=models.Case(
            models.When(withdrawn_at__isnull=False, then=models.F("recorded_by"))
        ),
    )


def forget_the_texts(apps, schema_editor):
    """What the older table cannot say is not a consent there: answers that were no."""
    Consent = apps.get_model("youths.Consent")
    Consent.objects.filter(is_yes=False).delete()
    Consent.objects.filter(withdrawn_at=None, replaced_at__isnull=False).update(
        withdrawn_at=models.F("replaced_at"), withdrawn_by=models.F("recorded_by")
    )
    Consent.objects.update(text=None)
    apps.get_model("youths.ConsentText").objects.all().delete()


KEPT = """
CREATE FUNCTION only_its_end_is_added() RETURNS trigger AS $$
DECLARE
    ends text[] := COALESCE(TG_ARGV, '{}');
    one text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'what was decided about sharing is kept';
    END IF;
    IF to_jsonb(NEW) - ends <> to_jsonb(OLD) - ends THEN
        RAISE EXCEPTION 'what was decided about sharing is not rewritten';
    END IF;
    FOREACH one IN ARRAY ends LOOP
        IF to_jsonb(OLD) -> one <> 'null' AND to_jsonb(OLD) -> one <> to_jsonb(NEW) -> one THEN
            RAISE EXCEPTION 'what was decided about sharing ends once';
        END IF;
    END LOOP;
    RETURN NEW;
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER a_text_of_consent_is_never_changed
BEFORE UPDATE OR DELETE ON youths_consenttext
FOR EACH ROW EXECUTE FUNCTION only_its_end_is_added();
CREATE TRIGGER a_consent_is_kept
BEFORE UPDATE OR DELETE ON youths_consent
FOR EACH ROW EXECUTE FUNCTION only_its_end_is_added(
    'withdrawn_at', 'withdrawn_by_id', 'replaced_at'
);
CREATE TRIGGER a_legal_basis_is_kept
BEFORE UPDATE OR DELETE ON youths_legalbasis
FOR EACH ROW EXECUTE FUNCTION only_its_end_is_added('ended_at', 'ended_by_id');
"""
NOT_KEPT = """
DROP TRIGGER a_legal_basis_is_kept ON youths_legalbasis;
DROP TRIGGER a_consent_is_kept ON youths_consent;
DROP TRIGGER a_text_of_consent_is_never_changed ON youths_consenttext;
DROP FUNCTION only_its_end_is_added();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("youths", "0003_emergencies_and_read_log"),
        ("partnerships", "0003_legal_grounds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=PURPOSES,
                        default="course",
                        max_length=12,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "number",
                    models.PositiveSmallIntegerField(editable=False, verbose_name="version"),
                ),
                ("text_da", models.TextField(max_length=2000, verbose_name="text in Danish")),
                ("text_en", models.TextField(max_length=2000, verbose_name="text in English")),
                (
                    "in_use_from",
                    models.DateField(
                        default=django.utils.timezone.localdate, verbose_name="in use from"
                    ),
                ),
            ],
            options={
                "verbose_name": "text of consent",
                "verbose_name_plural": "texts of consent",
                "ordering": ["purpose", "-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("purpose", "number"),
                        name="one_text_for_each_version",
                        violation_error_message="This version is there already.",
                    )
                ],
            },
        ),
        migrations.AlterModelOptions(name="consent", options={"ordering": ["-pk"]}),
        migrations.RemoveConstraint(
            model_name="consent", name="one_consent_in_force_per_section_and_recipient"
        ),
        migrations.RenameField(model_name="consent", old_name="given_by", new_name="recorded_by"),
        migrations.AddField(
            model_name="consent",
            name="purpose",
            field=models.CharField(choices=PURPOSES, default="course", max_length=12),
        ),
        migrations.AddField(
            model_name="consent",
            name="text",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="youths.consenttext",
            ),
        ),
        migrations.AddField(
            model_name="consent", name="is_yes", field=models.BooleanField(default=True)
        ),
        migrations.AddField(
            model_name="consent",
            name="how",
            field=models.CharField(
                choices=[
                    ("screen", "On screen, by the young person"),
                    ("paper", "On paper"),
                    ("oral", "Said, and noted"),
                    ("guardian", "By a guardian"),
                ],
                default="screen",
                max_length=12,
                verbose_name="how it was given",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="note",
            field=models.CharField(
                blank=True,
                default="",
                max_length=300,
                verbose_name="where the paper is, or who was there",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="consent",
            name="recorded_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="consent",
            name="expires_on",
            field=models.DateField(blank=True, null=True, verbose_name="last day"),
        ),
        migrations.AddField(
            model_name="consent",
            name="withdrawn_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="consent", name="replaced_at", field=models.DateTimeField(null=True)
        ),
        # Rows that were just written have checks to come, for which ALTER TABLE does not wait.
        migrations.RunSQL(migrations.RunSQL.noop, "SET CONSTRAINTS ALL IMMEDIATE"),
        migrations.RunPython(write_the_first_text, forget_the_texts),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="consent",
            name="text",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="youths.consenttext",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaced_at", None), ("withdrawn_at", None)),
                fields=("youth", "organisation", "purpose", "section"),
                name="one_standing_answer_per_section_recipient_and_purpose",
                violation_error_message="This consent is in force already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                    models.Q(
                        ("is_yes", True),
                        ("withdrawn_at__isnull", False),
                        ("withdrawn_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="only_a_yes_is_taken_back_and_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("how", "screen"), models.Q(("note", ""), _negated=True), _connector="OR"
                ),
                name="a_consent_not_on_screen_says_where_it_is",
                violation_error_message="Write where the paper is, or who was there.",
            ),
        ),
        migrations.CreateModel(
            name="LegalBasis",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(choices=PURPOSES, default="course", max_length=12),
                ),
                ("section", models.CharField(choices=SECTIONS, max_length=20)),
                (
                    "reason",
                    models.TextField(max_length=1000, verbose_name="why it is necessary"),
                ),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_on", models.DateField(verbose_name="last day")),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ground",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnerships.legalground",
                        verbose_name="legal ground",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnerships.organisation",
                    ),
                ),
                (
                    "youth",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="legal_bases",
                        to="youths.youth",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["youth", "organisation", "section"],
                        name="legal_bases_that_stand",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="a_legal_basis_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ended_by", None)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_legal_basis_is_ended_by_somebody",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEPT, NOT_KEPT),
    ]
