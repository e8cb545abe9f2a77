"""A line of one of the registers of a programme."""

from django import forms
from django.utils.translation import gettext_lazy as _

from evaluation.models import Entry
from partnerships.forms import CheckedFile
from partnerships.models import Organisation, OrganisationKind

WHAT = {
    Entry.Register.MODEL_PARTS: _("Which part of the model?"),
    Entry.Register.PRACTICE_DAYS: _("What was the practice day about?"),
    Entry.Register.SAID_YES: _("What did the municipality say yes to?"),
}
DAY = {
    Entry.Register.MODEL_PARTS: _("Delivered on"),
    Entry.Register.PRACTICE_DAYS: _("Day"),
    Entry.Register.SAID_YES: _("Said yes on"),
}


class EntryForm(forms.Form):
    title = forms.CharField(max_length=Entry._meta.get_field("title").max_length)
    happened_on = forms.DateField(widget=forms.DateInput({"class": "vv-narrow"}))
    municipalities = forms.ModelMultipleChoiceField(
        Organisation.objects.filter(kind=OrganisationKind.MUNICIPALITY),
        label=_("Municipalities that were represented"),
        widget=forms.CheckboxSelectMultiple(attrs={"data-look": "pills"}),
    )
    file = CheckedFile(label=_("Document"), required=False)

    def __init__(self, *args, register, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["title"].label = WHAT[register]
        self.fields["happened_on"].label = DAY[register]
        if register == Entry.Register.MODEL_PARTS:
            del self.fields["municipalities"]
        elif register == Entry.Register.SAID_YES:
            self.fields["municipalities"] = forms.ModelChoiceField(
                self.fields["municipalities"].queryset, label=_("Municipality")
            )
        self.order_fields(["title", "municipalities", "happened_on", "file"])

    def clean_municipalities(self):
        chosen = self.cleaned_data["municipalities"]
        return [chosen] if isinstance(chosen, Organisation) else list(chosen)
