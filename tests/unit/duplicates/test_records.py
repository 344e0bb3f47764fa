"""What the store keeps of an article, as bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipeline.stages.duplicates.clusters import UNBORN
from pipeline.stages.duplicates.records import Indexing, Records, pack, unpack
from pipeline.stages.duplicates.sketch import LEAD_LENGTH, NO_NUMBER, NO_SOURCE, sketch
from tests.unit.duplicates.newsroom import prose, words

_HEAD, _SOURCE, _LEADS = 40, 4, 2 * LEAD_LENGTH


def _records(*texts: str) -> Records:
    sketches, _ = sketch(texts, ["Fennmark Courier"] * len(texts))
    count = np.arange(1, len(texts) + 1)
    return Records(
        np.full(len(texts), Indexing.SIMILARITY, np.uint8),
        count * 1000,
        count,
        count.astype(np.uint64),
        np.zeros(len(texts), np.uint64),
        np.ones(len(texts), np.uint8),
        sketches,
    )


def _same(one: Records, other: Records) -> bool:
    return all(
        np.array_equal(mine, theirs) for mine, theirs in zip(_columns(one), _columns(other), strict=True)
    )


def _columns(records: Records) -> list[np.ndarray[Any, Any]]:
    return [*records[:-1], *records.sketches]


def test_records_are_read_back_as_they_were() -> None:
    records = _records(prose(words(1)), "UPDATE 2-Ferry late", "")
    assert _same(unpack(pack(records)), records)


@pytest.mark.parametrize(("version", "lacks"), [(1, _SOURCE + _LEADS), (2, _SOURCE)])
def test_rows_of_the_versions_before_are_read_without_what_they_lack(version: int, lacks: int) -> None:
    records = _records(prose(words(1)), prose(words(2, 9)), "")
    old = [_of_version(version, blob, lacks) for blob in pack(records)]

    read = unpack([*old[:2], pack(records)[2]])  # both forms at once, as a rolling upgrade leaves them

    sketches = read.sketches
    assert (sketches.sources[:2] == NO_SOURCE).all()
    assert (sketches.leads[:2] == NO_NUMBER).all() == (version == 1)
    assert (read.amounts[:2].tolist(), sketches.takes[:2].tolist()) == ([0, 0], [0, 0])
    without = records._replace(
        amounts=read.amounts,
        sketches=records.sketches._replace(
            leads=sketches.leads, takes=sketches.takes, sources=sketches.sources
        ),
    )
    assert _same(read, without)


def _of_version(version: int, blob: bytes, lacks: int) -> bytes:
    """The bytes of a row as a version before wrote it: take and amount were unused, and zero."""
    return bytes((version, blob[1], 0, 0)) + blob[4:_HEAD] + blob[_HEAD + lacks :]


def test_rows_of_a_later_version_are_found_by_nothing() -> None:
    read = unpack([b"\x63" + pack(_records(prose(words(1))))[0][1:]])
    assert (read.indexing.tolist(), read.births.tolist()) == ([Indexing.NONE], [UNBORN])
