"""Who may do what: the table of grants, and the only place that reads or writes guardian's rows.

`GRANTS` says what a role gets. `sync_grants` makes guardian's rows equal to it, `partnership_ids`
and `placement_ids` answer "which rows?" for a signed-in person. What also depends on the single
case (handover sent, consent given, placement active) is a named condition on that section's own
queryset, never here.

Permissions sit on Partnership and Placement, never on Youth: docs/adr/0002 has the measurements.
"""

from collections import defaultdict
from itertools import product

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Whom a person acts as. The young person needs no role: `Youth.account` is the way in."""

    SCHOOL = "school", _("School staff")
    CASEWORKER = "caseworker", _("Caseworker")
    EMPLOYER = "employer", _("Employer")
    LEAD = "lead", _("Project leadership")
    EVALUATOR = "evaluator", _("Evaluator")
    ADMIN = "admin", _("Programme administrator")


class Section(models.TextChoices):
    """What can be seen or not seen, each its own table or its own rows."""

    AGREEMENT = "agreement", _("Agreement and meetings")
    CODE = "code", _("The youth's code, without a name")
    COUNTS = "counts", _("Counts and progress")
    IDENTITY = "identity", _("Name and contact")
    REFERRAL = "referral", _("Referral")
    DIRECTION = "direction", _("Direction and own words")
    COMPETENCES = "competences", _("Competences")
    SUPPORT = "support", _("Support needs and what works")
    HEALTH = "health", _("Social and mental conditions")
    NETWORK = "network", _("Network and practical matters")
    COURSE = "course", _("Course and placements")
    RATINGS = "ratings", _("Ratings")
    PLACEMENT = "placement", _("One placement: first name, tasks, hours, contact person")


class Verb(models.TextChoices):
    VIEW = "view", _("reads")
    CHANGE = "change", _("writes")
    ANSWER = "answer", _("answers")


VIEW, CHANGE, ANSWER = Verb.VIEW, Verb.CHANGE, Verb.ANSWER

# Role x section -> verbs, in a signed partnership. Source: docs/adr/0002, domain rule of the
# programme: each party gets only its slice.
GRANTS = {
    Role.SCHOOL: {
        Section.AGREEMENT: (VIEW, CHANGE),
        Section.CODE: (VIEW,),
        Section.COUNTS: (VIEW,),
        Section.IDENTITY: (VIEW,),
        Section.REFERRAL: (VIEW, ANSWER),
        Section.DIRECTION: (VIEW, CHANGE),
        Section.COMPETENCES: (VIEW, CHANGE),
        Section.SUPPORT: (VIEW, CHANGE),
        Section.HEALTH: (VIEW, CHANGE),
        Section.NETWORK: (VIEW, CHANGE),
        Section.COURSE: (VIEW,),
        Section.RATINGS: (VIEW, CHANGE),
    },
    Role.CASEWORKER: {
        Section.AGREEMENT: (VIEW, CHANGE),
        Section.CODE: (VIEW,),
        Section.COUNTS: (VIEW,),
        Section.IDENTITY: (VIEW, CHANGE),
        Section.REFERRAL: (VIEW, CHANGE),
        Section.DIRECTION: (VIEW, ANSWER),
        Section.COMPETENCES: (VIEW, ANSWER),
        Section.SUPPORT: (VIEW, ANSWER),
        Section.HEALTH: (VIEW, ANSWER),
        Section.NETWORK: (VIEW, ANSWER),
        Section.COURSE: (VIEW, CHANGE),
        Section.RATINGS: (VIEW, CHANGE),
    },
    Role.LEAD: {
        Section.AGREEMENT: (VIEW,),
        Section.CODE: (VIEW,),
        Section.COUNTS: (VIEW,),
    },
    Role.EVALUATOR: {
        Section.AGREEMENT: (VIEW,),
        Section.CODE: (VIEW,),
        Section.COUNTS: (VIEW,),
    },
    # The administrator of a programme keeps partnerships in the Django admin: no case content.
    Role.ADMIN: {Section.AGREEMENT: (VIEW, CHANGE)},
}

# Before both have signed there are no cases; after the end the parties keep their agreement and
# the programme its counts, and nobody a case.
SECTIONS_BY_STATUS = {
    "draft": {Section.AGREEMENT},
    "negotiating": {Section.AGREEMENT},
    "signed": set(Section),
    "ended": {Section.AGREEMENT, Section.COUNTS, Section.CODE},
}
# Who still gets codes and counts of an ended partnership.
KEEP_COUNTS_AFTER_END = {Role.LEAD, Role.EVALUATOR}

# An employer's rights sit on the single placement.
PLACEMENT_GRANTS = {Role.EMPLOYER: {Section.PLACEMENT: (VIEW,)}}

# What the young person may do with the own record.
YOUTH_GRANTS = {
    f"{verb}_{section}"
    for section, verbs in {
        Section.IDENTITY: (VIEW,),
        Section.DIRECTION: (VIEW, CHANGE),
        Section.COMPETENCES: (VIEW,),
        Section.SUPPORT: (VIEW,),
        Section.HEALTH: (VIEW,),
        Section.NETWORK: (VIEW,),
        Section.COURSE: (VIEW,),
        Section.RATINGS: (VIEW, CHANGE),
    }.items()
    for verb in verbs
}

PARTNERSHIP_ROLES = (Role.SCHOOL, Role.CASEWORKER)
PROGRAMME_ROLES = (Role.LEAD, Role.EVALUATOR, Role.ADMIN)

# Codenames that guardian can hold, as (codename, label) for Meta.permissions. Django adds
# view_partnership and the like itself; these carry the section instead.
PARTNERSHIP_PERMISSIONS = [
    (f"{verb}_{section}", f"{verb} {section}")
    for section, verb in product(Section, Verb)
    if section != Section.PLACEMENT
    and any(verb in sections.get(section, ()) for sections in GRANTS.values())
]


def codenames(role: str, status: str) -> set[str]:
    """The codenames that a role holds on a partnership in that status."""
    sections = SECTIONS_BY_STATUS[status]
    if status == "ended" and role not in KEEP_COUNTS_AFTER_END:
        sections = {Section.AGREEMENT}
    return {
        f"{verb}_{section}"
        for section, verbs in GRANTS.get(role, {}).items()
        if section in sections
        for verb in verbs
        # An ended agreement is read, no longer written.
        if status != "ended" or verb == VIEW
    }


def group_name(role: str, *, partnership=None, programme=None, employer=None) -> str:
    """The one group of a role in a partnership, in a programme, or of an employer."""
    if role in PARTNERSHIP_ROLES:
        return f"partnership {partnership} {role}"
    if role in PROGRAMME_ROLES:
        return f"programme {programme} {role}"
    return f"employer {employer}"


def _wanted(obj) -> set[tuple[str, str]]:
    """The (group, codename) pairs that the table gives on a partnership or placement."""
    if obj._meta.model_name == "placement":
        name = group_name(Role.EMPLOYER, employer=obj.employer_id)
        return {(name, "view_placement")} if obj.ended_on is None else set()
    return {
        (group_name(role, partnership=obj.pk, programme=obj.programme_id), codename)
        for role in GRANTS
        for codename in codenames(role, obj.status)
    }


def _permission_model(model):
    """Guardian's direct-foreign-key table of group permissions on a model."""
    return apps.get_model(model._meta.app_label, f"{model._meta.object_name}GroupPermission")


