"""Many rows in few statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table

_PARAMETERS = 500  # well below the smallest limit on parameters of a statement that is still met


def slices(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut `values` into pieces that fit an IN list."""
    for start in range(0, len(values), _PARAMETERS):
        yield values[start : start + _PARAMETERS]


def delete_articles(connection: Connection, table: Table, article_ids: Sequence[str]) -> None:
    """Delete all rows of `table` that belong to these articles."""
    for some in slices(article_ids):
        connection.execute(table.delete().where(table.c.article_id.in_(some)))


def insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert `rows`, all with the same columns."""
    if rows:
        connection.execute(table.insert(), rows)
