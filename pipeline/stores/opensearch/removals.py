"""Taking articles out of OpenSearch: with their fingerprints, and with what their copies say of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeline.errors import TransientError
from pipeline.record import Duplicate, Verdict
from pipeline.stores.opensearch.bulk import Change, Fate
from pipeline.stores.opensearch.documents import document_id, record_of, with_duplicate
from pipeline.stores.opensearch.duplicate_state import OpenSearchState
from pipeline.stores.opensearch.forgotten import ForgottenArticles
from pipeline.stores.opensearch.indices import ARTICLES
from pipeline.stores.opensearch.session import Session
from pipeline.stores.removals import Forgotten, Found, Removal

_IDS = 1_000
_TURNS = 10
"""Times that copies are changed while others write them."""

_COPIES = (Verdict.EXACT.value, Verdict.NEAR.value)
_FOUND = ("article_id", "source", "title", "time", "duplicate_of")


class OpenSearchRemovals:
    """See pipeline.stores.removals.Removals.

    There is no transaction. An article is noted as forgotten first and deleted last, so that nobody writes it again
    in between, and what breaks off is found and done again by the same call.
    """

    def __init__(self, session: Session, forgotten: ForgottenArticles, state: OpenSearchState) -> None:
        self._session = session
        self._forgotten = forgotten
        self._state = state

    def found(self, removal: Removal) -> Iterator[Found]:
        """See Removals. Within a millisecond, which is what the index tells apart, they come by id."""
        for some in _parts(removal.article_ids) or [()]:
            filters: list[dict[str, Any]] = [{"terms": {"article_id": some}}] if some else []
            for field, value in (("url", removal.url), ("source", removal.source)):
                if value is not None:
                    filters.append({"term": {field: value}})
            if removal.before is not None:
                filters.append({"range": {"time": {"lte": removal.before.isoformat()}}})
            for one, _ in self._articles(filters, sort=[{"time": "asc"}, {"article_id": "asc"}]):
                if removal.before is None or one.time < removal.before:
                    yield one

    def copies_of(self, article_ids: Sequence[str]) -> list[Found]:
        """See Removals."""
        known = set(article_ids)
        found: list[Found] = []
        latest = list(article_ids)
        while latest:
            layer = [one for one, _ in self._copies(latest, _COPIES) if one.article_id not in known]
            latest = [one.article_id for one in layer]
            known.update(latest)
            found += layer
        return sorted(found, key=_by_time)

    def heirs(self, article_ids: Sequence[str], going: Collection[str]) -> Mapping[str, list[str]]:
        """See Removals."""
        with self._session.asked():
            read = self._read(article_ids, ["verdict"])
        origin_of = {
            article_id: article_id
            for article_id, document in read.items()
            if document["verdict"] != Verdict.EXACT.value
        }
        found: dict[str, list[Found]] = {}
        latest = list(origin_of)
        while latest:
            layer = [
                (one, above)
                for one, above in self._copies(latest, (Verdict.EXACT.value,))
                if one.article_id not in origin_of
            ]
            for one, above in layer:
                origin_of[one.article_id] = origin_of[above]
                found.setdefault(origin_of[above], []).append(one)
            latest = [one.article_id for one, _ in layer]
        staying = {
            origin: [one.article_id for one in sorted(copies, key=_by_time) if one.article_id not in going]
            for origin, copies in found.items()
        }
        return {origin: copies for origin, copies in staying.items() if copies}

    def remove(self, article_ids: Sequence[str], heirs: Mapping[str, str], forgotten: Forgotten) -> int:
        """See Removals, and the class for what stands in for a transaction."""
        self._session.check_writable()
        ids = list(dict.fromkeys(article_ids))
        with self._session.asked():
            self._forgotten.note(ids, forgotten)
            parents = {
                one: document["duplicate_of"] for one, document in self._read(ids, ["duplicate_of"]).items()
            }
            going, taking = frozenset(ids), frozenset(heirs.values())

            def handed_on(article_id: str, duplicate: Duplicate) -> Duplicate:
                if article_id in taking:
                    return duplicate.model_copy(update={"verdict": Verdict.ORIGINAL, "duplicate_of": None})
                if duplicate.duplicate_of not in going:
                    return duplicate
                return duplicate.model_copy(
                    update={"duplicate_of": _stands_in(duplicate.duplicate_of, parents, heirs)}
                )

            self._hand_on(ids, sorted(taking), handed_on)
            self._state.remove(ids, sorted(taking), handed_on)
            index = self._session.index(ARTICLES)
            fates = self._session.keep([Change(index, document_id(one), None) for one in ids])
        return fates.count(Fate.DONE)

    def forgotten(self) -> Iterator[str]:
        """See Removals."""
        with self._session.asked():
            yield from self._forgotten.all()

    def when(self, article_id: str) -> Forgotten | None:
        """See Removals."""
        with self._session.asked():
            return self._forgotten.when(article_id)

    def recall(self, article_ids: Sequence[str]) -> int:
        """See Removals."""
        self._session.check_writable()
        with self._session.asked():
            return self._forgotten.recall(article_ids)

    def _hand_on(
        self, ids: Sequence[str], heirs: Sequence[str], handed_on: Callable[[str, Duplicate], Duplicate]
    ) -> None:
        """Change what copies and heirs of these articles say of them; the hashes stay those of their messages."""
        concerned = [{"terms": {"duplicate_of": ids}}, {"terms": {"article_id": heirs}}]
        query = {"bool": {"should": concerned, "must_not": [{"terms": {"article_id": ids}}]}}
        for _ in range(_TURNS):
            changes = []
            for hit in self._session.scan(
                ARTICLES, sort=[{"article_id": "asc"}], query=query, fields=["record"]
            ):
                record = record_of(hit["_source"])
                duplicate = handed_on(record.article.article_id, record.duplicate)
                if duplicate != record.duplicate:
                    document = with_duplicate(record, duplicate)
                    seen = (hit["_seq_no"], hit["_primary_term"])
                    changes.append(
                        Change(self._session.index(ARTICLES), hit["_id"], document, seen, partial=True)
                    )
            if Fate.CONFLICT not in self._session.keep(changes):
                return
        raise TransientError(f"{self._session.where}: others write copies of these articles all the time")

    def _copies(self, of: Sequence[str], verdicts: Sequence[str]) -> Iterator[tuple[Found, str]]:
        """The copies of articles, each with the one that it was matched to."""
        for some in _parts(of):
            filters = [{"terms": {"duplicate_of": some}}, {"terms": {"verdict": verdicts}}]
            yield from self._articles(filters, sort=[{"article_id": "asc"}])

    def _articles(
        self, filters: Sequence[dict[str, Any]], *, sort: list[dict[str, str]]
    ) -> Iterator[tuple[Found, str]]:
        query = {"bool": {"filter": filters}}
        with self._session.asked():
            for hit in self._session.scan(ARTICLES, sort=sort, query=query, fields=_FOUND):
                told = hit["_source"]
                time = datetime.fromisoformat(told["time"])
                yield Found(told["article_id"], told["source"], told["title"], time), told["duplicate_of"]

    def _read(self, article_ids: Sequence[str], fields: Sequence[str]) -> dict[str, dict[str, Any]]:
        read = self._session.read(ARTICLES, [document_id(one) for one in article_ids], fields)
        return {
            article_id: one["_source"]
            for article_id, one in zip(article_ids, read, strict=True)
            if one["found"]
        }


def _stands_in(
    article_id: str | None, parents: Mapping[str, str | None], heirs: Mapping[str, str]
) -> str | None:
    """Whose copy something is now: of the heir, of what the removed one was a copy of itself, or of nothing."""
    seen: set[str] = set()
    at = article_id
    while at is not None and at in parents and at not in seen:
        seen.add(at)
        at = heirs.get(at) or parents[at]
    return None if at in seen else at


def _by_time(one: Found) -> tuple[datetime, str]:
    return one.time, one.article_id


def _parts(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + _IDS] for start in range(0, len(ids), _IDS)]
