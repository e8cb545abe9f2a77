"""The young person's answer: whether one organisation may read one section, and what for.

Rows are kept as they were: an answer that ends gets a time of its end, and a trigger refuses
every other change. Source: docs/adr/0011.
"""

from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from partnerships.access import NEEDS_CONSENT, Section
from partnerships.models import Organisation, User
from youths.models.youths import Youth

SOON = timedelta(days=30)  # before the end, when it is time to ask again


class Purpose(models.TextChoices):
    COURSE = "course", _("to plan the course together")


class ConsentRefused(Exception):
    """A step that the consent's state does not allow."""


class TextChanged(ConsentRefused):
    """A newer text is in use than the one that was read."""


class ConsentTextQuerySet(models.QuerySet):
    def usable(self, purpose=Purpose.COURSE):
        """The texts in use today or before, the newest first."""
        rows = self.filter(purpose=purpose, in_use_from__lte=timezone.localdate())
        return rows.order_by("-number")

    def in_use(self, purpose=Purpose.COURSE) -> "ConsentText":
        return self.usable(purpose)[:1].get()


class ConsentText(models.Model):
    """What somebody says yes to, in plain words. Never changed: a new wording is a new row."""

    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose, default=Purpose.COURSE)
    number = models.PositiveSmallIntegerField(_("version"), editable=False)
    text_da = models.TextField(_("text in Danish"), max_length=2000)
    text_en = models.TextField(_("text in English"), max_length=2000)
    in_use_from = models.DateField(_("in use from"), default=timezone.localdate)

    objects = ConsentTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("text of consent")
        verbose_name_plural = _("texts of consent")
        ordering = ["purpose", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "number"],
                name="one_text_for_each_version",
                violation_error_message=_("This version is there already."),
            ),
        ]

    def __str__(self):
        return f"{self.get_purpose_display()}, {self.number}"

    @property
    def words(self) -> str:
        """The text in the language of the page."""
        return self.text_da if (get_language() or "").startswith("da") else self.text_en


class ConsentQuerySet(models.QuerySet):
    def standing(self):
        """The last answer of each kind, yes or no, unless the yes was taken back."""
        return self.filter(withdrawn_at=None, replaced_at=None)

    def in_force(self):
        """A yes that was not taken back and has not run out."""
        today = timezone.localdate()
        return self.standing().filter(Q(expires_on=None) | Q(expires_on__gte=today), is_yes=True)

    def ending_soon(self):
        """In force for another thirty days at most."""
        return self.in_force().filter(expires_on__lte=timezone.localdate() + SOON)


