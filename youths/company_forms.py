"""The register of companies: the search, a company and its parts, a municipality's entry point."""

import django_filters as filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partnerships.access import partnership_ids
from partnerships.models import (
    Branch,
    CompanyContact,
    NetworkPlace,
    Organisation,
    OrganisationKind,
    Partnership,
)
from youths.models import Placement, PlacesOffered


def own_partnerships(user):
    """The signed partnerships that the person works in."""
    rows = Partnership.objects.filter(pk__in=partnership_ids(user, "view_referral"))
    return rows.select_related("school", "municipality")


def own_municipalities(user):
    """The municipalities for which, or with which, the person works."""
    return Organisation.objects.filter(
        partnerships_as_municipality__in=partnership_ids(user, "view_referral")
    ).distinct()


class CompanyFilter(filters.FilterSet):
    """Finds a company by name or CVR number, by what it offers, or in a network."""

    q = filters.CharFilter(label=_("Name or CVR number"), method="search")
    kind = filters.ChoiceFilter(
        label=_("Offers places now"), choices=Placement.Kind.choices, method="offering",
        empty_label=_("All"),
    )  # fmt: skip
    network = filters.ModelChoiceFilter(
        label=_("In the network of"), queryset=Partnership.objects.none(), method="networked",
        empty_label=_("All"),
    )  # fmt: skip

    class Meta:
        model = Organisation
        fields = ("q", "kind", "network")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["network"].field.queryset = own_partnerships(self.request.user)

    def search(self, rows, name, value):
        return rows.filter(Q(name__icontains=value) | Q(cvr=value.replace(" ", "")))

    def offering(self, rows, name, value):
        offers = PlacesOffered.objects.open().filter(kind=value)
        return rows.filter(pk__in=offers.values("company"))

    def networked(self, rows, name, value):
        return rows.filter(networks__partnership=value)


class CompanyForm(forms.ModelForm):
    """A company as the register keeps it. One that is here already is not made again."""

    municipality = forms.ModelChoiceField(
        label=_("In the register of"), queryset=Organisation.objects.none(), empty_label=None
    )
    is_another = forms.BooleanField(
        label=_("It is another company of the same name"), required=False
    )

    class Meta:
        model = Organisation
        fields = ("cvr", "name", "phone", "email", "considerations")
        widgets = {"considerations": forms.Textarea({"rows": 4})}
        help_texts = {
            "considerations": _("For example: quiet workplace, short days, one fixed colleague.")
        }

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.kind = OrganisationKind.EMPLOYER
        self.fields["cvr"].required = True
        self.is_new = self.instance._state.adding
        self.fields["municipality"].queryset = mine = own_municipalities(user)
        if not self.is_new:
            del self.fields["municipality"]
        elif len(mine) == 1:
            self.fields["municipality"].widget = forms.HiddenInput()
            self.fields["municipality"].initial = mine[0]
        self.existing, self.asks = None, False

    def _get_validation_exclusions(self):
        # Of a company that is here already the number is no fault: it joins the register.
        joins = self.is_new and self._here_already() is not None
        return super()._get_validation_exclusions() | ({"cvr"} if joins else set())

    def _here_already(self):
        rows = Organisation.objects.filter(kind=OrganisationKind.EMPLOYER)
        cvr = self.cleaned_data.get("cvr")
        return rows.filter(cvr=cvr).first() if cvr else None

    def clean(self):
        data = super().clean()
        self.existing = self._here_already() if self.is_new else None
        same = Organisation.objects.filter(
            kind=OrganisationKind.EMPLOYER, name__iexact=data.get("name", "").strip()
        ).exclude(pk=self.instance.pk)
        if self.existing is None and not data.get("is_another") and (one := same.first()):
            self.asks = True
            self.add_error(
                "name",
                _("%(name)s with CVR number %(cvr)s is here already. Is it the same?")
                % {"name": one.name, "cvr": one.cvr},
            )
        self.asks = self.asks or bool(data.get("is_another"))
        return data

    def save(self, commit=True):
        """The company: the one that is here already as it stands, or as it was typed."""
        company = self.existing or super().save(commit)
        if self.is_new:
            company.known_to.add(self.cleaned_data["municipality"])
        return company


class PartForm(forms.ModelForm):
    """A part of a company's page: which company it is of says the page."""

    def __init__(self, *args, company, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.company = company
        if "partnership" in self.fields:
            self.fields["partnership"].queryset = own_partnerships(user)
            self.fields["partnership"].empty_label = _("Choose")
        if "kind" in self.fields:
            self.fields["kind"].choices = [("", _("Choose")), *Placement.Kind.choices]

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"company"}


class ContactForm(PartForm):
    title = _("A contact")

    class Meta:
        model = CompanyContact
        fields = ("name", "title", "phone", "email")


class BranchForm(PartForm):
    title = _("A branch")

    class Meta:
        model = Branch
        fields = ("name", "address", "p_number")


class PlacesForm(PartForm):
    title = _("Places that are offered")

    class Meta:
        model = PlacesOffered
        fields = ("kind", "number", "since", "until")
        widgets = {"since": forms.DateInput, "until": forms.DateInput}


class NetworkForm(PartForm):
    title = _("In the network of a partnership")

    class Meta:
        model = NetworkPlace
        fields = ("partnership", "note")


PARTS = {"contact": ContactForm, "branch": BranchForm, "places": PlacesForm, "network": NetworkForm}


class EntryForm(forms.ModelForm):
    """The one place of a municipality that companies call."""

    class Meta:
        model = Organisation
        fields = ("entry_name", "entry_phone", "entry_email", "entry_hours")
        help_texts = {"entry_hours": _("For example: weekdays from 9 to 14.")}

    def clean(self):
        data = super().clean()
        if not data.get("entry_phone") and not data.get("entry_email") and not self.errors:
            self.add_error("entry_phone", _("Write a telephone number or an e-mail address."))
        return data
