"""What a file that somebody attaches really is, and whether it is safe to hand on.

The content alone decides: never the name, never what the browser says. Nothing is unpacked to the
disk. docs/adr/0016 has the reasons.
"""

import re
import unicodedata
import zipfile
from io import BytesIO
from xml.parsers import expat  # a document type, with all its entities, is refused

from django.db import models
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageFile, ImageOps
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

AT_MOST = 10 * 1024 * 1024  # bytes
NAME_AT_MOST = 100  # characters
PIXELS_AT_MOST = 40_000_000  # a large camera's picture; 160 MB in memory
OBJECTS_AT_MOST = 50_000  # of a PDF
MEMBERS_AT_MOST = 1_000  # of a DOCX
UNPACKED_AT_MOST = 100 * 1024 * 1024  # bytes
RATIO_AT_MOST = 100  # of unpacked to packed; text packs to a tenth
RELATIONS_AT_MOST = 1024 * 1024  # bytes of one list of them


class Kind(models.TextChoices):
    PDF = "pdf", "PDF"
    PNG = "png", "PNG"
    JPG = "jpg", "JPG"
    DOCX = "docx", "DOCX"


CONTENT_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.PNG: "image/png",
    Kind.JPG: "image/jpeg",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class Unusable(Exception):
    """A file that is not taken; says why, and what would help."""


def check_size(size: int) -> None:
    """Raise Unusable for a file of no bytes, and for one of too many."""
    if not size:
        raise Unusable(_("The file is empty. Choose another one, or save it once more."))
    if size > AT_MOST:
        raise Unusable(_("The file is larger than 10 MB. Make it smaller, or send a part of it."))


def examine(content: bytes) -> tuple[Kind, bytes]:
    """What the file is, and the bytes to keep of it. Raises Unusable."""
    check_size(len(content))
    if content.startswith(b"%PDF-"):
        check_pdf(content)
        return Kind.PDF, content
    if content.startswith(b"PK\x03\x04"):
        check_docx(content)
        return Kind.DOCX, content
    for kind, beginning in ((Kind.PNG, b"\x89PNG\r\n\x1a\n"), (Kind.JPG, b"\xff\xd8\xff")):
        if content.startswith(beginning):
            return kind, drawn_again(content, kind)
    raise Unusable(
        _("This is not a PDF, PNG, JPG or DOCX, whatever its name says. Save it as one of them.")
    )


def shown_name(name: str, kind: str) -> str:
    """The name to show: no folders, nothing invisible, and the ending of what the file is."""
    name = re.split(r"[/\\]", name)[-1]
    # C: controls, and marks that turn the direction of the text.
    name = "".join(" " if unicodedata.category(one)[0] == "C" else one for one in name)
    name = re.sub(
        r"\.(pdf|png|jpe?g|docx|xlsx|csv)$", "", " ".join(name.split()), flags=re.IGNORECASE
    )
    return f"{name.strip(' .')[: NAME_AT_MOST - 5] or _('File')}.{kind}"


# -- Images --------------------------------------------------------------------------------


