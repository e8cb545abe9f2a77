from youths.views.cases import account, cpr, find, stu_end, words, youths
from youths.views.emergencies import emergencies, emergency
from youths.views.notices import notice_seen
from youths.views.placements import add_placement, placements
from youths.views.read_log import printed, readers, review, reviews
from youths.views.referrals import refer, referral
from youths.views.sharing import record_consent, sharing
from youths.views.together import together, wishes

__all__ = [
    "account",
    "add_placement",
    "cpr",
    "emergencies",
    "emergency",
    "find",
    "notice_seen",
    "placements",
    "printed",
    "readers",
    "record_consent",
    "refer",
    "referral",
    "review",
    "reviews",
    "sharing",
    "stu_end",
    "together",
    "wishes",
    "words",
    "youths",
]
