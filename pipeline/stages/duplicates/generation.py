"""One stretch of time in the index: its articles, column by column, and the chains that find them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.duplicates.chains import Chains
from pipeline.stages.duplicates.column import Column
from pipeline.stages.duplicates.frequencies import STORY, VERSION, Frequencies
from pipeline.stages.duplicates.sketch import (
    ABSENT,
    LEAD_LENGTH,
    NUMBERS_KEPT,
    SKETCH_SIZE,
    U16,
    Rows,
    Sketches,
    rows_where,
)
from pipeline.stages.duplicates.tokens import U8, U64, Ints

KEYS = 16
"""The smallest hashes of a sketch, under which it is found."""
STORIES_PER_KEY = 32
"""Stories of one generation that may share a key; one that more of them share is boilerplate and finds nothing."""
ARTICLES_COUNTED = 8192
"""Articles of a generation, the first ones, whose shingles are counted: enough to know what is boilerplate."""
_SAME_CONTENT = 254
_NO_SKETCH = -1
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
        amounts: what each adds to the count of its shingles; 0 for what follows from its cluster.
        sketches: blank where the article is to be found by its content alone.
    """

    article_ids: Sequence[str]
    cluster_ids: Sequence[str]
    times: Ints
    births: Ints
    contents: U64
    amounts: U8
    sketches: Sketches

    def take(self, rows: Rows) -> Entries:
        """Some rows of these."""
        return Entries(
            _chosen(self.article_ids, rows),
            _chosen(self.cluster_ids, rows),
            self.times[rows],
            self.births[rows],
            self.contents[rows],
            self.amounts[rows],
            self.sketches.take(rows),
        )


