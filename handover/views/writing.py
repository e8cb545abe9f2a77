"""Writing a handover part by part, and sending it."""

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

from handover.access import REQUIRED_SECTIONS, WHY_REQUIRED, WRITING, sections_for
from handover.forms import PartForm, ReplyForm
from handover.models import (
    HEADINGS,
    HandoverProfile,
    HandoverRefused,
    Heading,
    NotComplete,
    NothingNew,
    Part,
    PartAnswer,
    PreviewChanged,
    StaleVersion,
    missing_by_heading,
    with_feedback,
    with_reactions,
)
from handover.models.hints import completeness, hints
from handover.phrases import PHRASES
from handover.views.chapters import Chapter, in_chapters, in_order, last_words, with_threads
from handover.views.closing import answered_whole
from partnerships.access import NEEDS_CONSENT, Role, Section, Verb
from partnerships.models import Membership
from youths.access import codenames_for
from youths.models import AccessEvent, Held, HeldBack, Youth, held_sections


@require_safe
def write(request, youth_id):
    """The school's working page: one section's parts, what is missing, what was answered."""
    youth = Youth.objects.get_for(request.user, youth_id, WRITING)
    section = request.GET.get("section")
    if section not in sections_for(request.user, youth, Verb.CHANGE):
        section = None
    context = _writing(request, youth, section)
    moved = request.GET.get("moved")
    context["moved"] = next((p for p in context["chapter"].parts if str(p.pk) == moved), None)
    return render(request, "handover/write.html", context)


@require_POST
def add(request, youth_id):
    """An empty part under a heading; the profile begins with its first part."""
    youth = Youth.objects.get_for(request.user, youth_id, WRITING)
    heading = request.POST.get("heading")
    if heading not in Heading.of(sections_for(request.user, youth, Verb.CHANGE)):
        raise Http404
    profile, _created = HandoverProfile.objects.get_or_create(youth=youth)
    return redirect("handover:part", profile.add_part(by=request.user, heading=heading).pk)


