"""A message that can't be read is named, and everything beside it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aiokafka.record.memory_records import MemoryRecords as ItsRecords
from hypothesis import given
from hypothesis import strategies as st
from kafka.record import MemoryRecords

from pipeline.errors import Reason
from pipeline.kafka.recordbatches import FetchedRecords, Limits, Place, Record
from pipeline.kafka.unpacking import Codec
from pipeline.record import Omission
from tests.support.record_batches import (
    ABORT,
    BAD_NAME,
    COMMIT,
    CONTROL,
    TRANSACTIONAL,
    Written,
    batch,
    flipped,
)

_RAW = Place("news.raw", 0)
_LIMITS = Limits(record=100_000, batch=1_000_000)
_OWN: dict[str, Callable[[bytes], Any]] = {
    "aiokafka": lambda data: ItsRecords(data).next_batch(),
    "kafka-python": lambda data: MemoryRecords(data).next_batch(),
}


class Topic:
    """A partition that is fetched from until its end, as a consumer does."""

    def __init__(self, *batches: bytes, own: Callable[[bytes], Any] = _OWN["aiokafka"]) -> None:
        self.batches = [(int.from_bytes(data[:8], "big"), data) for data in batches]
        self.own = own
        self.suspects: dict[Place, int] = {}
        self.fetches = 0

    def fetch(self, offset: int, aborted: Sequence[tuple[int, int]] | None = None) -> FetchedRecords:
        self.fetches += 1
        first = max((base for base, _ in self.batches if base <= offset), default=0)
        data = b"".join(data for base, data in self.batches if base >= first)
        return FetchedRecords(
            data, _RAW, offset, own=self.own, limits=_LIMITS, suspects=self.suspects, aborted=aborted
        )

    def read(self, end: int, **options: Any) -> list[Any]:
        found, offset = [], 0
        while offset < end:
            fetched = self.fetch(offset, **options)
            found += list(fetched)
            assert fetched.next_offset > offset or self.fetches < 2 * end, "the consumer gets nowhere"
            offset = fetched.next_offset
        return found


def _refusals(records: Sequence[Any]) -> dict[int, str]:
    return {
        record.offset: record.refusal.detail
        for record in records
        if isinstance(record, Record) and record.refusal is not None
    }


def _values(records: Sequence[Any]) -> dict[int, bytes | None]:
    return {record.offset: record.value for record in records if record.offset not in _refusals(records)}


_A, _B, _C = Written(b"k", b"a"), Written(b"k", b"b"), Written(None, None)
_BAD = Written(b"k", b"bad name", [(b"first", b"1"), (BAD_NAME, b"2"), (b"none", None)])


@pytest.mark.parametrize("own", _OWN)
@pytest.mark.parametrize("codec", Codec)
def test_batches_of_every_codec_are_read_as_the_client_reads_them(own: str, codec: Codec) -> None:
    data = batch([_A, _B, _C], base_offset=5, codec=codec)
    records = Topic(data, own=_OWN[own]).read(8)
    assert _values(records) == {5: b"a", 6: b"b", 7: None}
    assert not any(isinstance(record, Record) for record in records), "by the client's own reader"


@pytest.mark.parametrize("own", _OWN)
@pytest.mark.parametrize("codec", Codec)
def test_a_headers_name_that_is_not_utf8_stops_nothing(own: str, codec: Codec) -> None:
    first, second = batch([_A, _BAD, _B], codec=codec, timestamp=1000), batch([_C], base_offset=3)
    records = Topic(first, second, own=_OWN[own]).read(4)
    assert _values(records) == {0: b"a", 1: b"bad name", 2: b"b", 3: None}
    assert tuple(records[1].headers) == (("first", b"1"), ("caf�", b"2"), ("none", None))
    assert (records[1].key, records[1].timestamp, records[1].timestamp_type) == (b"k", 1000, 0)


@given(
    st.lists(
        st.builds(
            Written,
            st.none() | st.binary(max_size=20),
            st.none() | st.binary(max_size=300),
            st.lists(st.tuples(st.binary(max_size=5), st.none() | st.binary(max_size=5)), max_size=3),
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(Codec),
)
def test_any_well_formed_record_is_read_whatever_is_in_it(written: list[Written], codec: Codec) -> None:
    records = Topic(batch(written, codec=codec)).read(len(written))
    assert [(record.key, record.value) for record in records] == [(one.key, one.value) for one in written]
    assert [[value for _, value in record.headers] for record in records] == [
        [value for _, value in one.headers] for one in written
    ]


@pytest.mark.parametrize("own", _OWN)
def test_a_wrong_checksum_is_fetched_once_more_and_then_believed(own: str) -> None:
    damaged = flipped(batch([_A, _B], base_offset=1))
    topic = Topic(batch([_C]), damaged, batch([_A], base_offset=3), own=_OWN[own])
    first = topic.fetch(0)
    assert (_values(list(first)), first.next_offset) == ({0: None}, 1)
    records = list(topic.fetch(1))
    assert _refusals(records) == {2: "news.raw/0, offsets 1 to 2: the checksum is wrong, twice"}
    assert records[0].value == damaged
    assert records[0].refusal.reason is Reason.UNREADABLE
    assert _values(records) == {3: b"a"}


def test_a_checksum_that_was_wrong_on_the_way_alone_costs_nothing() -> None:
    good = batch([_A, _B])
    topic = Topic(flipped(good))
    assert list(topic.fetch(0)) == []
    topic.batches = [(0, good)]
    assert _values(topic.read(2)) == {0: b"a", 1: b"b"}


@given(at=st.integers(17, 120))
def test_wherever_a_bit_is_wrong_what_is_behind_it_is_read(at: int) -> None:
    data = batch([_A, _B, Written(b"key", b"x" * 60)], base_offset=1)
    topic = Topic(batch([_C]), flipped(data, at), batch([_A], base_offset=4))
    records = topic.read(5)
    assert list(_refusals(records)) == [3]
    assert _values(records) == {0: None, 4: b"a"}


def test_a_wrong_last_offset_at_the_end_of_the_log_is_not_believed() -> None:
    data = bytearray(batch([_A, _B]))
    data[23:27] = (10**6).to_bytes(4, "big")
    records = Topic(bytes(data)).read(2)
    assert list(_refusals(records)) == [0, 1]


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD])
def test_what_can_not_be_unpacked_is_one_letter_with_the_offsets(codec: Codec) -> None:
    junk = batch([], codec=codec, packed=b"\x7fnonsense" * 9, count=4)
    records = Topic(junk, batch([_A], base_offset=4)).read(5)
    assert list(_refusals(records)) == [3]
    assert _refusals(records)[3].startswith("news.raw/0, offsets 0 to 3: ")
    assert records[0].value == junk
    assert _values(records) == {4: b"a"}


def test_a_codec_that_nobody_knows_is_a_letter_too() -> None:
    odd = batch([], attributes=6, packed=b"?", count=2)
    assert _refusals(Topic(odd).read(2)) == {1: "news.raw/0, offsets 0 to 1: unknown codec 6"}


@pytest.mark.parametrize("codec", Codec)
def test_a_record_that_is_none_is_named_and_its_neighbours_are_read(codec: Codec) -> None:
    broken = Written(raw=b"\0\0\x02\x7f" + b"?" * 5)
    records = Topic(batch([_A, broken, _B], codec=codec)).read(3)
    assert _refusals(records) == {1: "news.raw/0, offset 1: a record of 9 bytes ends after 6"}
    assert records[1].value == broken.raw
    assert _values(records) == {0: b"a", 2: b"b"}


def test_what_is_behind_a_record_without_an_end_is_one_letter() -> None:
    body = batch([_A])[61:] + b"\xff" * 12
    records = Topic(batch([], packed=body, count=3), batch([_B], base_offset=3)).read(4)
    assert _refusals(records) == {2: "news.raw/0, offsets 1 to 2: a number without an end"}
    assert _values(records) == {0: b"a", 3: b"b"}


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.LZ4, Codec.ZSTD])
def test_a_message_that_unpacks_to_too_much_is_known_by_size_and_hash(codec: Codec) -> None:
    huge = b"a" * 300_000
    records = Topic(batch([_A, Written(b"key", huge), _BAD], codec=codec)).read(3)
    refusal = records[1].refusal
    assert (records[1].offset, records[1].key, records[1].value) == (1, b"key", None)
    assert refusal.reason is Reason.TOO_LARGE
    assert refusal.omitted == Omission(
        bytes=len(huge), blake2b=hashlib.blake2b(huge, digest_size=32).hexdigest()
    )
    assert _values(records) == {0: b"a", 2: b"bad name"}


def test_a_batch_that_unpacks_to_gigabytes_is_given_up_in_the_middle() -> None:
    records = Topic(batch([_A, *[Written(b"k", b"a" * 90_000)] * 20], codec=Codec.ZSTD)).read(21)
    assert list(_values(records)) == list(range(12))
    assert list(_refusals(records)) == [20]
    assert "offsets 12 to 20: unpacks to more than 1000000 bytes" in _refusals(records)[20]


def test_a_commit_in_the_middle_of_a_batch_goes_on_behind_it() -> None:
    assert _values(list(Topic(batch([_A, _BAD, _B])).fetch(2))) == {2: b"b"}


def _transactions() -> Topic:
    return Topic(
        batch([_A], attributes=TRANSACTIONAL, producer=7),
        batch([_B, _B], base_offset=1, attributes=TRANSACTIONAL, producer=8),
        batch([Written(ABORT, b"")], base_offset=3, attributes=TRANSACTIONAL | CONTROL, producer=7),
        batch([Written(COMMIT, b"")], base_offset=4, attributes=TRANSACTIONAL | CONTROL, producer=8),
        batch([_A, _BAD], base_offset=5, attributes=TRANSACTIONAL, producer=7),
        batch([Written(COMMIT, b"")], base_offset=7, attributes=TRANSACTIONAL | CONTROL, producer=7),
    )


def test_what_a_transaction_gave_up_is_not_read_and_markers_never_are() -> None:
    assert list(_values(_transactions().read(8, aborted=[(7, 0)]))) == [1, 2, 5, 6]
    assert list(_values(_transactions().read(8))) == [0, 1, 2, 5, 6]


def test_the_beginning_of_a_batch_is_left_for_the_next_fetch() -> None:
    whole, next_one = batch([_A]), batch([_B], base_offset=1)
    fetched = FetchedRecords(
        whole + next_one[:30], _RAW, 0, own=_OWN["aiokafka"], limits=_LIMITS, suspects={}
    )
    assert (_values(list(fetched)), fetched.next_offset) == ({0: b"a"}, 1)


@given(st.binary(max_size=200))
def test_junk_never_raises(data: bytes) -> None:
    for _ in range(2):
        list(FetchedRecords(data, _RAW, 0, own=_OWN["aiokafka"], limits=_LIMITS, suspects={}))
