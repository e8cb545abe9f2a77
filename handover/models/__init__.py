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
from handover.models.reading import LastRead, last_read, note_of
from handover.models.requests import AskedAlready, AskedSection, SectionRequest
from handover.models.texts import HandoverRefused, Level, NotDisclosed, PartText, Source
from handover.models.versions import Change, changes

__all__ = [
    "Accommodation",
    "AccommodationPhrase",
    "AccommodationRefused",
    "AskedAlready",
    "AskedSection",
    "Change",
    "HandoverProfile",
    "HandoverRefused",
    "HandoverVersion",
    "LastRead",
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
    "SectionRequest",
    "SentPart",
    "Source",
    "StaleVersion",
    "changes",
    "last_read",
    "note_of",
    "profile_summary",
]
