"""The forms of the handover: one part, one answer, one reply."""

from datetime import date, timedelta

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout, Row
from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from handover.models import (
    HEADINGS,
    CatalogueEntry,
    Heading,
    Level,
    Part,
    PartAnswer,
    Source,
)
from partnerships.forms import CheckedFile


class Words(forms.CharField):
    """Text that is counted as its writer counts it: a line break is one character, not two."""

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


def bare_helper():
    """The page draws the form tag and the buttons, and says itself what is needed."""
    helper = FormHelper()
    helper.form_tag = False
    helper.show_optional = False
    return helper


# What is offered as the beginning of a thought, by heading.
LABEL_HINT = {
    Heading.DIRECTION: _("For example: work with animals, or a dream of an own flat."),
    Heading.MOTIVATION: _("For example: what makes a good day."),
    Heading.VOCATIONAL: _("One thing at a time, for example: following a recipe."),
    Heading.SOCIAL: _("One thing at a time, for example: serving customers."),
    Heading.PERSONAL: _("One thing at a time, for example: turning up on time."),
    Heading.EXPERIENCE: _("One place at a time, for example: two weeks in a café."),
    Heading.NEED: _("One thing at a time, for example: new tasks, breaks, noise."),
    Heading.AVOID: _("One thing at a time, for example: many messages at once."),
    Heading.SOCIAL_CONDITIONS: _("Only what matters for the course."),
    Heading.MENTAL_CONDITIONS: _("Only what matters for the course. Function, not diagnosis."),
    Heading.NETWORK: _("For example: who helps, and with what."),
    Heading.PRACTICAL: _("For example: transport, housing, fixed appointments."),
}
TEXT_LABEL = {
    Heading.DIRECTION: _("What does the young person want, and what shows it?"),
    Heading.MOTIVATION: _("What does the young person want, and what shows it?"),
    Heading.EXPERIENCE: _("Where was it, and what were the tasks?"),
    Heading.AVOID: _("What is to be avoided, and what happens otherwise?"),
}


