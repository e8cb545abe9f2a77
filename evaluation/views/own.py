"""The young person's own round: one question a screen, on the own sign-in, by a link, or together.

The three ways differ in who answers and in what is shown around the questions; a `Way` says so.
"""

from dataclasses import dataclass

from allauth.core.internal import ratelimit  # the public one does not count a GET
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST

from evaluation.forms import BeginForm, EasierForm, OwnAnswerForm
from evaluation.models import (
    Indicator,
    OwnRound,
    Rating,
    RatingRefused,
    RatingRound,
    RoundLink,
)
from evaluation.progress import Voice
from evaluation.views.cases import SHOWN, given_in, no_round
from partnerships.access import Section
from youths.access import is_own
from youths.models import AccessEvent, Sitting, Youth

LINK = "round_link"  # the key of the session
AT_MOST = {LINK: "30/m/ip"}  # tries


@dataclass(frozen=True)
class Way:
    """How a young person answers: by the own sign-in, where the last two are None; or by those."""

    youth: Youth
    user: object | None = None
    sitting: Sitting | None = None
    link: RoundLink | None = None

    @property
    def own(self) -> bool:
        return self.sitting is None and self.link is None

    def url(self, number: int) -> str:
        if self.link:
            return reverse("evaluation:by_link", args=[number])
        return reverse("evaluation:own", args=[self.youth.pk, number])

    @property
    def home(self) -> str:
        """Where to go when the questions are left; a link leads nowhere else."""
        if self.link:
            return ""
        return reverse("home") if self.own else reverse("evaluation:ratings", args=[self.youth.pk])

    def given(self, current) -> dict:
        """What was answered in the open round; by a link, only what was answered by it."""
        given = given_in(self.youth, current, Voice.YOUTH)
        if self.link is None:
            return given
        mine = self.link.begun_at
        return {k: r for k, r in given.items() if r.rated_by_id is None and r.rated_at >= mine}


@require_http_methods(["GET", "HEAD", "POST"])
def own(request, youth_id, number):
    """The questions to whom they are about, or to both while somebody from the school sits by."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, "change_ratings")
    if is_own(user, youth):
        return _screen(request, Way(youth, user), number)
    youth = Youth.objects.get_for(user, youth_id, "change_words")
    sitting = Sitting.objects.open_of(user, youth)
    if sitting is None:
        if request.method != "POST":
            return redirect(f"{reverse('youths:together', args=[youth.pk])}?to=questions")
        texts = _texts(request)
        return render(request, "evaluation/over.html", {"youth": youth, "texts": texts}, status=409)
    AccessEvent.record(user, [youth], SHOWN)
    return _screen(request, Way(youth, user, sitting=sitting), number)


@login_not_required
@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def link(request):
    """What a link opens: a greeting, and a button. Reading it changes nothing.

    The token stands in the query, which is in no log.
    """
    if request.user.is_authenticated:
        return render(request, "evaluation/link.html", {"signed_in": True}, status=409)
    if not ratelimit.consume(request, app=LINK, action=LINK, config=AT_MOST, limit_get=True):
        return render(request, "429.html", status=429)
    token = request.POST.get("link", "") or request.GET.get("link", "")
    found = RoundLink.objects.named(token)
    if found is None:
        return _over(request)
    form = BeginForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if not found.begin():
            return _over(request)
        request.session.cycle_key()
        request.session[LINK] = str(found.pk)
        at_the_end = found.expires_at if form.cleaned_data["device"] == BeginForm.MINE else 0
        request.session.set_expiry(at_the_end)
        return redirect("evaluation:by_link", 1)
    context = {"link": found, "youth": found.youth, "form": form, "token": token}
    return render(request, "evaluation/link.html", context, status=422 if form.errors else 200)


@login_not_required
@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request, number):
    """The questions to who began by a link, in that browser."""
    mine = request.session.get(LINK)
    found = mine and RoundLink.objects.usable().filter(pk=mine).first()
    if not found or request.user.is_authenticated:
        return _over(request)
    return _screen(request, Way(found.youth, link=found), number)


@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def give_link(request, youth_id):
    """The school makes a link to the round for a young person without a sign-in, or ends it."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, "change_words")
    Youth.objects.get_for(user, youth_id, "change_ratings")
    if is_own(user, youth):
        raise PermissionDenied
    current = RatingRound.objects.open().of(youth).first()
    AccessEvent.record(user, [youth], [Section.IDENTITY])
    act, context, status = request.POST.get("act"), {"youth": youth, "round": current}, 200
    if request.method == "POST":
        if act == "end":
            RoundLink.take_back(youth)
            messages.success(request, _("The link can be used no more."))
            return redirect("evaluation:give_link", youth.pk)
        try:
            if act != "make":
                raise Http404
            made, token = RoundLink.give(by=user, youth=youth)
        except RatingRefused:
            status = 409
        else:
            context["address"] = f"{settings.SITE_URL}{reverse('evaluation:link')}?link={token}"
            context["made"] = made
    if current is None:
        return no_round(request, youth, status=status)
    context["standing"] = RoundLink.objects.usable().filter(youth=youth).first()
    return render(request, "evaluation/give_link.html", context, status=status)


@require_POST
def take_back_quote(request, own_round_id):
    """The words may be quoted no more: at any time, by the young person or the school for them.

    Files that the evaluator took before stay as they are; what is taken from now on has them not.
    """
    rows = OwnRound.objects.visible_to(request.user)
    youth_id = get_object_or_404(rows.values_list("youth", flat=True), pk=own_round_id)
    youth = Youth.objects.get_for(request.user, youth_id, "change_words")
    AccessEvent.record(request.user, [youth], [Section.IDENTITY])
    rows.filter(pk=own_round_id).update(may_be_quoted=False)
    messages.success(request, _("The words may not be quoted any more."))
    return redirect("evaluation:ratings", youth.pk)


