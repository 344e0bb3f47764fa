"""Who is to blame for what a database says: the message, the installation, or the world."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import exc

from pipeline.errors import InstallationError, PermanentError, PipelineError, TransientError
from pipeline.stores.sql.faults import translated

_MESSAGE = ("22001", "22008", "22021", "22P05", "23502", "23514", "54000")
_INSTALLATION = (
    "0A000",
    "25006",
    "26000",
    "28000",
    "3F000",
    "42501",
    "42601",
    "42703",
    "42883",
    "42P01",
    "42P05",
    "42P10",
)
_WORLD = (
    "08006",
    "08P01",
    "23505",
    "25P03",
    "40001",
    "40P01",
    "53100",
    "55P03",
    "57014",
    "57P01",
    "58030",
    "P0001",
    "XX000",
)


def _postgresql(state: str) -> Exception:
    try:
        kind = psycopg.errors.lookup(state)
    except KeyError:
        kind = psycopg.DatabaseError
    error = kind("what the server said")
    error.sqlstate = state
    return exc.DBAPIError.instance("INSERT", {}, error, psycopg.Error)


def _sqlite(kind: type[sqlite3.Error], words: str, code: int | None = None) -> sqlite3.Error:
    error = kind(words)
    if code is not None:
        error.sqlite_errorcode = code
    return error


def _ours(error: Exception) -> PipelineError:
    with pytest.raises(PipelineError) as raised, translated():
        raise error
    assert "\n" not in str(raised.value)
    return raised.value


@pytest.mark.parametrize(
    ("states", "blamed"),
    [(_MESSAGE, PermanentError), (_INSTALLATION, InstallationError), (_WORLD, TransientError)],
    ids=["message", "installation", "world"],
)
def test_what_postgresql_says_is_blamed_by_its_code(
    states: tuple[str, ...], blamed: type[PipelineError]
) -> None:
    assert {state: type(_ours(_postgresql(state))) for state in states} == dict.fromkeys(states, blamed)


@given(st.text("0123456789ABCDEFGHPXZ", min_size=5, max_size=5))
def test_no_code_but_those_of_data_is_ever_blamed_on_an_article(state: str) -> None:
    if state[:2] not in {"22", "23", "54"}:
        assert not isinstance(_ours(_postgresql(state)), PermanentError)


@pytest.mark.parametrize(
    ("error", "blamed"),
    [
        (_sqlite(sqlite3.IntegrityError, "NOT NULL constraint failed: articles.text"), PermanentError),
        (_sqlite(sqlite3.DataError, "string or blob too big"), PermanentError),
        (
            _sqlite(sqlite3.InterfaceError, "Error binding parameter 3 - probably unsupported type"),
            PermanentError,
        ),
        (psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"), PermanentError),
        (_sqlite(sqlite3.OperationalError, "no such table: articles"), InstallationError),
        (_sqlite(sqlite3.OperationalError, "no such module: fts5"), InstallationError),
        (_sqlite(sqlite3.OperationalError, 'near "RETURNING": syntax error'), InstallationError),
        (_sqlite(sqlite3.OperationalError, "attempt to write a readonly database", 8), InstallationError),
        (_sqlite(sqlite3.OperationalError, "attempt to write a readonly database", 1032), InstallationError),
        (_sqlite(sqlite3.OperationalError, "unable to open database file", 14), InstallationError),
        (_sqlite(sqlite3.DatabaseError, "database disk image is malformed", 11), InstallationError),
        (_sqlite(sqlite3.DatabaseError, "file is not a database", 26), InstallationError),
        (_sqlite(sqlite3.ProgrammingError, "Cannot operate on a closed database."), InstallationError),
        (psycopg.ProgrammingError("cannot adapt type 'object' using placeholder '%s'"), InstallationError),
        (_sqlite(sqlite3.OperationalError, "database is locked", 5), TransientError),
        (_sqlite(sqlite3.OperationalError, "disk I/O error", 10), TransientError),
        (_sqlite(sqlite3.OperationalError, "database or disk is full", 13), TransientError),
        (_sqlite(sqlite3.Error, "something that nobody has thought of"), TransientError),
        (psycopg.OperationalError("connection refused"), TransientError),
        (psycopg.InternalError("something that nobody has thought of"), TransientError),
        (exc.TimeoutError(), TransientError),
    ],
    ids=str,
)
def test_what_has_no_sqlstate_is_blamed_by_its_kind(error: Exception, blamed: type[PipelineError]) -> None:
    assert type(_ours(error)) is blamed


def test_a_value_that_no_driver_was_given_is_the_message_s() -> None:
    refused = exc.StatementError("bad value", "INSERT", {}, ValueError("a year that no calendar has"))
    assert isinstance(_ours(refused), PermanentError)


def test_the_remedy_is_part_of_the_line() -> None:
    assert "grant it" in str(_ours(_postgresql("42501")))
    assert "pipeline store upgrade" in str(_ours(_postgresql("42P01")))
    assert "a pooler" in str(_ours(_postgresql("26000")))


def test_a_mistake_in_our_own_code_stays_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError), translated():
        raise ZeroDivisionError
