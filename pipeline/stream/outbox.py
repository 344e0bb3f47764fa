"""Sending with the broker's answer awaited: nothing is acknowledged upstream before this says so.

Whole record batches go to the producer, one future a batch and partition, rather than one a message: the
per-message bookkeeping of the client was most of the cost of a hop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from aiokafka.partitioner import murmur2

from pipeline.errors import TransientError
from pipeline.kafka.admin import connection
from pipeline.kafka.topics import declared
from pipeline.settings import Settings

_BATCH_BYTES = 1024 * 1024
_OVERHEAD_BYTES = 1024  # of a record batch around one message
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send. `key` decides the partition."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(slots=True)
class _Packed:
    """A record batch for one partition, and which of the messages are in it."""

    builder: Any
    topic: str
    partition: int
    numbers: list[int]


class Outbox:
    """A producer for whole batches. Start it in the event loop that uses it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limits = {spec.name: int(spec.config["max.message.bytes"]) for spec in declared(settings)}
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

    def too_large(self, message: Outgoing) -> bool:
        """Whether the message is larger than its topic is declared to take; what it takes, `send` finds out."""
        limit = self._limits.get(message.topic, self._settings.max_message_bytes)
        return len(message.key) + len(message.value) + _OVERHEAD_BYTES > limit

    async def send(self, messages: Sequence[Outgoing]) -> list[int]:
        """Send all and wait until the brokers have them (acks=all).

        Returns:
            The numbers of those that are too large for their topic: sending them again is no use. The brokers have
            all the others.

        Raises:
            TransientError: some may not be there; sending the same again is safe, since all that read these
                topics are idempotent.
        """
        if not messages:
            return []
        try:
            if self._producer is None:
                await self.start()
            refused = await self._refused(await self._packed(messages, range(len(messages))))
            # A broker says of a batch that it is too large, not of a message in it.
            crowded = [number for batch in refused if len(batch.numbers) > 1 for number in batch.numbers]
            alone = [
                batch
                for number in crowded
                for batch in await self._packed(messages, range(number, number + 1))
            ]
            refused = [batch for batch in refused if len(batch.numbers) == 1] + await self._refused(alone)
        except (KafkaError, OSError, TimeoutError) as error:
            raise TransientError(f"sending failed: {error!r}") from error
        return sorted(number for batch in refused for number in batch.numbers)

    async def _refused(self, batches: Sequence[_Packed]) -> list[_Packed]:
        """Send batches; gives those that are too large. Raises what went wrong with another."""
        answers = [await self._send_batch(batch) for batch in batches]
        results = await asyncio.gather(*answers, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, _TOO_LARGE):
                raise TransientError(f"sending failed: {result!r}") from result
        return [
            batch for batch, result in zip(batches, results, strict=True) if isinstance(result, _TOO_LARGE)
        ]

    async def _send_batch(self, batch: _Packed) -> asyncio.Future[Any]:
        if self._producer is None:
            raise TransientError("the producer was stopped")
        return await self._producer.send_batch(batch.builder, batch.topic, partition=batch.partition)  # type: ignore[no-any-return]

    async def _packed(self, messages: Sequence[Outgoing], numbers: Iterable[int]) -> list[_Packed]:
        """Pack these messages into record batches for each partition, in order."""
        open_batches: dict[tuple[str, int], _Packed] = {}
        batches: list[_Packed] = []
        counts: dict[str, int] = {}
        producer = self._producer
        if producer is None:
            raise TransientError("the producer was stopped")
        for number in numbers:
            message = messages[number]
            if message.topic not in counts:
                counts[message.topic] = len(await producer.partitions_for(message.topic))
            place = message.topic, partition_of(message.key, counts[message.topic])
            batch = open_batches.get(place)
            if batch is None or not _appended(batch.builder, message):
                batch = open_batches[place] = _Packed(producer.create_batch(), *place, [])
                batches.append(batch)
                _appended(batch.builder, message)  # the first always fits
            batch.numbers.append(number)
        for batch in batches:
            batch.builder.close()
        return batches


def _appended(builder: Any, message: Outgoing) -> bool:
    return (
        builder.append(key=message.key, value=message.value, headers=list(message.headers), timestamp=None)
        is not None
    )


def partition_of(key: bytes, partitions: int) -> int:
    """Kafka's own default: murmur2 of the key. The same article always takes the same way."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions
