"""Kafka's record batches made by hand, byte by byte: what no client would send, but a broker may hold."""

from __future__ import annotations

import asyncio
import gzip
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.codec import lz4_encode, snappy_encode, zstd_encode
from aiokafka.errors import for_code
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.util import calc_crc32c

from pipeline.kafka.unpacking import Codec

_PACK = {
    Codec.NONE: bytes,
    Codec.GZIP: gzip.compress,
    Codec.SNAPPY: snappy_encode,
    Codec.LZ4: lz4_encode,
    Codec.ZSTD: zstd_encode,
}

TRANSACTIONAL, CONTROL = 0x10, 0x20
ABORT, COMMIT = b"\0\0\0\0", b"\0\0\0\1"
"""The keys of markers."""

BAD_NAME = b"caf\xe9"
"""A header's name that is Latin-1."""


@dataclass(frozen=True)
class Written:
    """A record to be written. `raw` stands for all of it behind its length."""

    key: bytes | None = None
    value: bytes | None = None
    headers: Sequence[tuple[bytes, bytes | None]] = ()
    raw: bytes | None = None


def batch(
    records: Sequence[Written],
    *,
    base_offset: int = 0,
    codec: Codec = Codec.NONE,
    attributes: int = 0,
    producer: int = -1,
    packed: bytes | None = None,
    count: int | None = None,
    timestamp: int | None = None,
) -> bytes:
    """The bytes of a batch with a right checksum; `packed` stands for its compressed records, `count` for how many.

    `timestamp` is in milliseconds, now unless it is given.
    """
    body = b"".join(_record(number, record) for number, record in enumerate(records))
    packed = bytes(_PACK[codec](body)) if packed is None else packed
    count = len(records) if count is None else count
    timestamp = round(time.time() * 1000) if timestamp is None else timestamp
    epoch, sequence = (0, 0) if producer >= 0 else (-1, -1)
    checked = (
        struct.pack(
            ">hiqqqhii", attributes | codec, count - 1, timestamp, timestamp, producer, epoch, sequence, count
        )
        + packed
    )
    return struct.pack(">qiibI", base_offset, 9 + len(checked), 0, 2, calc_crc32c(checked)) + checked


def flipped(data: bytes, at: int = -1) -> bytes:
    """The same bytes but for one bit."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def produce(address: str, topic: str, data: bytes, partition: int = 0) -> int:
    """Have a broker append a batch as it is; gives its first offset."""

    async def send() -> int:
        producer = AIOKafkaProducer(bootstrap_servers=address)
        await producer.start()
        try:
            await producer.partitions_for(topic)
            leader = producer.client.cluster.leader_for_partition
            while (node := leader(TopicPartition(topic, partition))) in (None, -1):
                await producer.client.force_metadata_update()
            answer = await producer.client.send(
                node, ProduceRequest(None, -1, 10_000, [(topic, [(partition, data)])])
            )
        finally:
            await producer.stop()
        _, code, offset, *_ = answer.topics[0][1][0]
        if code:
            raise for_code(code)
        return int(offset)

    return asyncio.run(send())


def _record(number: int, record: Written) -> bytes:
    body = record.raw
    if body is None:
        fields = _field(record.key) + _field(record.value)
        headers = b"".join(_field(name) + _field(value) for name, value in record.headers)
        body = b"\0" + _varint(0) + _varint(number) + fields + _varint(len(record.headers)) + headers
    return _varint(len(body)) + body


def _field(data: bytes | None) -> bytes:
    return _varint(-1) if data is None else _varint(len(data)) + data


def _varint(value: int) -> bytes:
    value = (value << 1) ^ (value >> 63)
    found = bytearray()
    while value > 0x7F:
        found.append(0x80 | value & 0x7F)
        value >>= 7
    found.append(value)
    return bytes(found)
