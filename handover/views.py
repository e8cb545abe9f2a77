"""Writing a handover part by part, sending it, and answering it part by part."""

from dataclasses import dataclass, field
from itertools import groupby

from django.contrib import messages
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from handover.access import REQUIRED_SECTIONS, SECTIONS, WHY_REQUIRED, WRITING, sections_for
from handover.forms import AnswerForm, PartForm, ReplyForm
from handover.models import (
    HandoverProfile,
    HandoverRefused,
    NotComplete,
    NothingNew,
    Part,
    PartAnswer,
    SentPart,
    StaleVersion,
    profile_summary,
)
from partnerships.access import Role, Section, Verb
from partnerships.models import Membership
from youths.models import NEEDS_CONSENT, AccessEvent, Consent, Youth


@dataclass
class Chapter:
    """One section on a page: its parts, and how far it is, as a shape and in words."""

    section: str
    url: str
    parts: list = field(default_factory=list)
    shape: str = "open"
    state: str = ""
    held_back: int = 0

    @property
    def title(self):
        return Section(self.section).label


# -- Writing -----------------------------------------------------------------------------------


@require_safe
def write(request, youth_id):
    """The school's working page: one section's parts, what is missing, what was answered."""
    youth = Youth.objects.referred().get_for(request.user, youth_id, WRITING)
    section = request.GET.get("section")
    if section not in sections_for(request.user, youth, Verb.CHANGE):
        section = None
    return render(request, "handover/write.html", _writing(request, youth, section))


@require_POST
def add(request, youth_id):
    """An empty part in a section; the profile begins with its first part."""
    youth = Youth.objects.referred().get_for(request.user, youth_id, WRITING)
    section = request.POST.get("section")
    if section not in sections_for(request.user, youth, Verb.CHANGE):
        raise Http404
    profile, _created = HandoverProfile.objects.get_or_create(youth=youth)
    return redirect("handover:part", profile.add_part(by=request.user, section=section).pk)


@require_http_methods(["GET", "HEAD", "POST"])
def part(request, part_id):
    """One part's form. It saves itself while it is written, and by its button."""
    youth, part = _part_to_write(request, part_id)
    form = PartForm(request.POST or None, instance=part)
    theirs, differences, status = None, [], 200
    if request.method == "POST":
        by_itself = "X-Autosave" in request.headers
        if form.is_valid():
            try:
                part.write(by=request.user, revision=form.cleaned_data["revision"], **form.texts)
            except StaleVersion as stale:
                theirs, status = stale.current, 409
                differences = form.differences(theirs)
                form = form.against(theirs)
            except HandoverRefused as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                if by_itself:
                    return JsonResponse(_saved(part))
                messages.success(request, _("Saved: %(part)s") % {"part": part.title})
                return redirect(_at(youth, part))
        else:
            status = 422
        if by_itself:
            return JsonResponse({}, status=status)
    context = _writing(request, youth, part.section)
    return render(
        request,
        "handover/part.html",
        context
        | {
            "form": form,
            "open_part": next(p for p in context["chapter"].parts if p.pk == part.pk),
            "theirs": theirs,
            "differences": differences,
            "saved_on": date_format(timezone.localtime(part.written_at), "SHORT_DATE_FORMAT"),
            # With two texts on the page only its button saves: the other one must not go.
            "save_url": "" if theirs else request.path,
            "saved_at": part.written_at if part.is_saved and status == 200 else None,
        },
        status=status,
    )


