"""Forms of what is observed, what a professional concludes, and how it ended."""

from django import forms
from django.utils.translation import gettext_lazy as _

from evaluation.models import Assessment, ObservedFact, Outcome
from partnerships.models import OutcomeClass


class FactForm(forms.ModelForm):
    class Meta:
        model = ObservedFact
        fields = ["kind", "began_on", "ended_on", "weekly_hours"]
        localized_fields = ["weekly_hours"]
        help_texts = {
            "ended_on": _("Leave it empty while it goes on."),
            "weekly_hours": _("As it usually is, between 1 and 37."),
        }


class AssessmentForm(forms.Form):
    closer = forms.ChoiceField(
        label=_("Has the young person come closer to the labour market?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect(attrs={"data-look": "pills"}),
    )
    reason = forms.CharField(
        label=_("What have you seen?"),
        help_text=_(
            "It is shown with your name to the young person, the school and the job centre."
        ),
        max_length=Assessment._meta.get_field("reason").max_length,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class OutcomeForm(forms.Form):
    moment = forms.ChoiceField(
        label=_("When"),
        choices=Outcome.Moment.choices,
        widget=forms.RadioSelect(attrs={"data-look": "pills"}),
    )
    outcome = forms.ModelChoiceField(
        OutcomeClass.objects.none(),
        label=_("Outcome"),
        empty_label=None,
        widget=forms.RadioSelect(attrs={"data-look": "pills"}),
    )
    seen_on = forms.DateField(
        label=_("As it was on"), widget=forms.DateInput({"class": "vv-narrow"})
    )

    def __init__(self, *args, programme, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["outcome"].queryset = programme.outcomes.all()
