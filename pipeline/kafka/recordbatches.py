"""The messages of a fetch, whatever is wrong with some of them.

A client's own reader raises at the first thing it does not like: a header's name that is not UTF-8, a checksum, a
codec, a batch that unpacks to gigabytes. It raises again at every restart, and nothing behind it is ever read. Here
a batch that the client can't read is read by our own code, record by record, and what can't be read at all becomes
one record that says so (a Refusal), at the last offset that it stands for.

The format is that of Kafka's record batches, version 2.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.errors import PipelineError, Reason
from pipeline.kafka.unpacking import Codec, Reader, UnpackingError, pieces
from pipeline.record import Omission
from pipeline.settings import MIB, Settings

_HEADER = struct.Struct(">qiibIhiqqqhii")
_OVERHEAD = 12  # the base offset and the length, which does not count them
_MAGIC = 16  # where the version stands, in all of them
_LEGACY_HEADER = 26  # the shortest message of versions 0 and 1

_CODEC, _APPEND_TIME, _TRANSACTIONAL, _CONTROL = 0x07, 0x08, 0x10, 0x20
_ABORT = 0
_LONGEST_VARINT = 10
_LONGEST_KEY = 1 << 20
_RECORD = 32 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """How many bytes are held, unpacked: of one record, and of one batch before the rest of it is given up."""

    record: int
    batch: int


def limits(settings: Settings) -> Limits:
    """Room for the messages that are wanted, and for what they unpack to."""
    record = max(_RECORD, 4 * settings.max_message_bytes)
    return Limits(record, 8 * record)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message could not be read. Not bytes, so that no producer can send one.

    `omitted` is the value's size and hash when it is too large to be held.
    """

    reason: Reason
    detail: str
    omitted: Omission | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A message as read here: the fields that both clients' records have."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, Any], ...] = ()
    refusal: Refusal | None = None
    checksum: None = None


