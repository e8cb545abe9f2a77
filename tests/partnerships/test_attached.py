"""What a file really is: by its content alone, and what is not taken."""

import io
import zipfile

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from partnerships import attached
from partnerships.attached import Kind, Unusable, examine, shown_name
from tests.factories import docx

GPS, DESCRIPTION, ORIENTATION = 0x8825, 0x010E, 0x0112

pytestmark = pytest.mark.usefixtures("english")


def picture(kind="PNG", size=(40, 20), mode="RGB", **saved) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, 128 if mode == "L" else None).save(made, kind, **saved)
    return made.getvalue()


def photograph() -> bytes:
    """As a telephone takes it: on its side, with the place, a text, and something behind it."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[DESCRIPTION] = "SKJULT"
    exif.get_ifd(GPS)[2] = (56.0, 9.0, 0.0)
    return picture("JPEG", exif=exif, comment=b"SKJULT") + b"SKJULT"


def pdf(change=lambda writer: None) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    change(writer)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def script():
    return DictionaryObject({NameObject("/S"): NameObject("/JavaScript")})


def action(kind, **entries):
    def change(writer):
        made = {NameObject("/S"): NameObject(kind)}
        made |= {NameObject(f"/{k}"): TextStringObject(v) for k, v in entries.items()}
        annotation = {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/A"): DictionaryObject(made),
        }
        writer.pages[0][NameObject("/Rest")] = writer._add_object(DictionaryObject(annotation))

    return change


def relations(kind, mode="External", target="https://192.0.2.1/x", before="") -> bytes:
    return docx(
        **{
            "word/_rels/document.xml.rels": f'{before}<Relationships><Relationship Id="r"'
            f' Type="http://x/{kind}" TargetMode="{mode}" Target="{target}"/></Relationships>'
        }
    )


class TestTaken:
    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (picture("PNG"), Kind.PNG),
            (picture("JPEG"), Kind.JPG),
            (pdf(), Kind.PDF),
            (docx(), Kind.DOCX),
        ],
        ids=lambda one: one if isinstance(one, str) else "",
    )
    def test_is_what_the_content_says(self, content, kind):
        found, kept = examine(content)
        assert found == kind
        assert kept == content or kind in (Kind.PNG, Kind.JPG)

    def test_a_photograph_loses_everything_but_the_picture_and_stands_upright(self):
        _kind, kept = examine(photograph())
        assert b"SKJULT" not in kept
        with Image.open(io.BytesIO(kept)) as image:
            assert image.size == (20, 40)
            assert not image.getexif()
            assert "comment" not in image.info

    @pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
    def test_any_kind_of_png(self, mode):
        kind, kept = examine(picture("PNG", mode=mode))
        assert kind == Kind.PNG
        with Image.open(io.BytesIO(kept)) as image:
            assert image.size == (40, 20)
            assert image.mode in ("RGB", "RGBA")

    def test_a_jpg_of_four_inks(self):
        assert examine(picture("JPEG", mode="CMYK"))[0] == Kind.JPG

    def test_a_link_to_click_is_ordinary(self):
        assert examine(pdf(action("/URI", URI="https://ligevaerd.dk")))[0] == Kind.PDF
        assert examine(relations("hyperlink"))[0] == Kind.DOCX
        assert examine(relations("image", mode="Internal"))[0] == Kind.DOCX


class TestRefused:
    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "is empty"),
            (b"x" * (attached.AT_MOST + 1), "larger than 10 MB"),
            (b"<html><script>alert(1)</script>", "not a PDF, PNG, JPG or DOCX"),
            (b"MZ\x90\x00 program", "not a PDF, PNG, JPG or DOCX"),
            (b"GIF89a" + b"\x00" * 20, "not a PDF, PNG, JPG or DOCX"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PDF, PNG, JPG or DOCX"),
            (b" %PDF-1.7", "not a PDF, PNG, JPG or DOCX"),
            (b"%PDF-1.7 nothing", "cannot be read"),
            (b"%PDF-", "cannot be read"),
            (b"\x89PNG\r\n\x1a\n nothing", "cannot be read"),
            (b"\xff\xd8\xff", "cannot be read"),
            (picture("PNG")[:60], "cannot be read"),
            (picture("JPEG", size=(400, 400))[:400], "cannot be read"),
            (b"PK\x03\x04 nothing", "cannot be read"),
        ],
    )
    def test_is_what_is_something_else_or_broken(self, content, why):
        with pytest.raises(Unusable, match=why):
            examine(content)

    @pytest.mark.parametrize("pixels", [(6_400, 6_400), (20_000, 5_000), (60_000, 60_000)])
    def test_is_a_picture_of_too_many_pixels_before_it_is_unpacked(self, monkeypatch, pixels):
        content = bytearray(picture("PNG", size=(1, 1)))
        content[16:24] = pixels[0].to_bytes(4, "big") + pixels[1].to_bytes(4, "big")
        monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("unpacked"))
        with pytest.raises(Unusable):  # by its size, or its sum, which is not that of its size
            examine(bytes(content))

    def test_is_a_picture_that_unpacks_to_gigabytes(self):
        with pytest.raises(Unusable, match="too many pixels"):
            examine(picture("PNG", size=(50_000, 1_000), mode="1"))

    @pytest.mark.parametrize(
        "change",
        [
            lambda w: w.root_object.update({NameObject("/OpenAction"): script()}),
            lambda w: w.add_attachment("x.exe", b"MZ"),
            action("/JavaScript", JS="app.alert(1)"),
            action("/Launch", F="cmd.exe"),
            action("/SubmitForm", F="https://192.0.2.1"),
        ],
    )
    def test_is_a_pdf_that_does_something(self, change):
        with pytest.raises(Unusable, match="a program, a form that sends, or another file"):
            examine(pdf(change))

    def test_is_a_pdf_with_a_password(self):
        with pytest.raises(Unusable, match="password"):
            examine(pdf(lambda w: w.encrypt("hemmelig", algorithm="RC4-128")))

    def test_is_a_pdf_of_too_many_pieces(self, monkeypatch):
        monkeypatch.setattr(attached, "OBJECTS_AT_MOST", 2)
        with pytest.raises(Unusable, match="too many pieces"):
            examine(pdf())

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (docx(**{"word/vbaProject.bin": "x"}), "macro"),
            (docx(**{"word/activeX/activeX1.xml": "x"}), "macro"),
            (docx(**{"word/embeddings/oleObject1.bin": "x"}), "macro"),
            (docx(**{"[Content_Types].xml": "application/vnd.ms-word.MacroEnabled"}), "macro"),
            (relations("attachedTemplate"), "from elsewhere"),
            (relations("image"), "from elsewhere"),
            (relations("image", mode="&#69;xternal"), "from elsewhere"),
            (relations("hyperlink", before="<!DOCTYPE x>"), "from elsewhere"),
            (relations("image", before="<"), "cannot be read"),
        ],
    )
    def test_is_a_document_that_runs_or_fetches_something(self, content, why):
        with pytest.raises(Unusable, match=why):
            examine(content)

    def test_is_another_archive(self):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("x.txt", "x")
        with pytest.raises(Unusable, match="not a Word document"):
            examine(made.getvalue())

    def test_is_an_archive_that_unpacks_to_far_more(self):
        made = io.BytesIO(docx())
        with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("word/media/x", b"\0" * 20_000_000)
        assert len(made.getvalue()) < 100_000
        with pytest.raises(Unusable, match="far more"):
            examine(made.getvalue())

    def test_is_an_archive_of_many_members(self):
        many = docx(**{f"word/{n}": "" for n in range(attached.MEMBERS_AT_MOST)})
        with pytest.raises(Unusable, match="far more"):
            examine(many)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Praktik på Møllehuset.pdf", "Praktik på Møllehuset.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        (r"C:\fakepath\bevis.PDF", "bevis.pdf"),
        ("a\r\nSet-Cookie: x\x00.pdf", "a Set-Cookie: x.pdf"),
        ("bevis\u202efdp.exe", "bevis fdp.exe.pdf"),
        ("bevis.html", "bevis.html.pdf"),
        ("", "File.pdf"),
        ("...", "File.pdf"),
        ("x" * 300, "x" * 95 + ".pdf"),
    ],
)
def test_the_name_that_is_shown_is_harmless(given, shown):
    assert shown_name(given, Kind.PDF) == shown
