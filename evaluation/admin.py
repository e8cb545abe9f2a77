"""What an administrator keeps: the questions, the rounds, and a look at the nightly check.

No rating and no figure of a young person is here.
"""

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evaluation.definition_forms import RuleForm
from evaluation.models import (
    Criterion,
    Definition,
    Indicator,
    IndicatorText,
    RatingRound,
    Reconciliation,
)
from evaluation.progress import DEFAULT_RULE
from evaluation.wording import rule_in_words
from partnerships.access import Role, administers, memberships


class Administrators:
    """Only administrators of a programme and superusers."""

    def has_module_permission(self, request):
        return administers(request.user)

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class OfOwnProgramme:
    """Only programmes that the person administers can be chosen."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "programme" and not request.user.is_superuser:
            kwargs["queryset"] = db_field.related_model.objects.filter(
                pk__in=_administered(request.user)
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class IndicatorTextForm(forms.ModelForm):
    """For whom and in which language a wording is stays; the words become another version."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields["audience"].disabled = self.fields["language"].disabled = True


class IndicatorTextInline(Administrators, admin.StackedInline):
    """The words in use. Changing them leaves the answers that were given to the earlier ones."""

    model = IndicatorText
    form = IndicatorTextForm
    extra = 0

    def get_queryset(self, request):
        return super().get_queryset(request).current()

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

    def save_formset(self, request, form, formset, change):
        texts = formset.save(commit=False)
        if texts or formset.deleted_objects:
            form.instance.reword(texts, gone=formset.deleted_objects)

    def get_readonly_fields(self, request, obj=None):
        # A rule knows its indicators by their codes.
        return ["code"] if obj else []

    def has_delete_permission(self, request, obj=None):
        counted = obj is not None and obj.code in Definition.objects.counted()
        return self.has_module_permission(request) and not counted


class DefaultForm(forms.ModelForm):
    """A programme's default, a field for each thing that the rule says."""

    class Meta:
        model = Definition
        fields = ["programme", "in_force_from"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        indicators = Indicator.objects.told_to(None)
        rule = DEFAULT_RULE if self.instance._state.adding else self.instance.rule
        self.rule_form = RuleForm(
            self.data if self.is_bound else None, indicators=indicators, rule=rule
        )
        self.fields |= self.rule_form.fields

    def clean(self):
        of = super().clean()
        for name, found in self.rule_form.errors.items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, found)
        day = of.get("in_force_from")
        if "in_force_from" not in self.errors and (day is None or day < timezone.localdate()):
            self.add_error("in_force_from", _("It cannot be in force before today."))
        return of


@admin.register(Definition)
class DefinitionAdmin(OfOwnProgramme, Administrators, admin.ModelAdmin):
    """The programmes' defaults. One in force is never rewritten: a new one is a new version."""

    form = DefaultForm
    list_display = ["programme", "version", "in_force_from"]
    list_display_links = ["version"]
    list_select_related = ["programme"]

    def get_queryset(self, request):
        rows = super().get_queryset(request).filter(partnership=None)
        if request.user.is_superuser:
            return rows
        return rows.filter(programme__in=_administered(request.user))

    def has_change_permission(self, request, obj=None):
        return False

    has_delete_permission = has_change_permission

    def get_fieldsets(self, request, obj=None):
        if obj:
            return [(None, {"fields": ["programme", "version", "in_force_from", "in_words"]})]
        rule = [name for name in DefaultForm().fields if name not in DefaultForm.Meta.fields]
        return [(None, {"fields": DefaultForm.Meta.fields}), (_("The rule"), {"fields": rule})]

    def get_readonly_fields(self, request, obj=None):
        return ["in_words"] if obj else []

    def get_form(self, request, obj=None, change=False, **kwargs):
        # One that is there is only read; a new one has a field for each thing the rule says.
        ours = {"form": forms.ModelForm, "fields": []} if obj else {"fields": None}
        return super().get_form(request, obj, change, **kwargs | ours)

    @admin.display(description=_("in words"))
    def in_words(self, definition):
        names = {one.code: one.text.name for one in Indicator.objects.told_to(None)}
        return " ".join(rule_in_words(definition.rule, names))

    def save_model(self, request, obj, form, change):
        Definition.renew_default(
            by=request.user,
            programme=obj.programme,
            rule=form.rule_form.rule,
            in_force_from=obj.in_force_from,
            unsaved=obj,
        )


@admin.register(Criterion)
class CriterionAdmin(OfOwnProgramme, Administrators, admin.ModelAdmin):
    list_display = ["programme", "position", "name", "counts", "target"]
    list_display_links = ["name"]
    list_select_related = ["programme"]

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        return rows.filter(programme__in=_administered(request.user))


@admin.register(RatingRound)
class RatingRoundAdmin(OfOwnProgramme, Administrators, admin.ModelAdmin):
    list_display = ["programme", "number", "opens_on", "closes_on"]
    list_display_links = ["number"]
    list_filter = ["programme"]
    list_select_related = ["programme"]

    def get_queryset(self, request):
        rounds = super().get_queryset(request)
        if request.user.is_superuser:
            return rounds
        return rounds.filter(programme__in=_administered(request.user))


def _administered(user) -> list:
    return [m.programme_id for m in memberships(user) if m.role == Role.ADMIN]


@admin.register(Reconciliation)
class ReconciliationAdmin(Administrators, admin.ModelAdmin):
    list_display = ["ran_at", "checked", "number"]
    readonly_fields = ["ran_at", "checked", "differing"]
    exclude = ["differences"]  # small numbers of a partnership's youths

    @admin.display(description=_("differing"))
    def number(self, reconciliation):
        return len(reconciliation.differing)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    has_delete_permission = has_change_permission
