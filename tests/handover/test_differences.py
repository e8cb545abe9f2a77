"""Word by word: what is kept, taken out and put in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.differences import words


def shown(before, after) -> str:
    """Readable: removed in minus signs, added in plus signs."""
    marks = {"kept": "", "removed": "-", "added": "+"}
    return "".join(f"{marks[kind]}{text}{marks[kind]}" for kind, text in words(before, after))


@pytest.mark.parametrize(
    ("before", "after", "due"),
    [
        ("", "", ""),
        ("", "Nyt", "+Nyt+"),
        ("Gammelt", "", "-Gammelt-"),
        ("Vis det.", "Vis det.", "Vis det."),
        ("Vis det én gang.", "Vis det to gange.", "Vis det -én gang-+to gange+."),
        ("Holder pause", "Holder ikke pause", "Holder +ikke +pause"),
        ("Ærø og Ålborg", "Ærø eller Ålborg", "Ærø -og-+eller+ Ålborg"),
        ("Et.\nTo.", "Et.\nTre.", "Et.\n-To-+Tre+."),
        ("👩‍🍳 ja", "👩‍🍳 nej", "👩‍🍳 -ja-+nej+"),
    ],
)
def test_reads_as_one_text(before, after, due):
    assert shown(before, after) == due


@given(st.text("ab .\næ!", max_size=40), st.text("ab .\næ!", max_size=40))
def test_holds_both_texts_whole(before, after):
    found = words(before, after)
    assert "".join(text for kind, text in found if kind != "added") == before
    assert "".join(text for kind, text in found if kind != "removed") == after
    assert all(text for _kind, text in found)


def test_gives_up_on_a_text_of_one_word_over_and_over():
    before, after = "! " * 2000, "? ! " * 1000
    assert words(before, after) == [("removed", before), ("added", after)]


def test_takes_the_longest_ordinary_text_word_by_word():
    text = " ".join(f"ord{n}" for n in range(600))
    assert ("added", "andet") in words(text, text.replace("ord300", "andet"))
