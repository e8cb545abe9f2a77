from youths.views.agreements import agreement
from youths.views.cases import account, cpr, find, stu_end, words, youths
from youths.views.companies import (
    add_company,
    change_company,
    companies,
    company,
    company_part,
    entry_point,
)
from youths.views.contacts import change_contact
from youths.views.course import course, effort, enter_phase, recommend
from youths.views.deadlines import deadline, deadlines, timetable, timetable_page
from youths.views.emergencies import emergencies, emergency
from youths.views.goals import add_goal, change_goal, close_goal, goal, goals, step
from youths.views.hours import plan_hours, step_hours, weeks
from youths.views.imports import import_list, imported
from youths.views.links import (
    link,
    link_agreement,
    link_feedback,
    link_is_over,
    placement_link,
)
from youths.views.notices import mails, notice_seen
from youths.views.placement_feedback import answer_feedback, placement_feedback
from youths.views.placements import (
    add_placement,
    change_placement,
    end_placement,
    next_meeting,
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
    "add_company",
    "add_goal",
    "add_placement",
    "agreement",
    "answer_feedback",
    "change_company",
    "change_contact",
    "change_goal",
    "change_placement",
    "close_goal",
    "companies",
    "company",
    "company_part",
    "course",
    "cpr",
    "deadline",
    "deadlines",
    "effort",
    "emergencies",
    "emergency",
    "end_placement",
    "enter_phase",
    "entry_point",
    "find",
    "goal",
    "goals",
    "import_list",
    "imported",
    "link",
    "link_agreement",
    "link_feedback",
    "link_is_over",
    "mails",
    "next_meeting",
    "notice_seen",
    "pause_placement",
    "placement_feedback",
    "placement_link",
    "placements",
    "plan_hours",
    "printed",
    "prolong_placement",
    "readers",
    "recommend",
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
    "timetable",
    "timetable_page",
    "together",
    "weeks",
    "wishes",
    "words",
    "youths",
]
