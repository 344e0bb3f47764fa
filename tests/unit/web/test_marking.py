"""Marks on a text, as nested elements."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.web.console.marking import Close, Mark, Open, Words, nested


def _drawn(text: str, *marks: Mark[str]) -> str:
    """The events as a person reads them."""
    signs: list[str] = []
    names: list[str] = []
    for event in nested(text, marks):
        match event:
            case Open(mark, continued):
                names.append(mark.what)
                signs.append(f"<{mark.what}{'+' if continued else ''}>")
            case Words(words):
                signs.append(words)
            case Close():
                signs.append(f"</{names.pop()}>")
    return "".join(signs)


def test_a_name_in_a_quotation_lies_within_it() -> None:
    assert _drawn("“Ada left,” he said.", Mark(1, 4, "e"), Mark(0, 11, "q")) == (
        "<q>“<e>Ada</e> left,”</q> he said."
    )


def test_of_one_span_the_lower_rank_is_outside() -> None:
    assert _drawn("Ada", Mark(0, 3, "speaker", 1), Mark(0, 3, "entity", 0)) == (
        "<entity><speaker>Ada</speaker></entity>"
    )


def test_marks_that_lie_across_each_other_are_cut() -> None:
    assert _drawn("abcdef", Mark(0, 4, "x"), Mark(2, 6, "y")) == "<x>ab<y>cd</y></x><y+>ef</y>"


def test_code_points_are_counted_whatever_they_are() -> None:
    text = "👩‍🚀 قال آدا e\u0301nd"
    start = text.index("آدا")
    assert _drawn(text, Mark(start, start + 3, "e")) == "👩‍🚀 قال <e>آدا</e> e\u0301nd"


def test_marks_outside_of_the_text_are_cut_or_left_out() -> None:
    assert _drawn("ab", Mark(-3, 1, "x"), Mark(1, 9, "y"), Mark(5, 9, "z"), Mark(1, 1, "n")) == (
        "<x>a</x><y>b</y>"
    )


def test_a_text_without_marks_is_one_stretch_and_an_empty_one_none() -> None:
    assert list(nested("abc", [])) == [Words("abc")]
    assert list(nested("", [Mark(0, 1, "x")])) == []


_TEXTS = st.text(alphabet=st.sampled_from("ab “”é👩\u200d🚀ش\n\u202e"), max_size=30)
_MARKS = st.lists(
    st.tuples(st.integers(-3, 33), st.integers(-3, 33), st.integers(0, 2)).map(
        lambda given: Mark(given[0], given[1], object(), given[2])
    ),
    max_size=8,
)


@given(_TEXTS, _MARKS)
def test_every_code_point_stands_in_the_marks_that_cover_it_and_in_no_other(
    text: str, marks: list[Mark[object]]
) -> None:
    open_now: list[Mark[object]] = []
    begun: list[Mark[object]] = []
    position = 0
    for event in nested(text, marks):
        match event:
            case Open(mark, continued):
                assert continued == (mark in begun)
                open_now.append(mark)
                begun.append(mark)
            case Close():
                open_now.pop()
            case Words(words):
                assert words
                assert words == text[position : position + len(words)]
                for at in range(position, position + len(words)):
                    covering = {id(mark) for mark in marks if mark.start <= at < mark.end}
                    assert {id(mark) for mark in open_now} == covering
                position += len(words)
    assert position == len(text)
    assert not open_now


@given(_TEXTS, _MARKS)
def test_no_element_is_empty(text: str, marks: list[Mark[object]]) -> None:
    events = list(nested(text, marks))
    for before, after in pairwise(events):
        assert not (isinstance(before, Open) and isinstance(after, Close))
