"""What somebody was told, until it is seen; and how often they are written to."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from youths.forms import MailRhythmForm
from youths.models import Notice


@require_POST
def notice_seen(request, notice_id):
    """It leaves the first page of this person."""
    get_object_or_404(Notice.objects.filter(recipient=request.user.pk), pk=notice_id).see()
    return redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
def mails(request):
    """How often the person is written to."""
    form = MailRhythmForm(request.POST if request.method == "POST" else None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("mails")
    return render(request, "youths/mails.html", {"form": form}, status=422 if form.errors else 200)
