"""The forms of the contact: who follows, that they have met, and who leaves a team."""

from collections import defaultdict

from crispy_forms.helper import FormHelper
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.access import PARTNERSHIP_ROLES
from partnerships.models import (
    Membership,
    User,
)
from youths.models import (
    MEET_WITHIN,
    ContactChange,
    ContactChanged,
)


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
