"""What people type about a young person, a referral and a placement."""

import django_filters as filters
from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from partnerships.access import Section, memberships
from partnerships.forms import ListFile
from partnerships.models import (
    MailRhythm,
    Partnership,
    Phase,
    Programme,
    User,
)
from youths.halts import HALTS, halted
from youths.models import (
    FIELDS,
    AccessEvent,
    Channel,
    Consent,
    ConsentText,
    EmergencyOpening,
    LegalBasis,
    OwnWords,
    Placement,
    Referral,
    SampledRead,
    SavedView,
    Sitting,
    Youth,
    cpr_digits,
)


class ReferralForm(forms.ModelForm):
    """A young person and why this course is right."""

    reason = Referral._meta.get_field("reason").formfield(widget=forms.Textarea({"rows": 4}))

    class Meta:
        model = Youth
        fields = ("name", "birth_date", "phone", "stu_ends_on")
        widgets = {"birth_date": forms.DateInput, "stu_ends_on": forms.DateInput}
        help_texts = {
            "name": _("First name and surname, as the young person writes it."),
            "stu_ends_on": _("The dates of the transition are counted back from this day."),
        }

    def clean(self):
        data = super().clean()
        born, ends = data.get("birth_date"), data.get("stu_ends_on")
        if born and ends and ends <= born:
            self.add_error("stu_ends_on", _("STU cannot end before the birth date."))
        return data


class ImportForm(forms.Form):
    """A list of young people as a file."""

    file = ListFile(fields=FIELDS)


class StartImportForm(forms.Form):
    """Refer the rows that were checked."""

    with_maybe = forms.BooleanField(
        label=_("Also refer those who may have been referred before"), required=False
    )


class CompletedReferralForm(forms.ModelForm):
    """A returned referral, completed by the municipality."""

    class Meta:
        model = Referral
        fields = ("reason",)
        widgets = {"reason": forms.Textarea({"rows": 5})}


