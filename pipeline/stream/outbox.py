"""Sending with the broker's answer awaited: nothing is acknowledged upstream before this says so.

Whole record batches go to the producer, one future a batch and partition, rather than one a message: the
per-message bookkeeping of the client was most of the cost of a hop.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from pipeline.broker import connection
from pipeline.errors import TransientError
from pipeline.settings import Settings

_BATCH_BYTES = 1024 * 1024
_OVERHEAD_BYTES = 1024  # of a record batch around one message


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send. `key` decides the partition."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class Outbox:
    """A producer for whole batches. Start it in the event loop that uses it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect. Raises TransientError when no broker answers."""
        producer = AIOKafkaProducer(
            client_id="news-pipeline",
            acks="all",
            max_batch_size=_BATCH_BYTES,
            max_request_size=self._settings.max_message_bytes * 2 + _OVERHEAD_BYTES,
            request_timeout_ms=30_000,
            **connection(self._settings),
        )
        try:
            await producer.start()
        except (KafkaError, OSError) as error:
            await producer.stop()
            raise TransientError(f"no producer: {error}") from error
        self._producer = producer

    async def stop(self) -> None:
        """Disconnect."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await producer.stop()

    def too_large(self, message: Outgoing, *, limit: int | None = None) -> bool:
        """Whether the broker would refuse the message for its size (bytes)."""
        return len(message.key) + len(message.value) + _OVERHEAD_BYTES > (
            limit or self._settings.max_message_bytes
        )

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """Send all and wait until the brokers have them all (acks=all).

        Raises:
            TransientError: some may not be there; sending the same again is safe, since all that read these
                topics are idempotent.
        """
        if not messages:
            return
        try:
            if self._producer is None:
                await self.start()
            answers = [await self._send_batch(*batch) for batch in await self._batches(messages)]
            results = await asyncio.gather(*answers, return_exceptions=True)
        except (KafkaError, OSError, TimeoutError) as error:
            raise TransientError(f"sending failed: {error!r}") from error
        for result in results:
            if isinstance(result, BaseException):
                raise TransientError(f"sending failed: {result!r}") from result

    async def _send_batch(self, builder: Any, topic: str, partition: int) -> asyncio.Future[Any]:
        if self._producer is None:
            raise TransientError("the producer was stopped")
        return await self._producer.send_batch(builder, topic, partition=partition)  # type: ignore[no-any-return]

    async def _batches(self, messages: Iterable[Outgoing]) -> list[tuple[Any, str, int]]:
        """Pack messages into record batches for each partition, in order."""
        grouped: dict[tuple[str, int], list[Outgoing]] = defaultdict(list)
        counts: dict[str, int] = {}
        producer = self._producer
        if producer is None:
            raise TransientError("the producer was stopped")
        for message in messages:
            if message.topic not in counts:
                counts[message.topic] = len(await producer.partitions_for(message.topic))
            grouped[message.topic, partition_of(message.key, counts[message.topic])].append(message)
        batches: list[tuple[Any, str, int]] = []
        for (topic, partition), group in grouped.items():
            builder = producer.create_batch()
            for message in group:
                if not _appended(builder, message):
                    batches.append((builder, topic, partition))
                    builder = producer.create_batch()
                    _appended(builder, message)  # the first always fits
            batches.append((builder, topic, partition))
        for builder, _, _ in batches:
            builder.close()
        return batches


def _appended(builder: Any, message: Outgoing) -> bool:
    return (
        builder.append(key=message.key, value=message.value, headers=list(message.headers), timestamp=None)
        is not None
    )


def partition_of(key: bytes, partitions: int) -> int:
    """Kafka's own default: murmur2 of the key. The same article always takes the same way."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions
