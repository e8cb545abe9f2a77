"""A text that is encrypted in the database, readable only in its own row: AES-256-GCM.

Stored as bytes: version, length of the key's id, the key's id, nonce, ciphertext with its tag. An
empty text is stored as empty bytes, so that a constraint can ask for words. docs/adr/0009 has
the reasons; `manage.py rotate_keys` moves every value under the newest key.
"""

import base64
import functools
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, IsNull
from django.db.models.query_utils import DeferredAttribute

VERSION, NONCE = 1, 12  # of the format; bytes


class EncryptionError(Exception):
    """Something about an encrypted value that must not pass in silence."""


class MissingKey(EncryptionError):
    """The value names a key that is not in the ring."""


class CannotOpen(EncryptionError):
    """The key is wrong, or the value was changed, or belongs to another row or column."""


class EncryptionRefused(EncryptionError):
    """A query or a save that an encrypted field cannot carry out."""


# -- Values --------------------------------------------------------------------------------


def newest_key() -> str:
    """The id of the key that encrypts."""
    return next(iter(settings.ENCRYPTION_KEYS))


def header(key_id: str) -> bytes:
    """What every value under a key begins with."""
    return bytes([VERSION, len(key_id)]) + key_id.encode()


@functools.lru_cache(maxsize=32)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def _place(head, table, column, pk) -> bytes:
    """What a value is bound to, besides its key."""
    return b"\0".join([head, table.encode(), column.encode(), str(pk).encode()])


def encrypt(text: str, *, table: str, column: str, pk) -> bytes:
    """The bytes to store for a text in that place, under the newest key."""
    if not text:
        return b""
    key_id = newest_key()
    head, nonce = header(key_id), os.urandom(NONCE)
    sealed = _cipher(settings.ENCRYPTION_KEYS[key_id]).encrypt(
        nonce, text.encode(), _place(head, table, column, pk)
    )
    return head + nonce + sealed


def decrypt(stored: bytes, *, table: str, column: str, pk) -> str:
    """The text behind stored bytes. Raises MissingKey or CannotOpen."""
    if not stored:
        return ""
    end = 2 + stored[1] if len(stored) > 1 else 2
    head, nonce, sealed = stored[:end], stored[end : end + NONCE], stored[end + NONCE :]
    where = f"{table}.{column} of {pk}"
    if stored[0] != VERSION or len(nonce) < NONCE:
        raise CannotOpen(where)
    key = settings.ENCRYPTION_KEYS.get(head[2:].decode(errors="replace"))
    if key is None:
        raise MissingKey(where)
    try:
        return _cipher(key).decrypt(nonce, sealed, _place(head, table, column, pk)).decode()
    except InvalidTag:
        raise CannotOpen(where) from None


def blind_index(text: str) -> str:
    """A keyed fingerprint by which an exact text is found again, and nothing else of it."""
    return hmac.new(settings.INDEX_KEY, text.encode(), "sha256").hexdigest()


def new_file_key() -> str:
    """A key for one file alone, to be kept in an encrypted field of the file's row.

    So `rotate_keys` has the rows to do and never the files, and a file whose row is gone opens to
    nobody, wherever a copy of it lies.
    """
    return base64.b64encode(os.urandom(32)).decode()


def encrypt_file(content: bytes, *, key: str, pk) -> bytes:
    """The bytes to store of a file that belongs to the row with this primary key."""
    nonce = os.urandom(NONCE)
    sealed = AESGCM(base64.b64decode(key)).encrypt(nonce, content, str(pk).encode())
    return bytes([VERSION]) + nonce + sealed


def decrypt_file(stored: bytes, *, key: str, pk) -> bytes:
    """The file behind stored bytes. Raises CannotOpen when they were changed or moved."""
    nonce, sealed = stored[1 : 1 + NONCE], stored[1 + NONCE :]
    if stored[:1] != bytes([VERSION]) or len(nonce) < NONCE:
        raise CannotOpen(f"the file of {pk}")
    try:
        return AESGCM(base64.b64decode(key)).decrypt(nonce, sealed, str(pk).encode())
    except InvalidTag:
        raise CannotOpen(f"the file of {pk}") from None


class Sealed:
    """A value as it is stored; shows nothing of itself. The field opens it."""

    __slots__ = ("_text", "stored")

    def __init__(self, stored: bytes):
        self.stored, self._text = stored, None

    def __bool__(self):
        return bool(self.stored)

    def __eq__(self, other):
        return isinstance(other, Sealed) and self.stored == other.stored

    def __hash__(self):
        return hash(self.stored)

    def __repr__(self):
        return "<sealed>"

    def __reduce__(self):
        return Sealed, (self.stored,)  # a copy opens it anew

    def open(self, field, pk) -> str:
        if self._text is None:
            self._text = decrypt(self.stored, **field.place(pk))
        return self._text


# -- The field -----------------------------------------------------------------------------


class Opens(DeferredAttribute):
    """Decrypts when somebody looks: a value that nobody reads stays sealed."""

    def __get__(self, instance, cls=None):
        value = super().__get__(instance, cls)
        return value.open(self.field, instance.pk) if isinstance(value, Sealed) else value

    def __set__(self, instance, value):
        # With a setter a descriptor comes before the instance's own dictionary.
        instance.__dict__[self.field.attname] = value


class SealedCol(Col):
    """The column in a query; refuses to sort by what has no order."""

    def as_sql(self, compiler, connection):
        # The compiler sorts after it has settled the columns and before the conditions.
        if compiler.select is not None and not hasattr(compiler, "where"):
            raise EncryptionRefused(f"{self.target} is encrypted and cannot be sorted by.")
        return super().as_sql(compiler, connection)


class ExactlyEmpty(Exact):
    """`field=""`, the only text that can be asked for."""

    def get_prep_lookup(self):
        if not isinstance(self.rhs, str) or self.rhs:
            field = self.lhs.output_field
            raise EncryptionRefused(f"{field} is encrypted: only the empty text can be asked for.")
        return self.rhs


class UnderOldKey(models.Lookup):
    """`field__under_old_key=True`: rows that `rotate_keys` has yet to do."""

    lookup_name = "under_old_key"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        column, params = self.process_lhs(compiler, connection)
        newest = connection.Database.Binary(header(newest_key()))
        sql = f"(octet_length({column}) > 0 AND substring({column} for %s) <> %s)"
        return sql, [*params, *params, len(header(newest_key())), newest]


class EncryptedTextField(models.TextField):
    """Text that only the application can read, bound to its table, column and primary key.

    The primary key must be known before the row is saved. Written by `save`, `create` and
    `bulk_create` (not with `update_conflicts`, which would store it under another row's key);
    `update` and `bulk_update` take nothing but the empty text.
    """

    descriptor_class = Opens
    LOOKUPS = {"exact": ExactlyEmpty, "isnull": IsNull, "under_old_key": UnderOldKey}

    def check(self, **kwargs):
        found = super().check(**kwargs)
        if isinstance(self.model._meta.pk, models.AutoField):
            hint = "Give the model a UUID as its primary key."
            said = "An encrypted field needs a primary key that is known before saving."
            found.append(checks.Error(said, hint=hint, obj=self, id="partnerships.E001"))
        if self.unique or self.db_index:
            said = "An encrypted field can be neither unique nor indexed."
            found.append(checks.Error(said, obj=self, id="partnerships.E002"))
        return found

    @functools.cached_property
    def validators(self):
        own = [MaxLengthValidator(self.max_length)] if self.max_length else []
        return [*super().validators, *own]

    def place(self, pk) -> dict:
        """What a value of this field in that row is bound to."""
        meta = self.model._meta
        return {"table": meta.db_table, "column": self.column, "pk": meta.pk.to_python(pk)}

    # Into the database

    def get_internal_type(self):
        return "BinaryField"

    def pre_save(self, instance, add):
        text = getattr(instance, self.attname)
        if text is None:
            return None
        if not isinstance(text, str):
            raise EncryptionRefused(f"{self} takes a text.")
        if instance.pk is None:
            raise EncryptionRefused(f"{self} needs the primary key before saving.")
        return Sealed(encrypt(text, **self.place(instance.pk)))

    def get_prep_value(self, value):
        return value if isinstance(value, Sealed) else super().get_prep_value(value)

    def get_db_prep_save(self, value, connection):
        if value is None:
            return None
        if value and not isinstance(value, Sealed):
            raise EncryptionRefused(f"{self} is encrypted: save the object instead of an update.")
        return connection.Database.Binary(value.stored if value else b"")

    def get_db_prep_value(self, value, connection, prepared=False):
        # For conditions, which can ask only whether there are words.
        return None if value is None else connection.Database.Binary(b"?" if value else b"")

    def get_placeholder(self, value, compiler, connection):
        if hasattr(value, "as_sql"):
            raise EncryptionRefused(f"{self} is encrypted: save the object instead of an update.")
        return "%s"

    def value_to_string(self, obj):
        raise EncryptionRefused(f"{self} is encrypted and is never written to a file as text.")

    # Out of the database

    def from_db_value(self, value, expression, connection):
        return None if value is None else Sealed(bytes(value))

    def get_col(self, alias, output_field=None):
        return SealedCol(alias, self, output_field)

    def get_lookup(self, lookup_name):
        try:
            return self.LOOKUPS[lookup_name]
        except KeyError:
            raise EncryptionRefused(f"{self} is encrypted: no {lookup_name} on it.") from None

    def get_transform(self, lookup_name):
        return None


def encrypted_fields() -> dict:
    """Every model that has encrypted fields, with them."""
    found = {
        model: [f for f in model._meta.local_concrete_fields if isinstance(f, EncryptedTextField)]
        for model in apps.get_models(include_auto_created=True)
    }
    return {model: fields for model, fields in found.items() if fields}
