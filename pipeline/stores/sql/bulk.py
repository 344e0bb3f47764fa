"""Many rows in few statements, by the fastest way each database has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    import psycopg

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
    """Insert `rows`, which all have the same columns, two or more."""
    if rows:
        columns = list(rows[0])
        insert_values(connection, table, columns, list(map(itemgetter(*columns), rows)))


def insert_values(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows given as the values of `columns`."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table, columns, rows)
    else:
        _execute_many(connection, table, columns, rows)


def upsert(connection: Connection, table: Table) -> Any:
    """An insert that can be told what becomes of rows that are there (`on_conflict_…`)."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def _copy(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    from psycopg import sql  # noqa: PLC0415 - an extra that SQLite does without

    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _execute_many(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    # Past SQLAlchemy's own handling of parameters, which takes longer than SQLite takes to write the rows.
    dialect = connection.dialect
    quote = dialect.identifier_preparer.quote
    names, values = ", ".join(map(quote, columns)), ", ".join("?" * len(columns))
    statement = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({values})"  # noqa: S608 - names of ours
    processors = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns]
    to_convert = [(index, process) for index, process in enumerate(processors) if process]
    connection.exec_driver_sql(statement, [_converted(row, to_convert) for row in rows])


def _converted(
    row: tuple[Any, ...], to_convert: Sequence[tuple[int, Callable[[Any], Any]]]
) -> tuple[Any, ...]:
    if not to_convert:
        return row
    values = list(row)
    for index, process in to_convert:
        values[index] = process(values[index])
    return tuple(values)
