from youths.views.agreements import agreement
from youths.views.cases import account, cpr, find, stu_end, words, youths
from youths.views.emergencies import emergencies, emergency
from youths.views.goals import add_goal, change_goal, close_goal, goal, goals, step
from youths.views.hours import plan_hours, step_hours, weeks
from youths.views.imports import import_list, imported
from youths.views.notices import mails, notice_seen
from youths.views.placements import (
    add_placement,
    change_placement,
    end_placement,
    pause_placement,
    placements,
    prolong_placement,
)
from youths.views.read_log import printed, readers, review, reviews
from youths.views.referrals import refer, referral
from youths.views.saved_views import saved_views
from youths.views.sharing import record_consent, sharing
from youths.views.together import together, wishes

__all__ = [
    "account",
    "add_goal",
    "add_placement",
    "agreement",
    "change_goal",
    "change_placement",
    "close_goal",
    "cpr",
    "emergencies",
    "emergency",
    "end_placement",
    "find",
    "goal",
    "goals",
    "import_list",
    "imported",
    "mails",
    "notice_seen",
    "pause_placement",
    "placements",
    "plan_hours",
    "printed",
    "prolong_placement",
    "readers",
    "record_consent",
    "refer",
    "referral",
    "review",
    "reviews",
    "saved_views",
    "sharing",
    "step",
    "step_hours",
    "stu_end",
    "together",
    "weeks",
    "wishes",
    "words",
    "youths",
]
