"""The handover profile: written by the school part by part, sent in versions, answered.

A `Part` is the school's working text. Sending copies every changed part into a `SentPart`, which
never changes again: the receiver reads and answers that, so no text moves under an answer and
every version can be read as it was sent.
"""

import hashlib
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time

from django.apps import apps
from django.db import models, transaction
from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from handover.access import REQUIRED_SECTIONS, SECTIONS, WRITING, sections_for, within_reach
from handover.models.answers import PartAnswer, SentPart
from handover.models.catalogue import SECTION_OF, wording_index
from handover.models.knowledge import PartnershipKnowledge, meter
from handover.models.requests import answer_requests
from handover.models.texts import HandoverRefused, PartText
from partnerships.access import Condition, Role, Section, Verb, conditions, roles
from partnerships.models import User
from partnerships.waiting import Waiting
from youths.access import is_own
from youths.models import HeldBack, Notice, Youth, held_sections


class NotComplete(HandoverRefused):
    """Something is missing before the profile can be sent; `missing` lists it."""

    def __init__(self, missing):
        super().__init__(_("The profile is not complete yet."))
        self.missing = missing


class NothingNew(HandoverRefused):
    """Nothing has changed since the last version was sent."""


class PreviewChanged(HandoverRefused):
    """What would be sent, or held back, is no longer what the preview said; `what` changed."""

    WHAT = ("version", "parts", "held")

    def __init__(self, shown: str, now: str):
        super().__init__(_("What would be sent is no longer what you read."))
        before, after = shown.split("-"), now.split("-")
        known = len(before) == len(after)
        self.what = [
            w for w, b, a in zip(self.WHAT, before, after, strict=False) if b != a and known
        ]


class StaleVersion(Exception):
    """Somebody else saved this part meanwhile; `current` is the part as it stands now."""

    def __init__(self, current):
        super().__init__(_("Somebody else has saved this part meanwhile."))
        self.current = current


@dataclass(frozen=True)
class Missing:
    """One thing that stands between a profile and its sending.

    Without a part it is a section that has none; else `field` of that part is empty.
    """

    section: str
    what: str
    part: "Part | None" = None
    field: str = ""


class ProfileQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Whose profile the person may open: the school always, the youth once shown or sent,
        others once sent.
        """
        rows = self.filter(youth__in=Youth.objects.visible_to(user, "view_direction").referred())
        asked = conditions(user, Section.DIRECTION)
        if Condition.SENT in asked:
            rows = rows.exclude(status=HandoverProfile.Status.DRAFT)
        return rows.shown() if Condition.SHOWN in asked else rows

    def shown(self):
        """Those of which the young person reads something: the draft, or what was sent."""
        return self.exclude(status=HandoverProfile.Status.DRAFT, shown_to_youth_at=None)

    def waiting_on(self, user, youth=None, summary=None) -> list[Waiting]:
        """What a school has to write, send or reply to, and a caseworker to answer.

        Of one young person, where one is given together with the profile's summary.
        """
        found, mine = [], roles(user)
        if Role.SCHOOL in mine:
            found += [*_to_send(user, youth), *_to_reply(user, youth)]
        if Role.CASEWORKER in mine:
            found += _to_check(user, youth)
        if Role.CASEWORKER in mine and youth is None:
            found += _to_answer(user)
        elif Role.CASEWORKER in mine and summary and summary.waiting_since and not youth.left_on:
            school = youth.partnership.school.name
            found.append(
                _answer(youth.pk, youth.name, school, summary.unanswered, summary.waiting_since)
            )
        return found


class HandoverProfile(models.Model):
    """One young person's profile: draft, sent, revised since it was sent.

    Whether all of it is answered depends on what is disclosed today, and is never stored.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        REVISED = "revised", _("Revised since it was sent")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    youth = models.OneToOneField(Youth, on_delete=models.PROTECT, related_name="profile")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    version = models.PositiveSmallIntegerField(default=0)  # the last one sent; 0 is none
    # While the young person reads along in the working text.
    shown_to_youth_at = models.DateTimeField(null=True, editable=False)
    shown_to_youth_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, db_index=False, editable=False, related_name="+"
    )

    objects = ProfileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="draft", version=0) | (~Q(status="draft") & Q(version__gte=1)),
                name="only_a_draft_was_never_sent",
            ),
            models.CheckConstraint(
                condition=Q(shown_to_youth_at=None, shown_to_youth_by=None)
                | Q(shown_to_youth_at__isnull=False, shown_to_youth_by__isnull=False),
                name="a_draft_is_shown_by_somebody",
            ),
        ]

    def __str__(self):
        return f"{self.status} {self.pk}"

    def lock(self) -> "HandoverProfile":
        """The profile's row under a lock: the one lock of everything that hangs on it."""
        return HandoverProfile.objects.select_for_update(of=("self",)).get(pk=self.pk)

    @staticmethod
    def missing(parts) -> list[Missing]:
        """What stands between these parts and sending, in the order of the sections."""
        found = []
        for section in SECTIONS:
            own = [part for part in parts if part.section == section]
            if section in REQUIRED_SECTIONS and not own:
                found.append(Missing(section, _("at least one part")))
            for part in own:
                found.extend(
                    Missing(section, what, part, field) for field, what in part.missing().items()
                )
        return found

    def changes(self, parts) -> tuple[list["Part"], list[SentPart]]:
        """What sending would change: parts that are new or differ, and sent ones taken away."""
        last = {sent.part_id: sent for sent in self.sent_parts.current()}
        kept = {part.pk for part in parts}
        files = self._with_other_files()
        changed = [
            p for p in parts if p.pk not in last or p.pk in files or last[p.pk].differs_from(p)
        ]
        return changed, [sent for pk, sent in last.items() if pk not in kept]

    def _with_other_files(self) -> set:
        """Ids of the parts to which files were added, or from which some were taken, since."""
        files = apps.get_model("handover.Attachment").objects.unsent()
        return set(files.filter(part__profile=self).values_list("part_id", flat=True))

    @transaction.atomic
    def add_part(self, *, by, heading: str) -> "Part":
        """A new, empty part at the end of what stands under its heading.

        One that this person has added and not yet written in is given again, so that pressing
        twice does not leave an empty one behind.
        """
        locked = self.lock()
        own = locked.parts.filter(heading=heading, withdrawn_at=None)
        blank = {"label": "", "text": "", "works": "", "evidence": "", "entry": None}
        untouched = own.filter(revision=1, written_by=by, **blank).first()
        if untouched:
            return untouched
        part = locked.parts.create(heading=heading, written_by=by, position=locked.end_of(heading))
        locked.settle()
        return part

    def fingerprint(self) -> str:
        """What a preview of the next sending says, in short: version, parts, what is held back."""
        parts = self.parts.filter(withdrawn_at=None).order_by("pk").values_list("pk", "revision")
        held = sorted(held_sections(self.youth, SECTIONS).items())
        return f"{self.version}-{_digest(parts)}-{_digest(held)}"

    @transaction.atomic
    def send(self, *, by, shown: str | None = None) -> "HandoverVersion":
        """Send the parts as they stand as the next version.

        `shown` is the fingerprint of the preview that was agreed to. Raises NotComplete with what
        is missing, NothingNew when the last version says the same, PreviewChanged when the
        preview does not hold any more. Under the youth's lock, as a withdrawal is.
        """
        Youth.objects.select_for_update(of=("self",), no_key=True).get(pk=self.youth_id)
        locked = self.lock()
        parts = list(locked.parts.filter(withdrawn_at=None))
        if missing := locked.missing(parts):
            raise NotComplete(missing)
        changed, gone = locked.changes(parts)
        if not changed and not gone:
            raise NothingNew(_("Nothing has changed since it was sent last."))
        if shown is not None and shown != (now := locked.fingerprint()):
            raise PreviewChanged(shown, now)
        number = locked.version + 1
        closed = [part.pk for part in changed] + [sent.part_id for sent in gone]
        locked.sent_parts.current().filter(part__in=closed).update(last_version=locked.version)
        copies = SentPart.objects.bulk_create(SentPart.copy_of(part, number) for part in changed)
        apps.get_model("handover.Attachment").go_out_with(copies)
        locked.put_in_order(parts)
        sent = HandoverVersion.objects.create(profile=locked, number=number, sent_by=by)
        locked.status, locked.version = self.Status.SENT, number
        locked.save()
        locked.settle()
        answer_requests(sent, by=by)
        PartnershipKnowledge.mark_stale(locked.youth.partnership_id)
        self.refresh_from_db()
        Notice.tell_team(
            self.youth,
            Role.CASEWORKER,
            kind=Notice.Kind.ARRIVED,
            about=str(sent.pk),
            path=reverse("handover:received", args=[self.youth_id]),
        )
        return sent

    @transaction.atomic
    def show_to_youth(self, *, by) -> None:
        """Let the young person read along in the draft from now on; twice is once.

        Raises HandoverRefused while nothing is written.
        """
        locked = self.lock()
        if not locked.parts.filter(withdrawn_at=None).written().exists():
            raise HandoverRefused(_("Write a part first. There is nothing to read yet."))
        if locked.shown_to_youth_at is None:
            locked.shown_to_youth_at, locked.shown_to_youth_by = timezone.now(), by
            locked.save(update_fields=["shown_to_youth_at", "shown_to_youth_by"])
        self.refresh_from_db()

    @transaction.atomic
    def hide_from_youth(self, *, by) -> None:
        """Take the draft back: the young person then reads what was sent, and nothing else.

        What they have said to it stays.
        """
        locked = self.lock()
        locked.shown_to_youth_at = locked.shown_to_youth_by = None
        locked.save(update_fields=["shown_to_youth_at", "shown_to_youth_by"])
        self.refresh_from_db()

    def put_in_order(self, parts) -> None:
        """The order is nobody's words: what stands is read in that of the newest sending."""
        order = {part.pk: part.position for part in parts}
        moved = [one for one in self.sent_parts.current() if one.position != order[one.part_id]]
        for one in moved:
            one.position = order[one.part_id]
        SentPart.objects.bulk_update(moved, ["position"])

    @transaction.atomic
    def copy_part(self, *, by, sent: SentPart) -> "Part":
        """A new part that says what an earlier version said; pressed twice it is one.

        Raises HandoverRefused for what still stands in the newest version.
        """
        locked = self.lock()
        if sent.last_version is None:
            raise HandoverRefused(_("This part stands in the newest version."))
        for part in locked.parts.filter(withdrawn_at=None):
            if not sent.differs_from(part):
                return part
        said = {name: getattr(sent, name) for name in SentPart.FIELDS}
        part = locked.parts.create(written_by=by, position=locked.end_of(sent.heading), **said)
        locked.settle()
        return part

    def end_of(self, heading: str) -> int:
        """The place behind all that stands under a heading."""
        rows = self.parts.filter(heading=heading, withdrawn_at=None)
        return (rows.aggregate(last=models.Max("position"))["last"] or 0) + 1

    def settle(self) -> None:
        """After a change below a locked profile: let the status say what is so.

        Written back to what was sent, a profile is not revised any more; and what is said to the
        text then is said to what was sent, too.
        """
        if not self.version:
            return
        changed, gone = self.changes(self.parts.filter(withdrawn_at=None))
        self.status = self.Status.REVISED if changed or gone else self.Status.SENT
        self.save(update_fields=["status"])
        differ = [part.pk for part in changed] + [sent.part_id for sent in gone]
        revision = Part.objects.filter(pk=OuterRef("part")).values("revision")[:1]
        self.sent_parts.current().exclude(part__in=differ).update(revision=Subquery(revision))


