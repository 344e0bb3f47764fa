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
from pipeline.questions.words import Stems, Words, stems_of, terms

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
    return [stem for piece in text.split() for stem in stems_of(piece)]


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


_PIECES = st.sampled_from(["ferry", "Ferries,", "harbour-wall", "wall", "—", "harbour", "x" * 200, "'"])


@given(st.lists(st.lists(_PIECES, max_size=12).map(" ".join), max_size=4))
def test_a_phrase_is_found_where_its_words_stand_behind_one_another(texts: list[str]) -> None:
    stems = Stems({"ferri", "harbour", "wall"})
    for text in texts:
        stems.make_room()
        words = Words(text, stems)
        line = f" {' '.join(stems_of(text))} "
        for term in terms('ferry wall "harbour wall" "ferry harbour wall" "wall ferry"'):
            assert words.have(term) is (f" {' '.join(term)} " in line)
            places = list(words.places(term))
            assert bool(places) is words.have(term)
            for place in places:
                assert term[0] in stems_of(text[place:].split()[0])
                assert not text[:place].strip() or text[place - 1].isspace()


def test_what_is_remembered_of_texts_is_bounded() -> None:
    stems = Stems()
    for number in range(40):
        stems.make_room()
        words = Words(" ".join(f"w{number}n{piece}" for piece in range(15_000)), stems)
        assert words.have((f"w{number}n7",))
    assert len(stems.of) < 20 * 15_000
