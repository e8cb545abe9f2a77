"""The deadlines of the open round: each voice answers before it closes."""

from functools import partial

from django.db.models import CharField, F, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Concat, TruncDate
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from evaluation.models.ratings import Rating
from evaluation.models.rounds import RatingRound
from evaluation.progress import Voice
from partnerships.access import Role
from partnerships.working_days import Unit
from youths.deadlines import YOUNG, Rule
from youths.models import followed, key


def _rated(voice):
    """Each young person in a programme whose round is open, and when that voice answered."""
    rounds = "partnership__programme__rounds"
    given = Rating.objects.filter(youth=OuterRef("pk"), round=OuterRef(rounds), voice=voice)
    return (
        followed()
        .filter(**{f"{rounds}__in": RatingRound.objects.open()})
        .annotate(
            about=Concat(key("pk"), Value(":"), key(rounds), output_field=CharField()),
            of_youth=F("pk"),
            of_partnership=F("partnership_id"),
            base=F(f"{rounds}__closes_on"),
            span=Value(0, IntegerField()),
            done=Subquery(given.order_by("rated_at").values(on=TruncDate("rated_at"))[:1]),
        )
    )


def _rule(voice, owed_by, plain, page) -> Rule:
    return Rule(
        what=_("Answer in the round of rating"),
        plain=plain,
        owed_by=(owed_by,),
        codename="view_ratings",
        unit=Unit.DAYS,
        before=True,
        facts=partial(_rated, voice),
        page=page,
    )


def _rate(row):
    return reverse("evaluation:rate", args=[row.youth_id])


DEADLINES = {
    "round_youth": _rule(
        Voice.YOUTH,
        YOUNG,
        _("You say how it is going"),
        lambda row: reverse("evaluation:own", args=[row.youth_id, 1]),
    ),
    "round_school": _rule(Voice.SCHOOL, Role.SCHOOL, _("The school says how it is going"), _rate),
    "round_caseworker": _rule(
        Voice.CASEWORKER, Role.CASEWORKER, _("Your job centre says how it is going"), _rate
    ),
}
