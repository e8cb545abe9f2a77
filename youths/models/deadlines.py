"""What is due when: one row for each thing that a rule gives a day (youths/deadlines.py).

A row follows the facts while it is open, and stands still once it is done: a trigger refuses to
move it. `Deadline.plan` brings the table in step with the facts; the work list is a query, so that
doing it twice changes nothing (docs/adr/0038).
"""

import logging
import uuid
from datetime import date

from django.db import models, transaction
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Cast, Greatest, TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partnerships.access import Role, memberships, roles
from partnerships.encryption import EncryptedTextField
from partnerships.models import Membership, Partnership, Status, User
from partnerships.working_days import Unit, days_ago
from youths.access import is_own
from youths.deadlines import RULES, TEAM, YOUNG, Rule, owed_by
from youths.models.consents import SOON, Consent
from youths.models.notices import Notice
from youths.models.youths import Youth

log = logging.getLogger(__name__)

# What a fact says of a deadline, and what a deadline takes over.
FACT = ("about", "of_youth", "of_partnership", "base", "span", "done")
PLANNED = ("youth", "partnership", "base_on", "span", "due_on", "done_on", "escalated_at")


class DeadlineRefused(Exception):
    """A deadline that cannot be closed or reopened."""


class DeadlineQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those of whose section the person reads, each with `known`: whether they may know how
        it stands, or only when it is due.
        """
        seen, unknown = Q(pk=None), []
        for codename in sorted({rule.codename for rule in RULES.values()}):
            rules = {k: rule for k, rule in RULES.items() if rule.codename == codename}
            if codename == "view_agreement":
                seen |= Q(
                    kind__in=rules, youth=None, partnership__in=Partnership.objects.visible_to(user)
                )
                continue
            seen |= Q(kind__in=rules, youth__in=Youth.objects.visible_to(user, codename).referred())
            unknown += [
                When(~Q(youth__in=rule.known_to(user)), kind=kind, then=Value(False))
                for kind, rule in rules.items()
                if rule.known_to
            ]
        known = Case(*unknown, default=Value(True), output_field=BooleanField())
        return self.filter(seen).annotate(known=known)

    def open(self):
        return self.filter(done_on=None)

    def late(self):
        return self.open().filter(due_on__lt=timezone.localdate())

    def soon(self):
        """Due within thirty days, or late."""
        return self.open().filter(due_on__lte=timezone.localdate() + SOON)

    def closed_outside(self, kind: str, about):
        """Whether one was closed because it was done outside; `about` as an expression."""
        return Exists(
            self.filter(kind=kind, about=Cast(about, CharField()), closed_at__isnull=False)
        )

    def owed_by(self, side: str):
        return self.filter(kind__in=owed_by(side))

    def escalated(self):
        return self.open().filter(escalated_at__isnull=False)

    def escalated_to(self, user):
        """Those of teams that the person leads, or that nobody leads, owed by their side."""
        side = next((m.role for m in memberships(user)), "")
        leaders = Membership.objects.active().filter(
            partnership=OuterRef("partnership"), role=side, leads_team=True
        )
        led = [m.partnership_id for m in memberships(user) if m.leads_team]
        rows = self.escalated().owed_by(side)
        return rows.filter(Q(partnership__in=led) | ~Exists(leaders))

    def with_names(self):
        return self.select_related(
            "youth",
            "closed_by",
            "partnership__programme",
            "partnership__school",
            "partnership__municipality",
        )


class Deadline(models.Model):
    """One thing that is due by a day: open, done on a day, or closed as done outside."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    about = models.CharField(max_length=80)
    # Empty where both parties owe it each other, and it is about nobody.
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, null=True, related_name="deadlines")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="deadlines")
    base_on = models.DateField()
    span = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    done_on = models.DateField(null=True)
    closed_because = EncryptedTextField(_("where and how it was done"), max_length=600, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "kind", "pk"]
        indexes = [
            models.Index(
                fields=["partnership", "due_on"],
                condition=Q(done_on=None),
                name="deadlines_that_are_open",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "about"], name="one_deadline_for_each_thing"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, closed_because="")
                | Q(closed_at__isnull=False, closed_by__isnull=False, done_on__isnull=False)
                & ~Q(closed_because=""),
                name="what_was_done_outside_says_who_says_so_and_why",
                violation_error_message=_("Write where and how it was done."),
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    # -- Keeping in step with the facts ------------------------------------------------------

    @classmethod
    @transaction.atomic
    def plan(cls, *, youths=None, partnership=None) -> int:
        """Bring the table in step with the facts; how many rows that changed.

        Of these young people or of one partnership (ids), or of everybody. What is new is put in,
        what is open is planned anew, what was done gets its day, and an open one that no fact
        carries any more is taken out. The same number of statements however many there are.
        """
        of_facts, of_rows = {}, {}
        if youths is not None:
            of_facts["of_youth__in"] = of_rows["youth__in"] = list(youths)
        if partnership is not None:
            of_facts["of_partnership"] = of_rows["partnership"] = partnership
        facts, changed = {}, 0
        for kind, rule in RULES.items():
            rows = rule.facts().filter(**of_facts).order_by()
            carried = rows.filter(about=OuterRef("about"))
            gone = cls.objects.open().filter(~Exists(carried), kind=kind, **of_rows)
            changed += gone.delete()[0]
            found = cls._out_of_step(kind, rows)
            facts |= {(kind, fact["about"]): fact for fact in found.values(*FACT)}
        return changed + cls._follow_all(facts) if facts else changed

    @classmethod
    def sweep(cls) -> None:
        """Plan every partnership that is signed or still has something open, each by itself."""
        open_ones = cls.objects.open().filter(partnership=OuterRef("pk"))
        found = Partnership.objects.filter(Q(status=Status.SIGNED) | Exists(open_ones))
        for pk in found.order_by("pk").values_list("pk", flat=True):
            try:
                cls.plan(partnership=pk)
            except Exception:  # the next sweep tries again, and the others get their turn
                log.exception("The deadlines of partnership %s could not be planned.", pk)

    @classmethod
    def _out_of_step(cls, kind, rows):
        """The facts that have no deadline yet, or one that says something else."""
        mine = cls.objects.filter(kind=kind, about=OuterRef("about")).order_by()
        stands = {
            f"its_{name}": Subquery(mine.values(name)[:1])
            for name in ("pk", "base_on", "span", "done_on", "closed_at")
        }
        moved = Q(its_done_on=None) & (
            Q(done__isnull=False) | ~Q(its_base_on=F("base")) | ~Q(its_span=F("span"))
        )
        corrected = Q(its_done_on__isnull=False, done__isnull=False) & ~Q(its_done_on=F("done"))
        return rows.alias(**stands).filter(
            Q(its_pk=None) | Q(its_closed_at=None) & (moved | corrected)
        )

    @classmethod
    def _follow_all(cls, facts) -> int:
        standing = (
            cls.objects.select_for_update(of=("self",), no_key=True)
            .filter(about__in={about for _kind, about in facts})
            .order_by("pk")
        )
        known = {(row.kind, row.about): row for row in standing}
        moved = [row._follow(facts[key]) for key, row in known.items() if key in facts]
        new = [
            cls(kind=kind, about=about)._follow(fact)
            for (kind, about), fact in facts.items()
            if (kind, about) not in known
        ]
        cls.objects.bulk_create(new, ignore_conflicts=True)
        cls.objects.bulk_update(moved, PLANNED)
        return len(new) + len(moved)

    def _follow(self, fact) -> "Deadline":
        """Take over what the facts say; of what is done, no more than the day on which it was."""
        if self.done_on is None:
            due_on = self.rule.due_on(fact["base"], fact["span"])
            if self.due_on != due_on:
                self.escalated_at = None
            self.youth_id, self.partnership_id = fact["of_youth"], fact["of_partnership"]
            self.base_on, self.span, self.due_on = fact["base"], fact["span"], due_on
        if not self.closed_at:
            self.done_on = fact["done"] or self.done_on
        return self

    # -- What people do with it --------------------------------------------------------------

    def side_of(self, user) -> str:
        """As which of those who owe it the person acts, or ""."""
        own = self.youth_id and is_own(user, self.youth)
        mine = {YOUNG} if own else roles(user)
        return next((side for side in self.rule.owed_by if side in mine), "")

    @transaction.atomic
    def close(self, *, by, because: str, on: date) -> None:
        """It was done outside on a day; the same said twice is said once.

        Raises DeadlineRefused where that is impossible, without words, for a day ahead, and once
        it is done.
        """
        locked = self._lock()
        if not self.rule.closable:
            raise DeadlineRefused(_("This is done in the system, so that it counts."))
        if not because.strip():
            raise DeadlineRefused(_("Write where and how it was done."))
        if on > timezone.localdate():
            raise DeadlineRefused(_("That day has not come yet."))
        said = (locked.closed_by_id, locked.closed_because, locked.done_on)
        if said == (by.pk, because, on):
            return
        if locked.done_on:
            raise DeadlineRefused(_("It has been done meanwhile."))
        locked.done_on, locked.closed_because, locked.closed_by = on, because, by
        locked.closed_at = timezone.now()
        locked.save(update_fields=["done_on", "closed_because", "closed_by", "closed_at"])
        self.refresh_from_db()

    @transaction.atomic
    def reopen(self, *, by) -> None:
        """It was not done outside after all: it is open again, by the facts of today.

        Raises DeadlineRefused for what was not closed that way.
        """
        locked = self._lock()
        if locked.closed_at is None:
            raise DeadlineRefused(_("Only what was done outside can be opened again."))
        locked.done_on = locked.closed_by = locked.closed_at = None
        locked.closed_because = ""
        locked.save(update_fields=["done_on", "closed_because", "closed_by", "closed_at"])
        Deadline.plan(partnership=self.partnership_id)

    def _lock(self) -> "Deadline":
        rows = Deadline.objects.select_for_update(of=("self",), no_key=True)
        return rows.get(pk=self.pk)

    @classmethod
    def escalate(cls) -> None:
        """Tell those who lead a team of what has been late for as long as the programme allows.

        Where nobody leads the side that owes it, everybody on that side is told. Once for a day on
        which it was due: a deadline that is moved and passes again is told of again.
        """
        team = [kind for kind, rule in RULES.items() if set(rule.owed_by) & set(TEAM)]
        rows = cls.objects.late().filter(escalated_at=None, kind__in=team)
        days = "partnership__programme__escalation_days"
        for number in rows.order_by().values_list(days, flat=True).distinct():
            late = rows.filter(due_on__lte=days_ago(number), **{days: number})
            for pk in late.values_list("pk", flat=True):
                cls._escalate(pk)

    @classmethod
    @transaction.atomic
    def _escalate(cls, pk) -> None:
        rows = cls.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        row = rows.late().filter(pk=pk, escalated_at=None).select_related("youth").first()
        if row is None:
            return
        row.escalated_at = timezone.now()
        row.save(update_fields=["escalated_at"])
        for side in set(row.rule.owed_by) & set(TEAM):
            team = Membership.objects.active().filter(partnership=row.partnership_id, role=side)
            leaders = set(team.filter(leads_team=True).values_list("user", flat=True))
            Notice.tell(
                people=leaders or set(team.values_list("user", flat=True)),
                youth=row.youth,
                kind=Notice.Kind.ESCALATED,
                about=f"{row.pk}:{row.due_on}",
                path=reverse("youths:deadlines") + "?show=escalated",
            )

    # -- On a page ---------------------------------------------------------------------------

    @property
    def rule(self) -> Rule:
        return RULES[self.kind]

    @property
    def what(self) -> str:
        return self.rule.what % {"document": self.partnership.programme.handover_document}

    @property
    def plain(self) -> str:
        return self.rule.plain % {"document": self.partnership.programme.handover_document}

    @property
    def counted(self) -> str:
        """How the day is counted, in words."""
        if not self.span:
            words = gettext("It runs to %(day)s.")
        elif self.rule.unit == Unit.WORKING_DAYS:
            words = gettext("%(n)s working days after %(day)s.")
        elif self.rule.unit == Unit.DAYS:
            words = gettext("%(n)s days after %(day)s.")
        else:
            words = gettext("%(n)s months before %(day)s.")
        return words % {"n": self.span, "day": date_format(self.base_on)}

    @property
    def url(self) -> str:
        return self.rule.page(self)

    @property
    def is_late(self) -> bool:
        return self.done_on is None and self.due_on < timezone.localdate()

    @property
    def is_soon(self) -> bool:
        return self.done_on is None and not self.is_late and self.days_left <= SOON.days

    @property
    def days_left(self) -> int:
        return (self.due_on - timezone.localdate()).days

    @property
    def days_late(self) -> int:
        return max(-self.days_left, 0)

    @property
    def was_in_time(self) -> bool:
        return self.done_on is not None and self.done_on <= self.due_on

    @property
    def owners(self) -> list[str]:
        """Who owes it, by name."""
        names = {
            Role.SCHOOL: self.partnership.school.name,
            Role.CASEWORKER: self.partnership.municipality.name,
            YOUNG: self.youth.first_name if self.youth else "",
        }
        return [names[side] for side in self.rule.owed_by]


