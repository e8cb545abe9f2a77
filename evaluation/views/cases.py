"""Rating one young person in three voices, and looking at the three side by side."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from evaluation.forms import OwnAnswerForm, RatingForm
from evaluation.models import (
    AnsweredMeanwhile,
    Indicator,
    Rating,
    RatingRefused,
    RatingRound,
    rating_summary,
    voice_of,
)
from evaluation.progress import PROFESSIONALS, Voice
from partnerships.access import Section
from youths.access import codenames_for, is_own
from youths.models import AccessEvent, Youth

SHOWN = (Section.IDENTITY, Section.RATINGS)


@require_safe
def ratings(request, youth_id):
    """Three voices side by side, and what the rule makes of them."""
    youth = Youth.objects.get_for(request.user, youth_id, "view_ratings")
    AccessEvent.record(request.user, [youth], SHOWN)
    return render(
        request,
        "evaluation/ratings.html",
        {
            "youth": youth,
            "own": is_own(request.user, youth),
            "summary": rating_summary(request.user, youth),
            "open_round": RatingRound.objects.open().of(youth).first(),
            "may_rate": "change_ratings" in codenames_for(request.user, youth),
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
    given = _given(youth, current, voice)
    # Earlier answers are not shown here, so that without an answer in this round it is the name.
    AccessEvent.record(request.user, [youth], SHOWN if given else [Section.IDENTITY])
    if current is None and request.method != "POST":
        return _no_round(request, youth)
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


@require_http_methods(["GET", "HEAD", "POST"])
def own(request, youth_id, number):
    """One question a screen to the young person; after the last one, thanks."""
    youth = Youth.objects.get_for(request.user, youth_id, "change_ratings")
    if not is_own(request.user, youth):
        raise PermissionDenied
    indicators = Indicator.objects.asked_of(Voice.YOUTH)
    total = len(indicators)
    current = RatingRound.objects.open().of(youth).first()
    if current is None and request.method != "POST":
        return _no_round(request, youth)
    if not 1 <= number <= total + (request.method != "POST"):
        raise Http404
    given = _given(youth, current, Voice.YOUTH)
    if number == total + 1:
        return _thanks(request, youth, current, indicators, given)
    indicator = indicators[number - 1]
    form = OwnAnswerForm(
        request.POST if request.method == "POST" else None,
        indicator=indicator,
        rating=given.get(indicator.pk),
    )
    status = 200
    if request.method == "POST":
        go = request.POST.get("go", "next")
        if go != "next" and form.is_untouched:
            return _go(request, youth, number, go, current)
        status = 422
        if form.is_valid():
            try:
                current = Rating.give(
                    by=request.user, youth=youth, voice=Voice.YOUTH, answers=form.answers
                )
            except RatingRefused as refusal:
                status = 409
                form.add_error(None, _("%(why)s Nothing was saved.") % {"why": refusal})
            else:
                return _go(request, youth, number, go, current)
    context = {
        "youth": youth,
        "form": form,
        "number": number,
        "total": total,
        "round": current,
        "saved_at": given[indicator.pk].rated_at if indicator.pk in given else None,
    }
    return render(request, "evaluation/own.html", context, status=status)


def _go(request, youth, number, go, current):
    """On from a question: to the next, back to the one before, or home until later."""
    if go == "later":
        if current:
            messages.success(
                request,
                _("Your answers are saved. You can go on until %(day)s.")
                % {"day": date_format(current.closes_on)},
            )
        return redirect("home")
    step = -1 if go == "back" and number > 1 else 1
    return redirect("evaluation:own", youth.pk, number + step)


def _thanks(request, youth, current, indicators, given):
    """Thanks, the step forward since last time where there is one, and what happens now."""
    unanswered = [n for n, i in enumerate(indicators, start=1) if i.pk not in given]
    context = {
        "youth": youth,
        "round": current,
        "answered": len(indicators) - len(unanswered),
        "next_unanswered": unanswered[0] if unanswered else None,
        "unanswered": len(unanswered),
        "step": _step_forward(youth, current, indicators, given),
        "small_step": next((r.small_step for r in given.values() if r.small_step), ""),
    }
    return render(request, "evaluation/thanks.html", context)


def _step_forward(youth, current, indicators, given):
    """The indicator that rose most in the youth's own voice since the last answer to it."""
    before = dict(
        Rating.objects.filter(
            youth=youth, voice=Voice.YOUTH, step__isnull=False, round__number__lt=current.number
        )
        .order_by("round__number")
        .values_list("indicator_id", "step")
    )
    risen = [
        (given[i.pk].step - before[i.pk], i)
        for i in indicators
        if i.pk in before and i.pk in given and (given[i.pk].step or 0) > before[i.pk]
    ]
    if not risen:
        return None
    _rise, indicator = max(risen, key=lambda pair: pair[0])
    words = dict(indicator.text.steps)
    return {
        "question": indicator.text.question,
        "before": words[before[indicator.pk]],
        "now": words[given[indicator.pk].step],
    }


def _given(youth, current, voice) -> dict:
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


def _no_round(request, youth):
    """No round is open: when the last one closed, and when the next one opens where it is known."""
    rounds = RatingRound.objects.of(youth)
    today = timezone.localdate()
    context = {
        "youth": youth,
        "own": is_own(request.user, youth),
        "last": rounds.filter(closes_on__lt=today).order_by("closes_on").last(),
        "next": rounds.filter(opens_on__gt=today).order_by("opens_on").first(),
    }
    return render(request, "evaluation/no_round.html", context)
