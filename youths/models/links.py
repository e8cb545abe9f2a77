"""What a link without a sign-in needs, whatever it opens: a hash, a browser, and an end."""

import hashlib
import uuid

from django.db import models
from django.utils import timezone

from partnerships.models import User


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class LinkQuerySet(models.QuerySet):
    def standing(self):
        """Not ended and not run out; what it is for may say more."""
        return self.filter(ended_at=None, expires_at__gt=timezone.now())

    def named(self, token: str):
        """The one that a token opens, or None. Reading it changes nothing."""
        return self.usable().filter(token_hash=hash_of(token)).first()


class Link(models.Model):
    """A way in for who has no sign-in: for one thing, until a day, in the browser that asks first.

    Only the token's hash is kept, so that nobody can read the link off the database.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self):
        return str(self.pk)

    def begin(self) -> bool:
        """Bind the link to the browser that asks first; False for the second of two at once."""
        rows = type(self).objects.filter(pk=self.pk, begun_at=None, ended_at=None)
        return bool(rows.update(begun_at=timezone.now()))
