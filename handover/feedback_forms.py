"""The form of one round of feedback: all parts and headings on one page, saved in one press."""

from django import forms
from django.utils.html import escape
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from handover.forms import Words, bare_helper
from handover.models import FeedbackMark, Heading

EXCERPT = 120  # characters of a part, to know it again by


class FeedbackForm(forms.Form):
    """A mark for each part, and under each heading whether something was missing."""

    round = forms.IntegerField(widget=forms.HiddenInput)
    number = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, parts, headings, **kwargs):
        super().__init__(*args, **kwargs)
        self.parts, self.headings = parts, headings
        self.helper = bare_helper()
        for part in parts:
            self.fields[f"part_{part.pk}"] = forms.ChoiceField(
                label=part.title,
                # Written by people, and put on the page as it is.
                help_text=escape(Truncator(part.text).chars(EXCERPT)),
                choices=[*FeedbackMark.Kind.choices, ("", _("Not marked"))],
                required=False,
                widget=forms.RadioSelect(attrs={"data-look": "pills"}),
            )
        for heading in headings:
            under = {"heading": heading.label}
            self.fields[f"missing_{heading}"] = forms.BooleanField(
                label=_("Something was missing under “%(heading)s”") % under, required=False
            )
            self.fields[f"words_{heading}"] = Words(
                label=_("What was missing under “%(heading)s”? (optional)") % under,
                required=False,
                max_length=500,
            )

    @classmethod
    def initial_of(cls, feedback) -> dict:
        """What was saved last of this round, as the form shows it."""
        marks, missing = feedback.said
        return (
            {f"part_{pk}": kind for pk, kind in marks.items()}
            | {f"missing_{heading}": True for heading in missing}
            | {f"words_{heading}": text for heading, text in missing.items()}
        )

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not self.missing and not any(self.marks.values()):
            raise forms.ValidationError(_("Mark one part or one heading at least."))
        return cleaned

    @property
    def marks(self) -> dict:
        return {part.pk: self.cleaned_data[f"part_{part.pk}"] for part in self.parts}

    @property
    def missing(self) -> dict:
        """Words say that something was missing, ticked or not."""
        said = {h: (self.cleaned_data[f"missing_{h}"], self._words(h)) for h in self.headings}
        return {h: words for h, (ticked, words) in said.items() if ticked or words}

    def _words(self, heading) -> str:
        return self.cleaned_data[f"words_{heading}"]

    @property
    def unplaced(self) -> list[str]:
        """What was written under headings that are not on the page any more."""
        gone = [heading for heading in Heading.values if heading not in self.headings]
        words = (self.data.get(f"words_{heading}", "").strip() for heading in gone)
        return [text for text in words if text]

    def against(self, **read) -> "FeedbackForm":
        """The same, as typed, to be saved over what has been read by now."""
        data = self.data.copy()
        for name, value in read.items():
            data[name] = str(value)
        return FeedbackForm(data, parts=self.parts, headings=self.headings)

    def differences(self, theirs) -> list[dict]:
        """Where somebody else has said something else: rows for the page of a conflict."""
        marks, missing = theirs.said
        kinds = dict(FeedbackMark.Kind.choices) | {"": _("Not marked")}
        rows = [
            {"label": part.title, "theirs": str(kinds[marks.get(part.pk, "")])}
            for part in self.parts
            if marks.get(part.pk, "") != self.marks[part.pk]
        ]
        for heading in self.headings:
            if missing.get(heading) != self.missing.get(heading):
                said = missing.get(heading)
                nothing = _("Nothing was missing")
                theirs_said = str(nothing if said is None else said or _("Something was missing"))
                rows.append({"label": heading.label, "theirs": theirs_said})
        return rows
