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
from partnerships.models.programmes import LegalGround, OutcomeClass, Phase, Programme

__all__ = [
    "DANISH",
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
    "Programme",
    "Status",
    "User",
]
