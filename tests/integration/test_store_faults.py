"""The database goes away, hangs, is locked or full: always a TransientError, and nothing is half written."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import PoolProxiedConnection

from pipeline.errors import InstallationError, PipelineError, SettingsError, TransientError
from pipeline.stages.duplicates.state import Merge
from pipeline.stores.sql import session
from pipeline.stores.sql.database import connect, reading, writing
from pipeline.stores.sql.duplicate_state import DatabaseStateStore
from pipeline.stores.sql.fulltext import insert_quotes
from pipeline.stores.sql.migrate import upgrade
from pipeline.stores.sql.queries.articles import article
from pipeline.stores.sql.queries.counts import counts
from pipeline.stores.sql.store import SqlStore
from tests.integration.postgres import PostgresServer, running_server
from tests.integration.store_writer import BATCH
from tests.support.stored import stored_ids
from tests.unit.stores.builders import NOON, full_record

_USES: dict[str, Callable[[Engine], object]] = {
    "write": lambda engine: SqlStore(engine).write([full_record("another")]),
    "ids": lambda engine: list(stored_ids(engine)),
    "counts": counts,
    "state": lambda engine: DatabaseStateStore(engine).versions(["a"]),
    "record": lambda engine: DatabaseStateStore(engine).record([], [Merge("b", "a")]),
    "rebuild": lambda engine: list(DatabaseStateStore(engine).remembered(NOON, 10)),
    "merges": lambda engine: list(DatabaseStateStore(engine).merges()),
    "upgrade": upgrade,
}


def _outcome(use: Callable[[Engine], object], engine: Engine) -> type[Exception] | None:
    try:
        use(engine)
    except PipelineError as error:
        return type(error)
    return None


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that a test may stop, kill and pause."""
    with running_server() as server:
        yield server


