"""What a partnership means by "closer", in versions: each round is judged by the one it opened
under, forever.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from evaluation.progress import DEFAULT_RULE, Rule
from partnerships.models import Partnership, Programme


class DefinitionQuerySet(models.QuerySet):
    def in_force(self):
        """Those that were or are judged by; the newest last."""
        return self.filter(in_force_from__isnull=False).order_by("in_force_from", "version")

    def counted(self) -> set[str]:
        """Codes of the indicators that any definition counts, or that a programme begins with."""
        rules = [definition.rule for definition in self]
        return {code for rule in (DEFAULT_RULE, *rules) for code in rule.rises}

    def of(self, partnership) -> list["Definition"]:
        """Those that a partnership is or was judged by, the newest last: until it has one of its
        own in force, its programme's.
        """
        rows = self.in_force().filter(
            Q(partnership=partnership.pk) | Q(partnership=None), programme=partnership.programme_id
        )
        found = list(rows)
        own = [row for row in found if row.partnership_id]
        if not own:
            return found
        before = [row for row in found if not row.partnership_id]
        return [row for row in before if row.in_force_from < own[0].in_force_from] + own


class Definition(models.Model):
    """One version of what "closer" means: a partnership's own, or a programme's default."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="definitions")
    # Empty in the programme's default.
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, null=True, related_name="definitions"
    )
    version = models.PositiveSmallIntegerField(_("version"))
    stored_rule = models.JSONField(default=dict)
    # Rounds that open on this day or later are judged by it. Empty until both have signed.
    in_force_from = models.DateField(_("in force from"), null=True)

    objects = DefinitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("definition")
        verbose_name_plural = _("definitions")
        ordering = ["programme", "partnership", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "partnership", "version"],
                nulls_distinct=False,
                name="one_definition_of_each_version",
            ),
        ]

    def __str__(self):
        return f"{self.version} {self.pk}"

    @property
    def rule(self) -> Rule:
        return Rule.from_stored(self.stored_rule)

    @classmethod
    def default_of(cls, programme) -> "Definition":
        """The programme's first default, made when it is first needed."""
        first, _made = cls.objects.get_or_create(
            programme=programme,
            partnership=None,
            version=1,
            defaults={
                "stored_rule": DEFAULT_RULE.as_stored,
                "in_force_from": programme.starts_on,
            },
        )
        return first

    @classmethod
    def chain(cls, partnership) -> list["Definition"]:
        """What a partnership is judged by over time, the oldest first; never empty."""
        found = cls.objects.of(partnership)
        if not any(one.partnership_id is None for one in found):
            found.insert(0, cls.default_of(partnership.programme))
        return found


def in_force_on(chain: list[Definition], day) -> Definition:
    """The one that a round which opened on that day is judged by, forever."""
    return next((one for one in reversed(chain) if one.in_force_from <= day), chain[0])
