"""The search in the list of partnerships, and a field for a file."""

import django_filters as filters
from django import forms
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from partnerships.attached import Unusable, check_size, examine, shown_name
from partnerships.models import Partnership
from partnerships.sheets import ROWS_AT_MOST, read


class PartnershipFilter(filters.FilterSet):
    """Finds a partnership by a part of its school's or municipality's name."""

    q = filters.CharFilter(label=_("Search by school or municipality"), method="search")

    class Meta:
        model = Partnership
        fields = ()

    def search(self, queryset, name, value):
        return queryset.filter(
            Q(school__name__icontains=value) | Q(municipality__name__icontains=value)
        )


class CheckedFile(forms.FileField):
    """A file whose content says what it is: its name, its kind, and the bytes to keep of it."""

    def __init__(self, **kwargs):
        given = {
            "label": _("File"),
            "help_text": _(
                "PDF, PNG, JPG or DOCX, 10 MB at most. A picture loses its place and time."
            ),
            "allow_empty_file": True,  # said in our own words, below
            "error_messages": {"required": _("Choose a file.")},
            "widget": forms.FileInput(
                attrs={"class": "vv-file", "accept": ".pdf,.png,.jpg,.jpeg,.docx"}
            ),
        }
        super().__init__(**given | kwargs)

    def clean(self, data, initial=None):
        given = super().clean(data, initial)
        if not given:
            return None
        try:
            check_size(given.size)  # of one that is too large the bytes were not kept
            kind, content = examine(given.read())
        except Unusable as unusable:
            raise forms.ValidationError(str(unusable)) from unusable
        return {"name": given.name, "kind": kind, "content": content}


class ListFile(forms.FileField):
    """A workbook or CSV file, read: its name, its rows, and the headings that nobody knows."""

    def __init__(self, *, fields: dict, **kwargs):
        self.fields = fields
        given = {
            "label": _("File"),
            "help_text": format_lazy(
                _("XLSX or CSV, 10 MB and {rows} rows at most."), rows=ROWS_AT_MOST
            ),
            "allow_empty_file": True,  # said in our own words, below
            "error_messages": {"required": _("Choose a file.")},
            "widget": forms.FileInput(attrs={"class": "vv-file", "accept": ".xlsx,.csv"}),
        }
        super().__init__(**given | kwargs)

    def clean(self, data, initial=None):
        given = super().clean(data, initial)
        try:
            check_size(given.size)  # of one that is too large the bytes were not kept
            content = given.read()
            sheet = read(content, self.fields)
        except Unusable as unusable:
            raise forms.ValidationError(str(unusable)) from unusable
        kind = "xlsx" if content.startswith(b"PK") else "csv"
        return {"name": shown_name(given.name, kind), "sheet": sheet}
