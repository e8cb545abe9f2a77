"""A list of young people from a file: checked, then referred row by row by a worker."""

import json
import logging
import re
import uuid
from datetime import date, timedelta

from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from partnerships.access import acting_in, partnership_ids, relations
from partnerships.encryption import EncryptedTextField, blind_index
from partnerships.models import Partnership, User
from partnerships.sheets import Fault, plain
from youths.models.cpr import CprNumber, born_by, cpr_digits
from youths.models.referrals import (
    NotSigned,
    PartnershipFull,
    Referral,
    ReferredAlready,
    free_places,
)
from youths.models.youths import OLDEST, YOUNGEST, Youth, age_on

log = logging.getLogger(__name__)

KEPT_DAYS = 14  # so long the rows of a file are kept that did not go in
AT_ONCE = 500  # rows written by one statement

# A column's headings, as the template writes them. A file is read in either language, whatever
# the language of the screen.
HEADINGS = {
    "key": {"en": "Own number", "da": "Eget nummer"},
    "name": {"en": "Name", "da": "Navn"},
    "birth_date": {"en": "Birth date", "da": "Fødselsdato"},
    "cpr": {"en": "CPR number", "da": "CPR-nummer"},
    "phone": {"en": "Telephone", "da": "Telefon"},
    "stu_ends_on": {"en": "STU ends", "da": "STU slutter"},
    "reason": {"en": "Why this course", "da": "Begrundelse"},
}
ALSO_CALLED = {
    "key": ("Key", "Nøgle", "Journalnummer", "Sagsnummer"),
    "name": ("Full name", "Fulde navn"),
    "birth_date": ("Date of birth", "Født"),
    "cpr": ("CPR", "CPR nr", "Personnummer"),
    "phone": ("Phone", "Mobil", "Telefonnummer"),
    "stu_ends_on": ("STU end", "STU slutdato", "STU ophører"),
    "reason": ("Reason", "Hvorfor dette forløb"),
}
FIELDS = {
    plain(heading): field
    for field in HEADINGS
    for heading in (*HEADINGS[field].values(), *ALSO_CALLED[field])
}
KEY_AT_MOST = 60


def heading(field: str) -> str:
    """A column's heading in the language of the screen."""
    return HEADINGS[field].get((get_language() or "da")[:2], HEADINGS[field]["en"])


class ImportRefused(Exception):
    """A step that the import's state does not allow."""


class Why(models.TextChoices):
    """Why a row is not taken, or not without a look."""

    FORMULA = Fault.FORMULA.value, Fault.FORMULA.label
    MERGED = Fault.MERGED.value, Fault.MERGED.label
    UNREADABLE = Fault.UNREADABLE.value, Fault.UNREADABLE.label
    MISSING = "missing", _("Is missing.")
    TOO_LONG = "too_long", _("Is too long.")
    NOT_A_DATE = "not_a_date", _("Is not a date. Write it as 31-12-2006.")
    AGE = (
        "age",
        _("The young person must be between %(low)s and %(high)s years old. Check the year."),
    )
    NOT_A_CPR = "not_a_cpr", _("A CPR number is ten digits, such as 010203-4567.")
    OTHER_BIRTH = "other_birth", _("Does not begin with the birth date. Check both.")
    TOO_EARLY = "too_early", _("STU cannot end before the birth date.")
    DOUBLE = "double", _("The same young person stands in row %(row)s.")
    HERE = "here", _("Has a place here already.")
    IMPORTED = "imported", _("Was imported before.")
    MAYBE = "maybe", _("Was referred before. It may be the same young person.")
    FULL = "full", _("No place was free.")
    REFUSED = "refused", _("Could not be referred. Check the row.")


# -- What a row says ------------------------------------------------------------------------


