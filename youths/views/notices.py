"""What somebody was told, until it is seen."""

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from youths.models import Notice


@require_POST
def notice_seen(request, notice_id):
    """It leaves the first page of this person."""
    get_object_or_404(Notice.objects.filter(recipient=request.user.pk), pk=notice_id).see()
    return redirect("home")