def _saved(part):
    """What the save bar shows, and what the form goes on from."""
    return {
        "time": date_format(timezone.localtime(part.written_at), "H:i"),
        "note": date_format(timezone.localtime(part.written_at), "SHORT_DATE_FORMAT"),
        "fields": {"revision": part.revision},
    }


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request, part_id):
    """Says what goes and what stays, then takes the part away."""
    youth, part = _part_to_write(request, part_id)
    status = 200
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        try:
            # A number of a form's own making is short; anything else fits no revision.
            number = int(revision) if revision.isdecimal() and len(revision) < 10 else 0
            part.remove(by=request.user, revision=number)
        except StaleVersion as stale:
            part, status = stale.current, 409
        else:
            messages.success(request, _("Removed: %(part)s") % {"part": part.title})
            return redirect(_write_url(youth, part.section))
    AccessEvent.record(request.user, [youth], [part.section])
    return render(
        request,
        "handover/remove.html",
        {"youth": youth, "part": part, "was_sent": part.sent.exists(), "stale": status == 409},
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def send(request, youth_id):
    """Says what is sent to whom and what is held back, then sends it."""
    youth = Youth.objects.referred().get_for(request.user, youth_id, WRITING)
    profile = get_object_or_404(HandoverProfile, youth=youth)
    status = 200
    if request.method == "POST":
        try:
            sent = profile.send(by=request.user)
        except NotComplete:
            status = 422
        except NothingNew:
            # A button pressed twice has sent once, and that is what its owner wants to know.
            if request.POST.get("version") not in (None, str(profile.version)):
                messages.info(
                    request,
                    _("Version %(number)s was sent already.") % {"number": profile.version},
                )
                return redirect("case", youth.pk)
            status = 422
        else:
            messages.success(
                request,
                _("The handover was sent to %(municipality)s as version %(number)s.")
                % {"municipality": youth.partnership.municipality, "number": sent.number},
            )
            return redirect("case", youth.pk)
    context = _writing(request, youth, None)
    changed, gone = profile.changes(context["parts"])
    held_back = [
        (chapter.title, len(chapter.parts))
        for chapter in context["chapters"]
        if chapter.parts and chapter.section in context["unconsented"]
    ]
    return render(
        request,
        "handover/send.html",
        context
        | {
            "refused": status == 422,
            "changed": changed,
            "gone": gone,
            "held_back": held_back,
            "changed_titles": ", ".join(str(p.title) for p in changed),
            "gone_titles": ", ".join(str(p.title) for p in gone),
            "number": profile.version + 1,
            "readers": Membership.objects.active()
            .filter(partnership=youth.partnership_id, role=Role.CASEWORKER)
            .select_related("user"),
        },
        status=status,
    )


@require_POST
def reply(request, answer_id):
    """The school replies to a question, where it writes the part."""
    youth_id = get_object_or_404(
        PartAnswer.objects.values_list("sent_part__profile__youth_id", flat=True), pk=answer_id
    )
    youth = Youth.objects.referred().get_for(request.user, youth_id, WRITING)
    question = get_object_or_404(
        PartAnswer.objects.select_related("sent_part__part", "sent_part__profile"),
        pk=answer_id,
        sent_part__part__in=Part.objects.visible_to(request.user, youth),
    )
    form = ReplyForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            question.give_reply(by=request.user, text=form.cleaned_data["text"])
        except HandoverRefused as refusal:
            form.add_error(None, str(refusal))
            status = 409
        else:
            messages.success(
                request,
                _("Your reply was sent to %(municipality)s.")
                % {"municipality": youth.partnership.municipality},
            )
            return redirect(_at(youth, question.sent_part.part))
    context = _writing(request, youth, question.sent_part.section, {question.pk: form})
    context["refused"] = f"#answer-{question.pk}"
    return render(request, "handover/write.html", context, status=status)


def _part_to_write(request, part_id):
    """The youth and the working text; 404 not yours, 403 yours but not to write."""
    youth_id = get_object_or_404(
        Part.objects.values_list("profile__youth_id", flat=True), pk=part_id
    )
    youth = Youth.objects.referred().get_for(request.user, youth_id, WRITING)
    return youth, get_object_or_404(
        Part.objects.visible_to(request.user, youth).select_related("profile", "written_by"),
        pk=part_id,
    )


def _write_url(youth, section):
    return f"{reverse('handover:write', args=[youth.pk])}?section={section}"


def _at(youth, part):
    return f"{_write_url(youth, part.section)}#part-{part.pk}"


def _writing(request, youth, section, replies=None):
    """What stands around every page of the writing school; notes who has read.

    `replies` are bound forms by the answer they reply to.
    """
    sections = sections_for(request.user, youth, Verb.CHANGE)
    AccessEvent.record(request.user, [youth], sections)
    profile = HandoverProfile.objects.filter(youth=youth).first()
    parts = list(
        Part.objects.visible_to(request.user, youth).select_related("written_by") if profile else []
    )
    consented = Consent.objects.in_force().filter(
        youth=youth, organisation=youth.partnership.municipality_id
    )
    unconsented = set(NEEDS_CONSENT) - set(consented.values_list("section", flat=True))
    chapters = [
        _chapter_to_write(youth, code, [p for p in parts if p.section == code], code in unconsented)
        for code in sections
    ]
    missing = HandoverProfile.missing(parts)
    section = section or next((item.section for item in missing), sections[0])
    chapter = next(c for c in chapters if c.section == section)
    _with_threads(chapter.parts, replies or {})
    return {
        "youth": youth,
        "profile": profile,
        "parts": parts,
        "chapters": chapters,
        "chapter": chapter,
        "at": chapters.index(chapter) + 1,
        "missing": [_missing_line(youth, list(group)) for _key, group in groupby(missing, _place)],
        "needs_consent": NEEDS_CONSENT,
        "unconsented": unconsented,
        "held_back": any(p.section in unconsented for p in parts),
        "refused": "",  # where a reply that was not saved stands
        "last": profile and profile.versions.select_related("sent_by").first(),
        "saved_at": max((p.written_at for p in parts), default=None),
        "municipality": youth.partnership.municipality,
        "school": youth.partnership.school,
    }


def _place(missing):
    return missing.section, missing.part


def _missing_line(youth, group):
    """All that one part lacks, with a link to the first field of it; or a section's first part."""
    first = group[0]
    if first.part is None:
        return {
            "url": _write_url(youth, first.section) + "#add",
            "title": Section(first.section).label,
            "what": first.what,
            "why": WHY_REQUIRED[first.section],
        }
    return {
        "url": reverse("handover:part", args=[first.part.pk]) + f"#div_id_{first.field}",
        "title": first.part.title,
        "what": ", ".join(str(one.what) for one in group),
        "why": "",
    }


def _chapter_to_write(youth, section, parts, unconsented):
    for one in parts:
        one.lacks = list(one.missing().values())
    total, done = len(parts), sum(not one.lacks for one in parts)
    chapter = Chapter(section, _write_url(youth, section), parts)
    if not parts:
        chapter.state = _("No parts yet") if section in REQUIRED_SECTIONS else _("None; optional")
        return chapter
    chapter.shape = "done" if done == total else "part"
    chapter.state = ngettext(
        "%(done)s of %(total)s part done", "%(done)s of %(total)s parts done", total
    ) % {"done": done, "total": total}
    if unconsented:
        chapter.shape = "held"
        chapter.state = _("%(state)s, awaits consent") % {"state": chapter.state}
    return chapter


def _with_threads(parts, replies):
    """Give each part its answers, to all versions of it, and a form to those that wait."""
    answers = PartAnswer.objects.filter(
        sent_part__part__in=[getattr(p, "part_id", p.pk) for p in parts]
    ).select_related("answered_by", "replied_by", "sent_part")
    waiting = set(answers.open_questions().values_list("pk", flat=True))
    threads = {}
    for one in answers:
        one.form = replies.get(one.pk) or (
            ReplyForm(auto_id=f"id_{one.pk}_%s") if one.pk in waiting else None
        )
        threads.setdefault(one.sent_part.part_id, []).append(one)
    for one in parts:
        one.thread = threads.get(getattr(one, "part_id", one.pk), [])
        one.newest = one.thread[-1] if one.thread else None
        one.asked = any(entry.pk in waiting for entry in one.thread)
        one.said = any(entry.text for entry in one.thread)


# -- Reading and answering ---------------------------------------------------------------------


@require_safe
def received(request, youth_id):
    """What was sent: the caseworker answers it part by part, the school and the youth read it."""
    youth = Youth.objects.referred().get_for(request.user, youth_id, "view_direction")
    return _received(request, youth, wanted=request.GET.get("part"))


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, sent_part_id):
    """The caseworker's answer to one part; then on to the next that waits."""
    youth_id, section = get_object_or_404(
        SentPart.objects.values_list("profile__youth_id", "section"), pk=sent_part_id
    )
    needed = "view_direction" if request.method != "POST" else f"{Verb.ANSWER}_{section}"
    youth = Youth.objects.referred().get_for(request.user, youth_id, needed)
    sent = get_object_or_404(
        SentPart.objects.visible_to(request.user, youth).select_related("profile"), pk=sent_part_id
    )
    if request.method != "POST":
        return redirect(_reading_url(youth, sent))
    form = AnswerForm(request.POST, school=youth.partnership.school, auto_id=f"id_{sent.pk}_%s")
    status = 422
    if form.is_valid():
        try:
            sent.answer(by=request.user, **form.cleaned_data)
        except HandoverRefused as refusal:
            form.add_error(None, str(refusal))
            status = 409
        else:
            return _on_to_the_next(request, youth, sent)
    return _received(request, youth, form=form, answered=sent, status=status)


