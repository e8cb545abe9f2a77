"""The search in the list of partnerships."""

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partnerships.models import Partnership


class PartnershipFilter(filters.FilterSet):
    """Finds a partnership by a part of its school's or municipality's name."""

    q = filters.CharFilter(label=_("Search by school or municipality"), method="search")

    class Meta:
        model = Partnership
        fields = ()

    def search(self, queryset, name, value):
        return queryset.filter(
            Q(school__name__icontains=value) | Q(municipality__name__icontains=value)
        )
