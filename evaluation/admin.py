"""What an administrator keeps: the questions, the rounds, and a look at the nightly check.

No rating and no figure of a young person is here.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from evaluation.models import (
    Definition,
    Indicator,
    IndicatorText,
    RatingRound,
    Reconciliation,
)
from partnerships.access import Role, administers, memberships


class Administrators:
    """Only administrators of a programme and superusers."""

    def has_module_permission(self, request):
        return administers(request.user)

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class IndicatorTextInline(Administrators, admin.StackedInline):
    model = IndicatorText
    extra = 0

    def has_add_permission(self, request, obj=None):
        return self.has_module_permission(request)


@admin.register(Indicator)
class IndicatorAdmin(Administrators, admin.ModelAdmin):
    list_display_links = ["code"]
    inlines = [IndicatorTextInline]

    def get_list_display(self, request):
        counted = Definition.objects.counted()  # once for the list

        @admin.display(description=_("counts towards “closer”"), boolean=True)
        def counts(indicator):
            return indicator.code in counted

        return ["position", "code", counts]

    def get_readonly_fields(self, request, obj=None):
        # A rule knows its indicators by their codes.
        return ["code"] if obj else []

    def has_delete_permission(self, request, obj=None):
        counted = obj is not None and obj.code in Definition.objects.counted()
        return self.has_module_permission(request) and not counted


@admin.register(RatingRound)
class RatingRoundAdmin(Administrators, admin.ModelAdmin):
    list_display = ["programme", "number", "opens_on", "closes_on"]
    list_display_links = ["number"]
    list_filter = ["programme"]
    list_select_related = ["programme"]

    def get_queryset(self, request):
        rounds = super().get_queryset(request)
        if request.user.is_superuser:
            return rounds
        return rounds.filter(programme__in=_administered(request.user))

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "programme" and not request.user.is_superuser:
            kwargs["queryset"] = db_field.related_model.objects.filter(
                pk__in=_administered(request.user)
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def _administered(user) -> list:
    return [m.programme_id for m in memberships(user) if m.role == Role.ADMIN]


@admin.register(Reconciliation)
class ReconciliationAdmin(Administrators, admin.ModelAdmin):
    list_display = ["ran_at", "checked", "differences"]
    readonly_fields = ["ran_at", "checked", "differing"]

    @admin.display(description=_("differing"))
    def differences(self, reconciliation):
        return len(reconciliation.differing)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    has_delete_permission = has_change_permission
