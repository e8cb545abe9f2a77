"""The files of a cut, from its tables: the same tables are the same bytes.

CSV for everybody, a workbook, .sav for SPSS, Stata and R, the codebook and the rules in words, and
the tables as JSON, which reports are made of. No file holds the moment it was written at, but that
of the cut.
"""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext as _

from evaluation.codebook import LANGUAGES, OF_PEOPLE, codebook, in_both, values_of
from partnerships import spreadsheets

DATA, CODEBOOK, RULES, README = "data.json", "codebook.csv", "rules.txt", "README.txt"
WORKBOOK, SUMS = "data.xlsx", "SHA256SUMS.txt"
# Where a .sav says when it was written: a day of nine letters, a time of eight.
WRITTEN = slice(92, 109)


def package(
    about: dict, tables: dict, described: dict, *, tell: Callable = lambda n: None
) -> dict[str, bytes]:
    """All files of a cut by name. `about` says the cut's name and when it was frozen."""
    frozen_at = datetime.fromisoformat(about["frozen_at"]).replace(tzinfo=None)
    headed = {
        name: [[column.name for column in described[name]], *tables[name]] for name in described
    }
    brought = brought_by(tables, described)
    book = codebook(described, brought)
    files = {
        CODEBOOK: spreadsheets.semicolons(book),
        RULES: rules_in_words(tables, described),
        DATA: _json(about, headed),
        **{f"{name}.csv": spreadsheets.semicolons(rows) for name, rows in headed.items()},
    }
    tell(60)
    files[WORKBOOK] = spreadsheets.workbook(
        about["cut"], {**headed, "codebook": book}, made=frozen_at
    )
    tell(80)
    for name in OF_PEOPLE:
        files[f"{name}.sav"] = _sav(described[name], tables[name], brought, about, frozen_at)
    files[README] = _readme(about, files)
    sums = "".join(f"{one['sha256']}  {one['name']}\n" for one in manifest_of(files))
    files[SUMS] = sums.encode()
    tell(95)
    return files


def manifest_of(files: dict[str, bytes]) -> list[dict]:
    """Name, size and fingerprint of each file."""
    return [
        {
            "name": name,
            "size": len(files[name]),
            "sha256": hashlib.sha256(files[name]).hexdigest(),
        }
        for name in sorted(files)
    ]


def rows_of(table: list[list]) -> list[dict]:
    """The rows of a table with headings, each by the names of its columns."""
    names, *rows = table
    return [dict(zip(names, row, strict=True)) for row in rows]


def brought_by(tables, described) -> dict[str, dict]:
    """The choices that the data itself names: value to its words in Danish and in English."""

    def rows(name):
        return rows_of([[column.name for column in described[name]], *tables[name]])

    indicators = {}
    for row in rows("indicators"):
        if row["audience"] == "professional" or row["indicator"] not in indicators:
            both = indicators.setdefault(row["indicator"], [row["name"]] * len(LANGUAGES))
            both[LANGUAGES.index(row["language"])] = row["name"]
    return {
        "indicator": indicators,
        "outcome": {row["outcome"]: [row["name"]] * 2 for row in rows("outcome_classes")},
        "partnership": {
            row["partnership"]: [f"{row['school']} · {row['municipality']}"] * 2
            for row in rows("partnerships")
        },
        "definition": {
            row["definition"]: [row["words_da"], row["words_en"]] for row in rows("definitions")
        },
    }


def rules_in_words(tables, described) -> bytes:
    """Every version of every definition, as people read it."""
    lines = []
    for row in rows_of([[c.name for c in described["definitions"]], *tables["definitions"]]):
        lines += [f"{row['definition']} ({row['in_force_from']})", "-" * 40]
        lines += [row["words_da"], "", row["words_en"], "", row["rule"], "", ""]
    return "\n".join(lines).encode()


def _json(about, headed) -> bytes:
    return json.dumps(
        {"about": about, "tables": headed}, ensure_ascii=False, sort_keys=True, indent=1
    ).encode()


def _sav(columns, rows, brought, about, frozen_at) -> bytes:
    """A table for SPSS, Stata and R: numbers with their words, in Danish."""
    import pandas  # only a cut needs it
    import pyreadstat

    data, labels, formats, measures = {}, {}, {}, {}
    for at, column in enumerate(columns):
        cells = [row[at] for row in rows]
        values = values_of(column, brought)
        said = {v: words[0] if isinstance(words, list) else in_both(words)[0]
                for v, words in values.items()}  # fmt: skip
        if values and not column.number:
            places = {value: place for place, value in enumerate(values, start=1)}
            cells = [places.get(cell) for cell in cells]
            said = {places[value]: words for value, words in said.items()}
        if values or column.number:
            data[column.name] = pandas.Series(cells, dtype="float64")
            formats[column.name] = "F8.1" if column.name == "weekly_hours" else "F8.0"
            measures[column.name] = "nominal" if values else "scale"
        else:
            data[column.name] = pandas.Series([cell or "" for cell in cells], dtype="object")
            measures[column.name] = "nominal"
        if values:
            labels[column.name] = {key: words[:120] for key, words in said.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.sav"
        pyreadstat.write_sav(
            pandas.DataFrame(data),
            path,
            file_label=about["cut"][:60],
            column_labels=[in_both(column.label)[0] for column in columns],
            variable_value_labels=labels,
            variable_format=formats,
            variable_measure=measures,
        )
        content = bytearray(path.read_bytes())
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    day = f"{frozen_at:%d} {months[frozen_at.month - 1]} {frozen_at:%y}"
    content[WRITTEN] = f"{day}{frozen_at:%H:%M:%S}".encode()
    return bytes(content)


def _readme(about, files) -> bytes:
    """What lies here and how it is read, in Danish and in English."""
    parts = []
    for language in LANGUAGES:
        with translation.override(language):
            parts += [
                _("ViVirk'R: pseudonymous data, frozen"),
                "",
                _("Cut: %(cut)s") % about,
                _("Frozen at: %(frozen_at)s") % about,
                "",
                _("One line in ratings is one answer: one voice on one indicator in one round. "
                  "The other tables of young people join it by the pseudonym."),
                _("What every variable and value means stands in codebook.csv, what a partnership "
                  "means by closer, version by version, in rules.txt."),
                _("The .csv files are UTF-8 with semicolons and a decimal point; in R: "
                  "readr::read_delim(file, delim = \";\"). The .sav files are for SPSS, Stata "
                  "(import spss) and R (haven::read_sav)."),
                _("A pseudonym is the same in every cut of this programme, and in no other "
                  "programme. Names, codes, birth dates and what anybody wrote are not here; days "
                  "of single persons are told as months. A rare combination can still point to "
                  "somebody: keep the files as you keep personal data."),
                _("A cut never changes. SHA256SUMS.txt has the fingerprint of each file."),
                "",
                "",
            ]  # fmt: skip
    parts += sorted(files)
    return "\n".join(parts).encode() + b"\n"


def zipped(files: dict[str, bytes]) -> bytes:
    """All files in one, without the moment of it."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)  # of 1980, whenever it is written
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            archive.writestr(entry, files[name])
    return made.getvalue()
