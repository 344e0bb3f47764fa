"""Parquet: the tables of CSV with real types, for pandas, DuckDB and what reads columns."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from pipeline.errors import UsageError
from pipeline.exports.form import ARTICLES, NAMES, STATEMENTS, Asked, Form, Out
from pipeline.exports.tables import TABLES, Table, Type
from pipeline.record import EnrichedArticle

_ROWS = 1_000  # of a group: what is held at a time


def _write(records: Iterable[EnrichedArticle], out: Out, asked: Asked) -> int:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise UsageError(
            "Parquet needs a package that is not installed: pip install 'news-pipeline[parquet]'"
        ) from None
    table = TABLES[asked.of]
    schema = _schema(pa, table)
    count = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        entries = table.rows(records, asked)
        while rows := list(islice(entries, _ROWS)):
            columns = zip(*rows, strict=True)
            arrays = [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(rows)
    return count


def _schema(pa: Any, table: Table) -> Any:
    types = {
        Type.TEXT: pa.string(),
        Type.TEXTS: pa.list_(pa.string()),
        Type.TIME: pa.timestamp("us", tz="UTC"),
        Type.COUNT: pa.int64(),
        Type.NUMBER: pa.float64(),
    }
    return pa.schema([(column.name, types[column.type]) for column in table.columns])


PARQUET = Form(
    "parquet",
    ".parquet",
    "application/vnd.apache.parquet",
    (ARTICLES, STATEMENTS, NAMES),
    _write,
    is_binary=True,
)
