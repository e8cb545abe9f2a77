"""The deadlines of the handover: its document, the answer to it, and the feedback on it."""

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Greatest, TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.access import WRITING
from handover.models.answers import PartAnswer
from handover.models.decisions import HandoverDecision
from handover.models.documents import DocumentStep
from handover.models.feedback import Feedback, acceptances
from handover.models.profiles import HandoverProfile, HandoverVersion
from partnerships.access import Role, partnership_ids
from partnerships.working_days import Unit
from youths.deadlines import Rule
from youths.models import Youth, followed, key


def _steps(kind, span):
    """Each young person in the course, and when that step of the document was taken."""
    steps = DocumentStep.objects.filter(profile__youth=OuterRef("pk"), kind=kind)
    return followed().annotate(
        about=key("pk"),
        of_youth=F("pk"),
        of_partnership=F("partnership_id"),
        base=F("stu_ends_on"),
        span=F(f"partnership__programme__{span}"),
        done=Subquery(steps.order_by("-noted_at", "-pk").values("on")[:1]),
    )


def _of_a_profile(rows, span):
    """Rows of profiles of young people in the course."""
    return rows.filter(profile__youth__in=followed()).annotate(
        of_youth=F("profile__youth_id"),
        of_partnership=F("profile__youth__partnership_id"),
        span=F(f"profile__youth__partnership__programme__{span}"),
    )


def _answers():
    """Each version that opens a turn of the receiver: the first, and those after a refusal.

    A reply to a question starts the time anew, as it does for who is reminded.
    """
    of_profile = {"profile": OuterRef("profile")}
    refused = HandoverDecision.objects.refusing().filter(
        version=OuterRef("number") - 1, **of_profile
    )
    replies = PartAnswer.objects.filter(
        sent_part__profile=OuterRef("profile"), replied_at__gte=OuterRef("sent_at")
    )
    answered = HandoverDecision.objects.filter(version__gte=OuterRef("number"), **of_profile)
    turns = HandoverVersion.objects.filter(Q(number=1) | Exists(refused))
    replied = replies.order_by("-replied_at").values("replied_at")
    return _of_a_profile(turns, "handover_answer_days").annotate(
        about=key("pk"),
        base=TruncDate(Greatest("sent_at", Subquery(replied[:1]))),
        done=Subquery(answered.order_by("number").values(on=TruncDate("decided_at"))[:1]),
    )


def _feedback(round, span):
    """Each acceptance that stands, and when the round was given."""
    given = Feedback.objects.filter(profile=OuterRef("profile"), round=round).order_by("number")
    return _of_a_profile(acceptances(), span).annotate(
        about=key("profile_id"),
        base=TruncDate("decided_at"),
        done=Subquery(given.values(on=TruncDate("given_at"))[:1]),
    )


def _first_feedback():
    """Asked for until the second is."""
    rows = _feedback(Feedback.Round.FIRST, "feedback_first_days")
    return rows.filter(Q(second_on__gt=timezone.localdate()) | Q(done__isnull=False))


def _known_to(user):
    """The paper is the school's own until it was sent, or shown to the young person."""
    shown = Q(profile__in=HandoverProfile.objects.visible_to(user))
    return Youth.objects.filter(shown | Q(partnership__in=partnership_ids(user, WRITING)))


def _document(row):
    return reverse("handover:document", args=[row.youth_id])


def _give_feedback(row):
    return reverse("handover:feedback", args=[row.youth_id])


DEADLINES = {
    "document_start": Rule(
        what=_("Begin the %(document)s"),
        plain=_("The school begins your %(document)s"),
        owed_by=(Role.SCHOOL,),
        codename="view_identity",
        unit=Unit.MONTHS,
        before=True,
        facts=lambda: _steps(DocumentStep.Kind.STARTED, "document_start_months"),
        page=_document,
        closable=True,
        counts_from_stu_end=True,
        known_to=_known_to,
    ),
    "conversation": Rule(
        what=_("Hold the conversation about the %(document)s"),
        plain=_("You talk with the school and your job centre about your %(document)s"),
        owed_by=(Role.SCHOOL,),
        codename="view_identity",
        unit=Unit.MONTHS,
        before=True,
        facts=lambda: _steps(DocumentStep.Kind.CONVERSATION, "conversation_months"),
        page=_document,
        closable=True,
        counts_from_stu_end=True,
        known_to=_known_to,
    ),
    "handover_answer": Rule(
        what=_("Answer the handover"),
        plain=_("Your job centre answers the school"),
        owed_by=(Role.CASEWORKER,),
        codename="view_direction",
        unit=Unit.WORKING_DAYS,
        before=False,
        facts=_answers,
        page=lambda row: reverse("handover:received", args=[row.youth_id]),
    ),
    "feedback_first": Rule(
        what=_("First feedback to the school on the handover"),
        plain=_("Your job centre tells the school what has helped"),
        owed_by=(Role.CASEWORKER,),
        codename="view_direction",
        unit=Unit.DAYS,
        before=False,
        facts=_first_feedback,
        page=_give_feedback,
        closable=True,
    ),
    "feedback_second": Rule(
        what=_("Second feedback to the school on the handover"),
        plain=_("Your job centre tells the school again what has helped"),
        owed_by=(Role.CASEWORKER,),
        codename="view_direction",
        unit=Unit.DAYS,
        before=False,
        facts=lambda: _feedback(Feedback.Round.SECOND, "feedback_second_days"),
        page=_give_feedback,
        closable=True,
    ),
}
