from evaluation.models.figures import (
    PartnershipProgress,
    ProgrammeSnapshot,
    Reconciliation,
    Snapshot,
    YouthProgress,
    count,
    outcomes_of,
)
from evaluation.models.ratings import (
    AnsweredMeanwhile,
    Indicator,
    IndicatorText,
    Rating,
    RatingRefused,
    RatingRound,
    voice_of,
)
from evaluation.models.voices import RULE_IN_WORDS, Summary, changes_in_words, rating_summary

__all__ = [
    "RULE_IN_WORDS",
    "AnsweredMeanwhile",
    "Indicator",
    "IndicatorText",
    "PartnershipProgress",
    "ProgrammeSnapshot",
    "Rating",
    "RatingRefused",
    "RatingRound",
    "Reconciliation",
    "Snapshot",
    "Summary",
    "YouthProgress",
    "changes_in_words",
    "count",
    "outcomes_of",
    "rating_summary",
    "voice_of",
]