class HandoverVersion(models.Model):
    """One sending: number, when, by whom."""

    profile = models.ForeignKey(HandoverProfile, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "number"], name="one_sending_per_number")
        ]

    def __str__(self):
        return f"{self.number} {self.pk}"


class PartQuerySet(models.QuerySet):
    def visible_to(self, user, youth):
        """The working texts of a youth's profile: the school's, and the young person's once shown.

        A caseworker reads what was sent, and no draft through anybody else's eyes.
        """
        sections = sections_for(user, youth, Verb.CHANGE)
        rows = self.filter(profile__youth=youth, withdrawn_at=None)
        if Condition.SHOWN in conditions(user, Section.DIRECTION) and is_own(user, youth):
            rows, sections = rows.shown(), sections_for(user, youth)
        if looking := getattr(user, "seen_by", None):
            writes = sections_for(looking, youth, Verb.CHANGE)
            sections = [section for section in sections if section in writes]
        return rows.filter(section__in=sections).select_related("entry__subtheme")

    def shown(self):
        """Those that the young person reads while they are being written."""
        return self.filter(profile__shown_to_youth_at__isnull=False)

    def written(self):
        """Those in which something stands: one that was only just added is nothing to read."""
        return self.exclude(entry=None, label="", text="", works="")


class Part(PartText):
    """One thing the school knows, as it is being written."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(HandoverProfile, on_delete=models.PROTECT, related_name="parts")
    position = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)  # grows by one with each save
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    # By which an own wording is counted; the wording itself is encrypted.
    wording_index = models.CharField(
        max_length=64, blank=True, editable=False, db_index=True, db_default=""
    )

    objects = PartQuerySet.as_manager()

    class Meta(PartText.Meta):
        ordering = ["position", "written_at", "pk"]

    def __str__(self):
        return f"{self.section} {self.pk}"

    def save(self, **kwargs):
        """Where it stands decides its section, which is the one place that says so."""
        self.section = SECTION_OF.get(self.heading, self.section)
        self.wording_index = wording_index(self.label)
        super().save(**kwargs)

    @property
    def is_saved(self) -> bool:
        return self.revision > 1

    def missing(self) -> dict[str, str]:
        """What this part lacks before it can be sent: words by field."""
        wanted = {"text": _("what you have seen")}
        if not self.entry_id:
            wanted = {"label": _("what it is about"), **wanted}
        if self.has_level:
            wanted["level"] = _("how much support, or not assessed")
        if self.needs_what_works:
            wanted["works"] = _("what works")
        return {name: what for name, what in wanted.items() if not getattr(self, name).strip()}

    @transaction.atomic
    def write(self, *, by, revision: int, **texts) -> None:
        """Save the working text that was begun from a revision; the same text twice is one save.

        Raises StaleVersion when somebody else saved in between: nothing is overwritten; and
        HandoverRefused when the part was removed.
        """
        profile = self.profile.lock()
        current = profile.parts.filter(pk=self.pk, withdrawn_at=None).first()
        if current is None:
            raise HandoverRefused(_("Somebody else has removed this part meanwhile."))
        if any(getattr(current, name) != value for name, value in texts.items()):
            if current.revision != revision:
                raise StaleVersion(current)
            if texts.get("heading", current.heading) != current.heading:
                current.position = profile.end_of(texts["heading"])
            for name, value in texts.items():
                setattr(current, name, value)
            current.revision += 1
            current.written_by, current.written_at = by, timezone.now()
            current.save()
            profile.settle()
        self.refresh_from_db()

    @transaction.atomic
    def move(self, *, by, up: bool) -> None:
        """One place up or down under its heading; at the end of it nothing happens.

        Raises HandoverRefused when the part was removed. The order is nobody's words: it makes
        no revision, so who writes in one of the parts meets no conflict.
        """
        profile = self.profile.lock()
        current = profile.parts.filter(pk=self.pk, withdrawn_at=None).first()
        if current is None:
            raise HandoverRefused(_("Somebody else has removed this part meanwhile."))
        rows = list(profile.parts.filter(heading=current.heading, withdrawn_at=None))
        at = rows.index(current)
        to = max(at - 1, 0) if up else min(at + 1, len(rows) - 1)
        rows.insert(to, rows.pop(at))
        for position, one in enumerate(rows, start=1):
            one.position = position
        Part.objects.bulk_update(rows, ["position"])

    @transaction.atomic
    def remove(self, *, by, revision: int) -> None:
        """Take the part away: a draft is deleted, a sent one leaves with the next version.

        What the young person has said to a draft is kept, and the draft with it, for nobody to see.

        Raises StaleVersion when somebody else saved in between, so that no unseen text goes.
        """
        profile = self.profile.lock()
        self.refresh_from_db()
        if self.revision != revision:
            raise StaleVersion(self)
        if self.sent.exists() or self.reactions.exists():
            self.withdrawn_at = timezone.now()
            self.save()
        else:
            self.delete()
        profile.settle()


# -- What waits --------------------------------------------------------------------------------


def _only(youth, field) -> Q:
    """This young person's rows, or everybody's where none is given."""
    return Q(**{field: youth.pk}) if youth else Q()


def _to_send(user, youth):
    """Accepted youths whose handover was never sent, and those that were revised since."""
    draft, revised = HandoverProfile.Status.DRAFT, HandoverProfile.Status.REVISED
    sent_at = HandoverVersion.objects.filter(profile__youth=OuterRef("pk")).values("sent_at")
    youths = (
        Youth.objects.visible_to(user, WRITING)
        .active()
        .filter(Q(profile=None) | Q(profile__status__in=(draft, revised)), _only(youth, "pk"))
        .select_related("profile")
        .annotate(
            sent_at=Subquery(sent_at[:1]),
            begun=Count("profile__parts", filter=Q(profile__parts__withdrawn_at=None)),
            revised_at=models.Max("profile__parts__written_at"),
        )
    )
    for youth in youths:
        name = {"name": youth.name}
        if youth.sent_at:
            what = gettext("Send the changes to the handover of %(name)s") % name
            why = gettext(
                "You have changed it since it was sent. The job centre does not see it yet."
            )
        elif youth.begun:
            what = gettext("Finish and send the handover of %(name)s") % name
            why = gettext("The job centre sees nothing of it until it is sent.")
        else:
            what = gettext("Write the handover of %(name)s") % name
            why = gettext("Write it together with the young person, one part at a time.")
        yield Waiting(
            what=what,
            why=why,
            since=youth.revised_at if youth.sent_at else _midnight(youth.enrolled_on),
            url=reverse("handover:write", args=[youth.pk]),
            youth_id=youth.pk,
        )


def _to_reply(user, youth):
    questions = (
        PartAnswer.objects.open_questions()
        .filter(
            within_reach(user, Verb.CHANGE, "sent_part__"),
            _only(youth, "sent_part__profile__youth"),
        )
        .select_related("sent_part__profile__youth__partnership__municipality", "sent_part__entry")
    )
    for question in questions:
        part, youth = question.sent_part, question.sent_part.profile.youth
        yield Waiting(
            what=gettext("Reply to a question about %(name)s") % {"name": youth.name},
            why=gettext("%(municipality)s asks about “%(part)s”.")
            % {"municipality": youth.partnership.municipality.name, "part": part.title},
            since=question.answered_at,
            url=f"{reverse('handover:write', args=[youth.pk])}?section={part.section}"
            f"#part-{part.part_id}",
            youth_id=youth.pk,
            section=part.section,
        )


def _to_answer(user):
    profiles = (
        SentPart.objects.current()
        .disclosed()
        .unanswered()
        .filter(within_reach(user, Verb.ANSWER))
        .with_came_at()
        .filter(came_at__isnull=False)
        .order_by()
        .values_list(
            "profile__youth_id", "profile__youth__name", "profile__youth__partnership__school__name"
        )
        .annotate(number=Count("pk"), since=Min("came_at"))
    )
    return [_answer(*row) for row in profiles]


def _answer(youth_id, name, school, number, since) -> Waiting:
    return Waiting(
        what=gettext("Answer the handover of %(name)s") % {"name": name},
        why=ngettext(
            "%(number)s part from %(school)s waits for your answer.",
            "%(number)s parts from %(school)s wait for your answer.",
            number,
        )
        % {"number": number, "school": school},
        since=since,
        url=reverse("handover:received", args=[youth_id]),
        youth_id=youth_id,
    )


def _to_check(user, youth):
    """Parts that were corrected or withdrawn after the receiver had built on them: a line each."""
    parts = (
        SentPart.objects.to_check()
        .disclosed()
        .filter(
            within_reach(user, Verb.ANSWER),
            _only(youth, "profile__youth"),
            profile__versions__number=F("last_version") + 1,
        )
        .annotate(
            changed_at=F("profile__versions__sent_at"),
            stands=Exists(SentPart.objects.current().filter(part=OuterRef("part"))),
        )
        .select_related("profile__youth", "entry")
    )
    for one in {part.part_id: part for part in parts}.values():
        words = {"part": one.title, "name": one.profile.youth.name}
        if one.stands:
            what = gettext("Check again: “%(part)s” was corrected") % words
        else:
            what = gettext("Check again: “%(part)s” was withdrawn") % words
        yield Waiting(
            what=what,
            why=gettext("What you do for %(name)s was built on it.") % words,
            since=one.changed_at,
            url=reverse("handover:received", args=[one.profile.youth_id]) + "#check-again",
            youth_id=one.profile.youth_id,
            section=one.section,
        )


def _digest(rows) -> str:
    """The same for the same rows in the same order."""
    return hashlib.sha256(repr([tuple(map(str, row)) for row in rows]).encode()).hexdigest()[:16]


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))


# -- In short ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProfileSummary:
    """A sent profile in figures, counted over the parts that reach the municipality.

    `held_back` are those that do not, by section, and why; `waiting` are the ids of the parts
    that wait on the receiver, `waiting_since` when the first of them came there, None while the
    whole is with the sender; `undecided_since` is the same of the whole, and `asked_since` of the
    open questions; `stages` says of each part how far it has come.
    """

    version: int
    sent_at: datetime
    sent_by: User
    delivered: int
    waiting: frozenset
    open_questions: int
    held_back: list[HeldBack]
    waiting_since: datetime | None
    undecided_since: datetime | None
    asked_since: datetime | None
    stages: dict

    @property
    def meter(self) -> list[tuple[str, int]]:
        return meter(Counter(self.stages.values()))

    @property
    def unanswered(self) -> int:
        return len(self.waiting)

    @property
    def answered(self) -> int:
        return self.delivered - self.unanswered

    @property
    def held_back_number(self) -> int:
        return sum(held.number for held in self.held_back)

    def held_back_in(self, section: str) -> HeldBack | None:
        return next((held for held in self.held_back if held.section == section), None)


def profile_summary(user, youth) -> ProfileSummary | None:
    """The case page's few lines on the handover; None before it is sent, or to an outsider."""
    if not sections_for(user, youth):
        return None
    versions = HandoverVersion.objects.filter(profile__youth=youth)
    last = versions.select_related("profile", "sent_by").first()
    if last is None:
        return None
    profile = last.profile
    parts = profile.sent_parts.current().with_state().with_stage().with_came_at().order_by()
    names = ("pk", "section", "held", "waits", "stage", "open_since", "replied_at", "came_at")
    parts = list(parts.values(*names))
    delivered = [part for part in parts if not part["held"]]
    told = Condition.DISCLOSED not in conditions(user, Section.HEALTH)
    seen = parts if told else delivered
    waiting = [part for part in delivered if part["waits"]]
    held_back = Counter((part["section"], part["held"]) for part in parts if part["held"])
    came = [part["came_at"] for part in waiting if part["came_at"]]
    opened = [part["open_since"] for part in parts[:1] if part["open_since"]]
    replied = [part["replied_at"] for part in parts if part["replied_at"]] if opened else []
    questions = PartAnswer.objects.open_questions()
    asked = questions.filter(sent_part__in=[part["pk"] for part in seen]).aggregate(
        number=Count("pk"), since=Min("answered_at")
    )
    return ProfileSummary(
        version=profile.version,
        sent_at=last.sent_at,
        sent_by=last.sent_by,
        delivered=len(delivered),
        waiting=frozenset(part["pk"] for part in waiting),
        open_questions=asked["number"],
        held_back=[HeldBack(*key, number) for key, number in held_back.items()],
        waiting_since=min(came, default=None),
        undecided_since=max([*opened, *replied], default=None),
        asked_since=asked["since"],
        stages={part["pk"]: part["stage"] for part in delivered},
    )
