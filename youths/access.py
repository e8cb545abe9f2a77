"""What a person may do with one young person's record."""

from django.apps import apps
from django.utils import timezone

from partnerships.access import (
    EMERGENCY_GRANTS,
    YOUTH_GRANTS,
    Role,
    Verb,
    administers,
    codenames_on,
    memberships,
    roles,
)


def is_own(user, youth) -> bool:
    """Whether the person is this young person, or stands in for them in a preview."""
    if getattr(user, "seen_by", None):
        return user.own_youth_id == youth.pk
    return user.is_active and youth.account_id == user.pk


def opened_by(user) -> dict:
    """Openings in an emergency that are still open for this administrator: id by youth's id.

    Who acts in another relation at the moment has the rights of that one alone.
    """
    if not user.is_authenticated or not administers(user) or roles(user) - {Role.ADMIN}:
        return {}
    if not hasattr(user, "_opened"):
        rows = apps.get_model("youths.EmergencyOpening").objects.open_at(timezone.now())
        user._opened = dict(
            rows.filter(opened_by=user).order_by("opened_at").values_list("youth_id", "pk")
        )
    return user._opened


def held_in_emergencies(user) -> dict:
    """The codenames held in those openings, by youth's id: less where the agreement is narrower."""
    opened = opened_by(user)
    if not opened:
        return {}
    narrowed = apps.get_model("partnerships.Narrowing").objects.filter(
        role=Role.CASEWORKER, partnership__youths__in=list(opened)
    )
    held = {youth_id: set(EMERGENCY_GRANTS) for youth_id in opened}
    for youth_id, section in narrowed.values_list("partnership__youths", "section"):
        if youth_id in held:
            held[youth_id].discard(f"{Verb.VIEW}_{section}")
    return held


def codenames_for(user, youth) -> set[str]:
    """Every codename held for this youth: by the partnership, an emergency, or being the youth."""
    if opened := held_in_emergencies(user).get(youth.pk):
        return opened | codenames_on(user, youth.partnership_id)
    if memberships(user):
        return codenames_on(user, youth.partnership_id)
    return YOUTH_GRANTS if is_own(user, youth) else set()
