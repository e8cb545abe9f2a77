from evaluation.models.criteria import Criterion, Entry, RegisterRefused
from evaluation.models.cuts import Cut, CutRefused, PseudonymKey, Report, half_years, quotes_of
from evaluation.models.deadlines import DEADLINES
from evaluation.models.definitions import (
    SIDES,
    Definition,
    DefinitionAnswer,
    DefinitionChanged,
    DefinitionRefused,
    TriedRule,
)
from evaluation.models.evidence import judged_anew, judged_by_the_database
from evaluation.models.facts import (
    Assessment,
    FactRefused,
    ObservedFact,
    Outcome,
    waiting_assessments,
    waiting_outcomes,
)
from evaluation.models.figures import (
    Counted,
    PartnershipProgress,
    YouthProgress,
    count,
    outcomes_after_of,
    outcomes_of,
)
from evaluation.models.indicators import Indicator, IndicatorText
from evaluation.models.making import CannotBeMade, State
from evaluation.models.own_rounds import EASIER_LENGTH, OwnRound, RoundLink
from evaluation.models.ratings import (
    AnsweredMeanwhile,
    Rating,
    RatingRefused,
    WhyNot,
    remind,
    voice_of,
)
from evaluation.models.reconciliations import Reconciliation
from evaluation.models.rounds import RatingRound
from evaluation.models.snapshots import ProgrammeSnapshot, Snapshot
from evaluation.models.sweeps import LastSweep
from evaluation.models.voices import Summary, rating_summary

__all__ = [
    "DEADLINES",
    "EASIER_LENGTH",
    "SIDES",
    "AnsweredMeanwhile",
    "Assessment",
    "CannotBeMade",
    "Counted",
    "Criterion",
    "Cut",
    "CutRefused",
    "Definition",
    "DefinitionAnswer",
    "DefinitionChanged",
    "DefinitionRefused",
    "Entry",
    "FactRefused",
    "Indicator",
    "IndicatorText",
    "LastSweep",
    "ObservedFact",
    "Outcome",
    "OwnRound",
    "PartnershipProgress",
    "ProgrammeSnapshot",
    "PseudonymKey",
    "Rating",
    "RatingRefused",
    "RatingRound",
    "Reconciliation",
    "RegisterRefused",
    "Report",
    "RoundLink",
    "Snapshot",
    "State",
    "Summary",
    "TriedRule",
    "WhyNot",
    "YouthProgress",
    "count",
    "half_years",
    "judged_anew",
    "judged_by_the_database",
    "outcomes_after_of",
    "outcomes_of",
    "quotes_of",
    "rating_summary",
    "remind",
    "voice_of",
    "waiting_assessments",
    "waiting_outcomes",
]
