"""The mails that went to a folder, for a developer to read; routed in development only."""

from email import message_from_bytes, policy

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

NEWEST = 50


@login_not_required
@require_safe
def posted(request):
    """The newest mails, each with whom it went to."""
    files = sorted(
        settings.EMAIL_FILE_PATH.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True
    )
    mails = [_read(file) for file in files[:NEWEST]]
    return render(request, "pages/posted.html", {"mails": mails})


def _read(file) -> dict:
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = mail.get_body(("plain",))
    return {
        "subject": mail["Subject"],
        "to": mail["To"],
        "on": mail["Date"],
        "body": body.get_content().rstrip("-\n") if body else "",
    }
