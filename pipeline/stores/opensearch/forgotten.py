"""Which articles were removed on purpose, when, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pipeline.stores.opensearch.bulk import Change, Fate
from pipeline.stores.opensearch.documents import document_id
from pipeline.stores.opensearch.indices import FORGOTTEN
from pipeline.stores.opensearch.session import Session
from pipeline.stores.removals import Forgotten


class ForgottenArticles:
    """An index of their ids. What the server says against a question is raised as it is."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def among(self, article_ids: Iterable[str]) -> set[str]:
        """Those of the articles that must not come again; as it is now."""
        asked = list(dict.fromkeys(article_ids))
        found = self._session.read(FORGOTTEN, [document_id(one) for one in asked], [])
        return {article_id for article_id, one in zip(asked, found, strict=True) if one["found"]}

    def note(self, article_ids: Iterable[str], forgotten: Forgotten) -> None:
        """Remember that these are removed; what was noted before stands."""
        what = {"at": forgotten.at.isoformat(), "why": forgotten.why}
        index = self._session.index(FORGOTTEN)
        self._session.keep(
            [Change(index, document_id(one), {"article_id": one, **what}) for one in article_ids]
        )

    def recall(self, article_ids: Sequence[str]) -> int:
        """Let them come again; gives how many had been removed."""
        index = self._session.index(FORGOTTEN)
        ids = [document_id(one) for one in dict.fromkeys(article_ids)]
        fates = self._session.keep([Change(index, one, None) for one in ids])
        return fates.count(Fate.DONE)

    def all(self) -> Iterator[str]:
        """All ids, by code point."""
        hits = self._session.scan(
            FORGOTTEN, sort=[{"article_id": "asc"}], query={"match_all": {}}, fields=["article_id"]
        )
        return (hit["_source"]["article_id"] for hit in hits)

    def when(self, article_id: str) -> Forgotten | None:
        """When and why an article was removed; None if it was not."""
        (found,) = self._session.read(FORGOTTEN, [document_id(article_id)], ["at", "why"])
        if not found["found"]:
            return None
        return Forgotten(datetime.fromisoformat(found["_source"]["at"]), found["_source"]["why"])
