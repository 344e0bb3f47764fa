"""The verdicts of one batch, worked out article by article in order, without touching the index or the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

import numpy as np

from pipeline.record import Duplicate, Relation, Verdict
from pipeline.record.trusted import trusted
from pipeline.stages.duplicates.clusters import Clusters
from pipeline.stages.duplicates.frequencies import STORY, VERSION
from pipeline.stages.duplicates.index import GENERATIONS_IN_WINDOW, Index
from pipeline.stages.duplicates.matches import Asked, Match, NearMatches, exact_matches
from pipeline.stages.duplicates.records import Indexing, Records, short_hash, unpack
from pipeline.stages.duplicates.sketch import ABSENT, Sketches
from pipeline.stages.duplicates.state import StateKey, StateRow
from pipeline.stages.duplicates.takes import Take, kind_of
from pipeline.stages.duplicates.tokens import U64, Ints
from pipeline.stages.duplicates.verdicts import Thresholds, belong_together, relation_of, verdict_of

_Value = TypeVar("_Value", bound=Hashable)

_DIGITS = 4
"""Decimal places of similarities in a verdict; the estimates behind them are far coarser."""


class Batch(NamedTuple):
    """Articles to be judged, column by column.

    Attributes:
        keys: article id and content hash.
        contents: the short content hashes.
        moments: effective times.
        times: the same in microseconds since 1970.
        sketches: of the texts.
    """

    keys: list[StateKey]
    contents: U64
    moments: list[datetime]
    times: Ints
    sketches: Sketches


class _Version(NamedTuple):
    """An earlier text of an article: as stored, or in the row of the batch."""

    content: bytes
    duplicate: Duplicate
    birth: int
    row: int | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the fold goes by: the same for every batch."""

    index: Index
    window: int
    thresholds: Thresholds


