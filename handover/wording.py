"""Words that say why somebody needs something, where a company needs what works.

A hint for who writes, never a rule: the list is `data/diagnosis_words.txt`, and a word in it may
be the right one.
"""

import functools
import re
from pathlib import Path

WORDS = Path(__file__).parent / "data" / "diagnosis_words.txt"


# What a Danish word takes on at its end: hash, hashen; indlagt, indlagte; ADHD, ADHD'ens.
ENDING = r"'?(?:e?n|e?t|e?ne|er|erne|e)?s?"


@functools.cache
def _listed() -> re.Pattern:
    lines = (line.strip() for line in WORDS.read_text(encoding="utf-8").splitlines())
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(_word(line) for line in lines if line[:1] not in ('', '#'))})(?!\w)",
        re.IGNORECASE,
    )


def _word(line: str) -> str:
    """A word as it is met in a text: with a Danish ending, and at a star anything."""
    word = re.escape(line).replace(r"\*", r"\w*")
    return word if line.endswith("*") else word + ENDING


def telling_words(text: str) -> list[str]:
    """The words of a text that tell of a diagnosis or the like, in small letters, each once."""
    return list(dict.fromkeys(word.lower() for word in _listed().findall(text)))
