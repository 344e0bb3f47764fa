"""CSV: what was written is read back, and no spreadsheet reckons with it."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.exports.csvtable import csv_lines
from pipeline.exports.form import ARTICLES, NAMES, STATEMENTS, Asked
from pipeline.exports.tables import TABLES
from pipeline.record import EnrichedArticle
from tests.support.newsroom import newsroom
from tests.support.records import records
from tests.unit.exports.written import located, written

_RECKONED = tuple("=+-@\t\r\n＝＋－＠")
_FORMULAS = st.builds(
    str.__add__, st.sampled_from(_RECKONED), st.text("=1+A\n\r\t\"',;|\x07👩🏽‍🚒", max_size=8)
)


def _read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | _FORMULAS)
    )
)
def test_any_text_is_read_back_but_for_the_apostrophe_before_a_formula(rows: list[tuple[str]]) -> None:
    lines = "".join(csv_lines(["x"], rows))
    head, *found = list(csv.reader(io.StringIO(lines, newline=""), strict=True))
    assert head == ["x"]
    # An empty cell alone on a line is written as "", and read as one cell.
    assert found == [[f"'{text}" if text.startswith(_RECKONED) else text] for (text,) in rows]
    assert not any(cell.startswith(_RECKONED) for (cell,) in found)


@pytest.mark.parametrize("of", [ARTICLES, STATEMENTS, NAMES])
@given(some=st.lists(records(), max_size=3))
def test_any_records_become_rows_with_a_value_for_each_column(of: str, some: list[EnrichedArticle]) -> None:
    data, count = written("csv", some, Asked(of))
    rows = _read(data)
    expected = list(TABLES[of].rows(some, Asked(of)))
    assert len(rows) == count == len(expected)
    for row, values in zip(rows, expected, strict=True):
        assert list(row) == [column.name for column in TABLES[of].columns]
        for cell, value in zip(row.values(), values, strict=True):
            match value:
                case None:
                    assert cell == ""
                case str():
                    assert cell.removeprefix("'") == value.removeprefix("'") or cell == f"'{value}"
                case int() | float():
                    assert float(cell) == value
                case datetime():
                    assert datetime.fromisoformat(cell) == value
                case _:
                    assert all(text in cell for text in value)


def test_articles_as_rows() -> None:
    [row] = _read(written("csv", [located()])[0])
    assert row["time"] == row["published_at"] == "2031-05-04T11:00:00Z"
    assert row["authors"] == "Mina Sorrel; Jo Reed"
    assert (row["verdict"], row["names"], row["quotes"], row["jaccard"]) == ("original", "5", "1", "")
    assert row["text"].startswith("Harbour bridge opens\n\nMayor")


def test_statements_as_rows_their_pieces_together() -> None:
    rows = _read(written("csv", newsroom(), Asked(STATEMENTS, speaker="Reed"))[0])
    assert [(row["article_id"], row["pieces"], row["polarity"]) for row in rows] == [
        ("pier", "2", "asserted"),
        ("pier again", "2", "asserted"),
    ]
    assert rows[0]["text"] == "“It burned for hours,” … “Nobody in Fenmouth slept.”"
    assert newsroom()[0].article.text[int(rows[0]["start"]) : int(rows[0]["end"])].endswith("slept.”")


def test_names_as_rows_a_place_with_where_it_is() -> None:
    quill, place, *_ = _read(written("csv", [located()], Asked(NAMES))[0])
    assert (quill["name"], quill["person_title"], quill["role"]) == (
        "Ada Quill",
        "Mayor",
        "mayor of Fenmouth",
    )
    assert (place["name"], place["country"], place["geonames_id"]) == ("Fenmouth", "GB", "2649268")
    assert (place["latitude"], place["longitude"]) == ("-0.25", "51.5")