class Fold:
    """One batch, folded. After `run`, its attributes say what is to be written and indexed.

    Attributes:
        duplicates: the verdict of each row.
        fresh: the rows with a verdict that is not in the store yet.
        replaced: (article id, short content hash) of indexed versions that a revision replaces.
    """

    def __init__(
        self,
        batch: Batch,
        outlook: Outlook,
        clusters: Clusters,
        known: Mapping[str, Sequence[StateRow]],
    ) -> None:
        size = len(batch.keys)
        self._batch = batch
        self._outlook = outlook
        self._near_in_time = outlook.window // GENERATIONS_IN_WINDOW
        self._exact = exact_matches(batch.contents, batch.times, outlook.index)
        asked = Asked(batch.sketches, batch.times)
        self._near = NearMatches(asked, outlook.window, outlook.index, outlook.thresholds)
        self._counted: dict[int, int] = {}
        # Kept only of articles that are known or come again in the batch; most come once.
        self._versions: dict[str, list[_Version]] = {
            article_id: [] for article_id in _repeated(key.article_id for key in batch.keys)
        }
        self._versions.update((article_id, _versions(rows)) for article_id, rows in known.items())
        self._rows_by_content: dict[bytes, list[int]] = {
            content: [] for content in _repeated(key.content_hash for key in batch.keys)
        }
        self._times: list[int] = batch.times.tolist()
        self._indexing = [Indexing.NONE] * size
        self._births = [0] * size
        self._amounts = [0] * size
        self._replaces = [0] * size
        self.duplicates: list[Duplicate] = []
        self.fresh: list[int] = []
        self._clusters = clusters
        self.replaced: set[tuple[str, int]] = set()

    def run(self) -> None:
        """Judge every row."""
        try:
            self._judge()
        finally:
            for row in list(self._counted):
                self._count_no_longer(row)

    def _judge(self) -> None:
        for row, (article_id, content) in enumerate(self._batch.keys):
            versions = self._versions.get(article_id)
            standing = next((v for v in versions if v.content == content), None) if versions else None
            if standing:
                self.duplicates.append(standing.duplicate)
                continue
            duplicate = self._revised(row, versions) if versions else self._judged(row, article_id, content)
            self.duplicates.append(duplicate)
            self.fresh.append(row)
            self._count(row)
            if self._indexing[row] and content in self._rows_by_content:
                self._rows_by_content[content].append(row)
            if versions is not None:
                versions.append(_Version(content, duplicate, self._births[row], row))

    def records(self) -> Records:
        """What the index is to keep of the fresh rows."""
        rows = np.array(self.fresh, np.int64)
        indexing = np.array(self._indexing, np.uint8)[rows]
        sketches = self._batch.sketches.take(rows)
        sketches.hashes[indexing != Indexing.SIMILARITY] = ABSENT
        return Records(
            indexing,
            self._batch.times[rows],
            np.array(self._births, np.int64)[rows],
            self._batch.contents[rows],
            np.array(self._replaces, np.uint64)[rows],
            np.array(self._amounts, np.uint8)[rows],
            sketches,
        )

    def _revised(self, row: int, versions: Sequence[_Version]) -> Duplicate:
        latest = versions[-1]
        self._indexing[row] = Indexing.SIMILARITY
        self._births[row] = latest.birth
        self._replaces[row] = short_hash(latest.content)
        if latest.row is None:
            self.replaced.add((self._batch.keys[row].article_id, short_hash(latest.content)))
        else:
            self._indexing[latest.row] = Indexing.NONE
            self._count_no_longer(latest.row)
        cluster_id = self._clusters.root(latest.duplicate.cluster_id)
        self._amounts[row] = STORY if cluster_id == self._batch.keys[row].article_id else VERSION
        return _duplicate(Verdict.REVISION, cluster_id)

    def _judged(self, row: int, article_id: str, content: bytes) -> Duplicate:
        if row in self._exact or content in self._rows_by_content:
            exact = self._still_there(self._exact.get(row, ()), Indexing.CONTENT)
            exact += self._exact_in_batch(row, content)
            if exact:
                return self._copy(row, Verdict.EXACT, [min(exact, key=self._order)])
        if row in self._near:
            near = self._still_there(self._near.of(row), Indexing.SIMILARITY)
            if len(near) > 1:
                near.sort(key=lambda match: (-match.jaccard, -match.containment, *self._order(match)))
            if near:
                return self._alike(row, near)
        self._found_cluster(row)
        return _duplicate(Verdict.ORIGINAL, article_id)

    def _found_cluster(self, row: int) -> None:
        """Let the row found a cluster."""
        self._indexing[row] = Indexing.SIMILARITY
        self._births[row] = self._clusters.found()
        self._amounts[row] = STORY

    def _count(self, row: int) -> None:
        """Let the next ones of a crowd know what this one has: the index will count it after the batch."""
        if row in self._near.crowd and self._indexing[row] == Indexing.SIMILARITY:
            self._counted[row] = self._amounts[row]
            self._outlook.index.frequencies.add(self._batch.sketches.hashes[row], self._amounts[row])

    def _count_no_longer(self, row: int) -> None:
        if amount := self._counted.pop(row, 0):
            self._outlook.index.frequencies.remove(self._batch.sketches.hashes[row], amount)

    def _alike(self, row: int, matches: Sequence[Match]) -> Duplicate:
        """The verdict of a row that tells the story of others, of which the first is the most alike.

        What has much in common with several clusters makes one of them. What has less joins the cluster that its
        match founded, but not one that its match only joined: of a chain of updates the end is another story.
        """
        best = matches[0]
        verdict = verdict_of(best.novelty, self._outlook.thresholds)
        if best.moved_on:
            verdict = Verdict.UPDATE
        core = [match for match in matches if belong_together(match.jaccard, match.containment)]
        core = core or [match for match in matches if len(set(self._names(match))) == 1][:1]
        if core:
            return self._copy(row, verdict, core)
        self._found_cluster(row)
        article_id = self._batch.keys[row].article_id
        return self._duplicate(row, Verdict.UPDATE, article_id, self._names(best)[0], best)

    def _copy(self, row: int, verdict: Verdict, matches: Sequence[Match]) -> Duplicate:
        """The verdict of a row whose first match is the best; the clusters of all become one."""
        best = matches[0]
        partners = [self._names(match) for match in matches]
        cluster_id, self._births[row] = self._clusters.unite(
            (cluster_id, self._birth(match)) for match, (_, cluster_id) in zip(matches, partners, strict=True)
        )
        self._indexing[row] = self._indexing_of(verdict, best, abs(self._times[row] - best.time))
        self._amounts[row] = STORY if best.suspect else VERSION
        return self._duplicate(row, verdict, cluster_id, partners[0][0], best)

    def _duplicate(
        self, row: int, verdict: Verdict, cluster_id: str, duplicate_of: str, match: Match
    ) -> Duplicate:
        corrects = kind_of(int(self._batch.sketches.takes[row])) is Take.CORRECTION
        relation = relation_of(verdict, match.jaccard, corrects=corrects)
        return _duplicate(verdict, cluster_id, duplicate_of, match, relation)

    def _indexing_of(self, verdict: Verdict, best: Match, gap: int) -> Indexing:
        # A copy some time after its match has to be found when its match has been evicted.
        if gap > self._near_in_time:
            return Indexing.SIMILARITY
        if verdict is Verdict.EXACT:
            return Indexing.NONE
        # What only looks like a copy has to be counted, for it to be known as boilerplate.
        redundant = best.jaccard >= self._outlook.thresholds.redundant and not best.suspect
        return Indexing.CONTENT if redundant else Indexing.SIMILARITY

    def _still_there(self, matches: Sequence[Match], at_least: Indexing) -> list[Match]:
        """Those that no revision in this batch has replaced and, if in the batch, that are to be found."""
        return [
            match
            for match in matches
            if (
                self._indexing[match.row] >= at_least
                if match.row is not None
                else not self.replaced or not self._is_replaced(match)
            )
        ]

    def _is_replaced(self, match: Match) -> bool:
        article_id, _ = self._names(match)
        return any(article_id == replaced for replaced, _ in self.replaced)

    def _exact_in_batch(self, row: int, content: bytes) -> list[Match]:
        time = self._times[row]
        return [
            Match(None, earlier, None, self._times[earlier], self._births[earlier], 1.0, 1.0, 0.0)
            for earlier in self._rows_by_content.get(content, ())
            if self._indexing[earlier] and abs(time - self._times[earlier]) <= self._outlook.window
        ]

    def _names(self, match: Match) -> tuple[str, str]:
        if match.names is not None:
            return match.names
        assert match.row is not None  # noqa: S101 - one of the two is given
        return self._batch.keys[match.row].article_id, self.duplicates[match.row].cluster_id

    def _order(self, match: Match) -> tuple[int, int, bool, int | None]:
        """By birth of the cluster and by time; then by arrival, since articles of one time share a generation."""
        in_batch = match.row is not None
        return self._birth(match), match.time, in_batch, match.row if in_batch else match.place

    def _birth(self, match: Match) -> int:
        return self._births[match.row] if match.row is not None else match.birth


def _versions(rows: Sequence[StateRow]) -> list[_Version]:
    births = unpack([row.sketch for row in rows]).births.tolist()
    return [
        _Version(row.key.content_hash, row.duplicate, birth, None)
        for row, birth in zip(rows, births, strict=True)
    ]


def _repeated(values: Iterable[_Value]) -> list[_Value]:
    return [value for value, count in Counter(values).items() if count > 1]


def _duplicate(
    verdict: Verdict,
    cluster_id: str,
    duplicate_of: str | None = None,
    match: Match | None = None,
    relation: Relation | None = None,
) -> Duplicate:
    return trusted(
        Duplicate,
        {
            "verdict": verdict,
            "cluster_id": cluster_id,
            "duplicate_of": duplicate_of,
            "relation": relation,
            "jaccard": round(match.jaccard, _DIGITS) if match else None,
            "containment": round(match.containment, _DIGITS) if match else None,
        },
    )
