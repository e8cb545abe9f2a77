"""Guardian's rows and Django's groups, made equal to the table: spoken to here and nowhere else."""

from collections import defaultdict

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from partnerships.access.table import (
    GRANTS,
    OVERRIDE,
    PARTNERSHIP_ROLES,
    PERSONAL_VERBS,
    PLACEMENT_GRANTS,
    PROGRAMME_ROLES,
    Role,
    codenames,
)


def group_name(role: str, *, partnership=None, programme=None, organisation=None) -> str:
    """The one group of a role in a partnership, in a programme, or of an organisation."""
    if role in PARTNERSHIP_ROLES:
        return f"partnership {partnership} {role}"
    if role in PROGRAMME_ROLES:
        return f"programme {programme} {role}"
    return f"{role} {organisation}"


def _holder(group: str, codename: str) -> str:
    """The group that gets a codename: the role's, or for a personal verb one of its own."""
    verb = codename.partition("_")[0]
    return f"{group} {verb}" if verb in PERSONAL_VERBS else group


def wanted_grants(obj) -> set[tuple[str, str]]:
    """The (group, codename) pairs that the table gives on a partnership or placement."""
    if obj._meta.model_name == "placement":
        if obj.ended_on is not None:
            return set()
        name = group_name(Role.EMPLOYER, organisation=obj.employer_id)
        sections = PLACEMENT_GRANTS[Role.EMPLOYER].items()
        return {(name, f"{verb}_{section}") for section, verbs in sections for verb in verbs}
    narrowed = defaultdict(set)
    for role, section in obj.narrowings.values_list("role", "section"):
        narrowed[role].add(section)
    return {
        (_holder(group_name(role, partnership=obj.pk, programme=obj.programme_id), code), code)
        for role in GRANTS
        for code in codenames(role, obj.status, narrowed[role])
    }


def permission_model(model):
    """Guardian's direct-foreign-key table of group permissions on a model."""
    return apps.get_model(model._meta.app_label, f"{model._meta.object_name}GroupPermission")


def _rows(obj):
    """Guardian's rows of group permissions on one object."""
    return permission_model(type(obj)).objects.filter(content_object=obj)


def grant_differences(obj) -> tuple[set, set]:
    """What is missing and what is too much: two sets of (group name, codename)."""
    held = set(_rows(obj).values_list("group__name", "permission__codename"))
    wanted = wanted_grants(obj)
    return wanted - held, held - wanted


@transaction.atomic
def sync_grants(obj) -> bool:
    """Make guardian's rows on a Partnership or Placement equal to the table.

    Reads the object's row under a lock, so that two calls at once cannot leave a mixture;
    running twice changes nothing. Returns whether anything differed.
    """
    obj = type(obj)._base_manager.select_for_update(of=("self",)).get(pk=obj.pk)
    missing, surplus = grant_differences(obj)
    if surplus:
        held = _rows(obj).values_list("pk", "group__name", "permission__codename")
        gone = [pk for pk, *pair in held if tuple(pair) in surplus]
        _rows(obj).filter(pk__in=gone).delete()
    if missing:
        model = _rows(obj).model
        Group.objects.bulk_create(
            [Group(name=name) for name in {name for name, _ in missing}], ignore_conflicts=True
        )
        groups = dict(
            Group.objects.filter(name__in={name for name, _ in missing}).values_list("name", "pk")
        )
        permissions = dict(
            Permission.objects.filter(
                content_type__app_label=obj._meta.app_label,
                content_type__model=obj._meta.model_name,
            ).values_list("codename", "pk")
        )
        model.objects.bulk_create(
            [
                model(content_object=obj, group_id=groups[name], permission_id=permissions[code])
                for name, code in sorted(missing)
            ]
        )
    return bool(missing or surplus)


def repair_grants() -> list[str]:
    """Make the rows of every partnership and placement equal to the table; what differed."""
    return [
        f"{obj._meta.model_name} {obj.pk}"
        for label in ("partnerships.Partnership", "youths.Placement")
        for obj in apps.get_model(label)._base_manager.iterator()
        if sync_grants(obj)
    ]


def groups_of(membership) -> set[str]:
    group = group_name(
        membership.role,
        partnership=membership.partnership_id,
        programme=membership.programme_id,
        organisation=membership.organisation_id,
    )
    return {group, _holder(group, OVERRIDE)} if membership.may_override else {group}


def sync_groups(user) -> None:
    """Make a person's groups equal to those of the memberships that still give something."""
    names = set().union(*map(groups_of, user.memberships.not_gone()))
    Group.objects.bulk_create([Group(name=name) for name in names], ignore_conflicts=True)
    user.groups.set(Group.objects.filter(name__in=names))
