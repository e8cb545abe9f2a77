"""A list that was handed in: one is here already, one found no place, two have to be corrected."""

from partnerships.sheets import Fault, Line
from vivirkr.demo.dates import at, day, month_end
from youths.models import Import

TEAM = "randers"  # whose places are all taken


def create(cases, partnerships, people) -> None:
    here = next(case.youth for case in cases if case.story.partnership == TEAM)
    whole = {
        "birth_date": f"{day(19 * 365):%d-%m-%Y}",
        "stu_ends_on": f"{month_end(7):%d-%m-%Y}",
        "reason": "Vil gerne ud og prøve sig selv af på en rigtig arbejdsplads.",
    }
    lines = [
        Line(2, {**whole, "name": here.name, "birth_date": f"{here.birth_date:%d-%m-%Y}"}),
        Line(3, {**whole, "name": "Liv Enevoldsen", "stu_ends_on": "til sommer"}),
        Line(4, {**whole, "name": "Storm Krogager"}),
        Line(5, {**whole, "name": "Saga Bjerregård", "reason": ""}, {"reason": Fault.FORMULA}),
    ]
    by = people.caseworker(TEAM, 0)
    made = Import.check_file(
        by=by, partnership=partnerships[TEAM], name="Venteliste.xlsx", lines=lines
    )
    made.start(by=by)
    Import.run(made.pk)
    Import.objects.filter(pk=made.pk).update(made_at=at(2, 9, 5), done_at=at(2, 9, 7))
