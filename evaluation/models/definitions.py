"""What a partnership means by "closer", in versions: each round is judged by the one it opened
under, forever.

How a version comes about: each side answers on its own, both answers are laid side by side, the
development group settles each line in a meeting, both sign. docs/adr/0024.
"""

import uuid

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evaluation.progress import DEFAULT_RULE, Rule
from partnerships.access import partnerships_with
from partnerships.models import Partnership, Programme, Status, User

SIDES = ("school", "municipality")


class DefinitionRefused(Exception):
    """A step that the version's state does not allow."""


class DefinitionChanged(Exception):
    """Somebody else has saved meanwhile; carries what stands there now."""

    def __init__(self, current):
        self.current = current


class DefinitionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Of the person's partnerships: who works there sees what is being prepared, others what
        is or was in force.
        """
        ours = Q(partnership__in=partnerships_with(user, "change_agreement"))
        signed = Q(in_force_from__isnull=False)
        return self.filter(
            ours | (signed & Q(partnership__in=partnerships_with(user, "view_agreement")))
        )

    def in_preparation(self):
        return self.filter(in_force_from=None)

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
        return self._chains([partnership])[partnership.pk]

    def chains(self, partnerships) -> dict[object, list["Definition"]]:
        """The same of each partnership, by its id, in one query; never empty."""
        found = self._chains(partnerships)
        return {one.pk: found[one.pk] or [Definition.unstored(one)] for one in partnerships}

    def _chains(self, partnerships) -> dict[object, list["Definition"]]:
        rows = self.in_force().filter(
            Q(partnership__in=[one.pk for one in partnerships]) | Q(partnership=None),
            programme__in={one.programme_id for one in partnerships},
        )
        rows, chains = list(rows), {}
        for one in partnerships:
            own = [row for row in rows if row.partnership_id == one.pk]
            before = [
                row
                for row in rows
                if row.partnership_id is None and row.programme_id == one.programme_id
            ]
            if own:
                before = [row for row in before if row.in_force_from < own[0].in_force_from]
            chains[one.pk] = before + own
        return chains


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
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    begun_at = models.DateTimeField(null=True)
    # The meeting of the development group in which the lines were settled.
    met_on = models.DateField(_("day of the meeting"), null=True)
    present = models.TextField(_("who was there"), max_length=600, blank=True, db_default="")
    minutes = models.TextField(_("minutes"), max_length=4000, blank=True, db_default="")
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    school_signed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )
    school_signed_at = models.DateTimeField(null=True)
    municipality_signed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )
    municipality_signed_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1, db_default=1)

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
            models.UniqueConstraint(
                fields=["partnership"],
                condition=Q(in_force_from=None),
                name="one_definition_in_preparation",
                violation_error_message=_("A version is being prepared already."),
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, school_signed_at=None, municipality_signed_at=None)
                | Q(settled_at__isnull=False, met_on__isnull=False),
                name="what_is_signed_was_settled_in_a_meeting",
            ),
            models.CheckConstraint(
                condition=Q(partnership=None)
                | Q(in_force_from=None)
                | Q(school_signed_at__isnull=False, municipality_signed_at__isnull=False)
                | Q(begun_at=None),
                name="a_definition_in_force_was_signed_by_both",
            ),
        ]

    def __str__(self):
        return f"{self.version} {self.pk}"

    @property
    def rule(self) -> Rule:
        return Rule.from_stored(self.stored_rule)

    @property
    def is_in_force(self) -> bool:
        return self.in_force_from is not None

    @property
    def is_compared(self) -> bool:
        """Both sides have handed in, so that each may see what the other says."""
        handed_in = {answer.side for answer in self.answers.all() if answer.handed_in_at}
        return handed_in == set(SIDES)

    def signed_by(self, side: str) -> bool:
        return getattr(self, f"{side}_signed_at") is not None

    @classmethod
    @transaction.atomic
    def begin(cls, *, by, partnership) -> "Definition":
        """Begin the next version of a partnership's own; twice is once.

        Raises DefinitionRefused where the agreement is not signed.
        """
        locked = Partnership.objects.select_for_update(of=("self",), no_key=True).get(
            pk=partnership.pk
        )
        if locked.status != Status.SIGNED:
            raise DefinitionRefused(_("Only a signed partnership has a definition of its own."))
        begun = cls.objects.in_preparation().filter(partnership=locked).first()
        if begun is not None:
            return begun
        last = locked.definitions.order_by("version").last()
        return cls.objects.create(
            programme_id=locked.programme_id,
            partnership=locked,
            version=last.version + 1 if last else 1,
            stored_rule=(last or cls.default_of(locked.programme)).stored_rule,
            begun_by=by,
            begun_at=timezone.now(),
        )

    def _lock(self) -> "Definition":
        return Definition.objects.select_for_update(of=("self",)).get(pk=self.pk)

    @transaction.atomic
    def settle(self, *, by, rule: Rule, met_on, present: str, minutes: str, revision: int) -> None:
        """Note what the development group has settled in a meeting. What was signed must be signed
        anew.

        Raises DefinitionRefused before both sides have handed in, once it is in force, and for a
        day to come; DefinitionChanged where somebody has saved since `revision`.
        """
        locked = self._lock()
        if locked.is_in_force:
            raise DefinitionRefused(_("This version is in force. Begin a new one to change it."))
        if not locked.is_compared:
            raise DefinitionRefused(_("Both sides must hand in their own answer first."))
        if met_on > timezone.localdate():
            raise DefinitionRefused(_("That day is still to come."))
        if locked.revision != revision:
            raise DefinitionChanged(locked)
        locked.stored_rule, locked.met_on = rule.as_stored, met_on
        locked.present, locked.minutes = present, minutes
        locked.settled_by, locked.settled_at = by, timezone.now()
        for side in SIDES:
            setattr(locked, f"{side}_signed_at", None)
            setattr(locked, f"{side}_signed_by", None)
        locked.revision += 1
        locked.save()
        self.refresh_from_db()

    @transaction.atomic
    def sign(self, *, by, side: str, revision: int) -> None:
        """Sign for one side exactly what was read; with the second signature it is in force for
        rounds that open from today on.

        Raises DefinitionRefused before it is settled, and when this side has signed;
        DefinitionChanged when it was settled otherwise meanwhile.
        """
        locked = self._lock()
        if locked.settled_at is None:
            raise DefinitionRefused(_("It must be settled in a meeting first."))
        if locked.signed_by(side):
            raise DefinitionRefused(_("Your side has signed already."))
        if locked.revision != revision:
            raise DefinitionChanged(locked)
        setattr(locked, f"{side}_signed_at", timezone.now())
        setattr(locked, f"{side}_signed_by", by)
        if all(locked.signed_by(one) for one in SIDES):
            locked.in_force_from = timezone.localdate()
        locked.save()
        if locked.is_in_force:
            apps.get_model("evaluation.PartnershipProgress").mark_stale(locked.partnership_id)
        self.refresh_from_db()

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
    @transaction.atomic
    def renew_default(cls, *, by, programme, rule: Rule, in_force_from, unsaved=None):
        """The programme's next default, for rounds that open on a day to come or today.

        Fills in `unsaved` where one is given. Raises DefinitionRefused for a day that is past:
        what has been judged stays.
        """
        if in_force_from is None or in_force_from < timezone.localdate():
            raise DefinitionRefused(_("It cannot be in force before today."))
        Programme.objects.select_for_update(of=("self",), no_key=True).get(pk=programme.pk)
        cls.default_of(programme)
        last = cls.objects.filter(programme=programme, partnership=None).latest("version")
        new = unsaved or cls(programme=programme)
        new.version, new.stored_rule = last.version + 1, rule.as_stored
        new.in_force_from, new.begun_by, new.begun_at = in_force_from, by, timezone.now()
        new.save()
        stale = apps.get_model("evaluation.PartnershipProgress").mark_stale
        for pk in programme.partnerships.filter(status=Status.SIGNED).values_list("pk", flat=True):
            stale(pk)
        return new

    @classmethod
    def chain(cls, partnership) -> list["Definition"]:
        """What a partnership is judged by over time, the oldest first; never empty."""
        found = cls.objects.of(partnership)
        if not any(one.partnership_id is None for one in found):
            found.insert(0, cls.default_of(partnership.programme))
        return found

    @classmethod
    def unstored(cls, partnership) -> "Definition":
        """The first default of a programme, as long as nobody has needed it."""
        programme = partnership.programme
        return cls(
            programme=programme,
            version=1,
            in_force_from=programme.starts_on,
            stored_rule=DEFAULT_RULE.as_stored,
        )

    @classmethod
    def known(cls, partnership) -> list["Definition"]:
        """The same for who only reads: nothing is stored."""
        found = cls.objects.of(partnership)
        if not any(one.partnership_id is None for one in found):
            found.insert(0, cls.unstored(partnership))
        return found


def in_force_on(chain: list[Definition], day) -> Definition:
    """The one that a round which opened on that day is judged by, forever."""
    return next((one for one in reversed(chain) if one.in_force_from <= day), chain[0])


class DefinitionAnswer(models.Model):
    """What one side means by "closer", written before it knows what the other side means."""

    class Side(models.TextChoices):
        SCHOOL = "school", _("The school")
        MUNICIPALITY = "municipality", _("The municipality")

    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="answers")
    side = models.CharField(max_length=12, choices=Side)
    own_words = models.TextField(_("which signs show it, in own words"), max_length=2000)
    examples = models.TextField(_("examples"), max_length=2000, blank=True)
    stored_rule = models.JSONField(default=dict)
    # Codes of the indicators that matter most.
    most = models.JSONField(default=list)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    handed_in_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    handed_in_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["definition", "-side"]
        constraints = [
            models.UniqueConstraint(fields=["definition", "side"], name="one_answer_of_each_side"),
            models.CheckConstraint(
                condition=Q(handed_in_at=None) | ~Q(own_words=""),
                name="an_answer_that_is_handed_in_has_words",
                violation_error_message=_("Write in your own words what shows it."),
            ),
        ]

    def __str__(self):
        return f"{self.side} {self.pk}"

    @property
    def rule(self) -> Rule:
        return Rule.from_stored(self.stored_rule)

    @classmethod
    @transaction.atomic
    def write(cls, *, by, definition, side: str, rule: Rule, revision: int, **words):
        """Save one side's draft: `own_words`, `examples` and `most`.

        `revision` is 0 for the first one. Raises DefinitionRefused once it is handed in;
        DefinitionChanged where a colleague has saved since.
        """
        definition._lock()
        answer = cls.objects.filter(definition=definition, side=side).first()
        if answer and answer.handed_in_at:
            raise DefinitionRefused(_("Your side's answer is handed in."))
        if (answer.revision if answer else 0) != revision:
            raise DefinitionChanged(answer)
        answer = answer or cls(definition=definition, side=side, revision=0)
        for name, value in words.items():
            setattr(answer, name, value)
        answer.stored_rule = rule.as_stored
        answer.written_by, answer.written_at = by, timezone.now()
        answer.revision += 1
        answer.save()
        return answer

    @transaction.atomic
    def hand_in(self, *, by) -> None:
        """Hand it in: from then on it stands, and when both have, each sees the other's.

        Raises DefinitionRefused without own words, and when it is handed in already.
        """
        self.definition._lock()
        self.refresh_from_db()
        if self.handed_in_at is not None:
            raise DefinitionRefused(_("Your side's answer is handed in."))
        if not self.own_words.strip():
            raise DefinitionRefused(_("Write in your own words what shows it."))
        self.handed_in_by, self.handed_in_at = by, timezone.now()
        self.save(update_fields=["handed_in_by", "handed_in_at"])


class TriedRule(models.Model):
    """That somebody looked how another rule would count, and which. Never rewritten."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="tried_rules")
    # Empty where the whole programme was counted.
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, null=True, related_name="tried_rules"
    )
    stored_rule = models.JSONField()
    tried_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    tried_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-tried_at", "-pk"]

    def __str__(self):
        return f"{self.tried_at:%Y-%m-%d} {self.pk}"

    @property
    def rule(self) -> Rule:
        return Rule.from_stored(self.stored_rule)
