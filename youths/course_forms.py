"""The forms of the course: another phase, an effort recommended, begun, ended or set aside."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.models import Phase
from youths.models import Goal


class PhaseForm(forms.Form):
    phase = forms.ModelChoiceField(
        Phase.objects.none(),
        label=_("Phase"),
        empty_label=None,
        widget=forms.RadioSelect({"data-look": "choice"}),
        error_messages={"required": _("Choose a phase.")},
    )
    on = forms.DateField(
        label=_("Since when?"),
        initial=timezone.localdate,
        widget=forms.DateInput({"class": "vv-narrow"}),
    )

    def __init__(self, *args, youth, **kwargs):
        super().__init__(*args, initial={"phase": youth.phase_id}, **kwargs)
        self.fields["phase"].queryset = youth.partnership.programme.phases.all()


class EffortForm(forms.Form):
    words = forms.CharField(
        label=_("What would help?"),
        help_text=_("For example: a mentor at work, a course, training of the way there."),
        max_length=200,
        error_messages={"required": _("Write it in a few words.")},
    )
    lane = forms.ChoiceField(
        label=_("What is it about?"),
        choices=Goal.Lane.choices,
        widget=forms.RadioSelect({"data-look": "pills"}),
        error_messages={"required": _("Choose what it is about.")},
    )
    goal = forms.ChoiceField(label=_("Which goal does it serve?"), required=False)

    def __init__(self, *args, goals, **kwargs):
        super().__init__(*args, **kwargs)
        self.goals = {str(goal.pk): goal for goal in goals if goal.is_open}
        none = ("", _("None of them"))
        self.fields["goal"].choices = [none, *((pk, g.words) for pk, g in self.goals.items())]

    def clean_goal(self):
        return self.goals.get(self.cleaned_data["goal"])


class StartForm(forms.Form):
    on = forms.DateField(
        label=_("When did it begin?"),
        initial=timezone.localdate,
        widget=forms.DateInput({"class": "vv-narrow"}),
    )


class EndForm(forms.Form):
    on = forms.DateField(
        label=_("When did it end?"),
        initial=timezone.localdate,
        widget=forms.DateInput({"class": "vv-narrow"}),
    )
    because = forms.CharField(
        label=_("What came of it?"),
        help_text=_("The young person reads it."),
        max_length=600,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


class SetAsideForm(forms.Form):
    because = forms.CharField(
        label=_("Why is it not begun?"),
        help_text=_("The young person reads it."),
        max_length=600,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Write why.")},
    )