@require_http_methods(["GET", "HEAD", "POST"])
def part(request, part_id):
    """One part's form. It saves itself while it is written, and by its button."""
    youth, part = part_to_write(request, part_id)
    before, sections = part.section, sections_for(request.user, youth, Verb.CHANGE)
    form = PartForm(request.POST or None, instance=part, sections=sections)
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
                said = _("Saved: %(part)s") % {"part": part.title}
                if part.section != before:
                    said = _("Saved and moved to “%(section)s”: %(part)s") % {
                        "section": part.get_section_display(),
                        "part": part.title,
                    }
                messages.success(request, said)
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
            "phrases": PHRASES[part.heading],
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
    youth, part = part_to_write(request, part_id)
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
            return redirect(write_url(youth, part.section))
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, part.section])
    return render(
        request,
        "handover/remove.html",
        {"youth": youth, "part": part, "was_sent": part.sent.exists(), "stale": status == 409},
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def send(request, youth_id):
    """Says what is sent to whom and what is held back, then sends exactly that."""
    youth = Youth.objects.get_for(request.user, youth_id, WRITING)
    profile = get_object_or_404(HandoverProfile, youth=youth)
    status, differs = 200, ()
    if request.method == "POST":
        try:
            sent = profile.send(by=request.user, shown=request.POST.get("shown", ""))
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
        except PreviewChanged as changed:
            status, differs = 409, changed.what
        else:
            messages.success(
                request,
                _("The handover was sent to %(municipality)s as version %(number)s.")
                % {"municipality": youth.partnership.municipality, "number": sent.number},
            )
            return redirect("case", youth.pk)
    shown = profile.fingerprint()  # before what it stands for is read: it can only be older
    context = _writing(request, youth, None, sending=True)
    changed, gone = profile.changes(context["parts"])
    held = {item.section for item in context["held_back"]}
    codenames = codenames_for(request.user, youth)
    return render(
        request,
        "handover/send.html",
        context
        | {
            "refused": status == 422,
            "stale": status == 409,
            "shown": shown,
            "differs": differs,
            "changed": changed,
            "gone": gone,
            "shown_chapters": [c for c in context["chapters"] if c.parts and not c.held_back],
            "changed_titles": ", ".join(str(p.title) for p in changed if p.section not in held),
            "may_override": {
                item.section
                for item in context["held_back"]
                if item.why != Held.NARROWED and f"{Verb.OVERRIDE}_{item.section}" in codenames
            },
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
    youth = Youth.objects.get_for(request.user, youth_id, WRITING)
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


def draft_page(user, youth) -> dict:
    """The working text as a whole, with what was asked and said; what is empty is left out."""
    written = Part.objects.visible_to(user, youth).written().select_related("written_by")
    parts = in_order(written)
    with_threads(parts, {})
    with_reactions(user, youth, parts)
    with_feedback(user, youth, parts)
    chapters = in_chapters(parts)
    return {
        "chapters": chapters,
        "sections": [chapter.section for chapter in chapters],
        "school": youth.partnership.school,
        "municipality": youth.partnership.municipality,
        "is_draft": True,
    }


def part_to_write(request, part_id):
    """The youth and the working text; 404 not yours, 403 yours but not to write."""
    youth_id = get_object_or_404(
        Part.objects.values_list("profile__youth_id", flat=True), pk=part_id
    )
    youth = Youth.objects.get_for(request.user, youth_id, WRITING)
    return youth, get_object_or_404(
        Part.objects.visible_to(request.user, youth).select_related("profile", "written_by"),
        pk=part_id,
    )


def write_url(youth, section):
    return f"{reverse('handover:write', args=[youth.pk])}?section={section}"


def _at(youth, part):
    return f"{write_url(youth, part.section)}#part-{part.pk}"


def _writing(request, youth, section, replies=None, *, sending=False):
    """What stands around every page of the writing school; notes who has read.

    `replies` are bound forms by the answer they reply to.
    """
    sections = sections_for(request.user, youth, Verb.CHANGE)
    profile = HandoverProfile.objects.filter(youth=youth).first()
    parts = list(
        Part.objects.visible_to(request.user, youth).select_related("written_by") if profile else []
    )
    held = held_sections(youth, sections)
    chapters = [
        _chapter_to_write(youth, code, [p for p in parts if p.section == code], held.get(code))
        for code in sections
    ]
    missing = HandoverProfile.missing(parts)
    section = section or next((item.section for item in missing), sections[0])
    chapter = next(c for c in chapters if c.section == section)
    # The open section, and those of which something is named as missing or as about to be sent.
    shown = {section, *(item.section for item in missing)} if not sending else set(sections)
    words = last_words(request.user, youth)
    seen = [Section.IDENTITY, *([Section.WORDS] if words else [])]
    answered = answered_whole(request.user, youth, profile)
    shown |= {row.section for row in answered["missing_knowledge"]}
    if answered["decision"]:
        shown.add(Section.DIRECTION)
    AccessEvent.record(
        request.user, [youth], [*seen, *(code for code in sections if code in shown)]
    )
    with_threads(chapter.parts, replies or {})
    with_reactions(request.user, youth, chapter.parts)
    with_feedback(request.user, youth, chapter.parts)
    chapter.missed = missing_by_heading(request.user, youth)
    done, wanted = completeness(parts, sections)
    return {
        "youth": youth,
        "profile": profile,
        "parts": parts,
        "chapters": chapters,
        "chapter": chapter,
        "at": chapters.index(chapter) + 1,
        "done": done,
        "wanted": wanted,
        "hints": [
            {"hint": hint, "url": f"{write_url(youth, hint.heading.section)}#add-{hint.heading}"}
            for hint in hints(parts, sections)
        ],
        "words": words,
        "moved": None,
        "missing": [_missing_line(youth, list(group)) for _key, group in groupby(missing, _place)],
        "needs_consent": NEEDS_CONSENT,
        "held_back": [chapter.held_back for chapter in chapters if chapter.held_back],
        "refused": "",  # where a reply that was not saved stands
        "last": profile and profile.versions.select_related("sent_by").first(),
        "saved_at": max((p.written_at for p in parts), default=None),
        "municipality": youth.partnership.municipality,
        "school": youth.partnership.school,
        **answered,
    }


def _place(missing):
    return missing.section, missing.part


def _missing_line(youth, group):
    """All that one part lacks, with a link to the first field of it; or a section's first part."""
    first = group[0]
    if first.part is None:
        return {
            "url": f"{write_url(youth, first.section)}#add-{HEADINGS[first.section][0]}",
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


def _chapter_to_write(youth, section, parts, why_held):
    for one in parts:
        one.lacks = list(one.missing().values())
    total, done = len(parts), sum(not one.lacks for one in parts)
    chapter = Chapter(section, write_url(youth, section), parts)
    if not parts:
        chapter.state = _("No parts yet") if section in REQUIRED_SECTIONS else _("None; optional")
        return chapter
    chapter.shape = "done" if done == total else "part"
    chapter.state = ngettext(
        "%(done)s of %(total)s part done", "%(done)s of %(total)s parts done", total
    ) % {"done": done, "total": total}
    if why_held:
        chapter.shape, chapter.held_back = "held", HeldBack(section, why_held, total)
        chapter.state = _("%(state)s, held back") % {"state": chapter.state}
    return chapter
