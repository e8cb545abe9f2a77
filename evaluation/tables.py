"""The youths behind a figure: codes, never names."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from evaluation.models import YouthProgress
from evaluation.progress import Result, Voice
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
    """One line for each youth that a figure counts, with what the result rests on.

    Neither partnership nor the moment it was computed at, which tells the partnership.
    """

    code = tables.Column(verbose_name=_("Code"), attrs={"td": {"class": "vv-nowrap"}})
    result = tables.Column(verbose_name=_("Result"), order_by=("result", "code"))
    seen_by = tables.Column(verbose_name=_("Who sees it"), order_by=("seen_by", "code"))
    changes = tables.Column(
        verbose_name=_("It rests on"), orderable=False, empty_values=(), default=""
    )
    awaits = tables.Column(
        verbose_name=_("The round waits for"), orderable=False, empty_values=(), default=""
    )

    class Meta:
        model = YouthProgress
        fields = ("code", "result", "seen_by", "changes", "awaits")
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
        words = [[words] for words in self.rests_on(record)]
        return format_html_join("", '<span class="vv-sub">{}</span>', words) or NOTHING

    def render_awaits(self, record):
        return listed_voices(record)

    def rests_on(self, record) -> list[str]:
        """The ratings that changed, and the facts, in words."""
        facts = [str(fact.label) for fact in record.stored_facts]
        return changes_in_words(record.stored_changes, self.names) + facts

    # What a file holds instead: the words alone.

    def value_result(self, record):
        return Result(record.result).label

    def value_changes(self, record):
        return "; ".join(self.rests_on(record)) or NOTHING

    def value_awaits(self, record):
        return listed_voices(record)


class OwnTable(CountedTable):
    """The same of one's own partnership, by name."""

    name = tables.Column(
        verbose_name=_("Name"),
        linkify=lambda record: reverse("evaluation:ratings", args=[record.youth_id]),
    )

    class Meta(CountedTable.Meta):
        fields = ("name", "result", "seen_by", "changes", "awaits")
        exclude = ("code",)
        order_by = "name"


def listed_voices(record) -> str:
    return ", ".join(str(Voice(voice).label) for voice in record.awaits)