def _on_to_the_next(request, youth, sent):
    """The first part that waits after this one in the order of the page, else the first of all."""
    standing = _in_order(SentPart.objects.visible_to(request.user, youth).current())
    waiting = set(
        SentPart.objects.filter(pk__in=[p.pk for p in standing])
        .unanswered()
        .values_list("pk", flat=True)
    )
    at = next(n for n, p in enumerate(standing) if p.pk == sent.pk)
    following = [p for p in standing[at + 1 :] + standing[:at] if p.pk in waiting]
    if following:
        messages.success(request, _("Answered: %(part)s") % {"part": sent.title})
        return redirect(_reading_url(youth, following[0]))
    messages.success(request, _("You have answered every part."))
    return redirect("handover:received", youth.pk)


def _reading_url(youth, sent):
    url = reverse("handover:received", args=[youth.pk])
    return f"{url}?part={sent.pk}#part-{sent.pk}"


def _in_order(sent_parts):
    return sorted(sent_parts, key=lambda p: SECTIONS.index(p.section))


def _received(request, youth, *, wanted=None, form=None, answered=None, status=200):
    """The page as this person may read it, with one answer form open; notes who has read.

    `wanted` is the part whose form is open, else the first that waits. `form` is what was typed
    for the part `answered`: it stays with that part, or with the newer version that replaced it.
    """
    user = request.user
    summary = profile_summary(user, youth)
    standing = SentPart.objects.visible_to(user, youth).current().select_related("written_by")
    parts = _in_order(standing) if summary else []
    AccessEvent.record(
        user, [youth], list(dict.fromkeys(p.section for p in parts)) or [Section.IDENTITY]
    )
    context = {
        "youth": youth,
        "summary": summary,
        "school": youth.partnership.school,
        "municipality": youth.partnership.municipality,
        "own": youth.account_id == user.pk,
        "may_write": bool(sections_for(user, youth, Verb.CHANGE)),
    }
    if summary is None:
        return render(request, "handover/received.html", context)
    waiting = set(standing.disclosed().unanswered().values_list("pk", flat=True))
    held_back = standing.held_back() if context["may_write"] or context["own"] else {}
    _with_threads(parts, {})
    for one in parts:
        one.waits = one.pk in waiting
        one.held_back = one.section in held_back
        one.is_new = one.first_version == summary.version > 1
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
    ]
    context |= {
        "chapters": chapters,
        "may_answer": bool(answering),
        "open_part": open_part,
        "refused": f"#part-{open_part.pk}" if form and open_part else "",
        "days": summary.waiting_since and (timezone.now() - summary.waiting_since).days,
        "news": _news(youth, summary, [p for p in parts if p.waits]) if answering else [],
        "unplaced": form.data.get("text") if form and not open_part else "",
    }
    return render(request, "handover/received.html", context, status=status)


def _news(youth, summary, waiting):
    """What came back since the receiver answered: new texts and replies, the newest first."""
    found = []
    for one in waiting:
        if one.newest and one.newest.sent_part_id == one.pk:
            text = _("%(name)s has replied to the question") % {"name": one.newest.replied_by.name}
            found.append({"at": one.newest.replied_at, "part": one, "text": text})
        elif one.is_new:
            text = _("new in version %(number)s") % {"number": summary.version}
            found.append({"at": summary.sent_at, "part": one, "text": text})
    for item in found:
        item["url"] = _reading_url(youth, item["part"])
    return sorted(found, key=lambda item: item["at"], reverse=True)


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
            "Held back, %(number)s part", "Held back, %(number)s parts", held_back
        ) % {"number": held_back}
    elif not parts:
        chapter.state = _("Nothing sent")
    else:
        chapter.shape = "done" if done == total else "part" if done else "open"
        chapter.state = _("%(done)s of %(total)s answered") % {"done": done, "total": total}
    return chapter
