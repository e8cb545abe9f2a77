from partnerships.models.partnerships import (
    AgreementRefused,
    DateRange,
    Partnership,
    PartnershipGroupPermission,
    PartnershipUserPermission,
    Status,
)
from partnerships.models.people import DANISH, Membership, Organisation, OrganisationKind, User
from partnerships.models.programmes import OutcomeClass, Phase, Programme

__all__ = [
    "DANISH",
    "AgreementRefused",
    "DateRange",
    "Membership",
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
