"""Reading a topic from end to end, once, outside any consumer group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kafka import KafkaConsumer, TopicPartition

from pipeline.broker import EARLIEST, LATEST, Admin, connection, translated
from pipeline.errors import TransientError
from pipeline.settings import Settings
from pipeline.topics import Topic, topic_name

_PATIENCE_MILLISECONDS = 30_000


@dataclass(frozen=True, slots=True)
class Scanned:
    """A message of a topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int


def scan(settings: Settings, topic: Topic, *, admin: Admin | None = None) -> Iterator[Scanned]:
    """All messages that are in the topic at the time of the call, partition by partition in order.

    Memory is bounded by a fetch. Messages that arrive during the scan are left for the next.

    Raises:
        TransientError: the broker is away.
        UsageError: the topic does not exist.
    """
    if admin is None:
        with Admin(settings) as own:
            start, end = own.offsets(topic, EARLIEST), own.offsets(topic, LATEST)
    else:
        start, end = admin.offsets(topic, EARLIEST), admin.offsets(topic, LATEST)
    name = topic_name(settings, topic)
    with translated(settings):
        consumer = KafkaConsumer(
            client_id="news-pipeline-scan",
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
            consumer_timeout_ms=_PATIENCE_MILLISECONDS,
            max_partition_fetch_bytes=settings.max_message_bytes * 2,
            **connection(settings),
        )
    try:
        for partition, last in sorted(end.items()):
            if last > start[partition]:
                yield from _partition(
                    settings, consumer, TopicPartition(name, partition), start[partition], last
                )
    finally:
        consumer.close()


def _partition(
    settings: Settings, consumer: KafkaConsumer, partition: TopicPartition, start: int, end: int
) -> Iterator[Scanned]:
    consumer.assign([partition])
    consumer.seek(partition, start)
    with translated(settings):
        for message in consumer:
            if message.offset < end:
                yield Scanned(
                    message.topic,
                    message.partition,
                    message.offset,
                    message.key,
                    message.value,
                    message.timestamp,
                )
            if message.offset >= end - 1:
                return
            # Offsets can have holes (compaction, transaction markers): the position tells when the end is passed.
        if consumer.position(partition) < end:
            raise TransientError(f"{partition.topic}/{partition.partition}: the broker stopped answering")
