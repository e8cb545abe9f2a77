"""What people type about a young person, a referral and a placement."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

import django_filters as filters
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Row
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from partnerships.access import PARTNERSHIP_ROLES, Section, memberships
from partnerships.forms import ListFile
from partnerships.models import (
    HOURS,
    MailRhythm,
    Membership,
    Organisation,
    OrganisationKind,
    Partnership,
    Phase,
    Programme,
    User,
)
from youths.halts import HALTS, halted
from youths.models import (
    FIELDS,
    MEET_WITHIN,
    MOST_HOURS,
    AccessEvent,
    Channel,
    Consent,
    ConsentText,
    ContactChange,
    ContactChanged,
    EmergencyOpening,
    Goal,
    HoursStep,
    LegalBasis,
    OwnWords,
    Placement,
    PlacementEnding,
    PlacementEvent,
    PlacementFeedback,
    Referral,
    SampledRead,
    SavedView,
    Sitting,
    WorkedWeek,
    Youth,
    cpr_digits,
)

FARTHEST = timedelta(days=5 * 365)  # from today, that anything in a course is due


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


class PlacementForm(forms.ModelForm):
    """A placement as the caseworker has agreed it with a company."""

    weekdays = forms.MultipleChoiceField(
        label=_("Working days"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Placement
        fields = (
            "employer",
            "kind",
            "starts_on",
            "ends_on",
            "weekly_hours",
            "weekdays",
            "tasks",
            "support_person",
            "contact",
            "goals",
        )
        widgets = {
            "starts_on": forms.DateInput,
            "ends_on": forms.DateInput,
            "tasks": forms.Textarea({"rows": 4}),
            "support_person": forms.TextInput,
            "goals": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "support_person": _("Name, and what they do. For example: Bente, leads the kitchen."),
            "goals": _("The company reads them, in the young person's own words."),
        }

    def __init__(self, *args, youth, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.youth = youth
        self.fields["employer"].queryset = Organisation.objects.filter(
            kind=OrganisationKind.EMPLOYER
        )
        self.fields["contact"].queryset = User.objects.filter(
            Q(memberships__in=youth.partnership.memberships.active())
            | Q(pk=self.instance.contact_id)
        ).distinct()
        self.fields["contact"].label_from_instance = lambda person: person.name
        # In place of Django's row of dashes, which is read aloud dash by dash.
        self.fields["kind"].choices = [("", _("Choose")), *Placement.Kind.choices]
        self.fields["employer"].empty_label = self.fields["contact"].empty_label = _("Choose")
        self.fields["weekdays"].choices = [(str(n + 1), day) for n, day in WEEKDAYS.items()]
        self.initial["weekdays"] = list(self.instance.weekdays)
        chosen = [goal.pk for goal in self.initial.get("goals", ())]
        goals = youth.goals.filter(Q(state=Goal.State.OPEN) | Q(pk__in=chosen))
        self.fields["goals"].queryset = goals
        self.fields["goals"].label_from_instance = lambda goal: goal.words
        if not goals:
            del self.fields["goals"]

    def clean_weekdays(self):
        return "".join(sorted(self.cleaned_data["weekdays"]))

    def clean_support_person(self):
        return " ".join(self.cleaned_data["support_person"].split())

    def clean(self):
        data = super().clean()
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("The last day is before the first."))
        return data


class OpenLinkForm(forms.Form):
    """Whose device a company's link was opened on: how long the browser may keep it."""

    MINE = "mine"

    device = forms.ChoiceField(
        label=_("Whose phone or computer is this?"),
        choices=[
            (MINE, _("Mine or my workplace's. Keep the page here while the placement runs")),
            ("shared", _("Others use it too. Forget the page when I close the browser")),
        ],
        widget=forms.RadioSelect({"data-look": "answer"}),
        error_messages={"required": _("Say whose it is.")},
    )


