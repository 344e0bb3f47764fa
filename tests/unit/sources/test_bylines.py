"""Who wrote an article, out of what documents and programs write down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.bylines import authors_in, section_in

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["name", "value", "x"]), inner),
)


@pytest.mark.parametrize(
    ("written", "authors"),
    [
        ("Ada Quill", ["Ada Quill"]),
        ("By Ada Quill", ["Ada Quill"]),
        ("BY ADA QUILL", ["ADA QUILL"]),
        ("By Ada Quill and Sam Roe", ["Ada Quill", "Sam Roe"]),
        ("By Ada Quill, Sam Roe and Jo O'Hara-Lind", ["Ada Quill", "Sam Roe", "Jo O'Hara-Lind"]),
        ("Ada Quill; Sam Roe", ["Ada Quill", "Sam Roe"]),
        ("By Ada Quill, Political Editor", ["Ada Quill"]),
        ("By Ada Quill | The Fen Courier Staff Writer", ["Ada Quill"]),
        ("By Ada Quill, Fen Press", ["Ada Quill"]),
        ("Ada Quill <ada@courier.example>", ["Ada Quill"]),
        ("ada@courier.example (Ada Quill)", ["Ada Quill"]),
        ("Von Karla Lind und Jens Moor, dpa", ["Karla Lind", "Jens Moor"]),
        ("J. R. Quill", ["J. R. Quill"]),
        ("Reuters", ["Reuters"]),
        ("Staff", ["Staff"]),
        ("The Newsroom Team", ["The Newsroom Team"]),
        ("Byron Lind", ["Byron Lind"]),
        ("", []),
        ("  ", []),
        (None, []),
        (7, []),
        ({"name": "Ada Quill"}, ["Ada Quill"]),
        ([{"name": "Ada Quill", "url": "x"}, "Sam Roe", None, 3], ["Ada Quill", "Sam Roe"]),
        (["By Ada Quill", "Ada Quill"], ["Ada Quill"]),
    ],
)
def test_authors_are_persons_where_persons_are_named(written: object, authors: list[str]) -> None:
    assert list(authors_in(written)) == authors


@pytest.mark.parametrize(
    ("written", "section"),
    [
        ("Sport", "Sport"),
        (["Sport", "Ferries"], "Sport"),
        ([{"name": "Sport"}], "Sport"),
        ([], None),
        (None, None),
        (3, None),
        (" ", None),
    ],
)
def test_a_section_is_the_first_that_is_named(written: object, section: str | None) -> None:
    assert section_in(written) == section


@given(_JSON)
def test_no_value_is_a_reason_to_refuse_an_article(value: object) -> None:
    authors = authors_in(value)
    assert len(authors) <= 20
    assert all(one.strip() and len(one) <= 120 for one in authors)
    section_in(value)
