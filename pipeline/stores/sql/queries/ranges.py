"""What the questions have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column


def within(
    time: ColumnElement[Any], since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    """The conditions for `since <= time < until`; an open end is None."""
    conditions = []
    if since is not None:
        conditions.append(time >= since)
    if until is not None:
        conditions.append(time < until)
    return conditions


def day_of(time: ColumnElement[Any], dialect: str) -> ColumnElement[str]:
    """The day of a time in UTC, `2031-05-04`."""
    return _beginning(time, dialect, 10, "YYYY-MM-DD")


def hour_of(time: ColumnElement[Any], dialect: str) -> ColumnElement[str]:
    """The hour of a time in UTC, `2031-05-04T09`."""
    return _beginning(time, dialect, 13, 'YYYY-MM-DD"T"HH24')


def _beginning(time: ColumnElement[Any], dialect: str, length: int, form: str) -> ColumnElement[str]:
    if dialect == "sqlite":  # which keeps times as text that begins so
        return func.substr(time, literal_column("1"), literal_column(str(length)))
    # Written out: as parameters they would differ between SELECT and GROUP BY.
    return func.to_char(func.timezone(literal_column("'UTC'"), time), literal_column(f"'{form}'"))
