"""The administration of the texts of consent, and of who leaves a team. Nothing else of a case."""

from django.contrib import admin, messages
from django.db.models import Max
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from partnerships.access import PARTNERSHIP_ROLES, Role, administers, memberships
from partnerships.models import Membership, Partnership, User
from youths.contact_forms import LeaveForm
from youths.models import ConsentText, Contact, ContactRefused, Youth


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


def leave(request, person_id):
    """Somebody leaves, and for each of their young people, by code, somebody follows.

    A page of the administration; no contacts are listed there.
    """
    if not administers(request.user):
        raise Http404
    person = get_object_or_404(User, pk=person_id)
    teams = _teams(request.user).filter(user=person)
    teams = list(teams.select_related("partnership__school", "partnership__municipality"))
    if not teams:
        raise Http404
    theirs = Youth.objects.filter(partnership__in=[team.partnership_id for team in teams])
    youths = list(theirs.resting_on(person).order_by("code"))
    form = LeaveForm(request.POST or None, person=person, youths=youths)
    if request.method == "POST" and form.is_valid():
        try:
            Contact.leave(by=request.user, memberships=teams, **form.typed)
        except ContactRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)s leaves.") % {"name": person.name})
            return redirect("admin:partnerships_user_change", person.pk)
    context = admin.site.each_context(request)
    context |= {"title": _("Leave the team"), "person": person, "teams": teams, "form": form}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/youths/leave.html", context, status=status)


def _teams(user):
    """What the person may end: memberships of teams in the programmes they administer."""
    rows = Membership.objects.not_over().filter(role__in=PARTNERSHIP_ROLES)
    if user.is_superuser:
        return rows
    programmes = [m.programme_id for m in memberships(user) if m.role == Role.ADMIN]
    mine = Partnership.objects.visible_to(user, "change_agreement")
    return rows.filter(partnership__in=mine.filter(programme__in=programmes))
