from partnerships.models.partnerships import (
    AgreementRefused,
    DateRange,
    Narrowing,
    Partnership,
    PartnershipGroupPermission,
    PartnershipUserPermission,
    Status,
)
from partnerships.models.people import (
    DANISH,
    MailRhythm,
    Membership,
    Organisation,
    OrganisationKind,
    User,
)
from partnerships.models.programmes import (
    HOURS,
    LegalGround,
    OutcomeClass,
    Phase,
    PlacementKind,
    PlacementLimit,
    Programme,
)

__all__ = [
    "DANISH",
    "HOURS",
    "AgreementRefused",
    "DateRange",
    "LegalGround",
    "MailRhythm",
    "Membership",
    "Narrowing",
    "Organisation",
    "OrganisationKind",
    "OutcomeClass",
    "Partnership",
    "PartnershipGroupPermission",
    "PartnershipUserPermission",
    "Phase",
    "PlacementKind",
    "PlacementLimit",
    "Programme",
    "Status",
    "User",
]
