"""Who may do what. One table, guardian's rows equal to it, and "which rows?" for a person.

`GRANTS` says what a role gets, `CONDITIONS` what must also be so in the single case (`table`).
`sync_grants` makes guardian's rows equal to the first (`grants`); `partnership_ids` and
`placement_ids` answer "which rows?" for a signed-in person (`people`). Each section's own queryset
has a method by the name of its condition, and asks the second table whether it applies.

A person acts in one relation at a time, for one organisation in one role: rights come from that
relation alone (docs/adr/0008). Permissions sit on Partnership and Placement, never on Youth:
docs/adr/0002 has the measurements.
"""

from partnerships.access.grants import (
    grant_differences,
    repair_grants,
    sync_grants,
    sync_groups,
)
from partnerships.access.people import (
    acting_in,
    administers,
    codenames_on,
    conditions,
    memberships,
    partnership_ids,
    partnerships_with,
    placement_ids,
    reads_along,
    relations,
    roles,
    stand_in,
)
from partnerships.access.table import (
    CONDITIONS,
    EMERGENCY_GRANTS,
    GRANTS,
    NARROWABLE,
    NEEDS_CONSENT,
    ORGANISATION_ROLES,
    OVERRIDE,
    OWN_GRANTS,
    PARTNERSHIP_PERMISSIONS,
    PARTNERSHIP_ROLES,
    PLACEMENT_GRANTS,
    PROGRAMME_ROLES,
    SECTIONS_BY_STATUS,
    YOUTH,
    YOUTH_GRANTS,
    Condition,
    Role,
    Section,
    Verb,
    codenames,
)

__all__ = [
    "CONDITIONS",
    "EMERGENCY_GRANTS",
    "GRANTS",
    "NARROWABLE",
    "NEEDS_CONSENT",
    "ORGANISATION_ROLES",
    "OVERRIDE",
    "OWN_GRANTS",
    "PARTNERSHIP_PERMISSIONS",
    "PARTNERSHIP_ROLES",
    "PLACEMENT_GRANTS",
    "PROGRAMME_ROLES",
    "SECTIONS_BY_STATUS",
    "YOUTH",
    "YOUTH_GRANTS",
    "Condition",
    "Role",
    "Section",
    "Verb",
    "acting_in",
    "administers",
    "codenames",
    "codenames_on",
    "conditions",
    "grant_differences",
    "memberships",
    "partnership_ids",
    "partnerships_with",
    "placement_ids",
    "reads_along",
    "relations",
    "repair_grants",
    "roles",
    "stand_in",
    "sync_grants",
    "sync_groups",
]
