"""What a person may do with one young person's record."""

from partnerships.access import YOUTH_GRANTS, codenames_on, memberships


def codenames_for(user, youth) -> set[str]:
    """Every codename held for this youth: by the partnership, or by being the young person."""
    if memberships(user):
        return codenames_on(user, youth.partnership_id)
    return YOUTH_GRANTS if youth.account_id == user.pk else set()
