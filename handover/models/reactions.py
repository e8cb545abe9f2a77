"""What the young person says to a part: that it fits, or what does not. Never rewritten.

A reaction belongs to the part and to the text that was read, its revision. It goes wherever that
text, or a later one, is read: nobody but the reader's own rights decides, least of all the school.
"""

import uuid

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from handover.models.answers import SentPart
from handover.models.catalogue import Heading
from handover.models.profiles import HandoverVersion, Part
from handover.models.texts import HandoverRefused
from partnerships.encryption import EncryptedTextField
from partnerships.models import User
from partnerships.waiting import Waiting
from youths.access import is_own
from youths.models import Sitting, Youth


class PartReactionQuerySet(models.QuerySet):
    def visible_to(self, user, youth):
        """With the part: to who reads its working text, or what was sent of it since."""
        sent = SentPart.objects.visible_to(user, youth).filter(
            part=OuterRef("part"), revision__gte=OuterRef("revision")
        )
        return self.filter(Q(part__in=Part.objects.visible_to(user, youth)) | Exists(sent))


class PartReaction(models.Model):
    """The young person agrees with a part, or disagrees and says why; the newest one counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="reactions")
    revision = models.PositiveIntegerField()  # of the text that was read
    agrees = models.BooleanField(_("your answer"))
    text = EncryptedTextField(_("in own words"), max_length=2000, blank=True)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    # Empty when the young person answered on the own device.
    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, null=True, related_name="+")

    objects = PartReactionQuerySet.as_manager()

    class Meta:
        ordering = ["revision", "given_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(agrees=True) | ~Q(text=""),
                name="who_disagrees_says_why",
                violation_error_message=_("Write what does not fit. A few words are enough."),
            )
        ]

    def __str__(self):
        return f"{self.agrees} {self.pk}"

    @property
    def how(self) -> str:
        """On whose device it was given, and who held the pen."""
        if self.sitting is None:
            return gettext("On the own device")
        name = {"name": self.sitting.led_by.name}
        if self.sitting.pen == Sitting.Pen.STAFF:
            return gettext("Together with %(name)s, who wrote it down") % name
        return gettext("Together with %(name)s, written by the young person") % name

    @classmethod
    @transaction.atomic
    def give(
        cls, *, by, part: Part, revision: int, agrees: bool, text="", sitting=None
    ) -> "PartReaction":
        """What the young person says to the text of a revision; the same twice in a row is once.

        A text that has changed meanwhile is no hindrance: the answer stays with the one that was
        read, and the part is asked about again. Raises HandoverRefused when words are missing.
        """
        part.profile.lock()
        if not agrees and not text.strip():
            raise HandoverRefused(_("Write what does not fit. A few words are enough."))
        part.refresh_from_db(fields=["revision"])
        said = {"revision": min(revision, part.revision), "agrees": agrees, "text": text}
        newest = part.reactions.last()
        if newest and all(getattr(newest, name) == value for name, value in said.items()):
            return newest
        return cls.objects.create(part=part, given_by=by, sitting=sitting, **said)


def with_reactions(user, youth, parts) -> None:
    """Give each part, working text or sent, what the young person says to it: one query.

    `reaction` is the newest, `earlier_reactions` those before it; `asks_again` when it is about
    another text than this one.
    """
    found = {}
    rows = PartReaction.objects.visible_to(user, youth).filter(part__in=map(_part_id, parts))
    for row in rows.select_related("sitting__led_by"):
        found.setdefault(row.part_id, []).append(row)
    for one in parts:
        mine = [r for r in found.get(_part_id(one), ()) if r.revision <= one.revision]
        one.reaction = mine[-1] if mine else None
        one.earlier_reactions = mine[-2::-1]
        one.asks_again = bool(mine) and one.reaction.revision < one.revision


def _part_id(one):
    return getattr(one, "part_id", one.pk)


def told_parts(user, youth) -> list:
    """What the young person reads part by part: the draft while it is shown, else what was sent.

    To who sits beside the young person the same, as far as both may read it.
    """
    found = list(_drafts(user, youth).select_related("written_by"))
    found = found or list(
        SentPart.objects.visible_to(user, youth).current().select_related("written_by")
    )
    return sorted(found, key=lambda one: Heading.values.index(one.heading))


def _drafts(user, youth):
    return Part.objects.visible_to(user, youth).shown().written()


def waiting_on_the_young(user, youth=None) -> list[Waiting]:
    """The parts that wait for the young person's answer, as one line; of one where given."""
    mine = Youth.objects.visible_to(user, "view_direction").active()
    found = []
    for me in [youth] if youth else mine.select_related("partnership__school"):
        if me.left_on or not is_own(user, me):
            continue
        sent_at = HandoverVersion.objects.filter(
            profile=OuterRef("profile"), number=OuterRef("first_version")
        ).values("sent_at")
        total, number, since = _unanswered(
            _drafts(user, me).annotate(at=Greatest("written_at", "profile__shown_to_youth_at")),
            part="pk",
        )
        if not total:
            sent = SentPart.objects.visible_to(user, me).current()
            total, number, since = _unanswered(sent.annotate(at=Subquery(sent_at)), part="part")
        if number:
            found.append(_to_read(me, number, since))
    return found


def _unanswered(rows, part: str) -> tuple:
    """How many rows there are, how many of them wait, and since when."""
    said = PartReaction.objects.filter(part=OuterRef(part), revision__gte=OuterRef("revision"))
    found = list(rows.annotate(waits=~Exists(said)).values_list("at", "waits"))
    waiting = [at for at, waits in found if waits]
    return len(found), len(waiting), min(waiting, default=None)


def _to_read(me, number, since) -> Waiting:
    school = me.partnership.school.name
    return Waiting(
        what=gettext("Read what %(school)s has written about you") % {"school": school},
        why=ngettext(
            "One part waits for you. Say whether it fits.",
            "%(number)s parts wait for you. Say whether they fit.",
            number,
        )
        % {"number": number},
        since=since,
        url=reverse("handover:mine", args=[me.pk]),
        youth_id=me.pk,
    )
