"""Reading a topic from end to end, once, outside any consumer group."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from pipeline.errors import TransientError
from pipeline.kafka.admin import EARLIEST, LATEST, Admin, connection, translated
from pipeline.kafka.lenient import read_without_raising
from pipeline.kafka.recordbatches import Refusal, limits
from pipeline.kafka.topics import Topic, topic_name
from pipeline.settings import Settings

_PATIENCE_SECONDS = 30.0
_UNDECIDED_SECONDS = 2.0
_POLL_MILLISECONDS = 500
_RECORDS = 64  # that a poll gives at most

_COMMITTED = "read_committed"
_LOG_APPEND_TIME = 1


@dataclass(frozen=True, slots=True)
class Scanned:
    """A message of a topic. One that can't be read has no value, and `unreadable` says why.

    `appended_at` is the broker's own time, None where the topic keeps the producer's.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int
    unreadable: str | None = None
    appended_at: datetime | None = None


def scan(settings: Settings, topic: Topic, *, admin: Admin | None = None) -> Iterator[Scanned]:
    """All messages that are in the topic at the time of the call, partition by partition in order.

    Memory is bounded by a fetch. Messages that arrive during the scan are left for the next, and so are those of
    transactions that are not decided yet; those that were given up are no messages.

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
    with _consumer(settings) as consumer:
        for partition, last in sorted(end.items()):
            if last > start[partition]:
                place = TopicPartition(name, partition)
                yield from _partition(settings, consumer, place, start[partition], last)


def fetch(settings: Settings, topic: str, partition: int, offset: int) -> Scanned | None:
    """The message at one place of a topic, by its full name; None when it is not there (any more).

    Raises:
        TransientError: the broker is away.
    """
    place = TopicPartition(topic, partition)
    with _consumer(settings) as consumer, translated(settings):
        if place.partition not in (consumer.partitions_for_topic(topic) or ()):
            return None
        if offset < consumer.beginning_offsets([place])[place]:
            return None
        found = _partition(settings, consumer, place, offset, offset + 1)
        return next((message for message in found if message.offset == offset), None)


@contextmanager
def _consumer(settings: Settings) -> Iterator[KafkaConsumer]:
    with translated(settings):
        consumer = KafkaConsumer(
            client_id="news-pipeline-scan",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level=_COMMITTED,
            max_partition_fetch_bytes=settings.max_message_bytes * 2,
            max_poll_records=_RECORDS,
            **connection(settings),
        )
    read_without_raising(consumer, limits(settings))
    try:
        yield consumer
    finally:
        consumer.close()


def _partition(
    settings: Settings, consumer: KafkaConsumer, partition: TopicPartition, start: int, end: int
) -> Iterator[Scanned]:
    """The messages of a partition between two offsets."""
    consumer.assign([partition])
    consumer.seek(partition, start)
    position, moved = start, time.monotonic()
    with translated(settings):
        while position < end:
            records = consumer.poll(timeout_ms=_POLL_MILLISECONDS).get(partition, [])
            for record in records:
                if record.offset < end:
                    yield _scanned(record)
            # Offsets can have holes (compaction, markers of transactions): the position tells where the end is passed.
            before, position = position, consumer.position(partition)
            silence = time.monotonic() - moved
            if records or position != before:
                moved = time.monotonic()
            elif silence > _PATIENCE_SECONDS:
                raise TransientError(f"{partition.topic}/{partition.partition}: the broker stopped answering")
            elif silence > _UNDECIDED_SECONDS and consumer.end_offsets([partition])[partition] == position:
                return  # what is behind belongs to transactions under way


def _scanned(record: Any) -> Scanned:
    refusal = next((value for _, value in record.headers if isinstance(value, Refusal)), None)
    return Scanned(
        record.topic,
        record.partition,
        record.offset,
        record.key,
        None if refusal else record.value,
        record.timestamp,
        refusal.detail if refusal else None,
        datetime.fromtimestamp(record.timestamp / 1000, UTC)
        if record.timestamp_type == _LOG_APPEND_TIME
        else None,
    )
