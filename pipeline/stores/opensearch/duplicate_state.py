"""What the duplicates stage remembers: an index of one shard, whose sequence numbers are the order of writing."""

from __future__ import annotations

import base64
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from typing import Any

import orjson

from pipeline.errors import TransientError
from pipeline.record import Duplicate
from pipeline.stages.duplicates.state import Merge, StateKey, StateRow, StoredSketches
from pipeline.stores.opensearch.bulk import Change, Fate
from pipeline.stores.opensearch.forgotten import ForgottenArticles
from pipeline.stores.opensearch.indices import DUPLICATES
from pipeline.stores.opensearch.scanning import PAGE
from pipeline.stores.opensearch.session import Session

_ROW, _CHANGED, _MERGE = "row", "changed", "merge"
_ROWS = {"terms": {"what": [_ROW, _CHANGED]}}
_IN_ORDER = [{"_seq_no": "asc"}]
_IDS = 1_000
_PART = 2_000
_TURNS = 10
"""Times that two clusters are united while others unite them with more."""


class OpenSearchState:
    """See pipeline.stages.duplicates.state.StateStore.

    Nothing that was written is written over, since that would move it to the end of the order. A row that is changed
    later, as its original is removed, has its new form in a document beside it. Merges are a forest, each loser below
    what it lost to, that is flattened when it is read: so two writers need not wait for each other. The merges of a
    call are written before its rows: what is cut off between them is done again by the message that comes again.
    """

    def __init__(self, session: Session, forgotten: ForgottenArticles) -> None:
        self._session = session
        self._index = session.index(DUPLICATES)
        self._forgotten = forgotten

    def versions(self, article_ids: Iterable[str]) -> Mapping[str, Sequence[StateRow]]:
        """See StateStore."""
        found: dict[str, dict[StateKey, StateRow]] = {}
        ids = iter(article_ids)
        with self._session.asked():
            while some := list(islice(ids, _IDS)):
                query = {"bool": {"filter": [_ROWS, {"terms": {"article_id": some}}]}}
                for hit in self._scan(query, ["row"]):
                    row = _row(hit["_source"]["row"])
                    # A changed one comes later, and takes the place of what it was.
                    found.setdefault(row.key.article_id, {})[row.key] = row
        return {article_id: list(rows.values()) for article_id, rows in found.items()}

    def record(self, rows: Sequence[StateRow], merges: Sequence[Merge]) -> Mapping[StateKey, StateRow]:
        """See StateStore."""
        self._session.check_writable()
        first: dict[StateKey, StateRow] = {}
        for row in rows:
            first.setdefault(row.key, row)
        with self._session.asked():
            for merge in merges:
                self._unite(merge)
            fates = self._session.keep(
                [Change(self._index, _id_of(key), _row_document(row)) for key, row in first.items()]
            )
            earlier = [key for key, fate in zip(first, fates, strict=True) if fate is Fate.CONFLICT]
            # Looked up afterwards: removals note first and delete then, so that one of the two sees the other. What
            # breaks off in between is taken out again by the message that comes again.
            gone = self._forgotten.among(key.article_id for key in first)
            self._session.keep(
                [Change(self._index, _id_of(key), None) for key in first if key.article_id in gone]
            )
            return {**first, **self._standing(earlier)}

    def remembered(self, since: datetime, latest: int) -> Iterator[StoredSketches]:
        """See StateStore."""
        with self._session.asked():
            begin = min(
                (one for one in (self._first_since(since), self._first_of_latest(latest)) if one is not None),
                default=None,
            )
            if begin is None:
                return
            query = {"bool": {"filter": [{"term": {"what": _ROW}}, {"range": {"_seq_no": {"gte": begin}}}]}}
            hits = self._scan(query, ["row"])
            while part := [_row(hit["_source"]["row"]) for hit in islice(hits, _PART)]:
                yield StoredSketches(
                    [row.key.article_id for row in part],
                    [row.duplicate.cluster_id for row in part],
                    [row.sketch for row in part],
                )

    def merges(self) -> Iterator[Merge]:
        """See StateStore. They are held in memory, as by whoever asks."""
        with self._session.asked():
            hits = self._scan({"term": {"what": _MERGE}}, ["loser", "winner"])
            winners = {hit["_source"]["loser"]: hit["_source"]["winner"] for hit in hits}
        for loser in winners:
            if (winner := root(loser, winners.get)) != loser:
                yield Merge(loser, winner)

    def remove(
        self,
        article_ids: Sequence[str],
        heirs: Sequence[str],
        handed_on: Callable[[str, Duplicate], Duplicate],
    ) -> None:
        """Delete the rows of removed articles, and change those of what was a copy of them.

        Args:
            article_ids: what is removed.
            heirs: what takes the place of some of them.
            handed_on: what an article that stays is a copy of, from then on.
        """
        concerned = [{"terms": {"duplicate_of": article_ids}}, {"terms": {"article_id": heirs}}]
        removed = {"terms": {"article_id": article_ids}}
        copies = {
            "bool": {"filter": [_ROWS], "must_not": [removed], "should": concerned, "minimum_should_match": 1}
        }
        with self._session.asked():
            keys = {_row(hit["_source"]["row"]).key for hit in self._scan(copies, ["row"])}
            changed = [
                row._replace(duplicate=handed_on(key.article_id, row.duplicate))
                for key, row in self._standing(sorted(keys)).items()
            ]
            self._session.keep(
                [
                    Change(self._index, _id_of(row.key, _CHANGED), _row_document(row, _CHANGED), always=True)
                    for row in changed
                ]
            )
            gone = self._scan({"bool": {"filter": [_ROWS, removed]}}, [])
            self._session.keep([Change(self._index, hit["_id"], None) for hit in gone])

    def _scan(
        self, query: dict[str, Any], fields: list[str], page: int = PAGE
    ) -> Generator[dict[str, Any], None, None]:
        return self._session.scan(DUPLICATES, sort=_IN_ORDER, query=query, fields=fields, page=page)

    def _standing(self, keys: Sequence[StateKey]) -> dict[StateKey, StateRow]:
        standing: dict[StateKey, StateRow] = {}
        for what in (_ROW, _CHANGED):
            found = self._session.read(DUPLICATES, [_id_of(key, what) for key in keys], ["row"])
            standing |= {
                key: _row(one["_source"]["row"]) for key, one in zip(keys, found, strict=True) if one["found"]
            }
        return standing

    def _unite(self, merge: Merge) -> None:
        """Put the root of one cluster below that of the other."""
        for _ in range(_TURNS):
            loser, winner = (root(one, self._winner) for one in merge)
            if loser == winner:
                return
            document = {"what": _MERGE, "loser": loser, "winner": winner}
            (fate,) = self._session.keep([Change(self._index, _id_of_merge(loser), document)])
            if fate is Fate.DONE:
                return
        raise TransientError(f"{self._session.where}: others unite the same clusters all the time")

    def _winner(self, loser: str) -> str | None:
        (found,) = self._session.read(DUPLICATES, [_id_of_merge(loser)], ["winner"])
        return str(found["_source"]["winner"]) if found["found"] else None

    def _first_since(self, since: datetime) -> int | None:
        """The sequence number of the first row with a time at or after this."""
        times = {"gte": _moment(since)}
        query = {"bool": {"filter": [{"term": {"what": _ROW}}, {"range": {"time": times}}]}}
        with closing(self._scan(query, [], page=1)) as hits:
            return next((hit["sort"][0] for hit in hits), None)

    def _first_of_latest(self, latest: int) -> int | None:
        """The sequence number of the first of so many rows that were written last."""
        if latest <= 0:
            return None
        backwards = self._session.scan(
            DUPLICATES, sort=[{"_seq_no": "desc"}], query={"term": {"what": _ROW}}, fields=[]
        )
        first = None
        with closing(backwards) as hits:
            for hit in islice(hits, latest):
                first = hit["sort"][0]
        return first