def day_of(text: str) -> date | None:
    """The day that a text names, day first or year first, the year in four digits."""
    if found := re.fullmatch(r"([0-9]{1,2})[-./ ]([0-9]{1,2})[-./ ]([0-9]{4})", text):
        day, month, year = map(int, found.groups())
    elif found := re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})([T ]00:00(:00)?)?", text):
        year, month, day = map(int, found.groups()[:3])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def person_of(cells: dict, faults: dict | None = None) -> tuple[dict, dict]:
    """What the cells of a row say, and what is wrong with them by field.

    The first holds the fields of a youth, `reason`, and `cpr` and `key`, perhaps empty.
    """
    wrong = dict(faults or {})
    texts = {f: " ".join(cells.get(f, "").split()) for f in HEADINGS if f != "reason"}
    texts["reason"] = cells.get("reason", "")
    said = {"key": texts["key"], "cpr": ""}
    longest = {"key": KEY_AT_MOST}
    for field in ("name", "phone", "reason"):
        said[field] = texts[field]
        model = Referral if field == "reason" else Youth
        longest[field] = model._meta.get_field(field).max_length
    for field, most in longest.items():
        if len(texts[field]) > most:
            wrong.setdefault(field, Why.TOO_LONG)
    for field in ("birth_date", "stu_ends_on"):
        said[field] = day_of(texts[field])
        if texts[field] and said[field] is None:
            wrong.setdefault(field, Why.NOT_A_DATE)
    if texts["cpr"]:
        # A spreadsheet that took it for a number lost the nought in front of it.
        lost = texts["birth_date"] and re.fullmatch("[0-9]{9}", texts["cpr"])
        try:
            said["cpr"] = cpr_digits("0" + texts["cpr"] if lost else texts["cpr"])
        except ValidationError:
            wrong.setdefault("cpr", Why.NOT_A_CPR)
        else:
            said["birth_date"] = said["birth_date"] or (
                None if "birth_date" in wrong else born_by(said["cpr"])
            )
            if said["birth_date"] and born_by(said["cpr"]) != said["birth_date"]:
                wrong.setdefault("cpr", Why.OTHER_BIRTH)
    for field in ("name", "birth_date", "stu_ends_on", "reason"):
        if not said[field]:
            wrong.setdefault(field, Why.MISSING)
    born, ends = said["birth_date"], said["stu_ends_on"]
    if born and not YOUNGEST <= age_on(born, timezone.localdate()) <= OLDEST:
        wrong.setdefault("birth_date", Why.AGE)
    if born and ends and ends <= born:
        wrong.setdefault("stu_ends_on", Why.TOO_EARLY)
    return said, wrong


def namesake(name: str, born: date) -> tuple:
    """What two rows have in common that speak of the same young person, without numbers."""
    return " ".join(name.split()).casefold(), born


def marks_of(partnership_id, said: dict) -> list[str]:
    """Fingerprints by which the same young person is known again, the surest first."""
    name, born = namesake(said["name"], said["birth_date"])
    texts = (
        said["key"] and f"key {said['key'].casefold()}",
        said["cpr"] and f"cpr {said['cpr']}",
        f"person {born} {name}",
    )
    return [blind_index(f"import {partnership_id} {text}") for text in texts if text]


# -- The import -----------------------------------------------------------------------------


class ImportQuerySet(models.QuerySet):
    def visible_to(self, user, codename="change_referral"):
        """One's own, as long as one may refer there: what was found was found with these eyes."""
        return self.filter(made_by=user.pk, partnership__in=partnership_ids(user, codename))


