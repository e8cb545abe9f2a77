"""The success criteria of a programme: what it promised, and the registers that count it.

Source: the programme's documentation plan. Every target and wording is data of the programme.
"""

import uuid

from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.attached import Kind, shown_name
from partnerships.models import Organisation, OrganisationKind, Programme, User


class RegisterRefused(Exception):
    """An entry that cannot be made."""


class Criterion(models.Model):
    """One promise of a programme, and what counts towards it."""

    class Counts(models.TextChoices):
        REFERRED = "referred", _("Youths referred")
        CLOSER = "closer", _("Youths closer to the labour market")
        MODEL_PARTS = "model_parts", _("Model parts delivered")
        PRACTICE_DAYS = "practice_days", _("Municipalities at practice days")
        SAID_YES = "said_yes", _("Municipalities that said yes")

    FIGURES = (Counts.REFERRED, Counts.CLOSER)  # whose targets are the programme's own

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="criteria", verbose_name=_("programme")
    )
    counts = models.CharField(_("what counts"), max_length=14, choices=Counts)
    name = models.CharField(_("in the programme's words"), max_length=120)
    # Empty where the programme has the target as a field of its own.
    target = models.PositiveSmallIntegerField(_("target"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=1)

    class Meta:
        verbose_name = _("success criterion")
        verbose_name_plural = _("success criteria")
        ordering = ["programme", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "counts"],
                name="one_criterion_of_each_kind",
                violation_error_message=_("The programme has this criterion already."),
            ),
            models.CheckConstraint(
                condition=Q(counts__in=["referred", "closer"], target=None)
                | (~Q(counts__in=["referred", "closer"]) & Q(target__isnull=False)),
                name="a_register_has_a_target_of_its_own",
                violation_error_message=_(
                    "A register needs a target; the targets of youths are the programme's."
                ),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def wanted(self) -> int:
        if self.counts == self.Counts.REFERRED:
            return self.programme.referred_target
        if self.counts == self.Counts.CLOSER:
            return self.programme.closer_target
        return self.target


class EntryQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(programme__in=Programme.objects.visible_to(user))

    def standing(self):
        return self.filter(removed_at=None)

    def counted(self) -> dict[str, int]:
        """How much each register counts: parts, or municipalities, each once."""
        parts = Q(register=Entry.Register.MODEL_PARTS)
        days = Q(register=Entry.Register.PRACTICE_DAYS)
        yes = Q(register=Entry.Register.SAID_YES)
        return self.standing().aggregate(
            model_parts=Count("pk", filter=parts, distinct=True),
            practice_days=Count("municipalities", filter=days, distinct=True),
            said_yes=Count("municipalities", filter=yes, distinct=True),
        )


class Entry(models.Model):
    """A line of one of the registers, with its day and its document. Removed, never rewritten."""

    class Register(models.TextChoices):
        MODEL_PARTS = "model_parts", _("Parts of the model")
        PRACTICE_DAYS = "practice_days", _("Practice days")
        SAID_YES = "said_yes", _("Municipalities that said yes")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="entries")
    register = models.CharField(max_length=14, choices=Register)
    title = models.CharField(_("what"), max_length=160)
    happened_on = models.DateField(_("day"))
    municipalities = models.ManyToManyField(
        Organisation,
        related_name="+",
        limit_choices_to={"kind": OrganisationKind.MUNICIPALITY},
        verbose_name=_("municipalities"),
    )
    # Kept in the row: a few papers a year, without anybody's case in them.
    document = models.BinaryField(null=True, editable=False)
    document_name = models.CharField(max_length=100, blank=True)
    document_kind = models.CharField(max_length=4, choices=Kind, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    removed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_on", "-recorded_at"]
        indexes = [models.Index(fields=["programme", "register"], name="entries_of_a_register")]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="an_entry_says_what"),
            models.CheckConstraint(
                condition=Q(document=None, document_kind="", document_name="")
                | (Q(document__isnull=False) & ~Q(document_kind="")),
                name="a_document_has_its_kind",
            ),
        ]

    def __str__(self):
        return f"{self.register} {self.pk}"

    @classmethod
    @transaction.atomic
    def record(
        cls, *, by, programme, register: str, title: str, happened_on, municipalities=(), file=None
    ) -> "Entry":
        """Put a line into a register; `file` is what `partnerships.forms.CheckedFile` gives.

        Raises RegisterRefused for a day to come, and where municipalities are missing or, of who
        said yes, more than one.
        """
        if happened_on > timezone.localdate():
            raise RegisterRefused(_("That day is still to come."))
        asked = {cls.Register.MODEL_PARTS: (0, 0), cls.Register.SAID_YES: (1, 1)}
        least, most = asked.get(register, (1, 98))
        if not least <= len(municipalities) <= most:
            raise RegisterRefused(
                _("Choose the municipality.")
                if most == 1
                else _("Choose at least one municipality.")
            )
        made = cls.objects.create(
            programme=programme,
            register=register,
            title=title,
            happened_on=happened_on,
            recorded_by=by,
            document=file and file["content"],
            document_name=shown_name(file["name"], file["kind"]) if file else "",
            document_kind=file["kind"] if file else "",
        )
        made.municipalities.set(municipalities)
        return made

    @transaction.atomic
    def remove(self, *, by) -> None:
        """It was a mistake: it counts no more, and stays in the history. Twice is once."""
        locked = Entry.objects.defer("document").select_for_update(of=("self",)).get(pk=self.pk)
        if locked.removed_at is None:
            locked.removed_by, locked.removed_at = by, timezone.now()
            locked.save(update_fields=["removed_by", "removed_at"])
