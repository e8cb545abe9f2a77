"""Reading what was sent, and answering it part by part."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from handover.access import SECTIONS, sections_for
from handover.forms import AnswerForm
from handover.models import (
    HandoverRefused,
    NotDisclosed,
    SentPart,
    missing_by_heading,
    note_of,
    profile_summary,
    with_feedback,
    with_reactions,
)
from handover.views.built import named_in, to_check, with_uses
from handover.views.chapters import Chapter, in_order, last_words, reading_url, with_threads
from handover.views.closing import closing
from handover.views.feedback import rounds_on
from handover.views.news import whats_new
from handover.views.requests import requests_about
from partnerships.access import Section, Verb
from partnerships.working_days import days_since
from youths.access import is_own, opened_by
from youths.models import AccessEvent, Youth


@require_safe
def received(request, youth_id):
    """What was sent: the caseworker answers it part by part, the school and the youth read it."""
    youth = Youth.objects.get_for(request.user, youth_id, "view_direction")
    section = request.GET.get("section")
    section = section if section in sections_for(request.user, youth) else None
    return show_received(request, youth, wanted=request.GET.get("part"), section=section)


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, sent_part_id):
    """The caseworker's answer to one part; then on to the next that waits."""
    youth_id, section = get_object_or_404(
        SentPart.objects.values_list("profile__youth_id", "section"), pk=sent_part_id
    )
    needed = "view_direction" if request.method != "POST" else f"{Verb.ANSWER}_{section}"
    youth = Youth.objects.get_for(request.user, youth_id, needed)
    sent = get_object_or_404(
        SentPart.objects.visible_to(request.user, youth).select_related("profile"), pk=sent_part_id
    )
    if request.method != "POST":
        return redirect(reading_url(youth, sent))
    form = AnswerForm(request.POST, school=youth.partnership.school, auto_id=f"id_{sent.pk}_%s")
    status = 422
    if form.is_valid():
        try:
            sent.answer(by=request.user, **form.cleaned_data)
        except NotDisclosed:
            raise Http404 from None
        except HandoverRefused as refusal:
            form.add_error(None, str(refusal))
            status = 409
        else:
            return _on_to_the_next(request, youth, sent)
    return show_received(request, youth, form=form, answered=sent, status=status)


def _on_to_the_next(request, youth, sent):
    """The first part that waits after this one in the order of the page, else the first of all."""
    standing = in_order(SentPart.objects.visible_to(request.user, youth).current())
    waiting = set(
        SentPart.objects.filter(pk__in=[p.pk for p in standing])
        .unanswered()
        .values_list("pk", flat=True)
    )
    at = next(n for n, p in enumerate(standing) if p.pk == sent.pk)
    following = [p for p in standing[at + 1 :] + standing[:at] if p.pk in waiting]
    if following:
        messages.success(request, _("Answered: %(part)s") % {"part": sent.title})
        return redirect(reading_url(youth, following[0]))
    messages.success(request, _("You have answered every part."))
    return redirect("handover:received", youth.pk)


def show_received(request, youth, *, status=200, **opened):
    """The page as this person may read it; notes who has read, and which version."""
    context = received_page(request.user, youth, **opened)
    context |= requests_about(request.user, youth)
    context["may_save"] = youth.pk not in opened_by(request.user)
    if summary := context["summary"]:
        # A section alone says nothing of what was read of the others.
        parts, whole = context["parts"], context["alone"] is None
        receives = context["may_answer"] and whole
        context |= whats_new(request.user, youth, summary, parts, receives=receives)
        context["words"] = last_words(request.user, youth) if whole else None
    note = note_of(summary.version) if summary and whole else ""
    more = [Section.SHARING] if context["requests"] else []
    more += [Section.WORDS] if context.get("words") else []
    more += [Section.COURSE] if context["agreed"] else []
    more += named_in(context) if summary else []
    sections = list(dict.fromkeys([Section.IDENTITY, *more, *context["sections"]]))
    AccessEvent.record(request.user, [youth], sections, detail=note)
    return render(request, "handover/received.html", context, status=status)


