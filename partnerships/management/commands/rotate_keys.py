"""Move every encrypted value under the newest key."""

import operator
from functools import reduce

from django.core.management import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q

from partnerships.encryption import EncryptionError, encrypted_fields, newest_key


class Command(BaseCommand):
    help = (
        "Re-encrypts every value that is not under the newest key of VIVIRKR_ENCRYPTION_KEYS."
        " May run while the site is in use, be stopped, and be run again."
    )

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="only count; fails if any remain")
        parser.add_argument("--batch", type=int, default=500, help="rows in one transaction")

    def handle(self, *, check, batch, **options):
        remaining = 0
        for model, fields in encrypted_fields().items():
            done, unopened = 0, []
            # First what nobody holds, then one by one what somebody held: who never waits with
            # locks in hand cannot stand in anybody's way.
            for size, waits in () if check else ((batch, False), (1, True)):
                done += rotate(model, fields, size, waits, unopened)
            left = old_rows(model, fields).count()
            remaining += left
            self.stdout.write(f"{model._meta.label}: {done} re-encrypted, {left} remain")
            for pk, why in dict(unopened).items():
                self.stderr.write(f"{model._meta.label} {pk}: {why}")
        if remaining:
            raise CommandError(f"{remaining} rows remain under an older key than {newest_key()}.")
        self.stdout.write(f"All values are under {newest_key()}.")


def old_rows(model, fields):
    old = [Q(**{f"{field.name}__under_old_key": True}) for field in fields]
    return model._base_manager.filter(reduce(operator.or_, old))


def rotate(model, fields, size, waits, unopened) -> int:
    """Re-encrypt rows in batches, each a transaction of its own; returns how many were done.

    Rows done drop out of the query, so that whoever starts again goes on where it stopped. What
    cannot be opened is passed over and put on `unopened`.
    """
    done, after = 0, None
    while True:
        with transaction.atomic():
            rows = old_rows(model, fields).order_by("pk")
            rows = rows.select_for_update(of=("self",), skip_locked=not waits)
            rows = list(rows.filter(pk__gt=after)[:size] if after else rows[:size])
            for row in rows:
                try:
                    sealed = {field.name: field.pre_save(row, False) for field in fields}
                except EncryptionError as error:
                    unopened.append((row.pk, repr(error)))
                else:
                    done += model._base_manager.filter(pk=row.pk).update(**sealed)
        if not rows:
            return done
        after = rows[-1].pk
