"""What the pages draw: icons, status lines, form fields, page links; charts.py has the charts.

Registered as a builtin of the template engine, so no template loads it. The tags are pure: they
ask no database and know no rule of the domain. docs/interface-components.md has a line of usage
for each. Numbers in SVG attributes are strings made here, so that no localisation reaches them.
"""

import copy
import datetime as dt
from itertools import pairwise

from crispy_forms.helper import FormHelper
from django import forms, template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from partnerships import spreadsheets

register = template.Library()

# -- Icons ---------------------------------------------------------------------------------

_LINE = (
    'fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round"'
)
_RING = '<circle cx="8" cy="8" r="6.8" fill="#fff" stroke="currentColor" stroke-width="2"/>'
_PICT = (
    'fill="none" stroke="currentColor" stroke-width="3" '
    'stroke-linecap="round" stroke-linejoin="round"'
)
# Name: side of the square view box, and what is drawn in it.
ICONS = {
    # Shapes of the status line: colour only repeats what shape and words say.
    "done": (
        16,
        '<circle cx="8" cy="8" r="8" fill="currentColor"/><path d="M4.5 8.3l2.4 2.4 4.6-5" '
        'fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/>',
    ),
    "part": (16, _RING + '<path d="M8 1.2a6.8 6.8 0 0 1 0 13.6z" fill="currentColor"/>'),
    "open": (16, _RING),
    "today": (
        18,
        '<path d="M9 1l8 8-8 8-8-8z" fill="#fff" stroke="currentColor" stroke-width="2"/>'
        '<path d="M9 5.5l3.5 3.5L9 12.5 5.5 9z" fill="currentColor"/>',
    ),
    "ask": (
        16,
        '<path d="M8 .8L15.2 8 8 15.2.8 8z" fill="#fff" stroke="currentColor" '
        'stroke-width="1.8"/><path d="M6.3 6.5c0-1 .7-1.7 1.7-1.7s1.7.6 1.7 1.5c0 1.3-1.7 1.3-1.7 '
        '2.6" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/>'
        '<circle cx="8" cy="11" r=".9" fill="currentColor"/>',
    ),
    "held": (
        16,
        '<rect x="2" y="7" width="12" height="8" rx="1.5" fill="currentColor"/>'
        '<path d="M4.7 7V5a3.3 3.3 0 0 1 6.6 0v2" fill="none" stroke="currentColor" '
        'stroke-width="2"/>',
    ),
    "wait": (
        16,
        _RING + '<path d="M8 4v4.3l2.8 1.7" fill="none" stroke="currentColor" stroke-width="1.8" '
        'stroke-linecap="round"/>',
    ),
    "late": (16, '<path d="M8 1.5 15.2 14.5H.8Z" fill="currentColor"/>'),
    "no": (
        16,
        _RING + '<path d="M3.6 12.4l8.8-8.8" stroke="currentColor" stroke-width="2"/>',
    ),
    "failed": (16, '<path d="m3 3 10 10M13 3 3 13" stroke="currentColor" stroke-width="2"/>'),
    "write": (
        16,
        '<path d="M2 14l1-4 8-8 3 3-8 8Z" fill="none" stroke="currentColor" stroke-width="1.8"/>',
    ),
    # Things to do and to look at.
    "eye": (
        20,
        '<path d="M1.5 10S4.5 4.5 10 4.5 18.5 10 18.5 10 15.5 15.5 10 15.5 1.5 10 1.5 10z" '
        'fill="none" stroke="currentColor" stroke-width="1.8"/>'
        '<circle cx="10" cy="10" r="2.6" fill="currentColor"/>',
    ),
    "talk": (20, f'<path d="M2.5 3.5h15v10h-8l-4 3.5v-3.5h-3z" {_LINE}/>'),
    "info": (
        20,
        '<circle cx="10" cy="10" r="8.2" fill="none" stroke="currentColor" stroke-width="1.8"/>'
        '<path d="M10 9v5" stroke="currentColor" stroke-width="2"/>'
        '<circle cx="10" cy="6" r="1.2" fill="currentColor"/>',
    ),
    "arrow": (20, f'<path d="M3 10h13M11 5l5 5-5 5" {_LINE}/>'),
    "chevron": (20, f'<path d="M7.5 4l6 6-6 6" {_LINE}/>'),
    "search": (
        20,
        f'<circle cx="8.5" cy="8.5" r="5.5" {_LINE}/><path d="M12.8 12.8 17.5 17.5" {_LINE}/>',
    ),
    "print": (
        20,
        f'<path d="M5.5 7V2.5h9V7M5.5 14.500h-3V7h15v7.500h-3M5.5 12h9v5.500h-9Z" {_LINE}/>',
    ),
    "download": (20, f'<path d="M10 2.500v10M5.500 8.500 10 13l4.500-4.500M3 17.500h14" {_LINE}/>'),
    "save": (
        20,
        f'<path d="M3 3h11l3 3v11H3Z" {_LINE}/><path d="M6 3v4.500h6V3M6.500 17v-5.500h7V17" '
        f"{_LINE}/>",
    ),
    "speak": (
        20,
        '<path d="M2 7.500h3.500L10 3.500v13L5.500 12.500H2Z" fill="currentColor"/>'
        f'<path d="M13 7a4 4 0 0 1 0 6M15 4a8 8 0 0 1 0 12" {_LINE}/>',
    ),
    "people": (
        20,
        '<circle cx="7" cy="6" r="3.200" fill="currentColor"/><path d="M1 16.500c0-4 2.500-6 6-6s6 '
        '2 6 6Z" fill="currentColor"/><circle cx="14.500" cy="7" r="2.500" fill="currentColor"/>'
        '<path d="M14.800 16.500H19c0-3.600-1.700-5.500-4.500-5.500-.6 0-1.200.1-1.700.3 1.300 '
        '1.300 2 3 2 5.200Z" fill="currentColor"/>',
    ),
    # On the employer's page.
    "look": (
        32,
        f'<path d="M2 16s5-9 14-9 14 9 14 9-5 9-14 9S2 16 2 16Z" {_LINE}/>'
        f'<circle cx="16" cy="16" r="4" {_LINE}/>',
    ),
    "person": (
        32,
        f'<circle cx="16" cy="10" r="6" {_LINE}/><path d="M4 28c0-7 5-10 12-10s12 3 12 10" '
        f"{_LINE}/>",
    ),
    "clock": (32, f'<circle cx="16" cy="16" r="12" {_LINE}/><path d="M16 9v7l5 3" {_LINE}/>'),
    "calendar": (
        32,
        f'<rect x="4" y="6" width="24" height="22" rx="2" {_LINE}/>'
        f'<path d="M4 13h24M11 3v6M21 3v6" {_LINE}/>',
    ),
    "seat": (
        32,
        '<circle cx="16" cy="10" r="6" fill="currentColor"/>'
        '<path d="M4 29c0-7 5-11 12-11s12 4 12 11Z" fill="currentColor"/>',
    ),
    "seat-free": (
        32,
        '<g fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="3 2.4">'
        '<circle cx="16" cy="10" r="6"/><path d="M4 29c0-7 5-11 12-11s12 4 12 11Z"/></g>',
    ),
    # Pictograms of the youth's round, and of empty pages.
    "unsure": (
        56,
        f'<g {_PICT}><circle cx="28" cy="28" r="21"/><path d="M21.5 22.5c0-4 3-6.5 6.7-6.5 3.8 0 '
        '6.600 2.400 6.600 6 0 5-6.800 5.400-6.800 10.500"/>'
        '<path d="M28 40v.2" stroke-width="4"/></g>',
    ),
    "thinking": (
        56,
        f'<g {_PICT}><path d="M18 38a9 9 0 0 1-2-17.700A12 12 0 0 1 39 17a10.500 10.500 0 0 1 1 '
        '21Z"/><path d="M21 29v.2M28.500 29v.2M36 29v.2" stroke-width="4.500"/>'
        '<path d="M15 44v.2M10 50v.2" stroke-width="5"/></g>',
    ),
    "ideas": (
        56,
        f'<g {_PICT}><path d="M28 52V6M18 52h20"/><path d="M28 10h15l6 5.500-6 5.500H28ZM28 '
        '25H13l-6 5.500 6 5.500h15Z"/></g>',
    ),
    "almost": (
        56,
        f'<g {_PICT}><path d="M6 48c10 0 9-9 18-9s7-9 15-9" stroke-dasharray="1 7" '
        'stroke-width="4"/><path d="M41 38V8M41 9l-14 5.500 14 5.500"/></g>',
    ),
    "sure": (
        56,
        f'<g {_PICT}><path d="M10 52V6"/><path d="M10 8h34l-7 9.500 7 9.500H10"/>'
        '<path d="m18 17.500 4.500 4.500 8-8.500"/></g>',
    ),
    "thanks": (
        96,
        '<g fill="none" stroke="currentColor" stroke-width="4" stroke-linecap="round" '
        'stroke-linejoin="round"><circle cx="48" cy="52" r="28"/><path d="m35 53 9 9 17-19"/>'
        '<path d="M48 6v8M16 18l6 6M80 18l-6 6M4 50h6M86 50h6"/></g>',
    ),
    "cup": (
        72,
        f'<g {_PICT}><path d="M16 34h34v14a12 12 0 0 1-12 12H28a12 12 0 0 1-12-12ZM50 38h4a7 7 0 0 '
        '1 0 14h-4M10 66h46"/><path d="M26 26c0-5 5-5 5-10s-4-5-4-9M40 26c0-5 5-5 5-10s-4-5-4-9"/>'
        "</g>",
    ),
}


