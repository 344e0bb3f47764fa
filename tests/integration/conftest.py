"""Fixtures of the integration tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from pipeline.stores.sql.database import connect, writing
from pipeline.stores.sql.migrate import upgrade
from pipeline.stores.sql.schema import metadata, store_identities
from tests.integration.postgres import PostgresServer, postgres_server, postgres_url
from tests.support.brokers import Broker, broker
from tests.support.maven import UnavailableError
from tests.support.opensearch_server import OpenSearchServer
from tests.support.pipelines import LivePipeline

__all__ = ["broker", "database_url", "engine", "postgres_server", "postgres_url"]

NewPipeline = Callable[..., LivePipeline]

_stores = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each test that asks for a database runs on SQLite and on PostgreSQL."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> str:
    """The URL of a database of the test's own, with nothing in it."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(scope="session")
def migrated_postgres_url(postgres_server: PostgresServer) -> str:
    """One database with the current schema, for tests that only need it to have no rows."""
    url = postgres_server.new_database()
    opened = connect(url)
    upgrade(opened)
    opened.dispose()
    return url


@pytest.fixture
def engine(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a store without any rows."""
    if database_kind == "sqlite":
        opened = connect(f"sqlite:///{tmp_path / 'store.db'}")
        upgrade(opened)
    else:
        opened = connect(request.getfixturevalue("migrated_postgres_url"))
        with writing(opened) as connection:
            # All but the identity, which a store has for life.
            names = ", ".join(t.name for t in metadata.sorted_tables if t is not store_identities)
            connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def opensearch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSearchServer]:
    """A real OpenSearch, which is skipped with the reason where it can't be had; in CI it has to be there."""
    try:
        made = OpenSearchServer(tmp_path_factory.mktemp("opensearch"))
    except UnavailableError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    with made:
        yield made


@pytest.fixture
def opensearch_url(opensearch: OpenSearchServer) -> str:
    """The URL of a store on it that is not there yet."""
    return f"opensearch://{opensearch.address}/news{next(_stores)}"


@pytest.fixture(scope="module")
def new_pipeline(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewPipeline]:
    """Make pipelines, each with topics, groups and a store of its own; their workers end with the module."""
    with ExitStack() as stack:

        def make(**options: Any) -> LivePipeline:
            folder = tmp_path_factory.mktemp("pipeline")
            return stack.enter_context(LivePipeline(broker.address, folder, **options))

        yield make
