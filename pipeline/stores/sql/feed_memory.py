"""What is remembered of feeds on the web: how each stands, and which items were taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Engine, select

from pipeline.stores.sql.bulk import slices, upsert
from pipeline.stores.sql.database import reading, writing
from pipeline.stores.sql.schema import feed_items, feed_states


class DatabaseFeedMemory:
    """A FeedMemory in the database; safe for threads and for several writers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def state(self, feed: str) -> Mapping[str, Any]:
        """See FeedMemory."""
        with reading(self._engine) as connection:
            return connection.scalar(select(feed_states.c.state).where(feed_states.c.feed == feed)) or {}

    def unseen(self, feed: str, keys: Iterable[str]) -> set[str]:
        """See FeedMemory."""
        left = set(keys)
        with reading(self._engine) as connection:
            for some in slices(sorted(left)):
                query = select(feed_items.c.item).where(
                    feed_items.c.feed == feed, feed_items.c.item.in_(some)
                )
                left.difference_update(connection.scalars(query))
        return left

    def note(self, feed: str, keys: Iterable[str], state: Mapping[str, Any]) -> None:
        """See FeedMemory."""
        now = datetime.now(UTC)
        items = [{"feed": feed, "item": key, "seen_at": now} for key in keys]
        with writing(self._engine) as connection:
            if items:
                connection.execute(upsert(connection, feed_items).on_conflict_do_nothing(), items)
            row = upsert(connection, feed_states).values(feed=feed, state=orjson.dumps(dict(state)).decode())
            connection.execute(
                row.on_conflict_do_update(index_elements=["feed"], set_={"state": row.excluded.state})
            )