class GiveLinkForm(forms.Form):
    """To which of the company's own addresses a link is mailed."""

    mail_to = forms.ChoiceField(label=_("Send it to"))

    def __init__(self, *args, company, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        known = [(company.email, company.name)] if company.email else []
        known += [(c.email, c.name) for c in company.contacts.all() if c.email]
        self.fields["mail_to"].choices = [
            (email, f"{name}, {email}") for email, name in dict(known).items()
        ]

    @property
    def is_possible(self) -> bool:
        return bool(self.fields["mail_to"].choices)


class YesForm(forms.Form):
    """Who says yes for a company, and to which text."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        error_messages={"required": _("Write your name.")},
    )
    number = forms.IntegerField(min_value=1, max_value=2**15 - 1, widget=forms.HiddenInput)


class NextMeetingForm(forms.Form):
    """When the company is met next; where both are empty nothing is agreed."""

    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput({"class": "vv-narrow"})
    )
    at = forms.TimeField(
        label=_("Time"), required=False, widget=forms.TimeInput({"class": "vv-narrow"})
    )

    def clean(self):
        data = super().clean()
        if "day" in data and "at" in data and bool(data["day"]) != bool(data["at"]):
            missing = "at" if data["day"] else "day"
            self.add_error(missing, _("Write both a day and a time, or neither."))
        return data

    @property
    def moment(self):
        day, at = self.cleaned_data["day"], self.cleaned_data["at"]
        return timezone.make_aware(datetime.combine(day, at)) if day else None


class PlacementFeedbackForm(forms.ModelForm):
    """Two minutes: what goes well, what to practise, would you again, and the hours."""

    class Meta:
        model = PlacementFeedback
        fields = ("well", "practise", "weekly_hours", "again", "giver_name")
        labels = {
            "well": _("What goes well?"),
            "practise": _("What is worth practising?"),
            "weekly_hours": _("How many hours is an ordinary week now?"),
            "giver_name": _("Your name"),
        }
        widgets = {
            "well": forms.Textarea({"rows": 3}),
            "practise": forms.Textarea({"rows": 3}),
        }

    again = forms.ChoiceField(
        label=_("Would you take on a placement like this again?"),
        choices=PlacementFeedback.Again.choices,
        widget=forms.RadioSelect({"data-look": "pills"}),
    )

    def __init__(self, *args, giver=None, **kwargs):
        super().__init__(*args, **kwargs)
        if giver is not None:  # whoever is signed in has a name
            del self.fields["giver_name"]
            self.giver = giver.name

    @property
    def said(self) -> dict:
        return {"giver_name": getattr(self, "giver", ""), **self.cleaned_data}


class AnswerFeedbackForm(forms.Form):
    """The young person's answer to what a company says."""

    answer = forms.ChoiceField(
        label=_("What do you think?"),
        choices=PlacementFeedback.Answer.choices,
        widget=forms.RadioSelect({"data-look": "answer"}),
        error_messages={"required": _("Choose one of the two.")},
    )
    comment = PlacementFeedback._meta.get_field("comment").formfield(
        label=_("How do you see it?"),
        help_text=_("Write it if you see it differently. It stands beside the feedback."),
        widget=forms.Textarea({"rows": 3}),
    )

    def clean(self):
        data = super().clean()
        differs = data.get("answer") == PlacementFeedback.Answer.DISAGREES
        if differs and "comment" in data and not data["comment"].strip():
            self.add_error("comment", _("Write how you see it."))
        return data


class ChangePlacementForm(PlacementForm):
    """The same, agreed anew; `number` is that of the agreement that was read, 0 without one."""

    number = forms.IntegerField(min_value=0, max_value=2**15 - 1, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["employer"]  # another company is another placement
        if self.instance.steps.exists():
            del self.fields["weekly_hours"]  # which go up and down on the ladder
        agreement = self.instance.agreement
        self.initial["number"] = agreement.number if agreement else 0

    @property
    def agreed(self) -> dict:
        """What the verb takes."""
        goals = self.cleaned_data.get("goals", ())
        return {**self.cleaned_data, "goals": goals}

    def on_top_of(self, newest, *, youth) -> "ChangePlacementForm":
        """This form again, with all that was typed, to be saved on top of what somebody saved."""
        data = self.data.copy()
        data["number"] = newest.number if newest else 0
        return ChangePlacementForm(data, instance=self.instance, youth=youth)


OF_A_WEEK = {
    "min_value": 0,
    "max_value": MOST_HOURS,
    "max_digits": 4,
    "decimal_places": 1,
    "widget": forms.NumberInput({"class": "vv-narrow"}),
}


class WeekForm(forms.Form):
    """How one week was. A company does not say why a young person was away."""

    monday = forms.TypedChoiceField(label=_("Week"), coerce=date.fromisoformat)
    actual_hours = forms.DecimalField(label=_("Hours worked"), **OF_A_WEEK)
    missed_because = forms.ChoiceField(
        label=_("Was %(name)s away?"),
        choices=[("", _("No")), *WorkedWeek.Missed.choices],
        widget=forms.RadioSelect({"data-look": "pills"}),
        required=False,
        help_text=_("Never what an illness is about."),
    )
    unoffered_because = forms.ChoiceField(
        label=_("Did the company have fewer hours than planned?"),
        choices=[("", _("No")), *WorkedWeek.Unoffered.choices],
        widget=forms.RadioSelect({"data-look": "pills"}),
        required=False,
    )
    unoffered_hours = forms.DecimalField(
        label=_("How many hours fewer?"), required=False, **OF_A_WEEK
    )

    def __init__(self, *args, placement, weeks, monday, for_company, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.show_optional = False
        self.fields["monday"].choices = [(day.isoformat(), week_label(day)) for day in weeks]
        row = placement.weeks.filter(monday=monday).first() if monday else None
        said = ("actual_hours", "missed_because", "unoffered_because", "unoffered_hours")
        self.initial = {name: getattr(row, name) for name in said} if row else {
            "actual_hours": monday and placement.planned_in(monday), "unoffered_hours": 0,
        }  # fmt: skip
        self.initial["monday"] = monday and monday.isoformat()
        if for_company:
            del self.fields["missed_because"]
        else:
            label = self.fields["missed_because"].label
            self.fields["missed_because"].label = label % {"name": placement.youth.first_name}

    def clean(self):
        data = super().clean()
        because, hours = data.get("unoffered_because"), data.get("unoffered_hours") or Decimal(0)
        data["unoffered_hours"] = hours
        if because and not hours and "unoffered_hours" not in self.errors:
            self.add_error("unoffered_hours", _("Say how many hours."))
        if hours and not because and "unoffered_because" not in self.errors:
            self.add_error("unoffered_because", _("Say why."))
        return data


def week_label(monday: date) -> str:
    """A week by its number and days; the number alone is another one each year."""
    year, number, _day = monday.isocalendar()
    return _("Week %(number)s, %(year)s (from %(day)s)") % {
        "number": number,
        "year": year,
        "day": date_format(monday, "j. F"),
    }


class LadderForm(forms.Form):
    """The steps of the hours above those that were agreed; empty rows are no steps."""

    ROWS = 5

    def __init__(self, *args, placement, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.show_optional = False
        rows, there = [], list(placement.steps.all())
        for n in range(1, max(self.ROWS, len(there)) + 1):
            for name, field in (("weekly_hours", "hours"), ("after_weeks", "weeks")):
                made = HoursStep._meta.get_field(name).formfield(
                    required=False, widget=forms.NumberInput({"class": "vv-narrow"})
                )
                made.label = LADDER_LABELS[field] % {"n": n}
                self.fields[f"{field}_{n}"] = made
                if n <= len(there):
                    self.initial[f"{field}_{n}"] = getattr(there[n - 1], name)
            self.fields[f"hours_{n}"].validators += HOURS
            self.fields[f"weeks_{n}"].validators += [MinValueValidator(1), MaxValueValidator(52)]
            rows.append(Row(f"hours_{n}", f"weeks_{n}"))
        self.helper.layout = Layout(*rows)
        self.rows = len(rows)

    def clean(self):
        data = super().clean()
        for n in range(1, self.rows + 1):
            for one, other in (("hours", "weeks"), ("weeks", "hours")):
                name = f"{other}_{n}"
                if data.get(f"{one}_{n}") is not None and name in data and data[name] is None:
                    self.add_error(name, _("Write both, or neither."))
        return data

    @property
    def steps(self) -> list[tuple]:
        """What the verb takes."""
        pairs = (
            (self.cleaned_data[f"hours_{n}"], self.cleaned_data[f"weeks_{n}"])
            for n in range(1, self.rows + 1)
        )
        return [pair for pair in pairs if None not in pair]


LADDER_LABELS = {
    "hours": _("Step %(n)s: hours a week"),
    "weeks": _("after so many steady weeks"),
}


class WhyForm(forms.Form):
    """Why a placement is prolonged or paused, in neutral words; the company reads it."""

    reason = forms.ChoiceField(
        label=_("Why?"),
        choices=PlacementEvent.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )


class ProlongForm(WhyForm):
    ends_on = forms.DateField(
        label=_("New last day"), widget=forms.DateInput({"class": "vv-narrow"})
    )
    field_order = ("ends_on", "reason")


class PauseForm(WhyForm):
    first = forms.DateField(
        label=_("First day of the pause"), widget=forms.DateInput({"class": "vv-narrow"})
    )
    last = forms.DateField(
        label=_("Last day of the pause"),
        help_text=_("Leave it empty when nobody knows yet."),
        required=False,
        widget=forms.DateInput({"class": "vv-narrow"}),
    )
    field_order = ("first", "last", "reason")


class EndingForm(forms.ModelForm):
    """Why a placement ended, as one side says it."""

    class Meta:
        model = PlacementEnding
        fields = ("reason", "words", "again")
        widgets = {
            "reason": forms.RadioSelect,
            "words": forms.Textarea({"rows": 3}),
            "again": forms.RadioSelect({"data-look": "pills"}),
        }

    def __init__(self, *args, required, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = required
        choices = PlacementEnding.Reason.choices
        self.fields["reason"].choices = choices if required else [("", _("Not told yet")), *choices]
        self.fields["again"].choices = PlacementEnding.Again.choices

    def clean(self):
        data = super().clean()
        if not data.get("reason") and "reason" in data and (data.get("words") or data.get("again")):
            self.add_error("reason", _("Choose a reason."))
        return data


class OwedForm(forms.Form):
    """Words, whose it is to do, and by when; of a goal or a small step in one youth's case."""

    owner = forms.ChoiceField(label=_("Who sees to it?"))
    due_on = forms.DateField(
        label=_("By when? (optional)"),
        required=False,
        widget=forms.DateInput({"class": "vv-narrow"}),
    )

    def __init__(self, *args, youth, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.show_optional = False
        partnership = youth.partnership
        sides = {
            Goal.Owner.YOUTH: youth.first_name,
            Goal.Owner.SCHOOL: partnership.school.name,
            Goal.Owner.CASEWORKER: partnership.municipality.name,
        }
        team = partnership.memberships.active().select_related("user").order_by("user__name", "pk")
        self.team = {str(m.user_id): m for m in team}
        people = [
            (key, _("%(name)s, %(side)s") % {"name": m.user.name, "side": sides[m.role]})
            for key, m in self.team.items()
        ]
        left = self.initial.get("owner_person")
        if left and str(left.pk) not in self.team:  # kept until somebody else is chosen
            people.append((str(left.pk), left.name))
        self.fields["owner"].choices = [*sides.items(), *people]

    @staticmethod
    def initial_of(owed) -> dict:
        """The form's beginning from what is saved."""
        return {**owed.owed, "owner": str(owed.owner_person_id or owed.owner)}

    def clean_due_on(self):
        day, today = self.cleaned_data["due_on"], timezone.localdate()
        if day and day != self.initial.get("due_on") and not today <= day <= today + FARTHEST:
            raise forms.ValidationError(_("Choose a day from today on, within five years."))
        return day

    @property
    def owed(self) -> dict:
        """What the verbs take."""
        chosen, left = self.cleaned_data["owner"], self.initial.get("owner_person")
        member = self.team.get(chosen)
        if member:
            owner, person = member.role, member.user
        elif left and chosen == str(left.pk):
            owner, person = self.initial["side"], left
        else:
            owner, person = chosen, None
        return {
            "words": self.cleaned_data["words"],
            "owner": owner,
            "owner_person": person,
            "due_on": self.cleaned_data["due_on"],
        }


class GoalForm(OwedForm):
    """A goal as the caseworker takes it down; `revision` is the one that was read."""

    words = forms.CharField(
        label=_("The goal, in the young person's own words"),
        help_text=_("One sentence, as it was said. For example: “I take the bus to work myself.”"),
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": _("Write the goal.")},
    )
    lane = forms.ChoiceField(
        label=_("What is it about?"),
        choices=Goal.Lane.choices,
        widget=forms.RadioSelect({"data-look": "pills"}),
        error_messages={"required": _("Choose what the goal is about.")},
    )
    revision = forms.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, widget=forms.HiddenInput
    )
    field_order = ("words", "lane", "owner", "due_on", "revision")

    @classmethod
    def of(cls, goal, data=None, *, youth):
        saved = {"lane": goal.lane, "revision": goal.revision, "side": goal.owner}
        return cls(data, youth=youth, initial={**cls.initial_of(goal), **saved})

    @property
    def typed(self) -> dict:
        return {**self.owed, "lane": self.cleaned_data["lane"]}

    def on_top_of(self, goal, *, youth) -> "GoalForm":
        """This form again, with all that was typed, to be saved on top of what somebody saved."""
        return GoalForm.of(goal, {**self.data.dict(), "revision": goal.revision}, youth=youth)


class StepForm(OwedForm):
    words = forms.CharField(
        label=_("A small step"),
        help_text=_("Small enough to be done within a few weeks."),
        max_length=200,
        error_messages={"required": _("Write the small step.")},
    )
    field_order = ("words", "owner", "due_on")


class CloseForm(forms.Form):
    """A goal is reached, or dropped because."""

    REACHED, DROPPED = Goal.State.REACHED, Goal.State.DROPPED

    state = forms.ChoiceField(
        label=_("How did it go?"),
        widget=forms.RadioSelect({"data-look": "choice"}),
        choices=[(REACHED, _("The goal is reached")), (DROPPED, _("It is no longer a goal"))],
        error_messages={"required": _("Choose one of the two.")},
    )
    reason = forms.CharField(
        label=_("Why is it no longer a goal?"),
        help_text=_("The young person reads it. Needed only when the goal is dropped."),
        max_length=600,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )

    def clean(self):
        data = super().clean()
        if data.get("state") == self.DROPPED and "reason" in data and not data["reason"]:
            self.add_error("reason", _("Write why the goal is dropped."))
        return data


class ContactForm(forms.Form):
    """Who follows as contact, and what they need to know; `instead_of` is who was to follow."""

    to = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who is to be the contact?"),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose who is to be the contact.")},
    )
    overlap_until = forms.DateField(
        label=_("Until when are both there?"),
        help_text=_("By then the two have met. Until they have, the contact stays the same."),
        widget=forms.DateInput({"class": "vv-narrow"}),
    )
    note = ContactChange._meta.get_field("note").formfield(
        label=_("What does the next contact need to know?"),
        help_text=_("Agreements, habits, what to be careful about. The team reads it."),
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": _("Write what the next contact needs to know.")},
    )
    instead_of = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, youth, waits, **kwargs):
        self.waits = waits if waits and waits.is_open else None
        kwargs["initial"] = {
            "overlap_until": timezone.localdate() + MEET_WITHIN,
            "instead_of": self.waits and self.waits.pk,
        }
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        team = youth.partnership.memberships.active().exclude(
            user__in=youth.contacts.open().values("person")
        )
        self.fields["to"].queryset = (
            User.objects.filter(memberships__in=team).order_by("name", "pk").distinct()
        )
        self.fields["to"].label_from_instance = lambda person: person.name

    @property
    def typed(self) -> dict:
        """What the verb takes; who has read another change is told so by the verb."""
        read = self.cleaned_data["instead_of"]
        same = self.waits is not None and self.waits.pk == read
        fields = ("to", "overlap_until", "note")
        return {
            **{name: self.cleaned_data[name] for name in fields},
            "instead_of": self.waits if same else None,
        }

    def refuse(self, refusal) -> None:
        """What the verb says; what was typed can be sent again, on top of what stands now."""
        self.add_error(None, str(refusal))
        if isinstance(refusal, ContactChanged):
            self.data = {**self.data.dict(), "instead_of": self.waits and self.waits.pk}


class MeetingForm(forms.Form):
    """The next contact has met the young person."""

    met_on = forms.DateField(
        label=_("When did you meet?"),
        widget=forms.DateInput({"class": "vv-narrow"}),
        error_messages={"required": _("Write the day on which you met.")},
    )

    def __init__(self, *args, **kwargs):
        kwargs["initial"] = {"met_on": timezone.localdate()}
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False

    def refuse(self, refusal) -> None:
        self.add_error("met_on", str(refusal))


class LeaveForm(forms.Form):
    """Somebody's last day, and who follows for each of their young people, or one for all."""

    on = forms.DateField(label=_("Last day"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    reads_until = forms.DateField(
        label=_("Reads along until (optional)"),
        help_text=_("So that the next contact can ask. Nothing is written after the last day."),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    note = ContactChange._meta.get_field("note").formfield(
        label=_("What do those who follow need to know?"),
        help_text=_("The same for all: write nothing here about a single young person."),
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )
    everybody = forms.ChoiceField(label=_("The same for all"), required=False)

    def __init__(self, *args, person, youths, **kwargs):
        today = timezone.localdate()
        kwargs["initial"] = {"on": today, "reads_until": today + MEET_WITHIN}
        super().__init__(*args, **kwargs)
        self.youths = {f"youth_{youth.pk}": youth for youth in youths}
        team = Membership.objects.active().filter(
            partnership__in={youth.partnership_id for youth in youths}, role__in=PARTNERSHIP_ROLES
        )
        rows = team.exclude(user=person).select_related("user").order_by("user__name", "user")
        self.teams = defaultdict(dict)  # of each partnership, people by their id as text
        for row in rows:
            self.teams[row.partnership_id][str(row.user_id)] = row.user
        for name, youth in self.youths.items():
            names = [(pk, one.name) for pk, one in self.teams[youth.partnership_id].items()]
            self.fields[name] = forms.ChoiceField(
                label=youth.code, required=False, choices=[("", _("As for all")), *names]
            )
        if self.youths:
            anybody = {str(row.user_id): row.user.name for row in rows}
            self.fields["everybody"].choices = [("", _("Choose")), *anybody.items()]
        else:
            del self.fields["everybody"], self.fields["note"]

    def clean(self):
        data = super().clean()
        on, until = data.get("on"), data.get("reads_until")
        if on and until and until < on:
            self.add_error("reads_until", _("Choose a day after the last day."))
        if self.youths and "note" in data and not data["note"].strip():
            self.add_error("note", _("Write what those who follow need to know."))
        for name, youth in self.youths.items():
            follows = data.get(name) or data.get("everybody")
            if not follows:
                self.add_error(name, _("Say who follows."))
            elif follows not in self.teams[youth.partnership_id]:
                self.add_error(name, _("Choose somebody of the team."))
        return data

    @property
    def typed(self) -> dict:
        """What the verb takes."""
        data = self.cleaned_data
        return {
            "on": data["on"],
            "reads_until": data["reads_until"],
            "note": data.get("note", ""),
            "successors": {
                youth.pk: self.teams[youth.partnership_id][data[name] or data["everybody"]]
                for name, youth in self.youths.items()
            },
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
