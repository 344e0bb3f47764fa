"""Words are compared as the store's full text search compares them: SQLite's own is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.questions.stems import stem
from pipeline.questions.words import EVERY_WORD, terms

_SEEDS = Path(__file__).parents[3] / "seeds"
_ENDS = (
    "s",
    "ed",
    "ing",
    "ational",
    "iveness",
    "ly",
    "ization",
    "ment",
    "ion",
    "y",
    "eed",
    "ies",
    "ful",
    "ll",
    "er",
)


@pytest.fixture(scope="module")
def search() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='porter unicode61 remove_diacritics 2')"
        )
        connection.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(texts, 'instance')")
        yield connection


def stems(text: str) -> list[str]:
    return list(EVERY_WORD.stems(text.split()))


def _indexed(search: sqlite3.Connection, text: str) -> list[str]:
    search.execute("DELETE FROM texts")
    search.execute("INSERT INTO texts VALUES (?)", (text,))
    return [term for (term,) in search.execute('SELECT term FROM terms ORDER BY "offset"')]


def test_the_words_of_articles_have_the_stems_of_the_search(search: sqlite3.Connection) -> None:
    for path in sorted(_SEEDS.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        assert stems(text) == _indexed(search, text), path.name


@given(st.text("abdegilnorstuvyz", min_size=1, max_size=8), st.sampled_from(_ENDS))
def test_so_have_words_that_nobody_has_written(search: sqlite3.Connection, word: str, end: str) -> None:
    assert [stem(word + end)] == _indexed(search, word + end)


def test_accents_and_case_make_no_difference_and_marks_part_words() -> None:
    assert stems("Fähre, FÄHRE fa\u0308hre under_score O’Hara’s £3.2m") == [
        *["fahr"] * 3, "under", "score", "o", "hara", "s", "3", "2m",
    ]  # fmt: skip


def test_a_search_is_words_and_phrases() -> None:
    assert terms('ferry "Harbour walls" ferries — "" "?"') == [("ferri",), ("harbour", "wall")]
