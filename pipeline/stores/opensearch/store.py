"""The store: a document an article, under its id, written only where nobody was faster."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from pipeline.errors import InstallationError, PermanentError, Reason, SettingsError, TransientError
from pipeline.record import EnrichedArticle, LogPosition
from pipeline.stages.base import Rejection
from pipeline.stores.base import UNKNOWN_LANGUAGE, Counts, WriteResult
from pipeline.stores.incoming import Incoming, checked
from pipeline.stores.opensearch.address import Address, parse_address
from pipeline.stores.opensearch.bulk import Change, Fate, carry_out
from pipeline.stores.opensearch.connection import asked, connect
from pipeline.stores.opensearch.documents import (
    STANDING,
    document_id,
    document_of,
    record_of,
    standing_fields,
    standing_of,
)
from pipeline.stores.opensearch.duplicate_state import OpenSearchState
from pipeline.stores.opensearch.indices import ARTICLES, DUPLICATES, FORM, META, index_name, templates
from pipeline.stores.opensearch.scanning import scan
from pipeline.stores.versions import Disposition, Standing, Standings

_ABOUT = "store"
_TURNS = 10
"""Times that a batch is tried while others write the same articles."""

_GROUPS = 1_000


def open_opensearch_store(url: str, *, read_only: bool = False) -> OpenSearchStore:
    """The store of `opensearch://host/prefix`.

    Raises:
        SettingsError: the URL is none, or the package is not installed.
    """
    address = parse_address(url)
    return OpenSearchStore(address, connect(address), read_only=read_only)


class OpenSearchStore:
    """See pipeline.stores.base.Store. It answers no searches of ours: OpenSearch has its own.

    A document is replaced only as it was read, by its sequence number; who was slower reads and decides again.
    """

    searches = None
    removals = None

    def __init__(self, address: Address, client: Any, *, read_only: bool) -> None:
        self._address = address
        self._client = client
        self._read_only = read_only
        self._articles, duplicates, self._meta = (
            index_name(address.prefix, kind) for kind in (ARTICLES, DUPLICATES, META)
        )
        self.versions = _Versions(self)
        self.duplicates = OpenSearchState(client, duplicates, self.asked, self._check_writable)

    def asked(self) -> AbstractContextManager[None]:
        """Makes errors of the pipeline of what the server says inside."""
        return asked(self._address)

    def identity(self) -> str:
        """See Store."""
        about = self._about()
        if about is None:
            raise InstallationError(
                f"OpenSearch at {self._address.url}: the store is not there: run `pipeline store upgrade`"
            )
        return str(about["identity"])

    def is_current(self) -> bool:
        """See Store."""
        about = self._about()
        return about is not None and about["form"] == FORM

    def upgrade(self) -> None:
        """See Store."""
        self._check_writable()
        about = self._about()
        if about is not None and about["form"] > FORM:
            raise InstallationError(
                f"OpenSearch at {self._address.url}: its indices are of a later version: upgrade this program"
            )
        with self.asked():
            for name, template in templates(self._address.prefix).items():
                self._client.indices.put_index_template(name=name, body=template)
                self._make(name)
            document = {"identity": uuid.uuid4().hex, "form": FORM}
            carry_out(self._client, [Change(self._meta, _ABOUT, document)])  # the first one stands

    def write(
        self, records: Sequence[EnrichedArticle], positions: Sequence[LogPosition | None] | None = None
    ) -> WriteResult:
        """See Store."""
        self._check_writable()
        rejections: dict[int, Rejection] = {}
        waiting: dict[str, list[tuple[int, Incoming]]] = {}
        known = positions if positions is not None else [None] * len(records)
        for index, (record, position) in enumerate(zip(records, known, strict=True)):
            try:
                incoming = checked(record, position)
            except PermanentError as error:
                rejections[index] = Rejection(error.reason, error.detail)
            else:
                waiting.setdefault(incoming.article_id, []).append((index, incoming))
        found: Counter[Disposition] = Counter()
        for _ in range(_TURNS):
            if not waiting:
                break
            waiting = self._written(waiting, found, rejections)
        if waiting:
            raise TransientError(
                f"OpenSearch at {self._address.url}: others write the same articles all the time"
            )
        return WriteResult(
            inserted=found[Disposition.INSERTED],
            updated=found[Disposition.UPDATED],
            unchanged=found[Disposition.UNCHANGED],
            stale=found[Disposition.STALE],
            rejections=rejections,
        )

    def article(self, article_id: str) -> EnrichedArticle | None:
        """See Store."""
        with self.asked():
            (found,) = self._read([article_id], ["record"])
        return record_of(found["_source"]) if found["found"] else None

    def count_articles(self) -> int:
        """See Store."""
        with self.asked():
            self._client.indices.refresh(index=self._articles)
            return int(self._client.count(index=self._articles)["count"])

    def counts(self) -> Counts:
        """See Store."""
        sums = ("entity_count", "quote_count", "attributed_count")
        body: dict[str, Any] = {
            "size": 0,
            "track_total_hits": True,
            "aggs": {
                "verdicts": {"terms": {"field": "verdict", "size": _GROUPS}},
                "languages": {"terms": {"field": "language", "missing": UNKNOWN_LANGUAGE, "size": _GROUPS}},
                **{name: {"sum": {"field": name}} for name in sums},
            },
        }
        with self.asked():
            self._client.indices.refresh(index=self._articles)
            answer = self._client.search(index=self._articles, body=body)
        groups = answer["aggregations"]
        by_verdict, by_language = (
            dict(sorted((one["key"], one["doc_count"]) for one in groups[name]["buckets"]))
            for name in ("verdicts", "languages")
        )
        entities, quotes, attributed = (int(groups[name]["value"]) for name in sums)
        articles = int(answer["hits"]["total"]["value"])
        return Counts(articles, by_verdict, entities, quotes, attributed, by_language)

    def close(self) -> None:
        """See Store."""
        self._client.close()

    def standings(self, article_ids: Sequence[str]) -> dict[str, Standing]:
        """What stands of these articles."""
        with self.asked():
            return {
                article_id: standing_of(one["_source"])
                for article_id, one in zip(article_ids, self._read(article_ids, STANDING), strict=True)
                if one["found"]
            }

    def every_version(self) -> Iterator[tuple[str, bytes]]:
        """The id and the version of each article, by code point."""
        with self.asked():
            hits = scan(
                self._client,
                self._articles,
                sort=[{"article_id": "asc"}],
                query={"match_all": {}},
                fields=["article_id", "version_hash"],
            )
            for hit in hits:
                yield hit["_source"]["article_id"], bytes.fromhex(hit["_source"]["version_hash"])

    def _written(
        self,
        batch: Mapping[str, list[tuple[int, Incoming]]],
        found: Counter[Disposition],
        rejections: dict[int, Rejection],
    ) -> dict[str, list[tuple[int, Incoming]]]:
        """Decide and write; what somebody else was faster with."""
        with self.asked():
            read = dict(zip(batch, self._read(list(batch), STANDING), strict=True))
            changes: list[Change] = []
            decided: list[tuple[str, list[Disposition]]] = []
            for article_id, arrived in batch.items():
                before = standing_of(read[article_id]["_source"]) if read[article_id]["found"] else None
                dispositions, change = self._decided(article_id, arrived, before, read[article_id])
                if change is None:
                    found.update(dispositions)
                else:
                    changes.append(change)
                    decided.append((article_id, dispositions))
            fates = carry_out(self._client, changes)
        slower: dict[str, list[tuple[int, Incoming]]] = {}
        for (article_id, dispositions), (fate, said) in zip(decided, fates, strict=True):
            if fate is Fate.DONE:
                found.update(dispositions)
            elif fate is Fate.CONFLICT:
                slower[article_id] = batch[article_id]
            else:
                for index, _ in batch[article_id]:
                    rejections[index] = Rejection(Reason.NOT_STORABLE, f"OpenSearch refuses it: {said}")
        return slower

    def _decided(
        self,
        article_id: str,
        arrived: Sequence[tuple[int, Incoming]],
        before: Standing | None,
        read: Mapping[str, Any],
    ) -> tuple[list[Disposition], Change | None]:
        """What becomes of the records of one article, and the change that it takes; None for none."""
        held = {} if before is None else {article_id: replace(before, superseded=dict(before.superseded))}
        standings = Standings(held)
        dispositions = []
        chosen: Incoming | None = None
        for _, incoming in arrived:
            disposition = standings.admit(incoming)
            dispositions.append(disposition)
            if disposition in (Disposition.INSERTED, Disposition.UPDATED):
                chosen = incoming
        standing = held[article_id]
        if chosen is None and standing == before:
            return dispositions, None
        seen = None if before is None else (read["_seq_no"], read["_primary_term"])
        document = document_of(chosen, standing) if chosen else standing_fields(standing)
        identifier = document_id(article_id)
        return dispositions, Change(self._articles, identifier, document, seen, partial=chosen is None)

    def _read(self, article_ids: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any]]:
        """The documents of articles, as they are now, refreshed or not."""
        if not article_ids:
            return []
        wanted = {"docs": [{"_id": document_id(one), "_source": list(fields)} for one in article_ids]}
        documents: list[dict[str, Any]] = self._client.mget(index=self._articles, body=wanted)["docs"]
        for one in documents:
            if "error" in one:
                self._client.indices.get(index=self._articles)  # says what is wrong with it
                raise TransientError(f"OpenSearch can't read {one['_id']}: {one['error'].get('reason')}")
        return documents

    def _make(self, name: str) -> None:
        from opensearchpy.exceptions import RequestError  # noqa: PLC0415 - an extra

        try:
            self._client.indices.create(index=name)
        except RequestError as error:
            if error.error != "resource_already_exists_exception":
                raise

    def _about(self) -> dict[str, Any] | None:
        from opensearchpy.exceptions import NotFoundError  # noqa: PLC0415 - an extra

        with self.asked():
            try:
                about: dict[str, Any] = self._client.get(index=self._meta, id=_ABOUT)["_source"]
            except NotFoundError:
                return None
        return about

    def _check_writable(self) -> None:
        if self._read_only:
            raise SettingsError("the store was opened for reading: nothing can be written through it")


class _Versions:
    """See pipeline.stores.base.StoredVersions."""

    def __init__(self, store: OpenSearchStore) -> None:
        self._store = store

    def all(self) -> Iterator[tuple[str, bytes]]:
        """See StoredVersions."""
        return self._store.every_version()

    def forgotten(self) -> Iterator[str]:
        """See StoredVersions."""
        return iter(())

    def of(self, article_ids: Sequence[str]) -> Mapping[str, Standing]:
        """See StoredVersions."""
        return self._store.standings(article_ids)
