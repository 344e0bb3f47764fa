"""What the store keeps of an article, as bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.stages.duplicates.clusters import UNBORN
from pipeline.stages.duplicates.records import Indexing, Records, pack, unpack
from pipeline.stages.duplicates.sketch import LEAD_LENGTH, NO_NUMBER, sketch
from tests.unit.duplicates.newsroom import prose, words

_HEAD, _LEADS = 40, 2 * LEAD_LENGTH


def _records(*texts: str) -> Records:
    sketches, _ = sketch(texts)
    count = np.arange(1, len(texts) + 1)
    return Records(
        np.full(len(texts), Indexing.SIMILARITY, np.uint8),
        count * 1000,
        count,
        count.astype(np.uint64),
        np.zeros(len(texts), np.uint64),
        sketches,
    )


def _same(one: Records, other: Records) -> bool:
    return all(
        np.array_equal(mine, theirs) for mine, theirs in zip(_columns(one), _columns(other), strict=True)
    )


def _columns(records: Records) -> list[np.ndarray[Any, Any]]:
    return [*records[:-1], *records.sketches]


def test_records_are_read_back_as_they_were() -> None:
    records = _records(prose(words(1)), "Ferry late", "")
    assert _same(unpack(pack(records)), records)


def test_rows_of_the_version_before_are_read_without_a_lead() -> None:
    records = _records(prose(words(1)), prose(words(2, 9)), "")
    old = [b"\x01" + blob[1:_HEAD] + blob[_HEAD + _LEADS :] for blob in pack(records)]

    read = unpack([*old[:2], pack(records)[2]])  # both forms at once, as a rolling upgrade leaves them

    assert (read.sketches.leads[:2] == NO_NUMBER).all()
    without = records._replace(sketches=records.sketches._replace(leads=read.sketches.leads))
    assert _same(read, without)


def test_rows_of_a_later_version_are_found_by_nothing() -> None:
    read = unpack([b"\x63" + pack(_records(prose(words(1))))[0][1:]])
    assert (read.indexing.tolist(), read.births.tolist()) == ([Indexing.NONE], [UNBORN])
