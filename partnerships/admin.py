"""The administration of programmes, organisations, partnerships and people. No case content.

A superuser keeps everything here. The administrator of a programme (role "admin") keeps that
programme's partnerships, and the people in its teams: the rows come from `visible_to` and
from the person's own memberships, as everywhere.
"""

from allauth.account.admin import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from partnerships.access import PARTNERSHIP_ROLES, Role, administers, memberships
from partnerships.models import (
    AgreementRefused,
    Branch,
    CompanyContact,
    LegalGround,
    Membership,
    Narrowing,
    Organisation,
    OrganisationKind,
    OutcomeClass,
    Partnership,
    Phase,
    PlacementLimit,
    Programme,
    User,
)

admin.site.site_header = admin.site.site_title = "ViVirk'R"
admin.site.index_title = _("Administration")
admin.site.unregister(Group)  # groups follow memberships; nobody edits them
admin.site.unregister(EmailAddress)  # a person has one address, and it stands with the person


def programme_ids(user) -> set:
    """The programmes that the person administers."""
    return {m.programme_id for m in memberships(user) if m.role == Role.ADMIN}


def own_partnerships(user, codename="view_agreement"):
    """The partnerships of those programmes; not those where the person merely works."""
    return Partnership.objects.visible_to(user, codename).filter(programme__in=programme_ids(user))


def own_memberships(user):
    """The memberships in those programmes and their partnerships, ended ones included."""
    return Membership.objects.filter(
        Q(programme__in=programme_ids(user)) | Q(partnership__in=own_partnerships(user))
    )


def people_to_choose(user):
    """Whom the person may put in a team: people of the own teams, and those who are in none."""
    in_none = Q(memberships=None, youth=None, is_superuser=False)
    return User.objects.filter(Q(memberships__in=own_memberships(user)) | in_none).distinct()


