"""What became of the parts: opened, used, checked again; and the counts of it."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from handover.access import SECTIONS, sections_for
from handover.models import (
    NEVER_OPENED_AFTER,
    TARGETS,
    Accommodation,
    HandoverRefused,
    MeetingAgreement,
    NotDisclosed,
    PartCheck,
    PartnershipKnowledge,
    PartOpening,
    PartUse,
    SentPart,
)
from handover.views.built import may_link
from handover.views.reading import show_received
from partnerships.access import Section, Verb
from partnerships.models import Programme
from youths.models import AccessEvent, Goal, Placement, Youth

PAGE_SIZE = 25


@require_POST
def opened(request, youth_id):
    """Parts that are on the receiver's screen: told by the page's script, or by asking for a
    section alone, which is then shown.
    """
    youth = Youth.objects.get_for(request.user, youth_id, f"{Verb.ANSWER}_{Section.DIRECTION}")
    parts = SentPart.objects.visible_to(request.user, youth).filter(
        section__in=sections_for(request.user, youth, Verb.ANSWER)
    )
    section = request.POST.get("section")
    if section is None:
        ids = _uuids(request.POST.getlist("part"))
        PartOpening.note(parts.filter(pk__in=ids).select_related(None).only("pk"), youth)
        return HttpResponse(status=204)
    if section not in SECTIONS:
        raise Http404
    shown = parts.current().filter(section=section)
    PartOpening.note(shown.select_related(None).only("pk"), youth)
    return redirect(f"{reverse('handover:received', args=[youth.pk])}?section={section}")


def _uuids(texts) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


@require_safe
def placement_parts(request, placement_id):
    """Which parts of the handover one placement is built on, and those it could be built on."""
    placement = get_object_or_404(
        Placement.objects.visible_to(request.user).select_related("employer"), pk=placement_id
    )
    # For those who read the handover, which no company does.
    youth = Youth.objects.get_for(request.user, placement.youth_id, "view_direction")
    company = placement.employer.name
    title = _("%(name)s at %(company)s") % {"name": youth.first_name, "company": company}
    back = company, reverse("placement", args=[placement.pk])
    return _parts(request, youth, Section.PLACEMENT, title, back, placement=placement)


@require_safe
def goal_parts(request, goal_id):
    """Which parts of the handover one goal rests on, and those it could rest on."""
    goal = get_object_or_404(Goal, pk=goal_id)
    youth = _of_the_course(request.user, goal)
    back = goal.words, reverse("youths:goal", args=[goal.pk])
    return _parts(request, youth, Section.COURSE, goal.words, back, goal=goal)


@require_safe
def agreement_parts(request, agreement_id):
    """Which parts of the handover an agreement of a meeting rests on, or could rest on."""
    rows = MeetingAgreement.objects.select_related("meeting__profile")
    agreement = get_object_or_404(rows, pk=agreement_id)
    youth = _of_the_course(request.user, agreement)
    there = agreement.meeting.path.partition("#")[0] + f"#agreement-{agreement.pk}"
    back = _("The joint meeting"), there
    return _parts(request, youth, Section.COURSE, agreement.what, back, agreement=agreement)


def _of_the_course(user, thing):
    """The youth of a thing of the course, for who reads it and the handover."""
    youth = Youth.objects.get_for(user, thing.youth_id, "view_course")
    if not sections_for(user, youth):
        raise PermissionDenied
    return youth


def _parts(request, youth, section, title, back, **target):
    ((kind, thing),) = target.items()
    parts = list(
        SentPart.objects.visible_to(request.user, youth).current().with_stage().order_by("position")
    )
    uses = list(
        PartUse.objects.filter(
            sent_part__in=SentPart.objects.visible_to(request.user, youth), **target
        )
        .with_flag()
        .select_related("sent_part__entry")
    )
    linked = {use.sent_part.part_id for use in uses}
    offered = may_link(request.user, youth, kind)
    shown = {part.section for part in parts} | {use.sent_part.section for use in uses}
    AccessEvent.record(
        request.user, [youth], [section, *(code for code in SECTIONS if code in shown)]
    )
    return render(
        request,
        "handover/parts_used.html",
        {
            "kind": kind,
            "target": thing,
            "title": title,
            "back": back,
            "youth": youth,
            "uses": uses,
            "may_use": bool(offered),
            "offered": [p for p in parts if p.part_id not in linked and p.section in offered],
        },
    )


# Of what a part may be used for, the rows.
MODELS = {
    "placement": Placement,
    "goal": Goal,
    "agreement": MeetingAgreement,
    "accommodation": Accommodation,
}


@require_POST
def use(request, sent_part_id):
    """Link a part from something of the young person's that rests on it."""
    youth, sent = _sent_part(request, sent_part_id)
    kind = next((name for name in TARGETS if name in request.POST), "placement")
    if sent.section not in may_link(request.user, youth, kind):
        raise PermissionDenied
    rows = MODELS[kind].objects.visible_to(request.user)
    target = get_object_or_404(rows, pk__in=_uuids([request.POST.get(kind, "")]))
    if target.youth_id != youth.pk:
        raise Http404
    try:
        made = PartUse.make(by=request.user, sent_part=sent, **{kind: target})
    except NotDisclosed:
        raise Http404 from None
    except HandoverRefused as refusal:
        return _refused(request, youth, refusal, sent)
    messages.success(request, _("Noted that you use this part."))
    return _back(request, youth, made)