def received_page(
    user, youth, *, wanted=None, form=None, answered=None, section=None, whole=None
) -> dict:
    """What this person reads of what was sent, with one answer form open; of one section, or all.

    `wanted` is the part whose form is open, else the first that waits. `form` is what was typed
    for the part `answered`: it stays with that part, or with the newer version that replaced it.
    `whole` is what was chosen for the handover as a whole, and cannot be.
    `sections` are those of which there is something to read.
    """
    summary = profile_summary(user, youth)
    standing = SentPart.objects.visible_to(user, youth).current().select_related("written_by")
    parts = in_order(standing) if summary else []
    parts = [part for part in parts if section in (None, part.section)]
    checks = to_check(user, youth) if summary and not is_own(user, youth) else []
    missed = missing_by_heading(user, youth) if summary else {}
    missed = {h: rows for h, rows in missed.items() if section in (None, rows[0].section)}
    read = {one.section for one in [*parts, *checks, *(rows[0] for rows in missed.values())]}
    context = {
        "youth": youth,
        "summary": summary,
        "sections": [code for code in SECTIONS if code in read],
        "alone": section,
        "school": youth.partnership.school,
        "municipality": youth.partnership.municipality,
        "own": is_own(user, youth),
        "may_write": bool(sections_for(user, youth, Verb.CHANGE)),
        "agreed": None,
        "in_an_emergency": youth.pk in opened_by(user),
    }
    if summary is None:
        return context
    context |= closing(user, youth, summary, whole)
    context["feedback"] = rounds_on(youth, context["standing"])
    with_threads(parts, {})
    with_reactions(user, youth, parts)
    with_feedback(user, youth, parts)
    with_uses(user, youth, parts, summary.stages)
    told = context["may_write"] or context["own"]
    for one in parts:
        one.waits = one.pk in summary.waiting
        one.held_back = bool(told and summary.held_back_in(one.section))
        one.form = None
    answering = sections_for(user, youth, Verb.ANSWER)
    open_part = _open_part([p for p in parts if p.section in answering], wanted, answered)
    if open_part:
        open_part.form = form or AnswerForm(
            school=context["school"], auto_id=f"id_{open_part.pk}_%s"
        )
    chapters = [
        _chapter_to_read(code, [p for p in parts if p.section == code], summary.held_back_in(code))
        for code in sections_for(user, youth)
        if section in (None, code)
    ]
    for chapter in chapters:
        chapter.missed = missed
    return context | {
        "parts": parts,
        "checks": checks,
        "chapters": chapters,
        "may_answer": bool(answering),
        "open_part": open_part,
        "refused": f"#part-{open_part.pk}" if form and open_part else "",
        "days": days_since(summary.waiting_since) if summary.waiting_since else None,
        "unplaced": form.data.get("text") if form and not open_part else "",
    }


def _open_part(parts, wanted, answered):
    """The part whose answer form is open: the one asked for, else the first that waits."""
    if answered:
        return next((p for p in parts if p.part_id == answered.part_id), None)
    asked_for = next((p for p in parts if str(p.pk) == wanted), None)
    return asked_for or next((p for p in parts if p.waits), None)


def _chapter_to_read(section, parts, held_back):
    chapter = Chapter(section, f"#section-{section}", parts, held_back=held_back)
    total, done = len(parts), sum(not p.waits for p in parts)
    if held_back:
        chapter.shape = "held"
        chapter.state = ngettext(
            "Held back, %(number)s part", "Held back, %(number)s parts", held_back.number
        ) % {"number": held_back.number}
    elif not parts:
        chapter.state = _("Nothing sent")
    else:
        chapter.shape = "done" if done == total else "part" if done else "open"
        chapter.state = _("%(done)s of %(total)s answered") % {"done": done, "total": total}
    return chapter
