"""The forms of goals and small steps."""

from datetime import timedelta

from crispy_forms.helper import FormHelper
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from youths.models import (
    Goal,
)

FARTHEST = timedelta(days=5 * 365)  # from today, that anything in a course is due


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
