"""Pages composed of several rooms."""

from vivirkr.views.acting import acting
from vivirkr.views.cases import case, case_pdf
from vivirkr.views.eyes import eyes
from vivirkr.views.home import home
from vivirkr.views.pages import accessibility, privacy
from vivirkr.views.papers import draft_pdf, handover_pdf, issued_pdf, my_profile, timetable_pdf
from vivirkr.views.partnerships import partnership, partnerships
from vivirkr.views.placements import job_pdf, placement, placement_by_link
from vivirkr.views.sharing import legal_basis, withdraw

__all__ = [
    "accessibility",
    "acting",
    "case",
    "case_pdf",
    "draft_pdf",
    "eyes",
    "handover_pdf",
    "home",
    "issued_pdf",
    "job_pdf",
    "legal_basis",
    "my_profile",
    "partnership",
    "partnerships",
    "placement",
    "placement_by_link",
    "privacy",
    "timetable_pdf",
    "withdraw",
]
