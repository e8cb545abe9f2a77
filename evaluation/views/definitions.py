"""What "closer" means here: each side's own answer, both side by side, settled, signed."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from evaluation.comparing import Mark, lines
from evaluation.definition_forms import AnswerForm, SettleForm
from evaluation.models import (
    SIDES,
    Definition,
    DefinitionAnswer,
    DefinitionChanged,
    DefinitionRefused,
    Indicator,
)
from evaluation.progress import Voice
from evaluation.wording import rule_in_words
from partnerships.models import Partnership

SHAPES = {Mark.SAME: "done", Mark.NEAR: "part", Mark.DIFFERENT: "ask"}


@require_http_methods(["GET", "HEAD", "POST"])
def definition(request, partnership_id):
    """The definition in force in words, its versions, and what is being prepared."""
    partnership = _partnership(request, partnership_id)
    side = partnership.side_of(request.user)
    if request.method == "POST":
        if side is None:
            raise PermissionDenied
        try:
            Definition.begin(by=request.user, partnership=partnership)
        except DefinitionRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("evaluation:definition", partnership.pk)
        return redirect("evaluation:answer", partnership.pk)
    names = _names()
    own = (
        Definition.objects.visible_to(request.user)
        .filter(partnership=partnership)
        .select_related("school_signed_by", "municipality_signed_by")
        .prefetch_related("answers")
        .order_by("-version")
    )
    preparing = next((one for one in own if not one.is_in_force), None)
    versions = [
        {"definition": one, "words": rule_in_words(one.rule, names)}
        for one in [o for o in own if o.is_in_force] + [Definition.known(partnership)[0]]
        if one.partnership_id is None or one.is_in_force
    ]
    answers = {answer.side: answer for answer in preparing.answers.all()} if preparing else {}
    return render(
        request,
        "evaluation/definition.html",
        {
            "partnership": partnership,
            "side": side,
            "preparing": preparing,
            "versions": versions,
            "mine": answers.get(side),
            "handed_in": {one: bool((a := answers.get(one)) and a.handed_in_at) for one in SIDES},
            "compared": _compared(answers, names) if preparing and preparing.is_compared else None,
            "settled_words": rule_in_words(preparing.rule, names)
            if preparing and preparing.settled_at
            else [],
            "signed": {one: preparing.signed_by(one) for one in SIDES} if preparing else {},
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, partnership_id):
    """One side's own answer, written blind. It saves itself; handing in is a button of its own."""
    partnership, preparing, side = _in_preparation(request, partnership_id)
    mine = preparing.answers.filter(side=side).select_related("written_by").first()
    form = AnswerForm(
        request.POST if request.method == "POST" else None,
        indicators=Indicator.objects.told_to(Voice.SCHOOL),
        rule=mine.rule if mine else preparing.rule,
        answer=mine,
    )
    by_itself, status, meanwhile = "X-Autosave" in request.headers, 200, None
    if mine and mine.handed_in_at:
        return redirect("evaluation:definition", partnership.pk)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                saved = DefinitionAnswer.write(
                    by=request.user,
                    definition=preparing,
                    side=side,
                    rule=form.rule,
                    revision=form.cleaned_data["revision"],
                    **form.words,
                )
                if not by_itself and "hand_in" in request.POST:
                    saved.hand_in(by=request.user)
            except DefinitionChanged as changed:
                status, meanwhile = 409, changed.current
                form.go_on_from(meanwhile)
            except DefinitionRefused as refusal:
                status = 409
                form.add_error("own_words", str(refusal))
                form.go_on_from(preparing.answers.filter(side=side).first())
            else:
                if by_itself:
                    return JsonResponse(_saved(saved))
                if saved.handed_in_at:
                    messages.success(request, _("Your side's answer is handed in."))
                else:
                    messages.success(request, _("Saved. You can go on later."))
                return redirect("evaluation:definition", partnership.pk)
        if by_itself:
            return JsonResponse({}, status=status)
    context = {
        "partnership": partnership,
        "definition": preparing,
        "form": form,
        "saved_at": mine and mine.written_at,
        "meanwhile": meanwhile,
        "theirs": meanwhile and _in_words(meanwhile),
        "save_url": "" if meanwhile else request.path,
    }
    return render(request, "evaluation/answer.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def settle(request, partnership_id):
    """The group's meeting: both answers on each line, and what was settled."""
    partnership, preparing, _side = _in_preparation(request, partnership_id)
    if not preparing.is_compared:
        raise PermissionDenied
    answers = {one.side: one for one in preparing.answers.all()}
    names = _names()
    indicators = Indicator.objects.told_to(Voice.SCHOOL)
    form = SettleForm(
        request.POST if request.method == "POST" else None,
        indicators=indicators,
        rule=preparing.rule if preparing.settled_at else answers["school"].rule,
        definition=preparing,
    )
    status, meanwhile = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                preparing.settle(
                    by=request.user,
                    rule=form.rule,
                    revision=form.cleaned_data["revision"],
                    **form.meeting,
                )
            except DefinitionChanged as changed:
                status, meanwhile = 409, changed.current
                form.go_on_from(meanwhile)
            except DefinitionRefused as refusal:
                status = 409
                form.add_error("met_on", str(refusal))
            else:
                messages.success(request, _("Settled. Now both sides sign."))
                return redirect("evaluation:definition", partnership.pk)
    compared = _compared(answers, names)
    context = {
        "partnership": partnership,
        "definition": preparing,
        "form": form,
        "rows": [(line, SHAPES[line.mark], form[line.field]) for line in compared["lines"]],
        "compared": compared,
        "meanwhile": meanwhile,
        "theirs": meanwhile
        and [
            {"label": _("Settled"), "theirs": "\n".join(rule_in_words(meanwhile.rule, names))},
            {"label": _("Minutes"), "theirs": meanwhile.minutes},
        ],
    }
    return render(request, "evaluation/settle.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def sign_definition(request, partnership_id):
    """Sign for one's side exactly what stands here."""
    partnership, preparing, side = _in_preparation(request, partnership_id)
    status = 200
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        try:
            preparing.sign(
                by=request.user, side=side, revision=int(revision) if revision.isdecimal() else 0
            )
        except DefinitionRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("evaluation:definition", partnership.pk)
        except DefinitionChanged as changed:
            preparing, status = changed.current, 409
        else:
            messages.success(
                request,
                _("Both have signed. New rounds are judged by it.")
                if preparing.is_in_force
                else _("Signed. The other side signs, too."),
            )
            return redirect("evaluation:definition", partnership.pk)
    if preparing.settled_at is None or preparing.signed_by(side):
        return redirect("evaluation:definition", partnership.pk)
    context = {
        "partnership": partnership,
        "definition": preparing,
        "party": getattr(partnership, side),
        "words": rule_in_words(preparing.rule, _names()),
        "changed": status == 409,
    }
    return render(request, "evaluation/sign_definition.html", context, status=status)


def _partnership(request, partnership_id) -> Partnership:
    rows = Partnership.objects.visible_to(request.user).with_parties()
    return get_object_or_404(rows, pk=partnership_id)


def _in_preparation(request, partnership_id):
    """The partnership, its version in preparation, and the person's side of it.

    Raises PermissionDenied for who only reads, Http404 where nothing is being prepared.
    """
    partnership = _partnership(request, partnership_id)
    side = partnership.side_of(request.user)
    if side is None:
        raise PermissionDenied
    rows = Definition.objects.visible_to(request.user).in_preparation()
    preparing = get_object_or_404(
        rows.prefetch_related("answers__handed_in_by"), partnership=partnership
    )
    return partnership, preparing, side


def _names() -> dict[str, str]:
    return {one.code: one.text.name for one in Indicator.objects.told_to(Voice.SCHOOL)}


def _compared(answers, names) -> dict:
    """Both answers on each line, and their own words."""
    school, municipality = (answers[side] for side in SIDES)
    found = lines(school.rule, municipality.rule, names)
    for one in (school, municipality):
        one.most_named = [names.get(code, code) for code in one.most]
    return {
        "both": [school, municipality],
        "lines": found,
        "marked": [(line, SHAPES[line.mark]) for line in found],
        "differing": sum(line.mark == Mark.DIFFERENT for line in found),
    }


def _saved(saved) -> dict:
    """What the save bar shows, and what the form goes on from."""
    at = timezone.localtime(saved.written_at)
    return {
        "time": date_format(at, "H:i"),
        "note": date_format(at, "SHORT_DATE_FORMAT"),
        "fields": {"revision": saved.revision},
    }


def _in_words(theirs) -> list[dict]:
    """A colleague's answer for the page that shows both."""
    names = _names()
    return [
        {"label": _("In own words"), "theirs": theirs.own_words},
        {"label": _("Examples"), "theirs": theirs.examples},
        {
            "label": _("Matter most"),
            "theirs": ", ".join(names.get(code, code) for code in theirs.most),
        },
        {"label": _("The rule"), "theirs": "\n".join(rule_in_words(theirs.rule, names))},
    ]
