"""Forms of rating: one page for professionals, one question a screen for the young person."""

from datetime import datetime

from django import forms
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from evaluation.models import (
    EASIER_LENGTH,
    Counted,
    Outcome,
    OwnRound,
    Rating,
    WhyNot,
    YouthProgress,
)
from evaluation.progress import SeenBy
from partnerships.models import OutcomeClass
from youths.halts import HALTS
from youths.models import Youth

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


class Worded(forms.Form):
    """Says which words were answered: where they were changed meanwhile, they are read again."""

    worded = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, indicators, **kwargs):
        super().__init__(*args, **kwargs)
        self.now_worded = ",".join(f"{one.code} {one.text.version}" for one in indicators)
        self.fields["worded"].initial = self.now_worded

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("worded") not in ("", self.now_worded):
            self.data = self.data.copy()
            self.data["worded"] = self.now_worded
            raise forms.ValidationError(
                _("The words of the questions have just been changed. Read them again, then save.")
            )
        return cleaned


class RatingForm(Worded):
    """Every indicator for a professional. Prefilled with this round's answers, no earlier ones."""

    begun_in = forms.IntegerField(widget=forms.HiddenInput)
    seen_at = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args, indicators, given, begun_in=None, **kwargs):
        super().__init__(*args, indicators=indicators, **kwargs)
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
            self.fields[f"why_{indicator.code}"] = forms.ChoiceField(
                label=_("Why not?"),
                choices=WhyNot.choices,
                # Asked for only beside "not assessed", and there it must be said.
                required=not self.is_bound
                or self.data.get(f"step_{indicator.code}") == NOT_ASSESSED,
                error_messages={"required": _("Say why it is not assessed.")},
                widget=forms.RadioSelect(attrs={"data-look": "pills"}),
                initial=rating.why_not if rating else None,
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
        """The three fields of each indicator, for the page."""
        return [
            (indicator, *(self[f"{name}_{indicator.code}"] for name in ("step", "why", "small")))
            for indicator in self.indicators
        ]

    @property
    def answers(self) -> dict:
        return {
            indicator: (
                self.cleaned_data[f"step_{indicator.code}"],
                self.cleaned_data[f"small_{indicator.code}"],
                self.cleaned_data[f"why_{indicator.code}"],
            )
            for indicator in self.indicators
        }


def latest(given) -> str:
    """When the newest of the answers was given, as text; empty where there is none."""
    return max((rating.rated_at.isoformat() for rating in given.values()), default="")


class OwnAnswerForm(Worded):
    """One question to the young person."""

    def __init__(self, *args, indicator, rating=None, **kwargs):
        super().__init__(*args, indicators=[indicator], **kwargs)
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


class EasierForm(forms.Form):
    """What has become easier, in own words; whether it may be quoted; and who helped."""

    easier = forms.CharField(
        label=_("In your own words"),
        max_length=EASIER_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    may_be_quoted = forms.BooleanField(
        label=_("The project may show my words to others, without my name"), required=False
    )
    helper = forms.ChoiceField(
        label=_("Did somebody help you to answer?"),
        choices=OwnRound.Helper.choices,
        widget=forms.RadioSelect(attrs={"data-look": "pills"}),
        error_messages={"required": _("Say whether somebody helped you.")},
    )

    def __init__(self, *args, own=None, alone: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if own is not None:
            self.initial |= {
                "easier": own.easier,
                "may_be_quoted": own.may_be_quoted,
                "helper": own.helper,
            }
        if not alone:
            del self.fields["helper"]
        elif self.is_bound and self.data.get("go", "next") != "next":
            self.fields["helper"].required = False  # it is asked when all is answered

    @property
    def is_untouched(self) -> bool:
        return not self.has_changed()

    @property
    def said(self) -> dict:
        return {"helper": "", **self.cleaned_data}


class BeginForm(forms.Form):
    """Whose device a link was opened on: how long the browser may keep it."""

    MINE = "mine"

    device = forms.ChoiceField(
        label=_("Whose phone or computer is this?"),
        choices=[
            (MINE, _("It is mine. I may want to take a break and go on later")),
            ("shared", _("Others use it too. Forget me when I close the browser")),
        ],
        widget=forms.RadioSelect(attrs={"data-look": "answer"}),
        error_messages={"required": _("Say whose it is.")},
    )


ANY = "any"


class CountedForm(forms.Form):
    """Which of the counted youths to show."""

    result = forms.ChoiceField(
        label=_("Result"), required=False, choices=[("", _("All")), *Counted.choices]
    )
    seen_by = forms.ChoiceField(
        label=_("Who sees it"), required=False, choices=[("", _("All")), *SeenBy.choices]
    )
    outcome = forms.ModelChoiceField(
        OutcomeClass.objects.none(), label=_("Outcome"), required=False, empty_label=_("All")
    )
    outcome_after = forms.ModelChoiceField(
        OutcomeClass.objects.none(),
        label=_("12 months after STU"),
        required=False,
        empty_label=_("All"),
    )
    left = forms.ChoiceField(
        label=_("Stopped"),
        required=False,
        choices=[("", _("All")), (ANY, _("All who have stopped")), *Youth.LeftBecause.choices],
    )
    awaited = forms.BooleanField(label=_("The open round waits for an answer"), required=False)
    stalled = forms.ChoiceField(
        label=_("What has come to a halt"),
        required=False,
        choices=lambda: [("", _("All")), *((code, halt.label) for code, halt in HALTS.items())],
    )
    silent = forms.BooleanField(label=_("Nobody answered in the last round"), required=False)

    def __init__(self, *args, programme, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("outcome", "outcome_after"):
            self.fields[name].queryset = programme.outcomes.all()
        self.programme = programme

    @property
    def chosen(self) -> Q:
        """The rows of YouthProgress that are asked for."""
        of, rows = self.cleaned_data, Q()
        if of["result"]:
            rows &= Counted(of["result"]).rows
        if of["seen_by"]:
            rows &= Q(seen_by=of["seen_by"])
        if of["outcome"]:
            rows &= Q(youth__outcome=of["outcome"])
        if of["outcome_after"]:
            newest = Outcome.objects.filter(youth__partnership__programme=self.programme).after()
            found = Outcome.objects.filter(pk__in=newest.values("pk"), outcome=of["outcome_after"])
            rows &= Q(youth__in=found.values("youth"))
        if of["left"]:
            stopped = Q(youth__left_on__isnull=False)
            rows &= stopped if of["left"] == ANY else Q(youth__left_because=of["left"])
        if of["awaited"]:
            rows &= ~Q(awaits=[])
        if of["stalled"]:
            rows &= Q(youth__in=HALTS[of["stalled"]].find(self.programme))
        if of["silent"]:
            rows &= YouthProgress.silent_in(self.programme)
        return rows

    @property
    def stored(self):
        """The sum of stored figures that counts them, where there is one."""
        asked = [name for name, value in self.cleaned_data.items() if value]
        if not asked:
            return Sum("referred", default=0)
        if asked == ["result"]:
            return Counted(self.cleaned_data["result"]).total
        if asked == ["seen_by"]:
            return Sum(f"seen_by_{self.cleaned_data['seen_by']}", default=0)
        return Sum("awaited", default=0) if asked == ["awaited"] else None

    @property
    def words(self) -> list[str]:
        """What is asked for, in words."""
        of = self.cleaned_data
        return [
            str(words)
            for words in (
                of["result"] and Counted(of["result"]).label,
                of["seen_by"] and SeenBy(of["seen_by"]).label,
                of["outcome"] and of["outcome"].name,
                of["outcome_after"]
                and f"{self.fields['outcome_after'].label}: {of['outcome_after'].name}",
                of["left"] and dict(self.fields["left"].choices)[of["left"]],
                of["awaited"] and self.fields["awaited"].label,
                of["stalled"] and HALTS[of["stalled"]].label,
                of["silent"] and self.fields["silent"].label,
            )
            if words
        ]
