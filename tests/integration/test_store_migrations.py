"""The schema: made by migrations, the same as the program's, safe to bring up to date from anywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from pipeline.errors import SettingsError
from pipeline.sinks.database import connect, reading, writing
from pipeline.sinks.migrate import is_current, upgrade
from pipeline.sinks.schema import metadata


def test_the_migrated_schema_is_the_declared_one(engine: Engine) -> None:
    with reading(engine) as connection:
        own = {"include_name": lambda name, kind, _: kind != "table" or name in metadata.tables}
        context = MigrationContext.configure(connection, opts={**own, "compare_type": True})
        differences = [
            change
            for change in compare_metadata(context, metadata)
            # The expression index of the full-text search belongs to PostgreSQL alone.
            if not (change[0] == "remove_index" and change[1].name == "ix_quotes_context")
        ]
    assert differences == []


def test_an_empty_database_is_not_current_and_an_upgraded_one_is(database_url: str) -> None:
    engine = connect(database_url)
    assert not is_current(engine)
    upgrade(engine)
    assert is_current(engine)
    engine.dispose()


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    assert is_current(engine)


def test_workers_that_start_at_once_migrate_once(database_url: str) -> None:
    engines = [connect(database_url) for _ in range(6)]
    with ThreadPoolExecutor(len(engines)) as pool:
        list(pool.map(upgrade, engines))
    assert all(map(is_current, engines))
    for engine in engines:
        engine.dispose()


def test_a_migration_that_fails_leaves_nothing_behind(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = connect(database_url)
    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.create_index", _fail)
        with pytest.raises(RuntimeError, match="interrupted"):
            upgrade(engine)
    assert not is_current(engine)
    upgrade(engine)
    assert is_current(engine)
    engine.dispose()


def _fail(*_arguments: object, **_options: object) -> None:
    raise RuntimeError("interrupted")


def test_a_database_of_a_later_version_is_refused(database_url: str) -> None:
    engine = connect(database_url)
    upgrade(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingsError, match="9999"):
        upgrade(engine)
    engine.dispose()
