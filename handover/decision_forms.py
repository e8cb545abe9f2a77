"""The forms of the answer to a whole handover, and of the meetings of all three."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handover.forms import Words, bare_helper
from handover.models import HandoverDecision, MeetingAgreement, MeetingPoint
from partnerships.access import Section, roles
from partnerships.models import User


class WholeForm(forms.Form):
    """The receiver's answer to the handover as a whole, before it is confirmed."""

    kind = forms.ChoiceField(
        label=_("Your answer to the whole"),
        choices=[
            (HandoverDecision.Kind.ACCEPTED, _("Accept")),
            (HandoverDecision.Kind.WITH_QUESTIONS, _("Accept with questions")),
            (HandoverDecision.Kind.RETURNED, _("Return for completion")),
            (HandoverDecision.Kind.DECLINED, _("Decline")),
        ],
        error_messages={"required": _("Choose one of the four answers.")},
        widget=forms.RadioSelect(attrs={"data-look": "choice"}),
    )
    text = Words(
        label=_("Message (optional)"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, youth, summary, **kwargs):
        super().__init__(*args, auto_id="id_whole_%s", **kwargs)
        self.helper = bare_helper()
        names = {"name": youth.first_name, "school": youth.partnership.school}
        open_parts = ngettext(
            "When every part is answered. %(number)s waits.",
            "When every part is answered. %(number)s wait.",
            summary.unanswered,
        ) % {"number": summary.unanswered}
        accept = _("Every part is answered.")
        if summary.unanswered:
            accept = open_parts
        elif summary.open_questions:
            accept = _("When %(school)s has replied to your questions.") % names
        widget = self.fields["kind"].widget
        widget.icons = {
            "accepted": "done",
            "with_questions": "ask",
            "returned": "part",
            "declined": "no",
        }
        widget.hints = {
            "accepted": accept,
            "with_questions": _("You begin. Open questions stay with %(school)s.") % names,
            "returned": _("You write what is missing, section by section."),
            "declined": _("With a reason. %(name)s keeps place and contact person.") % names,
        }
        self.fields["text"].label = _("Message to %(school)s (optional)") % names


class DecisionForm(forms.Form):
    """The same answer on the page that confirms it, with what that kind of answer needs."""

    kind = forms.ChoiceField(choices=HandoverDecision.Kind.choices, widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    declined_because = forms.ChoiceField(
        label=_("Reason"),
        choices=HandoverDecision.DeclinedBecause.choices,
        error_messages={"required": _("Choose a reason.")},
        widget=forms.RadioSelect,
    )
    text = Words(
        label=_("Message (optional)"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, kind, sections, school, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.sections = sections if kind == HandoverDecision.Kind.RETURNED else ()
        for section in self.sections:
            self.fields[f"missing_{section}"] = Words(
                label=_("What is missing in “%(section)s”? (optional)")
                % {"section": Section(section).label},
                required=False,
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.fields["text"].label = _("Message to %(school)s (optional)") % {"school": school}
        if kind == HandoverDecision.Kind.DECLINED:
            self.fields["text"].required = True
            self.fields["text"].label = _("Why, in your own words")
        else:
            del self.fields["declined_because"]
        self.fields["text"] = self.fields.pop("text")  # last

    def clean(self):
        cleaned = super().clean()
        self.missing = {
            s: cleaned[f"missing_{s}"] for s in self.sections if cleaned.get(f"missing_{s}")
        }
        if self.sections and not self.missing and not self.errors:
            self.add_error(
                f"missing_{self.sections[0]}",
                _("Write what is missing, in one section at least."),
            )
        return cleaned

    @property
    def said(self) -> dict:
        """The answer, as its verb takes it."""
        names = ("kind", "version", "text", "declined_because")
        return {n: self.cleaned_data[n] for n in names if n in self.fields} | {
            "missing": self.missing
        }


class PlanForm(forms.Form):
    """The day of the first meeting."""

    planned_on = forms.DateField(
        label=_("Day of the meeting"), widget=forms.DateInput({"class": "vv-narrow"})
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()


class MeetingForm(forms.Form):
    """A meeting as it was held."""

    YES, NO = "yes", "no"
    held_on = forms.DateField(
        label=_("The day it was held"), widget=forms.DateInput({"class": "vv-narrow"})
    )
    people = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Who took part"), widget=forms.CheckboxSelectMultiple
    )
    others = Words(
        label=_("Who else took part?"),
        help_text=_("For example: mother, contact person, interpreter."),
        required=False,
        max_length=500,
    )
    youth_present = forms.ChoiceField(
        choices=[(YES, _("Yes")), (NO, _("No"))],
        error_messages={"required": _("Say whether the young person was there.")},
        widget=forms.RadioSelect(attrs={"data-look": "pills"}),
    )
    why_absent = Words(label=_("If not: why?"), required=False, max_length=500)
    minutes = Words(
        label=_("What was said?"),
        help_text=_("Short, and in words that the young person would use. Agreements stand below."),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 6}),
    )
    next_on = forms.DateField(
        label=_("Next meeting"),
        help_text=_("It is planned with this, and its agenda is open at once."),
        required=False,
        widget=forms.DateInput({"class": "vv-narrow"}),
    )

    def __init__(self, *args, youth, team, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.fields["youth_present"].label = _("Was %(name)s there?") % {"name": youth.first_name}
        people = self.fields["people"]
        people.queryset = User.objects.filter(pk__in=[m.user_id for m in team])
        named = {m.user_id: f"{m.user.name}, {m.organisation.name}" for m in team}
        people.label_from_instance = lambda person: named[person.pk]

    def clean_held_on(self):
        day = self.cleaned_data["held_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("The day lies ahead."))
        return day

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("youth_present") == self.NO and not cleaned.get("why_absent"):
            self.add_error("why_absent", _("Write why the young person was not there."))
        return cleaned

    @property
    def said(self) -> dict:
        return self.cleaned_data | {"youth_present": self.cleaned_data["youth_present"] == self.YES}


class PointForm(forms.Form):
    """Something to speak about; who is of a team says whose point it is."""

    of = forms.ChoiceField(
        label=_("Whose point is it?"), widget=forms.RadioSelect(attrs={"data-look": "pills"})
    )
    words = forms.CharField(
        label=_("What should we speak about?"),
        help_text=_("A few words. One thing in each point."),
        max_length=300,
        error_messages={"required": _("Write it in a few words.")},
    )

    def __init__(self, *args, youth, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        mine = next((of for of in MeetingPoint.Of if of in roles(by)), None)
        if mine is None:
            del self.fields["of"]
        else:
            said = _("%(name)s's, as it was said") % {"name": youth.first_name}
            self.fields["of"].choices = [(MeetingPoint.Of.YOUTH, said), (mine, mine.label)]

    def clean(self):
        return {"of": MeetingPoint.Of.YOUTH} | super().clean()


class AgreementForm(forms.Form):
    """One agreement: who does what by when. An empty row is none."""

    YOUTH, OTHER = MeetingAgreement.Who.YOUTH, MeetingAgreement.Who.OTHER

    what = Words(label=_("What"), max_length=500)
    who = forms.ChoiceField(label=_("Who"))
    other = Words(label=_("Who is it, if somebody else?"), required=False, max_length=120)
    due_on = forms.DateField(label=_("By when"), widget=forms.DateInput({"class": "vv-narrow"}))
    # The one that is corrected, where it is one; alone it makes no row.
    pk = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, youth, team, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.team = {str(m.user_id): m for m in team}
        self.fields["who"].choices = [
            ("", _("Choose")),
            (self.YOUTH, youth.first_name),
            *((pk, f"{m.user.name}, {m.organisation.name}") for pk, m in self.team.items()),
            (self.OTHER, _("Somebody else")),
        ]

    def has_changed(self):
        return bool(set(self.changed_data) - {"pk"})

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("who") == self.OTHER and not cleaned.get("other"):
            self.add_error("other", _("Write who it is."))
        return cleaned

    @property
    def agreed(self) -> dict:
        """The fields of the agreement."""
        who, said = self.cleaned_data["who"], self.cleaned_data
        named = self.team.get(who)
        return {
            "what": said["what"],
            "due_on": said["due_on"],
            "who": named.role if named else who,
            "person": named and named.user,
            "other": said["other"] if who == self.OTHER else "",
        } | ({"pk": said["pk"]} if said["pk"] else {})

    @classmethod
    def typed(cls, agreements) -> dict:
        """What the rows of a page would send that says this."""
        data = {"form-TOTAL_FORMS": len(agreements), "form-INITIAL_FORMS": 0}
        for n, row in enumerate(agreements):
            said = {"pk": row.pk, "what": row.what, "who": row.person_id or row.who}
            said |= {"other": row.other, "due_on": row.due_on.isoformat()}
            data |= {f"form-{n}-{name}": str(value) for name, value in said.items()}
        return data


AgreementFormSet = forms.formset_factory(AgreementForm, extra=0, max_num=20, absolute_max=20)
