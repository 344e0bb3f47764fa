"""Parquet: a row is an article."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from pipeline.errors import SourceError
from pipeline.record import Article
from pipeline.sources import read_articles

_DATE = datetime(2025, 5, 4, 9, 30, tzinfo=UTC)


def _table(columns: dict[str, Any], **options: Any) -> bytes:
    made = io.BytesIO()
    parquet.write_table(pa.table(columns), made, **options)
    return made.getvalue()


_ROWS = _table(
    {
        "id": [1, 2, 3],
        "headline": ["Pier closes", "Ferry late", None],
        "content": ["It is shut.", None, "It rained."],
        "date": [_DATE, _DATE, None],
        "authors": [["Ada Quill"], [], None],
        "outlet": ["The Fen Courier", "x", "x"],
    }
)


def _read(path: Path, data: bytes) -> list[Article | SourceError]:
    path.write_bytes(data)
    return list(read_articles([path]))


@pytest.mark.parametrize("name", ["rows.parquet", "rows.txt"])
def test_a_row_is_an_article(tmp_path: Path, name: str) -> None:
    first, second, third = _read(tmp_path / name, _ROWS)
    assert isinstance(first, Article)
    assert (first.article_id, first.text, first.source) == (
        "1",
        "Pier closes\n\nIt is shut.",
        "The Fen Courier",
    )
    assert (first.published_at, first.authors) == (_DATE, ("Ada Quill",))
    assert isinstance(second, SourceError)
    assert f"{name}:2: has no text" in str(second)
    assert isinstance(third, Article)
    assert third.title is None


def test_what_unpacks_to_far_more_than_it_is_is_refused(tmp_path: Path) -> None:
    bomb = _table({"text": ["x" * (1 << 20)] * 64}, compression="zstd", use_dictionary=False)
    (problem,) = _read(tmp_path / "bomb.parquet", bomb)
    assert "like a decompression bomb" in str(problem)


@pytest.mark.parametrize("data", [_ROWS[:-9], b"PAR1", _ROWS[:200] + _ROWS[300:]])
def test_a_broken_table_is_named(tmp_path: Path, data: bytes) -> None:
    (problem,) = _read(tmp_path / "rows.parquet", data)
    assert "is a Parquet file that breaks off behind row 0" in str(problem)


def test_what_is_called_so_and_is_none_is_named(tmp_path: Path) -> None:
    (problem,) = _read(tmp_path / "rows.parquet", b"headline,content\n")
    assert "is named like a file of Parquet, and begins like none" in str(problem)


def test_a_time_that_no_calendar_has_is_named(tmp_path: Path) -> None:
    times = pa.array([1 << 62], pa.timestamp("us", "UTC"))
    (problem,) = _read(tmp_path / "rows.parquet", _table({"text": ["It is shut."], "date": times}))
    assert isinstance(problem, SourceError)
    assert "breaks off behind row 0" in str(problem)


@settings(max_examples=60)
@given(st.integers(0, len(_ROWS)), st.binary(max_size=12), st.booleans())
def test_no_table_breaks_the_reader_wherever_it_is_damaged(
    tmp_path_factory: pytest.TempPathFactory, at: int, junk: bytes, cut: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.parquet"
    found = _read(path, _ROWS[:at] + junk + (b"" if cut else _ROWS[at + len(junk) :]))
    assert all(isinstance(one, Article | SourceError) for one in found)
