"""What the index needs of an article, as the bytes that a StateRow carries in `sketch`.

A fixed layout, so that many rows are read back as one array; what fills it up at the end is cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.duplicates.clusters import UNBORN
from pipeline.stages.duplicates.sketch import LEAD_LENGTH, NUMBERS_KEPT, SKETCH_SIZE, Sketches
from pipeline.stages.duplicates.tokens import U64, Ints

_FORMAT = 3
_HEAD = [
    ("format", "u1"),
    ("indexing", "u1"),
    ("take", "u1"),
    ("amount", "u1"),
    ("size", "<u4"),
    ("time", "<i8"),
    ("birth", "<i8"),
    ("content", "<u8"),
    ("replaces", "<u8"),
]
_SOURCE = [("source", "<u2"), ("unused", "V2")]
_LEADS = [("leads", "<u2", (LEAD_LENGTH,))]
_SAMPLES = [("numbers", "<u2", (NUMBERS_KEPT,)), ("hashes", "<u4", (SKETCH_SIZE,))]
_LAYOUT = np.dtype(_HEAD + _SOURCE + _LEADS + _SAMPLES)
_WITHOUT_LEADS, _WITHOUT_SOURCE = 1, 2
"""The formats of the versions before: the same without what was added behind the head, which compares with nothing, and
with zeros for take and amount."""
_HEAD_SIZE = np.dtype(_HEAD).itemsize
_EARLIER = {
    bytes((_WITHOUT_LEADS,)): np.dtype(_SOURCE + _LEADS).itemsize,
    bytes((_WITHOUT_SOURCE,)): np.dtype(_SOURCE).itemsize,
}
"""Bytes to be put behind the head, by format."""
_FILLER = b"\xff"


class Indexing(IntEnum):
    """How an article is to be found by later ones."""

    NONE = 0
    """Not at all: an exact copy close in time to one that is."""
    CONTENT = 1
    """By equal content: a copy that is nearly identical and close in time to one found by similarity."""
    SIMILARITY = 2


class Records(NamedTuple):
    """The unpacked bytes of n rows.

    Attributes:
        indexing: Indexing values.
        times: effective times in microseconds since 1970.
        births: the ordinal of the founding of the row's cluster, for telling which of two came first.
        contents: the first 8 bytes of the content hash.
        replaces: that of the version that this one replaces, 0 for none.
        amounts: what it adds to the count of its shingles; 0 where the version before did not say.
        sketches: blank unless the article is found by similarity.
    """

    indexing: NDArray[np.uint8]
    times: Ints
    births: Ints
    contents: U64
    replaces: U64
    amounts: NDArray[np.uint8]
    sketches: Sketches


def short_hash(content: bytes) -> int:
    """The first 8 bytes of a content hash; never 0, which means none."""
    return int.from_bytes(content[:8], "little") or 1


def short_hashes(contents: Sequence[bytes]) -> U64:
    """Those of many content hashes of 16 bytes."""
    halves: U64 = np.frombuffer(b"".join(contents), "<u8")
    return np.maximum(halves[::2], np.uint64(1))


def pack(records: Records) -> list[bytes]:
    """The bytes of each row."""
    rows = np.zeros(len(records.births), _LAYOUT)
    rows["format"] = _FORMAT
    rows["indexing"] = records.indexing
    rows["time"] = records.times
    rows["birth"] = records.births
    rows["content"] = records.contents
    rows["replaces"] = records.replaces
    rows["amount"] = records.amounts
    rows["take"] = records.sketches.takes
    rows["source"] = records.sketches.sources
    rows["size"] = records.sketches.sizes
    rows["leads"] = records.sketches.leads
    rows["numbers"] = records.sketches.numbers
    rows["hashes"] = records.sketches.hashes
    data = rows.tobytes()
    width = _LAYOUT.itemsize
    return [data[at : at + width].rstrip(_FILLER) for at in range(0, len(data), width)]


def unpack(blobs: Sequence[bytes]) -> Records:
    """Read rows back. A row in the format of a later version is one that nothing finds."""
    width = _LAYOUT.itemsize
    if any(blob[:1] in _EARLIER for blob in blobs):
        blobs = list(map(_as_now, blobs))
    data = b"".join(blobs)
    if len(data) < width * len(blobs):
        data = b"".join([blob.ljust(width, _FILLER) for blob in blobs])
    rows: NDArray[Any] = np.frombuffer(data, _LAYOUT)
    known = rows["format"] == _FORMAT
    return Records(
        np.where(known, rows["indexing"], Indexing.NONE).astype(np.uint8),
        rows["time"],
        np.where(known, rows["birth"], UNBORN),
        rows["content"],
        np.where(known, rows["replaces"], 0).astype(np.uint64),
        np.where(known, rows["amount"], 0).astype(np.uint8),
        Sketches(rows["hashes"], rows["size"], rows["numbers"], rows["leads"], rows["take"], rows["source"]),
    )


def _as_now(blob: bytes) -> bytes:
    """A row in the present format."""
    added = _EARLIER.get(blob[:1])
    if added is None:
        return blob
    head = bytes((_FORMAT,)) + blob[1:_HEAD_SIZE].ljust(_HEAD_SIZE - 1, _FILLER)
    return head + _FILLER * added + blob[_HEAD_SIZE:]