@pytest.fixture
def on_own_server(own_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(session, "_GRACE", 0.5)
    url = own_server.new_database()
    patient = connect(url)  # to make the tables on a machine that has much else to do
    upgrade(patient)
    patient.dispose()
    opened = connect(url, statement_timeout=1, connect_timeout=2)
    yield opened
    opened.dispose()


def test_a_stopped_server_is_transient_for_every_use_and_forgiven_when_it_is_back(
    own_server: PostgresServer, on_own_server: Engine
) -> None:
    store = SqlStore(on_own_server)
    store.write([full_record()])
    own_server.stop()
    assert {name: _outcome(use, on_own_server) for name, use in _USES.items()} == dict.fromkeys(
        _USES, TransientError
    )
    own_server.start()
    assert store.write([full_record()]).unchanged == 1


def test_what_was_committed_survives_a_crash_of_the_server(
    own_server: PostgresServer, on_own_server: Engine
) -> None:
    SqlStore(on_own_server).write([full_record()])
    own_server.stop("immediate")
    own_server.start()
    assert article(on_own_server, "bridge") == full_record()


def test_a_server_that_hangs_is_given_up_and_forgiven_when_it_goes_on(
    own_server: PostgresServer, on_own_server: Engine
) -> None:
    store = SqlStore(on_own_server)
    store.write([full_record()])
    own_server.signal(signal.SIGSTOP)
    try:
        with pytest.raises(TransientError, match="database: "):
            store.write([full_record("another")])
    finally:
        own_server.signal(signal.SIGCONT)
    assert (
        store.write([full_record("another")]).inserted + store.write([full_record("another")]).unchanged == 2
    )


def test_a_server_that_hangs_in_the_middle_of_a_batch_is_given_up(
    own_server: PostgresServer, on_own_server: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
        own_server.signal(signal.SIGSTOP)
        insert_quotes(connection, rows)

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.stores.sql.store.insert_quotes", hang)
        try:
            with pytest.raises(TransientError, match="database: "):
                SqlStore(on_own_server).write([full_record()])
        finally:
            own_server.signal(signal.SIGCONT)
    assert SqlStore(on_own_server).write([full_record()]).inserted == 1


def test_a_server_that_crashes_in_the_middle_of_a_batch_leaves_nothing_of_it(
    own_server: PostgresServer, on_own_server: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
        own_server.stop("immediate")
        insert_quotes(connection, rows)

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.stores.sql.store.insert_quotes", crash)
        with pytest.raises(TransientError):
            SqlStore(on_own_server).write([full_record()])
    own_server.start()
    assert list(stored_ids(on_own_server)) == []
    assert SqlStore(on_own_server).write([full_record()]).inserted == 1


def test_a_statement_that_takes_too_long_is_transient(on_own_server: Engine) -> None:
    with pytest.raises(TransientError, match="statement timeout"), reading(on_own_server) as connection:
        connection.exec_driver_sql("SELECT pg_sleep(60)")


def test_an_answer_to_the_commit_that_never_came_is_transient_and_the_batch_is_there_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is dropped between the commit and its answer."""
    original = engine.dialect.do_commit

    def commit_and_drop(connection: PoolProxiedConnection) -> None:
        original(connection)
        raise engine.dialect.loaded_dbapi.OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(engine.dialect, "do_commit", commit_and_drop)
        with pytest.raises(TransientError, match="closed the connection"):
            SqlStore(engine).write([full_record()])
    assert SqlStore(engine).write([full_record()]).unchanged == 1
    assert article(engine, "bridge") == full_record()


def test_a_sqlite_file_locked_by_another_program_is_transient(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/store.db", statement_timeout=0.1)
    upgrade(engine)
    with sqlite3.connect(tmp_path / "store.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TransientError, match="locked"):
            SqlStore(engine).write([full_record()])
        assert list(stored_ids(engine)) == [], "readers don't wait for a writer"
        other.execute("ROLLBACK")
    other.close()
    assert SqlStore(engine).write([full_record()]).inserted == 1
    engine.dispose()


def test_a_full_disk_is_transient_and_nothing_of_the_batch_is_stored(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/store.db")
    upgrade(engine)
    SqlStore(engine).write([full_record()])
    with reading(engine) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    @event.listens_for(engine, "begin")
    def fill_the_disk(connection: object) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")  # type: ignore[attr-defined]

    batch = [full_record(f"a{number}") for number in range(50)]
    with pytest.raises(TransientError, match="full"):
        SqlStore(engine).write(batch)
    event.remove(engine, "begin", fill_the_disk)
    engine.dispose()
    roomy = connect(f"sqlite:///{tmp_path}/store.db")
    assert list(stored_ids(roomy)) == ["bridge"]
    assert SqlStore(roomy).write(batch).inserted == 50
    roomy.dispose()


def test_a_writer_that_is_killed_has_stored_whole_batches_and_all_that_returned(database_url: str) -> None:
    engine = connect(database_url)
    upgrade(engine)
    command = [sys.executable, "-m", "tests.integration.store_writer", database_url]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as writer:
        assert writer.stdout is not None
        returned = [int(next(writer.stdout)) for _ in range(7)]
        writer.kill()
    batches = Counter(
        int(article_id.removeprefix("batch").partition("-")[0]) for article_id in stored_ids(engine)
    )
    assert set(batches.values()) == {BATCH}
    assert set(returned) <= set(batches)
    number = len(batches) * BATCH
    assert (counts(engine).articles, counts(engine).quotes) == (number, number)
    engine.dispose()


def test_a_write_that_fails_half_way_is_rolled_back_whole(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("disk I/O error"))

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.stores.sql.store.insert_quotes", fail)
        with pytest.raises(TransientError, match="disk I/O error"):
            SqlStore(engine).write([full_record()])
    assert counts(engine).articles == counts(engine).entities == 0


def test_a_file_that_is_no_database_is_a_setting_to_mend(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"Dear diary, today the bridge was opened. " * 50)
    engine = connect(f"sqlite:///{tmp_path}/store.db")
    with pytest.raises(InstallationError, match="not a database"):
        upgrade(engine)
    engine.dispose()


def test_a_database_without_tables_is_a_setting_to_mend(database_url: str) -> None:
    engine = connect(database_url)
    outcomes = {name: _outcome(use, engine) for name, use in _USES.items() if name != "upgrade"}
    assert set(outcomes.values()) == {InstallationError}
    engine.dispose()


def test_a_database_that_does_not_exist_is_transient_and_named(postgres_server: PostgresServer) -> None:
    engine = connect(postgres_server.url("nowhere"))
    with pytest.raises(TransientError, match="nowhere"):
        counts(engine)
    engine.dispose()


def test_a_read_only_engine_reads_and_refuses_to_write(database_url: str) -> None:
    engine = connect(database_url)
    upgrade(engine)
    SqlStore(engine).write([full_record()])
    reader = connect(database_url, read_only=True)
    with pytest.raises(InstallationError, match=r"read-?only"), writing(reader) as connection:
        connection.exec_driver_sql("DELETE FROM articles")
    assert article(reader, "bridge") == full_record()
    reader.dispose()
    engine.dispose()


def test_a_read_only_engine_never_makes_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no file .*store\.db"):
        connect(f"sqlite:///{tmp_path}/store.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("replaced", [False, True], ids=["removed", "replaced"])
def test_a_sqlite_file_that_is_taken_away_under_a_worker_is_noticed_before_anything_is_lost(
    tmp_path: Path, replaced: bool
) -> None:
    path = tmp_path / "store.db"
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    SqlStore(engine).write([full_record()])
    kept = path.rename(tmp_path / "kept.db")
    if replaced:
        path.touch()
    for use in (lambda: SqlStore(engine).write([full_record("another")]), lambda: list(stored_ids(engine))):
        with pytest.raises(InstallationError, match=r"store\.db: the file was removed or replaced"):
            use()
    kept.replace(path)
    assert SqlStore(engine).write([full_record("another")]).inserted == 1, "put back, it is the same file"
    engine.dispose()


def test_a_folder_that_is_gone_is_named_and_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    engine = connect(f"sqlite:///{folder}/store.db")
    folder.rmdir()
    with pytest.raises(InstallationError, match=r"folder/store\.db: unable to open .*have to be there"):
        upgrade(engine)
    engine.dispose()
