"""The project's own app: what brings rooms together that do not know each other."""

from functools import partial

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "vivirkr"

    def ready(self):
        from evaluation.models import DEADLINES as OF_ROUNDS
        from handover.models import DEADLINES as OF_HANDOVERS
        from handover.models import Stalled, stalled
        from youths.deadlines import RULES
        from youths.halts import HALTS, Halt
        from youths.models import Gap, youths_with

        HALTS.update({why.value: Halt(why.label, partial(stalled, why=why)) for why in Stalled})
        HALTS.update({gap.value: Halt(gap.label, partial(youths_with, gap=gap)) for gap in Gap})
        RULES.update(OF_HANDOVERS | OF_ROUNDS)
