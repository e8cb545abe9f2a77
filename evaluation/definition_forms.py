"""Forms of what "closer" means: a rule, one side's answer, what the group has settled."""

from django import forms
from django.utils.translation import gettext_lazy as _

from evaluation.comparing import PROFESSIONALS, rise_in_words, rounds_in_words
from evaluation.models import Definition, DefinitionAnswer
from evaluation.progress import Fact, Rule, Sign

MOST_STEPS = 3
ROUNDS = range(2, 7)
MOST = 3


class RuleForm(forms.Form):
    """A rule, a field for each thing that it says."""

    def __init__(self, *args, indicators, rule: Rule, **kwargs):
        super().__init__(*args, **kwargs)
        self.indicators = indicators
        for indicator in indicators:
            self.fields[f"rise_{indicator.code}"] = forms.TypedChoiceField(
                label=_("“%(what)s”") % {"what": indicator.text.name},
                help_text=indicator.text.question,
                choices=[(n, rise_in_words(n).capitalize()) for n in range(MOST_STEPS + 1)],
                coerce=int,
                initial=rule.rises.get(indicator.code, 0),
            )
        self.fields["own_voice"] = forms.BooleanField(
            label=_("The young person must see it"), required=False, initial=rule.own_voice
        )
        self.fields["professionals"] = forms.TypedChoiceField(
            label=_("Must school and job centre see it?"),
            choices=[(n, str(words).capitalize()) for n, words in PROFESSIONALS.items()],
            coerce=int,
            initial=rule.professionals,
        )
        self.fields["rounds"] = forms.TypedChoiceField(
            label=_("From how many rounds must there be answers?"),
            choices=[(n, rounds_in_words(n)) for n in ROUNDS],
            coerce=int,
            initial=rule.rounds,
        )
        self.fields["facts"] = forms.MultipleChoiceField(
            label=_("Facts of which any one stands for what professionals see"),
            choices=Fact.choices,
            widget=forms.CheckboxSelectMultiple,
            required=False,
            initial=list(rule.facts),
        )
        self.fields["assessment"] = forms.BooleanField(
            label=_("A professional must also have said so, with a reason"),
            required=False,
            initial=rule.assessment,
        )

    def clean(self):
        of = super().clean()
        if not self.errors and not self._signs:
            self.add_error(
                f"rise_{self.indicators[0].code}" if self.indicators else None,
                _("At least one sign must count."),
            )
        return of

    @property
    def _signs(self) -> tuple[Sign, ...]:
        rises = ((i.code, self.cleaned_data[f"rise_{i.code}"]) for i in self.indicators)
        return tuple(Sign(code, rise) for code, rise in rises if rise)

    @property
    def rule(self) -> Rule:
        of = self.cleaned_data
        return Rule(
            signs=self._signs,
            own_voice=of["own_voice"],
            professionals=of["professionals"],
            rounds=of["rounds"],
            facts=tuple(of["facts"]),
            assessment=of["assessment"],
        )


class AnswerForm(RuleForm):
    """One side's answer. `answer` is its draft, if there is one."""

    own_words = forms.CharField(
        label=_("Which signs show you that a young person is closer? In your own words"),
        max_length=DefinitionAnswer._meta.get_field("own_words").max_length,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    examples = forms.CharField(
        label=_("Examples, without names"),
        max_length=DefinitionAnswer._meta.get_field("examples").max_length,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, indicators, rule, answer=None, **kwargs):
        super().__init__(*args, indicators=indicators, rule=rule, **kwargs)
        self.fields["most"] = forms.MultipleChoiceField(
            label=_("Which matter most? Three at most"),
            choices=[(i.code, i.text.name) for i in indicators],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        # In the order of the page: words first, then the list, then who must see it.
        self.order_fields(["own_words", "examples", *(f for f in self.fields if f != "revision")])
        # A draft may wait for its words; what is handed in may not.
        self.fields["own_words"].required = not self.is_bound or "hand_in" in self.data
        self.fields["revision"].initial = answer.revision if answer else 0
        if answer:
            for name in ("own_words", "examples", "most"):
                self.fields[name].initial = getattr(answer, name)

    def clean_most(self):
        most = self.cleaned_data["most"]
        if len(most) > MOST:
            raise forms.ValidationError(_("Choose three at most."))
        return most

    @property
    def words(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("own_words", "examples", "most")}

    def go_on_from(self, current) -> None:
        """The person has been shown what a colleague saved: the next save may replace it."""
        self.data = self.data.copy()
        self.data["revision"] = current.revision if current else 0


class SettleForm(RuleForm):
    """What the development group has settled, line by line, in a meeting."""

    met_on = forms.DateField(
        label=_("Day of the meeting"), widget=forms.DateInput({"class": "vv-narrow"})
    )
    present = forms.CharField(
        label=_("Who was there, from the school, the municipality and companies"),
        max_length=Definition._meta.get_field("present").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    minutes = forms.CharField(
        label=_("Minutes: what was said where you differed, and why you settled so"),
        max_length=Definition._meta.get_field("minutes").max_length,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, definition, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields([*(n for n in self.fields if n not in self.base_fields)])
        self.fields["revision"].initial = definition.revision
        if definition.settled_at:
            for name in ("met_on", "present", "minutes"):
                self.fields[name].initial = getattr(definition, name)

    @property
    def meeting(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("met_on", "present", "minutes")}

    def go_on_from(self, current) -> None:
        """The person has been shown what a colleague saved: the next save may replace it."""
        self.data = self.data.copy()
        self.data["revision"] = current.revision
