"""Three brokers with every message on each, of which one after the other is killed and comes back, under load."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient

from pipeline.flow import FLOW
from pipeline.kafka.topics import Topic, topic_name
from tests.chaos import checker
from tests.chaos.load import Load
from tests.chaos.report import Report
from tests.chaos.scene import await_progress, in_flight
from tests.support.brokers import cluster_or_skip
from tests.support.kafka_cluster import BROKERS, KafkaCluster
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(900)

_FAULT = "one broker of three killed (SIGKILL), and back"
_RECOVERY_SECONDS = 120.0
_AWAY_SECONDS = 5.0


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[KafkaCluster]:
    with cluster_or_skip(tmp_path / "brokers") as running:
        yield running


@pytest.fixture
def pipeline(cluster: KafkaCluster, tmp_path: Path) -> Iterator[LivePipeline]:
    with LivePipeline(
        cluster.addresses, tmp_path / "pipeline", replication_factor=BROKERS, batch_size=32
    ) as running:
        yield running


def test_a_lost_broker_of_three_holds_nothing_up_and_loses_nothing(
    cluster: KafkaCluster, pipeline: LivePipeline, seed: int, report: Report, tmp_path: Path
) -> None:
    worker = pipeline.faulty_worker().wait_ready()
    assert _in_sync(pipeline) == [BROKERS] * _partitions(pipeline)
    with Load(pipeline.settings, seed) as load:
        await_progress(pipeline, within=_RECOVERY_SECONDS)
        for number, broker in enumerate(
            cluster.brokers, start=1
        ):  # one of them leads and coordinates what counts
            report.injected(_FAULT, in_flight(pipeline))
            leads = _leader(pipeline) == number
            broker.kill()
            killed = time.monotonic()
            pipeline.reconnect()
            await_progress(pipeline, within=_RECOVERY_SECONDS)
            went_on = time.monotonic() - killed
            time.sleep(_AWAY_SECONDS)  # it stays away while articles come
            assert min(_in_sync(pipeline)) == BROKERS - 1
            broker.start()
            started = time.monotonic()
            eventually(
                lambda: _in_sync(pipeline) == [BROKERS] * _partitions(pipeline),
                within=_RECOVERY_SECONDS,
                what="the broker has caught up",
            )
            report.notes.append(
                f"broker {number} ({'leads' if leads else 'follows'} the raw topic): every stage got on within "
                f"{went_on:.1f} s; all copies in step {time.monotonic() - started:.1f} s after it answered"
            )
            await_progress(pipeline, within=_RECOVERY_SECONDS)
    pipeline.await_lag_zero(within=_RECOVERY_SECONDS)

    assert worker.is_alive()
    found = checker.after_all(pipeline, load.acknowledged)
    with LivePipeline(cluster.addresses, tmp_path / "calm", replication_factor=BROKERS) as calm:
        calm.publish_bytes(checker.raw_messages(pipeline))
        calm.faulty_worker().wait_ready()
        calm.await_lag_zero(within=_RECOVERY_SECONDS)
        found += checker.other_rows(pipeline, calm)
    report.found(_FAULT, found)
    report.notes.append(f"{len(load.acknowledged)} messages acknowledged; {pipeline.ledger()}")
    assert not found, f"--chaos-seed={seed}:\n" + "\n".join(map(str, found))


def _described(pipeline: LivePipeline) -> list[dict[str, object]]:
    """The partitions of the pipeline's topics, as the brokers describe them."""
    client = KafkaAdminClient(bootstrap_servers=pipeline.settings.bootstrap_servers)
    try:
        topics = client.describe_topics([topic_name(pipeline.settings, topic) for topic in FLOW.topics])
    finally:
        client.close()
    return [{"topic": topic["name"], **partition} for topic in topics for partition in topic["partitions"]]


def _partitions(pipeline: LivePipeline) -> int:
    return len(_described(pipeline))


def _in_sync(pipeline: LivePipeline) -> list[int]:
    """How many copies of each partition are in step."""
    return [len(partition["isr_nodes"]) for partition in _described(pipeline)]  # type: ignore[arg-type]


def _leader(pipeline: LivePipeline) -> object:
    """The id of the broker that leads the raw topic."""
    raw = topic_name(pipeline.settings, Topic.RAW)
    return next(partition["leader_id"] for partition in _described(pipeline) if partition["topic"] == raw)
