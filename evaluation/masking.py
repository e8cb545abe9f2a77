"""What a reader from outside learns of a partnership's youths: bands of five, never a number.

The rule and what it gives up: docs/adr/0025. Whoever leads or evaluates a programme is outside all
its partnerships.
"""

LEAST = 5  # persons in a cell that may be told from outside


def band(count: int, of: int) -> tuple[int, int]:
    """The band of at least five numbers in which a count of so many lies, from and to.

    All that are possible where there are too few for two bands.
    """
    bands = of // LEAST
    if bands < 2:
        return 0, of
    at = min(count // LEAST, bands - 1)
    low = at * LEAST
    return low, of if at == bands - 1 else low + LEAST - 1


def given_away(total: int, lowest: int, highest: int) -> bool:
    """Whether a sum that is told beside the bands would tell one of the counts.

    `lowest` and `highest` are the ends of all bands added up. With two bands or more, each of at
    least two numbers, a sum tells at its ends alone.
    """
    return total in (lowest, highest)


def few_hidden(counts: dict, of: int) -> dict:
    """The same counts of parts of so many persons, with None for those that are not told.

    One to four are never told; nor are others, the smallest first, as long as what is told leaves
    fewer than five persons, or a single part, for the rest: it could be found by subtraction. None
    of the parts is a cell as well: the persons who are in none.
    """
    parts = {**counts, None: of - sum(counts.values())}
    hidden = {part for part, n in parts.items() if 0 < n < LEAST}
    while hidden and (len(hidden) == 1 or sum(parts[part] for part in hidden) < LEAST):
        rest = [part for part in parts if part not in hidden and parts[part]]
        if not rest:
            break
        hidden.add(min(rest, key=lambda part: parts[part]))
    return {part: None if part in hidden else n for part, n in counts.items()}


def few(count: int) -> int | None:
    """A count of persons that stands alone, or None where it is one to four."""
    return None if 0 < count < LEAST else count
