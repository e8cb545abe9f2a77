"""The project's own app: what brings rooms together that do not know each other."""

from functools import partial

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "vivirkr"

    def ready(self):
        from handover.models import Stalled, stalled
        from youths.halts import HALTS, Halt
        from youths.models import Gap, youths_with

        HALTS.update({why.value: Halt(why.label, partial(stalled, why=why)) for why in Stalled})
        HALTS.update({gap.value: Halt(gap.label, partial(youths_with, gap=gap)) for gap in Gap})
