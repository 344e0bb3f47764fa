"""Bringing a database's schema up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select, text

from pipeline.errors import InstallationError, SettingsError
from pipeline.stores.sql.database import reading, writing
from pipeline.stores.sql.faults import lacks_a_right

_LOCK = 0x6E657773_64646C00
_SECONDS_AT_MOST = 86_400.0


def upgrade(engine: Engine) -> None:
    """Bring the schema to this program's version, in one transaction.

    Workers may start at once: one migrates while the others wait, and then they find nothing to do.

    Raises:
        SettingsError: the database was made by a later version of the program, or the role may not make tables.
        TransientError: it can't be reached.
    """
    if is_current(engine):
        return
    try:
        _upgrade(engine)
    except InstallationError as error:
        if not lacks_a_right(error):
            raise
        raise InstallationError(
            f"{error}; the tables are made by their owner: `pipeline store upgrade` with the owner's database URL"
        ) from error


def _upgrade(engine: Engine) -> None:
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        _refuse_a_later_version(connection)
        config = _config()
        config.attributes["connection"] = connection
        with _unhurried(connection):
            command.upgrade(config, "head")


@contextmanager
def _unhurried(connection: Connection) -> Iterator[None]:
    """Let one statement take its time: a large table that is written anew takes minutes."""
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    driver: Any = connection.connection.driver_connection
    before, driver.patience = driver.patience, _SECONDS_AT_MOST
    try:
        yield
    finally:
        driver.patience = before


def is_current(engine: Engine) -> bool:
    """Say whether the schema is the one this program works with."""
    with reading(engine) as connection:
        return _version(connection) == _scripts().get_current_head()


def _refuse_a_later_version(connection: Connection) -> None:
    version = _version(connection)
    known = {script.revision for script in _scripts().walk_revisions()}
    if version is not None and version not in known:
        raise SettingsError(
            f"database: its schema is of version {version}, which this program does not know; "
            f"install the version of news-pipeline that made it, or a later one"
        )


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