def _rows(obj):
    """Guardian's rows of group permissions on one object."""
    return _permission_model(type(obj)).objects.filter(content_object=obj)


def grant_differences(obj) -> tuple[set, set]:
    """What is missing and what is too much: two sets of (group name, codename)."""
    held = set(_rows(obj).values_list("group__name", "permission__codename"))
    wanted = _wanted(obj)
    return wanted - held, held - wanted


@transaction.atomic
def sync_grants(obj) -> bool:
    """Make guardian's rows on a Partnership or Placement equal to the table.

    Reads the object's row under a lock, so that two calls at once cannot leave a mixture;
    running twice changes nothing. Returns whether anything differed.
    """
    obj = type(obj)._base_manager.select_for_update(of=("self",)).get(pk=obj.pk)
    missing, surplus = grant_differences(obj)
    for name, codename in surplus:
        _rows(obj).filter(group__name=name, permission__codename=codename).delete()
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


def _group_of(membership) -> str:
    return group_name(
        membership.role,
        partnership=membership.partnership_id,
        programme=membership.programme_id,
        employer=membership.organisation_id,
    )


def sync_groups(user) -> None:
    """Make a person's groups equal to those of the memberships that are not over."""
    names = {_group_of(m) for m in user.memberships.not_over()}
    Group.objects.bulk_create([Group(name=name) for name in names], ignore_conflicts=True)
    user.groups.set(Group.objects.filter(name__in=names))


def memberships(user) -> list:
    """The memberships in force today, read once per request; empty for a youth or a guest."""
    if not hasattr(user, "_memberships"):
        user._memberships = (
            list(user.memberships.active().select_related("organisation").order_by("starts_on"))
            if user.is_authenticated and user.is_active
            else []
        )
    return user._memberships


def roles(user) -> set[str]:
    """The roles a person has today."""
    return {m.role for m in memberships(user)}


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


def placement_ids(user, codename: str = "view_placement") -> list:
    """Ids of the placements that an employer's person may open, evaluated."""
    return sorted(pk for pk, held in _held(user, "youths.Placement").items() if codename in held)


def codenames_on(user, partnership_id) -> set[str]:
    """Every codename that the person holds on one partnership."""
    return _held(user, "partnerships.Partnership").get(partnership_id, set())


def _held(user, label: str) -> dict:
    """Codenames by object, one query a request, from guardian's rows.

    Only the groups of memberships in force today count, so that leaving works on the next
    request whatever the groups still say; and the person must be in the group, too.
    """
    mine = memberships(user)
    if not mine:
        return {}
    if not hasattr(user, "_held"):
        user._held = {}
    if label not in user._held:
        found = user._held[label] = defaultdict(set)
        rows = _permission_model(apps.get_model(label)).objects.filter(
            group__user=user, group__name__in={_group_of(m) for m in mine}
        )
        for pk, codename in rows.values_list("content_object", "permission__codename"):
            found[pk].add(codename)
    return user._held[label]
