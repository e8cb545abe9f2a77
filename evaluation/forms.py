"""Forms of rating: one page for professionals, one question a screen for the young person."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from evaluation.models import Rating
from evaluation.progress import Result
from partnerships.models import OutcomeClass, Partnership

NOT_ASSESSED = "none"
SMALL_STEP_LENGTH = Rating._meta.get_field("small_step").max_length
# A pictogram for each of the young person's five answers.
PICTOGRAMS = {"1": "unsure", "2": "thinking", "3": "ideas", "4": "almost", "5": "sure"}


class StepField(forms.TypedChoiceField):
    """Five steps in words, and one for "not assessed", which becomes None: it is not zero."""

    def __init__(self, indicator, *, unrated, look, **kwargs):
        widget = forms.RadioSelect(attrs={"data-look": look})
        widget.icons = PICTOGRAMS if look == "answer" else {}
        super().__init__(
            label=indicator.text.question,
            choices=[*indicator.text.steps, (NOT_ASSESSED, unrated)],
            coerce=lambda value: None if value == NOT_ASSESSED else int(value),
            empty_value=None,
            widget=widget,
            **kwargs,
        )


def _as_choice(rating):
    return NOT_ASSESSED if rating.step is None else rating.step


class RatingForm(forms.Form):
    """Every indicator for a professional. Prefilled with this round's answers, no earlier ones."""

    begun_in = forms.IntegerField(widget=forms.HiddenInput)
    seen_at = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args, indicators, given, begun_in=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.indicators = indicators
        self.fields["begun_in"].initial = begun_in
        self.fields["seen_at"].initial = latest(given)
        for indicator in indicators:
            rating = given.get(indicator.pk)
            self.fields[f"step_{indicator.code}"] = StepField(
                indicator,
                unrated=_("Not assessed"),
                look="scale",
                initial=_as_choice(rating) if rating else None,
                error_messages={"required": _("Choose a step, or “Not assessed”.")},
            )
            self.fields[f"small_{indicator.code}"] = forms.CharField(
                label=_("A small step since last time"),
                max_length=SMALL_STEP_LENGTH,
                required=False,
                initial=rating.small_step if rating else "",
            )

    def clean_seen_at(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.cleaned_data["seen_at"])
        except ValueError:
            return None

    def now_seen(self, given) -> None:
        """The person has been shown a colleague's answers: the next save may replace them."""
        self.data = self.data.copy()
        self.data["seen_at"] = latest(given)

    @property
    def questions(self):
        """The two fields of each indicator, for the page."""
        return [
            (indicator, self[f"step_{indicator.code}"], self[f"small_{indicator.code}"])
            for indicator in self.indicators
        ]

    @property
    def answers(self) -> dict:
        return {
            indicator: (
                self.cleaned_data[f"step_{indicator.code}"],
                self.cleaned_data[f"small_{indicator.code}"],
            )
            for indicator in self.indicators
        }


def latest(given) -> str:
    """When the newest of the answers was given, as text; empty where there is none."""
    return max((rating.rated_at.isoformat() for rating in given.values()), default="")


class OwnAnswerForm(forms.Form):
    """One question to the young person."""

    def __init__(self, *args, indicator, rating=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.indicator = indicator
        self.fields["step"] = StepField(
            indicator,
            unrated=_("I don't want to answer that"),
            look="answer",
            initial=_as_choice(rating) if rating else None,
            error_messages={
                "required": _("Choose the answer that fits best, or “I don't want to answer that”.")
            },
        )
        self.fields["small_step"] = forms.CharField(
            label=_("Will you say a little more?"),
            max_length=SMALL_STEP_LENGTH,
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            initial=rating.small_step if rating else "",
        )

    @property
    def is_untouched(self) -> bool:
        """Nothing chosen and nothing written: there is nothing to save."""
        return not self.data.get("step") and not self.data.get("small_step", "").strip()

    @property
    def answers(self) -> dict:
        return {self.indicator: (self.cleaned_data["step"], self.cleaned_data["small_step"])}


MOST_CHOICES = 100  # of a list that somebody is to read through


class CountedForm(forms.Form):
    """Which of the counted youths to show."""

    result = forms.ChoiceField(label=_("Result"), required=False)
    partnership = forms.ModelChoiceField(
        Partnership.objects.none(), label=_("Partnership"), required=False
    )
    outcome = forms.ModelChoiceField(
        OutcomeClass.objects.none(), label=_("Outcome"), required=False
    )

    def __init__(self, *args, programme, partnerships, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["result"].choices = [("", _("All")), *Result.choices]
        for name, queryset in (
            ("partnership", partnerships),
            ("outcome", programme.outcomes.all()),
        ):
            self.fields[name].queryset = queryset
            self.fields[name].empty_label = _("All")
        if partnerships.count() > MOST_CHOICES:  # then it is chosen on the dashboard
            self.fields["partnership"].widget = forms.HiddenInput()
