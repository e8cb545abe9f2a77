from handover.models.accommodations import (
    Accommodation,
    AccommodationPhrase,
    AccommodationRefused,
)
from handover.models.answers import PartAnswer, SentPart
from handover.models.carried import CARRIED_SECTIONS, Carried, TooMany, carried_things, to_carry
from handover.models.catalogue import (
    HEADINGS,
    CatalogueEntry,
    DismissedWording,
    FfbSubtheme,
    Heading,
    wording_index,
)
from handover.models.documents import DocumentStep, deadlines, document_plan
from handover.models.job_profiles import (
    ApprovedJobProfile,
    JobProfile,
    JobProfileRefused,
)
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
from handover.models.wordings import OfferedWording, offered_wordings

__all__ = [
    "CARRIED_SECTIONS",
    "HEADINGS",
    "NEVER_OPENED_AFTER",
    "Accommodation",
    "AccommodationPhrase",
    "AccommodationRefused",
    "ApprovedJobProfile",
    "AskedAlready",
    "AskedSection",
    "Carried",
    "CatalogueEntry",
    "Change",
    "DismissedWording",
    "DocumentStep",
    "FfbSubtheme",
    "HandoverProfile",
    "HandoverRefused",
    "HandoverVersion",
    "Heading",
    "JobProfile",
    "JobProfileRefused",
    "LastRead",
    "Level",
    "Missing",
    "NotComplete",
    "NotDisclosed",
    "NothingNew",
    "OfferedWording",
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
    "offered_wordings",
    "profile_summary",
    "to_carry",
    "told_parts",
    "waiting_on_the_young",
    "with_reactions",
    "wording_index",
]
