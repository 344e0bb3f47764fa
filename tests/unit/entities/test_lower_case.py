"""Which words an article writes small."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.stages.entities.lower_case import lower_case_words

words = st.sampled_from(
    [
        "hale",
        "Hale",
        "anti-hale",
        "Anti-hale",
        "x2",
        "3rd",
        "o’hale",
        "hale’",
        "häle",
        "U.S.",
        "u",
        "snake_hale",
    ]
)
joints = st.sampled_from([" ", ", ", "-", "", ".\n", "’s ", "“", "—"])
texts = st.lists(st.tuples(words, joints), max_size=10).map(lambda pieces: "".join(map("".join, pieces)))


@given(texts, words)
def test_it_knows_the_words_that_reading_the_whole_text_finds(text: str, word: str) -> None:
    read = {found for found in re.findall(r"[^\W\d_][\w’'-]*", text) if found.islower()}
    assert lower_case_words(text).has(word) == (word in read)


@given(texts, words.filter(lambda word: not word.endswith(("’", "'", "-"))))  # which no word ends with
@example("hale’Hale ", "hale")
def test_it_knows_the_stretches_that_reading_the_whole_text_finds(text: str, word: str) -> None:
    read = set(re.findall(r"\b[a-z][a-z’'-]+\b", text))
    assert lower_case_words(text).has_stretch(word) == (word in read)
