"""What the duplicates stage remembers: an index of one shard, whose sequence numbers are the order of writing."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from typing import Any

import orjson

from pipeline.record import Duplicate
from pipeline.stages.duplicates.state import Merge, StateKey, StateRow, StoredSketches
from pipeline.stores.opensearch.bulk import Change, Fate, carry_out
from pipeline.stores.opensearch.scanning import scan

_ROW, _MERGE = "row", "merge"
_IN_ORDER = [{"_seq_no": "asc"}]
_IDS = 1_000
_PART = 2_000


class OpenSearchState:
    """See pipeline.stages.duplicates.state.StateStore.

    Rows and merges of a call go in one request, the merges first: what is cut off between them is done again by the
    message that comes again, and a merge that is written twice is one.

    Args:
        client: of OpenSearch.
        index: its name.
        asked: makes errors of the pipeline of the client's.
        check_writable: raises where the store was opened for reading.
    """

    def __init__(
        self,
        client: Any,
        index: str,
        asked: Callable[[], AbstractContextManager[None]],
        check_writable: Callable[[], None],
    ) -> None:
        self._client = client
        self._index = index
        self._asked = asked
        self._check_writable = check_writable

    def versions(self, article_ids: Iterable[str]) -> Mapping[str, Sequence[StateRow]]:
        """See StateStore."""
        found: dict[str, list[StateRow]] = {}
        ids = iter(article_ids)
        with self._asked():
            while some := list(islice(ids, _IDS)):
                query = {"bool": {"filter": [{"term": {"what": _ROW}}, {"terms": {"article_id": some}}]}}
                for hit in self._scan(query, ["row"]):
                    row = _row(hit["_source"]["row"])
                    found.setdefault(row.key.article_id, []).append(row)
        return found

    def record(self, rows: Sequence[StateRow], merges: Sequence[Merge]) -> Mapping[StateKey, StateRow]:
        """See StateStore."""
        self._check_writable()
        if not (rows or merges):
            return {}
        first: dict[StateKey, StateRow] = {}
        for row in rows:
            first.setdefault(row.key, row)
        with self._asked():
            told = [
                Change(self._index, _id_of_merge(loser), _merge_document(loser, winner), always=True)
                for loser, winner in self._flattened(merges).items()
            ]
            written = [Change(self._index, _id_of(key), _row_document(row)) for key, row in first.items()]
            fates = carry_out(self._client, [*told, *written])[len(told) :]
            earlier = [key for key, (fate, _) in zip(first, fates, strict=True) if fate is Fate.CONFLICT]
            return {**first, **self._standing(earlier)}

    def remembered(self, since: datetime, latest: int) -> Iterator[StoredSketches]:
        """See StateStore."""
        with self._asked():
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
        """See StateStore."""
        with self._asked():
            for hit in self._scan({"term": {"what": _MERGE}}, ["loser", "winner"]):
                yield Merge(hit["_source"]["loser"], hit["_source"]["winner"])

    def _scan(self, query: dict[str, Any], fields: list[str]) -> Iterator[dict[str, Any]]:
        return scan(self._client, self._index, sort=_IN_ORDER, query=query, fields=fields)

    def _standing(self, keys: Sequence[StateKey]) -> dict[StateKey, StateRow]:
        if not keys:
            return {}
        found = self._client.mget(index=self._index, body={"ids": [_id_of(key) for key in keys]})["docs"]
        return {key: _row(one["_source"]["row"]) for key, one in zip(keys, found, strict=True)}

    def _flattened(self, merges: Sequence[Merge]) -> dict[str, str]:
        """The merges with those that were written before and whose winner loses now."""
        flat: dict[str, str] = {}
        for loser, winner in merges:
            for earlier in self._losers_to(loser):
                flat.setdefault(earlier, loser)
            flat = {old: winner if new == loser else new for old, new in flat.items()}
            flat[loser] = winner
        return flat

    def _losers_to(self, winner: str) -> list[str]:
        query = {"bool": {"filter": [{"term": {"what": _MERGE}}, {"term": {"winner": winner}}]}}
        return [hit["_source"]["loser"] for hit in self._scan(query, ["loser"])]

    def _first_since(self, since: datetime) -> int | None:
        """The sequence number of the first row with a time at or after this."""
        # Milliseconds are what the index tells apart: a row too many does no harm.
        moment = since.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        query = {"bool": {"filter": [{"term": {"what": _ROW}}, {"range": {"time": {"gte": moment}}}]}}
        return next((hit["sort"][0] for hit in self._scan(query, [])), None)

    def _first_of_latest(self, latest: int) -> int | None:
        """The sequence number of the first of so many rows that were written last."""
        if latest <= 0:
            return None
        hits = scan(
            self._client,
            self._index,
            sort=[{"_seq_no": "desc"}],
            query={"term": {"what": _ROW}},
            fields=[],
        )
        first = None
        for hit in islice(hits, latest):
            first = hit["sort"][0]
        return first


def _id_of(key: StateKey) -> str:
    digest = blake2b(key.article_id.encode(), digest_size=16)
    digest.update(key.content_hash)
    return f"row-{digest.hexdigest()}-{key.content_hash.hex()}"


def _id_of_merge(loser: str) -> str:
    return f"merge-{blake2b(loser.encode(), digest_size=32).hexdigest()}"


def _merge_document(loser: str, winner: str) -> dict[str, Any]:
    return {"what": _MERGE, "loser": loser, "winner": winner}


def _row_document(row: StateRow) -> dict[str, Any]:
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
        "what": _ROW,
        "article_id": row.key.article_id,
        "time": row.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "row": orjson.dumps(kept).decode(),
    }


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
