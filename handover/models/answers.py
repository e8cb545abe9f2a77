"""What was sent, and what the receiver answered: neither is ever rewritten."""

import uuid

from django.apps import apps
from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.access import sections_for
from handover.models.knowledge import PartnershipKnowledge, Stage
from handover.models.texts import HandoverRefused, NotDisclosed, PartText
from handover.models.use import PartCheck, PartOpening, PartUse
from partnerships.access import Condition, Role, conditions
from partnerships.encryption import EncryptedTextField
from partnerships.models import User
from youths.models import Notice, Youth, shared_since, why_held


class SentPartQuerySet(models.QuerySet):
    def visible_to(self, user, youth):
        """What was sent of a youth's profile, to those who read the section, consent respected.

        The school wrote it and the youth owns it; only a reader needs the consent.
        """
        sections = sections_for(user, youth)
        rows = self.filter(profile__youth=youth, section__in=sections)
        if any(Condition.DISCLOSED in conditions(user, section) for section in sections):
            rows = rows.disclosed()
        return rows.select_related("entry__subtheme")

    def current(self):
        """The parts of the version that was sent last."""
        return self.filter(last_version=None)

    def standing_in(self, version):
        """The parts of one version."""
        return self.filter(
            Q(last_version=None) | Q(last_version__gte=version), first_version__lte=version
        )

    def disclosed(self):
        """Parts that may reach the municipality: see youths/models/disclosure.py."""
        return self.alias(held_because=why_held("profile__youth__")).filter(held_because="")

    def with_state(self):
        """Each with `held` (why nobody there sees it) and `waits` (on the receiver)."""
        return self.annotate(
            held=why_held("profile__youth__"),
            waits=Coalesce(self._comes_back(), Value(True)),
        )

    def with_stage(self):
        """Each with `stage`: how far it has come, by what is known of it at the receiver's."""
        return self._with_newest_kind().annotate(
            stage=Case(
                When(Exists(PartUse.objects.filter(sent_part=OuterRef("pk"))), then=Stage.USED),
                When(newest_kind=PartAnswer.Kind.UNDERSTOOD, then=Stage.ACKNOWLEDGED),
                When(
                    Exists(PartOpening.objects.filter(sent_part=OuterRef("pk"))), then=Stage.OPENED
                ),
                When(newest_kind__isnull=False, then=Stage.OPENED),
                default=Stage.DELIVERED,
                output_field=models.IntegerField(),
            )
        )

    def to_check(self):
        """Copies that were replaced or withdrawn, and on which the receiver had built something.

        Until somebody there has looked again. An answer to a later copy is a look at the text,
        and not at what the part is used for.
        """
        used = Exists(PartUse.objects.filter(sent_part=OuterRef("pk")))
        answered_later = Exists(
            PartAnswer.objects.filter(
                sent_part__part=OuterRef("part"),
                sent_part__first_version__gt=OuterRef("last_version"),
            )
        )
        acknowledged = Q(newest_kind=PartAnswer.Kind.UNDERSTOOD) & ~answered_later
        return self._with_newest_kind().filter(
            used | acknowledged,
            ~Exists(PartCheck.objects.filter(sent_part=OuterRef("pk"))),
            last_version__isnull=False,
        )

    def _with_newest_kind(self):
        answers = PartAnswer.objects.filter(sent_part=OuterRef("pk"))
        newest = answers.order_by("-answered_at", "-pk").values("kind")[:1]
        return self.alias(newest_kind=Subquery(newest))

    def unanswered(self):
        """Parts that wait on the receiver: no answer yet, or the last was a question and it has
        its reply.
        """
        return self.alias(waits=Coalesce(self._comes_back(), Value(True))).filter(waits=True)

    def with_came_at(self):
        """Each with `came_at`: when it came to the receiver; null where it is with the sender.

        By the sending, the young person's yes, or the reply to a question, whichever came last.
        What was returned or declined comes anew with the next version. `replied_at` is the last
        reply.
        """
        version = apps.get_model("handover.HandoverVersion").objects
        brought = version.filter(profile=OuterRef("profile"), number=OuterRef("first_version"))
        replies = PartAnswer.objects.filter(sent_part=OuterRef("pk"), replied_at__isnull=False)
        return self.annotate(
            open_since=open_since("profile"),
            replied_at=Subquery(replies.order_by("-replied_at").values("replied_at")[:1]),
            came_at=Case(
                When(
                    open_since__isnull=False,
                    then=Greatest(
                        "open_since",
                        Subquery(brought.values("sent_at")),
                        shared_since("profile__youth__"),
                        "replied_at",
                    ),
                )
            ),
        )

    @staticmethod
    def _comes_back():
        """Whether the newest answer was a question that has its reply; null without an answer."""
        newest = PartAnswer.objects.filter(sent_part=OuterRef("pk")).order_by("-answered_at", "-pk")
        back = Case(When(PartAnswer.REPLIED, then=Value(True)), default=Value(False))
        return Subquery(newest.values(back=back)[:1])


