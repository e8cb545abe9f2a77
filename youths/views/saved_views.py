"""The person's own views of the list of young people."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partnerships.access import Role, roles
from youths.forms import SavedViewForm
from youths.models import SavedView, TooManyViews


@require_http_methods(["GET", "HEAD", "POST"])
def saved_views(request):
    """Give what the list shows a name; or take a view away."""
    user = request.user
    if not roles(user) & {Role.SCHOOL, Role.CASEWORKER}:
        raise PermissionDenied
    mine = SavedView.objects.filter(user=user.pk)
    if request.POST.get("act") == "remove":
        try:
            get_object_or_404(mine, pk=request.POST.get("view")).delete()
        except ValidationError as nonsense:
            raise Http404 from nonsense
        messages.success(request, _("The view is removed. The young people are where they were."))
        return redirect("youths:saved_views")
    posted = request.POST if request.method == "POST" else None
    form, status = SavedViewForm(posted, initial={"query": request.GET.get("query", "")}), 200
    if posted is not None:
        status = 422
        if form.is_valid():
            try:
                SavedView.keep(by=user, **form.cleaned_data)
            except TooManyViews:
                form.add_error("name", _("There are 20 views already. Remove one first."))
            else:
                messages.success(request, _("The view is saved."))
                return redirect("youths:list")
    context = {"form": form, "views": mine, "to_save": bool(form["query"].value() or form.errors)}
    return render(request, "youths/saved_views.html", context, status=status)
