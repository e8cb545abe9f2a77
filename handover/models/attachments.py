"""Files beside a part: what was seen, as a picture or a paper. Each is written once.

The file lies encrypted below settings.FILES_DIR under its row's id; the key is in the row. It is
written before the row is committed, so that a row always has its file; what a failure or a
removal leaves behind opens to nobody, and is swept away at night.
"""

import contextlib
import os
import time
import uuid
from pathlib import Path

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.models.answers import SentPart
from handover.models.profiles import Part
from handover.models.texts import HandoverRefused
from partnerships.attached import CONTENT_TYPES, Kind, shown_name
from partnerships.encryption import (
    EncryptedTextField,
    decrypt_file,
    encrypt_file,
    new_file_key,
)
from partnerships.models import User

FILES_AT_MOST = 5  # beside one part
A_DAY = 24 * 60 * 60  # seconds; the longest that a request can have been writing, and more


class AttachmentQuerySet(models.QuerySet):
    def visible_to(self, user, youth):
        """Files of the parts that the person writes, and of the sent ones that the person reads."""
        sent = SentPart.objects.visible_to(user, youth).filter(attachments=OuterRef("pk"))
        written = Q(removed_at=None, part__in=Part.objects.visible_to(user, youth))
        return self.filter(written | Exists(sent), part__profile__youth=youth)

    def standing(self):
        """Those that belong to the working text."""
        return self.filter(removed_at=None)

    def unsent(self):
        """What the version that was sent last does not say: added or removed since."""
        current = SentPart.objects.current().filter(attachments=OuterRef("pk"))
        added, removed = Q(removed_at=None), Q(removed_at__isnull=False)
        return self.filter((added & ~Exists(current)) | (removed & Exists(current)))


class Attachment(models.Model):
    """One file beside a part, and the sent copies of the part that it went out with."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # A draft that is deleted takes its files along; a part that was sent is never deleted.
    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="attachments")
    sent_with = models.ManyToManyField(SentPart, related_name="attachments")
    name = EncryptedTextField(_("name"), max_length=100)
    about = EncryptedTextField(_("what it shows"), max_length=200, blank=True)
    key = EncryptedTextField(editable=False)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind)
    size = models.PositiveIntegerField()  # bytes
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["added_at", "pk"]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.kind]

    @property
    def title(self) -> str:
        return self.about or self.name

    @property
    def path(self) -> Path:
        return path_of(self.pk)

    @classmethod
    @transaction.atomic
    def add(
        cls, *, by, part, name: str, kind: str, content: bytes, about: str = ""
    ) -> "Attachment":
        """Put a file, as `examine` gave it, beside a part; the same file twice is one.

        Raises HandoverRefused when the part was removed, or has as many as it may have.
        """
        profile = part.profile.lock()
        if not profile.parts.filter(pk=part.pk, withdrawn_at=None).exists():
            raise HandoverRefused(_("Somebody else has removed this part meanwhile."))
        standing = list(cls.objects.standing().filter(part=part))
        for one in standing:
            if one.size == len(content) and one.read() == content:
                return one
        if len(standing) >= FILES_AT_MOST:
            raise HandoverRefused(
                _("This part has %(number)s files already. Remove one first.")
                % {"number": FILES_AT_MOST}
            )
        made = cls(
            part=part,
            name=shown_name(name, kind),
            about=about,
            key=new_file_key(),
            kind=kind,
            size=len(content),
            added_by=by,
        )
        _write(made.path, encrypt_file(content, key=made.key, pk=made.pk))
        made.save(force_insert=True)
        profile.settle()
        return made

    @classmethod
    def go_out_with(cls, copies) -> None:
        """Bind the files that stand beside the parts to the copies of them that are sent now."""
        copy_of = {copy.part_id: copy for copy in copies}
        bound = cls.sent_with.through
        bound.objects.bulk_create(
            bound(attachment=one, sentpart=copy_of[one.part_id])
            for one in cls.objects.standing().filter(part__in=copy_of)
        )

    def read(self) -> bytes:
        """The file itself. Raises OSError when it is not there, CannotOpen when it was changed."""
        return decrypt_file(self.path.read_bytes(), key=self.key, pk=self.pk)

    @transaction.atomic
    def remove(self, *, by) -> None:
        """Take it from the working text: one that was sent leaves with the next version.

        With the row of one that never was sent goes its key.
        """
        profile = self.part.profile.lock()
        self.refresh_from_db(fields=["removed_at"])
        if self.removed_at:
            return
        if self.sent_with.exists():
            self.removed_at = timezone.now()
            self.save(update_fields=["removed_at"])
        else:
            self.delete()
        profile.settle()

    @classmethod
    def sweep(cls) -> tuple[int, list]:
        """Delete files that no row names; returns how many, and the ids whose file is missing.

        What was written today may belong to a transaction that is still open.
        """
        swept, missing = 0, []
        for shard in range(256):
            first, last = (uuid.UUID(f"{shard:02x}" + end * 30) for end in "0f")
            known = set(cls.objects.filter(pk__range=(first, last)).values_list("pk", flat=True))
            names = {}
            with contextlib.suppress(FileNotFoundError):
                names = {path.name: path for path in path_of(first).parent.iterdir()}
            missing += [pk for pk in known if pk.hex not in names]
            for name in names.keys() - {pk.hex for pk in known}:
                if names[name].stat().st_mtime < time.time() - A_DAY:
                    names[name].unlink()
                    swept += 1
        return swept, missing


def path_of(pk) -> Path:
    """Where the file of a row lies; its name says nothing."""
    return settings.FILES_DIR / pk.hex[:2] / pk.hex


def _write(path, content):
    """Whole and on the disk, or not there at all; for nobody else on the machine."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
