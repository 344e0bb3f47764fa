"""Connections: to SQLite with durable commits, to PostgreSQL with time-outs, to either by one URL."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from pipeline.errors import InstallationError, SettingsError
from pipeline.stores.sql.faults import translated

_FORMS = "sqlite:///path/to/file.db or postgresql+psycopg://user@host/database"
_WRITES = "pipeline_writes"
_PLACE = "pipeline_place"
_FILE = "pipeline_file"
_DEADLINE = "pipeline_deadline"
_STEPS = 20_000  # of SQLite's machine between two looks at the clock: about a millisecond

# libpq takes these as options too, where a URL's own rendering shows them.
_SECRET_OPTIONS = frozenset({"password", "sslpassword"})


def connect(
    url: str,
    *,
    read_only: bool = False,
    connect_timeout: float = 10.0,
    statement_timeout: float = 30.0,
    pool_size: int = 5,
    patience: float | None = None,
) -> Engine:
    """Open an engine; nothing is connected before the first transaction.

    SQLite runs in WAL mode with `synchronous=FULL`: readers never wait for the writer, and a commit that
    returned survives SIGKILL and power loss. (`NORMAL` would be faster and may lose the last commits with the
    power; their offsets are committed by then, so the articles would be lost.)

    Args:
        url: `sqlite:///path` or `postgresql+psycopg://…` (`postgresql://` is taken for it).
        read_only: refuse writes, and never make a new SQLite file.
        connect_timeout: seconds to wait for a connection to PostgreSQL.
        statement_timeout: seconds after which a statement is given up; on SQLite, the wait for a lock.
        pool_size: connections kept open; as many again are opened under load.
        patience: seconds after which a question is given up, on either database; for those of strangers.

    Raises:
        SettingsError: the URL is none we can use. The message never shows a password.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(
            parsed,
            read_only=read_only,
            busy_timeout=patience or statement_timeout,
            pool_size=pool_size,
            patience=patience,
        )
    return _postgresql(
        parsed,
        read_only=read_only,
        connect_timeout=connect_timeout,
        statement_timeout=patience or statement_timeout,
        pool_size=pool_size,
    )


def masked(url: str) -> str:
    """Any store's URL without its passwords, for showing. Raises SettingsError when it can't be read."""
    return _shown(_read(url))


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction for reading, with the database's exceptions as ours."""
    with translated(_place(engine)), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that is committed at the end, or rolled back whole.

    On SQLite the write lock is taken at the beginning, where the time-out for locks applies; a transaction
    that first reads and then writes would be refused at once when another one wrote in between.
    """
    with (
        translated(_place(engine)),
        engine.connect().execution_options(**{_WRITES: True}) as connection,
        connection.begin(),
    ):
        yield connection


def _place(engine: Engine) -> str:
    """What a message about its faults begins with."""
    return str(engine.get_execution_options().get(_PLACE, "database"))


def _read(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise SettingsError(f"database URL: can't be read; expected {_FORMS}") from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed


def _parse(url: str) -> URL:
    parsed = _read(url)
    shown = _shown(parsed)
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise SettingsError(f"database URL: {parsed.drivername}:// is not supported; expected {_FORMS}")
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise SettingsError(f"database URL: {shown} names no file; expected {_FORMS}")
    elif not parsed.database:
        raise SettingsError(f"database URL: {shown} names no database; expected {_FORMS}")
    return parsed


def _shown(url: URL) -> str:
    secrets = {name: "hidden" for name in url.query if name in _SECRET_OPTIONS}
    return url.update_query_dict(secrets).render_as_string(hide_password=True)


def _sqlite(
    url: URL, *, read_only: bool, busy_timeout: float, pool_size: int, patience: float | None
) -> Engine:
    path = Path(str(url.database)).absolute()
    if path.is_dir():
        raise SettingsError(f"database URL: {path} is a folder, not a file")
    if read_only and not path.exists():
        raise SettingsError(f"database URL: there is no file {path}; has a worker run with this URL?")
    if not read_only:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"database URL: can't make the folder {path.parent}: {error}") from None
    # mode=rw: a reader still has to write the shared-memory file of the log.
    target = f"{path.as_uri()}?mode={'rw' if read_only else 'rwc'}"

    def open_file() -> sqlite3.Connection:
        return sqlite3.connect(target, uri=True, timeout=busy_timeout, check_same_thread=False)

    # Named, since for a URL without a path the library takes a pool that closes connections under other threads. The
    # last one used is used next, so that one page cache is warm rather than all of them.
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=open_file,
        poolclass=QueuePool,
        pool_size=pool_size,
        pool_use_lifo=True,
        execution_options={_PLACE: f"database {path}"},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        record.info[_FILE] = _identity(path)
        connection.isolation_level = None  # transactions begin where SQLAlchemy begins them
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -32768")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        connection.execute(f"PRAGMA query_only = {int(read_only)}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.info[_FILE] != _identity(path):
            raise InstallationError(
                f"database {path}: the file was removed or replaced while it was in use, and what is written to it "
                f"would be lost: put it back, then start again (a new file is made when there is none)"
            )
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    _limit_questions(engine, patience)
    return engine


def _limit_questions(engine: Engine, patience: float | None) -> None:
    """Give up what takes longer, in a transaction: SQLite has no time-out of its own for that."""
    if patience is None:
        return

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        record.info[_DEADLINE] = math.inf
        connection.set_progress_handler(lambda: time.monotonic() > record.info[_DEADLINE], _STEPS)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.info[_DEADLINE] = time.monotonic() + patience


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file a path leads to now; None when it leads to none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _postgresql(
    url: URL, *, read_only: bool, connect_timeout: float, statement_timeout: float, pool_size: int
) -> Engine:
    milliseconds = int(statement_timeout * 1000)
    settings: dict[str, str | int] = {
        "timezone": "UTC",
        "statement_timeout": milliseconds,
        "idle_in_transaction_session_timeout": 2 * milliseconds,
    }
    if read_only:  # else as the administrator has set it
        settings["default_transaction_read_only"] = "on"
        # A plan for any word is none for a word that all texts have, or none: what is asked often is planned anew too.
        settings["plan_cache_mode"] = "force_custom_plan"
    try:
        from pipeline.stores.sql.session import Sessions  # noqa: PLC0415 - needs the optional driver

        engine = create_engine(
            url,
            pool_pre_ping=True,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=statement_timeout,
            connect_args={
                "connect_timeout": max(2, round(connect_timeout)),  # libpq takes less for 2
                "application_name": "news-pipeline",
                "keepalives_idle": 15,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": milliseconds,
            },
        )
    except ModuleNotFoundError:
        raise SettingsError(
            "database URL: PostgreSQL needs its driver: pip install 'news-pipeline[postgresql]'"
        ) from None
    sessions = Sessions(settings, patience=statement_timeout)

    @event.listens_for(engine, "do_connect")
    def open_connection(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        return sessions.open(*arguments, **options)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        sessions.begin(connection.connection.driver_connection)

    return engine
