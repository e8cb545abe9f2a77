"""The Danish catalogue is complete, and scripts/messages.py finds what would make it incomplete."""

import importlib.util
import re
from datetime import date
from pathlib import Path

import polib
import pytest
from django import forms
from django.utils import translation
from django.utils.formats import date_format

ROOT = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("messages_script", ROOT / "scripts/messages.py")
messages = importlib.util.module_from_spec(spec)
spec.loader.exec_module(messages)

PYTHON = """
from django.utils.translation import gettext_lazy as _, ngettext

# Translators: a button
SEND = _("Send to the job centre")
OF = _("%(done)s of {all} steps, %d left\\n")
YOUTHS = ngettext("One youth", "%(count)s youths", 2)
"""
TEMPLATE = """{% load i18n %}
<main>
      <p>\N{NO-BREAK SPACE}{% translate "Waiting on me" %} isn't</p>
   {# Translators: above the list #}
   {% blocktranslate trimmed %}
     Due {{ day }},
     it's 100% "sure"
   {% endblocktranslate %}
  {{ name|default:_("Nobody\N{NO-BREAK SPACE}yet") }}
</main>
{% translate "May" context "month" %}
{% blocktranslate count n=all %}{{ n }} case{% plural %}{{ n }} cases{% endblocktranslate %}
"""
DANISH = {
    "Send to the job centre": "Send til jobcenteret",
    "%(done)s of {all} steps, %d left\n": "%(done)s af {all} trin, %d tilbage\n",
    "One youth": ("Én ung", "%(count)s unge"),
    "Waiting on me": "Venter på mig",
    'Due %(day)s, it\'s 100%% "sure"': "Frist %(day)s, 100 %% sikkert",
    "Nobody\N{NO-BREAK SPACE}yet": "Ingen endnu",
    "May": "maj",
    "%(n)s case": ("%(n)s sag", "%(n)s sager"),
}


@pytest.fixture
def project(tmp_path):
    """A small project whose catalogue is complete."""
    for name, text in {"youths/views.py": PYTHON, "templates/youths/list.html": TEMPLATE}.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    messages.update(tmp_path)
    catalogue = polib.pofile(str(tmp_path / messages.CATALOGUE))
    for entry in catalogue:
        if entry.msgid_plural:
            entry.msgstr_plural = dict(enumerate(DANISH[entry.msgid]))
        else:
            entry.msgstr = DANISH[entry.msgid]
    catalogue.save()
    messages.update(tmp_path)
    return tmp_path


def replace(path, old, new):
    """Replace a text that stands once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_danish_is_complete():
    """Every string of the project has a sound Danish translation, compiled."""
    found = messages.problems(ROOT)
    assert not found, "\n".join([*found, "scripts/messages.py merges and compiles."])


def test_gettext_goes_by_names_that_are_collected():
    """A string in a call by any other name would stay English, and not count as missing."""
    paths = [path for folder in messages.FOLDERS for path in (ROOT / folder).rglob("*.py")]
    names = {
        name
        for path in paths
        for name in re.findall(r"import \w*gettext\w* as (\w+)", path.read_text(encoding="utf-8"))
    }
    assert names == {"_"}


def test_english_shows_the_source_though_danish_is_the_default():
    """In English no catalogue, Django's, another package's or ours, changes a source string."""
    with translation.override("en"):
        for entry in messages.source_entries(ROOT):
            if entry.msgctxt:
                shown = translation.pgettext(entry.msgctxt, entry.msgid)
            else:
                shown = translation.gettext(entry.msgid)
            assert shown == entry.msgid
            if entry.msgid_plural and not entry.msgctxt:
                shown = translation.ngettext(entry.msgid, entry.msgid_plural, 2)
                assert shown == entry.msgid_plural


@pytest.mark.parametrize(
    ("language", "long", "short", "written"),
    [
        ("da", "11. juni 2026", "11.06.2026", ["11.06.2026", "11-06-2026", "2026-06-11"]),
        ("en", "11 June 2026", "11 Jun 2026", ["11/06/2026", "11.06.2026", "2026-06-11"]),
    ],
)
def test_a_day_is_never_taken_for_a_month(language, long, short, written):
    """Neither shown nor typed, in English as in Danish: no American dates."""
    with translation.override(language):
        assert date_format(date(2026, 6, 11)) == long
        assert date_format(date(2026, 6, 11), "SHORT_DATE_FORMAT") == short
        for text in written:
            assert forms.DateField(localize=True).clean(text) == date(2026, 6, 11)


def test_strings_of_python_and_templates_are_collected(project):
    """Of both kinds of files, with plural, context, translators' comment and file."""
    entries = {entry.msgid: entry for entry in messages.source_entries(project)}
    assert entries.keys() == DANISH.keys()
    assert list(entries) == sorted(entries)
    assert entries["One youth"].msgid_plural == "%(count)s youths"
    assert entries["%(n)s case"].msgid_plural == "%(n)s cases"
    assert entries["May"].msgctxt == "month"
    assert entries["Send to the job centre"].comment == "Translators: a button"
    assert entries["Send to the job centre"].occurrences == [("youths/views.py", "")]
    due = entries['Due %(day)s, it\'s 100%% "sure"']
    assert due.comment == "Translators: above the list"


