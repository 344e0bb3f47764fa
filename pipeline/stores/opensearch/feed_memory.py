"""What is remembered of feeds on the web: how each stands, and which items were taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson

from pipeline.stores.opensearch.bulk import Change
from pipeline.stores.opensearch.indices import FEEDS
from pipeline.stores.opensearch.session import Session

_IDS = 1_000


class OpenSearchFeedMemory:
    """A FeedMemory in an index of its own; safe for threads and for several writers.

    The state of a feed is written behind its items: what breaks off between them is asked for again, and nothing of
    it is new.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def state(self, feed: str) -> Mapping[str, Any]:
        """See FeedMemory."""
        with self._session.asked():
            (found,) = self._session.read(FEEDS, [_id_of("feed", feed)], ["state"])
        state: dict[str, Any] = orjson.loads(found["_source"]["state"]) if found["found"] else {}
        return state

    def unseen(self, feed: str, keys: Iterable[str]) -> set[str]:
        """See FeedMemory."""
        wanted = list(dict.fromkeys(keys))
        left = set(wanted)
        with self._session.asked():
            for start in range(0, len(wanted), _IDS):
                some = wanted[start : start + _IDS]
                found = self._session.read(FEEDS, [_id_of("item", feed, key) for key in some], [])
                left.difference_update(key for key, one in zip(some, found, strict=True) if one["found"])
        return left

    def note(self, feed: str, keys: Iterable[str], state: Mapping[str, Any]) -> None:
        """See FeedMemory."""
        self._session.check_writable()
        index, now = self._session.index(FEEDS), datetime.now(UTC).isoformat()
        items = [
            Change(index, _id_of("item", feed, key), {"feed": feed, "item": key, "seen_at": now})
            for key in keys
        ]
        about = {"feed": feed, "state": orjson.dumps(dict(state)).decode()}
        with self._session.asked():
            self._session.keep([*items, Change(index, _id_of("feed", feed), about, always=True)])


def _id_of(what: str, *names: str) -> str:
    digest = blake2b(digest_size=32)
    for name in names:
        told = name.encode()
        digest.update(len(told).to_bytes(8, "big") + told)
    return f"{what}-{digest.hexdigest()}"
