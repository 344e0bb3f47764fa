"""A raw topic with too many partitions is made anew, and every message is there again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing

import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaConsumer
from kafka.admin import KafkaAdminClient

from pipeline.kafka.admin import connection
from pipeline.kafka.publisher import Publisher
from pipeline.kafka.scan import scan
from pipeline.kafka.topicclient import present_topics
from pipeline.kafka.topics import Topic, declared, topic_name
from tests.integration.conftest import NewPipeline
from tests.support.articles import articles
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually

pytestmark = pytest.mark.long


@pytest.fixture
def kafka_pipeline(request: pytest.FixtureRequest, new_pipeline: NewPipeline) -> LivePipeline:
    """A pipeline whose raw topic somebody has made with four partitions, with 30 articles on them."""
    if request.config.getoption("broker") != "kafka":
        pytest.skip("the embedded broker does not say who reads a topic: --broker=kafka")
    pipeline = new_pipeline()
    _replace(pipeline, Topic.RAW, partitions=4)
    pipeline.publish(articles(30))
    return pipeline


@pytest.fixture
def client(kafka_pipeline: LivePipeline) -> Iterator[KafkaAdminClient]:
    with closing(KafkaAdminClient(**connection(kafka_pipeline.settings))) as opened:
        yield opened


def _replace(pipeline: LivePipeline, topic: Topic, *, partitions: int) -> None:
    name = topic_name(pipeline.settings, topic)
    with closing(KafkaAdminClient(**connection(pipeline.settings))) as admin:
        admin.delete_topics([name])
        eventually(lambda: not present_topics(admin, [name]), what="the topic is gone")
        admin.create_topics(
            {name: {"num_partitions": partitions, "replication_factor": 1}}, wait_for_metadata=True
        )


def _ids(pipeline: LivePipeline) -> list[str]:
    return sorted((message.key or b"").decode() for message in scan(pipeline.settings, Topic.RAW))


def _width(pipeline: LivePipeline) -> int:
    return pipeline.admin.partition_counts()[topic_name(pipeline.settings, Topic.RAW)]


def test_all_messages_are_on_the_new_topic_and_go_through(kafka_pipeline: LivePipeline) -> None:
    pipeline = kafka_pipeline
    pipeline.publish_bytes([(b"poison", b"no JSON")], headers=[("sent-by", b"desk")])
    asyncio.run(_send_nothing(pipeline))
    before = _ids(pipeline)
    refused = pipeline.run("worker", "--json")
    assert refused.returncode == 2
    assert b"run `pipeline topics remake --yes`" in refused.stderr

    asked = pipeline.run("topics", "remake")
    assert (asked.returncode, _width(pipeline)) == (0, 4), "without --yes it only says so"
    done = pipeline.run("topics", "remake", "--yes", "--json")

    assert json.loads(done.stdout) == {
        "topic": topic_name(pipeline.settings, Topic.RAW),
        "partitions": 1,
        "moved": 32,
    }
    assert (_width(pipeline), _ids(pipeline)) == (1, before)
    assert _headers(pipeline) == 1
    assert pipeline.run("topics", "list").returncode == 0, "it takes messages again, of the declared size"
    pipeline.faulty_worker(options=["--light"]).wait_ready()
    ledger = pipeline.await_closed()
    assert (ledger.stored, ledger.dead_lettered) == (30, 2)


async def _send_nothing(pipeline: LivePipeline) -> None:
    """No value, and a header without one: what other clients can send."""
    producer = AIOKafkaProducer(**connection(pipeline.settings))
    await producer.start()
    try:
        await producer.send_and_wait(
            topic_name(pipeline.settings, Topic.RAW), key=b"nothing", headers=[("sent-by", None)]
        )
    finally:
        await producer.stop()


def _headers(pipeline: LivePipeline) -> int:
    name = topic_name(pipeline.settings, Topic.RAW)
    with closing(
        KafkaConsumer(
            name,
            auto_offset_reset="earliest",
            consumer_timeout_ms=10_000,
            **connection(pipeline.settings),
        )
    ) as consumer:
        messages = [message for message, _ in zip(consumer, range(32), strict=False)]
    return sum(message.headers == [("sent-by", b"desk")] for message in messages)


def test_it_waits_for_nobody_who_still_reads(kafka_pipeline: LivePipeline) -> None:
    settings = kafka_pipeline.settings
    with closing(
        KafkaConsumer(
            topic_name(settings, Topic.RAW), group_id=settings.group("duplicates"), **connection(settings)
        )
    ) as consumer:
        eventually(lambda: consumer.poll(timeout_ms=5_000) or consumer.assignment(), what="it has joined")
        done = kafka_pipeline.run("topics", "remake", "--yes")

    assert done.returncode == 2
    assert b"workers of the stage duplicates are running" in done.stderr
    assert _width(kafka_pipeline) == 4
    kafka_pipeline.publish(articles(1, start=500))  # nobody has closed it


def test_an_attempt_that_ended_before_the_topic_was_deleted_begins_anew(
    kafka_pipeline: LivePipeline, client: KafkaAdminClient
) -> None:
    _make_aside(kafka_pipeline, client, messages=7)
    before = _ids(kafka_pipeline)

    assert kafka_pipeline.run("topics", "remake", "--yes").returncode == 0

    assert (_width(kafka_pipeline), _ids(kafka_pipeline)) == (1, before)


def test_an_attempt_that_ended_behind_it_is_brought_to_its_end(
    kafka_pipeline: LivePipeline, client: KafkaAdminClient
) -> None:
    aside = _make_aside(kafka_pipeline, client, messages=30)
    raw = topic_name(kafka_pipeline.settings, Topic.RAW)
    client.delete_topics([raw])
    eventually(lambda: not present_topics(client, [raw]), what="the topic is gone")

    assert kafka_pipeline.run("topics", "remake", "--yes").returncode == 0

    assert (_width(kafka_pipeline), len(_ids(kafka_pipeline))) == (1, 30)
    assert not present_topics(client, [aside])
    nothing = json.loads(kafka_pipeline.run("topics", "remake", "--yes", "--json").stdout)
    assert nothing["moved"] is None


def _make_aside(pipeline: LivePipeline, client: KafkaAdminClient, *, messages: int) -> str:
    """What an interrupted attempt leaves behind."""
    raw = next(spec for spec in declared(pipeline.settings) if spec.topic is Topic.RAW)
    name = f"{raw.name}.remake"
    client.create_topics(
        {name: {"num_partitions": 1, "replication_factor": 1, "configs": raw.config}}, wait_for_metadata=True
    )
    with Publisher(pipeline.settings) as publisher:
        for number in range(messages):
            publisher.send(name, f"aside-{number}".encode(), b"{}")
    return name


def test_the_embedded_broker_is_told_apart(request: pytest.FixtureRequest, new_pipeline: NewPipeline) -> None:
    if request.config.getoption("broker") == "kafka":
        pytest.skip("about the embedded broker")
    pipeline = new_pipeline()
    _replace(pipeline, Topic.RAW, partitions=4)

    done = pipeline.run("topics", "remake", "--yes")

    assert done.returncode == 2
    assert b"the embedded broker keeps nothing: stop the workers" in done.stderr
