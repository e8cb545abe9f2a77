"""The youths behind a figure: codes, never names."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from evaluation.models import YouthProgress
from evaluation.progress import Result
from evaluation.wording import changes_in_words

SHAPES = {
    Result.CLOSER: "done",
    Result.UNCHANGED: "open",
    Result.FURTHER: "no",
    Result.TOO_EARLY: "wait",
    Result.NO_DATA: "ask",
}
NOTHING = _("Nothing to compare yet")


class CountedTable(tables.Table):
    """One line for each youth that a figure counts, with the ratings that the result rests on."""

    code = tables.Column(verbose_name=_("Code"), attrs={"td": {"class": "vv-nowrap"}})
    partnership = tables.Column(
        verbose_name=_("Partnership"), order_by=("partnership__school__name", "code")
    )
    result = tables.Column(verbose_name=_("Result"), order_by=("result", "code"))
    changes = tables.Column(
        verbose_name=_("It rests on"), orderable=False, empty_values=(), default=""
    )
    computed_at = tables.Column(verbose_name=_("Computed"))

    class Meta:
        model = YouthProgress
        fields = ("code", "partnership", "result", "changes", "computed_at")
        attrs = {"caption": _("The youths that are counted"), "class": "vv-table--top"}
        empty_text = _("No youths are counted here.")
        order_by = "code"

    def __init__(self, *args, names, **kwargs):
        super().__init__(*args, **kwargs)
        self.names = names  # of the indicators, by code
        # The amber clock is for what waits on somebody; this only waits for time to pass.
        self.statuses = {
            result: render_to_string(
                "components/status.html",
                {"shape": SHAPES[result], "look": "open", "text": result.label},
            )
            for result in Result
        }

    def render_result(self, record):
        return self.statuses[record.result]

    def render_changes(self, record):
        words = [[words] for words in changes_in_words(record.stored_changes, self.names)]
        return format_html_join("", '<span class="vv-sub">{}</span>', words) or NOTHING

    def render_computed_at(self, value):
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")

    # What a file holds instead: the words alone, and the time as a time.

    def value_result(self, record):
        return Result(record.result).label

    def value_changes(self, record):
        return "; ".join(changes_in_words(record.stored_changes, self.names)) or NOTHING

    def value_computed_at(self, value):
        return value
