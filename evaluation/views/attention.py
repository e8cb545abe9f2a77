"""What needs the leadership's attention: each line a number, and a way to exactly its rows."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from evaluation.models import Definition, YouthProgress
from partnerships.models import Partnership, Programme, Status
from youths.halts import HALTS
from youths.models import Deadline, Referral, Youth

PAGE_SIZE = 25


@dataclass(frozen=True)
class Line:
    """Something that waits: how much of it, and where its rows are."""

    text: str
    why: str
    url: str
    shape: str = "wait"


def _unsigned(partnerships, programme):
    return partnerships.filter(status__in=(Status.DRAFT, Status.NEGOTIATING))


def _undefined(partnerships, programme):
    own = Definition.objects.in_force().filter(partnership=OuterRef("pk"))
    return partnerships.filter(~Exists(own), status=Status.SIGNED)


def _unanswered(partnerships, programme):
    late = Referral.objects.late(programme).filter(partnership=OuterRef("pk"))
    return partnerships.filter(Exists(late), status=Status.SIGNED)


def _overdue(partnerships, programme):
    late = Deadline.objects.late().filter(partnership=OuterRef("pk"))
    return partnerships.filter(Exists(late), status=Status.SIGNED)


# Kinds of partnerships that wait for something: the rows, the heading of the page.
KINDS = {
    "agreements": (_unsigned, gettext_lazy("Agreements that are not signed")),
    "definitions": (_undefined, gettext_lazy("Partnerships without a signed definition")),
    "referrals": (_unanswered, gettext_lazy("Partnerships where a referral waits too long")),
    "deadlines": (_overdue, gettext_lazy("Partnerships with deadlines that have passed")),
}


@require_safe
def attention(request, programme_id):
    """All lines. The dashboard shows them, too; they are asked for once, not every few seconds."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=programme_id)
    stopped = (
        Youth.objects.referred()
        .filter(progress__in=_youths(request.user, programme), left_on__isnull=False)
        .order_by()
        .values_list("left_because")
        .annotate(n=Count("pk"))
    )
    reasons = dict(stopped)
    context = {
        "programme": programme,
        "lines": [*_of_youths(request.user, programme), *_of_partnerships(request, programme)],
        "all_stopped": sum(reasons.values()),
        "stopped": [
            (label, reasons[code], _rows(programme, left=code))
            for code, label in Youth.LeftBecause.choices
            if code in reasons
        ],
    }
    return render(request, "evaluation/attention.html", context)


def _youths(user, programme):
    return YouthProgress.objects.visible_to(user).filter(partnership__programme=programme)


def _rows(programme, **filters) -> str:
    return f"{reverse('evaluation:youths', args=[programme.pk])}?{urlencode(filters)}"


def _of_youths(user, programme):
    rows = _youths(user, programme)
    if n := rows.exclude(awaits=[]).count():
        opened = programme.rounds.open().first()
        yield Line(
            ngettext("%(n)s youth needs a rating", "%(n)s youths need a rating", n) % {"n": n},
            _("Before the round closes on %(day)s") % {"day": date_format(opened.closes_on)}
            if opened
            else _("As soon as the next round opens"),
            _rows(programme, awaited="on"),
            "part",
        )
    if n := rows.filter(YouthProgress.silent_in(programme)).count():
        yield Line(
            ngettext(
                "Nobody has said anything about %(n)s youth in the last round",
                "Nobody has said anything about %(n)s youths in the last round",
                n,
            )
            % {"n": n},
            _("Still in the course, and neither they nor a professional has answered"),
            _rows(programme, silent="on"),
        )

    for code, halt in HALTS.items():
        if n := rows.filter(youth__in=halt.find(programme)).count():
            yield Line(
                _("%(heading)s: %(n)s") % {"heading": halt.label, "n": n},
                "",
                _rows(programme, stalled=code),
            )


def _of_partnerships(request, programme):
    partnerships = Partnership.objects.visible_to(request.user).filter(programme=programme)
    for kind, (of, heading) in KINDS.items():
        if n := of(partnerships, programme).count():
            yield Line(
                _("%(heading)s: %(n)s") % {"heading": heading, "n": n},
                "",
                reverse("evaluation:attention_rows", args=[programme.pk, kind]),
            )


@require_safe
def attention_rows(request, programme_id, kind):
    """Exactly the partnerships that a line of `attention` counts."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=programme_id)
    if kind not in KINDS:
        raise Http404
    of, heading = KINDS[kind]
    visible = Partnership.objects.visible_to(request.user).filter(programme=programme)
    rows = of(visible, programme).with_parties()
    page = Paginator(rows.order_by("school__name", "municipality__name", "pk"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "evaluation/attention_rows.html",
        {"programme": programme, "heading": heading, "page": page},
    )
