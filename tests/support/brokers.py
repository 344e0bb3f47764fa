"""The broker of a test run: the embedded one, or Apache Kafka with `--broker=kafka`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

from pipeline.kafka.embedded import EmbeddedBroker
from tests.support.apache_kafka import ApacheKafka
from tests.support.kafka_cluster import KafkaCluster
from tests.support.maven import UnavailableError

T = TypeVar("T")


class Broker(Protocol):
    """What a test needs to know of a broker."""

    @property
    def address(self) -> str:
        """host:port, on loopback."""


def kafka_or_skip(folder: Path) -> ApacheKafka:
    """An Apache Kafka, not started; where it can't be had, tests are skipped, but on CI they fail."""
    return _or_skip(lambda: ApacheKafka(folder))


def cluster_or_skip(folder: Path) -> KafkaCluster:
    """Three of them; the same."""
    return _or_skip(lambda: KafkaCluster(folder))


def _or_skip(make: Callable[[], T]) -> T:
    try:
        return make()
    except UnavailableError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One broker for the whole run; each pipeline has topics and groups of its own on it."""
    folder = tmp_path_factory.mktemp("broker")
    if request.config.getoption("broker") == "kafka":
        with kafka_or_skip(folder) as kafka:
            yield kafka
    else:
        with EmbeddedBroker(folder / "broker.log") as embedded:
            yield embedded
