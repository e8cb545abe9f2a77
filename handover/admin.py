"""The administration of the library of phrases. Nothing of a case."""

from django.contrib import admin

from handover.models import AccommodationPhrase
from partnerships.access import administers


@admin.register(AccommodationPhrase)
class AccommodationPhraseAdmin(admin.ModelAdmin):
    """Sentences that were written for three young people stand here, and wait to be taken in."""

    list_display = ("text_da", "text_en", "theme_da", "in_use")
    list_filter = ("in_use",)
    search_fields = ("text_da", "text_en")
    ordering = ("in_use", "theme_da", "pk")

    def has_module_permission(self, request):
        return administers(request.user)

    def has_view_permission(self, request, obj=None):
        return administers(request.user)

    has_add_permission = has_module_permission
    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission
