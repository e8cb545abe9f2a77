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
