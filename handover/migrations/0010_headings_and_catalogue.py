"""Headings inside the sections, the catalogue of labels, and the period of what was seen.

What is there already comes under the first heading of its section.
"""

import csv
from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from handover.models.catalogue import wording_index

DATA = Path(__file__).parents[1] / "data"
HEADINGS = [
    ("Direction", [("direction", "Career direction"), ("motivation", "Motivation")]),
    (
        "Competences",
        [
            ("vocational", "Vocational competences"),
            ("social", "Social competences"),
            ("personal", "Personal competences"),
            ("experience", "Work experience and practice periods"),
        ],
    ),
    (
        "Support needs and what works",
        [("need", "Support needs"), ("avoid", "What to avoid")],
    ),
    (
        "Social and mental conditions",
        [("social_conditions", "Social conditions"), ("mental_conditions", "Mental conditions")],
    ),
    ("Network and practical matters", [("network", "Network"), ("practical", "Practical matters")]),
]
SECTIONS = ("direction", "competences", "support", "health", "network")
IN_SECTION = Q()
for section, (_label, headings) in zip(SECTIONS, HEADINGS, strict=True):
    IN_SECTION |= Q(section=section, heading__in=[heading for heading, _words in headings])


# A running older release knows no headings: its rows come under the first of their section, too.
FIRST = {
    section: headings[0][0] for section, (_label, headings) in zip(SECTIONS, HEADINGS, strict=True)
}
WHENS = " ".join(f"WHEN '{section}' THEN '{heading}'" for section, heading in FIRST.items())
UNDER_A_HEADING = f"""
CREATE FUNCTION handover_first_heading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.heading := CASE NEW.section {WHENS} END;
    RETURN NEW;
END $$;
CREATE TRIGGER first_heading BEFORE INSERT ON handover_part
    FOR EACH ROW WHEN (NEW.heading = '') EXECUTE FUNCTION handover_first_heading();
CREATE TRIGGER first_heading BEFORE INSERT ON handover_sentpart
    FOR EACH ROW WHEN (NEW.heading = '') EXECUTE FUNCTION handover_first_heading();
"""
NOT_UNDER_A_HEADING = """
DROP TRIGGER first_heading ON handover_part;
DROP TRIGGER first_heading ON handover_sentpart;
DROP FUNCTION handover_first_heading();
"""


def rows(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def fill(apps, schema_editor):
    Part = apps.get_model("handover", "Part")
    SentPart = apps.get_model("handover", "SentPart")
    for section, heading in FIRST.items():
        Part.objects.filter(section=section).update(heading=heading)
        SentPart.objects.filter(section=section).update(heading=heading)
    for part in Part.objects.exclude(label="").iterator():
        Part.objects.filter(pk=part.pk).update(wording_index=wording_index(part.label))
    # What is outstanding for these rows bars a change of their table.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def load(apps, schema_editor):
    FfbSubtheme = apps.get_model("handover", "FfbSubtheme")
    subthemes = {
        row["subtheme"]: FfbSubtheme.objects.create(
            area=row["area"], theme=row["theme"], name=row["subtheme"]
        )
        for row in rows("ffb.csv")
    }
    CatalogueEntry = apps.get_model("handover", "CatalogueEntry")
    CatalogueEntry.objects.bulk_create(
        CatalogueEntry(
            heading=row["heading"],
            da=row["da"],
            en=row["en"],
            subtheme=subthemes.get(row["subtheme"]),
            position=position,
        )
        for position, row in enumerate(rows("catalogue.csv"), start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("handover", "0009_document_steps")]

    operations = [
        migrations.CreateModel(
            name="FfbSubtheme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("area", models.CharField(max_length=60, verbose_name="area")),
                ("theme", models.CharField(max_length=60, verbose_name="theme")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="sub-theme")),
            ],
            options={
                "verbose_name": "FFB sub-theme",
                "verbose_name_plural": "FFB sub-themes",
                "ordering": ["area", "theme", "name"],
            },
        ),
        migrations.CreateModel(
            name="CatalogueEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "heading",
                    models.CharField(choices=HEADINGS, max_length=20, verbose_name="heading"),
                ),
                ("da", models.CharField(max_length=80, verbose_name="words in Danish")),
                ("en", models.CharField(max_length=80, verbose_name="words in English")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
                (
                    "subtheme",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="handover.ffbsubtheme",
                        verbose_name="FFB sub-theme",
                    ),
                ),
            ],
            options={
                "verbose_name": "catalogue entry",
                "verbose_name_plural": "catalogue entries",
                "ordering": ["position", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("heading", "da"),
                        name="words_stand_once_under_a_heading",
                        violation_error_message="These words stand under this heading already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DismissedWording",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("index", models.CharField(max_length=64, unique=True)),
                ("dismissed_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            "part",
            "wording_index",
            models.CharField(
                blank=True, db_default="", db_index=True, editable=False, max_length=64
            ),
        ),
        *(
            operation
            for model in ("part", "sentpart")
            for operation in (
                migrations.AddField(
                    model,
                    "heading",
                    models.CharField(
                        choices=HEADINGS, db_default="", max_length=20, verbose_name="heading"
                    ),
                ),
                migrations.AddField(
                    model,
                    "entry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="handover.catalogueentry",
                        verbose_name="from the catalogue",
                    ),
                ),
                migrations.AddField(
                    model,
                    "seen_from",
                    models.DateField(blank=True, null=True, verbose_name="seen from"),
                ),
                migrations.AddField(
                    model,
                    "seen_to",
                    models.DateField(blank=True, null=True, verbose_name="seen until"),
                ),
            )
        ),
        migrations.RunSQL(UNDER_A_HEADING, NOT_UNDER_A_HEADING),
        migrations.RunPython(fill, migrations.RunPython.noop),
        *(
            migrations.AddConstraint(model, constraint)
            for model in ("part", "sentpart")
            for constraint in (
                models.CheckConstraint(
                    condition=IN_SECTION,
                    name=f"{model}_heading_stands_in_its_section",
                    violation_error_message="This heading belongs to another section.",
                ),
                models.CheckConstraint(
                    condition=Q(seen_from=None) | Q(seen_to=None) | Q(seen_from__lte=F("seen_to")),
                    name=f"{model}_period_ends_after_it_begins",
                    violation_error_message="The period ends before it begins.",
                ),
            )
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
