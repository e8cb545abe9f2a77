"""What the job centre asks the school for: named sections, what for, and what became of it.

Source: the authority asks for named items (retssikkerhedsloven § 11 a). A request opens nothing:
what is shown is decided by consent alone.
"""

import uuid

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.access import ASKING, SECTIONS, WRITING
from handover.models.answers import SentPart
from handover.models.texts import HandoverRefused
from partnerships.access import Role, Section, roles
from partnerships.encryption import EncryptedTextField
from partnerships.models import User
from partnerships.waiting import Waiting
from youths.models import Youth


class AskedAlready(HandoverRefused):
    """One of the sections is asked for already, and has no answer yet."""


class SectionRequestQuerySet(models.QuerySet):
    def visible_to(self, user):
        """To the school, the municipality and the young person; asked before anything is sent."""
        return self.filter(youth__in=Youth.objects.visible_to(user, "view_sharing").referred())

    def with_sections(self):
        return self.select_related("asked_by").prefetch_related(
            models.Prefetch("sections", AskedSection.objects.select_related("settled_by"))
        )

    def waiting_on(self, user, youth=None) -> list[Waiting]:
        """Requests that the school has to answer; outcomes that who asked has not seen."""
        mine = roles(user)
        rows = self.select_related("youth__partnership__municipality", "youth__partnership__school")
        if youth is not None:
            rows = rows.filter(youth=youth)
        if Role.SCHOOL in mine:
            is_open = AskedSection.objects.filter(request=OuterRef("pk")).open()
            youths = Youth.objects.visible_to(user, WRITING).active()
            found = rows.filter(Exists(is_open), youth__in=youths)
            return [one.as_waiting(for_school=True) for one in found]
        if Role.CASEWORKER in mine:
            youths = Youth.objects.visible_to(user, ASKING).active()
            news = AskedSection.objects.filter(request=OuterRef("pk")).outcomes()
            found = rows.filter(Exists(news), asked_by=user.pk, youth__in=youths)
            return [one.as_waiting(for_school=False) for one in found]
        return []


