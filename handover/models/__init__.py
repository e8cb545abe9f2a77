from handover.models.accommodations import (
    Accommodation,
    AccommodationPhrase,
    AccommodationRefused,
)
from handover.models.answers import PartAnswer, SentPart
from handover.models.profiles import (
    HandoverProfile,
    HandoverVersion,
    Missing,
    NotComplete,
    NothingNew,
    Part,
    PreviewChanged,
    ProfileSummary,
    StaleVersion,
    profile_summary,
)
from handover.models.texts import HandoverRefused, Level, NotDisclosed, PartText, Source

__all__ = [
    "Accommodation",
    "AccommodationPhrase",
    "AccommodationRefused",
    "HandoverProfile",
    "HandoverRefused",
    "HandoverVersion",
    "Level",
    "Missing",
    "NotComplete",
    "NotDisclosed",
    "NothingNew",
    "Part",
    "PartAnswer",
    "PartText",
    "PreviewChanged",
    "ProfileSummary",
    "SentPart",
    "Source",
    "StaleVersion",
    "profile_summary",
]
