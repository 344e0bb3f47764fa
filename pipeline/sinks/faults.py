"""The one place where a database's exceptions become ours.

What may work later is a TransientError and is waited out; what lies in the data is a PermanentError and
concerns a single record; what only a change of the installation mends is a SettingsError.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from pipeline.errors import PermanentError, PipelineError, Reason, SettingsError, TransientError

_MIGRATE = "its tables are missing or of another version; the worker brings them up to date when it starts"

# SQLSTATE classes and codes of PostgreSQL, whatever class of exception the driver chose for them.
_DATA_CLASSES = ("22", "23", "54")
_NO_TABLES = ("42P01", "42703", "42704", "42883")

_SQLITE_NO_TABLES = ("no such table", "no such column", "has no column named")
_SQLITE_NO_DATABASE = "file is not a database"


@contextmanager
def translated() -> Iterator[None]:
    """Raise every database exception of the block as one of ours, with the original as its cause."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise _ours(error) from error


def _ours(error: exc.SQLAlchemyError) -> PipelineError:
    if isinstance(error, exc.TimeoutError):
        return TransientError("database: no free connection in time")
    if not isinstance(error, exc.StatementError):
        raise error
    cause = error.orig or error
    detail = " ".join(str(cause).split()) or type(cause).__name__
    state = getattr(cause, "sqlstate", None) or ""
    if state in _NO_TABLES or any(sign in detail for sign in _SQLITE_NO_TABLES):
        return SettingsError(f"database: {_MIGRATE} ({detail})")
    if _SQLITE_NO_DATABASE in detail:
        return SettingsError(f"database: {detail}; choose another path in the database URL")
    in_the_data = state[:2] in _DATA_CLASSES or isinstance(error, exc.DataError | exc.IntegrityError)
    # A value the driver can't even bind reaches us without a DBAPI exception around it.
    if in_the_data or not isinstance(error, exc.DBAPIError):
        return PermanentError(Reason.NOT_STORABLE, detail)
    transient = isinstance(
        error, exc.OperationalError | exc.InterfaceError | exc.InternalError | exc.DatabaseError
    )
    if error.connection_invalidated or (transient and not isinstance(error, exc.ProgrammingError)):
        return TransientError(f"database: {detail}")
    raise error
