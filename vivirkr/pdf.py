"""A page of ours as a PDF: tagged for reading aloud (PDF/UA), its fonts inside, no network.

WeasyPrint and the libraries under it are loaded on first use: they take a second, and most
requests need none of them. docs/adr/0013 has the reasons.
"""

import functools
import io
import mimetypes
from threading import Lock
from urllib.parse import unquote, urljoin

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

# Addresses in the page are made complete with this; nobody has it.
NOWHERE = "https://vivirkr.invalid/"
# The layout library promises nothing about two threads in it at once.
_one_at_a_time = Lock()


class NoLayoutLibrary(Exception):
    """This machine lacks Pango, or what belongs to it."""


class NotOurs(Exception):
    """The page names a file that is not one of ours; then there is no PDF."""


@functools.cache
def _engine():
    try:
        from fontTools.ttLib import TTFont
        from weasyprint import HTML
        from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse
    except OSError as missing:
        raise NoLayoutLibrary from missing

    @functools.cache  # a few fonts, whose decompression takes half the time of a PDF
    def unpacked(name):
        with staticfiles_storage.open(name) as file:
            font = TTFont(file, recalcTimestamp=False)
            font.flavor = None
            font.save(plain := io.BytesIO())
        return plain.getvalue()

    class OurFiles(URLFetcher):
        """Our collected static files, from the disk; nothing else, whatever a text asks for."""

        def fetch(self, url, headers=None):
            ours = urljoin(NOWHERE, settings.STATIC_URL)
            if not url.startswith(ours):
                raise ValueError("not one of our static files")
            name = unquote(url.removeprefix(ours))
            if name.endswith(".woff2"):
                return URLFetcherResponse(url, unpacked(name), {"Content-Type": "font/ttf"})
            with staticfiles_storage.open(name) as file:
                kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
                return URLFetcherResponse(url, file.read(), {"Content-Type": kind})

    def lay_out(html):
        fetcher = OurFiles(fail_on_errors=True)
        try:
            page = HTML(string=html, base_url=NOWHERE, url_fetcher=fetcher)
            return page.write_pdf(pdf_variant="pdf/ua-1")
        except FatalURLFetchingError as refused:  # no Exception, so nobody else would catch it
            raise NotOurs from refused

    return lay_out


def is_possible() -> bool:
    """Whether this machine can make PDFs."""
    try:
        _engine()
    except NoLayoutLibrary:
        return False
    return True


def make(html: str) -> bytes:
    """The PDF of a whole HTML document, whose language and title become its own.

    Raises NoLayoutLibrary where the machine cannot, NotOurs where the page asks for a file from
    elsewhere.
    """
    lay_out = _engine()
    with _one_at_a_time:
        return lay_out(html)
