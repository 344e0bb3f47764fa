"""The schema: made by migrations, the same as the program's, safe to bring up to date from anywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, column, insert, select, table, text

from pipeline.errors import SettingsError, TransientError
from pipeline.questions.question import question_of
from pipeline.record import LogPosition
from pipeline.stores.incoming import checked
from pipeline.stores.questions import ArticleQuestion, StatementQuestion
from pipeline.stores.sql.database import connect, reading, writing
from pipeline.stores.sql.duplicate_state import DatabaseStateStore
from pipeline.stores.sql.migrate import _config, is_current, upgrade
from pipeline.stores.sql.queries.articles import article
from pipeline.stores.sql.rows import position_in, rows_of
from pipeline.stores.sql.schema import (
    articles,
    duplicate_state,
    metadata,
    position_columns,
    superseded_versions,
)
from pipeline.stores.sql.store import SqlStore
from tests.unit.stores.builders import NOON, TEXT, full_record, record

_HOUR = timedelta(hours=1)


def test_the_migrated_schema_is_the_declared_one(engine: Engine) -> None:
    with reading(engine) as connection:
        own = {"include_name": lambda name, kind, _: kind != "table" or name in metadata.tables}
        context = MigrationContext.configure(connection, opts={**own, "compare_type": True})
        differences = [
            change
            for change in compare_metadata(context, metadata)
            # The full-text search has columns and indexes on PostgreSQL alone.
            if not (
                (change[0] == "remove_index" and change[1].name in ("ix_quotes_words", "ix_articles_words"))
                or (change[0] == "remove_column" and change[3].name == "words")
            )
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


def _upgraded_to(engine: Engine, revision: str) -> None:
    with writing(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_rows_of_the_first_schema_are_kept_and_have_no_position(database_url: str) -> None:
    engine = connect(database_url)
    _upgraded_to(engine, "0001")
    first, second = checked(full_record()), checked(record(text=f"{TEXT} Corrected.", ingested=NOON + _HOUR))
    later = {column.name for column in position_columns(articles)} | {
        "extra",
        "relation",
        "authors",
        "section",
    }
    row = {name: value for name, value in rows_of(second).article.items() if name not in later}
    superseded = {"article_id": "bridge", "version_hash": first.version_hash}
    with writing(engine) as connection:
        connection.execute(insert(table("articles", *map(column, row))), [_bound(connection, row, articles)])
        names = table("superseded_versions", *map(column, superseded))
        connection.execute(insert(names), [superseded])
        for article_id in ("bridge", "under way"):
            state = _state(article_id)
            bound = [_bound(connection, state, duplicate_state)]
            connection.execute(insert(table("duplicate_state", *map(column, state))), bound)

    upgrade(engine)

    with reading(engine) as connection:
        [standing] = connection.execute(select(articles)).all()
        [old] = connection.execute(select(superseded_versions)).all()
    assert (standing.version_hash, old.version_hash) == (second.version_hash, first.version_hash)
    assert [position_in(standing), position_in(old)] == [None, None]
    assert article(engine, "bridge") == second.record
    owners = {
        article_id: [(row.source, row.url) for row in rows]
        for article_id, rows in DatabaseStateStore(engine).versions(["bridge", "under way"]).items()
    }
    assert owners == {"bridge": [("The Fen Courier", None)], "under way": [(None, None)]}
    store = SqlStore(engine)
    assert store.write([full_record(ingested=NOON + 2 * _HOUR)], [_at(8)]).stale == 1
    assert store.write([second.record], [_at(5)]).unchanged == 1
    assert store.write([record(text=f"{TEXT} Corrected twice.", ingested=NOON)], [_at(9)]).updated == 1
    engine.dispose()


def _at(offset: int) -> LogPosition:
    return LogPosition(log="log-1", offset=offset)


def _state(article_id: str) -> dict[str, Any]:
    return {
        "article_id": article_id,
        "content_hash": b"1" * 16,
        "verdict": "original",
        "cluster_id": article_id,
        "time": NOON,
        "sketch": b"",
    }


def _bound(connection: Connection, row: dict[str, Any], declared: Table) -> dict[str, Any]:
    """The row as the database's driver takes it: the table is named without the program's schema."""
    dialect = connection.dialect
    bound = {}
    for name, value in row.items():
        process = declared.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        bound[name] = process(value) if process else value
    return bound


def test_a_store_without_questions_keeps_them_and_what_it_had(database_url: str) -> None:
    engine = connect(database_url)
    _upgraded_to(engine, "0013")
    store = SqlStore(engine)
    store.write([full_record()])
    upgrade(engine)
    asked = question_of({"id": "ferry", "title": "Ferry", "words": "ferry"})
    assert store.questions.put(asked)
    assert store.questions.all().questions == [asked]
    assert store.alerts.page().found == ()
    assert store.article("bridge") == full_record()
    engine.dispose()


def test_what_a_store_of_before_holds_is_found_by_words_and_by_what_few_have(database_url: str) -> None:
    engine = connect(database_url)
    _upgraded_to(engine, "0014")
    store = SqlStore(engine)
    store.write([full_record()])
    upgrade(engine)
    store.write([full_record("later", ingested=NOON + _HOUR)])
    ask = store.searches
    for words in ('"harbour bridge opening"', "ferry resting"):
        found = ask.search_articles(
            ArticleQuestion(words=words, languages=("en",), verdicts=("original",))
        ).found
        assert {one.article_id for one in found} == {"bridge", "later"}
    for about in ('"new bridge"', "ferry quill"):
        [statement] = ask.search_statements(StatementQuestion(about=about, polarities=("asserted",))).found
        assert statement.copies == 2
    assert ask.search_articles(ArticleQuestion(words='"bridge harbour"')).found == ()
    assert ask.search_statements(StatementQuestion(about="harbour", least_confidence=0.95)).found == ()
    engine.dispose()


def test_an_upgrade_takes_longer_than_a_question_may(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = connect(postgres_url, statement_timeout=0.5)

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.stores.sql.migrate.command.upgrade", _slowly)
        upgrade(engine)
    assert is_current(engine)
    with pytest.raises(TransientError), reading(engine) as connection:
        connection.execute(text("SELECT pg_sleep(1.5)"))
    engine.dispose()


def _slowly(config: Any, revision: str, *, then: Any = command.upgrade) -> None:
    config.attributes["connection"].execute(text("SELECT pg_sleep(1.5)"))
    then(config, revision)
