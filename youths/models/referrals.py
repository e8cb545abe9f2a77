"""Referral: the municipality proposes a young person for a place, the school answers."""

import uuid

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.access import EMERGENCY_GRANTS, Role, memberships, partnership_ids
from partnerships.models import Partnership, User
from partnerships.working_days import days_ago
from youths.access import opened_by
from youths.models.contacts import Contact
from youths.models.course import PhaseEntry
from youths.models.youths import Youth, next_code


class ReferralRefused(Exception):
    """A step that the referral's or the partnership's state does not allow."""


class PartnershipFull(ReferralRefused):
    """Every place is taken or waits for an answer."""


class NotSigned(ReferralRefused):
    """Only a signed partnership takes referrals."""


class ReferredAlready(ReferralRefused):
    """This young person has a place in the partnership, or waits for one."""


class ReferralQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_referral"):
        """Those of the person's partnerships; a school no longer sees what it declined.

        In an emergency, the one that brought the young person where they are now.
        """
        if codename in EMERGENCY_GRANTS and (opened := opened_by(user)):
            return self.filter(youth__in=list(opened), partnership=F("youth__partnership"))
        as_school = {m.partnership_id for m in memberships(user) if m.role == Role.SCHOOL}
        return self.filter(partnership_id__in=partnership_ids(user, codename)).exclude(
            ~Q(status__in=Referral.HOLDS_A_PLACE), partnership_id__in=as_school
        )

    def open(self):
        """Waiting for somebody: the school (proposed) or the municipality (returned)."""
        return self.filter(status__in=(Referral.Status.PROPOSED, Referral.Status.RETURNED))

    def late(self, programme):
        """Waiting for the school for more working days than the programme gives it."""
        last = days_ago(programme.referral_answer_days + 1)
        return self.filter(status=Referral.Status.PROPOSED, proposed_at__date__lte=last)

    def holding_a_place(self):
        return self.filter(status__in=Referral.HOLDS_A_PLACE)


def free_places(partnership) -> int:
    """How many more can be referred there now."""
    return max(0, partnership.places - partnership.referrals.holding_a_place().count())