class SectionRequest(models.Model):
    """One request for one or more sections of a young person's handover."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="section_requests")
    purpose = EncryptedTextField(_("what will you use it for"), max_length=1000)
    wanted_by = models.DateField(_("wished for by"), null=True, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)

    objects = SectionRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(purpose=""),
                name="a_request_says_what_for",
                violation_error_message=_("Write what you will use it for."),
            )
        ]

    def __str__(self):
        return f"{self.youth_id} {self.pk}"

    @classmethod
    @transaction.atomic
    def ask(cls, *, by, youth, sections, purpose: str, wanted_by=None) -> "SectionRequest":
        """Ask the school for sections; the same asked twice by one person is one request.

        Raises AskedAlready when a section has an open request, HandoverRefused without a section
        or a purpose.
        """
        _lock(youth.pk)
        chosen = [section for section in SECTIONS if section in sections]
        if not chosen or not purpose.strip():
            raise HandoverRefused(_("Choose a section, and write what you will use it for."))
        standing = AskedSection.objects.filter(youth=youth, section__in=chosen).open()
        standing = list(standing.select_related("request"))
        if standing:
            same = standing[0].request
            if (same.asked_by_id, same.purpose, same.wanted_by) == (by.pk, purpose, wanted_by) and {
                one.section for one in standing if one.request_id == same.pk
            } == set(chosen):
                return same
            raise AskedAlready(
                _("Asked for already: %(sections)s.")
                % {"sections": ", ".join(str(Section(one.section).label) for one in standing)}
            )
        made = cls.objects.create(youth=youth, purpose=purpose, wanted_by=wanted_by, asked_by=by)
        AskedSection.objects.bulk_create(
            AskedSection(request=made, youth=youth, section=section) for section in chosen
        )
        return made

    @transaction.atomic
    def decline(self, *, by, sections, reason: str) -> None:
        """The school says no to some of the sections, and why.

        Raises HandoverRefused when one of them has its answer by now, or words are missing.
        """
        _lock(self.youth_id)
        chosen = list(self.sections.open().filter(section__in=sections))
        if not reason.strip() or not sections:
            raise HandoverRefused(_("Choose a section, and write why not."))
        if len(chosen) != len(set(sections)):
            raise HandoverRefused(_("This has its answer already."))
        for one in chosen:
            one.settle(AskedSection.State.DECLINED, by=by, reason=reason)

    @transaction.atomic
    def withdraw(self, *, by) -> None:
        """Who asked does not need it any more. Raises HandoverRefused when nothing is open."""
        _lock(self.youth_id)
        chosen = list(self.sections.open())
        if not chosen:
            raise HandoverRefused(_("This has its answer already."))
        for one in chosen:
            one.settle(AskedSection.State.WITHDRAWN, by=by)

    @transaction.atomic
    def see(self) -> None:
        """Who asked has seen what became of it."""
        _lock(self.youth_id)
        self.sections.outcomes().update(seen_at=timezone.now())

    def as_waiting(self, *, for_school: bool) -> Waiting:
        youth, partnership = self.youth, self.youth.partnership
        if for_school:
            what = gettext("Answer what the job centre asks for about %(name)s")
            why = gettext("%(municipality)s asks for sections of the handover.")
        else:
            what = gettext("See what became of your request about %(name)s")
            why = gettext("%(school)s has answered it.")
        names = {"municipality": partnership.municipality.name, "school": partnership.school.name}
        return Waiting(
            what=what % {"name": youth.name},
            why=why % names,
            since=self.asked_at,
            url=reverse("handover:request", args=[self.pk]),
            youth_id=self.youth_id,
        )


class AskedSectionQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state=AskedSection.State.OPEN)

    def outcomes(self):
        """What the school or a version has answered, and who asked has not seen."""
        answered = (AskedSection.State.ANSWERED, AskedSection.State.DECLINED)
        return self.filter(state__in=answered, seen_at=None)


class AskedSection(models.Model):
    """One section of a request, with its own outcome."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits on the school")
        ANSWERED = "answered", _("Sent")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Not needed any more")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(SectionRequest, on_delete=models.PROTECT, related_name="sections")
    youth = models.ForeignKey(Youth, on_delete=models.PROTECT, related_name="+")
    section = models.CharField(max_length=20, choices=[(s, Section(s).label) for s in SECTIONS])
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    reason = EncryptedTextField(_("why not"), max_length=1000, blank=True)
    version = models.PositiveSmallIntegerField(null=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    objects = AskedSectionQuerySet.as_manager()

    class Meta:
        ordering = ["request", "section", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["youth", "section"],
                condition=Q(state="open"),
                name="one_open_request_for_a_section",
                violation_error_message=_("This section is asked for already."),
            ),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None, settled_by=None)
                | (~Q(state="open") & Q(settled_at__isnull=False, settled_by__isnull=False)),
                name="an_answered_request_was_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(reason=""),
                name="a_declined_request_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="answered", version__isnull=False)
                | (~Q(state="answered") & Q(version=None)),
                name="a_version_answers_a_request",
            ),
        ]

    def __str__(self):
        return f"{self.section} {self.state} {self.pk}"

    @property
    def shape(self) -> str:
        shapes = {"open": "wait", "answered": "done", "declined": "no", "withdrawn": "no"}
        return shapes[self.state]

    def settle(self, state, *, by, reason="", version=None) -> None:
        self.state, self.reason, self.version = state, reason, version
        self.settled_by, self.settled_at = by, timezone.now()
        self.save()


def answer_requests(sent, *, by) -> None:
    """After a sending, under the youth's lock: sections that arrived at the municipality with it.

    What is held back has not arrived, and stays open.
    """
    youth_id = sent.profile.youth_id
    parts = SentPart.objects.filter(profile=sent.profile_id, first_version=sent.number).disclosed()
    arrived = set(parts.values_list("section", flat=True))
    for one in AskedSection.objects.filter(youth=youth_id, section__in=arrived).open():
        one.settle(AskedSection.State.ANSWERED, by=by, version=sent.number)


def _lock(youth_id) -> None:
    """The youth's row: a profile may not be there yet."""
    Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=youth_id)
