from handover.models.accommodations import (
    Accommodation,
    AccommodationPhrase,
    AccommodationRefused,
)
from handover.models.answers import PartAnswer, SentPart
from handover.models.carried import CARRIED_SECTIONS, Carried, TooMany, carried_things, to_carry
from handover.models.documents import DocumentStep, deadlines, document_plan
from handover.models.knowledge import NEVER_OPENED_AFTER, PartnershipKnowledge, Stage, meter
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
from handover.models.reactions import (
    PartReaction,
    told_parts,
    waiting_on_the_young,
    with_reactions,
)
from handover.models.reading import LastRead, last_read, note_of
from handover.models.requests import AskedAlready, AskedSection, SectionRequest
from handover.models.texts import HandoverRefused, Level, NotDisclosed, PartText, Source
from handover.models.use import PartCheck, PartOpening, PartUse
from handover.models.versions import Change, changes

__all__ = [
    "CARRIED_SECTIONS",
    "NEVER_OPENED_AFTER",
    "Accommodation",
    "AccommodationPhrase",
    "AccommodationRefused",
    "AskedAlready",
    "AskedSection",
    "Carried",
    "Change",
    "DocumentStep",
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
    "PartCheck",
    "PartOpening",
    "PartReaction",
    "PartText",
    "PartUse",
    "PartnershipKnowledge",
    "PreviewChanged",
    "ProfileSummary",
    "SectionRequest",
    "SentPart",
    "Source",
    "Stage",
    "StaleVersion",
    "TooMany",
    "carried_things",
    "changes",
    "deadlines",
    "document_plan",
    "last_read",
    "meter",
    "note_of",
    "profile_summary",
    "to_carry",
    "told_parts",
    "waiting_on_the_young",
    "with_reactions",
]
