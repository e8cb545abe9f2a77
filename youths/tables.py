"""The list of youths."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from youths.models import Youth


class YouthTable(tables.Table):
    name = tables.LinkColumn("case", args=[tables.A("pk")], verbose_name=_("Name"))
    phase = tables.Column(verbose_name=_("Phase"), order_by=("phase__position", "name"))
    state = tables.TemplateColumn(
        template_name="youths/_state.html", verbose_name=_("State"), orderable=False
    )
    stu_ends_on = tables.DateColumn(verbose_name=_("STU ends"))

    class Meta:
        model = Youth
        fields = ("name", "code", "phase", "state", "stu_ends_on")
        empty_text = _("Nobody fits. Try fewer filters.")
        order_by = "name"
