"""A multimap from hashes to entry numbers in three flat arrays, looked up for a whole batch at a time.

Entries of one bucket form a chain, newest first. A bucket with more entries than the limit is not walked at all:
what so many texts share says nothing about two of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.duplicates.column import Column
from pipeline.stages.duplicates.tokens import U64, Ints

_NONE = -1
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_FIRST_BUCKETS = 1 << 10
_SATURATED = 255
_FEWEST_PER_BUCKET, _MOST_PER_BUCKET = 2.0, 4.0
"""Entries a bucket after the table has grown, and when it grows: memory against steps of a walk."""


class Chains:
    """Entry numbers by hash. Equal hashes share a bucket; so may others, hence the caller compares what it finds.

    Args:
        limit: entries of a bucket above which it is skipped, below 255.
        hashes_of: the hashes of the entries from the first up to a number, with the entries that have one; asked
            when the table is to grow, so that the table need not keep them.
    """

    def __init__(self, limit: int, hashes_of: Callable[[int], tuple[Ints, U64]]) -> None:
        self._limit = limit
        self._hashes_of = hashes_of
        self._entries = 0
        self._next = Column[np.int32](np.int32)
        self._heads: NDArray[np.int32] = np.empty(0, np.int32)
        self._lengths: NDArray[np.uint8] = np.empty(0, np.uint8)
        self._clear(_FIRST_BUCKETS)

    @property
    def nbytes(self) -> int:
        """Bytes in use."""
        return self._heads.nbytes + self._lengths.nbytes + self._entries * self._next.row_bytes

    def extend(self, entries: Ints, hashes: U64, total: int) -> None:
        """Add entries, in ascending order, under their hashes.

        Args:
            entries: numbers at or above the total before.
            hashes: one an entry.
            total: the number of entries there are now, those without a hash included.
        """
        self._entries = total
        self._next.reserve(total)
        if total > _MOST_PER_BUCKET * len(self._heads):
            self._clear(int(total / _FEWEST_PER_BUCKET))
            entries, hashes = self._hashes_of(total)
        self._link(entries, hashes)

    def find(self, hashes: U64) -> tuple[Ints, Ints]:
        """The pairs (position in `hashes`, entry) of the buckets that the hashes fall in."""
        buckets = self._buckets(hashes)
        positions = np.flatnonzero(self._lengths[buckets] <= self._limit)
        entries = self._heads[buckets[positions]]
        found: list[tuple[Ints, NDArray[np.int32]]] = []
        while True:
            alive = np.flatnonzero(entries != _NONE)
            positions, entries = positions[alive], entries[alive]
            if not len(entries):
                break
            found.append((positions, entries))
            entries = self._next.rows[entries]
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        return (
            np.concatenate([pair[0] for pair in found]),
            np.concatenate([pair[1] for pair in found]).astype(np.int64),
        )

    def _clear(self, buckets: int) -> None:
        self._heads = np.full(buckets, _NONE, np.int32)
        self._lengths = np.zeros(buckets, np.uint8)

    def _buckets(self, hashes: U64) -> Ints:
        # The upper half of a product spreads 32 random bits over any number of buckets.
        spread = (hashes * _SPREAD) >> _HALF
        return ((spread * np.uint64(len(self._heads))) >> _HALF).astype(np.int64)

    def _link(self, entries: Ints, hashes: U64) -> None:
        if not len(entries):
            return
        # One sort of (bucket, entry) pairs keeps the entries of a bucket in ascending order.
        pairs = (self._buckets(hashes) << 32) | entries
        pairs.sort()
        buckets, entries = pairs >> 32, pairs & 0xFFFFFFFF
        opens = np.empty(len(buckets), np.bool_)
        opens[0] = True
        np.not_equal(buckets[1:], buckets[:-1], out=opens[1:])
        firsts = np.flatnonzero(opens)
        ends = np.append(firsts[1:], len(entries))
        buckets = buckets[firsts]
        before = np.empty(len(entries), np.int32)
        before[1:] = entries[:-1]
        before[firsts] = self._heads[buckets]
        self._next.rows[entries] = before
        self._heads[buckets] = entries[ends - 1]
        self._lengths[buckets] = np.minimum(self._lengths[buckets] + (ends - firsts), _SATURATED)
