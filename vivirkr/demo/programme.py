"""The programme, all municipalities, the indicators, the rounds and the four partnerships."""

import csv
from datetime import timedelta
from pathlib import Path

from evaluation.models import Indicator, IndicatorText, RatingRound
from partnerships.models import (
    LegalGround,
    Organisation,
    OrganisationKind,
    OutcomeClass,
    Partnership,
    Phase,
    PlacementLimit,
    Programme,
)
from vivirkr.demo.dates import at, day, month_end, texts

MUNICIPALITIES = Path(__file__).parents[1] / "data" / "municipalities.csv"
TEXTS = texts("programme")
YEARS = 3  # of the programme and of each agreement

# The newest round is open now; before it one every thirteen weeks, 18 months back.
ROUNDS, OPENED, WEEKS_APART, WEEKS_OPEN = 7, 11, 13, 3


def is_here() -> bool:
    named = TEXTS["programme"]
    return Programme.objects.filter(name=named["name"], owner__name=named["owner"]).exists()


def opened(number: int) -> int:
    """How many days ago a round opened."""
    return OPENED + 7 * WEEKS_APART * (ROUNDS - number)


def create() -> Programme:
    fields = dict(TEXTS["programme"])
    phases, outcomes = fields.pop("phases"), fields.pop("outcomes")
    grounds, limits = fields.pop("grounds"), fields.pop("placement_limits")
    owner = Organisation.objects.create(kind=OrganisationKind.OWNER, name=fields.pop("owner"))
    starts_on = month_end(-22) + timedelta(days=1)
    programme = Programme.objects.create(
        owner=owner, starts_on=starts_on, ends_on=month_end(-22 + 12 * YEARS), **fields
    )
    for model, names in ((Phase, phases), (OutcomeClass, outcomes)):
        model.objects.bulk_create(
            model(programme=programme, position=position, name=name)
            for position, name in enumerate(names, start=1)
        )
    LegalGround.objects.bulk_create(
        LegalGround(programme=programme, position=position, **ground)
        for position, ground in enumerate(grounds, start=1)
    )
    PlacementLimit.objects.bulk_create(
        PlacementLimit(programme=programme, **limit) for limit in limits
    )
    RatingRound.objects.bulk_create(
        RatingRound(
            programme=programme,
            number=number,
            opens_on=day(opened(number)),
            closes_on=day(opened(number) - 7 * WEEKS_OPEN),
        )
        for number in range(1, ROUNDS + 1)
    )
    return programme


def create_municipalities() -> None:
    """All 98: the model is to spread to them. Those that are here already stay as they are."""
    with MUNICIPALITIES.open(encoding="utf-8") as file:
        Organisation.objects.bulk_create(
            [
                Organisation(
                    kind=OrganisationKind.MUNICIPALITY,
                    name=f"{row['name']} Kommune",
                    municipality_code=row["code"],
                )
                for row in csv.DictReader(file)
            ],
            ignore_conflicts=True,
        )


def create_indicators() -> None:
    for position, row in enumerate(TEXTS["indicators"], start=1):
        indicator, _created = Indicator.objects.get_or_create(
            code=row["code"], defaults={"position": position}
        )
        for audience in IndicatorText.Audience.values:
            for language, wording in row.get(audience, {}).items():
                IndicatorText.objects.get_or_create(
                    indicator=indicator,
                    audience=audience,
                    language=language,
                    defaults={
                        "name": wording["name"],
                        "question": wording["question"],
                        **{f"step_{n}": text for n, text in enumerate(wording["steps"], start=1)},
                    },
                )


def create_partnerships(programme) -> dict[str, Partnership]:
    """The four partnerships as drafts, by key; `sign` brings them as far as they are."""
    return {row["key"]: _partnership(programme, row) for row in TEXTS["partnerships"]}


def _partnership(programme, row) -> Partnership:
    school = Organisation.objects.create(
        kind=OrganisationKind.SCHOOL,
        name=row["school"],
        email=f"kontor@{row['key']}.demo.vivirkr.dk",
    )
    municipality = Organisation.objects.get(municipality_code=row["municipality_code"])
    written = {**TEXTS["agreement"], "parties": row["parties"], "content": row["content"]}
    return Partnership.objects.create(
        programme=programme,
        school=school,
        municipality=municipality,
        starts_on=day(row["starts"]),
        ends_on=min(day(row["starts"] - 365 * YEARS), programme.ends_on),
        **{
            heading: text.strip().format(school=school.name, municipality=municipality.name)
            for heading, text in written.items()
        },
    )


def sign(partnerships, leaders) -> None:
    """Sign for the sides that have signed: leaders are the people by (partnership, side)."""
    for row in TEXTS["partnerships"]:
        partnership = partnerships[row["key"]]
        partnership.open_negotiation(by=leaders[row["key"], "school"])
        for side in ("school", "municipality"):
            if ago := row.get(f"signed_by_{side}"):
                partnership.sign(by=leaders[row["key"], side], side=side)
                Partnership.objects.filter(pk=partnership.pk).update(
                    **{f"{side}_signed_at": at(ago, 14)}
                )
        partnership.refresh_from_db()
