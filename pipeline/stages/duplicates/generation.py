"""One stretch of time in the index: its articles, column by column, and the chains that find them."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.duplicates.chains import Chains
from pipeline.stages.duplicates.frequencies import Frequencies
from pipeline.stages.duplicates.sketch import ABSENT, Sketches
from pipeline.stages.duplicates.tokens import U64, Ints

KEYS = 16
"""The smallest hashes of a sketch, under which it is found."""
STORIES_PER_KEY = 32
"""Stories of one generation that may share a key; one that more of them share is boilerplate and finds nothing."""
STORIES_COUNTED = 8192
"""Stories of a generation, the first ones, whose shingles are counted: enough to know what is boilerplate."""
_SAME_CONTENT = 254
_NO_SKETCH = -1
_FIRST_CAPACITY = 256
_Scalar = TypeVar("_Scalar", bound=np.generic)
_SEPARATOR = b"\xff"
"""Between the ids of an article and of its cluster: no byte of UTF-8."""


class Entries(NamedTuple):
    """Articles on their way into the index, one a row.

    Attributes:
        article_ids: whose they are.
        cluster_ids: the clusters they were put in when they were recorded.
        times: effective times in microseconds since 1970.
        births: the ordinal of the cluster's founding.
        contents: the first 8 bytes of the content hash.
        sketches: blank where the article is to be found by its content alone.
    """

    article_ids: list[str]
    cluster_ids: list[str]
    times: Ints
    births: Ints
    contents: U64
    sketches: Sketches

    def take(self, rows: Ints) -> Entries:
        """Some rows of these."""
        chosen = rows.tolist()
        return Entries(
            [self.article_ids[row] for row in chosen],
            [self.cluster_ids[row] for row in chosen],
            self.times[rows],
            self.births[rows],
            self.contents[rows],
            self.sketches.take(rows),
        )


class Generation:
    """The articles of one stretch of time, numbered in the order of arrival.

    Args:
        frequencies: where the shingles of its stories are counted until it is closed.
    """

    def __init__(self, frequencies: Frequencies) -> None:
        self._frequencies = frequencies
        self._counted: set[int] = set()
        self._count = 0
        self._times = np.empty(_FIRST_CAPACITY, np.int64)
        self._births = np.empty(_FIRST_CAPACITY, np.int64)
        self._contents = np.empty(_FIRST_CAPACITY, np.uint64)
        self._rows = np.empty(_FIRST_CAPACITY, np.int32)
        self._ends = np.empty(_FIRST_CAPACITY, np.uint32)
        self._names = bytearray()
        self._sketched = 0
        self._owners = np.empty(_FIRST_CAPACITY, np.int32)
        self._sketches = Sketches.blank(0)
        self._by_key = Chains(STORIES_PER_KEY, self._keys_up_to)
        self._by_content = Chains(_SAME_CONTENT, self._contents_up_to)
        self._grow_sketches(_FIRST_CAPACITY)

    def __len__(self) -> int:
        return self._count

    def add(self, entries: Entries) -> None:
        """Append articles."""
        first, count = self._count, len(entries.times)
        last = first + count
        self._grow(last)
        self._times[first:last] = entries.times
        self._births[first:last] = entries.births
        self._contents[first:last] = entries.contents
        names = zip(entries.article_ids, entries.cluster_ids, strict=True)
        encoded = [
            _encoded(article_id)
            if article_id == cluster_id
            else _encoded(article_id) + _SEPARATOR + _encoded(cluster_id)
            for article_id, cluster_id in names
        ]
        self._ends[first:last] = len(self._names) + np.cumsum(np.fromiter(map(len, encoded), np.int64, count))
        self._names += b"".join(encoded)
        self._rows[first:last] = _NO_SKETCH
        self._count = last
        self._by_content.extend(np.arange(first, last), entries.contents, last)
        self._add_sketches(first, entries.sketches)
        self._count_stories(first, entries)

    def by_content(self, contents: U64) -> tuple[Ints, Ints]:
        """Pairs (position in `contents`, article number) of equal content."""
        positions, numbers = self._by_content.find(contents)
        same = self._contents[numbers] == contents[positions]
        return positions[same], numbers[same]

    def by_keys(self, hashes: NDArray[np.uint32]) -> tuple[Ints, Ints, Ints]:
        """Articles that share keys with sketches.

        Args:
            hashes: n rows of sketches, of which the first KEYS columns are used.

        Returns:
            Triples (row in `hashes`, article number, keys shared), by row and number.
        """
        keys = hashes[:, :KEYS].ravel()
        given = np.flatnonzero(keys != ABSENT)
        positions, entries = self._by_key.find(keys[given].astype(np.uint64))
        positions = given[positions]
        rows, columns = np.divmod(entries, KEYS)
        same = self._sketches.hashes[rows, columns] == keys[positions]
        pairs = (positions[same] // KEYS << 32) | self._owners[rows[same]]
        pairs, shared = np.unique(pairs, return_counts=True)
        return pairs >> 32, pairs & 0xFFFFFFFF, shared

    def sketches_of(self, numbers: Ints) -> Sketches:
        """The sketches of articles that have one."""
        return self._sketches.take(self._rows[numbers])

    def times_of(self, numbers: Ints) -> Ints:
        """Their effective times."""
        return self._times[numbers]

    def births_of(self, numbers: Ints) -> Ints:
        """When their clusters were founded."""
        return self._births[numbers]

    def names_of(self, number: int) -> tuple[str, str]:
        """The article's id and that of the cluster it was put in."""
        start = int(self._ends[number - 1]) if number else 0
        article_id, _, cluster_id = self._names[start : self._ends[number]].partition(_SEPARATOR)
        return _decoded(article_id), _decoded(cluster_id or article_id)

    def remove(self, number: int) -> None:
        """Let nothing find the article any more."""
        self._contents[number] = 0
        row = int(self._rows[number])
        if row == _NO_SKETCH:
            return
        if row in self._counted:
            self._counted.remove(row)
            self._frequencies.remove(self._sketches.hashes[row])
        self._sketches.hashes[row] = ABSENT

    def close(self) -> None:
        """Count its stories no longer; the generation is of no use afterwards."""
        self._frequencies.remove(self._sketches.hashes[sorted(self._counted)])

    @property
    def nbytes(self) -> int:
        """Bytes in use, without room kept for growth."""
        columns = (self._times, self._births, self._contents, self._rows, self._ends)
        per_article = sum(column.itemsize for column in columns)
        per_sketch = self._owners.itemsize + sum(
            column.itemsize * (column.shape[1] if column.ndim > 1 else 1) for column in self._sketches
        )
        return (
            self._count * per_article
            + len(self._names)
            + self._sketched * per_sketch
            + self._by_key.nbytes
            + self._by_content.nbytes
        )

    def _add_sketches(self, first: int, sketches: Sketches) -> None:
        given = np.flatnonzero(sketches.hashes[:, 0] != ABSENT)
        low, high = self._sketched, self._sketched + len(given)
        if high > len(self._owners):
            self._grow_sketches(max(high, 2 * len(self._owners)))
        self._sketches.put(slice(low, high), sketches.take(given))
        self._owners[low:high] = first + given
        self._rows[first + given] = np.arange(low, high)
        self._sketched = high
        entries, keys = self._keys_between(low, high)
        self._by_key.extend(entries, keys, high * KEYS)

    def _count_stories(self, first: int, entries: Entries) -> None:
        room = STORIES_COUNTED - len(self._counted)
        if not room:
            return
        names = zip(entries.article_ids, entries.cluster_ids, strict=True)
        founding = [
            number for number, (article_id, cluster_id) in enumerate(names, first) if article_id == cluster_id
        ]
        rows = self._rows[founding[:room]]
        rows = rows[rows != _NO_SKETCH]
        self._frequencies.add(self._sketches.hashes[rows])
        self._counted.update(rows.tolist())

    def _keys_between(self, low: int, high: int) -> tuple[Ints, U64]:
        keys = self._sketches.hashes[low:high, :KEYS].ravel()
        given = np.flatnonzero(keys != ABSENT)
        return low * KEYS + given, keys[given].astype(np.uint64)

    def _keys_up_to(self, total: int) -> tuple[Ints, U64]:
        return self._keys_between(0, total // KEYS)

    def _contents_up_to(self, total: int) -> tuple[Ints, U64]:
        return np.arange(total), self._contents[:total]

    def _grow(self, needed: int) -> None:
        if needed <= len(self._times):
            return
        room = max(needed, 2 * len(self._times))
        self._times = _resized(self._times, self._count, room)
        self._births = _resized(self._births, self._count, room)
        self._contents = _resized(self._contents, self._count, room)
        self._rows = _resized(self._rows, self._count, room)
        self._ends = _resized(self._ends, self._count, room)

    def _grow_sketches(self, room: int) -> None:
        self._owners = _resized(self._owners, self._sketched, room)
        hashes, sizes, numbers = self._sketches
        self._sketches = Sketches(
            _resized(hashes, self._sketched, room),
            _resized(sizes, self._sketched, room),
            _resized(numbers, self._sketched, room),
        )


def _resized(column: NDArray[_Scalar], used: int, room: int) -> NDArray[_Scalar]:
    # Pages of `empty` that nothing was written to take no memory.
    grown = np.empty((room, *column.shape[1:]), column.dtype)
    grown[:used] = column[:used]
    return grown


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _decoded(name: bytearray) -> str:
    return name.decode("utf-8", "surrogatepass")