@register.simple_tag
def icon(name, label="", css=""):
    """One icon, drawn in place.

    Without a label it is decoration, hidden from read-aloud. Raises KeyError for an unknown name.
    """
    size, body = ICONS[name]
    said = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html(
        '<svg class="vv-icon{}" viewBox="0 0 {} {}" {} focusable="false">{}</svg>',
        f" {css}" if css else "",
        str(size),
        str(size),
        said,
        mark_safe(body),  # noqa: S308  # from ICONS above
    )


# -- Words and status ----------------------------------------------------------------------


@register.inclusion_tag("components/status.html")
def status(shape, text, url="", note=""):
    """A shape and words. `shape` is a name from the first group of ICONS."""
    look = {"late": "wait", "failed": "stop"}.get(shape, shape)
    return {"shape": shape, "look": look, "text": text, "url": url, "note": note}


@register.inclusion_tag("components/crumbs.html")
def crumbs(*parts):
    """The way here: label, address, label, address, ..., and last the page's own label."""
    pairs = list(zip(parts[:-1:2], parts[1:-1:2], strict=True))
    return {"pairs": pairs, "current": parts[-1]}


@register.inclusion_tag("components/words.html")
def words(text, by="", size=""):
    """The youth's own words. Nobody else's text gets this look. `size`: "", "small" or "top"."""
    return {"text": text, "by": by, "size": size}


