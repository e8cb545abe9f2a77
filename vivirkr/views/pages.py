"""The public pages about the application itself."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
@login_not_required
def accessibility(request):
    """The accessibility statement that the law asks for."""
    return render(request, "pages/accessibility.html")


@require_safe
@login_not_required
def privacy(request):
    """Who sees what, the young person's yes, and the read log, in plain words."""
    return render(request, "pages/privacy.html")
