"""A page's content with nothing left to press: what a preview shows of the real page."""

from html import escape
from html.parser import HTMLParser

from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

# What acts, leads somewhere, asks by itself, or takes the focus.
_ACTS = {
    "action",
    "autofocus",
    "download",
    "form",
    "formaction",
    "formmethod",
    "href",
    "method",
    "name",
    "ping",
    "popovertarget",
    "rel",
    "src",
    "srcdoc",
    "style",
    "target",
    "xlink:href",
}
_GOES = {"base", "embed", "iframe", "link", "meta", "object", "script", "style", "template"}
_FIELDS = {"fieldset", "input", "select", "textarea"}
_RENAMED = {"form": "div", "button": "span", "h1": "h2"}
_VOID = {"area", "br", "col", "hr", "img", "input", "source", "track", "wbr"}


def inert(html: str) -> str:
    """What stands in a whole page's <main>, to be read and opened out, but not acted on.

    Links stay where they are and lead nowhere, forms are no forms, fields are disabled, and a
    button is the picture of one.
    """
    parser = _Inert()
    parser.feed(html)
    parser.close()
    return mark_safe("".join(parser.written))  # noqa: S308  every text is escaped below


class _Inert(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.written = []
        self.inside = False
        self.skipping = []  # the tags that are left out, the outermost first

    def handle_starttag(self, tag, attrs, closed=False):
        if tag == "main":
            self.inside = True
            return
        if not self.inside:
            return
        if self.skipping or tag in _GOES:
            if tag not in _VOID and not closed:
                self.skipping.append(tag)
            return
        kept = {name: value for name, value in attrs if _stays(name)}
        if tag == "input" and kept.get("type") in ("hidden", "submit", "image"):
            return
        if tag in _FIELDS:
            kept["disabled"] = None
        button = tag == "button" or (tag == "a" and "button" in (kept.get("class") or "").split())
        if tag == "a" and not button:
            kept |= {"role": "link", "aria-disabled": "true"}
        if tag == "h1":
            kept["class"] = f"h1 {kept.get('class') or ''}".strip()
        if button:
            kept = {name: value for name, value in kept.items() if name in ("class", "id")}
        written = "".join(
            f" {name}" if value is None else f' {name}="{escape(value)}"'
            for name, value in kept.items()
        )
        self.written.append(f"<{_RENAMED.get(tag, tag)}{written}{' /' if closed else ''}>")
        if button:
            words = escape(_("Button in the preview:"))
            self.written.append(f'<span class="vv-sr">{words} </span>')

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs, closed=True)

    def handle_endtag(self, tag):
        if tag == "main":
            self.inside = False
        elif self.skipping:
            if tag in self.skipping:
                del self.skipping[self.skipping.index(tag) :]
        elif self.inside and tag not in _VOID:
            self.written.append(f"</{_RENAMED.get(tag, tag)}>")

    def handle_data(self, data):
        if self.inside and not self.skipping:
            self.written.append(escape(data))


def _stays(attribute: str) -> bool:
    """data-label is what a stacked table prints before its cells; no other data- is for reading."""
    if attribute.startswith("data-"):
        return attribute == "data-label"
    return attribute not in _ACTS and not attribute.startswith(("on", "hx-"))
