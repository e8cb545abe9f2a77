"""What differs between two texts, word by word: a pure function."""

import re
from collections import Counter
from difflib import SequenceMatcher

KEPT, REMOVED, ADDED = "kept", "removed", "added"
_PIECES = re.compile(r"\w+|\s+|[^\w\s]+")
AT_MOST = 1_000_000  # pairs of like pieces; a text of the same word over and over has more


def words(before: str, after: str) -> list[tuple[str, str]]:
    """Both texts as one, in the order of reading: pairs of kind and text.

    Kept and removed make up the first text, kept and added the second. Changes with nothing but
    space between them are one change.
    """
    pieces = _PIECES.findall(before), _PIECES.findall(after)
    merged = []
    for gone, come in _joined(_opcodes(*pieces)):
        if come is not None and merged and merged[-1][1] is not None:
            last = merged.pop()
            gone, come = last[0] + gone, last[1] + come
        merged.append((gone, come))
    found = []
    for gone, come in merged:
        pair = [(KEPT, gone)] if come is None else [(REMOVED, gone), (ADDED, come)]
        found += [(kind, text) for kind, text in pair if text]
    return found


def _opcodes(a, b):
    """What SequenceMatcher finds, as pairs of texts; the second is None for what is kept."""
    in_a, in_b = Counter(a), Counter(b)
    if sum(number * in_b[piece] for piece, number in in_a.items()) > AT_MOST:
        return [("".join(a), "".join(b))]
    found = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [
        ("".join(a[i:j]), None if tag == "equal" else "".join(b[k:m])) for tag, i, j, k, m in found
    ]


def _joined(pairs):
    """The same, with the space between two changes as a part of both."""
    for at, (gone, come) in enumerate(pairs):
        between = come is None and gone.isspace() and 0 < at < len(pairs) - 1
        yield gone, gone if between else come
