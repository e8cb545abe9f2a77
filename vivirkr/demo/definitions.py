"""Shared definitions: one signed, one laid side by side, one that a single side has answered."""

from dataclasses import replace

from evaluation.models import SIDES, Definition, DefinitionAnswer
from evaluation.progress import DEFAULT_RULE, Rule
from vivirkr.demo.dates import at, day, texts

TEXTS = texts("definitions")
OF_A_RULE = ("professionals", "rounds", "facts")


def create(partnerships, leaders) -> None:
    """Each as far as it has come: leaders are the people by (partnership, side)."""
    for name, row in TEXTS.items():
        key = row.get("partnership", name)
        made = Definition.begin(by=leaders[key, "school"], partnership=partnerships[key])
        for n, side in enumerate(SIDES):
            if side in row:
                _answer(made, side, row[side], leaders[key, side], row["begun"] - 3 - n)
        made = Definition.objects.get(pk=made.pk)
        made.begun_at = at(row["begun"])
        made.save(update_fields=["begun_at"])
        if "signed" in row:
            _sign(made, key, row, leaders)


def _rule(row) -> Rule:
    given = {name: row[name] for name in OF_A_RULE if name in row}
    return replace(DEFAULT_RULE, **given | {"facts": tuple(given.get("facts", ()))})


def _answer(definition, side, row, by, ago) -> None:
    answer = DefinitionAnswer.write(
        by=by,
        definition=definition,
        side=side,
        rule=_rule(row),
        revision=0,
        own_words=row["own_words"].strip(),
        examples=row["examples"].strip(),
        most=row["most"],
    )
    answer.hand_in(by=by)
    answer.written_at = answer.handed_in_at = at(ago)
    answer.save(update_fields=["written_at", "handed_in_at"])


def _sign(definition, key, row, leaders) -> None:
    definition.settle(
        by=leaders[key, "school"],
        rule=_rule(row),
        met_on=day(row["settled"]),
        present=row["present"].strip(),
        minutes=row["minutes"].strip(),
        revision=definition.revision,
    )
    for side in SIDES:
        definition.sign(by=leaders[key, side], side=side, revision=definition.revision)
    Definition.objects.filter(pk=definition.pk).update(
        settled_at=at(row["settled"]),
        in_force_from=day(row["signed"]),
        **{f"{side}_signed_at": at(row["signed"] + n) for n, side in enumerate(SIDES)},
    )