def open_since(profile: str) -> Subquery:
    """An expression: when the first version was sent that is not returned or declined.

    Null where the newest one is: then it is the sender's turn, or nobody's. `profile` leads from
    the row to the profile.
    """
    version = apps.get_model("handover.HandoverVersion").objects
    refused = apps.get_model("handover.HandoverDecision").objects.refusing()
    later = refused.filter(profile=OuterRef("profile"), version__gte=OuterRef("number"))
    open_ones = version.filter(~Exists(later), profile=OuterRef(profile)).order_by("number")
    return Subquery(open_ones.values("sent_at")[:1])


class SentPart(PartText):
    """A part as it was sent; it stands from `first_version` to `last_version`, or still."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(
        "handover.HandoverProfile", on_delete=models.PROTECT, related_name="sent_parts"
    )
    part = models.ForeignKey("handover.Part", on_delete=models.PROTECT, related_name="sent")
    position = models.PositiveIntegerField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    first_version = models.PositiveSmallIntegerField()
    last_version = models.PositiveSmallIntegerField(null=True)
    # The newest revision of the part that says the same.
    revision = models.PositiveIntegerField(default=1, db_default=1)

    objects = SentPartQuerySet.as_manager()

    class Meta(PartText.Meta):
        ordering = ["position", "written_at", "pk"]
        constraints = [
            *PartText.Meta.constraints,
            models.UniqueConstraint(
                fields=["part"],
                condition=Q(last_version=None),
                name="one_standing_copy_of_a_part",
            ),
            models.CheckConstraint(
                condition=Q(last_version=None) | Q(last_version__gte=F("first_version")),
                name="a_copy_stands_for_at_least_one_version",
            ),
        ]

    def __str__(self):
        return f"{self.section} {self.pk}"

    def stands_in(self, version: int) -> bool:
        last = self.last_version
        return self.first_version <= version and (last is None or last >= version)

    @classmethod
    def copy_of(cls, part, version: int) -> "SentPart":
        return cls(
            profile_id=part.profile_id,
            part=part,
            position=part.position,
            written_by_id=part.written_by_id,
            written_at=part.written_at,
            first_version=version,
            revision=part.revision,
            **{name: getattr(part, name) for name in cls.FIELDS},
        )

    def hold(self) -> tuple:
        """Youth and profile under their locks, for whatever the receiver does with this part.

        Raises NotDisclosed when it is held back by now. Under the youth's lock, as a withdrawal
        is.
        """
        youths = Youth.objects.select_for_update(of=("self",), no_key=True)
        youth = youths.get(profile=self.profile_id)
        profile = self.profile.lock()
        if not SentPart.objects.filter(pk=self.pk).disclosed().exists():
            raise NotDisclosed(_("This part is not shared with you any more."))
        self.refresh_from_db(fields=["last_version"])
        return youth, profile

    @transaction.atomic
    def answer(self, *, by, kind: str, text: str = "") -> "PartAnswer":
        """The receiver's answer to this part; saying the same twice in a row is said once.

        Raises HandoverRefused when a newer version has replaced the part, or words are missing;
        NotDisclosed when it is held back by now.
        """
        youth, profile = self.hold()
        if self.last_version is not None:
            raise HandoverRefused(_("The school has sent a newer version of this part. Read it."))
        if kind != PartAnswer.Kind.UNDERSTOOD and not text.strip():
            raise HandoverRefused(_("Write your question, or why you cannot use it."))
        newest = self.answers.last()
        if newest and newest.repeats(by=by, kind=kind, text=text):
            return newest
        answer = PartAnswer.objects.create(sent_part=self, kind=kind, text=text, answered_by=by)
        PartOpening.note([self], youth)
        PartnershipKnowledge.mark_stale(youth.partnership_id)
        profile.settle()
        if kind != PartAnswer.Kind.UNDERSTOOD:
            answer.tell_the_school()
        return answer


class PartAnswerQuerySet(models.QuerySet):
    def open_questions(self):
        """Questions that wait on the school: no reply, not settled by a later answer.

        A newer version of the part settles nothing: who asked hears what became of it.
        """
        settled = PartAnswer.objects.exclude(kind=PartAnswer.Kind.QUESTION).filter(
            sent_part=OuterRef("sent_part"), answered_at__gt=OuterRef("answered_at")
        )
        return self.filter(
            ~Exists(settled),
            kind=PartAnswer.Kind.QUESTION,
            replied_at=None,
            sent_part__part__withdrawn_at=None,
        )


class PartAnswer(models.Model):
    """The receiver's answer to one part, and the sender's reply to a question."""

    class Kind(models.TextChoices):
        UNDERSTOOD = "understood", _("Understood")
        QUESTION = "question", _("Question")
        CANNOT_USE = "cannot_use", _("Cannot use it")

    # A question that came back: it is the receiver's turn again.
    REPLIED = Q(kind="question", replied_at__isnull=False)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sent_part = models.ForeignKey(SentPart, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(_("your answer"), max_length=12, choices=Kind)
    text = EncryptedTextField(_("your words"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(default=timezone.now)
    reply = EncryptedTextField(_("reply"), max_length=2000, blank=True)
    replied_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField(null=True)

    objects = PartAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["answered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="understood") | ~Q(text=""),
                name="a_question_or_a_no_has_words",
                violation_error_message=_("Write your question, or why you cannot use it."),
            ),
            models.CheckConstraint(
                condition=(Q(reply="") & Q(replied_at=None))
                | (~Q(reply="") & Q(replied_at__isnull=False)),
                name="a_reply_has_words_and_a_time",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    def tell_the_school(self) -> None:
        """A question waits there from now on; that a part cannot be used is news."""
        part, youth = self.sent_part, self.sent_part.profile.youth
        write = reverse("handover:write", args=[youth.pk])
        Notice.tell_team(
            youth,
            Role.SCHOOL,
            kind=self.kind,
            about=str(self.pk),
            path=f"{write}?section={part.section}#part-{part.part_id}",
        )

    def tell_the_receiver(self) -> None:
        """That the question has its reply, unless the part is held back from them by now."""
        part = self.sent_part
        if SentPart.objects.filter(pk=part.pk).disclosed().exists():
            youth = part.profile.youth
            Notice.tell_team(
                youth,
                Role.CASEWORKER,
                kind=Notice.Kind.REPLIED,
                about=str(self.pk),
                path=reverse("handover:received", args=[youth.pk])
                + f"?part={part.pk}#part-{part.pk}",
            )

    def repeats(self, *, by, kind: str, text: str) -> bool:
        """Whether somebody sends this very answer once more, as a double click does."""
        return (self.answered_by_id, self.kind, self.text, self.replied_at) == (
            by.pk,
            kind,
            text,
            None,
        )

    @transaction.atomic
    def give_reply(self, *, by, text: str) -> None:
        """The school replies to a question; the same reply twice is one.

        Raises HandoverRefused when it has another reply already, or was no question.
        """
        profile = self.sent_part.profile.lock()
        self.refresh_from_db(fields=["kind", "reply", "replied_by", "replied_at"])
        if (self.reply, self.replied_by_id) == (text, by.pk):
            return
        if self.kind != self.Kind.QUESTION or self.replied_at:
            raise HandoverRefused(_("This question has a reply already."))
        if not text.strip():
            raise HandoverRefused(_("Write your reply."))
        self.reply, self.replied_by, self.replied_at = text, by, timezone.now()
        self.save(update_fields=["reply", "replied_by", "replied_at"])
        profile.settle()
        self.tell_the_receiver()
