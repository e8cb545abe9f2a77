"""Words that say why somebody needs something, where a company needs what works.

A hint for who writes, never a rule: the list is `data/diagnosis_words.txt`, and a word in it may
be the right one.
"""

import functools
import re
from pathlib import Path

WORDS = Path(__file__).parent / "data" / "diagnosis_words.txt"


@functools.cache
def _listed() -> re.Pattern:
    lines = (line.strip() for line in WORDS.read_text(encoding="utf-8").splitlines())
    words = [re.escape(line).replace(r"\*", r"\w*") for line in lines if line[:1] not in ("", "#")]
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


def telling_words(text: str) -> list[str]:
    """The words of a text that tell of a diagnosis or the like, in small letters, each once."""
    return list(dict.fromkeys(word.lower() for word in _listed().findall(text)))