class PartForm(forms.ModelForm):
    """A part as it is being written: everything may wait, and only limits are enforced.

    After a conflict it also carries, by field, whether to keep one's own text or the other's.
    """

    MINE, THEIRS = "mine", "theirs"

    entry = forms.TypedChoiceField(
        label=_("What is this part about?"),
        help_text=_("Choose from the list, or write your own words."),
        required=False,
        empty_value=None,
    )
    level = forms.ChoiceField(
        label=_("How much support does it take?"),
        help_text=_("Choose what you have seen. “Not assessed” is an honest answer."),
        choices=Level.choices,
        required=False,
        widget=forms.RadioSelect(attrs={"data-look": "scale"}),
    )
    source = forms.ChoiceField(
        label=_("Who says so?"),
        choices=Source.choices,
        required=False,
        widget=forms.RadioSelect(attrs={"data-look": "pills"}),
    )
    heading = forms.ChoiceField(
        label=_("Where does it belong?"),
        help_text=_(
            "The section decides who reads it. What should be read only with consent belongs "
            "under “Social and mental conditions”."
        ),
        required=False,
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Part
        fields = [
            "entry",
            "label",
            "level",
            "text",
            "evidence",
            "seen_from",
            "seen_to",
            "works",
            "source",
            "heading",
        ]
        field_classes = {"label": Words, "text": Words, "evidence": Words, "works": Words}
        labels = {
            "label": _("Own words"),
            "text": _("What have you seen?"),
            "evidence": _("How do you know? (optional)"),
            "seen_from": _("Seen from (optional)"),
            "seen_to": _("Seen until (optional)"),
            "works": _("What works?"),
        }
        help_texts = {"evidence": _("Where it was, and who was there.")}
        widgets = {
            "label": forms.TextInput,
            "text": forms.Textarea(attrs={"rows": 4}),
            "evidence": forms.Textarea(attrs={"rows": 2}),
            "works": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args, sections, **kwargs):
        super().__init__(*args, **kwargs)
        self.sections = sections
        part, heading = self.instance, self.instance.heading
        self.initial["revision"] = part.revision
        self._offer_entries(part)
        self.fields["heading"].choices = Heading.grouped(sections)
        self.fields["label"].help_text = LABEL_HINT[heading]
        if not part.has_level:
            del self.fields["level"]
        if part.needs_what_works:
            self.fields["works"].help_text = _(
                "What you do, so that somebody who has never met the young person can do the same."
            )
        else:
            self.fields["works"].label = _("What works? (optional)")
        if heading in TEXT_LABEL:
            self.fields["text"].label = TEXT_LABEL[heading]
        self.helper = bare_helper()
        self.helper.layout = Layout(
            Row("entry", "label"),
            *(["level"] if part.has_level else []),
            "text",
            HTML("{% include 'handover/_phrases.html' %}"),
            "evidence",
            Row("seen_from", "seen_to"),
            *("works", "source", "heading", "revision"),
        )

    def _offer_entries(self, part):
        """What is in use for this section, and what the part is named by already."""
        found = CatalogueEntry.objects.filter(
            Q(is_active=True, heading__in=HEADINGS[part.section]) | Q(pk=part.entry_id)
        )
        self.entries = {str(entry.pk): entry for entry in found}
        by_heading = {}
        for entry in sorted(found, key=lambda one: Heading.values.index(one.heading)):
            group = by_heading.setdefault(Heading(entry.heading).label, [])
            group.append((str(entry.pk), entry.words))
        field = self.fields["entry"]
        field.choices = [("", _("Not from the list")), *by_heading.items()]
        field.coerce = self.entries.get

    def clean_source(self):
        return self.cleaned_data["source"] or Source.SCHOOL

    def clean_heading(self):
        return self.cleaned_data["heading"] or self.instance.heading

    def clean(self):
        cleaned = super().clean()
        self.typed = self.texts
        for name in self.typed:
            if self.data.get(f"keep_{name}") == self.THEIRS:
                cleaned[name] = getattr(self.instance, name)
        begins, ends = cleaned.get("seen_from"), cleaned.get("seen_to")
        if begins and ends and ends < begins:
            self.add_error("seen_to", _("The period ends before it begins."))
        return cleaned

    @property
    def texts(self) -> dict:
        """What was written, by field of the part."""
        return {name: self.cleaned_data.get(name) for name in self.fields if name != "revision"}

    def against(self, saved: Part) -> "PartForm":
        """This form again, with all that was typed, to be saved on top of what somebody saved."""
        typed = {**self.data.dict(), "revision": saved.revision}
        return PartForm(typed, instance=saved, sections=self.sections)

    def differences(self, saved: Part) -> list[dict]:
        """Field by field what was typed here and what was saved meanwhile, where they differ."""
        return [
            {
                "name": name,
                "label": self.fields[name].label,
                "mine": self._in_words(name, mine),
                "theirs": self._in_words(name, getattr(saved, name)),
            }
            for name, mine in self.typed.items()
            if mine != getattr(saved, name)
        ]

    @staticmethod
    def _in_words(name, value):
        if isinstance(value, date):
            return date_format(value)
        if isinstance(value, CatalogueEntry):
            return value.words
        choices = {"level": Level, "source": Source, "heading": Heading}
        return choices[name](value).label if value and name in choices else value or ""


class AnswerForm(forms.ModelForm):
    """The receiver's answer to one part."""

    kind = forms.ChoiceField(
        label=_("Your answer to this part"),
        choices=PartAnswer.Kind.choices,
        error_messages={"required": _("Choose one of the three answers.")},
        widget=forms.RadioSelect(attrs={"data-look": "choice"}),
    )

    class Meta:
        model = PartAnswer
        fields = ["kind", "text"]
        field_classes = {"text": Words}
        labels = {"text": _("In your words")}
        help_texts = {
            "text": _("Needed with a question, and when you cannot use it. Else if you like.")
        }
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, school, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        widget = self.fields["kind"].widget
        widget.icons = {"understood": "done", "question": "ask", "cannot_use": "no"}
        widget.hints = {
            "understood": _("I know how I will use it"),
            "question": _("The part stays open until you have a reply"),
            "cannot_use": _("You write why, and %(school)s sees it") % {"school": school},
        }

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("kind") not in (None, PartAnswer.Kind.UNDERSTOOD) and (
            "text" in cleaned and not cleaned["text"]
        ):
            self.add_error("text", _("Write your question, or why you cannot use it."))
        return cleaned


class ReplyForm(forms.Form):
    """The school's reply to one question."""

    text = Words(
        label=_("Your reply"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write your reply.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()


class AttachmentForm(forms.Form):
    """One file beside a part; its content says what it is."""

    file = CheckedFile()
    about = Words(
        label=_("What does it show? (optional)"),
        help_text=_("In a few words, so that it is known without being opened."),
        max_length=200,
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()


class AskForm(forms.Form):
    """The job centre asks for sections: which, what for, and by when if that matters."""

    sections = forms.MultipleChoiceField(
        label=_("Which sections do you ask for?"),
        error_messages={"required": _("Choose at least one section.")},
        widget=forms.CheckboxSelectMultiple,
    )
    purpose = Words(
        label=_("What will you use it for?"),
        help_text=_("In words that the young person understands, too."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what you will use it for.")},
    )
    wanted_by = forms.DateField(
        label=_("When do you wish to have it? (optional)"), required=False, widget=forms.DateInput
    )

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.fields["sections"].choices = choices

    def clean_wanted_by(self):
        day = self.cleaned_data["wanted_by"]
        if day and not timezone.localdate() <= day <= timezone.localdate() + timedelta(days=730):
            raise forms.ValidationError(_("Choose a day from today on, within two years."))
        return day


class DeclineForm(forms.Form):
    """The school declines some of what was asked for."""

    sections = forms.MultipleChoiceField(
        label=_("Which sections will you not send?"),
        error_messages={"required": _("Choose at least one section.")},
        widget=forms.CheckboxSelectMultiple,
    )
    reason = Words(
        label=_("Why not?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write why not.")},
    )

    def __init__(self, *args, asked, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.fields["sections"].choices = [
            (one.section, one.get_section_display()) for one in asked
        ]
        if len(asked) == 1:
            self.initial["sections"] = [asked[0].section]


class ReactionForm(forms.Form):
    """The young person's answer to one part: it fits, or what does not."""

    FITS, DIFFERS = "fits", "differs"

    answer = forms.ChoiceField(
        label=_("Does it fit?"),
        choices=[(FITS, _("Yes, it fits")), (DIFFERS, _("No, I see it differently"))],
        widget=forms.RadioSelect(attrs={"data-look": "answer"}),
        error_messages={"required": _("Choose the answer that fits best.")},
    )
    text = Words(
        label=_("Do you want to say something about it?"),
        help_text=_("If it does not fit: write what is not right. A few words are enough."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args, part, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["answer"].widget.icons = {self.FITS: "sure", self.DIFFERS: "unsure"}
        self.initial["revision"] = part.revision
        if part.reaction and not part.asks_again:
            self.initial["answer"] = self.FITS if part.reaction.agrees else self.DIFFERS
            self.initial["text"] = part.reaction.text

    @property
    def is_untouched(self) -> bool:
        """Nothing chosen and nothing written: there is nothing to save."""
        return not self.data.get("answer") and not self.data.get("text", "").strip()

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("answer") == self.DIFFERS and "text" in cleaned and not cleaned["text"]:
            self.add_error("text", _("Write what does not fit. A few words are enough."))
        return cleaned

    @property
    def said(self) -> dict:
        return {
            "agrees": self.cleaned_data["answer"] == self.FITS,
            "text": self.cleaned_data["text"],
            "revision": self.cleaned_data["revision"],
        }


class BegunForm(forms.Form):
    """The day on which the document was begun."""

    on = forms.DateField(
        label=_("Begun on"),
        widget=forms.DateInput(attrs={"class": "vv-narrow"}),
        error_messages={"required": _("Write the day.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()


class ConversationForm(BegunForm):
    """The day of the conversation, and who took part."""

    took_part = Words(
        label=_("Who took part"),
        help_text=_("Names, and for whom: the young person, parents, the job centre ..."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write who took part.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["on"].label = _("Held on")
