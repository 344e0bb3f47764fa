"""Parquet: the values of the tables, with their types."""

from __future__ import annotations

import io
import sys
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from pipeline.errors import UsageError
from pipeline.exports import parquet as form
from pipeline.exports.form import ARTICLES, NAMES, STATEMENTS, Asked
from pipeline.exports.tables import TABLES, Value
from pipeline.record import EnrichedArticle
from tests.support.records import records
from tests.unit.exports.written import located, written


def _plain(value: Value) -> Value:
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("of", [ARTICLES, STATEMENTS, NAMES])
@settings(max_examples=40)
@given(some=st.lists(records(), max_size=3))
def test_any_records_are_read_back_value_for_value(of: str, some: list[EnrichedArticle]) -> None:
    data, count = written("parquet", some, Asked(of))
    table = parquet.read_table(io.BytesIO(data))
    assert table.num_rows == count
    assert table.column_names == [column.name for column in TABLES[of].columns]
    expected = TABLES[of].rows(some, Asked(of))
    assert [list(row.values()) for row in table.to_pylist()] == [
        [_plain(one) for one in row] for row in expected
    ]


def test_values_have_types() -> None:
    data, _ = written("parquet", [located()], Asked(NAMES))
    [_, place, *_] = parquet.read_table(io.BytesIO(data)).to_pylist()
    assert place["time"].tzinfo is not None
    assert place["time"].astimezone(UTC).isoformat() == "2031-05-04T11:00:00+00:00"
    assert (place["geonames_id"], place["latitude"], place["called"]) == (2649268, -0.25, ["Fenmouth"])


def test_rows_are_written_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form, "_ROWS", 3)
    data, count = written("parquet", (located() for _ in range(8)))
    file = parquet.ParquetFile(io.BytesIO(data))
    assert count == 8
    assert [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)] == [3, 3, 2]


def test_without_its_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'news-pipeline\[parquet\]'"):
        written("parquet", [located()])
