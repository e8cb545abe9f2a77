"""What a signed-in person may do: the relation acted in, and "which rows?" from guardian's rows."""

from collections import defaultdict
from copy import copy

from django.apps import apps
from django.contrib.auth.models import Permission

from partnerships.access.grants import groups_of, permission_model, wanted_grants
from partnerships.access.table import CONDITIONS, PROGRAMME_ROLES, VIEW, YOUTH, Role

# What is kept on a person while a request lasts, and differs from relation to relation.
_OF_ONE_RELATION = {"_held", "_group_ids", "_opened"}


def relations(user) -> list[list]:
    """The memberships in force today by relation, that is organisation and role; the oldest first.

    After them those that are over and still read along, in relations of their own. Read once per
    request; empty for a youth or a guest.
    """
    if not hasattr(user, "_relations"):
        found = defaultdict(list)
        if user.is_authenticated and user.is_active:
            rows = user.memberships.readable().select_related("organisation")
            for membership in rows.order_by("starts_on", "pk"):
                key = membership.is_over, membership.organisation_id, membership.role
                found[key].append(membership)
        user._relations = [found[key] for key in sorted(found, key=lambda key: key[0])]
    return user._relations


def memberships(user) -> list:
    """The memberships of the one relation that the person acts in: the chosen, else the oldest."""
    mine = relations(user)
    chosen = [r for r in mine if user.acts_as_id in {m.pk for m in r}] if len(mine) > 1 else mine
    return next(iter(chosen or mine), [])


def reads_along(user) -> bool:
    """Whether the person has left, and for a while still reads: nothing to do, nothing to write."""
    return any(m.is_over for m in memberships(user))


def acting_in(user, relation):
    """The same person as in another relation of theirs, to ask what can be seen from there."""
    twin = copy(user)
    for remembered in _OF_ONE_RELATION:
        twin.__dict__.pop(remembered, None)
    twin._relations = [relation]
    return twin


def stand_in(by, on=(), memberships=(), *, youth=None):
    """Somebody who is not here, for `by` to see a page through their eyes: never saved.

    With the memberships, saved or not, of who is meant; or the young person. What is held comes
    from the same table as guardian's rows, but on nothing except `on`: the partnership and the
    placements that are looked at. The read log notes `by`.
    """
    someone = by.__class__(name="", email="")  # `by` may be lazy
    someone._state.adding = False
    someone._relations = [list(memberships)] if memberships else []
    someone.seen_by, someone.own_youth_id = by, youth and youth.pk
    someone._held = _held_by_table(memberships, on)
    return someone


def roles(user) -> set[str]:
    """The role a person acts in, as a set; empty for a youth or a guest."""
    return {m.role for m in memberships(user)}


def conditions(user, section: str) -> tuple[str, ...]:
    """What must be so in the single case before this person reads a section of it."""
    role = next(iter(roles(user)), None)
    if role == Role.ADMIN or (role is None and user.is_staff):  # an emergency
        role = Role.CASEWORKER
    return CONDITIONS.get((role or YOUTH, section), ())


def administers(user) -> bool:
    """Whether the person may use the administration: a superuser, or a programme's own."""
    return user.is_active and user.is_staff and (user.is_superuser or Role.ADMIN in roles(user))


def partnership_ids(user, codename: str) -> list:
    """Ids of the partnerships where the person holds a codename, evaluated.

    Superusers hold nothing here; a person with no membership in force today holds nothing.
    """
    return sorted(
        pk for pk, held in _held(user, "partnerships.Partnership").items() if codename in held
    )


def partnerships_with(user, codename: str):
    """The same for a filter on partnerships and their figures, not evaluated where it is many.

    Whoever has a role in a programme holds a codename on thousands: there guardian's rows stay
    in the database. Rows of youths are filtered by `partnership_ids`: docs/adr/0010.
    """
    if hasattr(user, "_held") or not roles(user) & set(PROGRAMME_ROLES):
        return partnership_ids(user, codename)
    if not hasattr(user, "_group_ids"):
        user._group_ids = list(
            user.groups.filter(name__in=_groups_now(user)).values_list("pk", flat=True)
        )
    model = permission_model(apps.get_model("partnerships.Partnership"))
    # Ids, not names: the planner then knows how many rows there are, and joins once for all.
    rows = model.objects.filter(
        group__in=user._group_ids, permission=_permission_ids(user)[codename]
    )
    return rows.values("content_object")


def _permission_ids(user) -> dict[str, int]:
    """Ids of the permissions on partnerships by codename, one query a request."""
    if not hasattr(user, "_permission_ids"):
        on_partnerships = Permission.objects.filter(
            content_type__app_label="partnerships", content_type__model="partnership"
        )
        user._permission_ids = dict(on_partnerships.values_list("codename", "pk"))
    return user._permission_ids


def placement_ids(user, codename: str = "view_placement") -> list:
    """Ids of the placements that an employer's person may open, evaluated."""
    return sorted(pk for pk, held in _held(user, "youths.Placement").items() if codename in held)


def codenames_on(user, partnership_id) -> set[str]:
    """Every codename that the person holds on one partnership."""
    return _held(user, "partnerships.Partnership").get(partnership_id, set())


def _held(user, label: str) -> dict:
    """Codenames by object, one query a request, from guardian's rows.

    Only the groups of memberships in force today, and of the relation acted in, count, so that
    leaving works on the next request whatever the groups still say; and the person must be in
    the group, too. Who reads along holds what is read, and nothing else.
    """
    if not memberships(user):
        return {}
    if not hasattr(user, "_held"):
        user._held = {}
    if label not in user._held:
        found = user._held[label] = defaultdict(set)
        rows = permission_model(apps.get_model(label)).objects.filter(
            group__user=user, group__name__in=_groups_now(user)
        )
        if reads_along(user):
            rows = rows.filter(permission__codename__startswith=f"{VIEW}_")
        for pk, codename in rows.values_list("content_object", "permission__codename"):
            found[pk].add(codename)
    return user._held[label]


def _groups_now(user) -> set[str]:
    """Names of the groups of the memberships in force today, of the relation acted in."""
    return set().union(*map(groups_of, memberships(user)))


def _held_by_table(memberships, objects) -> dict:
    """What `_held` would find on these objects for these memberships, from the table itself."""
    groups = set().union(*map(groups_of, memberships))
    found = {"partnerships.Partnership": {}, "youths.Placement": {}}
    for obj in objects:
        found[obj._meta.label][obj.pk] = {
            code for group, code in wanted_grants(obj) if group in groups
        }
    return found
