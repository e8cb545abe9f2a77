"""The list of youths."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from youths.models import Youth

# State of a youth: shape and words.
STATES = {
    "referred": ("wait", _("Referral waits")),
    "left": ("no", _("Has left")),
    "course": ("done", _("In the course")),
}


class YouthTable(tables.Table):
    """One line for each youth; names lead to the case."""

    name = tables.LinkColumn("case", args=[tables.A("pk")], verbose_name=_("Name"))
    phase = tables.Column(verbose_name=_("Phase"), order_by=("phase__position", "name"))
    state = tables.Column(verbose_name=_("State"), orderable=False, empty_values=())
    halt = tables.Column(
        verbose_name=_("What has come to a halt"), orderable=False, empty_values=()
    )
    stu_ends_on = tables.Column(verbose_name=_("STU ends"))

    class Meta:
        model = Youth
        fields = ("name", "code", "phase", "state", "halt", "stu_ends_on")
        attrs = {"caption": _("Youths")}
        empty_text = _("Nobody fits. Try fewer filters.")
        order_by = "name"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.reasons = {}  # of those that are shown, by id
        self.states = {
            state: render_to_string(
                "components/status.html", {"shape": shape, "look": shape, "text": text}
            )
            for state, (shape, text) in STATES.items()
        }

    def render_halt(self, record):
        return ". ".join(str(why) for why in self.reasons.get(record.pk, ())) or "–"

    def render_state(self, record):
        return self.states[_state(record)]

    def render_stu_ends_on(self, value):
        return date_format(value, "SHORT_DATE_FORMAT")

    # What a file holds instead: the words alone, and the day as a day.

    def value_state(self, record):
        return STATES[_state(record)][1]

    def value_stu_ends_on(self, value):
        return value


def _state(youth):
    if youth.enrolled_on is None:
        return "referred"
    return "left" if youth.left_on else "course"
