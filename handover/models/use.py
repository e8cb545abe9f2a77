"""What became of a part at the receiver's: opened, used, and checked again after a change.

Openings speak of the document and never of a person: who has read stands in the read log, for
other purposes.
"""

import uuid

from django.db import models, transaction
from django.db.models import Exists, ExpressionWrapper, F, Func, OuterRef, Q
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.models.knowledge import PartnershipKnowledge
from handover.models.texts import HandoverRefused
from partnerships.access import Section
from partnerships.models import Organisation, User
from youths.models import Goal, Placement

# What a part is used for, and the section that the words of it are of.
TARGETS = {
    "placement": Section.COURSE,
    "goal": Section.COURSE,
    "agreement": Section.COURSE,
    "accommodation": Section.JOB_PROFILE,
}


class PartOpening(models.Model):
    """That a part, as it was sent, was on the receiving side's screen for the first time."""

    sent_part = models.OneToOneField(
        "handover.SentPart", on_delete=models.PROTECT, primary_key=True, related_name="opening"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    first_opened_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return str(self.pk)

    @classmethod
    @transaction.atomic
    def note(cls, sent_parts, youth) -> None:
        """Note those that are new to the receiving side of this youth; the others stay as they are.

        In one order for all, so that two screens do not wait for each other.
        """
        wanted = {part.pk for part in sent_parts}
        new = wanted - set(cls.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        if not new:
            return
        organisation = youth.partnership.municipality_id
        cls.objects.bulk_create(
            [cls(sent_part_id=pk, organisation_id=organisation) for pk in sorted(new)],
            ignore_conflicts=True,
        )
        PartnershipKnowledge.mark_stale(youth.partnership_id)


class PartUseQuerySet(models.QuerySet):
    def with_flag(self):
        """Each with `check_again`: the part has changed, and nobody has looked since."""
        checked = PartCheck.objects.filter(sent_part=OuterRef("sent_part"))
        return self.annotate(
            check_again=ExpressionWrapper(
                Q(sent_part__last_version__isnull=False) & ~Exists(checked),
                output_field=models.BooleanField(),
            )
        )

    def with_target(self):
        """Each with the part, and with what it says of its target."""
        return self.select_related(
            "sent_part__profile", "placement__employer", "goal", "agreement", "accommodation"
        )


class PartUse(models.Model):
    """What a part is used for: a link from where it is put to use, to the text it rests on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sent_part = models.ForeignKey(
        "handover.SentPart", on_delete=models.PROTECT, related_name="uses"
    )
    placement = models.ForeignKey(
        Placement, on_delete=models.PROTECT, null=True, related_name="part_uses"
    )
    # These are found by the indexes of their own constraints.
    goal = models.ForeignKey(
        Goal, on_delete=models.PROTECT, null=True, db_index=False, related_name="part_uses"
    )
    agreement = models.ForeignKey(
        "handover.MeetingAgreement",
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="part_uses",
    )
    accommodation = models.ForeignKey(
        "handover.Accommodation",
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="part_uses",
    )
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = PartUseQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Exact(
                    Func(
                        *map(F, TARGETS),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="a_use_has_exactly_one_target",
            ),
            models.UniqueConstraint(
                fields=["sent_part", "placement"], name="a_part_is_used_once_in_a_placement"
            ),
            models.UniqueConstraint(
                fields=["goal", "sent_part"],
                condition=Q(goal__isnull=False),
                name="a_part_is_used_once_for_a_goal",
            ),
            models.UniqueConstraint(
                fields=["agreement", "sent_part"],
                condition=Q(agreement__isnull=False),
                name="a_part_is_used_once_for_an_agreement",
            ),
            models.UniqueConstraint(
                fields=["accommodation", "sent_part"],
                condition=Q(accommodation__isnull=False),
                name="a_part_is_used_once_for_an_accommodation",
            ),
        ]

    def __str__(self):
        return str(self.pk)

    @property
    def kind(self) -> str:
        """Which of TARGETS it is."""
        return next(name for name in TARGETS if getattr(self, f"{name}_id"))

    @property
    def target(self) -> str:
        """What the part is used for, in a few words."""
        match self.kind:
            case "placement":
                return self.placement.employer.name
            case "goal":
                return self.goal.words
            case "agreement":
                return self.agreement.what
        return self.accommodation.text

    @property
    def url(self) -> str:
        """Where what the part is used for is written, and what it rests on."""
        match self.kind:
            case "placement":
                return reverse("placement", args=[self.placement_id]) + "#parts-used"
            case "goal":
                return reverse("youths:goal", args=[self.goal_id]) + "#parts-used"
        youth_id = self.sent_part.profile.youth_id
        if self.kind == "agreement":
            return reverse("handover:received", args=[youth_id]) + f"#agreement-{self.agreement_id}"
        page = reverse("handover:accommodations", args=[youth_id])
        return f"{page}#accommodation-{self.accommodation_id}"

    @classmethod
    @transaction.atomic
    def make(cls, *, by, sent_part, **target) -> "PartUse":
        """Link a part from one of TARGETS, of the same young person; twice is once.

        A link that rests on an earlier version of the part moves to this one. Raises NotDisclosed
        when the part is held back, HandoverRefused when a newer version has replaced it.
        """
        youth, _profile = sent_part.hold()
        if sent_part.last_version is not None:
            raise HandoverRefused(_("The school has sent a newer version of this part. Read it."))
        (thing,) = target.values()
        if thing.youth_id != youth.pk:
            raise HandoverRefused(_("This is another young person's."))
        earlier = cls.objects.filter(sent_part__part=sent_part.part_id, **target).first()
        if earlier is None:
            earlier = cls(**target, made_by=by)
        if earlier.sent_part_id != sent_part.pk:
            earlier.sent_part = sent_part
            earlier.save()
            PartnershipKnowledge.mark_stale(youth.partnership_id)
        return earlier

    @transaction.atomic
    def undo(self, *, by) -> None:
        """Take the link away; taking it away twice is once."""
        PartUse.objects.filter(pk=self.pk).delete()
        PartnershipKnowledge.mark_stale(self.sent_part.profile.youth.partnership_id)


class PartCheck(models.Model):
    """That the receiving side has looked again at what it built on a part that has changed since.

    Of the copy that no longer stands: what rests on it is flagged until there is such a row.
    """

    sent_part = models.OneToOneField(
        "handover.SentPart", on_delete=models.PROTECT, primary_key=True, related_name="check_made"
    )
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return str(self.pk)

    @classmethod
    @transaction.atomic
    def check_again(cls, *, by, sent_part, version: int) -> None:
        """It still holds: what was built on earlier copies of the part rests on the standing one.

        `version` is the version of the profile that was read. Raises NotDisclosed when the part is
        held back, HandoverRefused when it has changed once more since. What somebody else has
        checked already stays as it is.
        """
        youth, _profile = sent_part.hold()
        copies = list(sent_part.part.sent.all())
        if any(c.first_version > version or (c.last_version or -1) >= version for c in copies):
            raise HandoverRefused(_("The school has changed this part once more. Read it."))
        if not sent_part.part.sent.to_check().exists():
            return
        gone = [copy.pk for copy in copies if copy.last_version is not None]
        cls.objects.bulk_create(
            [cls(sent_part_id=pk, checked_by=by) for pk in sorted(gone)], ignore_conflicts=True
        )
        standing = next((copy for copy in copies if copy.last_version is None), None)
        if standing:
            PartUse.objects.filter(sent_part__in=gone).update(sent_part=standing)
            if not standing.answers.exists():
                standing.answer(by=by, kind="understood")
        PartnershipKnowledge.mark_stale(youth.partnership_id)