def root(cluster: str, winner_of: Callable[[str], str | None]) -> str:
    """What a cluster belongs to in the end.

    Two writers may each put one of two clusters below the other at the same moment; the least in such a ring is its
    root, whoever asks.

    Args:
        cluster: its id.
        winner_of: what a cluster was merged into, None when it was not.
    """
    way: list[str] = []
    at: str | None = cluster
    while at is not None and at not in way:
        way.append(at)
        at = winner_of(at)
    return way[-1] if at is None else min(way[way.index(at) :])


def _id_of(key: StateKey, what: str = _ROW) -> str:
    digest = blake2b(key.article_id.encode(), digest_size=16)
    digest.update(key.content_hash)
    return f"{what}-{digest.hexdigest()}-{key.content_hash.hex()}"


def _id_of_merge(loser: str) -> str:
    return f"merge-{blake2b(loser.encode(), digest_size=32).hexdigest()}"


def _row_document(row: StateRow, what: str = _ROW) -> dict[str, Any]:
    kept = {
        "article_id": row.key.article_id,
        "content_hash": row.key.content_hash.hex(),
        "duplicate": row.duplicate.model_dump(mode="json"),
        "time": row.time.isoformat(),
        "sketch": base64.b85encode(row.sketch).decode(),
        "source": row.source,
        "url": row.url,
    }
    return {
        "what": what,
        "article_id": row.key.article_id,
        "duplicate_of": row.duplicate.duplicate_of,
        "time": _moment(row.time),
        "row": orjson.dumps(kept).decode(),
    }


def _moment(time: datetime) -> str:
    # Milliseconds are what the index tells apart: a row too many does no harm.
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _row(text: str) -> StateRow:
    kept = orjson.loads(text)
    return StateRow(
        StateKey(kept["article_id"], bytes.fromhex(kept["content_hash"])),
        Duplicate.model_validate(kept["duplicate"]),
        datetime.fromisoformat(kept["time"]),
        base64.b85decode(kept["sketch"]),
        kept["source"],
        kept["url"],
    )
