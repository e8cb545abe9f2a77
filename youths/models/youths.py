"""The young person: who, where in the course, and in whose words."""

import uuid

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F, Func, Q, Value
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.access import (
    EMERGENCY_GRANTS,
    YOUTH_GRANTS,
    Condition,
    conditions,
    memberships,
    partnership_ids,
)
from partnerships.models import DANISH, OutcomeClass, Partnership, Phase, User
from youths.access import codenames_for, held_in_emergencies

# STU is offered until 25 and lasts three years; the bounds leave room on both sides and catch
# the slip of a century.
YOUNGEST, OLDEST = 15, 30


def age_on(born, day) -> int:
    """Whole years from a birth date to a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def check_age(born):
    """Raise ValidationError unless somebody born that day is 15 to 30 years old today."""
    age = age_on(born, timezone.localdate())
    if not YOUNGEST <= age <= OLDEST:
        raise ValidationError(
            _("The young person must be between %(low)s and %(high)s years old. Check the year.")
            % {"low": YOUNGEST, "high": OLDEST}
        )


class AccountRefused(Exception):
    """A sign-in that cannot be given."""


class StuEndRefused(Exception):
    """A day on which STU cannot end."""


class YouthQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_identity"):
        """Youths whose section behind the codename the person may see or write.

        An administrator in an emergency by the opening; a professional by the partnership; the
        young person by the own account.
        """
        if codename in EMERGENCY_GRANTS and (opened := held_in_emergencies(user)):
            return self.filter(pk__in=[pk for pk, held in opened.items() if codename in held])
        if getattr(user, "own_youth_id", None) and codename in YOUTH_GRANTS:
            return self.filter(pk=user.own_youth_id)
        if memberships(user):
            return self.filter(partnership_id__in=partnership_ids(user, codename))
        if user.is_active and codename in YOUTH_GRANTS:
            return self.filter(account_id=user.pk)
        return self.none()

    def get_for(self, user, pk, codename="view_identity") -> "Youth":
        """One youth for a page, with its partnership's parties.

        Raises Http404 for somebody else's youth, and for what begins once the school has
        accepted when it hasn't; PermissionDenied for one's own but not for this.
        """
        parties = self.select_related(
            "partnership__school",
            "partnership__municipality",
            "partnership__programme",
            "phase",
            "outcome",
        )
        youth = get_object_or_404(parties.visible_to(user), pk=pk)
        if codename not in codenames_for(user, youth):
            raise PermissionDenied
        section = codename.partition("_")[2]
        if Condition.REFERRED in conditions(user, section) and youth.enrolled_on is None:
            raise Http404
        return youth

    def referred(self):
        """Those whom a school has accepted, dropouts included: the denominator of every count."""
        return self.filter(enrolled_on__isnull=False)

    def active(self):
        """Referred, and still in the course."""
        return self.referred().filter(left_on=None)

    def resting_on(self, person):
        """Whose contact the person is, or is to become, while nobody else is named."""
        asked = Q(contact_changes__passed_at=None, contact_changes__withdrawn_at=None)
        asked &= Q(contact_changes__isnull=False)
        theirs = self.filter(contacts__person=person.pk, contacts__ended_at=None)
        to_them = self.filter(asked, contact_changes__to_person=person.pk)
        followed = self.filter(asked)
        return self.active().filter(
            Q(pk__in=to_them.values("pk"))
            | Q(pk__in=theirs.values("pk")) & ~Q(pk__in=followed.values("pk"))
        )


class Youth(models.Model):
    """A young person. Sensitive sections are tables of their own, never columns here."""

    class LeftBecause(models.TextChoices):
        MOVED = "moved", _("Moved away")
        HEALTH = "health", _("Health")
        OWN_CHOICE = "own_choice", _("Own choice")
        OTHER_OFFER = "other_offer", _("Another offer")
        COMPLETED = "completed", _("Completed the course")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(_("code"), max_length=14, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120, db_collation=DANISH)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    birth_date = models.DateField(_("birth date"), validators=[check_age])
    stu_ends_on = models.DateField(_("STU ends"))
    account = models.OneToOneField(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="youth"
    )
    # Empty when a referral was declined or withdrawn: then nobody sees the youth here.
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, null=True, related_name="youths"
    )
    enrolled_on = models.DateField(_("accepted"), null=True, editable=False)
    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, null=True, blank=True)
    outcome = models.ForeignKey(OutcomeClass, on_delete=models.PROTECT, null=True, blank=True)
    outcome_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    left_because = models.CharField(max_length=20, choices=LeftBecause, blank=True)

    objects = YouthQuerySet.as_manager()

    class Meta:
        verbose_name = _("youth")
        verbose_name_plural = _("youths")
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["partnership", "name", "id"], name="youths_of_a_team_by_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(enrolled_on=None) | Q(partnership__isnull=False),
                name="an_accepted_youth_has_a_partnership",
            ),
            models.CheckConstraint(
                condition=Q(stu_ends_on__gt=F("birth_date")),
                name="stu_ends_after_birth",
                violation_error_message=_("STU cannot end before the birth date."),
            ),
            models.CheckConstraint(
                condition=(Q(left_on=None) & Q(left_because=""))
                | (Q(left_on__isnull=False) & ~Q(left_because="")),
                name="who_left_did_so_for_a_reason",
                violation_error_message=_("Say when and why the young person left, or neither."),
            ),
        ]

    def __str__(self):
        return self.code

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def age(self) -> int:
        return age_on(self.birth_date, timezone.localdate())

    @transaction.atomic
    def move_stu_end(self, *, by, on) -> None:
        """STU ends on another day; what is counted back from it and still open moves along.

        Raises StuEndRefused before the birth date.
        """
        locked = Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=self.pk)
        if on <= locked.birth_date:
            raise StuEndRefused(_("STU cannot end before the birth date."))
        self.stu_ends_on = locked.stu_ends_on = on
        locked.save(update_fields=["stu_ends_on"])
        apps.get_model("youths.Deadline").plan(youths=[self.pk])

    @transaction.atomic
    def give_account(self, *, by, email: str) -> User:
        """Give the young person a sign-in; they choose the password themself, by mail.

        One that no mail reaches gets another address. Raises AccountRefused when there is one
        whose address works, or the address is somebody else's.
        """
        locked = Youth.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.account_id is not None and not locked.account.is_out_of_reach:
            raise AccountRefused(_("The young person has a sign-in already."))
        if User.objects.filter(email=email.lower()).exists():
            raise AccountRefused(_("Somebody with this e-mail address is here already."))
        if locked.account_id is not None:
            locked.account.email = email.lower()
            locked.account.save(update_fields=["email"])
            return locked.account
        self.account = locked.account = User.objects.create_user(email, name=locked.name)
        locked.save(update_fields=["account"])
        return self.account


class NextCode(Func):
    """The next number of the sequence of codes, never given twice."""

    function = "nextval"
    output_field = models.BigIntegerField()

    def __init__(self):
        super().__init__(Value("youth_code"))


def next_code(prefix: str) -> str:
    """A public code such as VVR-0017, from a sequence, so that no two referrals share one."""
    number = Partnership.objects.values_list(NextCode())[:1].get()[0]
    return f"{prefix}-{number:04}"


class OwnWordsQuerySet(models.QuerySet):
    def visible_to(self, user, codename="view_words"):
        return self.filter(youth__in=Youth.objects.visible_to(user, codename))


class OwnWords(models.Model):
    """Something the young person said, in those words; shown on top of every page."""

    class Kind(models.TextChoices):
        WORDS = "words", _("In own words")
        DIRECTION = "direction", _("Direction")
        WISHES = "wishes", _("Would like to try")

    class How(models.TextChoices):
        WROTE = "wrote", _("Wrote it")
        SAID = "said", _("Said it, taken down word for word")
        TOGETHER = "together", _("Wrote it while sitting together")

    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="words")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.WORDS)
    text = models.TextField(_("in own words"), max_length=600)
    how = models.CharField(_("how it was given"), max_length=8, choices=How)
    taken_down_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="words_taken_down"
    )
    said_at = models.DateTimeField(default=timezone.now)

    objects = OwnWordsQuerySet.as_manager()

    class Meta:
        ordering = ["-said_at", "-pk"]
        indexes = [models.Index(fields=["youth", "kind", "-said_at"], name="newest_words_first")]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="words_are_not_empty"),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"