@register.inclusion_tag("components/audience.html")
def audience(seen_by, not_seen_by="", note=""):
    """Who will see what is being written. Each is a text or a list of names."""
    return {"seen_by": _listed(seen_by), "not_seen_by": _listed(not_seen_by), "note": note}


def _listed(names):
    if isinstance(names, (list, tuple)):
        return get_text_list([str(name) for name in names], pgettext("last in a list", "and"))
    return names


@register.inclusion_tag("components/empty.html")
def empty_state(title, text="", url="", label="", icon="cup", level=2):
    """An empty list says what to do. `url` and `label` make the next step a link."""
    return {
        "title": title,
        "text": text,
        "url": url,
        "label": label,
        "icon": icon,
        "level": str(level),
    }


@register.inclusion_tag("components/conflict.html")
def conflict(rows, by, at):
    """Somebody else saved meanwhile. `rows`: dicts with label and theirs; `at`: a datetime.

    Stands above the form, which keeps what this person typed.
    """
    return {"rows": rows, "by": by, "at": at}


@register.simple_block_tag
def savebar(content, url="", saved_at=None, note="", name="save"):
    """The bar that stays in view below a long form; the content is its buttons.

    `url` is where the form saves itself (see docs/interface-components.md, "Saving while
    typing"); `saved_at` a datetime or None; `note` stands behind the time, such as the version.
    """
    return template.loader.render_to_string(
        "components/savebar.html",
        {"content": content, "url": url, "saved_at": saved_at, "note": note, "name": name},
    )


