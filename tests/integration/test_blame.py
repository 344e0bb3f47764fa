"""Faults of the installation end the worker in one line, and no article is blamed for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from pipeline.accounts.deadletters import Selection
from pipeline.stores.sql.database import connect
from pipeline.stores.sql.migrate import upgrade
from tests.integration.conftest import NewPipeline
from tests.integration.postgres import PostgresServer
from tests.support.articles import article, articles
from tests.support.faults import Marker, mend
from tests.support.waiting import eventually

pytestmark = pytest.mark.long

_WRITER = "news_writer_of_tests"
_EXIT_INSTALLATION = 2


@contextmanager
def _as_owner(url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(), autocommit=True
    ) as owner:
        yield owner


@pytest.fixture
def owners_url(postgres_server: PostgresServer) -> str:
    url = postgres_server.new_database()
    with _as_owner(url) as owner:
        if not owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [_WRITER]).fetchone():
            owner.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(_WRITER)))
    return url


def _writers(url: str) -> str:
    return make_url(url).set(username=_WRITER).render_as_string()


def _grant(url: str, rights: str) -> None:
    with _as_owner(url) as owner:
        writer = sql.Identifier(_WRITER)
        owner.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(writer))
        owner.execute(sql.SQL(f"GRANT {rights} ON ALL TABLES IN SCHEMA public TO {{}}").format(writer))
        owner.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(writer))


def test_a_right_that_is_revoked_in_mid_run_ends_the_worker_and_dead_letters_nothing(
    new_pipeline: NewPipeline, owners_url: str
) -> None:
    owner = connect(owners_url)
    upgrade(owner)
    owner.dispose()
    _grant(owners_url, "SELECT, INSERT, UPDATE, DELETE")
    pipeline = new_pipeline(database_url=_writers(owners_url))
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    pipeline.publish(articles(5))
    pipeline.await_closed()

    _grant(owners_url, "SELECT")
    pipeline.publish(articles(20, start=5))
    assert worker.wait() == _EXIT_INSTALLATION
    (said,) = (line for line in worker.log().splitlines() if "CRITICAL" in line)
    assert "permission denied for table" in said
    assert "grant it" in said
    assert "Traceback" not in worker.log()
    assert pipeline.letters(Selection(status=None)) == []

    _grant(owners_url, "SELECT, INSERT, UPDATE, DELETE")
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    eventually(lambda: pipeline.ledger().stored == 25, what="all are stored")
    assert pipeline.letters(Selection(status=None)) == []


@pytest.mark.parametrize(
    "command", [("worker",), ("store", "upgrade"), ("verify",), ("clusters",)], ids=" ".join
)
def test_a_writer_without_tables_is_told_in_one_line_who_makes_them(
    new_pipeline: NewPipeline, owners_url: str, command: tuple[str, ...]
) -> None:
    done = new_pipeline().run(*command, PIPELINE_DATABASE_URL=_writers(owners_url))
    lines = done.stderr.decode().strip().splitlines()
    assert done.returncode == _EXIT_INSTALLATION
    assert "Traceback" not in done.stderr.decode()
    assert "pipeline store upgrade" in lines[-1]
    assert "owner" in lines[-1]


def test_a_stage_that_fails_on_everything_stops_and_blames_no_article(new_pipeline: NewPipeline) -> None:
    # All are there before the stage starts, and a batch waits for them: of fewer than a sample nobody can tell.
    pipeline = new_pipeline(batch_seconds=3)
    pipeline.publish(article(number, marker=Marker.UNTIL_MENDED) for number in range(30))
    pipeline.faulty_worker("duplicates", options=["--light"]).wait_ready()
    eventually(lambda: pipeline.lag("entities") == 30, what="all have come through the duplicates")
    worker = pipeline.faulty_worker("entities", "quotes", "sink", options=["--light"]).wait_ready()
    eventually(
        lambda: worker.metric("pipeline_breaker_open", stage="entities") == 1, what="the breaker opens"
    )
    assert worker.log().count("fail alike: RuntimeError at faults.py:") == 1
    assert pipeline.lag("entities") == 30
    assert pipeline.letters(Selection(status=None)) == []

    mend(pipeline.folder)
    assert pipeline.await_closed().stored == 30
    assert worker.metric("pipeline_breaker_open", stage="entities") == 0
    assert pipeline.letters(Selection(status=None)) == []


def test_a_burst_of_poison_is_dead_lettered_by_a_stage_that_works(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline(batch_size=16)
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    pipeline.publish(articles(10))
    pipeline.await_closed()
    pipeline.publish(article(number, marker=Marker.RAISE) for number in range(10, 50))

    ledger = pipeline.await_closed()
    assert (ledger.stored, ledger.dead_lettered) == (10, 40)
    pipeline.publish(articles(10, start=50))
    assert pipeline.await_closed().stored == 20
    pipeline.await_lag_zero()
    assert worker.metric("pipeline_breaker_open") == 0


def test_a_store_that_is_taken_away_ends_the_worker_before_anything_is_acknowledged(
    new_pipeline: NewPipeline,
) -> None:
    pipeline = new_pipeline()
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    pipeline.publish(articles(5))
    pipeline.await_closed()
    pipeline.await_lag_zero()
    kept = (pipeline.folder / "store.db").rename(pipeline.folder / "kept.db")
    pipeline.publish(articles(10, start=5))

    assert worker.wait() == _EXIT_INSTALLATION
    (said,) = (line for line in worker.log().splitlines() if "CRITICAL" in line)
    assert "store.db: the file was removed or replaced" in said
    assert pipeline.lag("duplicates") == 10
    kept.rename(pipeline.folder / "store.db")
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    ledger = pipeline.await_closed()
    assert (ledger.stored, ledger.dead_lettered) == (15, 0)
