"""One quotation in several wordings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.wordings import compared


def _marked(*texts: str) -> list[list[str]]:
    groups = compared([(text, number) for number, text in enumerate(texts)])
    return [
        ["".join(f"[{part.text}]" if part.differs else part.text for part in one.parts) for one in group]
        for group in groups
    ]


def test_wordings_of_one_quotation_are_shown_beside_each_other() -> None:
    assert _marked(
        "“The ferries may rest at last,”",
        "“We sail at dawn from the old pier,”",
        "“The old ferries may rest at long last!”",
    ) == [["“The ferries may rest at last,”", "“The [old] ferries may rest at [long] last!”"]]


def test_the_same_words_are_no_other_wording_whatever_their_marks() -> None:
    assert _marked("“It burned for hours,”", "'it burned for HOURS'") == []


def test_few_words_are_alike_by_chance_and_compared_with_nothing() -> None:
    assert _marked("“We will see”", "“We will say”") == []


def test_where_a_wording_differs_at_its_end_the_mark_ends_with_the_word() -> None:
    assert _marked("“It burned for many hours,”", "“It burned for many days,”") == [
        ["“It burned for many hours,”", "“It burned for many [days],”"]
    ]


@given(st.lists(st.text("ab c“”,", max_size=30), max_size=6))
def test_the_parts_are_the_text(texts: list[str]) -> None:
    for group in compared([(text, text) for text in texts]):
        assert len(group) > 1
        for wording in group:
            assert "".join(part.text for part in wording.parts) == wording.source