class Referral(models.Model):
    """Proposed, then accepted, returned for completion, declined with a reason, or withdrawn."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Awaits the school's answer")
        RETURNED = "returned", _("Returned for completion")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    # Accepted ones have their place, open ones keep one reserved.
    HOLDS_A_PLACE = (Status.PROPOSED, Status.RETURNED, Status.ACCEPTED)

    class DeclinedBecause(models.TextChoices):
        NOT_THE_OFFER = "not_the_offer", _("The offer does not fit the young person")
        NOT_NOW = "not_now", _("Not the right time")
        NO_CAPACITY = "no_capacity", _("We cannot give the support that is needed")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="referrals")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="referrals")
    status = models.CharField(max_length=12, choices=Status, default=Status.PROPOSED)
    reason = models.TextField(_("why this course, in a few words"), max_length=2000)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    declined_because = models.CharField(
        _("reason"), max_length=20, choices=DeclinedBecause, blank=True
    )
    answer = models.TextField(_("message"), max_length=2000, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["proposed_at", "pk"]
        indexes = [models.Index(fields=["partnership", "status"], name="referrals_by_status")]
        constraints = [
            models.UniqueConstraint(
                fields=["youth"],
                condition=Q(status__in=["proposed", "returned", "accepted"]),
                name="one_place_per_youth",
                violation_error_message=_("This young person has a place already."),
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(declined_because=""),
                name="declining_gives_a_reason",
                violation_error_message=_("Say why the referral is declined."),
            ),
            models.CheckConstraint(
                condition=Q(status="proposed") | Q(decided_at__isnull=False),
                name="a_decision_has_its_time",
            ),
        ]

    def __str__(self):
        return f"{self.status} {self.pk}"

    @classmethod
    @transaction.atomic
    def propose(cls, *, by, partnership, reason, **person) -> "Referral":
        """Refer a young person into a partnership; `person` are fields of Youth.

        The partnership's row is locked while places are counted, so that of two who arrive at
        the same moment for the last place one is refused. Raises NotSigned, ReferredAlready or
        PartnershipFull.
        """
        partnership = cls.signed(partnership)
        cls._refuse_a_second_place(partnership, person)
        youth = Youth(
            code=next_code(partnership.programme.code_prefix), partnership=partnership, **person
        )
        youth.full_clean(exclude=["code"])
        youth.save(force_insert=True)
        return cls.objects.create(
            youth=youth, partnership=partnership, reason=reason, proposed_by=by
        )

    @staticmethod
    def signed(partnership) -> Partnership:
        """The partnership, locked until the transaction ends. Raises NotSigned."""
        locked = (
            Partnership.objects.select_for_update(of=("self",))
            .select_related("programme")
            .get(pk=partnership.pk)
        )
        if not locked.is_signed:
            raise NotSigned(_("The agreement is not signed by both yet. Then you can refer."))
        return locked

    @classmethod
    def _refuse_a_second_place(cls, partnership, person) -> None:
        """Neither the same young person twice, a form sent twice, nor one more than places."""
        taken = cls.objects.filter(partnership=partnership).holding_a_place()
        same = {"youth__name__iexact": person["name"], "youth__birth_date": person["birth_date"]}
        if taken.filter(**same).exists():
            raise ReferredAlready(
                _("A young person of this name, born that day, has a place here already.")
            )
        if taken.count() >= partnership.places:
            raise PartnershipFull(
                _("All %(places)s places are taken or reserved. Nobody was referred.")
                % {"places": partnership.places}
            )

    def _decide(self, *, by, wanted: tuple, status: str, **fields) -> None:
        locked = Referral.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.status not in wanted:
            raise ReferralRefused(
                _("The referral has been answered meanwhile: %(status)s.")
                % {"status": locked.get_status_display().lower()}
            )
        for name, value in fields.items():
            setattr(self, name, value)
        self.status, self.decided_by, self.decided_at = status, by, timezone.now()
        self.save()

    @transaction.atomic
    def accept(self, *, by) -> None:
        """The school takes the young person; from now on the case is open to both.

        Who accepts is the contact, until somebody else is.
        """
        self._decide(by=by, wanted=(self.Status.PROPOSED,), status=self.Status.ACCEPTED)
        first_phase, today = self.partnership.programme.phases.first(), timezone.localdate()
        Youth.objects.filter(pk=self.youth_id).update(enrolled_on=today, phase=first_phase)
        if first_phase:
            PhaseEntry.objects.create(
                youth_id=self.youth_id, phase=first_phase, began_on=today, noted_by=by
            )
        Contact.objects.create(youth_id=self.youth_id, person=by)

    @transaction.atomic
    def return_for_completion(self, *, by, answer: str) -> None:
        """The school asks for what is missing; the place stays reserved."""
        self._decide(
            by=by, wanted=(self.Status.PROPOSED,), status=self.Status.RETURNED, answer=answer
        )

    @transaction.atomic
    def resubmit(self, *, by, reason: str) -> None:
        """The municipality sends a returned referral again, completed."""
        self._decide(
            by=by, wanted=(self.Status.RETURNED,), status=self.Status.PROPOSED, reason=reason
        )

    @transaction.atomic
    def decline(self, *, by, declined_because: str, answer: str) -> None:
        """The school says no, with a reason; the place is free and the school's access ends."""
        self._decide(
            by=by,
            wanted=(self.Status.PROPOSED,),
            status=self.Status.DECLINED,
            declined_because=declined_because,
            answer=answer,
        )
        Youth.objects.filter(pk=self.youth_id).update(partnership=None)

    @transaction.atomic
    def withdraw(self, *, by) -> None:
        """The municipality takes a referral back while it is open."""
        self._decide(
            by=by,
            wanted=(self.Status.PROPOSED, self.Status.RETURNED),
            status=self.Status.WITHDRAWN,
        )
        Youth.objects.filter(pk=self.youth_id).update(partnership=None)
