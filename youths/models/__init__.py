from youths.models.consents import NEEDS_CONSENT, Consent, ConsentRefused
from youths.models.placements import (
    Placement,
    PlacementGroupPermission,
    PlacementRefused,
    PlacementUserPermission,
)
from youths.models.read_log import AccessEvent, Channel
from youths.models.referrals import (
    NotSigned,
    PartnershipFull,
    Referral,
    ReferralRefused,
    ReferredAlready,
)
from youths.models.youths import AccountRefused, OwnWords, Youth, check_age

__all__ = [
    "NEEDS_CONSENT",
    "AccessEvent",
    "AccountRefused",
    "Channel",
    "Consent",
    "ConsentRefused",
    "NotSigned",
    "OwnWords",
    "PartnershipFull",
    "Placement",
    "PlacementGroupPermission",
    "PlacementRefused",
    "PlacementUserPermission",
    "Referral",
    "ReferralRefused",
    "ReferredAlready",
    "Youth",
    "check_age",
]
