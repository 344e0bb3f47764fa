"""PostgreSQL behind a pooler that lends connections by the transaction: everything works, and nothing leaks."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, make_url

from pipeline.errors import InstallationError, TransientError
from pipeline.stages.duplicates.state import Merge
from pipeline.stores.sql.database import connect, reading, writing
from pipeline.stores.sql.duplicate_state import DatabaseStateStore
from pipeline.stores.sql.migrate import upgrade
from pipeline.stores.sql.queries.articles import article
from pipeline.stores.sql.store import SqlStore
from tests.integration.conftest import NewPipeline
from tests.integration.pgbouncer import running_pgbouncer
from tests.support.articles import articles
from tests.support.stored import stored_ids
from tests.unit.stores.builders import full_record

pytestmark = pytest.mark.long

# It refuses the settings of a session, or is told to drop them in silence.
_WAYS = {"refuses": "", "drops": "ignore_startup_parameters = options, extra_float_digits"}


@pytest.fixture(params=_WAYS)
def pooled_url(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[str]:
    with running_pgbouncer(postgres_url, more=_WAYS[request.param]) as url:
        yield url


@pytest.fixture
def engine(pooled_url: str) -> Iterator[Engine]:
    opened = connect(pooled_url, statement_timeout=2)
    upgrade(opened)
    yield opened
    opened.dispose()


def test_many_clients_write_and_read_over_few_connections(engine: Engine) -> None:
    def use(number: int) -> None:
        store = SqlStore(engine)
        for step in range(12):  # more often than after which the driver would prepare a statement
            record = full_record(f"a{number}-{step}")
            assert store.write([record]).inserted == 1
            assert store.write([record]).unchanged == 1
            assert article(engine, f"a{number}-{step}") == record
        DatabaseStateStore(engine).record([], [Merge(f"m{number}-b", f"m{number}-a")])

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(use, range(6)))
    assert len(list(stored_ids(engine))) == 72
    assert len(list(DatabaseStateStore(engine).merges())) == 6


def test_a_statement_has_its_time_limit(engine: Engine) -> None:
    with pytest.raises(TransientError, match="statement timeout"), reading(engine) as connection:
        connection.exec_driver_sql("SELECT pg_sleep(60)")


def test_who_only_reads_can_not_write_and_leaves_the_others_as_they_are(
    pooled_url: str, engine: Engine
) -> None:
    reader = connect(pooled_url, read_only=True)
    for number in range(3):
        assert list(stored_ids(reader)) == [f"a{before}" for before in range(number)]
        with pytest.raises(InstallationError, match="read-only"), writing(reader) as connection:
            connection.exec_driver_sql("DELETE FROM articles")
        assert SqlStore(engine).write([full_record(f"a{number}")]).inserted == 1
    reader.dispose()


def test_the_settings_are_those_of_a_transaction_and_stay_with_no_connection(
    pooled_url: str, engine: Engine
) -> None:
    names = ("statement_timeout", "idle_in_transaction_session_timeout")
    with reading(engine) as connection:
        ours = [connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]
    assert ours == ["2s", "4s"]
    with psycopg.connect(make_url(pooled_url).set(drivername="postgresql").render_as_string()) as another:
        theirs = [
            another.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone() for name in names
        ]
    assert theirs == [("0",), ("0",)]


def test_a_pipeline_runs_behind_it(new_pipeline: NewPipeline, pooled_url: str) -> None:
    pipeline = new_pipeline(database_url=pooled_url)
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    for start in range(0, 60, 20):
        pipeline.publish(articles(20, start=start))
        pipeline.await_closed()
    assert pipeline.ledger().stored == 60
    assert pipeline.letters() == []
    assert worker.stop() == 0
