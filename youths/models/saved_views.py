"""Views of the list of young people that a person has given a name."""

import uuid

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.encryption import EncryptedTextField
from partnerships.models import User

AT_MOST = 20  # of one person


class TooManyViews(Exception):
    """The person has as many as a list of them can hold."""


class SavedView(models.Model):
    """Filters with a name, for the own eyes. Encrypted: what is looked for may be a name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    name = EncryptedTextField(_("name"), max_length=60)
    query = EncryptedTextField(max_length=500)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["made_at", "pk"]

    def __str__(self):
        return str(self.pk)

    @classmethod
    @transaction.atomic
    def keep(cls, *, by, name: str, query: str) -> "SavedView":
        """Keep a view; one of the same name is replaced. Raises TooManyViews."""
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        mine = list(cls.objects.filter(user=by.pk))
        same = next((view for view in mine if view.name.casefold() == name.casefold()), None)
        if same is not None:
            same.query = query
            same.save(update_fields=["query"])
            return same
        if len(mine) >= AT_MOST:
            raise TooManyViews
        return cls.objects.create(user_id=by.pk, name=name, query=query)
