"""Column types whose form differs between SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType


@lru_cache(maxsize=4096)  # the many rows of an article have one time
def _sortable(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class UtcTime(TypeDecorator[datetime]):
    """A point in time: `timestamptz` on PostgreSQL, fixed-width ISO 8601 text on SQLite.

    The text (`2031-05-04T09:30:00.000000Z`) sorts as the time does, and SQLite's date functions read it.
    Values are aware and in UTC on the way out; aware in any zone on the way in.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """See TypeDecorator."""
        return dialect.type_descriptor(String(27) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """See TypeDecorator."""
        if value is None:
            return None
        if dialect.name != "sqlite":
            return value
        return _sortable(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """See TypeDecorator."""
        if value is None:
            return None
        time = datetime.fromisoformat(value) if dialect.name == "sqlite" else value
        return time.astimezone(UTC)


class _PostgresqlJson(UserDefinedType[Any]):
    """`json`, which keeps numbers of any size and the order of names, where `jsonb` does not."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """See UserDefinedType."""
        return "JSON"


class Json(TypeDecorator[Any]):
    """JSON: `json` on PostgreSQL, text on SQLite, whose JSON functions read it.

    It goes in as text, made once by whoever checks that there is one, and comes out as the value.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """See TypeDecorator."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else _PostgresqlJson())

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """See TypeDecorator. PostgreSQL's driver has read it already."""
        return json.loads(value) if value is not None and dialect.name == "sqlite" else value


RowNumber = BigInteger().with_variant(Integer(), "sqlite")
"""A number given by the database: only INTEGER is an alias of SQLite's row number."""

Name = Text().with_variant(Text(collation="C"), "postgresql")
"""An id or a key: compared by code point on both databases, as Python does, whatever the locale."""
