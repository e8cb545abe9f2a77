"""The register of companies: who to talk to, where, and what a company can take into account.

A company is an `Organisation` of kind employer; which municipalities know it stands with it.
Nothing here is about a young person.
"""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partnerships.models.partnerships import Partnership
from partnerships.models.people import DANISH, Organisation, OrganisationKind

COMPANY = {"kind": OrganisationKind.EMPLOYER}


class CompanyContact(models.Model):
    """Somebody of a company, with what they do there."""

    company = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="contacts", limit_choices_to=COMPANY
    )
    name = models.CharField(_("name"), max_length=120, db_collation=DANISH)
    title = models.CharField(_("what they do"), max_length=80, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)

    class Meta:
        verbose_name = _("contact of a company")
        verbose_name_plural = _("contacts of companies")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(phone="", email=""),
                name="a_contact_can_be_reached",
                violation_error_message=_("Write a telephone number or an e-mail address."),
            )
        ]

    def __str__(self):
        return str(self.pk)


class Branch(models.Model):
    """A place where a company works."""

    company = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="branches", limit_choices_to=COMPANY
    )
    name = models.CharField(_("name of the branch"), max_length=120, db_collation=DANISH)
    address = models.CharField(_("address"), max_length=200)
    p_number = models.CharField(
        _("P number"),
        max_length=10,
        blank=True,
        validators=[RegexValidator(r"^\d{10}$", _("A P number has ten digits."))],
    )

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["p_number"],
                condition=~Q(p_number=""),
                name="one_branch_per_p_number",
                violation_error_message=_("A branch with this P number is here already."),
            )
        ]

    def __str__(self):
        return self.name


class NetworkPlace(models.Model):
    """A company in the local network of a partnership, with what it is there for."""

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="network", verbose_name=_("partnership")
    )
    company = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="networks",
        limit_choices_to=COMPANY,
        verbose_name=_("company"),
    )
    note = models.CharField(_("what it is there for"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("company in the network")
        verbose_name_plural = _("companies in the network")
        ordering = ["company__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "company"],
                name="a_company_is_in_a_network_once",
                violation_error_message=_("This company is in the network already."),
            )
        ]

    def __str__(self):
        return str(self.pk)
