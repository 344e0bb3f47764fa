"""The one place where a database's exceptions become ours: who is to blame, and what mends it.

* The message, when the database says so of its data: a PermanentError, which concerns a single record.
* The installation, when only a person can mend it (rights, tables, a read-only disk, a pooler between): an
  InstallationError, which ends the worker.
* The world, for all else: a TransientError, which is waited out. What nobody has thought of is the world's, and never
  the message's: an article that waits is there later.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import exc

from pipeline.errors import InstallationError, PermanentError, PipelineError, Reason, TransientError

_MIGRATE = "its tables are missing or of another version: run `pipeline store upgrade` as their owner"
_RIGHTS = (
    "the role lacks a right: grant it (deploy/postgres/roles.sh), or name another role in the database URL"
)
_READ_ONLY = "it takes no writes: make it writable, or name its primary in the database URL"
_POOLER = "a pooler lends connections by the transaction: let it lend them by the session, or name the server"
_OF_ANOTHER_KIND = (
    "it does not take our statement: its tables were changed, or its version is not one we know"
)
_NO_DATABASE = "choose another path in the database URL"
_DAMAGED = "the file is damaged: put back a copy, or build the store anew (docs/runbook.md)"
_NOT_WRITABLE = "the file and its folder have to be there and to be writable"

# SQLSTATE, by PostgreSQL's appendix A: whole classes have two characters. The longest that fits says it.
_DATA = ("22", "23", "54")
_UNIQUE_VIOLATION = "23505"  # another worker stored the same article at the same moment; later it is there
_NO_RIGHT = "42501"
_INSTALLATION: Mapping[str, str] = {
    "0A": _OF_ANOTHER_KIND,
    "25006": _READ_ONLY,
    "26000": _POOLER,
    "28": _RIGHTS,
    "3F": _MIGRATE,
    "42": _OF_ANOTHER_KIND,
    _NO_RIGHT: _RIGHTS,
    "42703": _MIGRATE,
    "42704": _MIGRATE,
    "42P01": _MIGRATE,
    "42P05": _POOLER,
}
_LENGTHS = (5, 2)

# SQLite has one code for all that is wrong with a statement, so that its words have to tell.
_SQLITE_WORDS: Mapping[str, str] = {
    "no such table": _MIGRATE,
    "no such column": _MIGRATE,
    "has no column named": _MIGRATE,
    "no such module": _OF_ANOTHER_KIND,
    '": syntax error': _OF_ANOTHER_KIND,
}
_SQLITE_CODES: Mapping[int, str] = {
    sqlite3.SQLITE_PERM: _NOT_WRITABLE,
    sqlite3.SQLITE_READONLY: _NOT_WRITABLE,
    sqlite3.SQLITE_CANTOPEN: _NOT_WRITABLE,
    sqlite3.SQLITE_NOTADB: _NO_DATABASE,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
}
_PRIMARY = 0xFF  # of SQLite's extended codes, the code itself
_UNBINDABLE = "Error binding parameter"


@contextmanager
def translated(place: str = "database") -> Iterator[None]:
    """Raise every database exception of the block as one of ours, with the original as its cause.

    Args:
        place: which database, for the message.
    """
    try:
        yield
    except Exception as error:
        ours = _ours(error, place)
        if ours is None:
            raise
        raise ours from error


def lacks_a_right(error: PipelineError) -> bool:
    """Whether one of `translated` is about what the role may do."""
    cause = error.__cause__
    return _sqlstate(getattr(cause, "orig", cause)) == _NO_RIGHT


def _drivers() -> tuple[type[Exception], ...]:
    """What the drivers in use raise. PostgreSQL's, which SQLite does without, raises nothing before it is imported."""
    psycopg = sys.modules.get("psycopg")
    return (sqlite3.Error,) if psycopg is None else (sqlite3.Error, psycopg.Error)


def _ours(error: Exception, place: str) -> PipelineError | None:
    if isinstance(error, exc.TimeoutError):
        return TransientError(f"{place}: no connection was free in time")
    if isinstance(error, exc.DBAPIError) and isinstance(error.orig, Exception):
        return _from_driver(error.orig, place)
    if isinstance(error, exc.StatementError):  # a value that the driver was never given
        return PermanentError(Reason.NOT_STORABLE, line(error.orig or error))
    return _from_driver(error, place) if isinstance(error, _drivers()) else None


def _from_driver(error: Exception, place: str) -> PipelineError:
    detail = line(error)
    if _in_the_data(error, detail):
        return PermanentError(Reason.NOT_STORABLE, detail)
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
        return TransientError(f"{place}: the question took too long and was given up: ask for less")
    remedy = _remedy(error, detail)
    return (
        InstallationError(f"{place}: {detail}: {remedy}") if remedy else TransientError(f"{place}: {detail}")
    )


def _in_the_data(error: Exception, detail: str) -> bool:
    state = _sqlstate(error)
    if state:
        return state[:2] in _DATA and state != _UNIQUE_VIOLATION
    # Without a code it never reached a server: SQLite's, or a value that PostgreSQL's driver has refused.
    return bool(_kinds(error) & {"DataError", "IntegrityError"}) or detail.startswith(_UNBINDABLE)


def _remedy(error: Exception, detail: str) -> str | None:
    """What a person has to do; None when waiting may do."""
    state = _sqlstate(error)
    if state:
        return next((_INSTALLATION[state[:size]] for size in _LENGTHS if state[:size] in _INSTALLATION), None)
    by_code = _SQLITE_CODES.get((getattr(error, "sqlite_errorcode", None) or 0) & _PRIMARY)
    by_words = next((remedy for words, remedy in _SQLITE_WORDS.items() if words in detail), None)
    misused = _OF_ANOTHER_KIND if _kinds(error) & {"ProgrammingError", "NotSupportedError"} else None
    return by_code or by_words or misused


def _sqlstate(error: object) -> str:
    return getattr(error, "sqlstate", None) or ""


def _kinds(error: Exception) -> set[str]:
    """The names of its classes: both drivers use those of PEP 249."""
    return {kind.__name__ for kind in type(error).__mro__}


def line(error: BaseException) -> str:
    """What an exception says, on one line."""
    return " ".join(str(error).split()) or type(error).__name__
