"""The young person's part in it: says whether each part fits, and chooses what to carry.

On the own device, or beside somebody from the school who has started to sit together: then the
same pages are theirs, with what both may read.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from handover.forms import ReactionForm
from handover.models import (
    CARRIED_SECTIONS,
    Carried,
    HandoverProfile,
    HandoverRefused,
    Heading,
    JobProfile,
    Part,
    PartReaction,
    carried_things,
    to_carry,
    told_parts,
    with_feedback,
    with_reactions,
)
from handover.views.chapters import with_files
from partnerships.access import Section
from youths.access import is_own
from youths.models import AccessEvent, OwnWords, Sitting, Youth

# The sections as one says them to the person whom they are about, and headings that say another.
PLAIN = {
    Section.WORDS: gettext_lazy("Your own words"),
    Section.DIRECTION: gettext_lazy("What you want"),
    Section.COMPETENCES: gettext_lazy("What you can do"),
    Section.SUPPORT: gettext_lazy("What helps you"),
    Section.HEALTH: gettext_lazy("How you are"),
    Section.NETWORK: gettext_lazy("Your everyday life and the people around you"),
}
PLAIN_HEADING = {
    Heading.MOTIVATION: gettext_lazy("What gives you a good day"),
    Heading.EXPERIENCE: gettext_lazy("Where you have worked"),
    Heading.AVOID: gettext_lazy("What others should not do"),
}
# Held by the young person and the school. Who answers a handover has no part in this.
TAKING_PART = "change_words"


@require_safe
def mine(request, youth_id):
    """Everything that is written about the young person, in plain words, and what they said."""
    youth = Youth.objects.get_for(request.user, youth_id, TAKING_PART)
    sitting = Sitting.objects.open_of(request.user, youth)
    if not is_own(request.user, youth) and sitting is None:
        return redirect("youths:together", youth.pk)
    return _mine(request, youth, sitting)


@require_http_methods(["GET", "HEAD", "POST"])
def react(request, part_id):
    """One part at a time: it fits, or what does not; then on to the next that waits."""
    user = request.user
    youth_id = get_object_or_404(
        Part.objects.values_list("profile__youth_id", flat=True), pk=part_id
    )
    youth = Youth.objects.get_for(user, youth_id, TAKING_PART)
    sitting = Sitting.objects.open_of(user, youth)
    may_answer = is_own(user, youth) or sitting is not None
    if request.method != "POST" and not may_answer:
        return redirect("youths:together", youth.pk)
    parts = told_parts(user, youth)
    with_reactions(user, youth, parts)
    at = next((n for n, one in enumerate(parts) if _part_id(one) == part_id), None)
    if at is None:
        # Taken back or removed while it was being answered: what was typed is shown once more.
        if request.method != "POST":
            raise Http404
        return _mine(request, youth, sitting, unplaced=request.POST.get("text", ""), status=409)
    one, status = parts[at], 200
    form = ReactionForm(request.POST if request.method == "POST" else None, part=one)
    if request.method == "POST":
        go = request.POST.get("go", "next")
        if go != "next" and form.is_untouched:
            return _go(request, youth, parts, at, go)
        status = 422
        if not may_answer:
            status = 409
            form.add_error(None, _("The time together is over. Start it again, and then save."))
        elif form.is_valid():
            part = one if isinstance(one, Part) else one.part
            try:
                PartReaction.give(by=user, part=part, sitting=sitting, **form.said)
            except HandoverRefused as refusal:
                form.add_error("text", str(refusal))
            else:
                if form.said["revision"] < one.revision:
                    messages.info(
                        request, _("Saved. The text has changed meanwhile: read it again.")
                    )
                    return redirect("handover:react", part_id)
                one.reaction, one.asks_again = True, False
                return _go(request, youth, parts, at, go)
    with_files([one])
    with_feedback(user, youth, [one])
    AccessEvent.record(user, [youth], [Section.IDENTITY, one.section])
    return render(
        request,
        "handover/react.html",
        {
            **_around(youth, user, sitting),
            "part": one,
            "about": PLAIN_HEADING.get(one.heading, PLAIN[one.section]),
            "form": form,
            "number": at + 1,
            "total": len(parts),
            "is_draft": isinstance(one, Part),
        },
        status=status,
    )


def _go(request, youth, parts, at, go):
    """On from a part: to the next that waits, back to the one before, or away until later."""
    if go == "later":
        messages.success(request, _("What you have said is saved. You can go on at any time."))
        own = is_own(request.user, youth)
        return redirect("home") if own else redirect("handover:mine", youth.pk)
    if go == "back":
        return redirect("handover:react", _part_id(parts[max(at - 1, 0)]))
    waiting = [one for one in parts[at + 1 :] + parts[:at] if _waits(one)]
    if waiting:
        return redirect("handover:react", _part_id(waiting[0]))
    messages.success(request, _("Thank you. You have answered everything."))
    return redirect("handover:mine", youth.pk)


def _part_id(one):
    return getattr(one, "part_id", one.pk)


def _waits(one) -> bool:
    return one.reaction is None or one.asks_again


def _mine(request, youth, sitting, *, unplaced="", status=200):
    parts = told_parts(request.user, youth)
    with_reactions(request.user, youth, parts)
    for one in parts:
        one.url = reverse("handover:react", args=[_part_id(one)])
        one.waits = _waits(one)
    sections = list(dict.fromkeys(one.section for one in parts))
    jobs = JobProfile.objects.visible_to(request.user).answered_by_the_young().filter(youth=youth)
    jobs = list(jobs.select_related("placement__employer"))
    shown = [*sections, *([Section.JOB_PROFILE] if jobs else [])]
    shown += [Section.COURSE] if any(one.placement_id for one in jobs) else []
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, *shown])
    return render(
        request,
        "handover/mine.html",
        {
            **_around(youth, request.user, sitting),
            "jobs": jobs,
            "groups": [
                (PLAIN[code], [one for one in parts if one.section == code]) for code in sections
            ],
            "total": len(parts),
            "waiting": [one for one in parts if one.waits],
            "is_draft": any(isinstance(one, Part) for one in parts),
            "was_sent": HandoverProfile.objects.visible_to(request.user)
            .filter(youth=youth, version__gt=0)
            .exists(),
            "unplaced": unplaced,
        },
        status=status,
    )


def _around(youth, user, sitting) -> dict:
    return {
        "youth": youth,
        "own": is_own(user, youth),
        "sitting": sitting,
        "school": youth.partnership.school,
        "municipality": youth.partnership.municipality,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def carry(request, youth_id):
    """Five things that the young person wants everybody to meet first, in an order of their own."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, TAKING_PART)
    sitting = Sitting.objects.open_of(user, youth)
    if not is_own(user, youth) and sitting is None:
        return redirect("youths:together", youth.pk)
    things, status = to_carry(user, youth), 200
    chosen = carried_things(user, youth)
    if request.method == "POST":
        act, _mark, key = request.POST.get("act", "").partition(" ")
        known = {thing.key for thing in (things if act == "add" else chosen)}
        if act not in ("add", "remove", "up", "down"):
            raise Http404
        if key in known:
            try:
                Carried.change(by=user, youth=youth, act=act, key=key, sitting=sitting)
            except HandoverRefused as refusal:
                messages.error(request, str(refusal))
                status = 409
        if status == 200:
            url = reverse("handover:carry", args=[youth.pk])
            return redirect(f"{url}#{'chosen' if act != 'add' else 'choose'}")
    taken = {thing.key for thing in chosen}
    left = [thing for thing in things if thing.key not in taken]
    shown = dict.fromkeys(thing.section for thing in [*chosen, *left])
    AccessEvent.record(user, [youth], [Section.IDENTITY, *shown])
    return render(
        request,
        "handover/carry.html",
        {
            **_around(youth, user, sitting),
            "chosen": chosen,
            "groups": [
                (PLAIN[code], [thing for thing in left if thing.section == code])
                for code in dict.fromkeys(thing.section for thing in left)
            ],
            "full": Carried.objects.filter(youth=youth).count() >= Carried.AT_MOST,
        },
        status=status,
    )


