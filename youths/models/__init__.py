from youths.models.agreements import (
    AgreementConfirmation,
    AgreementReplaced,
    PlacementAgreement,
)
from youths.models.consents import (
    SOON,
    Consent,
    ConsentRefused,
    ConsentText,
    Purpose,
    TextChanged,
)
from youths.models.cpr import CprNumber, CprRefused, cpr_digits
from youths.models.disclosure import Held, HeldBack, held_sections, shared_since, why_held
from youths.models.emergencies import EmergencyNotice, EmergencyOpening, EmergencyRefused
from youths.models.goals import (
    Goal,
    GoalChanged,
    GoalEvent,
    GoalRefused,
    SmallStep,
    goals_of,
)
from youths.models.hours import MOST_HOURS, Hours, HoursStep, WorkedWeek, hours_of, weeks_of
from youths.models.imports import (
    FIELDS,
    HEADINGS,
    KEPT_DAYS,
    Import,
    ImportRefused,
    ImportRow,
    heading,
)
from youths.models.legal_bases import LegalBasis, LegalBasisRefused
from youths.models.notices import Delivery, Notice
from youths.models.placement_events import PlacementEnding, PlacementEvent
from youths.models.placements import (
    ENDS_SOON,
    Placement,
    PlacementGroupPermission,
    PlacementRefused,
    PlacementUserPermission,
)
from youths.models.read_log import AccessEvent, Channel, section_names
from youths.models.referrals import (
    NotSigned,
    PartnershipFull,
    Referral,
    ReferralRefused,
    ReferredAlready,
    free_places,
)
from youths.models.reviews import ReadSample, ReviewRefused, SampledRead
from youths.models.saved_views import SavedView, TooManyViews
from youths.models.together import Sitting
from youths.models.youths import AccountRefused, OwnWords, StuEndRefused, Youth, check_age

__all__ = [
    "ENDS_SOON",
    "FIELDS",
    "HEADINGS",
    "KEPT_DAYS",
    "MOST_HOURS",
    "SOON",
    "AccessEvent",
    "AccountRefused",
    "AgreementConfirmation",
    "AgreementReplaced",
    "Channel",
    "Consent",
    "ConsentRefused",
    "ConsentText",
    "CprNumber",
    "CprRefused",
    "Delivery",
    "EmergencyNotice",
    "EmergencyOpening",
    "EmergencyRefused",
    "Goal",
    "GoalChanged",
    "GoalEvent",
    "GoalRefused",
    "Held",
    "HeldBack",
    "Hours",
    "HoursStep",
    "Import",
    "ImportRefused",
    "ImportRow",
    "LegalBasis",
    "LegalBasisRefused",
    "NotSigned",
    "Notice",
    "OwnWords",
    "PartnershipFull",
    "Placement",
    "PlacementAgreement",
    "PlacementEnding",
    "PlacementEvent",
    "PlacementGroupPermission",
    "PlacementRefused",
    "PlacementUserPermission",
    "Purpose",
    "ReadSample",
    "Referral",
    "ReferralRefused",
    "ReferredAlready",
    "ReviewRefused",
    "SampledRead",
    "SavedView",
    "Sitting",
    "SmallStep",
    "StuEndRefused",
    "TextChanged",
    "TooManyViews",
    "WorkedWeek",
    "Youth",
    "check_age",
    "cpr_digits",
    "free_places",
    "goals_of",
    "heading",
    "held_sections",
    "hours_of",
    "section_names",
    "shared_since",
    "weeks_of",
    "why_held",
]
