"""The one place where a database's exceptions become ours.

What may work later is a TransientError and is waited out; what lies in the data is a PermanentError and
concerns a single record; what only a change of the installation mends is a SettingsError. A mistake in our own
SQL stays what it is.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from pipeline.errors import PermanentError, PipelineError, Reason, SettingsError, TransientError

_MIGRATE = "its tables are missing or of another version; a worker brings them up to date when it starts"

# SQLSTATE classes and codes of PostgreSQL, whatever class of exception the driver has for them.
_DATA_CLASSES = ("22", "23", "54")
_NO_TABLES = ("42P01", "42703", "42704")
_UNIQUE_VIOLATION = "23505"  # another worker stored the same article at the same moment; later it is there

_SQLITE_NO_TABLES = ("no such table", "no such column", "has no column named")
_SQLITE_NO_DATABASE = "file is not a database"


@contextmanager
def translated() -> Iterator[None]:
    """Raise every database exception of the block as one of ours, with the original as its cause."""
    try:
        yield
    except Exception as error:
        ours = _ours(error)
        if ours is None:
            raise
        raise ours from error


def _drivers() -> tuple[type[Exception], ...]:
    """What the drivers in use raise. PostgreSQL's, which SQLite does without, raises nothing before it is imported."""
    psycopg = sys.modules.get("psycopg")
    return (sqlite3.Error,) if psycopg is None else (sqlite3.Error, psycopg.Error)


def _ours(error: Exception) -> PipelineError | None:
    if isinstance(error, exc.TimeoutError):
        return TransientError("database: no connection was free in time")
    if isinstance(error, exc.DBAPIError) and isinstance(error.orig, Exception):
        return _from_driver(error.orig)
    if isinstance(error, exc.StatementError):  # a value that the driver was never given
        return PermanentError(Reason.NOT_STORABLE, _line(error.orig or error))
    return _from_driver(error) if isinstance(error, _drivers()) else None


def _from_driver(error: Exception) -> PipelineError | None:
    detail = _line(error)
    state = getattr(error, "sqlstate", None) or ""
    kinds = {kind.__name__ for kind in type(error).__mro__}  # both drivers use the names of PEP 249
    in_the_data = state[:2] in _DATA_CLASSES or kinds & {"DataError", "IntegrityError"}
    ours: PipelineError | None = TransientError(f"database: {detail}")
    if state in _NO_TABLES or any(sign in detail for sign in _SQLITE_NO_TABLES):
        ours = SettingsError(f"database: {_MIGRATE} ({detail})")
    elif _SQLITE_NO_DATABASE in detail:
        ours = SettingsError(f"database: {detail}; choose another path in the database URL")
    elif in_the_data and state != _UNIQUE_VIOLATION:
        ours = PermanentError(Reason.NOT_STORABLE, detail)
    elif kinds & {"ProgrammingError", "NotSupportedError"}:
        ours = None
    return ours


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
