"""The agreement of a placement: its words in versions, and each side's yes to them."""

import uuid

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.encryption import EncryptedTextField
from partnerships.models import User
from youths.models.notices import Notice


class AgreementReplaced(Exception):
    """Another text has taken the place of the one that was read; carries the newest, or None."""

    def __init__(self, newest):
        self.newest = newest


class PlacementAgreement(models.Model):
    """What was agreed, in words as they stood: a version each time. Append-only."""

    class Side(models.TextChoices):
        YOUTH = "youth", _("The young person")
        CASEWORKER = "caseworker", _("The job centre")
        COMPANY = "company", _("The company")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    placement = models.ForeignKey(
        "youths.Placement", on_delete=models.PROTECT, related_name="agreements"
    )
    number = models.PositiveSmallIntegerField()
    words = EncryptedTextField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "number"], name="one_agreement_of_a_placement_per_number"
            ),
            models.CheckConstraint(
                condition=~Q(words=""), name="an_agreement_of_a_placement_has_words"
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.pk}"

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What it says, as label and text."""
        return [(label, text) for label, _colon, text in (
            line.partition(": ") for line in self.words.splitlines()
        )]  # fmt: skip

    @property
    def by_side(self) -> list[tuple[str, "AgreementConfirmation | None"]]:
        """Each side by its name, and its yes."""
        given = {row.side: row for row in self.confirmations.all()}
        return [(side.label, given.get(side)) for side in self.Side]

    @property
    def waits_for(self) -> list[str]:
        """The sides that have not said yes yet."""
        given = {row.side for row in self.confirmations.all()}
        return [side for side in self.Side.values if side not in given]

    @transaction.atomic
    def confirm(self, *, side: str, how: str, name: str, by=None) -> "AgreementConfirmation":
        """One side's yes to exactly this text; twice is once, also at the same moment.

        `by` is who is signed in, None behind a link; `name` is who says yes, of a young person
        the first name alone, since the company reads it. Raises AgreementReplaced when it is no
        longer the text that stands, PlacementRefused once the placement has ended.
        """
        placement = self.placement.lock_current()
        newest = placement.agreement
        if newest.pk != self.pk:
            raise AgreementReplaced(newest)
        if side == self.Side.YOUTH:
            name = placement.youth.first_name
        said, is_new = self.confirmations.get_or_create(
            side=side, defaults={"by": by, "name": name, "how": how}
        )
        if is_new and self.confirmations.count() == len(self.Side):
            placement.tell(Notice.Kind.AGREED, by=by, about=f"{placement.pk}-{self.number}")
        return said


class AgreementConfirmation(models.Model):
    """One side has said yes to one text: who, when, and how. Append-only."""

    class How(models.TextChoices):
        SIGNED_IN = "signed_in", _("signed in")
        TOGETHER = "together", _("together with the school")
        LINK = "link", _("by a link")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agreement = models.ForeignKey(
        PlacementAgreement, on_delete=models.PROTECT, related_name="confirmations"
    )
    side = models.CharField(max_length=10, choices=PlacementAgreement.Side)
    how = models.CharField(max_length=10, choices=How)
    name = EncryptedTextField(max_length=120)
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    confirmed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["confirmed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "side"], name="each_side_confirms_an_agreement_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="who_confirms_has_a_name"),
            models.CheckConstraint(
                condition=Q(how="link", by=None) | (~Q(how="link") & Q(by__isnull=False)),
                name="only_behind_a_link_nobody_is_signed_in",
            ),
        ]

    def __str__(self):
        return f"{self.side} {self.pk}"
