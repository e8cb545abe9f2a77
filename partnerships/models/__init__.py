from partnerships.models.companies import Branch, CompanyContact, NetworkPlace
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
    check_cvr,
    is_cvr,
)
from partnerships.models.programmes import LegalGround, OutcomeClass, Phase, Programme

__all__ = [
    "DANISH",
    "AgreementRefused",
    "Branch",
    "CompanyContact",
    "DateRange",
    "LegalGround",
    "MailRhythm",
    "Membership",
    "Narrowing",
    "NetworkPlace",
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
    "check_cvr",
    "is_cvr",
]