@pytest.mark.parametrize("suffix", ["", "_lazy"])
def test_djangos_functions_are_known(suffix, tmp_path):
    """With and without _lazy."""
    (tmp_path / "youths").mkdir()
    (tmp_path / "youths/texts.py").write_text(
        f'gettext{suffix}("a")\nngettext{suffix}("b", "bs", 1)\npgettext{suffix}("c", "d")\n'
        f'npgettext{suffix}("e", "f", "fs", 1)\n'
    )
    found = [messages.key(entry) for entry in messages.source_entries(tmp_path)]
    assert found == [("a", "", ""), ("b", "", "bs"), ("d", "c", ""), ("f", "e", "fs")]


def test_a_complete_catalogue_passes(project, capsys):
    """And the check says how many strings there are."""
    assert messages.main(["--check"], project) == 0
    assert capsys.readouterr().out == "8 strings\n"


def test_a_second_run_changes_nothing(project):
    """Neither the catalogue nor its compiled file."""
    path = project / messages.CATALOGUE
    before = path.read_bytes(), path.with_suffix(".mo").read_bytes()
    messages.main([], project)
    assert (path.read_bytes(), path.with_suffix(".mo").read_bytes()) == before


def test_translations_are_kept_and_vanished_strings_removed(project):
    """What stays keeps its translation; what is new has none."""
    replace(project / "youths/views.py", "Send to the job centre", "Send to the school")
    assert messages.update(project) == "8 strings, 1 to translate"
    catalogue = polib.pofile(str(project / messages.CATALOGUE))
    texts = {entry.msgid: entry.msgstr for entry in catalogue}
    assert "Send to the job centre" not in texts
    assert texts["Send to the school"] == ""
    assert texts["Waiting on me"] == "Venter på mig"
    assert not catalogue.obsolete_entries()


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('_("Send', '_("Sent', ["missing from the catalogue", "no longer in the source"]),
        ('"%(count)s youths"', '"%(count)s people"', ["missing from the", "no longer in the"]),
    ],
)
def test_a_changed_source_is_found(project, old, new, found, capsys):
    """Its new string is missing, its old one is left over, and nothing is written."""
    replace(project / "youths/views.py", old, new)
    before = (project / messages.CATALOGUE).read_bytes()
    assert messages.main(["--check"], project) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(found)
    assert all(any(what in line for line in lines) for what in found)
    assert (project / messages.CATALOGUE).read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("Venter på mig", "", "not translated"),
        ('msgid "Waiting on me"', '#, fuzzy\nmsgid "Waiting on me"', "fuzzy"),
        ('msgid "Waiting on me"\nmsgstr', '#~ msgid "Waiting on me"\n#~ msgstr', "obsolete"),
        ("%(done)s af", "%(antal)s af", "the source's placeholders"),
        ("%(done)s af", "%(done) af", "the source's placeholders"),
        ("%(done)s af", "af", "the source's placeholders"),
        ("%d tilbage", "%s tilbage", "the source's placeholders"),
        ("af {all}", "af {alle}", "the source's placeholders"),
        ("100 %% sikkert", "100 % sikkert", "the source's placeholders"),
        ("%(n)s sager", "sager", "the source's placeholders"),
        ("%d tilbage\\n", "%d tilbage", "the source's trailing white space"),
        ('"Venter', '" Venter', "the source's leading white space"),
        ('msgstr[1] "%(n)s sager"\n', "", "plural forms are missing"),
        ('msgstr[1] "%(n)s sager"', 'msgstr[1] ""', "not translated"),
        ("nplurals=2", "nplurals=1", "Plural-Forms"),
        ('msgid "May"', 'msgid "May"\nmsgstr ""\n\nmsgctxt "month"\nmsgid "May"', "twice"),
        ('msgstr "maj"', "<<<<<<< HEAD", "Syntax error"),
    ],
)
def test_a_fault_in_the_catalogue_is_found(project, old, new, found):
    """Each by its name, also where the compiled file is up to date."""
    path = project / messages.CATALOGUE
    replace(path, old, new)
    if found != "Syntax error":
        path.with_suffix(".mo").write_bytes(polib.pofile(str(path)).to_binary())
    assert any(found in line for line in messages.problems(project))


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"")])
def test_a_stale_compiled_file_is_found(project, spoil):
    """Missing, or other than what the catalogue compiles to."""
    spoil((project / messages.CATALOGUE).with_suffix(".mo"))
    assert messages.problems(project) == [
        "locale/da/LC_MESSAGES/django.mo: not what the .po compiles to"
    ]


def test_a_changed_translation_must_be_compiled(project):
    """An edited catalogue alone does not reach the users."""
    replace(project / messages.CATALOGUE, "Venter på mig", "Det venter på mig")
    assert len(messages.problems(project)) == 1
    messages.update(project)
    assert messages.problems(project) == []


def test_without_strings_there_is_an_empty_catalogue(tmp_path):
    """A project may start with none."""
    assert messages.update(tmp_path) == "0 strings, 0 to translate"
    assert messages.problems(tmp_path) == []


def test_a_template_that_cannot_be_read_is_named(tmp_path):
    """So that it can be found."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/a.html").write_text(
        "{% blocktranslate %}{% if x %}{% endblocktranslate %}"
    )
    with pytest.raises(SyntaxError, match=r"templates/a\.html"):
        messages.problems(tmp_path)
