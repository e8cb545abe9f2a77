"""Rating one young person in three voices, and looking at the three side by side."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from evaluation.forms import RatingForm
from evaluation.models import (
    AnsweredMeanwhile,
    Indicator,
    Rating,
    RatingRefused,
    RatingRound,
    rating_summary,
    voice_of,
)
from evaluation.progress import PROFESSIONALS
from partnerships.access import Section
from youths.access import codenames_for, is_own
from youths.models import AccessEvent, Youth

SHOWN = (Section.IDENTITY, Section.RATINGS)


@require_safe
def ratings(request, youth_id):
    """Three voices side by side, and what the rule makes of them."""
    youth = Youth.objects.get_for(request.user, youth_id, "view_ratings")
    AccessEvent.record(request.user, [youth], SHOWN)
    held, own = codenames_for(request.user, youth), is_own(request.user, youth)
    return render(
        request,
        "evaluation/ratings.html",
        {
            "youth": youth,
            "own": own,
            "summary": rating_summary(request.user, youth),
            "open_round": RatingRound.objects.open().of(youth).first(),
            "may_rate": "change_ratings" in held,
            "may_sit": "change_words" in held and not own,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def rate(request, youth_id):
    """All questions to a professional on one page; what was answered earlier isn't shown."""
    youth = Youth.objects.get_for(request.user, youth_id, "change_ratings")
    voice = voice_of(request.user, youth)
    if voice not in PROFESSIONALS:
        raise PermissionDenied
    current = RatingRound.objects.open().of(youth).first()
    given = given_in(youth, current, voice)
    # Earlier answers are not shown here, so that without an answer in this round it is the name.
    AccessEvent.record(request.user, [youth], SHOWN if given else [Section.IDENTITY])
    if current is None and request.method != "POST":
        return no_round(request, youth)
    form = RatingForm(
        request.POST if request.method == "POST" else None,
        indicators=Indicator.objects.asked_of(voice),
        given=given,
        begun_in=current and current.pk,
    )
    status, meanwhile = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                Rating.give(
                    by=request.user,
                    youth=youth,
                    voice=voice,
                    answers=form.answers,
                    begun_in=form.cleaned_data["begun_in"],
                    seen_at=form.cleaned_data["seen_at"],
                )
            except AnsweredMeanwhile as refusal:
                status, meanwhile = 409, refusal
                form.now_seen(given)
            except RatingRefused as refusal:
                status = 409
                form.add_error(None, _("%(why)s Nothing was saved.") % {"why": refusal})
            else:
                messages.success(request, _("The ratings are saved."))
                return redirect("evaluation:ratings", youth.pk)
    context = {
        "youth": youth,
        "form": form,
        "round": current,
        "voice": voice,
        "given": given,
        "meanwhile": meanwhile,
        "theirs": meanwhile and _in_words(form.indicators, given),
    }
    return render(request, "evaluation/rate.html", context, status=status)


def given_in(youth, current, voice) -> dict:
    """A voice's answers in the open round, by indicator id."""
    if current is None:
        return {}
    return {r.indicator_id: r for r in Rating.objects.given(youth, current, voice)}


def _in_words(indicators, given) -> list[dict]:
    """A colleague's answers for the page that shows both."""
    rows = []
    for indicator in indicators:
        if rating := given.get(indicator.pk):
            step = dict(indicator.text.steps).get(rating.step, _("Not assessed"))
            theirs = f"{rating.step} {step}" if rating.step else step
            theirs += f": {rating.get_why_not_display()}" if rating.why_not else ""
            rows.append(
                {
                    "label": indicator.text.question,
                    "theirs": "\n".join(filter(None, [theirs, rating.small_step])),
                }
            )
    return rows


def no_round(request, youth, status=200):
    """No round is open: when the last one closed, and when the next one opens where it is known."""
    rounds = RatingRound.objects.of(youth)
    today = timezone.localdate()
    context = {
        "youth": youth,
        "own": is_own(request.user, youth),
        "last": rounds.filter(closes_on__lt=today).order_by("closes_on").last(),
        "next": rounds.filter(opens_on__gt=today).order_by("opens_on").first(),
    }
    return render(request, "evaluation/no_round.html", context, status=status)
