"""The register of companies, and what companies say of the young people's placements."""

from partnerships.models import Membership, NetworkPlace
from vivirkr.demo.dates import at, day
from youths.models import Placement, PlacementFeedback, PlacesOffered

CONSIDERATIONS = "Én fast kollega at spørge\nRolig pauseplads\nKorte dage i begyndelsen"
WELL = (
    "Møder til tiden og går selv i gang. Kollegerne er glade for hjælpen.",
    "Arbejder grundigt, når opgaven er vist én gang.",
    "Er blevet hurtigere uge for uge og spørger nu selv.",
)
PRACTISE = ("At sige til, når noget driller.", "At holde pause i tide.", "")
DIFFERENTLY = "Jeg siger til, men der er larm i køkkenet, så de hører det ikke altid."


def create(partnerships, people, employers) -> None:
    for key, partnership in partnerships.items():
        town = partnership.municipality
        town.entry_name, town.entry_hours = "Virksomhedsservice", "Hverdage kl. 8-15"
        town.entry_phone = people.phone()
        town.entry_email = f"virksomhed@{key}.example"
        town.save()
    for number, company in enumerate(employers.values()):
        _keep(number, company, people)
    # Who signed in for the canteen has left: its caseworker gives a link.
    gone = Membership.objects.filter(organisation=employers["kantine"])
    gone.update(ends_on=day(30))
    _feedback()
    _unasked(employers["moellehuset"])


def _keep(number, company, people) -> None:
    company.considerations = CONSIDERATIONS if number % 2 == 0 else ""
    company.save()
    person = company.memberships.select_related("user").first().user
    company.contacts.create(
        name=person.name, title="Leder", phone=people.phone(), email=company.email
    )
    company.branches.create(name=company.name, address=f"Værkstedsvej {number + 1}")
    if number % 3 == 0:
        PlacesOffered.objects.create(
            company=company, kind=Placement.Kind.PRACTICE, number=2, since=day(20)
        )
    placed = Placement.objects.filter(employer=company)
    for pk in set(placed.order_by().values_list("youth__partnership", flat=True)):
        NetworkPlace.objects.create(
            company=company, partnership_id=pk, note="Tager gerne en i praktik hvert halvår"
        )


def _feedback() -> None:
    """Given after the first weeks: agreed with, seen differently, waiting; and some not given."""
    rows = Placement.objects.filter(starts_on__lte=day(30), youth__left_on=None)
    rows = rows.select_related("employer", "youth__account").order_by("starts_on", "pk")
    for number, placement in enumerate(rows):
        giver = Membership.objects.filter(organisation=placement.employer).first().user
        if number % 4 == 3 or placement.employer.memberships.filter(ends_on__isnull=False).exists():
            continue
        ago = (day(0) - placement.starts_on).days - 22
        answer = ("agrees", "disagrees", "")[number % 3]
        PlacementFeedback.objects.create(
            placement=placement,
            round=PlacementFeedback.Round.BEGUN,
            given_by=giver,
            giver_name=giver.name,
            given_at=at(ago, 14, 5),
            well=WELL[number % 3],
            practise=PRACTISE[number % 3],
            again=("yes", "yes", "maybe")[number % 3],
            weekly_hours=placement.weekly_hours,
            answer=answer,
            comment=DIFFERENTLY if answer == "disagrees" else "",
            answered_at=at(ago - 1, 10, 20) if answer else None,
        )


def _unasked(company) -> None:
    """What the company that signs in said before it was asked; the round itself waits for it."""
    giver = company.memberships.get().user
    for placement in Placement.objects.running().filter(employer=company, feedback=None):
        PlacementFeedback.objects.create(
            placement=placement,
            given_by=giver,
            giver_name=giver.name,
            given_at=at(50, 13, 40),
            well=WELL[1],
            practise=PRACTISE[0],
            again=PlacementFeedback.Again.YES,
            weekly_hours=placement.weekly_hours,
            answer=PlacementFeedback.Answer.DISAGREES,
            comment=DIFFERENTLY,
            answered_at=at(49, 9, 15),
        )
