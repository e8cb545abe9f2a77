"""The forms of a placement: what is agreed, hours, links, feedback, and how it ends."""

from datetime import date, datetime
from decimal import Decimal

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Row
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from partnerships.models import (
    HOURS,
    Organisation,
    OrganisationKind,
    User,
)
from youths.models import (
    MOST_HOURS,
    Goal,
    HoursStep,
    Placement,
    PlacementEnding,
    PlacementEvent,
    PlacementFeedback,
    WorkedWeek,
)


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