# -- The kinds that are of no room above -----------------------------------------------------------


def followed():
    """The young people whose deadlines are kept: in the course, in a signed partnership."""
    return Youth.objects.active().filter(partnership__status=Status.SIGNED)


def key(name: str) -> Cast:
    return Cast(name, CharField())


def _consents():
    """Each yes that has an end; what was taken back is nobody's to ask about again."""
    rows = Consent.objects.filter(
        youth__in=followed(),
        organisation=F("youth__partnership__municipality"),
        is_yes=True,
        expires_on__isnull=False,
        withdrawn_at=None,
    )
    return rows.annotate(
        about=key("pk"),
        of_youth=F("youth_id"),
        of_partnership=F("youth__partnership_id"),
        base=F("expires_on"),
        span=Value(0, IntegerField()),
        done=TruncDate("replaced_at"),
    )


def _agreements():
    """Each signed agreement; done once the same two have signed the next one."""
    after = Partnership.objects.filter(
        programme=OuterRef("programme"),
        school=OuterRef("school"),
        municipality=OuterRef("municipality"),
        starts_on__gt=OuterRef("ends_on"),
        status=Status.SIGNED,
    )
    signed = TruncDate(Greatest("school_signed_at", "municipality_signed_at"))
    return Partnership.objects.filter(status=Status.SIGNED).annotate(
        about=key("pk"),
        of_youth=Value(None, UUIDField()),
        of_partnership=F("pk"),
        base=F("ends_on"),
        span=F("programme__agreement_months"),
        done=Subquery(after.order_by("starts_on").values(on=signed)[:1]),
    )


RULES["consent"] = Rule(
    what=_("Ask again about a consent that runs out"),
    plain=_("Say yes or no again: your yes runs out"),
    owed_by=(Role.SCHOOL,),
    codename="view_sharing",
    unit=Unit.DAYS,
    before=True,
    facts=_consents,
    page=lambda row: reverse("youths:sharing", args=[row.youth_id]),
    closable=True,
)
RULES["agreement"] = Rule(
    what=_("Agree on what follows the agreement"),
    plain=_("Agree on what follows the agreement"),
    owed_by=TEAM,
    codename="view_agreement",
    unit=Unit.MONTHS,
    before=True,
    facts=_agreements,
    page=lambda row: reverse("partnership", args=[row.partnership_id]),
    closable=True,
)
