"""The latest of what has certain words, on PostgreSQL: read in order of time, or found by the index of words.

Its planner knows how often a word occurs, but neither how often words stand one behind the other nor what it costs to
fetch the words of a long text. So the latest few are looked at first: they are enough where what is sought is frequent,
and tell how frequent it is where it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, Table, select
from sqlalchemy.sql.selectable import NamedFromClause

_SELDOM = 0.01  # of those that were looked at


class HaveWords(Protocol):
    """Gives the condition that rows of a table, or of an alias of it, have the words."""

    def __call__(self, rows: NamedFromClause, *, one_by_one: bool) -> ColumnElement[bool]:
        """`one_by_one`: without the index of words."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for in a table.

    Attributes:
        table: it has one column as its primary key.
        have_words: what of it.
        order: in which its rows are to come, by the columns of something that has its time and key; the latest first.
        looked_at: how many of the latest are looked at first.
    """

    table: Table
    have_words: HaveWords
    order: Callable[[FromClause], Sequence[ColumnElement[Any]]]
    looked_at: int


def latest_with_words(
    connection: Connection, fitting: Select[Any], sought: Sought, limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Give times and keys of the first rows that have the words.

    Args:
        connection: to PostgreSQL.
        fitting: selects time and key of all rows that fit but for the words, in no order.
        sought: the words, and the order.
        limit: how many.
    """
    table, order = sought.table, sought.order
    [key] = table.primary_key.columns
    in_order = fitting.order_by(*order(table))
    latest = in_order.limit(sought.looked_at).subquery()
    rows = table.alias()
    looked_at = select(latest).join(rows, rows.c[key.name] == latest.c[key.name])
    having = looked_at.where(sought.have_words(rows, one_by_one=True))
    first = connection.execute(having.order_by(*order(latest)).limit(limit)).all()
    if len(first) == limit:
        return first
    if len(first) >= _SELDOM * sought.looked_at:
        going_on = in_order.where(sought.have_words(table, one_by_one=True)).limit(limit)
        return connection.execute(going_on).all()
    # Every one of them, for which the planner takes the index, and then put in order.
    every = fitting.where(sought.have_words(table, one_by_one=False)).cte("every").prefix_with("MATERIALIZED")
    return connection.execute(select(every).order_by(*order(every)).limit(limit)).all()