def _screen(request, way, number):
    """Question `number`; after the questions what has become easier, and after that thanks."""
    youth, posted = way.youth, request.method == "POST"
    indicators = Indicator.objects.asked_of(Voice.YOUTH)
    current = RatingRound.objects.open().of(youth).first()
    if current is None and not posted:
        return no_round(request, youth)
    last = len(indicators) + 1
    if not 1 <= number <= last + (not posted):
        raise Http404
    given = way.given(current)
    context = {
        "way": way,
        "youth": youth,
        "sitting": way.sitting,
        "number": number,
        "total": last,
        "round": current,
        "back": way.url(number - 1) if number > 1 else way.home,
    }
    if number > last:
        return _thanks(request, context, indicators, given)
    if number == last:
        return _easier(request, context)
    indicator = indicators[number - 1]
    form = OwnAnswerForm(
        request.POST if posted else None, indicator=indicator, rating=given.get(indicator.pk)
    )
    status = 200
    if posted:
        go = request.POST.get("go", "next")
        if go != "next" and form.is_untouched:
            return _go(request, way, number, go, current)
        status = 422
        if form.is_valid():
            try:
                current = OwnRound.answer(
                    by=way.user,
                    youth=youth,
                    answers=form.answers,
                    sitting=way.sitting,
                    link=way.link,
                )
            except RatingRefused as refusal:
                status = 409
                form.add_error(None, _("%(why)s Nothing was saved.") % {"why": refusal})
            else:
                return _go(request, way, number, go, current)
    saved_at = given[indicator.pk].rated_at if indicator.pk in given else None
    context |= {"form": form, "saved_at": saved_at}
    return render(request, "evaluation/own.html", context, status=status)


def _easier(request, context):
    """The last question: what has become easier, in own words; it may be left out."""
    way, youth, posted = context["way"], context["youth"], request.method == "POST"
    noted = OwnRound.objects.filter(youth=youth, round=context["round"]).first()
    # A link shows nothing that was written before it was given.
    shown = None if way.link else noted
    form = EasierForm(request.POST if posted else None, own=shown, alone=way.sitting is None)
    status = 200
    if posted:
        status, go = 422, request.POST.get("go", "next")
        done = go == "next"
        if not done and form.is_untouched:
            return _go(request, way, context["number"], go, context["round"])
        if form.is_valid():
            try:
                OwnRound.end_with(
                    youth=youth, done=done, sitting=way.sitting, link=way.link, **form.said
                )
            except RatingRefused as refusal:
                status = 409
                form.add_error(None, _("%(why)s Nothing was saved.") % {"why": refusal})
            else:
                if way.link and done:
                    return _done_by_link(request, way)
                return _go(request, way, context["number"], go, context["round"])
    return render(request, "evaluation/easier.html", context | {"form": form}, status=status)


def _done_by_link(request, way):
    """The link is used up, and this browser holds nothing any more."""
    request.session.flush()
    context = {"way": way, "youth": way.youth, "answered": True}
    return render(request, "evaluation/thanks.html", context)


def _go(request, way, number, go, current):
    """On from a question: to the next, back to the one before, or away until later."""
    if go == "later":
        messages.success(
            request,
            _("Your answers are saved. You can go on until %(day)s.")
            % {"day": date_format(current.closes_on if current else timezone.localdate())},
        )
        return redirect(way.home or way.url(number))
    return redirect(way.url(number - 1 if go == "back" and number > 1 else number + 1))


def _thanks(request, context, indicators, given):
    """Thanks, the step forward since last time where there is one, and what happens now."""
    youth, current = context["youth"], context["round"]
    unanswered = [n for n, i in enumerate(indicators, start=1) if i.pk not in given]
    context |= {
        "answered": len(indicators) - len(unanswered),
        "unanswered": len(unanswered),
        "go_on": context["way"].url(unanswered[0]) if unanswered else "",
        "begin": context["way"].url(1),
        "step": _step_forward(youth, current, indicators, given),
        "small_step": next((r.small_step for r in given.values() if r.small_step), ""),
        "noted": OwnRound.objects.filter(youth=youth, round=current).first(),
    }
    return render(request, "evaluation/thanks.html", context)


def _step_forward(youth, current, indicators, given):
    """The indicator that rose most in the youth's own voice since the last answer to it."""
    earlier = Rating.objects.filter(
        youth=youth, voice=Voice.YOUTH, step__isnull=False, round__number__lt=current.number
    ).order_by("round__number")
    wordings = {}
    before = {}
    for indicator_id, step, wording in earlier.values_list("indicator_id", "step", "wording"):
        before[indicator_id], wordings[indicator_id] = step, wording
    risen = [
        (given[i.pk].step - before[i.pk], i)
        for i in indicators
        if i.pk in before and i.pk in given and (given[i.pk].step or 0) > before[i.pk]
    ]
    if not risen:
        return None
    _rise, indicator = max(risen, key=lambda pair: pair[0])
    words = dict(indicator.text.steps)
    then = dict(indicator.text.in_version(wordings[indicator.pk]).steps)
    return {
        "question": indicator.text.question,
        "before": then[before[indicator.pk]],
        "now": words[given[indicator.pk].step],
    }


def _over(request):
    """A link that opens nothing, whatever the reason; what was typed is shown once more."""
    return render(request, "evaluation/over.html", {"texts": _texts(request)}, status=404)


def _texts(request) -> list[str]:
    return [text for name in ("small_step", "easier") if (text := request.POST.get(name, ""))]
