"""What the duplicates stage asks: a fold over the ordered stream of articles, one batch at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from pipeline.execution.memory import keep_freed_memory
from pipeline.record import Article, Duplicate, effective_time
from pipeline.stages.base import Rejection
from pipeline.stages.duplicates.clusters import Clusters
from pipeline.stages.duplicates.fold import Batch, Fold, Outlook
from pipeline.stages.duplicates.generation import Entries
from pipeline.stages.duplicates.index import GENERATIONS_IN_WINDOW, Index
from pipeline.stages.duplicates.owners import conflicts
from pipeline.stages.duplicates.records import Indexing, Records, pack, short_hashes, unpack
from pipeline.stages.duplicates.sketch import rows_where, sketch
from pipeline.stages.duplicates.state import Merge, StateKey, StateRow, StateStore, StoredSketches
from pipeline.stages.duplicates.verdicts import Thresholds
from pipeline.stages.isolation import Sifted, each

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Deduplicator:
    """Gives each article its verdict against the articles before it.

    Verdicts are written to the store before they are returned. The index in memory follows from the rows of the
    store, and changes only after the store has taken them: when the store is away, the same call can be made again.

    Args:
        store: where verdicts are kept.
        window: articles whose effective times are further apart are never compared.
        idle: articles after which a stretch of time that none of them came near may be forgotten, if it is outside
            the window of the newest article; 65,536 take about 50 MB.
    """

    def __init__(
        self,
        store: StateStore,
        *,
        window: timedelta = timedelta(hours=72),
        idle: int = 65_536,
    ) -> None:
        if window <= timedelta(0):
            raise ValueError(f"the window must be positive, not {window}")
        self._store = store
        self._window = window
        self._idle = idle
        self._thresholds = Thresholds()
        self._doubt: tuple[list[StateKey], list[Merge]] = [], []
        keep_freed_memory()
        self._start_empty()

    def __len__(self) -> int:
        """Articles in the index."""
        return len(self._index)

    @property
    def nbytes(self) -> int:
        """Bytes that the index takes."""
        return self._index.nbytes

    def cluster_of(self, cluster_id: str) -> str:
        """The cluster that the one of this id is part of by now."""
        return self._clusters.root(cluster_id)

    def take_merges(self) -> list[Merge]:
        """The clusters that were merged since the last call; after `load`, also those that it came upon.

        What was merged in the last moment of a worker may have been told to nobody: so it is told again.
        """
        merges = [Merge(loser, self._clusters.root(loser)) for loser in self._merged]
        self._merged.clear()
        return merges

    def load(self, now: datetime) -> int:
        """Rebuild the index from the rows of the store: those inside the window before `now`, and the latest.

        Returns:
            The number of rows read.

        Raises:
            TransientError: the store can't be reached; the index is empty.
        """
        self._start_empty()
        self._clusters = Clusters(self._store.merges())
        generation = self._window / GENERATIONS_IN_WINDOW
        count = 0
        for stored in self._store.remembered(now - self._window - generation, self._idle):
            count += len(stored.article_ids)
            self._take_in(stored)
            self._merged |= dict.fromkeys(filter(self._clusters.is_merged, stored.cluster_ids))
        return count

    def decide(self, articles: Sequence[Article]) -> list[Duplicate | Rejection]:
        """Judge articles in order; some hundreds at a time are the most efficient.

        Args:
            articles: in the order of the stream, with ids of up to 200 characters and texts of any length.

        Returns:
            A verdict for each, in order; a Rejection for one whose text can't be processed, or whose id is another
            source's.

        Raises:
            TransientError: the store can't be reached; nothing has changed.
        """
        rejections: dict[int, Rejection] = {}
        left = Sifted[Article](articles)
        try:
            batch = _batch(left.good)
        except Exception:  # noqa: BLE001 - find out which article it is
            rejections = _rejections(articles)
            left = _without(rejections, articles)
            batch = _batch(left.good)
        ids = {key.article_id for key in batch.keys}
        known = self._store.versions(ids) if ids else {}
        if (known or len(ids) < len(left.good)) and (strangers := conflicts(articles, known, rejections)):
            rejections |= strangers
            left = _without(rejections, articles)
            batch = _batch(left.good)
        return left.with_results(self._judge(batch, left.good, known))

    def _judge(
        self, batch: Batch, articles: Sequence[Article], known: Mapping[str, Sequence[StateRow]]
    ) -> list[Duplicate]:
        if not batch.keys:
            return []
        self._clear_doubt()
        fold = Fold(
            batch, Outlook(self._index, self._window // _MICROSECOND, self._thresholds), self._clusters, known
        )
        rows: list[StateRow] = []
        try:
            fold.run()
            records = fold.records()
            rows = [
                StateRow(
                    batch.keys[row],
                    fold.duplicates[row],
                    batch.moments[row],
                    blob,
                    articles[row].source,
                    articles[row].url,
                )
                for row, blob in zip(fold.fresh, pack(records), strict=True)
            ]
            written = self._store.record(rows, self._clusters.pending) if rows else {}
        except BaseException:
            self._doubt = [row.key for row in rows], self._clusters.revert()
            raise
        self._merged |= dict.fromkeys(merge.loser for merge in self._clusters.pending)
        self._clusters.settle()
        standing = [written.get(row.key, row) for row in rows]
        if standing != rows:  # another worker was first
            records = unpack([row.sketch for row in standing])
        self._enter(_stored(standing), records)
        duplicates = fold.duplicates
        for row, state in zip(fold.fresh, standing, strict=True):
            duplicates[row] = state.duplicate
        return duplicates

    def _clear_doubt(self) -> None:
        """Take in what the last call wrote, if its transaction was committed and only the answer was lost."""
        keys, merges = self._doubt
        if not keys:
            return
        versions = self._store.versions({key.article_id for key in keys})
        stored = {row.key: row for rows in versions.values() for row in rows}
        rows = [stored[key] for key in keys if key in stored]
        if rows:
            self._clusters.repeat(merges)
            self._merged |= dict.fromkeys(merge.loser for merge in merges)
            self._take_in(_stored(rows))
        self._doubt = [], []

    def _take_in(self, stored: StoredSketches) -> None:
        """Remember stored rows, given in the order of writing."""
        records = unpack(stored.sketches)
        self._clusters.recall(stored.cluster_ids, records.births)
        self._enter(stored, records)

    def _enter(self, stored: StoredSketches, records: Records) -> None:
        """Let the index find what the rows say, and no longer find what they replace."""
        entries = Entries(
            stored.article_ids,
            stored.cluster_ids,
            records.times,
            records.births,
            records.contents,
            records.amounts,
            records.sketches,
        )
        self._index.add(entries.take(rows_where(records.indexing != Indexing.NONE)))
        for row in np.flatnonzero(records.replaces).tolist():
            self._index.remove(stored.article_ids[row], int(records.replaces[row]))

    def _start_empty(self) -> None:
        self._index = Index(self._window // _MICROSECOND, self._idle)
        self._clusters = Clusters()
        self._merged: dict[str, None] = {}
        self._doubt = [], []


def _batch(articles: Sequence[Article]) -> Batch:
    sketches, contents = sketch(
        [article.text for article in articles], [article.source for article in articles]
    )
    moments = list(map(effective_time, articles))
    return Batch(
        [StateKey(article.article_id, content) for article, content in zip(articles, contents, strict=True)],
        short_hashes(contents),
        moments,
        np.array([(moment - _EPOCH) // _MICROSECOND for moment in moments], np.int64),
        sketches,
    )


def _without(rejections: Mapping[int, Rejection], articles: Sequence[Article]) -> Sifted[Article]:
    return Sifted([rejections.get(row, article) for row, article in enumerate(articles)])


def _rejections(articles: Sequence[Article]) -> dict[int, Rejection]:
    results = each(_readable, articles)
    return {row: result for row, result in enumerate(results) if isinstance(result, Rejection)}


def _readable(article: Article) -> Article:
    """The article, if a batch can be made of it; raises whatever it provokes."""
    _batch([article])
    return article


def _stored(rows: Sequence[StateRow]) -> StoredSketches:
    return StoredSketches(
        [row.key.article_id for row in rows],
        [row.duplicate.cluster_id for row in rows],
        [row.sketch for row in rows],
    )
