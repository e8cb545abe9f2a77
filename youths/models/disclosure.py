"""Whether a section reaches the municipality's caseworker: one definition, in SQL.

A section needs consent where `CONDITIONS` says so. It is shown with a consent or a legal basis
in force, unless the partnership's agreement takes it away from the caseworker.
"""

from dataclasses import dataclass

from django.db import models
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import In
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.access import NARROWABLE, NEEDS_CONSENT, Role, Section
from partnerships.models import Narrowing
from youths.models.consents import Consent, Purpose
from youths.models.legal_bases import LegalBasis
from youths.models.youths import Youth


class Held(models.TextChoices):
    """Why a section is held back."""

    UNASKED = "unasked", _("no answer yet")
    NO = "no", _("the young person has said no")
    EXPIRED = "expired", _("the consent has run out")
    NARROWED = "narrowed", _("the agreement of the partnership keeps it back")


@dataclass(frozen=True)
class HeldBack:
    """So many parts of a section, and why nobody at the municipality sees them."""

    section: str
    why: str
    number: int

    @property
    def title(self) -> str:
        return Section(self.section).label

    @property
    def reason(self) -> str:
        return Held(self.why).label


def why_held(prefix="", section=None) -> Case:
    """An expression: why a section is held back, a value of `Held`; empty where it is shown.

    `prefix` leads from the row to the youth; `section` is the row's own where none is given.
    """
    here = Value(section, CharField()) if section else F("section")
    outer = Value(section, CharField()) if section else OuterRef("section")
    key = {
        "youth": OuterRef(f"{prefix}pk"),
        "organisation": OuterRef(f"{prefix}partnership__municipality"),
        "purpose": Purpose.COURSE,
        "section": outer,
    }
    narrowed = Narrowing.objects.filter(
        partnership=OuterRef(f"{prefix}partnership"), role=Role.CASEWORKER, section=outer
    )
    state = Case(
        When(Q(is_yes=False) | Q(withdrawn_at__isnull=False), then=Value(Held.NO.value)),
        When(expires_on__lt=timezone.localdate(), then=Value(Held.EXPIRED.value)),
        default=Value(""),
    )
    newest = Consent.objects.filter(**key).order_by("-pk").values(state=state)[:1]
    reasons = [
        (NARROWABLE, Exists(narrowed), Value(Held.NARROWED.value)),
        (
            NEEDS_CONSENT,
            ~Exists(LegalBasis.objects.in_force().filter(**key)),
            Coalesce(Subquery(newest), Value(Held.UNASKED.value)),
        ),
    ]
    return Case(
        *(
            When(In(here, concerned) & holds, then=why)
            for concerned, holds, why in reasons
            if section is None or section in concerned
        ),
        default=Value(""),
        output_field=CharField(),
    )


def shared_since(prefix="") -> Coalesce:
    """An expression: since when the municipality may read the row's section; null without asking.

    `prefix` leads from the row to the youth.
    """
    key = {
        "youth": OuterRef(f"{prefix}pk"),
        "organisation": OuterRef(f"{prefix}partnership__municipality"),
        "purpose": Purpose.COURSE,
        "section": OuterRef("section"),
    }
    return Coalesce(
        Subquery(Consent.objects.in_force().filter(**key).values("given_at")[:1]),
        Subquery(LegalBasis.objects.in_force().filter(**key).values("decided_at")[:1]),
    )


def held_sections(youth, sections) -> dict[str, str]:
    """Those of the sections that are held back from the municipality, with a value of `Held`."""
    names = {f"held_{section}": why_held(section=str(section)) for section in sections}
    found = Youth.objects.filter(pk=youth.pk).values(**names).get()
    return {section: found[f"held_{section}"] for section in sections if found[f"held_{section}"]}
