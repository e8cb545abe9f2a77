"""The young person's CPR number: optional, encrypted, in a table of its own."""

import re
import uuid
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.encryption import EncryptedTextField, blind_index
from partnerships.models import User
from youths.models.youths import Youth


class CprRefused(Exception):
    """A number that is not this young person's."""


def cpr_digits(text: str) -> str:
    """The ten digits of a number written with or without its hyphen.

    Raises ValidationError for what is no CPR number.
    """
    found = re.fullmatch(r"([0-9]{6})[- ]?([0-9]{4})", text.strip())
    if not found:
        raise ValidationError(_("A CPR number is ten digits, such as 010203-4567."))
    digits = "".join(found.groups())
    try:
        born_by(digits)
    except ValueError:
        raise ValidationError(_("The first six digits are no date: day, month, year.")) from None
    return digits


def born_by(digits: str) -> date:
    """The birth date that a CPR number says. Raises ValueError where it is no date.

    Source: the CPR office's table of the seventh digit and the century. The check digit says
    nothing since 2007.
    """
    day, month, year = (int(digits[at : at + 2]) for at in (0, 2, 4))
    seventh = int(digits[6])
    if seventh <= 3:
        century = 1900
    elif seventh in (4, 9):
        century = 2000 if year <= 36 else 1900
    else:
        century = 2000 if year <= 57 else 1800
    return date(century + year, month, day)


class CprNumberQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_cpr"):
        return self.filter(youth__in=Youth.objects.visible_to(user, codename))

    def with_number(self, digits: str):
        """The exact number, found by its fingerprint; who was referred last comes first."""
        return self.filter(index=blind_index(digits)).order_by("-youth__enrolled_on", "pk")


class CprNumber(models.Model):
    """Read only when somebody asks for it, and each time noted; never in a list or a file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.OneToOneField(Youth, on_delete=models.PROTECT, related_name="cpr")
    number = EncryptedTextField(_("CPR number"), max_length=10)
    # The number's keyed fingerprint, for the exact look-up. Not unique: somebody who is referred
    # anew is here twice.
    index = models.CharField(max_length=64, db_index=True, editable=False)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    objects = CprNumberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(number=""), name="a_cpr_number_is_not_empty")
        ]

    def __str__(self):
        return f"CPR {self.pk}"

    @property
    def hyphened(self) -> str:
        return f"{self.number[:6]}-{self.number[6:]}"

    @classmethod
    @transaction.atomic
    def note(cls, *, by, youth, digits: str) -> "CprNumber":
        """Add the number, or put it in the place of the one before.

        Raises CprRefused when it is of somebody born on another day.
        """
        locked = Youth.objects.select_for_update(of=("self",)).get(pk=youth.pk)
        if born_by(digits) != locked.birth_date:
            raise CprRefused(
                _("The number does not begin with the birth date that stands here. Check both.")
            )
        saved = cls.objects.filter(youth=locked).first() or cls(youth=locked)
        saved.number, saved.index = digits, blind_index(digits)
        saved.added_by, saved.added_at = by, timezone.now()
        saved.save()
        return saved

    @classmethod
    def forget(cls, *, by, youth) -> None:
        """Remove the number; where there is none, there is nothing to do."""
        cls.objects.filter(youth=youth).delete()
