"""Options and fixtures of the chaos suite: Apache Kafka, PostgreSQL, one seed, and the table of what was done."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.chaos.proxy import CommitDroppingProxy
from tests.chaos.scene import FAULTS, Scene
from tests.integration.postgres import running_server
from tests.support.apache_kafka import ApacheKafka
from tests.support.brokers import kafka_or_skip
from tests.support.pipelines import LivePipeline

_REPORT = pytest.StashKey["Report"]()


@dataclass
class Report:
    """How often each fault was injected, and how many messages were on their way then."""

    times: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)

    def note(self, fault: str, in_flight: int) -> None:
        """One injection."""
        self.times[fault] += 1
        self.in_flight[fault] += in_flight


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--chaos-seed", type=int, default=None, help="the seed of a run to repeat")
    parser.addoption("--chaos-rounds", type=int, default=len(FAULTS), help="how many faults a run injects")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("chaos_seed") is None:
        config.option.chaos_seed = secrets.randbelow(1_000_000)
    config.stash[_REPORT] = Report()


def pytest_report_header(config: pytest.Config) -> str:
    return f"chaos: --chaos-seed={config.getoption('chaos_seed')} repeats this run"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    report = config.stash[_REPORT]
    if report.times:
        terminalreporter.section(f"faults of --chaos-seed={config.getoption('chaos_seed')}")
        terminalreporter.write_line("| fault | times | messages in flight | lost | doubled |")
        terminalreporter.write_line("|---|---:|---:|---:|---:|")
        for fault, times in sorted(report.times.items()):
            terminalreporter.write_line(
                f"| {fault} | {times} | {report.in_flight[fault]} | {report.lost[fault]} | {report.doubled[fault]} |"
            )


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
