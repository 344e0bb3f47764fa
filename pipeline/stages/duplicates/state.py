"""What the duplicates stage remembers, and the store it is kept in.

The stage decides; the store keeps. A verdict is written before its record is sent on, and the first verdict
written for an (article, text) pair stands for good: a redelivery, a restart or a second worker that wrongly
believes it owns the partition all read it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from pipeline.record import Duplicate


class StateKey(NamedTuple):
    """One version of one article: its id and the 16-byte hash of its normalised text."""

    article_id: str
    content_hash: bytes


class StateRow(NamedTuple):
    """A verdict and what the index needs to compare later articles with this one.

    `time` is the effective time: published, clamped to the time of ingest, or else the time of ingest.
    `sketch` is opaque to the store. `source` and `url` are the article's; no source where an earlier version of the
    program did not keep it.
    """

    key: StateKey
    duplicate: Duplicate
    time: datetime
    sketch: bytes
    source: str | None = None
    url: str | None = None


class StoredSketches(NamedTuple):
    """Rows as the index is rebuilt from them, column by column: as many strings, strings and sketches."""

    article_ids: Sequence[str]
    cluster_ids: Sequence[str]
    sketches: Sequence[bytes]


class Merge(NamedTuple):
    """Two clusters turned out to be one story: everything in `loser` belongs to `winner` from now on."""

    loser: str
    winner: str


class StateStore(Protocol):
    """Where the state lives. Raises TransientError when it can't be reached."""

    def versions(self, article_ids: Iterable[str]) -> Mapping[str, Sequence[StateRow]]:
        """All rows of these articles, each in the order of writing; articles without any are left out."""

    def record(self, rows: Sequence[StateRow], merges: Sequence[Merge]) -> Mapping[StateKey, StateRow]:
        """Write rows and merges in one transaction; give for each key the row that stands: the first."""

    def remembered(self, since: datetime, latest: int) -> Iterator[StoredSketches]:
        """What to rebuild the index from, in the order of writing, some thousands of rows at a time.

        Args:
            since: all rows from the first one written with an effective time at or after this,
            latest: and in any case so many of the last ones written.
        """

    def merges(self) -> Iterator[Merge]:
        """All merges, flattened: no winner is the loser of another."""


class MemoryStateStore:
    """State that lives as long as the process: for `pipeline enrich` and tests."""

    def __init__(self) -> None:
        self._rows: dict[StateKey, StateRow] = {}
        self._keys: dict[str, list[StateKey]] = {}
        self._merges: dict[str, str] = {}

    def versions(self, article_ids: Iterable[str]) -> Mapping[str, Sequence[StateRow]]:
        """See StateStore."""
        return {
            article_id: [self._rows[key] for key in self._keys[article_id]]
            for article_id in article_ids
            if article_id in self._keys
        }

    def record(self, rows: Sequence[StateRow], merges: Sequence[Merge]) -> Mapping[StateKey, StateRow]:
        """See StateStore."""
        standing: dict[StateKey, StateRow] = {}
        for row in rows:
            standing[row.key] = self._rows.setdefault(row.key, row)
            if standing[row.key] is row:
                self._keys.setdefault(row.key.article_id, []).append(row.key)
        for loser, winner in merges:
            self._merges = {old: winner if new == loser else new for old, new in self._merges.items()}
            self._merges[loser] = winner
        return standing

    def remembered(self, since: datetime, latest: int) -> Iterator[StoredSketches]:
        """See StateStore."""
        rows = list(self._rows.values())
        first = next((number for number, row in enumerate(rows) if row.time >= since), len(rows))
        rows = rows[min(first, max(0, len(rows) - latest)) :]
        yield StoredSketches(
            [row.key.article_id for row in rows],
            [row.duplicate.cluster_id for row in rows],
            [row.sketch for row in rows],
        )

    def merges(self) -> Iterator[Merge]:
        """See StateStore."""
        return (Merge(loser, winner) for loser, winner in self._merges.items())
