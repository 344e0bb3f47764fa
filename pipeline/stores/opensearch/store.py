"""The store: a document an article, under its id, written only where nobody was faster."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline.errors import InstallationError, Reason, TransientError
from pipeline.record import EnrichedArticle, LogPosition
from pipeline.stages.base import Rejection
from pipeline.stores.base import UNKNOWN_LANGUAGE, Counts, WriteResult, sifted
from pipeline.stores.incoming import Incoming
from pipeline.stores.opensearch.address import Address, parse_address
from pipeline.stores.opensearch.bulk import Change, Fate
from pipeline.stores.opensearch.connection import connect
from pipeline.stores.opensearch.documents import (
    STANDING,
    document_id,
    document_of,
    record_of,
    standing_fields,
    standing_of,
)
from pipeline.stores.opensearch.duplicate_state import OpenSearchState
from pipeline.stores.opensearch.feed_memory import OpenSearchFeedMemory
from pipeline.stores.opensearch.forgotten import ForgottenArticles
from pipeline.stores.opensearch.indices import ARTICLES, FORM, META, templates
from pipeline.stores.opensearch.removals import OpenSearchRemovals
from pipeline.stores.opensearch.session import Session
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

    def __init__(self, address: Address, client: Any, *, read_only: bool) -> None:
        self._prefix = address.prefix
        self.session = Session(address, client, read_only=read_only)
        self._articles = self.session.index(ARTICLES)
        self._forgotten = ForgottenArticles(self.session)
        self.versions = _Versions(self)
        self.duplicates = OpenSearchState(self.session, self._forgotten)
        self.removals = OpenSearchRemovals(self.session, self._forgotten, self.duplicates)
        self.feeds = OpenSearchFeedMemory(self.session)

    def identity(self) -> str:
        """See Store."""
        about = self._about()
        if about is None:
            raise InstallationError(
                f"{self.session.where}: the store is not there: run `pipeline store upgrade`"
            )
        return str(about["identity"])

    def is_current(self) -> bool:
        """See Store."""
        about = self._about()
        return about is not None and about["form"] == FORM

    def upgrade(self) -> None:
        """See Store."""
        self.session.check_writable()
        about = self._about()
        if about is not None and about["form"] > FORM:
            raise InstallationError(
                f"{self.session.where}: its indices are of a later version: upgrade this program"
            )
        with self.session.asked():
            for name, template in templates(self._prefix).items():
                self.session.client.indices.put_index_template(name=name, body=template)
                self._make(name, template["template"]["mappings"])
            document = {"identity": uuid.uuid4().hex, "form": FORM}
            self.session.keep([Change(self.session.index(META), _ABOUT, document)])  # the first one stands

    def write(
        self, records: Sequence[EnrichedArticle], positions: Sequence[LogPosition | None] | None = None
    ) -> WriteResult:
        """See Store."""
        self.session.check_writable()
        batch, rejections = sifted(records, positions)
        waiting: dict[str, list[tuple[int, Incoming]]] = {}
        for index, incoming in batch.items():
            waiting.setdefault(incoming.article_id, []).append((index, incoming))
        found: Counter[Disposition] = Counter()
        for _ in range(_TURNS):
            if not waiting:
                break
            waiting = self._written(waiting, found, rejections)
        if waiting:
            raise TransientError(f"{self.session.where}: others write the same articles all the time")
        return WriteResult.of(found, rejections)

    def article(self, article_id: str) -> EnrichedArticle | None:
        """See Store."""
        with self.session.asked():
            (found,) = self.session.read(ARTICLES, [document_id(article_id)], ["record"])
        return record_of(found["_source"]) if found["found"] else None

    def count_articles(self) -> int:
        """See Store."""
        with self.session.asked():
            return self._total(self._search({"size": 0, "track_total_hits": True}))

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
        with self.session.asked():
            answer = self._search(body)
        groups = answer["aggregations"]
        by_verdict, by_language = (
            dict(sorted((one["key"], one["doc_count"]) for one in groups[name]["buckets"]))
            for name in ("verdicts", "languages")
        )
        entities, quotes, attributed = (int(groups[name]["value"]) for name in sums)
        return Counts(self._total(answer), by_verdict, entities, quotes, attributed, by_language)

    def close(self) -> None:
        """See Store."""
        self.session.client.close()

    def standings(self, article_ids: Sequence[str]) -> dict[str, Standing]:
        """What stands of these articles."""
        with self.session.asked():
            return {
                article_id: standing_of(one["_source"])
                for article_id, one in zip(article_ids, self._read(article_ids), strict=True)
                if one["found"]
            }

    def every_version(self) -> Iterator[tuple[str, bytes]]:
        """The id and the version of each article, by code point."""
        with self.session.asked():
            hits = self.session.scan(
                ARTICLES,
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
        with self.session.asked():
            gone = self._forgotten.among(batch)
            found[Disposition.FORGOTTEN] += sum(len(batch[one]) for one in gone)
            here = [one for one in batch if one not in gone]
            changes: list[Change] = []
            decided: list[tuple[str, list[Disposition]]] = []
            for article_id, read in zip(here, self._read(here), strict=True):
                before = standing_of(read["_source"]) if read["found"] else None
                dispositions, change = self._decided(article_id, batch[article_id], before, read)
                if change is None:
                    found.update(dispositions)
                else:
                    changes.append(change)
                    decided.append((article_id, dispositions))
            fates = self.session.carry_out(changes)
            late = self._removed_meanwhile([article_id for article_id, _ in decided])
        slower: dict[str, list[tuple[int, Incoming]]] = {}
        for (article_id, dispositions), (fate, said) in zip(decided, fates, strict=True):
            if article_id in late:
                found[Disposition.FORGOTTEN] += len(dispositions)
            elif fate is Fate.DONE:
                found.update(dispositions)
            elif fate is Fate.CONFLICT:
                slower[article_id] = batch[article_id]
            else:
                for index, _ in batch[article_id]:
                    rejections[index] = Rejection(Reason.NOT_STORABLE, f"OpenSearch refuses it: {said}")
        return slower

    def _removed_meanwhile(self, article_ids: Sequence[str]) -> set[str]:
        """Those of the articles that were removed since they were looked up, and are gone again.

        Removals note first and delete then. Whoever notes after this look deletes what was written before it.
        """
        late = self._forgotten.among(article_ids)
        self.session.keep([Change(self._articles, document_id(one), None) for one in sorted(late)])
        return late

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

    def _read(self, article_ids: Sequence[str]) -> list[dict[str, Any]]:
        return self.session.read(ARTICLES, [document_id(one) for one in article_ids], STANDING)

    def _search(self, body: dict[str, Any]) -> Any:
        """Ask all articles, or nobody: an answer without some of them would pass for one."""
        self.session.client.indices.refresh(index=self._articles)
        return self.session.client.search(index=self._articles, body=body, allow_partial_search_results=False)

    def _total(self, answer: Any) -> int:
        return int(answer["hits"]["total"]["value"])

    def _make(self, name: str, mappings: Mapping[str, Any]) -> None:
        """Make an index, or let it have the fields that have been added since it was made."""
        from opensearchpy.exceptions import RequestError  # noqa: PLC0415 - an extra

        try:
            self.session.client.indices.create(index=name)
        except RequestError as error:
            if error.error != "resource_already_exists_exception":
                raise
            self.session.client.indices.put_mapping(index=name, body=mappings)

    def _about(self) -> dict[str, Any] | None:
        from opensearchpy.exceptions import NotFoundError  # noqa: PLC0415 - an extra

        with self.session.asked():
            try:
                about: dict[str, Any] = self.session.client.get(index=self.session.index(META), id=_ABOUT)[
                    "_source"
                ]
            except NotFoundError:
                return None
        return about


class _Versions:
    """See pipeline.stores.base.StoredVersions."""

    def __init__(self, store: OpenSearchStore) -> None:
        self._store = store

    def all(self) -> Iterator[tuple[str, bytes]]:
        """See StoredVersions."""
        return self._store.every_version()

    def forgotten(self) -> Iterator[str]:
        """See StoredVersions."""
        return self._store.removals.forgotten()

    def of(self, article_ids: Sequence[str]) -> Mapping[str, Standing]:
        """See StoredVersions."""
        return self._store.standings(article_ids)
