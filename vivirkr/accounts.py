"""Sign-in: accounts are made by an invitation inside a partnership, never by signing up."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request) -> bool:
        return False


def user_display(user) -> str:
    """What the sign-in calls a person; a user's text is an id, so that no log holds a name."""
    return user.name
