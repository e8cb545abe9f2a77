"""The thirty-one young people as a table: each row is one story, days counted back from today.

A number of days that is negative lies ahead. What the words mean: `course` is a row of
ratings.COURSES, `handover` a state in handovers.py, `placements` are (company, kind, first day,
last day, hours a week, day it was ended early or None).
"""

from dataclasses import dataclass

from youths.models import Placement, Referral, Youth

PRACTICE, SUBSIDY, PAID, SMALL, FLEX, ORDINARY = Placement.Kind
MOVED, HEALTH, OWN_CHOICE, OTHER_OFFER, COMPLETED = Youth.LeftBecause
ACCEPTED = Referral.Status.ACCEPTED
IN_JOB, IN_EDUCATION, STILL_IN_COURSE, ON_SUPPORT = 1, 2, 3, 4  # places of the outcome classes


@dataclass(frozen=True)
class Story:
    partnership: str
    name: str
    female: bool
    age: int
    referred: int  # days ago
    stu_ends: int  # months ahead
    trade: str
    phase: int
    course: str  # of the ratings; empty when there are none
    handover: str
    consent: str = "given"
    due: tuple = ()  # voices that have not answered the open round
    outcome: tuple = ()  # class, days ago
    left: tuple = ()  # days ago, why
    placements: tuple = ()
    account: bool = True
    referral: str = ACCEPTED

    @property
    def accepted(self) -> int:
        """Days ago when the school said yes: the week after."""
        return self.referred - 6

    @property
    def is_demo(self) -> bool:
        """The one who signs in."""
        return self.handover == "demo"


R, V, A = "randers", "vestjylland", "aarhus"
YOUTH, SCHOOL, CASEWORKER = "youth", "school", "caseworker"

