"""The forms of accommodations and job profiles: words that a company will read."""

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.forms import Words, bare_helper
from handover.models import AccommodationPhrase, ApprovedJobProfile
from handover.wording import telling_words
from youths.models import Placement


class NeutralForm(forms.Form):
    """A form for words that a company will read.

    `to_weigh` are words that tell of a diagnosis or the like: said once before saving, and what
    is sent again with them is saved.
    """

    NEUTRAL = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.to_weigh = []

    def clean(self):
        cleaned = super().clean()
        weighed = self.data.get("weighed", "").split()
        found = [w for name in self.NEUTRAL for w in telling_words(cleaned.get(name) or "")]
        self.to_weigh = list(dict.fromkeys(word for word in found if word not in weighed))
        return cleaned

    @property
    def weighed(self) -> str:
        """What the form carries once the hint was shown."""
        return " ".join([*self.data.get("weighed", "").split(), *self.to_weigh])


class PhraseField(forms.ModelChoiceField):
    """The library, by theme, in the language of the page."""

    def label_from_instance(self, phrase):
        return phrase.words


class AccommodationForm(NeutralForm):
    """A sentence of the library, or one in own words, which counts where both are given."""

    NEUTRAL = ("text",)

    phrase = PhraseField(
        AccommodationPhrase.objects.none(),
        label=_("Choose a sentence"),
        required=False,
        empty_label=_("– or write your own below –"),
    )
    text = Words(
        label=_("Or in your own words"),
        help_text=_("What the workplace does. Not why."),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["phrase"]
        field.queryset = AccommodationPhrase.objects.filter(in_use=True)
        themes = {}
        for phrase in field.queryset:
            themes.setdefault(phrase.theme, []).append((phrase.pk, phrase.words))
        field.choices = [("", field.empty_label), *themes.items()]

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not (cleaned["text"] or cleaned["phrase"]):
            self.add_error("text", _("Choose a sentence, or write what works at the workplace."))
        return cleaned

    @property
    def words(self) -> str:
        chosen = self.cleaned_data["phrase"]
        return self.cleaned_data["text"] or chosen.words


class JobForm(NeutralForm):
    """What a new job profile is for: a placement, or a type of job."""

    NEUTRAL = ("job",)

    placement = forms.ModelChoiceField(
        Placement.objects.none(),
        label=_("For a placement"),
        required=False,
        empty_label=_("– or a type of job below –"),
    )
    job = forms.CharField(
        label=_("Or for a type of job"),
        help_text=_("For example: work in a kitchen."),
        max_length=80,
        required=False,
    )

    def __init__(self, *args, placements, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["placement"]
        field.queryset = placements
        field.label_from_instance = lambda row: f"{row.employer.name}, {row.get_kind_display()}"

    def clean(self):
        cleaned = super().clean()
        if not self.errors and bool(cleaned["placement"]) == bool(cleaned["job"]):
            self.add_error("placement", _("Choose a placement, or write a type of job."))
        return cleaned


class JobProfileForm(NeutralForm):
    """The text for a company, one thing on each line."""

    NEUTRAL = ("can", "works")

    can = Words(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 5}))
    works = Words(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 6}))
    revision = forms.IntegerField(min_value=1, max_value=10**6, widget=forms.HiddenInput)

    def __init__(self, *args, profile, **kwargs):
        initial = {name: getattr(profile, name) for name in ("can", "works", "revision")}
        super().__init__(*args, initial=initial, **kwargs)
        name = {"name": profile.youth.first_name}
        self.profile = profile
        self.fields["can"].label = _("What %(name)s can") % name
        self.fields["can"].help_text = _("One thing on each line, the way %(name)s says it.") % name
        self.fields["works"].label = _("What works for %(name)s") % name
        self.fields["works"].help_text = _("One thing on each line. What the workplace does.")

    def lines(self, kind: str) -> list[str]:
        """What stands in a field now, line by line."""
        return [line.strip() for line in (self[kind].value() or "").splitlines() if line.strip()]

    def holds(self, row) -> bool:
        """Whether a row to choose from stands there, as a line of its own."""
        return row.words in self.lines(row.kind)

    def pick(self, rows) -> list:
        """Put what was chosen below what is written already; the rows that were put in."""
        chosen = set(self.data.getlist("picked"))
        self.data, put_in = self.data.copy(), []
        for row in rows:
            if str(row.pk) in chosen and not self.holds(row):
                self.data[row.kind] = "\n".join([*self.lines(row.kind), row.words])
                put_in.append(row)
        return put_in

    @property
    def texts(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("can", "works", "revision")}

    def against(self, saved) -> "JobProfileForm":
        """This form again, with all that was typed, to be saved on top of what somebody saved."""
        return JobProfileForm({**self.data.dict(), "revision": saved.revision}, profile=saved)


class JobAnswerForm(forms.Form):
    """The young person's yes or no to exactly one text."""

    YES, NO = "yes", "no"

    act = forms.ChoiceField(choices=[(YES, YES), (NO, NO)])
    revision = forms.IntegerField(min_value=1, max_value=10**6, widget=forms.HiddenInput)
    how = forms.ChoiceField(
        label=_("How have you read it?"),
        choices=ApprovedJobProfile.How.choices,
        initial=ApprovedJobProfile.How.OWN,
        required=False,
        widget=forms.RadioSelect(attrs={"data-look": "pills"}),
    )
    together_with = forms.CharField(
        label=_("Who did you read it with? (optional)"), max_length=120, required=False
    )
    comment = Words(
        label=_("What should be different? (optional)"),
        help_text=_("Only if you say no."),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()

    def clean(self):
        cleaned = super().clean()
        together = cleaned.get("how") == ApprovedJobProfile.How.TOGETHER
        if cleaned.get("act") == self.YES and together and not cleaned.get("together_with"):
            self.add_error("together_with", _("Write who you read it with."))
        return cleaned

    def answer(self, profile, *, by, sitting=None) -> None:
        said = self.cleaned_data
        given = {"by": by, "revision": said["revision"], "sitting": sitting}
        if said["act"] == self.YES:
            how = said["how"] or ApprovedJobProfile.How.OWN
            profile.approve(how=how, together_with=said["together_with"], **given)
        else:
            profile.decline(comment=said["comment"], **given)
