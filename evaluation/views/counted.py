"""The rows behind each figure of the dashboard: codes, and neither names nor partnerships."""

from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from evaluation.forms import CountedForm
from evaluation.models import Indicator, PartnershipProgress, YouthProgress
from evaluation.tables import CountedTable
from partnerships import spreadsheets
from partnerships.models import Programme

PAGE_SIZE = 25


@require_safe
def youths(request, programme_id):
    """The youths that a figure of the dashboard counts: by code, without names.

    Not by partnership: whoever looks here is outside, and is told no small number of one
    (docs/adr/0025).
    """
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=programme_id)
    form = CountedForm(request.GET, programme=programme)
    if not form.is_valid():
        raise Http404
    # The code alone of the youth's row: a name that isn't fetched can't be shown.
    rows = (
        YouthProgress.objects.visible_to(request.user)
        .filter(form.chosen, partnership__programme=programme)
        .annotate(code=F("youth__code"))
    )
    names = {indicator.code: indicator.text.name for indicator in Indicator.objects.told_to(None)}
    table = CountedTable(rows, names=names)
    RequestConfig(request, paginate=False).configure(table)
    paginator = Paginator(table.rows, PAGE_SIZE)
    if form.stored is not None:
        # The stored figure, kept in one transaction with its rows.
        figures = PartnershipProgress.objects.visible_to(request.user)
        paginator.count = figures.filter(partnership__programme=programme).aggregate(n=form.stored)[
            "n"
        ]
    table.paginator, table.page = paginator, paginator.get_page(request.GET.get("page"))
    kind = spreadsheets.wanted(request)
    too_many = kind and table.paginator.count > spreadsheets.MOST_ROWS
    if kind and not too_many:
        return spreadsheets.response(kind, _("Counted"), table.as_values())
    context = {
        "programme": programme,
        "form": form,
        "table": table,
        "count": table.paginator.count,
    }
    return render(request, "evaluation/youths.html", context, status=422 if too_many else 200)
