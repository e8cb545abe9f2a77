"""What a company offers a municipality: so many places of a kind, for a time."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.models import Organisation
from youths.models.placements import Placement


class PlacesOfferedQuerySet(models.QuerySet):
    def open(self):
        """Offered today or later."""
        return self.filter(Q(until=None) | Q(until__gte=timezone.localdate()))


class PlacesOffered(models.Model):
    """So many places of one kind, from a day, until one or further notice."""

    company = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="places_offered"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Placement.Kind)
    number = models.PositiveSmallIntegerField(
        _("number of places"), default=1, validators=[MinValueValidator(1)]
    )
    since = models.DateField(_("from"), default=timezone.localdate)
    until = models.DateField(_("last day"), null=True, blank=True)

    objects = PlacesOfferedQuerySet.as_manager()

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="at_least_one_place_is_offered",
                violation_error_message=_("Offer at least one place."),
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="an_offer_ends_after_it_starts",
                violation_error_message=_("The last day is before the first."),
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.kind}"

    @property
    def is_open(self) -> bool:
        return self.until is None or self.until >= timezone.localdate()
