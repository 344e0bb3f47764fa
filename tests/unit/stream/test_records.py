"""aiokafka's fetcher goes on where it would raise for ever."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.structs import TopicPartition

from pipeline.errors import Reason, SettingsError
from pipeline.kafka.recordbatches import Limits
from pipeline.kafka.unpacking import Codec
from pipeline.stream.records import REFUSAL_HEADER, read_without_raising, refusal
from tests.support.record_batches import BAD_NAME, TRANSACTIONAL, Written, batch, flipped


@pytest.fixture(autouse=True)
def _tolerant(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MemoryRecords", "PartitionRecords"):
        monkeypatch.setattr(fetcher, name, getattr(fetcher, name))  # to be put back
    read_without_raising(Limits(100_000, 1_000_000))


def _fetched(
    data: bytes, offset: int = 0, *, isolation: int = fetcher.READ_COMMITTED, aborted: Any = None
) -> Any:
    """What the fetcher makes of an answer."""
    records = fetcher.MemoryRecords(data)
    assert records.has_next()
    assert records.size_in_bytes() == len(data)
    return fetcher.PartitionRecords(
        TopicPartition("news.raw", 3), records, aborted, offset, None, None, True, isolation
    )


def test_a_bad_name_of_a_header_and_its_neighbours_are_consumed() -> None:
    good = Written(b"k", b"good", [(b"name", b"value")])
    records = _fetched(batch([good, Written(b"k", b"bad", [(BAD_NAME, b"")]), good], base_offset=7), 7)
    found = list(records)
    assert [(one.offset, one.value) for one in found] == [(7, b"good"), (8, b"bad"), (9, b"good")]
    assert (found[0].topic, found[0].partition, found[0].key, found[0].headers) == (
        "news.raw",
        3,
        b"k",
        (("name", b"value"),),
    )
    assert records.next_fetch_offset == 10


def test_the_position_follows_record_by_record() -> None:
    records = _fetched(batch([Written(b"k", b"v")] * 2, base_offset=7), 7)
    next(records)
    assert records.next_fetch_offset == 8


def test_what_can_not_be_read_says_why_and_nobody_can_send_that() -> None:
    damaged = flipped(batch([Written(b"k", b"v")] * 2, base_offset=40))
    assert list(_fetched(damaged, 40)) == []
    (record,) = _fetched(damaged, 40)
    found = refusal(dict(record.headers))
    assert found is not None
    assert (found.reason, record.offset, record.value) == (Reason.UNREADABLE, 41, damaged)
    assert "news.raw/3, offsets 40 to 41" in found.detail
    assert refusal({REFUSAL_HEADER: b"forged"}) is None


def test_a_missing_package_is_not_the_messages_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(SettingsError, match="zstandard"):
        list(_fetched(batch([Written(b"k", b"v")], codec=Codec.ZSTD)))


def test_messages_of_a_transaction_that_was_given_up_are_read_only_when_asked_for() -> None:
    data = batch([Written(b"k", b"v")], attributes=TRANSACTIONAL, producer=7)
    assert list(_fetched(data, aborted=[(7, 0)])) == []
    assert len(list(_fetched(data, aborted=[(7, 0)], isolation=fetcher.READ_UNCOMMITTED))) == 1