def own_profile(user, youth) -> dict:
    """What the young person carries on paper: own words, what they chose, and what works.

    Nothing of other sections can stand here, and no part that they see differently, unless they
    chose it for the first page. What others wrote about them is left out but for its name and
    what works; what they said to it themself is kept.
    """
    chosen = carried_things(user, youth)
    taken = {thing.key for thing in chosen}
    said = {}
    for one in OwnWords.objects.visible_to(user).filter(youth=youth):
        if f"words-{one.pk}" not in taken:
            said.setdefault(one.kind, one)
    parts = [one for one in told_parts(user, youth) if one.section in CARRIED_SECTIONS]
    parts = [one for one in parts if f"part-{_part_id(one)}" not in taken]
    with_reactions(user, youth, parts)
    parts = [one for one in parts if one.reaction is None or one.reaction.agrees]
    shown = [*(thing.section for thing in chosen), *(one.section for one in parts)]
    return {
        "chosen": chosen,
        "words": said.get(OwnWords.Kind.WORDS),
        "direction": said.get(OwnWords.Kind.DIRECTION),
        "wishes": said.get(OwnWords.Kind.WISHES),
        "can": [one for one in parts if one.section == Section.COMPETENCES],
        "helps": [one for one in parts if one.heading == Heading.NEED],
        "avoid": [one for one in parts if one.heading == Heading.AVOID],
        "own": is_own(user, youth),
        "sections": list(dict.fromkeys([Section.WORDS, *shown])),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def show(request, youth_id):
    """Says what the young person will read, then shows the draft to them; or takes it back."""
    youth = Youth.objects.get_for(request.user, youth_id, "change_direction")
    if is_own(request.user, youth):
        raise PermissionDenied
    profile = get_object_or_404(HandoverProfile, youth=youth)
    name, act, status = {"name": youth.first_name}, request.POST.get("act"), 200
    if request.method == "POST":
        if act not in ("show", "hide"):
            raise Http404
        try:
            if act == "show":
                profile.show_to_youth(by=request.user)
                messages.success(request, _("%(name)s can read the draft now.") % name)
            else:
                profile.hide_from_youth(by=request.user)
                messages.success(request, _("%(name)s no longer reads the draft.") % name)
        except HandoverRefused as refusal:
            messages.error(request, str(refusal))
            status = 409
        else:
            return redirect("handover:write", youth.pk)
    AccessEvent.record(request.user, [youth], [Section.IDENTITY])
    return render(
        request,
        "handover/show.html",
        {
            "youth": youth,
            "profile": profile,
            "parts": Part.objects.visible_to(request.user, youth).written().count(),
        },
        status=status,
    )