class Import(models.Model):
    """A file that was handed in. Its rows are kept, the file is not."""

    class State(models.TextChoices):
        CHECKED = "checked", _("Checked; nothing is referred yet")
        RUNNING = "running", _("Is being referred")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="imports")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    name = EncryptedTextField(max_length=100, blank=True)  # a file's name may be somebody's
    state = models.CharField(max_length=8, choices=State, default=State.CHECKED)
    # Also those who may have been referred before.
    with_maybe = models.BooleanField(default=False)
    to_go = models.PositiveIntegerField(default=0)  # rows that were to be referred
    done_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "pk"]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="running"), name="imports_to_run"),
            models.Index(fields=["made_by", "partnership", "-made_at"], name="imports_of_a_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=False) | ~Q(state__in=["done", "stopped"]),
                name="an_import_that_ended_has_its_time",
            )
        ]

    def __str__(self):
        return f"{self.state} {self.pk}"

    # Checked

    @classmethod
    @transaction.atomic
    def check_file(cls, *, by, partnership, name: str, lines) -> "Import":
        """Keep the rows of a file and what is to be said of each; nobody is referred.

        Looks only at what `by` may see. As many queries for five thousand rows as for one, but
        for the writing.
        """
        made = cls.objects.create(partnership=partnership, made_by=by, name=name[:100])
        rows, said_of, first = [], {}, {}
        for line in lines:
            said, wrong = person_of(line.cells, line.faults)
            row = ImportRow(
                of=made, number=line.number, cells=json.dumps(line.cells, ensure_ascii=False)
            )
            row.reasons = [[field, why, 0] for field, why in wrong.items()]
            rows.append(row)
            if row.reasons:
                row.state = ImportRow.State.BAD
                continue
            marks = marks_of(partnership.pk, said)
            before = [first[mark] for mark in marks if mark in first]
            for mark in marks:
                first.setdefault(mark, row.number)
            if before:
                row.set(ImportRow.State.BAD, Why.DOUBLE, min(before))
            else:
                row.key, said_of[row.pk] = marks[0], said
        made._compare([row for row in rows if row.key], said_of)
        ImportRow.objects.bulk_create(rows, batch_size=AT_ONCE)
        return made

    def _compare(self, rows, said_of) -> None:
        """Mark those who are here already, or may be somebody who was referred before."""
        by, here = self.made_by, self.partnership_id
        imported = dict(
            ImportRow.objects.filter(
                state=ImportRow.State.IN, key__in=[row.key for row in rows]
            ).values_list("key", "referral_id")
        )
        seen = Referral.objects.visible_to(by)
        columns = ("pk", "status", "partnership_id", "youth_id", "youth__name", "youth__birth_date")
        born = {said["birth_date"] for said in said_of.values()}
        numbers = {blind_index(said["cpr"]) for said in said_of.values() if said["cpr"]}
        numbered = dict(
            CprNumber.objects.visible_to(by)
            .filter(index__in=numbers)
            .values_list("youth_id", "index")
        )
        found = {}
        alike = seen.filter(Q(youth__birth_date__in=born) | Q(youth__in=list(numbered)))
        for pk, status, partnership, youth, name, day in alike.values_list(*columns):
            holds = partnership == here and status in Referral.HOLDS_A_PLACE
            for mark in (namesake(name, day), numbered.get(youth)):
                if mark and (mark not in found or holds):
                    found[mark] = holds, pk
        for row in rows:
            said = said_of[row.pk]
            marks = [namesake(said["name"], said["birth_date"])]
            marks += [blind_index(said["cpr"])] if said["cpr"] else []
            matches = sorted((found[mark] for mark in marks if mark in found), key=lambda m: m[0])
            if matches and matches[-1][0]:
                row.set(ImportRow.State.KNOWN, Why.HERE)
                row.referral_id = matches[-1][1]
            elif row.key in imported:
                row.set(ImportRow.State.KNOWN, Why.IMPORTED)
                row.referral_id = imported[row.key]
            elif matches:
                row.set(ImportRow.State.MAYBE, Why.MAYBE)
                row.referral_id = matches[-1][1]

    def counts(self) -> dict[str, int]:
        """Rows by state."""
        rows = self.rows.order_by().values_list("state").annotate(Count("pk"))
        return dict.fromkeys(ImportRow.State.values, 0) | dict(rows)

    def last_that_fits(self) -> int | None:
        """The number of the last row for which there is a place; None where all fit."""
        good = self.rows.filter(state=ImportRow.State.GOOD).values_list("number", flat=True)
        free = free_places(self.partnership)
        numbers = list(good.order_by("number")[: free + 1])
        if len(numbers) <= free:
            return None
        return numbers[free - 1] if free else 0

    # Run

    def _taken(self):
        maybe = [ImportRow.State.MAYBE] if self.with_maybe else []
        return self.rows.filter(state__in=[ImportRow.State.GOOD, *maybe])

    @transaction.atomic
    def start(self, *, by, with_maybe=False) -> None:
        """Refer the good rows, as many as there are places; a worker does it.

        Raises ImportRefused when it was started before, or when there is nobody to refer.
        """
        locked = Import.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.state != self.State.CHECKED:
            raise ImportRefused(_("This list has been started already."))
        locked.with_maybe = with_maybe
        locked.to_go = locked._taken().count()
        if not locked.to_go:
            raise ImportRefused(_("There is nobody in this list to refer."))
        locked.state = self.State.RUNNING
        locked.save(update_fields=["with_maybe", "to_go", "state"])

        # A function with a name: Django's own handling of a robust callback that fails asks for it.
        def nudge():
            current_app.send_task(
                "youths.tasks.run_import", args=[str(self.pk)], retry=False, ignore_result=True
            )

        transaction.on_commit(nudge, robust=True)
        self.refresh_from_db()

    @transaction.atomic
    def discard(self, *, by) -> None:
        """Delete an import of which nothing was referred. Raises ImportRefused otherwise."""
        locked = Import.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.state != self.State.CHECKED:
            raise ImportRefused(_("This list has been started already."))
        locked.delete()

    @classmethod
    def work_list(cls):
        return cls.objects.filter(state=cls.State.RUNNING)

    @classmethod
    def run(cls, pk) -> None:
        """Go on where it stands, until nothing is left, or somebody else is at it."""
        while cls.step(pk):
            pass

    @classmethod
    @transaction.atomic
    def step(cls, pk) -> bool:
        """Do the next row, whole or not at all; whether there may be more.

        The import's row is locked, so rows go in in their order whoever works. A worker that is
        killed leaves the row as it was, for the next to take.
        """
        running = cls.work_list().filter(pk=pk).select_related("partnership", "made_by")
        this = running.select_for_update(of=("self",), skip_locked=True).first()
        if this is None:
            return False
        row = this._taken().order_by("number").first()
        if row is None:
            this._end(cls.State.DONE)
            return False
        if not this._may_go_on():
            this._end(cls.State.STOPPED)
            return False
        try:
            row.go_in(this)
        except PartnershipFull:
            this._taken().update(state=ImportRow.State.OVER, reasons=[["", Why.FULL, 0]])
        except NotSigned:
            this._end(cls.State.STOPPED)
            return False
        return True

    def _may_go_on(self) -> bool:
        """Whether who started it still may refer there, whatever they act in at this moment."""
        by, this = self.made_by, Import.objects.filter(pk=self.pk)
        return any(this.visible_to(acting_in(by, mine)).exists() for mine in relations(by))

    def _end(self, state) -> None:
        self.state, self.done_at = state, timezone.now()
        self.save(update_fields=["state", "done_at"])

    def coming_back(self):
        """Rows to be corrected, or handed in another time."""
        comes = [ImportRow.State.BAD, ImportRow.State.MAYBE]
        if self.state != self.State.CHECKED:
            comes += [ImportRow.State.OVER, ImportRow.State.GOOD]
        return self.rows.filter(state__in=comes)

    @property
    def done_rows(self) -> int:
        """Of `to_go`, how many have been decided."""
        return self.to_go - self._taken().count()

    # Forgotten

    @classmethod
    def purge(cls) -> None:
        """Empty the rows of imports that are old; one that was never started is deleted."""
        old = cls.objects.filter(made_at__lt=timezone.now() - timedelta(days=KEPT_DAYS))
        old.filter(state=cls.State.CHECKED).delete()
        ended = old.filter(state__in=[cls.State.DONE, cls.State.STOPPED])
        ImportRow.objects.filter(of__in=ended).exclude(cells="").update(cells="")
        ended.exclude(name="").update(name="")


