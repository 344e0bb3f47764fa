"""How kafka-python's fetcher reads what it fetched: with nothing that could make it raise for ever.

Its own class for the records of one partition's answer raises at the first batch that it can't read, and again
whenever that is fetched. (For the other client see pipeline.stream.records.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord, Fetcher
from kafka.record import MemoryRecords

from pipeline.kafka.recordbatches import FetchedRecords, Limits, Place, Record


def read_without_raising(consumer: KafkaConsumer, bounds: Limits) -> None:
    """Have a consumer give what it can't read as a record with a Refusal for the value of its only header."""
    suspects: dict[Place, int] = {}

    class PartitionRecords(Fetcher.PartitionRecords):  # type: ignore[misc]
        next_fetch_offset: int

        def _unpack_records(self, tp: TopicPartition, records: MemoryRecords, *_: Any) -> Iterator[Any]:
            found = FetchedRecords(
                records._buffer,  # noqa: SLF001 - no other way
                Place(tp.topic, tp.partition),
                self.next_fetch_offset,
                own=lambda data: MemoryRecords(data).next_batch(),
                limits=bounds,
                suspects=suspects,
                aborted=[(one.producer_id, one.first_offset) for one in self.aborted_transactions],
            )
            for record in found:
                self.next_fetch_offset = found.next_offset
                yield _consumed(tp, record)
            self.next_fetch_offset = found.next_offset
            self.drain()

    consumer._fetcher.PartitionRecords = PartitionRecords  # noqa: SLF001 - the fetcher looks it up on itself


def _consumed(tp: TopicPartition, record: Any) -> ConsumerRecord:
    headers = tuple(record.headers)
    if isinstance(record, Record) and record.refusal is not None:
        headers = (("", record.refusal),)
    times = (record.timestamp, record.timestamp_type)
    return ConsumerRecord(
        tp.topic, tp.partition, -1, record.offset, *times, record.key, record.value, headers, None, -1, -1, -1
    )
