"""What a cut is called, and which half-year a report is of."""

from datetime import date

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from evaluation.models import Cut


class CutForm(forms.Form):
    name = forms.CharField(
        label=_("What shall the cut be called?"),
        help_text=_("For example what it is for, and when: “Half-year report, autumn 2026”."),
        max_length=Cut._meta.get_field("name").max_length,
    )


class ReportForm(forms.Form):
    starts_on = forms.TypedChoiceField(label=_("Half-year"), coerce=date.fromisoformat)

    def __init__(self, *args, half_years, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].choices = [
            (first.isoformat(), f"{date_format(first, 'F')}–{date_format(last, 'F Y')}")
            for first, last in half_years
        ]
