"""One contact for everybody in the course, and the database sees to it."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

import partnerships.encryption


def name_the_first_contacts(apps, schema_editor):
    """Whoever has been longest in the school's team, else in the municipality's, else who accepted.

    From now on: who it was before is not known here.
    """
    Youth = apps.get_model("youths", "Youth")
    Contact = apps.get_model("youths", "Contact")
    Referral = apps.get_model("youths", "Referral")
    today, oldest = timezone.localdate(), {}
    team = apps.get_model("partnerships", "Membership").objects.filter(
        role__in=("school", "caseworker"), starts_on__lte=today, user__is_active=True
    )
    team = team.exclude(ends_on__lt=today).order_by("-role", "starts_on", "pk")
    for partnership, user in team.values_list("partnership", "user"):
        oldest.setdefault(partnership, user)
    accepted = Referral.objects.filter(status="accepted")
    accepted = {row.youth_id: row.decided_by_id or row.proposed_by_id for row in accepted}
    contacts = []
    for youth in Youth.objects.filter(enrolled_on__isnull=False, left_on=None).order_by("code"):
        person = oldest.get(youth.partnership_id) or accepted.get(youth.pk)
        if person is None:
            raise RuntimeError(
                f"Nobody is in the team of {youth.code}, and no referral says who accepted. "
                "Put somebody in the team of the partnership, and migrate again."
            )
        contacts.append(Contact(youth=youth, person_id=person))
    Contact.objects.bulk_create(contacts)
    # What was written is checked now, so that the table can be changed in the same transaction.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [
        ("partnerships", "0012_reads_until"),
        ("youths", "0016_course"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("arrived", "A handover has arrived"),
                    ("reminder", "A handover waits for your answer"),
                    ("question", "A part of a handover has a question"),
                    ("cannot_use", "A part of a handover cannot be used"),
                    ("replied", "A question about a handover has its reply"),
                    ("accepted", "A handover is accepted"),
                    ("with_questions", "A handover is accepted with questions"),
                    ("returned", "A handover was returned for completion"),
                    ("declined", "A handover was declined"),
                    ("corrected", "The record of a first meeting was corrected"),
                    ("rate", "A round of rating waits for your answers"),
                    ("feedback", "There is feedback on a handover"),
                    ("contact_asked", "You are to take over as contact"),
                    ("contact_unmet", "You are the contact now: plan a meeting"),
                    ("contact_passed", "A contact has been passed on"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "youth",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="youths.youth",
                    ),
                ),
            ],
            options={
                "ordering": ["-began_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ContactChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "note",
                    partnerships.encryption.EncryptedTextField(
                        max_length=2000, verbose_name="what the next contact needs to know"
                    ),
                ),
                ("overlap_until", models.DateField(verbose_name="both are there until")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("met_on", models.DateField(null=True, verbose_name="day of the meeting")),
                ("passed_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="youths.contact",
                    ),
                ),
                (
                    "to_person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="the next contact",
                    ),
                ),
                (
                    "youth",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact_changes",
                        to="youths.youth",
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at", "-pk"],
            },
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["youth"], name="contacts_now"
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None), ("ended_at__gte", models.F("began_at")), _connector="OR"
                ),
                name="a_contact_ends_after_beginning",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("youth", "="),
                    (
                        models.Func(
                            models.F("began_at"),
                            models.F("ended_at"),
                            function="tstzrange",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="one_contact_at_a_time",
                violation_error_message="The young person has a contact already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactchange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("passed_at", None), ("withdrawn_at", None)),
                fields=("youth",),
                name="one_next_contact_at_a_time",
                violation_error_message="Somebody is to become the contact already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("note", ""), _negated=True),
                name="the_next_contact_gets_a_note",
                violation_error_message="Write what the next contact needs to know.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("passed_at", None), ("withdrawn_at", None), _connector="OR"),
                name="a_baton_is_passed_or_kept",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("met_on", None), ("passed_at__isnull", False), _connector="OR"),
                name="who_has_met_has_the_baton",
            ),
        ),
        migrations.RunPython(name_the_first_contacts, migrations.RunPython.noop),
        # With the course the contact ends, and who was asked to follow is not needed any more.
        # When a transaction ends, everybody in the course has one contact, and nobody else has.
        migrations.RunSQL(
            """
            CREATE FUNCTION end_the_contact_with_the_course() RETURNS trigger AS $$
            BEGIN
                IF NEW.enrolled_on IS NULL OR NEW.left_on IS NOT NULL THEN
                    UPDATE youths_contact SET ended_at = greatest(clock_timestamp(), began_at)
                    WHERE youth_id = NEW.id AND ended_at IS NULL;
                    UPDATE youths_contactchange SET withdrawn_at = clock_timestamp()
                    WHERE youth_id = NEW.id AND passed_at IS NULL AND withdrawn_at IS NULL;
                END IF;
                RETURN NULL;
            END
            $$ LANGUAGE plpgsql;
            CREATE TRIGGER a_contact_ends_with_the_course
            AFTER UPDATE OF enrolled_on, left_on ON youths_youth
            FOR EACH ROW EXECUTE FUNCTION end_the_contact_with_the_course();

            CREATE FUNCTION see_to_one_contact() RETURNS trigger AS $$
            DECLARE
                whose uuid[];
            BEGIN
                IF TG_TABLE_NAME = 'youths_youth' THEN
                    whose := ARRAY[NEW.id];
                ELSIF TG_OP = 'INSERT' THEN
                    whose := ARRAY[NEW.youth_id];
                ELSIF TG_OP = 'DELETE' THEN
                    whose := ARRAY[OLD.youth_id];
                ELSE
                    whose := ARRAY[OLD.youth_id, NEW.youth_id];
                END IF;
                IF EXISTS (
                    SELECT FROM youths_youth y WHERE y.id = ANY(whose)
                    AND (y.enrolled_on IS NOT NULL AND y.left_on IS NULL)::int <> (
                        SELECT count(*) FROM youths_contact c
                        WHERE c.youth_id = y.id AND c.ended_at IS NULL
                    )
                ) THEN
                    RAISE EXCEPTION 'everybody in the course has one contact, and nobody else has'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'one_contact_in_the_course';
                END IF;
                RETURN NULL;
            END
            $$ LANGUAGE plpgsql;
            CREATE CONSTRAINT TRIGGER one_contact_in_the_course
            AFTER INSERT OR UPDATE OF enrolled_on, left_on ON youths_youth
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION see_to_one_contact();
            CREATE CONSTRAINT TRIGGER one_contact_in_the_course
            AFTER INSERT OR UPDATE OR DELETE ON youths_contact
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION see_to_one_contact();
            """,
            """
            DROP TRIGGER one_contact_in_the_course ON youths_contact;
            DROP TRIGGER one_contact_in_the_course ON youths_youth;
            DROP FUNCTION see_to_one_contact();
            DROP TRIGGER a_contact_ends_with_the_course ON youths_youth;
            DROP FUNCTION end_the_contact_with_the_course();
            """,
        ),
    ]
