from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.changes import changes, sentences

_STORY = "Bridge opens\n\nThe mayor opened it. “It is strong,” she said. Mr. Reed of J. Reed & Sons left."


def test_sentences_end_at_stops_and_paragraphs_but_not_at_titles_and_initials() -> None:
    assert list(sentences(_STORY)) == [
        "Bridge opens",
        "The mayor opened it.",
        "“It is strong,” she said.",
        "Mr. Reed of J. Reed & Sons left.",
    ]


def test_a_sentence_may_end_within_quotation_marks() -> None:
    assert list(sentences("He said: “It holds.” Nobody agreed.")) == [
        "He said: “It holds.”",
        "Nobody agreed.",
    ]


def test_added_and_removed_sentences_are_told_in_the_order_of_their_texts() -> None:
    later = "Bridge opens late\n\nThe mayor opened it. Rain fell. “It is strong,” she said."
    found = changes(_STORY, later)
    assert found.added == ("Bridge opens late", "Rain fell.")
    assert found.removed == ("Bridge opens", "Mr. Reed of J. Reed & Sons left.")


def test_case_marks_and_white_space_are_no_change() -> None:
    copied = (
        _STORY.replace("“", '"').replace("”", '"').replace(" it", "  it").replace("The mayor", "THE MAYOR")
    )
    found = changes(_STORY, copied)
    assert found.added == found.removed == ()


def test_a_sentence_that_moved_is_no_change() -> None:
    found = changes("One came. Two came. Three came.", "Three came. One came. Two came.")
    assert found.added == found.removed == ()


@given(st.text(), st.text())
def test_what_is_added_one_way_is_removed_the_other(one: str, other: str) -> None:
    there, back = changes(one, other), changes(other, one)
    assert (there.added, there.removed) == (back.removed, back.added)


@given(st.text())
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    found = changes(text, text)
    assert found.added == found.removed == ()