class ReferralAnswerForm(forms.Form):
    """The school's answer: accept, return for completion, decline with a reason."""

    ACCEPT, RETURN, DECLINE = "accept", "return", "decline"
    decision = forms.ChoiceField(
        label=_("Your answer"),
        choices=[
            (ACCEPT, _("Accept")),
            (RETURN, _("Return for completion")),
            (DECLINE, _("Decline")),
        ],
        widget=forms.RadioSelect({"data-look": "choice"}),
    )
    declined_because = Referral._meta.get_field("declined_because").formfield(
        label=_("Reason, when you decline")
    )
    declined_because.required = False
    declined_because.choices = [("", _("Choose a reason")), *Referral.DeclinedBecause.choices]
    answer = Referral._meta.get_field("answer").formfield(
        widget=forms.Textarea({"rows": 3}),
        help_text=_("What is missing, or why you decline. The municipality reads it."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["decision"].widget.hints = {
            self.ACCEPT: _("The case opens for both, and the handover can begin."),
            self.RETURN: _("The place stays reserved until the municipality has answered."),
            self.DECLINE: _("The place becomes free, and your access ends."),
        }
        self.fields["decision"].widget.icons = {
            self.ACCEPT: "done",
            self.RETURN: "part",
            self.DECLINE: "no",
        }

    def clean(self):
        data = super().clean()
        decision = data.get("decision")
        if decision == self.DECLINE and not data.get("declined_because"):
            self.add_error("declined_because", _("Say why the referral is declined."))
        if decision == self.RETURN and not data.get("answer"):
            self.add_error("answer", _("Say what is missing."))
        return data


class AccountForm(forms.Form):
    """The e-mail address that the young person signs in with."""

    email = forms.EmailField(label=_("The young person's own e-mail"), max_length=254)


class StuEndForm(forms.Form):
    """Another day on which STU ends."""

    stu_ends_on = forms.DateField(
        label=_("STU ends"),
        help_text=_("The dates of the transition are counted back from this day."),
        widget=forms.DateInput({"class": "vv-narrow"}),
    )


class DoneOutsideForm(forms.Form):
    """That a deadline was met outside, when, and where and how."""

    on = forms.DateField(
        label=_("When was it done?"), widget=forms.DateInput({"class": "vv-narrow"})
    )
    because = forms.CharField(
        label=_("Where and how was it done?"),
        help_text=_("The others in the case can read it. Write no more than is needed."),
        max_length=600,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Write where and how it was done.")},
    )

    def clean_on(self):
        if self.cleaned_data["on"] > timezone.localdate():
            raise forms.ValidationError(_("That day has not come yet."))
        return self.cleaned_data["on"]


class EmergencyForm(forms.ModelForm):
    """A case by its code, and why it must be opened now."""

    code = forms.CharField(
        label=_("The young person's code"),
        help_text=_("For example VVR-0017. You see no names before the case is open."),
        max_length=14,
        widget=forms.TextInput({"class": "vv-narrow"}),
    )
    field_order = ("code", "reason")

    class Meta:
        model = EmergencyOpening
        fields = ("reason",)
        widgets = {"reason": forms.Textarea({"rows": 4})}
        help_texts = {"reason": _("The team and the young person read it, word for word.")}

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_code(self):
        """The youth with that code, within this administrator's programmes."""
        code = self.cleaned_data["code"].strip()
        youth = EmergencyOpening.openable(self.by).filter(code__iexact=code).first()
        if youth is None:
            raise forms.ValidationError(_("No case in your programmes has this code."))
        return youth


class CprForm(forms.Form):
    """A CPR number, to be kept or to find somebody by."""

    number = forms.CharField(
        label=_("CPR number"),
        help_text=_("Ten digits, with or without a hyphen."),
        widget=forms.TextInput(
            {"class": "vv-narrow", "inputmode": "numeric", "autocomplete": "off"}
        ),
    )

    def clean_number(self):
        return cpr_digits(self.cleaned_data["number"])


class OwnWordsForm(forms.ModelForm):
    class Meta:
        model = OwnWords
        fields = ("kind", "text")
        widgets = {
            "kind": forms.RadioSelect({"data-look": "choice"}),
            "text": forms.Textarea({"rows": 4}),
        }
        labels = {"kind": _("What is it about?")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [
            (OwnWords.Kind.WORDS, _("How it is, and what matters")),
            (OwnWords.Kind.DIRECTION, _("What I would like to work with")),
        ]


class WishesForm(forms.Form):
    """What the young person would like to try, by cards; saved as words, one wish a line."""

    CHOICES = (
        _("Work with animals"),
        _("Work outdoors"),
        _("Work in a kitchen"),
        _("Work in a shop"),
        _("Work in a workshop"),
        _("Help other people"),
        _("Work with computers"),
        _("Visit a workplace"),
        _("Try a practice placement"),
        _("Work a few hours to begin with"),
    )

    chosen = forms.MultipleChoiceField(
        label=_("I would like to try …"),
        required=False,
        widget=forms.CheckboxSelectMultiple({"data-look": "answer"}),
    )
    other = forms.CharField(
        label=_("Something else?"), max_length=300, required=False,
        widget=forms.Textarea({"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args, newest=None, **kwargs):
        super().__init__(*args, **kwargs)
        labels = [str(label) for label in self.CHOICES]
        self.fields["chosen"].choices = list(enumerate(labels))
        said = newest.text.splitlines() if newest else []
        self.initial["chosen"] = [n for n, label in enumerate(labels) if label in said]
        self.initial["other"] = "\n".join(line for line in said if line not in labels)

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("chosen") and not cleaned.get("other") and not self.errors:
            self.add_error("chosen", _("Choose at least one, or write something else."))
        return cleaned

    @property
    def text(self) -> str:
        labels = [str(self.CHOICES[int(n)]) for n in self.cleaned_data["chosen"]]
        other = self.cleaned_data["other"].replace("\r\n", "\n")
        return "\n".join(filter(None, [*labels, other]))


class MailRhythmForm(forms.ModelForm):
    """How often the person is written to."""

    mail_rhythm = forms.ChoiceField(
        label=_("When do you want mails?"),
        choices=MailRhythm.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of them.")},
    )

    class Meta:
        model = User
        fields = ("mail_rhythm",)

    def save(self, commit=True):
        # Only this column: whatever else is written to the person meanwhile stays.
        User.objects.filter(pk=self.instance.pk).update(
            mail_rhythm=self.cleaned_data["mail_rhythm"]
        )
        return self.instance


class SavedViewForm(forms.ModelForm):
    """A name for what the list shows now."""

    class Meta:
        model = SavedView
        fields = ("name", "query")
        widgets = {"name": forms.TextInput, "query": forms.HiddenInput}
        labels = {"name": _("What do you call it?")}
        error_messages = {"name": {"required": _("Write a name.")}}

    def clean_query(self) -> str:
        """The filters that the list knows, and nothing else that came with them."""
        known = {*YouthFilter.Meta.fields, "sort"}
        given = QueryDict(self.cleaned_data["query"])
        kept = [(name, given[name]) for name in given if name in known and given[name]]
        if not kept:
            raise forms.ValidationError(_("Choose a filter in the list first."))
        return urlencode(kept)


class SittingForm(forms.ModelForm):
    class Meta:
        model = Sitting
        fields = ("pen",)
        widgets = {"pen": forms.RadioSelect({"data-look": "choice"})}
        labels = {"pen": _("Who holds the pen?")}

    def __init__(self, *args, youth, **kwargs):
        super().__init__(*args, **kwargs)
        name = {"name": youth.first_name}
        self.fields["pen"].choices = [
            (Sitting.Pen.YOUTH, _("%(name)s taps and writes") % name),
            (Sitting.Pen.STAFF, _("I write down what %(name)s says") % name),
        ]
        self.fields["pen"].error_messages["required"] = _("Say who holds the pen.")


class ConsentForm(forms.ModelForm):
    """A yes that was given elsewhere than on the young person's own page."""

    given_on = forms.DateField(
        label=_("The day it was given"), widget=forms.DateInput({"class": "vv-narrow"})
    )

    class Meta:
        model = Consent
        fields = ("how", "given_on", "text", "note", "expires_on")
        widgets = {
            "how": forms.RadioSelect,
            "expires_on": forms.DateInput({"class": "vv-narrow"}),
        }
        labels = {"text": _("The text that was read")}

    def __init__(self, *args, youth, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["how"].choices = [
            pair for pair in Consent.How.choices if pair[0] != Consent.How.SCREEN
        ]
        self.initial["how"] = None
        self.fields["given_on"].initial = timezone.localdate()
        self.fields["note"].required = True
        texts = ConsentText.objects.usable()
        self.fields["text"].queryset, self.fields["text"].empty_label = texts, None
        self.fields["text"].initial = texts.first()
        self.fields["text"].label_from_instance = lambda text: (
            _("Version %(number)s") % {"number": text.number}
        )
        self.fields["expires_on"].help_text = _(
            "If it was given for a shorter time. Else it lasts %(months)s months."
        ) % {"months": youth.partnership.programme.consent_months}

    def clean_given_on(self):
        day = self.cleaned_data["given_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("The day lies ahead."))
        return day


class LegalBasisForm(forms.ModelForm):
    """A ground in law, why it is necessary, and until when."""

    class Meta:
        model = LegalBasis
        fields = ("ground", "reason", "expires_on")
        widgets = {
            "ground": forms.RadioSelect,
            "reason": forms.Textarea({"rows": 4}),
            "expires_on": forms.DateInput({"class": "vv-narrow"}),
        }
        help_texts = {"reason": _("The young person and the municipality read it.")}

    def __init__(self, *args, youth, **kwargs):
        super().__init__(*args, **kwargs)
        programme = youth.partnership.programme
        self.fields["ground"].queryset = programme.grounds.all()
        self.fields["ground"].empty_label = None
        self.fields["expires_on"].help_text = _("At most %(months)s months ahead.") % {
            "months": programme.consent_months
        }


class ReadFilter(filters.FilterSet):
    """The filters above the log of one youth; the people are those who stand in it."""

    person = filters.ChoiceFilter(label=_("Who"), field_name="user_id", empty_label=_("All"))
    channel = filters.ChoiceFilter(label=_("How"), choices=Channel.choices, empty_label=_("All"))
    section = filters.ChoiceFilter(
        label=_("What"), choices=Section.choices, empty_label=_("All"), method="showing"
    )
    since = filters.DateFilter(
        label=_("From"), field_name="day", lookup_expr="gte", widget=forms.DateInput
    )
    until = filters.DateFilter(
        label=_("To"), field_name="day", lookup_expr="lte", widget=forms.DateInput
    )

    class Meta:
        model = AccessEvent
        fields = ("person", "channel", "section", "since", "until")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        ids = list(self.queryset.order_by().values_list("user_id", flat=True).distinct())
        # No other young person, who was refused, is named here.
        people = User.objects.filter(pk__in=ids, youth=None).order_by("name")
        self.filters["person"].extra["choices"] = list(people.values_list("pk", "name"))

    def showing(self, rows, name, value):
        return rows.showing(value)


class JudgementForm(forms.Form):
    """What the data controller makes of one read."""

    judgement = forms.ChoiceField(
        label=_("Your judgement"),
        choices=SampledRead.Judgement.choices,
        widget=forms.RadioSelect({"data-look": "pills"}),
    )
    note = SampledRead._meta.get_field("note").formfield(
        label=_("Why"), required=True, widget=forms.Textarea({"rows": 2})
    )


STATES = {
    "course": (_("In the course"), Q(enrolled_on__isnull=False, left_on=None)),
    "referred": (_("Referral waits"), Q(enrolled_on=None)),
    "left": (_("Has left"), Q(left_on__isnull=False)),
}


ANY_HALT = "any"


class YouthFilter(filters.FilterSet):
    """The filters above the list of youths; choices come from what the person may see."""

    q = filters.CharFilter(label=_("Name, code or company"), method="search")
    phase = filters.ModelChoiceFilter(
        label=_("Phase"), queryset=lambda request: phases(request.user), empty_label=_("All")
    )
    partnership = filters.ModelChoiceFilter(
        label=_("Partnership"),
        queryset=lambda request: Partnership.objects.visible_to(
            request.user, "view_identity"
        ).with_parties(),
        empty_label=_("All"),
    )
    state = filters.ChoiceFilter(
        label=_("State"),
        choices=[(key, label) for key, (label, _rows) in STATES.items()],
        empty_label=_("All"),
        method="in_state",
    )
    halt = filters.ChoiceFilter(
        label=_("What has come to a halt"),
        choices=lambda: [
            (ANY_HALT, _("Anything")),
            *((code, halt.label) for code, halt in HALTS.items()),
        ],
        empty_label=_("All"),
        method="at_a_halt",
    )

    class Meta:
        model = Youth
        fields = ("q", "state", "halt", "phase", "partnership")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        teams = {m.partnership_id for m in memberships(self.request.user)}
        if len(teams) < 2:
            del self.filters["partnership"]

    def search(self, rows, name, value):
        placed = Placement.objects.visible_to(self.request.user)
        placed = placed.filter(employer__name__icontains=value)
        return rows.filter(
            Q(name__icontains=value)
            | Q(code__iexact=value)
            | Q(pk__in=placed.order_by().values("youth"))
        )

    def in_state(self, rows, name, value):
        return rows.filter(STATES[value][1])

    def at_a_halt(self, rows, name, value):
        code = "" if value == ANY_HALT else value
        return rows.filter(halted(programmes(self.request.user), code))


def programmes(user) -> list[Programme]:
    """The programmes in which the person works; a few at most."""
    partnerships = Partnership.objects.visible_to(user, "view_identity")
    return list(Programme.objects.filter(pk__in=partnerships.values("programme")))


def phases(user):
    """The phases of the programmes in which the person works."""
    partnerships = Partnership.objects.visible_to(user, "view_identity")
    return Phase.objects.filter(programme__in=partnerships.values("programme"))
