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


def hour_of(time: ColumnElement[Any], dialect: str) -> ColumnElement[str]:
    """The hour of a time in UTC, `2031-05-04T09`."""
    # Written out: as parameters they would differ between SELECT and GROUP BY.
    if dialect == "sqlite":  # which keeps times as text that begins so
        return func.substr(time, literal_column("1"), literal_column("13"))
    utc = func.timezone(literal_column("'UTC'"), time)
    return func.to_char(utc, literal_column("""'YYYY-MM-DD"T"HH24'"""))