STORIES = (
    # Randers: ten places, ten youths, five at the end of their course
    Story(R, "Signe", True, 23, 596, -15, "kitchen", 4, "steady", "again",
          outcome=(IN_JOB, 75), left=(75, COMPLETED),
          placements=(("kantine", PRACTICE, 430, 340, 12, None),
                      ("kantine", SUBSIDY, 339, 160, 20, None),
                      ("kantine", ORDINARY, 159, 75, 25, None))),
    Story(R, "Mads", False, 24, 592, -14, "garden", 4, "brave", "answered",
          outcome=(IN_JOB, 50), left=(50, COMPLETED),
          placements=(("gartneri", PRACTICE, 400, 310, 15, None),
                      ("gartneri", FLEX, 280, 50, 18, None))),
    Story(R, "Bjørn", False, 22, 577, -13, "bikes", 4, "own_way", "answered",
          outcome=(IN_EDUCATION, 25), left=(25, COMPLETED),
          placements=(("cykelsmed", PRACTICE, 380, 260, 15, None),)),
    Story(R, "Karoline", True, 23, 560, -16, "laundry", 2, "harder", "answered", "none",
          outcome=(ON_SUPPORT, 110), left=(250, HEALTH), account=False,
          placements=(("vaskeri", PRACTICE, 330, 240, 8, 280),)),
    Story(R, "Tobias", False, 21, 530, -4, "warehouse", 4, "steady", "again",
          due=(CASEWORKER,),
          placements=(("lager", PRACTICE, 300, 210, 15, None),
                      ("lager", SMALL, 120, -240, 10, None))),
    Story(R, "Ida", True, 20, 500, -1, "animals", 3, "late_belief", "revised", due=(YOUTH,),
          placements=(("dyrepension", PRACTICE, 70, -50, 12, None),)),
    Story(R, "Søren", False, 19, 460, 4, "wood", 3, "brave", "part answered", "none",
          placements=(("snedkeri", PRACTICE, 40, -80, 16, None),)),
    Story(R, "Amina", True, 21, 425, -2, "shop", 3, "own_way", "answered",
          placements=(("genbrug", PRACTICE, 260, 180, 10, None),
                      ("genbrug", PAID, 100, -100, 6.5, None))),
    Story(R, "Rasmus", False, 20, 296, 2, "it", 2, "alone", "answered", "withdrawn",
          due=(SCHOOL, CASEWORKER), account=False,
          placements=(("teknik", PRACTICE, 150, 60, 9, 110),)),
    Story(R, "Lærke", True, 19, 165, 8, "nursery", 2, "doubting_school", "ready",
          placements=(("boernehus", PRACTICE, -17, -100, 10, None),)),
    # Ringkøbing-Skjern: ten places, ten youths
    Story(V, "Jeppe", False, 23, 588, -15, "metal", 4, "steady", "answered",
          outcome=(IN_JOB, 80), left=(80, COMPLETED),
          placements=(("smedje", PRACTICE, 420, 330, 20, None),
                      ("smedje", SUBSIDY, 320, 80, 30, None))),
    Story(V, "Maja", True, 22, 582, -14, "care", 4, "brave", "again", "none",
          outcome=(IN_EDUCATION, 48), left=(48, COMPLETED),
          placements=(("plejecenter", PRACTICE, 390, 270, 15, None),
                      ("plejecenter", PAID, 260, 100, 8, None))),
    Story(V, "Esben", False, 24, 570, -13, "forest", 4, "late_belief", "answered",
          outcome=(STILL_IN_COURSE, 20), account=False,
          placements=(("skovlaug", PRACTICE, 360, 250, 15, None),
                      ("skovlaug", SUBSIDY, 130, -60, 18, None))),
    Story(V, "Nanna", True, 21, 545, -5, "shop", 4, "own_way", "answered", "none",
          placements=(("genbrug", PRACTICE, 330, 240, 12, None),
                      ("genbrug", FLEX, 90, -270, 12, None))),
    Story(V, "Håkon", False, 20, 520, -3, "warehouse", 3, "steady", "answered",
          left=(120, MOVED), placements=(("lager", PRACTICE, 260, 120, 15, 122),)),
    Story(V, "Villads", False, 19, 440, 3, "farm", 3, "brave", "question", due=(YOUTH,),
          placements=(("gaard", PRACTICE, 55, -65, 20, None),)),
    Story(V, "Sille", True, 20, 400, 1, "laundry", 3, "doubting_school", "revised", account=False,
          placements=(("vaskeri", PRACTICE, 110, -10, 14, None),)),
    Story(V, "Yusuf", False, 18, 280, 7, "bikes", 2, "late_belief", "answered", "withdrawn",
          due=(SCHOOL,), placements=(("cykelsmed", PRACTICE, -24, -115, 12, None),)),
    Story(V, "Thea", True, 19, 260, 5, "animals", 2, "unseen", "waiting", due=(CASEWORKER,),
          placements=(("dyrepension", PRACTICE, 140, 20, 10, 70),)),
    Story(V, "Bertram", False, 17, 66, 14, "forest", 1, "first", "begun", "none", account=False),
    # Aarhus: signed later; eight of ten places
    Story(A, "Freja", True, 20, 304, 4, "kitchen", 3, "steady", "demo", "none", due=(YOUTH,),
          placements=(("dyrepension", PRACTICE, 238, 180, 9, 224),
                      ("moellehuset", PRACTICE, 62, -74, 12, None))),
    Story(A, "Amir", False, 21, 300, -1, "wood", 3, "brave", "answered", "ending",
          due=(CASEWORKER,),
          placements=(("snedkeri", PRACTICE, 190, 100, 15, None),
                      ("snedkeri", SUBSIDY, 48, -134, 20, None))),
    Story(A, "Mathilde", True, 22, 297, 0, "garden", 2, "late_belief", "question",
          due=(SCHOOL, CASEWORKER),
          placements=(("gartneri", PRACTICE, -10, -101, 12, None),)),
    Story(A, "Emil", False, 19, 230, 6, "it", 2, "own_way", "revised", "withdrawn", due=(SCHOOL,),
          placements=(("teknik", PRACTICE, 95, 10, 10, 52),)),
    Story(A, "Josefine", True, 20, 215, 3, "care", 2, "harder", "answered", "none",
          left=(40, OWN_CHOICE), placements=(("plejecenter", PRACTICE, 120, 40, 9, 75),)),
    Story(A, "Jonathan", False, 18, 45, 13, "metal", 1, "first", "begun", due=(CASEWORKER,),
          account=False),
    Story(A, "Sofie", True, 18, 38, 10, "nursery", 1, "first", "ready", due=(YOUTH,)),
    Story(A, "Asger", False, 19, 13, 9, "farm", 1, "", "", "none"),
    # Not accepted: one waits for PGU, one was taken back, one declined
    Story(A, "Alma", True, 18, 5, 12, "animals", 0, "", "", referral=Referral.Status.PROPOSED,
          account=False),
    Story(A, "Noah", False, 19, 72, 9, "kitchen", 0, "", "", referral=Referral.Status.WITHDRAWN,
          account=False),
    Story(R, "Emma", True, 20, 360, -3, "shop", 0, "", "", referral=Referral.Status.DECLINED,
          account=False),
)  # fmt: skip
