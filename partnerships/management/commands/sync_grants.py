"""After a release that changes the table of grants: make guardian's rows equal to it."""

from django.core.management.base import BaseCommand

from partnerships.access import repair_grants


class Command(BaseCommand):
    help = "Makes the grants of all partnerships and placements equal to the table in code."

    def handle(self, *args, **options):
        self.stdout.write(f"{len(repair_grants())} differed and are put right.")