# -- The bridging line ---------------------------------------------------------------------

COLUMNS, NARROWEST = 24, 4


@register.inclusion_tag("components/bridge.html")
def bridge(stops, today=None, label=""):
    """The dates of the transition on a line, with today put in where it belongs.

    `stops`: dicts with on (a date), title, text, and shape where it doesn't follow from the date.
    The distances follow the dates, in 24ths of the width, and none is too narrow for its words.
    """
    today = today or timezone.localdate()
    now = {"on": today, "title": _("Today"), "text": date_format(today), "shape": "today"}
    marks = sorted(
        [{"shape": "done" if stop["on"] <= today else "open", **stop} for stop in stops] + [now],
        key=lambda stop: (stop["on"], stop["shape"] == "today"),
    )
    for mark, width in zip(marks, spans([mark["on"] for mark in marks]), strict=True):
        mark["width"] = str(width)
        mark["past"] = mark["on"] < today
    return {"stops": marks, "label": label or _("The dates of the transition")}


def spans(days: list[dt.date]) -> list[int]:
    """Columns of 24 that each date takes up to the next; the last one takes the least."""
    gaps = [max((later - day).days, 0) for day, later in pairwise(days)]
    least = min(NARROWEST, COLUMNS // max(len(days), 1))
    free = COLUMNS - least * len(days)
    whole = sum(gaps) or 1
    widths = [least + free * gap // whole for gap in gaps] + [least]
    widths[gaps.index(max(gaps)) if gaps else 0] += COLUMNS - sum(widths)
    return widths


# -- Lists ---------------------------------------------------------------------------------


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context, page, parameter="page"):
    """Links to the other pages of a list; nothing where there is one page."""
    query = context["request"].GET.copy()

    def link(number):
        query[parameter] = str(number)
        return "?" + query.urlencode()

    paginator = page.paginator
    return {
        "page": page,
        "several": paginator.num_pages > 1,
        "previous": link(page.previous_page_number()) if page.has_previous() else "",
        "next": link(page.next_page_number()) if page.has_next() else "",
        "pages": [
            {"number": number, "url": link(number) if isinstance(number, int) else ""}
            for number in paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
        ],
    }


@register.inclusion_tag("components/files.html", takes_context=True)
def files(context, count, note=""):
    """Below a list of `count` rows: links that save all its pages as a file, filters kept."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    most, urls = spreadsheets.MOST_ROWS, {}
    for kind in spreadsheets.FORMATS:
        query["format"] = kind
        urls[kind] = f"?{query.urlencode()}"
    return {"too_many": count > most, "most": most, "note": note, **urls}


@register.filter
def sorted_as(column):
    """The value of aria-sort for a column of a table that can be sorted."""
    if not column.is_ordered:
        return "none"
    return "descending" if column.order_by_alias.is_descending else "ascending"


# -- Forms (used by templates/fds) ---------------------------------------------------------

# What the browser's own field is, and the value it wants whatever the language.
_NATIVE = (
    (forms.DateTimeInput, "datetime-local", "%Y-%m-%dT%H:%M"),
    (forms.DateInput, "date", "%Y-%m-%d"),
    (forms.TimeInput, "time", "%H:%M"),
)


@register.simple_tag
def fds_widget(field):
    """The field's widget with the design system's classes and the browser's own date field."""
    widget = field.field.widget
    native = next(((kind, form) for cls, kind, form in _NATIVE if isinstance(widget, cls)), None)
    if native:
        widget = copy.copy(widget)
        widget.input_type, widget.format = native
    if isinstance(widget, forms.CheckboxInput):
        look = "form-checkbox"
    elif isinstance(widget, forms.FileInput):
        look = "vv-file"
    elif isinstance(widget, forms.Select) and not isinstance(widget, forms.RadioSelect):
        look = "form-select"
    else:
        look = "form-input"
    if native or isinstance(widget, forms.NumberInput):
        look += " vv-narrow"
    css = f"{look} {widget.attrs.get('class', '')}".strip()
    # No placeholder: it goes when one types, and the label has said it. No maxlength: a browser
    # drops the end of a pasted text without a word, where the server says it is too long.
    attrs = {"class": css, "placeholder": False, "maxlength": False}
    return field.as_widget(widget=widget, attrs=attrs)


@register.filter
def fds_kind(field):
    """How a field is laid out: hidden, checkbox, radios, checkboxes, several or one."""
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checkboxes"
    if isinstance(widget, forms.RadioSelect):
        return "radios"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    return "several" if isinstance(widget, (forms.MultiWidget, forms.SelectDateWidget)) else "one"


@register.filter
def fds_look(field):
    """The look of a group of choices: plain, scale, choice or answer; from `data-look`."""
    return field.field.widget.attrs.get("data-look", "plain")


@register.simple_tag
def fds_choices(field):
    """The choices of a group as dicts, with the hints and icons that the widget carries.

    A widget may have `hints` and `icons`, dicts by value (as text): a line below the label, and
    the name of an icon.
    """
    widget = field.field.widget
    hints, icons = getattr(widget, "hints", {}), getattr(widget, "icons", {})
    found = []
    for option in field.subwidgets:
        data = option.data
        value = str(data["value"])
        found.append(
            {
                "id": data["attrs"].get("id", ""),
                "type": data["type"],
                "name": data["name"],
                "value": value,
                "label": data["label"],
                "checked": data["selected"],
                "disabled": bool(data["attrs"].get("disabled")),
                "required": bool(data["attrs"].get("required")),
                "step": value if value.isdigit() else "–",
                "unrated": not value.isdigit(),
                "hint": hints.get(value, ""),
                "icon": icons.get(value, ""),
            }
        )
    return found


@register.simple_tag
def fds_errors(form_or_formset):
    """What the error summary lists: dicts with label, text and the id of the field to go to."""
    if hasattr(form_or_formset, "management_form"):
        found = _general(form_or_formset.non_form_errors())
        for form in form_or_formset.forms:
            found += fds_errors(form)
        return found
    form = form_or_formset
    found = _general(form.non_field_errors())
    for field in form:
        if field.is_hidden:
            found += _general(field.errors)
            continue
        target = field.id_for_label
        if not target and field.subwidgets:
            target = field.subwidgets[0].data["attrs"].get("id", field.auto_id)
        label = str(field.label)
        if not label.endswith(("?", "!", ".", ":")):
            label += ":"
        found += [{"label": label, "text": error, "id": target} for error in field.errors]
    return found


def _general(errors):
    return [{"label": "", "text": error, "id": ""} for error in errors]


@register.inclusion_tag("components/filters.html", takes_context=True)
def filters(context, form, label=""):
    """A form of filters above a list: asks by address, marks nothing as optional."""
    helper = FormHelper()
    helper.form_method = "get"
    helper.form_tag = False
    helper.disable_csrf = True
    helper.show_optional = False
    return {
        "form": form,
        "helper": helper,
        "label": label or _("Narrow the list"),
        "active": form.is_bound and any(field.data for field in form),
        "path": context["request"].path,
    }