class Consent(models.Model):
    """A yes or a no to one organisation reading one section for one purpose."""

    class How(models.TextChoices):
        SCREEN = "screen", _("On screen, by the young person")
        PAPER = "paper", _("On paper")
        ORAL = "oral", _("Said, and noted")
        GUARDIAN = "guardian", _("By a guardian")

    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="consents")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.COURSE)
    section = models.CharField(max_length=20, choices=Section)
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+")
    is_yes = models.BooleanField(default=True)
    how = models.CharField(_("how it was given"), max_length=12, choices=How, default=How.SCREEN)
    note = models.CharField(_("where the paper is, or who was there"), max_length=300, blank=True)
    given_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    # Empty only on those from before consents had an end.
    expires_on = models.DateField(_("last day"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    replaced_at = models.DateTimeField(null=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["youth", "organisation", "purpose", "section"],
                condition=Q(withdrawn_at=None, replaced_at=None),
                name="one_standing_answer_per_section_recipient_and_purpose",
                violation_error_message=_("This consent is in force already."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, is_yes=True),
                name="only_a_yes_is_taken_back_and_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(how="screen") | ~Q(note=""),
                name="a_consent_not_on_screen_says_where_it_is",
                violation_error_message=_("Write where the paper is, or who was there."),
            ),
        ]

    def __str__(self):
        return f"{self.section} {self.pk}"

    @property
    def is_in_force(self) -> bool:
        ended = self.withdrawn_at or self.replaced_at or not self.is_yes
        return not ended and (self.expires_on is None or self.expires_on >= timezone.localdate())

    @property
    def ends_soon(self) -> bool:
        soon = timezone.localdate() + SOON
        return self.is_in_force and self.expires_on is not None and self.expires_on <= soon

    @classmethod
    def longest(cls, youth, given_on):
        """The last day that a consent given on a day can have."""
        return given_on + relativedelta(months=youth.partnership.programme.consent_months)

    @classmethod
    @transaction.atomic
    def give(
        cls,
        *,
        by,
        youth,
        section,
        how=How.SCREEN,
        text=None,
        note="",
        given_on=None,
        expires_on=None,
        purpose=Purpose.COURSE,
    ) -> "Consent":
        """A yes to the municipality of the own partnership; the same said twice is said once.

        Close to the end of one in force, or after it, a new one takes its place. Raises
        ConsentRefused with what stands against it, TextChanged when a newer text is in use.
        """
        cls._check(section)
        today = timezone.localdate()
        given_on = given_on or today
        longest = cls.longest(youth, given_on)
        expires_on = expires_on or longest
        if how != cls.How.SCREEN and not note.strip():
            raise ConsentRefused(_("Write where the paper is, or who was there."))
        if given_on > today:
            raise ConsentRefused(_("The day lies ahead. A consent is noted once it is given."))
        if expires_on < today:
            raise ConsentRefused(_("This consent has run out already. Ask again."))
        if expires_on > longest:
            months = youth.partnership.programme.consent_months
            raise ConsentRefused(
                _("A consent lasts at most %(months)s months.") % {"months": months}
            )
        standing, last_no = cls._before(youth, section, purpose)
        text = cls._text(text, how, purpose)
        # A paper of the same day may be older than the no, so that the no counts.
        if last_no and how != cls.How.SCREEN and given_on <= timezone.localdate(last_no):
            raise ConsentRefused(_("The young person has said no on that day or since. Ask again."))
        in_force = standing and standing.is_in_force
        if in_force and (not standing.ends_soon or expires_on <= standing.expires_on):
            if how == cls.How.SCREEN or (standing.how, standing.recorded_by) == (how, by):
                return standing
            raise ConsentRefused(_("A consent is in force already."))
        return cls._answer(
            standing,
            youth=youth,
            section=section,
            purpose=purpose,
            text=text,
            how=how,
            note=note,
            given_at=timezone.now() if given_on == today else _midnight(given_on),
            recorded_by=by,
            expires_on=expires_on,
        )

    @classmethod
    @transaction.atomic
    def say_no(cls, *, by, youth, section, text=None, purpose=Purpose.COURSE) -> None:
        """A no where nothing is in force; where it was no already, nothing changes.

        Raises ConsentRefused while a yes is in force: that is withdrawn.
        """
        cls._check(section)
        standing, last_no = cls._before(youth, section, purpose)
        if standing and standing.is_in_force:
            raise ConsentRefused(_("There is a yes. Take it back first."))
        if last_no is None or (standing and standing.is_yes):
            cls._answer(
                standing,
                youth=youth,
                section=section,
                purpose=purpose,
                text=cls._text(text, cls.How.SCREEN, purpose),
                is_yes=False,
                recorded_by=by,
            )

    @transaction.atomic
    def withdraw(self, *, by) -> None:
        """Stop the sharing with the next request.

        Raises ConsentRefused when there is no yes any more that could be taken back.
        """
        Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=self.youth_id)
        locked = Consent.objects.get(pk=self.pk)
        if locked.withdrawn_at:
            raise ConsentRefused(_("This consent was withdrawn already."))
        if locked.replaced_at or not locked.is_yes:
            raise ConsentRefused(_("A newer answer has taken the place of this one."))
        self.withdrawn_at = locked.withdrawn_at = timezone.now()
        self.withdrawn_by = locked.withdrawn_by = by
        locked.save(update_fields=["withdrawn_at", "withdrawn_by"])

    @staticmethod
    def _check(section) -> None:
        if section not in NEEDS_CONSENT:
            raise ConsentRefused(_("This section needs no consent."))

    @staticmethod
    def _text(text, how, purpose) -> ConsentText:
        """The text in use; on paper an older one may have been signed."""
        current = ConsentText.objects.in_use(purpose)
        if text and how == Consent.How.SCREEN and text != current:
            raise TextChanged(_("The text has changed meanwhile. Read it again."))
        return text or current

    @classmethod
    def _before(cls, youth, section, purpose):
        """Under the youth's lock: the answer that stands, and when it was last no."""
        Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth.pk)
        rows = list(
            youth.consents.filter(
                organisation=youth.partnership.municipality, section=section, purpose=purpose
            )
        )
        standing = next((row for row in rows if not row.withdrawn_at and not row.replaced_at), None)
        noes = [
            row.withdrawn_at or row.given_at for row in rows if row.withdrawn_at or not row.is_yes
        ]
        return standing, max(noes, default=None)

    @classmethod
    def _answer(cls, standing, *, youth, **fields) -> "Consent":
        """A new answer, in the place of the one that stands."""
        if standing:
            standing.replaced_at = timezone.now()
            standing.save(update_fields=["replaced_at"])
        return cls.objects.create(
            youth=youth, organisation=youth.partnership.municipality, **fields
        )


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