class Place(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int


OwnReader = Callable[[bytes], Any]
"""The client's: the bytes of one batch to something that has validate_crc() and gives records when iterated."""


class _Batch:
    """One batch, with its header read."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.own: Any = None  # as the client reads it
        self.base_offset = int.from_bytes(data[:8], "big", signed=True)
        self.is_legacy = data[_MAGIC] < 2  # noqa: PLR2004 - the first version of batches
        if self.is_legacy:
            self.last_offset = self.base_offset  # a wrapper has the offset of the last message in it
            self.attributes, self.count, self.producer_id = 0, 1, -1
            self.first_timestamp = self.max_timestamp = 0
            return
        header: tuple[int, ...] = _HEADER.unpack_from(data)
        self.attributes, self.last_offset_delta = header[5], header[6]
        self.first_timestamp, self.max_timestamp, self.producer_id = header[7], header[8], header[9]
        self.count = header[12]
        self.last_offset = self.base_offset + self.last_offset_delta

    @property
    def codec(self) -> int:
        return self.attributes & _CODEC

    @property
    def is_control(self) -> bool:
        return bool(self.attributes & _CONTROL)

    @property
    def is_transactional(self) -> bool:
        return bool(self.attributes & _TRANSACTIONAL)

    @property
    def packed(self) -> memoryview:
        return self.data[_HEADER.size :]

    def unpacked(self, limit: int) -> bytes:
        """The batch as if it had never been compressed. Raises UnpackingError."""
        body = b"".join(pieces(self.codec, self.packed, limit))
        header = list(_HEADER.unpack_from(self.data))
        header[1] = _HEADER.size - _OVERHEAD + len(body)
        header[5] &= ~_CODEC
        return _HEADER.pack(*header) + body


class FetchedRecords:
    """Iterates over the records of one answer to a fetch.

    Args:
        data: the answer's bytes: whole batches, and perhaps the beginning of another.
        place: where they are from.
        offset: which was asked for; what is before it is left out.
        own: the client's reader of one batch.
        limits: in bytes.
        suspects: by place, the batch whose checksum was wrong when it was fetched before; kept between fetches.
        aborted: producers and the first offsets of their transactions that were given up; with None, messages of
            transactions are read as they come.

    Attributes:
        next_offset: what to fetch next, as far as it was iterated.
    """

    def __init__(
        self,
        data: bytes,
        place: Place,
        offset: int,
        *,
        own: OwnReader,
        limits: Limits,
        suspects: MutableMapping[Place, int],
        aborted: Iterable[tuple[int, int]] | None = None,
    ) -> None:
        self._data = memoryview(data)
        self._place = place
        self._own = own
        self._limits = limits
        self._suspects = suspects
        self._aborted = None if aborted is None else deque(sorted(aborted, key=lambda one: one[1]))
        self._aborted_producers: set[int] = set()
        self.next_offset = offset

    def __iter__(self) -> Iterator[Any]:
        at = 0
        while (size := _whole(self._data, at)) is not None:
            data, at = self._data[at : at + size], at + size
            batch = None if size < _smallest(data) else _Batch(data)
            fault = self._fault(batch) if batch else f"a batch of {size} bytes is none"
            if fault is None and batch is not None:
                if not self._is_skipped(batch):
                    yield from self._records(batch)
                self.next_offset = max(self.next_offset, batch.last_offset + 1)
                continue
            if self._is_new(data):
                return  # once more from the broker: it may have been the way here
            yield self._refused(data, self._last_believable(batch, at), f"{fault}, twice")
            if batch is None:
                return  # where the next one would begin is not known

    def _fault(self, batch: _Batch) -> str | None:
        """What is wrong with a batch as a whole."""
        try:
            batch.own = self._own(bytes(batch.data))
            if not batch.own.validate_crc():
                return "the checksum is wrong"
        except Exception as error:  # noqa: BLE001 - whatever the client's reader makes of junk
            return f"no batch ({error})"
        if not batch.is_legacy and (batch.last_offset_delta < 0 or batch.count < 0):
            return "its offsets make no sense"
        return None

    def _is_new(self, data: memoryview) -> bool:
        base = int.from_bytes(data[:8], "big", signed=True)
        if self._suspects.get(self._place) == base:
            return False
        self._suspects[self._place] = base
        return True

    def _last_believable(self, batch: _Batch | None, following: int) -> int:
        """The last offset of a batch whose header may be wrong too. Offset by offset, if there is nothing better."""
        if batch is None:
            return self.next_offset
        size = _whole(self._data, following)
        if size is not None and size >= _smallest(self._data[following:]):
            after = _Batch(self._data[following : following + size])
            if self._fault(after) is None:
                return after.base_offset - 1
        if not batch.is_legacy and batch.count == batch.last_offset_delta + 1 > 0:
            return batch.last_offset
        return self.next_offset

    def _is_skipped(self, batch: _Batch) -> bool:
        """Whether a batch holds no messages for us: markers of transactions, and what was given up with one."""
        if self._aborted is not None and batch.producer_id >= 0:
            while self._aborted and self._aborted[0][1] <= batch.base_offset:
                self._aborted_producers.add(self._aborted.popleft()[0])
            if batch.is_control and _is_abort_marker(batch, self._limits):
                self._aborted_producers.discard(batch.producer_id)
            elif batch.is_transactional and batch.producer_id in self._aborted_producers:
                return True
        return batch.is_control

    def _records(self, batch: _Batch) -> Iterator[Any]:
        try:
            own = batch.own
            if not batch.is_legacy and batch.codec != Codec.NONE:
                own = self._own(batch.unpacked(self._limits.record))
            for record in own:
                _check_offset(record.offset, batch)
                if record.offset >= self.next_offset:
                    self.next_offset = record.offset + 1
                    yield record
        except PipelineError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, our own code looks for what can be read
            yield from self._leniently(batch, error)

    def _leniently(self, batch: _Batch, error: Exception) -> Iterator[Record]:
        fault: Exception | None = error if batch.is_legacy else None
        try:
            for record in () if batch.is_legacy else _lenient(batch, self._limits, self._place):
                if record.offset >= self.next_offset:
                    self.next_offset = record.offset + 1
                    yield record
        except UnpackingError as stop:
            fault = stop
        if fault is not None and batch.last_offset >= self.next_offset:
            yield self._refused(batch.data, batch.last_offset, str(fault))

    def _refused(self, data: memoryview, last: int, why: str) -> Record:
        """The record for all from here to an offset, with the bytes of the batch as they are."""
        first, last = self.next_offset, max(last, self.next_offset)
        self.next_offset = last + 1
        at = f"offset {last}" if first == last else f"offsets {first} to {last}"
        detail = f"{self._place.topic}/{self._place.partition}, {at}: {why}"
        return Record(last, 0, 0, None, bytes(data), refusal=Refusal(Reason.UNREADABLE, detail))


def _whole(data: memoryview, at: int) -> int | None:
    """The size of the batch that begins there, None when not all of it is there."""
    if len(data) - at < _OVERHEAD:
        return None
    size = _OVERHEAD + int.from_bytes(data[at + 8 : at + _OVERHEAD], "big", signed=True)
    return max(size, _OVERHEAD) if at + size <= len(data) else None


def _smallest(data: memoryview) -> int:
    if len(data) <= _MAGIC:
        return _MAGIC + 1
    return _LEGACY_HEADER if data[_MAGIC] < 2 else _HEADER.size  # noqa: PLR2004 - see _Batch


def _is_abort_marker(batch: _Batch, limits: Limits) -> bool:
    try:
        marker = next(_lenient(batch, limits, Place("", 0)), None)
    except UnpackingError:
        return False
    return marker is not None and marker.key is not None and int.from_bytes(marker.key[2:4], "big") == _ABORT


def _lenient(batch: _Batch, limits: Limits, place: Place) -> Iterator[Record]:
    """The records of a batch. One that is not well-formed is given as a refusal; its length tells where it ends.

    Raises:
        UnpackingError: from here on nothing can be read.
    """
    reader = Reader(pieces(batch.codec, batch.packed, limits.batch))
    offset = batch.base_offset - 1
    for _ in range(batch.count):
        length = _varint(reader)
        if length < 0:
            raise UnpackingError(f"a record of {length} bytes")
        if length > limits.record:
            record = _too_large(batch, reader, length, place)
        else:
            body = reader.read(length)
            try:
                record = _record(batch, Reader(iter((body,))), length)
            except UnpackingError as error:
                detail = f"{place.topic}/{place.partition}, offset {offset + 1}: {error}"
                refusal = Refusal(Reason.UNREADABLE, detail)
                record = Record(offset + 1, batch.first_timestamp, 0, None, body, refusal=refusal)
        _check_offset(record.offset, batch)
        offset = record.offset
        yield record


def _record(batch: _Batch, reader: Reader, length: int) -> Record:
    offset, timestamp, kind = _head(batch, reader)
    key, value = _field(reader), _field(reader)
    headers = []
    for _ in range(_varint(reader)):
        name = _field(reader)
        if name is None:
            raise UnpackingError("a header without a name")
        headers.append((name.decode(errors="replace"), _field(reader)))
    if reader.position != length:
        raise UnpackingError(f"a record of {length} bytes ends after {reader.position}")
    return Record(offset, timestamp, kind, key, value, tuple(headers))


def _too_large(batch: _Batch, reader: Reader, length: int, place: Place) -> Record:
    """A record of which nothing is kept but its key."""
    start = reader.position
    offset, timestamp, kind = _head(batch, reader)
    size = _varint(reader)
    key = reader.read(size) if 0 <= size <= _LONGEST_KEY else None
    if size > _LONGEST_KEY:
        reader.skip(size)
    size = max(0, _varint(reader))
    if reader.position - start + size > length:
        raise UnpackingError("a record that is longer than itself")
    omitted = Omission(bytes=size, blake2b=reader.digest(size))
    reader.skip(length - (reader.position - start))
    detail = f"{place.topic}/{place.partition}, offset {offset}: a message of {length} bytes"
    return Record(
        offset, timestamp, kind, key, None, refusal=Refusal(Reason.TOO_LARGE, detail, omitted=omitted)
    )


def _check_offset(offset: int, batch: _Batch) -> None:
    """An offset that is out of its batch would send the consumer anywhere, even back to the start."""
    if offset > batch.last_offset:
        raise UnpackingError(f"offset {offset} in a batch that ends with {batch.last_offset}")


def _head(batch: _Batch, reader: Reader) -> tuple[int, int, int]:
    """A record's offset, timestamp in milliseconds, and whose time that is (1: the broker's)."""
    reader.skip(1)
    timestamp, offset = batch.first_timestamp + _varint(reader), batch.base_offset + _varint(reader)
    if batch.attributes & _APPEND_TIME:
        return offset, batch.max_timestamp, 1
    return offset, timestamp, 0


def _field(reader: Reader) -> bytes | None:
    size = _varint(reader)
    return None if size < 0 else reader.read(size)


def _varint(reader: Reader) -> int:
    value = 0
    for place in range(_LONGEST_VARINT):
        byte = reader.read(1)[0]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that there is more
            return (value >> 1) ^ -(value & 1)
    raise UnpackingError("a number without an end")
