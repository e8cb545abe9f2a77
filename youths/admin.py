"""The administration of the texts of consent. No consents, and nothing else of a case."""

from django.contrib import admin
from django.db.models import Max

from partnerships.access import administers
from youths.models import ConsentText


@admin.register(ConsentText)
class ConsentTextAdmin(admin.ModelAdmin):
    """Versions are added and read; what somebody said yes to is never changed."""

    list_display = ("purpose", "number", "in_use_from")
    readonly_fields = ("number",)

    def has_module_permission(self, request):
        return administers(request.user)

    def has_view_permission(self, request, obj=None):
        return administers(request.user)

    has_add_permission = has_module_permission

    def has_change_permission(self, request, obj=None):
        return False

    has_delete_permission = has_change_permission

    def save_model(self, request, obj, form, change):
        last = ConsentText.objects.filter(purpose=obj.purpose).aggregate(last=Max("number"))
        obj.number = (last["last"] or 0) + 1
        super().save_model(request, obj, form, change)