class Generation:
    """The articles of one stretch of time, numbered in the order of arrival.

    Args:
        frequencies: where the shingles of its stories are counted until it is closed.
    """

    def __init__(self, frequencies: Frequencies) -> None:
        self._frequencies = frequencies
        self._counted: dict[int, set[int]] = {STORY: set(), VERSION: set()}
        self._count = 0
        self._times = Column[np.int64](np.int64)
        self._births = Column[np.int64](np.int64)
        self._contents = Column[np.uint64](np.uint64)
        self._rows = Column[np.int32](np.int32)
        self._ends = Column[np.uint32](np.uint32)
        self._names = bytearray()
        self._sketched = 0
        self._owners = Column[np.int32](np.int32)
        self._hashes = Column[np.uint32](np.uint32, SKETCH_SIZE)
        self._sizes = Column[np.uint32](np.uint32)
        self._numbers = Column[np.uint16](np.uint16, NUMBERS_KEPT)
        self._leads = Column[np.uint16](np.uint16, LEAD_LENGTH)
        self._takes = Column[np.uint8](np.uint8)
        self._sources = Column[np.uint16](np.uint16)
        self._by_key = Chains(STORIES_PER_KEY, self._keys_up_to)
        self._by_content = Chains(_SAME_CONTENT, self._contents_up_to)

    def __len__(self) -> int:
        return self._count

    def add(self, entries: Entries) -> None:
        """Append articles."""
        first, count = self._count, len(entries.times)
        last = first + count
        for column in self._per_article:
            column.reserve(last)
        self._times.rows[first:last] = entries.times
        self._births.rows[first:last] = entries.births
        self._contents.rows[first:last] = entries.contents
        names = zip(entries.article_ids, entries.cluster_ids, strict=True)
        encoded = [
            _encoded(article_id)
            if article_id == cluster_id
            else _encoded(article_id) + _SEPARATOR + _encoded(cluster_id)
            for article_id, cluster_id in names
        ]
        self._ends.rows[first:last] = len(self._names) + np.cumsum(
            np.fromiter(map(len, encoded), np.int64, count)
        )
        self._names += b"".join(encoded)
        self._rows.rows[first:last] = _NO_SKETCH
        self._count = last
        self._by_content.extend(np.arange(first, last), entries.contents, last)
        self._add_sketches(first, entries.sketches)
        self._count_shingles(first, entries)

    def by_content(self, contents: U64) -> tuple[Ints, Ints]:
        """Pairs (position in `contents`, article number) of equal content."""
        positions, numbers = self._by_content.find(contents)
        same = self._contents.rows[numbers] == contents[positions]
        return positions[same], numbers[same]

    def by_keys(self, hashes: NDArray[np.uint32]) -> tuple[Ints, Ints, Ints, Ints]:
        """Articles that share keys with sketches.

        Args:
            hashes: n rows of sketches, of which the first KEYS columns are used.

        Returns:
            For each pair, by row and number: the row in `hashes`, the article's number, the keys that they share,
            and the article's distinct shingles.
        """
        keys = hashes[:, :KEYS].ravel()
        given = np.flatnonzero(keys != ABSENT)
        positions, entries = self._by_key.find(keys[given].astype(np.uint64))
        positions = given[positions]
        rows = entries // KEYS
        found = self._hashes.rows.reshape(-1)[entries + rows * (SKETCH_SIZE - KEYS)]
        same = np.flatnonzero(found == keys[positions])
        pairs = (positions[same] // KEYS << 32) | self._owners.rows[rows[same]]
        pairs, shared = np.unique(pairs, return_counts=True)
        numbers = pairs & 0xFFFFFFFF
        sizes = self._sizes.rows[self._rows.rows[numbers]].astype(np.int64)
        return pairs >> 32, numbers, shared, sizes

    def sketches_of(self, numbers: Ints) -> Sketches:
        """The sketches of articles that have one."""
        rows = self._rows.rows[numbers].astype(np.int64)
        return Sketches(*(column.rows[rows] for column in self._of_sketch))

    def numbers_of(self, numbers: Ints) -> U16:
        """The hashed numbers of articles that have a sketch."""
        return self._numbers.rows[self._rows.rows[numbers]]

    def times_of(self, numbers: Ints) -> Ints:
        """Their effective times."""
        return self._times.rows[numbers]

    def births_of(self, numbers: Ints) -> Ints:
        """When their clusters were founded."""
        return self._births.rows[numbers]

    def names_of(self, numbers: Ints) -> list[tuple[str, str]]:
        """The articles' ids, each with that of the cluster it was put in."""
        starts = np.where(numbers > 0, self._ends.rows[numbers - 1], 0)
        return [
            _names(self._names[start:end])
            for start, end in zip(starts.tolist(), self._ends.rows[numbers].tolist(), strict=True)
        ]

    def remove(self, number: int) -> None:
        """Let nothing find the article any more."""
        self._contents.rows[number] = 0
        row = int(self._rows.rows[number])
        if row == _NO_SKETCH:
            return
        for amount, rows in self._counted.items():
            if row in rows:
                rows.remove(row)
                self._frequencies.remove(self._hashes.rows[row], amount)
        self._hashes.rows[row] = ABSENT

    def close(self) -> None:
        """Count its stories no longer; the generation is of no use afterwards."""
        for amount, rows in self._counted.items():
            self._frequencies.remove(self._hashes.rows[sorted(rows)], amount)

    @property
    def nbytes(self) -> int:
        """Bytes in use, without room kept for growth."""
        return (
            self._count * sum(column.row_bytes for column in self._per_article)
            + len(self._names)
            + self._sketched * sum(column.row_bytes for column in self._per_sketch)
            + self._by_key.nbytes
            + self._by_content.nbytes
        )

    def _add_sketches(self, first: int, sketches: Sketches) -> None:
        given = rows_where(sketches.hashes[:, 0] != ABSENT)
        owners = np.arange(first, self._count)[given]
        low, high = self._sketched, self._sketched + len(owners)
        for column in self._per_sketch:
            column.reserve(high)
        for column, values in zip(self._of_sketch, sketches, strict=True):
            column.rows[low:high] = np.asarray(values)[given]
        self._owners.rows[low:high] = owners
        self._rows.rows[owners] = np.arange(low, high)
        self._sketched = high
        entries, keys = self._keys_between(low, high)
        self._by_key.extend(entries, keys, high * KEYS)

    def _count_shingles(self, first: int, entries: Entries) -> None:
        room = ARTICLES_COUNTED - sum(map(len, self._counted.values()))
        if not room:
            return
        rows = self._rows.rows[first : self._count]
        kept = np.flatnonzero(rows != _NO_SKETCH)[:room]
        amounts = entries.amounts[kept]
        for unsaid in np.flatnonzero(amounts == 0).tolist():
            at = int(kept[unsaid])
            amounts[unsaid] = STORY if entries.article_ids[at] == entries.cluster_ids[at] else VERSION
        for amount in (STORY, VERSION):
            chosen = kept[amounts == amount]
            self._frequencies.add(self._hashes.rows[rows[chosen]], amount)
            self._counted[amount].update(rows[chosen].tolist())

    def _keys_between(self, low: int, high: int) -> tuple[Ints, U64]:
        keys = self._hashes.rows[low:high, :KEYS].ravel()
        given = rows_where(keys != ABSENT)
        return np.arange(low * KEYS, high * KEYS)[given], keys[given].astype(np.uint64)

    def _keys_up_to(self, total: int) -> tuple[Ints, U64]:
        return self._keys_between(0, total // KEYS)

    def _contents_up_to(self, total: int) -> tuple[Ints, U64]:
        return np.arange(total), self._contents.rows[:total]

    @property
    def _per_article(self) -> tuple[Column[Any], ...]:
        return self._times, self._births, self._contents, self._rows, self._ends

    @property
    def _per_sketch(self) -> tuple[Column[Any], ...]:
        return self._owners, *self._of_sketch

    @property
    def _of_sketch(self) -> tuple[Column[Any], ...]:
        """The columns of Sketches."""
        return self._hashes, self._sizes, self._numbers, self._leads, self._takes, self._sources


def _chosen(names: Sequence[str], rows: Rows) -> Sequence[str]:
    return names[rows] if isinstance(rows, slice) else [names[row] for row in rows.tolist()]


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _names(encoded: bytearray) -> tuple[str, str]:
    article_id, _, cluster_id = encoded.partition(_SEPARATOR)
    decoded = article_id.decode("utf-8", "surrogatepass")
    return decoded, cluster_id.decode("utf-8", "surrogatepass") if cluster_id else decoded
