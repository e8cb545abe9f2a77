from evaluation.models.figures import (
    PartnershipProgress,
    Reconciliation,
    Snapshot,
    YouthProgress,
    count,
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
    "Rating",
    "RatingRefused",
    "RatingRound",
    "Reconciliation",
    "Snapshot",
    "Summary",
    "YouthProgress",
    "changes_in_words",
    "count",
    "rating_summary",
    "voice_of",
]
