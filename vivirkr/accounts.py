"""Sign-in: accounts are made by an invitation inside a partnership, never by signing up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import Http404
from django.views.decorators.http import require_safe


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request) -> bool:
        return False


def user_display(user) -> str:
    """What the sign-in calls a person; a user's text is an id, so that no log holds a name."""
    return user.name


@require_safe
def no_address(request):
    """In place of allauth's page. The address stands with the person, in the administration.

    Whoever could change it in a session that somebody left open could then have a new password.
    """
    raise Http404
