"""Known names as whole words of a text."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pipeline.stages.entities.finding import occurrences

words = st.sampled_from(["Hale", "Hale Group", "Old Hale", "Group", "St. Hale", "U.K.", "Hale-Falk", "hale"])
joints = st.sampled_from([" ", ", ", "-", "", ".", "’s "])


@given(st.lists(st.tuples(words, joints), max_size=12), st.sets(words, max_size=5))
def test_it_finds_what_a_pattern_of_all_names_finds(pieces: list[tuple[str, str]], names: set[str]) -> None:
    text = "".join(word + joint for word, joint in pieces)
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True))) or "(?!)"
    expected = [
        (match.start(), match.group())
        for match in re.finditer(rf"(?<![\w-])(?:{longest_first})(?![\w-])", text)
    ]
    assert list(occurrences(text, names)) == expected


def test_a_name_within_a_longer_word_is_none() -> None:
    assert list(occurrences("Halewood and Hale, Old-Hale and Hale's", ["Hale"])) == [
        (13, "Hale"),
        (32, "Hale"),
    ]
