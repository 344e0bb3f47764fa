"""How aiokafka's fetcher reads what it fetched: with nothing that could make it raise for ever.

Its PartitionRecords raises in the consumer's thread at a batch that it can't read, which ends the worker, and again
at every restart. The fetcher makes these objects itself and takes the classes from its module, so that they can only
be replaced there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.memory_records import MemoryRecords

from pipeline.kafka.recordbatches import FetchedRecords, Limits, Place, Record, Refusal

REFUSAL_HEADER = "pipeline-refusal"
"""The header of a message that stands for what could not be read. Its value is a Refusal, which nobody can send."""

_suspects: dict[Place, int] = {}


class _Fetched:
    """The bytes of one partition's answer, as the fetcher asks for them. See aiokafka's MemoryRecords."""

    def __init__(self, data: bytes | None) -> None:
        self.data = data or b""

    def size_in_bytes(self) -> int:
        return len(self.data)

    def has_next(self) -> bool:
        return bool(MemoryRecords(self.data).has_next())


class _PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    """See aiokafka's PartitionRecords."""

    limits: Limits
    next_fetch_offset: int

    def _unpack_records(self) -> Iterator[Any]:
        place = Place(self._tp.topic, self._tp.partition)
        committed = self._isolation_level == fetcher.READ_COMMITTED
        records = FetchedRecords(
            self._records.data,
            place,
            self.next_fetch_offset,
            own=lambda data: MemoryRecords(data).next_batch(),
            limits=self.limits,
            suspects=_suspects,
            aborted=self._aborted_transactions if committed else None,
        )
        for record in records:
            found = self._consumer_record(self._tp, _marked(record))
            self.next_fetch_offset = records.next_offset
            yield found
        self.next_fetch_offset = records.next_offset


def _marked(record: Any) -> Any:
    if isinstance(record, Record) and record.refusal is not None:
        return replace(record, headers=((REFUSAL_HEADER, record.refusal),))
    return record


def read_without_raising(limits: Limits) -> None:
    """Have all of aiokafka's consumers in this process read by the limits, and give what can't be read as a refusal."""
    _PartitionRecords.limits = limits
    fetcher.MemoryRecords = _Fetched
    fetcher.PartitionRecords = _PartitionRecords


def refusal(headers: Mapping[str, Any]) -> Refusal | None:
    """Why a message could not be read, None for one that could."""
    found = headers.get(REFUSAL_HEADER)
    return found if isinstance(found, Refusal) else None
