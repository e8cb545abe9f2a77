"""Translation catalogues without GNU gettext.

    python scripts/messages.py           collect the strings, merge them into locale/da, compile
    python scripts/messages.py --check   change nothing; list what is wrong and exit 1

English needs no catalogue: Django shows the source string, since from English, unlike from other
languages, it does not fall back to LANGUAGE_CODE. No settings or environment are needed.
"""

import argparse
import re
from collections import Counter
from io import BytesIO
from pathlib import Path

import polib
from babel.messages.extract import extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("vivirkr", "partnerships", "youths", "handover", "evaluation", "templates")
SUFFIXES = (".py", ".html", ".txt", ".svg")
CATALOGUE = Path("locale/da/LC_MESSAGES/django.po")
FORMS = 2  # singular and plural, in Danish
HEADER = {
    "Language": "da",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": f"nplurals={FORMS}; plural=(n != 1);",
}
KEYWORDS = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"], (1,)),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ((1, "c"), 2)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], ((1, "c"), 2, 3)),
}
# The group holds those without a name, whose order counts. A lone % is found as well: one that
# only the translation has would break its formatting.
PLACEHOLDER = re.compile(
    r"%%|(%[-#0+]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa]|\{(?:[!:][^{}]*)?\})"
    r"|%(?:\(\w+\)(?:[-#0+]*\d*(?:\.\d+)?[a-zA-Z])?)?|\{\w[^{}\s]*\}"
)
# Outside of strings, Python refuses white space such as a no-break space.
STRING_OR_SPACE = re.compile(r"""((["'])(?:\\.|(?!\2).)*\2)|[^\S\n]""")


def python_of(template, name):
    """Turn a template into calls of gettext, as makemessages does, that Python can tokenize."""
    code = STRING_OR_SPACE.sub(lambda match: match[1] or " ", templatize(template, origin=name))
    return f"({code}\n)"  # inside parentheses any indentation will do


def messages_of(path, name):
    """Return babel's (line, texts, comments, context) for each string of a file to translate."""
    code = path.read_text(encoding="utf-8")
    try:
        if path.suffix != ".py":
            code = python_of(code, name)
        return list(extract("python", BytesIO(code.encode()), KEYWORDS, ["Translators"]))
    except Exception as error:
        error.add_note(f"in {name}")
        raise


def key(entry):
    """Return what identifies a string, and where it stands in the catalogue."""
    return entry.msgid, entry.msgctxt or "", entry.msgid_plural


def source_entries(root):
    """Return an untranslated entry for each string of the project's own code, sorted."""
    entries = {}
    files = (path for folder in FOLDERS for path in (root / folder).rglob("*"))
    for path in sorted(path for path in files if path.suffix in SUFFIXES):
        name = path.relative_to(root).as_posix()
        for _, texts, comments, context in messages_of(path, name):
            msgid, plural = (texts, "") if isinstance(texts, str) else texts
            new = polib.POEntry(msgid=msgid, msgctxt=context)
            entry = entries.setdefault((msgid, context), new)
            entry.msgid_plural = entry.msgid_plural or plural
            entry.occurrences = sorted({*entry.occurrences, (name, "")})
            entry.comment = "\n".join(dict.fromkeys([*entry.comment.splitlines(), *comments]))
    return sorted(entries.values(), key=key)


def read(path):
    """Return a catalogue; an empty one where there is none yet."""
    return polib.pofile(str(path), encoding="utf-8") if path.exists() else polib.POFile()


def translations(entry):
    """Return the translation, or one for each plural form; "" where it is missing."""
    forms = [entry.msgstr_plural.get(form, "") for form in range(FORMS)]
    return forms if entry.msgid_plural else [entry.msgstr]


def update(root):
    """Merge the strings of the source into the catalogue, compile it, and count them."""
    path = root / CATALOGUE
    old, new = read(path), polib.POFile(encoding="utf-8")
    known = {key(entry): entry for entry in old if not entry.obsolete}
    new.header, new.metadata = old.header, HEADER
    for entry in source_entries(root):
        translated = known.get(key(entry), entry)
        if entry.msgid_plural:
            entry.msgstr_plural = dict(enumerate(translations(translated)))
        entry.msgstr, entry.tcomment = translated.msgstr, translated.tcomment
        entry.flags = ["fuzzy"] if translated.fuzzy else []
        new.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    new.save(str(path), newline="\n")
    path.with_suffix(".mo").write_bytes(new.to_binary())
    return f"{len(new)} strings, {len(new) - len(new.translated_entries())} to translate"


def shape(text):
    """Return what a translation shares with its source, by name."""
    found = list(PLACEHOLDER.finditer(text))
    return {
        "placeholders": ({match[0] for match in found}, [match[1] for match in found if match[1]]),
        "leading white space": text[: -len(text.lstrip())],
        "trailing white space": text[len(text.rstrip()) :],
    }


def entry_problems(entry):
    """Yield what is wrong with the translation of one string."""
    if entry.obsolete or entry.fuzzy:
        yield "obsolete" if entry.obsolete else "fuzzy"
    if entry.msgid_plural and set(entry.msgstr_plural) != set(range(FORMS)):
        yield "plural forms are missing"
    for form, text in enumerate(translations(entry)):
        # The singular may name the number or not: "One youth", "%(count)s youth".
        sources = [entry.msgid_plural or entry.msgid, *([] if form else [entry.msgid])]
        if not text.strip():
            yield "not translated"
            continue
        for name, value in shape(text).items():
            if value not in [shape(source)[name] for source in sources]:
                yield f"not the source's {name}: {text!r}"


def problems(root):
    """Return what is wrong with the catalogue, a line for each."""
    path = root / CATALOGUE
    try:
        catalogue = read(path)
    except OSError as error:
        return [str(error)]
    counts = Counter(key(entry) for entry in catalogue if not entry.obsolete)
    wanted = {key(entry) for entry in source_entries(root)}
    found = [(name, "missing from the catalogue") for name in wanted - counts.keys()]
    found += [(name, "no longer in the source") for name in counts.keys() - wanted]
    found += [(name, "twice in the catalogue") for name, count in counts.items() if count > 1]
    found += [(key(entry), what) for entry in catalogue for what in entry_problems(entry)]
    lines = [f"{' / '.join(filter(None, name))!r}: {what}" for name, what in sorted(found)]
    if catalogue.metadata.get("Plural-Forms") != HEADER["Plural-Forms"]:
        lines.append(f"{CATALOGUE}: no header Plural-Forms: {HEADER['Plural-Forms']}")
    mo = path.with_suffix(".mo")
    if not mo.exists() or mo.read_bytes() != catalogue.to_binary():
        lines.append(f"{CATALOGUE.with_suffix('.mo')}: not what the .po compiles to")
    return lines


def main(arguments=None, root=ROOT):
    """Run the script; return its exit status."""
    parser = argparse.ArgumentParser(description="Collect and compile, or check, translations.")
    parser.add_argument("--check", action="store_true", help="change nothing, list what is wrong")
    if not parser.parse_args(arguments).check:
        print(update(root))
        return 0
    lines = problems(root)
    print("\n".join(lines) or f"{len(read(root / CATALOGUE))} strings")
    return int(bool(lines))


if __name__ == "__main__":
    raise SystemExit(main())