def drawn_again(content: bytes, kind: str) -> bytes:
    """The picture and nothing else: no place, camera, preview or comment, nor what came after it.

    Raises Unusable.
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint turns it on for the whole process
    try:
        with Image.open(BytesIO(content), formats=["PNG" if kind == Kind.PNG else "JPEG"]) as image:
            if image.width * image.height > PIXELS_AT_MOST:
                raise Unusable(_("The picture has too many pixels. Save it in a smaller size."))
            upright = ImageOps.exif_transpose(image)
            seen_through = kind == Kind.PNG and upright.has_transparency_data
            clean = upright.convert("RGBA" if seen_through else "RGB")
            clean.info = {}  # some of it would be written again
    except Unusable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise Unusable(_("The picture has too many pixels. Save it in a smaller size.")) from bomb
    except Exception as fault:  # a damaged picture fails in as many ways as there are bytes
        raise Unusable(_("The picture cannot be read. Save it once more.")) from fault
    kept = BytesIO()
    if kind == Kind.PNG:
        clean.save(kept, "PNG", optimize=False)
    else:
        clean.save(kept, "JPEG", quality=90)
    if kept.tell() > AT_MOST:
        raise Unusable(_("The picture is too large. Save it in a smaller size, or as JPG."))
    return kept.getvalue()


# -- PDF -----------------------------------------------------------------------------------

# What makes a document act, send, or carry another file. A link to a web page is none of them.
ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition"}
CARRIES = {"/JS", "/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent"}


def check_pdf(content: bytes) -> None:
    """Raise Unusable for a PDF that is locked, runs something, or has another file inside."""
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted:
            raise Unusable(_("The PDF has a password. Save it without, and attach it again."))
        acts = not reader.pages or _acts(reader)
    except Unusable:
        raise
    except Exception as fault:  # as above
        raise Unusable(
            _("The PDF cannot be read. Save it once more, or print it to PDF.")
        ) from fault
    if acts:
        raise Unusable(
            _("The PDF holds a program, a form that sends, or another file. Print it to PDF first.")
        )


def _acts(reader) -> bool:
    numbers = {number for entries in reader.xref.values() for number in entries}
    numbers |= set(reader.xref_objStm)
    if len(numbers) > OBJECTS_AT_MOST:
        raise Unusable(_("The PDF is made of too many pieces. Print it to PDF, or send a part."))
    waiting = [reader.trailer]
    for number in numbers:
        waiting.append(reader.get_object(IndirectObject(number, 0, reader)))
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            if CARRIES & set(one) or one.get("/S") in ACTIONS:
                return True
            waiting += [value for value in one.values() if not isinstance(value, IndirectObject)]
        elif isinstance(one, list):
            waiting += [value for value in one if not isinstance(value, IndirectObject)]
    return False


# -- DOCX ----------------------------------------------------------------------------------

NEEDED = {"[Content_Types].xml", "word/document.xml"}
PROGRAMS = re.compile(r"vba(project|data)|activex|oleobject|\.(exe|dll|js|vbs|bat|cmd|ps1)$")


def is_a_bomb(members, packed: int) -> bool:
    """Whether an archive of so many bytes says that it unpacks to far more than it should."""
    unpacked = sum(member.file_size for member in members)
    return (
        len(members) > MEMBERS_AT_MOST
        or unpacked > UNPACKED_AT_MOST
        or unpacked > RATIO_AT_MOST * packed
    )


class _Outside(Exception):
    """A relation that makes the reader's machine fetch something."""


def check_docx(content: bytes) -> None:
    """Raise Unusable for an archive that is no Word document, a bomb, or runs or fetches things."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            names = [member.filename for member in members]
            if is_a_bomb(members, len(content)):
                raise Unusable(_("The document unpacks to far more than it should."))
            if not set(names) >= NEEDED or len(names) != len(set(names)):
                raise Unusable(
                    _("This is not a Word document. Save it as DOCX, or print it to PDF.")
                )
            if any(member.flag_bits & 1 for member in members):
                raise Unusable(_("The document has a password. Save it without."))
            if any(PROGRAMS.search(name.lower()) for name in names) or (
                b"macroenabled" in archive.read("[Content_Types].xml").lower()
            ):
                raise Unusable(
                    _("The document holds a program (a macro). Save it as DOCX without macros.")
                )
            for member in members:
                if member.filename.lower().endswith(".rels"):
                    _check_relations(archive, member)
    except Unusable:
        raise
    except _Outside as outside:
        raise Unusable(
            _("The document fetches something from elsewhere. Print it to PDF first.")
        ) from outside
    except Exception as fault:  # as above
        raise Unusable(_("The document cannot be read. Save it once more.")) from fault


def _check_relations(archive, member):
    """Links that somebody clicks are ordinary; all else from outside is fetched unasked."""

    def refuse(*_args):
        raise _Outside

    def look(_name, attributes):
        kind = attributes.get("Type", "").rpartition("/")[2]
        if attributes.get("TargetMode", "").lower() == "external" and kind != "hyperlink":
            raise _Outside

    if member.file_size > RELATIONS_AT_MOST:
        raise _Outside
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = look
    parser.Parse(archive.read(member), True)
