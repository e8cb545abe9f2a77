"""Put the demonstration in place: `manage.py demo`."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from evaluation.models import PartnershipProgress
from partnerships.models import User
from vivirkr.demo import (
    closings,
    companies,
    contacts,
    course,
    criteria,
    cuts,
    deadlines,
    definitions,
    documents,
    facts,
    feedback,
    goals,
    handovers,
    imports,
    jobs,
    placements,
    programme,
    ratings,
    reading,
    requests,
    use,
    young,
    youths,
)
from vivirkr.demo.people import PASSWORD, SIGN_INS, People

SEED = 2016  # the year the programme began; the same people every time


class Command(BaseCommand):
    help = "Fill an empty database with an invented programme; a second run changes nothing."

    def handle(self, **options):
        if not settings.DEBUG:
            raise CommandError(
                "The demonstration has a password that everybody knows, so it is made only with "
                "DJANGO_DEBUG=1."
            )
        with transaction.atomic():
            if programme.is_here():
                self.stdout.write("The demonstration is here already; nothing was changed.")
                return
            create(invented_people())
        self.report()

    def report(self):
        figures = PartnershipProgress.objects.select_related(
            "partnership__school", "partnership__municipality"
        )
        for row in figures.order_by("partnership__starts_on"):
            self.stdout.write(f"{row.partnership}: {row.referred} referred, {row.closer} closer")
        self.stdout.write(f"\nSign-ins, password {PASSWORD}:")
        users = User.objects.in_bulk(SIGN_INS, field_name="email")
        for email in SIGN_INS:
            place = users[email].memberships.select_related("organisation").first()
            what = f"{place.title}, {place.organisation}" if place else "Ung"
            self.stdout.write(f"  {email:<46}{what}")


def invented_people():
    try:
        from faker import Faker
    except ImportError as error:
        raise CommandError(
            "Faker is missing; it invents the names. Install the packages of "
            "requirements-dev.txt, as `make run` does."
        ) from error
    fake = Faker("da_DK")
    fake.seed_instance(SEED)
    return fake


def create(fake) -> None:
    """Everything, in the order in which it depends on each other."""
    people = People(fake)
    the_programme = programme.create()
    programme.create_municipalities()
    programme.create_indicators()
    partnerships = programme.create_partnerships(the_programme)
    people.create_programme_team(the_programme)
    people.create_teams(partnerships)
    programme.sign(partnerships, people.leaders())
    employers = people.create_employers()
    cases = youths.create(partnerships, people, employers)
    contacts.create(cases, people)
    handovers.Handovers(people).create(cases)
    closings.Closings(people).create(cases)
    feedback.create(cases, people)
    requests.create(cases, people)
    young.create(cases, people)
    documents.create(cases, people)
    jobs.create(cases, people)
    goals.create(cases, people)
    course.create(cases, people)
    placements.create(cases, people)
    use.create(cases, people)
    use.count(partnerships.values())
    definitions.create(partnerships, people.leaders())
    ratings.Ratings(people, the_programme).create(cases)
    facts.create(cases, people)
    ratings.take_snapshots(partnerships.values())
    ratings.compute(partnerships.values())
    deadlines.create(cases, people)
    imports.create(cases, partnerships, people)
    criteria.create(the_programme, people.by["programme", "lead"])
    cuts.create(the_programme, people.by["programme", "evaluator"])
    people.create_controllers(partnerships[reading.TEAM])
    companies.create(partnerships, people, employers)
    reading.create(cases, partnerships[reading.TEAM], people)
    reading.review(partnerships[reading.TEAM], people)
