from youths.models.agreements import (
    AgreementConfirmation,
    AgreementReplaced,
    PlacementAgreement,
)
from youths.models.companies import PlacesOffered
from youths.models.consents import (
    SOON,
    Consent,
    ConsentRefused,
    ConsentText,
    Purpose,
    TextChanged,
)
from youths.models.contacts import (
    MEET_WITHIN,
    Contact,
    ContactChange,
    ContactChanged,
    ContactRefused,
    Gap,
    SuccessorsMissing,
    may_change_contact,
    youths_with,
)
from youths.models.course import CourseRefused, Effort, PhaseEntry, quiet_since
from youths.models.cpr import CprNumber, CprRefused, cpr_digits
from youths.models.deadlines import Deadline, DeadlineRefused, followed, key
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
from youths.models.links import Link, LinkQuerySet, hash_of
from youths.models.notices import Delivery, Notice
from youths.models.placement_events import PlacementEnding, PlacementEvent
from youths.models.placement_feedback import (
    PlacementFeedback,
    company_feedback_waiting_on,
    feedback_completion,
    feedback_due,
    saying_if_asked,
)
from youths.models.placement_links import HELD, PlacementLink, link_address
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
    "HELD",
    "KEPT_DAYS",
    "MEET_WITHIN",
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
    "Contact",
    "ContactChange",
    "ContactChanged",
    "ContactRefused",
    "CourseRefused",
    "CprNumber",
    "CprRefused",
    "Deadline",
    "DeadlineRefused",
    "Delivery",
    "Effort",
    "EmergencyNotice",
    "EmergencyOpening",
    "EmergencyRefused",
    "Gap",
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
    "Link",
    "LinkQuerySet",
    "NotSigned",
    "Notice",
    "OwnWords",
    "PartnershipFull",
    "PhaseEntry",
    "Placement",
    "PlacementAgreement",
    "PlacementEnding",
    "PlacementEvent",
    "PlacementFeedback",
    "PlacementGroupPermission",
    "PlacementLink",
    "PlacementRefused",
    "PlacementUserPermission",
    "PlacesOffered",
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
    "SuccessorsMissing",
    "TextChanged",
    "TooManyViews",
    "WorkedWeek",
    "Youth",
    "check_age",
    "company_feedback_waiting_on",
    "cpr_digits",
    "feedback_completion",
    "feedback_due",
    "followed",
    "free_places",
    "goals_of",
    "hash_of",
    "heading",
    "held_sections",
    "hours_of",
    "key",
    "link_address",
    "may_change_contact",
    "quiet_since",
    "saying_if_asked",
    "section_names",
    "shared_since",
    "weeks_of",
    "why_held",
    "youths_with",
]
