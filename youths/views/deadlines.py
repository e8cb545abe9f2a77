"""Deadlines: the timetable of one young person, all open ones of a team, and one of them."""

from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from partnerships.access import PARTNERSHIP_ROLES, Section, roles
from youths.access import is_own, opened_by
from youths.forms import DoneOutsideForm
from youths.models import AccessEvent, Channel, Deadline, DeadlineRefused, Youth

PAGE_SIZE = 25
# What the list of a team can be narrowed to.
SHOWN = {
    "": gettext_lazy("All that are open"),
    "late": gettext_lazy("Late"),
    "soon": gettext_lazy("The next 30 days"),
    "mine": gettext_lazy("Ours to do"),
    "escalated": gettext_lazy("Told to who leads the team"),
}


@require_safe
def deadlines(request):
    """What is due of all young people of the team, and of its agreements; the earliest first."""
    user = request.user
    side = next((role for role in PARTNERSHIP_ROLES if role in roles(user)), None)
    if side is None:
        raise PermissionDenied
    rows = Deadline.objects.visible_to(user).open().filter(known=True)
    narrowed = {
        "": rows,
        "late": rows.late(),
        "soon": rows.soon(),
        "mine": rows.owed_by(side),
        "escalated": rows.escalated_to(user),
    }
    show = request.GET.get("show", "")
    if show not in narrowed:
        raise Http404
    page = Paginator(narrowed[show].with_names(), PAGE_SIZE).get_page(request.GET.get("page"))
    youths = {row.youth_id: row.youth for row in page if row.youth}.values()
    sections = {row.rule.section for row in page if row.youth}
    AccessEvent.record(user, youths, [Section.IDENTITY, *sorted(sections)], Channel.LIST)
    return render(
        request,
        "youths/deadlines.html",
        {"page": page, "show": show, "views": SHOWN.items(), "heading": SHOWN[show]},
    )


@dataclass(frozen=True)
class Stop:
    """A day of the timetable: a deadline, or one of the marks "start", "today" and "end"."""

    on: date
    before: str  # how long before the end of STU, in words
    mark: str = ""
    row: Deadline | None = None


@require_safe
def timetable(request, youth_id):
    """What is due when, counted back from the end of STU; for all three parties."""
    youth = Youth.objects.get_for(request.user, youth_id)
    if youth.enrolled_on is None:
        raise Http404
    context = timetable_page(request.user, youth)
    AccessEvent.record(request.user, [youth], context["sections"])
    may_save = youth.pk not in opened_by(request.user)
    return render(request, "youths/timetable.html", context | {"may_save": may_save})


def timetable_page(user, youth) -> dict:
    """The timetable as this person may see it: on the page, and in the file."""
    rows = list(Deadline.objects.visible_to(user).filter(youth=youth).with_names())
    ends_on, today = youth.stu_ends_on, timezone.localdate()
    marks = {"start": youth.enrolled_on, "today": today, "end": ends_on}
    stops = [Stop(on, _before(on, ends_on), mark) for mark, on in marks.items()]
    stops += [Stop(row.due_on, _before(row.due_on, ends_on), row=row) for row in rows]
    sections = {row.rule.section for row in rows}
    return {
        "youth": youth,
        "own": is_own(user, youth),
        "stops": sorted(stops, key=lambda stop: (stop.on, stop.mark == "today")),
        "late": sum(row.known and row.is_late for row in rows),
        "phases": youth.partnership.programme.phases.all(),
        "sections": list(dict.fromkeys([Section.IDENTITY, *sorted(sections)])),
    }


def _before(on, ends_on) -> str:
    apart = relativedelta(ends_on, on)
    if on == ends_on:
        return ""
    if on > ends_on:
        return _("After STU has ended")
    if months := apart.years * 12 + apart.months:
        words = ngettext("%(n)s month before STU ends", "%(n)s months before STU ends", months)
        return words % {"n": months}
    days = (ends_on - on).days
    return ngettext("%(n)s day before STU ends", "%(n)s days before STU ends", days) % {"n": days}


@require_http_methods(["GET", "HEAD", "POST"])
def deadline(request, deadline_id):
    """One deadline: how it is counted, and for who owes it, that it was done outside."""
    user = request.user
    row = _deadline(user, deadline_id)
    side, act = row.side_of(user), request.POST.get("act")
    form, status = DoneOutsideForm(initial={"on": timezone.localdate()}), 200
    if request.method == "POST":
        if not side:
            raise PermissionDenied
        form = DoneOutsideForm(None if act == "reopen" else request.POST)
        status = 422
        if act == "reopen" or form.is_valid():
            try:
                if act == "reopen":
                    row.reopen(by=user)
                else:
                    row.close(by=user, **form.cleaned_data)
            except DeadlineRefused as refusal:
                status = 409
                messages.error(request, str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect("youths:deadline", row.pk)
    if row.youth:
        AccessEvent.record(user, [row.youth], [Section.IDENTITY, row.rule.section])
    may_close = side and row.rule.closable and not row.done_on
    return render(
        request,
        "youths/deadline.html",
        {
            "row": row,
            "youth": row.youth,
            "own": row.youth is not None and is_own(user, row.youth),
            "form": form if may_close or form.is_bound else None,
            "may_reopen": side and row.closed_at is not None,
        },
        status=status,
    )


def _deadline(user, deadline_id) -> Deadline:
    """One that the person may know of."""
    named = get_object_or_404(Deadline, pk=deadline_id)
    if named.youth_id:
        Youth.objects.get_for(user, named.youth_id, named.rule.codename)
    return get_object_or_404(Deadline.objects.visible_to(user).with_names(), pk=deadline_id)
