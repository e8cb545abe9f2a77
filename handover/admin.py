"""The administration of the catalogue and of the library of phrases. Nothing of a case.

An own wording is shown without the young people of whom it was written.
"""

from django.contrib import admin, messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from handover.models import (
    AccommodationPhrase,
    CatalogueEntry,
    FfbSubtheme,
    Heading,
    offered_wordings,
)
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


@admin.register(CatalogueEntry)
class CatalogueEntryAdmin(admin.ModelAdmin):
    """Entries are added, put in order and taken out of use; what was sent keeps its words."""

    change_list_template = "admin/handover/catalogue.html"
    list_display = ("da", "en", "heading", "subtheme", "is_active", "position")
    list_editable = ("is_active", "position")
    list_filter = ("heading", "is_active")
    list_select_related = ("subtheme",)
    search_fields = ("da", "en")
    fields = ("heading", "da", "en", "subtheme", "is_active", "position")

    def has_module_permission(self, request):
        return administers(request.user)

    def has_view_permission(self, request, obj=None):
        return administers(request.user)

    has_add_permission = has_module_permission
    has_change_permission = has_view_permission

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        return ("da", "en") if obj and obj.was_sent else ()

    def get_urls(self):
        wordings = self.admin_site.admin_view(self.wordings)
        return [path("wordings/", wordings, name="handover_wordings"), *super().get_urls()]

    def wordings(self, request):
        """Own wordings that many use: one act takes one into the catalogue, or dismisses it."""
        if not administers(request.user):
            raise Http404
        offered = offered_wordings()
        if request.method == "POST":
            chosen = next((o for o in offered if o.index == request.POST.get("index")), None)
            if chosen is None:
                messages.info(request, _("That wording is not offered any more."))
            elif "take" in request.POST:
                entry = chosen.take(by=request.user)
                messages.success(request, _("Taken. Put the English words to it, then use it."))
                return redirect(reverse("admin:handover_catalogueentry_change", args=[entry.pk]))
            else:
                chosen.dismiss(by=request.user)
                messages.success(request, _("Dismissed: %(words)s") % {"words": chosen.words})
            return redirect("admin:handover_wordings")
        rows = [(one, Heading(one.heading).label) for one in offered]
        context = self.admin_site.each_context(request)
        context |= {"title": _("Own wordings that many use"), "rows": rows}
        return TemplateResponse(request, "admin/handover/wordings.html", context)


@admin.register(FfbSubtheme)
class FfbSubthemeAdmin(admin.ModelAdmin):
    """The national vocabulary, to be read beside the catalogue."""

    list_display = ("name", "theme", "area")

    def has_module_permission(self, request):
        return administers(request.user)

    def has_view_permission(self, request, obj=None):
        return administers(request.user)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    has_delete_permission = has_change_permission
