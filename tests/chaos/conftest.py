"""Options and fixtures of the chaos suite: Apache Kafka, PostgreSQL, one seed, and the table of what was done."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.chaos.proxy import CommitDroppingProxy
from tests.chaos.report import Report
from tests.chaos.scene import FAULTS, Scene
from tests.integration.postgres import running_server
from tests.support.apache_kafka import ApacheKafka
from tests.support.brokers import kafka_or_skip
from tests.support.pipelines import LivePipeline

_REPORT = pytest.StashKey[Report]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--chaos-seed", type=int, default=None, help="the seed of a run to repeat")
    parser.addoption("--chaos-rounds", type=int, default=len(FAULTS), help="how many faults a run injects")
    parser.addoption(
        "--chaos-record", type=Path, help="a file that sums up the figures of the runs that are given it"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("chaos_seed") is None:
        config.option.chaos_seed = secrets.randbelow(1_000_000)
    config.stash[_REPORT] = Report()


def pytest_report_header(config: pytest.Config) -> str:
    return f"chaos: --chaos-seed={config.getoption('chaos_seed')} repeats this run"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    report = config.stash[_REPORT]
    if not report.rows:
        return
    terminalreporter.section(f"faults of --chaos-seed={config.getoption('chaos_seed')}")
    for line in [*report.table(), *report.notes]:
        terminalreporter.write_line(line)
    if record := config.getoption("chaos_record"):
        total = Report.read(record)
        total.add(report)
        total.write(record)
        terminalreporter.section(f"faults of all runs in {record}: seeds {', '.join(map(str, total.seeds))}")
        for line in total.table():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Report:
    return request.config.stash[_REPORT]


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("chaos_seed"))


@pytest.fixture(scope="session")
def rounds(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("chaos_rounds"))


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApacheKafka]:
    with kafka_or_skip(tmp_path_factory.mktemp("kafka")) as running:
        yield running


@pytest.fixture
def scene(kafka: ApacheKafka, seed: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A pipeline without workers on Kafka and on a PostgreSQL of its own, reached through the proxy."""
    with running_server(durable=True) as server:
        direct = server.new_database()
        folder = str(make_url(direct).query["host"])
        with CommitDroppingProxy(Path(folder)) as proxy:
            url = direct.replace(folder, str(proxy.folder))
            with LivePipeline(
                kafka.address, tmp_path_factory.mktemp("chaos"), database_url=url, batch_size=32
            ) as pipeline:
                yield Scene(kafka, server, proxy, pipeline, random.Random(f"faults/{seed}"))
