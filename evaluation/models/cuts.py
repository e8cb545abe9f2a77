"""Frozen cuts of a programme's data, pseudonymous, and the reports that are made of them.

docs/adr/0027 has the reasons.
"""

import base64
import hmac
import json
import os
import uuid
import zipfile
from datetime import date
from io import BytesIO

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evaluation.models.collecting import DESCRIBED, collect
from evaluation.models.making import Making, MakingQuerySet, State, kept, one_moment
from evaluation.models.own_rounds import OwnRound
from evaluation.packages import DATA, manifest_of, package, zipped
from partnerships.encryption import EncryptedTextField
from partnerships.models import Programme
from youths.models import Youth

NAME_AT_MOST = 60
LENGTH = 10  # of a pseudonym: fifty bits


class CutRefused(Exception):
    """A cut or a report that cannot be asked for."""


class PseudonymKey(models.Model):
    """The secret of a programme's pseudonyms: without it nobody gets from a young person to one,
    and with it only by trying everybody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="+")
    key = EncryptedTextField()

    def __str__(self):
        return str(self.pk)

    @classmethod
    def of(cls, programme) -> "PseudonymKey":
        """Made when it is first needed, and the same ever after."""
        key = base64.b64encode(os.urandom(32)).decode()
        return cls.objects.get_or_create(programme=programme, defaults={"key": key})[0]

    @classmethod
    def known(cls, programme) -> "PseudonymKey | None":
        """The same for who only reads: none before the first cut."""
        return cls.objects.filter(programme=programme).first()

    def pseudonym(self, thing) -> str:
        """What a young person, or a partnership, is called in the programme's data."""
        name = f"{thing._meta.label_lower} {thing.pk}".encode()
        digest = hmac.new(base64.b64decode(self.key), name, "sha256").digest()
        return base64.b32encode(digest)[:LENGTH].decode()


class CutQuerySet(MakingQuerySet):
    def visible_to(self, user):
        return self.filter(programme__in=Programme.objects.visible_to(user))


class Cut(Making):
    """A programme's data at one moment, by name: never changed, never deleted.

    The content is the package that is handed out, so that the same bytes come every time.
    """

    TASK = "evaluation.tasks.make_cut"

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="cuts")
    name = models.CharField(_("name"), max_length=NAME_AT_MOST)
    frozen_at = models.DateTimeField(null=True)
    # [{"name", "size", "sha256"}, ...] of the files in the package.
    manifest = models.JSONField(default=list)
    # Whose data is in it, for the read log; it says nothing of who is who.
    youths = models.ManyToManyField(Youth, related_name="+")

    objects = CutQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "name"],
                name="one_cut_of_each_name",
                violation_error_message=_("There is a cut of this name already."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_cut_has_a_name"),
            *kept("cut"),
        ]

    @classmethod
    def freeze(cls, *, by, programme, name: str) -> "Cut":
        """Ask for a cut; a worker makes it, of the moment at which it begins.

        Raises CutRefused where nobody has a place yet, and for a name that is taken.
        """
        if not Youth.objects.referred().filter(partnership__programme=programme).exists():
            raise CutRefused(_("Nobody has a place yet, so there is nothing to freeze."))
        try:
            with transaction.atomic():
                made = cls.objects.create(programme=programme, name=name, asked_by=by)
                made.nudge()
        except IntegrityError:  # also one that is being made at this moment
            raise CutRefused(_("There is a cut of this name already.")) from None
        return made

    def build(self) -> tuple[bytes, dict]:
        """Read everything at one moment, and write the files of it."""
        key = PseudonymKey.of(self.programme)
        with one_moment():
            frozen_at = timezone.now().replace(microsecond=0)
            collected = collect(self.programme, key.pseudonym, frozen_at)
        self.tell(40)
        about = {"cut": self.name, "frozen_at": timezone.localtime(frozen_at).isoformat()}
        files = package(about, collected.tables, DESCRIBED, tell=self.tell)
        with transaction.atomic():
            self.youths.set(collected.youths)
        return zipped(files), {"frozen_at": frozen_at, "manifest": manifest_of(files)}

    def files(self) -> dict[str, bytes]:
        """What is in the package, by name."""
        with zipfile.ZipFile(BytesIO(self.opened())) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def data(self) -> dict:
        """The tables as they were frozen, for a report of them."""
        return json.loads(self.files()[DATA])


class ReportQuerySet(MakingQuerySet):
    def visible_to(self, user):
        return self.filter(cut__programme__in=Programme.objects.visible_to(user))

    def light(self):
        return (
            super()
            .light()
            .select_related("cut__programme")
            .defer("content", "key", "cut__content", "cut__key")
        )


class Report(Making):
    """A half-year's report to the funder, of one cut and nothing else."""

    TASK = "vivirkr.reports.make_report"

    cut = models.ForeignKey(Cut, on_delete=models.PROTECT, related_name="reports")
    starts_on = models.DateField()
    ends_on = models.DateField()
    language = models.CharField(max_length=2)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cut", "starts_on", "language"],
                name="one_report_of_a_cut_and_half_year",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="a_half_year_ends_after_it_starts"
            ),
            *kept("report"),
        ]

    @classmethod
    @transaction.atomic
    def ask(cls, *, by, cut, starts_on: date, language: str) -> "Report":
        """Ask for a half-year's report of a cut; twice is once, and what failed is tried again.

        Raises CutRefused for a cut that is not frozen yet.
        """
        if cut.state != State.DONE:
            raise CutRefused(_("The cut is not frozen yet."))
        if starts_on not in {first for first, _last in half_years(cut)}:
            raise CutRefused(_("Choose a half-year of the programme."))
        report, new = cls.objects.light().get_or_create(
            cut=cut,
            starts_on=starts_on,
            language=language,
            defaults={"ends_on": half_year(starts_on)[1], "asked_by": by},
        )
        if new:
            report.nudge()
        else:
            report.try_again()
        return report


def half_year(day: date) -> tuple[date, date]:
    """The first and the last day of the half-year of a day."""
    if day.month <= 6:
        return date(day.year, 1, 1), date(day.year, 6, 30)
    return date(day.year, 7, 1), date(day.year, 12, 31)


def half_years(cut) -> list[tuple[date, date]]:
    """Those of the programme up to the day of the cut, the newest first."""
    found, day = [], timezone.localdate(cut.frozen_at)
    while True:
        first, last = half_year(day)
        found.append((first, last))
        if first <= cut.programme.starts_on:
            return found
        day = half_year(date(first.year - (first.month == 1), 12 if first.month == 1 else 6, 30))[0]


def quotes_of(programme) -> list[dict]:
    """What young people have said and agreed may be quoted: {"youth", "round", "text"} each.

    The one place for it: read anew each time and never frozen, so that who takes the yes back is
    in no file that is made afterwards. Oldest first, and by youth, so that order tells nothing.
    """
    said = OwnRound.objects.filter(
        round__programme=programme.pk, youth__in=Youth.objects.referred(), may_be_quoted=True
    ).select_related("round")
    return [
        {"youth": one.youth_id, "round": one.round.number, "text": one.easier}
        for one in said.order_by("round__number", "pk")
    ]