class ByObject(admin.ModelAdmin):
    """Rows and acts by what the person administers; a superuser has them all."""

    def rows_of(self, user, rows):
        raise NotImplementedError

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else self.rows_of(request.user, rows)

    def has_module_permission(self, request):
        return administers(request.user)

    def has_view_permission(self, request, obj=None):
        if obj is None or request.user.is_superuser:
            return administers(request.user)
        return self.get_queryset(request).filter(pk=obj.pk).exists()

    has_change_permission = has_view_permission

    def has_add_permission(self, request):
        return administers(request.user)

    def has_delete_permission(self, request, obj=None):
        return False

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        limit_to_own(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def limit_to_own(db_field, request, kwargs) -> None:
    """Offer only programmes, partnerships and people that the person administers."""
    if request.user.is_superuser:
        return
    if db_field.related_model is Programme:
        kwargs["queryset"] = Programme.objects.filter(pk__in=programme_ids(request.user))
    elif db_field.related_model is Partnership:
        kwargs["queryset"] = own_partnerships(request.user, "change_agreement")
    elif db_field.related_model is User:
        kwargs["queryset"] = people_to_choose(request.user)


def limit_to_roles(db_field, request, kwargs) -> None:
    """A company's person sees placements of every programme, so no single one gives that role."""
    if db_field.name == "role" and not request.user.is_superuser:
        kwargs["choices"] = [pair for pair in Role.choices if pair[0] != Role.EMPLOYER]


class OwnInline(admin.TabularInline):
    """Rows beside what they belong to; who may change that may change these."""

    extra = 0

    def has_view_permission(self, request, obj=None):
        return administers(request.user)

    has_add_permission = has_change_permission = has_view_permission

    def has_delete_permission(self, request, obj=None):
        return False

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        limit_to_own(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class TeamForm(forms.ModelForm):
    """One membership. Nobody lets themself into a team: who administers reads no case."""

    by = None  # who administers, put in by the page

    # What gives rights; an end and a title do not.
    GIVES = (
        "user",
        "organisation",
        "role",
        "partnership",
        "programme",
        "starts_on",
        "reads_until",
        "may_override",
    )

    def clean(self):
        cleaned = super().clean()
        user = cleaned.get("user")
        own = (user.pk if user else self.instance.user_id) == self.by.pk
        given = {name: cleaned[name] for name in self.GIVES if name in cleaned}
        new = self.instance.pk is None
        if own and (new or any(getattr(self.instance, n) != v for n, v in given.items())):
            raise ValidationError(
                _("You cannot give yourself a place in a team. Ask another administrator.")
            )
        return cleaned


class PhaseInline(OwnInline):
    model = Phase


class OutcomeClassInline(OwnInline):
    model = OutcomeClass


class LegalGroundInline(OwnInline):
    model = LegalGround


class PlacementLimitInline(OwnInline):
    model = PlacementLimit

    def has_delete_permission(self, request, obj=None):
        """A limit that is taken away holds nobody back any more."""
        return administers(request.user)


@admin.register(Programme)
class ProgrammeAdmin(ByObject):
    list_display = ("name", "owner", "starts_on", "ends_on", "referred_target", "closer_target")
    inlines = (PhaseInline, OutcomeClassInline, LegalGroundInline, PlacementLimitInline)

    def rows_of(self, user, rows):
        return rows.filter(pk__in=programme_ids(user))

    def has_add_permission(self, request):
        return request.user.is_superuser


class ContactInline(OwnInline):
    model = CompanyContact


class BranchInline(OwnInline):
    model = Branch


@admin.register(Organisation)
class OrganisationAdmin(ByObject):
    autocomplete_fields = ("known_to",)
    list_display = ("name", "kind", "municipality_code", "cvr")
    list_filter = ("kind",)
    search_fields = ("name", "cvr", "municipality_code")

    def get_inlines(self, request, obj):
        """Contacts and branches, of a company."""
        is_company = obj is not None and obj.kind == OrganisationKind.EMPLOYER
        return (ContactInline, BranchInline) if is_company else ()

    def rows_of(self, user, rows):
        return rows

    def has_change_permission(self, request, obj=None):
        """Another programme's party may be chosen, and not renamed."""
        if obj is None or request.user.is_superuser:
            return self.has_view_permission(request, obj)
        own = programme_ids(request.user)
        elsewhere = Partnership.objects.exclude(programme__in=own).filter(
            Q(school=obj) | Q(municipality=obj)
        )
        owned = obj.programmes.exclude(pk__in=own)
        return administers(request.user) and not elsewhere.exists() and not owned.exists()


class NarrowingInline(OwnInline):
    """What the agreement takes away from a party; taken out again, the table holds."""

    model = Narrowing

    def has_delete_permission(self, request, obj=None):
        return administers(request.user)


class MembershipInline(OwnInline):
    model = Membership
    autocomplete_fields = ("user", "organisation")
    fields = (
        "user",
        "organisation",
        "role",
        "title",
        "starts_on",
        "ends_on",
        "may_override",
        "leads_team",
    )
    form = TeamForm

    def get_formset(self, request, obj=None, **kwargs):
        made = super().get_formset(request, obj, **kwargs)
        made.form.by = request.user
        return made

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name == "role":
            kwargs["choices"] = [pair for pair in Role.choices if pair[0] in PARTNERSHIP_ROLES]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


class PersonMembershipInline(OwnInline):
    model = Membership
    autocomplete_fields = ("organisation",)
    fields = (
        "organisation",
        "role",
        "partnership",
        "programme",
        "title",
        "starts_on",
        "ends_on",
        "may_override",
        "leads_team",
    )
    form = TeamForm

    def get_formset(self, request, obj=None, **kwargs):
        made = super().get_formset(request, obj, **kwargs)
        made.form.by = request.user
        return made

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        limit_to_roles(db_field, request, kwargs)
        return super().formfield_for_choice_field(db_field, request, **kwargs)


@admin.register(Partnership)
class PartnershipAdmin(ByObject):
    list_display = ("__str__", "programme", "status", "places", "starts_on", "ends_on")
    list_filter = ("status", "programme")
    list_select_related = ("school", "municipality", "programme")
    search_fields = ("school__name", "municipality__name")
    autocomplete_fields = ("school", "municipality")
    readonly_fields = (
        "status",
        "school_signed_at",
        "school_signed_by_name",
        "municipality_signed_at",
        "municipality_signed_by_name",
    )
    fieldsets = (
        (None, {"fields": ("programme", "school", "municipality")}),
        (None, {"fields": ("places", "starts_on", "ends_on", "status")}),
        (
            _("Signatures"),
            {
                "fields": (
                    "school_signed_at",
                    "school_signed_by_name",
                    "municipality_signed_at",
                    "municipality_signed_by_name",
                )
            },
        ),
        (_("Agreement"), {"fields": ("quality_agreement", *Partnership.HEADINGS)}),
    )
    inlines = (MembershipInline, NarrowingInline)
    actions = ("open_negotiation", "end")

    def rows_of(self, user, rows):
        # An ended partnership is still the administrator's to look at.
        return rows.filter(pk__in=own_partnerships(user))

    def has_change_permission(self, request, obj=None):
        return self.has_view_permission(request, obj) and (obj is None or obj.status != "ended")

    @admin.display(description=_("signed for the school by"))
    def school_signed_by_name(self, obj):
        return obj.school_signed_by.name if obj.school_signed_by else "–"

    @admin.display(description=_("signed for the municipality by"))
    def municipality_signed_by_name(self, obj):
        return obj.municipality_signed_by.name if obj.municipality_signed_by else "–"

    @admin.action(description=_("Open for signing"), permissions=["change"])
    def open_negotiation(self, request, queryset):
        self._each(request, queryset, Partnership.open_negotiation)

    @admin.action(description=_("End: stops every access to its cases"), permissions=["change"])
    def end(self, request, queryset):
        self._each(request, queryset, Partnership.end)

    def _each(self, request, queryset, verb):
        for partnership in queryset:
            try:
                verb(partnership, by=request.user)
            except AgreementRefused as refusal:
                self.message_user(request, f"{partnership}: {refusal}", messages.ERROR)
            else:
                self.message_user(
                    request, f"{partnership}: {partnership.get_status_display()}", messages.SUCCESS
                )


class PersonForm(UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User


class NewPersonForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("email", "name")

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exists():
            raise ValidationError(_("Somebody with this e-mail address is here already."))
        return email


@admin.register(User)
class PersonAdmin(ByObject, UserAdmin):
    form, add_form = PersonForm, NewPersonForm
    list_display = ("name", "email", "reached", "is_active", "is_staff")
    list_filter = ("is_active", "memberships__role")
    search_fields = ("name", "email")
    ordering = ("name",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (None, {"fields": ("name", "phone", "is_active", "is_staff", "is_superuser", "leaves")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),
    )
    inlines = (PersonMembershipInline,)

    @admin.display(description=_("leaves"))
    def leaves(self, person):
        """The one page on which somebody leaves, and those who follow are named."""
        if not person.memberships.not_over().filter(role__in=PARTNERSHIP_ROLES).exists():
            return "–"
        url = reverse("admin:leave", args=[person.pk])
        return format_html('<a href="{}">{}</a>', url, _("Leave the team, and name who follows"))

    @admin.display(description=_("mails get through"), boolean=True)
    def reached(self, person):
        return not person.is_out_of_reach

    def get_queryset(self, request):
        """Nobody's young people: whose name stands there is a case, to a superuser as well."""
        return super().get_queryset(request).filter(youth=None)

    def rows_of(self, user, rows):
        """The people of the administrator's own teams, and those who are in none yet."""
        elsewhere = Membership.objects.exclude(pk__in=own_memberships(user)).values("user")
        return (
            rows.filter(pk__in=people_to_choose(user))
            .exclude(pk__in=elsewhere)
            .exclude(is_superuser=True)
        )

    def get_inlines(self, request, obj):
        return self.inlines if obj else ()

    def get_readonly_fields(self, request, obj=None):
        own = () if request.user.is_superuser else ("is_staff", "is_superuser")
        return (*own, "leaves")


@admin.register(Membership)
class MembershipAdmin(ByObject):
    list_display = ("person", "role", "organisation", "partnership", "starts_on", "ends_on")
    list_filter = ("role",)
    list_select_related = (
        "user",
        "organisation",
        "partnership__school",
        "partnership__municipality",
    )
    search_fields = ("user__name", "user__email", "organisation__name")
    autocomplete_fields = ("user", "organisation")
    form = TeamForm

    def rows_of(self, user, rows):
        return rows.filter(pk__in=own_memberships(user))

    def get_form(self, request, obj=None, change=False, **kwargs):
        made = super().get_form(request, obj, change, **kwargs)
        made.by = request.user
        return made

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        limit_to_roles(db_field, request, kwargs)
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @admin.display(description=_("person"), ordering="user__name")
    def person(self, obj):
        return obj.user.name