@require_POST
def undo_use(request, use_id):
    """Take a link away again."""
    this = get_object_or_404(PartUse.objects.select_related("sent_part"), pk=use_id)
    youth, sent = _sent_part(request, this.sent_part_id)
    if sent.section not in may_link(request.user, youth, this.kind):
        raise PermissionDenied
    this.undo(by=request.user)
    messages.success(request, _("No longer noted as used."))
    return _back(request, youth, this)


@require_POST
def check_again(request, sent_part_id):
    """The receiver has looked at what was built on a part that was corrected or withdrawn."""
    youth, sent = _sent_part(request, sent_part_id)
    seen = request.POST.get("version", "")
    try:
        # A number of a form's own making is short; anything else fits no version.
        number = int(seen) if seen.isdecimal() and len(seen) < 6 else 0
        PartCheck.check_again(by=request.user, sent_part=sent, version=number)
    except NotDisclosed:
        raise Http404 from None
    except HandoverRefused as refusal:
        return _refused(request, youth, refusal, sent)
    messages.success(request, _("Noted that you have checked it."))
    return redirect("handover:received", youth.pk)


def _sent_part(request, sent_part_id):
    """A part and its youth, for who answers parts of that section."""
    youth_id, section = get_object_or_404(
        SentPart.objects.values_list("profile__youth_id", "section"), pk=sent_part_id
    )
    youth = Youth.objects.get_for(request.user, youth_id, f"{Verb.ANSWER}_{section}")
    return youth, get_object_or_404(
        SentPart.objects.visible_to(request.user, youth).select_related("profile", "part"),
        pk=sent_part_id,
    )


def _refused(request, youth, refusal, sent):
    messages.error(request, str(refusal))
    return show_received(request, youth, answered=sent, status=409)


def _back(request, youth, use):
    """To where the button was pressed."""
    if request.POST.get("from") == "target":
        return redirect(use.url)
    url = reverse("handover:received", args=[youth.pk])
    return redirect(f"{url}?part={use.sent_part_id}#part-{use.sent_part_id}")


@require_safe
def knowledge(request, programme_id):
    """How much of what was delivered is in use: a programme's counts, and each partnership's.

    Of documents only: no person is counted, named, listed or compared.
    """
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=programme_id)
    counts = PartnershipKnowledge.objects.visible_to(request.user).filter(
        partnership__programme=programme, computed_at__isnull=False
    )
    total = counts.total()
    rows = counts.filter(delivered__gt=0).select_related(
        "partnership__school", "partnership__municipality"
    )
    order = ("-never_opened", "partnership__school__name", "partnership__municipality__name", "pk")
    page = Paginator(rows.order_by(*order), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "handover/knowledge.html",
        {
            "programme": programme,
            "total": PartnershipKnowledge(**{n: total[n] for n in PartnershipKnowledge.FIELDS}),
            "computed_at": total["computed_at"],
            "page": page,
            "days": NEVER_OPENED_AFTER.days,
        },
    )
