"""Normal forms of ordinary texts are the library's; of a heap of marks the first ones stay."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipeline.stages.duplicates.normalise import normalise
from pipeline.text.normal_form import nfkc


@given(st.text(max_size=60))
def test_ordinary_texts_are_normalised_as_the_library_does(text: str) -> None:
    long = f"{text} " * 40
    assert nfkc(long) == unicodedata.normalize("NFKC", long)


def test_of_a_heap_of_marks_the_first_ones_stay() -> None:
    assert nfkc("a" + "\u0301\u0316" * 5000) == unicodedata.normalize("NFKC", "a" + "\u0301\u0316" * 15)


def test_a_number_of_no_character_is_no_fault_of_the_article() -> None:
    assert normalise(f"Caf&#233; &#{'1' * 5000}; open") == "café  open"