class ImportRow(models.Model):
    """One row of the file. Its words go as soon as the young person is in."""

    class State(models.TextChoices):
        GOOD = "good", _("Can be referred")
        MAYBE = "maybe", _("Look at this one")
        KNOWN = "known", _("Here already")
        BAD = "bad", _("Has to be corrected")
        OVER = "over", _("No place")
        IN = "in", _("Is referred")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()  # in the file
    cells = EncryptedTextField(blank=True)  # JSON: text by field
    state = models.CharField(max_length=8, choices=State, default=State.GOOD)
    reasons = models.JSONField(default=list)  # [field, Why, number of another row]
    # Keyed fingerprint of whom the row speaks of, in this partnership.
    key = models.CharField(max_length=64, blank=True, editable=False)
    # The one that was made, or that is like it.
    referral = models.ForeignKey(
        Referral, on_delete=models.SET_NULL, null=True, related_name="import_rows"
    )

    class Meta:
        ordering = ["number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["of", "number"], name="a_row_is_kept_once"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(state="in"), name="nobody_is_imported_twice"
            ),
            models.CheckConstraint(
                condition=~Q(state="in") | ~Q(key=""), name="who_was_imported_is_known_again"
            ),
            models.CheckConstraint(
                condition=~Q(state="in") | Q(cells=""), name="who_was_imported_is_kept_once"
            ),
        ]
        indexes = [models.Index(fields=["of", "state", "number"], name="rows_of_an_import")]

    def __str__(self):
        return f"{self.state} {self.number} {self.pk}"

    def set(self, state, why="", other=0) -> None:
        self.state, self.reasons = state, [["", why, other]] if why else []

    @property
    def texts(self) -> dict[str, str]:
        """What stood in the file, by field; nothing once it was emptied."""
        return json.loads(self.cells) if self.cells else {}

    def reasons_in_words(self) -> list[str]:
        """Why, in sentences, each with its column."""
        found = []
        for field, why, other in self.reasons:
            text = str(Why(why).label) % {"row": other, "low": YOUNGEST, "high": OLDEST}
            found.append(f"{heading(field)}: {text}" if field else text)
        return found

    def go_in(self, this: Import) -> None:
        """Refer this one, whole or not at all, and note what came of it.

        Raises PartnershipFull and NotSigned, which concern all.
        """
        try:
            with transaction.atomic():
                self._refer(this)
            return
        except (PartnershipFull, NotSigned, OperationalError, InterfaceError):
            raise
        except SoftTimeLimitExceeded:  # the worker's time is up, which is not the row's fault
            raise
        except ReferredAlready:
            state, why = self.State.KNOWN, Why.HERE
        except Exception as fault:  # one row that cannot be done doesn't stop the others
            # Without its text, which may say what stands in the row.
            log.error("Row %s was not imported: %s", self.pk, type(fault).__name__)
            state, why = self.State.BAD, Why.REFUSED
        kept = ImportRow.objects.get(pk=self.pk)
        kept.set(state, why)
        kept.save(update_fields=["state", "reasons"])

    def _refer(self, this) -> None:
        # Locked first, so that of two imports with the same young person one comes later.
        partnership = Referral.signed(this.partnership)
        said, wrong = person_of(self.texts)
        if wrong:  # somebody grew too old meanwhile
            raise ValidationError([])
        if ImportRow.objects.filter(state=self.State.IN, key=self.key).exists():
            raise ReferredAlready
        number, _key = said.pop("cpr"), said.pop("key")
        if number and self._numbers_here(partnership, number).exists():
            raise ReferredAlready
        made = Referral.propose(by=this.made_by, partnership=partnership, **said)
        if number:
            CprNumber.note(by=this.made_by, youth=made.youth, digits=number)
        self.state, self.reasons, self.cells, self.referral = self.State.IN, [], "", made
        self.save(update_fields=["state", "reasons", "cells", "referral"])

    @staticmethod
    def _numbers_here(partnership, number):
        holding = Referral.objects.filter(partnership=partnership).holding_a_place()
        return CprNumber.objects.with_number(number).filter(youth__in=holding.values("youth"))
