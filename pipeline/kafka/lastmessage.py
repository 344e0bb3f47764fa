"""One message read from where it is: to see whether a log still holds what was read of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from kafka import KafkaConsumer, TopicPartition

from pipeline.kafka.admin import connection, translated
from pipeline.kafka.lenient import read_without_raising
from pipeline.kafka.offsets import fingerprint
from pipeline.kafka.recordbatches import limits
from pipeline.settings import Settings

_PATIENCE_SECONDS = 10.0
_POLL_MILLISECONDS = 200


@contextlib.contextmanager
def fingerprints(settings: Settings, topic: str) -> Iterator[Callable[[int, int], str | None]]:
    """Give a function from partition and offset to the fingerprint of the message there.

    It gives None when no message is there (a transaction's marker, a deleted one) or none can be read. Nothing is
    connected before it is called.

    Raises:
        TransientError: the broker is away.
    """
    with contextlib.ExitStack() as stack:
        consumers: list[KafkaConsumer] = []

        def look(partition: int, offset: int) -> str | None:
            with translated(settings):
                if not consumers:
                    consumers.append(_consumer(settings))
                    stack.callback(consumers[0].close)
                return _fingerprint(consumers[0], TopicPartition(topic, partition), offset)

        yield look


def _consumer(settings: Settings) -> KafkaConsumer:
    consumer = KafkaConsumer(
        client_id="news-pipeline-last",
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=_POLL_MILLISECONDS,
        max_poll_records=1,
        **connection(settings),
    )
    read_without_raising(consumer, limits(settings))
    return consumer


def _fingerprint(consumer: KafkaConsumer, partition: TopicPartition, offset: int) -> str | None:
    consumer.assign([partition])
    consumer.seek(partition, offset)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for message in consumer.poll(timeout_ms=_POLL_MILLISECONDS).get(partition, ()):
            there = message.offset == offset
            return fingerprint(message.timestamp, message.key, message.value) if there else None
        if consumer.position(partition) > offset:
            return None
    return None
